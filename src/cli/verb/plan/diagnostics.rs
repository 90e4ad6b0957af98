//! `plan diagnostics`: what was not taken as written.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// How much of the list.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let diagnostics = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListDiagnosticsRequest {
            project: context.project.clone(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, projects.list_diagnostics(request)).await?;
        Ok((page.diagnostics, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = diagnostics.iter().map(documents::diagnostic).collect();
            json!({"diagnostics": listed})
        },
        || text::diagnostics(&diagnostics, context.out.columns()),
    )
}
