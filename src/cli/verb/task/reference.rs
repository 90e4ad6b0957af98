//! `task ref …`: the documents a task refers to.

use muster_proto::v1 as wire;
use serde_json::json;

use super::say;
use crate::cli::client::call;
use crate::cli::fence::FenceFlag;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure, json as documents, text};

/// What can be done with what a task refers to.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List what a task refers to
    List(List),
    /// Let a task refer to a document
    Add(Add),
    /// Let a task refer to a document no more
    Remove(Remove),
    /// Say where a document stands; the holder of the task may too
    Status(Status),
}

/// What kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A requirement.
    Req,
    /// A specification.
    Spec,
    /// A list of tasks.
    Tasks,
    /// An implementation plan.
    Iplan,
    /// A record of an architecture decision.
    Adr,
    /// Anything else.
    Other,
}

impl From<Kind> for wire::ReferenceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Req => Self::Req,
            Kind::Spec => Self::Spec,
            Kind::Tasks => Self::Tasks,
            Kind::Iplan => Self::Iplan,
            Kind::Adr => Self::Adr,
            Kind::Other => Self::Other,
        }
    }
}

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Standing {
    /// Nothing of it is done.
    #[value(alias = "not_started")]
    NotStarted,
    /// Under way.
    #[value(alias = "in_progress")]
    InProgress,
    /// Done.
    Completed,
    /// Given up.
    Cancelled,
}

impl From<Standing> for wire::ReferenceStatus {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::NotStarted => Self::NotStarted,
            Standing::InProgress => Self::InProgress,
            Standing::Completed => Self::Completed,
            Standing::Cancelled => Self::Cancelled,
        }
    }
}

/// Of which task.
#[derive(Debug, clap::Args)]
pub struct List {
    /// The task, by id or another of its names
    pub task: String,
}

/// A new reference.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// The task, by id or another of its names
    pub task: String,
    /// What kind of document
    #[arg(ignore_case = true)]
    pub kind: Kind,
    /// Its name, such as IPLAN-03
    pub name: String,
    /// Where it is to be found
    #[arg(long)]
    pub uri: Option<String>,
    /// Where it stands [default: of an iplan as its task, of others nothing is said]
    #[arg(long, ignore_case = true)]
    pub status: Option<Standing>,
}

/// Which reference.
#[derive(Debug, clap::Args)]
pub struct Remove {
    /// The task, by id or another of its names
    pub task: String,
    /// The document's name
    pub name: String,
}

/// Where it stands.
#[derive(Debug, clap::Args)]
pub struct Status {
    /// The task, by id or another of its names
    pub task: String,
    /// The document's name
    pub name: String,
    /// Where it stands from here on
    #[arg(ignore_case = true)]
    pub status: Standing,
    /// The fence; of the holder.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Add(arguments) => add(arguments, context).await,
        Verb::Remove(arguments) => remove(arguments, context).await,
        Verb::Status(arguments) => status(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let request = wire::GetTaskRequest {
        project: context.project.clone(),
        task: arguments.task,
    };
    let answer = call!(&context.client, tasks.get_task(request)).await?;
    let task = answer.task.unwrap_or_default();
    context.out.either(
        || {
            let listed: Vec<_> = task.references.iter().map(documents::reference).collect();
            json!({"task": task.id, "references": listed})
        },
        || text::references(&task.references, context.out.columns()),
    )
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    let status = arguments.status.map(wire::ReferenceStatus::from);
    let request = wire::AddTaskReferenceRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        reference: Some(wire::TaskReference {
            kind: wire::ReferenceKind::from(arguments.kind).into(),
            name: arguments.name,
            uri: arguments.uri.unwrap_or_default(),
            status: status.map_or(0, Into::into),
        }),
    };
    let answer = call!(&context.client, tasks.add_task_reference(request)).await?;
    say(answer.task, "changed", context)
}

async fn remove(arguments: Remove, context: &Context) -> Result<(), Failure> {
    let request = wire::RemoveTaskReferenceRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        reference: arguments.name,
    };
    let answer = call!(&context.client, tasks.remove_task_reference(request)).await?;
    say(answer.task, "changed", context)
}

async fn status(arguments: Status, context: &Context) -> Result<(), Failure> {
    let request = wire::SetTaskReferenceStatusRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        fence: arguments.fence.if_held(context, &arguments.task).await?,
        task: arguments.task,
        reference: arguments.name,
        status: wire::ReferenceStatus::from(arguments.status).into(),
    };
    let answer = call!(&context.client, tasks.set_task_reference_status(request)).await?;
    say(answer.task, "changed", context)
}
