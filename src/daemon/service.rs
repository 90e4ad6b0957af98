//! The daemon as a service of systemd: it is told when the port is open, that the writer gets on, and that
//! the end has begun. Without a service manager nothing is said to anybody.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::task::JoinHandle;

use crate::engine::EngineHandle;

/// The writer is felt so often within the time after which the manager would start the daemon anew, so that
/// one look at a bad moment costs nothing.
const LOOKS_PER_LIMIT: u32 = 4;

/// What the service manager is told from here on; dropping it ends the signs of life.
pub struct Service {
    signs: Option<JoinHandle<()>>,
}

impl Service {
    /// Says that calls are taken, and gives signs of life from now on where the manager waits for them. It
    /// gets one only while the writer gets on: a daemon whose writer is stuck is to be started anew.
    pub fn ready(engine: &EngineHandle) -> Self {
        tell(&[NotifyState::Ready]);
        let signs = sd_notify::watchdog_enabled()
            .map(|limit| tokio::spawn(give_signs(engine.clone(), limit / LOOKS_PER_LIMIT)));
        Self { signs }
    }

    /// Says that the daemon is about to end.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(signs) = &self.signs {
            signs.abort();
        }
    }
}

async fn give_signs(engine: EngineHandle, every: Duration) {
    let mut pulse = engine.pulse();
    loop {
        if pulse.beats() {
            tell(&[NotifyState::Watchdog]);
        }
        tokio::time::sleep(every).await;
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager cannot be told how the daemon is");
    }
}
