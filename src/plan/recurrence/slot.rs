//! The name of one time at which a schedule is due: the date and time its local clock should show. A schedule
//! never uses a name twice, so whoever keeps the names handled keeps a job from running twice.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Day;
use super::error::shown;

const DAY_MINUTES: u16 = 24 * 60;
const SECOND_PASS: &str = "~2";

/// A date and time of the local clock, written `2026-11-24T09:00`; with `~2` behind it where the clock was set
/// back and shows the time again. Slots are in the order of their names: it is the order of time except while
/// the clock repeats itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The day.
    pub day: Day,
    /// Minutes since the day's midnight as the clock shows them, 0 to 1439.
    pub minute_of_day: u16,
    /// Whether it is the second time that the clock shows them.
    pub again: bool,
}

/// A slot and its instant. In the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Due {
    /// When it is due, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Its name.
    pub slot: Slot,
}

/// A text that names no slot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no slot; write a local date and time such as `2026-11-24T09:00`")]
pub struct BadSlot(pub String);

impl FromStr for Slot {
    type Err = BadSlot;

    fn from_str(text: &str) -> Result<Self, BadSlot> {
        let bad = || BadSlot(shown(text));
        let (first, again) = match text.strip_suffix(SECOND_PASS) {
            Some(first) => (first, true),
            None => (text, false),
        };
        let (day, time) = first.split_once('T').ok_or_else(bad)?;
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
        let minute_of_day = match *time.as_bytes() {
            [h, our, b':', m, inute] => {
                let part = |tens, ones| Some(digit(tens)? * 10 + digit(ones)?);
                let (hour, minute) = part(h, our).zip(part(m, inute)).ok_or_else(bad)?;
                if hour > 23 || minute > 59 {
                    return Err(bad());
                }
                hour * 60 + minute
            }
            _ => return Err(bad()),
        };
        if day.len() != 10 {
            return Err(bad());
        }
        Ok(Self {
            day: day.parse().map_err(|_| bad())?,
            minute_of_day,
            again,
        })
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minute = self.minute_of_day.min(DAY_MINUTES - 1);
        let (hour, minute) = (minute / 60, minute % 60);
        write!(formatter, "{}T{hour:02}:{minute:02}", self.day)?;
        formatter.write_str(if self.again { SECOND_PASS } else { "" })
    }
}

impl Serialize for Slot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
