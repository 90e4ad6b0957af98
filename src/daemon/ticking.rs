//! The clock's own task: looks at the schedules when one is due, and when something about them changes.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::engine::EngineHandle;
use crate::notify::Channels;
use crate::schedule::Scheduler;

/// The scheduler at work; dropped, it stops. What it was about goes on after the next start.
pub(super) struct Ticking(JoinHandle<()>);

impl Ticking {
    pub(super) fn start(engine: EngineHandle, channels: Channels) -> Self {
        Self(tokio::spawn(tick(engine, channels)))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn tick(engine: EngineHandle, channels: Channels) {
    let mut scheduler = Scheduler::new(engine.clone()).addressing(Arc::new(channels));
    while !engine.is_draining() {
        let pause = scheduler.look();
        tokio::select! {
            biased;
            () = engine.timetable() => {}
            () = scheduler.looked_after() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
