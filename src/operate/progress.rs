//! A line on stderr that grows while a long walk runs; only for a person at a terminal, and gone after.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crate::clock::Stopwatch;

const CELLS: u64 = 30;
const QUIET_AT_FIRST: Duration = Duration::from_millis(500);
const REDRAW_EVERY: Duration = Duration::from_millis(100);

/// Shows how much of a walk is done.
pub(super) struct Progress {
    total: u64,
    done: u64,
    shown: bool,
    drawn_at: Duration,
    started: Stopwatch,
    is_watched: bool,
}

impl Progress {
    /// A walk over `total` events.
    pub(super) fn over(total: u64) -> Self {
        Self {
            total,
            done: 0,
            shown: false,
            drawn_at: Duration::ZERO,
            started: Stopwatch::start(),
            is_watched: io::stderr().is_terminal(),
        }
    }

    /// Notes that `count` more events are done.
    pub(super) fn add(&mut self, count: u64) {
        self.done += count;
        let now = self.started.elapsed();
        if !self.is_watched || now < QUIET_AT_FIRST || now - self.drawn_at < REDRAW_EVERY {
            return;
        }
        self.drawn_at = now;
        self.shown = true;
        // A bar that cannot be drawn is no reason to stop the walk.
        let _ = write!(io::stderr(), "\r{}\x1b[K", bar(self.done, self.total));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// The bar itself.
pub(super) fn bar(done: u64, total: u64) -> String {
    let total = total.max(1);
    let done = done.min(total);
    let filled = usize::try_from(done * CELLS / total).unwrap_or(0);
    let empty = usize::try_from(CELLS).unwrap_or(0) - filled;
    format!(
        "[{}{}] {:>3} %",
        "#".repeat(filled),
        ".".repeat(empty),
        done * 100 / total
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_never_grows_past_its_end() {
        for (done, total, percent) in [(0, 10, "  0 %"), (5, 10, " 50 %"), (20, 10, "100 %")] {
            let bar = bar(done, total);
            assert!(bar.ends_with(percent), "{bar}");
            assert_eq!(bar.len(), bar_length(), "{bar}");
        }
        assert!(bar(0, 0).ends_with("  0 %"));
    }

    fn bar_length() -> usize {
        bar(1, 1).len()
    }
}
