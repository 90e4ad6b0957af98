//! Instants and amounts of work as the core knows them: numbers handed in, never read from a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An instant in milliseconds since the Unix epoch, UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds from `earlier` to here; 0 when `earlier` is later.
    pub fn since_ms(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

/// In what an estimate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EstimateUnit {
    /// One working session of the project (`session_minutes`).
    Session,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A working day of eight hours.
    Day,
    /// A working week of five days.
    Week,
}

/// How long a task is thought to take: an amount in tenths, so "1.5 days" is exact, and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Estimate {
    /// Tenths of the unit; at least 1.
    pub tenths: u32,
    /// The unit.
    pub unit: EstimateUnit,
}

impl Estimate {
    /// The amount in minutes, given the project's session length; at least 1.
    pub fn minutes(self, session_minutes: u32) -> u32 {
        let unit = match self.unit {
            EstimateUnit::Session => session_minutes,
            EstimateUnit::Minute => 1,
            EstimateUnit::Hour => 60,
            EstimateUnit::Day => 8 * 60,
            EstimateUnit::Week => 5 * 8 * 60,
        };
        let minutes = u64::from(self.tenths) * u64::from(unit) / 10;
        u32::try_from(minutes).unwrap_or(u32::MAX).max(1)
    }
}

/// A text that is no estimate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no estimate; write a number and a unit, such as `1 session`, `30 min`, `4h`, `2 days`"
)]
pub struct BadEstimate(pub String);

impl FromStr for Estimate {
    type Err = BadEstimate;

    fn from_str(text: &str) -> Result<Self, BadEstimate> {
        let bad = || BadEstimate(text.chars().take(40).collect());
        let text_trimmed = text.trim();
        let split = text_trimmed
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .ok_or_else(bad)?;
        let (number, unit) = text_trimmed.split_at(split);
        let unit = match unit.trim().to_ascii_lowercase().as_str() {
            "session" | "sessions" => EstimateUnit::Session,
            "m" | "min" | "mins" | "minute" | "minutes" => EstimateUnit::Minute,
            "h" | "hr" | "hrs" | "hour" | "hours" => EstimateUnit::Hour,
            "d" | "day" | "days" => EstimateUnit::Day,
            "w" | "week" | "weeks" => EstimateUnit::Week,
            _ => return Err(bad()),
        };
        let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
        let whole: u32 = whole.parse().map_err(|_| bad())?;
        if tenth.len() != 1 {
            return Err(bad());
        }
        let tenth: u32 = tenth.parse().map_err(|_| bad())?;
        let tenths = whole
            .checked_mul(10)
            .and_then(|tenths| tenths.checked_add(tenth));
        match tenths {
            Some(tenths @ 1..=100_000) => Ok(Self { tenths, unit }),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.unit {
            EstimateUnit::Session => "session",
            EstimateUnit::Minute => "min",
            EstimateUnit::Hour => "hour",
            EstimateUnit::Day => "day",
            EstimateUnit::Week => "week",
        };
        let (whole, tenth) = (self.tenths / 10, self.tenths % 10);
        let plural = if self.tenths == 10 || self.unit == EstimateUnit::Minute {
            ""
        } else {
            "s"
        };
        if tenth == 0 {
            write!(formatter, "{whole} {word}{plural}")
        } else {
            write!(formatter, "{whole}.{tenth} {word}{plural}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_reads_back_as_it_is_written() {
        for text in [
            "1 session",
            "2 sessions",
            "30 min",
            "1 hour",
            "1.5 days",
            "3 weeks",
        ] {
            let estimate: Estimate = text.parse().expect("a good estimate");
            assert_eq!(estimate.to_string(), text);
        }
        assert_eq!(
            "4h".parse::<Estimate>()
                .map(|estimate| estimate.minutes(60)),
            Ok(240)
        );
    }

    #[test]
    fn a_session_is_as_long_as_the_project_says() {
        let estimate: Estimate = "2 sessions".parse().expect("a good estimate");
        assert_eq!(estimate.minutes(60), 120);
        assert_eq!(estimate.minutes(45), 90);
    }

    #[test]
    fn what_is_no_estimate_is_refused() {
        for text in [
            "",
            "5",
            "h",
            "0 h",
            "-1 h",
            "1.25 h",
            "99999999999 h",
            "1 fortnight",
        ] {
            assert!(text.parse::<Estimate>().is_err(), "{text}");
        }
    }
}
