//! What the engine counts of itself, as plain atomics: whoever counts never waits, takes no lock and
//! allocates nothing. The figures are only read to be shown; nothing is ever decided by them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use super::board::Weighed;
use super::shared::Shared;
use crate::plan::event::{Event, ExpiryCause};
use crate::store::Append;

/// Upper bounds of the buckets of a commit's duration, in microseconds: from an fsync that a cache answers
/// to a disk in trouble.
const COMMIT_MICROS: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    5_000_000,
];

/// Upper bounds of the buckets of events in one commit.
const COMMIT_EVENTS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096];

/// How often values fell below each of a few fixed bounds. Counting is one search of a short table and
/// three additions.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One more than bounds: the last is for what is above all of them.
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// A histogram as it stood at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Upper bound and the values at most that and above the bound before it; none = above all bounds.
    pub buckets: Vec<(Option<u64>, u64)>,
    /// All values added up.
    pub sum: u64,
}

impl Counted {
    /// How many values there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

impl Histogram {
    /// An empty one; the bounds rise.
    pub fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            buckets: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts one value.
    pub fn record(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// Counts a duration in microseconds.
    pub fn record_micros(&self, took: Duration) {
        self.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// What was counted so far.
    pub fn counted(&self) -> Counted {
        let bounds = self.bounds.iter().copied().map(Some).chain([None]);
        let counts = self.buckets.iter().map(|count| count.load(Relaxed));
        Counted {
            buckets: bounds.zip(counts).collect(),
            sum: self.sum.load(Relaxed),
        }
    }
}

/// The engine's own counts.
#[derive(Debug)]
pub struct Meter {
    /// How long appends took, in microseconds.
    pub commit_micros: Histogram,
    /// Events of each append.
    pub commit_events: Histogram,
    /// Bytes of all documents appended.
    pub committed_bytes: AtomicU64,
    /// Submissions in the writer's inbox.
    pub queued: AtomicUsize,
    /// Claims that wait for a task.
    pub waiting_claims: AtomicUsize,
    /// Leases that ended because nothing was heard of their holder.
    pub silences: AtomicU64,
    /// Leases that ended because a chain of resumes reached the hard limit.
    pub hard_limits: AtomicU64,
    /// Rises with whatever the writer does.
    steps: AtomicU64,
    /// The writer waits for something to do.
    resting: AtomicBool,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            commit_micros: Histogram::new(COMMIT_MICROS),
            commit_events: Histogram::new(COMMIT_EVENTS),
            committed_bytes: AtomicU64::new(0),
            queued: AtomicUsize::new(0),
            waiting_claims: AtomicUsize::new(0),
            silences: AtomicU64::new(0),
            hard_limits: AtomicU64::new(0),
            steps: AtomicU64::new(0),
            resting: AtomicBool::new(false),
        }
    }

    /// An append that is durable now.
    pub(super) fn committed(&self, took: Duration, batch: &[Append]) {
        let records = || batch.iter().flat_map(|append| &append.records);
        let bytes: usize = records().map(|record| record.document.len()).sum();
        self.commit_micros.record_micros(took);
        self.commit_events.record(records().count() as u64);
        self.committed_bytes.fetch_add(bytes as u64, Relaxed);
    }

    /// Events that are published now.
    pub(super) fn published(&self, events: &[Weighed]) {
        for (recorded, _) in events {
            if let Event::LeaseExpired(expired) = &recorded.event {
                let count = match expired.cause {
                    ExpiryCause::Silence => &self.silences,
                    ExpiryCause::HardLimit => &self.hard_limits,
                };
                count.fetch_add(1, Relaxed);
            }
        }
    }

    /// The writer got on.
    pub(super) fn step(&self) {
        self.steps.fetch_add(1, Relaxed);
    }

    /// The writer begins or ends to wait for something to do.
    pub(super) fn rest(&self, resting: bool) {
        self.step();
        self.resting.store(resting, Relaxed);
    }
}

/// Feels whether the writer gets on. Each holder has one of its own.
pub struct Pulse {
    shared: Arc<Shared>,
    steps: Option<u64>,
}

impl Pulse {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            steps: None,
        }
    }

    /// Whether the writer did something since the last look, or waits with nothing to do. False also for
    /// a writer that is busy with one long step, so only a silence that lasts means anything; the first
    /// look is always true.
    pub fn beats(&mut self) -> bool {
        let meter = &self.shared.meter;
        let steps = meter.steps.load(Relaxed);
        let moved = self.steps != Some(steps);
        self.steps = Some(steps);
        moved || (meter.resting.load(Relaxed) && meter.queued.load(Relaxed) == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_in_the_first_bucket_whose_bound_it_does_not_pass() {
        let histogram = Histogram::new(&[1, 10]);
        for value in [0, 1, 2, 10, 11, 500] {
            histogram.record(value);
        }
        let counted = histogram.counted();
        assert_eq!(
            counted.buckets,
            [(Some(1), 2), (Some(10), 2), (None, 2)],
            "{counted:?}"
        );
        assert_eq!((counted.count(), counted.sum), (6, 524));
    }

    #[test]
    fn the_bounds_of_every_table_rise() {
        assert!(COMMIT_MICROS.is_sorted() && COMMIT_EVENTS.is_sorted());
    }

    #[test]
    fn no_duration_is_too_long_to_count() {
        let histogram = Histogram::new(COMMIT_MICROS);
        histogram.record_micros(Duration::MAX);
        let counted = histogram.counted();
        assert_eq!(counted.buckets.last(), Some(&(None, 1)));
    }
}
