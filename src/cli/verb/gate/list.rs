//! `gate list`, `gate show` and `gate metrics`.

use muster_proto::v1 as wire;
use serde_json::json;

use super::say_run;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// Which gates.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Retired ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which gate or run.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The gate, by id or name, or a run such as GR-3
    pub gate: String,
}

/// How many metrics.
#[derive(Debug, clap::Args)]
pub struct Metrics {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

pub async fn gates(arguments: List, context: &Context) -> Result<(), Failure> {
    let gates = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListGatesRequest {
            project: context.project.clone(),
            include_retired: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, gates.list_gates(request)).await?;
        Ok((page.gates, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = gates.iter().map(documents::gate).collect();
            json!({"gates": listed})
        },
        || text::gates(&gates, context.out.columns()),
    )
}

pub async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let is_run = arguments
        .gate
        .trim()
        .to_ascii_uppercase()
        .starts_with("GR-");
    if is_run {
        let request = wire::GetGateRunRequest {
            project: context.project.clone(),
            run: arguments.gate,
        };
        let answer = call!(&context.client, gates.get_gate_run(request)).await?;
        return say_run(answer.run, context);
    }
    let request = wire::GetGateRequest {
        project: context.project.clone(),
        gate: arguments.gate,
    };
    let answer = call!(&context.client, gates.get_gate(request)).await?;
    let gate = answer.gate.unwrap_or_default();
    context.out.either(
        || json!({"gate": documents::gate(&gate)}),
        || text::gate(&gate),
    )
}

pub async fn metrics(arguments: Metrics, context: &Context) -> Result<(), Failure> {
    let metrics = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListMetricsRequest {
            project: context.project.clone(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, gates.list_metrics(request)).await?;
        Ok((page.metrics, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = metrics.iter().map(documents::metric).collect();
            json!({"metrics": listed})
        },
        || text::metrics(&metrics, context.out.columns()),
    )
}
