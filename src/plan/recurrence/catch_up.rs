//! What to do about slots that went by: fire the newest when it is recent, call the others missed, and never
//! touch again what was handled, however the clock is set meanwhile.

use super::{Calendar, Due, Recurrence, Zone};

/// The window in which a slot is still caught up, in milliseconds: four hours.
pub const CATCH_UP_WINDOW_MS: u64 = 4 * 60 * 60 * 1000;

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When the schedule was made, in milliseconds since 1970; nothing until then is due.
    pub created_ms: i64,
    /// Until when its slots are handled: the `handled_ms` of the last [`CatchUp`]; none at first.
    pub handled_ms: Option<i64>,
    /// How old a slot may be to be fired yet, in milliseconds.
    pub window_ms: u64,
}

/// What to do now. Whoever does it keeps `handled_ms` in the same step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatchUp {
    /// The slot to fire.
    pub fire: Option<Due>,
    /// The slots that are too old, or older than the one to fire.
    pub missed: Option<Missed>,
    /// Until when slots are handled now, in milliseconds since 1970: that of the newest slot, never earlier
    /// than before, and never later than now unless it was so before.
    pub handled_ms: i64,
}

/// Slots that will not be fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// The earliest.
    pub first: Due,
    /// The latest; the earliest itself when there is one.
    pub last: Due,
    /// How many there are, at least 1.
    pub count: u64,
}

impl Recurrence {
    /// What to do at an instant, in milliseconds since 1970.
    pub fn catch_up(
        &self,
        zone: &Zone,
        calendar: &Calendar,
        standing: Standing,
        now_ms: i64,
    ) -> CatchUp {
        let Standing {
            created_ms,
            handled_ms,
            window_ms,
        } = standing;
        let handled_ms = handled_ms.map_or(created_ms, |handled| handled.max(created_ms));
        let due = self.due(zone, calendar, handled_ms, now_ms, 2);
        let (older, newest) = match *due.newest.as_slice() {
            [.., older, newest] => (Some(older), newest),
            [newest] => (None, newest),
            [] => {
                return CatchUp {
                    fire: None,
                    missed: None,
                    handled_ms,
                };
            }
        };
        let recent = now_ms.abs_diff(newest.at_ms) <= window_ms;
        let last = if recent { older } else { Some(newest) };
        let missed = last.map(|last| Missed {
            first: self
                .next_until(zone, calendar, handled_ms, last.at_ms)
                .unwrap_or(last),
            last,
            count: due.count() - u64::from(recent),
        });
        CatchUp {
            fire: recent.then_some(newest),
            missed,
            handled_ms: newest.at_ms,
        }
    }
}
