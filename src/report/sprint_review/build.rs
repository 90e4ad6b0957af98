//! Puts the sprint review together: everything is read from the plan, and what a closed sprint came to is what
//! was recorded when it was closed, whatever became of its tasks since.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::SprintReviewInput;
use super::data::{
    DayEnd, EstimateAccuracy, EstimatedTask, ScopeStep, SprintBlocker, SprintFacts, SprintReview,
    SprintRow, WithdrawnTask,
};
use crate::plan::Plan;
use crate::plan::event::Severity;
use crate::plan::id::{SprintId, TaskId};
use crate::plan::model::{Blocker, Sprint, SprintStatus, Status};
use crate::plan::time::Timestamp;
use crate::plan::velocity::Velocity;
use crate::report::data::{ProjectRef, TaskRef, counted, cut, zone_of};
use crate::report::progress::{percent, sessions_between};
use crate::report::sprint::burndown;
use crate::report::zone::Zone;

/// Sprints of the past that are told.
const HISTORY_MAX: usize = 12;
/// Tasks furthest from their estimates that are named.
const FURTHEST_MAX: usize = 5;
const MINUTE_MS: u64 = 60_000;

/// Makes the sprint review.
pub fn build(input: SprintReviewInput<'_>) -> SprintReview {
    let SprintReviewInput {
        plan,
        sprint,
        now,
        head,
    } = input;
    let zone = zone_of(plan);
    let sprint = chosen(plan, sprint);
    let (history, history_total) = history(plan);
    let critical = plan.open_blockers();
    let critical = critical.filter(|it| it.severity == Severity::Critical);
    SprintReview {
        project: ProjectRef::new(plan, &zone),
        now: zone.moment(now),
        sprint: sprint.map(|sprint| facts(plan, &zone, now, sprint)),
        history,
        history_total,
        blockers_critical: counted(critical.count()),
        head,
    }
}

/// The sprint that was asked for, else the one closed last, else the active one, else the next.
fn chosen(plan: &Plan, asked: Option<SprintId>) -> Option<&Sprint> {
    if let Some(asked) = asked {
        return plan.sprint(asked);
    }
    let closed = plan.sprints().filter_map(|sprint| {
        let result = sprint.result.as_ref()?;
        Some((result.at, sprint.id, sprint))
    });
    let last = closed.max_by_key(|(at, id, _)| (*at, *id));
    last.map(|(_, _, sprint)| sprint)
        .or_else(|| plan.active_sprint())
        .or_else(|| plan.next_sprint())
}

fn facts(plan: &Plan, zone: &Zone, now: Timestamp, sprint: &Sprint) -> SprintFacts {
    let result = sprint.result.as_deref();
    let commitment = sprint.commitment.as_deref();
    let until = result.map_or(now, |result| result.at);
    let done = completed(plan, sprint);
    let (open_now, completed_now) = plan.progress_of(sprint);
    let completed_total = result.map_or(completed_now, |result| result.completed);
    let left: Vec<TaskId> = match result {
        Some(result) => result.carried_over.to_vec(),
        None => still_open(plan, sprint),
    };
    let carried_over_total = result.map_or(open_now, |result| counted(result.carried_over.len()));
    let sessions = match (result, commitment) {
        (Some(result), _) => result.sessions,
        (None, Some(commitment)) => sessions_between(plan, commitment.at, now),
        (None, None) => 0,
    };
    let velocity = Velocity {
        completed: completed_total,
        sessions,
    };
    let (withdrawn, withdrawn_total) = cut(withdrawn(plan, sprint));
    let steps = sprint.scope_changes.iter().map(|change| {
        let (added, added_total) = refs(plan, &change.added);
        let (removed, removed_total) = refs(plan, &change.removed);
        ScopeStep {
            at: zone.moment(change.at),
            by: change.by.name().to_owned(),
            added,
            added_total,
            removed,
            removed_total,
            reason: change.reason.to_string(),
        }
    });
    let (scope_changes, scope_changes_total) = cut(steps.collect());
    let blockers = commitment.map_or_else(Vec::new, |commitment| {
        blockers(plan, zone, sprint, commitment.at, until, now)
    });
    let (blockers, blockers_total) = cut(blockers);
    let begun = commitment.map(|commitment| zone.day(commitment.at));
    SprintFacts {
        id: sprint.id,
        goal: sprint.goal.to_string(),
        status: sprint.status,
        start_date: sprint.start.to_string(),
        end_date: sprint.end.to_string(),
        overdue: sprint.status == SprintStatus::Active && zone.day(now) > sprint.end,
        committed_at: commitment.map(|commitment| zone.moment(commitment.at)),
        closed_at: result.map(|result| zone.moment(result.at)),
        committed: commitment.map_or(0, |commitment| commitment.tasks),
        warning: commitment.map_or_else(String::new, |it| it.warning.to_string()),
        tasks_total: counted(sprint.tasks.len()),
        completed: refs(plan, &done).0,
        completed_total,
        completion_percent: percent(completed_total.into(), sprint.tasks.len() as u64),
        carried_over: refs(plan, &left).0,
        carried_over_total,
        carried_to: result.and_then(|result| result.carried_to),
        withdrawn,
        withdrawn_total,
        scope_changes,
        scope_changes_total,
        sessions,
        hundredths: velocity.hundredths(),
        burndown: days(plan, sprint, now),
        planned_days: begun.map_or(0, |begun| (sprint.end.0 + 1).saturating_sub(begun.0)),
        blockers,
        blockers_total,
        estimates: accuracy(plan, &done),
    }
}

/// The first of these tasks, and how many there are.
fn refs(plan: &Plan, tasks: &[TaskId]) -> (Vec<TaskRef>, u32) {
    let (listed, total) = cut(tasks.to_vec());
    (TaskRef::all(plan, &listed), total)
}

/// Of a sprint's tasks those completed, and of a closed one until then.
fn completed(plan: &Plan, sprint: &Sprint) -> Vec<TaskId> {
    let carried: BTreeSet<TaskId> = sprint
        .result
        .iter()
        .flat_map(|result| result.carried_over.iter().copied())
        .collect();
    let tasks = sprint.tasks.iter().copied();
    tasks
        .filter(|task| plan.is_completed(*task) && !carried.contains(task))
        .collect()
}

fn still_open(plan: &Plan, sprint: &Sprint) -> Vec<TaskId> {
    let open = sprint.tasks.iter().copied().filter(|&task| {
        plan.task(task)
            .is_some_and(|view| !view.state.status.is_terminal())
    });
    open.collect()
}

/// Tasks taken out after the commitment, then those put off or given up.
fn withdrawn(plan: &Plan, sprint: &Sprint) -> Vec<WithdrawnTask> {
    let taken_out = sprint.scope_changes.iter().flat_map(|change| {
        let removed = change.removed.iter();
        removed.map(|task| WithdrawnTask {
            task: TaskRef::new(plan, *task),
            how: "taken_out".to_owned(),
            reason: change.reason.to_string(),
        })
    });
    let taken_out = taken_out.filter(|it| !sprint.tasks.contains(&it.task.id));
    let carried = sprint.result.iter().flat_map(|it| it.carried_over.iter());
    let carried: BTreeSet<TaskId> = carried.copied().collect();
    let dropped = sprint.tasks.iter().filter(|task| !carried.contains(task));
    let dropped = dropped.filter_map(|task| {
        let view = plan.task(*task)?;
        let how = match view.state.status {
            Status::Deferred => "deferred",
            Status::Cancelled => "cancelled",
            Status::Planned
            | Status::Claimed
            | Status::InProgress
            | Status::InReview
            | Status::Completed => return None,
        };
        Some(WithdrawnTask {
            task: TaskRef::new(plan, *task),
            how: how.to_owned(),
            reason: view.state.reason.as_deref().unwrap_or_default().to_owned(),
        })
    });
    taken_out.chain(dropped).collect()
}

fn days(plan: &Plan, sprint: &Sprint, now: Timestamp) -> Vec<DayEnd> {
    let days = burndown(plan, sprint, now).into_iter();
    let days = days.map(|end| DayEnd {
        day: end.day.to_string(),
        open: end.open,
    });
    cut(days.collect()).0
}

/// What stood in the way of tasks of the sprint at some time between its commitment and its end, the longest
/// first.
fn blockers(
    plan: &Plan,
    zone: &Zone,
    sprint: &Sprint,
    from: Timestamp,
    until: Timestamp,
    now: Timestamp,
) -> Vec<SprintBlocker> {
    let removed = sprint.scope_changes.iter().flat_map(|it| it.removed.iter());
    let own: BTreeSet<TaskId> = sprint.tasks.iter().chain(removed).copied().collect();
    let found = plan.blockers().filter_map(|blocker: &Blocker| {
        let settled = blocker.resolution.as_ref();
        let end = settled.map_or(now, |(_, at, _)| *at);
        let tasks = blocker.tasks.iter().copied();
        let tasks: Vec<TaskId> = tasks.filter(|task| own.contains(task)).collect();
        if tasks.is_empty() || blocker.since > until || end < from {
            return None;
        }
        let (tasks, tasks_total) = refs(plan, &tasks);
        Some(SprintBlocker {
            id: blocker.id,
            reason: blocker.reason.to_string(),
            severity: blocker.severity,
            tasks,
            tasks_total,
            since: zone.moment(blocker.since),
            settled: settled.map(|(_, at, _)| zone.moment(*at)),
            duration_ms: end.since_ms(blocker.since),
            resolution: settled.map_or_else(String::new, |(_, _, how)| how.to_string()),
        })
    });
    let mut found: Vec<SprintBlocker> = found.collect();
    found.sort_by_key(|it| (Reverse(it.duration_ms), it.id));
    found
}

/// What completed tasks took beside what they were thought to take.
fn accuracy(plan: &Plan, tasks: &[TaskId]) -> EstimateAccuracy {
    let session = plan.session_minutes();
    let known = tasks.iter().filter_map(|id| {
        let view = plan.task(*id)?;
        let estimate = view.spec.estimate?;
        let held_ms = view.state.completion.as_deref()?.held_ms;
        (held_ms > 0).then(|| EstimatedTask {
            task: TaskRef::new(plan, *id),
            estimated_minutes: estimate.minutes(session).into(),
            actual_minutes: held_ms.saturating_add(MINUTE_MS / 2) / MINUTE_MS,
        })
    });
    let mut known: Vec<EstimatedTask> = known.collect();
    let sum = |of: fn(&EstimatedTask) -> u64| {
        let minutes = known.iter().map(of);
        minutes.fold(0, u64::saturating_add)
    };
    let estimated_minutes = sum(|it| it.estimated_minutes);
    let actual_minutes = sum(|it| it.actual_minutes);
    let total = counted(known.len());
    let off = |it: &EstimatedTask| it.estimated_minutes.abs_diff(it.actual_minutes);
    known.sort_by_key(|it| (Reverse(off(it)), it.task.id));
    known.retain(|it| off(it) > 0);
    known.truncate(FURTHEST_MAX);
    EstimateAccuracy {
        tasks: total,
        estimated_minutes,
        actual_minutes,
        percent: percent(actual_minutes, estimated_minutes),
        furthest: known,
    }
}

/// The last sprints that are over and how many there are.
fn history(plan: &Plan) -> (Vec<SprintRow>, u32) {
    let told = plan.sprint_history().iter().map(|row| SprintRow {
        sprint: row.sprint.clone(),
        dates: row.dates.clone().unwrap_or_default(),
        goal: row.goal.clone().unwrap_or_default(),
        committed: row.committed,
        completed: row.completed,
        hundredths: None,
        velocity_text: row.velocity.clone().unwrap_or_default(),
    });
    let mut closed: Vec<&Sprint> = plan.sprints().filter(|it| it.result.is_some()).collect();
    closed.sort_by_key(|it| (it.result.as_ref().map(|result| result.at), it.id));
    let here = closed.into_iter().map(|sprint| SprintRow {
        sprint: sprint.id.to_string(),
        dates: format!("{} to {}", sprint.start, sprint.end),
        goal: sprint.goal.to_string(),
        committed: sprint.commitment.as_ref().map(|it| it.tasks),
        completed: sprint.result.as_ref().map(|it| it.completed),
        hundredths: sprint
            .result
            .as_ref()
            .and_then(|it| it.velocity().hundredths()),
        velocity_text: String::new(),
    });
    let mut rows: Vec<SprintRow> = told.chain(here).collect();
    let total = counted(rows.len());
    rows.drain(..rows.len().saturating_sub(HISTORY_MAX));
    (rows, total)
}
