//! `workflow start`, `input`, `attest`, `sign`, `finish`, `cancel` and `retire`.

use muster_proto::v1 as wire;

use super::{say_run, say_workflow};
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure};

/// What is started.
#[derive(Debug, clap::Args)]
pub struct Start {
    /// The workflow, by slug
    pub workflow: String,
    /// Once more although its newest run is completed
    #[arg(long)]
    pub restart: bool,
}

/// What is supplied.
#[derive(Debug, clap::Args)]
pub struct Input {
    /// The run, such as WR-1, or a workflow's slug for its newest
    pub run: String,
    /// The input's name
    pub name: String,
    /// What is supplied: a path, an address, an answer
    pub value: String,
}

/// What holds.
#[derive(Debug, clap::Args)]
pub struct Attest {
    /// The run, such as WR-1, or a workflow's slug for its newest
    pub run: String,
    /// The criterion, by number or name
    pub criterion: String,
    /// It does not hold
    #[arg(long)]
    pub fails: bool,
    /// What shows it
    #[arg(long)]
    pub evidence: String,
}

/// What is signed.
#[derive(Debug, clap::Args)]
pub struct Sign {
    /// The run, such as WR-1, or a workflow's slug for its newest
    pub run: String,
    /// The role that is signed for [default: one that you may sign for]
    pub role: Option<String>,
    /// Refuse to sign
    #[arg(long, requires = "note")]
    pub reject: bool,
    /// What was looked at, or what is missing
    #[arg(long, visible_alias = "reason")]
    pub note: Option<String>,
}

/// What is done.
#[derive(Debug, clap::Args)]
pub struct Finish {
    /// The run, such as WR-1, or a workflow's slug for its newest
    pub run: String,
    /// What was done
    #[arg(long)]
    pub note: String,
}

/// What ends.
#[derive(Debug, clap::Args)]
pub struct Cancel {
    /// The run, such as WR-1, or a workflow's slug for its newest
    pub run: String,
    /// It failed, instead of being given up
    #[arg(long)]
    pub failed: bool,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// What is started no more.
#[derive(Debug, clap::Args)]
pub struct Retire {
    /// The workflow, by slug
    pub workflow: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn start(arguments: Start, context: &Context) -> Result<(), Failure> {
    let request = wire::StartWorkflowRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        workflow: arguments.workflow,
        restart: arguments.restart,
    };
    let answer = call!(&context.client, workflows.start_workflow(request)).await?;
    say_run(answer.run, context)
}

pub async fn input(arguments: Input, context: &Context) -> Result<(), Failure> {
    let request = wire::ProvideInputRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        run: arguments.run,
        input: arguments.name,
        value: arguments.value,
    };
    let answer = call!(&context.client, workflows.provide_input(request)).await?;
    say_run(answer.run, context)
}

pub async fn attest(arguments: Attest, context: &Context) -> Result<(), Failure> {
    let request = wire::AttestWorkflowCriterionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        run: arguments.run,
        criterion: arguments.criterion,
        fails: arguments.fails,
        evidence: arguments.evidence,
    };
    let answer = call!(
        &context.client,
        workflows.attest_workflow_criterion(request)
    )
    .await?;
    say_run(answer.run, context)
}

pub async fn sign(arguments: Sign, context: &Context) -> Result<(), Failure> {
    let request = wire::SignWorkflowRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        run: arguments.run,
        role: arguments.role.unwrap_or_default(),
        rejects: arguments.reject,
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(&context.client, workflows.sign_workflow(request)).await?;
    say_run(answer.run, context)
}

pub async fn finish(arguments: Finish, context: &Context) -> Result<(), Failure> {
    let request = wire::FinishWorkflowRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        run: arguments.run,
        note: arguments.note,
    };
    let answer = call!(&context.client, workflows.finish_workflow(request)).await?;
    say_run(answer.run, context)
}

pub async fn cancel(arguments: Cancel, context: &Context) -> Result<(), Failure> {
    let request = wire::CancelWorkflowRunRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        run: arguments.run,
        failed: arguments.failed,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, workflows.cancel_workflow_run(request)).await?;
    say_run(answer.run, context)
}

pub async fn retire(arguments: Retire, context: &Context) -> Result<(), Failure> {
    let request = wire::RetireWorkflowRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        workflow: arguments.workflow,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, workflows.retire_workflow(request)).await?;
    let next = |_: &str| "workflow list --all".to_owned();
    say_workflow(answer.workflow, "retired", next, context)
}
