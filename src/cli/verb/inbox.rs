//! `inbox`: what waits for a person.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

pub async fn run(context: &Context) -> Result<(), Failure> {
    let request = wire::GetInboxRequest {
        project: context.project.clone(),
    };
    let answer = call!(&context.client, projects.get_inbox(request)).await?;
    context.out.either(
        || {
            let items: Vec<_> = answer.items.iter().map(documents::inbox_item).collect();
            json!({"items": items, "total": answer.total})
        },
        || text::inbox(&answer.items, answer.total, context.out.columns()),
    )
}
