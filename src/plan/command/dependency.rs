//! Dependencies: added, removed, waived. An edge that closes a circle is refused with the circle.

use super::super::bench::Bench;
use super::super::event::{DependenciesAdded, DependencyRemoved, DependencyWaived, On};
use super::super::graph::STEPS_A_COMMAND_MAX;
use super::super::id::TaskId;
use super::super::model::Status;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::task::{held, illegal};
use super::{OnRef, text};

/// Dependencies a task may state.
pub const DEPENDENCIES_MAX: usize = 1_000;

pub fn check_count(count: usize) -> Result<(), Refusal> {
    if count > DEPENDENCIES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("a task states at most {DEPENDENCIES_MAX} dependencies, not {count}; wait for a whole phase instead"),
        )
        .fact("limit", DEPENDENCIES_MAX));
    }
    Ok(())
}

/// What a written dependency points at.
pub fn target(plan: &Plan, on: &OnRef, batch: &[TaskId]) -> Result<On, Refusal> {
    match on {
        OnRef::Task(task) => plan.resolve_task(task).map(On::Task),
        OnRef::Phase(phase) => plan
            .resolve_phase(phase)
            .map(|no| On::Phase(plan.phase_id(no).into())),
        OnRef::AllAbove => Ok(On::AllAbove),
        OnRef::Batch(place) => batch.get(*place).copied().map(On::Task).ok_or_else(|| {
            Refusal::field(
                "dependencies",
                format!(
                    "names task {place} of this request, which has {}",
                    batch.len()
                ),
            )
        }),
    }
}

/// Refuses to wait for a task whose parts stand in its place.
pub fn check_not_split(plan: &Plan, on: &On) -> Result<(), Refusal> {
    let On::Task(id) = on else { return Ok(()) };
    let parts = plan
        .task(*id)
        .map_or(&[] as &[_], |view| view.spec.split_into());
    if parts.is_empty() {
        return Ok(());
    }
    let mut refusal = Refusal::new(
        Reason::IllegalTransition,
        format!(
            "nothing waits for {id} any more, it was {}; wait for its parts",
            super::super::apply::split_reason(parts)
        ),
    );
    for part in parts {
        refusal = refusal.item(part, plan.title(*part));
    }
    Err(refusal.next(format!("task show {id}")))
}

pub fn add(bench: &mut Bench<'_>, task: &str, on: &[OnRef]) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    match bench.plan.task(id).map(|view| view.state.status) {
        Some(Status::Planned | Status::Deferred) | None => {}
        Some(Status::Claimed | Status::InProgress | Status::InReview) => {
            return Err(held(&bench.plan, id));
        }
        Some(other @ (Status::Completed | Status::Cancelled)) => {
            return Err(illegal(id, other, "given dependencies"));
        }
    }
    let mut added: Vec<On> = Vec::new();
    let mut steps_left = STEPS_A_COMMAND_MAX;
    for on in on {
        let on = target(&bench.plan, on, &[])?;
        let stated = bench.plan.task(id).is_some_and(|view| {
            view.spec
                .dependencies
                .iter()
                .any(|other| other.on == on && other.in_force)
        });
        if stated || added.contains(&on) {
            return Err(Refusal::new(
                Reason::DependencyExists,
                format!(
                    "{id} waits for {} already; there is nothing to add",
                    words(&on)
                ),
            )
            .next(format!("task show {id}")));
        }
        check_not_split(&bench.plan, &on)?;
        if on == On::Task(id) {
            return Err(Refusal::new(
                Reason::Cycle,
                format!("{id} would wait for itself; leave this out"),
            )
            .fact("cycle", format!("{id} -> {id}"))
            .item(id, "waits for itself"));
        }
        bench.plan.check_no_cycle(id, &on, &mut steps_left)?;
        added.push(on);
    }
    if added.is_empty() {
        return Err(Refusal::field("on", "names nothing to wait for"));
    }
    let stated = bench
        .plan
        .task(id)
        .map_or(0, |view| view.spec.dependencies.len());
    check_count(stated + added.len())?;
    bench.record(DependenciesAdded {
        task: id,
        on: added,
    });
    Ok(())
}

/// A dependency's target in words.
pub fn words(on: &On) -> String {
    match on {
        On::Task(id) => id.to_string(),
        On::Phase(phase) => format!("phase {phase}"),
        On::AllAbove => "everything above it".to_owned(),
    }
}

pub fn remove(bench: &mut Bench<'_>, task: &str, on: &OnRef) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let on = target(&bench.plan, on, &[])?;
    let stated = bench
        .plan
        .task(id)
        .is_some_and(|view| view.spec.dependencies.iter().any(|other| other.on == on));
    if !stated {
        return Err(not_stated(id, &on));
    }
    bench.record(DependencyRemoved { task: id, on });
    Ok(())
}

fn not_stated(id: TaskId, on: &On) -> Refusal {
    Refusal::new(
        Reason::DependencyNotFound,
        format!("{id} does not wait for {}", words(on)),
    )
    .next(format!("task show {id}"))
}

pub fn waive(bench: &mut Bench<'_>, task: &str, on: &OnRef, reason: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let on = target(&bench.plan, on, &[])?;
    let reason = text::required_long("reason", reason)?.to_string();
    let Some(view) = bench.plan.task(id) else {
        return Err(not_stated(id, &on));
    };
    if view.spec.waived.contains(&on) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} need not wait for {} any more already", words(&on)),
        )
        .next(format!("why {id}")));
    }
    // One task of everything above may be waived by name.
    let above = |other: &TaskId| {
        let states_all = view
            .spec
            .dependencies
            .iter()
            .any(|dependency| dependency.on == On::AllAbove);
        let other = bench.plan.task(*other);
        states_all
            && other.is_some_and(|other| {
                other.spec.phase == view.spec.phase && other.spec.ordinal < view.spec.ordinal
            })
    };
    let stated = view
        .spec
        .dependencies
        .iter()
        .any(|dependency| dependency.on == on)
        || matches!(&on, On::Task(other) if above(other));
    // A file may state that a task waits for itself; that is kept and never in force.
    if !stated || on == On::Task(id) {
        return Err(not_stated(id, &on));
    }
    let waived = view.spec.waived.len() + 1;
    check_count(waived)?;
    bench.record(DependencyWaived {
        task: id,
        on,
        reason,
    });
    Ok(())
}
