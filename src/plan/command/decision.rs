//! Decisions: opened, proposed, decided once. An open one blocks exactly what it names. What was decided stays;
//! another decision may take its place, and whatever relied on it is looked at again.

use std::collections::BTreeSet;

use super::super::bench::Bench;
use super::super::event::{
    DecisionDecided, DecisionDeprecated, DecisionOpened, DecisionProposed, TaskRevisited, Text,
};
use super::super::id::{DecisionId, TaskId};
use super::super::model::{Decision, DecisionStatus, PhaseState, Status};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::Ruling;
use super::task::illegal;
use super::text;

/// Tasks, and phases, that one decision may name.
pub const NAMED_MAX: usize = 1_000;
/// Selectors that one decision may have.
const SELECTORS_MAX: usize = 20;
/// Answers that may be proposed to one question.
const PROPOSALS_MAX: usize = 20;
/// Decisions a project may have.
const DECISIONS_MAX: usize = 100_000;

pub fn open(
    bench: &mut Bench<'_>,
    question: &str,
    options: &[String],
    (blocks, phases, selectors): (&[String], &[String], &[String]),
) -> Result<(), Refusal> {
    let question = text::required_long("question", question)?;
    let options = text::list("options", options)?;
    check_room(&bench.plan)?;
    for (field, named) in [("blocks", blocks), ("phases", phases)] {
        if named.len() > NAMED_MAX {
            let description = format!("names more than {NAMED_MAX} {}", what(field));
            return Err(Refusal::field(field, description));
        }
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
    let selectors = named_by(&bench.plan, selectors, &mut tasks)?;
    let mut waiting = Vec::new();
    for written in phases {
        let id = holdable(&bench.plan, written)?;
        if !waiting.contains(&id) {
            waiting.push(id);
        }
    }
    bench.record(DecisionOpened {
        decision: next_decision(&bench.plan),
        question,
        options,
        blocks: tasks,
        phases: waiting,
        selectors,
        supersedes: None,
    });
    Ok(())
}

/// The id of a phase that a decision can hold up.
pub fn holdable(plan: &Plan, written: &str) -> Result<String, Refusal> {
    let no = plan.resolve_phase(written)?;
    let id = plan.phase_id(no).to_owned();
    let phase = plan.phase(no);
    if phase.is_some_and(|phase| phase.state == PhaseState::Open) {
        return Ok(id);
    }
    let message = format!("phase {id} is closed; a decision cannot hold it up");
    Err(Refusal::new(Reason::PhaseClosed, message).next(format!("phase reopen {id} --reason …")))
}

/// The selectors as they are kept; the open tasks that they name wait too.
fn named_by(
    plan: &Plan,
    written: &[String],
    tasks: &mut Vec<TaskId>,
) -> Result<Vec<Text>, Refusal> {
    if written.len() > SELECTORS_MAX {
        let description = format!(
            "has {} entries; at most {SELECTORS_MAX} are taken",
            written.len()
        );
        return Err(Refusal::field("selectors", description).fact("limit", SELECTORS_MAX));
    }
    let mut selectors = Vec::new();
    for text in written {
        let selector = plan.selector("selectors", text)?;
        selectors.push(text::required_line("selectors", text)?);
        let open = |id: &TaskId| {
            let status = plan.task(*id).map(|view| view.state.status);
            status.is_some_and(|status| !status.is_terminal())
        };
        let mut named: BTreeSet<TaskId> = tasks.iter().copied().collect();
        for id in plan.named_by(&selector).into_iter().filter(open) {
            if named.insert(id) {
                tasks.push(id);
            }
        }
    }
    if tasks.len() > NAMED_MAX {
        let description = format!(
            "names {} tasks together with the others; at most {NAMED_MAX} may wait for one decision",
            tasks.len()
        );
        return Err(Refusal::field("selectors", description).fact("limit", NAMED_MAX));
    }
    Ok(selectors)
}

fn what(field: &str) -> &'static str {
    match field {
        "phases" => "phases",
        _ => "tasks",
    }
}

/// The next decision's id.
pub fn next_decision(plan: &Plan) -> DecisionId {
    DecisionId(plan.decisions.last().map_or(1, |(id, _)| id.0 + 1))
}

pub fn propose(
    bench: &mut Bench<'_>,
    id: DecisionId,
    answer: &str,
    rationale: &str,
) -> Result<(), Refusal> {
    let decision = undecided(&bench.plan, id)?;
    if decision.proposals.len() >= PROPOSALS_MAX {
        return Err(
            too_many(&format!("{PROPOSALS_MAX} proposals to {id}"), PROPOSALS_MAX)
                .next(format!("decision decide {id} --answer …")),
        );
    }
    let answer = text::required_long("answer", answer)?;
    if decision
        .proposals
        .iter()
        .any(|other| other.answer == answer)
    {
        let description = format!("is proposed for {id} already");
        return Err(Refusal::field("answer", description));
    }
    let rationale = text::long("rationale", rationale)?;
    bench.record(DecisionProposed {
        decision: id,
        answer,
        rationale,
    });
    Ok(())
}

pub fn decide(bench: &mut Bench<'_>, id: DecisionId, ruling: &Ruling) -> Result<(), Refusal> {
    undecided(&bench.plan, id)?;
    let decided = ruled(id, ruling, Vec::new())?;
    bench.record(decided);
    Ok(())
}

pub fn supersede(
    bench: &mut Bench<'_>,
    id: DecisionId,
    question: &str,
    ruling: &Ruling,
) -> Result<(), Refusal> {
    let before = decided(&bench.plan, id)?;
    check_room(&bench.plan)?;
    let question = match question.trim() {
        "" => std::sync::Arc::clone(&before.question),
        other => text::required_long("question", other)?,
    };
    let new = next_decision(&bench.plan);
    let ruled = ruled(new, ruling, relying(&bench.plan, before))?;
    let opened = DecisionOpened {
        decision: new,
        question,
        options: before.options.to_vec(),
        blocks: before.blocks.to_vec(),
        phases: Vec::new(),
        selectors: Vec::new(),
        supersedes: Some(id),
    };
    bench.record(opened);
    bench.record(ruled);
    Ok(())
}

pub fn deprecate(bench: &mut Bench<'_>, id: DecisionId, reason: &str) -> Result<(), Refusal> {
    let before = decided(&bench.plan, id)?;
    let reason = text::required_long("reason", reason)?;
    let revisit = relying(&bench.plan, before);
    bench.record(DecisionDeprecated {
        decision: id,
        reason,
        revisit,
    });
    Ok(())
}

pub fn revisit(
    bench: &mut Bench<'_>,
    id: DecisionId,
    task: &str,
    note: &str,
) -> Result<(), Refusal> {
    let task = bench.plan.resolve_task(task)?;
    let decision = known(&bench.plan, id)?;
    if !decision.revisit.contains(&task) {
        let message = format!("{task} is not among what {id} leaves to be looked at again");
        return Err(Refusal::new(Reason::IllegalTransition, message).next("inbox"));
    }
    let note = text::required_long("note", note)?;
    bench.record(TaskRevisited {
        decision: id,
        task,
        note,
    });
    Ok(())
}

fn known(plan: &Plan, id: DecisionId) -> Result<&Decision, Refusal> {
    plan.decision(id).ok_or_else(|| {
        let message = format!("no decision {id} in this project");
        Refusal::new(Reason::DecisionNotFound, message).next("decision list")
    })
}

/// A decision that nobody has decided.
pub fn undecided(plan: &Plan, id: DecisionId) -> Result<&Decision, Refusal> {
    let decision = known(plan, id)?;
    match &decision.answer {
        None => Ok(decision),
        Some(answer) => Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "{id} was decided already: {}; what was decided stays, open a new decision to change it",
                answer.text
            ),
        )
        .next(format!("decision supersede {id} --answer …"))),
    }
}

/// A decision whose answer is the one to go by.
fn decided(plan: &Plan, id: DecisionId) -> Result<&Decision, Refusal> {
    let decision = known(plan, id)?;
    let (why, next) = match (decision.status(), decision.superseded_by) {
        (DecisionStatus::Decided, _) => return Ok(decision),
        (DecisionStatus::Open | DecisionStatus::Proposed, _) => (
            format!("{id} is not decided yet"),
            format!("decision decide {id} --answer …"),
        ),
        (DecisionStatus::Superseded, Some(by)) => (
            format!("{by} took the place of {id}"),
            format!("decision supersede {by} --answer …"),
        ),
        (DecisionStatus::Superseded | DecisionStatus::Deprecated, _) => (
            format!("{id} holds no more; open a new decision"),
            "decision open …".to_owned(),
        ),
    };
    Err(Refusal::new(Reason::IllegalTransition, why).next(next))
}

/// What was begun or finished while it was blocked by nothing but this decision's answer.
fn relying(plan: &Plan, decision: &Decision) -> Vec<TaskId> {
    let relies = |id: &&TaskId| {
        let status = plan.task(**id).map(|view| view.state.status);
        matches!(
            status,
            Some(Status::Claimed | Status::InProgress | Status::InReview | Status::Completed)
        )
    };
    let mut relying: Vec<TaskId> = decision.blocks.iter().filter(relies).copied().collect();
    // What was to be looked at because of the one before it still is.
    for id in &decision.revisit {
        if !relying.contains(id) {
            relying.push(*id);
        }
    }
    relying
}

fn ruled(
    id: DecisionId,
    ruling: &Ruling,
    revisit: Vec<TaskId>,
) -> Result<DecisionDecided, Refusal> {
    Ok(DecisionDecided {
        decision: id,
        answer: text::required_long("answer", &ruling.answer)?,
        rationale: text::long("rationale", &ruling.rationale)?,
        record_uri: text::line("record_uri", &ruling.record_uri)?,
        consequences: text::long("consequences", &ruling.consequences)?,
        revisit,
    })
}

fn check_room(plan: &Plan) -> Result<(), Refusal> {
    if plan.decisions.len() < DECISIONS_MAX {
        return Ok(());
    }
    Err(too_many(
        &format!("{DECISIONS_MAX} decisions"),
        DECISIONS_MAX,
    ))
}

fn too_many(what: &str, limit: usize) -> Refusal {
    let message = format!("there are {what}, which is the limit; nothing can be added");
    Refusal::new(Reason::LimitReached, message).fact("limit", limit)
}
