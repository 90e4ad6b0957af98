//! The door through which every request goes. Once GitHub says "not before", nobody goes through until then:
//! those who can wait do, the others are told until when.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::GitHubError;

/// The longest that the door stays shut. GitHub counts by the hour; what says more is wrong about it.
const SHUT_MAX: Duration = Duration::from_secs(2 * 60 * 60);

/// The longest that a call may take, whatever the settings say.
const CALL_MAX: Duration = Duration::from_secs(60 * 60);

/// One call of the daemon: what time it is for it, and when it has to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    now_ms: i64,
    started: Instant,
    timeout: Duration,
}

impl Call {
    pub(super) fn begin(now_ms: i64, timeout: Duration) -> Self {
        Self {
            now_ms,
            started: Instant::now(),
            timeout: timeout.min(CALL_MAX),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.started + self.timeout
    }

    pub(super) fn over(&self) -> GitHubError {
        GitHubError::deadline(self.timeout.as_millis())
    }

    /// Whether a pause ends before the call has to.
    pub(super) fn has_time_for(&self, pause: Duration) -> bool {
        let end = Instant::now().checked_add(pause);
        end.is_some_and(|end| end < self.deadline())
    }

    /// The wall clock, from the time the call was begun with.
    pub(super) fn now_ms(&self) -> i64 {
        self.now_ms.saturating_add(ms(self.started.elapsed()))
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The door of one token.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Option<Shut>>);

#[derive(Debug, Clone, Copy)]
struct Shut {
    until: Instant,
    until_ms: i64,
}

impl Gate {
    /// Shuts the door for a while from now, and tells until when it is shut, in milliseconds since the epoch.
    /// A shorter while does not open it earlier.
    pub(super) fn shut(&self, call: &Call, pause: Duration) -> i64 {
        let pause = pause.min(SHUT_MAX);
        let shut = Shut {
            until: Instant::now() + pause,
            until_ms: call.now_ms().saturating_add(ms(pause)),
        };
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *now {
            Some(now) if now.until >= shut.until => now.until_ms,
            Some(_) | None => {
                *now = Some(shut);
                shut.until_ms
            }
        }
    }

    fn shut_until(&self) -> Option<Shut> {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.is_some_and(|shut| shut.until <= Instant::now()) {
            *now = None;
        }
        *now
    }

    /// Waits until the door is open.
    ///
    /// # Errors
    /// When it stays shut for longer than the call may take.
    pub(super) async fn pass(&self, call: &Call, has_token: bool) -> Result<(), GitHubError> {
        while let Some(shut) = self.shut_until() {
            if shut.until >= call.deadline() {
                return Err(GitHubError::limited(shut.until_ms, has_token));
            }
            tracing::info!(
                until_ms = shut.until_ms,
                "waiting until GitHub takes requests again"
            );
            tokio::time::sleep_until(shut.until).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::Kind;
    use super::*;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn call(seconds: u64) -> Call {
        Call::begin(NOW_MS, Duration::from_secs(seconds))
    }

    async fn check(gate: &Gate, call: &Call, expected: Result<(), i64>) {
        let told = gate.pass(call, true).await;
        let expected = expected.map_err(|until_ms| Kind::RateLimited { until_ms });
        assert_eq!(told.map_err(|error| error.kind()), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn who_can_wait_waits_and_who_cannot_is_told_until_when() {
        let gate = Gate::default();
        check(&gate, &call(1), Ok(())).await;
        gate.shut(&call(60), Duration::from_secs(30));
        check(&gate, &call(30), Err(NOW_MS + 30_000)).await;
        let patient = call(31);
        check(&gate, &patient, Ok(())).await;
        assert_eq!(patient.now_ms(), NOW_MS + 30_000);
        check(&gate, &call(1), Ok(())).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_later_of_two_ends_holds_and_no_end_is_endless() {
        let gate = Gate::default();
        gate.shut(&call(60), Duration::from_secs(40));
        gate.shut(&call(60), Duration::from_secs(5));
        check(&gate, &call(20), Err(NOW_MS + 40_000)).await;
        gate.shut(&call(60), Duration::MAX);
        check(&gate, &call(60), Err(NOW_MS + 7_200_000)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_door_shut_while_somebody_waits_keeps_him_waiting() {
        let gate = std::sync::Arc::new(Gate::default());
        gate.shut(&call(60), Duration::from_secs(10));
        let patient = call(60);
        let waiting = tokio::spawn({
            let gate = std::sync::Arc::clone(&gate);
            async move { gate.pass(&patient, true).await }
        });
        tokio::time::sleep(Duration::from_secs(9)).await;
        gate.shut(&call(60), Duration::from_secs(20));
        assert_eq!(waiting.await.ok(), Some(Ok(())));
        assert_eq!(patient.now_ms(), NOW_MS + 29_000);
    }
}
