//! `why`: every reason why a task is not ready.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// Which task.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::ExplainTaskRequest {
        project: context.project.clone(),
        task: arguments.task,
    };
    let answer = call!(&context.client, tasks.explain_task(request)).await?;
    context
        .out
        .either(|| document(&answer), || text::why(&answer))
}

fn document(answer: &wire::ExplainTaskResponse) -> Value {
    json!({
        "task": answer.task.as_ref().map(|task| task.id.as_str()),
        "ready": answer.ready,
        "reasons": answer.reasons.iter().map(documents::reason).collect::<Vec<_>>(),
    })
}
