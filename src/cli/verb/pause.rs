//! `pause`: nothing is handed out from here on.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// Why.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Why, for whoever asks
    #[arg(long)]
    pub reason: Option<String>,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::PauseProjectRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, projects.pause_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    context.out.either(
        || json!({"project": documents::project(&project)}),
        || {
            let name = text::clean::line(&project.slug);
            format!(
                "{name} is paused: nothing is handed out or started; what was started may be finished\n{}",
                hint("resume")
            )
        },
    )
}
