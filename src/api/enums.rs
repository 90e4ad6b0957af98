//! Enumerations of the wire and of the core, each mapped by a total match; a number the wire does not
//! define is refused with its field.

mod clock;

use muster_proto::v1 as wire;
use tonic::Status;

pub(super) use clock::*;

use super::validate::bad;
use crate::engine::BeatVerdict;
use crate::plan::command::HeldLeases;
use crate::plan::event::{
    BlockerKind, Cadence, Comparison, Derived, Duty, Level, MilestoneKind, PhaseOrdering,
    ReviewNeed, RiskKind, RiskStatus, Severity, Triage,
};
use crate::plan::evidence::EvidenceKind;
use crate::plan::inbox::WaitKind;
use crate::plan::model::{
    BlockerStatus, DecisionStatus, DeliverableStatus, DeliveryState, MilestoneStatus, PhaseStatus,
    ProjectStatus, RunStatus, SessionStatus, SprintStatus, Status as Task, WorkflowRunStatus,
};
use crate::plan::refusal::Reason;
use crate::report::session::Outcome;

/// A number as the wire's enumeration.
pub(super) fn known<E: TryFrom<i32>>(field: &str, number: i32) -> Result<E, Status> {
    E::try_from(number).map_err(|_| bad(field, format!("is {number}, which means nothing here")))
}

pub(super) fn project_status(status: ProjectStatus) -> wire::ProjectStatus {
    match status {
        ProjectStatus::Draft => wire::ProjectStatus::Draft,
        ProjectStatus::Active => wire::ProjectStatus::Active,
        ProjectStatus::Paused => wire::ProjectStatus::Paused,
        ProjectStatus::Completed => wire::ProjectStatus::Completed,
        ProjectStatus::Archived => wire::ProjectStatus::Archived,
    }
}

pub(super) fn phase_status(status: PhaseStatus) -> wire::PhaseStatus {
    match status {
        PhaseStatus::Planned => wire::PhaseStatus::Planned,
        PhaseStatus::Active => wire::PhaseStatus::Active,
        PhaseStatus::Gating => wire::PhaseStatus::Gating,
        PhaseStatus::Completed => wire::PhaseStatus::Completed,
        PhaseStatus::Blocked => wire::PhaseStatus::Blocked,
        PhaseStatus::Skipped => wire::PhaseStatus::Skipped,
    }
}

pub(super) fn task_status(status: Task) -> wire::TaskStatus {
    match status {
        Task::Planned => wire::TaskStatus::Planned,
        Task::Claimed => wire::TaskStatus::Claimed,
        Task::InProgress => wire::TaskStatus::InProgress,
        Task::InReview => wire::TaskStatus::InReview,
        Task::Completed => wire::TaskStatus::Completed,
        Task::Deferred => wire::TaskStatus::Deferred,
        Task::Cancelled => wire::TaskStatus::Cancelled,
    }
}

/// The statuses a list is narrowed to.
pub(super) fn task_statuses(field: &str, numbers: &[i32]) -> Result<Vec<wire::TaskStatus>, Status> {
    numbers
        .iter()
        .map(|&number| match known(field, number)? {
            wire::TaskStatus::Unspecified => Err(bad(field, "names no status")),
            status => Ok(status),
        })
        .collect()
}

pub(super) fn session_status(status: SessionStatus) -> wire::SessionStatus {
    match status {
        SessionStatus::Open => wire::SessionStatus::Open,
        SessionStatus::Closed => wire::SessionStatus::Closed,
        SessionStatus::Abandoned => wire::SessionStatus::Abandoned,
    }
}

pub(super) fn session_outcome(outcome: Outcome) -> wire::SessionOutcome {
    match outcome {
        Outcome::Unknown => wire::SessionOutcome::Unspecified,
        Outcome::Held => wire::SessionOutcome::Held,
        Outcome::Completed => wire::SessionOutcome::Completed,
        Outcome::Submitted => wire::SessionOutcome::Submitted,
        Outcome::Released => wire::SessionOutcome::Released,
        Outcome::Failed => wire::SessionOutcome::Failed,
        Outcome::Blocked => wire::SessionOutcome::Blocked,
        Outcome::Expired => wire::SessionOutcome::Expired,
        Outcome::Revoked => wire::SessionOutcome::Revoked,
        Outcome::Carried => wire::SessionOutcome::Carried,
    }
}

pub(super) fn blocker_status(status: BlockerStatus) -> wire::BlockerStatus {
    match status {
        BlockerStatus::Open => wire::BlockerStatus::Open,
        BlockerStatus::Escalated => wire::BlockerStatus::Escalated,
        BlockerStatus::Resolved => wire::BlockerStatus::Resolved,
        BlockerStatus::Withdrawn => wire::BlockerStatus::Withdrawn,
    }
}

pub(super) fn blocker_kind(kind: BlockerKind) -> wire::BlockerKind {
    match kind {
        BlockerKind::Dependency => wire::BlockerKind::Dependency,
        BlockerKind::Decision => wire::BlockerKind::Decision,
        BlockerKind::External => wire::BlockerKind::External,
        BlockerKind::Inconsistency => wire::BlockerKind::Inconsistency,
        BlockerKind::Input => wire::BlockerKind::Input,
        BlockerKind::Failure => wire::BlockerKind::Failure,
        BlockerKind::Other => wire::BlockerKind::Other,
    }
}

/// The kind a request asks for; FAILURE blockers are opened by the daemon alone.
pub(super) fn read_blocker_kind(number: i32) -> Result<BlockerKind, Status> {
    match known("kind", number)? {
        wire::BlockerKind::Unspecified | wire::BlockerKind::Other => Ok(BlockerKind::Other),
        wire::BlockerKind::Dependency => Ok(BlockerKind::Dependency),
        wire::BlockerKind::Decision => Ok(BlockerKind::Decision),
        wire::BlockerKind::External => Ok(BlockerKind::External),
        wire::BlockerKind::Inconsistency => Ok(BlockerKind::Inconsistency),
        wire::BlockerKind::Input => Ok(BlockerKind::Input),
        wire::BlockerKind::Failure => Err(bad(
            "kind",
            "is FAILURE, which the daemon opens by itself; release the task as failed instead",
        )),
    }
}

pub(super) fn severity(severity: Severity) -> wire::Severity {
    match severity {
        Severity::Low => wire::Severity::Low,
        Severity::Medium => wire::Severity::Medium,
        Severity::High => wire::Severity::High,
        Severity::Critical => wire::Severity::Critical,
    }
}

pub(super) fn read_severity(number: i32) -> Result<Severity, Status> {
    Ok(match known("severity", number)? {
        wire::Severity::Unspecified | wire::Severity::Medium => Severity::Medium,
        wire::Severity::Low => Severity::Low,
        wire::Severity::High => Severity::High,
        wire::Severity::Critical => Severity::Critical,
    })
}

pub(super) fn discovered_status(triage: Option<&Triage>) -> wire::DiscoveredStatus {
    match triage {
        None => wire::DiscoveredStatus::Untriaged,
        Some(Triage::Promoted(_)) => wire::DiscoveredStatus::Promoted,
        Some(Triage::Deferred) => wire::DiscoveredStatus::Deferred,
        Some(Triage::Rejected) => wire::DiscoveredStatus::Rejected,
        Some(Triage::Duplicate(_)) => wire::DiscoveredStatus::Duplicate,
    }
}

/// What a task says about its review.
pub(super) fn review_need(review: Option<bool>) -> wire::ReviewNeed {
    match review {
        None => wire::ReviewNeed::Unspecified,
        Some(true) => wire::ReviewNeed::Required,
        Some(false) => wire::ReviewNeed::NotNeeded,
    }
}

/// What a request says about the review of a task.
pub(super) fn read_review_need(field: &str, value: i32) -> Result<ReviewNeed, Status> {
    match wire::ReviewNeed::try_from(value) {
        Ok(wire::ReviewNeed::Unspecified) => Ok(ReviewNeed::AsProject),
        Ok(wire::ReviewNeed::Required) => Ok(ReviewNeed::Required),
        Ok(wire::ReviewNeed::NotNeeded) => Ok(ReviewNeed::NotNeeded),
        Err(_) => Err(bad(field, "is no known need of a review")),
    }
}

pub(super) fn deliverable_status(status: DeliverableStatus) -> wire::DeliverableStatus {
    match status {
        DeliverableStatus::Pending => wire::DeliverableStatus::Pending,
        DeliverableStatus::Submitted => wire::DeliverableStatus::Submitted,
        DeliverableStatus::Accepted => wire::DeliverableStatus::Accepted,
        DeliverableStatus::Rejected => wire::DeliverableStatus::Rejected,
    }
}

pub(super) fn milestone_status(status: MilestoneStatus) -> wire::MilestoneStatus {
    match status {
        MilestoneStatus::Pending => wire::MilestoneStatus::Pending,
        MilestoneStatus::Reached => wire::MilestoneStatus::Reached,
        MilestoneStatus::Missed => wire::MilestoneStatus::Missed,
    }
}

/// Where a run of a workflow stands.
pub(super) fn workflow_run_status(status: WorkflowRunStatus) -> wire::WorkflowRunStatus {
    match status {
        WorkflowRunStatus::Pending => wire::WorkflowRunStatus::Pending,
        WorkflowRunStatus::WaitingInput => wire::WorkflowRunStatus::WaitingInput,
        WorkflowRunStatus::Running => wire::WorkflowRunStatus::Running,
        WorkflowRunStatus::Gating => wire::WorkflowRunStatus::Gating,
        WorkflowRunStatus::Completed => wire::WorkflowRunStatus::Completed,
        WorkflowRunStatus::Failed => wire::WorkflowRunStatus::Failed,
        WorkflowRunStatus::Cancelled => wire::WorkflowRunStatus::Cancelled,
    }
}

/// Where a sprint stands.
pub(super) fn sprint_status(status: SprintStatus) -> wire::SprintStatus {
    match status {
        SprintStatus::Planned => wire::SprintStatus::Planned,
        SprintStatus::Active => wire::SprintStatus::Active,
        SprintStatus::Closed => wire::SprintStatus::Closed,
        SprintStatus::Withdrawn => wire::SprintStatus::Withdrawn,
    }
}

pub(super) fn milestone_kind(kind: MilestoneKind) -> wire::MilestoneKind {
    match kind {
        MilestoneKind::Ordinary => wire::MilestoneKind::Ordinary,
        MilestoneKind::Launch => wire::MilestoneKind::Launch,
    }
}

pub(super) fn read_milestone_kind(number: i32) -> Result<MilestoneKind, Status> {
    Ok(match known("kind", number)? {
        wire::MilestoneKind::Unspecified | wire::MilestoneKind::Ordinary => MilestoneKind::Ordinary,
        wire::MilestoneKind::Launch => MilestoneKind::Launch,
    })
}

/// How an agent looks after something.
pub(super) fn duty(duty: Duty) -> wire::AssignmentDuty {
    match duty {
        Duty::Primary => wire::AssignmentDuty::Primary,
        Duty::Backup => wire::AssignmentDuty::Backup,
    }
}

/// The same from a request; none when it says nothing.
pub(super) fn read_duty(number: i32) -> Result<Option<Duty>, Status> {
    Ok(match known("duty", number)? {
        wire::AssignmentDuty::Unspecified => None,
        wire::AssignmentDuty::Primary => Some(Duty::Primary),
        wire::AssignmentDuty::Backup => Some(Duty::Backup),
    })
}

/// In which order the tasks of a phase are handed out.
pub(super) fn phase_ordering(ordering: PhaseOrdering) -> wire::PhaseOrdering {
    match ordering {
        PhaseOrdering::Priority => wire::PhaseOrdering::Priority,
        PhaseOrdering::Table => wire::PhaseOrdering::Table,
    }
}

/// The same from a request; none when it says nothing.
pub(super) fn read_phase_ordering(number: i32) -> Result<Option<PhaseOrdering>, Status> {
    Ok(match known("ordering", number)? {
        wire::PhaseOrdering::Unspecified => None,
        wire::PhaseOrdering::Priority => Some(PhaseOrdering::Priority),
        wire::PhaseOrdering::Table => Some(PhaseOrdering::Table),
    })
}

pub(super) fn risk_kind(kind: RiskKind) -> wire::RiskKind {
    match kind {
        RiskKind::Technical => wire::RiskKind::Technical,
        RiskKind::Schedule => wire::RiskKind::Schedule,
        RiskKind::Other => wire::RiskKind::Other,
    }
}

pub(super) fn read_risk_kind(number: i32) -> Result<RiskKind, Status> {
    Ok(match known("kind", number)? {
        wire::RiskKind::Technical => RiskKind::Technical,
        wire::RiskKind::Schedule => RiskKind::Schedule,
        wire::RiskKind::Unspecified | wire::RiskKind::Other => RiskKind::Other,
    })
}

pub(super) fn risk_level(level: Level) -> wire::RiskLevel {
    match level {
        Level::Low => wire::RiskLevel::Low,
        Level::Medium => wire::RiskLevel::Medium,
        Level::High => wire::RiskLevel::High,
    }
}

pub(super) fn read_risk_level(field: &str, number: i32) -> Result<Level, Status> {
    Ok(match known(field, number)? {
        wire::RiskLevel::Low => Level::Low,
        wire::RiskLevel::Unspecified | wire::RiskLevel::Medium => Level::Medium,
        wire::RiskLevel::High => Level::High,
    })
}

pub(super) fn risk_status(status: RiskStatus) -> wire::RiskStatus {
    match status {
        RiskStatus::Active => wire::RiskStatus::Active,
        RiskStatus::Mitigated => wire::RiskStatus::Mitigated,
        RiskStatus::Accepted => wire::RiskStatus::Accepted,
        RiskStatus::Occurred => wire::RiskStatus::Occurred,
        RiskStatus::Closed => wire::RiskStatus::Closed,
    }
}

/// The state a risk is to be brought to; no step leads back to ACTIVE.
pub(super) fn read_risk_step(number: i32) -> Result<RiskStatus, Status> {
    match known("to", number)? {
        wire::RiskStatus::Mitigated => Ok(RiskStatus::Mitigated),
        wire::RiskStatus::Accepted => Ok(RiskStatus::Accepted),
        wire::RiskStatus::Occurred => Ok(RiskStatus::Occurred),
        wire::RiskStatus::Closed => Ok(RiskStatus::Closed),
        wire::RiskStatus::Unspecified | wire::RiskStatus::Active => Err(bad(
            "to",
            "is to be MITIGATED, ACCEPTED, OCCURRED or CLOSED",
        )),
    }
}

pub(super) fn read_held_leases(number: i32) -> Result<HeldLeases, Status> {
    Ok(match known("held_leases", number)? {
        wire::HeldLeases::Unspecified => HeldLeases::Refuse,
        wire::HeldLeases::Release => HeldLeases::Release,
        wire::HeldLeases::Carry => HeldLeases::Carry,
    })
}

pub(super) fn verdict(verdict: BeatVerdict) -> wire::HeartbeatVerdict {
    match verdict {
        BeatVerdict::Ok => wire::HeartbeatVerdict::Ok,
        BeatVerdict::Cancel => wire::HeartbeatVerdict::Cancel,
        BeatVerdict::Pause => wire::HeartbeatVerdict::Pause,
        BeatVerdict::LeaseLost => wire::HeartbeatVerdict::LeaseLost,
    }
}

/// Why there is nothing to claim; unspecified for a reason that says something else.
pub(super) fn nothing_reason(reason: Reason) -> wire::NothingReason {
    match reason {
        Reason::PlanComplete => wire::NothingReason::PlanComplete,
        Reason::WaitingOnWork => wire::NothingReason::WaitingOnWork,
        Reason::WaitingOnCoordinator => wire::NothingReason::WaitingOnCoordinator,
        Reason::NoTaskForRole => wire::NothingReason::NoTaskForRole,
        Reason::Paused => wire::NothingReason::Paused,
        _ => wire::NothingReason::Unspecified,
    }
}

pub(super) fn inbox_kind(kind: WaitKind) -> wire::InboxKind {
    match kind {
        WaitKind::Criterion => wire::InboxKind::Criterion,
        WaitKind::Question => wire::InboxKind::Question,
        WaitKind::Decision => wire::InboxKind::Decision,
        WaitKind::Revisit => wire::InboxKind::Revisit,
        WaitKind::Discovered => wire::InboxKind::Discovered,
        WaitKind::Parked => wire::InboxKind::Parked,
        WaitKind::Blocker => wire::InboxKind::Blocker,
        WaitKind::RoleWithoutAgent => wire::InboxKind::RoleWithoutAgent,
        WaitKind::PhaseToClose => wire::InboxKind::PhaseToClose,
        WaitKind::Deliverable => wire::InboxKind::Deliverable,
        WaitKind::Milestone => wire::InboxKind::Milestone,
        WaitKind::Gate => wire::InboxKind::Gate,
        WaitKind::Sprint => wire::InboxKind::Sprint,
        WaitKind::Review => wire::InboxKind::Review,
        WaitKind::Integration => wire::InboxKind::Integration,
        WaitKind::Rollout => wire::InboxKind::Rollout,
        WaitKind::References => wire::InboxKind::References,
        WaitKind::Workflow => wire::InboxKind::Workflow,
        WaitKind::OverdueMilestone => wire::InboxKind::OverdueMilestone,
        WaitKind::SkillWithoutAgent => wire::InboxKind::SkillWithoutAgent,
        WaitKind::Checklist => wire::InboxKind::Checklist,
        WaitKind::Mark => wire::InboxKind::Mark,
        WaitKind::ProjectToComplete => wire::InboxKind::ProjectToComplete,
    }
}

/// Where a decision stands.
pub(super) fn decision_status(status: DecisionStatus) -> wire::DecisionStatus {
    match status {
        DecisionStatus::Open => wire::DecisionStatus::Open,
        DecisionStatus::Proposed => wire::DecisionStatus::Proposed,
        DecisionStatus::Decided => wire::DecisionStatus::Decided,
        DecisionStatus::Superseded => wire::DecisionStatus::Superseded,
        DecisionStatus::Deprecated => wire::DecisionStatus::Deprecated,
    }
}

pub(super) fn gate_run_status(status: RunStatus) -> wire::GateRunStatus {
    match status {
        RunStatus::Pending => wire::GateRunStatus::Pending,
        RunStatus::Passed => wire::GateRunStatus::Passed,
        RunStatus::Failed => wire::GateRunStatus::Failed,
        RunStatus::Waived => wire::GateRunStatus::Waived,
    }
}

pub(super) fn comparison(comparison: Comparison) -> wire::Comparison {
    match comparison {
        Comparison::Lt => wire::Comparison::Lt,
        Comparison::Le => wire::Comparison::Le,
        Comparison::Gt => wire::Comparison::Gt,
        Comparison::Ge => wire::Comparison::Ge,
        Comparison::Eq => wire::Comparison::Eq,
    }
}

pub(super) fn read_comparison(number: i32) -> Result<Comparison, Status> {
    match known("comparison", number)? {
        wire::Comparison::Lt => Ok(Comparison::Lt),
        wire::Comparison::Le => Ok(Comparison::Le),
        wire::Comparison::Gt => Ok(Comparison::Gt),
        wire::Comparison::Ge => Ok(Comparison::Ge),
        wire::Comparison::Eq => Ok(Comparison::Eq),
        wire::Comparison::Unspecified => Err(bad("comparison", "is missing")),
    }
}

pub(super) fn cadence(cadence: Cadence) -> wire::OversightCadence {
    match cadence {
        Cadence::Daily => wire::OversightCadence::Daily,
        Cadence::Weekly => wire::OversightCadence::Weekly,
        Cadence::Monthly => wire::OversightCadence::Monthly,
    }
}

pub(super) fn read_cadence(number: i32) -> Result<Cadence, Status> {
    match known("oversight.cadence", number)? {
        wire::OversightCadence::Daily => Ok(Cadence::Daily),
        wire::OversightCadence::Weekly => Ok(Cadence::Weekly),
        wire::OversightCadence::Monthly => Ok(Cadence::Monthly),
        wire::OversightCadence::Unspecified => Err(bad(
            "oversight.cadence",
            "is missing; it is daily, weekly or monthly",
        )),
    }
}

pub(super) fn derived_check(derived: Derived) -> wire::DerivedCheck {
    match derived {
        Derived::NoCriticalBlocker => wire::DerivedCheck::NoCriticalBlocker,
        Derived::NoOpenBlocker => wire::DerivedCheck::NoOpenBlocker,
        Derived::AllTasksCompleted => wire::DerivedCheck::AllTasksCompleted,
        Derived::NothingUntriaged => wire::DerivedCheck::NothingUntriaged,
        Derived::AllCriteriaMet => wire::DerivedCheck::AllCriteriaMet,
        Derived::AllDeliverablesAccepted => wire::DerivedCheck::AllDeliverablesAccepted,
        Derived::AllIntegrationTested => wire::DerivedCheck::AllIntegrationTested,
    }
}

pub(super) fn read_derived_check(number: i32) -> Result<Derived, Status> {
    match known("derived", number)? {
        wire::DerivedCheck::NoCriticalBlocker => Ok(Derived::NoCriticalBlocker),
        wire::DerivedCheck::NoOpenBlocker => Ok(Derived::NoOpenBlocker),
        wire::DerivedCheck::AllTasksCompleted => Ok(Derived::AllTasksCompleted),
        wire::DerivedCheck::NothingUntriaged => Ok(Derived::NothingUntriaged),
        wire::DerivedCheck::AllCriteriaMet => Ok(Derived::AllCriteriaMet),
        wire::DerivedCheck::AllDeliverablesAccepted => Ok(Derived::AllDeliverablesAccepted),
        wire::DerivedCheck::AllIntegrationTested => Ok(Derived::AllIntegrationTested),
        wire::DerivedCheck::Unspecified => Err(bad("derived", "is missing")),
    }
}

pub(super) fn delivery_state(state: DeliveryState) -> wire::DeliveryState {
    match state {
        DeliveryState::Waiting => wire::DeliveryState::Waiting,
        DeliveryState::Delivered => wire::DeliveryState::Delivered,
        DeliveryState::Dead => wire::DeliveryState::Dead,
    }
}

/// What a line of evidence is of.
pub(super) fn evidence_kind(kind: Option<EvidenceKind>) -> wire::EvidenceKind {
    match kind {
        None => wire::EvidenceKind::Unspecified,
        Some(EvidenceKind::Test) => wire::EvidenceKind::Test,
        Some(EvidenceKind::Review) => wire::EvidenceKind::Review,
        Some(EvidenceKind::Commit) => wire::EvidenceKind::Commit,
        Some(EvidenceKind::Document) => wire::EvidenceKind::Document,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::refusal::Class;

    #[test]
    fn a_number_the_wire_does_not_define_is_refused() {
        assert!(read_blocker_kind(99).is_err());
        assert!(read_severity(-1).is_err());
        assert!(read_held_leases(3).is_err());
        assert!(task_statuses("statuses", &[1, 42]).is_err());
        assert!(task_statuses("statuses", &[0]).is_err());
        assert!(read_blocker_kind(wire::BlockerKind::Failure.into()).is_err());
    }

    #[test]
    fn what_is_left_out_takes_the_stated_default() {
        assert_eq!(read_blocker_kind(0).unwrap(), BlockerKind::Other);
        assert_eq!(read_severity(0).unwrap(), Severity::Medium);
        assert_eq!(read_held_leases(0).unwrap(), HeldLeases::Refuse);
    }

    #[test]
    fn every_reason_for_an_empty_claim_is_on_the_wire() {
        for &reason in Reason::ALL {
            let named = nothing_reason(reason) != wire::NothingReason::Unspecified;
            assert_eq!(named, reason.class() == Class::Nothing, "{reason:?}");
        }
    }
}
