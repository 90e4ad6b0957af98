//! The oversight digest laid out for people. What is long is cut here and nowhere else; the data keeps it.

use super::data::{Act, ActKind, FailingTask, OversightDigest};
use crate::report::page::{Item, Line, Page};
use crate::report::sections::{CELL_COLUMNS, blockers, head, named, task};
use crate::report::standup::render::{inbox, silent, standing};
use crate::report::words::{clean, clip, count, duration};
use crate::report::{html, markdown, marks, text};

const NAME_COLUMNS: usize = 48;

/// The oversight digest as GitHub-flavoured markdown.
pub fn markdown(digest: &OversightDigest) -> String {
    markdown::markdown(&page(digest))
}

/// The oversight digest as plain aligned text of at most `width` columns (at least 40).
pub fn text(digest: &OversightDigest, width: usize) -> String {
    text::text(&page(digest), width)
}

/// The oversight digest as a fragment of HTML: one `<section>` that stands for itself.
pub fn html(digest: &OversightDigest) -> String {
    html::html(&page(digest))
}

fn page(digest: &OversightDigest) -> Page {
    let mut page = Page::default();
    let role = clip(&digest.role_title, NAME_COLUMNS);
    page.title(&format!("Oversight for {role} {}", digest.now.local));
    page.paragraph(&summary(digest));
    if let Some(note) = standing(&digest.project) {
        page.paragraph(&note);
    }
    let items = digest.needs.iter().map(inbox).collect();
    let total = digest.needs_total;
    page.list("Needs your word", total, items, "Nothing needs your word.");
    let items = digest.acts.iter().map(act).collect();
    let total = digest.acts_total;
    let empty = "Nothing was decided, waived or revoked.";
    page.list("What was decided", total, items, empty);
    waiting(&mut page, digest);
    let items = digest.failing.iter().map(failing).collect();
    let total = digest.failing_total;
    page.list(
        "Failing tasks",
        total,
        items,
        "No task fails again and again.",
    );
    let items = digest.silent.iter().map(silent).collect();
    let total = digest.silent_total;
    page.list("Silent agents", total, items, "Every agent was heard from.");
    marks::section(&mut page, &digest.marks);
    discovered(&mut page, digest);
    let beats = match digest.with_beats {
        true => "Silence judged by the log and by leases",
        false => "Silence judged by the log alone",
    };
    page.footer(vec![head(&digest.head), Line::plain(beats)]);
    page
}

fn summary(digest: &OversightDigest) -> String {
    format!(
        "{}: from {} to {} ({}, {}). {} your word; {} in the whole inbox.",
        named(&digest.project.name, &digest.project.slug),
        digest.since.local,
        digest.now.local,
        duration(digest.window_ms),
        clean(&digest.project.time_zone),
        count(digest.needs_total, "thing needs", "things need"),
        count(digest.inbox_total, "entry", "entries"),
    )
}

fn act(act: &Act) -> Item {
    let mut text = format!("{}: {}", word(act.kind), clip(&act.id, NAME_COLUMNS));
    let title = clip(&act.title, CELL_COLUMNS);
    if !title.is_empty() {
        text.push(' ');
        text.push_str(&title);
    }
    let detail = clip(&act.detail, CELL_COLUMNS);
    if !detail.is_empty() {
        text.push_str(&format!(" ({detail})"));
    }
    let by = clip(&act.by, 24);
    Item {
        line: Line::plain(&format!("{text}; {by}, {}", act.at.local)),
        below: Vec::new(),
    }
}

fn word(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Decided => "Decided",
        ActKind::Deprecated => "Holds no more",
        ActKind::Waived => "Waived",
        ActKind::WaiverExpired => "Waiver run out",
        ActKind::Overridden => "Opened out of order",
        ActKind::Skipped => "Left out",
        ActKind::Revoked => "Taken away",
        ActKind::RiskAccepted => "Risk accepted",
        ActKind::Accepted => "Accepted",
        ActKind::Rejected => "Given back",
        ActKind::Approved => "Approved",
        ActKind::Withdrawn => "Asked for no more",
    }
}

/// Blockers that wait too long, with how many there are of which age.
fn waiting(page: &mut Page, digest: &OversightDigest) {
    let ages = &digest.blocker_ages;
    if digest.blockers_total > 0 {
        blockers(page, &digest.blockers, digest.blockers_total);
    } else {
        page.heading("Blockers", 0);
    }
    let said = match ages.open {
        0 => "No open blockers.".to_owned(),
        open => format!(
            "{} open, {} critical, {} escalated; {} older than 2 h, {} than 24 h, {} than 3 d.",
            count(open, "blocker", "blockers"),
            ages.critical,
            ages.escalated,
            ages.over_2h,
            ages.over_24h,
            ages.over_3d,
        ),
    };
    page.paragraph(&said);
}

fn failing(failing: &FailingTask) -> Item {
    let parked = if failing.parked { ", parked" } else { "" };
    let line = format!(
        "{}: {} in {}{parked}",
        task(&failing.task),
        count(failing.strikes.into(), "strike", "strikes"),
        count(failing.attempts, "attempt", "attempts"),
    );
    let note = clip(&failing.last_note, CELL_COLUMNS);
    let below = (!note.is_empty())
        .then(|| Line::plain(&format!("{}: {note}", clip(&failing.last_agent, 24))));
    Item {
        line: Line::plain(&line),
        below: below.into_iter().collect(),
    }
}

fn discovered(page: &mut Page, digest: &OversightDigest) {
    let queue = &digest.discovered;
    page.heading("Discovered tasks", queue.total);
    let Some(oldest) = &queue.oldest else {
        return page.paragraph("Nothing waits for triage.");
    };
    page.paragraph(&format!(
        "{} for triage, {} of them for more than a day; the oldest is {} {} for {}.",
        count(queue.total, "task waits", "tasks wait"),
        queue.over_24h,
        oldest.id,
        clip(&oldest.title, CELL_COLUMNS),
        duration(oldest.age_ms),
    ));
}
