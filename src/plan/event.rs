//! What happened to a plan: few, coarse facts in the past tense, each a versioned JSON document.
//! An event never asks a question of the world; folding the events alone gives the plan.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fact::{Actor, RequestKey};
use super::id::{BlockerId, DecisionId, DiscoveredId, SessionId, TaskId};
use super::import::{Diagnostic, ImportedSprint, Source};
use super::role::RoleSpec;
use super::settings::Settings;
use super::time::{Estimate, Timestamp};

/// Shared text; cloning it copies a pointer.
pub type Text = Arc<str>;

/// An event with its envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The project's event count after it, from 1.
    pub version: u64,
    /// When it was recorded; never falls within a project.
    pub at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// The session the actor worked in, if any.
    pub session: Option<SessionId>,
    /// The request it came in, if that carried an id.
    pub request: Option<RequestKey>,
    /// What happened.
    pub event: Event,
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// Everything that can happen to a plan.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $name($name),)+
        }

        impl Event {
            /// The names of all event types, in the order of this file.
            pub const KINDS: &'static [&'static str] = &[$(stringify!($name)),+];

            /// The event's type as it is stored.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)+ }
            }

            /// The event's own data as JSON.
            pub fn to_data(&self) -> serde_json::Result<String> {
                match self { $(Self::$name(data) => serde_json::to_string(data),)+ }
            }

            /// Reads the data of the event type `kind` in its present shape; none for an unknown type.
            pub fn from_data(kind: &str, data: &str) -> Option<serde_json::Result<Self>> {
                match kind {
                    $(stringify!($name) => Some(serde_json::from_str(data).map(Self::$name)),)+
                    _ => None,
                }
            }
        }

        $(impl From<$name> for Event {
            fn from(data: $name) -> Self { Self::$name(data) }
        })+
    };
}

events! {
    /// A project came to be.
    ProjectCreated,
    /// A project's words or settings changed.
    ProjectUpdated,
    /// No new claims from here on.
    ProjectPaused,
    /// Claims go on.
    ProjectResumed,
    /// The project is closed for good; reads go on.
    ProjectArchived,
    /// A plan file was taken in; what it stated follows in the same append.
    PlanImported,
    /// Phases were added.
    PhasesAdded,
    /// A phase's words or predecessors changed.
    PhaseUpdated,
    /// A coordinator said that a phase criterion is met.
    CriterionMet,
    /// A coordinator opened a phase before its predecessors were complete.
    PhaseOrderOverridden,
    /// A phase closed.
    PhaseCompleted,
    /// A closed phase is open again.
    PhaseReopened,
    /// A phase was left out.
    PhaseSkipped,
    /// Tasks were added, at most 256 an event.
    TasksAdded,
    /// A task's words changed.
    TaskUpdated,
    /// Dependencies were added to a task.
    DependenciesAdded,
    /// A dependency was removed from a task.
    DependencyRemoved,
    /// A task need not wait for a predecessor any more.
    DependencyWaived,
    /// An attempt began: a claim, or a resume of a held task.
    TaskClaimed,
    /// Work began.
    TaskStarted,
    /// The holder said how far it is.
    ProgressReported,
    /// The holder gave the task back.
    TaskReleased,
    /// A lease ran out.
    LeaseExpired,
    /// A coordinator took the task away from its holder.
    ClaimRevoked,
    /// The task is finished.
    TaskCompleted,
    /// The task was put off.
    TaskDeferred,
    /// A deferred task is planned again.
    TaskReinstated,
    /// The task was given up.
    TaskCancelled,
    /// A completed task is planned again.
    TaskReopened,
    /// A session began.
    SessionStarted,
    /// A session ended.
    SessionEnded,
    /// Something holds tasks or a phase up.
    BlockerOpened,
    /// A blocker needs more attention.
    BlockerEscalated,
    /// A blocker is gone.
    BlockerResolved,
    /// Work outside the plan was found.
    TaskDiscovered,
    /// A discovered task was decided on.
    DiscoveredTriaged,
    /// A question must be decided.
    DecisionOpened,
    /// A question is decided.
    DecisionDecided,
    /// An agent joined.
    AgentRegistered,
    /// An agent left.
    AgentRetired,
    /// A role was added to the catalogue.
    RoleAdded,
    /// A token was issued (`_daemon` only).
    TokenIssued,
    /// A token was revoked (`_daemon` only).
    TokenRevoked,
}

/// See [`Event::ProjectCreated`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectCreated {
    /// The project's slug; `_daemon` for the daemon's own log.
    pub project: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Every setting a rule depends on.
    pub settings: Settings,
    /// Created as a draft: nothing is claimable until it is resumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

/// See [`Event::ProjectUpdated`]. What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProjectUpdated {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A new description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The settings as they are from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

/// See [`Event::ProjectPaused`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectPaused {
    /// Why.
    pub reason: String,
}

/// See [`Event::ProjectResumed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectResumed {}

/// See [`Event::ProjectArchived`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectArchived {
    /// Why.
    pub reason: String,
}

/// See [`Event::PlanImported`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanImported {
    /// The file.
    pub source: Source,
    /// What the file states, counted.
    pub counts: ImportCounts,
    /// What was not taken as written.
    pub diagnostics: Vec<Diagnostic>,
    /// Sprint rows, kept as history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sprints: Vec<ImportedSprint>,
    /// The goal of the sprint in the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint_goal: Option<String>,
    /// Sessions go on after this number.
    #[serde(default)]
    pub highest_session: u32,
}

/// What a plan file states, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Phases.
    pub phases: u32,
    /// Tasks.
    pub tasks: u32,
    /// Dependencies as stated; "all above" is one.
    pub dependencies: u32,
    /// Discovered tasks.
    pub discovered: u32,
    /// Blocked rows.
    pub blockers: u32,
    /// Decisions needed.
    pub decisions: u32,
    /// Sprint rows.
    pub sprints: u32,
}

/// See [`Event::PhasesAdded`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhasesAdded {
    /// The phases, each placed after the one before it unless `after` says otherwise.
    pub phases: Vec<AddedPhase>,
}

/// A phase as it comes in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AddedPhase {
    /// Its written id: "0", "2.1", "A".
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its goal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub goal: String,
    /// The role that leads it, by slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_role: Option<String>,
    /// Its success criteria.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<String>,
    /// The ids of the phases before it; none = the phase in front of it in plan order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessors: Option<Vec<String>>,
    /// The id of the phase it stands behind in plan order; none = at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// It comes in completed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub completed: bool,
}

/// See [`Event::PhaseUpdated`]. What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PhaseUpdated {
    /// The phase's id.
    pub phase: String,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A new goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// Criteria added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria_added: Vec<String>,
    /// New predecessors, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessors: Option<Vec<String>>,
}

/// See [`Event::CriterionMet`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriterionMet {
    /// The phase's id.
    pub phase: String,
    /// The criterion's number within the phase, from 1.
    pub criterion: u32,
    /// What shows it.
    pub evidence: String,
}

/// See [`Event::PhaseOrderOverridden`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseOrderOverridden {
    /// The phase's id.
    pub phase: String,
    /// Why.
    pub reason: String,
}

/// See [`Event::PhaseCompleted`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseCompleted {
    /// The phase's id.
    pub phase: String,
}

/// See [`Event::PhaseReopened`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseReopened {
    /// The phase's id.
    pub phase: String,
    /// Why.
    pub reason: String,
}

/// See [`Event::PhaseSkipped`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseSkipped {
    /// The phase's id.
    pub phase: String,
    /// Why.
    pub reason: String,
}

/// See [`Event::TasksAdded`].
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

/// See [`Event::TaskUpdated`]. What is none stays as it is.
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
    /// Another name accepted wherever an id is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// See [`Event::TaskUpdated`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskUpdated {
    /// The task.
    pub task: TaskId,
    /// What changed.
    pub changes: TaskChanges,
}

/// See [`Event::DependenciesAdded`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DependenciesAdded {
    /// The task that waits.
    pub task: TaskId,
    /// What for.
    pub on: Vec<On>,
}

/// See [`Event::DependencyRemoved`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DependencyRemoved {
    /// The task that waited.
    pub task: TaskId,
    /// What for.
    pub on: On,
}

/// See [`Event::DependencyWaived`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DependencyWaived {
    /// The task that waited.
    pub task: TaskId,
    /// The predecessor it need not wait for: a task, a phase, or everything above.
    pub on: On,
    /// Why.
    pub reason: String,
}

/// See [`Event::TaskClaimed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskClaimed {
    /// The task.
    pub task: TaskId,
    /// The agent that holds it now.
    pub agent: Text,
    /// The session it holds it in.
    pub session: SessionId,
    /// The attempt's number within the task, from 1.
    pub attempt: u32,
    /// The fencing token the holder's writes must carry.
    pub fence: u64,
    /// The lease's term in milliseconds.
    pub lease_ms: u64,
    /// A held task handed out again to its holder; its state is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
}

/// See [`Event::TaskStarted`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskStarted {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
}

/// See [`Event::ProgressReported`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgressReported {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// What was done, what is left.
    pub note: Text,
    /// Done so far, 0 to 100, when the holder says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
}

/// Why a holder gave a task back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseCause {
    /// It chose to.
    Returned,
    /// It could not do it: a strike.
    Failed,
    /// A blocker stands in the way.
    Blocked,
    /// Its session ended.
    SessionEnded,
}

/// See [`Event::TaskReleased`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReleased {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// Why.
    pub cause: ReleaseCause,
    /// What the next holder should know.
    pub reason: Text,
}

/// Why a lease ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryCause {
    /// No sign of life for the term.
    Silence,
    /// The chain of resumes reached the hard limit.
    HardLimit,
}

/// See [`Event::LeaseExpired`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeaseExpired {
    /// The task.
    pub task: TaskId,
    /// The agent that held it.
    pub agent: Text,
    /// The fence that no longer counts.
    pub expired_fence: u64,
    /// The project's fence counter from here on.
    pub fence: u64,
    /// Why.
    pub cause: ExpiryCause,
}

/// See [`Event::ClaimRevoked`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimRevoked {
    /// The task.
    pub task: TaskId,
    /// The agent that held it.
    pub agent: Text,
    /// The fence that no longer counts.
    pub revoked_fence: u64,
    /// The project's fence counter from here on.
    pub fence: u64,
    /// Why.
    pub reason: Text,
}

/// See [`Event::TaskCompleted`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskCompleted {
    /// The task.
    pub task: TaskId,
    /// The attempt's fence.
    pub fence: u64,
    /// What was done.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub summary: Text,
    /// How it was shown to work.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub verification: Text,
    /// References that show it: commits, files, pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Text>,
    /// Technologies used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technologies: Vec<Text>,
    /// Tests passed, in percent, when the holder says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests_passed_percent: Option<u8>,
    /// Time held over all attempts, in milliseconds.
    pub held_ms: u64,
    /// Tasks that became claimable by it, at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unblocked: Vec<TaskId>,
    /// How many became claimable by it.
    #[serde(default)]
    pub unblocked_total: u32,
    /// Phases that opened by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases_opened: Vec<String>,
}

/// See [`Event::TaskDeferred`].
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

/// See [`Event::TaskReinstated`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReinstated {
    /// The task.
    pub task: TaskId,
}

/// See [`Event::TaskCancelled`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskCancelled {
    /// The task.
    pub task: TaskId,
    /// Why.
    pub reason: Text,
}

/// See [`Event::TaskReopened`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReopened {
    /// The task.
    pub task: TaskId,
    /// Why.
    pub reason: Text,
}

/// See [`Event::SessionStarted`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionStarted {
    /// The session.
    pub session: SessionId,
    /// Its agent.
    pub agent: Text,
    /// What it is meant to do.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub scope: Text,
    /// The model that works in it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub model: Text,
    /// Tasks carried over from the agent's session before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<TaskId>,
}

/// What a session leaves behind, in the words of its agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionSummary {
    /// What was done.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub done: Text,
    /// Technologies used.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub technologies: Text,
    /// Blockers met.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub blockers: Text,
    /// How the work was verified.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub verification: Text,
    /// What should come next.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub next: Text,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnding {
    /// Its agent ended it.
    Closed,
    /// It fell silent; its summary is derived.
    Abandoned,
}

/// See [`Event::SessionEnded`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionEnded {
    /// The session.
    pub session: SessionId,
    /// How it ended.
    pub ending: SessionEnding,
    /// What it leaves behind.
    pub summary: SessionSummary,
    /// Tasks whose leases wait for the agent's next session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<TaskId>,
}

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

/// See [`Event::BlockerOpened`].
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

/// See [`Event::BlockerEscalated`].
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

/// See [`Event::BlockerResolved`].
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

/// See [`Event::TaskDiscovered`].
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

/// See [`Event::DiscoveredTriaged`].
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

/// See [`Event::DecisionOpened`].
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
}

/// See [`Event::DecisionDecided`].
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
}

/// See [`Event::AgentRegistered`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRegistered {
    /// The agent's name, unique in the project.
    pub agent: Text,
    /// Its roles, by slug, the main one first.
    pub roles: Vec<String>,
    /// Its skills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Text>,
    /// How many tasks it may hold at once.
    pub capacity: u32,
    /// Its model.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub model: Text,
}

/// See [`Event::AgentRetired`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRetired {
    /// The agent.
    pub agent: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}

/// See [`Event::RoleAdded`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleAdded {
    /// The role.
    pub role: RoleSpec,
}

/// Whom a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Principal {
    /// Everything, in all projects.
    Coordinator {
        /// Whose it is.
        name: Text,
    },
    /// One agent of one project.
    Agent {
        /// The agent.
        name: Text,
        /// The project's slug.
        project: Text,
    },
    /// Reads, in one project or in all.
    Observer {
        /// Whose it is.
        name: Text,
        /// The project's slug; none = all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<Text>,
    },
}

/// See [`Event::TokenIssued`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// The public part of the token.
    pub token: Text,
    /// SHA-256 of the secret part, in hexadecimal.
    pub secret_hash: Text,
    /// Whom it speaks for.
    pub principal: Principal,
}

/// See [`Event::TokenRevoked`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// The public part of the token.
    pub token: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}
