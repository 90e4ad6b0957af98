//! Leases that end without their holder: run out, or taken away. Each raises the fence, so whatever the
//! old holder still sends is late.

use super::super::bench::Bench;
use super::super::event::{
    BlockerKind, BlockerOpened, ClaimRevoked, ExpiryCause, LeaseExpired, Severity, Text,
};
use super::super::id::{BlockerId, TaskId};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::text;

pub fn expire(
    bench: &mut Bench<'_>,
    task: TaskId,
    fence: u64,
    cause: ExpiryCause,
) -> Result<(), Refusal> {
    let lease = bench
        .plan
        .task(task)
        .and_then(|view| view.state.lease.clone());
    let Some(lease) = lease.filter(|lease| lease.fence == fence) else {
        return Err(Refusal::new(
            Reason::LeaseLost,
            format!("{task} is no longer held under this fence; there is nothing to end"),
        ));
    };
    bench.session = Some(lease.session);
    let next = bench.next_fence();
    bench.record(LeaseExpired {
        task,
        agent: lease.agent.clone(),
        expired_fence: fence,
        fence: next,
        cause,
    });
    park_after_strikes(bench, task);
    Ok(())
}

/// Parks a task that failed as often as the project allows.
pub fn park_after_strikes(bench: &mut Bench<'_>, task: TaskId) {
    let limit = bench
        .plan
        .project()
        .map_or(3, |project| project.settings.strikes);
    let Some(view) = bench.plan.task(task) else {
        return;
    };
    if view.state.strikes < limit || is_parked(&bench.plan, task) {
        return;
    }
    let said = view
        .state
        .leftover
        .as_ref()
        .map(|leftover| leftover.note.to_string());
    let said = said
        .filter(|note| !note.is_empty())
        .map_or(String::new(), |note| format!("; last: {note}"));
    let reason = format!("{} attempts failed{said}", view.state.strikes);
    let blocker = next_blocker(&bench.plan);
    bench.record(BlockerOpened {
        blocker,
        kind: BlockerKind::Failure,
        tasks: vec![task],
        phase: None,
        reason: clip(&reason).into(),
        waits_for: None,
        owner: "".into(),
        resolution_path:
            "find out why the attempts failed, then resolve this blocker to hand the task out again"
                .into(),
        severity: Severity::High,
        since_text: "".into(),
    });
}

fn clip(reason: &str) -> String {
    reason.chars().take(text::LINE_CHARS_MAX).collect()
}

/// Whether an open FAILURE blocker holds the task.
pub fn is_parked(plan: &Plan, task: TaskId) -> bool {
    plan.blockers_of(task)
        .any(|blocker| blocker.kind == BlockerKind::Failure && blocker.status.is_open())
}

/// The next blocker's id.
pub fn next_blocker(plan: &Plan) -> BlockerId {
    BlockerId(plan.blockers.last().map_or(1, |(id, _)| id.0 + 1))
}

pub fn revoke(bench: &mut Bench<'_>, task: &str, reason: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let reason = text::required_long("reason", reason)?;
    if end_live_claim(bench, id, &reason) {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("nobody holds {id}; there is nothing to take away"),
    )
    .next(format!("task show {id}")))
}

/// Takes a task away from its holder; false when nobody holds it.
pub fn end_live_claim(bench: &mut Bench<'_>, task: TaskId, reason: &Text) -> bool {
    let Some(lease) = bench
        .plan
        .task(task)
        .and_then(|view| view.state.lease.clone())
    else {
        return false;
    };
    let fence = bench.next_fence();
    bench.record(ClaimRevoked {
        task,
        agent: lease.agent.clone(),
        revoked_fence: lease.fence,
        fence,
        reason: reason.clone(),
    });
    true
}
