//! `phase add` and `phase edit`.

use muster_proto::v1 as wire;

use super::step::say;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::verb::window::{span, window};
use crate::cli::{Context, Failure};

/// A new phase.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Its name
    pub name: String,
    /// Its id, such as 2 or A [default: the next free number]
    #[arg(long)]
    pub id: Option<String>,
    /// Its goal
    #[arg(long)]
    pub goal: Option<String>,
    /// The role that leads it
    #[arg(long, value_name = "ROLE")]
    pub lead: Option<String>,
    /// A success criterion; may be given several times
    #[arg(long = "criterion", value_name = "TEXT")]
    pub criteria: Vec<String>,
    /// The phases before it; `none` for none [default: the one in front of it]
    #[arg(long, value_name = "PHASES", value_delimiter = ',')]
    pub predecessors: Vec<String>,
    /// The phase it stands behind in plan order [default: the last]
    #[arg(long, value_name = "PHASE")]
    pub after: Option<String>,
    /// The days of the project it is meant for, such as 1-3
    #[arg(long, value_name = "FROM-TO", value_parser = span, conflicts_with = "weeks")]
    pub days: Option<(u32, u32)>,
    /// The weeks of the project it is meant for, such as 1-2
    #[arg(long, value_name = "FROM-TO", value_parser = span)]
    pub weeks: Option<(u32, u32)>,
    /// The order in which its tasks are handed out [default: priority]
    #[arg(long, value_name = "ORDER")]
    pub ordering: Option<Ordering>,
}

/// The order in which the tasks of a phase are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Ordering {
    /// By priority, then by how near they are to the agent, then by the longest chain behind them.
    Priority,
    /// As they are written, from top to bottom.
    Table,
}

impl From<Ordering> for wire::PhaseOrdering {
    fn from(ordering: Ordering) -> Self {
        match ordering {
            Ordering::Priority => Self::Priority,
            Ordering::Table => Self::Table,
        }
    }
}

fn ordering(stated: Option<Ordering>) -> i32 {
    stated
        .map_or(wire::PhaseOrdering::Unspecified, Into::into)
        .into()
}

/// What changes.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct Edit {
    /// The phase, by id or name
    pub phase: String,
    /// A new name
    #[arg(long, group = "change")]
    pub name: Option<String>,
    /// A new goal
    #[arg(long, group = "change")]
    pub goal: Option<String>,
    /// The role that leads it; `none` for none. Tasks without a role of their own fall to it
    #[arg(long, group = "change", value_name = "ROLE")]
    pub lead: Option<String>,
    /// New phases before it; `none` for none
    #[arg(long, group = "change", value_name = "PHASES", value_delimiter = ',')]
    pub predecessors: Vec<String>,
    /// A success criterion to add; may be given several times
    #[arg(long = "criterion", group = "change", value_name = "TEXT")]
    pub criteria: Vec<String>,
    /// The days of the project it is meant for, such as 1-3
    #[arg(long, group = "change", value_name = "FROM-TO", value_parser = span, conflicts_with_all = ["weeks", "no_window"])]
    pub days: Option<(u32, u32)>,
    /// The weeks of the project it is meant for, such as 1-2
    #[arg(long, group = "change", value_name = "FROM-TO", value_parser = span, conflicts_with = "no_window")]
    pub weeks: Option<(u32, u32)>,
    /// It is meant for no days or weeks any more
    #[arg(long, group = "change")]
    pub no_window: bool,
    /// The order in which its tasks are handed out
    #[arg(long, group = "change", value_name = "ORDER")]
    pub ordering: Option<Ordering>,
}

/// The phases that were written; `none` stands for an empty list.
fn predecessors(written: Vec<String>) -> Option<wire::PhasePredecessors> {
    if written.is_empty() {
        return None;
    }
    let phases = written
        .into_iter()
        .filter(|phase| phase != "none")
        .collect();
    Some(wire::PhasePredecessors { phases })
}

pub async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    let request = wire::CreatePhaseRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        id: arguments.id.unwrap_or_default(),
        name: arguments.name,
        goal: arguments.goal.unwrap_or_default(),
        lead_role: arguments.lead.unwrap_or_default(),
        criteria: arguments.criteria,
        predecessors: predecessors(arguments.predecessors),
        after: arguments.after.unwrap_or_default(),
        window: window(arguments.days, arguments.weeks),
        ordering: ordering(arguments.ordering),
    };
    let answer = call!(&context.client, phases.create_phase(request)).await?;
    say(answer.phase, "added", context)
}

pub async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let before = predecessors(arguments.predecessors);
    let stated = window(arguments.days, arguments.weeks);
    let changed = [
        (arguments.name.is_some(), "name"),
        (arguments.goal.is_some(), "goal"),
        (arguments.lead.is_some(), "lead_role"),
        (before.is_some(), "predecessors"),
        (!arguments.criteria.is_empty(), "criteria_added"),
        (stated.is_some() || arguments.no_window, "window"),
        (arguments.ordering.is_some(), "ordering"),
    ];
    let paths = changed
        .iter()
        .filter(|(is_changed, _)| *is_changed)
        .map(|(_, path)| (*path).to_owned())
        .collect();
    let request = wire::UpdatePhaseRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        phase: arguments.phase,
        name: arguments.name.unwrap_or_default(),
        goal: arguments.goal.unwrap_or_default(),
        predecessors: before,
        criteria_added: arguments.criteria,
        update_mask: Some(prost_types::FieldMask { paths }),
        window: stated,
        ordering: ordering(arguments.ordering),
        lead_role: arguments
            .lead
            .filter(|role| role != "none")
            .unwrap_or_default(),
    };
    let answer = call!(&context.client, phases.update_phase(request)).await?;
    say(answer.phase, "changed", context)
}
