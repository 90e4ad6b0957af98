//! The standup as data. Field names are stable; lists are cut at
//! [`LISTED_MAX`](crate::report::data::LISTED_MAX) and stand beside their totals.

use serde::{Deserialize, Serialize};

use crate::plan::id::{SessionId, TaskId};
use crate::plan::model::Status;
use crate::report::data::{Head, Moment, PhaseRef, ProjectRef, TaskRef, is_zero};
use crate::report::dates::LatePhase;
use crate::report::marks::Marks;
use crate::report::sprint::SprintProgress;
pub use crate::report::waiting::{
    GatingPhase, InboxEntry, MissingCriterion, OpenBlocker, OpenDecision, Staleness,
};
pub use crate::report::workflow::{MissingOfRun, RoleInRun, WorkflowProgress};

/// The standup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standup {
    /// The project.
    pub project: ProjectRef,
    /// The start of the window, itself outside.
    pub since: Moment,
    /// The end of the window.
    pub now: Moment,
    /// The window's length in milliseconds.
    pub window_ms: u64,
    /// The project in numbers.
    pub totals: Totals,
    /// How far the active sprint is; none when none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint: Option<SprintProgress>,
    /// Open runs of workflows, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workflows: Vec<WorkflowProgress>,
    /// How many open runs there are.
    #[serde(default)]
    pub workflows_total: u32,
    /// Phases that are past their windows and not closed, in plan order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<LatePhase>,
    /// How many such phases there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub late_total: u32,
    /// The day's standup: its window and how much was said; none when nobody opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<Meeting>,
    /// One line per role, in speaking order: architect, developer, data, devops, the others, the
    /// coordinator.
    pub roles: Vec<RoleLine>,
    /// Open blockers, the oldest first.
    pub blockers: Vec<OpenBlocker>,
    /// How many open blockers there are.
    pub blockers_total: u32,
    /// Open decisions that block tasks, the oldest first.
    pub decisions: Vec<OpenDecision>,
    /// How many such decisions there are.
    pub decisions_total: u32,
    /// Work that waits for a review, the longest waiting first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<ReviewWaiting>,
    /// How much work does.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reviews_total: u32,
    /// Phases that only wait for criteria or for being closed, in plan order.
    pub gating: Vec<GatingPhase>,
    /// How many such phases there are.
    pub gating_total: u32,
    /// What changed in the plan within the window, by kind.
    pub changes: Vec<Changes>,
    /// Agents without a sign of life, the longest silent first.
    pub silent: Vec<SilentAgent>,
    /// How many agents are silent.
    pub silent_total: u32,
    /// What people should know, as the plan holds it.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
    /// What waits for a person, oldest first.
    pub inbox: Vec<InboxEntry>,
    /// How much waits for a person.
    pub inbox_total: u32,
    /// What was known of live leases beside the log; none = silence is judged by the log alone.
    pub beats: Option<Beats>,
    /// The event the report reaches up to.
    pub head: Head,
}

/// The day's standup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The day, such as `2026-11-24`.
    pub day: String,
    /// When it was opened to entries.
    pub opened_at: Moment,
    /// Until when an entry was on time.
    pub closes_at: Moment,
    /// How many entries came in.
    pub entries_total: u32,
    /// How many of them were late.
    pub late_total: u32,
}

/// Where the words of a slot come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotSource {
    /// Somebody said them.
    Submitted,
    /// Nobody did, and this is what the log knows.
    Derived,
}

/// A slot of a role's format (requirement 58).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotLine {
    /// Its name, such as `built` or `tests_passed_percent`.
    pub slot: String,
    /// What is said; empty when nobody said it and the log does not know.
    pub said: String,
    /// Where that comes from.
    pub source: SlotSource,
}

/// What somebody said at a standup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    /// Who.
    pub by: String,
    /// The role it speaks for, a slug; empty = none.
    pub role: String,
    /// When.
    pub at: Moment,
    /// Whether the time for entries was over.
    pub late: bool,
    /// The day of its standup, when that is an earlier one whose report did not tell of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub earlier_day: String,
    /// What it says, slot by slot.
    pub slots: Vec<SlotLine>,
    /// What else was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// A project in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Tasks that count: all but deferred and cancelled ones.
    pub counted: u32,
    /// Completed tasks.
    pub completed: u32,
    /// Integer percent completed, rounded half up; none when nothing counts.
    pub percent: Option<u32>,
    /// Tasks held or under review.
    pub in_progress: u32,
    /// Tasks behind an open blocker or decision.
    pub blocked: u32,
    /// Deferred tasks.
    pub deferred: u32,
    /// Cancelled tasks.
    pub cancelled: u32,
    /// The current phase; none when every phase is passed.
    pub phase: Option<PhaseRef>,
    /// Completed within the window, and still so.
    pub done_in_window: u32,
}

/// What one role has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleLine {
    /// The role's slug; of several gathered in one line the most general one. `any` gathers what falls
    /// to no role.
    pub role: String,
    /// What the line starts with.
    pub label: String,
    /// Every role gathered in the line, by slug.
    pub roles: Vec<String>,
    /// The agents whose main role is one of them, by name.
    pub agents: Vec<String>,
    /// The line in words.
    pub sentence: String,
    /// Tasks completed within the window and still so, in the order they were completed.
    pub done: Vec<DoneTask>,
    /// How many.
    pub done_total: u32,
    /// Tasks held now, the longest held first.
    pub in_progress: Vec<Underway>,
    /// How many.
    pub in_progress_total: u32,
    /// Ready tasks, at most 3, in the order they would be handed out.
    pub next: Vec<TaskRef>,
    /// The lowest share of passed tests, in percent, that a completion in the window reported.
    pub tests_passed_percent: Option<u8>,
    /// What sessions that ended within the window left behind, in order.
    pub notes: Vec<SessionNote>,
    /// How many.
    pub notes_total: u32,
    /// The slots of the line's format, in the words of those who spoke or derived; none when nobody opened the day's
    /// standup.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<SlotLine>,
    /// What was said for the line, in the order of that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<EntryLine>,
    /// How much.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub entries_total: u32,
    /// Agents of the line that said nothing at the day's standup; where nobody opened it, those without a sign of
    /// life. By name.
    pub no_report: Vec<String>,
    /// Post-checks that agents of the line left open and owe before their next claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<OwedChecks>,
    /// Open tasks fall to one of the roles and no registered agent can fill it.
    pub without_agent: bool,
}

/// Work that was handed in and that nobody has looked at yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewWaiting {
    /// The task.
    pub task: TaskRef,
    /// Whose work it is.
    pub author: String,
    /// When it was handed in.
    pub since: Moment,
    /// Milliseconds from `since` to the report.
    pub age_ms: u64,
    /// How stale that is.
    pub staleness: Staleness,
    /// The roles that review here, by slug; empty where every other agent may. Coordinators always may.
    pub reviewers: Vec<String>,
}

/// Post-checks of a task, completed or under review, that its agent owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwedChecks {
    /// The task.
    pub task: TaskId,
    /// Who owes them.
    pub agent: String,
    /// Which, by name.
    pub checks: Vec<String>,
}

/// A task completed within the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneTask {
    /// The task.
    pub task: TaskRef,
    /// By whom.
    pub agent: String,
    /// When.
    pub at: Moment,
    /// What was done; empty when nothing was said.
    pub summary: String,
    /// Time held over all attempts, in milliseconds.
    pub held_ms: u64,
    /// Tests passed, in percent, when the holder said so.
    pub tests_passed_percent: Option<u8>,
}

/// A task somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Underway {
    /// The task.
    pub task: TaskRef,
    /// Where it stands: `claimed`, `in_progress` or `in_review`.
    pub status: Status,
    /// Who holds it.
    pub agent: String,
    /// The session it is held in.
    pub session: SessionId,
    /// The attempt.
    pub attempt: u32,
    /// Since when it is held, resumes included.
    pub since: Moment,
    /// Milliseconds from `since` to the report.
    pub age_ms: u64,
    /// The last thing said; empty when nothing was.
    pub progress: String,
    /// When the holder last said something that is in the log.
    pub progress_at: Moment,
    /// Nothing was said for longer than the project allows (or half the lease's term, if that is
    /// longer).
    pub stalled: bool,
    /// It is blocked while it is held.
    pub blocked: bool,
    /// It has been held for more than two sessions over all attempts, and wants to be split (requirement 99).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outgrown: bool,
    /// What is known of the lease.
    pub lease: LeaseState,
}

/// What is known of a live lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseState {
    /// Its term in milliseconds.
    pub term_ms: u64,
    /// The last sign of life beside the log; none when that was not handed in.
    pub last_beat: Option<Moment>,
    /// How long it ran on at the time of the beats, in milliseconds; none when that was not handed in.
    pub remaining_ms: Option<u64>,
}

/// What a session left behind, in the words of its agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionNote {
    /// The session.
    pub session: SessionId,
    /// Its agent.
    pub agent: String,
    /// It fell silent and was closed by the daemon.
    pub abandoned: bool,
    /// What was done.
    pub done: String,
    /// Blockers met.
    pub blockers: String,
    /// What should come next.
    pub next: String,
}

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The project was made, changed, paused, resumed or archived.
    Project,
    /// A plan file was taken in.
    Imported,
    /// A task was added.
    Added,
    /// A discovered task became a task.
    Promoted,
    /// Work outside the plan was found.
    Discovered,
    /// A discovered task was put off, rejected or found to be a duplicate.
    Triaged,
    /// A task's or phase's words or dependencies changed.
    Edited,
    /// A task was put off.
    Deferred,
    /// A deferred task is planned again.
    Reinstated,
    /// A task was given up.
    Cancelled,
    /// A completed task is planned again.
    Reopened,
    /// A task was given up for several parts.
    Split,
    /// A lease ran out.
    Expired,
    /// Work was handed in for review, or given back.
    Review,
    /// A holder could not do a task.
    Failed,
    /// A coordinator took a task away from its holder.
    Revoked,
    /// A blocker was settled or taken back.
    Unblocked,
    /// A question was decided.
    Decided,
    /// A phase was added.
    PhaseAdded,
    /// A criterion was confirmed.
    CriterionMet,
    /// A phase closed.
    PhaseCompleted,
    /// A phase was left out.
    PhaseSkipped,
    /// A phase's tasks became open to work.
    PhaseOpened,
    /// A closed phase is open again.
    PhaseReopened,
    /// A phase was opened before its predecessors were complete.
    PhaseOverridden,
    /// A deliverable was stated, submitted, accepted or rejected.
    Deliverable,
    /// A milestone was stated, moved, reached or missed.
    Milestone,
    /// A sprint was planned, committed, changed or closed.
    Sprint,
    /// An agent was given something to look after, or that changed or ended.
    Assignment,
    /// It was said when a role works.
    RoleTime,
    /// A risk was stated, mitigated, accepted, came true or is over.
    Risk,
    /// An integration point was stated, confirmed or tested.
    Integration,
    /// A rollout was planned, may roll, was taken on or ended.
    Rollout,
    /// A workflow was defined or retired, or a run of it went on.
    Workflow,
    /// A quality gate was defined or retired.
    GateDefined,
    /// A run of a quality gate passed, failed or was waived.
    GateRun,
    /// An agent joined, or a role was added.
    Joined,
    /// An agent left.
    Left,
}

/// The changes of one kind, in the order they happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The kind.
    pub kind: ChangeKind,
    /// How many.
    pub total: u32,
    /// Each of them.
    pub items: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Moment,
    /// The id of what changed: a task's, a phase's, a blocker's, an agent's name.
    pub id: String,
    /// Its title or name now.
    pub title: String,
    /// Who did it.
    pub by: String,
    /// Why or how; empty when nothing was said.
    pub detail: String,
}

/// An agent without a sign of life within the window, or one that holds a task and has been silent for
/// longer than the project allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilentAgent {
    /// Its name.
    pub agent: String,
    /// Its main role, by slug.
    pub role: String,
    /// Its last sign of life, in the log or as a beat; none when there was never one.
    pub last_sign: Option<Moment>,
    /// Milliseconds from that (or from its registration) to the report.
    pub silent_ms: u64,
    /// The tasks it holds.
    pub holds: Vec<TaskRef>,
}

/// What was known of live leases beside the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beats {
    /// When.
    pub at: Moment,
    /// By task.
    pub leases: Vec<LeaseBeat>,
}

/// What was known of one live lease beside the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseBeat {
    /// The task.
    pub task: TaskId,
    /// The last sign of life of its holder.
    pub last_beat: Moment,
    /// How long the lease ran on, in milliseconds.
    pub remaining_ms: u64,
}
