//! `plan diagnostics`: what was not taken as written.

use muster_proto::v1 as wire;
use serde_json::json;

use super::super::request_id;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// How much of the list.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Settled ones too
    #[arg(long, conflicts_with = "settle")]
    pub all: bool,
    /// Mark this one as settled, by its number
    #[arg(
        long,
        value_name = "NUMBER",
        requires = "note",
        conflicts_with = "limit"
    )]
    pub settle: Option<u32>,
    /// How it was settled
    #[arg(long, requires = "settle")]
    pub note: Option<String>,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    if let Some(number) = arguments.settle {
        return settle(number, arguments.note.unwrap_or_default(), context).await;
    }
    let include_settled = arguments.all;
    let diagnostics = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListDiagnosticsRequest {
            project: context.project.clone(),
            page_size,
            page_token,
            include_settled,
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
        || text::numbered_diagnostics(&diagnostics, context.out.columns()),
    )
}

async fn settle(number: u32, note: String, context: &Context) -> Result<(), Failure> {
    let request = wire::SettleDiagnosticRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        number,
        note,
    };
    let answer = call!(&context.client, projects.settle_diagnostic(request)).await?;
    let settled = answer.diagnostic.unwrap_or_default();
    context.out.either(
        || json!({"diagnostic": documents::diagnostic(&settled)}),
        || format!("diagnostic {} is settled\n", settled.number),
    )
}
