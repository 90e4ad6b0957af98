//! Integration points, rollouts and references as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

fn end(end: Option<&wire::IntegrationEnd>) -> Value {
    use wire::integration_end::Of;
    match end.and_then(|end| end.of.as_ref()) {
        Some(Of::Task(task)) => json!(task),
        Some(Of::Phase(phase)) => json!(format!("phase:{phase}")),
        None => Value::Null,
    }
}

/// An integration point.
pub fn integration(point: &wire::IntegrationPoint) -> Value {
    use wire::integration_point::Sides;
    let (internal, external) = match &point.sides {
        Some(Sides::Internal(sides)) => (Some(sides), None),
        Some(Sides::External(sides)) => (None, Some(sides)),
        None => (None, None),
    };
    json!({
        "id": point.id,
        "name": point.name,
        "kind": if external.is_some() { "external" } else { "internal" },
        "from": internal.map(|sides| end(sides.from.as_ref())),
        "to": internal.map(|sides| end(sides.to.as_ref())),
        "system": external.map(|sides| sides.system.as_str()),
        "needed_by": external.map(|sides| end(sides.needed_by.as_ref())),
        "protocol": text(&point.protocol),
        "test_strategy": text(&point.test_strategy),
        "due_date": text(&point.due_date),
        "contact": text(&point.contact),
        "status": word(point.status().as_str_name(), "INTEGRATION_STATUS_"),
        "overdue": point.overdue,
        "confirmation": text(&point.confirmation),
        "confirmed_by": text(&point.confirmed_by),
        "confirmed_at": instant(point.confirmed_at.as_ref()),
        "result": text(&point.result),
        "tested_by": text(&point.tested_by),
        "tested_at": instant(point.tested_at.as_ref()),
        "blocker": text(&point.blocker),
        "next": command(&point.next),
        "added_by": point.added_by,
        "added_at": instant(point.added_at.as_ref()),
        "withdrawn_reason": text(&point.withdrawn_reason),
        "revision": point.revision,
    })
}

/// A command line as it can be pasted; null when nothing is to be done.
fn command(next: &str) -> Value {
    if next.is_empty() {
        Value::Null
    } else {
        json!(format!("muster {next}"))
    }
}

/// A rollout.
pub fn rollout(rollout: &wire::Rollout) -> Value {
    let step = |step: &wire::RolloutStep| {
        json!({
            "number": step.number,
            "text": step.text,
            "done": step.done,
            "done_by": text(&step.done_by),
            "done_at": instant(step.done_at.as_ref()),
            "note": text(&step.note),
        })
    };
    let success = |metric: &wire::SuccessMetric| {
        let measure = metric.measure.as_ref();
        let comparison = measure.map(|it| word(it.comparison().as_str_name(), "COMPARISON_"));
        json!({
            "number": metric.number,
            "name": metric.name,
            "metric": measure.map(|it| it.metric.as_str()),
            "comparison": comparison,
            "threshold": measure.map(|it| it.threshold.as_str()),
            "met": metric.met,
            "value": text(&metric.value),
            "evidence": text(&metric.evidence),
        })
    };
    let lack = |lack: &wire::RolloutLack| {
        json!({
            "subject": lack.subject,
            "description": lack.description,
            "who": lack.who,
            "next": command(&lack.next),
        })
    };
    json!({
        "id": rollout.id,
        "name": rollout.name,
        "approach": text(&rollout.approach),
        "deployment": text(&rollout.deployment),
        "steps": rollout.steps.iter().map(step).collect::<Vec<_>>(),
        "rollback_plan": text(&rollout.rollback_plan),
        "rollback_evidence": text(&rollout.rollback_evidence),
        "rollback_tested_by": text(&rollout.rollback_tested_by),
        "rollback_tested_at": instant(rollout.rollback_tested_at.as_ref()),
        "success": rollout.success.iter().map(success).collect::<Vec<_>>(),
        "status": word(rollout.status().as_str_name(), "ROLLOUT_STATUS_"),
        "gates": rollout.gates,
        "lacks": rollout.lacks.iter().map(lack).collect::<Vec<_>>(),
        "next": command(&rollout.next),
        "started_by": text(&rollout.started_by),
        "started_at": instant(rollout.started_at.as_ref()),
        "ending": text(&rollout.ending),
        "ended_by": text(&rollout.ended_by),
        "ended_at": instant(rollout.ended_at.as_ref()),
        "blocker": text(&rollout.blocker),
        "created_by": rollout.created_by,
        "created_at": instant(rollout.created_at.as_ref()),
        "revision": rollout.revision,
    })
}

/// A document that a task refers to.
pub fn reference(reference: &wire::TaskReference) -> Value {
    json!({
        "kind": word(reference.kind().as_str_name(), "REFERENCE_KIND_"),
        "name": reference.name,
        "uri": text(&reference.uri),
        "status": text(&word(reference.status().as_str_name(), "REFERENCE_STATUS_")),
    })
}
