//! The board, what roles have at hand and the critical path, as text.

use muster_proto::v1 as wire;

use super::super::json::{task_status, word};
use super::{clean, count, or_dash, pasted, span, table};

const MINUTE_MS: u64 = 60_000;

/// A span of work: minutes up to a day of 24 hours are as on a clock.
fn work(minutes: u64) -> String {
    match minutes {
        0 => "0 min".to_owned(),
        minutes => span(minutes.saturating_mul(MINUTE_MS)),
    }
}

fn standing(task: &wire::TaskBrief) -> String {
    let status = task_status(task.status()).replace('_', " ");
    match (task.holder.is_empty(), task.ready, task.blocked) {
        (false, _, _) => format!("{status} ({})", task.holder),
        (true, true, _) => "ready".to_owned(),
        (true, false, true) => format!("{status}, blocked"),
        (true, false, false) => status,
    }
}

/// The board: how many tasks stand where, and the first of each column.
pub fn board(board: &wire::GetBoardResponse, columns: Option<u16>) -> String {
    let name = |column: &wire::BoardColumn| {
        word(column.kind().as_str_name(), "BOARD_COLUMN_KIND_").replace('_', " ")
    };
    let mut rows = Vec::new();
    for column in board.columns.iter().filter(|column| column.count > 0) {
        let mut heading = (name(column), column.count.to_string());
        for task in &column.tasks {
            let (name, number) = std::mem::take(&mut heading);
            rows.push([
                name,
                number,
                task.id.clone(),
                format!("P{}", task.priority),
                task.role.clone(),
                or_dash(&task.holder),
                task.title.clone(),
            ]);
        }
        let more = column.count as usize - column.tasks.len().min(column.count as usize);
        if more > 0 {
            let (name, number) = std::mem::take(&mut heading);
            let title = format!("… {more} more");
            let none = String::new;
            rows.push([name, number, none(), none(), none(), none(), title]);
        }
    }
    if rows.is_empty() {
        return "no tasks\n".to_owned();
    }
    let header = ["stands", "tasks", "id", "prio", "role", "holder", "title"];
    let mut text = table(header, rows, columns);
    text.push_str(&format!("\nnext: {}\n", pasted("plan next")));
    text
}

/// What could be worked side by side now, a role a row.
pub fn parallel(board: &wire::GetBoardResponse, columns: Option<u16>) -> String {
    if board.ready == 0 {
        return format!(
            "nothing is ready\n\nnext: {}\n",
            pasted("plan critical-path")
        );
    }
    let rows = board.roles.iter().map(|row| {
        let named: Vec<&str> = row.ready_tasks.iter().map(|task| &*task.id).collect();
        let more = if (row.ready as usize) > named.len() {
            ", …"
        } else {
            ""
        };
        [
            row.role.clone(),
            row.ready.to_string(),
            row.held.to_string(),
            row.agents.to_string(),
            row.idle.to_string(),
            row.could_start.to_string(),
            or_dash(&format!("{}{more}", named.join(", "))),
        ]
    });
    let header = [
        "role",
        "ready",
        "held",
        "agents",
        "idle",
        "could start",
        "tasks",
    ];
    let mut text = format!(
        "{} can be worked side by side; {} could start with the agents there are\n\n",
        count(board.ready as usize, "task"),
        board.could_start
    );
    text.push_str(&table(header, rows, columns));
    let role = clean::line(&board.bottleneck_role);
    let short = |row: &&wire::RoleOutlook| row.role == board.bottleneck_role;
    if let Some(row) = board.roles.iter().find(short) {
        let lie = row.ready.saturating_sub(row.could_start) as usize;
        let lie = count(lie, "ready task");
        text.push_str(&format!("\nbottleneck: {role}; {lie} without an agent\n"));
        if role != "any" {
            let register = pasted(&format!("agent register NAME --role {role}"));
            text.push_str(&format!("next: {register}\n"));
        }
    }
    text
}

/// What each role gets next.
pub fn next(board: &wire::GetBoardResponse, columns: Option<u16>) -> String {
    let mut rows = Vec::new();
    for row in board.roles.iter().filter(|row| row.agents > 0) {
        let mut role = row.role.clone();
        if row.next.is_empty() {
            let none = String::new;
            rows.push([
                role,
                "-".to_owned(),
                none(),
                none(),
                "nothing is ready".to_owned(),
            ]);
            continue;
        }
        for task in &row.next {
            let skills = if task.skills.is_empty() {
                String::new()
            } else {
                format!(" (needs {})", task.skills.join(", "))
            };
            rows.push([
                std::mem::take(&mut role),
                task.id.clone(),
                format!("P{}", task.priority),
                task.role.clone(),
                format!("{}{skills}", task.title),
            ]);
        }
    }
    if rows.is_empty() {
        return format!(
            "no agent is registered\n\nnext: {}\n",
            pasted("agent register NAME --role ROLE")
        );
    }
    table(["role", "id", "prio", "for", "title"], rows, columns)
}

fn link(task: &wire::ScheduledTask) -> &'static str {
    match task.link() {
        wire::PathLink::Unspecified | wire::PathLink::None => "-",
        wire::PathLink::Dependency => "dependency",
        wire::PathLink::AllAbove => "all above",
        wire::PathLink::Phase => "whole phase",
        wire::PathLink::PhaseOrder => "phase order",
    }
}

/// The critical path, and how tight other tasks are.
pub fn critical_path(path: &wire::GetCriticalPathResponse, columns: Option<u16>) -> String {
    if path.path.is_empty() {
        return "no task is open\n".to_owned();
    }
    let mut text = format!(
        "{} of work at the least: {} in a row, {} open, {} without slack\n\n",
        work(path.total_minutes),
        count(path.path_total as usize, "task"),
        path.open_tasks,
        path.critical_tasks,
    );
    let rows = path.path.iter().map(|step| {
        let task = step.task.clone().unwrap_or_default();
        [
            work(step.earliest_start_minutes),
            work(step.earliest_finish_minutes),
            link(step).to_owned(),
            task.id.clone(),
            task.phase.clone(),
            task.role.clone(),
            standing(&task),
            task.title.clone(),
        ]
    });
    let header = [
        "start", "finish", "after", "id", "phase", "role", "status", "title",
    ];
    text.push_str(&table(header, rows, columns));
    let more = (path.path_total as usize).saturating_sub(path.path.len());
    if more > 0 {
        text.push_str(&format!("… {more} more\n"));
    }
    if !path.waits_for.is_empty() {
        text.push_str("\nits first task waits:\n");
        for reason in &path.waits_for {
            text.push_str(&format!("  - {}\n", clean::line(&reason.message)));
            if !reason.next.is_empty() {
                text.push_str(&format!("    {}\n", pasted(&clean::line(&reason.next))));
            }
        }
    }
    if !path.tightest.is_empty() {
        text.push_str("\nleast slack:\n");
        let rows = path.tightest.iter().map(|slot| {
            let task = slot.task.clone().unwrap_or_default();
            [
                work(slot.slack_minutes),
                work(slot.earliest_start_minutes),
                work(slot.earliest_finish_minutes),
                task.id.clone(),
                standing(&task),
                task.title.clone(),
            ]
        });
        let header = ["slack", "start", "finish", "id", "status", "title"];
        text.push_str(&table(header, rows, columns));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: &str, title: &str, role: &str) -> wire::TaskBrief {
        wire::TaskBrief {
            id: id.to_owned(),
            title: title.to_owned(),
            phase: "1".to_owned(),
            role: role.to_owned(),
            priority: 1,
            status: wire::TaskStatus::Planned.into(),
            ready: true,
            ..Default::default()
        }
    }

    fn held(id: &str, title: &str) -> wire::TaskBrief {
        wire::TaskBrief {
            status: wire::TaskStatus::InProgress.into(),
            ready: false,
            holder: "dev-1".to_owned(),
            ..task(id, title, "developer")
        }
    }

    fn at_hand() -> wire::GetBoardResponse {
        let column = |kind: wire::BoardColumnKind, count, tasks| wire::BoardColumn {
            kind: kind.into(),
            count,
            tasks,
        };
        wire::GetBoardResponse {
            recorded_at: None,
            version: 17,
            columns: vec![
                column(
                    wire::BoardColumnKind::Ready,
                    3,
                    vec![
                        task("T-1", "Build it\u{1b}[2J", "developer"),
                        task("T-2", "Test it", "qa"),
                    ],
                ),
                column(wire::BoardColumnKind::Waiting, 0, Vec::new()),
                column(
                    wire::BoardColumnKind::InProgress,
                    1,
                    vec![held("T-4", "Draw it")],
                ),
                column(wire::BoardColumnKind::Completed, 12, Vec::new()),
            ],
            roles: vec![
                wire::RoleOutlook {
                    role: "developer".to_owned(),
                    ready: 1,
                    ready_tasks: vec![task("T-1", "Build it", "developer")],
                    held: 1,
                    agents: 2,
                    idle: 1,
                    could_start: 1,
                    next: vec![
                        task("T-1", "Build it", "developer"),
                        task("T-3", "Write it", "backend"),
                    ],
                },
                wire::RoleOutlook {
                    role: "qa".to_owned(),
                    ready: 2,
                    ready_tasks: vec![task("T-2", "Test it", "qa")],
                    ..Default::default()
                },
            ],
            ready: 3,
            could_start: 1,
            bottleneck_role: "qa".to_owned(),
        }
    }

    #[test]
    fn the_board_shows_the_first_of_each_column_and_counts_the_rest() {
        insta::assert_snapshot!(board(&at_hand(), None), @r"
        STANDS       TASKS  ID   PRIO  ROLE       HOLDER  TITLE
        ready        3      T-1  P1    developer  -       Build it[2J
                            T-2  P1    qa         -       Test it
                                                          … 1 more
        in progress  1      T-4  P1    developer  dev-1   Draw it
        completed    12                                   … 12 more

        next: muster plan next
        ");
        assert_eq!(
            board(&wire::GetBoardResponse::default(), None),
            "no tasks\n"
        );
    }

    #[test]
    fn what_could_be_worked_side_by_side_names_the_bottleneck() {
        insta::assert_snapshot!(parallel(&at_hand(), None), @r"
        3 tasks can be worked side by side; 1 could start with the agents there are

        ROLE       READY  HELD  AGENTS  IDLE  COULD START  TASKS
        developer  1      1     2       1     1            T-1
        qa         2      0     0       0     0            T-2, …

        bottleneck: qa; 2 ready tasks without an agent
        next: muster agent register NAME --role qa
        ");
        insta::assert_snapshot!(parallel(&wire::GetBoardResponse::default(), None), @r"
        nothing is ready

        next: muster plan critical-path
        ");
    }

    #[test]
    fn each_role_with_an_agent_is_told_what_comes_next() {
        insta::assert_snapshot!(next(&at_hand(), None), @r"
        ROLE       ID   PRIO  FOR        TITLE
        developer  T-1  P1    developer  Build it
                   T-3  P1    backend    Write it
        ");
        insta::assert_snapshot!(next(&wire::GetBoardResponse::default(), None), @r"
        no agent is registered

        next: muster agent register NAME --role ROLE
        ");
    }

    #[test]
    fn the_critical_path_shows_each_step_and_what_the_first_waits_for() {
        let step = |task, start, minutes, link: wire::PathLink| wire::ScheduledTask {
            task: Some(task),
            minutes,
            earliest_start_minutes: start,
            earliest_finish_minutes: start + u64::from(minutes),
            slack_minutes: 0,
            link: link.into(),
        };
        let first = wire::TaskBrief {
            ready: false,
            blocked: true,
            ..task("T-1", "Build it", "developer")
        };
        let last = wire::TaskBrief {
            ready: false,
            ..task("T-7", "Ship it", "devops")
        };
        let answer = wire::GetCriticalPathResponse {
            version: 17,
            total_minutes: 330,
            open_tasks: 9,
            critical_tasks: 2,
            path: vec![
                step(first, 0, 90, wire::PathLink::None),
                step(last, 90, 240, wire::PathLink::PhaseOrder),
            ],
            path_total: 3,
            waits_for: vec![wire::NotReadyReason {
                code: "TASK_BLOCKED".to_owned(),
                message: "is blocked by B-1: no key".to_owned(),
                next: "blockers resolve B-1 --resolution …".to_owned(),
                ..Default::default()
            }],
            tightest: vec![wire::ScheduledTask {
                slack_minutes: 15,
                ..step(held("T-4", "Draw it"), 0, 30, wire::PathLink::None)
            }],
        };
        insta::assert_snapshot!(critical_path(&answer, None), @r"
        5 h 30 min of work at the least: 3 tasks in a row, 9 open, 2 without slack

        START       FINISH      AFTER        ID   PHASE  ROLE       STATUS            TITLE
        0 min       1 h 30 min  -            T-1  1      developer  planned, blocked  Build it
        1 h 30 min  5 h 30 min  phase order  T-7  1      devops     planned           Ship it
        … 1 more

        its first task waits:
          - is blocked by B-1: no key
            muster blockers resolve B-1 --resolution …

        least slack:
        SLACK   START  FINISH  ID   STATUS               TITLE
        15 min  0 min  30 min  T-4  in progress (dev-1)  Draw it
        ");
        let none = wire::GetCriticalPathResponse::default();
        assert_eq!(critical_path(&none, None), "no task is open\n");
    }
}
