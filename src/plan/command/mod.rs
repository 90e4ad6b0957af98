//! What can be asked of a plan. One file per family decides; a command that is refused changes nothing.

pub(super) mod agent;
pub(super) mod assignment;
pub(super) mod checklist;
pub(super) mod criterion;
pub(super) mod decision;
pub(super) mod deliverable;
pub(super) mod delivery;
pub(super) mod dependency;
pub(super) mod diagnostic;
pub(super) mod ending;
pub(super) mod gate;
pub(super) mod import;
pub(super) mod integration;
pub(super) mod lease;
pub(super) mod milestone;
pub(super) mod phase;
pub(super) mod project;
pub(super) mod queue;
pub(super) mod queue_edit;
pub(super) mod reference;
pub(super) mod restore;
pub(super) mod risk;
pub(super) mod role_window;
pub(super) mod rollout;
pub(super) mod rule;
pub(super) mod schedule;
pub(super) mod session;
pub(super) mod split;
pub(super) mod sprint;
pub(super) mod standup;
pub(super) mod task;
pub(super) mod text;
pub(super) mod watch;
pub(super) mod work;
pub(super) mod workflow;

mod filing;
mod planned;
mod points;
mod register;
mod team;
mod working;

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::event::{
    Duty, ExpiryCause, Principal, ReferenceStatus, ReleaseCause, RiskStatus, RoleTime,
    SessionSummary, TaskChanges, Text,
};
use super::id::{
    AssignmentId, BlockerId, DecisionId, DeliverableId, DiscoveredId, GateRunId, IntegrationId,
    MilestoneId, RiskId, RolloutId, RuleId, SessionId, SprintId, TaskId,
};
use super::import::ImportedPlan;
use super::role::RoleSpec;
use super::settings::Settings;
use super::time::Timestamp;

pub use filing::{
    BlockerChanges, DecisionChanges, DiscoveredChanges, NewBlocker, NewDiscovered, Ruling, Verdict,
};
pub use gate::{
    CommandOutcome, CompletionResult, NewCheck, NewCriterion, NewGate, NewMeasure, NewScope,
};

pub use assignment::not_found as no_assignment;
pub use checklist::{Checking, found as find_checklist};
pub use delivery::{CHANNELS_MAX, Delivering};
pub use integration::not_found as no_integration;
pub use rollout::not_found as no_rollout;
pub use schedule::{
    NewReport, NewSchedule, Timing, found as find_schedule, found_report as find_report,
};
pub use sprint::not_found as no_sprint;
pub use standup::{Gathering, NewEntry, found as find_standup};
pub use team::{HeldLeases, NewAssignment, PhaseTiming};
pub use watch::{FOUND_MAX, Watching};
pub use workflow::{
    CriterionToAttest, InputToProvide, NewSuccess, NewSuccessCheck, NewWorkflow, RunToEnd,
    RunToSign,
};

pub use planned::{
    CarryTo, CriterionChange, NewPart, NewPhase, NewSprint, NewTask, OnRef, PhaseChanges,
    RoleChanges, SprintChanges,
};
pub use points::{
    EndRef, IntegrationChanges, NewIntegration, NewReference, NewSuccessMetric, RolloutChanges,
    RolloutEnding, SidesRef,
};
pub use register::{
    DeliverableChanges, Held, HomeRef, LinksRef, MilestoneChanges, NewDeliverable, NewMilestone,
    NewRisk, RiskChanges, RuleSideRef,
};
pub use working::{Claim, Complete};

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
    /// Says that the project is completed; refused while something is missing.
    CompleteProject { note: String },
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
    /// Marks something that was not taken as written from a plan file as settled.
    SettleDiagnostic { number: u32, note: String },
    /// Adds phases.
    CreatePhases(Vec<NewPhase>),
    /// Changes a phase's words, lead or predecessors.
    UpdatePhase {
        phase: String,
        #[cfg_attr(test, serde(flatten))]
        changes: Box<PhaseChanges>,
    },
    /// Says when a role works, in a phase or (empty) in the whole project; none takes that back.
    SetRoleWindow {
        role: String,
        phase: String,
        time: Option<RoleTime>,
    },
    /// Changes a criterion (number from 1) of a phase that is not closed.
    ChangeCriterion {
        phase: String,
        criterion: u32,
        change: CriterionChange,
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
    /// Hands a held task in for review.
    SubmitForReview(Box<Complete>),
    /// Finds work under review good.
    ApproveTask { task: String, note: String },
    /// Gives work under review back.
    RequestChanges { task: String, reason: String },
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
    /// Changes what an open blocker holds up, or what is said of it.
    UpdateBlocker {
        blocker: BlockerId,
        changes: Box<BlockerChanges>,
    },
    /// Files work outside the plan.
    ReportDiscovered(Box<NewDiscovered>),
    /// Changes the words of a discovered task that waits for triage.
    UpdateDiscovered {
        discovered: DiscoveredId,
        changes: Box<DiscoveredChanges>,
    },
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
        #[cfg_attr(test, serde(default))]
        selectors: Vec<String>,
    },
    /// Proposes an answer to an open question.
    ProposeDecision {
        decision: DecisionId,
        answer: String,
        rationale: String,
    },
    /// Changes the question of an open decision, or what waits for it.
    UpdateDecision {
        decision: DecisionId,
        changes: Box<DecisionChanges>,
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
    /// States a wait for every task that a selector names.
    AddRule {
        waiting: RuleSideRef,
        on: RuleSideRef,
        note: String,
    },
    /// Follows a rule no more; what it led to stays.
    EndRule { rule: RuleId, reason: String },
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
    /// Changes the goal or the days of a sprint that is not over.
    UpdateSprint {
        sprint: SprintId,
        changes: Box<SprintChanges>,
    },
    /// Says that a planned sprint does not take place.
    WithdrawSprint { sprint: SprintId, reason: String },
    /// Closes the active sprint.
    CloseSprint { sprint: SprintId, carry_to: CarryTo },
    /// States an integration point.
    CreateIntegration(Box<NewIntegration>),
    /// Changes one.
    UpdateIntegration {
        integration: IntegrationId,
        changes: Box<IntegrationChanges>,
    },
    /// Says that an external system is there.
    ConfirmIntegration {
        integration: IntegrationId,
        note: String,
    },
    /// Says that a point was tested and works.
    TestIntegration {
        integration: IntegrationId,
        evidence: String,
    },
    /// Says that a point was tested and does not work; that may hold something up.
    FailIntegration {
        integration: IntegrationId,
        reason: String,
        holds: Held,
    },
    /// Says that nothing is to be tested at a point any more.
    WithdrawIntegration {
        integration: IntegrationId,
        reason: String,
    },
    /// Plans a rollout.
    CreateRollout(Box<RolloutChanges>),
    /// Changes one that has not begun.
    UpdateRollout {
        rollout: RolloutId,
        changes: Box<RolloutChanges>,
    },
    /// Says that the rollback was tested.
    TestRollback {
        rollout: RolloutId,
        evidence: String,
    },
    /// Lets one roll.
    StartRollout { rollout: RolloutId },
    /// Says that a step (number from 1; 0 = the next) is done.
    TickRollout {
        rollout: RolloutId,
        step: u32,
        note: String,
    },
    /// Says how one ended.
    EndRollout(Box<RolloutEnding>),
    /// Lets a task refer to a document.
    AddReference {
        task: String,
        reference: Box<NewReference>,
    },
    /// Lets a task refer to it no more.
    RemoveReference { task: String, reference: String },
    /// Says where a document stands; a holder gives its fence.
    SetReferenceStatus {
        task: String,
        reference: String,
        status: ReferenceStatus,
        fence: u64,
    },
    /// Defines a workflow, or defines one anew.
    DefineWorkflow(Box<NewWorkflow>),
    /// Lets a workflow be started no more.
    RetireWorkflow { workflow: String, reason: String },
    /// Starts a workflow; a run that is open answers instead, and goes on if it waited for this word.
    StartWorkflow { workflow: String, restart: bool },
    /// Supplies something to a run.
    ProvideInput(InputToProvide),
    /// Says whether an attested success criterion of a run holds.
    AttestWorkflowCriterion(CriterionToAttest),
    /// Signs a run off, or refuses to.
    SignWorkflow(RunToSign),
    /// Says that the work of a run is done which names no phases.
    FinishWorkflow { run: String, note: String },
    /// Ends a run that failed or is given up.
    EndWorkflowRun(RunToEnd),
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
    /// What can be asked of schedules and reports.
    Time(Timing),
    /// What can be asked of checklists.
    Check(Checking),
    /// What can be asked of standups.
    Gather(Gathering),
    /// What the daemon does while it watches.
    Watch(Watching),
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
    /// Changes a role's title or tier.
    UpdateRole { role: String, changes: RoleChanges },
    /// Issues a token (`_daemon`).
    IssueToken {
        token: Text,
        secret_hash: Text,
        principal: Principal,
    },
    /// Revokes a token (`_daemon`).
    RevokeToken { token: Text, reason: String },
}
