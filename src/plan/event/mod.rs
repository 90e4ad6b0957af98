//! What happened to a plan: few, coarse facts in the past tense, each a versioned JSON document.
//! An event never asks a question of the world; folding the events alone gives the plan.

mod agent;
mod assignment;
mod checklist;
mod deliverable;
mod delivery;
mod gate;
mod integration;
mod milestone;
mod phase;
mod project;
mod queue;
mod reference;
mod review;
mod risk;
mod rollout;
mod rule;
mod schedule;
mod session;
mod sprint;
mod standup;
mod task;
mod watch;
mod work;
mod workflow;

use std::sync::Arc;

use super::fact::{Actor, RequestKey};
use super::id::SessionId;
use super::time::Timestamp;

pub use agent::{AgentRegistered, AgentRetired, Principal, TokenIssued, TokenRevoked};
pub use assignment::{AssignmentAdded, AssignmentEnded, AssignmentUpdated, Duty, Subject};
pub use checklist::{
    ChecklistAsked, ChecklistDefined, ChecklistEnded, ChecklistItemSettled, ChecklistMissed,
    ChecklistStarted, Executor, ItemSpec, ItemState,
};
pub use deliverable::{
    DeliverableAccepted, DeliverableAdded, DeliverableRejected, DeliverableSubmitted,
    DeliverableUpdated, Home,
};
pub use delivery::{ReportDelivered, ReportReaddressed, ReportUndelivered};
pub use gate::{
    Comparison, CompletionCheck, CriterionCheck, CriterionOutcome, Derived, GateCriterion,
    GateDefined, GateResultRecorded, GateRetired, GateRunSettled, GateRunStarted, GateScope,
    GateWaived, GateWaiverExpired, Measure, MetricReported, RunTrigger, Selection,
};
pub use integration::{
    IntegrationAdded, IntegrationConfirmed, IntegrationFailed, IntegrationTested,
    IntegrationUpdated, IntegrationWithdrawn, IntegrationWords, PointEnd, Sides,
};
pub use milestone::{
    Due, Links, MilestoneAdded, MilestoneKind, MilestoneMissed, MilestoneReached, MilestoneTicked,
    MilestoneUpdated,
};
pub use phase::{
    AddedPhase, CriterionChanged, CriterionMet, PhaseCompleted, PhaseOrderOverridden,
    PhaseOrdering, PhaseReopened, PhaseSkipped, PhaseUpdated, PhasesAdded, RoleTime, RoleWindowSet,
};
pub use project::{
    DiagnosticSettled, ImportCounts, PlanImported, ProjectArchived, ProjectCompleted,
    ProjectCreated, ProjectDeleted, ProjectPaused, ProjectRestored, ProjectResumed, ProjectUpdated,
    RoleAdded,
};
pub use queue::{
    BlockerEscalated, BlockerKind, BlockerOpened, BlockerResolved, BlockerUpdated, DecisionDecided,
    DecisionDeprecated, DecisionOpened, DecisionProposed, DecisionUpdated, DiscoveredTriaged,
    DiscoveredUpdated, Severity, TaskDiscovered, TaskRevisited, Triage,
};
pub use reference::{
    ReferenceAdded, ReferenceKind, ReferenceRemoved, ReferenceStatus, ReferencesMoved,
};
pub use review::{ChangesRequested, TaskApproved, TaskSubmitted};
pub use risk::{Level, RiskAdded, RiskKind, RiskMoved, RiskStatus, RiskUpdated, RiskWords};
pub use rollout::{
    MetricMet, RollbackTested, RolloutCreated, RolloutEnded, RolloutHeldBack, RolloutReadied,
    RolloutStarted, RolloutStatus, RolloutStepDone, RolloutUpdated, RolloutWords, SuccessMetric,
};
pub use rule::{DecisionExtended, RuleAdded, RuleEnded, RuleSide};
pub use schedule::{
    FiringCause, Job, NamedSchedule, ReportContinued, ReportKind, ReportPublished, SchedulePaused,
    ScheduleRemoved, ScheduleResumed, ScheduleSpec, SchedulesSet, SkipCause, SlotEnded, SlotFired,
    SlotSkipped, SlotsMissed, Urgency,
};
pub use session::{SessionEnded, SessionEnding, SessionStarted, SessionSummary};
pub use sprint::{
    SprintClosed, SprintCommitted, SprintPlanned, SprintScopeChanged, SprintUpdated,
    SprintWithdrawn,
};
pub use standup::{Slots, StandupEntered, StandupHeld, StandupOpened};
pub use task::{
    AddedTask, Arrival, DependenciesAdded, Dependency, DependencyRemoved, DependencyWaived, On,
    ReviewNeed, SplitPart, TaskCancelled, TaskChanges, TaskDeferred, TaskReinstated, TaskReopened,
    TaskSplit, TaskUpdated, TasksAdded,
};
pub use watch::{ClearedMark, DISCOVERED, MarkKind, MarksChanged, RaisedMark};
pub use work::{
    ClaimRevoked, ExpiryCause, LeaseExpired, ProgressReported, ReleaseCause, TaskClaimed,
    TaskCompleted, TaskReleased, TaskStarted,
};
pub use workflow::{
    Cadence, MeasuredValue, NoSpan, Oversight, RequiredRole, RunStep, SpanUnit, SuccessCheck,
    SuccessCriterion, WorkflowCriterionAttested, WorkflowDefined, WorkflowDefinition,
    WorkflowInput, WorkflowInputProvided, WorkflowOutput, WorkflowRetired, WorkflowRunCompleted,
    WorkflowRunConfirmed, WorkflowRunMoved, WorkflowRunStarted, WorkflowSigned, WorkflowSpan,
};

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

            /// Writes the event's own data, without its type.
            pub(super) fn serialize_data<S: serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                match self { $(Self::$name(data) => serde::Serialize::serialize(data, serializer),)+ }
            }

            /// Reads the data of the event type `kind` in its present shape; none for an unknown type.
            pub fn from_data(kind: &str, data: &str) -> Option<serde_json::Result<Self>> {
                match kind {
                    $(stringify!($name) => Some(serde_json::from_str(data).map(Self::$name)),)+
                    _ => None,
                }
            }

            /// The same from the middle of a document; data of an unknown type is passed over.
            pub(super) fn deserialize_data<'de, D: serde::Deserializer<'de>>(
                kind: &str,
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                match kind {
                    $(stringify!($name) => {
                        serde::Deserialize::deserialize(deserializer).map(Self::$name).map(Some)
                    })+
                    _ => deserializer.deserialize_ignored_any(serde::de::IgnoredAny).map(|_| None),
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
    /// A coordinator said that the project is completed.
    ProjectCompleted,
    /// The project is closed for good; reads go on.
    ProjectArchived,
    /// The log goes on from a backup: whatever was recorded after it is lost, and no fence given out
    /// since is good.
    ProjectRestored,
    /// A project's log was removed for good (`_daemon` only).
    ProjectDeleted,
    /// A plan file was taken in; what it stated follows in the same append.
    PlanImported,
    /// Something that was not taken as written from a plan file is settled.
    DiagnosticSettled,
    /// Phases were added.
    PhasesAdded,
    /// A phase's words or predecessors changed.
    PhaseUpdated,
    /// A coordinator said that a phase criterion is met.
    CriterionMet,
    /// A criterion of a phase got other words, is asked for no more, or is not met after all.
    CriterionChanged,
    /// A coordinator opened a phase before its predecessors were complete.
    PhaseOrderOverridden,
    /// A phase closed.
    PhaseCompleted,
    /// A closed phase is open again.
    PhaseReopened,
    /// A phase was left out.
    PhaseSkipped,
    /// It was said when a role works, or that nothing is said of it any more.
    RoleWindowSet,
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
    /// Work was handed in for review; its holder lets it go.
    TaskSubmitted,
    /// A reviewer found work good: the task is finished.
    TaskApproved,
    /// A reviewer gave work back.
    ChangesRequested,
    /// The task was put off.
    TaskDeferred,
    /// A deferred task is planned again.
    TaskReinstated,
    /// The task was given up.
    TaskCancelled,
    /// A completed task is planned again.
    TaskReopened,
    /// A task was given up for several that stand in its place.
    TaskSplit,
    /// A session began.
    SessionStarted,
    /// A session ended.
    SessionEnded,
    /// Something holds tasks or a phase up.
    BlockerOpened,
    /// A blocker needs more attention.
    BlockerEscalated,
    /// What an open blocker holds up changed, or what is said of it.
    BlockerUpdated,
    /// A blocker is gone.
    BlockerResolved,
    /// Work outside the plan was found.
    TaskDiscovered,
    /// The words of a discovered task that waits for triage changed.
    DiscoveredUpdated,
    /// A discovered task was decided on.
    DiscoveredTriaged,
    /// A question must be decided.
    DecisionOpened,
    /// An answer to a question is proposed.
    DecisionProposed,
    /// The question of an open decision changed, or what waits for it.
    DecisionUpdated,
    /// A question is decided.
    DecisionDecided,
    /// A decision holds no more, and nothing takes its place.
    DecisionDeprecated,
    /// An open decision holds up tasks that its selectors name.
    DecisionExtended,
    /// A task was looked at because a decision it relied on holds no more.
    TaskRevisited,
    /// A wait was stated for every task that a selector names.
    RuleAdded,
    /// A rule is followed no more; what it led to stays.
    RuleEnded,
    /// A deliverable was stated.
    DeliverableAdded,
    /// A deliverable's words changed, or what it belongs to.
    DeliverableUpdated,
    /// A deliverable was handed in.
    DeliverableSubmitted,
    /// A submitted deliverable is good.
    DeliverableAccepted,
    /// A submitted deliverable is not good.
    DeliverableRejected,
    /// A milestone was stated.
    MilestoneAdded,
    /// A milestone's words, its day or what it stands for changed.
    MilestoneUpdated,
    /// An item of a milestone's checklist was ticked.
    MilestoneTicked,
    /// A milestone was reached: all it waits for is done, or a coordinator said so.
    MilestoneReached,
    /// A coordinator said that a milestone was missed.
    MilestoneMissed,
    /// A risk was stated.
    RiskAdded,
    /// A risk's words changed.
    RiskUpdated,
    /// A risk was mitigated, accepted, came true or is over.
    RiskMoved,
    /// A quality gate was defined, or defined anew.
    GateDefined,
    /// A quality gate stands in front of nothing any more.
    GateRetired,
    /// A gate began to be judged.
    GateRunStarted,
    /// One criterion of a run came out.
    GateResultRecorded,
    /// A run was settled.
    GateRunSettled,
    /// A coordinator lets a failed run pass for a while.
    GateWaived,
    /// A waiver's time is over.
    GateWaiverExpired,
    /// Something was measured.
    MetricReported,
    /// A sprint was planned.
    SprintPlanned,
    /// A sprint's tasks were committed: it is active.
    SprintCommitted,
    /// Tasks came into a sprint or were taken out.
    SprintScopeChanged,
    /// A sprint is over, with what it came to.
    SprintClosed,
    /// A sprint's goal or its days changed.
    SprintUpdated,
    /// A planned sprint does not take place.
    SprintWithdrawn,
    /// An integration point was stated.
    IntegrationAdded,
    /// An integration point's words changed, or what meets there.
    IntegrationUpdated,
    /// A coordinator said that an external system is there.
    IntegrationConfirmed,
    /// An integration point was tested and works.
    IntegrationTested,
    /// An integration point was tested and does not work.
    IntegrationFailed,
    /// Nothing is to be tested at an integration point any more.
    IntegrationWithdrawn,
    /// A rollout was planned.
    RolloutCreated,
    /// A rollout's words changed.
    RolloutUpdated,
    /// The rollback of a rollout was tested.
    RollbackTested,
    /// Nothing stands in a rollout's way any more.
    RolloutReadied,
    /// Something stands in a rollout's way again.
    RolloutHeldBack,
    /// A rollout began.
    RolloutStarted,
    /// A step of a rollout was done.
    RolloutStepDone,
    /// A rollout succeeded, was taken back or failed.
    RolloutEnded,
    /// A task refers to a document.
    ReferenceAdded,
    /// A task refers to a document no more.
    ReferenceRemoved,
    /// Documents that a task refers to stand elsewhere.
    ReferencesMoved,
    /// A workflow was defined, or defined anew.
    WorkflowDefined,
    /// A workflow is started no more.
    WorkflowRetired,
    /// A run of a workflow began to wait for what it needs.
    WorkflowRunStarted,
    /// A run that another one brought about may go on.
    WorkflowRunConfirmed,
    /// Something a run asks for was supplied.
    WorkflowInputProvided,
    /// A run stands somewhere else.
    WorkflowRunMoved,
    /// Somebody said whether a success criterion of a run holds.
    WorkflowCriterionAttested,
    /// Somebody signed a run off, or refused to.
    WorkflowSigned,
    /// A run has reached all it was for.
    WorkflowRunCompleted,
    /// An agent looks after an area or a task.
    AssignmentAdded,
    /// It does so in another way.
    AssignmentUpdated,
    /// It does so no more.
    AssignmentEnded,
    /// Schedules were set.
    SchedulesSet,
    /// A schedule was taken away.
    ScheduleRemoved,
    /// A schedule rests.
    SchedulePaused,
    /// A schedule goes on; what was due meanwhile stays undone.
    ScheduleResumed,
    /// A schedule was due and fired, or somebody asked for it.
    SlotFired,
    /// Slots went by that nobody looked after in time.
    SlotsMissed,
    /// A slot was due and left out.
    SlotSkipped,
    /// A run of a schedule ended.
    SlotEnded,
    /// A report was published.
    ReportPublished,
    /// The document of a report goes on.
    ReportContinued,
    /// It was said what runs of the checklist look at.
    ChecklistDefined,
    /// A run of the checklist began.
    ChecklistStarted,
    /// A run of the checklist was due on a day that went by without one.
    ChecklistMissed,
    /// What is open of a run is looked at once more.
    ChecklistAsked,
    /// It is known what came of an item of a run.
    ChecklistItemSettled,
    /// A run of the checklist is over.
    ChecklistEnded,
    /// A channel took a report.
    ReportDelivered,
    /// A report was given up for a channel.
    ReportUndelivered,
    /// A report that was given up is to be delivered after all.
    ReportReaddressed,
    /// A day's standup is open to entries.
    StandupOpened,
    /// Somebody said what there is to say at a standup.
    StandupEntered,
    /// The report that tells of a standup is published.
    StandupHeld,
    /// What people should know has changed.
    MarksChanged,
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
