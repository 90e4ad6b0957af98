//! The weekly review laid out for people. What is long is cut here and nowhere else; the data keeps it.

use super::data::{Attendee, RoleNext, WeeklyReview};
use crate::report::chart::{Bar, Chart};
use crate::report::data::Moment;
use crate::report::page::{Item, Line, Page, Table};
use crate::report::progress::{self, PhaseProgress, decimal};
use crate::report::sections::{CELL_COLUMNS, decisions, head, named, tasks};
use crate::report::standup::data::Change;
use crate::report::standup::render::{changes, sprint, standing};
use crate::report::words::{clean, clip, count, duration};
use crate::report::{html, markdown, marks, milestones, risks, text};

const NAME_COLUMNS: usize = 48;
const AGENTS_NAMED: usize = 8;

/// The weekly review as GitHub-flavoured markdown.
pub fn markdown(review: &WeeklyReview) -> String {
    markdown::markdown(&page(review))
}

/// The weekly review as plain aligned text of at most `width` columns (at least 40).
pub fn text(review: &WeeklyReview, width: usize) -> String {
    text::text(&page(review), width)
}

/// The weekly review as a fragment of HTML: one `<section>` that stands for itself.
pub fn html(review: &WeeklyReview) -> String {
    html::html(&page(review))
}

fn page(review: &WeeklyReview) -> Page {
    let mut page = Page::default();
    page.title(&format!("Weekly review {}", review.now.local));
    page.paragraph(&summary(review));
    if let Some(note) = standing(&review.project) {
        page.paragraph(&note);
    }
    if let Some(current) = &review.sprint {
        page.paragraph(&sprint(current));
    }
    if let Some(forecast) = &review.forecast {
        page.paragraph(&forecast.told());
    }
    phases(&mut page, review);
    velocity(&mut page, review);
    milestones::section(&mut page, &review.milestones, true);
    risks::section(&mut page, &review.risks, true);
    marks::section(&mut page, &review.marks);
    let items = review.decided.iter().map(decided).collect();
    let total = review.decided_total;
    page.list("Decisions made", total, items, "Nothing was decided.");
    decisions(&mut page, &review.decisions, review.decisions_total);
    let total = review.scope.iter().map(|changes| changes.total).sum();
    let items = review.scope.iter().map(changes).collect();
    page.whole_list(
        "What is to be done",
        total,
        items,
        "Nothing came in, was put off or is planned again.",
    );
    let items = review.next.iter().map(next).collect();
    page.list("Ready next", review.next_total, items, "Nothing is ready.");
    let items = review.attendees.iter().map(attendee).collect();
    let total = review.attendees_total;
    page.list("Attendees", total, items, "Nobody attends.");
    page.footer(vec![head(&review.head)]);
    page
}

fn summary(review: &WeeklyReview) -> String {
    let overall = &review.overall;
    format!(
        "{}: from {} to {} ({}, {}). {}; {} in progress, {} open, {} deferred, {} cancelled.",
        named(&review.project.name, &review.project.slug),
        review.since.local,
        review.now.local,
        duration(review.window_ms),
        clean(&review.project.time_zone),
        capital(&overall.told("in this time")),
        overall.in_progress,
        count(overall.blockers_open, "blocker", "blockers"),
        overall.deferred,
        overall.cancelled,
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn phases(page: &mut Page, review: &WeeklyReview) {
    let forecast = review.phases.iter().any(|it| !it.likely_date.is_empty());
    let row = |phase: &PhaseProgress| {
        let percent = phase
            .percent
            .map_or_else(String::new, |percent| format!("{percent} %"));
        let window = match phase.start_date.as_str() {
            "" => String::new(),
            start => format!("{start} to {}", phase.end_date),
        };
        let time = phase
            .time_percent
            .map_or_else(String::new, |percent| format!("{percent} %"));
        let mut row = vec![
            Line::plain(&phase.named(NAME_COLUMNS)),
            Line::plain(&phase.state()),
            Line::plain(&format!("{}/{}", phase.completed, phase.counted)),
            Line::plain(&percent),
            Line::plain(&phase.completed_in_window.to_string()),
            Line::plain(&window),
            Line::plain(&time),
        ];
        if forecast {
            row.push(Line::plain(&phase.likely_date));
        }
        row
    };
    let mut header = vec![
        "Phase",
        "State",
        "Done",
        "Percent",
        "This time",
        "Meant for",
        "Time gone",
    ];
    if forecast {
        header.push("Likely by");
    }
    let table = Table {
        header,
        right: vec![2, 3, 4, 6],
        rows: review.phases.iter().map(row).collect(),
    };
    let total = review.phases_total;
    page.table("Phases", total, table, "No phases are planned yet.");
    page.chart(progress::chart(&review.overall, &review.phases));
    page.chart(progress::chart_of_roles(&review.roles));
}

fn velocity(page: &mut Page, review: &WeeklyReview) {
    page.heading("Velocity", 0);
    let Some(this) = review.paces.last() else {
        return page.paragraph("Nothing can be told yet.");
    };
    let before = review.paces.iter().rev().nth(1);
    let before = before.map_or_else(
        || "; there is nothing before it to compare with".to_owned(),
        |before| format!("; the time before: {}", before.told()),
    );
    let overall = review
        .overall_hundredths
        .map_or_else(String::new, |rate| format!("; in all {}", decimal(rate)));
    page.paragraph(&format!("This time: {}{before}{overall}.", this.told()));
    let worked = review.paces.iter().any(|pace| pace.completed > 0);
    if review.paces.len() > 1 && worked {
        let bars = review.paces.iter().map(|pace| {
            let figure = pace
                .hundredths
                .map_or_else(String::new, |rate| format!(", {} a session", decimal(rate)));
            let figure = format!("{}{figure}", pace.completed);
            Bar::number(&until(&pace.until), pace.completed, &figure)
        });
        let title = "Tasks completed in the time up to each day";
        page.chart(Chart::numbers(title, bars.collect()));
    }
}

/// The day of a moment without its weekday.
fn until(moment: &Moment) -> String {
    let day = moment.local.split(' ').nth(1);
    day.unwrap_or_default().to_owned()
}

fn decided(change: &Change) -> Item {
    let question = clip(&change.title, CELL_COLUMNS);
    let by = clip(&change.by, 24);
    let line = format!(
        "{} {question}: {} ({by}, {})",
        clean(&change.id),
        clip(&change.detail, CELL_COLUMNS),
        progress::day(&change.at),
    );
    Item {
        line: Line::plain(&line),
        below: Vec::new(),
    }
}

fn next(next: &RoleNext) -> Item {
    let agents = match next.agents {
        0 => "nobody has this role".to_owned(),
        agents => count(agents, "agent", "agents"),
    };
    let agents = if next.role == "any" {
        String::new()
    } else {
        format!(", {agents}")
    };
    let left = next
        .ready
        .saturating_sub(u32::try_from(next.tasks.len()).unwrap_or(u32::MAX));
    let more = if left > 0 {
        format!(" and {left} more")
    } else {
        String::new()
    };
    let shown = tasks(&next.tasks, next.tasks.len());
    Item {
        line: Line::labelled(
            &clip(&next.title, NAME_COLUMNS),
            &format!("{} ready{agents}: {shown}{more}", next.ready),
        ),
        below: Vec::new(),
    }
}

fn attendee(attendee: &Attendee) -> Item {
    let named = attendee.agents.iter().take(AGENTS_NAMED);
    let mut named: Vec<String> = named.map(|agent| clip(agent, 24)).collect();
    let left = usize::try_from(attendee.agents_total)
        .unwrap_or(usize::MAX)
        .saturating_sub(named.len());
    if left > 0 {
        named.push(format!("{left} more"));
    }
    let title = clip(&attendee.title, NAME_COLUMNS);
    let line = match named.as_slice() {
        [] => title,
        named => format!("{title}: {}", named.join(", ")),
    };
    Item {
        line: Line::plain(&line),
        below: Vec::new(),
    }
}
