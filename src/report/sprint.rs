//! Sprints against the calendar: what only somebody who looks at it can tell, for the plan itself reads no
//! clock and knows no time zone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::data::zone_of;
use super::zone::Zone;
use super::{dates, integration};
use crate::plan::Plan;
use crate::plan::day::Day;
use crate::plan::inbox::{WaitKind, Waiting};
use crate::plan::model::Sprint;
use crate::plan::time::Timestamp;

/// A burndown over more days shows only those on which something changed.
const DAYS_MAX: u32 = 366;

/// How many committed tasks were open at the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BurndownDay {
    /// The day in the project's time zone.
    pub day: Day,
    /// Open tasks.
    pub open: u32,
}

/// How far the active sprint is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SprintProgress {
    /// Its id.
    pub id: String,
    /// What it is to reach.
    pub goal: String,
    /// Its first day.
    pub start_date: String,
    /// Its last day.
    pub end_date: String,
    /// How many tasks it has.
    pub tasks: u32,
    /// How many of them are completed.
    pub completed: u32,
    /// How many of them are neither completed, deferred nor cancelled.
    pub open: u32,
    /// Days left with this one; 0 once its last day has passed.
    pub days_left: u32,
}

impl SprintProgress {
    /// How far the active sprint of a plan is at an instant; none when none is active.
    pub(super) fn of(plan: &Plan, zone: &Zone, now: Timestamp) -> Option<Self> {
        let sprint = plan.active_sprint()?;
        let (open, completed) = plan.progress_of(sprint);
        let today = zone.day(now).max(sprint.start);
        Some(Self {
            id: sprint.id.to_string(),
            goal: sprint.goal.to_string(),
            start_date: sprint.start.to_string(),
            end_date: sprint.end.to_string(),
            tasks: u32::try_from(sprint.tasks.len()).unwrap_or(u32::MAX),
            completed,
            open,
            days_left: (sprint.end.0 + 1).saturating_sub(today.0),
        })
    }
}

/// Everything that waits for a person at an instant, oldest first: a sprint and milestones whose last day has
/// passed too.
pub fn inbox(plan: &Plan, now: Timestamp) -> Vec<Waiting> {
    let zone = zone_of(plan);
    let systems = integration::overdue(plan, &zone, now);
    let milestones = dates::overdue(plan, &zone, now);
    let overdue_ids: BTreeSet<String> = milestones.iter().map(|it| it.id.clone()).collect();
    let more = milestones.into_iter().chain(systems);
    let mut waiting = plan.inbox_with(overdue(plan, &zone, now).into_iter().chain(more));
    // A milestone whose day has passed waits for a word, which says more than a mark.
    waiting.retain(|it| it.kind != WaitKind::Mark || !overdue_ids.contains(&it.id));
    waiting
}

fn overdue(plan: &Plan, zone: &Zone, now: Timestamp) -> Option<Waiting> {
    let sprint = plan.active_sprint()?;
    let since = zone.start_of_day(&Day(sprint.end.0 + 1).to_string())?;
    (since <= now).then(|| Waiting {
        kind: WaitKind::Sprint,
        id: sprint.id.to_string(),
        title: format!("{} ended on {}: {}", sprint.id, sprint.end, sprint.goal),
        since,
        holds_up: 0,
        command: format!("sprint close {}", sprint.id),
    })
}

/// How a sprint's open tasks became fewer, day by day from its commitment to its end, or to an instant.
pub fn burndown(plan: &Plan, sprint: &Sprint, now: Timestamp) -> Vec<BurndownDay> {
    let zone = zone_of(plan);
    let mut days: Vec<BurndownDay> = Vec::new();
    for point in &sprint.burndown {
        let new = BurndownDay {
            day: zone.day(point.at),
            open: point.open,
        };
        match days.last_mut() {
            Some(last) if last.day == new.day => *last = new,
            Some(_) | None => days.push(new),
        }
    }
    let Some((first, last)) = days.first().zip(days.last()).map(|(a, b)| (a.day, b.day)) else {
        return days;
    };
    let until = sprint.result.as_ref().map_or(now, |result| result.at);
    let until = zone.day(until).max(last);
    if until.0 - first.0 >= DAYS_MAX {
        return days;
    }
    let mut changes = days.iter().peekable();
    let mut open = 0;
    let each = (first.0..=until.0).map(|day| {
        if let Some(change) = changes.next_if(|change| change.day.0 == day) {
            open = change.open;
        }
        BurndownDay {
            day: Day(day),
            open,
        }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, utc};
    use super::*;
    use crate::plan::Command;
    use crate::plan::command::{CarryTo, NewSprint};
    use crate::plan::id::SprintId;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    /// A sprint of one task from the 2nd to the 3rd of November, in the zone of New York.
    fn world() -> World {
        let mut world = World::new("America/New_York", "2026-11-02T15:00:00Z");
        world.task("1", "api", "Write it");
        world.coordinator(Command::PlanSprint(Box::new(NewSprint {
            goal: "Begin".to_owned(),
            start: day("2026-11-02"),
            end: day("2026-11-03"),
            tasks: vec!["T-1".to_owned()],
        })));
        world.coordinator(Command::CommitSprint {
            sprint: SprintId(1),
            tasks: Vec::new(),
        });
        world
    }

    #[test]
    fn a_sprint_waits_to_be_closed_once_its_last_day_has_passed_where_the_project_is() {
        let world = world();
        let waits = |at: &str| {
            let waiting = inbox(&world.plan, utc(at)).into_iter();
            let sprint = waiting.filter(|it| it.kind == WaitKind::Sprint);
            sprint.map(|it| it.command).collect::<Vec<_>>()
        };
        assert_eq!(waits("2026-11-04T04:59:59Z"), Vec::<String>::new());
        assert_eq!(waits("2026-11-04T05:00:00Z"), ["sprint close SP-1"]);
        let left = |at: &str| {
            let progress = SprintProgress::of(&world.plan, &zone_of(&world.plan), utc(at));
            progress.expect("a sprint is active").days_left
        };
        assert_eq!(left("2026-11-01T15:00:00Z"), 2);
        assert_eq!(left("2026-11-04T04:59:59Z"), 1);
        assert_eq!(left("2026-11-09T15:00:00Z"), 0);
    }

    #[test]
    fn a_burndown_has_each_day_from_the_commitment_to_the_end() {
        let mut world = world();
        world.at("2026-11-04T15:00:00Z");
        world.coordinator(Command::CancelTask {
            task: "T-1".to_owned(),
            reason: "not needed".to_owned(),
            waive_dependents: false,
        });
        let shown = |world: &World, at: &str| {
            let sprint = world.plan.sprint(SprintId(1)).expect("a sprint");
            let days = burndown(&world.plan, sprint, utc(at));
            let shown = days.iter().map(|it| format!("{} {}", it.day, it.open));
            shown.collect::<Vec<_>>()
        };
        let days = [
            "2026-11-02 1",
            "2026-11-03 1",
            "2026-11-04 0",
            "2026-11-05 0",
        ];
        assert_eq!(shown(&world, "2026-11-05T20:00:00Z"), days);
        world.coordinator(Command::CloseSprint {
            sprint: SprintId(1),
            carry_to: CarryTo::Nowhere,
        });
        assert_eq!(shown(&world, "2026-11-05T20:00:00Z"), days[..3]);
        assert_eq!(shown(&world, "2028-11-05T20:00:00Z"), days[..3]);
    }
}
