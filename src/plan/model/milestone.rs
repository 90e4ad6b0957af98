//! Milestones: reached once all they stand for is done, or on a coordinator's word; no clock decides.

use serde::{Deserialize, Serialize};

use super::super::event::{Due, MilestoneKind, Text};
use super::super::fact::Actor;
use super::super::id::{DeliverableId, MilestoneId, PhaseNo, TaskId};
use super::super::time::Timestamp;

/// Where a milestone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneStatus {
    /// Ahead.
    Pending,
    /// Behind: what it stands for is done.
    Reached,
    /// Not reached when it was due.
    Missed,
}

impl MilestoneStatus {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Reached => "reached",
            Self::Missed => "missed",
        }
    }
}

/// An item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// What must hold.
    pub text: Text,
    /// Who ticked it, and when.
    pub ticked: Option<(Actor, Timestamp)>,
}

/// How a milestone was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// By whom: who did the last thing it waited for, or the coordinator who said so.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What a coordinator said; empty when it was reached by itself.
    pub note: Text,
}

/// A point the project wants to reach by a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Its id.
    pub id: MilestoneId,
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: MilestoneKind,
    /// When it is due; none = not said.
    pub due: Option<Due>,
    /// What is to be ticked.
    pub checklist: Box<[ChecklistItem]>,
    /// Phases that must be closed.
    pub phases: Box<[PhaseNo]>,
    /// Tasks that must be completed.
    pub tasks: Box<[TaskId]>,
    /// Deliverables that must be accepted.
    pub deliverables: Box<[DeliverableId]>,
    /// Where it stands.
    pub status: MilestoneStatus,
    /// How it was settled; none while it is ahead.
    pub settled: Option<Settled>,
    /// Who added it.
    pub added_by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

impl Milestone {
    /// Whether anything but a coordinator's word can reach it.
    pub fn stands_for_something(&self) -> bool {
        self.is_linked() || !self.checklist.is_empty()
    }

    /// Whether it stands for phases, tasks or deliverables.
    pub fn is_linked(&self) -> bool {
        !self.phases.is_empty() || !self.tasks.is_empty() || !self.deliverables.is_empty()
    }
}
