//! The task that watches projects between two reports; without an interval there is none.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::engine::EngineHandle;
use crate::schedule::Watcher;

/// The watcher at work; dropped, it stops. What it found stands in the plans.
pub(super) struct WatchingOver(Option<JoinHandle<()>>);

impl WatchingOver {
    /// Watches once in an interval; 0 = not at all.
    pub(super) fn start(engine: EngineHandle, interval_ms: u64) -> Self {
        if interval_ms == 0 {
            return Self(None);
        }
        let interval = Duration::from_millis(interval_ms);
        Self(Some(tokio::spawn(watch(engine, interval))))
    }
}

impl Drop for WatchingOver {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

async fn watch(engine: EngineHandle, interval: Duration) {
    let mut watcher = Watcher::new(engine.clone(), interval);
    while !engine.is_draining() {
        let pause = watcher.look().await;
        tokio::time::sleep(pause).await;
    }
}
