//! `discover`: work outside the plan is filed for triage.

use muster_proto::v1 as wire;
use serde_json::json;

use super::request_id;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, parse, text};

/// What was found.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Its title
    pub title: String,
    /// What was found
    #[arg(long)]
    pub notes: Option<String>,
    /// Its priority, P0 (most urgent) to P3 [default: P2]
    #[arg(long, value_parser = parse::priority)]
    pub priority: Option<u32>,
    /// Its area
    #[arg(long)]
    pub area: Option<String>,
    /// The task that was worked on [default: the one you hold]
    #[arg(long)]
    pub task: Option<String>,
    /// The phase it may belong to
    #[arg(long)]
    pub phase: Option<String>,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::ReportDiscoveredRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        title: arguments.title,
        notes: arguments.notes.unwrap_or_default(),
        priority: arguments.priority,
        area: arguments.area.unwrap_or_default(),
        found_on: arguments.task.unwrap_or_default(),
        suggested_phase: arguments.phase.unwrap_or_default(),
    };
    let answer = call!(&context.client, work.report_discovered(request)).await?;
    let found = answer.discovered.unwrap_or_default();
    context.out.either(
        || json!({"discovered": documents::discovered(&found)}),
        || {
            let id = text::clean::line(&found.id);
            format!("filed {id}; the coordinator triages it, go on with your task\n")
        },
    )
}
