//! The stakeholder update, for those who ask what a project comes to and not how: how far it is, when it will
//! be done, its milestones and its risks. No id stands in the way.

pub mod data;
pub mod render;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::data::{Head, ProjectRef, counted, cut, zone_of};
use super::milestones::Milestones;
use super::progress::{ForecastEnd, Overall, done_by_phase, phases};
use super::risks::Risks;
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::forecast::Forecast;
use crate::plan::time::Timestamp;

pub use data::StakeholderUpdate;

/// What the stakeholder update is made from.
#[derive(Debug, Clone)]
pub struct StakeholderInput<'a> {
    /// The plan as of `now`.
    pub plan: &'a Plan,
    /// The events of the window; what this report tells stands in the plan, so none is looked at today.
    pub events: &'a [Arc<Recorded>],
    /// The start of the window; what happened at this very instant belongs to the window before.
    pub since: Timestamp,
    /// The end of the window, and the instant the report is made for.
    pub now: Timestamp,
    /// A forecast of the plan as of `now`; without it nothing is at risk before its day has passed.
    pub forecast: Option<&'a Forecast>,
    /// The newest event of the plan.
    pub head: Head,
}

/// Makes the stakeholder update.
pub fn build(input: StakeholderInput<'_>) -> StakeholderUpdate {
    let StakeholderInput {
        plan,
        events: _,
        since,
        now,
        forecast,
        head,
    } = input;
    let zone = zone_of(plan);
    let done = done_by_phase(plan, since, now);
    let phases = phases(plan, &zone, now, &done, forecast);
    let phases_late = counted(phases.iter().filter(|phase| phase.is_late()).count());
    let (phases, phases_total) = cut(phases);
    StakeholderUpdate {
        project: ProjectRef::new(plan, &zone),
        since: zone.moment(since),
        now: zone.moment(now),
        window_ms: now.since_ms(since),
        overall: Overall::of(plan, &done),
        forecast: ForecastEnd::of(plan, &zone, now, forecast),
        phases,
        phases_total,
        phases_late,
        milestones: Milestones::of(plan, &zone, since, now, forecast),
        risks: Risks::of(plan, &zone, since, now),
        head,
    }
}
