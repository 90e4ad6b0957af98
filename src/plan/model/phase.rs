//! Phases and what is counted of them; whether one is open follows from its predecessors and is not stored.

use serde::{Deserialize, Serialize};

use super::super::event::{PhaseOrdering, RoleTime, Text};
use super::super::fact::Actor;
use super::super::id::{PhaseNo, RoleNo};
use super::super::time::Timestamp;
use super::super::window::Window;
use super::{Judgement, Status};

/// A criterion of a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// What must hold.
    pub text: Text,
    /// Who said that it does, when, and what shows it.
    pub met: Option<(Actor, Timestamp, Text)>,
    /// Why it is asked for no more, and who said so; none when it was not withdrawn.
    pub withdrawn: Option<Box<Judgement>>,
}

/// What a phase has been through; whether it is open follows from its predecessors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseState {
    /// Not closed.
    Open,
    /// Closed: everything it asked for is there.
    Completed,
    /// Left out.
    Skipped,
}

/// A phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Its place inside the daemon.
    pub no: PhaseNo,
    /// Its written id.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// Its goal.
    pub goal: Text,
    /// The role that leads it.
    pub lead_role: Option<RoleNo>,
    /// Its success criteria.
    pub criteria: Box<[Criterion]>,
    /// Its predecessors when stated; none = the phase in front of it in plan order.
    pub stated_predecessors: Option<Box<[PhaseNo]>>,
    /// What it has been through.
    pub state: PhaseState,
    /// When its first task was started.
    pub started_at: Option<Timestamp>,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
    /// Why a coordinator opened it before its predecessors were complete.
    pub override_reason: Option<Text>,
    /// The days or weeks it is meant for; none = not said.
    pub window: Option<Window>,
    /// The order in which its tasks are handed out.
    pub ordering: PhaseOrdering,
    /// The highest ordinal given to a task of it.
    pub last_ordinal: u32,
    /// The version that last touched it.
    pub revision: u64,
}

impl Phase {
    /// The criteria that are asked for, each with its number.
    pub fn asked(&self) -> impl Iterator<Item = (u32, &Criterion)> {
        let numbered = (1..).zip(&self.criteria);
        numbered.filter(|(_, criterion)| criterion.withdrawn.is_none())
    }

    /// Those of them that are not met.
    pub fn unmet(&self) -> impl Iterator<Item = (u32, &Criterion)> {
        self.asked()
            .filter(|(_, criterion)| criterion.met.is_none())
    }
}

/// When a role works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleWindow {
    /// The phase it is said of; none = of the whole project.
    pub phase: Option<PhaseNo>,
    /// The role.
    pub role: RoleNo,
    /// When it works there.
    pub time: RoleTime,
}

/// What people are shown as a phase's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseStatus {
    /// Not begun.
    Planned,
    /// Under way.
    Active,
    /// All tasks are terminal; a criterion, a deliverable or the closing itself is missing.
    Gating,
    /// Closed.
    Completed,
    /// Held up by an open blocker of the phase.
    Blocked,
    /// Left out.
    Skipped,
}

/// How many tasks of a phase are in which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Not begun.
    pub planned: u32,
    /// Held, not started.
    pub claimed: u32,
    /// Held and started.
    pub in_progress: u32,
    /// Under review.
    pub in_review: u32,
    /// Finished.
    pub completed: u32,
    /// Put off.
    pub deferred: u32,
    /// Given up.
    pub cancelled: u32,
}

impl Tally {
    /// All tasks.
    pub fn all(&self) -> u32 {
        self.open() + self.completed + self.deferred + self.cancelled
    }

    /// Tasks that are not terminal.
    pub fn open(&self) -> u32 {
        self.planned + self.claimed + self.in_progress + self.in_review
    }

    /// The denominator of progress: deferred and cancelled tasks are outside it.
    pub fn counted(&self) -> u32 {
        self.open() + self.completed
    }

    /// Integer percent, rounded half up; none when nothing counts.
    pub fn percent(&self) -> Option<u32> {
        let counted = u64::from(self.counted());
        if counted == 0 {
            return None;
        }
        let percent = (u64::from(self.completed) * 200 + counted) / (2 * counted);
        u32::try_from(percent).ok()
    }

    /// The count of one status.
    pub fn of(&mut self, status: Status) -> &mut u32 {
        match status {
            Status::Planned => &mut self.planned,
            Status::Claimed => &mut self.claimed,
            Status::InProgress => &mut self.in_progress,
            Status::InReview => &mut self.in_review,
            Status::Completed => &mut self.completed,
            Status::Deferred => &mut self.deferred,
            Status::Cancelled => &mut self.cancelled,
        }
    }

    /// Adds another tally to this one.
    pub fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        self.claimed += other.claimed;
        self.in_progress += other.in_progress;
        self.in_review += other.in_review;
        self.completed += other.completed;
        self.deferred += other.deferred;
        self.cancelled += other.cancelled;
    }
}
