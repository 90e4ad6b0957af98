//! `blockers`: what holds tasks up, and how it is settled.

use std::sync::OnceLock;

use muster_proto::v1 as wire;
use serde_json::json;

use super::{Kind, Severity, hint, request_id, stated};
use crate::cli::as_of::AsOf;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// The list, unless something is done with one.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Settled ones too
    #[arg(long)]
    pub all: bool,
    /// Only those that name this task
    #[arg(long)]
    pub task: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// As they were.
    #[command(flatten)]
    pub as_of: AsOf,
    /// What to do with one.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What can be done with blockers.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List them
    List(List),
    /// Say that something holds tasks or a phase up
    Open(Open),
    /// Settle a blocker, answer a question, or take it back
    Resolve(Resolve),
    /// Ask for more attention to a blocker
    Escalate(Escalate),
    /// Change what an open one holds up, its severity, owner or resolution path
    #[command(visible_alias = "update")]
    Edit(Edit),
}

/// Which blockers.
#[derive(Debug, Default, clap::Args)]
pub struct List {
    /// Settled ones too
    #[arg(long)]
    pub all: bool,
    /// Only those that name this task
    #[arg(long)]
    pub task: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// As they were.
    #[command(flatten)]
    pub as_of: AsOf,
}

/// What stands in the way of what.
#[derive(Debug, clap::Args)]
pub struct Open {
    /// The tasks it holds up
    #[arg(
        long = "task",
        value_name = "TASKS",
        value_delimiter = ',',
        required_unless_present = "phase"
    )]
    pub tasks: Vec<String>,
    /// The phase it holds up
    #[arg(long)]
    pub phase: Option<String>,
    /// What stands in the way
    #[arg(long)]
    pub reason: String,
    /// What kind of thing it is [default: other]
    #[arg(long)]
    pub kind: Option<Kind>,
    /// Who should settle it [default: the coordinator]
    #[arg(long)]
    pub owner: Option<String>,
    /// How it can be settled
    #[arg(long, value_name = "HOW")]
    pub resolution_path: Option<String>,
    /// How bad it is [default: medium]
    #[arg(long)]
    pub severity: Option<Severity>,
}

/// How it was settled.
#[derive(Debug, clap::Args)]
pub struct Resolve {
    /// The blocker, such as B-2
    pub blocker: String,
    /// How it was settled; the answer to a question
    #[arg(
        long,
        visible_alias = "answer",
        value_name = "TEXT",
        required_unless_present = "withdraw"
    )]
    pub resolution: Option<String>,
    /// Take it back rather than settle it
    #[arg(long)]
    pub withdraw: bool,
}

/// Why it needs attention.
#[derive(Debug, clap::Args)]
pub struct Escalate {
    /// The blocker, such as B-2
    pub blocker: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// The new owner; else as before
    #[arg(long)]
    pub owner: Option<String>,
}

/// What changes.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct Edit {
    /// The blocker, such as B-2
    pub blocker: String,
    /// Tasks it holds up from here on too
    #[arg(long, group = "change", value_name = "TASKS", value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// Tasks it holds up no more
    #[arg(long, group = "change", value_name = "TASKS", value_delimiter = ',')]
    pub remove_tasks: Vec<String>,
    /// How bad it is
    #[arg(long, group = "change")]
    pub severity: Option<Severity>,
    /// How it can be settled
    #[arg(
        long = "path",
        visible_alias = "resolution-path",
        group = "change",
        value_name = "HOW"
    )]
    pub resolution_path: Option<String>,
    /// Who should settle it; `none` for the coordinator
    #[arg(long, group = "change")]
    pub owner: Option<String>,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let bare = List {
        all: arguments.all,
        task: arguments.task,
        limit: arguments.limit,
        as_of: arguments.as_of,
    };
    match arguments.verb {
        None => list(bare, context).await,
        Some(Verb::List(arguments)) => list(arguments, context).await,
        Some(Verb::Open(arguments)) => open(arguments, context).await,
        Some(Verb::Resolve(arguments)) => resolve(arguments, context).await,
        Some(Verb::Escalate(arguments)) => escalate(arguments, context).await,
        Some(Verb::Edit(arguments)) => edit(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let (all, task) = (arguments.all, &arguments.task);
    let asked = arguments.as_of.asked(context).await?;
    let read_at = OnceLock::new();
    let seen = &read_at;
    let blockers = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListBlockersRequest {
            project: context.project.clone(),
            include_settled: all,
            task: task.clone().unwrap_or_default(),
            page_size,
            page_token,
            as_of_version: asked.version,
            as_of: asked.at,
        };
        let page = call!(
            &context.client,
            queues.list_blockers(request),
            asked.timeout()
        )
        .await?;
        let _ = seen.set((page.version, page.recorded_at));
        Ok((page.blockers, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = blockers.iter().map(documents::blocker).collect();
            json!({"blockers": listed})
        },
        || {
            let (version, at) = read_at.get().copied().unwrap_or_default();
            let heading = asked.heading(version, at.as_ref());
            heading + &text::blockers(&blockers, context.out.columns())
        },
    )
}

async fn open(arguments: Open, context: &Context) -> Result<(), Failure> {
    let request = wire::OpenBlockerRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        kind: arguments.kind.map(i32::from).unwrap_or_default(),
        tasks: arguments.tasks,
        phase: arguments.phase.unwrap_or_default(),
        reason: arguments.reason,
        owner: arguments.owner.unwrap_or_default(),
        resolution_path: arguments.resolution_path.unwrap_or_default(),
        severity: arguments.severity.map(i32::from).unwrap_or_default(),
    };
    let answer = call!(&context.client, queues.open_blocker(request)).await?;
    let blocker = answer.blocker.unwrap_or_default();
    let id = text::clean::line(&blocker.id);
    let next = hint(&format!("blockers resolve {id} --resolution …"));
    say(&blocker, &format!("opened {id}\n{next}"), context)
}

async fn resolve(arguments: Resolve, context: &Context) -> Result<(), Failure> {
    let request = wire::ResolveBlockerRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        blocker: arguments.blocker,
        resolution: arguments.resolution.unwrap_or_default(),
        withdraw: arguments.withdraw,
    };
    let answer = call!(&context.client, queues.resolve_blocker(request)).await?;
    let blocker = answer.blocker.unwrap_or_default();
    let id = text::clean::line(&blocker.id);
    let verb = if arguments.withdraw {
        "withdrew"
    } else {
        "settled"
    };
    let next = blocker
        .tasks
        .first()
        .map(|task| hint(&format!("why {}", text::clean::line(task))))
        .unwrap_or_default();
    say(&blocker, &format!("{verb} {id}\n{next}"), context)
}

async fn escalate(arguments: Escalate, context: &Context) -> Result<(), Failure> {
    let request = wire::EscalateBlockerRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        blocker: arguments.blocker,
        reason: arguments.reason,
        owner: arguments.owner.unwrap_or_default(),
    };
    let answer = call!(&context.client, queues.escalate_blocker(request)).await?;
    let blocker = answer.blocker.unwrap_or_default();
    let said = format!("escalated {}\n", text::clean::line(&blocker.id));
    say(&blocker, &said, context)
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let request = wire::UpdateBlockerRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        blocker: arguments.blocker,
        update_mask: stated(&[
            (!arguments.tasks.is_empty(), "tasks_added"),
            (!arguments.remove_tasks.is_empty(), "tasks_removed"),
            (arguments.severity.is_some(), "severity"),
            (arguments.resolution_path.is_some(), "resolution_path"),
            (arguments.owner.is_some(), "owner"),
        ]),
        tasks_added: arguments.tasks,
        tasks_removed: arguments.remove_tasks,
        severity: arguments.severity.map(i32::from).unwrap_or_default(),
        resolution_path: arguments.resolution_path.unwrap_or_default(),
        owner: arguments
            .owner
            .filter(|owner| owner != "none")
            .unwrap_or_default(),
    };
    let answer = call!(&context.client, queues.update_blocker(request)).await?;
    let blocker = answer.blocker.unwrap_or_default();
    let held = match &blocker.tasks[..] {
        [] => String::new(),
        tasks => format!("; it holds up {}", text::clean::line(&tasks.join(", "))),
    };
    let said = format!("changed {}{held}\n", text::clean::line(&blocker.id));
    say(&blocker, &said, context)
}

fn say(blocker: &wire::Blocker, said: &str, context: &Context) -> Result<(), Failure> {
    context.out.either(
        || json!({"blocker": documents::blocker(blocker)}),
        || said.to_owned(),
    )
}
