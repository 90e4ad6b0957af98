//! Following a project's events by version: every later event once and in order.

use std::sync::Arc;

use super::EngineError;
use crate::plan::event::Recorded;

/// A running follow; drop it to stop.
pub struct Watch {}

impl Watch {
    /// The next events in order, at least one; waits for them.
    pub async fn next(&mut self) -> Result<Vec<Arc<Recorded>>, EngineError> {
        todo!()
    }
}
