//! Milestones as reports tell them: what was reached or missed within a window, what lies ahead, and what of
//! that is at risk because its day has passed or a forecast says that it will.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::data::{Moment, counted, cut, zone_of};
use super::dates::is_overdue;
use super::page::{Item, Line, Page};
use super::progress::{Dates, day};
use super::sections::CELL_COLUMNS;
use super::words::clip;
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::event::MilestoneKind;
use crate::plan::forecast::Forecast;
use crate::plan::id::MilestoneId;
use crate::plan::model::{Milestone, MilestoneStatus};
use crate::plan::time::Timestamp;

/// A milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneLine {
    /// Its id.
    pub id: MilestoneId,
    /// Its name.
    pub name: String,
    /// `ordinary` or `launch`.
    pub kind: MilestoneKind,
    /// When it is due; empty when nothing is said.
    pub due_date: String,
    /// When it was reached or missed; none while it is ahead.
    pub settled: Option<Moment>,
    /// What was said then; empty when nothing was.
    pub note: String,
    /// The day on which it is reached in 85 of 100 runs of a forecast; empty when nobody can tell.
    pub likely_date: String,
    /// It is ahead although its day has passed.
    pub overdue: bool,
}

/// The milestones of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestones {
    /// How many there are.
    pub total: u32,
    /// How many were ever reached.
    pub reached_ever: u32,
    /// Reached within the window, in the order of that.
    pub reached: Vec<MilestoneLine>,
    /// How many.
    pub reached_total: u32,
    /// Missed within the window, in the order of that.
    pub missed: Vec<MilestoneLine>,
    /// How many.
    pub missed_total: u32,
    /// Ahead and at risk, by day.
    pub at_risk: Vec<MilestoneLine>,
    /// How many.
    pub at_risk_total: u32,
    /// Ahead and not at risk, by day; those without one last.
    pub ahead: Vec<MilestoneLine>,
    /// How many.
    pub ahead_total: u32,
}

/// The milestones ahead that are at risk, by day: their day has passed, or a forecast reaches them too late.
pub fn at_risk(plan: &Plan, now: Timestamp, forecast: Option<&Forecast>) -> Vec<MilestoneLine> {
    Milestones::of(plan, &zone_of(plan), now, now, forecast).at_risk
}

/// Those that a forecast reaches on their very day, by day: the next forecast may say otherwise.
pub(super) fn on_the_edge(plan: &Plan, now: Timestamp, forecast: &Forecast) -> Vec<MilestoneLine> {
    let found = Milestones::of(plan, &zone_of(plan), now, now, Some(forecast));
    let ahead = found.ahead.into_iter();
    ahead
        .filter(|line| !line.due_date.is_empty() && line.likely_date == line.due_date)
        .collect()
}

impl Milestones {
    pub(super) fn of(
        plan: &Plan,
        zone: &Zone,
        since: Timestamp,
        now: Timestamp,
        forecast: Option<&Forecast>,
    ) -> Self {
        let dates = Dates::of(plan, zone, now);
        let likely: BTreeMap<MilestoneId, Timestamp> = forecast
            .map_or(&[] as &[_], |forecast| &forecast.milestones)
            .iter()
            .map(|(id, likely)| (*id, dates.after(likely.p85)))
            .collect();
        let mut found = Self {
            total: counted(plan.milestones().count()),
            ..Self::default()
        };
        for milestone in plan.milestones() {
            let settled = milestone.settled.as_ref().map(|settled| settled.at);
            let within = settled.is_some_and(|at| since < at && at <= now);
            let mut line = line(plan, zone, milestone);
            match milestone.status {
                MilestoneStatus::Reached => {
                    found.reached_ever += 1;
                    if within {
                        found.reached.push(line);
                    }
                }
                MilestoneStatus::Missed if within => found.missed.push(line),
                MilestoneStatus::Missed => {}
                MilestoneStatus::Pending => {
                    let at = likely.get(&milestone.id).copied();
                    let due = plan.due_day(milestone);
                    let too_late = at
                        .zip(due)
                        .is_some_and(|(at, due)| dates.calendar.is_after(at, due));
                    line.likely_date = at.map_or_else(String::new, |at| zone.day(at).to_string());
                    line.overdue = is_overdue(plan, milestone, now);
                    if line.overdue || too_late {
                        found.at_risk.push(line);
                    } else {
                        found.ahead.push(line);
                    }
                }
            }
        }
        let settled_at = |it: &MilestoneLine| it.settled.as_ref().map(|at| at.at_ms);
        found.reached.sort_by_key(settled_at);
        found.missed.sort_by_key(settled_at);
        for ahead in [&mut found.at_risk, &mut found.ahead] {
            ahead.sort_by_key(|it| (it.due_date.is_empty(), it.due_date.clone(), it.id));
        }
        found.cut()
    }

    fn cut(self) -> Self {
        let (reached, reached_total) = cut(self.reached);
        let (missed, missed_total) = cut(self.missed);
        let (at_risk, at_risk_total) = cut(self.at_risk);
        let (ahead, ahead_total) = cut(self.ahead);
        Self {
            reached,
            reached_total,
            missed,
            missed_total,
            at_risk,
            at_risk_total,
            ahead,
            ahead_total,
            ..self
        }
    }

    /// Whether one was missed, or is at risk.
    pub(super) fn worry(&self) -> bool {
        self.missed_total > 0 || self.at_risk_total > 0
    }
}

fn line(plan: &Plan, zone: &Zone, milestone: &Milestone) -> MilestoneLine {
    let due = plan.due_day(milestone);
    let settled = milestone.settled.as_ref();
    MilestoneLine {
        id: milestone.id,
        name: milestone.name.to_string(),
        kind: milestone.kind,
        due_date: due.map_or_else(String::new, |day| day.to_string()),
        settled: settled.map(|settled| zone.moment(settled.at)),
        note: settled.map_or_else(String::new, |settled| settled.note.to_string()),
        likely_date: String::new(),
        overdue: false,
    }
}

/// The section of milestones.
pub(super) fn section(page: &mut Page, milestones: &Milestones, with_ids: bool) {
    page.heading("Milestones", milestones.total);
    if milestones.total == 0 {
        return page.paragraph("No milestones are stated.");
    }
    page.paragraph(&format!(
        "{} of {} reached.",
        milestones.reached_ever, milestones.total
    ));
    let parts = [
        ("Reached", &milestones.reached, milestones.reached_total),
        ("Missed", &milestones.missed, milestones.missed_total),
        ("At risk", &milestones.at_risk, milestones.at_risk_total),
        ("Ahead", &milestones.ahead, milestones.ahead_total),
    ];
    for (heading, lines, total) in parts {
        let items = lines.iter().map(|line| item(line, with_ids));
        page.part(heading, total, items.collect());
    }
}

fn item(line: &MilestoneLine, with_ids: bool) -> Item {
    let id = if with_ids {
        format!("{} ", line.id)
    } else {
        String::new()
    };
    let launch = match line.kind {
        MilestoneKind::Launch => " (launch)",
        MilestoneKind::Ordinary => "",
    };
    let mut said: Vec<String> = Vec::new();
    if let Some(at) = &line.settled {
        said.push(format!("on {}", day(at)));
    }
    match (line.due_date.as_str(), line.overdue) {
        ("", _) if line.settled.is_none() => said.push("no day is set".to_owned()),
        ("", _) => {}
        (due, true) => said.push(format!("was due on {due} and is not reached")),
        (due, false) => said.push(format!("due on {due}")),
    }
    if !line.likely_date.is_empty() {
        said.push(format!("likely by {}", line.likely_date));
    }
    let note = clip(&line.note, CELL_COLUMNS);
    if !note.is_empty() {
        said.push(note);
    }
    let name = clip(&line.name, CELL_COLUMNS);
    Item {
        line: Line::plain(&format!("{id}{name}{launch}: {}", said.join(", "))),
        below: Vec::new(),
    }
}
