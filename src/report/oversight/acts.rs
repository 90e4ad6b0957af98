//! What was decided, waived, overridden and revoked within a window, and by whom; every event type is looked
//! at that sets a rule aside or speaks the last word on something.

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
        _ => None,
    }
}
