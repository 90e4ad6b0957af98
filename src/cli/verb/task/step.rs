//! `task defer`, `reinstate`, `cancel`, `reopen` and `revoke`: the steps a coordinator takes with a task.

use muster_proto::v1 as wire;

use super::say;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure};

/// Which task.
#[derive(Debug, clap::Args)]
pub struct Plain {
    /// The task, by id or another of its names
    pub task: String,
}

/// Which task, and why.
#[derive(Debug, clap::Args)]
pub struct WithReason {
    /// The task, by id or another of its names
    pub task: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Which task, until when, and why.
#[derive(Debug, clap::Args)]
pub struct Defer {
    /// The task, by id or another of its names
    pub task: String,
    /// To which phase or release, in words
    #[arg(long = "to", value_name = "TARGET")]
    pub target: Option<String>,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

/// Which task, why, and what becomes of those that wait for it.
#[derive(Debug, clap::Args)]
pub struct Cancel {
    /// The task, by id or another of its names
    pub task: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// Let the tasks that wait for it go ahead without it
    #[arg(long)]
    pub waive_dependents: bool,
}

pub async fn defer(arguments: Defer, context: &Context) -> Result<(), Failure> {
    let request = wire::DeferTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        target: arguments.target.unwrap_or_default(),
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, tasks.defer_task(request)).await?;
    say(answer.task, "deferred", context)
}

pub async fn reinstate(arguments: Plain, context: &Context) -> Result<(), Failure> {
    let request = wire::ReinstateTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
    };
    let answer = call!(&context.client, tasks.reinstate_task(request)).await?;
    say(answer.task, "reinstated", context)
}

pub async fn cancel(arguments: Cancel, context: &Context) -> Result<(), Failure> {
    let request = wire::CancelTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        reason: arguments.reason,
        waive_dependents: arguments.waive_dependents,
    };
    let answer = call!(&context.client, tasks.cancel_task(request)).await?;
    say(answer.task, "cancelled", context)
}

pub async fn reopen(arguments: WithReason, context: &Context) -> Result<(), Failure> {
    let request = wire::ReopenTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, tasks.reopen_task(request)).await?;
    say(answer.task, "reopened", context)
}

pub async fn revoke(arguments: WithReason, context: &Context) -> Result<(), Failure> {
    let request = wire::RevokeClaimRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, tasks.revoke_claim(request)).await?;
    say(answer.task, "took back", context)
}
