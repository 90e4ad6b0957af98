//! Latencies of calls, kept one by one: a percentile is a call that happened, not an estimate.

use std::time::Duration;

/// Latencies in microseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples(Vec<u32>);

impl Samples {
    pub(super) fn add(&mut self, took: Duration) {
        self.0
            .push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The smallest latency that `percent` of the calls did not exceed, in milliseconds; none without
    /// calls.
    pub(super) fn percentile_ms(&mut self, percent: usize) -> Option<f64> {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100);
        let micros = self.0.get(rank.checked_sub(1)?)?;
        Some(f64::from(*micros) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_call_that_happened() {
        let mut samples = Samples::default();
        assert_eq!(samples.percentile_ms(50), None);
        for ms in (1..=100).rev() {
            samples.add(Duration::from_millis(ms));
        }
        assert_eq!(samples.percentile_ms(50), Some(50.0));
        assert_eq!(samples.percentile_ms(99), Some(99.0));
        assert_eq!(samples.percentile_ms(100), Some(100.0));
        let mut one = Samples::default();
        one.add(Duration::from_millis(7));
        assert_eq!(one.percentile_ms(1), Some(7.0));
    }
}
