//! Sprints by example: the commitment and its guard, what is handed out, the history row.

use super::super::command::{
    CarryTo, Command, NewDiscovered, NewPart, NewSprint, SprintChanges, Verdict,
};
use super::super::day::Day;
use super::super::event::ReleaseCause;
use super::super::id::{DiscoveredId, SprintId, TaskId};
use super::super::import::{ImportedPhase, ImportedPlan, ImportedSprint, ImportedTask};
use super::super::model::{Sprint, SprintResult};
use super::super::refusal::Reason;
use super::super::settings::{CommitmentGuard, Settings};
use super::{Given, by, claim, claim_of, lead, plan, plan_with};

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn planned(tasks: &[&str]) -> Command {
    Command::PlanSprint(Box::new(NewSprint {
        goal: "Sell something".to_owned(),
        start: Day(20_000),
        end: Day(20_013),
        tasks: texts(tasks),
    }))
}

fn commit(sprint: u32, tasks: &[&str]) -> Command {
    Command::CommitSprint {
        sprint: SprintId(sprint),
        tasks: texts(tasks),
    }
}

fn change(sprint: u32, add: &[&str], remove: &[&str], reason: &str) -> Command {
    Command::ChangeSprint {
        sprint: SprintId(sprint),
        add: texts(add),
        remove: texts(remove),
        reason: reason.to_owned(),
    }
}

fn close(sprint: u32, carry_to: CarryTo) -> Command {
    Command::CloseSprint {
        sprint: SprintId(sprint),
        carry_to,
    }
}

fn sprint(given: &Given, id: u32) -> &Sprint {
    given.plan.sprint(SprintId(id)).expect("a sprint")
}

fn result(given: &Given, id: u32) -> &SprintResult {
    sprint(given, id).result.as_deref().expect("it is closed")
}

fn points(given: &Given) -> Vec<u32> {
    let points = sprint(given, 1).burndown.iter();
    points.map(|point| point.open).collect()
}

/// Six tasks in one phase.
fn tasks(given: Given) -> Given {
    let given = given.phase("1").agent("dev-1", "developer");
    (0..6).fold(given, |given, _| given.task(&[]))
}

fn given() -> Given {
    tasks(plan())
}

fn sprint_only() -> Given {
    tasks(plan_with(Settings {
        sprint_only: true,
        ..Settings::default()
    }))
}

/// An hour later.
fn later(mut given: Given) -> Given {
    given.now_ms += 60 * 60 * 1_000;
    given
}

#[test]
fn a_sprint_is_planned_committed_and_closed_with_its_row_of_history() {
    let given = given()
        .and(lead(), planned(&["T-4"]))
        .and(lead(), planned(&[]));
    let given = given.then(lead(), commit(1, &["T-5", "T-4"]), &["SprintCommitted"]);
    assert_eq!(*sprint(&given, 1).tasks, [TaskId(4), TaskId(5)]);
    given.refuses(lead(), commit(2, &["T-1"]), Reason::IllegalTransition);
    given.refuses(lead(), commit(1, &[]), Reason::IllegalTransition);
    let given = later(given.done("dev-1", "T-4")).done("dev-1", "T-1");
    let given = given.then(lead(), close(1, CarryTo::Next), &["SprintClosed"]);
    let row = result(&given, 1);
    assert_eq!((row.completed, row.sessions), (1, 1));
    assert_eq!(row.velocity().hundredths(), Some(100));
    assert_eq!(
        (&*row.carried_over, row.carried_to),
        (&[TaskId(5)][..], Some(SprintId(2)))
    );
    assert_eq!(*sprint(&given, 2).tasks, [TaskId(5)]);
    assert!(given.plan.active_sprint().is_none());
    given.refuses(
        lead(),
        close(1, CarryTo::Nowhere),
        Reason::IllegalTransition,
    );
    given.refuses(
        lead(),
        change(1, &["T-2"], &[], "x"),
        Reason::IllegalTransition,
    );
}

#[test]
fn what_makes_no_sprint_is_refused() {
    let given = given().done("dev-1", "T-1").and(lead(), planned(&[]));
    let mut backwards = NewSprint {
        goal: "x".to_owned(),
        start: Day(20_000),
        end: Day(19_999),
        tasks: Vec::new(),
    };
    let plan_it = |new: &NewSprint| Command::PlanSprint(Box::new(new.clone()));
    given.refuses(lead(), plan_it(&backwards), Reason::InvalidField);
    backwards.end = backwards.start;
    backwards.goal = " ".to_owned();
    given.refuses(lead(), plan_it(&backwards), Reason::InvalidField);
    given.refuses(lead(), planned(&["T-1"]), Reason::IllegalTransition);
    given.refuses(lead(), planned(&["T-99"]), Reason::TaskNotFound);
    given.refuses(lead(), commit(1, &["T-1"]), Reason::IllegalTransition);
    given.refuses(lead(), commit(1, &[]), Reason::InvalidField);
    given.refuses(lead(), commit(9, &[]), Reason::SprintNotFound);
    given.refuses(
        lead(),
        close(1, CarryTo::Nowhere),
        Reason::IllegalTransition,
    );
    given.refuses(by("dev-1"), commit(1, &["T-2"]), Reason::NotAllowed);
    let many = vec!["T-2"; 501];
    given.refuses(lead(), commit(1, &many), Reason::InvalidField);
    let active = given.and(lead(), commit(1, &["T-2"]));
    active.refuses(lead(), close(1, CarryTo::Next), Reason::IllegalTransition);
    let into = CarryTo::Sprint(SprintId(1));
    active.refuses(lead(), close(1, into), Reason::IllegalTransition);
}

#[test]
fn a_commitment_above_the_average_of_the_last_three_sprints_carries_a_warning() {
    let mut given = given();
    for (number, done) in [(1, &["T-1", "T-2"][..]), (2, &["T-3"])] {
        given = given.and(lead(), planned(done));
        given = given.and(lead(), commit(number, &[]));
        assert_eq!(
            &*sprint(&given, number)
                .commitment
                .as_ref()
                .expect("one")
                .warning,
            ""
        );
        given = done
            .iter()
            .fold(given, |given, task| given.done("dev-1", task));
        given = given.and(lead(), close(number, CarryTo::Nowhere));
    }
    let given = given.and(lead(), planned(&["T-4", "T-5"]));
    let warned = given.and(lead(), commit(3, &[]));
    let commitment = sprint(&warned, 3).commitment.as_ref().expect("committed");
    assert_eq!(
        &*commitment.warning,
        "2 tasks are more than the 1.50 that the last 2 sprints completed on average"
    );
}

#[test]
fn the_guard_refuses_or_is_silent_where_a_project_wants_it_so() {
    let with = |commitment_guard| {
        let given = tasks(plan_with(Settings {
            commitment_guard,
            ..Settings::default()
        }));
        let given = given
            .and(lead(), planned(&["T-1"]))
            .and(lead(), commit(1, &[]))
            .done("dev-1", "T-1")
            .and(lead(), close(1, CarryTo::Nowhere));
        given.and(lead(), planned(&["T-2", "T-3"]))
    };
    let refusing = with(CommitmentGuard::Refuse);
    let refusal = refusing.refuses(lead(), commit(2, &[]), Reason::OverCommitted);
    assert!(
        refusal.message.contains("the 1.00 that the last sprint"),
        "{refusal}"
    );
    let silent = with(CommitmentGuard::Off).and(lead(), commit(2, &[]));
    assert_eq!(
        &*sprint(&silent, 2).commitment.as_ref().expect("one").warning,
        ""
    );
}

#[test]
fn what_a_plan_file_tells_of_earlier_sprints_guards_the_first_one_here() {
    let row = |completed| ImportedSprint {
        sprint: "1".to_owned(),
        completed,
        ..ImportedSprint::default()
    };
    let file = ImportedPlan {
        sprints: vec![
            row(Some(9)),
            row(Some(1)),
            row(None),
            row(Some(1)),
            row(Some(1)),
        ],
        phases: vec![ImportedPhase {
            id: Some("1".to_owned()),
            name: "Ground".to_owned(),
            ..ImportedPhase::default()
        }],
        tasks: vec![ImportedTask {
            title: "Dig".to_owned(),
            ..ImportedTask::default()
        }],
        ..ImportedPlan::default()
    };
    let given = plan().and(lead(), Command::ImportPlan(Box::new(file)));
    let given = given.task(&[]).task(&[]);
    let given = given.and(lead(), planned(&["T-1", "T-2"]));
    let given = given.and(lead(), commit(1, &[]));
    let commitment = sprint(&given, 1).commitment.as_ref().expect("committed");
    assert!(
        commitment.warning.contains("the 1.00 that the last 3"),
        "{commitment:?}"
    );
}

#[test]
fn a_change_of_scope_needs_a_reason_and_is_kept() {
    let given = given().and(lead(), planned(&["T-1"]));
    let given = given.and(lead(), change(1, &["T-2"], &["T-1"], ""));
    assert!(sprint(&given, 1).scope_changes.is_empty());
    let given = given.and(lead(), commit(1, &[]));
    given.refuses(lead(), change(1, &["T-3"], &[], ""), Reason::InvalidField);
    given.refuses(lead(), change(1, &["T-2"], &[], "x"), Reason::InvalidField);
    given.refuses(lead(), change(1, &[], &["T-3"], "x"), Reason::InvalidField);
    let given = later(given).and(lead(), change(1, &["T-3", "T-4"], &["T-2"], "it came up"));
    let kept = &sprint(&given, 1).scope_changes[0];
    assert_eq!((kept.added.len(), kept.removed.len()), (2, 1));
    assert_eq!(points(&given), [1, 2]);
    assert_eq!(sprint(&given, 1).commitment.as_ref().expect("one").tasks, 1);
}

#[test]
fn open_tasks_burn_down_by_the_hour() {
    let given = given().and(lead(), planned(&["T-1", "T-2", "T-3", "T-4"]));
    let given = later(given.and(lead(), commit(1, &[])));
    let given = given.done("dev-1", "T-1").done("dev-1", "T-2");
    assert_eq!(points(&given), [4, 2]);
    let reopen = Command::ReopenTask {
        task: "T-1".to_owned(),
        reason: "it broke".to_owned(),
    };
    let given = later(given).and(lead(), reopen);
    let defer = Command::DeferTask {
        task: "T-4".to_owned(),
        target: String::new(),
        reason: "later".to_owned(),
    };
    let given = later(given).and(lead(), defer);
    assert_eq!(points(&given), [4, 2, 3, 2]);
    let mut given = given;
    for _ in 0..130 {
        given = later(given).and(lead(), change(1, &["T-5"], &[], "in"));
        given = later(given).and(lead(), change(1, &[], &["T-5"], "out"));
        if sprint(&given, 1).scope_changes.len() == 200 {
            break;
        }
    }
    assert!(points(&given).len() <= 200);
    assert_eq!(points(&given).first(), Some(&4));
    given.refuses(lead(), change(1, &["T-5"], &[], "in"), Reason::LimitReached);
}

#[test]
fn the_parts_of_a_split_task_are_committed_in_its_place() {
    let part = |title: &str| NewPart {
        title: title.to_owned(),
        ..NewPart::default()
    };
    let split = |task: &str| Command::SplitTask {
        task: task.to_owned(),
        parts: vec![part("one"), part("other")],
        chain: false,
    };
    let given = given()
        .and(lead(), planned(&["T-1", "T-2"]))
        .and(lead(), split("T-2"))
        .and(lead(), commit(1, &[]));
    assert_eq!(*sprint(&given, 1).tasks, [1, 7, 8].map(TaskId));
    let given = given.and(lead(), split("T-1"));
    assert_eq!(*sprint(&given, 1).tasks, [9, 10, 7, 8].map(TaskId));
    assert!(given.plan.is_committed(TaskId(9)));
}

#[test]
fn committed_tasks_are_handed_out_first() {
    let given = given().phase("2").task(&[]);
    let reason = "in parallel".to_owned();
    let phase = "2".to_owned();
    let given = given
        .and(lead(), Command::OverridePhaseOrder { phase, reason })
        .and(lead(), planned(&["T-7", "T-3"]));
    assert_eq!(given.plan.next_ready(None, 3), [1, 2, 3].map(TaskId));
    let given = given.and(lead(), commit(1, &[]));
    assert_eq!(given.plan.next_ready(None, 4), [3, 7, 1, 2].map(TaskId));
    let given = given.and(lead(), close(1, CarryTo::Nowhere));
    assert_eq!(given.plan.next_ready(None, 1), [TaskId(1)]);
}

#[test]
fn where_only_the_sprint_is_handed_out_nothing_else_is() {
    let given = sprint_only();
    assert_eq!(given.why("T-1"), ["NOT_IN_SPRINT"]);
    let none = given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert!(none.message.contains("sprint plan GOAL"), "{none}");
    let given = given.and(lead(), planned(&["T-2"]));
    let none = given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert!(none.message.contains("sprint commit SP-1"), "{none}");
    let given = given.and(lead(), commit(1, &[]));
    assert!(given.is_ready("T-2") && !given.is_ready("T-1"));
    let named = given.refuses(by("dev-1"), claim_of("T-1"), Reason::NotInSprint);
    assert_eq!(named.next, ["why T-1"]);
    let given = given.and(by("dev-1"), claim());
    assert_eq!(
        given.plan.agent("dev-1").expect("there").holds[..],
        [TaskId(2)]
    );
    // Whoever holds a task goes on with it.
    let given = given.and(lead(), change(1, &["T-3"], &["T-2"], "swap"));
    assert_eq!(given.why("T-2"), ["NOT_PLANNED"]);
    let given = given.released("dev-1", "T-2", ReleaseCause::Returned);
    assert_eq!(given.why("T-2"), ["NOT_IN_SPRINT"]);
    let given = given.done("dev-1", "T-3");
    let none = given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert!(none.message.contains("sprint close SP-1"), "{none}");
    assert_eq!(none.items[0].subject, "SP-1");
}

fn update(sprint: u32, changes: SprintChanges) -> Command {
    Command::UpdateSprint {
        sprint: SprintId(sprint),
        changes: Box::new(changes),
    }
}

fn withdraw(sprint: u32, reason: &str) -> Command {
    Command::WithdrawSprint {
        sprint: SprintId(sprint),
        reason: reason.to_owned(),
    }
}

#[test]
fn a_planned_sprint_is_moved_and_an_active_one_only_made_longer() {
    let days = |start: Option<u32>, end: Option<u32>| SprintChanges {
        start: start.map(Day),
        end: end.map(Day),
        ..SprintChanges::default()
    };
    let given = given().and(lead(), planned(&["T-1"]));
    let moved = update(1, days(Some(20_007), Some(20_020)));
    let given = given.then(lead(), moved, &["SprintUpdated"]);
    assert_eq!(sprint(&given, 1).start, Day(20_007));
    given.refuses(
        lead(),
        update(1, days(Some(20_021), None)),
        Reason::InvalidField,
    );
    given.refuses(
        lead(),
        update(1, days(None, Some(20_020))),
        Reason::InvalidField,
    );
    let goal = SprintChanges {
        goal: Some(" ".to_owned()),
        ..SprintChanges::default()
    };
    given.refuses(lead(), update(1, goal), Reason::InvalidField);
    given.refuses(
        by("dev-1"),
        update(1, days(None, Some(20_021))),
        Reason::NotAllowed,
    );
    let given = given.and(lead(), commit(1, &[]));
    given.refuses(
        lead(),
        update(1, days(Some(20_008), None)),
        Reason::InvalidField,
    );
    let given = given.and(lead(), update(1, days(None, Some(20_030))));
    assert_eq!(sprint(&given, 1).end, Day(20_030));
    let given = given.and(lead(), close(1, CarryTo::Nowhere));
    let late = update(1, days(None, Some(20_031)));
    given.refuses(lead(), late, Reason::IllegalTransition);
}

#[test]
fn a_sprint_that_is_withdrawn_takes_nothing_in_and_is_not_the_next_one() {
    let given = given().and(lead(), planned(&["T-1"]));
    given.refuses(lead(), withdraw(1, ""), Reason::InvalidField);
    let given = given.then(lead(), withdraw(1, "nobody is there"), &["SprintWithdrawn"]);
    assert!(given.plan.next_sprint().is_none());
    let steps = [
        commit(1, &[]),
        change(1, &["T-2"], &[], "more"),
        withdraw(1, "again"),
    ];
    for step in steps {
        given.refuses(lead(), step, Reason::IllegalTransition);
    }
    let given = given
        .and(lead(), planned(&["T-1"]))
        .and(lead(), commit(2, &[]));
    given.refuses(lead(), withdraw(2, "too much"), Reason::IllegalTransition);
    let target = CarryTo::Sprint(SprintId(1));
    given.refuses(lead(), close(2, target), Reason::IllegalTransition);
}

#[test]
fn what_was_put_off_waits_for_triage_again_when_a_sprint_is_planned() {
    let found = |title: &str| {
        Command::ReportDiscovered(Box::new(NewDiscovered {
            title: title.to_owned(),
            ..NewDiscovered::default()
        }))
    };
    let triage = |id: u32, verdict: Verdict| Command::TriageDiscovered {
        discovered: DiscoveredId(id),
        verdict,
        note: String::new(),
    };
    let given = given()
        .and(lead(), found("A cache"))
        .and(lead(), found("A log"));
    let given = given.and(lead(), triage(1, Verdict::Defer));
    let given = given.and(lead(), triage(2, Verdict::Reject));
    assert_eq!(given.plan.untriaged().count(), 0);
    let given = given.and(lead(), planned(&[]));
    let waiting: Vec<DiscoveredId> = given.plan.untriaged().map(|it| it.id).collect();
    assert_eq!(waiting, [DiscoveredId(1)], "what was rejected stays so");
    let given = given
        .and(lead(), triage(1, Verdict::Defer))
        .and(lead(), planned(&[]));
    assert_eq!(given.plan.untriaged().count(), 1, "each time anew");
}

#[test]
fn the_brief_names_the_sprint_with_its_goal_and_how_far_it_is() {
    let given = given()
        .and(lead(), planned(&["T-1", "T-2"]))
        .and(lead(), commit(1, &[]));
    let line = |given: &Given, task: u32| {
        let brief = given.plan.brief(TaskId(task)).expect("it is held");
        brief.sprint
    };
    let held = given.started("dev-1", "T-1");
    assert_eq!(
        line(&held, 1),
        "SP-1: Sell something (0 of 2 tasks completed, until 2024-10-17)"
    );
    let done = held.complete("T-1");
    let given = held.and(by("dev-1"), done).started("dev-1", "T-3");
    assert_eq!(
        line(&given, 3),
        "SP-1: Sell something (1 of 2 tasks completed, until 2024-10-17); this task is not in it"
    );
}
