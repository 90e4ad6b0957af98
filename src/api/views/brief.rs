//! The brief of a held task as a message.

use muster_proto::v1 as wire;

use super::{View, count, time};
use crate::plan::arrival::SessionBrief;
use crate::plan::brief::{Answered, Brief, Earlier, Inherited, Nearby};

/// What a claim hands the agent.
pub(in super::super) fn brief(brief: Brief) -> wire::Brief {
    wire::Brief {
        task: brief.task.to_string(),
        title: brief.title,
        description: brief.description,
        notes: brief.notes,
        area: brief.area,
        estimate: brief.estimate,
        phase: brief.phase,
        phase_name: brief.phase_name,
        phase_goal: brief.phase_goal,
        workflow: brief.workflow,
        sprint: brief.sprint,
        acceptance: brief.acceptance,
        checks: brief.checks,
        inherited: brief.inherited.into_iter().map(inherited).collect(),
        answers: brief.answers.into_iter().map(answered).collect(),
        nearby: brief.nearby.into_iter().map(nearby).collect(),
        deliverables: brief.deliverables.into_iter().map(nearby).collect(),
        references: brief.references,
        earlier: brief.earlier.map(earlier),
        lease_ms: brief.lease_ms,
        beat_every_ms: brief.beat_every_ms,
        next: brief.next,
    }
}

impl View<'_> {
    /// What a session begins with.
    pub(in super::super) fn session_brief(&self, brief: &SessionBrief<'_>) -> wire::SessionBrief {
        let listed = |list: &[Nearby]| list.iter().cloned().map(nearby).collect::<Vec<_>>();
        wire::SessionBrief {
            phase: brief.phase.clone(),
            sprint: brief.sprint.clone(),
            last_session: brief.last.and_then(|last| self.session_named(last.id)),
            holds: listed(&brief.holds),
            next: listed(&brief.next),
            blockers: listed(&brief.blockers),
            blockers_total: count(brief.blockers_total),
            discovered: listed(&brief.untriaged),
            discovered_total: count(brief.untriaged_total),
            decisions: listed(&brief.decisions),
            decisions_total: count(brief.decisions_total),
            standup_closes_at: brief.standup_closes_at.map(time),
        }
    }
}

fn inherited(result: Inherited) -> wire::InheritedResult {
    wire::InheritedResult {
        task: result.task.to_string(),
        title: result.title,
        summary: result.summary,
        verification: result.verification,
    }
}

fn answered(answer: Answered) -> wire::AnsweredQuestion {
    wire::AnsweredQuestion {
        id: answer.id,
        question: answer.question,
        answer: answer.answer,
        by: answer.by,
    }
}

fn nearby(concern: Nearby) -> wire::NearbyConcern {
    wire::NearbyConcern {
        id: concern.id,
        text: concern.text,
    }
}

fn earlier(attempt: Earlier) -> wire::EarlierAttempt {
    wire::EarlierAttempt {
        attempt: attempt.attempt,
        agent: attempt.agent,
        ending: attempt.ending,
        note: attempt.note,
    }
}
