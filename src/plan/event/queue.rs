//! Events of blockers, discovered tasks and decisions.

use serde::{Deserialize, Serialize};

use super::super::id::{BlockerId, DecisionId, DiscoveredId, TaskId};
use super::Text;

/// What kind of thing stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockerKind {
    /// Other work.
    Dependency,
    /// An open decision.
    Decision,
    /// Something outside the project.
    External,
    /// Sources contradict each other; only a coordinator settles it.
    Inconsistency,
    /// A question; only a coordinator answers it.
    Input,
    /// Attempts failed; the task is parked.
    Failure,
    /// Anything else.
    Other,
}

/// How bad a blocker is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Barely in the way.
    Low,
    /// In the way.
    #[default]
    Medium,
    /// Much is held up.
    High,
    /// Everything is held up.
    Critical,
}

/// See [`Event::BlockerOpened`](super::Event::BlockerOpened).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockerOpened {
    /// The blocker.
    pub blocker: BlockerId,
    /// Its kind.
    pub kind: BlockerKind,
    /// The tasks it holds up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskId>,
    /// The phase it holds up, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// What stands in the way; the question, for INPUT and INCONSISTENCY.
    pub reason: Text,
    /// The task that must be finished again, for DEPENDENCY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<TaskId>,
    /// Who should settle it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub owner: Text,
    /// How it can be settled.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub resolution_path: Text,
    /// How bad it is.
    pub severity: Severity,
    /// Since when, as a file wrote it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub since_text: Text,
}

/// See [`Event::BlockerEscalated`](super::Event::BlockerEscalated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockerEscalated {
    /// The blocker.
    pub blocker: BlockerId,
    /// Why.
    pub reason: Text,
    /// The new owner, if it changes hands.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub owner: Text,
}

/// See [`Event::BlockerResolved`](super::Event::BlockerResolved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockerResolved {
    /// The blocker.
    pub blocker: BlockerId,
    /// How it was settled; the answer, for INPUT and INCONSISTENCY.
    pub resolution: Text,
    /// It was taken back rather than settled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// See [`Event::BlockerUpdated`](super::Event::BlockerUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockerUpdated {
    /// The blocker.
    pub blocker: BlockerId,
    /// Tasks it holds up from here on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks_added: Vec<TaskId>,
    /// Tasks it holds up no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks_removed: Vec<TaskId>,
    /// How bad it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// How it can be settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_path: Option<Text>,
    /// Who should settle it; empty = the coordinator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text>,
}

/// See [`Event::TaskDiscovered`](super::Event::TaskDiscovered).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskDiscovered {
    /// The discovered task.
    pub discovered: DiscoveredId,
    /// Its title.
    pub title: Text,
    /// What was found.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub notes: Text,
    /// 0 (P0) to 3 (P3).
    pub priority: u8,
    /// Its area.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub area: Text,
    /// The task that was worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_on: Option<TaskId>,
    /// Where it was found, as a file wrote it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub found_in_text: Text,
    /// The phase it may belong to, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested_phase: Option<String>,
}

/// See [`Event::DiscoveredUpdated`](super::Event::DiscoveredUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiscoveredUpdated {
    /// The discovered task.
    pub discovered: DiscoveredId,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text>,
    /// 0 (P0) to 3 (P3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Its area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Text>,
}

/// What became of a discovered task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Triage {
    /// It is a task now; added in the same append.
    Promoted(TaskId),
    /// Looked at again later.
    Deferred,
    /// Not to be done.
    Rejected,
    /// The same as a task or as another discovered task, by id.
    Duplicate(String),
}

/// See [`Event::DiscoveredTriaged`](super::Event::DiscoveredTriaged).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiscoveredTriaged {
    /// The discovered task.
    pub discovered: DiscoveredId,
    /// What became of it.
    pub triage: Triage,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::DecisionOpened`](super::Event::DecisionOpened).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionOpened {
    /// The decision.
    pub decision: DecisionId,
    /// The question.
    pub question: Text,
    /// Options, if some are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Text>,
    /// The tasks that wait for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<TaskId>,
    /// The phases that wait for it, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<String>,
    /// Selectors: tasks added while it is open wait for it too when one of these names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Text>,
    /// The decision that it takes the place of once it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<DecisionId>,
}

/// See [`Event::DecisionUpdated`](super::Event::DecisionUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionUpdated {
    /// The decision.
    pub decision: DecisionId,
    /// The question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Text>,
    /// Its options in place of the old ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<Text>>,
    /// Tasks that wait for it from here on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks_added: Vec<TaskId>,
    /// Tasks that wait for it no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks_removed: Vec<TaskId>,
    /// Phases that wait for it from here on, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases_added: Vec<String>,
    /// Phases that wait for it no more, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases_removed: Vec<String>,
}

/// See [`Event::DecisionProposed`](super::Event::DecisionProposed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionProposed {
    /// The decision.
    pub decision: DecisionId,
    /// The answer that is proposed.
    pub answer: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub rationale: Text,
}

/// See [`Event::DecisionDecided`](super::Event::DecisionDecided).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionDecided {
    /// The decision.
    pub decision: DecisionId,
    /// The answer.
    pub answer: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub rationale: Text,
    /// Where it is written up.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub record_uri: Text,
    /// What follows from it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub consequences: Text,
    /// Tasks that relied on the decision it supersedes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisit: Vec<TaskId>,
}

/// See [`Event::DecisionDeprecated`](super::Event::DecisionDeprecated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionDeprecated {
    /// The decision.
    pub decision: DecisionId,
    /// Why it holds no more.
    pub reason: Text,
    /// Tasks that relied on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisit: Vec<TaskId>,
}

/// See [`Event::TaskRevisited`](super::Event::TaskRevisited).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRevisited {
    /// The decision under which it is listed.
    pub decision: DecisionId,
    /// The task.
    pub task: TaskId,
    /// What was found.
    pub note: Text,
}
