//! What a heartbeat is told. A sign of life counts as long as the plan says that the lease is live and
//! its expiry is not being recorded; the one that comes first wins.

use super::board::Board;
use super::held::Now;
use super::{Beat, BeatVerdict, EngineError};
use crate::plan::brief::beat_every_ms;
use crate::plan::id::TaskId;
use crate::plan::model::{ProjectStatus, Status};
use crate::plan::refusal::Reason;
use crate::plan::{Plan, Refusal, TaskView};

/// Takes a sign of life in and says what the holder should do.
pub(super) fn beat(
    board: &Board,
    task: TaskId,
    fence: u64,
    agent: &str,
    now: Now,
) -> Result<Beat, EngineError> {
    let mut leases = board.leases();
    let plan = board.plan();
    let view = plan.task(task).ok_or_else(|| {
        let message = format!("no task `{task}` in this project");
        Refusal::new(Reason::TaskNotFound, message).next("task list")
    })?;
    let Some(held) = leases.live_entry(&plan, task, fence, now) else {
        return Ok(gone(view, agent));
    };
    if *held.agent != *agent {
        let message = format!(
            "{} holds {task} with this fence, not you; stop work on it",
            held.agent
        );
        return Err(Refusal::new(Reason::NotHolder, message)
            .next("claim")
            .into());
    }
    if held.ending {
        return Ok(stop(BeatVerdict::LeaseLost, lost(view)));
    }
    let beat_every_ms = beat_every_ms(held.term_ms);
    leases.beat(task, now);
    let remaining_ms = leases
        .live_entry(&plan, task, fence, now)
        .map_or(0, |held| held.remaining_ms(&plan, now));
    let (verdict, message) = match hold_still(&plan, view) {
        Some(message) => (BeatVerdict::Pause, message),
        None => (BeatVerdict::Ok, String::new()),
    };
    Ok(Beat {
        verdict,
        message,
        remaining_ms,
        beat_every_ms,
    })
}

/// Why a live holder should hold still, if it should.
fn hold_still(plan: &Plan, view: TaskView<'_>) -> Option<String> {
    let project = plan.project()?;
    if project.status == ProjectStatus::Paused {
        let reason = match &*project.status_reason {
            "" => String::new(),
            reason => format!(" ({reason})"),
        };
        return Some(format!(
            "the project is paused{reason}; hold still until it is resumed"
        ));
    }
    let blocker = plan
        .blockers_of(view.id)
        .find(|blocker| blocker.status.is_open())?;
    Some(format!(
        "{} is open ({}); hold still until it is settled",
        blocker.id, blocker.reason
    ))
}

/// The answer to a fence that is not live.
fn gone(view: TaskView<'_>, agent: &str) -> Beat {
    if view.state.status == Status::Cancelled {
        let reason = view.state.reason.as_deref().unwrap_or_default();
        let message = format!("{} was cancelled ({reason}); stop work on it", view.id);
        return stop(BeatVerdict::Cancel, message);
    }
    let revoked = view
        .state
        .leftover
        .as_deref()
        .filter(|leftover| &*leftover.ending == "revoked" && *leftover.agent == *agent);
    if let Some(leftover) = revoked {
        let message = format!(
            "{} was taken away ({}); stop work on it",
            view.id, leftover.note
        );
        return stop(BeatVerdict::Cancel, message);
    }
    stop(BeatVerdict::LeaseLost, lost(view))
}

/// What the former holder of a task is told.
pub(super) fn lost(view: TaskView<'_>) -> String {
    match &view.state.lease {
        Some(lease) => format!(
            "the lease of {} is lost, {} holds it now (attempt {}); stop work on it",
            view.id, lease.agent, lease.attempt
        ),
        None => format!("the lease of {} is lost; stop work on it", view.id),
    }
}

fn stop(verdict: BeatVerdict, message: String) -> Beat {
    Beat {
        verdict,
        message,
        remaining_ms: 0,
        beat_every_ms: 0,
    }
}
