//! Time zones by their IANA names, from the table built into the program and never the system's, so that a
//! schedule is due at the same instants on every machine.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::shown;
use super::{DAY_SECONDS, Day, Slot};

const DAY_MINUTES: u16 = 24 * 60;
/// No name is longer; a longer text is not compared with any.
const NAME_BYTES_MAX: usize = 64;
/// How many names an error offers.
const NEAR_MAX: usize = 3;
/// A name that takes more changes than this is not near.
const CHANGES_MAX: usize = 2;
/// No stretch of a clock repeats or leaves out more than the difference of two offsets, some 26 hours.
const LOOK_BACK_SECONDS: i64 = 2 * DAY_SECONDS;

/// A time zone.
#[derive(Clone)]
pub struct Zone {
    pub(super) zone: TimeZone,
}

/// What clocks of a zone show at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// The day.
    pub day: Day,
    /// Seconds since midnight as the clock shows them, 0 to 86,399.
    pub second_of_day: u32,
    /// How far the clock is before UTC, in seconds; behind it when negative.
    pub offset_seconds: i32,
}

/// A name that the zone table does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is no IANA time zone; write one such as {}",
    if near.is_empty() { "`UTC` or `Europe/Berlin`" } else { near }
)]
pub struct UnknownZone {
    /// The name, its first 40 characters.
    pub name: String,
    /// Names that are like it, in backticks; empty without any.
    pub near: String,
}

impl Zone {
    /// The zone of that name in any case; `name` gives the table's own spelling.
    ///
    /// # Errors
    /// The table has no such name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let found = Some(name)
            .filter(|name| name.len() <= NAME_BYTES_MAX)
            .and_then(|name| TimeZoneDatabase::bundled().get(name).ok())
            .filter(|zone| zone.iana_name().is_some());
        match found {
            Some(zone) => Ok(Self { zone }),
            None => Err(UnknownZone {
                name: shown(name),
                near: near(name),
            }),
        }
    }

    /// Universal time, whose clock is never set.
    pub fn utc() -> Self {
        Self {
            zone: TimeZone::UTC,
        }
    }

    /// Its IANA name as the table spells it.
    pub fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// What its clocks show at an instant; none before 1970 and after 9999.
    pub fn local(&self, at_ms: i64) -> Option<LocalTime> {
        let instant = Timestamp::from_millisecond(at_ms).ok()?;
        let offset = self.zone.to_offset(instant).seconds();
        let shown = at_ms.div_euclid(1000).checked_add(i64::from(offset))?;
        Some(LocalTime {
            day: day_of(shown)?,
            second_of_day: u32::try_from(shown.rem_euclid(DAY_SECONDS)).ok()?,
            offset_seconds: offset,
        })
    }

    /// An instant as RFC 3339 with the zone's offset, such as `2026-11-24T09:00:00+01:00`; none before 1970
    /// and after 9999.
    pub fn rfc3339(&self, at_ms: i64) -> Option<String> {
        let local = self.local(at_ms)?;
        let offset = Offset::from_seconds(local.offset_seconds).ok()?;
        let instant = Timestamp::from_millisecond(at_ms).ok()?;
        Some(instant.display_with_offset(offset).to_string())
    }

    /// The one instant of a slot, in milliseconds: the first at which the clock shows its time, or the second
    /// when the slot says so; the first instant after the gap when the clock leaves its time out. None when
    /// there is no such time of day, or no second one.
    pub fn at_ms(&self, slot: Slot) -> Option<i64> {
        if slot.minute_of_day >= DAY_MINUTES {
            return None;
        }
        let shown = i64::from(slot.day.0) * DAY_SECONDS + i64::from(slot.minute_of_day) * 60;
        let wall = Offset::UTC.to_datetime(Timestamp::from_second(shown).ok()?);
        let before = |offset: Offset| shown - i64::from(offset.seconds());
        let second = match (self.zone.to_ambiguous_timestamp(wall).offset(), slot.again) {
            (AmbiguousOffset::Unambiguous { offset }, false) => before(offset),
            (AmbiguousOffset::Fold { before: offset, .. }, false)
            | (AmbiguousOffset::Fold { after: offset, .. }, true) => before(offset),
            (AmbiguousOffset::Gap { after: offset, .. }, false) => {
                // By the clock of after the gap, which is ahead, the time lies before it.
                let earlier = Timestamp::from_second(before(offset)).ok()?;
                let set = self.zone.following(earlier).next()?;
                set.timestamp().as_second()
            }
            (AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. }, true) => {
                return None;
            }
        };
        second.checked_mul(1000)
    }

    /// The stretches between settings of the clock, in the order of time: enough of them before an instant to
    /// know what the clock has shown already, and on without end.
    pub(super) fn stretches(&self, around: i64) -> Stretches<'_> {
        Stretches {
            zone: &self.zone,
            from: Some(around.saturating_sub(LOOK_BACK_SECONDS)),
            shown: None,
        }
    }
}

/// The day of a second of the wall clock.
pub(super) fn day_of(shown: i64) -> Option<Day> {
    u32::try_from(shown.div_euclid(DAY_SECONDS)).ok().map(Day)
}

/// Instants in a row between which the clock is not set, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The first instant.
    pub(super) from: i64,
    /// The instant behind the last.
    pub(super) until: i64,
    /// What the clock adds to an instant.
    offset: i64,
    /// The furthest that the clock has shown before; none when nothing is known of before.
    pub(super) shown: Option<i64>,
}

impl Stretch {
    /// What the clock shows at an instant of the stretch.
    pub(super) fn shows(&self, instant: i64) -> i64 {
        instant.saturating_add(self.offset)
    }

    /// The instant at which the clock shows something in the stretch.
    pub(super) fn instant(&self, shown: i64) -> i64 {
        shown.saturating_sub(self.offset)
    }
}

/// See [`Zone::stretches`].
pub(super) struct Stretches<'z> {
    zone: &'z TimeZone,
    from: Option<i64>,
    shown: Option<i64>,
}

impl Iterator for Stretches<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        let from = self.from.take()?;
        let first = Timestamp::from_second(from).ok()?;
        let set = self.zone.following(first).next();
        self.from = set.map(|set| set.timestamp().as_second());
        let stretch = Stretch {
            from,
            until: self.from.unwrap_or(i64::MAX),
            offset: i64::from(self.zone.to_offset(first).seconds()),
            shown: self.shown,
        };
        self.shown = self.shown.max(Some(stretch.shows(stretch.until)));
        Some(stretch)
    }
}

/// Names like one that there is not, nearest first.
fn near(name: &str) -> String {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return String::new();
    }
    let asked = name.to_ascii_lowercase().replace(' ', "_");
    let database = TimeZoneDatabase::bundled();
    let mut found: Vec<(usize, String)> = database
        .available()
        .filter_map(|known| {
            let whole = known.as_str().to_ascii_lowercase();
            let city = whole.rsplit('/').next().unwrap_or(&whole);
            let changes = changes(&asked, &whole).min(changes(&asked, city));
            (changes <= CHANGES_MAX).then(|| (changes, known.as_str().to_owned()))
        })
        .collect();
    found.sort_unstable();
    found.truncate(NEAR_MAX);
    let names: Vec<String> = found
        .into_iter()
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    names.join(", ")
}

/// How many characters to add, leave out or replace to make one text of another.
fn changes(from: &str, to: &str) -> usize {
    if from.len().abs_diff(to.len()) > CHANGES_MAX {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, from) in from.bytes().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (left, to) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[left + 1];
            row[left + 1] = replaced.min(diagonal + 1).min(row[left] + 1);
        }
    }
    row[to.len()]
}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Zone").field(&self.name()).finish()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        Self::named(name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}
