//! Integration points: stated, changed, confirmed, and tested once everything that meets there is done.

use super::super::bench::Bench;
use super::super::day::Day;
use super::super::event::{
    BlockerKind, IntegrationAdded, IntegrationConfirmed, IntegrationFailed, IntegrationTested,
    IntegrationUpdated, IntegrationWithdrawn, IntegrationWords, PointEnd, Severity, Sides,
};
use super::super::id::{BlockerId, IntegrationId};
use super::super::model::{IntegrationPoint, IntegrationStatus};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::{EndRef, Held, IntegrationChanges, NewBlocker, NewIntegration, SidesRef, queue, text};

/// Integration points a project may have.
const INTEGRATIONS_MAX: usize = 1_000;

pub fn add(bench: &mut Bench<'_>, new: &NewIntegration) -> Result<(), Refusal> {
    let known = &bench.plan.integrations;
    if known.len() >= INTEGRATIONS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {INTEGRATIONS_MAX} integration points, which is the limit; nothing \
                 can be added"
            ),
        )
        .fact("limit", INTEGRATIONS_MAX));
    }
    let integration = IntegrationId(known.last().map_or(1, |(id, _)| id.0 + 1));
    let words = IntegrationWords {
        name: text::required_line("name", &new.name)?,
        sides: sides(&bench.plan, &new.sides)?,
        protocol: text::line("protocol", &new.protocol)?,
        test_strategy: text::long("test_strategy", &new.test_strategy)?,
        due: new.due,
        contact: text::line("contact", &new.contact)?,
    };
    check_outside(&bench.plan, &words, new.due)?;
    bench.record(IntegrationAdded { integration, words });
    Ok(())
}

fn end(plan: &Plan, field: &str, written: &EndRef) -> Result<PointEnd, Refusal> {
    match (written.task.trim(), written.phase.trim()) {
        ("", "") => Err(Refusal::field(field, "is missing; name a task or a phase")),
        (task, "") => Ok(PointEnd::Task(plan.resolve_task(task)?)),
        ("", phase) => Ok(PointEnd::Phase(
            plan.phase_id(plan.resolve_phase(phase)?).into(),
        )),
        _ => Err(Refusal::field(
            field,
            "names a task and a phase; name one of them",
        )),
    }
}

fn sides(plan: &Plan, written: &SidesRef) -> Result<Sides, Refusal> {
    match written {
        SidesRef::Internal { from, to } => {
            let (from, to) = (end(plan, "from", from)?, end(plan, "to", to)?);
            if from == to {
                return Err(Refusal::field(
                    "to",
                    format!("is {to} like the other end; two things meet at an integration point"),
                ));
            }
            Ok(Sides::Internal { from, to })
        }
        SidesRef::External { system, needed_by } => Ok(Sides::External {
            system: text::required_line("system", system)?,
            needed_by: end(plan, "needed_by", needed_by)?,
        }),
    }
}

/// A day and a contact are for a system outside, and a new day is not before the project begins.
fn check_outside(plan: &Plan, words: &IntegrationWords, due: Option<Day>) -> Result<(), Refusal> {
    if matches!(words.sides, Sides::Internal { .. }) {
        let stated = [
            ("due", words.due.is_some()),
            ("contact", !words.contact.is_empty()),
        ];
        let stated = stated.into_iter().find(|(_, stated)| *stated);
        return stated.map_or(Ok(()), |(field, _)| {
            Err(Refusal::field(
                field,
                "is for an external system; tasks and phases have their own",
            ))
        });
    }
    match (due, plan.start_date()) {
        (Some(due), Some(start)) if due < start => Err(Refusal::field(
            "due",
            format!("is {due}, before the project begins on {start}"),
        )),
        _ => Ok(()),
    }
}

/// The refusal of a point that does not exist.
pub fn not_found(id: IntegrationId) -> Refusal {
    Refusal::new(
        Reason::IntegrationNotFound,
        format!("no integration point {id} in this project"),
    )
    .item(id, "does not exist")
    .next("integration list --all")
}

fn found(plan: &Plan, id: IntegrationId) -> Result<&IntegrationPoint, Refusal> {
    plan.integration(id).ok_or_else(|| not_found(id))
}

pub fn update(
    bench: &mut Bench<'_>,
    id: IntegrationId,
    changes: &IntegrationChanges,
) -> Result<(), Refusal> {
    let point = in_force(&bench.plan, id)?;
    let mut words = point.words.clone();
    if let Some(written) = &changes.sides {
        words.sides = sides(&bench.plan, written)?;
        if matches!(words.sides, Sides::Internal { .. }) && point.is_external() {
            words.due = None;
            words.contact = "".into();
        }
    }
    if let Some(written) = &changes.name {
        words.name = text::required_line("name", written)?;
    }
    if let Some(written) = &changes.protocol {
        words.protocol = text::line("protocol", written)?;
    }
    if let Some(written) = &changes.test_strategy {
        words.test_strategy = text::long("test_strategy", written)?;
    }
    words.due = changes.due.or(words.due.filter(|_| !changes.due_unsaid));
    if let Some(written) = &changes.contact {
        words.contact = text::line("contact", written)?;
    }
    check_outside(&bench.plan, &words, changes.due)?;
    if words == point.words {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    bench.record(IntegrationUpdated {
        integration: id,
        words,
    });
    Ok(())
}

pub fn confirm(bench: &mut Bench<'_>, id: IntegrationId, note: &str) -> Result<(), Refusal> {
    let point = in_force(&bench.plan, id)?;
    if !point.is_external() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} is internal: it is ready by itself once both its ends are completed"),
        )
        .item(id, "is internal")
        .next(format!("integration show {id}")));
    }
    if point.confirmed.is_some() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} is confirmed already; test it"),
        )
        .item(id, "is confirmed")
        .next(format!("integration test {id} --evidence …")));
    }
    let note = text::long("note", note)?;
    bench.record(IntegrationConfirmed {
        integration: id,
        note,
    });
    Ok(())
}

pub fn withdraw(bench: &mut Bench<'_>, id: IntegrationId, reason: &str) -> Result<(), Refusal> {
    in_force(&bench.plan, id)?;
    let reason = text::required_long("reason", reason)?;
    bench.record(IntegrationWithdrawn {
        integration: id,
        reason,
    });
    Ok(())
}

/// A point that was not withdrawn.
fn in_force(plan: &Plan, id: IntegrationId) -> Result<&IntegrationPoint, Refusal> {
    let point = found(plan, id)?;
    let Some(withdrawn) = &point.withdrawn else {
        return Ok(point);
    };
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("{id} was withdrawn: {}", withdrawn.text),
    )
    .item(id, "was withdrawn")
    .next("integration list"))
}

/// A point that a test may be made of: everything that meets there is done.
fn testable(plan: &Plan, id: IntegrationId) -> Result<&IntegrationPoint, Refusal> {
    let point = in_force(plan, id)?;
    let status = plan.integration_status(point);
    let why = match status {
        IntegrationStatus::Ready | IntegrationStatus::Failed => return Ok(point),
        IntegrationStatus::Tested => "it was tested since, and nothing has changed",
        IntegrationStatus::Dropped => "something that was to meet there was given up",
        IntegrationStatus::Pending if point.is_external() => {
            "nobody has confirmed that the external system is there"
        }
        IntegrationStatus::Pending => "not everything that meets there is completed",
    };
    let word = status.as_str();
    let refusal = Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is {word} and cannot be tested: {why}"),
    )
    .item(id, word);
    let next = plan.integration_next(point);
    Err(if next.is_empty() {
        refusal.next(format!("integration show {id}"))
    } else {
        refusal.next(next)
    })
}

pub fn test(bench: &mut Bench<'_>, id: IntegrationId, evidence: &str) -> Result<(), Refusal> {
    testable(&bench.plan, id)?;
    let evidence = text::required_long("evidence", evidence)?;
    bench.record(IntegrationTested {
        integration: id,
        evidence,
    });
    Ok(())
}

pub fn fail(
    bench: &mut Bench<'_>,
    id: IntegrationId,
    reason: &str,
    holds: &Held,
) -> Result<(), Refusal> {
    let point = testable(&bench.plan, id)?;
    let reason = text::required_long("reason", reason)?;
    let kind = if point.is_external() {
        BlockerKind::External
    } else {
        BlockerKind::Other
    };
    let (owner, way_out) = (point.words.contact.to_string(), format!("test {id} again"));
    let what = format!("{id} failed its test: {reason}");
    let blocker = open_for(bench, holds, kind, what, (owner, way_out))?;
    bench.record(IntegrationFailed {
        integration: id,
        reason,
        blocker,
    });
    Ok(())
}

/// Opens a blocker for what something holds up, if it holds anything up; a coordinator alone says so. With
/// it go who should settle it, and how.
pub(super) fn open_for(
    bench: &mut Bench<'_>,
    holds: &Held,
    kind: BlockerKind,
    what: String,
    (owner, resolution_path): (String, String),
) -> Result<Option<BlockerId>, Refusal> {
    if *holds == Held::default() {
        return Ok(None);
    }
    if !bench.facts.actor.coordinates() {
        return Err(Refusal::new(
            Reason::NotAllowed,
            "a coordinator says what this holds up; leave the tasks and the phase out",
        ));
    }
    let blocker = NewBlocker {
        kind,
        tasks: holds.tasks.clone(),
        phase: holds.phase.clone(),
        fence: 0,
        // What was put in front may make it too long.
        reason: what.chars().take(text::TEXT_CHARS_MAX).collect(),
        owner,
        resolution_path,
        severity: Severity::High,
        keep_lease: false,
    };
    let next = super::lease::next_blocker(&bench.plan);
    queue::open_blocker(bench, &blocker)?;
    Ok(Some(next))
}
