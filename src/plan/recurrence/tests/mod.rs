//! What recurrences promise, sentence by sentence, and against two oracles: another cron library, and a walk
//! through every minute.

mod behind;
mod oracle;
mod reading;
mod shifts;
mod walk;
mod zones;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::Strategy;
use proptest::sample::select;

use super::{Calendar, Day, Recurrence, Slot, Zone};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

fn recurrence(text: &str) -> Recurrence {
    match text.parse() {
        Ok(recurrence) => recurrence,
        Err(error) => panic!("`{text}`: {error}"),
    }
}

fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a zone of the table")
}

fn slot(text: &str) -> Slot {
    text.parse().expect("a slot")
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// The instant of an RFC 3339 text.
fn at(text: &str) -> i64 {
    let instant: Timestamp = text.parse().expect("an instant");
    instant.as_millisecond()
}

/// An instant as people read it.
fn text_of(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms)
        .expect("an instant in range")
        .to_string()
}

/// All days, or Monday to Friday without two of them.
fn calendars() -> [Calendar; 2] {
    let week = Weekday::Monday.cycle_forward().take(5);
    let holidays = [day("2026-12-25"), day("2027-01-01")];
    [Calendar::default(), Calendar::new(week, holidays)]
}

/// Zones whose clocks are set, each in a way of its own.
const RESTLESS: [&str; 12] = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "America/Sao_Paulo",
    "America/Nuuk",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
];

/// Settings of a zone's clock from one year to before another: the instant, and the offsets in seconds
/// before and after it.
fn settings(zone: &TimeZone, from: i16, until: i16) -> Vec<(i64, i64, i64)> {
    let begin = |year| {
        let date = jiff::civil::date(year, 1, 1).at(0, 0, 0, 0);
        TimeZone::UTC.to_timestamp(date).expect("a year in range")
    };
    let mut before = i64::from(zone.to_offset(begin(from)).seconds());
    let mut settings = Vec::new();
    for set in zone.following(begin(from)) {
        if set.timestamp() >= begin(until) {
            break;
        }
        let after = i64::from(set.offset().seconds());
        if after != before {
            settings.push((set.timestamp().as_second(), before, after));
        }
        before = after;
    }
    settings
}

/// Every zone of the table.
fn all_zones() -> Vec<(String, TimeZone)> {
    let database = TimeZoneDatabase::bundled();
    let names = database.available();
    names
        .filter_map(|name| Some((name.to_string(), database.get(name.as_str()).ok()?)))
        .filter(|(_, zone)| zone.iana_name().is_some())
        .collect()
}

/// Numbers that follow from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let bound = u64::try_from(bound).expect("small");
        usize::try_from((self.0 >> 33) % bound).expect("small")
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Any text of a recurrence.
fn texts() -> impl Strategy<Value = String> {
    use proptest::prelude::{Just, prop_oneof};
    let minutes = select(vec![
        "*", "0", "30", "*/15", "0,30", "5-20/5", "59", "1,2,58",
    ]);
    let hours = select(vec![
        "*", "0", "1", "2", "9,17", "*/2", "0-3", "23", "1-23/2", "22-23",
    ]);
    let days = prop_oneof![
        Just("* * *".to_owned()),
        select(vec!["1-5", "0", "7", "sat,sun", "5-7", "*/2", "fri", "1,3"])
            .prop_map(|weekdays| format!("* * {weekdays}")),
        (
            select(vec!["1", "29", "31", "1,15", "28-31", "*/10"]),
            select(vec!["*", "2,3", "jan-mar", "1-12/3", "10", "3,11"])
        )
            .prop_map(|(days, months)| format!("{days} {months} *")),
    ];
    let lines = (minutes, hours, days)
        .prop_map(|(minutes, hours, days)| format!("{minutes} {hours} {days}"));
    let words = select(vec![
        "hourly",
        "Hourly at :15",
        "every minute",
        "every 20 minutes",
        "every 3 hours at :30",
        "daily at 09:00",
        "every day at 2:30",
        "daily at 01:30, 02:30 and 13:30",
        "weekdays at 00:00",
        "Working Days at 09:00",
        "weekends at 12:00",
        "mondays at 08:30",
        "mon, wed at 10:00",
        "fri-sun and tue at 23:59",
        "monthly on 1 at 08:00",
        "monthly on 31st, 15th at 00:00",
    ])
    .prop_map(str::to_owned);
    let suffix = prop_oneof![3 => Just(""), 1 => Just(" on working days")];
    (prop_oneof![2 => lines, 1 => words], suffix)
        .prop_map(|(text, suffix)| format!("{text}{suffix}"))
}
