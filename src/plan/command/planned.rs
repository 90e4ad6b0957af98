//! What the commands about sprints and split tasks carry, as people write them.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::id::SprintId;
use super::super::time::Estimate;

/// A sprint to plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewSprint {
    /// What it is to reach.
    pub goal: String,
    /// Its first day.
    pub start: Day,
    /// Its last day.
    pub end: Day,
    /// Tasks meant for it, by id or alias.
    pub tasks: Vec<String>,
}

/// Where the unfinished tasks of a sprint go when it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum CarryTo {
    /// Nowhere: they are named in its record.
    #[default]
    Nowhere,
    /// Into the planned sprint that begins first.
    Next,
    /// Into this planned sprint.
    Sprint(SprintId),
}

/// A part of a task that is split; what it leaves out it has from the task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewPart {
    /// Its title.
    pub title: String,
    /// What it is about; empty = as the task.
    pub description: String,
    /// Its role; empty = as the task.
    pub role: String,
    /// 0 (P0) to 3 (P3); none = as the task.
    pub priority: Option<u8>,
    /// Its estimate; none = its share of what the others leave of the task's.
    pub estimate: Option<Estimate>,
    /// The task's acceptance criteria that go to it, numbered from 1.
    pub acceptance: Vec<u32>,
}
