//! `task list` and `task show`.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// A status that tasks are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    Planned,
    /// Held, not started.
    Claimed,
    /// Held and started.
    #[value(alias = "in-progress")]
    InProgress,
    /// Under review.
    #[value(alias = "in-review")]
    InReview,
    /// Finished.
    Completed,
    /// Put off.
    Deferred,
    /// Given up.
    Cancelled,
}

impl From<Status> for i32 {
    fn from(status: Status) -> Self {
        use wire::TaskStatus as Wire;
        match status {
            Status::Planned => Wire::Planned,
            Status::Claimed => Wire::Claimed,
            Status::InProgress => Wire::InProgress,
            Status::InReview => Wire::InReview,
            Status::Completed => Wire::Completed,
            Status::Deferred => Wire::Deferred,
            Status::Cancelled => Wire::Cancelled,
        }
        .into()
    }
}

/// Which tasks.
#[derive(Debug, Clone, clap::Args)]
pub struct List {
    /// Only tasks of this phase
    #[arg(long)]
    pub phase: Option<String>,
    /// Only tasks in one of these statuses
    #[arg(long, value_delimiter = ',')]
    pub status: Vec<Status>,
    /// Only tasks that fall to this role; `any` for those that fall to none
    #[arg(long)]
    pub role: Option<String>,
    /// Only tasks that can be claimed right now
    #[arg(long)]
    pub ready: bool,
    /// Only tasks that an open blocker or decision stands in the way of, by themselves or with their phase
    #[arg(long)]
    pub blocked: bool,
    /// Only tasks held by this agent
    #[arg(long)]
    pub agent: Option<String>,
    /// Only tasks that a selector names, such as "All API endpoints" or area:API
    #[arg(long, value_name = "SELECTOR")]
    pub matching: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which task.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The task, by id or another of its names
    pub task: String,
}

pub async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let asked = wire::ListTasksRequest {
        project: context.project.clone(),
        phase: arguments.phase.unwrap_or_default(),
        statuses: arguments.status.into_iter().map(i32::from).collect(),
        role: arguments.role.unwrap_or_default(),
        ready: arguments.ready.then_some(true),
        blocked: arguments.blocked.then_some(true),
        agent: arguments.agent.unwrap_or_default(),
        matching: arguments.matching.unwrap_or_default(),
        page_size: 0,
        page_token: String::new(),
    };
    let asked = &asked;
    let tasks = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListTasksRequest {
            page_size,
            page_token,
            ..asked.clone()
        };
        let page = call!(&context.client, tasks.list_tasks(request)).await?;
        Ok((page.tasks, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"tasks": tasks.iter().map(documents::task).collect::<Vec<_>>()}),
        || text::tasks(&tasks, context.out.columns()),
    )
}

pub async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::GetTaskRequest {
        project: context.project.clone(),
        task: arguments.task,
    };
    let answer = call!(&context.client, tasks.get_task(request)).await?;
    let task = answer.task.unwrap_or_default();
    context.out.either(
        || json!({"task": documents::task(&task)}),
        || text::task(&task),
    )
}
