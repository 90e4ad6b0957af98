//! The board, what roles have at hand and the critical path, as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{reason, task_status, text, word};

fn brief(task: &wire::TaskBrief) -> Value {
    json!({
        "id": task.id,
        "title": task.title,
        "phase": task.phase,
        "role": task.role,
        "priority": task.priority,
        "status": task_status(task.status()),
        "ready": task.ready,
        "blocked": task.blocked,
        "holder": text(&task.holder),
        "skills": task.skills,
    })
}

fn briefs(tasks: &[wire::TaskBrief]) -> Vec<Value> {
    tasks.iter().map(brief).collect()
}

/// The columns of the board.
pub fn board(board: &wire::GetBoardResponse) -> Value {
    let column = |column: &wire::BoardColumn| {
        json!({
            "column": word(column.kind().as_str_name(), "BOARD_COLUMN_KIND_"),
            "count": column.count,
            "tasks": briefs(&column.tasks),
        })
    };
    json!({
        "version": board.version,
        "columns": board.columns.iter().map(column).collect::<Vec<_>>(),
    })
}

/// What could be worked side by side.
pub fn parallel(board: &wire::GetBoardResponse) -> Value {
    let role = |row: &wire::RoleOutlook| {
        json!({
            "role": row.role,
            "ready": row.ready,
            "held": row.held,
            "agents": row.agents,
            "idle": row.idle,
            "could_start": row.could_start,
            "tasks": briefs(&row.ready_tasks),
        })
    };
    json!({
        "version": board.version,
        "ready": board.ready,
        "could_start": board.could_start,
        "bottleneck_role": text(&board.bottleneck_role),
        "roles": board.roles.iter().map(role).collect::<Vec<_>>(),
    })
}

/// What each role gets next.
pub fn next(board: &wire::GetBoardResponse) -> Value {
    let role = |row: &wire::RoleOutlook| json!({"role": row.role, "tasks": briefs(&row.next)});
    let rows = board.roles.iter().filter(|row| row.agents > 0);
    json!({
        "version": board.version,
        "roles": rows.map(role).collect::<Vec<_>>(),
    })
}

fn scheduled(task: &wire::ScheduledTask) -> Value {
    json!({
        "task": task.task.as_ref().map(brief),
        "minutes": task.minutes,
        "earliest_start_minutes": task.earliest_start_minutes,
        "earliest_finish_minutes": task.earliest_finish_minutes,
        "slack_minutes": task.slack_minutes,
        "link": word(task.link().as_str_name(), "PATH_LINK_"),
    })
}

/// The critical path.
pub fn critical_path(path: &wire::GetCriticalPathResponse) -> Value {
    json!({
        "version": path.version,
        "total_minutes": path.total_minutes,
        "open_tasks": path.open_tasks,
        "critical_tasks": path.critical_tasks,
        "path": path.path.iter().map(scheduled).collect::<Vec<_>>(),
        "path_total": path.path_total,
        "waits_for": path.waits_for.iter().map(reason).collect::<Vec<_>>(),
        "tightest": path.tightest.iter().map(scheduled).collect::<Vec<_>>(),
    })
}
