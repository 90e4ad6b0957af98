//! The tasks that watch projects between two reports: one looks again and again, the other waits for what is urgent.
//! Without an interval there is neither.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::engine::EngineHandle;
use crate::notify::Channels;
use crate::schedule::{Herald, Watcher};

/// Both at work; dropped, they stop. What they found and told stands in the plans.
pub(super) struct WatchingOver(Vec<JoinHandle<()>>);

impl WatchingOver {
    /// Watches once in an interval; 0 = not at all.
    pub(super) fn start(engine: EngineHandle, channels: Channels, interval_ms: u64) -> Self {
        if interval_ms == 0 {
            return Self(Vec::new());
        }
        let interval = Duration::from_millis(interval_ms);
        let watching = tokio::spawn(watch(engine.clone(), interval));
        let telling = tokio::spawn(tell(engine, channels));
        Self(vec![watching, telling])
    }
}

impl Drop for WatchingOver {
    fn drop(&mut self) {
        for task in &self.0 {
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

async fn tell(engine: EngineHandle, channels: Channels) {
    let herald = Herald::new(engine.clone()).addressing(Arc::new(channels));
    while !engine.is_draining() {
        let pause = herald.look().await;
        tokio::select! {
            biased;
            () = engine.urgent() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
