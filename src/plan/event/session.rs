//! Events of sessions.

use serde::{Deserialize, Serialize};

use super::super::id::{SessionId, TaskId};
use super::Text;

/// See [`Event::SessionStarted`](super::Event::SessionStarted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionStarted {
    /// The session.
    pub session: SessionId,
    /// Its agent.
    pub agent: Text,
    /// What it is meant to do.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub scope: Text,
    /// The model that works in it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub model: Text,
    /// Tasks carried over from the agent's session before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<TaskId>,
}

/// What a session leaves behind, in the words of its agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionSummary {
    /// What was done.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub done: Text,
    /// Technologies used.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub technologies: Text,
    /// Blockers met.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub blockers: Text,
    /// How the work was verified.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub verification: Text,
    /// What should come next.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub next: Text,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnding {
    /// Its agent ended it.
    Closed,
    /// It fell silent; its summary is derived.
    Abandoned,
}

/// See [`Event::SessionEnded`](super::Event::SessionEnded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionEnded {
    /// The session.
    pub session: SessionId,
    /// How it ended.
    pub ending: SessionEnding,
    /// What it leaves behind.
    pub summary: SessionSummary,
    /// Tasks whose leases wait for the agent's next session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<TaskId>,
}
