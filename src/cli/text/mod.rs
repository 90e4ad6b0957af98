//! Answers of the daemon as text for people: short, aligned, and nothing in it can steer a terminal.

mod board;
mod claim;
pub mod clean;
mod forecast;
mod gate;
mod people;
mod plan;
mod points;
mod queue;
mod register;
mod review;
mod rule;
mod schedule;
mod sprint;
mod standup;
mod task;
mod team;
mod template;
mod workflow;

pub use board::{board, critical_path, next, parallel};
pub use claim::{claim, nothing};
pub use forecast::forecast;
pub use gate::{gate, gate_run, gates, measure, metrics};
pub use people::{agents, roles, session, session_brief, session_log, sessions, tokens};
pub use plan::{
    event, import, inbox, numbered_diagnostics, phase, phases, policies, project, projects,
    verified,
};
pub use points::{integration, integrations, references, rollout, rollouts};
pub use queue::{blockers, decisions, discovered};
pub use register::{deliverables, milestones, risks};
pub use review::reviews;
pub use rule::{rule_sentence, rules};
pub use schedule::{
    channels, checklist_items, checklist_run, checklist_runs, reports, schedule, schedules,
};
pub use sprint::{sprint, sprints};
pub use standup::{standup, standup_entered, standups};
pub use task::{task, tasks, why};
pub use team::{agent, assigned, assignments, role_time, role_windows};
pub use template::templates;
pub use workflow::{workflow, workflow_run, workflow_runs, workflows};

use comfy_table::{ContentArrangement, Table};

/// When and by whom something was changed last; empty when nothing is said of it.
fn updated(at: Option<&prost_types::Timestamp>, by: &str) -> String {
    match at {
        Some(_) => format!("{} by {}", when(at), clean::line(by)),
        None => String::new(),
    }
}

/// An instant to the minute, UTC; a dash when absent.
pub fn when(at: Option<&prost_types::Timestamp>) -> String {
    at.and_then(|at| jiff::Timestamp::new(at.seconds, at.nanos).ok())
        .map_or_else(
            || "-".to_owned(),
            |at| at.strftime("%Y-%m-%d %H:%MZ").to_string(),
        )
}

/// A span in the two largest units that say something: `45 min`, `2 h 5 min`, `3 d`.
pub fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let parts = match (days, hours, minutes) {
        (0, 0, 0) => return format!("{seconds} s"),
        (0, 0, _) => [(minutes, "min"), (seconds % 60, "s")],
        (0, _, _) => [(hours, "h"), (minutes, "min")],
        _ => [(days, "d"), (hours, "h")],
    };
    let words: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    words.join(" ")
}

/// A bar of 20 characters, filled by percent.
pub fn bar(percent: u32) -> String {
    let filled = usize::try_from(percent.min(100) / 5).unwrap_or(20);
    format!("{}{}", "█".repeat(filled), "░".repeat(20 - filled))
}

/// Words in a row, a dash when there are none.
pub fn listed(words: &[String]) -> String {
    or_dash(&words.join(", "))
}

/// A command line as it can be pasted: the daemon leaves the program's name out.
pub fn pasted(command: &str) -> String {
    format!("muster {command}")
}

/// The name of a principal without its kind: `agent:ada` is `ada`.
pub fn named(principal: &str) -> &str {
    principal
        .split_once(':')
        .map_or(principal, |(_, name)| name)
}

/// The text, a dash when there is none.
pub fn or_dash(text: &str) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        text.to_owned()
    }
}

/// A count with its noun: `1 task`, `2 tasks`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// Rows under a header, in columns; cut to no width unless one is given. Cells are cleaned here.
pub fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    columns: Option<u16>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_header(header.map(str::to_uppercase));
    for row in rows {
        table.add_row(row.map(|cell| clean::line(&cell)));
    }
    match columns {
        Some(width) => {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// Lines of a name and a value, aligned; those without a value are left out. Values are cleaned here.
pub fn fields(fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let value = clean::lines(value);
        let indented = value
            .trim_end()
            .replace('\n', &format!("\n{:width$}  ", ""));
        text.push_str(&format!("{name:width$}  {indented}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        let expected = [
            (0, "0 s"),
            (59_999, "59 s"),
            (90_000, "1 min 30 s"),
            (1_800_000, "30 min"),
            (7_500_000, "2 h 5 min"),
            (86_400_000, "1 d"),
            (180_000_000, "2 d 2 h"),
        ];
        for (ms, expected) in expected {
            assert_eq!(span(ms), expected);
        }
    }

    #[test]
    fn a_bar_has_twenty_characters() {
        for percent in [0, 1, 49, 50, 99, 100, 200] {
            assert_eq!(bar(percent).chars().count(), 20, "{percent}");
        }
        assert_eq!(bar(50).chars().filter(|sign| *sign == '█').count(), 10);
        assert!(bar(99).ends_with('░'), "it is full only at 100");
    }

    #[test]
    fn a_table_is_aligned_and_clean() {
        let rows = [
            ["T-1".to_owned(), "one\u{1b}[31m\ntwo".to_owned()],
            ["T-100".to_owned(), "x".to_owned()],
        ];
        insta::assert_snapshot!(table(["id", "title"], rows, None), @r"
        ID     TITLE
        T-1    one[31m two
        T-100  x
        ");
    }

    #[test]
    fn a_table_is_wrapped_to_the_width_given() {
        let rows = [["T-1".to_owned(), "many words ".repeat(9)]];
        let text = table(["id", "title"], rows, Some(40));
        assert!(
            text.lines().all(|line| line.chars().count() <= 40),
            "{text}"
        );
    }

    #[test]
    fn fields_without_a_value_are_left_out() {
        let text = fields(&[
            ("status", "planned".to_owned()),
            ("area", String::new()),
            ("notes", "one\ntwo".to_owned()),
        ]);
        insta::assert_snapshot!(text, @r"
        status  planned
        notes   one
                two
        ");
    }
}
