//! When scheduled jobs are due. A slot is named by the local date and time it should have, has exactly one
//! instant, and no two slots of a schedule share a name or an instant, whatever the clocks of its zone do.
//!
//! Where a zone's clock is set, a recurrence that names every hour of the day (`hourly`, `every 15 minutes`,
//! `*/5 * * * *`) follows the hours that pass: what the clock leaves out is no slot, and what it shows twice
//! is two, the second marked. Every other recurrence follows the clock on the wall: what the clock leaves out
//! is due once, at the first instant after the gap and under the newest name that falls on it, and what it
//! shows twice is due the first time. Days that a zone leaves out altogether never were and have no slots.

mod calendar;
mod catch_up;
mod crontab;
mod error;
mod fields;
mod occurrence;
mod slot;
#[cfg(test)]
mod tests;
mod words;
mod zone;

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::fields::Fields;
use self::occurrence::Occurrences;
use super::day::Day;

pub use self::calendar::Calendar;
pub use self::catch_up::{CATCH_UP_WINDOW_MS, CatchUp, Missed, Standing};
pub use self::error::{Field, RecurrenceError};
pub use self::slot::{BadSlot, Due, Slot};
pub use self::zone::{LocalTime, UnknownZone, Zone};

/// The longest text of a recurrence, in bytes, without ` on working days` behind it.
pub const LENGTH_MAX: usize = 100;
/// The most slots that [`Recurrence::due`] returns.
pub const DUE_MAX: usize = 1_000;

const DAY_SECONDS: i64 = 86_400;
const DAILY: &str = "daily at ";
const WORKING_DAYS: &str = "working days at ";
const ON_WORKING_DAYS: &str = " on working days";

/// How often something is due: a crontab line of five fields, or words. See [`Recurrence::from_str`].
#[derive(Clone)]
pub struct Recurrence {
    text: Arc<str>,
    only_working_days: bool,
    fields: Fields,
    ticks: Arc<cron::Schedule>,
}

/// Slots of some time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DueSlots {
    /// The newest, in the order of time.
    pub newest: Vec<Due>,
    /// How many there are before those.
    pub passed_over: u64,
}

/// See [`Recurrence::upcoming`].
#[derive(Debug, Clone)]
pub struct Upcoming<'a> {
    recurrence: &'a Recurrence,
    zone: &'a Zone,
    calendar: &'a Calendar,
    after_ms: i64,
}

impl Recurrence {
    /// Whether only working days have slots: on others they do not exist, and they are not moved.
    pub fn only_working_days(&self) -> bool {
        self.only_working_days
    }

    /// The same on working days only, or on all its days.
    #[must_use]
    pub fn on_working_days(self, only: bool) -> Self {
        Self {
            only_working_days: only,
            ..self
        }
    }

    /// The first slot strictly after an instant in milliseconds since 1970. None when the next ten years
    /// have none; nothing is due after 2100.
    pub fn next_after(&self, zone: &Zone, calendar: &Calendar, after_ms: i64) -> Option<Due> {
        Occurrences::new(self, zone, calendar).next_after(after_ms.div_euclid(1000))
    }

    /// The slots strictly after an instant, one after the other.
    pub fn upcoming<'a>(
        &'a self,
        zone: &'a Zone,
        calendar: &'a Calendar,
        after_ms: i64,
    ) -> Upcoming<'a> {
        Upcoming {
            recurrence: self,
            zone,
            calendar,
            after_ms,
        }
    }

    /// The newest slots after an instant until another, that one inside: at most so many, and never more than
    /// [`DUE_MAX`]. The work grows with the days between and the slots returned, not with all slots there are.
    pub fn due(
        &self,
        zone: &Zone,
        calendar: &Calendar,
        after_ms: i64,
        until_ms: i64,
        most: usize,
    ) -> DueSlots {
        let (after, until) = (after_ms.div_euclid(1000), until_ms.div_euclid(1000));
        let occurrences = Occurrences::new(self, zone, calendar);
        let all = occurrences.count(after, until);
        let most = u64::try_from(most.min(DUE_MAX)).unwrap_or(0).min(all);
        let start = start_of_newest(&occurrences, after, until, (most, all));
        let mut reached = start;
        let newest = (0..most).map_while(|_| {
            let due = occurrences.next_until(reached, until)?;
            reached = due.at_ms.div_euclid(1000);
            Some(due)
        });
        DueSlots {
            newest: newest.collect(),
            passed_over: all - most,
        }
    }

    fn next_until(
        &self,
        zone: &Zone,
        calendar: &Calendar,
        after_ms: i64,
        until_ms: i64,
    ) -> Option<Due> {
        Occurrences::new(self, zone, calendar)
            .next_until(after_ms.div_euclid(1000), until_ms.div_euclid(1000))
    }

    fn build(text: &str, only_working_days: bool, fields: Fields) -> Result<Self, RecurrenceError> {
        if text.len() > LENGTH_MAX {
            return Err(RecurrenceError::TooLong);
        }
        fields.check()?;
        let ticks = cron::Schedule::from_str(&fields.line());
        let ticks = ticks.map_err(|_| RecurrenceError::Unknown(error::shown(text)))?;
        Ok(Self {
            text: text.into(),
            only_working_days,
            fields,
            ticks: Arc::new(ticks),
        })
    }
}

/// The second after which exactly the newest slots lie, so many of all.
fn start_of_newest(
    occurrences: &Occurrences<'_>,
    after: i64,
    until: i64,
    (most, all): (u64, u64),
) -> i64 {
    if most == all {
        return after;
    }
    // Both ends are narrowed by halves: after `few` lie at most so many, after `many` more.
    let (mut few, mut many, mut back) = (until, until, 1_i64);
    while occurrences.count(many, until) <= most {
        few = many;
        back = back.saturating_mul(2);
        many = until.saturating_sub(back).max(after);
    }
    while few - many > 1 {
        let middle = many + (few - many) / 2;
        if occurrences.count(middle, until) <= most {
            few = middle;
        } else {
            many = middle;
        }
    }
    few
}

impl DueSlots {
    /// How many slots there are in all.
    pub fn count(&self) -> u64 {
        let newest = u64::try_from(self.newest.len()).unwrap_or(u64::MAX);
        self.passed_over.saturating_add(newest)
    }
}

impl Iterator for Upcoming<'_> {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        let due = self
            .recurrence
            .next_after(self.zone, self.calendar, self.after_ms)?;
        self.after_ms = due.at_ms;
        Some(due)
    }
}

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    /// Reads five fields as crontab has them (`0 9 * * 1-5`), or words in any case: `hourly`, `hourly at
    /// :15`, `every minute`, `every 15 minutes`, `every 2 hours at :30`, `daily at 09:00, 17:00`, `weekdays at
    /// 09:00`, `weekends at …`, `working days at …`, `mondays at 08:30`, `mon, wed at 10:00`, `monthly on 1,
    /// 15 at 08:00`. Behind any of them may stand `on working days`.
    fn from_str(text: &str) -> Result<Self, RecurrenceError> {
        if text.len() > LENGTH_MAX + ON_WORKING_DAYS.len() {
            return Err(RecurrenceError::TooLong);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ").to_ascii_lowercase();
        let (text, suffix) = match text.strip_suffix(ON_WORKING_DAYS) {
            Some(rest) => (rest, true),
            None => (text.as_str(), false),
        };
        let first = text.chars().next().ok_or(RecurrenceError::Empty)?;
        if text.len() > LENGTH_MAX {
            return Err(RecurrenceError::TooLong);
        }
        if !first.is_alphabetic() || text.contains('*') {
            let (line, fields) = crontab::parse(text)?;
            return Self::build(&line, suffix, fields);
        }
        let (words, fields, working) = words::parse(text)?;
        Self::build(&words, suffix || working, fields)
    }
}

impl fmt::Display for Recurrence {
    /// The one spelling of it, which reads back as the same.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.only_working_days, self.text.strip_prefix(DAILY)) {
            (false, _) => formatter.write_str(&self.text),
            (true, Some(times)) => write!(formatter, "{WORKING_DAYS}{times}"),
            (true, None) => write!(formatter, "{}{ON_WORKING_DAYS}", self.text),
        }
    }
}

impl fmt::Debug for Recurrence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Recurrence({self})")
    }
}

impl PartialEq for Recurrence {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.only_working_days == other.only_working_days
    }
}

impl Eq for Recurrence {}

impl Hash for Recurrence {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
        self.only_working_days.hash(state);
    }
}

impl Serialize for Recurrence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Recurrence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
