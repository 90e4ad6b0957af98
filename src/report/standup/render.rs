//! The standup laid out for people. What is long is cut here and nowhere else; the data keeps it.

use super::data::{
    Change, ChangeKind, Changes, DoneTask, EntryLine, InboxEntry, Meeting, ReviewWaiting, RoleLine,
    SessionNote, SilentAgent, SlotLine, Standup, Underway,
};
use crate::plan::model::{ProjectStatus, Status};
use crate::plan::time::Timestamp;
use crate::report::chart::{Bar, Chart};
use crate::report::data::ProjectRef;
use crate::report::page::{Item, Line, Page, SHOWN_MAX, Table};
use crate::report::sections::{
    CELL_COLUMNS, blockers, commands, decisions, gating, head, named, task, tasks,
};
use crate::report::sprint::SprintProgress;
use crate::report::words::{clean, clip, count, duration};
use crate::report::{html, markdown, marks, text, workflow};

const CHANGES_NAMED: usize = 5;
const LATE_NAMED: usize = 5;
const NOTES_SHOWN: usize = 3;
const ENTRIES_SHOWN: usize = 10;

/// The standup as GitHub-flavoured markdown.
pub fn markdown(standup: &Standup) -> String {
    markdown::markdown(&page(standup))
}

/// The standup as plain aligned text of at most `width` columns (at least 40).
pub fn text(standup: &Standup, width: usize) -> String {
    text::text(&page(standup), width)
}

/// The standup as a fragment of HTML: one `<section>` that stands for itself.
pub fn html(standup: &Standup) -> String {
    let mut page = page(standup);
    // Below the title and the summary.
    page.picture(2, progress(standup));
    html::html(&page)
}

/// How far the project is, and its sprint.
fn progress(standup: &Standup) -> Chart {
    let totals = &standup.totals;
    let all = (totals.counted > 0)
        .then(|| Bar::progress("All tasks", totals.completed, totals.counted, false));
    let sprint = standup.sprint.as_ref().map(|sprint| {
        let label = format!("Sprint {}", sprint.id);
        Bar::progress(&label, sprint.completed, sprint.tasks, false)
    });
    Chart::progress("Progress", all.into_iter().chain(sprint).collect())
}

fn page(standup: &Standup) -> Page {
    let mut page = Page::default();
    page.title(&format!("Standup {}", standup.now.local));
    page.paragraph(&summary(standup));
    if let Some(note) = standing(&standup.project) {
        page.paragraph(&note);
    }
    if let Some(sprint) = &standup.sprint {
        page.paragraph(&self::sprint(sprint));
    }
    if standup.late_total > 0 {
        page.paragraph(&late(standup));
    }
    if let Some(meeting) = &standup.meeting {
        page.paragraph(&self::meeting(meeting));
    }
    page.lines(standup.roles.iter().map(role).collect());
    workflow::section(
        &mut page,
        "Workflows",
        &standup.workflows,
        standup.workflows_total,
    );
    done(&mut page, standup);
    in_progress(&mut page, standup);
    blockers(&mut page, &standup.blockers, standup.blockers_total);
    decisions(&mut page, &standup.decisions, standup.decisions_total);
    reviews(&mut page, standup);
    gating(&mut page, &standup.gating, standup.gating_total);
    let total = standup.changes.iter().map(|changes| changes.total).sum();
    let items = standup.changes.iter().map(changes).collect();
    page.whole_list("Changes", total, items, "Nothing changed in the plan.");
    let items = standup.silent.iter().map(silent).collect();
    page.list(
        "Silent agents",
        standup.silent_total,
        items,
        "Every agent was heard from.",
    );
    marks::section(&mut page, &standup.marks);
    let items = standup.inbox.iter().map(inbox).collect();
    page.list(
        "Inbox",
        standup.inbox_total,
        items,
        "Nothing waits for the coordinator.",
    );
    page.footer(footer(standup));
    page
}

fn summary(standup: &Standup) -> String {
    let totals = &standup.totals;
    let percent = totals
        .percent
        .map_or_else(String::new, |percent| format!(" ({percent} %)"));
    let phase = totals.phase.as_ref().map_or_else(String::new, |phase| {
        format!(", phase {} {}", clean(&phase.id), clip(&phase.name, 48))
            .trim_end()
            .to_owned()
    });
    format!(
        "{}: from {} to {} ({}, {}){phase}. {}/{} tasks completed{percent}, {} of them in this time; \
         {} in progress, {} blocked, {} deferred, {} cancelled.",
        named(&standup.project.name, &standup.project.slug),
        standup.since.local,
        standup.now.local,
        duration(standup.window_ms),
        clean(&standup.project.time_zone),
        totals.completed,
        totals.counted,
        totals.done_in_window,
        totals.in_progress,
        totals.blocked,
        totals.deferred,
        totals.cancelled,
    )
}

/// What must be known about a project that hands nothing out.
pub(in crate::report) fn standing(project: &ProjectRef) -> Option<String> {
    let status = match project.status {
        ProjectStatus::Active => return None,
        ProjectStatus::Draft => "a draft",
        ProjectStatus::Paused => "paused",
        ProjectStatus::Completed => "completed",
        ProjectStatus::Archived => "archived",
    };
    let why = match clip(&project.status_reason, CELL_COLUMNS).as_str() {
        "" => String::new(),
        why => format!(" ({why})"),
    };
    Some(format!(
        "The project is {status}{why}: no task is handed out."
    ))
}

/// How far the active sprint is.
pub(in crate::report) fn sprint(sprint: &SprintProgress) -> String {
    let time = match sprint.days_left {
        0 => format!("it ended on {}", sprint.end_date),
        days => format!("{} left", count(days, "day", "days")),
    };
    format!(
        "Sprint {} from {} to {}: {}. {}/{} tasks completed, {} open; {time}.",
        clean(&sprint.id),
        sprint.start_date,
        sprint.end_date,
        clip(&sprint.goal, CELL_COLUMNS),
        sprint.completed,
        sprint.tasks,
        sprint.open,
    )
}

/// Which phases are past their windows.
fn late(standup: &Standup) -> String {
    let shown: Vec<String> = standup
        .late
        .iter()
        .take(LATE_NAMED)
        .map(|phase| {
            format!(
                "{} {} was to end on {}, {} ago, {} open",
                clean(&phase.id),
                clip(&phase.name, 48),
                phase.end_date,
                count(phase.days, "day", "days"),
                count(phase.open, "task", "tasks"),
            )
        })
        .collect();
    let left = usize::try_from(standup.late_total)
        .unwrap_or(usize::MAX)
        .saturating_sub(shown.len());
    let more = if left > 0 {
        format!("; and {left} more")
    } else {
        String::new()
    };
    format!("Late phases: {}{more}.", shown.join("; "))
}

/// Until when entries were on time, and how many came in.
fn meeting(meeting: &Meeting) -> String {
    let entries = match meeting.entries_total {
        0 => "nobody said anything".to_owned(),
        total => count(total, "entry", "entries"),
    };
    let late = match meeting.late_total {
        0 => String::new(),
        late => format!(", {late} late"),
    };
    format!(
        "Entries for {} until {}: {entries}{late}. What nobody said is derived.",
        meeting.day, meeting.closes_at.local
    )
}

fn role(line: &RoleLine) -> Item {
    let mut below: Vec<Line> = line.entries.iter().take(ENTRIES_SHOWN).map(entry).collect();
    below.extend(left_out(
        line.entries_total,
        below.len(),
        ("more entry", "more entries"),
    ));
    let notes = line.notes.iter().take(NOTES_SHOWN).map(note);
    let notes: Vec<Line> = notes.collect();
    let left = left_out(
        line.notes_total,
        notes.len(),
        ("more session", "more sessions"),
    );
    below.extend(notes);
    below.extend(left);
    Item {
        line: Line::labelled(&line.label, &line.sentence),
        below,
    }
}

fn left_out(total: u32, shown: usize, (one, many): (&str, &str)) -> Option<Line> {
    let left = total.saturating_sub(u32::try_from(shown).unwrap_or(u32::MAX));
    (left > 0).then(|| Line::plain(&format!("… and {}", count(left, one, many))))
}

/// What somebody said, slot by slot.
fn entry(entry: &EntryLine) -> Line {
    let word = |slot: &SlotLine| {
        let said = clip(&slot.said, CELL_COLUMNS);
        match slot.slot.as_str() {
            "tests_passed_percent" => format!("tests {said} %"),
            "metrics" => format!("tracking: {said}"),
            "version" => format!("deployed: {said}"),
            slot => format!("{slot}: {said}"),
        }
    };
    let mut said: Vec<String> = entry.slots.iter().map(word).collect();
    if !entry.text.is_empty() {
        said.push(clip(&entry.text, CELL_COLUMNS));
    }
    let late = if entry.late { ", late" } else { "" };
    let day = match entry.earlier_day.as_str() {
        "" => String::new(),
        day => format!(", for the standup of {day}"),
    };
    Line::plain(&format!(
        "{} ({}{late}{day}): {}",
        clip(&entry.by, 48),
        entry.at.local,
        said.join("; ")
    ))
}

fn note(note: &SessionNote) -> Line {
    let parts = [
        ("", &note.done),
        ("blockers: ", &note.blockers),
        ("next: ", &note.next),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| format!("{label}{}", clip(text, CELL_COLUMNS)))
        .collect();
    let abandoned = if note.abandoned { ", fell silent" } else { "" };
    Line::plain(&format!(
        "{} ({}{abandoned}): {}",
        note.session,
        clean(&note.agent),
        said.join("; ")
    ))
}

fn done(page: &mut Page, standup: &Standup) {
    let row = |line: &RoleLine, done: &DoneTask| {
        let tests = done
            .tests_passed_percent
            .map_or_else(String::new, |percent| format!("{percent} %"));
        vec![
            Line::plain(&task(&done.task)),
            Line::plain(&line.label),
            Line::clipped(&done.agent, 24),
            Line::plain(&duration(done.held_ms)),
            Line::plain(&tests),
            Line::clipped(&done.summary, CELL_COLUMNS),
        ]
    };
    let rows = standup
        .roles
        .iter()
        .flat_map(|line| line.done.iter().map(move |done| row(line, done)));
    let table = Table {
        header: vec![
            "Task",
            "Role",
            "Agent",
            "Held for",
            "Tests",
            "What was done",
        ],
        right: vec![4],
        rows: rows.take(SHOWN_MAX).collect(),
    };
    let total = standup.totals.done_in_window;
    page.table("Done", total, table, "Nothing was completed.");
}

fn in_progress(page: &mut Page, standup: &Standup) {
    let with_beats = standup.beats.is_some();
    let now_ms = standup.now.at_ms;
    let held = standup.roles.iter().flat_map(|line| {
        line.in_progress
            .iter()
            .map(move |held| held_row(line, held, with_beats, now_ms))
    });
    let table = Table {
        header: vec![
            "Task",
            "Role",
            "Agent",
            "State",
            "For",
            "Lease",
            "Last word",
        ],
        right: Vec::new(),
        rows: held.take(SHOWN_MAX).collect(),
    };
    let total = standup
        .roles
        .iter()
        .map(|line| line.in_progress_total)
        .sum();
    page.table("In progress", total, table, "Nothing is in progress.");
}

/// Work that waits for a review; nothing is said where there is none.
fn reviews(page: &mut Page, standup: &Standup) {
    if standup.reviews_total == 0 {
        return;
    }
    let row = |it: &ReviewWaiting| {
        let reviewers = match it.reviewers.as_slice() {
            [] => "anybody else".to_owned(),
            roles => roles.join(", "),
        };
        vec![
            Line::plain(&task(&it.task)),
            Line::clipped(&it.author, 24),
            Line::plain(&format!("{}{}", duration(it.age_ms), it.staleness.mark())),
            Line::clipped(&reviewers, CELL_COLUMNS),
        ]
    };
    let table = Table {
        header: vec!["Task", "By", "For", "Reviewed by"],
        right: Vec::new(),
        rows: standup.reviews.iter().take(SHOWN_MAX).map(row).collect(),
    };
    page.table("Waiting for a review", standup.reviews_total, table, "");
}

fn held_row(line: &RoleLine, held: &Underway, with_beats: bool, now_ms: i64) -> Vec<Line> {
    let lease = match (held.lease.remaining_ms, with_beats) {
        (Some(left), _) => format!("{} left", duration(left)),
        (None, true) => format!("{} term, no beat", duration(held.lease.term_ms)),
        (None, false) => format!("{} term", duration(held.lease.term_ms)),
    };
    let ago = duration(Timestamp(now_ms).since_ms(Timestamp(held.progress_at.at_ms)));
    let when = if held.stalled {
        format!("silent for {ago}")
    } else {
        format!("{ago} ago")
    };
    let word = match clip(&held.progress, CELL_COLUMNS).as_str() {
        "" => when,
        word => format!("{when}: {word}"),
    };
    vec![
        Line::plain(&task(&held.task)),
        Line::plain(&line.label),
        Line::clipped(&held.agent, 24),
        Line::plain(state(held)),
        Line::plain(&duration(held.age_ms)),
        Line::plain(&lease),
        Line::plain(&word),
    ]
}

fn state(held: &Underway) -> &'static str {
    match held.status {
        _ if held.blocked => "blocked",
        _ if held.outgrown => "outgrown",
        Status::Claimed => "claimed",
        Status::InReview => "in review",
        Status::Planned
        | Status::InProgress
        | Status::Completed
        | Status::Deferred
        | Status::Cancelled => "started",
    }
}

pub(in crate::report) fn changes(changes: &Changes) -> Item {
    // Which criterion it was, and what became of a deliverable, is said there.
    let told = matches!(
        changes.kind,
        ChangeKind::CriterionMet
            | ChangeKind::Deliverable
            | ChangeKind::Review
            | ChangeKind::Milestone
            | ChangeKind::Sprint
            | ChangeKind::Workflow
            | ChangeKind::Assignment
            | ChangeKind::RoleTime
            | ChangeKind::Risk
            | ChangeKind::Integration
            | ChangeKind::Rollout
            | ChangeKind::GateRun
    );
    let with_reason = changes.total <= 3 || told;
    let shown: Vec<String> = changes
        .items
        .iter()
        .take(CHANGES_NAMED)
        .map(|change| changed(change, with_reason))
        .collect();
    let left = usize::try_from(changes.total)
        .unwrap_or(usize::MAX)
        .saturating_sub(shown.len());
    let mut text = shown.join("; ");
    if left > 0 {
        text.push_str(&format!(" and {left} more"));
    }
    let label = format!("{} ({})", heading(changes.kind), changes.total);
    Item {
        line: Line::labelled(&label, &text),
        below: Vec::new(),
    }
}

fn changed(change: &Change, with_reason: bool) -> String {
    let mut text = clip(&change.id, 48);
    let title = clip(&change.title, 48);
    if !title.is_empty() && title != text {
        text.push(' ');
        text.push_str(&title);
    }
    let detail = clip(&change.detail, CELL_COLUMNS);
    if with_reason && !detail.is_empty() {
        text.push_str(&format!(" ({detail})"));
    }
    text
}

fn heading(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Project => "Project",
        ChangeKind::Imported => "Imported",
        ChangeKind::Added => "Added",
        ChangeKind::Promoted => "Promoted",
        ChangeKind::Discovered => "Discovered",
        ChangeKind::Triaged => "Triaged",
        ChangeKind::Edited => "Edited",
        ChangeKind::Deferred => "Deferred",
        ChangeKind::Reinstated => "Reinstated",
        ChangeKind::Cancelled => "Cancelled",
        ChangeKind::Reopened => "Reopened",
        ChangeKind::Split => "Split",
        ChangeKind::Expired => "Leases run out",
        ChangeKind::Review => "Reviews",
        ChangeKind::Failed => "Given back as failed",
        ChangeKind::Revoked => "Taken away",
        ChangeKind::Unblocked => "Blockers settled",
        ChangeKind::Decided => "Decided",
        ChangeKind::PhaseAdded => "Phases added",
        ChangeKind::PhaseOpened => "Phases opened",
        ChangeKind::CriterionMet => "Criteria confirmed",
        ChangeKind::PhaseCompleted => "Phases completed",
        ChangeKind::PhaseReopened => "Phases reopened",
        ChangeKind::PhaseSkipped => "Phases skipped",
        ChangeKind::PhaseOverridden => "Phases opened out of order",
        ChangeKind::Deliverable => "Deliverables",
        ChangeKind::Milestone => "Milestones",
        ChangeKind::Sprint => "Sprints",
        ChangeKind::Workflow => "Workflows",
        ChangeKind::Assignment => "Assignments",
        ChangeKind::RoleTime => "Times of roles",
        ChangeKind::Risk => "Risks",
        ChangeKind::Integration => "Integration points",
        ChangeKind::Rollout => "Rollouts",
        ChangeKind::GateDefined => "Gates defined or retired",
        ChangeKind::GateRun => "Gates",
        ChangeKind::Joined => "Joined",
        ChangeKind::Left => "Left",
    }
}

pub(in crate::report) fn silent(silent: &SilentAgent) -> Item {
    let last = match &silent.last_sign {
        Some(at) => format!(
            "silent for {}, since {}",
            duration(silent.silent_ms),
            at.local
        ),
        None => format!("no word since it joined {} ago", duration(silent.silent_ms)),
    };
    let holds = match silent.holds.as_slice() {
        [] => String::new(),
        held => format!("; holds {}", tasks(held, 3)),
    };
    Item {
        line: Line::plain(&format!(
            "{} ({}): {last}{holds}",
            clip(&silent.agent, 48),
            clean(&silent.role)
        )),
        below: Vec::new(),
    }
}

pub(in crate::report) fn inbox(entry: &InboxEntry) -> Item {
    let holds_up = match entry.holds_up {
        0 => String::new(),
        number => format!(", holds up {}", count(number, "task", "tasks")),
    };
    let title = clip(&entry.title, CELL_COLUMNS);
    let age = duration(entry.age_ms);
    let line = if entry.kind == "role_without_agent" {
        // Its title names the role and how many tasks wait for it.
        format!("role without agent: {title}, for {age}")
    } else {
        let kind = entry.kind.replace('_', " ");
        format!(
            "{kind} {} {title}: for {age}{holds_up}",
            clip(&entry.id, 48)
        )
    };
    Item {
        line: Line::plain(&line),
        below: commands([entry.command.as_str()]),
    }
}

fn footer(standup: &Standup) -> Vec<Line> {
    let beats = match &standup.beats {
        Some(beats) => format!("Leases as known at {}", beats.at.local),
        None => "Silence judged by the log alone".to_owned(),
    };
    vec![head(&standup.head), Line::plain(&beats)]
}
