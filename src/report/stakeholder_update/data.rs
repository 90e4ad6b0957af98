//! The stakeholder update as data. Field names are stable; lists are cut at
//! [`LISTED_MAX`](crate::report::data::LISTED_MAX) and stand beside their totals.

use serde::{Deserialize, Serialize};

use crate::report::data::{Head, Moment, ProjectRef};
use crate::report::milestones::Milestones;
use crate::report::progress::{ForecastEnd, Overall, PhaseProgress};
use crate::report::risks::Risks;

/// The stakeholder update. One of an empty plan is a valid report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StakeholderUpdate {
    /// The project.
    pub project: ProjectRef,
    /// The start of the window, itself outside.
    pub since: Moment,
    /// The end of the window.
    pub now: Moment,
    /// The window's length in milliseconds.
    pub window_ms: u64,
    /// The project in numbers.
    pub overall: Overall,
    /// When all open work is done; none without a forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastEnd>,
    /// How far each phase is, in plan order.
    pub phases: Vec<PhaseProgress>,
    /// How many phases there are.
    pub phases_total: u32,
    /// How many of them are past their windows and not closed.
    pub phases_late: u32,
    /// Milestones.
    pub milestones: Milestones,
    /// Risks.
    pub risks: Risks,
    /// The event the report reaches up to.
    pub head: Head,
}
