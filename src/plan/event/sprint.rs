//! Events of sprints.

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::id::{DiscoveredId, SprintId, TaskId};
use super::Text;

/// See [`Event::SprintPlanned`](super::Event::SprintPlanned).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SprintPlanned {
    /// The sprint.
    pub sprint: SprintId,
    /// What it is to reach.
    pub goal: Text,
    /// Its first day.
    pub start: Day,
    /// Its last day, not before the first.
    pub end: Day,
    /// Tasks meant for it so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskId>,
    /// Discovered tasks that were put off and are to be triaged anew (requirement C.6).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<DiscoveredId>,
}

/// See [`Event::SprintUpdated`](super::Event::SprintUpdated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SprintUpdated {
    /// The sprint.
    pub sprint: SprintId,
    /// What it is to reach from here on; none = as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Text>,
    /// Its first day from here on; none = as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Day>,
    /// Its last day from here on; none = as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Day>,
}

/// See [`Event::SprintWithdrawn`](super::Event::SprintWithdrawn).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SprintWithdrawn {
    /// The sprint.
    pub sprint: SprintId,
    /// Why.
    pub reason: Text,
}

/// See [`Event::SprintCommitted`](super::Event::SprintCommitted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SprintCommitted {
    /// The sprint.
    pub sprint: SprintId,
    /// All that is committed.
    pub tasks: Vec<TaskId>,
    /// That this is more than the sprints before it got done; empty when it is not.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub warning: Text,
}

/// See [`Event::SprintScopeChanged`](super::Event::SprintScopeChanged).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SprintScopeChanged {
    /// The sprint.
    pub sprint: SprintId,
    /// Tasks that came in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<TaskId>,
    /// Tasks that were taken out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<TaskId>,
    /// Why; may be empty before the sprint is committed.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}

/// See [`Event::SprintClosed`](super::Event::SprintClosed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SprintClosed {
    /// The sprint.
    pub sprint: SprintId,
    /// How many of its tasks are completed.
    pub completed: u32,
    /// Sessions that claimed something while it was active.
    pub sessions: u32,
    /// Its tasks that are not finished.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried_over: Vec<TaskId>,
    /// The planned sprint they go into; none when they are only named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_to: Option<SprintId>,
}
