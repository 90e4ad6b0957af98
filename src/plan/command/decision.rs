//! Decisions in their first form: opened, decided once. An open one blocks exactly the tasks it names.

use super::super::bench::Bench;
use super::super::event::{DecisionDecided, DecisionOpened};
use super::super::id::DecisionId;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::task::illegal;
use super::text;

/// Tasks one decision may name.
const TASKS_MAX: usize = 1_000;
/// Decisions a project may have.
const DECISIONS_MAX: usize = 100_000;

pub fn open(
    bench: &mut Bench<'_>,
    question: &str,
    options: &[String],
    blocks: &[String],
) -> Result<(), Refusal> {
    let question = text::required_long("question", question)?;
    let options = text::list("options", options)?;
    if bench.plan.decisions.len() >= DECISIONS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the project has {DECISIONS_MAX} decisions, which is the limit; nothing can be added"),
        )
        .fact("limit", DECISIONS_MAX));
    }
    if blocks.len() > TASKS_MAX {
        return Err(Refusal::field(
            "blocks",
            format!("names more than {TASKS_MAX} tasks"),
        ));
    }
    let mut tasks = Vec::new();
    for written in blocks {
        let id = bench.plan.resolve_task(written)?;
        let status = bench.plan.task(id).map(|view| view.state.status);
        if let Some(status) = status.filter(|status| status.is_terminal()) {
            return Err(illegal(id, status, "blocked by a decision"));
        }
        if !tasks.contains(&id) {
            tasks.push(id);
        }
    }
    bench.record(DecisionOpened {
        decision: next_decision(&bench.plan),
        question,
        options,
        blocks: tasks,
    });
    Ok(())
}

/// The next decision's id.
pub fn next_decision(plan: &Plan) -> DecisionId {
    DecisionId(plan.decisions.last().map_or(1, |(id, _)| id.0 + 1))
}

pub fn decide(
    bench: &mut Bench<'_>,
    id: DecisionId,
    answer: &str,
    rationale: &str,
    record_uri: &str,
) -> Result<(), Refusal> {
    let Some(decision) = bench.plan.decision(id) else {
        return Err(Refusal::new(
            Reason::DecisionNotFound,
            format!("no decision {id} in this project"),
        )
        .next("decision list"));
    };
    if let Some(answer) = &decision.answer {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} was decided already: {}; what was decided stays, open a new decision to change it", answer.text),
        )
        .next("decision open …"));
    }
    let answer = text::required_long("answer", answer)?;
    let rationale = text::long("rationale", rationale)?;
    let record_uri = text::line("record_uri", record_uri)?;
    bench.record(DecisionDecided {
        decision: id,
        answer,
        rationale,
        record_uri,
    });
    Ok(())
}
