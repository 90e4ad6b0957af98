//! The five sets of numbers that a recurrence is made of, counted without walking through them: how many
//! minutes of any stretch of the wall clock are in all five.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::error::{Field, RecurrenceError};
use super::{Calendar, DAY_SECONDS, Day};

const DAY_MINUTES: i64 = 24 * 60;
const MONTHS: [(&str, u8); 12] = [
    ("January", 31),
    ("February", 29),
    ("March", 31),
    ("April", 30),
    ("May", 31),
    ("June", 30),
    ("July", 31),
    ("August", 31),
    ("September", 30),
    ("October", 31),
    ("November", 30),
    ("December", 31),
];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// A set of small numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Numbers(u64);

impl Numbers {
    /// All numbers from one to another, both inside; at most 63.
    pub(super) fn range(from: u8, to: u8) -> Self {
        (from..=to).collect()
    }

    pub(super) fn insert(&mut self, number: u8) {
        self.0 |= 1 << number.min(63);
    }

    pub(super) fn contains(self, number: u8) -> bool {
        number < 64 && self.0 & (1 << number) != 0
    }

    pub(super) fn count(self) -> u64 {
        u64::from(self.0.count_ones())
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |number| self.contains(*number))
    }

    fn count_below(self, number: u8) -> u64 {
        u64::from((self.0 & ((1 << number.min(63)) - 1)).count_ones())
    }

    fn list(self) -> String {
        let numbers: Vec<String> = self.iter().map(|number| number.to_string()).collect();
        numbers.join(",")
    }
}

impl FromIterator<u8> for Numbers {
    fn from_iter<I: IntoIterator<Item = u8>>(numbers: I) -> Self {
        let mut set = Self::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

/// What a recurrence is made of; Sunday is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) minutes: Numbers,
    pub(super) hours: Numbers,
    pub(super) days: Numbers,
    pub(super) months: Numbers,
    pub(super) weekdays: Numbers,
}

impl Fields {
    /// So many of the hour and the day, on every day.
    pub(super) fn every_day(minutes: Numbers, hours: Numbers) -> Self {
        Self {
            minutes,
            hours,
            days: full(Field::DayOfMonth),
            months: full(Field::Month),
            weekdays: full(Field::Weekday),
        }
    }

    /// Refuses what can be read in two ways and what no year has.
    pub(super) fn check(&self) -> Result<(), RecurrenceError> {
        if self.days != full(Field::DayOfMonth) && self.weekdays != full(Field::Weekday) {
            return Err(RecurrenceError::BothDays);
        }
        let months = (1..).zip(MONTHS);
        let mut months = months.filter(|(number, _)| self.months.contains(*number));
        let first = self.days.iter().next().unwrap_or(1);
        let Some((_, (month, length))) = months.next() else {
            return Ok(());
        };
        if first <= length || months.any(|(_, (_, length))| first <= length) {
            return Ok(());
        }
        Err(RecurrenceError::NeverComes { day: first, month })
    }

    /// Whether it names every hour of the day, so that it follows the hours that pass and not those the
    /// clock on the wall shows.
    pub(super) fn names_every_hour(&self) -> bool {
        self.hours == full(Field::Hour)
    }

    /// The line for the ticking library: with seconds, and with weekdays by name because it counts them
    /// from 1 where a crontab counts from 0.
    pub(super) fn line(&self) -> String {
        let days: Vec<&str> = (0..)
            .zip(WEEKDAYS)
            .filter(|(number, _)| self.weekdays.contains(*number))
            .map(|(_, name)| name)
            .collect();
        let star_or = |numbers: Numbers, field| {
            if numbers == full(field) {
                "*".to_owned()
            } else {
                numbers.list()
            }
        };
        format!(
            "0 {} {} {} {} {}",
            star_or(self.minutes, Field::Minute),
            star_or(self.hours, Field::Hour),
            star_or(self.days, Field::DayOfMonth),
            star_or(self.months, Field::Month),
            if days.len() == WEEKDAYS.len() {
                "*".to_owned()
            } else {
                days.join(",")
            }
        )
    }

    /// How many minutes are named on working days of a calendar, or on all days without one, from a second
    /// of the wall clock to before another. The work grows with the days between, never with the minutes.
    pub(super) fn count(&self, calendar: Option<&Calendar>, from: i64, until: i64) -> u64 {
        let from = from.max(0).saturating_add(59) / 60;
        let until = until.max(0).saturating_add(59) / 60;
        if from >= until {
            return 0;
        }
        let whole = self.minutes.count() * self.hours.count();
        let mut count = 0;
        for day in from / DAY_MINUTES..=(until - 1) / DAY_MINUTES {
            let Ok(number) = u32::try_from(day) else {
                break;
            };
            if !self.names(Day(number)) || calendar.is_some_and(|of| !of.works_on(Day(number))) {
                continue;
            }
            let begin = day * DAY_MINUTES;
            let before = if from > begin {
                self.count_before(from - begin)
            } else {
                0
            };
            let reached = if until < begin + DAY_MINUTES {
                self.count_before(until - begin)
            } else {
                whole
            };
            count += reached - before;
        }
        count
    }

    fn names(&self, day: Day) -> bool {
        let weekday = u8::try_from((day.0 + 4) % 7).unwrap_or(0);
        if !self.weekdays.contains(weekday) {
            return false;
        }
        if self.days == full(Field::DayOfMonth) && self.months == full(Field::Month) {
            return true;
        }
        date(day).is_some_and(|date| {
            let number = |part: i8| u8::try_from(part).unwrap_or(0);
            self.months.contains(number(date.month())) && self.days.contains(number(date.day()))
        })
    }

    /// How many minutes of a day are named before one of them.
    fn count_before(&self, minute_of_day: i64) -> u64 {
        let hour = u8::try_from(minute_of_day / 60).unwrap_or(24);
        let minute = u8::try_from(minute_of_day % 60).unwrap_or(0);
        let begun = if self.hours.contains(hour) {
            self.minutes.count_below(minute)
        } else {
            0
        };
        self.hours.count_below(hour) * self.minutes.count() + begun
    }
}

/// Every number of a field.
pub(super) fn full(field: Field) -> Numbers {
    let (least, most) = match field {
        Field::Weekday => (0, 6),
        other => other.bounds(),
    };
    Numbers::range(least, most)
}

fn date(day: Day) -> Option<Date> {
    let instant = Timestamp::from_second(i64::from(day.0) * DAY_SECONDS).ok()?;
    Some(Offset::UTC.to_datetime(instant).date())
}
