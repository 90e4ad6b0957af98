//! Windows: days or weeks of a project, counted from the day it begins, which is day 1 of week 1. They are those
//! of the calendar, so a week has seven days whoever works on which of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::day::Day;

const DAYS_A_WEEK: u32 = 7;
/// The last day of a project that a window may reach; some 27 years.
const DAYS_MAX: u32 = 10_000;

/// What a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowUnit {
    /// Days.
    Day,
    /// Weeks.
    Week,
}

/// From one day or week of a project to another, both inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// What it counts.
    pub unit: WindowUnit,
    /// The first, from 1.
    pub from: u32,
    /// The last, not before the first.
    pub to: u32,
}

impl Window {
    /// The last number that a window of a unit may reach.
    pub fn most(unit: WindowUnit) -> u32 {
        match unit {
            WindowUnit::Day => DAYS_MAX,
            WindowUnit::Week => DAYS_MAX / DAYS_A_WEEK,
        }
    }

    /// Whether its numbers are in order and in range.
    pub fn is_sound(self) -> bool {
        1 <= self.from && self.from <= self.to && self.to <= Self::most(self.unit)
    }

    /// The window itself, when it is in order.
    ///
    /// # Errors
    /// What is wrong about it, as the rest of a sentence.
    pub fn checked(self) -> Result<Self, String> {
        if self.is_sound() {
            return Ok(self);
        }
        let (word, most) = (self.word(), Self::most(self.unit));
        let (from, to) = (self.from, self.to);
        Err(if from <= to {
            format!("is {word}s {from} to {to}; {word}s are counted from 1 to {most}")
        } else {
            format!("ends with {word} {to}, before it begins with {word} {from}")
        })
    }

    /// Its first and last day, counted from 1.
    pub fn days(self) -> (u32, u32) {
        match self.unit {
            WindowUnit::Day => (self.from, self.to),
            WindowUnit::Week => {
                let first = self.from.saturating_sub(1).saturating_mul(DAYS_A_WEEK);
                (first.saturating_add(1), self.to.saturating_mul(DAYS_A_WEEK))
            }
        }
    }

    /// Its first and last day of the calendar in a project that begins on a day.
    pub fn dates(self, start: Day) -> (Day, Day) {
        let (first, last) = self.days();
        (start.later(first - 1), start.later(last - 1))
    }

    /// Whether a day is inside, in a project that begins on another.
    pub fn holds(self, start: Day, day: Day) -> bool {
        let (first, last) = self.dates(start);
        (first..=last).contains(&day)
    }

    fn word(self) -> &'static str {
        match self.unit {
            WindowUnit::Day => "day",
            WindowUnit::Week => "week",
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, from, to) = (self.word(), self.from, self.to);
        if from == to {
            write!(formatter, "{word} {from}")
        } else {
            write!(formatter, "{word}s {from}-{to}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(unit: WindowUnit, from: u32, to: u32) -> Window {
        Window { unit, from, to }
    }

    #[test]
    fn two_weeks_are_fourteen_days_of_the_calendar() {
        let start: Day = "2026-11-02".parse().expect("a day");
        let weeks = window(WindowUnit::Week, 1, 2);
        assert_eq!(weeks.days(), (1, 14));
        let dates = |window: Window| {
            let (first, last) = window.dates(start);
            (first.to_string(), last.to_string())
        };
        let both = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(dates(weeks), both("2026-11-02", "2026-11-15"));
        let days = window(WindowUnit::Day, 12, 14);
        assert_eq!(dates(days), both("2026-11-13", "2026-11-15"));
        assert_eq!(days.to_string(), "days 12-14");
        assert_eq!(window(WindowUnit::Week, 3, 3).to_string(), "week 3");
    }

    #[test]
    fn a_day_is_inside_from_the_first_to_the_last() {
        let days = window(WindowUnit::Day, 3, 4);
        let held = (0..6).map(|day| days.holds(Day(100), Day(100 + day)));
        let held: Vec<bool> = held.collect();
        assert_eq!(held, [false, false, true, true, false, false]);
        assert!(!days.holds(Day(100), Day(50)));
    }

    #[test]
    fn what_is_out_of_order_or_out_of_range_is_refused() {
        for (unit, from, to) in [
            (WindowUnit::Day, 0, 3),
            (WindowUnit::Day, 3, 2),
            (WindowUnit::Week, 1, 1_429),
            (WindowUnit::Day, 1, u32::MAX),
        ] {
            let window = window(unit, from, to);
            assert!(window.checked().is_err(), "{window:?}");
            assert!(window.days().1 >= to, "{window:?}");
        }
        assert!(window(WindowUnit::Week, 1_428, 1_428).checked().is_ok());
    }
}
