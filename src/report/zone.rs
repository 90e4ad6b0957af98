//! Instants as people of a project read them: in its time zone, by the zone table built into the
//! program and never by the system's, so a report reads the same on every machine.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::data::Moment;
use crate::plan::day::Day;
use crate::plan::time::Timestamp;

/// A project's time zone.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// The zone of that IANA name; UTC when the table does not have it.
    pub(super) fn named(name: &str) -> Self {
        match TimeZoneDatabase::bundled().get(name) {
            Ok(zone) => Self {
                name: name.to_owned(),
                zone,
            },
            Err(_) => Self {
                name: "UTC".to_owned(),
                zone: TimeZone::UTC,
            },
        }
    }

    /// The zone itself.
    pub(super) fn time_zone(&self) -> TimeZone {
        self.zone.clone()
    }

    /// The name of the zone dates are shown in.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The instant with its local time, such as `Tue 2026-11-24 09:00`; where the clock shows an hour
    /// twice, the offset follows.
    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        let zoned = instant.to_zoned(self.zone.clone());
        let twice = self
            .zone
            .to_ambiguous_timestamp(zoned.datetime())
            .is_ambiguous();
        let format = if twice {
            "%a %Y-%m-%d %H:%M %:z"
        } else {
            "%a %Y-%m-%d %H:%M"
        };
        Moment {
            at_ms: at.0,
            local: zoned.strftime(format).to_string(),
        }
    }

    /// The day an instant falls on; days before 1970 are its first one.
    pub(super) fn day(&self, at: Timestamp) -> Day {
        let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
        let date = instant.to_zoned(self.zone.clone()).date();
        date.to_string().parse().unwrap_or(Day(0))
    }

    /// The start of a day written as `2026-11-24`; none for any other text.
    pub(super) fn start_of_day(&self, text: &str) -> Option<Timestamp> {
        let date: Date = Some(text.trim())
            .filter(|text| text.len() == 10)?
            .parse()
            .ok()?;
        let start = date.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(start.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(zone: &str, at_ms: i64) -> String {
        Zone::named(zone).moment(Timestamp(at_ms)).local
    }

    #[test]
    fn an_instant_is_shown_in_the_zone_of_the_project() {
        assert_eq!(local("UTC", 1_795_510_800_000), "Tue 2026-11-24 09:00");
        assert_eq!(
            local("Europe/Berlin", 1_795_510_800_000),
            "Tue 2026-11-24 10:00"
        );
        assert_eq!(local("No/Where", 1_795_510_800_000), "Tue 2026-11-24 09:00");
        assert_eq!(Zone::named("No/Where").name(), "UTC");
    }

    #[test]
    fn an_hour_the_clock_shows_twice_carries_its_offset() {
        let first = 1_792_888_200_000;
        assert_eq!(local("Europe/Berlin", first), "Sun 2026-10-25 02:30 +02:00");
        assert_eq!(
            local("Europe/Berlin", first + 3_600_000),
            "Sun 2026-10-25 02:30 +01:00"
        );
        assert_eq!(
            local("Europe/Berlin", first + 7_200_000),
            "Sun 2026-10-25 03:30"
        );
    }

    #[test]
    fn an_instant_out_of_range_is_shown_as_the_nearest_one() {
        assert!(local("UTC", i64::MAX).contains(" 9999-12-3"));
        assert!(local("UTC", i64::MIN).contains(" -9999-01-0"));
    }

    #[test]
    fn only_a_whole_date_starts_a_day() {
        let zone = Zone::named("Europe/Berlin");
        assert_eq!(
            zone.start_of_day(" 2026-11-24 "),
            Some(Timestamp(1_795_474_800_000))
        );
        for text in ["", "soon", "2026-11", "2026-13-01", "24.11.2026"] {
            assert_eq!(zone.start_of_day(text), None, "{text}");
        }
    }
}
