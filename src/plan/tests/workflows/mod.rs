//! Workflows by example: what a run waits for, how it goes on by itself, who signs it, what comes after it.

mod definitions;
mod gating;
mod life;

use super::{Given, by, lead, plan, plan_with};
use crate::plan::command::{
    Command, CriterionToAttest, InputToProvide, NewCheck, NewCriterion, NewGate, NewMeasure,
    NewScope, NewSuccess, NewSuccessCheck, NewTask, NewWorkflow, RoleChanges, RunToEnd, RunToSign,
};
use crate::plan::event::{
    Cadence, Comparison, Oversight, RequiredRole, WorkflowDefinition, WorkflowInput, WorkflowOutput,
};
use crate::plan::fact::Actor;
use crate::plan::id::{DeliverableId, SessionId, WorkflowRunId};
use crate::plan::inbox::WaitKind;
use crate::plan::model::{WorkflowRun, WorkflowRunStatus};
use crate::plan::refusal::Reason;
use crate::plan::settings::{Settings, Staffing};
use crate::plan::time::Timestamp;

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
