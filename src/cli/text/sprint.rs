//! Sprints as text: the table that is their history, and one of them with its burndown.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, fields, or_dash, table};

/// Columns of the longest bar of a burndown.
const BAR_COLUMNS: u32 = 40;

/// A table of sprints, rows of plan files first.
pub fn sprints(
    sprints: &[wire::Sprint],
    history: &[wire::SprintHistoryRow],
    columns: Option<u16>,
) -> String {
    if sprints.is_empty() && history.is_empty() {
        return "no sprints\n".to_owned();
    }
    let number = |number: Option<u32>| number.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let told = history.iter().map(|row| {
        [
            row.sprint.clone(),
            "told".to_owned(),
            or_dash(&row.dates),
            number(row.committed),
            number(row.completed),
            "-".to_owned(),
            or_dash(&row.velocity),
            or_dash(&row.goal),
        ]
    });
    let rows = sprints.iter().map(|sprint| {
        let is_planned = sprint.status() == wire::SprintStatus::Planned;
        let committed = if is_planned {
            format!("({})", sprint.tasks.len())
        } else {
            sprint.committed.to_string()
        };
        [
            sprint.id.clone(),
            word(sprint.status().as_str_name(), "SPRINT_STATUS_"),
            format!("{} to {}", sprint.start_date, sprint.end_date),
            committed,
            sprint.completed.to_string(),
            sprint.open.to_string(),
            or_dash(&sprint.velocity),
            sprint.goal.clone(),
        ]
    });
    table(
        [
            "sprint",
            "status",
            "dates",
            "committed",
            "completed",
            "open",
            "velocity",
            "goal",
        ],
        told.chain(rows),
        columns,
    )
}

/// All that is known about a sprint.
pub fn sprint(sprint: &wire::Sprint) -> String {
    let mut text = format!("{} {}\n\n", sprint.id, clean::line(&sprint.goal));
    let dates = format!("{} to {}", sprint.start_date, sprint.end_date);
    let is_closed = sprint.status() == wire::SprintStatus::Closed;
    let closed = |text: String| if is_closed { text } else { String::new() };
    text.push_str(&fields(&[
        (
            "status",
            word(sprint.status().as_str_name(), "SPRINT_STATUS_"),
        ),
        ("dates", dates),
        ("tasks", sprint.tasks.join(", ")),
        (
            "committed",
            match sprint.committed {
                0 => String::new(),
                number => number.to_string(),
            },
        ),
        ("completed", sprint.completed.to_string()),
        ("open", sprint.open.to_string()),
        ("warning", sprint.warning.clone()),
        ("withdrawn", sprint.withdrawn_reason.clone()),
        ("carried over", sprint.carried_over.join(", ")),
        ("into", sprint.carried_to.clone()),
        ("sessions used", closed(sprint.sessions_used.to_string())),
        ("velocity", closed(sprint.velocity.clone())),
    ]));
    if !sprint.scope_changes.is_empty() {
        text.push_str("\nscope changes\n");
    }
    for change in &sprint.scope_changes {
        let signed = |sign: &str, ids: &[String]| {
            let signed = ids.iter().map(|id| format!("{sign}{id}"));
            signed.collect::<Vec<_>>()
        };
        let mut ids = signed("+", &change.added);
        ids.extend(signed("-", &change.removed));
        let line = format!("  {}  {}", ids.join(" "), change.reason);
        text.push_str(&clean::line(&line));
        text.push('\n');
    }
    if !sprint.burndown.is_empty() {
        text.push('\n');
        text.push_str(&burndown(&sprint.burndown));
    }
    text
}

/// A bar for each day, as long as there were open tasks at its end.
fn burndown(days: &[wire::BurndownDay]) -> String {
    let most = days.iter().map(|day| day.open).max().unwrap_or(0).max(1);
    let mut text = "open at the end of the day\n".to_owned();
    for day in days {
        let columns = (u64::from(day.open) * u64::from(BAR_COLUMNS)).div_ceil(u64::from(most));
        let columns = usize::try_from(columns).unwrap_or(0);
        let bar = "█".repeat(columns);
        let gap = if columns == 0 { "" } else { " " };
        text.push_str(&format!("{}  {bar}{gap}{}", day.date, day.open));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burndown_is_drawn_to_the_longest_day() {
        let day = |date: &str, open| wire::BurndownDay {
            date: date.to_owned(),
            open,
        };
        let drawn = burndown(&[
            day("2026-11-02", 3),
            day("2026-11-03", 1),
            day("2026-11-04", 0),
        ]);
        let bars = ["█".repeat(40), "█".repeat(14)];
        let expected = format!(
            "open at the end of the day\n2026-11-02  {} 3\n2026-11-03  {} 1\n2026-11-04  0\n",
            bars[0], bars[1]
        );
        assert_eq!(drawn, expected);
    }
}
