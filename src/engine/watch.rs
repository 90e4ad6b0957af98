//! Following a project's events by version: every later event once and in order. A slow watcher reads
//! history again instead of queueing, so that it costs the daemon nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use super::EngineError;
use super::board::{Board, Moved};
use super::history;
use super::shared::Shared;
use crate::plan::event::Recorded;

/// At most so many events come at once.
const PAGE_EVENTS: usize = 250;

/// A running follow; drop it to stop.
pub struct Watch {
    shared: Arc<Shared>,
    board: Arc<Board>,
    moves: watch::Receiver<Moved>,
    after: u64,
    _seat: Seat,
}

impl Watch {
    pub(super) fn new(
        shared: &Arc<Shared>,
        project: &str,
        after: u64,
    ) -> Result<Self, EngineError> {
        if shared.is_draining() {
            return Err(EngineError::Draining);
        }
        let board = shared.known(project)?;
        let seat = Seat::take(shared)?;
        Ok(Self {
            shared: Arc::clone(shared),
            moves: board.moves(),
            board,
            after,
            _seat: seat,
        })
    }

    /// The next events in order, at least one; waits for them. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Vec<Arc<Recorded>>, EngineError> {
        let after = self.after;
        let moved = self
            .moves
            .wait_for(|moved| moved.ended || moved.version > after)
            .await;
        if moved.map_or(true, |moved| moved.ended) {
            return Err(EngineError::Draining);
        }
        // A short page is as good: the next call goes on behind it.
        let bytes_max = history::WATCHED_BYTES_MAX;
        let events =
            history::after(&self.shared, &self.board, after, PAGE_EVENTS, bytes_max).await?;
        let last = events.last().ok_or(EngineError::Unreadable)?;
        self.after = last.version;
        Ok(events)
    }
}

/// One of the watchers allowed.
struct Seat(Arc<Shared>);

impl Seat {
    fn take(shared: &Arc<Shared>) -> Result<Self, EngineError> {
        let watchers = shared.watchers.fetch_add(1, Ordering::Relaxed);
        let seat = Self(Arc::clone(shared));
        if watchers >= shared.limits.watchers {
            return Err(EngineError::Overloaded { what: "watchers" });
        }
        Ok(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}
