//! Integration points against the calendar: an external system is overdue once the day it was due has passed
//! in the project's time zone; the plan itself reads no clock.

use super::data::zone_of;
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::event::{BlockerKind, PointEnd};
use crate::plan::inbox::{WaitKind, Waiting};
use crate::plan::model::{IntegrationPoint, IntegrationStatus};
use crate::plan::time::Timestamp;

/// Whether an external system is not there although its day has passed.
pub fn is_overdue(plan: &Plan, point: &IntegrationPoint, now: Timestamp) -> bool {
    point.words.due.is_some() && overdue_since(plan, point, &zone_of(plan), now).is_some()
}

fn overdue_since(
    plan: &Plan,
    point: &IntegrationPoint,
    zone: &Zone,
    now: Timestamp,
) -> Option<Timestamp> {
    let due = point.words.due?;
    let missing = point.is_external()
        && point.confirmed.is_none()
        && plan.integration_status(point) == IntegrationStatus::Pending;
    let since = zone
        .start_of_day(&crate::plan::day::Day(due.0 + 1).to_string())
        .filter(|_| missing)?;
    (since <= now).then_some(since)
}

/// Overdue systems that no external blocker speaks of, each with the command that opens one.
pub(super) fn overdue<'a>(
    plan: &'a Plan,
    zone: &'a Zone,
    now: Timestamp,
) -> impl Iterator<Item = Waiting> + 'a {
    plan.integrations().filter_map(move |point| {
        let since = overdue_since(plan, point, zone, now)?;
        let due = point.words.due?;
        let needed_by = point.words.sides.ends().next()?;
        if is_blocked(plan, needed_by) {
            return None;
        }
        let (id, name) = (point.id, &point.words.name);
        let held = match needed_by {
            PointEnd::Task(task) => format!("--task {task}"),
            PointEnd::Phase(phase) => format!("--phase {phase}"),
        };
        Some(Waiting {
            kind: WaitKind::Integration,
            id: id.to_string(),
            title: format!("{name}: {} was due on {due}", point.words.sides),
            since,
            holds_up: 0,
            command: format!(
                "blockers open {held} --kind external --reason \"{id} was due on {due}\""
            ),
        })
    })
}

/// Whether an open blocker says already that something outside is missing.
fn is_blocked(plan: &Plan, needed_by: &PointEnd) -> bool {
    let mut external = plan
        .open_blockers()
        .filter(|blocker| blocker.kind == BlockerKind::External);
    external.any(|blocker| match needed_by {
        PointEnd::Task(task) => blocker.tasks.contains(task),
        PointEnd::Phase(phase) => {
            let blocked = blocker.phase.and_then(|no| plan.phase(no));
            blocked.is_some_and(|blocked| blocked.id == *phase)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, utc};
    use super::super::sprint::inbox;
    use super::*;
    use crate::plan::Command;
    use crate::plan::command::{EndRef, NewBlocker, NewIntegration, SidesRef};
    use crate::plan::event::Severity;
    use crate::plan::id::IntegrationId;

    /// A bank that was to be there on the 3rd of November, in the zone of New York.
    fn world() -> World {
        let mut world = World::new("America/New_York", "2026-11-02T15:00:00Z");
        world.task("1", "api", "Pay");
        world.coordinator(Command::CreateIntegration(Box::new(NewIntegration {
            name: "Payments".to_owned(),
            sides: SidesRef::External {
                system: "the bank".to_owned(),
                needed_by: EndRef {
                    task: "T-1".to_owned(),
                    phase: String::new(),
                },
            },
            protocol: String::new(),
            test_strategy: String::new(),
            due: "2026-11-03".parse().ok(),
            contact: "the desk".to_owned(),
        })));
        world
    }

    fn offered(world: &World, at: &str) -> Vec<String> {
        let waiting = inbox(&world.plan, utc(at)).into_iter();
        let own = waiting.filter(|it| it.kind == WaitKind::Integration);
        own.map(|it| it.command).collect()
    }

    #[test]
    fn a_system_is_overdue_once_its_day_has_passed_where_the_project_is() {
        let mut world = world();
        let (before, after) = ("2026-11-04T04:59:00Z", "2026-11-04T05:00:00Z");
        assert!(offered(&world, before).is_empty());
        let command =
            "blockers open --task T-1 --kind external --reason \"IP-1 was due on 2026-11-03\"";
        assert_eq!(offered(&world, after), [command]);
        let point = |world: &World, at: &str| {
            let point = world.plan.integration(IntegrationId(1));
            is_overdue(&world.plan, point.expect("it is there"), utc(at))
        };
        assert!(!point(&world, before) && point(&world, after));
        world.coordinator(Command::OpenBlocker(Box::new(NewBlocker {
            kind: BlockerKind::External,
            tasks: vec!["T-1".to_owned()],
            phase: String::new(),
            fence: 0,
            reason: "the bank is late".to_owned(),
            owner: String::new(),
            resolution_path: String::new(),
            severity: Severity::High,
            keep_lease: false,
        })));
        assert!(offered(&world, after).is_empty(), "a blocker says it");
        assert!(point(&world, after), "it is overdue all the same");
        world.coordinator(Command::ConfirmIntegration {
            integration: IntegrationId(1),
            note: String::new(),
        });
        assert_eq!(
            offered(&world, after),
            ["integration test IP-1 --evidence …"]
        );
        assert!(!point(&world, after));
    }
}
