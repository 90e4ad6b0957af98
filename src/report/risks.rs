//! Risks as reports tell them: the active ones, the worst first by impact times likelihood, and what became of
//! others within a window.

use serde::{Deserialize, Serialize};

use super::data::{Moment, counted, cut};
use super::page::{Item, Line, Page};
use super::sections::CELL_COLUMNS;
use super::words::{clip, count};
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::event::{Level, RiskKind, RiskStatus};
use crate::plan::id::{BlockerId, RiskId};
use crate::plan::model::Risk;
use crate::plan::time::Timestamp;

/// A risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskLine {
    /// Its id.
    pub id: RiskId,
    /// What may happen.
    pub text: String,
    /// `technical`, `schedule` or `other`.
    pub kind: RiskKind,
    /// How much it would cost.
    pub impact: Level,
    /// How many days it would cost; of a schedule risk.
    pub impact_days: Option<u32>,
    /// How likely it is.
    pub likelihood: Level,
    /// Impact times likelihood, each from 1 (low) to 3 (high).
    pub score: u32,
    /// Where it stands.
    pub status: RiskStatus,
    /// What is done about it; empty when nobody said.
    pub mitigation: String,
    /// Who looks after it.
    pub owner: String,
    /// Since when it stands there; none while it is as it was stated.
    pub since: Option<Moment>,
    /// What was said then; empty when nothing was.
    pub note: String,
    /// The blocker that was opened when it came true.
    pub blocker: Option<BlockerId>,
}

/// The risks of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risks {
    /// Active risks, the worst first.
    pub active: Vec<RiskLine>,
    /// How many.
    pub active_total: u32,
    /// How many of them were stated within the window.
    pub active_new: u32,
    /// Risks that were mitigated, accepted, came true or were closed within the window, in the order of that.
    pub moved: Vec<RiskLine>,
    /// How many.
    pub moved_total: u32,
    /// How many of them came true.
    pub occurred: u32,
}

impl Risks {
    pub(super) fn of(plan: &Plan, zone: &Zone, since: Timestamp, now: Timestamp) -> Self {
        let within = |at: Timestamp| since < at && at <= now;
        let is_active = |risk: &&Risk| risk.status == RiskStatus::Active;
        let mut active: Vec<&Risk> = plan.risks().filter(is_active).collect();
        active.sort_by_key(|risk| (std::cmp::Reverse(score(risk)), risk.id));
        let new = active.iter().filter(|risk| within(risk.added_at));
        let active_new = counted(new.count());
        let active = active.into_iter().map(|risk| line(zone, risk));
        let (active, active_total) = cut(active.collect());
        let moved = plan.risks().filter(|risk| !is_active(risk));
        let moved = moved.filter(|risk| risk.step.as_ref().is_some_and(|step| within(step.at)));
        let mut moved: Vec<RiskLine> = moved.map(|risk| line(zone, risk)).collect();
        moved.sort_by_key(|it| (it.since.as_ref().map(|at| at.at_ms), it.id));
        let occurred = moved.iter().filter(|it| it.status == RiskStatus::Occurred);
        let occurred = counted(occurred.count());
        let (moved, moved_total) = cut(moved);
        Self {
            active,
            active_total,
            active_new,
            moved,
            moved_total,
            occurred,
        }
    }
}

fn weight(level: Level) -> u32 {
    match level {
        Level::Low => 1,
        Level::Medium => 2,
        Level::High => 3,
    }
}

fn score(risk: &Risk) -> u32 {
    weight(risk.words.impact) * weight(risk.words.likelihood)
}

fn line(zone: &Zone, risk: &Risk) -> RiskLine {
    let step = risk.step.as_ref();
    RiskLine {
        id: risk.id,
        text: risk.words.text.to_string(),
        kind: risk.words.kind,
        impact: risk.words.impact,
        impact_days: risk.words.impact_days,
        likelihood: risk.words.likelihood,
        score: score(risk),
        status: risk.status,
        mitigation: risk.words.mitigation.to_string(),
        owner: match &*risk.words.owner {
            "" => "coordinator".to_owned(),
            owner => owner.to_owned(),
        },
        since: step.map(|step| zone.moment(step.at)),
        note: step.map_or_else(String::new, |step| step.note.to_string()),
        blocker: risk.blocker,
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

/// The section of risks.
pub(super) fn section(page: &mut Page, risks: &Risks, with_ids: bool) {
    let active = |risk: &RiskLine| {
        let days = risk.impact_days.map_or_else(String::new, |days| {
            format!(" ({})", count(days, "day", "days"))
        });
        let line = format!(
            "{}: {} impact{days}, {} likelihood; {} looks after it",
            named(risk, with_ids),
            word(risk.impact),
            word(risk.likelihood),
            clip(&risk.owner, 24),
        );
        let mitigation = clip(&risk.mitigation, CELL_COLUMNS);
        let below =
            (!mitigation.is_empty()).then(|| Line::plain(&format!("mitigation: {mitigation}")));
        Item {
            line: Line::plain(&line),
            below: below.into_iter().collect(),
        }
    };
    let items = risks.active.iter().map(active).collect();
    page.list("Risks", risks.active_total, items, "No active risks.");
    let item = |risk: &RiskLine| {
        let status = risk.status.as_str();
        let note = match clip(&risk.note, CELL_COLUMNS).as_str() {
            "" => String::new(),
            note => format!(": {note}"),
        };
        let blocker = risk.blocker.filter(|_| with_ids);
        let blocker = blocker.map_or_else(String::new, |id| format!(" (see {id})"));
        Item {
            line: Line::plain(&format!(
                "{} {status}{note}{blocker}",
                named(risk, with_ids)
            )),
            below: Vec::new(),
        }
    };
    let items = risks.moved.iter().map(item).collect();
    page.part("What became of risks", risks.moved_total, items);
}

fn named(risk: &RiskLine, with_ids: bool) -> String {
    let text = clip(&risk.text, CELL_COLUMNS);
    if with_ids {
        format!("{} {text}", risk.id)
    } else {
        text
    }
}
