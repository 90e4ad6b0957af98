//! `workflow list`, `show` and `runs`.

use muster_proto::v1 as wire;
use serde_json::json;

use super::say_run;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// Which workflows.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Retired ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which workflow or run.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The workflow, by slug, or a run such as WR-3
    pub workflow: String,
}

/// Which runs.
#[derive(Debug, clap::Args)]
pub struct Runs {
    /// Only of this workflow
    pub workflow: Option<String>,
    /// Those that are over too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

pub async fn workflows(arguments: List, context: &Context) -> Result<(), Failure> {
    let workflows = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListWorkflowsRequest {
            project: context.project.clone(),
            include_retired: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, workflows.list_workflows(request)).await?;
        Ok((page.workflows, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = workflows.iter().map(documents::workflow).collect();
            json!({"workflows": listed})
        },
        || text::workflows(&workflows, context.out.columns()),
    )
}

pub async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let named = arguments.workflow.trim().to_ascii_uppercase();
    if named.starts_with("WR-") {
        let request = wire::GetWorkflowRunRequest {
            project: context.project.clone(),
            run: arguments.workflow,
        };
        let answer = call!(&context.client, workflows.get_workflow_run(request)).await?;
        return say_run(answer.run, context);
    }
    let request = wire::GetWorkflowRequest {
        project: context.project.clone(),
        workflow: arguments.workflow,
    };
    let answer = call!(&context.client, workflows.get_workflow(request)).await?;
    let workflow = answer.workflow.unwrap_or_default();
    context.out.either(
        || json!({"workflow": documents::workflow(&workflow)}),
        || text::workflow(&workflow),
    )
}

pub async fn runs(arguments: Runs, context: &Context) -> Result<(), Failure> {
    let workflow = &arguments.workflow.unwrap_or_default();
    let runs = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListWorkflowRunsRequest {
            project: context.project.clone(),
            workflow: workflow.clone(),
            include_ended: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, workflows.list_workflow_runs(request)).await?;
        Ok((page.runs, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = runs.iter().map(documents::workflow_run).collect();
            json!({"runs": listed})
        },
        || text::workflow_runs(&runs, context.out.columns()),
    )
}
