//! What can be asked of a plan. One file per family decides; a command that is refused changes nothing.

pub(super) mod agent;
pub(super) mod assignment;
pub(super) mod decision;
pub(super) mod deliverable;
pub(super) mod dependency;
pub(super) mod gate;
pub(super) mod import;
pub(super) mod lease;
pub(super) mod milestone;
pub(super) mod phase;
pub(super) mod project;
pub(super) mod queue;
pub(super) mod restore;
pub(super) mod risk;
pub(super) mod role_window;
pub(super) mod session;
pub(super) mod split;
pub(super) mod sprint;
pub(super) mod task;
pub(super) mod text;
pub(super) mod work;

mod filing;
mod register;
mod team;

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::day::Day;
use super::event::{
    Duty, ExpiryCause, Principal, ReleaseCause, RiskStatus, RoleTime, SessionSummary, TaskChanges,
    Text,
};
use super::id::{
    AssignmentId, BlockerId, DecisionId, DeliverableId, DiscoveredId, GateRunId, MilestoneId,
    RiskId, SessionId, SprintId, TaskId,
};
use super::import::ImportedPlan;
use super::role::RoleSpec;
use super::settings::Settings;
use super::time::{Estimate, Timestamp};

pub use filing::{NewBlocker, NewDiscovered, Ruling, Verdict};
pub use gate::{
    CommandOutcome, CompletionResult, NewCheck, NewCriterion, NewGate, NewMeasure, NewScope,
};

pub use assignment::not_found as no_assignment;
pub use sprint::not_found as no_sprint;
pub use team::{HeldLeases, NewAssignment, PhaseTiming};

pub use register::{
    DeliverableChanges, Held, HomeRef, LinksRef, MilestoneChanges, NewDeliverable, NewMilestone,
    NewRisk, RiskChanges,
};

/// Everything that can be asked of a plan. Ids come as people write them and are resolved by `decide`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
#[expect(
    missing_docs,
    reason = "a variant's fields are those of its request, documented there"
)]
pub enum Command {
    /// Makes a project (the plan must be empty).
    CreateProject {
        slug: String,
        name: String,
        description: String,
        settings: Box<Settings>,
        draft: bool,
    },
    /// Changes a project's words or settings.
    UpdateProject {
        name: Option<String>,
        description: Option<String>,
        settings: Option<Box<Settings>>,
    },
    /// Hands nothing out from here on.
    PauseProject { reason: String },
    /// Goes on; also ends a draft.
    ResumeProject,
    /// Closes the project for good.
    ArchiveProject { reason: String },
    /// Says that the log goes on from a backup: raises the fence above whatever was given out since and
    /// ends every live lease (the daemon's operator, on files that nobody serves).
    RestoreProject,
    /// Says that a project's log is removed for good, and revokes the tokens bound to it (`_daemon`; the
    /// daemon's operator).
    DeleteProject {
        project: Text,
        events: u64,
        last_hash: Text,
    },
    /// Takes a plan file in; the project must be empty or have these very bytes as a source.
    ImportPlan(Box<ImportedPlan>),
    /// Adds phases.
    CreatePhases(Vec<NewPhase>),
    /// Changes a phase's words or predecessors.
    UpdatePhase {
        phase: String,
        name: Option<String>,
        goal: Option<String>,
        criteria_added: Vec<String>,
        predecessors: Option<Vec<String>>,
        #[cfg_attr(test, serde(default))]
        timing: PhaseTiming,
    },
    /// Says when a role works, in a phase or (empty) in the whole project; none takes that back.
    SetRoleWindow {
        role: String,
        phase: String,
        time: Option<RoleTime>,
    },
    /// Says that a criterion (number from 1) is met.
    MeetCriterion {
        phase: String,
        criterion: u32,
        evidence: String,
    },
    /// Opens a phase before its predecessors are complete.
    OverridePhaseOrder { phase: String, reason: String },
    /// Closes a phase by hand.
    ClosePhase { phase: String },
    /// Opens a closed phase again.
    ReopenPhase { phase: String, reason: String },
    /// Leaves a phase out; its open tasks are deferred.
    SkipPhase { phase: String, reason: String },
    /// Adds tasks, all or none.
    CreateTasks(Vec<NewTask>),
    /// Changes a task's words. `revision` 0 = whatever it is.
    UpdateTask {
        task: String,
        changes: Box<TaskChanges>,
        revision: u64,
    },
    /// Puts a task off.
    DeferTask {
        task: String,
        target: String,
        reason: String,
    },
    /// Plans a deferred task again.
    ReinstateTask { task: String },
    /// Gives a task up; a live claim is revoked first.
    CancelTask {
        task: String,
        reason: String,
        waive_dependents: bool,
    },
    /// Plans a completed task again.
    ReopenTask { task: String, reason: String },
    /// Gives a task up for several parts that stand in its place.
    SplitTask {
        task: String,
        parts: Vec<NewPart>,
        chain: bool,
    },
    /// Takes a task away from its holder.
    RevokeClaim { task: String, reason: String },
    /// Adds dependencies to a task.
    AddDependencies { task: String, on: Vec<OnRef> },
    /// Removes one.
    RemoveDependency { task: String, on: OnRef },
    /// Lets a task go ahead without a predecessor.
    WaiveDependency {
        task: String,
        on: OnRef,
        reason: String,
    },
    /// Starts a session for the acting agent.
    StartSession {
        scope: String,
        model: String,
        another: bool,
    },
    /// Ends one; none = the agent's only open one.
    EndSession {
        session: Option<SessionId>,
        summary: SessionSummary,
        leases: HeldLeases,
    },
    /// Closes a silent session that holds nothing (the daemon).
    AbandonSession { session: SessionId },
    /// Claims the next task, or a named one.
    ClaimTask(Claim),
    /// Begins work. `checked` names pre-checks.
    StartTask {
        task: String,
        fence: u64,
        checked: Vec<String>,
    },
    /// Says how far it is. `checked` names post-checks, also of a task completed under this fence.
    ReportProgress {
        task: String,
        fence: u64,
        note: String,
        percent: Option<u8>,
        checked: Vec<String>,
    },
    /// Finishes a task.
    CompleteTask(Box<Complete>),
    /// Gives a task back. `cause` is `Returned` or `Failed`.
    ReleaseTask {
        task: String,
        fence: u64,
        cause: ReleaseCause,
        reason: String,
    },
    /// Ends a lease that ran out (the daemon). Refused as LEASE_LOST when the fence moved on.
    ExpireLease {
        task: TaskId,
        fence: u64,
        cause: ExpiryCause,
    },
    /// Says what stands in the way. An agent names the one task it holds, with its fence; a coordinator
    /// names tasks or a phase.
    OpenBlocker(Box<NewBlocker>),
    /// Settles a blocker, or takes it back.
    ResolveBlocker {
        blocker: BlockerId,
        resolution: String,
        withdraw: bool,
    },
    /// Asks for more attention.
    EscalateBlocker {
        blocker: BlockerId,
        reason: String,
        owner: String,
    },
    /// Files work outside the plan.
    ReportDiscovered(Box<NewDiscovered>),
    /// Decides on a discovered task.
    TriageDiscovered {
        discovered: DiscoveredId,
        verdict: Verdict,
        note: String,
    },
    /// Opens a question.
    OpenDecision {
        question: String,
        options: Vec<String>,
        blocks: Vec<String>,
        phases: Vec<String>,
    },
    /// Proposes an answer to an open question.
    ProposeDecision {
        decision: DecisionId,
        answer: String,
        rationale: String,
    },
    /// Decides it.
    Decide {
        decision: DecisionId,
        ruling: Box<Ruling>,
    },
    /// Decides anew what was decided before; an empty question is the one of before.
    SupersedeDecision {
        decision: DecisionId,
        question: String,
        ruling: Box<Ruling>,
    },
    /// Says that a decision holds no more, without another in its place.
    DeprecateDecision {
        decision: DecisionId,
        reason: String,
    },
    /// Says that a task was looked at which relied on what holds no more.
    RevisitTask {
        decision: DecisionId,
        task: String,
        note: String,
    },
    /// States a deliverable.
    CreateDeliverable(Box<NewDeliverable>),
    /// Changes one that is not accepted.
    UpdateDeliverable {
        deliverable: DeliverableId,
        changes: Box<DeliverableChanges>,
    },
    /// Hands one in.
    SubmitDeliverable {
        deliverable: DeliverableId,
        artefact: String,
        note: String,
    },
    /// Accepts what somebody else handed in.
    AcceptDeliverable {
        deliverable: DeliverableId,
        note: String,
    },
    /// Rejects what somebody else handed in.
    RejectDeliverable {
        deliverable: DeliverableId,
        reason: String,
    },
    /// States a milestone.
    CreateMilestone(Box<NewMilestone>),
    /// Changes one that is ahead.
    UpdateMilestone {
        milestone: MilestoneId,
        changes: Box<MilestoneChanges>,
    },
    /// Ticks an item (number from 1) of its checklist.
    TickMilestone { milestone: MilestoneId, item: u32 },
    /// Says that one is reached, whatever it waits for.
    ReachMilestone {
        milestone: MilestoneId,
        note: String,
    },
    /// Says that one was missed.
    MissMilestone {
        milestone: MilestoneId,
        reason: String,
    },
    /// States a risk.
    CreateRisk(Box<NewRisk>),
    /// Changes one that is not closed.
    UpdateRisk {
        risk: RiskId,
        changes: Box<RiskChanges>,
    },
    /// Brings a risk to another state; one that came true may hold something up.
    MoveRisk {
        risk: RiskId,
        to: RiskStatus,
        note: String,
        holds: Held,
    },
    /// Defines a gate, or defines one anew.
    DefineGate(Box<NewGate>),
    /// Takes a gate away from what it stands in front of.
    RetireGate { gate: String, reason: String },
    /// Runs a gate.
    RunGate { gate: String, commit: String },
    /// Says whether a criterion of a pending run holds. `gate` names a run, or a gate for its newest;
    /// `criterion` is a number from 1 or a name.
    AttestCriterion {
        gate: String,
        criterion: String,
        holds: bool,
        evidence: String,
    },
    /// Signs a criterion of a pending run, or refuses to.
    ApproveCriterion {
        gate: String,
        criterion: String,
        approved: bool,
        evidence: String,
    },
    /// Lets a failed run pass for a while.
    WaiveGateRun {
        gate: String,
        reason: String,
        until: Timestamp,
    },
    /// Says that a waiver's time is over (the daemon).
    ExpireGateWaiver { run: GateRunId },
    /// Takes in how a command of a pending run ended (the daemon).
    RecordGateResult {
        run: GateRunId,
        criterion: u32,
        outcome: Box<CommandOutcome>,
        commit: String,
    },
    /// Says what was measured. The value is a decimal number.
    ReportMetric {
        metric: String,
        value: String,
        evidence: String,
    },
    /// Plans a sprint.
    PlanSprint(Box<NewSprint>),
    /// Commits what is planned for a sprint, and these tasks with it.
    CommitSprint {
        sprint: SprintId,
        tasks: Vec<String>,
    },
    /// Puts tasks into a sprint that is not closed, or takes some out.
    ChangeSprint {
        sprint: SprintId,
        add: Vec<String>,
        remove: Vec<String>,
        reason: String,
    },
    /// Closes the active sprint.
    CloseSprint { sprint: SprintId, carry_to: CarryTo },
    /// Gives an area or a task into the care of an agent.
    CreateAssignment(Box<NewAssignment>),
    /// Changes how an agent looks after something.
    UpdateAssignment {
        assignment: AssignmentId,
        duty: Duty,
    },
    /// Takes something out of an agent's care.
    EndAssignment {
        assignment: AssignmentId,
        reason: String,
    },
    /// Registers an agent. Capacity 0 = 1.
    RegisterAgent {
        agent: String,
        roles: Vec<String>,
        skills: Vec<String>,
        capacity: u32,
        model: String,
    },
    /// Lets an agent go; its claims are revoked and its sessions end.
    RetireAgent { agent: String, reason: String },
    /// Adds a role.
    AddRole(Box<RoleSpec>),
    /// Issues a token (`_daemon`).
    IssueToken {
        token: Text,
        secret_hash: Text,
        principal: Principal,
    },
    /// Revokes a token (`_daemon`).
    RevokeToken { token: Text, reason: String },
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
}

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

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct Claim {
    /// The task wanted; empty = the next one.
    pub task: String,
    /// Only tasks of this role; empty = of all the agent's roles.
    pub role: String,
    /// The session to hold it in; none = the agent's open one, else a new one.
    pub session: Option<SessionId>,
    /// The term asked for in milliseconds; 0 = the project's default.
    pub lease_ms: u64,
    /// Start it in the same step.
    pub start: bool,
    /// Hand a held task out again to its holder.
    pub resume: bool,
    /// Shown in a session this claim opens.
    pub model: String,
    /// Pre-checks attested for the start.
    pub checked: Vec<String>,
    /// The day it is where the project is; the daemon brings it, never a request, and only where it counts.
    #[cfg_attr(test, serde(default))]
    pub today: Option<Day>,
}

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct Complete {
    /// The task.
    pub task: String,
    /// The attempt's fence.
    pub fence: u64,
    /// What was done.
    pub summary: String,
    /// How it was shown to work.
    pub verification: String,
    /// References that show it.
    pub evidence: Vec<String>,
    /// Technologies used.
    pub technologies: Vec<String>,
    /// Tests passed, in percent.
    pub tests_passed_percent: Option<u8>,
    /// Acceptance criteria ticked, numbered from 1.
    pub accepted: Vec<u32>,
    /// All of them are.
    pub accept_all: bool,
    /// Post-checks attested.
    pub checked: Vec<String>,
    /// Post-checks that are missing are owed until the next claim rather than refused.
    pub checks_later: bool,
    /// How the commands ended that gates ask for; the daemon brings them, never a request.
    #[cfg_attr(test, serde(default))]
    pub gate_results: Vec<CompletionResult>,
}
