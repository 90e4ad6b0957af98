//! Any report as one document that can be kept: its JSON alone gives every form again, byte for byte, by the
//! release that wrote it; fields that a later release adds are passed over.

use serde::{Deserialize, Serialize};

use super::blockers::{self, BlockerReport};
use super::data::{Moment, ProjectRef};
use super::oversight::{self, OversightDigest};
use super::progress::day;
use super::sprint_review::{self, SprintReview};
use super::stakeholder_update::{self, StakeholderUpdate};
use super::standup::{self, Standup};
use super::waiting::{OpenBlocker, Staleness};
use super::weekly_review::{self, WeeklyReview};
use super::words::clip;
use crate::plan::event::{Severity, Urgency};
use crate::plan::model::BlockerStatus;

/// How wide the name of a project or a role stands in a title.
const NAME_COLUMNS: usize = 60;

/// A document that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("this is no report that this release can read; make the report anew")]
pub struct Unreadable(#[from] serde_json::Error);

/// A report of any kind. In JSON the field `kind` tells which one it is; the others are the report's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Document {
    /// A standup.
    Standup(Box<Standup>),
    /// A blocker report.
    Blockers(Box<BlockerReport>),
    /// A weekly review.
    WeeklyReview(Box<WeeklyReview>),
    /// A stakeholder update.
    StakeholderUpdate(Box<StakeholderUpdate>),
    /// A sprint review.
    SprintReview(Box<SprintReview>),
    /// An oversight digest.
    Oversight(Box<OversightDigest>),
}

impl Document {
    /// The kinds of all documents, as `kind` gives them.
    pub const KINDS: [&'static str; 6] = [
        "standup",
        "blockers",
        "weekly_review",
        "stakeholder_update",
        "sprint_review",
        "oversight",
    ];

    /// Which report it is, lower snake case, as the field of that name in its JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Standup(_) => "standup",
            Self::Blockers(_) => "blockers",
            Self::WeeklyReview(_) => "weekly_review",
            Self::StakeholderUpdate(_) => "stakeholder_update",
            Self::SprintReview(_) => "sprint_review",
            Self::Oversight(_) => "oversight",
        }
    }

    /// The project it is about.
    pub fn project(&self) -> &ProjectRef {
        match self {
            Self::Standup(report) => &report.project,
            Self::Blockers(report) => &report.project,
            Self::WeeklyReview(report) => &report.project,
            Self::StakeholderUpdate(report) => &report.project,
            Self::SprintReview(report) => &report.project,
            Self::Oversight(report) => &report.project,
        }
    }

    /// The instant it was made for.
    pub fn now(&self) -> &Moment {
        match self {
            Self::Standup(report) => &report.now,
            Self::Blockers(report) => &report.now,
            Self::WeeklyReview(report) => &report.now,
            Self::StakeholderUpdate(report) => &report.now,
            Self::SprintReview(report) => &report.now,
            Self::Oversight(report) => &report.now,
        }
    }

    /// A line that names it, such as `Standup of Shop, Tue 2026-11-24`.
    pub fn title(&self) -> String {
        let project = self.project();
        let name = match clip(&project.name, NAME_COLUMNS).as_str() {
            "" => clip(&project.slug, NAME_COLUMNS),
            name => name.to_owned(),
        };
        let what = match self {
            Self::Standup(_) => "Standup".to_owned(),
            Self::Blockers(_) => "Blockers".to_owned(),
            Self::WeeklyReview(_) => "Weekly review".to_owned(),
            Self::StakeholderUpdate(_) => "Stakeholder update".to_owned(),
            Self::SprintReview(report) => match &report.sprint {
                Some(sprint) => format!("Review of {}", sprint.id),
                None => "Sprint review".to_owned(),
            },
            Self::Oversight(report) => {
                format!("Oversight for {}", clip(&report.role_title, NAME_COLUMNS))
            }
        };
        let of = match name.as_str() {
            "" => String::new(),
            name => format!(" of {name}"),
        };
        format!("{what}{of}, {}", day(self.now()))
    }

    /// How much attention it asks for. Critical: it knows of an open critical blocker (of a standup and a
    /// blocker report: among those it lists). Warning: a blocker was escalated or is older than three days, a
    /// phase or a sprint is late, a milestone was missed or is at risk, the forecast is behind the target, a
    /// risk came true, a task is parked or a workflow overdue, an agent is silent although it holds a task.
    pub fn urgency(&self) -> Urgency {
        let (critical, warning) = match self {
            Self::Standup(report) => (
                is_critical(&report.blockers),
                report.late_total > 0
                    || waits_too_long(&report.blockers)
                    || report.silent.iter().any(|it| !it.holds.is_empty())
                    || report.workflows.iter().any(|run| run.overdue)
                    || report.sprint.as_ref().is_some_and(|it| it.days_left == 0),
            ),
            Self::Blockers(report) => (
                is_critical(&report.blockers),
                report.parked_total > 0
                    || report.overdue_total > 0
                    || waits_too_long(&report.blockers),
            ),
            Self::WeeklyReview(report) => (
                report.overall.blockers_critical > 0,
                report.phases_late > 0
                    || report.milestones.worry()
                    || report.risks.occurred > 0
                    || report.forecast.as_ref().is_some_and(|it| it.at_risk),
            ),
            Self::StakeholderUpdate(report) => (
                report.overall.blockers_critical > 0,
                report.phases_late > 0
                    || report.milestones.worry()
                    || report.risks.occurred > 0
                    || report.forecast.as_ref().is_some_and(|it| it.at_risk),
            ),
            Self::SprintReview(report) => (
                report.blockers_critical > 0,
                report.sprint.as_ref().is_some_and(|it| it.overdue),
            ),
            Self::Oversight(report) => (
                report.blocker_ages.critical > 0,
                report.blocker_ages.escalated > 0
                    || report.blocker_ages.over_3d > 0
                    || report.failing.iter().any(|it| it.parked)
                    || report.silent.iter().any(|it| !it.holds.is_empty()),
            ),
        };
        match (critical, warning) {
            (true, _) => Urgency::Critical,
            (false, true) => Urgency::Warning,
            (false, false) => Urgency::Info,
        }
    }

    /// As GitHub-flavoured markdown.
    pub fn markdown(&self) -> String {
        match self {
            Self::Standup(report) => standup::render::markdown(report),
            Self::Blockers(report) => blockers::render::markdown(report),
            Self::WeeklyReview(report) => weekly_review::render::markdown(report),
            Self::StakeholderUpdate(report) => stakeholder_update::render::markdown(report),
            Self::SprintReview(report) => sprint_review::render::markdown(report),
            Self::Oversight(report) => oversight::render::markdown(report),
        }
    }

    /// As plain aligned text of at most `columns` (at least 40).
    pub fn text(&self, columns: usize) -> String {
        match self {
            Self::Standup(report) => standup::render::text(report, columns),
            Self::Blockers(report) => blockers::render::text(report, columns),
            Self::WeeklyReview(report) => weekly_review::render::text(report, columns),
            Self::StakeholderUpdate(report) => stakeholder_update::render::text(report, columns),
            Self::SprintReview(report) => sprint_review::render::text(report, columns),
            Self::Oversight(report) => oversight::render::text(report, columns),
        }
    }

    /// As a fragment of HTML: one `<section>` that stands for itself, everything in it escaped.
    pub fn html(&self) -> String {
        match self {
            Self::Standup(report) => standup::render::html(report),
            Self::Blockers(report) => blockers::render::html(report),
            Self::WeeklyReview(report) => weekly_review::render::html(report),
            Self::StakeholderUpdate(report) => stakeholder_update::render::html(report),
            Self::SprintReview(report) => sprint_review::render::html(report),
            Self::Oversight(report) => oversight::render::html(report),
        }
    }

    /// As JSON, from which [`Self::from_json`] makes the same document again.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a report is texts, numbers and lists of them")
    }

    /// The document that was written so.
    ///
    /// # Errors
    /// What is no report, or one of a release that knows other kinds of things.
    pub fn from_json(json: &str) -> Result<Self, Unreadable> {
        Ok(serde_json::from_str(json)?)
    }
}

fn is_critical(blockers: &[OpenBlocker]) -> bool {
    blockers.iter().any(|it| it.severity == Severity::Critical)
}

fn waits_too_long(blockers: &[OpenBlocker]) -> bool {
    let mut blockers = blockers.iter();
    blockers.any(|it| it.status == BlockerStatus::Escalated || it.staleness == Staleness::VeryStale)
}

macro_rules! documents {
    ($($report:ident => $variant:ident),+ $(,)?) => {
        $(impl From<$report> for Document {
            fn from(report: $report) -> Self {
                Self::$variant(Box::new(report))
            }
        })+
    };
}

documents! {
    Standup => Standup,
    BlockerReport => Blockers,
    WeeklyReview => WeeklyReview,
    StakeholderUpdate => StakeholderUpdate,
    SprintReview => SprintReview,
    OversightDigest => Oversight,
}

#[cfg(test)]
mod tests;
