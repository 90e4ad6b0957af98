//! The marks that a plan holds, as reports tell them: of what stood at a version, whenever that is told.

use serde::{Deserialize, Serialize};

use super::data::{Moment, counted, cut};
use super::page::{Item, Line, Page};
use super::sections::{CELL_COLUMNS, commands};
use super::words::clip;
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::event::MarkKind;
use crate::plan::model::MARKS_MAX;

/// A mark as reports list it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkLine {
    /// `lease_ending`, `over_estimate`, `phase_late`, `milestone_at_risk`, `agent_silent` or `discovered_growing`.
    pub kind: MarkKind,
    /// The task, phase, milestone or agent, by id; `discovered` for the queue.
    pub subject: String,
    /// The task's title, or the phase's or milestone's name; empty for others.
    pub title: String,
    /// What it is, in a few words.
    pub told: String,
    /// What there is to say, in a line.
    pub detail: String,
    /// Since when.
    pub since: Moment,
    /// The command line that helps, without the program's name.
    pub command: String,
}

/// The marks that a plan holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// By kind and subject.
    pub items: Vec<MarkLine>,
    /// How many.
    pub total: u32,
}

impl Marks {
    pub(super) fn of(plan: &Plan, zone: &Zone) -> Self {
        let lines = plan.marks().map(|mark| MarkLine {
            kind: mark.kind,
            subject: mark.subject.to_string(),
            title: title(plan, mark.kind, &mark.subject),
            told: mark.told(),
            detail: mark.detail.to_string(),
            since: zone.moment(mark.since),
            command: mark.command(),
        });
        let (items, total) = cut(lines.collect());
        Self { items, total }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.total == 0
    }
}

fn title(plan: &Plan, kind: MarkKind, subject: &str) -> String {
    let title = match kind {
        MarkKind::LeaseEnding | MarkKind::OverEstimate => {
            subject.parse().ok().map(|id| plan.title(id))
        }
        MarkKind::PhaseLate => {
            let no = plan.resolve_phase(subject).ok();
            no.and_then(|no| plan.phase(no)).map(|phase| &*phase.name)
        }
        MarkKind::MilestoneAtRisk => {
            let id = subject.parse().ok();
            id.and_then(|id| plan.milestone(id)).map(|it| &*it.name)
        }
        MarkKind::AgentSilent | MarkKind::DiscoveredGrowing => None,
    };
    title.unwrap_or_default().to_owned()
}

/// The section of marks; nothing where there are none.
pub(super) fn section(page: &mut Page, marks: &Marks) {
    if marks.is_empty() {
        return;
    }
    let items = marks.items.iter().map(item).collect();
    page.list("Marks", marks.total, items, "");
    if marks.total >= counted(MARKS_MAX) {
        page.paragraph(&format!(
            "No more than {MARKS_MAX} marks stand at one time; there may be more to know."
        ));
    }
}

fn item(line: &MarkLine) -> Item {
    let mut text = clip(&line.told, CELL_COLUMNS);
    let title = clip(&line.title, CELL_COLUMNS);
    if !title.is_empty() {
        text.push_str(&format!(" ({title})"));
    }
    let detail = clip(&line.detail, CELL_COLUMNS);
    if !detail.is_empty() {
        text.push_str(&format!(": {detail}"));
    }
    Item {
        line: Line::plain(&format!("{text}; since {}", line.since.local)),
        below: commands([line.command.as_str()]),
    }
}
