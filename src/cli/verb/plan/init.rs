//! `plan init` and `plan templates`: a project that begins with a built-in template.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::client::call;
use crate::cli::verb::{hint, request_id};
use crate::cli::{Context, Failure, json as documents, text};

/// What the project is to be.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Its name [default: what the template is called]
    pub name: Option<String>,
    /// The template it begins with; `plan templates` lists them
    #[arg(long, value_name = "TEMPLATE")]
    pub template: String,
    /// Its slug: a-z, 0-9 and hyphens [default: made from the name]
    #[arg(long)]
    pub slug: Option<String>,
    /// The day the project begins, such as 2026-11-02; weeks are counted from it
    #[arg(long, value_name = "DAY")]
    pub start_date: Option<String>,
    /// Hand nothing out until `resume`
    #[arg(long)]
    pub draft: bool,
}

async fn templates(context: &Context) -> Result<Vec<wire::Template>, Failure> {
    let request = wire::ListTemplatesRequest {};
    let answer = call!(&context.client, projects.list_templates(request)).await?;
    Ok(answer.templates)
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let name = match arguments.name {
        Some(name) => name,
        // An unknown template is refused with those there are.
        None => templates(context)
            .await?
            .into_iter()
            .find(|template| {
                template
                    .name
                    .eq_ignore_ascii_case(arguments.template.trim())
            })
            .map_or_else(|| arguments.template.clone(), |template| template.title),
    };
    let settings = arguments
        .start_date
        .map(|start_date| wire::ProjectSettings {
            start_date,
            ..Default::default()
        });
    let request = wire::CreateProjectRequest {
        request_id: request_id()?,
        slug: arguments.slug.unwrap_or_default(),
        name,
        description: String::new(),
        draft: arguments.draft,
        settings,
        template: arguments.template,
    };
    let answer = call!(&context.client, projects.create_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    context.out.either(
        || json!({"project": documents::project(&project)}),
        || {
            let tasks = project.tally.as_ref().map_or(0, |tally| tally.planned);
            let (slug, name) = (&project.slug, text::clean::line(&project.name));
            format!(
                "made {slug} ({name}) with {tasks} tasks\n{}",
                hint(&format!("plan show --project {slug}"))
            )
        },
    )
}

pub async fn list(context: &Context) -> Result<(), Failure> {
    let templates = templates(context).await?;
    context.out.either(
        || json!({"templates": templates.iter().map(documents::template).collect::<Vec<_>>()}),
        || text::templates(&templates, context.out.columns()),
    )
}
