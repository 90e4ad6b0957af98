//! The end of a project: what stands in front of it, who says it, and what begins it again.

use super::super::command::{Command, NewCheck, NewCriterion, NewGate, NewScope, NewTask};
use super::super::event::TaskChanges;
use super::super::id::GateId;
use super::super::inbox::WaitKind;
use super::super::model::{ProjectStatus, RunStatus};
use super::super::refusal::Reason;
use super::super::time::Timestamp;
use super::{Given, by, claim_of, lead, plan};

fn complete(note: &str) -> Command {
    let note = note.to_owned();
    Command::CompleteProject { note }
}

/// Claims whatever there is.
fn claim() -> Command {
    claim_of("")
}

/// A gate of one word of the coordinator's in front of the end.
fn gate() -> Command {
    Command::DefineGate(Box::new(NewGate {
        name: "release".to_owned(),
        scope: Some(NewScope::Project),
        criteria: vec![NewCriterion {
            name: "runbook".to_owned(),
            advisory: false,
            check: NewCheck::Attested {
                role: String::new(),
            },
        }],
        ..NewGate::default()
    }))
}

fn attest(holds: bool) -> Command {
    Command::AttestCriterion {
        gate: "G-1".to_owned(),
        criterion: "1".to_owned(),
        holds,
        evidence: "read it".to_owned(),
    }
}

fn run() -> Command {
    Command::RunGate {
        gate: "G-1".to_owned(),
        commit: String::new(),
    }
}

fn one_more() -> Command {
    Command::CreateTasks(vec![NewTask {
        title: "One more".to_owned(),
        phase: "1".to_owned(),
        ..NewTask::default()
    }])
}

/// Two tasks, `dev-1`, and a gate in front of the end.
fn gated() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
        .and(lead(), gate())
}

fn status(given: &Given) -> Option<ProjectStatus> {
    given.plan.project().map(|project| project.status)
}

/// The newest run of the gate, and whether it counts for nothing.
fn newest(given: &Given) -> Option<(RunStatus, bool)> {
    let gate = given.plan.gate(GateId(1))?;
    given
        .plan
        .newest_run(gate)
        .map(|run| (run.status, run.stale))
}

fn waiting(given: &Given) -> Vec<(WaitKind, String)> {
    let inbox = given.plan.inbox().into_iter();
    inbox.map(|it| (it.kind, it.command)).collect()
}

#[test]
fn what_is_missing_before_the_end_is_named_with_its_commands() {
    let given = gated().phase_with("2", &["nobody complains"]);
    let refusal = given.refuses(lead(), complete(""), Reason::ProjectUnfinished);
    let subjects: Vec<&str> = refusal.items.iter().map(|it| it.subject.as_str()).collect();
    assert_eq!(subjects, ["T-1", "T-2", "phase 1", "phase 2", "gate G-1"]);
    let next = [
        "task show T-1",
        "task show T-2",
        "phase close 1",
        "phase close 2",
        "gate run G-1",
    ];
    assert_eq!(refusal.next, next);
    given.refuses(by("dev-1"), complete(""), Reason::NotAllowed);
}

#[test]
fn many_open_tasks_are_counted_and_not_all_named() {
    let given = (0..12).fold(plan().phase("1"), |given, _| given.task(&[]));
    let refusal = given.refuses(lead(), complete(""), Reason::ProjectUnfinished);
    let counted = refusal.items.iter().find(|it| it.subject == "2 more");
    assert!(counted.is_some(), "{refusal:?}");
    assert!(refusal.next.contains(&"board".to_owned()));
}

#[test]
fn the_last_task_runs_the_gate_and_the_end_waits_for_it() {
    let given = gated().and(lead(), run()).and(lead(), attest(true));
    assert_eq!(newest(&given), Some((RunStatus::Passed, false)));
    let given = given.done("dev-1", "T-1");
    assert_eq!(newest(&given), Some((RunStatus::Passed, false)));
    let given = given.started("dev-1", "T-2");
    let given = given.then(
        by("dev-1"),
        given.complete("T-2"),
        &["TaskCompleted", "PhaseCompleted", "GateRunStarted"],
    );
    assert_eq!(newest(&given), Some((RunStatus::Pending, false)));
    let refusal = given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert_eq!(refusal.items[0].subject, "G-1");
    assert!(refusal.message.contains("runbook"), "{refusal}");
    let asked = "gate attest G-1 1 --evidence …".to_owned();
    assert_eq!(waiting(&given), [(WaitKind::Gate, asked)]);
    let refusal = given.refuses(lead(), complete(""), Reason::ProjectUnfinished);
    assert_eq!(refusal.items[0].subject, "criterion 1 of G-1");
}

fn finished() -> Given {
    gated().done("dev-1", "T-1").done("dev-1", "T-2")
}

#[test]
fn once_nothing_is_missing_a_coordinator_says_that_it_is_completed() {
    let given = finished().and(lead(), attest(true));
    given.refuses(by("dev-1"), claim(), Reason::PlanComplete);
    let asked = "project complete".to_owned();
    assert_eq!(waiting(&given), [(WaitKind::ProjectToComplete, asked)]);
    let given = given.then(lead(), complete("shipped"), &["ProjectCompleted"]);
    assert_eq!(status(&given), Some(ProjectStatus::Completed));
    assert_eq!(waiting(&given), []);
    let refusal = given.refuses(by("dev-1"), claim(), Reason::PlanComplete);
    assert!(refusal.message.contains("shipped"), "{refusal}");
    given.refuses(lead(), complete(""), Reason::IllegalTransition);
}

#[test]
fn a_gate_that_failed_holds_the_end_until_it_is_waived() {
    let given = finished().and(lead(), attest(false));
    let refusal = given.refuses(lead(), complete(""), Reason::ProjectUnfinished);
    assert_eq!(refusal.next, ["gate run G-1"]);
    let waive = Command::WaiveGateRun {
        gate: "G-1".to_owned(),
        reason: "the runbook comes next week".to_owned(),
        until: Timestamp(given.now_ms + 60_000),
    };
    let given = given.and(lead(), waive).and(lead(), complete(""));
    assert_eq!(status(&given), Some(ProjectStatus::Completed));
}

#[test]
fn a_project_without_gates_is_completed_once_its_phases_are() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let given = given.done("dev-1", "T-1").phase("2");
    let given = given.and(lead(), complete(""));
    assert_eq!(status(&given), Some(ProjectStatus::Completed));
}

fn ended() -> Given {
    finished()
        .and(lead(), attest(true))
        .and(lead(), complete("shipped"))
}

#[test]
fn nothing_is_begun_in_a_completed_project() {
    let given = ended();
    let reopen = Command::ReopenTask {
        task: "T-1".to_owned(),
        reason: "it broke".to_owned(),
    };
    let phase = Command::ReopenPhase {
        phase: "1".to_owned(),
        reason: "it broke".to_owned(),
    };
    for command in [phase, gate(), run(), one_more(), reopen] {
        let refusal = given.refuses(lead(), command, Reason::ProjectCompleted);
        assert_eq!(refusal.next, ["resume"]);
    }
    let added = NewTask {
        title: "Another".to_owned(),
        phase: "2".to_owned(),
        ..NewTask::default()
    };
    let given = plan().phase("1").task(&[]).phase("2");
    let given = given.agent("dev-1", "developer").done("dev-1", "T-1");
    let given = given.and(lead(), complete(""));
    let command = Command::CreateTasks(vec![added]);
    given.refuses(lead(), command, Reason::ProjectCompleted);
}

#[test]
fn words_of_a_completed_project_are_changed_all_the_same() {
    let changes = TaskChanges {
        notes: Some("for whoever comes next".into()),
        ..TaskChanges::default()
    };
    let given = ended().and(
        lead(),
        Command::UpdateTask {
            task: "T-1".to_owned(),
            changes: Box::new(changes),
            revision: 0,
        },
    );
    assert_eq!(status(&given), Some(ProjectStatus::Completed));
}

#[test]
fn resuming_makes_it_active_and_the_gate_is_to_be_run_again() {
    let given = ended().then(lead(), Command::ResumeProject, &["ProjectResumed"]);
    assert_eq!(status(&given), Some(ProjectStatus::Active));
    assert_eq!(newest(&given), Some((RunStatus::Passed, true)));
    given.refuses(lead(), complete(""), Reason::ProjectUnfinished);
    given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    let again = "gate run G-1".to_owned();
    assert_eq!(waiting(&given), [(WaitKind::Gate, again)]);
    let phase = Command::ReopenPhase {
        phase: "1".to_owned(),
        reason: "one more".to_owned(),
    };
    let given = given.and(lead(), phase).and(lead(), one_more());
    let given = given.done("dev-1", "T-3");
    assert_eq!(newest(&given), Some((RunStatus::Pending, false)));
    given
        .and(lead(), attest(true))
        .then(lead(), complete(""), &["ProjectCompleted"]);
}

#[test]
fn a_gate_defined_when_all_is_done_is_run_at_once() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let given = given.done("dev-1", "T-1");
    given.then(lead(), gate(), &["GateDefined", "GateRunStarted"]);
}
