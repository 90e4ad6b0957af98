//! The oversight digest, for those who answer for a project: what needs the word of one role now, what was
//! decided, waived and revoked by whom, and what lies still, fails again and again or waits too long.

pub mod data;
pub mod render;

mod acts;
mod build;
mod needs;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::data::Head;
use super::standup::BeatFacts;
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::time::Timestamp;

pub use build::build;
pub use data::OversightDigest;

/// What the oversight digest is made from.
#[derive(Debug, Clone)]
pub struct OversightInput<'a> {
    /// The plan as of `now`.
    pub plan: &'a Plan,
    /// The events of the window in order; older and later ones are passed over.
    pub events: &'a [Arc<Recorded>],
    /// The start of the window; what happened at this very instant belongs to the window before.
    pub since: Timestamp,
    /// The end of the window, and the instant the report is made for.
    pub now: Timestamp,
    /// What is known of live leases beside the log; without it silence is judged by the log alone.
    pub beats: Option<BeatFacts>,
    /// Whom it is for: a role by slug or another word for it; empty = the coordinator.
    pub role: &'a str,
    /// The newest event of the plan.
    pub head: Head,
}
