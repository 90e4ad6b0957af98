//! Dependencies by example: added, removed, waived, dropped predecessors, and every kind of circle.

use super::super::command::{Command, NewPhase, NewTask, OnRef, PhaseChanges};
use super::super::event::On;
use super::super::graph::STEPS_A_COMMAND_MAX;
use super::super::id::TaskId;
use super::super::refusal::Reason;
use super::{Given, lead, plan};

fn add(task: &str, on: OnRef) -> Command {
    Command::AddDependencies {
        task: task.to_owned(),
        on: vec![on],
    }
}

fn on(task: &str) -> OnRef {
    OnRef::Task(task.to_owned())
}

fn waive(task: &str, on: OnRef) -> Command {
    Command::WaiveDependency {
        task: task.to_owned(),
        on,
        reason: "not needed".to_owned(),
    }
}

fn defer(task: &str) -> Command {
    Command::DeferTask {
        task: task.to_owned(),
        target: String::new(),
        reason: "later".to_owned(),
    }
}

fn three_in_a_row() -> Given {
    plan().phase("1").task(&[]).task(&["T-1"]).task(&["T-2"])
}

fn all_above() -> NewTask {
    NewTask {
        dependencies: vec![OnRef::AllAbove],
        ..NewTask::default()
    }
}

#[test]
fn an_edge_that_closes_a_circle_is_refused_with_the_circle() {
    let given = three_in_a_row();
    let refusal = given.refuses(lead(), add("T-1", on("T-3")), Reason::Cycle);
    let cycle = refusal.facts.iter().find(|(name, _)| *name == "cycle");
    let cycle = cycle.map(|(_, path)| path.as_str());
    assert_eq!(cycle, Some("T-1 -> T-3 -> T-2 -> T-1"));
    given.refuses(lead(), add("T-1", on("T-1")), Reason::Cycle);
}

#[test]
fn an_edge_against_the_phase_order_is_a_circle() {
    let given = plan().phase("1").task(&[]).phase("2").task(&[]);
    let refusal = given.refuses(lead(), add("T-1", on("T-2")), Reason::Cycle);
    assert!(refusal.message.contains("phase 1"), "{refusal}");
    let phase = OnRef::Phase("2".to_owned());
    given.refuses(lead(), add("T-1", phase), Reason::Cycle);
    let own = OnRef::Phase("1".to_owned());
    given.refuses(lead(), add("T-1", own), Reason::Cycle);
}

#[test]
fn a_circle_through_everything_above_is_seen() {
    let given = plan().phase("1").task(&[]).task_as(all_above());
    given.refuses(lead(), add("T-1", on("T-2")), Reason::Cycle);
    let other = plan().phase("1").task(&[]).task(&[]);
    let other = other.and(lead(), add("T-1", on("T-2")));
    other.refuses(lead(), add("T-2", OnRef::AllAbove), Reason::Cycle);
}

#[test]
fn a_circle_through_phases_side_by_side_is_seen() {
    let stated = |id: &str, before: &[&str]| {
        Command::CreatePhases(vec![NewPhase {
            id: id.to_owned(),
            name: format!("Phase {id}"),
            predecessors: Some(before.iter().map(|&id| id.to_owned()).collect()),
            ..NewPhase::default()
        }])
    };
    // T-2 waits for T-1, the phase R waits for T-2's phase, and T-1 may not wait for R's T-3.
    let given = plan()
        .and(lead(), stated("H", &[]))
        .task(&[])
        .and(lead(), stated("Q", &[]))
        .task(&["T-1"])
        .and(lead(), stated("R", &["Q"]))
        .task(&[]);
    given.refuses(lead(), add("T-1", on("T-3")), Reason::Cycle);
    // The same when the task comes in with the edge, and when the order of the phases is changed.
    let late = Command::CreateTasks(vec![
        NewTask {
            title: "One".to_owned(),
            phase: "Q".to_owned(),
            dependencies: vec![OnRef::Batch(1)],
            ..NewTask::default()
        },
        NewTask {
            title: "Two".to_owned(),
            phase: "R".to_owned(),
            ..NewTask::default()
        },
    ]);
    given.refuses(lead(), late, Reason::Cycle);
    let before = Command::UpdatePhase {
        phase: "H".to_owned(),
        changes: Box::new(PhaseChanges {
            predecessors: Some(vec!["R".to_owned()]),
            ..PhaseChanges::default()
        }),
    };
    given.refuses(lead(), before, Reason::Cycle);
}

#[test]
fn tasks_that_come_in_together_may_name_each_other_but_not_in_a_circle() {
    let pair = |first: Vec<OnRef>, second: Vec<OnRef>| {
        let task = |title: &str, dependencies| NewTask {
            title: title.to_owned(),
            phase: "1".to_owned(),
            dependencies,
            ..NewTask::default()
        };
        Command::CreateTasks(vec![task("One", first), task("Two", second)])
    };
    let given = plan().phase("1");
    given.then(
        lead(),
        pair(vec![OnRef::Batch(1)], Vec::new()),
        &["TasksAdded"],
    );
    let circle = pair(vec![OnRef::Batch(1)], vec![OnRef::Batch(0)]);
    given.refuses(lead(), circle, Reason::Cycle);
    given.refuses(
        lead(),
        pair(vec![OnRef::Batch(7)], Vec::new()),
        Reason::InvalidField,
    );
    given.refuses(
        lead(),
        pair(vec![OnRef::Batch(0)], Vec::new()),
        Reason::Cycle,
    );
}

#[test]
fn an_edge_is_stated_once_and_can_be_taken_back() {
    let given = three_in_a_row();
    given.refuses(lead(), add("T-2", on("T-1")), Reason::DependencyExists);
    given.refuses(lead(), add("T-2", on("T-9")), Reason::TaskNotFound);
    let remove = Command::RemoveDependency {
        task: "T-2".to_owned(),
        on: on("T-1"),
    };
    let given = given.then(lead(), remove.clone(), &["DependencyRemoved"]);
    assert!(given.is_ready("T-2"));
    given.refuses(lead(), remove, Reason::DependencyNotFound);
    given.then(lead(), add("T-2", on("T-1")), &["DependenciesAdded"]);
}

#[test]
fn a_waived_predecessor_is_waited_for_no_more() {
    let given = three_in_a_row().then(lead(), waive("T-2", on("T-1")), &["DependencyWaived"]);
    assert!(given.is_ready("T-2"));
    given.refuses(lead(), waive("T-2", on("T-1")), Reason::IllegalTransition);
    given.refuses(lead(), waive("T-3", on("T-1")), Reason::DependencyNotFound);
}

#[test]
fn everything_above_is_waited_for_one_may_be_waived_by_name() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .task_as(all_above())
        .agent("dev-1", "developer");
    let causes = given.plan.explain("T-3".parse().expect("an id"));
    assert_eq!(causes[0].refs, ["T-1", "T-2"]);
    let given = given.done("dev-1", "T-2");
    assert!(!given.is_ready("T-3"));
    let given = given.and(lead(), waive("T-3", on("T-1")));
    assert!(given.is_ready("T-3"));
    // What is reopened is waited for again, unless it was waived.
    let reopen = Command::ReopenTask {
        task: "T-2".to_owned(),
        reason: "it broke".to_owned(),
    };
    assert!(!given.and(lead(), reopen).is_ready("T-3"));
}

#[test]
fn a_dropped_predecessor_keeps_its_dependents_unready_and_says_so() {
    let given = three_in_a_row().and(lead(), defer("T-1"));
    assert_eq!(given.why("T-2"), ["DEPENDENCY_DROPPED"]);
    let next = &given.plan.explain("T-2".parse().expect("an id"))[0].next;
    assert_eq!(next, "task waive T-2 T-1 --reason …");
    let remarks = given.plan.remarks(10);
    assert_eq!(remarks[0].1, "waits_for_dropped_task");
    assert!(given.and(lead(), waive("T-2", on("T-1"))).is_ready("T-2"));
}

#[test]
fn who_waits_for_everything_above_is_told_of_what_was_dropped_above() {
    let given = plan().phase("1").task(&[]).task_as(all_above());
    let given = given.and(lead(), defer("T-1"));
    let remarks = given.plan.remarks(10);
    assert_eq!(remarks[0].1, "waits_for_dropped_task");
    assert!(remarks[0].2.contains("waits for T-1"), "{remarks:?}");
    assert_eq!(given.why("T-2"), ["DEPENDENCY_UNMET", "DEPENDENCY_DROPPED"]);
    let given = given.and(lead(), waive("T-2", on("T-1")));
    assert!(given.plan.remarks(10).is_empty());
}

#[test]
fn a_cancelled_task_can_waive_itself_for_all_that_wait() {
    let cancel = Command::CancelTask {
        task: "T-1".to_owned(),
        reason: "no need".to_owned(),
        waive_dependents: true,
    };
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .task_as(all_above());
    let given = given.then(
        lead(),
        cancel,
        &["TaskCancelled", "DependencyWaived", "DependencyWaived"],
    );
    assert!(given.is_ready("T-2"));
    assert_eq!(given.why("T-3"), ["DEPENDENCY_UNMET"]);
}

#[test]
fn what_is_held_or_over_gets_no_new_dependencies() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
        .done("dev-1", "T-2")
        .claimed("dev-1", "T-1");
    given.refuses(lead(), add("T-1", on("T-3")), Reason::TaskHeld);
    given.refuses(lead(), add("T-2", on("T-3")), Reason::IllegalTransition);
}

#[test]
fn a_task_states_a_thousand_dependencies_at_most() {
    let mut given = plan().phase("1");
    for _ in 0..2 {
        let tasks = vec![
            NewTask {
                title: "One of many".to_owned(),
                phase: "1".to_owned(),
                ..NewTask::default()
            };
            501
        ];
        given = given.and(lead(), Command::CreateTasks(tasks));
    }
    let many = Command::AddDependencies {
        task: "T-1002".to_owned(),
        on: (1..=1_001).map(|id| on(&format!("T-{id}"))).collect(),
    };
    given.refuses(lead(), many, Reason::LimitReached);
}

#[test]
fn a_wait_that_takes_too_many_steps_to_look_at_is_refused_with_the_limit() {
    let mut given = plan().phase("1");
    for row in [1, 11] {
        given = given.task(&[]);
        for nth in row + 1..row + 10 {
            given = given.task(&[&format!("T-{}", nth - 1)]);
        }
    }
    let (first, last) = (TaskId(1), On::Task(TaskId(20)));
    let refusal = given.plan.check_no_cycle(first, &last, &mut 5);
    let refusal = refusal.expect_err("five steps are not enough");
    assert_eq!(refusal.reason, Reason::LimitReached);
    assert_eq!(super::without_a_way_on(&refusal), None);
    let mut left = STEPS_A_COMMAND_MAX;
    given
        .plan
        .check_no_cycle(first, &last, &mut left)
        .expect("no circle");
    assert!(left < STEPS_A_COMMAND_MAX, "what was used is taken off");
    given.then(lead(), add("T-1", on("T-20")), &["DependenciesAdded"]);
}

#[test]
fn a_circle_too_long_to_be_seen_is_refused_with_what_to_look_at_and_what_to_do() {
    let mut given = plan().phase("1").task(&[]);
    for nth in 2..=10 {
        given = given.task(&[&format!("T-{}", nth - 1)]);
    }
    let last = On::Task(TaskId(10));
    let refusal = given.plan.check_no_cycle(TaskId(1), &last, &mut 5);
    let refusal = refusal.expect_err("five steps are not enough");
    assert_eq!(refusal.reason, Reason::LimitReached);
    for words in [
        "if T-10 waits for T-1 already",
        "leave it out",
        "fewer waits at once",
        "a later phase",
    ] {
        assert!(refusal.message.contains(words), "{refusal}");
    }
    assert_eq!(refusal.next, ["task show T-1", "why T-10"]);
    given.refuses(lead(), add("T-1", on("T-10")), Reason::Cycle);
}

#[test]
fn a_circle_is_spelled_out_the_shortest_way() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .task(&["T-2"])
        .task(&["T-3"])
        .task(&["T-4", "T-2"]);
    let refusal = given.refuses(lead(), add("T-1", on("T-5")), Reason::Cycle);
    let cycle = refusal.facts.iter().find(|(name, _)| *name == "cycle");
    let cycle = cycle.map(|(_, path)| path.as_str());
    assert_eq!(cycle, Some("T-1 -> T-5 -> T-2 -> T-1"));
}
