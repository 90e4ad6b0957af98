//! The standup: what each role did since the last one, what it does now and what it can do next, and
//! what the coordinator has to look at, all from the log. A day without events gives a valid report.

pub mod data;
pub mod render;

mod build;
mod changes;
mod edits;
mod entries;
mod registers;
mod roles;
mod sentence;
mod silence;
mod underway;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::data::Head;
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::id::TaskId;
use crate::plan::time::Timestamp;

pub use build::build;
pub use data::Standup;
pub(super) use silence::silent;

pub(super) use build::View;
pub(super) use changes::changes;

/// What the standup is made from.
#[derive(Debug, Clone)]
pub struct StandupInput<'a> {
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
    /// The newest event of the plan.
    pub head: Head,
}

/// What is known of live leases beside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeatFacts {
    /// When this was known.
    pub at: Timestamp,
    /// By lease.
    pub leases: Vec<BeatFact>,
}

/// What is known of one live lease beside the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeatFact {
    /// The task.
    pub task: TaskId,
    /// The last sign of life of its holder.
    pub last_beat: Timestamp,
    /// How long the lease runs on, in milliseconds.
    pub remaining_ms: u64,
}
