//! From an event to the plan after it. Never refuses and never asks the world: what was recorded
//! happened. One file per family; `index` keeps what follows from the entities.

mod agent;
mod assignment;
mod chain;
mod checklist;
mod decision;
mod deliverable;
mod delivery;
mod gate;
mod index;
mod integration;
mod milestone;
mod phase;
mod project;
mod queue;
mod queue_edit;
mod reference;
mod review;
mod risk;
mod rollout;
mod rule;
mod schedule;
mod session;
mod split;
mod sprint;
mod standup;
mod task;
mod watch;
mod work;
mod workflow;

use std::sync::Arc;

use super::event::{Event, Recorded};
use super::runs::RunMap;
use super::state::{Match, Plan};

pub(super) use milestone::links_of;
pub(super) use split::reason as split_reason;
pub(super) use sprint::BURNDOWN_POINTS_MAX;

impl Plan {
    /// Takes one event in.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.take_in(recorded);
    }

    /// The same; answers with the tasks that rules and open decisions name since then, by which the command
    /// that is being decided goes on.
    pub(super) fn take_in(&mut self, recorded: &Recorded) -> Vec<Match> {
        self.version = recorded.version;
        self.last_at = recorded.at;
        let (at, actor) = (recorded.at, &recorded.actor);
        match &recorded.event {
            Event::ProjectCreated(event) => self.project_created(event, at),
            Event::ProjectUpdated(event) => self.project_updated(event),
            Event::ProjectPaused(event) => self.project_paused(event),
            Event::ProjectResumed(_) => {
                self.project_resumed();
                self.schedules_go_on(at);
            }
            Event::ProjectCompleted(event) => self.project_completed(event, at, actor),
            Event::ProjectArchived(event) => self.project_archived(event),
            Event::ProjectRestored(event) => self.project_restored(event),
            // The deleted project is no part of this plan.
            Event::ProjectDeleted(_) => {}
            Event::PlanImported(event) => self.plan_imported(event),
            Event::DiagnosticSettled(event) => self.diagnostic_settled(event, at, actor),
            Event::RoleAdded(event) => self.role_added(event),
            Event::PhasesAdded(event) => self.phases_added(event, at),
            Event::PhaseUpdated(event) => self.phase_updated(event),
            Event::CriterionMet(event) => self.criterion_met(event, at, actor),
            Event::CriterionChanged(event) => self.criterion_changed(event, at, actor),
            Event::PhaseOrderOverridden(event) => self.phase_order_overridden(event),
            Event::PhaseCompleted(event) => self.phase_completed(event, at),
            Event::PhaseReopened(event) => self.phase_reopened(event),
            Event::PhaseSkipped(event) => self.phase_skipped(event, at),
            Event::RoleWindowSet(event) => self.role_window_set(event),
            Event::TasksAdded(event) => self.tasks_added(event, at),
            Event::TaskUpdated(event) => self.task_updated(event),
            Event::DependenciesAdded(event) => self.dependencies_added(event),
            Event::DependencyRemoved(event) => self.dependency_removed(event),
            Event::DependencyWaived(event) => self.dependency_waived(event),
            Event::TaskSubmitted(event) => self.task_submitted(event, at),
            Event::TaskApproved(event) => self.task_approved(event, at, actor),
            Event::ChangesRequested(event) => self.changes_requested(event, at),
            Event::TaskDeferred(event) => self.task_deferred(event),
            Event::TaskReinstated(event) => self.task_reinstated(event),
            Event::TaskCancelled(event) => self.task_cancelled(event),
            Event::TaskReopened(event) => self.task_reopened(event),
            Event::TaskSplit(event) => self.task_split(event, at),
            Event::TaskClaimed(event) => self.task_claimed(event, at),
            Event::TaskStarted(event) => self.task_started(event, at),
            Event::ProgressReported(event) => self.progress_reported(event, at),
            Event::TaskReleased(event) => self.task_released(event, at),
            Event::LeaseExpired(event) => self.lease_expired(event, at),
            Event::ClaimRevoked(event) => self.claim_revoked(event, at),
            Event::TaskCompleted(event) => self.task_completed(event, at),
            Event::SessionStarted(event) => self.session_started(event, at),
            Event::SessionEnded(event) => self.session_ended(event, at),
            Event::BlockerOpened(event) => self.blocker_opened(event, at, actor),
            Event::BlockerUpdated(event) => self.blocker_updated(event, at),
            Event::BlockerEscalated(event) => self.blocker_escalated(event, at),
            Event::BlockerResolved(event) => self.blocker_resolved(event, at, actor),
            Event::DiscoveredUpdated(event) => self.discovered_updated(event),
            Event::TaskDiscovered(event) => {
                self.task_discovered(event, at, actor, recorded.session);
            }
            Event::DiscoveredTriaged(event) => self.discovered_triaged(event, at),
            Event::DecisionOpened(event) => self.decision_opened(event, at, actor),
            Event::DecisionProposed(event) => self.decision_proposed(event, at, actor),
            Event::DecisionUpdated(event) => self.decision_updated(event),
            Event::DecisionDecided(event) => self.decision_decided(event, at, actor),
            Event::DecisionDeprecated(event) => self.decision_deprecated(event, at, actor),
            Event::DecisionExtended(event) => self.decision_extended(event),
            Event::TaskRevisited(event) => self.task_revisited(event),
            Event::RuleAdded(event) => self.rule_added(event, at, actor),
            Event::RuleEnded(event) => self.rule_ended(event, at, actor),
            Event::DeliverableAdded(event) => self.deliverable_added(event, at, actor),
            Event::DeliverableUpdated(event) => self.deliverable_updated(event),
            Event::DeliverableSubmitted(event) => self.deliverable_submitted(event, at, actor),
            Event::DeliverableAccepted(event) => self.deliverable_accepted(event, at, actor),
            Event::DeliverableRejected(event) => self.deliverable_rejected(event, at, actor),
            Event::MilestoneAdded(event) => self.milestone_added(event, at, actor),
            Event::MilestoneUpdated(event) => self.milestone_updated(event),
            Event::MilestoneTicked(event) => self.milestone_ticked(event, at, actor),
            Event::MilestoneReached(event) => self.milestone_reached(event, at, actor),
            Event::MilestoneMissed(event) => self.milestone_missed(event, at, actor),
            Event::RiskAdded(event) => self.risk_added(event, at, actor),
            Event::RiskUpdated(event) => self.risk_updated(event),
            Event::RiskMoved(event) => self.risk_moved(event, at, actor),
            Event::GateDefined(event) => self.gate_defined(event, at, actor),
            Event::GateRetired(event) => self.gate_retired(event),
            Event::GateRunStarted(event) => self.gate_run_started(event, at, actor),
            Event::GateResultRecorded(event) => self.gate_result_recorded(event, at, actor),
            Event::GateRunSettled(event) => self.gate_run_settled(event, at),
            Event::GateWaived(event) => self.gate_waived(event, at, actor),
            Event::GateWaiverExpired(event) => self.gate_waiver_expired(event),
            Event::MetricReported(event) => self.metric_reported(event, at, actor),
            Event::SprintPlanned(event) => self.sprint_planned(event, at, actor),
            Event::SprintCommitted(event) => self.sprint_committed(event, at, actor),
            Event::SprintScopeChanged(event) => self.sprint_scope_changed(event, at, actor),
            Event::SprintClosed(event) => self.sprint_closed(event, at, actor),
            Event::SprintUpdated(event) => self.sprint_updated(event),
            Event::SprintWithdrawn(event) => self.sprint_withdrawn(event, at, actor),
            Event::IntegrationAdded(event) => self.integration_added(event, at, actor),
            Event::IntegrationUpdated(event) => self.integration_updated(event),
            Event::IntegrationConfirmed(event) => self.integration_confirmed(event, at, actor),
            Event::IntegrationTested(event) => self.integration_tested(event, at, actor),
            Event::IntegrationFailed(event) => self.integration_failed(event, at, actor),
            Event::IntegrationWithdrawn(event) => self.integration_withdrawn(event, at, actor),
            Event::RolloutCreated(event) => self.rollout_created(event, at, actor),
            Event::RolloutUpdated(event) => self.rollout_updated(event),
            Event::RollbackTested(event) => self.rollback_tested(event, at, actor),
            Event::RolloutReadied(event) => self.rollout_readied(event, at),
            Event::RolloutHeldBack(event) => self.rollout_held_back(event, at),
            Event::RolloutStarted(event) => self.rollout_started(event, at, actor),
            Event::RolloutStepDone(event) => self.rollout_step_done(event, at, actor),
            Event::RolloutEnded(event) => self.rollout_ended(event, at, actor),
            Event::ReferenceAdded(event) => self.reference_added(event),
            Event::ReferenceRemoved(event) => self.reference_removed(event),
            Event::ReferencesMoved(event) => self.references_moved(event),
            Event::WorkflowDefined(event) => self.workflow_defined(event, at, actor),
            Event::WorkflowRetired(event) => self.workflow_retired(event),
            Event::WorkflowRunStarted(event) => self.workflow_run_started(event, at, actor),
            Event::WorkflowRunConfirmed(event) => self.workflow_run_confirmed(event),
            Event::WorkflowInputProvided(event) => self.workflow_input_provided(event, at, actor),
            Event::WorkflowRunMoved(event) => self.workflow_run_moved(event, at, actor),
            Event::WorkflowCriterionAttested(event) => {
                self.workflow_criterion_attested(event, at, actor);
            }
            Event::WorkflowSigned(event) => self.workflow_signed(event, at, actor),
            Event::WorkflowRunCompleted(event) => self.workflow_run_completed(event, at, actor),
            Event::AssignmentAdded(event) => self.assignment_added(event, at, actor),
            Event::AssignmentUpdated(event) => self.assignment_updated(event),
            Event::AssignmentEnded(event) => self.assignment_ended(event, at, actor),
            Event::ChecklistDefined(event) => self.checklist_defined(event),
            Event::ChecklistStarted(event) => self.checklist_started(event, at, actor),
            Event::ChecklistMissed(event) => self.checklist_missed(event, at, actor),
            Event::ChecklistAsked(event) => self.checklist_asked(event),
            Event::ChecklistItemSettled(event) => self.checklist_item_settled(event, at, actor),
            Event::ChecklistEnded(event) => self.checklist_ended(event, at),
            Event::StandupOpened(event) => self.standup_opened(event, at, actor),
            Event::StandupEntered(event) => self.standup_entered(event, at, actor),
            Event::StandupHeld(event) => self.standup_held(event, at, actor),
            Event::SchedulesSet(event) => self.schedules_set(event, at),
            Event::ScheduleRemoved(event) => self.schedule_removed(event),
            Event::SchedulePaused(event) => self.schedule_paused(event, at, actor),
            Event::ScheduleResumed(event) => self.schedule_resumed(event, at),
            Event::SlotFired(event) => self.slot_fired(event, at),
            Event::SlotsMissed(event) => self.slots_missed(event, at),
            Event::SlotSkipped(event) => self.slot_skipped(event, at),
            Event::SlotEnded(event) => self.slot_ended(event, at),
            Event::ReportPublished(event) => self.report_published(event, at),
            // Its text stays in the log.
            Event::ReportContinued(_) => {}
            Event::ReportDelivered(event) => self.report_delivered(event, at),
            Event::ReportUndelivered(event) => self.report_undelivered(event, at),
            Event::ReportReaddressed(event) => self.report_readdressed(event, at),
            Event::MarksChanged(event) => self.marks_changed(event, at),
            Event::AgentRegistered(event) => self.agent_registered(event, at),
            Event::AgentRetired(event) => self.agent_retired(event, at, actor),
            Event::TokenIssued(event) => self.token_issued(event, at),
            Event::TokenRevoked(event) => self.token_revoked(event, at),
        }
        // The chains are carried along in the order of waiting.
        self.keep_order();
        self.keep_chains();
        if let Some(name) = actor.agent() {
            edit(&mut self.agents, name, |agent| agent.last_event_at = at);
        }
        std::mem::take(&mut self.index.matches)
    }

    /// Brings what is computed in one pass up to date; call it before a claim is decided and before two
    /// plans are compared.
    pub fn settle(&mut self) {
        if self.index.chains_stale {
            self.recompute_chains();
        }
    }

    /// Whether `settle` has nothing to do.
    pub fn is_settled(&self) -> bool {
        !self.index.chains_stale
    }
}

/// Changes an entity in place, copying it first when an older plan still shares it.
fn edit<K, Q, V>(map: &mut RunMap<K, Arc<V>>, key: &Q, change: impl FnOnce(&mut V))
where
    K: Ord + Clone + std::borrow::Borrow<Q>,
    Q: Ord + ?Sized,
    V: Clone,
{
    if let Some(entity) = map.get_mut(key) {
        change(Arc::make_mut(entity));
    }
}

/// A boxed list with one more entry, unless it is there already.
fn with<T: Clone + PartialEq>(list: &[T], entry: T) -> Box<[T]> {
    if list.contains(&entry) {
        return list.into();
    }
    list.iter().cloned().chain([entry]).collect()
}

/// A boxed list without an entry.
fn without<T: Clone + PartialEq>(list: &[T], entry: &T) -> Box<[T]> {
    list.iter()
        .filter(|other| *other != entry)
        .cloned()
        .collect()
}
