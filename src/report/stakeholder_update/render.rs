//! The stakeholder update laid out for people. What is long is cut here and nowhere else; the data keeps it.

use super::StakeholderUpdate;
use crate::report::page::Page;
use crate::report::progress;
use crate::report::sections::{CELL_COLUMNS, head};
use crate::report::standup::render::standing;
use crate::report::words::{clip, count};
use crate::report::{html, markdown, milestones, risks, text};

/// The stakeholder update as GitHub-flavoured markdown.
pub fn markdown(update: &StakeholderUpdate) -> String {
    markdown::markdown(&page(update))
}

/// The stakeholder update as plain aligned text of at most `width` columns (at least 40).
pub fn text(update: &StakeholderUpdate, width: usize) -> String {
    text::text(&page(update), width)
}

/// The stakeholder update as a fragment of HTML: one `<section>` that stands for itself.
pub fn html(update: &StakeholderUpdate) -> String {
    html::html(&page(update))
}

fn page(update: &StakeholderUpdate) -> Page {
    let mut page = Page::default();
    let name = match clip(&update.project.name, CELL_COLUMNS).as_str() {
        "" => clip(&update.project.slug, CELL_COLUMNS),
        name => name.to_owned(),
    };
    let day = progress::day(&update.now);
    page.title(format!("{name}: update of {day}").trim_start_matches(": "));
    page.paragraph(&summary(update));
    if let Some(note) = standing(&update.project) {
        page.paragraph(&note);
    }
    page.chart(progress::chart(&update.overall, &update.phases));
    milestones::section(&mut page, &update.milestones, false);
    risks::section(&mut page, &update.risks, false);
    page.footer(vec![head(&update.head)]);
    page
}

fn summary(update: &StakeholderUpdate) -> String {
    let overall = &update.overall;
    let since = format!("since {}", progress::day(&update.since));
    let mut said = vec![format!("Progress: {}.", overall.told(&since))];
    if update.phases_late > 0 {
        let late = count(update.phases_late, "phase is", "phases are");
        said.push(format!("{late} late."));
    }
    if overall.blockers_critical > 0 {
        let critical = count(
            overall.blockers_critical,
            "critical problem holds work up",
            "critical problems hold work up",
        );
        said.push(format!("{critical}."));
    }
    said.extend(update.forecast.as_ref().map(|forecast| forecast.told()));
    said.join(" ")
}
