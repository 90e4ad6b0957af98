//! Blockers, discovered tasks and decisions as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

/// A blocker.
pub fn blocker(blocker: &wire::Blocker) -> Value {
    json!({
        "id": blocker.id,
        "kind": word(blocker.kind().as_str_name(), "BLOCKER_KIND_"),
        "status": word(blocker.status().as_str_name(), "BLOCKER_STATUS_"),
        "tasks": blocker.tasks,
        "phase": text(&blocker.phase),
        "reason": blocker.reason,
        "waits_for": text(&blocker.waits_for),
        "owner": text(&blocker.owner),
        "resolution_path": text(&blocker.resolution_path),
        "severity": word(blocker.severity().as_str_name(), "SEVERITY_"),
        "since": instant(blocker.since.as_ref()),
        "since_text": text(&blocker.since_text),
        "opened_by": text(&blocker.opened_by),
        "escalation": text(&blocker.escalation),
        "escalated_at": instant(blocker.escalated_at.as_ref()),
        "resolution": text(&blocker.resolution),
        "resolved_by": text(&blocker.resolved_by),
        "resolved_at": instant(blocker.resolved_at.as_ref()),
        "holds_up": blocker.holds_up,
        "revision": blocker.revision,
    })
}

/// A discovered task.
pub fn discovered(found: &wire::Discovered) -> Value {
    json!({
        "id": found.id,
        "title": found.title,
        "notes": text(&found.notes),
        "priority": found.priority,
        "area": text(&found.area),
        "found_on": text(&found.found_on),
        "found_in": text(&found.found_in),
        "found_in_text": text(&found.found_in_text),
        "suggested_phase": text(&found.suggested_phase),
        "found_by": text(&found.found_by),
        "found_at": instant(found.found_at.as_ref()),
        "status": word(found.status().as_str_name(), "DISCOVERED_STATUS_"),
        "became": text(&found.became),
        "triage_note": text(&found.triage_note),
        "triaged_at": instant(found.triaged_at.as_ref()),
        "revision": found.revision,
    })
}

fn proposal(proposal: &wire::DecisionProposal) -> Value {
    json!({
        "answer": proposal.answer,
        "rationale": text(&proposal.rationale),
        "proposed_by": text(&proposal.proposed_by),
        "proposed_at": instant(proposal.proposed_at.as_ref()),
    })
}

/// A decision.
pub fn decision(decision: &wire::Decision) -> Value {
    json!({
        "id": decision.id,
        "question": decision.question,
        "options": decision.options,
        "blocks": decision.blocks,
        "opened_by": text(&decision.opened_by),
        "opened_at": instant(decision.opened_at.as_ref()),
        "decided": decision.decided,
        "answer": text(&decision.answer),
        "rationale": text(&decision.rationale),
        "record_uri": text(&decision.record_uri),
        "decided_by": text(&decision.decided_by),
        "decided_at": instant(decision.decided_at.as_ref()),
        "status": word(decision.status().as_str_name(), "DECISION_STATUS_"),
        "phases": decision.phases,
        "selectors": decision.selectors,
        "proposals": decision.proposals.iter().map(proposal).collect::<Vec<_>>(),
        "consequences": text(&decision.consequences),
        "supersedes": text(&decision.supersedes),
        "superseded_by": text(&decision.superseded_by),
        "deprecated_because": text(&decision.deprecated_because),
        "revisit": decision.revisit,
        "revision": decision.revision,
    })
}
