//! A copy of all logs while work goes on. One at a time: each takes the disk of the whole store once more.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::EngineError;
use super::shared::Shared;
use crate::store::{Copied, StoreError};

/// The turn to make a copy; whoever asks meanwhile is refused. Hold it until the copy is done with.
pub struct Backup {
    shared: Arc<Shared>,
}

impl Backup {
    pub(super) fn begin(shared: &Arc<Shared>) -> Result<Self, EngineError> {
        if shared.is_draining() {
            return Err(EngineError::Draining);
        }
        if shared.backing_up.swap(true, Ordering::SeqCst) {
            return Err(EngineError::BackupRunning);
        }
        Ok(Self {
            shared: Arc::clone(shared),
        })
    }

    /// Makes the copy. Blocks: not for an async thread. Given up when `is_wanted` says no, or when the
    /// daemon stops.
    pub fn copy(&self, is_wanted: &dyn Fn() -> bool) -> Result<Copied, EngineError> {
        let go_on = || is_wanted() && self.goes_on();
        self.shared
            .reader
            .copy(&go_on)
            .map_err(|error| match error {
                StoreError::NoRoom {
                    needed_bytes,
                    free_bytes,
                } => EngineError::NoRoomForBackup {
                    needed_bytes,
                    free_bytes,
                },
                StoreError::GivenUp => EngineError::Draining,
                error => {
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(%error, source, "the backup failed");
                    EngineError::Unreadable
                }
            })
    }

    /// False once the daemon stops; a copy that is still being sent is cut off then.
    pub fn goes_on(&self) -> bool {
        !self.shared.is_draining()
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        self.shared.backing_up.store(false, Ordering::SeqCst);
    }
}
