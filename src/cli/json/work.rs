//! Tasks, claims and briefs as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::super::text::pasted;
use super::{instant, reference, target, text, word};

/// A status as a word: planned, claimed, in_progress, in_review, completed, deferred, cancelled.
pub fn task_status(status: wire::TaskStatus) -> String {
    word(status.as_str_name(), "TASK_STATUS_")
}

/// A task with everything the daemon says about it.
pub fn task(task: &wire::Task) -> Value {
    let mut document = words(task);
    let derived = json!({
        "phase_blocked": task.phase_blocked,
        "stages": task.stages.as_ref().map(stages),
        "updated_at": instant(task.updated_at.as_ref()),
        "updated_by": text(&task.updated_by),
    });
    if let (Value::Object(all), Value::Object(derived)) = (&mut document, derived) {
        all.extend(derived);
    }
    document
}

/// What a task is and where it stands.
fn words(task: &wire::Task) -> Value {
    json!({
        "id": task.id,
        "title": task.title,
        "phase": task.phase,
        "phase_name": task.phase_name,
        "status": task_status(task.status()),
        "role": task.role,
        "own_role": text(&task.own_role),
        "priority": task.priority,
        "ready": task.ready,
        "blocked": task.blocked,
        "area": text(&task.area),
        "estimate": text(&task.estimate),
        "estimate_minutes": task.estimate_minutes,
        "description": text(&task.description),
        "notes": text(&task.notes),
        "acceptance": task.acceptance,
        "skills": task.skills,
        "aliases": task.aliases,
        "dependencies": task.dependencies.iter().map(dependency).collect::<Vec<_>>(),
        "holder": task.holder.as_ref().map(holder),
        "completion": task.completion.as_ref().map(completion),
        "origin": text(&task.origin),
        "attempts": task.attempts,
        "strikes": task.strikes,
        "ordinal": task.ordinal,
        "reason": text(&task.reason),
        "started_at": instant(task.started_at.as_ref()),
        "created_at": instant(task.created_at.as_ref()),
        "revision": task.revision,
        "open_blockers": task.open_blockers,
        "open_decisions": task.open_decisions,
        "checks": task.checks,
        "split_from": text(&task.split_from),
        "split_into": task.split_into,
        "too_large": task.too_large,
        "needs_review": task.needs_review,
        "own_review": own_review(task.own_review()),
        "review": task.review.as_ref().map(review),
        "references": task.references.iter().map(reference).collect::<Vec<_>>(),
    })
}

/// How a stage stands as a word: pending, in_progress, done, owed, failed, skipped.
pub fn stage(status: wire::StageStatus) -> String {
    word(status.as_str_name(), "STAGE_STATUS_")
}

fn stages(stages: &wire::TaskStages) -> Value {
    json!({
        "pre_check": stage(stages.pre_check()),
        "work": stage(stages.work()),
        "post_check": stage(stages.post_check()),
        "pre_missing": stages.pre_missing,
        "post_missing": stages.post_missing,
    })
}

fn dependency(dependency: &wire::Dependency) -> Value {
    json!({
        "on": target(dependency.on.as_ref()),
        "label": dependency.label,
        "satisfied": dependency.satisfied,
        "waived": dependency.waived,
        "in_force": dependency.in_force,
    })
}

fn holder(holder: &wire::Holder) -> Value {
    // The daemon shows a fence to its holder only; 0 is none.
    let fence = (holder.fence > 0).then_some(holder.fence);
    json!({
        "agent": holder.agent,
        "session": holder.session,
        "attempt": holder.attempt,
        "fence": fence,
        "claimed_at": instant(holder.claimed_at.as_ref()),
        "expires_at": instant(holder.expires_at.as_ref()),
        "progress": text(&holder.progress),
        "last_beat_at": instant(holder.last_beat_at.as_ref()),
    })
}

fn completion(completion: &wire::Completion) -> Value {
    json!({
        "at": instant(completion.at.as_ref()),
        "agent": text(&completion.agent),
        "session": text(&completion.session),
        "summary": completion.summary,
        "verification": completion.verification,
        "held_ms": completion.held_ms,
        "open_checks": completion.open_checks,
        "evidence": completion.evidence,
        "evidence_kinds": kinds(completion.evidence_kinds()),
        "technologies": completion.technologies,
        "tests_passed_percent": completion.tests_passed_percent,
        "accepted": completion.accepted,
        "approved_by": text(&completion.approved_by),
        "approval_note": text(&completion.approval_note),
    })
}

/// A kind of evidence as a word: test, review, commit, document; none where none is stated.
pub fn evidence_kind(kind: wire::EvidenceKind) -> Option<String> {
    let stated = kind != wire::EvidenceKind::Unspecified;
    stated.then(|| word(kind.as_str_name(), "EVIDENCE_KIND_"))
}

fn kinds(kinds: impl Iterator<Item = wire::EvidenceKind>) -> Vec<Option<String>> {
    kinds.map(evidence_kind).collect()
}

/// Post-checks that whoever finished a task, or handed it in, still owes.
pub fn open_checks(task: &wire::Task) -> &[String] {
    match (&task.review, &task.completion) {
        (Some(review), _) => &review.open_checks,
        (None, Some(done)) => &done.open_checks,
        (None, None) => &[],
    }
}

/// Something nearby, in a line.
pub(super) fn concern(concern: &wire::NearbyConcern) -> Value {
    json!({"id": concern.id, "text": concern.text})
}

fn own_review(need: wire::ReviewNeed) -> Option<bool> {
    match need {
        wire::ReviewNeed::Unspecified => None,
        wire::ReviewNeed::Required => Some(true),
        wire::ReviewNeed::NotNeeded => Some(false),
    }
}

fn review(review: &wire::Review) -> Value {
    json!({
        "author": review.author,
        "session": review.session,
        "attempt": review.attempt,
        "submitted_at": instant(review.submitted_at.as_ref()),
        "summary": review.summary,
        "verification": review.verification,
        "evidence": review.evidence,
        "evidence_kinds": kinds(review.evidence_kinds()),
        "technologies": review.technologies,
        "tests_passed_percent": review.tests_passed_percent,
        "accepted": review.accepted,
        "gate_checks": review.gate_checks.iter().map(|check| json!({
            "gate": check.gate,
            "command": check.command,
            "passed": check.passed,
            "value": text(&check.value),
            "evidence": check.evidence,
        })).collect::<Vec<_>>(),
        "open_checks": review.open_checks,
    })
}

/// A claim that was granted.
pub fn claim(claim: &wire::TaskClaim) -> Value {
    let task = claim.task.clone().unwrap_or_default();
    json!({
        "task": {
            "id": task.id,
            "title": task.title,
            "phase": task.phase,
            "phase_name": task.phase_name,
            "role": task.role,
            "priority": task.priority,
        },
        "session": claim.session,
        "attempt": claim.attempt,
        "fence": claim.fence,
        "lease_ms": claim.lease_ms,
        "beat_every_ms": claim.beat_every_ms,
        "expires_at": instant(claim.expires_at.as_ref()),
        "resumed": claim.resumed,
        "warning": text(&claim.warning),
        "brief": claim.brief.as_ref().map(brief),
    })
}

/// There was nothing to claim.
pub fn nothing(nothing: &wire::NothingToClaim) -> Value {
    let name = nothing.reason().as_str_name();
    json!({
        "task": null,
        "reason": name.strip_prefix("NOTHING_REASON_").unwrap_or(name),
        "message": nothing.message,
        "waiting_on": nothing.waiting_on,
        "retry_after_ms": nothing.retry_after_ms,
    })
}

fn brief(brief: &wire::Brief) -> Value {
    let inherited = |result: &wire::InheritedResult| {
        json!({
            "task": result.task,
            "title": result.title,
            "summary": result.summary,
            "verification": result.verification,
        })
    };
    let answer = |answer: &wire::AnsweredQuestion| {
        json!({
            "id": answer.id,
            "question": answer.question,
            "answer": answer.answer,
            "by": answer.by,
        })
    };
    let earlier = |earlier: &wire::EarlierAttempt| {
        json!({
            "attempt": earlier.attempt,
            "agent": earlier.agent,
            "ending": earlier.ending,
            "note": earlier.note,
        })
    };
    json!({
        "task": brief.task,
        "title": brief.title,
        "description": brief.description,
        "notes": brief.notes,
        "area": brief.area,
        "estimate": brief.estimate,
        "phase": brief.phase,
        "phase_name": brief.phase_name,
        "phase_goal": brief.phase_goal,
        "workflow": brief.workflow,
        "sprint": brief.sprint,
        "acceptance": brief.acceptance,
        "checks": brief.checks,
        "inherited": brief.inherited.iter().map(inherited).collect::<Vec<_>>(),
        "answers": brief.answers.iter().map(answer).collect::<Vec<_>>(),
        "nearby": brief
            .nearby
            .iter()
            .map(concern)
            .collect::<Vec<_>>(),
        "deliverables": brief
            .deliverables
            .iter()
            .map(concern)
            .collect::<Vec<_>>(),
        "references": brief.references,
        "earlier": brief.earlier.as_ref().map(earlier),
        "lease_ms": brief.lease_ms,
        "beat_every_ms": brief.beat_every_ms,
        "next": brief.next.iter().map(|command| pasted(command)).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(document: &Value) -> Vec<&str> {
        document
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect()
    }

    #[test]
    fn a_claim_has_the_fields_that_scripts_rely_on() {
        let document = claim(&wire::TaskClaim {
            task: Some(wire::Task {
                id: "T-1".to_owned(),
                ..wire::Task::default()
            }),
            fence: (1 << 53) - 1,
            brief: Some(wire::Brief::default()),
            ..wire::TaskClaim::default()
        });
        assert_eq!(
            keys(&document),
            [
                "attempt",
                "beat_every_ms",
                "brief",
                "expires_at",
                "fence",
                "lease_ms",
                "resumed",
                "session",
                "task",
                "warning"
            ]
        );
        assert_eq!(
            keys(&document["task"]),
            ["id", "phase", "phase_name", "priority", "role", "title"]
        );
        assert_eq!(document["fence"], json!(9_007_199_254_740_991_u64));
    }

    #[test]
    fn nothing_to_claim_has_the_fields_that_scripts_rely_on() {
        let document = nothing(&wire::NothingToClaim {
            reason: wire::NothingReason::WaitingOnCoordinator.into(),
            message: "wait".to_owned(),
            waiting_on: vec!["DEC-1".to_owned()],
            retry_after_ms: 60_000,
        });
        assert_eq!(
            document,
            json!({
                "task": null,
                "reason": "WAITING_ON_COORDINATOR",
                "message": "wait",
                "waiting_on": ["DEC-1"],
                "retry_after_ms": 60_000,
            })
        );
    }

    #[test]
    fn a_task_has_the_fields_that_scripts_rely_on() {
        let document = task(&wire::Task {
            status: wire::TaskStatus::InReview.into(),
            ..wire::Task::default()
        });
        for key in ["id", "title", "phase", "phase_name", "status", "role"] {
            assert!(document[key].is_string(), "{key}");
        }
        for key in ["ready", "blocked"] {
            assert!(document[key].is_boolean(), "{key}");
        }
        assert_eq!(document["status"], "in_review");
    }

    #[test]
    fn a_fence_that_is_not_shown_is_null() {
        let document = holder(&wire::Holder::default());
        assert_eq!(document["fence"], Value::Null);
    }
}
