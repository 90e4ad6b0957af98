//! What was decided, waived, overridden and revoked within a window, and by whom. Every event type is looked at,
//! so that a new one cannot be forgotten.

use super::data::{Act, ActKind};
use crate::plan::Plan;
use crate::plan::event::{Event, On, Recorded, RiskStatus};
use crate::plan::id::{DeliverableId, GateId, GateRunId, TaskId};
use crate::report::zone::Zone;

/// The acts of a window in the order of its events.
pub(super) fn acts<'a>(
    plan: &Plan,
    zone: &Zone,
    events: impl Iterator<Item = &'a Recorded>,
) -> Vec<Act> {
    let told = events.filter_map(|recorded| {
        let (kind, id, title, detail) = told(plan, &recorded.event)?;
        Some(Act {
            at: zone.moment(recorded.at),
            by: recorded.actor.name().to_owned(),
            kind,
            id,
            title,
            detail,
        })
    });
    told.collect()
}

type Told = (ActKind, String, String, String);

fn told(plan: &Plan, event: &Event) -> Option<Told> {
    let task = |kind, id: TaskId, detail: String| {
        Some((kind, id.to_string(), plan.title(id).to_owned(), detail))
    };
    let phase = |kind, id: &str, detail: &str| {
        let phase = plan.phases().find(|phase| *phase.id == *id);
        let name = phase.map_or_else(String::new, |phase| phase.name.to_string());
        Some((kind, format!("phase {id}"), name, detail.to_owned()))
    };
    let gate = |kind, id: GateId, detail: String| {
        let name = plan.gate(id).map_or("", |gate| &gate.name);
        Some((kind, id.to_string(), name.to_owned(), detail))
    };
    let gate_of = |kind, run: GateRunId, detail: String| {
        let id = plan.gate_run(run)?.gate;
        gate(kind, id, detail)
    };
    let deliverable = |kind, id: DeliverableId, detail: &str| {
        let name = plan.deliverable(id).map_or("", |it| &it.name);
        Some((kind, id.to_string(), name.to_owned(), detail.to_owned()))
    };
    let question = |id| {
        let question = plan.decision(id).map_or("", |it| &it.question);
        question.to_owned()
    };
    match event {
        Event::DecisionDecided(event) => Some((
            ActKind::Decided,
            event.decision.to_string(),
            question(event.decision),
            event.answer.to_string(),
        )),
        Event::DecisionDeprecated(event) => Some((
            ActKind::Deprecated,
            event.decision.to_string(),
            question(event.decision),
            event.reason.to_string(),
        )),
        Event::GateWaived(event) => gate_of(ActKind::Waived, event.run, event.reason.to_string()),
        Event::GateWaiverExpired(event) => {
            gate_of(ActKind::WaiverExpired, event.run, String::new())
        }
        Event::GateRetired(event) => gate(ActKind::Withdrawn, event.gate, event.reason.to_string()),
        Event::DependencyWaived(event) => {
            let on = match &event.on {
                On::Task(task) => task.to_string(),
                On::Phase(id) => format!("phase {id}"),
                On::AllAbove => "all above".to_owned(),
            };
            let detail = format!("need not wait for {on}: {}", event.reason);
            task(ActKind::Waived, event.task, detail)
        }
        Event::ClaimRevoked(event) => {
            let detail = format!("was held by {}: {}", event.agent, event.reason);
            task(ActKind::Revoked, event.task, detail)
        }
        Event::PhaseOrderOverridden(event) => {
            phase(ActKind::Overridden, &event.phase, &event.reason)
        }
        Event::PhaseSkipped(event) => phase(ActKind::Skipped, &event.phase, &event.reason),
        Event::RiskMoved(event) if event.to == RiskStatus::Accepted => {
            let text = plan.risk(event.risk).map_or("", |it| &it.words.text);
            let (id, text) = (event.risk.to_string(), text.to_owned());
            Some((ActKind::RiskAccepted, id, text, event.note.to_string()))
        }
        Event::DeliverableAccepted(event) => {
            deliverable(ActKind::Accepted, event.deliverable, &event.note)
        }
        Event::DeliverableRejected(event) => {
            deliverable(ActKind::Rejected, event.deliverable, &event.reason)
        }
        Event::TaskApproved(event) => task(ActKind::Approved, event.task, event.note.to_string()),
        Event::ChangesRequested(event) => {
            task(ActKind::Rejected, event.task, event.reason.to_string())
        }
        Event::RuleEnded(event) => {
            let id = event.rule.to_string();
            let rule = plan.rule(event.rule);
            let rule = rule.map_or_else(String::new, |it| format!("{} for {}", it.waiting, it.on));
            Some((ActKind::Withdrawn, id, rule, event.reason.to_string()))
        }
        Event::IntegrationWithdrawn(event) => {
            let id = event.integration;
            let name = plan.integration(id).map_or("", |it| &it.words.name);
            let (id, name) = (id.to_string(), name.to_owned());
            Some((ActKind::Withdrawn, id, name, event.reason.to_string()))
        }
        // What is left is work and planning, which other reports tell of.
        Event::ProjectCreated(_)
        | Event::ProjectUpdated(_)
        | Event::ProjectPaused(_)
        | Event::ProjectResumed(_)
        | Event::ProjectCompleted(_)
        | Event::ProjectArchived(_)
        | Event::ProjectRestored(_)
        | Event::ProjectDeleted(_)
        | Event::PlanImported(_)
        | Event::DiagnosticSettled(_)
        | Event::PhasesAdded(_)
        | Event::PhaseUpdated(_)
        | Event::CriterionMet(_)
        | Event::CriterionChanged(_)
        | Event::PhaseCompleted(_)
        | Event::PhaseReopened(_)
        | Event::RoleWindowSet(_)
        | Event::TasksAdded(_)
        | Event::TaskUpdated(_)
        | Event::DependenciesAdded(_)
        | Event::DependencyRemoved(_)
        | Event::TaskClaimed(_)
        | Event::TaskStarted(_)
        | Event::ProgressReported(_)
        | Event::TaskReleased(_)
        | Event::LeaseExpired(_)
        | Event::TaskCompleted(_)
        | Event::TaskSubmitted(_)
        | Event::TaskDeferred(_)
        | Event::TaskReinstated(_)
        | Event::TaskCancelled(_)
        | Event::TaskReopened(_)
        | Event::TaskSplit(_)
        | Event::SessionStarted(_)
        | Event::SessionEnded(_)
        | Event::BlockerOpened(_)
        | Event::BlockerEscalated(_)
        | Event::BlockerUpdated(_)
        | Event::BlockerResolved(_)
        | Event::TaskDiscovered(_)
        | Event::DiscoveredUpdated(_)
        | Event::DiscoveredTriaged(_)
        | Event::DecisionOpened(_)
        | Event::DecisionProposed(_)
        | Event::DecisionUpdated(_)
        | Event::DecisionExtended(_)
        | Event::TaskRevisited(_)
        | Event::RuleAdded(_)
        | Event::DeliverableAdded(_)
        | Event::DeliverableUpdated(_)
        | Event::DeliverableSubmitted(_)
        | Event::MilestoneAdded(_)
        | Event::MilestoneUpdated(_)
        | Event::MilestoneTicked(_)
        | Event::MilestoneReached(_)
        | Event::MilestoneMissed(_)
        | Event::RiskAdded(_)
        | Event::RiskUpdated(_)
        | Event::RiskMoved(_)
        | Event::GateDefined(_)
        | Event::GateRunStarted(_)
        | Event::GateResultRecorded(_)
        | Event::GateRunSettled(_)
        | Event::MetricReported(_)
        | Event::SprintPlanned(_)
        | Event::SprintCommitted(_)
        | Event::SprintScopeChanged(_)
        | Event::SprintClosed(_)
        | Event::SprintUpdated(_)
        | Event::SprintWithdrawn(_)
        | Event::IntegrationAdded(_)
        | Event::IntegrationUpdated(_)
        | Event::IntegrationConfirmed(_)
        | Event::IntegrationTested(_)
        | Event::IntegrationFailed(_)
        | Event::RolloutCreated(_)
        | Event::RolloutUpdated(_)
        | Event::RollbackTested(_)
        | Event::RolloutReadied(_)
        | Event::RolloutHeldBack(_)
        | Event::RolloutStarted(_)
        | Event::RolloutStepDone(_)
        | Event::RolloutEnded(_)
        | Event::ReferenceAdded(_)
        | Event::ReferenceRemoved(_)
        | Event::ReferencesMoved(_)
        | Event::WorkflowDefined(_)
        | Event::WorkflowRetired(_)
        | Event::WorkflowRunStarted(_)
        | Event::WorkflowRunConfirmed(_)
        | Event::WorkflowInputProvided(_)
        | Event::WorkflowRunMoved(_)
        | Event::WorkflowCriterionAttested(_)
        | Event::WorkflowSigned(_)
        | Event::WorkflowRunCompleted(_)
        | Event::AssignmentAdded(_)
        | Event::AssignmentUpdated(_)
        | Event::AssignmentEnded(_)
        | Event::AgentRegistered(_)
        | Event::AgentRetired(_)
        | Event::RoleAdded(_)
        | Event::TokenIssued(_)
        | Event::SchedulesSet(_)
        | Event::ScheduleRemoved(_)
        | Event::SchedulePaused(_)
        | Event::ScheduleResumed(_)
        | Event::SlotFired(_)
        | Event::SlotsMissed(_)
        | Event::SlotSkipped(_)
        | Event::SlotEnded(_)
        | Event::ReportPublished(_)
        | Event::ReportContinued(_)
        | Event::StandupOpened(_)
        | Event::StandupEntered(_)
        | Event::StandupHeld(_)
        | Event::MarksChanged(_)
        | Event::ChecklistDefined(_)
        | Event::ChecklistStarted(_)
        | Event::ChecklistMissed(_)
        | Event::ChecklistAsked(_)
        | Event::ChecklistItemSettled(_)
        | Event::ChecklistEnded(_)
        | Event::ReportDelivered(_)
        | Event::ReportUndelivered(_)
        | Event::ReportReaddressed(_)
        | Event::TokenRevoked(_) => None,
    }
}
