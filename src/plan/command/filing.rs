//! What people and agents file: blockers, discovered work and how it is triaged, and how questions are decided.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::event::{BlockerKind, Severity};
use super::super::time::Estimate;
use super::OnRef;

/// A blocker to open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewBlocker {
    /// Its kind.
    pub kind: BlockerKind,
    /// The tasks it holds up.
    pub tasks: Vec<String>,
    /// The phase it holds up; empty = none.
    pub phase: String,
    /// The holder's fence; 0 for a coordinator.
    pub fence: u64,
    /// What stands in the way, or the question.
    pub reason: String,
    /// Who should settle it; empty = the coordinator.
    pub owner: String,
    /// How it can be settled.
    pub resolution_path: String,
    /// How bad it is.
    pub severity: Severity,
    /// The holder keeps the task.
    pub keep_lease: bool,
}

/// What changes of an open blocker; what is none or empty stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct BlockerChanges {
    /// Tasks it holds up from here on, by id or alias.
    pub tasks_added: Vec<String>,
    /// Tasks it holds up no more.
    pub tasks_removed: Vec<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// How it can be settled.
    pub resolution_path: Option<String>,
    /// Who should settle it; empty = the coordinator.
    pub owner: Option<String>,
}

/// What changes of an open decision; what is none or empty stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct DecisionChanges {
    /// The question.
    pub question: Option<String>,
    /// Its options in place of the old ones.
    pub options: Option<Vec<String>>,
    /// Tasks that wait for it from here on, by id or alias.
    pub tasks_added: Vec<String>,
    /// Tasks that wait for it no more.
    pub tasks_removed: Vec<String>,
    /// Phases that wait for it from here on.
    pub phases_added: Vec<String>,
    /// Phases that wait for it no more.
    pub phases_removed: Vec<String>,
}

/// What changes of a discovered task that waits for triage; none = as before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct DiscoveredChanges {
    /// Its title.
    pub title: Option<String>,
    /// What was found.
    pub notes: Option<String>,
    /// 0 (P0) to 3 (P3).
    pub priority: Option<u8>,
    /// Its area.
    pub area: Option<String>,
}

/// How a question is decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct Ruling {
    /// The answer.
    pub answer: String,
    /// Why.
    pub rationale: String,
    /// Where it is written up.
    pub record_uri: String,
    /// What follows from it.
    pub consequences: String,
}

/// A discovered task to file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewDiscovered {
    /// Its title.
    pub title: String,
    /// What was found.
    pub notes: String,
    /// 0 (P0) to 3 (P3); none = P2.
    pub priority: Option<u8>,
    /// Its area.
    pub area: String,
    /// The task that was worked on; empty = the one the agent holds, if it is one.
    pub found_on: String,
    /// The phase it may belong to; empty = none.
    pub suggested_phase: String,
}

/// What is to become of a discovered task.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum Verdict {
    /// Make it a task: its phase (empty = suggested, else current), role, estimate and predecessors.
    Promote {
        /// The phase; empty = the suggested one, else the current one.
        phase: String,
        /// The role; empty = by area, phase, any.
        role: String,
        /// The priority; none = as filed.
        priority: Option<u8>,
        /// The estimate.
        estimate: Option<Estimate>,
        /// What it waits for.
        dependencies: Vec<OnRef>,
    },
    /// Look at it again later.
    Defer,
    /// Do not do it.
    Reject,
    /// It is the same as this task or discovered task.
    Duplicate(String),
}
