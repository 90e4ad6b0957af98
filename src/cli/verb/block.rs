//! `block`: what stands in the way of a held task.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{Kind, Severity, hint, request_id};
use crate::cli::client::call;
use crate::cli::fence::{Fence, FenceFlag};
use crate::cli::{Context, Failure, json as documents, text};

/// What stands in the way.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// What stands in the way
    #[arg(long)]
    pub reason: String,
    /// What kind of thing it is [default: other]
    #[arg(long)]
    pub kind: Option<Kind>,
    /// Who should settle it [default: the coordinator]
    #[arg(long)]
    pub owner: Option<String>,
    /// How it can be settled
    #[arg(long, value_name = "HOW")]
    pub resolution_path: Option<String>,
    /// How bad it is [default: medium]
    #[arg(long)]
    pub severity: Option<Severity>,
    /// Keep the task; otherwise it is given back
    #[arg(long)]
    pub keep_lease: bool,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let request = wire::ReportBlockerRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        fence: fence.number,
        kind: arguments.kind.map(i32::from).unwrap_or_default(),
        reason: arguments.reason,
        owner: arguments.owner.unwrap_or_default(),
        resolution_path: arguments.resolution_path.unwrap_or_default(),
        severity: arguments.severity.map(i32::from).unwrap_or_default(),
        keep_lease: arguments.keep_lease,
    };
    let answer = call!(&context.client, work.report_blocker(request)).await?;
    say(answer.blocker, answer.task, fence, context)
}

/// Prints a blocker that a holder opened.
pub fn say(
    blocker: Option<wire::Blocker>,
    task: Option<wire::Task>,
    fence: Fence,
    context: &Context,
) -> Result<(), Failure> {
    let (blocker, task) = (blocker.unwrap_or_default(), task.unwrap_or_default());
    context.out.either(
        || {
            fence.mark(json!({
                "task": task.id,
                "status": documents::task_status(task.status()),
                "blocker": documents::blocker(&blocker),
            }))
        },
        || {
            let (id, name) = (text::clean::line(&blocker.id), text::clean::line(&task.id));
            if task.holder.is_some() {
                format!("opened {id} on {name}; the task is still yours\n")
            } else {
                format!(
                    "opened {id} on {name}; the task is given back\n{}",
                    hint("claim")
                )
            }
        },
    )
}
