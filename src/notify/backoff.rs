//! When a letter is tried again: later each time, never at the same time as all others, and the same for the
//! same seed, so that a restart changes nothing.

use std::time::Duration;

/// How often a letter is tried before it is given up.
///
/// The waits have ceilings of 30 s, 1, 2, 4, 8, 16 and 32 minutes and then an hour; on average a wait is half of
/// its ceiling. 54 attempts therefore last a day (half an hour for the first seven waits, 46 half hours after),
/// which outlives a receiver that is down overnight, and one that comes back is reached within the hour.
pub const ATTEMPTS_MAX: u32 = 54;

/// The first ceiling, in milliseconds.
const FIRST_MS: u64 = 30_000;
/// The last ceiling, in milliseconds.
const LAST_MS: u64 = 60 * 60 * 1000;
/// The shortest wait, in milliseconds: chance may say 0, which would be a busy loop for a moment.
const LEAST_MS: u64 = 1_000;

/// How long to wait after the attempt of that number has failed, counted from 1.
///
/// Any time from 1 s to a ceiling is equally likely; the ceiling doubles from 30 s to an hour. The seed decides
/// which time it is: give each letter and channel its own, such as a hash of the letter's id. A receiver's own
/// wish ([`FailureKind::Retry`](super::error::FailureKind::Retry)) holds where it is longer.
pub fn backoff(attempt: u32, seed: u64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    let ceiling_ms = (FIRST_MS << doublings).min(LAST_MS);
    let chance = mixed(seed ^ mixed(u64::from(attempt)));
    Duration::from_millis(LEAST_MS + chance % (ceiling_ms - LEAST_MS + 1))
}

/// A number whose bits all depend on all bits of another (the finalizer of splitmix64).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_from_half_a_minute_to_an_hour() {
        for (attempt, ceiling_seconds) in [
            (0, 30),
            (1, 30),
            (2, 60),
            (5, 480),
            (7, 1_920),
            (8, 3_600),
            (54, 3_600),
            (u32::MAX, 3_600),
        ] {
            let waits: Vec<Duration> = (0..2_000).map(|seed| backoff(attempt, seed)).collect();
            let longest = waits.iter().max().copied().unwrap_or_default();
            let shortest = waits.iter().min().copied().unwrap_or_default();
            let ceiling = Duration::from_secs(ceiling_seconds);
            assert!(longest <= ceiling && longest > ceiling.mul_f64(0.98));
            assert!(shortest >= Duration::from_secs(1) && shortest < ceiling.mul_f64(0.1));
            let mean = waits.iter().sum::<Duration>() / 2_000;
            assert!(mean > ceiling.mul_f64(0.45) && mean < ceiling.mul_f64(0.56));
        }
    }

    #[test]
    fn the_same_seed_waits_the_same_and_others_differ() {
        assert_eq!(backoff(3, 7), backoff(3, 7));
        let mut waits: Vec<Duration> = (0..100).map(|seed| backoff(9, seed)).collect();
        waits.sort();
        waits.dedup();
        assert!(waits.len() > 95);
        assert_ne!(backoff(9, 7), backoff(10, 7));
    }

    #[test]
    fn all_attempts_together_last_about_a_day() {
        let hours = |seed| {
            let waits = (1..ATTEMPTS_MAX).map(|attempt| backoff(attempt, seed));
            waits.sum::<Duration>().as_secs() / 3_600
        };
        let all: Vec<u64> = (0..200).map(hours).collect();
        assert!(all.iter().all(|hours| (15..=33).contains(hours)), "{all:?}");
        let mean = all.iter().sum::<u64>() / 200;
        assert!((22..=25).contains(&mean), "{mean}");
    }
}
