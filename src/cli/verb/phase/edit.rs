//! `phase add` and `phase edit`.

use muster_proto::v1 as wire;

use super::step::say;
use crate::cli::client::call;
use crate::cli::verb::request_id;
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
    /// New phases before it; `none` for none
    #[arg(long, group = "change", value_name = "PHASES", value_delimiter = ',')]
    pub predecessors: Vec<String>,
    /// A success criterion to add; may be given several times
    #[arg(long = "criterion", group = "change", value_name = "TEXT")]
    pub criteria: Vec<String>,
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
    };
    let answer = call!(&context.client, phases.create_phase(request)).await?;
    say(answer.phase, "added", context)
}

pub async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let before = predecessors(arguments.predecessors);
    let changed = [
        (arguments.name.is_some(), "name"),
        (arguments.goal.is_some(), "goal"),
        (before.is_some(), "predecessors"),
        (!arguments.criteria.is_empty(), "criteria_added"),
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
    };
    let answer = call!(&context.client, phases.update_phase(request)).await?;
    say(answer.phase, "changed", context)
}
