//! Projects, phases, reasons, events and what a person is asked for, as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::super::text::pasted;
use super::work::evidence_kind;
use super::{instant, text, word};

/// A project.
pub fn project(project: &wire::Project) -> Value {
    let source = |source: &wire::PlanSource| {
        json!({
            "name": source.name,
            "digest": source.digest,
            "size_bytes": source.size_bytes,
            "status": text(&document_status(source)),
        })
    };
    json!({
        "slug": project.slug,
        "name": project.name,
        "description": text(&project.description),
        "status": word(project.status().as_str_name(), "PROJECT_STATUS_"),
        "status_reason": text(&project.status_reason),
        "settings": project.settings.as_ref().map(settings),
        "sources": project.sources.iter().map(source).collect::<Vec<_>>(),
        "tally": project.tally.as_ref().map(tally),
        "percent": project.percent,
        "current_phase": text(&project.current_phase),
        "sprint_goal": text(&project.sprint_goal),
        "active_sprint": project.active_sprint.as_ref().map(active_sprint),
        "version": project.version,
        "revision": project.revision,
        "updated_at": instant(project.updated_at.as_ref()),
        "updated_by": text(&project.updated_by),
        "created_at": instant(project.created_at.as_ref()),
        "changed_at": instant(project.changed_at.as_ref()),
        "diagnostics": project.diagnostics,
        "completed_at": instant(project.completed_at.as_ref()),
        "completed_by": text(&project.completed_by),
    })
}

/// What a file's header says of its standing: draft, current, superseded; empty when nothing.
pub fn document_status(source: &wire::PlanSource) -> String {
    match source.status() {
        wire::DocumentStatus::Unspecified => String::new(),
        status => word(status.as_str_name(), "DOCUMENT_STATUS_"),
    }
}

/// A policy.
pub fn policy(policy: &wire::ProjectPolicy) -> Value {
    json!({
        "name": policy.name,
        "value": policy.value,
        "default": policy.default_value,
        "meaning": policy.meaning,
        "takes": policy.takes,
        "requirement": policy.requirement,
    })
}

fn active_sprint(sprint: &wire::ActiveSprint) -> Value {
    json!({
        "id": sprint.id,
        "goal": sprint.goal,
        "start_date": sprint.start_date,
        "end_date": sprint.end_date,
        "tasks": sprint.tasks,
        "completed": sprint.completed,
        "open": sprint.open,
    })
}

fn settings(settings: &wire::ProjectSettings) -> Value {
    json!({
        "policy": word(settings.policy().as_str_name(), "COMPLETION_POLICY_"),
        "session_minutes": settings.session_minutes,
        "time_zone": settings.time_zone,
        "phase_closing": word(settings.phase_closing().as_str_name(), "PHASE_CLOSING_"),
        "size_policy": word(settings.size_policy().as_str_name(), "TASK_SIZE_POLICY_"),
        "lease_min_ms": settings.lease_min_ms,
        "lease_max_ms": settings.lease_max_ms,
        "lease_default_ms": settings.lease_default_ms,
        "progress_timeout_ms": settings.progress_timeout_ms,
        "hard_limit_ms": settings.hard_limit_ms,
        "strikes": settings.strikes,
        "areas": settings.areas,
        "working_days": settings
            .working_days()
            .map(|day| word(day.as_str_name(), "DAY_OF_WEEK_"))
            .collect::<Vec<_>>(),
        "workday_minutes": settings.workday_minutes,
        "standup_minutes": settings.standup_minutes,
        "accepting_roles": settings.accepting_roles,
        "review": settings.review,
        "review_areas": settings.review_areas,
        "reviewing_roles": settings.reviewing_roles,
        "start_date": text(&settings.start_date),
        "target_date": text(&settings.target_date),
        "commitment_guard": word(settings.commitment_guard().as_str_name(), "COMMITMENT_GUARD_"),
        "sprint_only": settings.sprint_only,
        "required_references": settings
            .required_references()
            .map(|kind| word(kind.as_str_name(), "REFERENCE_KIND_"))
            .collect::<Vec<_>>(),
        "staffing": word(settings.staffing().as_str_name(), "STAFFING_POLICY_"),
        "holidays": settings.holidays,
        "required_evidence": settings.required_evidence().map(evidence_kind).collect::<Vec<_>>(),
        "escalate_after_minutes": settings.escalate_after_minutes(),
        "windows_from": word(settings.windows_from().as_str_name(), "WINDOWS_FROM_"),
        "role_windows": word(settings.role_windows().as_str_name(), "ROLE_WINDOW_POLICY_"),
    })
}

/// How many tasks are in which status.
fn tally(tally: &wire::Tally) -> Value {
    json!({
        "planned": tally.planned,
        "claimed": tally.claimed,
        "in_progress": tally.in_progress,
        "in_review": tally.in_review,
        "completed": tally.completed,
        "deferred": tally.deferred,
        "cancelled": tally.cancelled,
    })
}

/// A phase.
pub fn phase(phase: &wire::Phase) -> Value {
    let criterion = |criterion: &wire::Criterion| {
        json!({
            "number": criterion.number,
            "text": criterion.text,
            "met": criterion.met,
            "met_by": text(&criterion.met_by),
            "met_at": instant(criterion.met_at.as_ref()),
            "evidence": text(&criterion.evidence),
            "withdrawn_reason": text(&criterion.withdrawn_reason),
        })
    };
    json!({
        "id": phase.id,
        "name": phase.name,
        "goal": text(&phase.goal),
        "status": word(phase.status().as_str_name(), "PHASE_STATUS_"),
        "open": phase.open,
        "lead_role": text(&phase.lead_role),
        "criteria": phase.criteria.iter().map(criterion).collect::<Vec<_>>(),
        "predecessors": phase.predecessors,
        "tally": phase.tally.as_ref().map(tally),
        "percent": phase.percent,
        "started_at": instant(phase.started_at.as_ref()),
        "closed_at": instant(phase.closed_at.as_ref()),
        "override_reason": text(&phase.override_reason),
        "window": phase.window.as_ref().map(super::window),
        "window_start_date": text(&phase.window_start_date),
        "window_end_date": text(&phase.window_end_date),
        "late": phase.late,
        "ordering": word(phase.ordering().as_str_name(), "PHASE_ORDERING_"),
        "revision": phase.revision,
        "updated_at": instant(phase.updated_at.as_ref()),
        "updated_by": text(&phase.updated_by),
        "gates": phase.gates.iter().map(phase_gate).collect::<Vec<_>>(),
    })
}

fn phase_gate(gate: &wire::PhaseGate) -> Value {
    json!({"id": gate.id, "name": gate.name, "passes": gate.passes, "lacks": gate.lacks})
}

/// A reason why a task is not ready.
pub fn reason(reason: &wire::NotReadyReason) -> Value {
    json!({
        "code": reason.code,
        "message": reason.message,
        "refs": reason.refs,
        "who": text(&reason.who),
        "next": (!reason.next.is_empty()).then(|| pasted(&reason.next)),
    })
}

/// Something in a plan file that was not taken as written.
pub fn diagnostic(diagnostic: &wire::Diagnostic) -> Value {
    json!({
        "line": diagnostic.line,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": text(&diagnostic.file),
        "number": (diagnostic.number > 0).then_some(diagnostic.number),
        "settled_by": text(&diagnostic.settled_by),
        "settled_at": instant(diagnostic.settled_at.as_ref()),
        "settled_note": text(&diagnostic.settled_note),
    })
}

/// Something that waits for a person.
pub fn inbox_item(item: &wire::InboxItem) -> Value {
    json!({
        "kind": word(item.kind().as_str_name(), "INBOX_KIND_"),
        "id": item.id,
        "title": item.title,
        "since": instant(item.since.as_ref()),
        "holds_up": item.holds_up,
        "command": pasted(&item.command),
    })
}

/// An event; its data as it is stored.
pub fn event(event: &wire::Event) -> Value {
    let data = serde_json::from_str(&event.document).unwrap_or_else(|_| json!(event.document));
    json!({
        "version": event.version,
        "at": instant(event.at.as_ref()),
        "actor": event.actor,
        "session": text(&event.session),
        "type": event.r#type,
        "summary": event.summary,
        "data": data,
    })
}

/// What a walk over a log found.
pub fn verified_log(log: &wire::VerifiedLog) -> Value {
    let broken_version = (log.broken_version > 0).then_some(log.broken_version);
    json!({
        "project": log.project,
        "version": log.version,
        "hash": log.hash,
        "sound": log.sound,
        "broken_version": broken_version,
        "problem": text(&log.problem),
        "fingerprint": text(&log.fingerprint),
    })
}
