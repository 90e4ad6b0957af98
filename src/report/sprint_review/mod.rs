//! The sprint review: what a sprint was for and what it came to, how its scope changed, how fast it went beside
//! those before, and facts for looking back. Without a sprint it is a valid report that says so.

pub mod data;
pub mod render;

mod build;

#[cfg(test)]
mod tests;

use super::data::Head;
use crate::plan::Plan;
use crate::plan::id::SprintId;
use crate::plan::time::Timestamp;

pub use build::build;
pub use data::SprintReview;

/// What the sprint review is made from. All it tells stands in the plan, so no events are asked for.
#[derive(Debug, Clone)]
pub struct SprintReviewInput<'a> {
    /// The plan as of `now`.
    pub plan: &'a Plan,
    /// The sprint; none = the one that was closed last, else the active one, else the next.
    pub sprint: Option<SprintId>,
    /// The instant the report is made for.
    pub now: Timestamp,
    /// The newest event of the plan.
    pub head: Head,
}
