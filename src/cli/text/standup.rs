//! Standups by day as text.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, named, or_dash, table, when};

/// Where a standup stands, in a sentence.
fn standing(standup: &wire::Standup) -> String {
    use wire::StandupStatus as Status;
    let closes_at = when(standup.closes_at.as_ref());
    let day = &standup.day;
    let by = match standup.schedule.as_str() {
        "" => String::new(),
        schedule => format!(", when schedule {schedule} publishes it"),
    };
    match standup.status() {
        Status::Scheduled => {
            format!("standup of {day}: due at {closes_at}; nobody has said anything yet")
        }
        Status::Open => format!("standup of {day}: open until {closes_at}{by}"),
        Status::Closed | Status::Unspecified => {
            format!("standup of {day}: entries were on time until {closes_at}; it is not published")
        }
        Status::Published => format!(
            "standup of {day}: published as {} at {}",
            standup.report,
            when(standup.published_at.as_ref())
        ),
    }
}

/// What an entry says, in a line.
fn said(entry: &wire::StandupEntry) -> String {
    let slots = entry.slots.clone().unwrap_or_default();
    let tests = slots.tests_passed_percent;
    let tests = tests.map_or_else(String::new, |percent| format!("{percent} %"));
    let slots = [
        ("built", slots.built),
        ("shipped", slots.shipped),
        ("tests", tests),
        ("tracking", slots.metrics),
        ("deployed", slots.version),
        ("monitoring", slots.monitoring),
        ("next", slots.next),
        ("blockers", slots.blockers),
        ("changes", slots.changes),
        ("", entry.text.clone()),
    ];
    let said = slots.into_iter().filter(|(_, said)| !said.is_empty());
    let said: Vec<String> = said
        .map(|(slot, said)| match slot {
            "" => said,
            slot => format!("{slot}: {said}"),
        })
        .collect();
    said.join("; ")
}

fn mark(standup: &wire::Standup, entry: &wire::StandupEntry) -> &'static str {
    let untold = !standup.report.is_empty() && !entry.told;
    match (entry.late, untold) {
        (_, true) => "after the report",
        (true, false) => "late",
        (false, false) => "in time",
    }
}

/// The standup of a day: where it stands and what was said.
pub fn standup(standup: &wire::Standup, columns: Option<u16>) -> String {
    let mut written = clean::line(&standing(standup));
    written.push('\n');
    if !standup.entries.is_empty() {
        let rows = standup.entries.iter().map(|entry| {
            [
                or_dash(&entry.role),
                named(&entry.by).to_owned(),
                when(entry.at.as_ref()),
                mark(standup, entry).to_owned(),
                said(entry),
            ]
        });
        written.push('\n');
        written.push_str(&table(["role", "by", "at", "", "said"], rows, columns));
    }
    if !standup.missing.is_empty() {
        let missing = standup.missing.join(", ");
        written.push_str(&format!("\nnothing said by {}\n", clean::line(&missing)));
    }
    written
}

/// What became of an entry.
pub fn standup_entered(standup: &wire::Standup, late: bool) -> String {
    let how = match (late, standup.report.as_str()) {
        (false, _) => "in time",
        (true, "") => "late",
        (true, report) => &format!("late, after {report} was published"),
    };
    let standing = clean::line(&standing(standup));
    format!("taken, {how}\n{standing}\n")
}

/// A table of standups.
pub fn standups(standups: &[wire::Standup], columns: Option<u16>) -> String {
    if standups.is_empty() {
        return "no standups\n".to_owned();
    }
    let rows = standups.iter().map(|standup| {
        let late = standup.entries.iter().filter(|entry| entry.late).count();
        [
            standup.day.clone(),
            word(standup.status().as_str_name(), "STANDUP_STATUS_"),
            standup.entries.len().to_string(),
            late.to_string(),
            or_dash(&standup.report),
            or_dash(&standup.schedule),
        ]
    });
    table(
        ["day", "status", "entries", "late", "report", "schedule"],
        rows,
        columns,
    )
}
