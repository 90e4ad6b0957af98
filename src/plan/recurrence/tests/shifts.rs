//! Days on which clocks are set, leap days and days off, one by one.

use super::*;

/// The slots after an instant, each as `name = instant`.
#[track_caller]
fn check(text: &str, zone_name: &str, after: &str, expected: &[&str]) {
    check_on(text, zone_name, &Calendar::default(), after, expected);
}

#[track_caller]
fn check_on(text: &str, zone_name: &str, calendar: &Calendar, after: &str, expected: &[&str]) {
    let (recurrence, zone) = (recurrence(text), zone(zone_name));
    let found: Vec<String> = recurrence
        .upcoming(&zone, calendar, at(after))
        .take(expected.len())
        .map(|due| format!("{} = {}", due.slot, text_of(due.at_ms)))
        .collect();
    assert_eq!(found, expected, "`{text}` in {zone_name}");
}

#[test]
fn a_time_that_the_clock_leaves_out_is_due_right_after_the_gap() {
    check(
        "30 2 * * *",
        "America/New_York",
        "2026-03-07T00:00:00Z",
        &[
            "2026-03-07T02:30 = 2026-03-07T07:30:00Z",
            "2026-03-08T02:30 = 2026-03-08T07:00:00Z",
            "2026-03-09T02:30 = 2026-03-09T06:30:00Z",
        ],
    );
}

#[test]
fn times_left_out_together_are_due_once_under_the_newest_name() {
    check(
        "*/15 2 * * *",
        "America/New_York",
        "2026-03-08T06:59:00Z",
        &[
            "2026-03-08T02:45 = 2026-03-08T07:00:00Z",
            "2026-03-09T02:00 = 2026-03-09T06:00:00Z",
        ],
    );
    check(
        "0 2,3 * * *",
        "America/New_York",
        "2026-03-08T06:00:00Z",
        &[
            "2026-03-08T03:00 = 2026-03-08T07:00:00Z",
            "2026-03-09T02:00 = 2026-03-09T06:00:00Z",
        ],
    );
}

#[test]
fn a_time_that_the_clock_shows_twice_is_due_the_first_time() {
    check(
        "30 1 * * *",
        "America/New_York",
        "2026-10-31T12:00:00Z",
        &[
            "2026-11-01T01:30 = 2026-11-01T05:30:00Z",
            "2026-11-02T01:30 = 2026-11-02T06:30:00Z",
        ],
    );
    // Also when the search begins in the second hour, and for a list.
    check(
        "0,30 1,13 * * *",
        "America/New_York",
        "2026-11-01T05:30:00Z",
        &["2026-11-01T13:00 = 2026-11-01T18:00:00Z"],
    );
    check(
        "30 1 * * *",
        "America/New_York",
        "2026-11-01T06:10:00Z",
        &["2026-11-02T01:30 = 2026-11-02T06:30:00Z"],
    );
}

#[test]
fn what_recurs_every_hour_follows_the_hours_that_pass() {
    check(
        "*/30 * * * *",
        "America/New_York",
        "2026-11-01T05:00:00Z",
        &[
            "2026-11-01T01:30 = 2026-11-01T05:30:00Z",
            "2026-11-01T01:00~2 = 2026-11-01T06:00:00Z",
            "2026-11-01T01:30~2 = 2026-11-01T06:30:00Z",
            "2026-11-01T02:00 = 2026-11-01T07:00:00Z",
        ],
    );
    check(
        "hourly at :30",
        "America/New_York",
        "2026-03-08T06:00:00Z",
        &[
            "2026-03-08T01:30 = 2026-03-08T06:30:00Z",
            "2026-03-08T03:30 = 2026-03-08T07:30:00Z",
        ],
    );
}

#[test]
fn midnights_that_are_left_out_come_an_hour_later() {
    check(
        "daily at 00:00",
        "America/Sao_Paulo",
        "2018-11-03T12:00:00Z",
        &[
            "2018-11-04T00:00 = 2018-11-04T03:00:00Z",
            "2018-11-05T00:00 = 2018-11-05T02:00:00Z",
        ],
    );
    check(
        "daily at 00:30",
        "Asia/Beirut",
        "2026-03-28T12:00:00Z",
        &[
            "2026-03-29T00:30 = 2026-03-28T22:00:00Z",
            "2026-03-30T00:30 = 2026-03-29T21:30:00Z",
        ],
    );
    check(
        "daily at 00:10",
        "Africa/Cairo",
        "2026-04-23T12:00:00Z",
        &[
            "2026-04-24T00:10 = 2026-04-23T22:00:00Z",
            "2026-04-25T00:10 = 2026-04-24T21:10:00Z",
        ],
    );
}

#[test]
fn the_day_of_a_slot_is_the_one_it_names_also_when_the_gap_ends_the_next_day() {
    // The clock goes from 23:00 on Saturday to 00:00 on Sunday.
    check(
        "saturdays at 23:30",
        "America/Nuuk",
        "2026-03-27T12:00:00Z",
        &[
            "2026-03-28T23:30 = 2026-03-29T01:00:00Z",
            "2026-04-04T23:30 = 2026-04-05T00:30:00Z",
        ],
    );
}

#[test]
fn lord_howe_sets_its_clock_by_half_an_hour() {
    check(
        "15 2 * * *",
        "Australia/Lord_Howe",
        "2026-10-03T00:00:00Z",
        &[
            "2026-10-04T02:15 = 2026-10-03T15:30:00Z",
            "2026-10-05T02:15 = 2026-10-04T15:15:00Z",
        ],
    );
    check(
        "every 15 minutes",
        "Australia/Lord_Howe",
        "2026-04-04T14:30:00Z",
        &[
            "2026-04-05T01:45 = 2026-04-04T14:45:00Z",
            "2026-04-05T01:30~2 = 2026-04-04T15:00:00Z",
            "2026-04-05T01:45~2 = 2026-04-04T15:15:00Z",
            "2026-04-05T02:00 = 2026-04-04T15:30:00Z",
        ],
    );
}

#[test]
fn troll_sets_its_clock_by_two_hours() {
    check(
        "0,30 1,2 * * *",
        "Antarctica/Troll",
        "2026-03-29T00:59:00Z",
        &[
            "2026-03-29T02:30 = 2026-03-29T01:00:00Z",
            "2026-03-30T01:00 = 2026-03-29T23:00:00Z",
        ],
    );
    check(
        "hourly",
        "Antarctica/Troll",
        "2026-10-24T23:30:00Z",
        &[
            "2026-10-25T02:00 = 2026-10-25T00:00:00Z",
            "2026-10-25T01:00~2 = 2026-10-25T01:00:00Z",
            "2026-10-25T02:00~2 = 2026-10-25T02:00:00Z",
            "2026-10-25T03:00 = 2026-10-25T03:00:00Z",
        ],
    );
}

#[test]
fn a_day_that_a_zone_leaves_out_has_no_slots() {
    check(
        "daily at 09:00",
        "Pacific/Apia",
        "2011-12-29T12:00:00Z",
        &[
            "2011-12-29T09:00 = 2011-12-29T19:00:00Z",
            "2011-12-31T09:00 = 2011-12-30T19:00:00Z",
        ],
    );
    check(
        "fridays at 09:00",
        "Pacific/Apia",
        "2011-12-29T12:00:00Z",
        &["2012-01-06T09:00 = 2012-01-05T19:00:00Z"],
    );
    check(
        "daily at 23:00",
        "Pacific/Kwajalein",
        "1993-08-20T12:00:00Z",
        &[
            "1993-08-20T23:00 = 1993-08-21T11:00:00Z",
            "1993-08-22T23:00 = 1993-08-22T11:00:00Z",
        ],
    );
}

#[test]
fn a_leap_day_comes_when_it_comes() {
    check(
        "0 9 29 2 *",
        "UTC",
        "2026-11-24T00:00:00Z",
        &[
            "2028-02-29T09:00 = 2028-02-29T09:00:00Z",
            "2032-02-29T09:00 = 2032-02-29T09:00:00Z",
            "2036-02-29T09:00 = 2036-02-29T09:00:00Z",
        ],
    );
    // In 2032 it is a Sunday.
    check(
        "0 9 29 2 * on working days",
        "UTC",
        "2026-11-24T00:00:00Z",
        &[
            "2028-02-29T09:00 = 2028-02-29T09:00:00Z",
            "2036-02-29T09:00 = 2036-02-29T09:00:00Z",
        ],
    );
}

#[test]
fn days_on_which_nobody_works_have_no_slots() {
    let [_, calendar] = calendars();
    check_on(
        "working days at 09:00",
        "Europe/Berlin",
        &calendar,
        "2026-12-23T09:00:00Z",
        &[
            "2026-12-24T09:00 = 2026-12-24T08:00:00Z",
            "2026-12-28T09:00 = 2026-12-28T08:00:00Z",
        ],
    );
    check_on(
        "monthly on 1 at 08:00 on working days",
        "Europe/Berlin",
        &calendar,
        "2026-12-23T09:00:00Z",
        &["2027-02-01T08:00 = 2027-02-01T07:00:00Z"],
    );
    // The same text without the choice takes no notice of the calendar.
    check_on(
        "daily at 09:00",
        "Europe/Berlin",
        &calendar,
        "2026-12-24T09:00:00Z",
        &["2026-12-25T09:00 = 2026-12-25T08:00:00Z"],
    );
}

#[test]
fn a_search_without_an_answer_ends() {
    let never = Calendar::new([], []);
    let holidays = (0..40_000).map(|number| Day(day("2026-01-01").0 + number));
    let always_off = Calendar::new(Weekday::Monday.cycle_forward().take(7), holidays);
    for calendar in [&never, &always_off] {
        for text in ["every minute on working days", "0 9 29 2 * on working days"] {
            let recurrence = recurrence(text);
            let found = recurrence.next_after(&Zone::utc(), calendar, at("2026-11-24T00:00:00Z"));
            assert_eq!(found, None, "{text}");
        }
    }
}

#[test]
fn nothing_further_ahead_than_ten_years_is_looked_for() {
    let mondays = Calendar::new([Weekday::Monday], []);
    let recurrence = recurrence("0 12 29 2 * on working days");
    let next = |after_ms| recurrence.next_after(&Zone::utc(), &mondays, after_ms);
    let noon_ms = at("2044-02-29T12:00:00Z");
    let first_ms = noon_ms - 3_653 * DAY_MS;
    assert_eq!(next(first_ms).map(|due| due.at_ms), Some(noon_ms));
    assert_eq!(next(first_ms - 1_000), None);
    // What has gone by is counted and found all the same.
    let due = recurrence.due(
        &Zone::utc(),
        &mondays,
        at("2027-01-01T00:00:00Z"),
        noon_ms,
        9,
    );
    assert_eq!((due.newest.len(), due.passed_over), (1, 0));
}

#[test]
fn nothing_is_due_out_of_reach() {
    let (minutely, utc, calendar) = (recurrence("* * * * *"), Zone::utc(), Calendar::default());
    let next = |after_ms| minutely.next_after(&utc, &calendar, after_ms);
    let slot_of = |after_ms| next(after_ms).map(|due| due.slot.to_string());
    assert_eq!(slot_of(i64::MIN).as_deref(), Some("1970-01-01T00:00"));
    assert_eq!(
        slot_of(at("2100-12-31T23:58:00Z")).as_deref(),
        Some("2100-12-31T23:59")
    );
    assert_eq!(next(at("2100-12-31T23:59:00Z")), None);
    assert_eq!(next(i64::MAX), None);
    let all = minutely.due(&utc, &calendar, i64::MIN, i64::MAX, 1);
    assert_eq!(all.newest.len(), 1);
    // 131 years with 32 leap days.
    assert_eq!(all.count(), (131 * 365 + 32) * 1_440);
}

#[test]
fn fractions_of_a_second_belong_to_the_second() {
    let (noon, utc, calendar) = (
        recurrence("daily at 12:00"),
        Zone::utc(),
        Calendar::default(),
    );
    let noon_ms = at("2026-11-24T12:00:00Z");
    let next = |after_ms| {
        noon.next_after(&utc, &calendar, after_ms)
            .map(|due| due.at_ms)
    };
    assert_eq!(next(noon_ms - 1), Some(noon_ms));
    assert_eq!(next(noon_ms), Some(noon_ms + DAY_MS));
    assert_eq!(
        noon.due(&utc, &calendar, noon_ms - 1, noon_ms, 9).count(),
        1
    );
    assert_eq!(
        noon.due(&utc, &calendar, noon_ms - 9, noon_ms - 1, 9)
            .count(),
        0
    );
    assert_eq!(noon.due(&utc, &calendar, noon_ms, noon_ms, 9).count(), 0);
    assert_eq!(
        noon.due(&utc, &calendar, noon_ms + DAY_MS, noon_ms, 9)
            .count(),
        0
    );
}
