//! The one place that asks the system for the time and for chance; everything else is handed both, so
//! that a test can set the clock and a replay never depends on when or where it runs.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What the time is, in the two ways the daemon needs it.
///
/// Leases and time-outs are judged by `monotonic_ms`, so that a jump of the wall clock expires nothing;
/// what people read is stamped with `now_ms`.
pub trait Clock: Send + Sync {
    /// The wall clock in milliseconds since the Unix epoch, UTC. It may jump both ways.
    fn now_ms(&self) -> i64;

    /// Milliseconds since an arbitrary point in this process's life; never goes back.
    ///
    /// On Linux and macOS the time a machine spends suspended does not count: after a laptop wakes, a
    /// lease has as much of its term left as when the lid was closed.
    fn monotonic_ms(&self) -> u64;
}

/// The clocks of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    origin: Stopwatch,
}

impl SystemClock {
    /// A clock whose `monotonic_ms` counts from now.
    pub fn new() -> Self {
        Self {
            origin: Stopwatch::start(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the wall clock"
        )]
        let now = SystemTime::now();
        // A machine set to a time before 1970 counts backwards from the epoch instead of failing.
        match now.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Measures how long something takes, finer than a millisecond; for measurements and for logs, never
/// for a rule.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    started: Instant,
}

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the monotonic clock"
        )]
        let started = Instant::now();
        Self { started }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A clock that stands still until it is told to move; the wall and the monotonic clock move apart from
/// each other, so that a test can let one jump and not the other.
#[derive(Debug, Default)]
pub struct ManualClock {
    wall_ms: AtomicI64,
    monotonic_ms: AtomicU64,
}

impl ManualClock {
    /// A clock whose wall shows `wall_ms` (Unix milliseconds) and whose monotonic side shows 0.
    pub fn at(wall_ms: i64) -> Self {
        Self {
            wall_ms: AtomicI64::new(wall_ms),
            monotonic_ms: AtomicU64::new(0),
        }
    }

    /// Lets time pass on both sides.
    pub fn advance_ms(&self, ms: u64) {
        self.wall_ms
            .fetch_add(i64::try_from(ms).unwrap_or(i64::MAX), Ordering::SeqCst);
        self.monotonic_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the wall clock alone, forwards or back.
    pub fn set_wall_ms(&self, wall_ms: i64) {
        self.wall_ms.store(wall_ms, Ordering::SeqCst);
    }

    /// Sets the monotonic clock alone; an earlier value than the present one is not taken, because a
    /// monotonic clock never goes back.
    pub fn set_monotonic_ms(&self, monotonic_ms: u64) {
        self.monotonic_ms.fetch_max(monotonic_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn monotonic_ms(&self) -> u64 {
        self.monotonic_ms.load(Ordering::SeqCst)
    }
}

/// The system gave no random bytes. It happens where the random device is missing or forbidden, and
/// nothing that must be unguessable or unique may be made without it.
#[derive(Debug, thiserror::Error)]
#[error(
    "the system gave no random bytes; see that /dev/urandom or getrandom(2) is open to this process"
)]
pub struct ChanceError(#[source] getrandom::Error);

/// Fresh bytes no one can guess, for a token.
pub fn random_secret() -> Result<[u8; 32], ChanceError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(ChanceError)?;
    Ok(bytes)
}

/// A new request id: a UUID of version 4 in its usual text of 36 characters.
pub fn new_request_id() -> Result<String, ChanceError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(ChanceError)?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut id = String::with_capacity(36);
    for (place, byte) in bytes.into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            id.extend(char::from_digit(digit.into(), 16));
        }
    }
    Ok(id)
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `length` characters of 0-9, A-Z, a-z, each as likely as any other (5.95 bits a character).
pub fn random_id(length: usize) -> Result<String, ChanceError> {
    let mut id = String::with_capacity(length);
    let mut bytes = [0_u8; 32];
    while id.len() < length {
        getrandom::fill(&mut bytes).map_err(ChanceError)?;
        // Bytes from 248 on are thrown away: 256 is no multiple of 62, and the rest would favour the
        // first characters.
        let drawn = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(BASE62[usize::from(byte % 62)]));
        id.extend(drawn.take(length - id.len()));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_system_clock_is_past_2020_and_its_monotonic_side_never_goes_back() {
        let clock = SystemClock::new();
        assert!(clock.now_ms() > 1_577_836_800_000);
        let readings: Vec<u64> = (0..1_000).map(|_| clock.monotonic_ms()).collect();
        assert!(readings.is_sorted());
        assert!(readings[0] < 60_000, "it counts from the clock's making");
    }

    #[test]
    fn the_manual_clock_moves_only_when_told_and_each_side_by_itself() {
        let clock = ManualClock::at(1_000);
        assert_eq!((clock.now_ms(), clock.monotonic_ms()), (1_000, 0));
        clock.advance_ms(500);
        assert_eq!((clock.now_ms(), clock.monotonic_ms()), (1_500, 500));
        clock.set_wall_ms(-7);
        assert_eq!((clock.now_ms(), clock.monotonic_ms()), (-7, 500));
        clock.set_monotonic_ms(900);
        assert_eq!((clock.now_ms(), clock.monotonic_ms()), (-7, 900));
        clock.set_monotonic_ms(10);
        assert_eq!(clock.monotonic_ms(), 900, "it never goes back");
    }

    #[test]
    fn a_request_id_is_a_uuid_of_version_4() {
        let ids: BTreeSet<String> = (0..1_000).map(|_| new_request_id().unwrap()).collect();
        assert_eq!(ids.len(), 1_000, "no two are the same");
        for id in &ids {
            assert_eq!(id.len(), 36);
            for (position, character) in id.chars().enumerate() {
                match position {
                    8 | 13 | 18 | 23 => assert_eq!(character, '-'),
                    14 => assert_eq!(character, '4', "the version of {id}"),
                    19 => assert!("89ab".contains(character), "the variant of {id}"),
                    _ => assert!("0123456789abcdef".contains(character), "{id}"),
                }
            }
        }
    }

    #[test]
    fn a_random_id_has_the_length_asked_for_and_uses_every_character() {
        for length in [0, 1, 22, 43, 100] {
            assert_eq!(random_id(length).unwrap().len(), length);
        }
        let seen: BTreeSet<char> = random_id(10_000).unwrap().chars().collect();
        assert_eq!(seen.len(), 62);
        assert!(seen.iter().all(char::is_ascii_alphanumeric));
    }

    #[test]
    fn two_secrets_differ() {
        assert_ne!(random_secret().unwrap(), random_secret().unwrap());
    }
}
