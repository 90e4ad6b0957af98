//! `[watch]`: how often projects are looked at between two reports.

use serde::Deserialize;

use super::check::Checker;

/// The longest interval, in milliseconds: a day.
const INTERVAL_MS_MAX: u64 = 24 * 60 * 60 * 1_000;
/// The shortest but none at all: more often keeps a machine busy with looking.
const INTERVAL_MS_MIN: u64 = 100;

/// How projects are watched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// How often each project is looked at, in milliseconds; 0 = never. Default 60,000.
    pub interval_ms: u64,
}

impl Watch {
    pub(super) fn check(&self, checker: &mut Checker<'_>) {
        let key = "watch.interval_ms";
        if (1..INTERVAL_MS_MIN).contains(&self.interval_ms) {
            checker.refuse(
                key,
                format_args!(
                    "is {}; it must be 0 for never, or {INTERVAL_MS_MIN} to {INTERVAL_MS_MAX} milliseconds",
                    self.interval_ms
                ),
            );
            return;
        }
        checker.range(key, self.interval_ms, 0..=INTERVAL_MS_MAX, "milliseconds");
    }
}
