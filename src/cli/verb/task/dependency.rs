//! `task depend`, `undepend` and `waive`: what a task waits for.

use muster_proto::v1 as wire;

use super::say;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure, parse};

/// What waits for what.
#[derive(Debug, clap::Args)]
pub struct Depend {
    /// The task, by id or another of its names
    pub task: String,
    /// What it waits for: T-3, phase:2 or all-above
    #[arg(required = true, value_delimiter = ',', value_parser = parse::target)]
    pub on: Vec<wire::DependencyTarget>,
}

/// What no longer waits for what.
#[derive(Debug, clap::Args)]
pub struct Undepend {
    /// The task, by id or another of its names
    pub task: String,
    /// What it no longer waits for: T-3, phase:2 or all-above
    #[arg(value_parser = parse::target)]
    pub on: wire::DependencyTarget,
}

/// What goes ahead without what, and why.
#[derive(Debug, clap::Args)]
pub struct Waive {
    /// The task, by id or another of its names
    pub task: String,
    /// What it goes ahead without: T-3, phase:2 or all-above
    #[arg(value_parser = parse::target)]
    pub on: wire::DependencyTarget,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn depend(arguments: Depend, context: &Context) -> Result<(), Failure> {
    let request = wire::AddDependencyRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        on: arguments.on,
    };
    let answer = call!(&context.client, tasks.add_dependency(request)).await?;
    say(answer.task, "changed", context)
}

pub async fn undepend(arguments: Undepend, context: &Context) -> Result<(), Failure> {
    let request = wire::RemoveDependencyRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        on: Some(arguments.on),
    };
    let answer = call!(&context.client, tasks.remove_dependency(request)).await?;
    say(answer.task, "changed", context)
}

pub async fn waive(arguments: Waive, context: &Context) -> Result<(), Failure> {
    let request = wire::WaiveDependencyRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        on: Some(arguments.on),
        reason: arguments.reason,
    };
    let answer = call!(&context.client, tasks.waive_dependency(request)).await?;
    say(answer.task, "changed", context)
}
