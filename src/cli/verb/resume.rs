//! `resume`: tasks are handed out again; also ends a draft.

use muster_proto::v1 as wire;
use serde_json::json;

use super::request_id;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

pub async fn run(context: &Context) -> Result<(), Failure> {
    let request = wire::ResumeProjectRequest {
        project: context.project.clone(),
        request_id: request_id()?,
    };
    let answer = call!(&context.client, projects.resume_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    context.out.either(
        || json!({"project": documents::project(&project)}),
        || format!("{} goes on\n", text::clean::line(&project.slug)),
    )
}
