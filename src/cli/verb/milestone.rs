//! `milestone …`: what the project wants to reach by which day.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with milestones.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List milestones that are ahead
    List(List),
    /// State a milestone
    Add(Add),
    /// Change a milestone that is ahead
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Tick an item of its checklist
    Tick(Tick),
    /// Say that it is reached, whatever it waits for
    Reach(Reach),
    /// Say that it was missed
    Miss(Miss),
}

/// Which milestones.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Reached and missed ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// When it is due.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub struct Due {
    /// The day it is due, such as 2026-11-24
    #[arg(long, value_name = "DAY")]
    pub date: Option<String>,
    /// The week of the project at whose end it is due; the first one begins on its start date
    #[arg(long, value_name = "N")]
    pub week: Option<u32>,
}

impl Due {
    fn stated(self) -> Option<wire::MilestoneDue> {
        use wire::milestone_due::On;
        let on = self.date.map(On::Date).or(self.week.map(On::Week))?;
        Some(wire::MilestoneDue { on: Some(on) })
    }
}

/// What it waits for.
#[derive(Debug, clap::Args)]
pub struct Links {
    /// Phases that must be completed
    #[arg(long, value_name = "PHASES", value_delimiter = ',')]
    pub phases: Vec<String>,
    /// Tasks that must be completed
    #[arg(long, value_name = "TASKS", value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// Deliverables that must be accepted
    #[arg(long, value_name = "DELIVERABLES", value_delimiter = ',')]
    pub deliverables: Vec<String>,
}

impl Links {
    fn stated(self) -> Option<wire::MilestoneLinks> {
        let links = wire::MilestoneLinks {
            phases: self.phases,
            tasks: self.tasks,
            deliverables: self.deliverables,
        };
        (links != wire::MilestoneLinks::default()).then_some(links)
    }
}

/// A new milestone.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Its name
    pub name: String,
    #[command(flatten)]
    pub due: Due,
    #[command(flatten)]
    pub links: Links,
    /// It is the one the project is for
    #[arg(long)]
    pub launch: bool,
    /// What is to be ticked; may be given several times
    #[arg(long = "item", value_name = "TEXT")]
    pub items: Vec<String>,
}

/// What changes.
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// The milestone, such as M-1
    pub milestone: String,
    /// A new name
    #[arg(long)]
    pub name: Option<String>,
    #[command(flatten)]
    pub due: Due,
    #[command(flatten)]
    pub links: Links,
    /// Whether it is the one the project is for
    #[arg(long, value_name = "YES")]
    pub launch: Option<bool>,
    /// An item to add; may be given several times
    #[arg(long = "item", value_name = "TEXT")]
    pub items: Vec<String>,
}

/// Which item.
#[derive(Debug, clap::Args)]
pub struct Tick {
    /// The milestone, such as M-1
    pub milestone: String,
    /// The item's number within the checklist, from 1
    pub item: u32,
}

/// Why it counts as reached.
#[derive(Debug, clap::Args)]
pub struct Reach {
    /// The milestone, such as M-1
    pub milestone: String,
    /// Why it counts as reached
    #[arg(long)]
    pub note: String,
}

/// Why it was missed.
#[derive(Debug, clap::Args)]
pub struct Miss {
    /// The milestone, such as M-1
    pub milestone: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Add(arguments) => add(arguments, context).await,
        Verb::Edit(arguments) => edit(arguments, context).await,
        Verb::Tick(arguments) => tick(arguments, context).await,
        Verb::Reach(arguments) => reach(arguments, context).await,
        Verb::Miss(arguments) => miss(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let milestones = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListMilestonesRequest {
            project: context.project.clone(),
            include_settled: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, registers.list_milestones(request)).await?;
        Ok((page.milestones, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = milestones.iter().map(documents::milestone).collect();
            json!({"milestones": listed})
        },
        || text::milestones(&milestones, context.out.columns()),
    )
}

fn kind(launch: bool) -> i32 {
    if launch {
        wire::MilestoneKind::Launch.into()
    } else {
        wire::MilestoneKind::Ordinary.into()
    }
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    let request = wire::CreateMilestoneRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        name: arguments.name,
        kind: kind(arguments.launch),
        due: arguments.due.stated(),
        checklist: arguments.items,
        links: arguments.links.stated(),
    };
    let answer = call!(&context.client, registers.create_milestone(request)).await?;
    say(answer.milestone, "added", context)
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let (due, links) = (arguments.due.stated(), arguments.links.stated());
    let changes = [
        ("name", arguments.name.is_some()),
        ("kind", arguments.launch.is_some()),
        ("due", due.is_some()),
        ("links", links.is_some()),
        ("checklist_added", !arguments.items.is_empty()),
    ];
    let changed = changes.iter().filter(|(_, changed)| *changed);
    let paths: Vec<String> = changed.map(|(path, _)| (*path).to_owned()).collect();
    if paths.is_empty() {
        return Err(Failure::usage("say what changes; see --help"));
    }
    let request = wire::UpdateMilestoneRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        milestone: arguments.milestone,
        name: arguments.name.unwrap_or_default(),
        kind: kind(arguments.launch.unwrap_or_default()),
        due,
        checklist_added: arguments.items,
        links,
        update_mask: Some(prost_types::FieldMask { paths }),
    };
    let answer = call!(&context.client, registers.update_milestone(request)).await?;
    say(answer.milestone, "changed", context)
}

async fn tick(arguments: Tick, context: &Context) -> Result<(), Failure> {
    let request = wire::TickMilestoneRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        milestone: arguments.milestone,
        item: arguments.item,
    };
    let answer = call!(&context.client, registers.tick_milestone(request)).await?;
    say(answer.milestone, "ticked an item of", context)
}

async fn reach(arguments: Reach, context: &Context) -> Result<(), Failure> {
    let request = wire::ReachMilestoneRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        milestone: arguments.milestone,
        note: arguments.note,
    };
    let answer = call!(&context.client, registers.reach_milestone(request)).await?;
    say(answer.milestone, "settled", context)
}

async fn miss(arguments: Miss, context: &Context) -> Result<(), Failure> {
    let request = wire::MissMilestoneRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        milestone: arguments.milestone,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, registers.miss_milestone(request)).await?;
    say(answer.milestone, "settled", context)
}

/// Prints a milestone after a step, with what was done, how it stands and what comes next.
fn say(milestone: Option<wire::Milestone>, done: &str, context: &Context) -> Result<(), Failure> {
    let milestone = milestone.unwrap_or_default();
    context.out.either(
        || json!({"milestone": documents::milestone(&milestone)}),
        || {
            let (id, name) = (&milestone.id, &milestone.name);
            let status = documents::word(milestone.status().as_str_name(), "MILESTONE_STATUS_");
            let ahead = milestone.status() == wire::MilestoneStatus::Pending;
            let mut open = milestone.checklist.iter().filter(|item| !item.ticked);
            let next = open
                .next()
                .filter(|_| ahead)
                .map_or_else(String::new, |item| {
                    hint(&format!("milestone tick {id} {}", item.number))
                });
            let line = text::clean::line(&format!("{done} {id} {name}: {status}"));
            format!("{line}\n{next}")
        },
    )
}
