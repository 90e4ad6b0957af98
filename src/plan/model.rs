//! The entities of a plan as they stand now. Entities are small values behind shared pointers; a task is
//! two values, its words (`Spec`, changed by edits only) and its state (`State`, copied by each step).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::check::CheckSet;
use super::event::{
    BlockerKind, Dependency, On, Principal, SessionSummary, Severity, Text, Triage,
};
use super::fact::Actor;
use super::id::{BlockerId, DecisionId, DiscoveredId, PhaseNo, RoleNo, SessionId, TaskId};
use super::import::{Diagnostic, Source};
use super::lineage::Lineage;
use super::settings::Settings;
use super::time::{Estimate, Timestamp};

/// Where a project stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectStatus {
    /// Being prepared; nothing is claimable.
    Draft,
    /// Under way.
    Active,
    /// No new claims for now.
    Paused,
    /// Closed for good.
    Archived,
}

/// The project itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its slug.
    pub slug: Text,
    /// Its name.
    pub name: Text,
    /// What it is about.
    pub description: Text,
    /// Where it stands.
    pub status: ProjectStatus,
    /// Why it is paused or archived.
    pub status_reason: Text,
    /// Every setting a rule depends on.
    pub settings: Settings,
    /// The files it came from.
    pub sources: Vec<Source>,
    /// What was not taken as written, with the name of the file.
    pub diagnostics: Vec<(Text, Diagnostic)>,
    /// The goal of the current sprint, as a file stated it.
    pub sprint_goal: Text,
    /// When it was created.
    pub created_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

/// A criterion of a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// What must hold.
    pub text: Text,
    /// Who said that it does, when, and what shows it.
    pub met: Option<(Actor, Timestamp, Text)>,
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
    /// The highest ordinal given to a task of it.
    pub last_ordinal: u32,
    /// The version that last touched it.
    pub revision: u64,
}

/// What people are shown as a phase's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseStatus {
    /// Not begun.
    Planned,
    /// Under way.
    Active,
    /// All tasks are terminal; criteria are missing.
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
    pub(super) fn waits_for(&self, id: TaskId) -> bool {
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
    /// Time held over all attempts, in milliseconds.
    pub held_ms: u64,
    /// Post-checks its agent still owes.
    pub open_checks: CheckSet,
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

/// A registered agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its name.
    pub name: Text,
    /// Its roles, the main one first.
    pub roles: Box<[RoleNo]>,
    /// Its skills.
    pub skills: Box<[Text]>,
    /// How many tasks it may hold at once.
    pub capacity: u32,
    /// Its model.
    pub model: Text,
    /// It left.
    pub retired: bool,
    /// The tasks it holds.
    pub holds: Box<[TaskId]>,
    /// The tasks it completed whose post-checks it left open.
    pub owes: Box<[TaskId]>,
    /// Its open sessions, oldest first.
    pub open_sessions: Box<[SessionId]>,
    /// Its newest event in the log.
    pub last_event_at: Timestamp,
    /// When it registered.
    pub registered_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Under way.
    Open,
    /// Ended by its agent.
    Closed,
    /// Fell silent.
    Abandoned,
}

/// A working session of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Its agent.
    pub agent: Text,
    /// Where it stands.
    pub status: SessionStatus,
    /// What it is meant to do.
    pub scope: Text,
    /// The model that works in it.
    pub model: Text,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it left behind.
    pub summary: SessionSummary,
    /// Tasks whose leases wait for the agent's next session.
    pub carried: Box<[TaskId]>,
    /// The version that last touched it.
    pub revision: u64,
}

/// Where a blocker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockerStatus {
    /// In the way.
    Open,
    /// In the way, and more attention asked for.
    Escalated,
    /// Settled.
    Resolved,
    /// Taken back.
    Withdrawn,
}

impl BlockerStatus {
    /// Whether it still stands in the way.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Escalated)
    }
}

/// Something that holds tasks or a phase up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// Its id.
    pub id: BlockerId,
    /// Its kind.
    pub kind: BlockerKind,
    /// Where it stands.
    pub status: BlockerStatus,
    /// The tasks it holds up.
    pub tasks: Box<[TaskId]>,
    /// The phase it holds up.
    pub phase: Option<PhaseNo>,
    /// What stands in the way; the question, for INPUT and INCONSISTENCY.
    pub reason: Text,
    /// The task that must be finished again.
    pub waits_for: Option<TaskId>,
    /// Who should settle it; empty = the coordinator.
    pub owner: Text,
    /// How it can be settled.
    pub resolution_path: Text,
    /// How bad it is.
    pub severity: Severity,
    /// Since when it is known here.
    pub since: Timestamp,
    /// Since when, as a file wrote it.
    pub since_text: Text,
    /// Who opened it.
    pub opened_by: Actor,
    /// Why it was escalated, and when.
    pub escalated: Option<(Timestamp, Text)>,
    /// How it was settled, by whom, when.
    pub resolution: Option<(Actor, Timestamp, Text)>,
    /// The version that last touched it.
    pub revision: u64,
}

/// A task found on the way, waiting for triage; never claimable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovered {
    /// Its id.
    pub id: DiscoveredId,
    /// Its title.
    pub title: Text,
    /// What was found.
    pub notes: Text,
    /// 0 (P0) to 3 (P3).
    pub priority: u8,
    /// Its area.
    pub area: Text,
    /// The task that was worked on.
    pub found_on: Option<TaskId>,
    /// The session it was found in.
    pub found_in: Option<SessionId>,
    /// Where it was found, as a file wrote it.
    pub found_in_text: Text,
    /// The phase it may belong to.
    pub suggested_phase: Option<PhaseNo>,
    /// Who found it.
    pub found_by: Actor,
    /// When.
    pub found_at: Timestamp,
    /// What became of it; none = untriaged.
    pub triage: Option<Triage>,
    /// Why.
    pub triage_note: Text,
    /// When it was triaged.
    pub triaged_at: Option<Timestamp>,
    /// The version that last touched it.
    pub revision: u64,
}

/// How a question was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer.
    pub text: Text,
    /// Why.
    pub rationale: Text,
    /// Where it is written up.
    pub record_uri: Text,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A question that must be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The question.
    pub question: Text,
    /// Options, if some are known.
    pub options: Box<[Text]>,
    /// The tasks that wait for it.
    pub blocks: Box<[TaskId]>,
    /// Who asked.
    pub opened_by: Actor,
    /// When.
    pub opened_at: Timestamp,
    /// The answer; none = open.
    pub answer: Option<Answer>,
    /// The version that last touched it.
    pub revision: u64,
}

/// An issued token (`_daemon` only). The secret itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The public part.
    pub id: Text,
    /// SHA-256 of the secret part, in hexadecimal.
    pub secret_hash: Text,
    /// Whom it speaks for.
    pub principal: Principal,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
