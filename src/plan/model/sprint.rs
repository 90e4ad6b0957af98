//! Sprints: planned, active from the commitment on, closed with a row of history. At most one is active, so a
//! task is committed in at most one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::event::Text;
use super::super::fact::Actor;
use super::super::id::{SprintId, TaskId};
use super::super::time::Timestamp;
use super::super::velocity::Velocity;
use super::Judgement;

/// Where a sprint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SprintStatus {
    /// Nothing is committed yet.
    Planned,
    /// Its tasks are committed.
    Active,
    /// Over; what it came to stays.
    Closed,
    /// It was planned and does not take place.
    Withdrawn,
}

impl SprintStatus {
    /// Planned or active.
    pub fn is_ahead(self) -> bool {
        matches!(self, Self::Planned | Self::Active)
    }

    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// How a sprint was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// How many tasks were.
    pub tasks: u32,
    /// That this is more than the sprints before it got done; empty when it is not.
    pub warning: Text,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A change of what is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeChange {
    /// Tasks that came in.
    pub added: Box<[TaskId]>,
    /// Tasks that were taken out.
    pub removed: Box<[TaskId]>,
    /// Why.
    pub reason: Text,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// How many committed tasks were open from an instant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BurndownPoint {
    /// The instant.
    pub at: Timestamp,
    /// Committed tasks that were neither completed, deferred nor cancelled.
    pub open: u32,
}

/// What a sprint came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SprintResult {
    /// Of its tasks, those completed.
    pub completed: u32,
    /// Sessions that claimed something while it was active.
    pub sessions: u32,
    /// Its tasks that were not finished.
    pub carried_over: Box<[TaskId]>,
    /// The sprint they went into.
    pub carried_to: Option<SprintId>,
    /// By whom it was closed.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl SprintResult {
    /// Completed tasks and the sessions used for them.
    pub fn velocity(&self) -> Velocity {
        Velocity {
            completed: self.completed,
            sessions: self.sessions,
        }
    }
}

/// Work for some days, with a goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sprint {
    /// Its id; the number in it is the sprint's number.
    pub id: SprintId,
    /// What it is to reach.
    pub goal: Text,
    /// Its first day.
    pub start: Day,
    /// Its last day.
    pub end: Day,
    /// Where it stands.
    pub status: SprintStatus,
    /// Its tasks: meant for it while it is planned, committed from then on.
    pub tasks: Arc<[TaskId]>,
    /// How it was committed; none before.
    pub commitment: Option<Arc<Commitment>>,
    /// How the commitment changed, oldest first.
    pub scope_changes: Arc<[ScopeChange]>,
    /// How many of its tasks were open, from the commitment on; coarser when it is long.
    pub burndown: Box<[BurndownPoint]>,
    /// What it came to; none before it is closed.
    pub result: Option<Arc<SprintResult>>,
    /// Why it does not take place, and who said so; none when it was not withdrawn.
    pub withdrawn: Option<Box<Judgement>>,
    /// Who planned it.
    pub planned_by: Actor,
    /// When.
    pub planned_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}
