//! The brief of a held task as a message.

use muster_proto::v1 as wire;

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
