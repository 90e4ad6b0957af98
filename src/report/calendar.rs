//! Work in minutes as instants: a project's working days have so many minutes each, in its time zone. The
//! same minutes end at the same instant whoever asks.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};

use super::zone::Zone;
use crate::plan::day::Day;
use crate::plan::settings::{Settings, WorkingDay};
use crate::plan::time::Timestamp;

/// Work of more days than this ends on the last of them: some 27 years.
const DAYS_MAX: u32 = 10_000;
const DAY_MINUTES: i64 = 24 * 60;
/// A working day that is short enough begins then, in minutes after midnight.
const MORNING_MINUTES: i64 = 9 * 60;

/// When a project works.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    days: Vec<WorkingDay>,
    holidays: BTreeSet<Day>,
    minutes: i64,
}

impl Calendar {
    /// The calendar of a project.
    pub fn of(settings: &Settings) -> Self {
        Self {
            zone: Zone::named(&settings.time_zone).time_zone(),
            days: settings.working_days.clone(),
            holidays: settings.holidays.iter().copied().collect(),
            minutes: i64::from(settings.workday_minutes).clamp(1, DAY_MINUTES),
        }
    }

    /// When so many minutes of work from an instant on are done. No work is done at once, whatever the day.
    pub fn after(&self, from: Timestamp, minutes: u64) -> Timestamp {
        let mut left = i64::try_from(minutes).unwrap_or(i64::MAX);
        let Some(now) = jiff::Timestamp::from_millisecond(from.0).ok() else {
            return from;
        };
        if left == 0 {
            return from;
        }
        let now = now.to_zoned(self.zone.clone());
        let mut day = now.date();
        let mut reached = now.clone();
        for _ in 0..DAYS_MAX {
            if self.works_on(day)
                && let Some((begin, end)) = self.bounds(day)
            {
                let begin = if begin < now { now.clone() } else { begin };
                let there = (end.timestamp().as_second() - begin.timestamp().as_second()) / 60;
                if there > 0 {
                    let taken = left.min(there);
                    left -= taken;
                    reached = begin.checked_add(taken.minutes()).unwrap_or(begin);
                    if left == 0 {
                        break;
                    }
                }
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Timestamp(reached.timestamp().as_millisecond())
    }

    /// Whether an instant is behind the end of a day.
    pub fn is_after(&self, at: Timestamp, day: Day) -> bool {
        let Ok(at) = jiff::Timestamp::from_millisecond(at.0) else {
            return at.0 > 0;
        };
        let reached = at.to_zoned(self.zone.clone()).date();
        day.to_string()
            .parse::<Date>()
            .is_ok_and(|day| reached > day)
    }

    /// When work begins and ends on a day.
    fn bounds(&self, day: Date) -> Option<(Zoned, Zoned)> {
        // By the clock on the wall, also on a day whose clock is set.
        let begin = MORNING_MINUTES.min(DAY_MINUTES - self.minutes);
        let begin = day.at(0, 0, 0, 0).checked_add(begin.minutes()).ok()?;
        let begin = begin.to_zoned(self.zone.clone()).ok()?;
        let end = begin.checked_add(self.minutes.minutes()).ok()?;
        Some((begin, end))
    }

    fn works_on(&self, date: Date) -> bool {
        let day = match date.weekday() {
            Weekday::Monday => WorkingDay::Monday,
            Weekday::Tuesday => WorkingDay::Tuesday,
            Weekday::Wednesday => WorkingDay::Wednesday,
            Weekday::Thursday => WorkingDay::Thursday,
            Weekday::Friday => WorkingDay::Friday,
            Weekday::Saturday => WorkingDay::Saturday,
            Weekday::Sunday => WorkingDay::Sunday,
        };
        self.days.contains(&day) && (self.holidays.is_empty() || !self.is_holiday(date))
    }

    fn is_holiday(&self, date: Date) -> bool {
        let day: Option<Day> = date.to_string().parse().ok();
        day.is_some_and(|day| self.holidays.contains(&day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let instant: jiff::Timestamp = text.parse().expect("an instant");
        Timestamp(instant.as_millisecond())
    }

    fn check(settings: &Settings, from: &str, minutes: u64, expected: &str) {
        let found = Calendar::of(settings).after(at(from), minutes);
        let found = jiff::Timestamp::from_millisecond(found.0).expect("in range");
        assert_eq!(found.to_string(), expected, "{minutes} min from {from}");
    }

    #[test]
    fn work_fills_working_days_from_nine_on() {
        let office = Settings::default();
        // A Thursday.
        check(&office, "2026-11-26T08:00:00Z", 480, "2026-11-26T17:00:00Z");
        check(&office, "2026-11-26T16:00:00Z", 60, "2026-11-26T17:00:00Z");
        check(&office, "2026-11-26T16:00:00Z", 61, "2026-11-27T09:01:00Z");
        check(&office, "2026-11-26T22:00:00Z", 30, "2026-11-27T09:30:00Z");
        check(&office, "2026-11-26T22:00:00Z", 0, "2026-11-26T22:00:00Z");
    }

    #[test]
    fn nobody_works_at_the_weekend_unless_the_project_does() {
        let office = Settings::default();
        check(&office, "2026-11-27T16:30:00Z", 60, "2026-11-30T09:30:00Z");
        check(&office, "2026-11-28T12:00:00Z", 1, "2026-11-30T09:01:00Z");
        let always = Settings {
            working_days: WorkingDay::ALL.to_vec(),
            workday_minutes: 1_440,
            ..Settings::default()
        };
        check(
            &always,
            "2026-11-27T16:30:00Z",
            1_440,
            "2026-11-28T16:30:00Z",
        );
    }

    #[test]
    fn nobody_works_on_a_holiday() {
        let office = Settings {
            holidays: vec![
                "2026-11-27".parse().expect("a day"),
                "2026-11-30".parse().expect("a day"),
            ],
            ..Settings::default()
        };
        // Over a long weekend: Friday and Monday are holidays.
        check(&office, "2026-11-26T16:30:00Z", 60, "2026-12-01T09:30:00Z");
        check(&office, "2026-11-27T10:00:00Z", 1, "2026-12-01T09:01:00Z");
    }

    #[test]
    fn a_day_is_a_day_of_the_projects_time_zone_also_when_the_clock_changes() {
        let berlin = Settings {
            time_zone: "Europe/Berlin".to_owned(),
            working_days: WorkingDay::ALL.to_vec(),
            ..Settings::default()
        };
        check(&berlin, "2026-11-26T07:00:00Z", 30, "2026-11-26T08:30:00Z");
        // Clocks go back on the Sunday.
        check(&berlin, "2026-10-24T15:00:00Z", 60, "2026-10-25T09:00:00Z");
    }

    #[test]
    fn a_day_is_over_when_the_next_begins_where_the_project_is() {
        let berlin = Settings {
            time_zone: "Europe/Berlin".to_owned(),
            ..Settings::default()
        };
        let day: Day = "2026-11-26".parse().expect("a day");
        let calendar = Calendar::of(&berlin);
        assert!(!calendar.is_after(at("2026-11-26T22:59:00Z"), day));
        assert!(calendar.is_after(at("2026-11-26T23:00:00Z"), day));
    }

    #[test]
    fn endless_work_ends_somewhere() {
        let found = Calendar::of(&Settings::default()).after(at("2026-11-26T08:00:00Z"), u64::MAX);
        assert!(found > at("2050-01-01T00:00:00Z"));
        let never = Settings {
            working_days: Vec::new(),
            ..Settings::default()
        };
        let from = at("2026-11-26T08:00:00Z");
        assert_eq!(Calendar::of(&never).after(from, 5), from);
    }
}
