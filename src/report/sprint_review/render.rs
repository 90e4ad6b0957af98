//! The sprint review laid out for people. What is long is cut here and nowhere else; the data keeps it.

use super::data::{
    EstimateAccuracy, EstimatedTask, ScopeStep, SprintBlocker, SprintFacts, SprintReview,
    SprintRow, WithdrawnTask,
};
use crate::plan::model::SprintStatus;
use crate::report::chart::{Bar, BurndownEnd, Chart};
use crate::report::data::TaskRef;
use crate::report::page::{Item, Line, Page, Table};
use crate::report::progress::{decimal, rate};
use crate::report::sections::{CELL_COLUMNS, head, named, task, tasks};
use crate::report::standup::render::standing;
use crate::report::words::{clean, clip, count, duration};
use crate::report::{html, markdown, text};

const TASKS_NAMED: usize = 5;
const MINUTE_MS: u64 = 60_000;

/// The sprint review as GitHub-flavoured markdown.
pub fn markdown(review: &SprintReview) -> String {
    markdown::markdown(&page(review))
}

/// The sprint review as plain aligned text of at most `width` columns (at least 40).
pub fn text(review: &SprintReview, width: usize) -> String {
    text::text(&page(review), width)
}

/// The sprint review as a fragment of HTML: one `<section>` that stands for itself.
pub fn html(review: &SprintReview) -> String {
    html::html(&page(review))
}

fn page(review: &SprintReview) -> Page {
    let mut page = Page::default();
    let of = review.sprint.as_ref();
    let of = of.map_or_else(String::new, |sprint| format!(" of {}", sprint.id));
    page.title(&format!("Sprint review{of} {}", review.now.local));
    match &review.sprint {
        Some(sprint) => {
            page.paragraph(&summary(review, sprint));
            if let Some(note) = standing(&review.project) {
                page.paragraph(&note);
            }
            facts(&mut page, sprint);
        }
        None => {
            page.paragraph(&format!(
                "{}, {}: no sprint was planned yet.",
                named(&review.project.name, &review.project.slug),
                clean(&review.project.time_zone)
            ));
        }
    }
    history(&mut page, review);
    page.footer(vec![head(&review.head)]);
    page
}

fn summary(review: &SprintReview, sprint: &SprintFacts) -> String {
    let goal = match clip(&sprint.goal, CELL_COLUMNS).as_str() {
        "" => "no goal was stated".to_owned(),
        goal => goal.to_owned(),
    };
    let stands = match (sprint.status, &sprint.closed_at) {
        (SprintStatus::Planned, _) => "It is planned; nothing is committed yet.".to_owned(),
        (SprintStatus::Withdrawn, _) => "It does not take place.".to_owned(),
        (_, Some(at)) => format!("It was closed on {}.", at.local),
        (_, None) if sprint.overdue => "Its last day has passed and it is not closed.".to_owned(),
        (_, None) => "It is under way.".to_owned(),
    };
    format!(
        "{}, {}: sprint {} from {} to {}. Goal: {goal}. {stands}",
        named(&review.project.name, &review.project.slug),
        clean(&review.project.time_zone),
        sprint.id,
        sprint.start_date,
        sprint.end_date,
    )
}

fn facts(page: &mut Page, sprint: &SprintFacts) {
    result(page, sprint);
    let days = sprint.burndown.iter().map(|end| BurndownEnd {
        day: end.day.clone(),
        open: end.open,
    });
    page.chart(Chart::burndown(
        "Burndown: open tasks at the end of each day",
        days.collect(),
        sprint.planned_days,
        &sprint.end_date,
    ));
    tasks_of(page, "Completed", &sprint.completed, sprint.completed_total);
    let over = match (sprint.status, sprint.carried_to) {
        (SprintStatus::Closed, Some(next)) => format!("Carried over to {next}"),
        (SprintStatus::Closed, None) => "Left over".to_owned(),
        (SprintStatus::Planned, _) => "Meant for it".to_owned(),
        (SprintStatus::Active | SprintStatus::Withdrawn, _) => "Open".to_owned(),
    };
    let total = sprint.carried_over_total;
    tasks_of(page, &over, &sprint.carried_over, total);
    let items = sprint.withdrawn.iter().map(withdrawn);
    let total = sprint.withdrawn_total;
    page.part("Withdrawn", total, items.collect());
    if sprint.committed_at.is_none() {
        return;
    }
    let items = sprint.scope_changes.iter().map(scope).collect();
    let total = sprint.scope_changes_total;
    page.list("Scope changes", total, items, "The scope never changed.");
    let items = sprint.blockers.iter().map(blocker).collect();
    let total = sprint.blockers_total;
    page.list("What held it up", total, items, "Nothing was blocked.");
    estimates(page, &sprint.estimates);
}

fn result(page: &mut Page, sprint: &SprintFacts) {
    page.heading("Result", 0);
    if sprint.committed_at.is_none() {
        let meant = count(sprint.tasks_total, "task is", "tasks are");
        return page.paragraph(&format!("{meant} meant for it so far."));
    }
    let percent = sprint
        .completion_percent
        .map_or_else(String::new, |percent| format!(" ({percent} %)"));
    page.paragraph(&format!(
        "{} committed, {}/{} completed{percent}, {} {}, {} withdrawn; {}.",
        sprint.committed,
        sprint.completed_total,
        sprint.tasks_total,
        sprint.carried_over_total,
        match sprint.closed_at {
            Some(_) => "not finished",
            None => "open",
        },
        sprint.withdrawn_total,
        rate(sprint.hundredths, sprint.completed_total, sprint.sessions),
    ));
    if !sprint.warning.is_empty() {
        let warning = clip(&sprint.warning, 2 * CELL_COLUMNS);
        page.paragraph(&format!("At the commitment: {warning}."));
    }
}

fn tasks_of(page: &mut Page, heading: &str, listed: &[TaskRef], total: u32) {
    let items = listed.iter().map(|it| Item {
        line: Line::plain(&task(it)),
        below: Vec::new(),
    });
    page.part(heading, total, items.collect());
}

fn withdrawn(withdrawn: &WithdrawnTask) -> Item {
    let how = withdrawn.how.replace('_', " ");
    let reason = match clip(&withdrawn.reason, CELL_COLUMNS).as_str() {
        "" => String::new(),
        reason => format!(": {reason}"),
    };
    Item {
        line: Line::plain(&format!("{} {how}{reason}", task(&withdrawn.task))),
        below: Vec::new(),
    }
}

fn scope(step: &ScopeStep) -> Item {
    let mut said = Vec::new();
    for (word, listed, total) in [
        ("in", &step.added, step.added_total),
        ("out", &step.removed, step.removed_total),
    ] {
        if total > 0 {
            said.push(format!("{word}: {}", tasks(listed, TASKS_NAMED)));
        }
    }
    let reason = match clip(&step.reason, CELL_COLUMNS).as_str() {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    Item {
        line: Line::plain(&format!(
            "{}, {}: {}{reason}",
            step.at.local,
            clip(&step.by, 24),
            said.join("; ")
        )),
        below: Vec::new(),
    }
}

fn blocker(blocker: &SprintBlocker) -> Item {
    let state = match &blocker.settled {
        Some(_) => "for",
        None => "open for",
    };
    let line = format!(
        "{} {}: {state} {}, {}",
        blocker.id,
        clip(&blocker.reason, CELL_COLUMNS),
        duration(blocker.duration_ms),
        tasks(&blocker.tasks, TASKS_NAMED),
    );
    let resolution = clip(&blocker.resolution, CELL_COLUMNS);
    let below = (!resolution.is_empty()).then(|| Line::plain(&format!("settled: {resolution}")));
    Item {
        line: Line::plain(&line),
        below: below.into_iter().collect(),
    }
}

fn estimates(page: &mut Page, estimates: &EstimateAccuracy) {
    page.heading("Estimates", 0);
    let Some(percent) = estimates.percent else {
        return page.paragraph("No completed task had an estimate.");
    };
    let minutes = |minutes: u64| duration(minutes.saturating_mul(MINUTE_MS));
    page.paragraph(&format!(
        "{} took {} where {} was estimated: {percent} %.",
        count(estimates.tasks, "task", "tasks"),
        minutes(estimates.actual_minutes),
        minutes(estimates.estimated_minutes),
    ));
    let item = |it: &EstimatedTask| Item {
        line: Line::plain(&format!(
            "{}: {} instead of {}",
            task(&it.task),
            minutes(it.actual_minutes),
            minutes(it.estimated_minutes)
        )),
        below: Vec::new(),
    };
    if !estimates.furthest.is_empty() {
        page.subheading("Furthest off");
        page.lines(estimates.furthest.iter().map(item).collect());
    }
}

fn history(page: &mut Page, review: &SprintReview) {
    let number = |number: Option<u32>| number.map_or_else(String::new, |it| it.to_string());
    let row = |row: &SprintRow| {
        let velocity = row
            .hundredths
            .map_or_else(|| clip(&row.velocity_text, 24), decimal);
        vec![
            Line::clipped(&row.sprint, 24),
            Line::clipped(&row.dates, 32),
            Line::clipped(&row.goal, CELL_COLUMNS),
            Line::plain(&number(row.committed)),
            Line::plain(&number(row.completed)),
            Line::plain(&velocity),
        ]
    };
    let table = Table {
        header: vec![
            "Sprint",
            "Days",
            "Goal",
            "Committed",
            "Completed",
            "Tasks a session",
        ],
        right: vec![3, 4, 5],
        rows: review.history.iter().map(row).collect(),
    };
    let total = review.history_total;
    page.table(
        "Sprints that are over",
        total,
        table,
        "No sprint is over yet.",
    );
    let known = review.history.iter().filter_map(|row| {
        let completed = row.completed?;
        let rate = row
            .hundredths
            .map_or_else(String::new, |rate| format!(", {} a session", decimal(rate)));
        let figure = format!("{completed}{rate}");
        Some(Bar::number(&row.sprint, completed, &figure))
    });
    let bars: Vec<Bar> = known.collect();
    if bars.len() > 1 {
        page.chart(Chart::numbers("Tasks completed by sprint", bars));
    }
}
