//! How long the demo's people take for their work: the one thing that is made up, and the only pacing.

use std::time::Duration;

/// A whole session's work at speed 1.
const SESSION_MS: f64 = 1_500.0;

/// The shortest work, so that a claim is seen at all.
const SHORTEST_MS: f64 = 50.0;

/// A lease at speed 1; the project's shortest bounds it from below.
const LEASE_MS: f64 = 3_000.0;

/// How long the coordinator thinks about one thing at speed 1.
const THOUGHT_MS: f64 = 900.0;

/// The speed of the demo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    speed: f64,
}

impl Pace {
    /// The slowest and the fastest that `--speed` may say.
    pub(super) const RANGE: std::ops::RangeInclusive<f64> = 0.1..=20.0;

    /// The shortest lease that the demo's project grants, in milliseconds.
    pub(super) const LEASE_MIN_MS: u64 = 1_000;

    pub(super) fn new(speed: f64) -> Self {
        Self { speed }
    }

    /// How long the work on a task of so many minutes takes, where a session has 60.
    pub(super) fn work(self, estimate_minutes: u32) -> Duration {
        let minutes = match estimate_minutes {
            0 => 60.0,
            minutes => f64::from(minutes),
        };
        self.scaled(SESSION_MS * (minutes / 60.0).sqrt())
    }

    /// How long the coordinator thinks about one thing.
    pub(super) fn thought(self) -> Duration {
        self.scaled(THOUGHT_MS)
    }

    /// How often somebody with nothing to do looks again.
    pub(super) fn glance(self) -> Duration {
        self.scaled(THOUGHT_MS / 3.0)
    }

    /// The lease an agent asks for, in milliseconds.
    pub(super) fn lease_ms(self) -> u64 {
        let asked = self.scaled(LEASE_MS).as_millis();
        u64::try_from(asked)
            .unwrap_or(Self::LEASE_MIN_MS)
            .max(Self::LEASE_MIN_MS)
    }

    fn scaled(self, ms: f64) -> Duration {
        Duration::from_secs_f64((ms / self.speed).max(SHORTEST_MS) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_speed_takes_half_the_time_but_never_none() {
        let (slow, fast) = (Pace::new(1.0), Pace::new(2.0));
        assert_eq!(slow.work(60), fast.work(60) * 2);
        assert!(slow.work(30) < slow.work(60));
        assert!(Pace::new(20.0).thought() >= Duration::from_millis(50));
    }

    #[test]
    fn a_lease_is_never_shorter_than_the_project_grants() {
        assert_eq!(Pace::new(1.0).lease_ms(), 3_000);
        assert_eq!(Pace::new(20.0).lease_ms(), Pace::LEASE_MIN_MS);
    }
}
