//! Why a rule said no: a stable reason, the facts, and what to do next. One table gives every reason its
//! class; the edges turn classes into their own codes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// At most so many items are listed in a refusal; `total` says how many there are.
pub const ITEMS_LISTED_MAX: usize = 20;

/// What the reader of a refusal should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Correct the request.
    InvalidArgument,
    /// Look the id up again.
    NotFound,
    /// It exists already.
    AlreadyExists,
    /// A rule of the plan stands against it.
    FailedPrecondition,
    /// The holder no longer holds: stop work.
    LeaseLost,
    /// Not for this principal.
    PermissionDenied,
    /// A limit is reached.
    ResourceExhausted,
    /// The state moved on; read again.
    Aborted,
    /// Nothing to hand out: an answer, not an error.
    Nothing,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $class:ident;)+) => {
        /// Every reason for which a rule of the plan says no.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[$doc])* $name,)+
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable name, upper snake case.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What the reader should do.
            pub fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)+ }
            }
        }
    };
}

reasons! {
    /// A field is missing, malformed or too long.
    InvalidField = "INVALID_FIELD", InvalidArgument;
    /// A role that the catalogue does not have.
    UnknownRole = "UNKNOWN_ROLE", InvalidArgument;
    /// A name that means two things.
    AmbiguousId = "AMBIGUOUS_ID", InvalidArgument;
    /// No such project.
    ProjectNotFound = "PROJECT_NOT_FOUND", NotFound;
    /// No such phase.
    PhaseNotFound = "PHASE_NOT_FOUND", NotFound;
    /// No such criterion.
    CriterionNotFound = "CRITERION_NOT_FOUND", NotFound;
    /// No such task.
    TaskNotFound = "TASK_NOT_FOUND", NotFound;
    /// No such dependency.
    DependencyNotFound = "DEPENDENCY_NOT_FOUND", NotFound;
    /// No such agent.
    AgentNotFound = "AGENT_NOT_FOUND", NotFound;
    /// No such session.
    SessionNotFound = "SESSION_NOT_FOUND", NotFound;
    /// No such blocker.
    BlockerNotFound = "BLOCKER_NOT_FOUND", NotFound;
    /// No such discovered task.
    DiscoveredNotFound = "DISCOVERED_NOT_FOUND", NotFound;
    /// No such decision.
    DecisionNotFound = "DECISION_NOT_FOUND", NotFound;
    /// No such deliverable.
    DeliverableNotFound = "DELIVERABLE_NOT_FOUND", NotFound;
    /// No such milestone.
    MilestoneNotFound = "MILESTONE_NOT_FOUND", NotFound;
    /// No such diagnostic.
    DiagnosticNotFound = "DIAGNOSTIC_NOT_FOUND", NotFound;
    /// No such rule.
    RuleNotFound = "RULE_NOT_FOUND", NotFound;
    /// No such risk.
    RiskNotFound = "RISK_NOT_FOUND", NotFound;
    /// No such quality gate, or no run of it.
    GateNotFound = "GATE_NOT_FOUND", NotFound;
    /// No such sprint.
    SprintNotFound = "SPRINT_NOT_FOUND", NotFound;
    /// No such integration point.
    IntegrationNotFound = "INTEGRATION_NOT_FOUND", NotFound;
    /// No such rollout.
    RolloutNotFound = "ROLLOUT_NOT_FOUND", NotFound;
    /// The task refers to no such document.
    ReferenceNotFound = "REFERENCE_NOT_FOUND", NotFound;
    /// No such workflow, or no run of it.
    WorkflowNotFound = "WORKFLOW_NOT_FOUND", NotFound;
    /// No such schedule.
    ScheduleNotFound = "SCHEDULE_NOT_FOUND", NotFound;
    /// No such run of the checklist.
    ChecklistNotFound = "CHECKLIST_NOT_FOUND", NotFound;
    /// No standup on that day.
    StandupNotFound = "STANDUP_NOT_FOUND", NotFound;
    /// No such report.
    ReportNotFound = "REPORT_NOT_FOUND", NotFound;
    /// No such channel, or the report was not addressed to it.
    ChannelNotFound = "CHANNEL_NOT_FOUND", NotFound;
    /// No such assignment.
    AssignmentNotFound = "ASSIGNMENT_NOT_FOUND", NotFound;
    /// No such token.
    TokenNotFound = "TOKEN_NOT_FOUND", NotFound;
    /// A project of that slug exists.
    ProjectExists = "PROJECT_EXISTS", AlreadyExists;
    /// A phase of that id exists.
    PhaseExists = "PHASE_EXISTS", AlreadyExists;
    /// An authored id is taken.
    IdTaken = "ID_TAKEN", AlreadyExists;
    /// An agent of that name exists.
    AgentExists = "AGENT_EXISTS", AlreadyExists;
    /// A role of that name exists.
    RoleExists = "ROLE_EXISTS", AlreadyExists;
    /// The agent looks after it already.
    AssignmentExists = "ASSIGNMENT_EXISTS", AlreadyExists;
    /// The dependency is there already.
    DependencyExists = "DEPENDENCY_EXISTS", AlreadyExists;
    /// The task refers to the document already.
    ReferenceExists = "REFERENCE_EXISTS", AlreadyExists;
    /// The project is paused or a draft.
    ProjectPaused = "PROJECT_PAUSED", FailedPrecondition;
    /// The project is completed, and what is asked for would leave something to be done in it.
    ProjectCompleted = "PROJECT_COMPLETED", FailedPrecondition;
    /// The project still lacks something before it is completed.
    ProjectUnfinished = "PROJECT_UNFINISHED", FailedPrecondition;
    /// The project is archived.
    ProjectArchived = "PROJECT_ARCHIVED", FailedPrecondition;
    /// The project is not empty.
    ProjectNotEmpty = "PROJECT_NOT_EMPTY", FailedPrecondition;
    /// A known plan file has other bytes now.
    SourceChanged = "SOURCE_CHANGED", FailedPrecondition;
    /// A phase before this one is not complete.
    PhaseLocked = "PHASE_LOCKED", FailedPrecondition;
    /// The phase is completed or skipped.
    PhaseClosed = "PHASE_CLOSED", FailedPrecondition;
    /// The phase still lacks something.
    PhaseUnfinished = "PHASE_UNFINISHED", FailedPrecondition;
    /// A predecessor is not complete.
    DependencyUnmet = "DEPENDENCY_UNMET", FailedPrecondition;
    /// An open blocker stands in the way.
    TaskBlocked = "TASK_BLOCKED", FailedPrecondition;
    /// An open decision stands in the way.
    DecisionOpen = "DECISION_OPEN", FailedPrecondition;
    /// Only tasks of the active sprint are handed out, and the task is not in it.
    NotInSprint = "NOT_IN_SPRINT", FailedPrecondition;
    /// The task's role does not work today, and the policy refuses that.
    OutsideWindow = "OUTSIDE_WINDOW", FailedPrecondition;
    /// More is to be committed than the sprints before got done, and the policy refuses that.
    OverCommitted = "OVER_COMMITTED", FailedPrecondition;
    /// The edge would close a circle.
    Cycle = "CYCLE", FailedPrecondition;
    /// A run of the schedule is under way.
    ScheduleBusy = "SCHEDULE_BUSY", FailedPrecondition;
    /// The slot had its turn, or its time has not come; or the run it belongs to is not under way.
    SlotNotDue = "SLOT_NOT_DUE", FailedPrecondition;
    /// The step does not exist from where the entity stands.
    IllegalTransition = "ILLEGAL_TRANSITION", FailedPrecondition;
    /// Somebody holds the task.
    TaskHeld = "TASK_HELD", FailedPrecondition;
    /// The agent holds as many tasks as it may.
    AtCapacity = "AT_CAPACITY", FailedPrecondition;
    /// Several tasks are held; say which.
    SeveralHeld = "SEVERAL_HELD", FailedPrecondition;
    /// The task belongs to another role.
    RoleMismatch = "ROLE_MISMATCH", FailedPrecondition;
    /// The agent lacks a skill the task needs.
    SkillMissing = "SKILL_MISSING", FailedPrecondition;
    /// The task was not started.
    NotStarted = "NOT_STARTED", FailedPrecondition;
    /// The completion lacks what the policy asks for.
    EvidenceMissing = "EVIDENCE_MISSING", FailedPrecondition;
    /// A check is not attested or an acceptance criterion not ticked that policy `strict` asks for.
    ChecksMissing = "CHECKS_MISSING", FailedPrecondition;
    /// A task the agent completed still has an open post-check.
    ChecksOpen = "CHECKS_OPEN", FailedPrecondition;
    /// The task is larger than one session and the policy refuses that.
    TaskTooLarge = "TASK_TOO_LARGE", FailedPrecondition;
    /// The task is finished by a review.
    ReviewRequired = "REVIEW_REQUIRED", FailedPrecondition;
    /// The task does not refer to what the project requires before a start.
    ReferencesMissing = "REFERENCES_MISSING", FailedPrecondition;
    /// A plan that the task refers to is not as far as the task.
    PlanLags = "PLAN_LAGS", FailedPrecondition;
    /// The rollout lacks something before it may roll.
    RolloutNotReady = "ROLLOUT_NOT_READY", FailedPrecondition;
    /// The rollout lacks something before it has succeeded.
    RolloutUnfinished = "ROLLOUT_UNFINISHED", FailedPrecondition;
    /// A command that a gate asks for before a completion was not run yet; the daemon runs it and asks again.
    GateNotRun = "GATE_NOT_RUN", FailedPrecondition;
    /// A command that a gate asks for failed.
    GateFailed = "GATE_FAILED", FailedPrecondition;
    /// The session still holds tasks.
    SessionHolds = "SESSION_HOLDS_TASKS", FailedPrecondition;
    /// The session is over.
    SessionEnded = "SESSION_ENDED", FailedPrecondition;
    /// A session of the agent is open already.
    SessionOpen = "SESSION_OPEN", FailedPrecondition;
    /// The agent left.
    AgentRetired = "AGENT_RETIRED", FailedPrecondition;
    /// The fence is not the live one.
    LeaseLost = "LEASE_LOST", LeaseLost;
    /// Not for this principal.
    NotAllowed = "NOT_ALLOWED", PermissionDenied;
    /// Another agent holds the task with this fence.
    NotHolder = "NOT_HOLDER", PermissionDenied;
    /// Whoever handed something in does not accept it.
    OwnSubmission = "OWN_SUBMISSION", PermissionDenied;
    /// A limit is reached.
    LimitReached = "LIMIT_REACHED", ResourceExhausted;
    /// The entity changed since it was read.
    VersionConflict = "VERSION_CONFLICT", Aborted;
    /// Every task is terminal.
    PlanComplete = "PLAN_COMPLETE", Nothing;
    /// What is left waits for work under way.
    WaitingOnWork = "WAITING_ON_WORK", Nothing;
    /// What is left waits for the coordinator.
    WaitingOnCoordinator = "WAITING_ON_COORDINATOR", Nothing;
    /// Ready tasks belong to other roles.
    NoTaskForRole = "NO_TASK_FOR_ROLE", Nothing;
    /// The project hands nothing out for now.
    Paused = "PAUSED", Nothing;
}

/// One thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The id it is about: a task, a phase, a blocker, a field.
    pub subject: String,
    /// What about it.
    pub description: String,
}

/// A rule said no. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// A sentence for the caller.
    pub message: String,
    /// What stands in the way, at most `ITEMS_LISTED_MAX`.
    pub items: Vec<Item>,
    /// How many things stand in the way.
    pub total: usize,
    /// Facts by name, such as the holder or the limit.
    pub facts: Vec<(&'static str, String)>,
    /// Command lines that go on from here, without the program's name; never destructive ones.
    pub next: Vec<String>,
}

impl Refusal {
    /// A refusal with a sentence and nothing else.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            items: Vec::new(),
            total: 0,
            facts: Vec::new(),
            next: Vec::new(),
        }
    }

    /// A malformed field.
    pub fn field(field: &str, description: impl Into<String>) -> Self {
        let description = description.into();
        Self::new(Reason::InvalidField, format!("`{field}` {description}")).item(field, description)
    }

    /// Adds one thing that stands in the way.
    #[must_use]
    pub fn item(mut self, subject: impl fmt::Display, description: impl Into<String>) -> Self {
        self.total += 1;
        if self.items.len() < ITEMS_LISTED_MAX {
            self.items.push(Item {
                subject: subject.to_string(),
                description: description.into(),
            });
        }
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// Adds a way on.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason.code(), self.message)
    }
}

impl std::error::Error for Refusal {}
