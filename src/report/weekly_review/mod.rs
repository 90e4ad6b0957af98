//! The weekly review, for those who look at a week together: how far each phase is, how fast work goes, what
//! became of milestones, risks and decisions, what came in and was put off, and what each role gets next.

pub mod data;
pub mod render;

mod build;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::data::Head;
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::forecast::Forecast;
use crate::plan::time::Timestamp;

pub use build::build;
pub use data::WeeklyReview;

/// What the weekly review is made from.
#[derive(Debug, Clone)]
pub struct WeeklyInput<'a> {
    /// The plan as of `now`.
    pub plan: &'a Plan,
    /// The events of the window in order; older and later ones are passed over.
    pub events: &'a [Arc<Recorded>],
    /// The start of the window; what happened at this very instant belongs to the window before.
    pub since: Timestamp,
    /// The end of the window, and the instant the report is made for.
    pub now: Timestamp,
    /// A forecast of the plan as of `now`; without it nothing is at risk before its day has passed.
    pub forecast: Option<&'a Forecast>,
    /// Who attends: roles by slug, `coordinator` among them. Empty = every role that somebody has, and the
    /// coordinator.
    pub attendees: &'a [String],
    /// The newest event of the plan.
    pub head: Head,
}
