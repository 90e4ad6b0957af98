//! What the plan's indexes are kept by: what a claim must match, a task's place in the claim order, what a
//! milestone waits for, what a rule names, and what is carried along between an event and the next.

use std::cmp::Reverse;
use std::sync::Arc;

use super::event::Text;
use super::id::{DecisionId, DeliverableId, PhaseNo, RoleNo, RuleId, TaskId};
use super::model::Assignees;

/// Something a milestone may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    /// That a phase is completed.
    Phase(PhaseNo),
    /// That a task is.
    Task(TaskId),
    /// That a deliverable is accepted.
    Deliverable(DeliverableId),
}

/// One of the two sides of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What waits.
    Waiting,
    /// What is waited for.
    On,
}

/// A task that a selector has come to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// A rule in force names it on one of its sides.
    Rule(RuleId, Side, TaskId),
    /// An open decision does.
    Decision(DecisionId, TaskId),
}

/// A wait that has just come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewWait {
    /// A task for another.
    Task(TaskId, TaskId),
    /// A task for a phase.
    Phase(TaskId, PhaseNo),
    /// A task for everything above it.
    Above(TaskId),
    /// A phase's tasks for another phase.
    Between(PhaseNo, PhaseNo),
    /// A task for the begin of its phase.
    Begin(TaskId),
    /// The end of a phase for a task of it.
    End(TaskId),
}

/// What may have changed the chains of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChainEdit {
    /// A task may lengthen the chains of those it waits for.
    Lengthens(TaskId),
    /// A task's chain has lost what made it as long as it is.
    Shortens(TaskId),
}

/// What an agent must match to claim a task.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    /// The role it falls to; none = any.
    pub role: Option<RoleNo>,
    /// The skills it needs, sorted.
    pub skills: Arc<[Text]>,
    /// Whether it is committed in the active sprint.
    pub in_sprint: bool,
    /// Who looks after it; none = nobody.
    pub assignees: Option<Arc<Assignees>>,
}

/// A task's place in the claim order. In a phase that goes by its table, all have the same priority and chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReadyKey {
    pub phase: PhaseNo,
    pub class: Class,
    pub priority: u8,
    pub chain: Reverse<u32>,
    pub ordinal: u32,
    pub task: TaskId,
}
