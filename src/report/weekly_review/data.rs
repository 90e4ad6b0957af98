//! The weekly review as data. Field names are stable; lists are cut at
//! [`LISTED_MAX`](crate::report::data::LISTED_MAX) and stand beside their totals.

use serde::{Deserialize, Serialize};

use crate::report::data::{Head, Moment, ProjectRef, TaskRef};
use crate::report::marks::Marks;
use crate::report::milestones::Milestones;
use crate::report::progress::{ForecastEnd, Overall, Pace, PhaseProgress, RoleProgress};
use crate::report::risks::Risks;
use crate::report::sprint::SprintProgress;
use crate::report::standup::data::{Change, Changes};
use crate::report::waiting::OpenDecision;

/// The weekly review. One of an empty week is a valid report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyReview {
    /// The project.
    pub project: ProjectRef,
    /// The start of the window, itself outside.
    pub since: Moment,
    /// The end of the window.
    pub now: Moment,
    /// The window's length in milliseconds.
    pub window_ms: u64,
    /// Who attends.
    pub attendees: Vec<Attendee>,
    /// How many roles do.
    pub attendees_total: u32,
    /// The project in numbers.
    pub overall: Overall,
    /// How far the active sprint is; none when none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint: Option<SprintProgress>,
    /// When all open work is done; none without a forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastEnd>,
    /// How far each phase is, in plan order.
    pub phases: Vec<PhaseProgress>,
    /// How many phases there are.
    pub phases_total: u32,
    /// How many of them are past their windows and not closed.
    pub phases_late: u32,
    /// How far the tasks of each role are that has some, in the order of the catalogue.
    pub roles: Vec<RoleProgress>,
    /// How many roles have some.
    pub roles_total: u32,
    /// What got done in this window and in those of the same length before, the oldest first, at most six.
    pub paces: Vec<Pace>,
    /// Tasks a session over the whole project, in hundredths; none when no session was used.
    pub overall_hundredths: Option<u32>,
    /// Milestones.
    pub milestones: Milestones,
    /// Risks.
    pub risks: Risks,
    /// What people should know, as the plan holds it.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
    /// Decisions made within the window, in the order of that.
    pub decided: Vec<Change>,
    /// How many.
    pub decided_total: u32,
    /// Open decisions, the oldest first.
    pub decisions: Vec<OpenDecision>,
    /// How many.
    pub decisions_total: u32,
    /// What came into the plan, was put off, given up or is planned again, by kind.
    pub scope: Vec<Changes>,
    /// What each role gets next.
    pub next: Vec<RoleNext>,
    /// How many roles have something ready.
    pub next_total: u32,
    /// The event the report reaches up to.
    pub head: Head,
}

/// A role at the review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// The role's slug.
    pub role: String,
    /// The role's name for people.
    pub title: String,
    /// The registered agents that have it, by name; none of the coordinator.
    pub agents: Vec<String>,
    /// How many.
    pub agents_total: u32,
}

/// What a role gets next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleNext {
    /// The role's slug; `any` for tasks that any role may take.
    pub role: String,
    /// The role's name for people.
    pub title: String,
    /// Ready tasks that fall to it.
    pub ready: u32,
    /// The first of these, in the order they would be handed out, at most 5.
    pub tasks: Vec<TaskRef>,
    /// Registered agents of the role.
    pub agents: u32,
}
