//! `discovered …`: what was discovered, in other words before it is triaged.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id, stated};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, parse, text};

/// What can be done with what was discovered.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Change the words of one that waits for triage
    #[command(visible_alias = "update")]
    Edit(Edit),
}

/// What changes.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct Edit {
    /// The discovered task, such as D-5
    pub discovered: String,
    /// Its title
    #[arg(long, group = "change")]
    pub title: Option<String>,
    /// What was found
    #[arg(long, group = "change")]
    pub notes: Option<String>,
    /// Its priority, P0 (most urgent) to P3
    #[arg(long, group = "change", value_parser = parse::priority)]
    pub priority: Option<u32>,
    /// Its area
    #[arg(long, group = "change")]
    pub area: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Edit(arguments) => edit(arguments, context).await,
    }
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let request = wire::UpdateDiscoveredRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        discovered: arguments.discovered,
        update_mask: stated(&[
            (arguments.title.is_some(), "title"),
            (arguments.notes.is_some(), "notes"),
            (arguments.priority.is_some(), "priority"),
            (arguments.area.is_some(), "area"),
        ]),
        title: arguments.title.unwrap_or_default(),
        notes: arguments.notes.unwrap_or_default(),
        priority: arguments.priority,
        area: arguments.area.unwrap_or_default(),
    };
    let answer = call!(&context.client, queues.update_discovered(request)).await?;
    let found = answer.discovered.unwrap_or_default();
    context.out.either(
        || json!({"discovered": documents::discovered(&found)}),
        || {
            let id = text::clean::line(&found.id);
            format!("changed {id}\n{}", hint("triage"))
        },
    )
}
