//! What a claim hands the agent: all it needs to work the task, and nothing it would have to look up.

use serde::Serialize;

use super::id::TaskId;
use super::state::Plan;

/// What a predecessor left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inherited {
    /// The predecessor.
    pub task: TaskId,
    /// Its title.
    pub title: String,
    /// What was done in it.
    pub summary: String,
    /// How it was shown to work.
    pub verification: String,
}

/// A question that was answered, or a decision that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The blocker's or decision's id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answer, and the rationale when one was given.
    pub answer: String,
    /// Who answered.
    pub by: String,
}

/// Something nearby that is still open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Nearby {
    /// Its id.
    pub id: String,
    /// What it is, in a line.
    pub text: String,
}

/// What an attempt before this one left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// The attempt.
    pub attempt: u32,
    /// Who held it.
    pub agent: String,
    /// How it ended.
    pub ending: String,
    /// The last thing said.
    pub note: String,
}

/// The brief of a held task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brief {
    /// The task.
    pub task: TaskId,
    /// Its title.
    pub title: String,
    /// What it is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its notes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Its area.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub area: String,
    /// Its estimate in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub estimate: String,
    /// Its phase's id.
    pub phase: String,
    /// Its phase's name.
    pub phase_name: String,
    /// Its phase's goal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase_goal: String,
    /// Its acceptance criteria.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<String>,
    /// What the policy asks of the completion.
    pub checks: Vec<String>,
    /// What its predecessors left behind, nearest first, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inherited: Vec<Inherited>,
    /// Answers to earlier questions on this task and decisions made for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
    /// Open decisions and blockers of its dependents and its phase, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nearby: Vec<Nearby>,
    /// What the attempt before left behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
    /// The lease's term in milliseconds.
    pub lease_ms: u64,
    /// How often to beat, in milliseconds.
    pub beat_every_ms: u64,
    /// The next command lines, the fence filled in, without the program's name.
    pub next: Vec<String>,
}

impl Plan {
    /// The brief of a task that is held; none otherwise.
    pub fn brief(&self, id: TaskId) -> Option<Brief> {
        let _ = id;
        todo!()
    }
}
