//! The working of a task by its holder. The fence check precedes all others: whoever holds an older
//! attempt's fence is told that the lease is lost, and nothing changes.

pub mod checks;
pub mod claim;
pub mod complete;
pub mod review;
pub mod time;

use std::sync::Arc;

use super::super::bench::Bench;
use super::super::check::{CheckSet, Stage};
use super::super::event::{ProgressReported, ReleaseCause, TaskReleased, TaskStarted};
use super::super::id::TaskId;
use super::super::model::{Lease, Status};
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Plan, TaskView, clipped};
use super::lease::park_after_strikes;
use super::task::illegal;
use super::{reference, text};

/// The task a holder writes to and its live lease, after the fence check.
pub fn held_by_actor(
    bench: &mut Bench<'_>,
    task: &str,
    fence: u64,
) -> Result<(TaskId, Arc<Lease>), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    if fence == 0 {
        return Err(Refusal::field(
            "fence",
            "is missing; give the one your claim answered",
        ));
    }
    let lease = bench
        .plan
        .task(id)
        .and_then(|view| view.state.lease.clone());
    let live = match lease {
        Some(lease) if lease.fence == fence || !bench.facts.guards.fence_check() => lease,
        Some(_) | None => return Err(lease_lost(&bench.plan, id, fence)),
    };
    let actor = bench.facts.actor.agent();
    if actor != Some(&live.agent) && bench.facts.guards.fence_check() {
        return Err(Refusal::new(
            Reason::NotHolder,
            format!(
                "{id} is held by {}, not by you; claim a task of your own",
                live.agent
            ),
        )
        .fact("holder", &live.agent)
        .next("claim"));
    }
    bench.session = Some(live.session);
    Ok((id, live))
}

/// Refuses to finish a task that an open blocker or decision names (C.1: what is blocked goes on from where it
/// stood, once that is settled).
pub fn nothing_open(plan: &Plan, id: TaskId, step: &str) -> Result<(), Refusal> {
    if !plan.is_blocked(id) {
        return Ok(());
    }
    let blockers = plan.blockers_of(id).filter(|it| it.status.is_open());
    let decisions = plan.decisions_of(id).filter(|it| it.answer.is_none());
    let blockers = blockers.map(|it| (it.id.to_string(), clipped(&it.reason)));
    let decisions = decisions.map(|it| (it.id.to_string(), clipped(&it.question)));
    let open: Vec<(String, String)> = blockers.chain(decisions).collect();
    let names: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).collect();
    let refusal = Refusal::new(
        Reason::TaskBlocked,
        format!(
            "{id} cannot be {step} while {} is open; go on once that is settled",
            names.join(", ")
        ),
    );
    let refusal = open
        .iter()
        .fold(refusal, |refusal, (name, text)| refusal.item(name, text));
    Err(refusal.next(format!("why {id}")))
}

/// The refusal of a late holder: stop work.
pub fn lease_lost(plan: &Plan, id: TaskId, fence: u64) -> Refusal {
    let Some(view) = plan.task(id) else {
        return Refusal::new(Reason::LeaseLost, format!("{id} is gone; stop work on it"));
    };
    let state = view.state;
    let (why, holder) = match (&state.lease, &state.completion, &state.leftover) {
        (Some(lease), _, _) => (
            format!("{} holds it now (attempt {})", lease.agent, lease.attempt),
            lease.agent.to_string(),
        ),
        (None, Some(done), _) => {
            let by = done.agent.as_deref().unwrap_or("the plan file");
            (format!("{by} completed it"), String::new())
        }
        (None, None, _) if state.status == Status::InReview => {
            ("it was handed in for review".to_owned(), String::new())
        }
        (None, None, Some(left)) => (
            format!("attempt {} ended: {}", left.attempt, left.ending),
            String::new(),
        ),
        (None, None, None) => (format!("it is {}", state.status.as_str()), String::new()),
    };
    let refusal = Refusal::new(
        Reason::LeaseLost,
        format!("your lease on {id} is lost: {why}; stop work on it and claim again"),
    )
    .item(id, why)
    .fact("task", id)
    .fact("fence", fence)
    .fact("status", state.status.as_str());
    let refusal = if holder.is_empty() {
        refusal
    } else {
        refusal.fact("holder", holder)
    };
    refusal.next("claim")
}

pub fn start(
    bench: &mut Bench<'_>,
    task: &str,
    fence: u64,
    checked: &[String],
) -> Result<(), Refusal> {
    let (id, lease) = held_by_actor(bench, task, fence)?;
    let checked = checks::read(Stage::Pre, checked)?;
    begin(bench, id, lease.fence, checked)
}

/// Begins work on a claimed task; what a claim rests on is looked at once more.
pub fn begin(
    bench: &mut Bench<'_>,
    id: TaskId,
    fence: u64,
    checked: CheckSet,
) -> Result<(), Refusal> {
    match bench.plan.task(id).map(|view| view.state.status) {
        Some(Status::Claimed) => {}
        Some(other) => return Err(illegal(id, other, "started")),
        None => {
            return Err(Refusal::new(
                Reason::TaskNotFound,
                format!("no task {id}; look at the list"),
            ));
        }
    }
    if let Some(refusal) = claim::obstacles(&bench.plan, id) {
        return Err(refusal);
    }
    let checked = checks::for_start(&bench.plan, id, fence, checked)?;
    reference::for_start(&bench.plan, id)?;
    bench.record(TaskStarted {
        task: id,
        fence,
        checked,
    });
    reference::begin_plans(bench, id);
    Ok(())
}

/// The refusal of what only a started task allows.
fn not_started(id: TaskId, fence: u64) -> Refusal {
    Refusal::new(
        Reason::NotStarted,
        format!("{id} was claimed and never started; start it first"),
    )
    .item(id, "was not started")
    .next(format!("start {id} --fence {fence}"))
}

pub fn report_progress(
    bench: &mut Bench<'_>,
    task: &str,
    fence: u64,
    note: &str,
    percent: Option<u8>,
    checked: &[String],
) -> Result<(), Refusal> {
    if !checked.is_empty() && checks::attest_handed_over(bench, task, fence, note, checked)? {
        return Ok(());
    }
    let (id, lease) = held_by_actor(bench, task, fence)?;
    let checked = checks::read(Stage::Post, checked)?;
    let note = if checked.is_empty() {
        text::required_long("note", note)?
    } else {
        text::long("note", note)?
    };
    if percent.is_some_and(|percent| percent > 100) {
        return Err(Refusal::field("percent", "is more than 100"));
    }
    let waits = |view: TaskView<'_>| view.state.status == Status::Claimed;
    if !checked.is_empty() && bench.plan.task(id).is_some_and(waits) {
        return Err(not_started(id, lease.fence));
    }
    bench.record(ProgressReported {
        task: id,
        fence: lease.fence,
        note,
        percent,
        checked,
    });
    Ok(())
}

pub fn release(
    bench: &mut Bench<'_>,
    task: &str,
    fence: u64,
    cause: ReleaseCause,
    reason: &str,
) -> Result<(), Refusal> {
    let (id, lease) = held_by_actor(bench, task, fence)?;
    let reason = text::long("reason", reason)?;
    if !matches!(cause, ReleaseCause::Returned | ReleaseCause::Failed) {
        return Err(Refusal::field(
            "cause",
            "must be returned or failed; what is in the way is reported as a blocker",
        ));
    }
    if cause == ReleaseCause::Failed && reason.is_empty() {
        return Err(Refusal::field(
            "reason",
            "is missing; say what failed, the next holder reads it",
        ));
    }
    bench.record(TaskReleased {
        task: id,
        fence: lease.fence,
        cause,
        reason,
    });
    park_after_strikes(bench, id);
    Ok(())
}
