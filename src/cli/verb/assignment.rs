//! `assignment …`: which agent looks after which area or task.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with assignments.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List assignments in force
    List(List),
    /// Give an area or a task into the care of an agent; its claims prefer it
    Add(Add),
    /// Change whether an agent comes first or stands in
    Update(Update),
    /// Take something out of an agent's care
    Remove(Remove),
}

/// Which assignments.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Ended ones too
    #[arg(long)]
    pub all: bool,
    /// Only those of this agent
    #[arg(long, value_name = "AGENT")]
    pub agent: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// A new assignment.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("subject").required(true))]
pub struct Add {
    /// The agent
    pub agent: String,
    /// An area: every task of it that is not assigned by itself
    #[arg(long, group = "subject", value_name = "AREA")]
    pub area: Option<String>,
    /// A task, and its parts once it is split
    #[arg(long, group = "subject", value_name = "TASK")]
    pub task: Option<String>,
    /// It stands in; without this it comes first
    #[arg(long)]
    pub backup: bool,
}

/// What changes.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("duty").required(true))]
pub struct Update {
    /// The assignment, such as AS-1
    pub assignment: String,
    /// The agent comes first
    #[arg(long, group = "duty")]
    pub primary: bool,
    /// It stands in
    #[arg(long, group = "duty")]
    pub backup: bool,
}

/// What ends.
#[derive(Debug, clap::Args)]
pub struct Remove {
    /// The assignment, such as AS-1
    pub assignment: String,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Add(arguments) => add(arguments, context).await,
        Verb::Update(arguments) => update(arguments, context).await,
        Verb::Remove(arguments) => remove(arguments, context).await,
    }
}

fn duty(is_backup: bool) -> i32 {
    if is_backup {
        wire::AssignmentDuty::Backup.into()
    } else {
        wire::AssignmentDuty::Primary.into()
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let agent = &arguments.agent;
    let assignments = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListAssignmentsRequest {
            project: context.project.clone(),
            include_ended: arguments.all,
            agent: agent.clone().unwrap_or_default(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, registers.list_assignments(request)).await?;
        Ok((page.assignments, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = assignments.iter().map(documents::assignment).collect();
            json!({"assignments": listed})
        },
        || text::assignments(&assignments, context.out.columns()),
    )
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    use wire::assignment_subject::What;
    let area = arguments.area.map(What::Area);
    let request = wire::CreateAssignmentRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        agent: arguments.agent,
        subject: Some(wire::AssignmentSubject {
            what: area.or(arguments.task.map(What::Task)),
        }),
        duty: duty(arguments.backup),
    };
    let answer = call!(&context.client, registers.create_assignment(request)).await?;
    say(answer.assignment, "added", context)
}

async fn update(arguments: Update, context: &Context) -> Result<(), Failure> {
    let request = wire::UpdateAssignmentRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        assignment: arguments.assignment,
        duty: duty(arguments.backup),
    };
    let answer = call!(&context.client, registers.update_assignment(request)).await?;
    say(answer.assignment, "changed", context)
}

async fn remove(arguments: Remove, context: &Context) -> Result<(), Failure> {
    let request = wire::EndAssignmentRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        assignment: arguments.assignment,
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, registers.end_assignment(request)).await?;
    say(answer.assignment, "ended", context)
}

/// Prints an assignment after a step, with what was done and what comes next.
fn say(assignment: Option<wire::Assignment>, done: &str, context: &Context) -> Result<(), Failure> {
    let assignment = assignment.unwrap_or_default();
    context.out.either(
        || json!({"assignment": documents::assignment(&assignment)}),
        || {
            let said = format!("{done} {}: {}", assignment.id, text::assigned(&assignment));
            let next = if assignment.ended {
                hint("assignment list --all")
            } else {
                hint("assignment list")
            };
            format!("{}\n{next}", text::clean::line(&said))
        },
    )
}
