//! Against another cron library, around every setting of a clock in every zone of the table.
//!
//! Both agree on a recurrence with one minute and one hour, and on one that names every hour. Elsewhere the
//! other library drops what a gap leaves out and repeats what a fold shows twice for lists, ranges and steps
//! of hours, and drops slots whose gap ends on a day that the line does not name; those are left to the walk.

use std::str::FromStr;

use croner::Cron;
use jiff::Zoned;

use super::*;

/// The choice of lines and instants; any number serves.
const SEED: u64 = 2026;
const LOOKED_AHEAD: usize = 3;

#[test]
fn around_every_setting_of_every_clock_both_libraries_find_the_same_instants() {
    println!("seed {SEED}");
    let mut chance = Chance(SEED);
    let (mut zones, mut compared) = (0, 0);
    for (name, time_zone) in all_zones() {
        let settings = settings(&time_zone, 2020, 2031);
        zones += usize::from(!settings.is_empty());
        for (instant, before, after) in settings {
            let line = a_line(&mut chance, instant, before, after);
            let start = instant + a_distance(&mut chance);
            compare(&name, &time_zone, &line, start * 1000);
            compared += 1;
        }
    }
    println!("{zones} zones, {compared} comparisons");
    assert!(zones > 100 && compared > 1_000);
}

/// A line that names a time around a setting, or every hour.
fn a_line(chance: &mut Chance, instant: i64, before: i64, after: i64) -> String {
    let (from, until) = (instant + before.min(after), instant + before.max(after));
    let shown = match chance.below(8) {
        0 => return "0 * * * *".to_owned(),
        1 => return "*/15 * * * *".to_owned(),
        2 => return "37 * * * *".to_owned(),
        // The other library walks a gap second by second, so mostly its end serves.
        3 if before > after || chance.below(8) == 0 => from,
        4 => until,
        5 => from - 60,
        3 | 6 => until - 120,
        _ => 0,
    };
    let minute = shown.rem_euclid(86_400) / 60;
    format!("{} {} * * *", minute % 60, minute / 60)
}

/// Seconds from a setting to where the search begins.
fn a_distance(chance: &mut Chance) -> i64 {
    *chance.pick(&[
        -90_000, -86_400, -5_400, -3_600, -60, -1, 0, 1, 60, 1_800, 3_599, 3_600, 7_200,
    ])
}

#[track_caller]
fn compare(name: &str, time_zone: &TimeZone, line: &str, after_ms: i64) {
    let start = Timestamp::from_millisecond(after_ms).expect("an instant in range");
    let start: Zoned = start.to_zoned(time_zone.clone());
    let oracle = Cron::from_str(line).expect("a line that both read");
    let (zone, calendar) = (zone(name), Calendar::default());
    let recurrence = recurrence(line);
    let ours = recurrence.upcoming(&zone, &calendar, after_ms);
    let theirs = oracle.iter_after(start.clone()).take(LOOKED_AHEAD);
    for (ours, theirs) in ours.zip(theirs) {
        assert_eq!(
            text_of(ours.at_ms),
            theirs.timestamp().to_string(),
            "`{line}` in {name} after {start}"
        );
    }
}
