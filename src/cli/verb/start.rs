//! `start`: work on a held task begins.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::fence::FenceFlag;
use crate::cli::{Context, Failure, json as documents, text};

/// Which task.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// Pre-checks you attest: their names, or all
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub checked: Vec<String>,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let request = wire::StartTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        fence: fence.number,
        checked: arguments.checked,
    };
    let answer = call!(&context.client, work.start_task(request)).await?;
    let task = answer.task.unwrap_or_default();
    let next = answer.next;
    context.out.either(
        || fence.mark(json!({"task": task.id, "status": documents::task_status(task.status())})),
        || {
            let id = text::clean::line(&task.id);
            let done = next.iter().find(|command| command.starts_with("done "));
            let done =
                done.map_or_else(|| format!("task show {id}"), |done| text::clean::line(done));
            format!(
                "started {id} {}\n{}",
                text::clean::line(&task.title),
                hint(&done)
            )
        },
    )
}
