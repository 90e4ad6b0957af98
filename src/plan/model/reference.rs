//! Documents that tasks refer to. Few tasks do, so they are kept beside the tasks.

use serde::{Deserialize, Serialize};

use super::super::event::{ReferenceKind, ReferenceStatus, Text};
use super::super::id::TaskId;
use super::Status;

/// A document that a task refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What kind of document.
    pub kind: ReferenceKind,
    /// Its name, once within the task.
    pub name: Text,
    /// Where it is to be found; empty when nothing is said.
    pub uri: Text,
    /// Where it stands; none = not said.
    pub status: Option<ReferenceStatus>,
}

impl Reference {
    /// Whether it is a plan that is not as far as it must be.
    pub fn lags(&self, least: ReferenceStatus) -> bool {
        let status = self.status.unwrap_or(ReferenceStatus::NotStarted);
        self.kind == ReferenceKind::Iplan && status < least
    }
}

/// The documents that one task refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskReferences {
    /// The task.
    pub task: TaskId,
    /// The documents, in the order they were added; at least one.
    pub references: Box<[Reference]>,
    /// The version that last touched them.
    pub revision: u64,
}

/// How far the plans of a task must at least be.
pub fn least_of_plans(status: Status) -> ReferenceStatus {
    match status {
        Status::Planned | Status::Claimed | Status::Deferred | Status::Cancelled => {
            ReferenceStatus::NotStarted
        }
        Status::InProgress => ReferenceStatus::InProgress,
        Status::InReview | Status::Completed => ReferenceStatus::Completed,
    }
}
