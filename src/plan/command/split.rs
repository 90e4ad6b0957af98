//! Splitting: a task that nobody holds becomes several that stand in its place. Everything that could stop
//! it is looked at first; what follows is one event.

use super::super::bench::Bench;
use super::super::event::{BlockerKind, BlockerResolved, SplitPart, TaskSplit};
use super::super::id::{BlockerId, TaskId};
use super::super::model::{Spec, Status};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::super::time::{Estimate, EstimateUnit};
use super::dependency::{DEPENDENCIES_MAX, check_count};
use super::task::{EVENT_BYTES_MAX, assign_ids, check_size, held, illegal};
use super::{NewPart, text};

/// Parts a task is split into, at least and at most.
const PARTS: std::ops::RangeInclusive<usize> = 2..=50;
/// Waits that one split may make anew in other tasks.
const EDGES_MAX: usize = 10_000;
/// Tasks one blocker or decision may name.
const NAMED_MAX: usize = 1_000;

pub fn split(
    bench: &mut Bench<'_>,
    task: &str,
    parts: &[NewPart],
    chain: bool,
) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    if !PARTS.contains(&parts.len()) {
        let count = parts.len();
        return Err(Refusal::field(
            "parts",
            format!(
                "holds {count} parts; a task is split into {} to {}",
                PARTS.start(),
                PARTS.end()
            ),
        )
        .fact("limit", PARTS.end()));
    }
    check_standing(&bench.plan, id)?;
    let plan = &bench.plan;
    let Some(view) = plan.task(id) else {
        return Err(Refusal::new(
            Reason::TaskNotFound,
            format!("no task {id}; look at the list"),
        ));
    };
    check_count(view.spec.dependencies.len() + usize::from(chain))?;
    check_edges(plan, id, view.spec, parts.len(), chain)?;
    check_queues(plan, id, parts.len())?;
    let ids = assign_ids(plan, parts.iter().map(|_| ""))?;
    let event = TaskSplit {
        task: id,
        parts: admit(plan, view.spec, parts, &ids)?,
        chain,
    };
    let bytes = serde_json::to_string(&event).map_or(usize::MAX, |json| json.len());
    if bytes > EVENT_BYTES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the parts hold {bytes} bytes of text; {EVENT_BYTES_MAX} are the limit; shorten them"
            ),
        )
        .fact("limit", EVENT_BYTES_MAX));
    }
    settle_failure(bench, id, &ids);
    bench.record(event);
    Ok(())
}

/// Only a planned task is split, and none that others wait for to be finished once more.
fn check_standing(plan: &Plan, id: TaskId) -> Result<(), Refusal> {
    match plan.task(id).map(|view| view.state.status) {
        Some(Status::Planned) | None => {}
        Some(Status::Claimed | Status::InProgress | Status::InReview) => {
            return Err(held(plan, id));
        }
        Some(Status::Deferred) => {
            return Err(illegal(id, Status::Deferred, "split").next(format!("task reinstate {id}")));
        }
        Some(over @ (Status::Completed | Status::Cancelled)) => {
            return Err(illegal(id, over, "split"));
        }
    }
    let waiting: Vec<BlockerId> = plan.blockers_waiting_for(id).map(|it| it.id).collect();
    let Some(first) = waiting.first() else {
        return Ok(());
    };
    let mut refusal = Refusal::new(
        Reason::TaskBlocked,
        format!("{id} cannot be split: {first} ends when this very task is completed again"),
    );
    for blocker in waiting {
        refusal = refusal
            .item(blocker, format!("waits for {id} to be completed again"))
            .next(format!("blockers resolve {blocker} --resolution …"));
    }
    Err(refusal)
}

/// The waits that others state must fit with the parts in the task's place.
fn check_edges(
    plan: &Plan,
    id: TaskId,
    whole: &Spec,
    parts: usize,
    chain: bool,
) -> Result<(), Refusal> {
    let waited_for = if chain { 1 } else { parts };
    let too_many = |what: String, limit: usize| {
        Refusal::new(
            Reason::LimitReached,
            format!("{what}; split it into fewer parts, or into a chain"),
        )
        .item(id, "is waited for by many")
        .fact("limit", limit)
    };
    let mut edges = 0_usize;
    for dependent in plan.dependents(id).chain(plan.waived_above(id, whole)) {
        edges += waited_for;
        let Some(view) = plan.task(dependent) else {
            continue;
        };
        let stated = view.spec.dependencies.len() + waited_for - 1;
        let waived = view.spec.waived.len() + parts - 1;
        if stated > DEPENDENCIES_MAX || waived > DEPENDENCIES_MAX {
            return Err(too_many(
                format!("{dependent} would wait for more than {DEPENDENCIES_MAX} tasks"),
                DEPENDENCIES_MAX,
            ));
        }
        if edges > EDGES_MAX {
            return Err(too_many(
                format!("more than {EDGES_MAX} waits for {id} would change at once"),
                EDGES_MAX,
            ));
        }
    }
    Ok(())
}

/// What is open and names the task must have room for its parts.
fn check_queues(plan: &Plan, id: TaskId, parts: usize) -> Result<(), Refusal> {
    let blockers = plan.blockers_of(id).filter(|it| it.status.is_open());
    let blockers = blockers.map(|it| (it.id.to_string(), it.tasks.len()));
    let decisions = plan.decisions_of(id).filter(|it| it.answer.is_none());
    let decisions = decisions.map(|it| (it.id.to_string(), it.blocks.len()));
    match blockers
        .chain(decisions)
        .find(|(_, named)| named + parts > NAMED_MAX)
    {
        None => Ok(()),
        Some((name, _)) => Err(Refusal::new(
            Reason::LimitReached,
            format!("{name} would name more than {NAMED_MAX} tasks; settle it first"),
        )
        .item(&name, format!("names {id} and many others"))
        .fact("limit", NAMED_MAX)),
    }
}

fn admit(
    plan: &Plan,
    whole: &Spec,
    parts: &[NewPart],
    ids: &[TaskId],
) -> Result<Vec<SplitPart>, Refusal> {
    let estimates = shares(plan, whole.estimate, parts);
    let unnamed = unnamed_criteria(whole, parts)?;
    let mut admitted = Vec::with_capacity(parts.len());
    for ((part, id), estimate) in parts.iter().zip(ids).zip(estimates) {
        check_size(plan, estimate)?;
        let role = match part.role.trim() {
            "" => None,
            role => Some(plan.role_slug(Some(plan.resolve_role(role)?)).to_owned()),
        };
        let priority = part.priority.map(|given| text::priority(Some(given)));
        let mut acceptance: Vec<u32> = part.acceptance.iter().chain(&unnamed).copied().collect();
        acceptance.sort_unstable();
        acceptance.dedup();
        admitted.push(SplitPart {
            id: *id,
            title: text::required_line("title", &part.title)?,
            description: text::some(text::long("description", &part.description)?),
            role,
            priority: priority.transpose()?,
            estimate,
            acceptance,
        });
    }
    Ok(admitted)
}

/// The criteria that no part names; they go to every part, so that none is lost.
fn unnamed_criteria(whole: &Spec, parts: &[NewPart]) -> Result<Vec<u32>, Refusal> {
    let count = u32::try_from(whole.acceptance.len()).unwrap_or(u32::MAX);
    let named = || parts.iter().flat_map(|part| &part.acceptance);
    if let Some(number) = named().find(|number| !(1..=count).contains(*number)) {
        let has = match count {
            0 => "has none".to_owned(),
            count => format!("has 1 to {count}"),
        };
        return Err(Refusal::field(
            "acceptance",
            format!("names criterion {number}; the task {has}"),
        ));
    }
    Ok((1..=count)
        .filter(|number| !named().any(|other| other == number))
        .collect())
}

/// The estimate of each part: its own, else an even share of what those leave of the whole's.
fn shares(plan: &Plan, whole: Option<Estimate>, parts: &[NewPart]) -> Vec<Option<Estimate>> {
    let session = plan.session_minutes();
    let without = parts.iter().filter(|part| part.estimate.is_none()).count();
    let without = u32::try_from(without).unwrap_or(u32::MAX);
    let share = whole.filter(|_| without > 0).and_then(|whole| {
        if parts.iter().all(|part| part.estimate.is_none()) {
            return Some(Estimate {
                tenths: whole.tenths.div_ceil(without).max(1),
                unit: whole.unit,
            });
        }
        let given = parts.iter().filter_map(|part| part.estimate);
        let given = given.fold(0_u32, |sum, own| sum.saturating_add(own.minutes(session)));
        let left = whole.minutes(session).checked_sub(given)?;
        (left > 0).then(|| Estimate {
            tenths: left.div_ceil(without).saturating_mul(10),
            unit: EstimateUnit::Minute,
        })
    });
    parts.iter().map(|part| part.estimate.or(share)).collect()
}

/// A task parked after failed attempts is unparked by its split: that is the answer to them.
fn settle_failure(bench: &mut Bench<'_>, id: TaskId, parts: &[TaskId]) {
    let failed = bench.plan.blockers_of(id).filter(|blocker| {
        blocker.kind == BlockerKind::Failure
            && blocker.status.is_open()
            && blocker.tasks[..] == [id]
    });
    let failed: Vec<BlockerId> = failed.map(|blocker| blocker.id).collect();
    let names: Vec<String> = parts.iter().map(ToString::to_string).collect();
    for blocker in failed {
        bench.record(BlockerResolved {
            blocker,
            resolution: format!("{id} was split into {}", names.join(", ")).into(),
            withdrawn: false,
        });
    }
}
