//! The blocker report: everything that holds work up, the oldest first, with who can settle it and how
//! much waits behind it.

pub mod render;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::data::{Head, Moment, ProjectRef, TaskRef, cut, zone_of};
pub use super::waiting::{GatingPhase, MissingCriterion, OpenBlocker, OpenDecision, Staleness};
use super::waits::Waits;
pub use super::workflow::WorkflowProgress;
use super::workflow::overdue_runs;
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::event::BlockerKind;
use crate::plan::id::{BlockerId, TaskId};
use crate::plan::model::Blocker;
use crate::plan::time::Timestamp;

/// What the blocker report is made from.
#[derive(Debug, Clone)]
pub struct BlockerInput<'a> {
    /// The plan as of `now`.
    pub plan: &'a Plan,
    /// The instant the report is made for.
    pub now: Timestamp,
    /// The newest event of the plan.
    pub head: Head,
}

/// A task parked after failed attempts: never handed out before its blocker is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedTask {
    /// The task.
    pub task: TaskRef,
    /// The blocker that parks it.
    pub blocker: BlockerId,
    /// Attempts so far.
    pub attempts: u32,
    /// Failed attempts since it was last unparked.
    pub strikes: u8,
    /// Since when it is parked.
    pub since: Moment,
    /// Milliseconds from `since` to the report.
    pub age_ms: u64,
    /// Who held it last; empty when nobody did.
    pub last_agent: String,
    /// How the last attempt ended; empty when there was none.
    pub last_ending: String,
    /// The last thing said; empty when nothing was.
    pub last_note: String,
}

/// The blocker report. An empty one is a valid report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockerReport {
    /// The project.
    pub project: ProjectRef,
    /// The instant it was made for.
    pub now: Moment,
    /// Open blockers, the oldest first.
    pub blockers: Vec<OpenBlocker>,
    /// How many open blockers there are.
    pub blockers_total: u32,
    /// Parked tasks, the longest parked first.
    pub parked: Vec<ParkedTask>,
    /// How many tasks are parked.
    pub parked_total: u32,
    /// Open decisions that block tasks, the oldest first.
    pub decisions: Vec<OpenDecision>,
    /// How many such decisions there are.
    pub decisions_total: u32,
    /// Phases that only wait for criteria or for being closed, in plan order.
    pub gating: Vec<GatingPhase>,
    /// How many such phases there are.
    pub gating_total: u32,
    /// Runs of workflows that take longer than was planned, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<WorkflowProgress>,
    /// How many such runs there are.
    #[serde(default)]
    pub overdue_total: u32,
    /// The event the report reaches up to.
    pub head: Head,
}

/// Makes the blocker report.
pub fn build(input: BlockerInput<'_>) -> BlockerReport {
    let BlockerInput { plan, now, head } = input;
    let zone = zone_of(plan);
    let waits = Waits::of(plan, &zone, now);
    let (blockers, blockers_total) = waits.blockers();
    let (parked, parked_total) = cut(parked(plan, &zone, now));
    let (decisions, decisions_total) = waits.decisions();
    let (gating, gating_total) = cut(waits.gating());
    let (overdue, overdue_total) = cut(overdue_runs(plan, now));
    BlockerReport {
        project: ProjectRef::new(plan, &zone),
        now: zone.moment(now),
        blockers,
        blockers_total,
        parked,
        parked_total,
        decisions,
        decisions_total,
        gating,
        gating_total,
        overdue,
        overdue_total,
        head,
    }
}

fn parked(plan: &Plan, zone: &Zone, now: Timestamp) -> Vec<ParkedTask> {
    let mut failures: Vec<(&Blocker, TaskId)> = plan
        .open_blockers()
        .filter(|blocker| blocker.kind == BlockerKind::Failure)
        .flat_map(|blocker| blocker.tasks.iter().map(move |&task| (blocker, task)))
        .collect();
    failures.sort_by_key(|(blocker, task)| (blocker.since, *task));
    let parked = failures.into_iter().filter_map(|(blocker, id)| {
        let task = plan.task(id)?;
        let left = task.state.leftover.as_deref();
        let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Some(ParkedTask {
            task: TaskRef::new(plan, id),
            blocker: blocker.id,
            attempts: task.state.attempt,
            strikes: task.state.strikes,
            since: zone.moment(blocker.since),
            age_ms: now.since_ms(blocker.since),
            last_agent: said(left.map(|left| &*left.agent)),
            last_ending: said(left.map(|left| &*left.ending)),
            last_note: said(left.map(|left| &*left.note)),
        })
    });
    parked.collect()
}
