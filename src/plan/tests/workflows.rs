//! Workflows by example: what a run waits for, how it goes on by itself, who signs it, what comes after it.

use super::super::command::{
    Command, CriterionToAttest, InputToProvide, NewCheck, NewCriterion, NewGate, NewMeasure,
    NewScope, NewSuccess, NewSuccessCheck, NewTask, NewWorkflow, RunToEnd, RunToSign,
};
use super::super::event::{
    Cadence, Comparison, Oversight, RequiredRole, WorkflowDefinition, WorkflowInput, WorkflowOutput,
};
use super::super::id::{DeliverableId, WorkflowRunId};
use super::super::inbox::WaitKind;
use super::super::model::{WorkflowRun, WorkflowRunStatus};
use super::super::refusal::Reason;
use super::super::settings::{Settings, Staffing};
use super::super::time::Timestamp;
use super::{Given, by, lead, plan, plan_with};

use WorkflowRunStatus::{Cancelled, Completed, Failed, Gating, Pending, Running, WaitingInput};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn words() -> WorkflowDefinition {
    WorkflowDefinition {
        objective: "Build it".into(),
        ..WorkflowDefinition::default()
    }
}

fn new(workflow: &str, words: WorkflowDefinition) -> NewWorkflow {
    NewWorkflow {
        workflow: workflow.to_owned(),
        words,
        ..NewWorkflow::default()
    }
}

fn define(workflow: &str, words: WorkflowDefinition) -> Command {
    Command::DefineWorkflow(Box::new(new(workflow, words)))
}

fn start(workflow: &str) -> Command {
    Command::StartWorkflow {
        workflow: workflow.to_owned(),
        restart: false,
    }
}

fn restart(workflow: &str) -> Command {
    Command::StartWorkflow {
        workflow: workflow.to_owned(),
        restart: true,
    }
}

fn input(run: &str, name: &str) -> Command {
    Command::ProvideInput(InputToProvide {
        run: run.to_owned(),
        input: name.to_owned(),
        value: "docs/spec.md".to_owned(),
    })
}

fn finish(run: &str) -> Command {
    Command::FinishWorkflow {
        run: run.to_owned(),
        note: "all of it".to_owned(),
    }
}

fn sign(run: &str, role: &str) -> Command {
    Command::SignWorkflow(RunToSign {
        run: run.to_owned(),
        role: role.to_owned(),
        approved: true,
        note: String::new(),
    })
}

fn attest(run: &str, criterion: &str, holds: bool) -> Command {
    Command::AttestWorkflowCriterion(CriterionToAttest {
        run: run.to_owned(),
        criterion: criterion.to_owned(),
        holds,
        evidence: "asked everybody".to_owned(),
    })
}

fn end(run: &str, failed: bool, reason: &str) -> Command {
    Command::EndWorkflowRun(RunToEnd {
        run: run.to_owned(),
        failed,
        reason: reason.to_owned(),
    })
}

fn submit(id: u32) -> Command {
    Command::SubmitDeliverable {
        deliverable: DeliverableId(id),
        artefact: "a.md".to_owned(),
        note: String::new(),
    }
}

fn accept(id: u32) -> Command {
    Command::AcceptDeliverable {
        deliverable: DeliverableId(id),
        note: String::new(),
    }
}

fn metric(name: &str, value: &str) -> Command {
    Command::ReportMetric {
        metric: name.to_owned(),
        value: value.to_owned(),
        evidence: String::new(),
    }
}

fn run(given: &Given, id: u32) -> &WorkflowRun {
    given.plan.workflow_run(WorkflowRunId(id)).expect("a run")
}

fn status(given: &Given, id: u32) -> WorkflowRunStatus {
    run(given, id).status
}

/// What a run waits for: subject and who.
fn lacks(given: &Given, id: u32) -> Vec<String> {
    let run = run(given, id);
    let lacks = given.plan.workflow_lacks(run, Timestamp(given.now_ms));
    let told = lacks
        .iter()
        .map(|lack| format!("{} from {}", lack.subject, lack.who));
    told.collect()
}

/// The commands that the inbox gives for runs.
fn asked(given: &Given) -> Vec<String> {
    let inbox = given.plan.inbox().into_iter();
    let of_runs = inbox.filter(|it| it.kind == WaitKind::Workflow);
    of_runs.map(|it| it.command).collect()
}

fn required(name: &str) -> WorkflowInput {
    WorkflowInput {
        name: name.into(),
        description: "".into(),
        required: true,
    }
}

fn output(name: &str) -> WorkflowOutput {
    WorkflowOutput {
        name: name.into(),
        acceptance: vec!["it runs".into()],
    }
}

fn needs(role: &str, count: u32) -> RequiredRole {
    RequiredRole {
        role: role.into(),
        count,
        stream: "".into(),
    }
}

#[test]
fn a_run_begins_with_the_last_input_and_the_last_agent_it_needs() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                inputs: vec![required("Product spec")],
                roles: vec![needs("Dev", 2)],
                ..words()
            },
        ),
    );
    let given = given.then(
        lead(),
        start("Build"),
        &["WorkflowRunStarted", "WorkflowRunMoved"],
    );
    assert_eq!(status(&given, 1), WaitingInput);
    let both = [
        "input Product spec from coordinator",
        "role developer from coordinator",
    ];
    assert_eq!(lacks(&given, 1), both);
    let commands = [
        "agent register NAME --role developer",
        "workflow input build 'Product spec' VALUE",
    ];
    let mut told = asked(&given);
    told.sort();
    assert_eq!(told, commands);
    let given = given.agent("dev-1", "developer");
    assert_eq!(status(&given, 1), WaitingInput);
    let given = given.then(
        lead(),
        input("WR-1", "product SPEC"),
        &["WorkflowInputProvided"],
    );
    assert_eq!(lacks(&given, 1), both[1..]);
    let given = given.agent("dev-2", "developer");
    let last = given.log.last().expect("an event");
    assert_eq!(last.event.kind(), "WorkflowRunMoved");
    assert_eq!(status(&given, 1), Running);
    assert_eq!(run(&given, 1).warning, "".into());
}

#[test]
fn a_project_that_goes_without_runs_and_says_who_is_missing() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                roles: vec![needs("developer", 2)],
                ..words()
            },
        ),
    );
    let given = given.and(lead(), start("build"));
    assert_eq!(status(&given, 1), WaitingInput);
    let warned = given.then(
        lead(),
        Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(Settings {
                staffing: Staffing::Warn,
                ..Settings::default()
            })),
        },
        &["ProjectUpdated", "WorkflowRunMoved"],
    );
    assert_eq!(status(&warned, 1), Running);
    let warning = &*run(&warned, 1).warning;
    assert_eq!(warning, "role developer: 0 of 2 agents are registered");
}

#[test]
fn what_elicits_waits_for_a_person_whatever_is_required() {
    let given = plan();
    let eliciting = |inputs| WorkflowDefinition {
        elicit: true,
        inputs,
        ..words()
    };
    given.refuses(
        lead(),
        define("build", eliciting(Vec::new())),
        Reason::InvalidField,
    );
    let wish = WorkflowInput {
        required: false,
        ..required("Wish")
    };
    let given = given.and(lead(), define("build", eliciting(vec![wish])));
    let given = given.and(lead(), start("build"));
    assert_eq!(asked(&given), ["workflow input build Wish VALUE"]);
    let given = given.and(lead(), input("build", "wish"));
    assert_eq!(status(&given, 1), Running);
    given.refuses(lead(), input("build", "Colour"), Reason::InvalidField);
}

#[test]
fn starting_again_answers_with_the_run_there_is() {
    let given = plan().and(lead(), define("build", words()));
    let given = given.and(lead(), start("build"));
    let version = run(&given, 1).opened_version;
    let again = given.then(lead(), start("build"), &[]);
    assert_eq!(again.repeats, Some(version));
    let again = given.then(lead(), restart("build"), &[]);
    assert_eq!(again.repeats, Some(version));
    let given = given.then(
        lead(),
        finish("build"),
        &["WorkflowRunMoved", "WorkflowRunCompleted"],
    );
    assert_eq!(status(&given, 1), Completed);
    let refusal = given.refuses(lead(), start("build"), Reason::IllegalTransition);
    assert_eq!(refusal.next, ["workflow start build --restart"]);
    let given = given.and(lead(), restart("build"));
    let given = given.and(lead(), end("build", false, "not now"));
    assert_eq!(status(&given, 2), Cancelled);
    // What was given up is simply started again.
    let given = given.and(lead(), start("build"));
    let given = given.and(lead(), end("WR-3", true, "nobody came"));
    assert_eq!(status(&given, 3), Failed);
    given.refuses(
        lead(),
        end("WR-3", false, "again"),
        Reason::IllegalTransition,
    );
    given.refuses(by("dev-1"), start("build"), Reason::NotAllowed);
    given.refuses(lead(), start("sell"), Reason::WorkflowNotFound);
}

/// A phase of one task, a developer, a tester, and a workflow whose work the phase is.
fn with_work(words: WorkflowDefinition) -> Given {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let given = given.agent("qa-1", "qa");
    let phases = vec!["1".into()];
    given.and(
        lead(),
        define("build", WorkflowDefinition { phases, ..words }),
    )
}

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
    let other = super::super::fact::Actor::Coordinator("other".into());
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

fn gate(scope: &str) -> NewGate {
    NewGate {
        name: "Ready".to_owned(),
        scope: Some(NewScope::Workflow(scope.to_owned())),
        criteria: vec![NewCriterion {
            name: "Smoke".to_owned(),
            advisory: false,
            check: NewCheck::Attested {
                role: String::new(),
            },
        }],
        ..NewGate::default()
    }
}

fn say(holds: bool) -> Command {
    Command::AttestCriterion {
        gate: "Ready".to_owned(),
        criterion: "1".to_owned(),
        holds,
        evidence: "tried it".to_owned(),
    }
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

#[test]
fn a_definition_names_gates_that_stand_in_front_of_it() {
    let given = plan().and(lead(), Command::DefineGate(Box::new(gate("sell"))));
    let with = |gate: &str| {
        Command::DefineWorkflow(Box::new(NewWorkflow {
            gates: vec![gate.to_owned()],
            ..new("build", words())
        }))
    };
    let refusal = given.refuses(lead(), with("G-1"), Reason::InvalidField);
    assert_eq!(refusal.next, ["gate define --gate G-1 --workflow build"]);
    given.refuses(lead(), with("G-2"), Reason::GateNotFound);
    let moved = NewGate {
        gate: "G-1".to_owned(),
        ..gate("build")
    };
    let given = given.and(lead(), Command::DefineGate(Box::new(moved)));
    given.and(lead(), with("Ready"));
}

#[test]
fn what_a_definition_names_must_be_there_and_fit() {
    let given = plan().phase("1");
    let refused = |definition: WorkflowDefinition, reason: Reason| {
        given.refuses(lead(), define("build", definition), reason)
    };
    let unknown = vec![needs("wizard", 1)];
    refused(
        WorkflowDefinition {
            roles: unknown,
            ..words()
        },
        Reason::UnknownRole,
    );
    let none = vec![needs("developer", 0)];
    refused(
        WorkflowDefinition {
            roles: none,
            ..words()
        },
        Reason::InvalidField,
    );
    let twice = vec![needs("developer", 1), needs("Dev", 1)];
    refused(
        WorkflowDefinition {
            roles: twice,
            ..words()
        },
        Reason::InvalidField,
    );
    let sign_offs = vec!["wizard".into()];
    refused(
        WorkflowDefinition {
            sign_offs,
            ..words()
        },
        Reason::UnknownRole,
    );
    let oversight = vec![Oversight {
        role: "wizard".into(),
        cadence: Cadence::Weekly,
    }];
    refused(
        WorkflowDefinition {
            oversight,
            ..words()
        },
        Reason::UnknownRole,
    );
    let phases = vec!["9".into()];
    refused(
        WorkflowDefinition { phases, ..words() },
        Reason::PhaseNotFound,
    );
    let next = Some("sell".into());
    refused(
        WorkflowDefinition { next, ..words() },
        Reason::WorkflowNotFound,
    );
    let next_by_itself = true;
    refused(
        WorkflowDefinition {
            next_by_itself,
            ..words()
        },
        Reason::InvalidField,
    );
    let outputs = vec![output("Shop"), output("shop")];
    refused(
        WorkflowDefinition { outputs, ..words() },
        Reason::InvalidField,
    );
    let tier = Some(10_000);
    refused(WorkflowDefinition { tier, ..words() }, Reason::InvalidField);
    let objective = " ".into();
    refused(
        WorkflowDefinition {
            objective,
            ..words()
        },
        Reason::InvalidField,
    );
    let many = vec![required("a"); 51];
    refused(
        WorkflowDefinition {
            inputs: many,
            ..words()
        },
        Reason::InvalidField,
    );
    for slug in ["", "two words", "-x", "WR-1", "a/b"] {
        given.refuses(lead(), define(slug, words()), Reason::InvalidField);
    }
    let measured = |threshold: &str| {
        let mut new = new("build", words());
        new.criteria = vec![NewSuccess {
            name: "users".to_owned(),
            check: NewSuccessCheck::Measured(NewMeasure {
                metric: "users".to_owned(),
                comparison: Comparison::Gt,
                threshold: threshold.to_owned(),
            }),
        }];
        Command::DefineWorkflow(Box::new(new))
    };
    given.refuses(lead(), measured("a hundred"), Reason::InvalidField);
    given
        .clone()
        .and(lead(), measured("1e2".replace('e', "0").as_str()));
    let long = "x".repeat(500);
    let acceptance = vec![long.as_str().into(); 10];
    let large = |count: usize| -> Vec<WorkflowOutput> {
        let each = (0..count).map(|number| WorkflowOutput {
            name: format!("{number}").as_str().into(),
            acceptance: acceptance.clone(),
        });
        each.collect()
    };
    let outputs = large(20);
    given.clone().and(
        lead(),
        define("build", WorkflowDefinition { outputs, ..words() }),
    );
    let outputs = large(45);
    refused(
        WorkflowDefinition { outputs, ..words() },
        Reason::LimitReached,
    );
}

#[test]
fn a_circle_of_workflows_is_spelled_out() {
    let then = |next: &str| WorkflowDefinition {
        next: Some(next.into()),
        ..words()
    };
    let given = plan().and(lead(), define("c", words()));
    let given = given.and(lead(), define("b", then("C")));
    let given = given.and(lead(), define("a", then("b")));
    let refusal = given.refuses(lead(), define("c", then("a")), Reason::Cycle);
    assert!(refusal.message.contains("c -> a -> b -> c"), "{refusal}");
    let refusal = given.refuses(lead(), define("d", then("D")), Reason::Cycle);
    assert!(refusal.message.contains("d -> d"), "{refusal}");
}

#[test]
fn the_next_workflow_begins_by_itself_or_on_a_word_with_what_was_handed_over() {
    let spec = WorkflowDefinition {
        outputs: vec![output("Product spec")],
        next: Some("build".into()),
        ..words()
    };
    let build = WorkflowDefinition {
        inputs: vec![required("Product SPEC"), required("Budget")],
        next: Some("sell".into()),
        next_by_itself: true,
        ..words()
    };
    let given = plan().and(lead(), define("sell", words()));
    let given = given.and(lead(), define("build", build));
    let given = given.and(lead(), define("spec", spec));
    let given = given.and(lead(), start("spec")).and(lead(), finish("spec"));
    let other = super::super::fact::Actor::Coordinator("other".into());
    let given = given.and(lead(), submit(1));
    let given = given.then(
        other,
        accept(1),
        &[
            "DeliverableAccepted",
            "WorkflowRunCompleted",
            "WorkflowRunStarted",
            "WorkflowInputProvided",
        ],
    );
    assert_eq!(status(&given, 2), Pending);
    assert_eq!(run(&given, 2).inputs[0].value, "DL-1 of WR-1: a.md".into());
    assert_eq!(asked(&given), ["workflow start build"]);
    let given = given.then(
        lead(),
        start("build"),
        &["WorkflowRunConfirmed", "WorkflowRunMoved"],
    );
    assert_eq!(lacks(&given, 2), ["input Budget from coordinator"]);
    let given = given.and(lead(), input("build", "Budget"));
    let given = given.then(
        lead(),
        finish("build"),
        &[
            "WorkflowRunMoved",
            "WorkflowRunCompleted",
            "WorkflowRunStarted",
            "WorkflowRunMoved",
        ],
    );
    assert_eq!(status(&given, 3), Running);
    assert_eq!(run(&given, 3).after, Some(WorkflowRunId(2)));
}

#[test]
fn a_run_keeps_the_definition_it_began_with() {
    let given = plan().and(lead(), define("build", words()));
    let given = given.and(lead(), start("build"));
    let other = WorkflowDefinition {
        objective: "Build another".into(),
        sign_offs: vec!["qa".into()],
        ..words()
    };
    let given = given.and(lead(), define("build", other));
    assert_eq!(run(&given, 1).definition_number, 1);
    assert_eq!(run(&given, 1).definition.objective, "Build it".into());
    let retire = || Command::RetireWorkflow {
        workflow: "build".to_owned(),
        reason: "enough".to_owned(),
    };
    given.refuses(lead(), retire(), Reason::IllegalTransition);
    let given = given.and(lead(), finish("build"));
    assert_eq!(status(&given, 1), Completed);
    let given = given.and(lead(), retire());
    given.refuses(lead(), retire(), Reason::IllegalTransition);
    given.refuses(lead(), restart("build"), Reason::IllegalTransition);
    // Defining it again brings it back.
    let given = given.and(lead(), define("build", words()));
    given.and(lead(), restart("build"));
}

#[test]
fn a_run_that_was_given_up_leaves_its_unfinished_outputs_to_the_next() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                outputs: vec![output("Shop"), output("Manual")],
                ..words()
            },
        ),
    );
    let given = given.and(lead(), start("build")).and(lead(), submit(1));
    let other = super::super::fact::Actor::Coordinator("other".into());
    let given = given.and(other, accept(1));
    let given = given.and(lead(), end("build", false, "later"));
    let given = given.and(lead(), start("build"));
    let outputs = &run(&given, 2).outputs;
    assert_eq!(outputs[..], [DeliverableId(3), DeliverableId(2)]);
}

#[test]
fn a_run_is_overdue_once_its_days_of_the_calendar_have_passed() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                duration: "1 week".parse().ok(),
                ..words()
            },
        ),
    );
    let given = given.and(lead(), start("build"));
    let run = run(&given, 1);
    let begun = run.started_at.expect("it runs").0;
    let day = |days: i64, ms: i64| {
        let day = run
            .day(Timestamp(begun + days * DAY_MS + ms))
            .expect("it runs");
        (day.day, day.is_overdue())
    };
    assert_eq!(day(0, 0), (1, false));
    assert_eq!(day(7, -1), (7, false));
    assert_eq!(day(7, 0), (8, true));
}

#[test]
fn the_brief_tells_what_the_workflow_is_to_reach_and_claims_wait_for_none() {
    let given = with_work(WorkflowDefinition {
        objective: "Build it\nwith care".into(),
        inputs: vec![required("Spec")],
        ..words()
    });
    let given = given.and(lead(), start("build")).claimed("dev-1", "T-1");
    let brief = |given: &Given| {
        given
            .plan
            .brief(super::TaskId(1))
            .expect("a brief")
            .workflow
    };
    assert_eq!(status(&given, 1), WaitingInput);
    assert_eq!(brief(&given), "");
    let given = given.and(lead(), input("build", "Spec"));
    assert_eq!(brief(&given), "build: Build it");
}

#[test]
fn a_task_that_elicits_is_worked_on_once_its_question_is_answered() {
    let given = plan().phase("1").agent("dev-1", "developer");
    let given = given.then(
        lead(),
        Command::CreateTasks(vec![NewTask {
            title: "Connect the bank".to_owned(),
            elicit: "Which bank?".to_owned(),
            ..NewTask::default()
        }]),
        &["TasksAdded", "BlockerOpened"],
    );
    assert!(!given.is_ready("T-1"));
    let inbox = given.plan.inbox();
    assert_eq!(inbox[0].kind, WaitKind::Question);
    let blocker = super::super::id::BlockerId(1);
    let given = given.and(
        lead(),
        Command::ResolveBlocker {
            blocker,
            resolution: "The one round the corner".to_owned(),
            withdraw: false,
        },
    );
    let given = given.claimed("dev-1", "T-1");
    let brief = given.plan.brief(super::TaskId(1)).expect("a brief");
    assert_eq!(brief.answers[0].answer, "The one round the corner");
}

#[test]
fn a_setting_for_missing_agents_stands_at_waiting() {
    assert_eq!(Settings::default().staffing, Staffing::Refuse);
    let given = plan_with(Settings {
        staffing: Staffing::Warn,
        ..Settings::default()
    });
    let roles = vec![needs("qa", 1)];
    let given = given.and(
        lead(),
        define("build", WorkflowDefinition { roles, ..words() }),
    );
    let given = given.and(lead(), start("build"));
    assert_eq!(status(&given, 1), Running);
}
