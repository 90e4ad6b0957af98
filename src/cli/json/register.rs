//! Entries of registers as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

/// A deliverable.
pub fn deliverable(deliverable: &wire::Deliverable) -> Value {
    json!({
        "id": deliverable.id,
        "name": deliverable.name,
        "uri": text(&deliverable.uri),
        "phase": text(&deliverable.phase),
        "task": text(&deliverable.task),
        "workflow": text(&deliverable.workflow),
        "acceptance": deliverable.acceptance,
        "status": word(deliverable.status().as_str_name(), "DELIVERABLE_STATUS_"),
        "artefact": text(&deliverable.artefact),
        "submission_note": text(&deliverable.submission_note),
        "submitted_by": text(&deliverable.submitted_by),
        "submitted_at": instant(deliverable.submitted_at.as_ref()),
        "judgement": text(&deliverable.judgement),
        "judged_by": text(&deliverable.judged_by),
        "judged_at": instant(deliverable.judged_at.as_ref()),
        "added_by": text(&deliverable.added_by),
        "added_at": instant(deliverable.added_at.as_ref()),
        "revision": deliverable.revision,
    })
}

/// A milestone.
pub fn milestone(milestone: &wire::Milestone) -> Value {
    use wire::milestone_due::On;
    let item = |item: &wire::MilestoneItem| {
        json!({
            "number": item.number,
            "text": item.text,
            "ticked": item.ticked,
            "ticked_by": text(&item.ticked_by),
            "ticked_at": instant(item.ticked_at.as_ref()),
        })
    };
    let links = milestone.links.clone().unwrap_or_default();
    let week = match milestone.due.as_ref().and_then(|due| due.on.as_ref()) {
        Some(On::Week(week)) => json!(week),
        Some(On::Date(_)) | None => Value::Null,
    };
    json!({
        "id": milestone.id,
        "name": milestone.name,
        "kind": word(milestone.kind().as_str_name(), "MILESTONE_KIND_"),
        "status": word(milestone.status().as_str_name(), "MILESTONE_STATUS_"),
        "week": week,
        "due_date": text(&milestone.due_date),
        "checklist": milestone.checklist.iter().map(item).collect::<Vec<_>>(),
        "phases": links.phases,
        "tasks": links.tasks,
        "deliverables": links.deliverables,
        "settled_by": text(&milestone.settled_by),
        "settled_at": instant(milestone.settled_at.as_ref()),
        "settled_note": text(&milestone.settled_note),
        "added_by": text(&milestone.added_by),
        "added_at": instant(milestone.added_at.as_ref()),
        "revision": milestone.revision,
        "overdue": milestone.overdue,
        "at_risk": milestone.at_risk,
    })
}

/// A risk.
pub fn risk(risk: &wire::Risk) -> Value {
    json!({
        "id": risk.id,
        "kind": word(risk.kind().as_str_name(), "RISK_KIND_"),
        "text": risk.text,
        "impact": word(risk.impact().as_str_name(), "RISK_LEVEL_"),
        "impact_days": risk.impact_days,
        "likelihood": word(risk.likelihood().as_str_name(), "RISK_LEVEL_"),
        "mitigation": text(&risk.mitigation),
        "owner": text(&risk.owner),
        "status": word(risk.status().as_str_name(), "RISK_STATUS_"),
        "note": text(&risk.note),
        "moved_by": text(&risk.moved_by),
        "moved_at": instant(risk.moved_at.as_ref()),
        "blocker": text(&risk.blocker),
        "added_by": text(&risk.added_by),
        "added_at": instant(risk.added_at.as_ref()),
        "revision": risk.revision,
    })
}
