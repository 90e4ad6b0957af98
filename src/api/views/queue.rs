//! Blockers, discovered tasks, decisions and what waits for a person, as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::{View, texts, time};
use crate::plan::Plan;
use crate::plan::event::Triage;
use crate::plan::explain::Cause;
use crate::plan::id::{BlockerId, DecisionId, DiscoveredId};
use crate::plan::inbox::Waiting;
use crate::plan::model::{Blocker, Decision, Discovered, Proposal};

impl View<'_> {
    /// A blocker; none when there is no such blocker.
    pub(in super::super) fn blocker_named(&self, id: BlockerId) -> Option<wire::Blocker> {
        self.plan.blocker(id).map(|blocker| self.blocker(blocker))
    }

    /// A blocker.
    pub(in super::super) fn blocker(&self, blocker: &Blocker) -> wire::Blocker {
        let escalated = blocker.escalated.as_ref();
        let resolution = blocker.resolution.as_ref();
        wire::Blocker {
            id: blocker.id.to_string(),
            kind: enums::blocker_kind(blocker.kind).into(),
            status: enums::blocker_status(blocker.status).into(),
            tasks: texts(&blocker.tasks),
            phase: blocker
                .phase
                .map_or_else(String::new, |no| self.phase_id(no)),
            reason: blocker.reason.to_string(),
            waits_for: blocker
                .waits_for
                .map_or_else(String::new, |task| task.to_string()),
            owner: blocker.owner.to_string(),
            resolution_path: blocker.resolution_path.to_string(),
            severity: enums::severity(blocker.severity).into(),
            since: Some(time(blocker.since)),
            since_text: blocker.since_text.to_string(),
            opened_by: blocker.opened_by.to_string(),
            escalation: escalated.map_or_else(String::new, |(_, why)| why.to_string()),
            escalated_at: escalated.map(|(at, _)| time(*at)),
            resolution: resolution.map_or_else(String::new, |(_, _, how)| how.to_string()),
            resolved_by: resolution.map_or_else(String::new, |(actor, _, _)| actor.to_string()),
            resolved_at: resolution.map(|(_, at, _)| time(*at)),
            holds_up: self.held_up_by(blocker),
            revision: blocker.revision,
        }
    }

    fn held_up_by(&self, blocker: &Blocker) -> u32 {
        if !blocker.status.is_open() {
            return 0;
        }
        let by_tasks = self.plan.holds_up(&blocker.tasks);
        let by_phase = blocker
            .phase
            .map_or(0, |phase| self.plan.phase_holds_up(phase));
        by_tasks.max(by_phase)
    }

    /// A discovered task; none when there is no such one.
    pub(in super::super) fn discovered_named(&self, id: DiscoveredId) -> Option<wire::Discovered> {
        self.plan
            .discovered_task(id)
            .map(|found| self.discovered(found))
    }

    /// A discovered task.
    pub(in super::super) fn discovered(&self, found: &Discovered) -> wire::Discovered {
        let became = match &found.triage {
            Some(Triage::Promoted(task)) => task.to_string(),
            Some(Triage::Duplicate(of)) => of.clone(),
            Some(Triage::Deferred | Triage::Rejected) | None => String::new(),
        };
        wire::Discovered {
            id: found.id.to_string(),
            title: found.title.to_string(),
            notes: found.notes.to_string(),
            priority: found.priority.into(),
            area: found.area.to_string(),
            found_on: found
                .found_on
                .map_or_else(String::new, |task| task.to_string()),
            found_in: found
                .found_in
                .map_or_else(String::new, |session| session.to_string()),
            found_in_text: found.found_in_text.to_string(),
            suggested_phase: found
                .suggested_phase
                .map_or_else(String::new, |no| self.phase_id(no)),
            found_by: found.found_by.to_string(),
            found_at: Some(time(found.found_at)),
            status: enums::discovered_status(found.triage.as_ref()).into(),
            became,
            triage_note: found.triage_note.to_string(),
            triaged_at: found.triaged_at.map(time),
            revision: found.revision,
        }
    }

    /// A decision; none when there is no such one.
    pub(in super::super) fn decision_named(&self, id: DecisionId) -> Option<wire::Decision> {
        self.plan
            .decision(id)
            .map(|found| decision(self.plan, found))
    }
}

fn phases(plan: &Plan, decision: &Decision) -> Vec<String> {
    let phases = decision.phases.iter();
    phases.map(|no| plan.phase_id(*no).to_owned()).collect()
}

fn named(decision: Option<DecisionId>) -> String {
    decision.map_or_else(String::new, |id| id.to_string())
}

fn proposal(proposal: &Proposal) -> wire::DecisionProposal {
    wire::DecisionProposal {
        answer: proposal.answer.to_string(),
        rationale: proposal.rationale.to_string(),
        proposed_by: proposal.by.to_string(),
        proposed_at: Some(time(proposal.at)),
    }
}

/// A decision.
pub(in super::super) fn decision(plan: &Plan, decision: &Decision) -> wire::Decision {
    let answer = decision.answer.as_ref();
    wire::Decision {
        id: decision.id.to_string(),
        question: decision.question.to_string(),
        options: texts(&decision.options),
        blocks: texts(&decision.blocks),
        opened_by: decision.opened_by.to_string(),
        opened_at: Some(time(decision.opened_at)),
        decided: answer.is_some(),
        answer: answer.map_or_else(String::new, |answer| answer.text.to_string()),
        rationale: answer.map_or_else(String::new, |answer| answer.rationale.to_string()),
        record_uri: answer.map_or_else(String::new, |answer| answer.record_uri.to_string()),
        decided_by: answer.map_or_else(String::new, |answer| answer.by.to_string()),
        decided_at: answer.map(|answer| time(answer.at)),
        revision: decision.revision,
        status: enums::decision_status(decision.status()).into(),
        phases: phases(plan, decision),
        proposals: decision.proposals.iter().map(proposal).collect(),
        consequences: answer.map_or_else(String::new, |answer| answer.consequences.to_string()),
        supersedes: named(decision.supersedes),
        superseded_by: named(decision.superseded_by),
        deprecated_because: decision
            .deprecated
            .as_ref()
            .map_or_else(String::new, |(_, _, why)| why.to_string()),
        revisit: texts(&decision.revisit),
        selectors: texts(&decision.selectors),
    }
}

/// Something that waits for a person.
pub(in super::super) fn inbox_item(item: Waiting) -> wire::InboxItem {
    wire::InboxItem {
        kind: enums::inbox_kind(item.kind).into(),
        id: item.id,
        title: item.title,
        since: Some(time(item.since)),
        holds_up: item.holds_up,
        command: item.command,
    }
}

/// A reason why a task is not ready.
pub(in super::super) fn not_ready(cause: Cause) -> wire::NotReadyReason {
    wire::NotReadyReason {
        code: cause.code.to_owned(),
        message: cause.message,
        refs: cause.refs,
        who: cause.who,
        next: cause.next,
    }
}
