//! Events of the working of a task: attempts, leases, completion.

use serde::{Deserialize, Serialize};

use super::super::check::CheckSet;
use super::super::fact::shared_text;
use super::super::id::{SessionId, TaskId};
use super::{CompletionCheck, Text};

/// See [`Event::TaskClaimed`](super::Event::TaskClaimed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskClaimed {
    /// The task.
    pub task: TaskId,
    /// The agent that holds it now.
    #[serde(deserialize_with = "shared_text")]
    pub agent: Text,
    /// The session it holds it in.
    pub session: SessionId,
    /// The attempt's number within the task, from 1.
    pub attempt: u32,
    /// The fencing token the holder's writes must carry.
    pub fence: u64,
    /// The lease's term in milliseconds.
    pub lease_ms: u64,
    /// A held task handed out again to its holder; its state is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
    /// What the project's policies object to without standing in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Text>,
}

/// See [`Event::TaskStarted`](super::Event::TaskStarted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskStarted {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// The pre-checks attested, with those that the daemon made; none where nobody asked for them.
    #[serde(default, skip_serializing_if = "CheckSet::is_empty")]
    pub checked: CheckSet,
}

/// See [`Event::ProgressReported`](super::Event::ProgressReported).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgressReported {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// What was done, what is left; empty where only checks were attested.
    pub note: Text,
    /// Done so far, 0 to 100, when the holder says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// The post-checks attested, before the task was finished or after it.
    #[serde(default, skip_serializing_if = "CheckSet::is_empty")]
    pub checked: CheckSet,
}

/// Why a holder gave a task back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseCause {
    /// It chose to.
    Returned,
    /// It could not do it: a strike.
    Failed,
    /// A blocker stands in the way.
    Blocked,
    /// Its session ended.
    SessionEnded,
}

/// See [`Event::TaskReleased`](super::Event::TaskReleased).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReleased {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// Why.
    pub cause: ReleaseCause,
    /// What the next holder should know.
    pub reason: Text,
}

/// Why a lease ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryCause {
    /// No sign of life for the term.
    Silence,
    /// The chain of resumes reached the hard limit.
    HardLimit,
}

/// See [`Event::LeaseExpired`](super::Event::LeaseExpired).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeaseExpired {
    /// The task.
    pub task: TaskId,
    /// The agent that held it.
    pub agent: Text,
    /// The fence that no longer counts.
    pub expired_fence: u64,
    /// The project's fence counter from here on.
    pub fence: u64,
    /// Why.
    pub cause: ExpiryCause,
}

/// See [`Event::ClaimRevoked`](super::Event::ClaimRevoked).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimRevoked {
    /// The task.
    pub task: TaskId,
    /// The agent that held it.
    pub agent: Text,
    /// The fence that no longer counts.
    pub revoked_fence: u64,
    /// The project's fence counter from here on.
    pub fence: u64,
    /// Why.
    pub reason: Text,
}

/// See [`Event::TaskCompleted`](super::Event::TaskCompleted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskCompleted {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// What was done.
    #[serde(
        default,
        skip_serializing_if = "str::is_empty",
        deserialize_with = "shared_text"
    )]
    pub summary: Text,
    /// How it was shown to work.
    #[serde(
        default,
        skip_serializing_if = "str::is_empty",
        deserialize_with = "shared_text"
    )]
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
