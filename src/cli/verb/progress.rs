//! `progress`: how far a held task is.

use muster_proto::v1 as wire;
use serde_json::json;

use super::request_id;
use crate::cli::client::call;
use crate::cli::fence::FenceFlag;
use crate::cli::{Context, Failure, json as documents, parse, text};

/// How far.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// What was done, what is left
    #[arg(long)]
    pub note: String,
    /// Done so far, 0 to 100
    #[arg(long, value_parser = parse::percent)]
    pub percent: Option<u32>,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let request = wire::ReportProgressRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        fence: fence.number,
        note: arguments.note,
        percent: arguments.percent,
        checked: Vec::new(),
    };
    let answer = call!(&context.client, work.report_progress(request)).await?;
    let task = answer.task.unwrap_or_default();
    context.out.either(
        || fence.mark(json!({"task": task.id, "status": documents::task_status(task.status())})),
        || format!("noted on {}\n", text::clean::line(&task.id)),
    )
}
