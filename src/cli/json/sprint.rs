//! Sprints as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

/// A sprint.
pub fn sprint(sprint: &wire::Sprint) -> Value {
    let change = |change: &wire::SprintScopeChange| {
        json!({
            "added": change.added,
            "removed": change.removed,
            "reason": change.reason,
            "by": change.by,
            "at": instant(change.at.as_ref()),
        })
    };
    let day = |day: &wire::BurndownDay| json!({"date": day.date, "open": day.open});
    json!({
        "id": sprint.id,
        "number": sprint.number,
        "goal": sprint.goal,
        "start_date": sprint.start_date,
        "end_date": sprint.end_date,
        "status": word(sprint.status().as_str_name(), "SPRINT_STATUS_"),
        "tasks": sprint.tasks,
        "open": sprint.open,
        "completed": sprint.completed,
        "committed": sprint.committed,
        "warning": text(&sprint.warning),
        "scope_changes": sprint.scope_changes.iter().map(change).collect::<Vec<_>>(),
        "burndown": sprint.burndown.iter().map(day).collect::<Vec<_>>(),
        "carried_over": sprint.carried_over,
        "carried_to": text(&sprint.carried_to),
        "sessions_used": sprint.sessions_used,
        "velocity": text(&sprint.velocity),
        "planned_by": sprint.planned_by,
        "planned_at": instant(sprint.planned_at.as_ref()),
        "committed_by": text(&sprint.committed_by),
        "committed_at": instant(sprint.committed_at.as_ref()),
        "closed_by": text(&sprint.closed_by),
        "closed_at": instant(sprint.closed_at.as_ref()),
        "withdrawn_reason": text(&sprint.withdrawn_reason),
        "revision": sprint.revision,
    })
}

/// A row of a plan file's sprint history.
pub fn history_row(row: &wire::SprintHistoryRow) -> Value {
    json!({
        "sprint": row.sprint,
        "dates": text(&row.dates),
        "goal": text(&row.goal),
        "committed": row.committed,
        "completed": row.completed,
        "velocity": text(&row.velocity),
    })
}
