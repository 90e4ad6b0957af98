//! `plan show`: the project, its phases and how far they are.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::client::call;
use crate::cli::verb::phase;
use crate::cli::{Context, Failure, json as documents, text};

pub async fn run(context: &Context) -> Result<(), Failure> {
    let request = wire::GetProjectRequest {
        project: context.project.clone(),
    };
    let answer = call!(&context.client, projects.get_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    let phases = phase::all(context, &project.slug, None).await?;
    context.out.either(
        || {
            json!({
                "project": documents::project(&project),
                "phases": phases.iter().map(documents::phase).collect::<Vec<_>>(),
            })
        },
        || text::project(&project, &phases, context.out.columns()),
    )
}
