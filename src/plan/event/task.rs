//! Events of tasks outside their working.

use serde::{Deserialize, Serialize};

use super::super::fact::shared_text;
use super::super::id::{DiscoveredId, TaskId};
use super::super::time::Estimate;
use super::Text;

/// See [`Event::TasksAdded`](super::Event::TasksAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TasksAdded {
    /// The tasks, in plan order within each phase.
    pub tasks: Vec<AddedTask>,
}

/// A task as it comes in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddedTask {
    /// Its short id.
    pub id: TaskId,
    /// Its title.
    #[serde(deserialize_with = "shared_text")]
    pub title: Text,
    /// Its phase's id.
    pub phase: String,
    /// An authored id accepted wherever an id is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Its area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Text>,
    /// Its own role, by slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// 0 (P0) to 3 (P3).
    pub priority: u8,
    /// Whether it is finished by a review; none = as its area or the project says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<bool>,
    /// Its estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text>,
    /// Acceptance criteria.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<Text>,
    /// Skills an agent needs for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Text>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// The discovered task it was promoted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<DiscoveredId>,
    /// The state it comes in with.
    #[serde(default, skip_serializing_if = "Arrival::is_planned")]
    pub arrival: Arrival,
}

/// The state a task comes in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// Not begun.
    #[default]
    Planned,
    /// A file said that it is finished.
    Completed,
    /// A file said that it is put off.
    Deferred,
    /// A file said that it is given up.
    Cancelled,
}

impl Arrival {
    fn is_planned(&self) -> bool {
        *self == Self::Planned
    }
}

/// Something a task waits for, as stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// What it waits for.
    pub on: On,
    /// False where a file stated it against the phase order or in a circle: kept, not enforced.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub in_force: bool,
}

fn yes() -> bool {
    true
}

/// What a dependency points at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// One task.
    Task(TaskId),
    /// A whole phase, by its id.
    Phase(Text),
    /// Every earlier task of the same phase.
    AllAbove,
}

/// What a task says about its review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewNeed {
    /// Nothing: its area or the project says so.
    #[default]
    AsProject,
    /// It is finished by a review.
    Required,
    /// It is not.
    NotNeeded,
}

impl ReviewNeed {
    /// The same as a task keeps it.
    pub fn stated(self) -> Option<bool> {
        match self {
            Self::AsProject => None,
            Self::Required => Some(true),
            Self::NotNeeded => Some(false),
        }
    }
}

/// See [`Event::TaskUpdated`](super::Event::TaskUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TaskChanges {
    /// A new title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// A new description; empty clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// A new area; empty clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Text>,
    /// A new role by slug; empty clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// A new priority, 0 to 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// A new estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// New notes; empty clears them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text>,
    /// New acceptance criteria in place of the old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Vec<Text>>,
    /// New skills in place of the old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<Text>>,
    /// Whether it is finished by a review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewNeed>,
    /// Another name accepted wherever an id is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// See [`Event::TaskUpdated`](super::Event::TaskUpdated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskUpdated {
    /// The task.
    pub task: TaskId,
    /// What changed.
    pub changes: TaskChanges,
}

/// See [`Event::DependenciesAdded`](super::Event::DependenciesAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DependenciesAdded {
    /// The task that waits.
    pub task: TaskId,
    /// What for.
    pub on: Vec<On>,
}

/// See [`Event::DependencyRemoved`](super::Event::DependencyRemoved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DependencyRemoved {
    /// The task that waited.
    pub task: TaskId,
    /// What for.
    pub on: On,
}

/// See [`Event::DependencyWaived`](super::Event::DependencyWaived).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DependencyWaived {
    /// The task that waited.
    pub task: TaskId,
    /// The predecessor it need not wait for: a task, a phase, or everything above.
    pub on: On,
    /// Why.
    pub reason: String,
}

/// See [`Event::TaskDeferred`](super::Event::TaskDeferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskDeferred {
    /// The task.
    pub task: TaskId,
    /// To which phase or release, if any.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub target: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}

/// See [`Event::TaskReinstated`](super::Event::TaskReinstated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReinstated {
    /// The task.
    pub task: TaskId,
}

/// See [`Event::TaskCancelled`](super::Event::TaskCancelled).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskCancelled {
    /// The task.
    pub task: TaskId,
    /// Why.
    pub reason: Text,
}

/// See [`Event::TaskSplit`](super::Event::TaskSplit).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSplit {
    /// The task that is given up for its parts.
    pub task: TaskId,
    /// The parts, in the order they are worked on when they form a chain. What they do not state they
    /// have from the task: phase and place, area, role, priority, description, notes, skills, dependencies.
    pub parts: Vec<SplitPart>,
    /// Each part waits for the one before it, and who waited for the task waits for the last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chain: bool,
}

/// A part of a task that was split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitPart {
    /// Its short id.
    pub id: TaskId,
    /// Its title.
    pub title: Text,
    /// What it is about, in place of the task's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// A role of its own by slug, in place of the task's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// 0 (P0) to 3 (P3), in place of the task's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Its estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// The task's acceptance criteria that go to it, numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<u32>,
}

/// See [`Event::TaskReopened`](super::Event::TaskReopened).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReopened {
    /// The task.
    pub task: TaskId,
    /// Why.
    pub reason: Text,
}
