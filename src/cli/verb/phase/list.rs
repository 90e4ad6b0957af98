//! `phase list` and `phase show`.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::as_of::Asked;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// How much of the list.
#[derive(Debug, clap::Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which phase.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The phase, by id or name
    pub phase: String,
}

/// The phases of a project, in plan order, as they are or were.
pub async fn all(
    context: &Context,
    project: &str,
    limit: Option<usize>,
    asked: Asked,
) -> Result<Vec<wire::Phase>, Failure> {
    pages::all(limit, |page_size, page_token| async move {
        let request = wire::ListPhasesRequest {
            project: project.to_owned(),
            page_size,
            page_token,
            as_of_version: asked.version,
            as_of: asked.at,
            phase: String::new(),
        };
        let page = call!(
            &context.client,
            phases.list_phases(request),
            asked.timeout()
        )
        .await?;
        Ok((page.phases, page.next_page_token))
    })
    .await
}

pub async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let phases = all(context, &context.project, arguments.limit, Asked::default()).await?;
    context.out.either(
        || json!({"phases": phases.iter().map(documents::phase).collect::<Vec<_>>()}),
        || text::phases(&phases, context.out.columns()),
    )
}

pub async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::ListPhasesRequest {
        project: context.project.clone(),
        phase: arguments.phase,
        ..wire::ListPhasesRequest::default()
    };
    let answer = call!(&context.client, phases.list_phases(request)).await?;
    let phase = answer.phases.into_iter().next().unwrap_or_default();
    context.out.either(
        || json!({"phase": documents::phase(&phase)}),
        || text::phase(&phase),
    )
}
