//! Schedules and published reports as text.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, fields, or_dash, span, table, when};

fn job(schedule: &wire::Schedule) -> String {
    word(schedule.job().as_str_name(), "SCHEDULE_JOB_").replace('_', "-")
}

fn ending(turn: &wire::ScheduleTurn) -> String {
    let ending = word(turn.ending().as_str_name(), "TURN_ENDING_");
    match turn.report.as_str() {
        "" => ending,
        report => format!("{ending}, {report}"),
    }
}

fn state(schedule: &wire::Schedule) -> String {
    match (&schedule.paused_at, &schedule.under_way) {
        (Some(_), _) => "paused".to_owned(),
        (None, Some(_)) => "under way".to_owned(),
        (None, None) => or_dash(&schedule.next_local),
    }
}

/// A table of schedules.
pub fn schedules(schedules: &[wire::Schedule], columns: Option<u16>) -> String {
    if schedules.is_empty() {
        return "no schedules\n".to_owned();
    }
    let rows = schedules.iter().map(|schedule| {
        let last = schedule.last_turn.as_ref();
        [
            schedule.name.clone(),
            job(schedule),
            schedule.when.clone(),
            schedule.zone.clone(),
            state(schedule),
            last.map_or_else(|| "-".to_owned(), ending),
        ]
    });
    table(
        ["schedule", "does", "when", "zone", "next", "last"],
        rows,
        columns,
    )
}

/// All that is known about a schedule.
pub fn schedule(schedule: &wire::Schedule) -> String {
    let zone = if schedule.own_zone {
        schedule.zone.clone()
    } else {
        format!("{} (the project's)", schedule.zone)
    };
    let paused = schedule.paused_at.as_ref().map_or_else(String::new, |at| {
        let (by, why) = (&schedule.paused_by, or_dash(&schedule.pause_reason));
        format!("since {} by {by}: {why}", when(Some(at)))
    });
    let under_way = schedule.under_way.as_ref();
    let under_way = under_way.map_or_else(String::new, |run| {
        let slot = or_dash(&run.slot);
        format!(
            "run {} for {slot}, since {}",
            run.number,
            when(run.fired_at.as_ref())
        )
    });
    let last = schedule.last_turn.as_ref();
    let last = last.map_or_else(String::new, |turn| {
        let note = match turn.note.as_str() {
            "" => String::new(),
            note => format!(": {note}"),
        };
        let slot = match turn.slot.as_str() {
            "" => String::new(),
            slot => format!(" for {slot}"),
        };
        format!(
            "{}{slot} at {}{note}",
            ending(turn),
            when(turn.ended_at.as_ref())
        )
    });
    let turns = format!(
        "{} fired, {} missed, {} skipped",
        schedule.fired, schedule.missed, schedule.skipped
    );
    let mut text = format!("{}\n\n", clean::line(&schedule.name));
    text.push_str(&fields(&[
        ("does", job(schedule)),
        ("when", schedule.when.clone()),
        ("zone", zone),
        ("for", schedule.role.clone()),
        ("note", schedule.note.clone()),
        (
            "catches up",
            format!("within {}", span(schedule.catch_up_ms)),
        ),
        ("next", schedule.next_local.clone()),
        ("paused", paused),
        ("under way", under_way),
        ("last", last),
        ("turns", turns),
    ]));
    text
}

/// A table of published reports.
pub fn reports(reports: &[wire::Report], columns: Option<u16>) -> String {
    if reports.is_empty() {
        return "no reports\n".to_owned();
    }
    let rows = reports.iter().map(|report| {
        [
            report.id.clone(),
            when(report.published_at.as_ref()),
            word(report.urgency().as_str_name(), "REPORT_URGENCY_"),
            or_dash(&report.schedule),
            report.title.clone(),
        ]
    });
    table(
        ["report", "published", "urgency", "schedule", "title"],
        rows,
        columns,
    )
}

/// A run of the checklist: what is first of each result in a table, and all of it below.
pub fn checklist_run(run: &wire::ChecklistRun, columns: Option<u16>) -> String {
    let status = word(run.status().as_str_name(), "CHECKLIST_STATUS_");
    let mut written = clean::line(&format!("{} of {}: {status}", run.id, run.day));
    written.push_str("\n\n");
    let rows = run.items.iter().map(|result| {
        let first = result.result.lines().next().unwrap_or_default();
        [
            result.number.to_string(),
            result
                .item
                .as_ref()
                .map_or_else(String::new, |it| it.name.clone()),
            word(result.state().as_str_name(), "CHECKLIST_ITEM_STATE_").replace('_', " "),
            or_dash(&result.by),
            or_dash(first),
        ]
    });
    written.push_str(&table(["", "item", "state", "by", "result"], rows, columns));
    for result in &run.items {
        let rest: Vec<&str> = result.result.lines().skip(1).collect();
        if rest.is_empty() {
            continue;
        }
        let name = result.item.as_ref().map_or("", |it| it.name.as_str());
        written.push_str(&format!("\n{}\n", clean::line(name)));
        for line in rest {
            written.push_str(&format!("  {}\n", clean::line(line)));
        }
    }
    written
}

/// A table of runs of the checklist.
pub fn checklist_runs(runs: &[wire::ChecklistRun], columns: Option<u16>) -> String {
    if runs.is_empty() {
        return "no checklists\n".to_owned();
    }
    let rows = runs.iter().map(|run| {
        let over = run.items.iter().filter(|it| {
            use wire::ChecklistItemState::{Done, Skipped};
            matches!(it.state(), Done | Skipped)
        });
        [
            run.id.clone(),
            run.day.clone(),
            word(run.status().as_str_name(), "CHECKLIST_STATUS_"),
            format!("{}/{}", over.count(), run.items.len()),
            or_dash(&run.schedule),
        ]
    });
    table(
        ["checklist", "day", "status", "over", "schedule"],
        rows,
        columns,
    )
}

/// A table of what a checklist looks at.
pub fn checklist_items(items: &[wire::ChecklistItem], columns: Option<u16>) -> String {
    let rows = (1..).zip(items).map(|(number, item)| {
        let executor = word(item.executor().as_str_name(), "CHECKLIST_EXECUTOR_");
        let by = match item.command.as_str() {
            "" => executor.replace('_', " "),
            command => format!("command:{command}"),
        };
        let number: i32 = number;
        [number.to_string(), item.name.clone(), by]
    });
    table(["", "item", "by"], rows, columns)
}

/// A table of channels, and what went wrong with them.
pub fn channels(channels: &[wire::Channel], columns: Option<u16>) -> String {
    if channels.is_empty() {
        return "no channels; [channels.NAME] in the daemon's settings makes one\n".to_owned();
    }
    let rows = channels.iter().map(|channel| {
        let kind = if channel.configured {
            channel.kind.clone()
        } else {
            "not configured".to_owned()
        };
        [
            channel.name.clone(),
            kind,
            or_dash(&channel.wants),
            channel.waiting.to_string(),
            channel.delivered.to_string(),
            channel.dead.to_string(),
        ]
    });
    let mut text = table(
        ["channel", "kind", "wants", "waiting", "delivered", "dead"],
        rows,
        columns,
    );
    for channel in channels {
        if !channel.last_error.is_empty() {
            let at = when(channel.last_error_at.as_ref());
            let line = format!(
                "{}, last error at {at}: {}",
                channel.name, channel.last_error
            );
            text.push_str(&format!("\n{}\n", clean::line(&line)));
        }
        if let Some(newest) = channel.dead_reports.first() {
            let retry = format!(
                "{} given up; next: muster channel retry {newest} --channel {}",
                channel.dead_reports.join(", "),
                channel.name
            );
            text.push_str(&format!("{}\n", clean::line(&retry)));
        }
    }
    text
}
