//! Finds the next slot of a recurrence and counts slots, stretch by stretch between settings of the clock, so
//! that slots come in the order of time and no instant has two.

use chrono::DateTime;

use super::slot::{Due, Slot};
use super::zone::{Stretch, Zone, day_of};
use super::{Calendar, DAY_SECONDS, Recurrence};

/// The wall clock's 2101-01-01T00:00; the ticking library knows no later year.
const END_SHOWN: i64 = 4_133_980_800;
/// No slot further ahead than this is looked for: ten years.
const SEARCH_SECONDS: i64 = 3_653 * DAY_SECONDS;

/// The slots of a recurrence in a zone under a calendar.
pub(super) struct Occurrences<'a> {
    recurrence: &'a Recurrence,
    zone: &'a Zone,
    calendar: Option<&'a Calendar>,
}

/// Slots of the wall clock alone, looked up once while the search goes through stretches that have none.
struct Ticks<'o, 'a> {
    occurrences: &'o Occurrences<'a>,
    /// The last second of the wall clock that is looked at.
    last: i64,
    sought: Option<i64>,
    found: Option<i64>,
}

impl<'a> Occurrences<'a> {
    pub(super) fn new(recurrence: &'a Recurrence, zone: &'a Zone, calendar: &'a Calendar) -> Self {
        Self {
            recurrence,
            zone,
            calendar: recurrence.only_working_days.then_some(calendar),
        }
    }

    /// The first slot after a second, in the ten years behind it.
    pub(super) fn next_after(&self, after: i64) -> Option<Due> {
        self.next_until(after, bounded(after) + SEARCH_SECONDS)
    }

    /// The first slot after a second until another, that one inside.
    pub(super) fn next_until(&self, after: i64, last: i64) -> Option<Due> {
        let (after, last) = (bounded(after), bounded(last));
        let mut ticks = Ticks {
            occurrences: self,
            last: (last + DAY_SECONDS).min(END_SHOWN - 1),
            sought: None,
            found: None,
        };
        let in_reach = |due: &Due| due.at_ms.div_euclid(1000) <= last;
        let by_the_hour = self.recurrence.fields.names_every_hour();
        for stretch in self.zone.stretches(after) {
            if stretch.from > last {
                return None;
            }
            let first = stretch.from.max(after + 1);
            if first >= stretch.until {
                continue;
            }
            if !by_the_hour
                && stretch.from > after
                && let Some(shown) = ticks.left_out(&stretch)
            {
                return due(shown, stretch.from, false).filter(in_reach);
            }
            let mut begin = stretch.shows(first);
            if !by_the_hour {
                begin = begin.max(stretch.shown.unwrap_or(begin));
            }
            if let Some(shown) = ticks.seek(begin)
                && stretch.instant(shown) < stretch.until
            {
                let again = stretch.shown.is_some_and(|before| shown < before);
                return due(shown, stretch.instant(shown), again).filter(in_reach);
            }
        }
        None
    }

    /// How many slots there are after a second until another, that one inside.
    pub(super) fn count(&self, after: i64, until: i64) -> u64 {
        let (after, until) = (bounded(after), bounded(until));
        let fields = &self.recurrence.fields;
        let by_the_hour = fields.names_every_hour();
        let named = |from: i64, until: i64| fields.count(self.calendar, from, until.min(END_SHOWN));
        let mut count = 0;
        for stretch in self.zone.stretches(after) {
            if stretch.from > until {
                break;
            }
            let first = stretch.from.max(after + 1);
            let end = stretch.until.min(until + 1);
            if first >= end {
                continue;
            }
            let (mut begin, end) = (stretch.shows(first), stretch.shows(end));
            if !by_the_hour {
                begin = begin.max(stretch.shown.unwrap_or(begin));
                let left_out = || gaps(&stretch).any(|(from, until)| named(from, until) > 0);
                let begins = stretch.shows(stretch.from);
                if stretch.from > after && named(begins, begins + 1) == 0 && left_out() {
                    count += 1;
                }
            }
            count += named(begin, end);
        }
        count
    }

    /// The first minute that the recurrence names from a second of the wall clock on, until another.
    fn named_from(&self, mut from: i64, last: i64) -> Option<i64> {
        loop {
            let before = DateTime::from_timestamp(from.max(0) - 1, 0)?;
            let shown = self.recurrence.ticks.after(&before).next()?.timestamp();
            if shown > last {
                return None;
            }
            let day = day_of(shown)?;
            let Some(calendar) = self.calendar else {
                return Some(shown);
            };
            let working = calendar.next_working_day(day, day_of(last)?)?;
            if working == day {
                return Some(shown);
            }
            from = i64::from(working.0) * DAY_SECONDS;
        }
    }
}

impl Ticks<'_, '_> {
    /// The first named minute from a second of the wall clock on.
    fn seek(&mut self, from: i64) -> Option<i64> {
        let known = self.sought.is_some_and(|sought| sought <= from)
            && self.found.is_none_or(|found| from <= found);
        if !known {
            self.found = self.occurrences.named_from(from, self.last);
            self.sought = Some(from);
        }
        self.found
    }

    /// The newest named minute that the clock leaves out before a stretch, or the stretch's own first one,
    /// when that is named; none when nothing was left out.
    fn left_out(&mut self, stretch: &Stretch) -> Option<i64> {
        let begins = stretch.shows(stretch.from);
        let mut newest = None;
        for (from, until) in gaps(stretch) {
            let mut from = from;
            while let Some(shown) = self.seek(from).filter(|shown| *shown < until) {
                newest = Some(shown);
                from = shown + 1;
            }
        }
        let newest = newest?;
        let first = self.seek(begins).filter(|shown| *shown == begins);
        Some(first.unwrap_or(newest))
    }
}

/// What the clock leaves out before a stretch, without days that it leaves out altogether: those never were.
fn gaps(stretch: &Stretch) -> impl Iterator<Item = (i64, i64)> {
    let until = stretch.shows(stretch.from);
    let from = stretch.shown.unwrap_or(until);
    let first_midnight = from.saturating_add(DAY_SECONDS - 1).div_euclid(DAY_SECONDS) * DAY_SECONDS;
    let last_midnight = until.div_euclid(DAY_SECONDS) * DAY_SECONDS;
    let parts = if first_midnight < last_midnight {
        [(from, first_midnight), (last_midnight, until)]
    } else {
        [(from, until), (until, until)]
    };
    parts.into_iter().filter(|(from, until)| from < until)
}

fn due(shown: i64, instant: i64, again: bool) -> Option<Due> {
    let minute = shown.rem_euclid(DAY_SECONDS) / 60;
    Some(Due {
        at_ms: instant.checked_mul(1000)?,
        slot: Slot {
            day: day_of(shown)?,
            minute_of_day: u16::try_from(minute).ok()?,
            again,
        },
    })
}

/// An instant within reach: nothing is due before 1970 or after 2100.
fn bounded(instant: i64) -> i64 {
    instant.clamp(-DAY_SECONDS, END_SHOWN + DAY_SECONDS)
}
