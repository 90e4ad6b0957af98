//! What a run whose work is done still needs: outputs, gates, signatures, success criteria.

use super::*;

#[test]
fn a_run_is_completed_with_the_last_thing_it_asks_for() {
    let mut definition = new(
        "build",
        WorkflowDefinition {
            outputs: vec![output("The shop")],
            sign_offs: vec!["qa".into()],
            phases: vec!["Phase 1".into()],
            ..words()
        },
    );
    definition.criteria = vec![
        NewSuccess {
            name: "100 users".to_owned(),
            check: NewSuccessCheck::Measured(NewMeasure {
                metric: "users".to_owned(),
                comparison: Comparison::Ge,
                threshold: "100.0".to_owned(),
            }),
        },
        NewSuccess {
            name: "Team confident".to_owned(),
            check: NewSuccessCheck::Attested {
                role: "qa".to_owned(),
            },
        },
    ];
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let given = given.agent("qa-1", "qa");
    let given = given.and(lead(), Command::DefineWorkflow(Box::new(definition)));
    let given = given.then(
        lead(),
        start("build"),
        &["DeliverableAdded", "WorkflowRunStarted", "WorkflowRunMoved"],
    );
    assert_eq!(lacks(&given, 1), ["phase 1 from agents"]);
    let refusal = given.refuses(lead(), finish("build"), Reason::IllegalTransition);
    assert!(refusal.message.contains("phase 1"), "{refusal}");
    given.refuses(by("qa-1"), sign("build", "qa"), Reason::IllegalTransition);
    let given = given.done("dev-1", "T-1");
    assert_eq!(status(&given, 1), Gating);
    let all = [
        "DL-1 from agents",
        "sign-off of qa from qa",
        "criterion 1 of WR-1 from coordinator",
        "criterion 2 of WR-1 from qa",
    ];
    assert_eq!(lacks(&given, 1), all);
    assert_eq!(asked(&given).len(), 4);
    let given = given.and(by("dev-1"), submit(1)).and(lead(), accept(1));
    // A coordinator does not sign for others, nor an agent of another role, nor who did the work.
    given.refuses(lead(), sign("build", "qa"), Reason::NotAllowed);
    given.refuses(by("dev-1"), sign("build", ""), Reason::NotAllowed);
    let given = given.and(by("qa-1"), sign("build", ""));
    given.refuses(by("qa-1"), sign("build", "qa"), Reason::IllegalTransition);
    let given = given.and(by("dev-1"), metric("users", "99.99"));
    let given = given.and(by("qa-1"), attest("build", "team confident", false));
    assert_eq!(lacks(&given, 1), all[2..]);
    given.refuses(by("dev-1"), attest("build", "2", true), Reason::NotAllowed);
    given.refuses(
        lead(),
        attest("build", "1", true),
        Reason::IllegalTransition,
    );
    given.refuses(
        lead(),
        attest("build", "3", true),
        Reason::CriterionNotFound,
    );
    let given = given.and(lead(), attest("build", "2", true));
    let given = given.then(
        by("dev-1"),
        metric("users", "100"),
        &["MetricReported", "WorkflowRunCompleted"],
    );
    let end = run(&given, 1).end.as_ref().expect("an end");
    assert_eq!(end.by, by("dev-1"));
    assert_eq!(end.values[0].value.as_str(), "100");
    assert!(asked(&given).is_empty());
}

#[test]
fn nobody_signs_who_worked_in_it() {
    let given = with_work(WorkflowDefinition {
        sign_offs: vec!["developer".into(), "coordinator".into()],
        outputs: vec![output("The shop")],
        ..words()
    });
    let given = given.and(lead(), start("build")).done("dev-1", "T-1");
    let refusal = given.refuses(by("dev-1"), sign("build", "developer"), Reason::NotAllowed);
    assert!(refusal.message.contains("you worked in"), "{refusal}");
    given.refuses(lead(), sign("build", "qa"), Reason::InvalidField);
    given.refuses(lead(), sign("build", "wizard"), Reason::UnknownRole);
    // Who handed an output in did some of the work.
    let given = given.and(lead(), submit(1));
    given.refuses(lead(), sign("build", "coordinator"), Reason::NotAllowed);
    let other = crate::plan::fact::Actor::Coordinator("other".into());
    let given = given.and(other.clone(), accept(1));
    let given = given.and(other, sign("build", ""));
    let given = given.agent("dev-2", "developer");
    let given = given.and(
        by("dev-2"),
        Command::SignWorkflow(RunToSign {
            run: "build".to_owned(),
            approved: false,
            note: "the door sticks".to_owned(),
            ..RunToSign::default()
        }),
    );
    assert_eq!(status(&given, 1), Gating);
    let given = given.agent("dev-3", "developer");
    let given = given.and(by("dev-3"), sign("build", "developer"));
    assert_eq!(status(&given, 1), Completed);
}

#[test]
fn work_that_is_open_again_takes_the_run_back_and_its_signatures() {
    let given = with_work(WorkflowDefinition {
        sign_offs: vec!["qa".into()],
        outputs: vec![output("The shop")],
        ..words()
    });
    let given = given.and(lead(), start("build")).done("dev-1", "T-1");
    let given = given.and(by("qa-1"), sign("build", "qa"));
    let begun = run(&given, 1).started_at;
    let given = given.then(
        lead(),
        Command::ReopenPhase {
            phase: "1".to_owned(),
            reason: "it leaks".to_owned(),
        },
        &["PhaseReopened", "WorkflowRunMoved"],
    );
    assert_eq!(status(&given, 1), Running);
    assert_eq!(run(&given, 1).started_at, begun);
    let given = given.and(
        lead(),
        Command::ClosePhase {
            phase: "1".to_owned(),
        },
    );
    assert_eq!(status(&given, 1), Gating);
    assert_eq!(
        lacks(&given, 1),
        ["DL-1 from agents", "sign-off of qa from qa"]
    );
}

#[test]
fn a_gate_of_the_workflow_stops_its_run_and_is_run_with_the_end_of_the_work() {
    let given = with_work(words());
    let given = given.and(lead(), Command::DefineGate(Box::new(gate("build"))));
    let run_gate = || Command::RunGate {
        gate: "Ready".to_owned(),
        commit: String::new(),
    };
    // What was said before the work was done counts for nothing.
    let given = given.and(lead(), run_gate()).and(lead(), say(true));
    let given = given.and(lead(), start("build")).done("dev-1", "T-1");
    assert_eq!(status(&given, 1), Gating);
    assert_eq!(lacks(&given, 1), ["criterion 1 of G-1 from coordinator"]);
    // The inbox asks for it as something of the gate.
    assert!(asked(&given).is_empty());
    let failed = given.clone().and(lead(), say(false));
    assert_eq!(status(&failed, 1), Gating);
    let waived = failed.then(
        lead(),
        Command::WaiveGateRun {
            gate: "Ready".to_owned(),
            reason: "the fair is near".to_owned(),
            until: Timestamp(failed.now_ms + DAY_MS),
        },
        &["GateWaived", "WorkflowRunCompleted"],
    );
    assert_eq!(status(&waived, 1), Completed);
    let retired = given.then(
        lead(),
        Command::RetireGate {
            gate: "Ready".to_owned(),
            reason: "not needed".to_owned(),
        },
        &["GateRetired", "WorkflowRunCompleted"],
    );
    assert_eq!(status(&retired, 1), Completed);
    given.then(
        lead(),
        say(true),
        &[
            "GateResultRecorded",
            "GateRunSettled",
            "WorkflowRunCompleted",
        ],
    );
}
