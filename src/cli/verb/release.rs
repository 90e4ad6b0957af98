//! `release`: a held task is given back.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::fence::FenceFlag;
use crate::cli::{Context, Failure, json as documents, text};

/// Why.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// What the next holder should know
    #[arg(long)]
    pub reason: Option<String>,
    /// It could not be done: counts as a failed attempt
    #[arg(long)]
    pub failed: bool,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let request = wire::ReleaseTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        fence: fence.number,
        failed: arguments.failed,
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, work.release_task(request)).await?;
    let task = answer.task.unwrap_or_default();
    context.out.either(
        || fence.mark(json!({"task": task.id, "status": documents::task_status(task.status())})),
        || {
            format!(
                "released {}\n{}",
                text::clean::line(&task.id),
                hint("claim")
            )
        },
    )
}
