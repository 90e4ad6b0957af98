//! Events of the documents that tasks refer to.

use serde::{Deserialize, Serialize};

use super::super::id::TaskId;
use super::Text;

/// What kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A requirement.
    Req,
    /// A specification.
    Spec,
    /// A list of tasks.
    Tasks,
    /// An implementation plan: it never lags behind its task.
    Iplan,
    /// A record of an architecture decision.
    Adr,
    /// Anything else.
    Other,
}

impl ReferenceKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Req,
        Self::Spec,
        Self::Tasks,
        Self::Iplan,
        Self::Adr,
        Self::Other,
    ];

    /// The word for machines, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Req => "req",
            Self::Spec => "spec",
            Self::Tasks => "tasks",
            Self::Iplan => "iplan",
            Self::Adr => "adr",
            Self::Other => "other",
        }
    }

    /// The word for people.
    pub fn title(self) -> String {
        self.as_str().to_uppercase()
    }
}

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceStatus {
    /// Nothing of it is done.
    NotStarted,
    /// Under way.
    InProgress,
    /// Done.
    Completed,
    /// Given up.
    Cancelled,
}

impl ReferenceStatus {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// See [`Event::ReferenceAdded`](super::Event::ReferenceAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceAdded {
    /// The task.
    pub task: TaskId,
    /// What kind of document.
    pub kind: ReferenceKind,
    /// Its name, once within the task.
    pub name: Text,
    /// Where it is to be found.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub uri: Text,
    /// Where it stands; none = not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ReferenceStatus>,
}

/// See [`Event::ReferenceRemoved`](super::Event::ReferenceRemoved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceRemoved {
    /// The task.
    pub task: TaskId,
    /// The document's name.
    pub name: Text,
}

/// See [`Event::ReferencesMoved`](super::Event::ReferencesMoved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferencesMoved {
    /// The task.
    pub task: TaskId,
    /// The documents' names.
    pub names: Vec<Text>,
    /// Where they stand from here on.
    pub status: ReferenceStatus,
}
