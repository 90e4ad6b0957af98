//! Plans damaged by hand, each of which the invariants must notice: a check that never fails checks
//! nothing.

use std::sync::Arc;

use super::super::super::Plan;
use super::super::super::check::CheckSet;
use super::super::super::day::Day;
use super::super::super::event::{Dependency, On, ReleaseCause};
use super::super::super::fact::Actor;
use super::super::super::id::{ChecklistId, PhaseNo, TaskId};
use super::super::super::lineage::Lineage;
use super::super::super::model::{ChecklistRun, PhaseState, Status};
use super::super::super::time::Timestamp;
use super::super::plan;

/// A sound plan with something of everything.
fn sound() -> Plan {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .claimed("dev-2", "T-1")
        .released("dev-2", "T-1", ReleaseCause::Returned)
        .started("dev-1", "T-1");
    given.plan
}

#[track_caller]
fn check(damage: impl FnOnce(&mut Plan), noticed: &str) {
    let mut plan = sound();
    assert_eq!(plan.broken_invariants(), Vec::<String>::new());
    damage(&mut plan);
    let broken = plan.broken_invariants();
    assert!(
        broken.iter().any(|what| what.contains(noticed)),
        "`{noticed}` is not among {broken:#?}"
    );
}

fn edit_spec(plan: &mut Plan, id: u32, change: impl FnOnce(&mut super::super::super::model::Spec)) {
    let spec = plan.specs.get_mut(&TaskId(id)).expect("a known task");
    change(Arc::make_mut(spec));
}

fn edit_state(
    plan: &mut Plan,
    id: u32,
    change: impl FnOnce(&mut super::super::super::model::State),
) {
    change(plan.states.get_mut(&TaskId(id)).expect("a known task"));
}

#[test]
fn a_status_without_its_lease_is_noticed() {
    check(
        |plan| edit_state(plan, 2, |state| state.status = Status::InProgress),
        "T-2 is in_progress with lease None",
    );
}

#[test]
fn a_fence_beyond_the_counter_is_noticed() {
    check(|plan| plan.fence = 1, "the counter is 1");
}

#[test]
fn two_live_leases_under_one_fence_are_noticed() {
    check(
        |plan| {
            let lease = plan.states.get(&TaskId(1)).unwrap().lease.clone();
            edit_state(plan, 2, |state| state.lease = lease);
        },
        "is live twice",
    );
}

#[test]
fn a_task_missing_in_the_claim_index_is_noticed() {
    check(|plan| plan.index.ready.clear(), "ready tasks");
}

#[test]
fn a_phase_open_too_early_is_noticed() {
    check(
        |plan| plan.index.open_phases = [PhaseNo(0), PhaseNo(1)].into(),
        "open phases",
    );
}

#[test]
fn a_circle_is_noticed() {
    let on = Dependency {
        on: On::Task(TaskId(2)),
        in_force: true,
    };
    check(
        |plan| {
            edit_spec(plan, 1, |spec| spec.dependencies = [on].into());
        },
        "wait in a circle",
    );
}

#[test]
fn a_closed_phase_with_open_tasks_is_noticed() {
    check(
        |plan| {
            let phase = plan.phases.get_mut(&PhaseNo(0)).expect("the first phase");
            Arc::make_mut(phase).state = PhaseState::Completed;
        },
        "Completed with 2 open tasks",
    );
}

#[test]
fn a_wrong_count_is_noticed() {
    check(
        |plan| {
            if let Some(tally) = plan.index.tallies.get_mut(&PhaseNo(0)) {
                tally.completed += 1;
            }
        },
        "tallies",
    );
}

#[test]
fn a_completion_nobody_made_is_noticed() {
    check(
        |plan| edit_state(plan, 2, |state| state.status = Status::Completed),
        "T-2 is completed with completion None",
    );
}

#[test]
fn a_check_owed_and_not_known_to_its_agent_is_noticed() {
    check(
        |plan| {
            let agent = plan.agents.get_mut("dev-1").expect("a registered agent");
            Arc::make_mut(agent).owes = [TaskId(2)].into();
        },
        "checks owed",
    );
    check(
        |plan| edit_state(plan, 3, |state| state.checks = CheckSet::PRE),
        "nobody vouches for",
    );
}

#[test]
fn a_part_without_its_whole_is_noticed() {
    check(
        |plan| {
            edit_spec(plan, 3, |spec| {
                spec.lineage = Some(Box::new(Lineage {
                    split_from: Some(TaskId(1)),
                    split_into: [].into(),
                }));
            });
        },
        "parts of split tasks",
    );
    check(
        |plan| {
            edit_spec(plan, 1, |spec| {
                spec.lineage = Some(Box::new(Lineage {
                    split_from: None,
                    split_into: [TaskId(2)].into(),
                }));
            });
        },
        "T-1 was split and is waited for by [TaskId(2)]",
    );
}

#[test]
fn a_wrong_chain_is_noticed() {
    check(
        |plan| {
            plan.index.chains.insert(TaskId(1), 7);
        },
        "chains",
    );
}

#[test]
fn a_blocker_counted_and_not_there_is_noticed() {
    check(
        |plan| edit_state(plan, 2, |state| state.open_blockers = 1),
        "open blockers of T-2",
    );
}

#[test]
fn a_retired_agent_that_holds_something_is_noticed() {
    check(
        |plan| {
            let agent = plan.agents.get_mut("dev-1").expect("a registered agent");
            Arc::make_mut(agent).retired = true;
        },
        "is retired and holds",
    );
}

#[test]
fn a_session_beyond_the_counter_is_noticed() {
    check(|plan| plan.highest_session = 0, "is beyond the counter 0");
}

#[test]
fn an_order_that_does_not_hold_is_noticed() {
    check(
        |plan| {
            let node = |plan: &Plan, id| plan.node(TaskId(id)).expect("a known task");
            let (one, two) = (node(plan, 1), node(plan, 2));
            plan.index.order.put_behind(two, &[one]);
        },
        "stands before Task(TaskId(1)) in the order",
    );
}

#[test]
fn a_missed_checklist_of_which_something_came_is_noticed() {
    check(
        |plan| {
            let id = ChecklistId(1);
            let run = ChecklistRun {
                id,
                day: Day(1),
                items: Box::new([]),
                schedule: "checklist".into(),
                opened_by: Actor::System,
                opened_at: Timestamp(0),
                closes_at: Timestamp(1),
                ended_at: None,
                complete: true,
                missed: true,
                revision: 1,
            };
            plan.checklist_runs.insert(id, Arc::new(run));
        },
        "CL-1 was missed, and something came of it",
    );
}
