//! `review …`: work that was handed in and waits for somebody else's look.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with work under review.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List work that waits for a review, the oldest first
    List(List),
    /// Find it good: the task is finished
    Approve(Approve),
    /// Give it back: the task is planned again, with what is to be changed
    Changes(Changes),
}

/// Which reviews.
#[derive(Debug, clap::Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which task.
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// The task, by id or another of its names
    pub task: String,
    /// What is to be said of it
    #[arg(long)]
    pub note: Option<String>,
}

/// What is to be changed.
#[derive(Debug, clap::Args)]
pub struct Changes {
    /// The task, by id or another of its names
    pub task: String,
    /// What is to be changed
    #[arg(long)]
    pub reason: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Approve(arguments) => approve(arguments, context).await,
        Verb::Changes(arguments) => changes(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let tasks = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListReviewsRequest {
            project: context.project.clone(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, tasks.list_reviews(request)).await?;
        Ok((page.tasks, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"tasks": tasks.iter().map(documents::task).collect::<Vec<_>>()}),
        || text::reviews(&tasks, context.out.columns()),
    )
}

async fn approve(arguments: Approve, context: &Context) -> Result<(), Failure> {
    let request = wire::ApproveTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(&context.client, tasks.approve_task(request)).await?;
    let task = answer.task.clone().unwrap_or_default();
    context.out.either(
        || {
            json!({
                "task": documents::task(&task),
                "unblocked": answer.unblocked,
                "unblocked_total": answer.unblocked_total,
                "phases_opened": answer.phases_opened,
            })
        },
        || {
            let line = text::clean::line(&format!("approved {} {}", task.id, task.title));
            let free = match answer.unblocked_total {
                0 => String::new(),
                total => {
                    let shown = text::clean::line(&answer.unblocked.join(", "));
                    format!("now ready: {shown} ({total} in all)\n")
                }
            };
            format!("{line}\n{free}{}", hint("review list"))
        },
    )
}

async fn changes(arguments: Changes, context: &Context) -> Result<(), Failure> {
    let request = wire::RequestChangesRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, tasks.request_changes(request)).await?;
    let task = answer.task.unwrap_or_default();
    context.out.either(
        || json!({"task": documents::task(&task)}),
        || {
            let line = format!("gave {} {} back; it is planned again", task.id, task.title);
            format!("{}\n{}", text::clean::line(&line), hint("review list"))
        },
    )
}
