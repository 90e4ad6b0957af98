//! What tasks refer to: added, taken away, moved on; and the two rules that come with it: what is required
//! is there before a start, and no plan lags behind its task.

use super::super::bench::Bench;
use super::super::event::{
    ReferenceAdded, ReferenceKind, ReferenceRemoved, ReferenceStatus, ReferencesMoved, Text,
};
use super::super::id::TaskId;
use super::super::model::{Reference, Status, least_of_plans};
use super::super::referring::titles;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::work::held_by_actor;
use super::{NewReference, text};

/// References a task may have.
const REFERENCES_MAX: usize = 50;

pub fn add(bench: &mut Bench<'_>, task: &str, new: &NewReference) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let name = text::required_line("name", &new.name)?;
    let uri = text::line("uri", &new.uri)?;
    let known = bench.plan.references_of(id);
    if let Some(other) = known.iter().find(|it| is_named(it, &name)) {
        return Err(Refusal::new(
            Reason::ReferenceExists,
            format!("{id} refers to {} already; name it once", other.name),
        )
        .item(&other.name, other.kind.title())
        .next(format!("task ref list {id}")));
    }
    if known.len() >= REFERENCES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "{id} refers to {REFERENCES_MAX} documents, which is the limit; remove one first"
            ),
        )
        .fact("limit", REFERENCES_MAX)
        .next(format!("task ref list {id}")));
    }
    let at = status_of(&bench.plan, id);
    // A plan of which nothing is said is as far as its task.
    let implied = (new.kind == ReferenceKind::Iplan).then(|| least_of_plans(at));
    let reference = Reference {
        kind: new.kind,
        name,
        uri,
        status: new.status.or(implied),
    };
    check_lag(id, at, &reference)?;
    bench.record(ReferenceAdded {
        task: id,
        kind: reference.kind,
        name: reference.name,
        uri: reference.uri,
        status: reference.status,
    });
    Ok(())
}

fn is_named(reference: &Reference, name: &str) -> bool {
    reference.name.to_lowercase() == name.trim().to_lowercase()
}

fn status_of(plan: &Plan, id: TaskId) -> Status {
    let view = plan.task(id);
    view.map_or(Status::Planned, |view| view.state.status)
}

/// A plan is at least as far as its task.
fn check_lag(id: TaskId, at: Status, reference: &Reference) -> Result<(), Refusal> {
    let least = least_of_plans(at);
    if !reference.lags(least) {
        return Ok(());
    }
    let (name, word) = (&reference.name, least.as_str());
    Err(Refusal::new(
        Reason::PlanLags,
        format!(
            "the plan {name} may not lag behind {id}, which is {}; it is at least {word}",
            at.as_str().replace('_', " ")
        ),
    )
    .item(name, format!("must be {word}"))
    .next(format!("task ref list {id}")))
}

fn found<'a>(plan: &'a Plan, id: TaskId, name: &str) -> Result<&'a Reference, Refusal> {
    let mut all = plan.references_of(id).iter();
    all.find(|it| is_named(it, name)).ok_or_else(|| {
        let name = super::super::state::clipped(name.trim());
        Refusal::new(
            Reason::ReferenceNotFound,
            format!("{id} does not refer to `{name}`"),
        )
        .item(id, "does not refer to it")
        .next(format!("task ref list {id}"))
    })
}

pub fn remove(bench: &mut Bench<'_>, task: &str, name: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let name = found(&bench.plan, id, name)?.name.clone();
    bench.record(ReferenceRemoved { task: id, name });
    Ok(())
}

/// Says where a document stands: a coordinator, or the holder of its task under its fence.
pub fn set_status(
    bench: &mut Bench<'_>,
    task: &str,
    name: &str,
    status: ReferenceStatus,
    fence: u64,
) -> Result<(), Refusal> {
    let id = if bench.facts.actor.coordinates() {
        bench.plan.resolve_task(task)?
    } else {
        held_by_actor(bench, task, fence)?.0
    };
    let before = found(&bench.plan, id, name)?;
    if before.status == Some(status) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "{} is {} already; there is nothing to do",
                before.name,
                status.as_str().replace('_', " ")
            ),
        )
        .item(&before.name, status.as_str())
        .next(format!("task ref list {id}")));
    }
    let after = Reference {
        status: Some(status),
        ..before.clone()
    };
    check_lag(id, status_of(&bench.plan, id), &after)?;
    move_to(bench, id, vec![after.name], status);
    Ok(())
}

fn move_to(bench: &mut Bench<'_>, task: TaskId, names: Vec<Text>, status: ReferenceStatus) {
    if !names.is_empty() {
        bench.record(ReferencesMoved {
            task,
            names,
            status,
        });
    }
}

/// Refuses the start of a task that lacks a document of a kind that the project requires.
pub fn for_start(plan: &Plan, id: TaskId) -> Result<(), Refusal> {
    let missing = plan.missing_references(id);
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let next = format!("task ref add {id} {} NAME", first.as_str());
    let refusal = Refusal::new(
        Reason::ReferencesMissing,
        format!(
            "{id} cannot be started before it refers to {}; a coordinator adds what is missing",
            titles(&missing)
        ),
    );
    let named = missing.iter().fold(refusal, |refusal, kind| {
        refusal.item(kind.title(), format!("{id} refers to none"))
    });
    Err(named.next(next))
}

/// Moves the plans of a task that has just been started along with it.
pub fn begin_plans(bench: &mut Bench<'_>, id: TaskId) {
    let lagging = bench.plan.lagging_plans(id, Status::InProgress);
    let names: Vec<Text> = lagging.map(|plan| plan.name.clone()).collect();
    move_to(bench, id, names, ReferenceStatus::InProgress);
}

/// The plans that are completed with a task. Refused while some are not, unless the call completes them.
/// Whatever ends the work on a task asks this: a completion, and a hand-over to a review.
pub fn for_completion(
    plan: &Plan,
    id: TaskId,
    plans_completed: bool,
    way_on: &str,
) -> Result<Vec<Text>, Refusal> {
    let lagging: Vec<&Reference> = plan.lagging_plans(id, Status::Completed).collect();
    if lagging.is_empty() || plans_completed {
        return Ok(lagging.iter().map(|it| it.name.clone()).collect());
    }
    let names: Vec<&str> = lagging.iter().map(|it| &*it.name).collect();
    let refusal = Refusal::new(
        Reason::PlanLags,
        format!(
            "{id} cannot be completed while its plan lags behind: {}; complete it with the task",
            names.join(", ")
        ),
    );
    let named = lagging.iter().fold(refusal, |refusal, it| {
        let status = it.status.unwrap_or(ReferenceStatus::NotStarted);
        refusal.item(&it.name, status.as_str())
    });
    Err(named.next(way_on))
}

/// Completes the plans of a task in the append that completes the task.
pub fn complete_plans(bench: &mut Bench<'_>, id: TaskId, names: Vec<Text>) {
    move_to(bench, id, names, ReferenceStatus::Completed);
}
