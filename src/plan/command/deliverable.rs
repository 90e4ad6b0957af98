//! Deliverables: stated by a coordinator, handed in by whoever made them, accepted by somebody else.

use super::super::bench::Bench;
use super::super::event::{
    DeliverableAccepted, DeliverableAdded, DeliverableRejected, DeliverableSubmitted,
    DeliverableUpdated, Home, Text,
};
use super::super::fact::Actor;
use super::super::id::DeliverableId;
use super::super::model::{Deliverable, DeliverableStatus};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::phase::open_phase;
use super::queue::settle_session;
use super::{DeliverableChanges, HomeRef, NewDeliverable, text};

/// Deliverables a project may have.
const DELIVERABLES_MAX: usize = 10_000;
/// Deliverables of one phase.
const OF_PHASE_MAX: usize = text::LIST_MAX;

/// Refuses so many more deliverables when there is no room for them.
pub fn room_for(plan: &Plan, more: usize) -> Result<(), Refusal> {
    if plan.deliverables.len() + more <= DELIVERABLES_MAX {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::LimitReached,
        format!("the project may have {DELIVERABLES_MAX} deliverables, which is the limit; nothing can be added"),
    )
    .fact("limit", DELIVERABLES_MAX))
}

/// The next deliverable's id.
pub fn next_id(plan: &Plan) -> DeliverableId {
    let newest = plan.deliverables.last();
    DeliverableId(newest.map_or(1, |(id, _)| id.0 + 1))
}

pub fn add(bench: &mut Bench<'_>, new: &NewDeliverable) -> Result<(), Refusal> {
    room_for(&bench.plan, 1)?;
    let home = home(&bench.plan, &new.home)?;
    room_in(&bench.plan, &home)?;
    let id = next_id(&bench.plan);
    bench.record(DeliverableAdded {
        deliverable: id,
        name: text::required_line("name", &new.name)?,
        uri: text::line("uri", &new.uri)?,
        home,
        acceptance: text::list("acceptance", &new.acceptance)?,
    });
    Ok(())
}

/// What a deliverable is to belong to; its phase must not be closed.
fn home(plan: &Plan, written: &HomeRef) -> Result<Home, Refusal> {
    let (phase, task) = (written.phase.trim(), written.task.trim());
    let workflow = text::line("workflow", &written.workflow)?;
    let stated = [!phase.is_empty(), !task.is_empty(), !workflow.is_empty()];
    if stated.iter().filter(|stated| **stated).count() != 1 {
        return Err(Refusal::field(
            "home",
            "is to be one thing: a phase, a task or a workflow",
        ));
    }
    let task = match task {
        "" => None,
        task => Some(plan.resolve_task(task)?),
    };
    let no = match task {
        Some(task) => plan.task(task).map(|view| view.spec.phase),
        None if phase.is_empty() => None,
        None => Some(plan.resolve_phase(phase)?),
    };
    if let Some(no) = no {
        open_phase(plan, no)?;
    }
    Ok(Home {
        phase: no.map(|no| plan.phase_id(no).to_owned()),
        task,
        workflow,
    })
}

/// Refuses one more deliverable in a phase that has as many as it may.
fn room_in(plan: &Plan, home: &Home) -> Result<(), Refusal> {
    let no = home.phase.as_deref().and_then(|phase| plan.phase_no(phase));
    let full = no.is_some_and(|no| plan.deliverables_of(no).count() >= OF_PHASE_MAX);
    if !full {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::LimitReached,
        format!("a phase has at most {OF_PHASE_MAX} deliverables; put some into one"),
    )
    .fact("limit", OF_PHASE_MAX))
}

pub fn found(plan: &Plan, id: DeliverableId) -> Result<&Deliverable, Refusal> {
    plan.deliverable(id).ok_or_else(|| {
        Refusal::new(
            Reason::DeliverableNotFound,
            format!("no deliverable {id} in this project"),
        )
        .item(id, "does not exist")
        .next("deliverable list")
    })
}

/// The step does not exist from where the deliverable stands.
fn illegal(deliverable: &Deliverable, step: &str) -> Refusal {
    let id = deliverable.id;
    let refusal = Refusal::new(
        Reason::IllegalTransition,
        format!(
            "{id} is {} and cannot be {step}",
            deliverable.status.as_str()
        ),
    )
    .item(id, deliverable.status.as_str());
    match deliverable.status {
        DeliverableStatus::Pending | DeliverableStatus::Rejected => {
            refusal.next(format!("deliverable submit {id} --artefact …"))
        }
        DeliverableStatus::Submitted => refusal.next(format!("deliverable accept {id}")),
        DeliverableStatus::Accepted => refusal.next("deliverable list"),
    }
}

pub fn update(
    bench: &mut Bench<'_>,
    id: DeliverableId,
    changes: &DeliverableChanges,
) -> Result<(), Refusal> {
    let deliverable = found(&bench.plan, id)?;
    if deliverable.status == DeliverableStatus::Accepted {
        return Err(illegal(deliverable, "changed"));
    }
    let before = deliverable.phase;
    if *changes == DeliverableChanges::default() {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    let moved = changes.home.as_ref();
    let moved = moved
        .map(|written| home(&bench.plan, written))
        .transpose()?;
    if let Some(home) = &moved {
        let after = home.phase.as_deref();
        let after = after.and_then(|phase| bench.plan.phase_no(phase));
        if after != before {
            room_in(&bench.plan, home)?;
        }
    }
    let name = changes.name.as_deref();
    let name = name.map(|name| text::required_line("name", name));
    let uri = changes.uri.as_deref().map(|uri| text::line("uri", uri));
    let acceptance = changes.acceptance.as_deref();
    let acceptance = acceptance.map(|list| text::list("acceptance", list));
    bench.record(DeliverableUpdated {
        deliverable: id,
        name: name.transpose()?,
        uri: uri.transpose()?,
        home: moved,
        acceptance: acceptance.transpose()?,
    });
    // The phase it has left may lack nothing any more.
    if let Some(before) = before {
        bench.touch(before);
    }
    Ok(())
}

pub fn submit(
    bench: &mut Bench<'_>,
    id: DeliverableId,
    artefact: &str,
    note: &str,
) -> Result<(), Refusal> {
    let deliverable = found(&bench.plan, id)?;
    match deliverable.status {
        DeliverableStatus::Pending | DeliverableStatus::Rejected => {}
        DeliverableStatus::Submitted | DeliverableStatus::Accepted => {
            return Err(illegal(deliverable, "submitted"));
        }
    }
    let artefact = text::required_line("artefact", artefact)?;
    let note = text::long("note", note)?;
    settle_session(bench);
    bench.record(DeliverableSubmitted {
        deliverable: id,
        artefact,
        note,
    });
    Ok(())
}

pub fn accept(bench: &mut Bench<'_>, id: DeliverableId, note: &str) -> Result<(), Refusal> {
    let phase = judged(&bench.plan, &bench.facts.actor, id, "accepted")?;
    let note = text::long("note", note)?;
    settle_session(bench);
    bench.record(DeliverableAccepted {
        deliverable: id,
        note,
    });
    if let Some(phase) = phase {
        bench.touch(phase);
    }
    Ok(())
}

pub fn reject(bench: &mut Bench<'_>, id: DeliverableId, reason: &str) -> Result<(), Refusal> {
    judged(&bench.plan, &bench.facts.actor, id, "rejected")?;
    let reason = text::required_long("reason", reason)?;
    settle_session(bench);
    bench.record(DeliverableRejected {
        deliverable: id,
        reason,
    });
    Ok(())
}

/// The phase of a submitted deliverable, when the actor may judge it: never who submitted it.
fn judged(
    plan: &Plan,
    actor: &Actor,
    id: DeliverableId,
    step: &str,
) -> Result<Option<super::super::id::PhaseNo>, Refusal> {
    let deliverable = found(plan, id)?;
    if deliverable.status != DeliverableStatus::Submitted {
        return Err(illegal(deliverable, step));
    }
    if let Some(name) = actor.agent() {
        may_accept(plan, name)?;
    }
    let own = deliverable.submission.as_ref().filter(|it| it.by == *actor);
    if own.is_some() {
        return Err(Refusal::new(
            Reason::OwnSubmission,
            format!(
                "{id} was submitted by {}; it is {step} by somebody else",
                actor.name()
            ),
        )
        .item(id, "your own submission"));
    }
    Ok(deliverable.phase)
}

/// Refuses an agent none of whose roles may judge deliverables.
fn may_accept(plan: &Plan, name: &Text) -> Result<(), Refusal> {
    let allowed = plan
        .project()
        .map_or(&[] as &[String], |it| &it.settings.accepting_roles);
    let mut roles = plan.agent(name).map_or(&[] as &[_], |it| &it.roles).iter();
    if roles.any(|role| {
        allowed
            .iter()
            .any(|slug| slug == plan.role_slug(Some(*role)))
    }) {
        return Ok(());
    }
    let who = match allowed {
        [] => "coordinators alone".to_owned(),
        some => format!("coordinators and agents with the role {}", some.join(", ")),
    };
    Err(Refusal::new(
        Reason::NotAllowed,
        format!("deliverables are accepted and rejected by {who}; ask one of them"),
    ))
}
