//! What is planned: phases, tasks, parts of tasks and sprints, as people write them.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::event::ReviewNeed;
use super::super::id::SprintId;
use super::super::time::Estimate;
use super::PhaseTiming;

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

/// What changes of a sprint; none = as before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct SprintChanges {
    /// What it is to reach.
    pub goal: Option<String>,
    /// Its first day.
    pub start: Option<Day>,
    /// Its last day.
    pub end: Option<Day>,
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

/// A phase to add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewPhase {
    /// Its id; empty = the next free number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its goal.
    pub goal: String,
    /// The role that leads it.
    pub lead_role: String,
    /// Its criteria.
    pub criteria: Vec<String>,
    /// Its predecessors; none = the phase in front of it.
    pub predecessors: Option<Vec<String>>,
    /// The phase it stands behind; empty = at the end.
    pub after: String,
    /// Its window, and the order of its tasks.
    #[cfg_attr(test, serde(default))]
    pub timing: PhaseTiming,
}

/// What changes of a role; what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize), serde(default))]
pub struct RoleChanges {
    /// A new title.
    pub title: Option<String>,
    /// A new tier.
    pub tier: Option<u32>,
    /// Nothing is said of its tier from here on, whatever stands above.
    pub no_tier: bool,
}

/// What changes of a phase; what is none or empty stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize), serde(default))]
pub struct PhaseChanges {
    /// A new name.
    pub name: Option<String>,
    /// A new goal.
    pub goal: Option<String>,
    /// The role that leads it; empty = none any more.
    pub lead_role: Option<String>,
    /// Criteria to add.
    pub criteria_added: Vec<String>,
    /// New predecessors.
    pub predecessors: Option<Vec<String>>,
    /// Its window, and the order of its tasks.
    pub timing: PhaseTiming,
}

/// What changes of a criterion of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum CriterionChange {
    /// Other words; what was met by its old ones is to be met anew.
    Reword(String),
    /// It is asked for no more, for this reason; its number stays.
    Withdraw(String),
    /// It is not met after all, for this reason.
    Unmeet(String),
}

/// A task to add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewTask {
    /// Its title.
    pub title: String,
    /// Its phase; empty = the only phase, or the phase current in the plan.
    pub phase: String,
    /// An authored id; one shaped `T-21` becomes the short id.
    pub external_id: String,
    /// What it is about.
    pub description: String,
    /// Its area.
    pub area: String,
    /// Its role; empty = by area, phase, any.
    pub role: String,
    /// 0 (P0) to 3 (P3); none = P2.
    pub priority: Option<u8>,
    /// Whether it is finished by a review.
    #[cfg_attr(test, serde(default))]
    pub review: ReviewNeed,
    /// Its estimate.
    pub estimate: Option<Estimate>,
    /// Notes.
    pub notes: String,
    /// Acceptance criteria.
    pub acceptance: Vec<String>,
    /// Skills an agent needs.
    pub skills: Vec<String>,
    /// What it waits for; `OnRef::Batch` names another task of the same command.
    pub dependencies: Vec<OnRef>,
    /// A question that a person must answer before anybody works on it; empty = none.
    #[cfg_attr(test, serde(default))]
    pub elicit: String,
}

/// What a dependency points at, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum OnRef {
    /// A task, by id or alias.
    Task(String),
    /// A whole phase, by id.
    Phase(String),
    /// Every earlier task of the same phase.
    AllAbove,
    /// A task of the same `CreateTasks`, by its place from 0.
    Batch(usize),
}
