//! The blocker report laid out for people. What is long is cut here and nowhere else; the data keeps it.

use super::{BlockerReport, ParkedTask};
use crate::report::page::{Item, Line, Page};
use crate::report::sections::{CELL_COLUMNS, blockers, decisions, gating, head, named, task};
use crate::report::words::{clean, clip, count, duration};
use crate::report::{html, markdown, text, workflow};

/// The report as GitHub-flavoured markdown.
pub fn markdown(report: &BlockerReport) -> String {
    markdown::markdown(&page(report))
}

/// The report as plain aligned text of at most `width` columns (at least 40).
pub fn text(report: &BlockerReport, width: usize) -> String {
    text::text(&page(report), width)
}

/// The report as a fragment of HTML: one `<section>` that stands for itself.
pub fn html(report: &BlockerReport) -> String {
    html::html(&page(report))
}

fn page(report: &BlockerReport) -> Page {
    let mut page = Page::default();
    page.title(&format!("Blockers {}", report.now.local));
    page.paragraph(&summary(report));
    blockers(&mut page, &report.blockers, report.blockers_total);
    if report.parked_total > 0 {
        let items = report.parked.iter().map(parked).collect();
        page.list("Parked tasks", report.parked_total, items, "");
    }
    decisions(&mut page, &report.decisions, report.decisions_total);
    gating(&mut page, &report.gating, report.gating_total);
    workflow::section(
        &mut page,
        "Overdue workflows",
        &report.overdue,
        report.overdue_total,
    );
    page.footer(vec![head(&report.head)]);
    page
}

fn summary(report: &BlockerReport) -> String {
    format!(
        "{}, {}: {} open, {} parked, {} open, {} waiting for a word.",
        named(&report.project.name, &report.project.slug),
        report.project.time_zone,
        count(report.blockers_total, "blocker", "blockers"),
        count(report.parked_total, "task", "tasks"),
        count(report.decisions_total, "decision", "decisions"),
        count(report.gating_total, "phase", "phases"),
    )
}

fn parked(parked: &ParkedTask) -> Item {
    let line = format!(
        "{}: parked by {} for {} after {} ({})",
        task(&parked.task),
        parked.blocker,
        duration(parked.age_ms),
        count(parked.attempts, "attempt", "attempts"),
        count(parked.strikes.into(), "strike", "strikes"),
    );
    let last = match parked.last_ending.as_str() {
        "" => None,
        ending => Some(Line::plain(&format!(
            "{}'s attempt {ending}: {}",
            clean(&parked.last_agent),
            match parked.last_note.as_str() {
                "" => "nothing said".to_owned(),
                note => clip(note, CELL_COLUMNS),
            }
        ))),
    };
    Item {
        line: Line::plain(&line),
        below: last.into_iter().collect(),
    }
}
