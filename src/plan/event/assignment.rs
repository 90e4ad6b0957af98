//! Events of assignments: what an agent looks after.

use serde::{Deserialize, Serialize};

use super::super::id::{AssignmentId, TaskId};
use super::Text;

/// What is looked after.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Every task of an area, in lower case.
    Area(Text),
    /// A task, and its parts once it is split.
    Task(TaskId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Area(area) => write!(formatter, "area {area}"),
            Self::Task(task) => write!(formatter, "{task}"),
        }
    }
}

/// How an agent looks after something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// It comes first.
    Primary,
    /// It stands in.
    Backup,
}

impl Duty {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Backup => "backup",
        }
    }
}

/// See [`Event::AssignmentAdded`](super::Event::AssignmentAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignmentAdded {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The agent.
    pub agent: Text,
    /// What it looks after.
    pub subject: Subject,
    /// How.
    pub duty: Duty,
}

/// See [`Event::AssignmentUpdated`](super::Event::AssignmentUpdated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignmentUpdated {
    /// The assignment.
    pub assignment: AssignmentId,
    /// How the agent looks after it from here on.
    pub duty: Duty,
}

/// See [`Event::AssignmentEnded`](super::Event::AssignmentEnded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignmentEnded {
    /// The assignment.
    pub assignment: AssignmentId,
    /// Why; may be empty.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}
