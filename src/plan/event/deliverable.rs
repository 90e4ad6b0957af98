//! Events of deliverables: what a phase hands over, submitted by one and accepted by another.

use serde::{Deserialize, Serialize};

use super::super::id::{DeliverableId, TaskId};
use super::Text;

/// What a deliverable belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Home {
    /// The phase that does not close without it, by id; of a task the task's phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The task that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
    /// A workflow it is an output of, in words.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub workflow: Text,
}

/// See [`Event::DeliverableAdded`](super::Event::DeliverableAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliverableAdded {
    /// The deliverable.
    pub deliverable: DeliverableId,
    /// Its name.
    pub name: Text,
    /// Where it is to be found.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub uri: Text,
    /// What it belongs to.
    pub home: Home,
    /// What it must fulfil.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<Text>,
}

/// See [`Event::DeliverableUpdated`](super::Event::DeliverableUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliverableUpdated {
    /// The deliverable.
    pub deliverable: DeliverableId,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// A new address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<Text>,
    /// What it belongs to from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// What it must fulfil, in place of what was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Vec<Text>>,
}

/// See [`Event::DeliverableSubmitted`](super::Event::DeliverableSubmitted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliverableSubmitted {
    /// The deliverable.
    pub deliverable: DeliverableId,
    /// The artefact: a path, an address, a commit.
    pub artefact: Text,
    /// What is to be said about it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::DeliverableAccepted`](super::Event::DeliverableAccepted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliverableAccepted {
    /// The deliverable.
    pub deliverable: DeliverableId,
    /// What is to be said about it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::DeliverableRejected`](super::Event::DeliverableRejected).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliverableRejected {
    /// The deliverable.
    pub deliverable: DeliverableId,
    /// What is missing.
    pub reason: Text,
}
