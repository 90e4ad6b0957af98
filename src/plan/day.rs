//! Days of the calendar as the core knows them: handed in as `2026-11-24`, counted, never read from a clock.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day, counted from 1970-01-01; stored and shown as `2026-11-24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

/// The last day there is, 9999-12-31.
const LAST: u32 = 2_932_896;
const DAYS_A_WEEK: u32 = 7;

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day; write one between 1970 and 9999 such as `2026-11-24`")]
pub struct BadDay(pub String);

impl Day {
    const FIRST: Date = Date::constant(1970, 1, 1);

    /// The last day of the week of that number, the first week beginning on this day; none when there is
    /// no such week.
    pub fn end_of_week(self, week: u32) -> Option<Self> {
        let days = week.checked_mul(DAYS_A_WEEK)?.checked_sub(1)?;
        let day = self.0.checked_add(days)?;
        (day <= LAST).then_some(Self(day))
    }
}

impl Day {
    /// So many days later; the last day there is when there is none.
    pub fn later(self, days: u32) -> Self {
        Self(self.0.saturating_add(days).min(LAST))
    }
}

impl FromStr for Day {
    type Err = BadDay;

    fn from_str(text: &str) -> Result<Self, BadDay> {
        let bad = || BadDay(text.chars().take(40).collect());
        let text = text.trim();
        let date: Date = Some(text)
            .filter(|text| text.len() == 10)
            .and_then(|text| text.parse().ok())
            .ok_or_else(bad)?;
        let since = date.since(Self::FIRST).map_err(|_| bad())?;
        u32::try_from(since.get_days()).map(Self).map_err(|_| bad())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = jiff::Span::new().try_days(i64::from(self.0.min(LAST)));
        let date = span.and_then(|span| Self::FIRST.checked_add(span));
        write!(formatter, "{}", date.unwrap_or(Date::MAX))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_back_as_it_is_written() {
        for text in ["1970-01-01", "2024-02-29", "2026-11-24", "9999-12-31"] {
            let day: Day = text.parse().expect("a day");
            assert_eq!(day.to_string(), text);
            let json = serde_json::to_string(&day).expect("a day is JSON");
            assert_eq!(serde_json::from_str::<Day>(&json).expect("its own"), day);
        }
        assert_eq!("1970-01-02".parse(), Ok(Day(1)));
        assert_eq!("9999-12-31".parse(), Ok(Day(LAST)));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "soon",
            "2026-11",
            "2026-13-01",
            "2025-02-29",
            "24.11.2026",
            "1969-12-31",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_week_ends_seven_days_after_it_begins() {
        let start: Day = "2026-11-02".parse().expect("a day");
        let end = |week| start.end_of_week(week).map(|day| day.to_string());
        assert_eq!(end(1).as_deref(), Some("2026-11-08"));
        assert_eq!(end(2).as_deref(), Some("2026-11-15"));
        assert_eq!(end(0), None);
        assert_eq!(end(u32::MAX), None);
    }
}
