//! Events of reviews: work handed in, found good, or given back.

use serde::{Deserialize, Serialize};

use super::super::check::CheckSet;
use super::super::id::TaskId;
use super::{CompletionCheck, Text};

/// See [`Event::TaskSubmitted`](super::Event::TaskSubmitted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSubmitted {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// What was done.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub summary: Text,
    /// How it was shown to work.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub verification: Text,
    /// References that show it: commits, files, pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Text>,
    /// Technologies used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technologies: Vec<Text>,
    /// Tests passed, in percent, when the holder says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests_passed_percent: Option<u8>,
    /// The acceptance criteria ticked, numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<u32>,
    /// The post-checks attested with it.
    #[serde(default, skip_serializing_if = "CheckSet::is_empty")]
    pub checked: CheckSet,
    /// The post-checks the agent owes before its next claim.
    #[serde(default, skip_serializing_if = "CheckSet::is_empty")]
    pub open_checks: CheckSet,
    /// The commands that gates asked for and how they came out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gate_checks: Vec<CompletionCheck>,
    /// Time held over all attempts, in milliseconds.
    pub held_ms: u64,
}

/// See [`Event::TaskApproved`](super::Event::TaskApproved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskApproved {
    /// The task.
    pub task: TaskId,
    /// What the reviewer says of it; empty when nothing.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
    /// Tasks that became claimable by it, at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unblocked: Vec<TaskId>,
    /// How many became claimable by it.
    #[serde(default)]
    pub unblocked_total: u32,
    /// Phases that opened by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases_opened: Vec<String>,
}

/// See [`Event::ChangesRequested`](super::Event::ChangesRequested).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangesRequested {
    /// The task.
    pub task: TaskId,
    /// What is to be changed, for whoever takes it up again.
    pub reason: Text,
}
