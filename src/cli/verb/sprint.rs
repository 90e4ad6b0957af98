//! `sprint …`: work for some days, with a goal and a commitment.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with sprints.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List sprints that are not over
    List(List),
    /// Show a sprint with its burndown
    Show(Show),
    /// Plan a sprint
    Plan(Plan),
    /// Commit its tasks: it is active from then on
    Commit(Commit),
    /// Put tasks into it
    Add(Change),
    /// Take tasks out of it
    Remove(Change),
    /// Change the goal or the days of one that is not over
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Say that a planned one does not take place
    Withdraw(Withdraw),
    /// Close it and record what it came to
    Close(Close),
}

/// Which sprints.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Closed and withdrawn ones too, and what plan files tell of earlier ones
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which sprint.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The sprint, such as SP-1
    pub sprint: String,
}

/// A new sprint.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// What it is to reach
    pub goal: String,
    /// Its first day, such as 2026-11-02
    #[arg(long, value_name = "DAY")]
    pub start: String,
    /// Its last day
    #[arg(long, value_name = "DAY")]
    pub end: String,
    /// Tasks meant for it
    #[arg(long, value_name = "TASKS", value_delimiter = ',')]
    pub tasks: Vec<String>,
}

/// What is committed.
#[derive(Debug, clap::Args)]
pub struct Commit {
    /// The sprint, such as SP-1
    pub sprint: String,
    /// Tasks to commit beside those planned for it
    pub tasks: Vec<String>,
}

/// What changes.
#[derive(Debug, clap::Args)]
pub struct Change {
    /// The sprint, such as SP-1
    pub sprint: String,
    /// The tasks
    #[arg(required = true)]
    pub tasks: Vec<String>,
    /// Why; asked for once it is active
    #[arg(long)]
    pub reason: Option<String>,
}

/// What changes of its words.
#[derive(Debug, clap::Args)]
#[group(id = "change", required = true, multiple = true, args = ["goal", "start", "end"])]
pub struct Edit {
    /// The sprint, such as SP-1
    pub sprint: String,
    /// What it is to reach
    #[arg(long)]
    pub goal: Option<String>,
    /// Its first day, such as 2026-11-02, before it is committed
    #[arg(long, value_name = "DAY")]
    pub start: Option<String>,
    /// Its last day
    #[arg(long, value_name = "DAY")]
    pub end: Option<String>,
}

/// Why it does not take place.
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    /// The sprint, such as SP-1
    pub sprint: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// How it ends.
#[derive(Debug, clap::Args)]
pub struct Close {
    /// The sprint, such as SP-1
    pub sprint: String,
    /// Where its unfinished tasks go: `next`, or a planned sprint [default: nowhere]
    #[arg(long, value_name = "SPRINT")]
    pub carry_to: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Show(arguments) => show(arguments, context).await,
        Verb::Plan(arguments) => plan(arguments, context).await,
        Verb::Commit(arguments) => commit(arguments, context).await,
        Verb::Add(arguments) => change(arguments, true, context).await,
        Verb::Remove(arguments) => change(arguments, false, context).await,
        Verb::Edit(arguments) => edit(arguments, context).await,
        Verb::Withdraw(arguments) => withdraw(arguments, context).await,
        Verb::Close(arguments) => close(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let history = std::cell::RefCell::new(Vec::new());
    let sprints = pages::all(arguments.limit, |page_size, page_token| {
        let history = &history;
        async move {
            let request = wire::ListSprintsRequest {
                project: context.project.clone(),
                include_closed: arguments.all,
                sprint: String::new(),
                page_size,
                page_token,
            };
            let page = call!(&context.client, sprints.list_sprints(request)).await?;
            history.borrow_mut().extend(page.history);
            Ok((page.sprints, page.next_page_token))
        }
    })
    .await?;
    let history = history.into_inner();
    context.out.either(
        || {
            let listed: Vec<_> = sprints.iter().map(documents::sprint).collect();
            let told: Vec<_> = history.iter().map(documents::history_row).collect();
            json!({"sprints": listed, "history": told})
        },
        || text::sprints(&sprints, &history, context.out.columns()),
    )
}

async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::ListSprintsRequest {
        project: context.project.clone(),
        sprint: arguments.sprint,
        ..wire::ListSprintsRequest::default()
    };
    let page = call!(&context.client, sprints.list_sprints(request)).await?;
    let sprint = page.sprints.into_iter().next().unwrap_or_default();
    context.out.either(
        || json!({"sprint": documents::sprint(&sprint)}),
        || text::sprint(&sprint),
    )
}

async fn plan(arguments: Plan, context: &Context) -> Result<(), Failure> {
    let request = wire::PlanSprintRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        goal: arguments.goal,
        start_date: arguments.start,
        end_date: arguments.end,
        tasks: arguments.tasks,
    };
    let answer = call!(&context.client, sprints.plan_sprint(request)).await?;
    say(answer.sprint, "planned", context)
}

async fn commit(arguments: Commit, context: &Context) -> Result<(), Failure> {
    let request = wire::CommitSprintRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        sprint: arguments.sprint,
        tasks: arguments.tasks,
    };
    let answer = call!(&context.client, sprints.commit_sprint(request)).await?;
    say(answer.sprint, "committed", context)
}

async fn change(arguments: Change, is_added: bool, context: &Context) -> Result<(), Failure> {
    let (add, remove) = if is_added {
        (arguments.tasks, Vec::new())
    } else {
        (Vec::new(), arguments.tasks)
    };
    let request = wire::ChangeSprintRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        sprint: arguments.sprint,
        add,
        remove,
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, sprints.change_sprint(request)).await?;
    say(answer.sprint, "changed", context)
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let stated = [
        ("goal", arguments.goal.is_some()),
        ("start_date", arguments.start.is_some()),
        ("end_date", arguments.end.is_some()),
    ];
    let paths = stated.into_iter().filter(|(_, is)| *is);
    let paths = paths.map(|(path, _)| path.to_owned()).collect();
    let request = wire::UpdateSprintRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        sprint: arguments.sprint,
        goal: arguments.goal.unwrap_or_default(),
        start_date: arguments.start.unwrap_or_default(),
        end_date: arguments.end.unwrap_or_default(),
        update_mask: Some(prost_types::FieldMask { paths }),
    };
    let answer = call!(&context.client, sprints.update_sprint(request)).await?;
    say(answer.sprint, "changed", context)
}

async fn withdraw(arguments: Withdraw, context: &Context) -> Result<(), Failure> {
    let request = wire::WithdrawSprintRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        sprint: arguments.sprint,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, sprints.withdraw_sprint(request)).await?;
    say(answer.sprint, "withdrew", context)
}

async fn close(arguments: Close, context: &Context) -> Result<(), Failure> {
    let request = wire::CloseSprintRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        sprint: arguments.sprint,
        carry_to: arguments.carry_to.unwrap_or_default(),
    };
    let answer = call!(&context.client, sprints.close_sprint(request)).await?;
    say(answer.sprint, "closed", context)
}

/// Prints a sprint after a step, with what was done, how it stands and what comes next.
fn say(sprint: Option<wire::Sprint>, done: &str, context: &Context) -> Result<(), Failure> {
    let sprint = sprint.unwrap_or_default();
    context.out.either(
        || json!({"sprint": documents::sprint(&sprint)}),
        || {
            let id = &sprint.id;
            let (open, completed) = (sprint.open, sprint.completed);
            let mut said = format!(
                "{done} {id} {}: {completed} completed, {open} open",
                sprint.goal
            );
            let next = match sprint.status() {
                wire::SprintStatus::Planned => hint(&format!("sprint commit {id}")),
                wire::SprintStatus::Active => hint(&format!("sprint show {id}")),
                wire::SprintStatus::Withdrawn => hint("sprint list --all"),
                wire::SprintStatus::Closed | wire::SprintStatus::Unspecified => {
                    said.push_str(&format!(", velocity {}", sprint.velocity));
                    hint("sprint list --all")
                }
            };
            let warning = match done {
                "committed" if !sprint.warning.is_empty() => {
                    format!("warning: {}\n", text::clean::line(&sprint.warning))
                }
                _ => String::new(),
            };
            format!("{}\n{warning}{next}", text::clean::line(&said))
        },
    )
}
