//! `beat`: the lease is renewed, and the daemon says whether to go on. A lost lease ends like any other
//! lost lease: with its exit code.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::client::call;
use crate::cli::fence::FenceFlag;
use crate::cli::{Context, Failure, json as documents, text};

/// Which task.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let request = wire::HeartbeatRequest {
        project: context.project.clone(),
        task: arguments.task.clone(),
        fence: fence.number,
    };
    let answer = call!(&context.client, work.heartbeat(request)).await?;
    let verdict = answer.verdict();
    if verdict == wire::HeartbeatVerdict::LeaseLost {
        let message = if answer.message.is_empty() {
            format!("the lease on {} is lost; stop work on it", arguments.task)
        } else {
            answer.message
        };
        return Err(Failure::lease_lost(message)
            .fact("task", arguments.task)
            .next("claim"));
    }
    let word = documents::word(verdict.as_str_name(), "HEARTBEAT_VERDICT_");
    context.out.either(
        || {
            fence.mark(json!({
                "task": arguments.task,
                "verdict": word,
                "message": answer.message,
                "remaining_ms": answer.remaining_ms,
                "beat_every_ms": answer.beat_every_ms,
            }))
        },
        || {
            let why = text::clean::line(&answer.message);
            let why = if why.is_empty() {
                why
            } else {
                format!(": {why}")
            };
            format!(
                "{word}{why}; the lease runs {}, beat again within {}\n",
                text::span(answer.remaining_ms),
                text::span(answer.beat_every_ms)
            )
        },
    )
}
