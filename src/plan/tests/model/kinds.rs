//! The kinds of commands, named once: the compiler sees that none is missing in the list, and the runs see
//! that none is never drawn.

use crate::plan::Command;

macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// Every kind of command.
        pub const KINDS: &[&str] = &[$(stringify!($kind)),+];

        /// A command's kind.
        pub fn kind(command: &Command) -> &'static str {
            match command {
                $(Command::$kind { .. } => stringify!($kind)),+
            }
        }
    };
}

kinds! {
    CreateProject,
    UpdateProject,
    PauseProject,
    ResumeProject,
    ArchiveProject,
    RestoreProject,
    DeleteProject,
    ImportPlan,
    CreatePhases,
    UpdatePhase,
    MeetCriterion,
    OverridePhaseOrder,
    ClosePhase,
    ReopenPhase,
    SkipPhase,
    SetRoleWindow,
    CreateTasks,
    UpdateTask,
    DeferTask,
    ReinstateTask,
    CancelTask,
    ReopenTask,
    RevokeClaim,
    SplitTask,
    AddDependencies,
    RemoveDependency,
    WaiveDependency,
    StartSession,
    EndSession,
    AbandonSession,
    ClaimTask,
    StartTask,
    ReportProgress,
    CompleteTask,
    ReleaseTask,
    ExpireLease,
    OpenBlocker,
    ResolveBlocker,
    EscalateBlocker,
    ReportDiscovered,
    TriageDiscovered,
    OpenDecision,
    ProposeDecision,
    Decide,
    SupersedeDecision,
    DeprecateDecision,
    RevisitTask,
    CreateDeliverable,
    UpdateDeliverable,
    SubmitDeliverable,
    AcceptDeliverable,
    RejectDeliverable,
    CreateMilestone,
    UpdateMilestone,
    TickMilestone,
    ReachMilestone,
    MissMilestone,
    CreateRisk,
    UpdateRisk,
    MoveRisk,
    DefineGate,
    RetireGate,
    RunGate,
    AttestCriterion,
    ApproveCriterion,
    WaiveGateRun,
    ExpireGateWaiver,
    RecordGateResult,
    ReportMetric,
    PlanSprint,
    CommitSprint,
    ChangeSprint,
    CloseSprint,
    CreateAssignment,
    UpdateAssignment,
    EndAssignment,
    RegisterAgent,
    RetireAgent,
    AddRole,
    IssueToken,
    RevokeToken,
}
