//! Slots that went by: counted whatever their number, and caught up at most once whatever the clock does.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::{CATCH_UP_WINDOW_MS, CatchUp, DUE_MAX, Due, Standing};
use super::*;

const CREATED: &str = "2026-11-23T00:00:00Z";

/// Given when slots were handled and how late it is, what is fired and what is missed.
#[track_caller]
fn check(
    text: &str,
    handled: Option<&str>,
    now: &str,
    fire: Option<&str>,
    missed: Option<(&str, &str, u64)>,
) {
    let standing = Standing {
        created_ms: at(CREATED),
        handled_ms: handled.map(at),
        window_ms: CATCH_UP_WINDOW_MS,
    };
    let found = caught_up(text, standing, at(now));
    let name = |due: Due| due.slot.to_string();
    assert_eq!(found.fire.map(name).as_deref(), fire, "{text} at {now}");
    let found = found
        .missed
        .map(|missed| (name(missed.first), name(missed.last), missed.count));
    let found = found
        .as_ref()
        .map(|(first, last, count)| (first.as_str(), last.as_str(), *count));
    assert_eq!(found, missed, "{text} at {now}");
}

fn caught_up(text: &str, standing: Standing, now_ms: i64) -> CatchUp {
    recurrence(text).catch_up(&Zone::utc(), &Calendar::default(), standing, now_ms)
}

#[test]
fn a_slot_is_fired_when_it_comes_and_then_never_again() {
    let text = "daily at 09:00";
    check(text, None, "2026-11-23T08:59:59Z", None, None);
    check(
        text,
        None,
        "2026-11-23T09:00:00Z",
        Some("2026-11-23T09:00"),
        None,
    );
    check(
        text,
        Some("2026-11-23T09:00:00Z"),
        "2026-11-23T09:00:00Z",
        None,
        None,
    );
    check(
        text,
        Some("2026-11-23T09:00:00Z"),
        "2026-11-24T09:00:05Z",
        Some("2026-11-24T09:00"),
        None,
    );
}

#[test]
fn the_newest_within_the_window_is_caught_up_and_the_others_are_missed() {
    let text = "daily at 09:00";
    check(
        text,
        Some("2026-11-23T09:00:00Z"),
        "2026-11-27T13:00:00Z",
        Some("2026-11-27T09:00"),
        Some(("2026-11-24T09:00", "2026-11-26T09:00", 3)),
    );
    check(
        text,
        Some("2026-11-23T09:00:00Z"),
        "2026-11-27T13:00:01Z",
        None,
        Some(("2026-11-24T09:00", "2026-11-27T09:00", 4)),
    );
    check(
        "every 15 minutes",
        Some("2026-11-23T09:00:00Z"),
        "2026-11-23T09:44:00Z",
        Some("2026-11-23T09:30"),
        Some(("2026-11-23T09:15", "2026-11-23T09:15", 1)),
    );
}

#[test]
fn nothing_until_a_schedule_was_made_is_due() {
    let yesterday = Some("2026-11-22T00:00:00Z");
    check("daily at 00:00", yesterday, CREATED, None, None);
    check(
        "daily at 23:00",
        yesterday,
        "2026-11-23T00:30:00Z",
        None,
        None,
    );
    check(
        "daily at 00:30",
        None,
        "2026-11-23T00:30:00Z",
        Some("2026-11-23T00:30"),
        None,
    );
}

#[test]
fn a_clock_that_goes_back_meets_nothing_that_was_handled() {
    let standing = Standing {
        created_ms: at(CREATED),
        handled_ms: Some(at("2026-11-24T09:00:00Z")),
        window_ms: CATCH_UP_WINDOW_MS,
    };
    let found = caught_up("hourly", standing, at("2026-11-24T05:00:00Z"));
    assert_eq!((found.fire, found.missed), (None, None));
    assert_eq!(found.handled_ms, at("2026-11-24T09:00:00Z"));
}

#[test]
fn a_year_of_minutes_is_counted_without_walking_through_them() {
    let text = "* * * * *";
    check(
        text,
        Some("2026-11-23T00:00:00Z"),
        "2027-11-23T00:00:30Z",
        Some("2027-11-23T00:00"),
        Some(("2026-11-23T00:01", "2027-11-22T23:59", 525_599)),
    );
    let (utc, calendar) = (Zone::utc(), Calendar::default());
    let (from, until) = (at("2026-11-23T00:00:00Z"), at("2027-11-23T00:00:00Z"));
    let due = recurrence(text).due(&utc, &calendar, from, until, usize::MAX);
    assert_eq!(due.newest.len(), DUE_MAX);
    assert_eq!(due.count(), 525_600);
    let none = recurrence(text).due(&utc, &calendar, from, until, 0);
    assert_eq!((none.newest.len(), none.passed_over), (0, 525_600));
}

#[test]
fn a_time_that_the_clock_leaves_out_is_caught_up_like_any_other() {
    let new_york = zone("America/New_York");
    let standing = Standing {
        created_ms: at("2026-03-07T12:00:00Z"),
        handled_ms: None,
        window_ms: 30 * 60_000,
    };
    let daily = recurrence("daily at 02:30");
    // By the clock 02:30 would be 07:30 UTC; the slot is due at 07:00.
    let at_gap = |now: &str| daily.catch_up(&new_york, &Calendar::default(), standing, at(now));
    assert_eq!(at_gap("2026-03-08T06:59:59Z").fire, None);
    let fired = at_gap("2026-03-08T07:30:00Z").fire.map(|due| due.slot);
    assert_eq!(fired, Some(slot("2026-03-08T02:30")));
    assert_eq!(at_gap("2026-03-08T07:30:01Z").fire, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn slots_due_are_those_found_one_by_one(
        text in texts(),
        name in proptest::sample::select(RESTLESS.to_vec()),
        after_minutes in 0_i64..(20 * 365 * 1_440),
        length_minutes in prop_oneof![0_i64..2_000, 0_i64..60_000],
        most in 0_usize..20,
        calendar in proptest::sample::select(calendars().to_vec()),
    ) {
        prop_assume!(text.parse::<Recurrence>().is_ok());
        let (recurrence, zone) = (recurrence(&text), zone(name));
        let after_ms = at("2011-01-01T00:00:00Z") + after_minutes * MINUTE_MS;
        // Every minute of a month would be walked through one by one.
        let length_minutes = length_minutes.min(if text.starts_with('*') { 3_000 } else { i64::MAX });
        let until_ms = after_ms + length_minutes * MINUTE_MS;
        let all: Vec<Due> = recurrence
            .upcoming(&zone, &calendar, after_ms)
            .take_while(|due| due.at_ms <= until_ms)
            .collect();
        let due = recurrence.due(&zone, &calendar, after_ms, until_ms, most);
        prop_assert_eq!(due.count(), all.len() as u64);
        prop_assert_eq!(due.newest.len(), most.min(all.len()));
        prop_assert!(all.ends_with(&due.newest));
    }

    #[test]
    fn no_slot_is_fired_twice_and_none_is_lost_whatever_the_clock_does(
        text in texts(),
        name in proptest::sample::select(RESTLESS.to_vec()),
        start_hours in 0_i64..(365 * 24),
        jumps in proptest::collection::vec((-6 * 60_i64..12 * 60, any::<bool>()), 1..25),
        window_ms in 0_u64..8 * 3_600_000,
    ) {
        prop_assume!(text.parse::<Recurrence>().is_ok());
        let (recurrence, zone, calendar) = (recurrence(&text), zone(name), Calendar::default());
        let created_ms = at("2026-01-01T00:00:00Z") + start_hours * HOUR_MS;
        let mut standing = Standing { created_ms, handled_ms: None, window_ms };
        let (mut now_ms, mut latest_ms) = (created_ms, created_ms);
        let (mut fired, mut missed) = (BTreeSet::new(), 0);
        for (minutes, restart) in jumps {
            now_ms += minutes * MINUTE_MS;
            latest_ms = latest_ms.max(now_ms);
            let found = recurrence.catch_up(&zone, &calendar, standing, now_ms);
            prop_assert!(found.handled_ms >= standing.handled_ms.unwrap_or(created_ms));
            if let Some(due) = found.fire {
                prop_assert!(fired.insert(due.slot), "{} twice", due.slot);
                prop_assert!(created_ms < due.at_ms && due.at_ms <= now_ms);
                prop_assert!(now_ms.abs_diff(due.at_ms) <= window_ms);
            }
            if let Some(found) = found.missed {
                missed += found.count;
                prop_assert!(created_ms < found.first.at_ms && found.first <= found.last);
                prop_assert!(!fired.contains(&found.first.slot) && !fired.contains(&found.last.slot));
            }
            standing.handled_ms = Some(found.handled_ms);
            if restart {
                let again = recurrence.catch_up(&zone, &calendar, standing, now_ms);
                prop_assert_eq!((again.fire, again.missed), (None, None));
                prop_assert_eq!(again.handled_ms, found.handled_ms);
            }
        }
        let all = recurrence.due(&zone, &calendar, created_ms, latest_ms, 0).count();
        prop_assert_eq!(fired.len() as u64 + missed, all);
    }
}
