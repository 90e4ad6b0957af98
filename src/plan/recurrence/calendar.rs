//! The days on which a project works: days of the week without holidays.

use std::collections::BTreeSet;

use jiff::civil::Weekday;

use super::Day;
use super::fields::Numbers;

/// A project's working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Sunday is 0.
    week: Numbers,
    holidays: BTreeSet<Day>,
}

impl Default for Calendar {
    /// Monday to Friday, without holidays.
    fn default() -> Self {
        Self {
            week: Numbers::range(1, 5),
            holidays: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// The calendar that works on these days of the week, and on none of the holidays.
    pub fn new(
        week: impl IntoIterator<Item = Weekday>,
        holidays: impl IntoIterator<Item = Day>,
    ) -> Self {
        Self {
            week: week
                .into_iter()
                .filter_map(|day| u8::try_from(day.to_sunday_zero_offset()).ok())
                .collect(),
            holidays: holidays.into_iter().collect(),
        }
    }

    /// Whether a day is a working day.
    pub fn works_on(&self, day: Day) -> bool {
        // 1970-01-01 was a Thursday.
        let weekday = u8::try_from((u64::from(day.0) + 4) % 7).unwrap_or(0);
        self.week.contains(weekday) && !self.holidays.contains(&day)
    }

    /// The first working day from one day to another, both inside.
    pub(super) fn next_working_day(&self, from: Day, until: Day) -> Option<Day> {
        (from.0..=until.0).map(Day).find(|day| self.works_on(*day))
    }
}
