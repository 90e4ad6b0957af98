//! `plan show`: the project, its phases and how far they are.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::as_of::{AsOf, Asked};
use crate::cli::client::call;
use crate::cli::verb::phase;
use crate::cli::{Context, Failure, json as documents, text};

/// Which plan.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// As it was.
    #[command(flatten)]
    pub as_of: AsOf,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let asked = arguments.as_of.asked(context).await?;
    let request = wire::GetProjectRequest {
        project: context.project.clone(),
        as_of_version: asked.version,
        as_of: asked.at,
    };
    let answer = call!(
        &context.client,
        projects.get_project(request),
        asked.timeout()
    )
    .await?;
    let project = answer.project.unwrap_or_default();
    let phases_asked = match asked.is_past() {
        true => Asked::version(project.version),
        false => Asked::default(),
    };
    let phases = phase::all(context, &project.slug, None, phases_asked).await?;
    context.out.either(
        || {
            json!({
                "project": documents::project(&project),
                "phases": phases.iter().map(documents::phase).collect::<Vec<_>>(),
            })
        },
        || {
            let heading = asked.heading(project.version, project.changed_at.as_ref());
            heading + &text::project(&project, &phases, context.out.columns())
        },
    )
}
