//! Tasks: words that only edits change, and a state that each step copies.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::check::CheckSet;
use super::super::event::{Dependency, On, Text};
use super::super::id::{DiscoveredId, PhaseNo, RoleNo, SessionId, TaskId};
use super::super::lineage::Lineage;
use super::super::time::{Estimate, Timestamp};
use super::Approval;

/// A task's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// Its title.
    pub title: Text,
    /// Its phase.
    pub phase: PhaseNo,
    /// Its place within the phase, from 1.
    pub ordinal: u32,
    /// What it is about; empty when nothing is said.
    pub description: Text,
    /// Its area; empty when none.
    pub area: Text,
    /// Its own role.
    pub role: Option<RoleNo>,
    /// 0 (P0) to 3 (P3).
    pub priority: u8,
    /// Whether it is finished by a review; none = as its area or the project says.
    pub review: Option<bool>,
    /// Its estimate.
    pub estimate: Option<Estimate>,
    /// Notes; empty when none.
    pub notes: Text,
    /// Acceptance criteria.
    pub acceptance: Box<[Text]>,
    /// Skills an agent needs for it.
    pub skills: Box<[Text]>,
    /// Other names accepted wherever its id is.
    pub aliases: Box<[Text]>,
    /// What it waits for, as stated.
    pub dependencies: Box<[Dependency]>,
    /// Predecessors it need not wait for any more.
    pub waived: Box<[On]>,
    /// The discovered task it was promoted from.
    pub origin: Option<DiscoveredId>,
    /// What it is a part of and what it was split into; none for most tasks.
    pub lineage: Option<Box<Lineage>>,
    /// It came in with a plan file.
    pub created_at: Timestamp,
}

impl Spec {
    /// Whether it waits for a task, by name or by waiting for everything above it, that task being above;
    /// what was waived or is not in force does not count.
    pub(in crate::plan) fn waits_for(&self, id: TaskId) -> bool {
        let counts = |dependency: &Dependency| {
            let names = dependency.on == On::Task(id) || dependency.on == On::AllAbove;
            names && dependency.in_force && !self.waived.contains(&dependency.on)
        };
        !self.waived.contains(&On::Task(id)) && self.dependencies.iter().any(counts)
    }
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    Planned,
    /// Held, not started.
    Claimed,
    /// Held and started.
    InProgress,
    /// Under review.
    InReview,
    /// Finished.
    Completed,
    /// Put off.
    Deferred,
    /// Given up.
    Cancelled,
}

impl Status {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Claimed => "claimed",
            Self::InProgress => "in_progress",
            Self::InReview => "in_review",
            Self::Completed => "completed",
            Self::Deferred => "deferred",
            Self::Cancelled => "cancelled",
        }
    }

    /// Completed, deferred or cancelled.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Deferred | Self::Cancelled)
    }
}

/// A live claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The holder.
    pub agent: Text,
    /// The session it is held in.
    pub session: SessionId,
    /// The attempt.
    pub attempt: u32,
    /// The fencing token.
    pub fence: u64,
    /// The term in milliseconds; the deadline itself is kept beside the log.
    pub lease_ms: u64,
    /// When this attempt began.
    pub claimed_at: Timestamp,
    /// When the first attempt of this chain of resumes began.
    pub chain_since: Timestamp,
    /// When the holder last said something that is in the log.
    pub progress_at: Timestamp,
    /// What it said last.
    pub progress: Option<Text>,
}

/// What the holders before left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// The attempt.
    pub attempt: u32,
    /// Who held it.
    pub agent: Text,
    /// When it ended.
    pub at: Timestamp,
    /// How it ended: `expired`, `released`, `failed`, `blocked`, `revoked`.
    pub ending: Text,
    /// The last thing said: the reason of the release, else the last progress note.
    pub note: Text,
}

/// How a task was finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// When.
    pub at: Timestamp,
    /// By whom; none when a file said so.
    pub agent: Option<Text>,
    /// In which session.
    pub session: Option<SessionId>,
    /// The fence that completed it; 0 when a file said so.
    pub fence: u64,
    /// The version of the event.
    pub version: u64,
    /// What was done.
    pub summary: Text,
    /// How it was shown to work; `imported` when a file said so.
    pub verification: Text,
    /// References that show it.
    pub evidence: Box<[Text]>,
    /// Technologies used.
    pub technologies: Box<[Text]>,
    /// Tests passed, in percent, when its agent said so.
    pub tests_passed_percent: Option<u8>,
    /// The acceptance criteria ticked, numbered from 1.
    pub accepted: Box<[u32]>,
    /// Time held over all attempts, in milliseconds.
    pub held_ms: u64,
    /// Post-checks its agent still owes.
    pub open_checks: CheckSet,
    /// Who found it good, where it was reviewed.
    pub approval: Option<Box<Approval>>,
}

/// A task's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Where it stands.
    pub status: Status,
    /// The role it falls to, derived: its own, else its area's, else its phase's lead; none = any.
    pub role: Option<RoleNo>,
    /// Attempts so far.
    pub attempt: u32,
    /// Failed attempts since it was last unparked.
    pub strikes: u8,
    /// What its holder attested in this chain of resumes, and the checks the daemon made.
    pub checks: CheckSet,
    /// Open blockers that name it.
    pub open_blockers: u32,
    /// Open decisions that name it.
    pub open_decisions: u32,
    /// The live claim.
    pub lease: Option<Arc<Lease>>,
    /// When work first began.
    pub started_at: Option<Timestamp>,
    /// Time held by ended attempts, in milliseconds.
    pub held_ms: u64,
    /// What the last ended attempt left behind.
    pub leftover: Option<Arc<Leftover>>,
    /// How it was finished.
    pub completion: Option<Arc<Completion>>,
    /// Why it was deferred, cancelled or reopened.
    pub reason: Option<Text>,
    /// The version that last touched it.
    pub revision: u64,
}
