//! The entities of a plan as they stand now, a file per family. Entities are small values behind shared
//! pointers; a task is two values, its words (`Spec`, changed by edits only) and its state (`State`, copied
//! by each step).

mod assignment;
mod checklist;
mod deliverable;
mod delivery;
mod gate;
mod integration;
mod milestone;
mod people;
mod phase;
mod project;
mod queue;
mod reference;
mod review;
mod risk;
mod rollout;
mod rule;
mod schedule;
mod sprint;
mod standup;
mod task;
mod watch;
mod workflow;

pub use assignment::{Assignees, Assignment, AssignmentEnd};
pub use checklist::{Checklist, ChecklistRun, RunItem, WINDOW_MINUTES};
pub use deliverable::{Deliverable, DeliverableStatus, Judgement, Submission};
pub use delivery::{Delivery, DeliveryState};
pub use gate::{CriterionResult, Gate, GateRun, GateWaiver, Metric, RunStatus};
pub use integration::{IntegrationPoint, IntegrationStatus, PointTest};
pub use milestone::{ChecklistItem, Milestone, MilestoneStatus, Settled};
pub use people::{Agent, Session, SessionStatus, Token};
pub use phase::{Criterion, Phase, PhaseState, PhaseStatus, RoleWindow, Tally};
pub use project::{Project, ProjectStatus};
pub use queue::{Answer, Blocker, BlockerStatus, Decision, DecisionStatus, Discovered, Proposal};
pub use reference::{Reference, TaskReferences, least_of_plans};
pub use review::{Approval, Review};
pub use risk::{Risk, RiskStep};
pub use rollout::{Rollout, RolloutEnd};
pub use rule::Rule;
pub use schedule::{Firing, LastTurn, Report, Schedule, TurnEnding};
pub use sprint::{BurndownPoint, Commitment, ScopeChange, Sprint, SprintResult, SprintStatus};
pub use standup::{Standup, StandupEntry, StandupReport};
pub use task::{Completion, Lease, Leftover, Spec, State, Status};
pub use watch::{MARKS_MAX, Mark};
pub use workflow::{
    ProvidedInput, RunDay, RunEnd, Signature, SuccessAttestation, Workflow, WorkflowRun,
    WorkflowRunStatus,
};
