//! `checklist …`: what is looked at every morning, and what came of it.

use std::time::Duration;

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// How often it is seen whether results are there.
const LOOK: Duration = Duration::from_millis(200);
/// How many times it is, before the run is left to itself.
const LOOKS_MAX: u32 = 300;

/// What can be done with the checklist.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Start a run, or look once more at what is open of the one under way
    Run(Run),
    /// Show a run
    Show(Show),
    /// Say by hand what came of an item
    Tick(Tick),
    /// List runs, the newest first
    List(List),
    /// Show what runs look at, or say it
    Items(Items),
}

impl Default for Verb {
    /// The newest run.
    fn default() -> Self {
        Self::Show(Show { checklist: None })
    }
}

/// How to run it.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Do not wait for the results
    #[arg(long)]
    pub no_wait: bool,
}

/// Which run.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The run, such as CL-3 [default: the newest]
    pub checklist: Option<String>,
}

/// What came of which item.
#[derive(Debug, clap::Args)]
pub struct Tick {
    /// The item, by number or name
    pub item: String,
    /// The run [default: the newest]
    #[arg(long, value_name = "CL")]
    pub checklist: Option<String>,
    /// There is nothing to look at
    #[arg(long)]
    pub skip: bool,
    /// What came of it
    #[arg(long)]
    pub note: Option<String>,
}

/// Which runs.
#[derive(Debug, clap::Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// What runs look at.
#[derive(Debug, clap::Args)]
pub struct Items {
    /// An item from here on, in order: its name, = and who gives its result: issues, pulls, gates, dashboard, standup,
    /// manual or command:NAME
    #[arg(long = "set", value_name = "NAME=EXECUTOR")]
    pub set: Vec<String>,
    /// How long a run is open, in minutes [default: 480]
    #[arg(long, value_name = "MINUTES", requires = "set")]
    pub window: Option<u32>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Run(arguments) => start(arguments, context).await,
        Verb::Show(arguments) => {
            let run = look(arguments.checklist.unwrap_or_default(), context).await?;
            print(&run, context)
        }
        Verb::Tick(arguments) => {
            let request = wire::TickItemRequest {
                project: context.project.clone(),
                request_id: request_id()?,
                checklist: arguments.checklist.unwrap_or_default(),
                item: arguments.item,
                skip: arguments.skip,
                note: arguments.note.unwrap_or_default(),
            };
            let answer = call!(&context.client, ceremonies.tick_item(request)).await?;
            print(&answer.run.unwrap_or_default(), context)
        }
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Items(arguments) => items(arguments, context).await,
    }
}

async fn look(checklist: String, context: &Context) -> Result<wire::ChecklistRun, Failure> {
    let request = wire::GetChecklistRunRequest {
        project: context.project.clone(),
        checklist,
    };
    let answer = call!(&context.client, ceremonies.get_checklist_run(request)).await?;
    Ok(answer.run.unwrap_or_default())
}

/// Whether an item waits for something that is asked without people.
fn waits(run: &wire::ChecklistRun) -> bool {
    run.items.iter().any(|result| {
        let item = result.item.as_ref();
        let manual = item.is_none_or(|it| it.executor() == wire::ChecklistExecutor::Manual);
        result.state() == wire::ChecklistItemState::Pending && !manual
    })
}

async fn start(arguments: Run, context: &Context) -> Result<(), Failure> {
    let request = wire::RunChecklistRequest {
        project: context.project.clone(),
        request_id: request_id()?,
    };
    let answer = call!(&context.client, ceremonies.run_checklist(request)).await?;
    let mut run = answer.run.unwrap_or_default();
    let mut looks = 0;
    while !arguments.no_wait && waits(&run) && looks < LOOKS_MAX {
        tokio::time::sleep(LOOK).await;
        run = look(run.id.clone(), context).await?;
        looks += 1;
    }
    print(&run, context)
}

fn print(run: &wire::ChecklistRun, context: &Context) -> Result<(), Failure> {
    context.out.either(
        || documents::checklist_run(run),
        || {
            let table = text::checklist_run(run, context.out.columns());
            let open = run.items.iter().find(|it| {
                use wire::ChecklistItemState::{Done, Skipped};
                !matches!(it.state(), Done | Skipped)
            });
            let next = match (run.status(), open) {
                (wire::ChecklistStatus::Running, Some(it)) => {
                    hint(&format!("checklist tick {} --note …", it.number))
                }
                (wire::ChecklistStatus::Missed, _) => hint("checklist run"),
                _ => String::new(),
            };
            format!("{table}{next}")
        },
    )
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let runs = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListChecklistRunsRequest {
            project: context.project.clone(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, ceremonies.list_checklist_runs(request)).await?;
        Ok((page.runs, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"checklists": runs.iter().map(documents::checklist_run).collect::<Vec<_>>()}),
        || text::checklist_runs(&runs, context.out.columns()),
    )
}

fn item(written: &str) -> Result<wire::ChecklistItem, Failure> {
    use wire::ChecklistExecutor as Executor;
    let usage = || {
        Failure::usage(
            "write NAME=EXECUTOR with issues, pulls, gates, dashboard, standup, manual or command:NAME",
        )
    };
    let (name, executor) = written.rsplit_once('=').ok_or_else(usage)?;
    let (executor, command) = match executor {
        "issues" => (Executor::BlockingIssues, ""),
        "pulls" => (Executor::PullRequests, ""),
        "gates" => (Executor::Gates, ""),
        "dashboard" => (Executor::Dashboard, ""),
        "standup" => (Executor::Standup, ""),
        "manual" => (Executor::Manual, ""),
        other => (
            Executor::Command,
            other.strip_prefix("command:").ok_or_else(usage)?,
        ),
    };
    Ok(wire::ChecklistItem {
        name: name.to_owned(),
        executor: executor.into(),
        command: command.to_owned(),
    })
}

async fn items(arguments: Items, context: &Context) -> Result<(), Failure> {
    let (items, window_minutes) = if arguments.set.is_empty() {
        let request = wire::GetChecklistRequest {
            project: context.project.clone(),
        };
        let answer = call!(&context.client, ceremonies.get_checklist(request)).await?;
        (answer.items, answer.window_minutes)
    } else {
        let items = arguments.set.iter().map(|written| item(written));
        let request = wire::SetChecklistRequest {
            project: context.project.clone(),
            request_id: request_id()?,
            items: items.collect::<Result<_, _>>()?,
            window_minutes: arguments.window.unwrap_or_default(),
        };
        let answer = call!(&context.client, ceremonies.set_checklist(request)).await?;
        (answer.items, answer.window_minutes)
    };
    context.out.either(
        || {
            let items: Vec<_> = items.iter().map(documents::checklist_item).collect();
            json!({"items": items, "window_minutes": window_minutes})
        },
        || text::checklist_items(&items, context.out.columns()),
    )
}
