//! What only somebody who looks at the calendar can tell of a plan: which day it is where the project is, which
//! phases are past their windows, which milestones past their days. The plan itself reads no clock and knows no
//! time zone, and nothing here changes it.

use serde::{Deserialize, Serialize};

use super::data::zone_of;
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::day::Day;
use crate::plan::inbox::{WaitKind, Waiting};
use crate::plan::model::{Milestone, MilestoneStatus, Phase};
use crate::plan::time::Timestamp;

/// A phase that is past its window and not closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatePhase {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The last day of its window.
    pub end_date: String,
    /// How many days have passed since.
    pub days: u32,
    /// How many of its tasks are open.
    pub open: u32,
}

/// The day it is where the project is.
pub fn today(plan: &Plan, now: Timestamp) -> Day {
    zone_of(plan).day(now)
}

/// The day it is for claims; none where no claim depends on it.
pub fn day_of_claims(plan: &Plan, now: Timestamp) -> Option<Day> {
    plan.asks_for_the_day().then(|| today(plan, now))
}

/// Whether a phase is past its window at an instant and not closed.
pub fn is_late(plan: &Plan, phase: &Phase, now: Timestamp) -> bool {
    phase.window.is_some() && plan.is_late(phase, today(plan, now))
}

/// Whether a milestone's day has passed at an instant and it is neither reached nor missed.
pub fn is_overdue(plan: &Plan, milestone: &Milestone, now: Timestamp) -> bool {
    overdue_since(plan, &zone_of(plan), milestone).is_some_and(|since| since <= now)
}

/// When a milestone that is ahead was, or will be, overdue; none when it has no day.
fn overdue_since(plan: &Plan, zone: &Zone, milestone: &Milestone) -> Option<Timestamp> {
    let due = plan
        .due_day(milestone)
        .filter(|_| milestone.status == MilestoneStatus::Pending)?;
    zone.start_of_day(&due.later(1).to_string())
}

/// Phases that are past their windows at an instant and not closed, in plan order.
pub(super) fn late_phases(plan: &Plan, zone: &Zone, now: Timestamp) -> Vec<LatePhase> {
    let today = zone.day(now);
    let late = plan.phases().filter(|phase| plan.is_late(phase, today));
    let late = late.filter_map(|phase| {
        let (_, end) = plan.phase_dates(phase)?;
        Some(LatePhase {
            id: phase.id.to_string(),
            name: phase.name.to_string(),
            end_date: end.to_string(),
            days: today.0.saturating_sub(end.0),
            open: plan.tally(phase.no).open(),
        })
    });
    late.collect()
}

/// Milestones whose day has passed, as they wait for a person.
pub(super) fn overdue(plan: &Plan, zone: &Zone, now: Timestamp) -> Vec<Waiting> {
    let overdue = plan.milestones_ahead().filter_map(|milestone| {
        let since = overdue_since(plan, zone, milestone)?;
        let (id, due) = (milestone.id, plan.due_day(milestone)?);
        (since <= now).then(|| Waiting {
            kind: WaitKind::OverdueMilestone,
            id: id.to_string(),
            title: format!("{} was due on {due} and is not reached", milestone.name),
            since,
            holds_up: 0,
            command: format!("milestone miss {id} --reason …"),
        })
    });
    overdue.collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, utc};
    use super::*;
    use crate::plan::Command;
    use crate::plan::id::MilestoneId;
    use crate::report::sprint::inbox;

    /// A phase for the first week and a milestone at its end, in the zone of New York.
    fn world() -> World {
        let mut world = World::new("America/New_York", "2026-11-02T15:00:00Z");
        world.task("1", "api", "Write it");
        world.first_week();
        world
    }

    #[test]
    fn a_phase_is_late_once_its_last_day_has_passed_where_the_project_is() {
        let mut world = world();
        let late = |world: &World, at: &str| -> Vec<(String, u32)> {
            let late = late_phases(&world.plan, &zone_of(&world.plan), utc(at));
            late.into_iter().map(|it| (it.end_date, it.days)).collect()
        };
        assert_eq!(late(&world, "2026-11-09T04:59:59Z"), []);
        let one = [("2026-11-08".to_owned(), 1)];
        assert_eq!(late(&world, "2026-11-09T05:00:00Z"), one);
        world.coordinator(Command::CancelTask {
            task: "T-1".to_owned(),
            reason: "not needed".to_owned(),
            waive_dependents: false,
        });
        assert_eq!(late(&world, "2026-11-09T05:00:00Z"), [], "it is closed");
    }

    #[test]
    fn a_milestone_is_overdue_the_day_after_and_a_person_is_asked_to_say_so() {
        let mut world = world();
        let waits = |world: &World, at: &str| -> Vec<String> {
            let waiting = inbox(&world.plan, utc(at)).into_iter();
            let overdue = waiting.filter(|it| it.kind == WaitKind::OverdueMilestone);
            overdue.map(|it| it.command).collect()
        };
        let there = |world: &World, at: &str| {
            let milestone = world.plan.milestone(MilestoneId(1)).expect("a milestone");
            is_overdue(&world.plan, milestone, utc(at))
        };
        assert!(!there(&world, "2026-11-09T04:59:59Z"));
        assert!(there(&world, "2026-11-09T05:00:00Z"));
        assert_eq!(waits(&world, "2026-11-09T04:59:59Z"), Vec::<String>::new());
        let command = ["milestone miss M-1 --reason …"];
        assert_eq!(waits(&world, "2026-11-09T05:00:00Z"), command);
        world.coordinator(Command::MissMilestone {
            milestone: MilestoneId(1),
            reason: "too much to do".to_owned(),
        });
        assert!(!there(&world, "2026-11-09T05:00:00Z"), "it is settled");
    }
}
