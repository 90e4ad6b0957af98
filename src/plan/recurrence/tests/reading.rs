//! Texts: what they mean, how they are written back, and what is said about those that are none.

use proptest::prelude::*;

use super::super::{LENGTH_MAX, ON_WORKING_DAYS};
use super::*;

#[track_caller]
fn written(text: &str, expected: &str) {
    assert_eq!(recurrence(text).to_string(), expected, "{text}");
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    match text.parse::<Recurrence>() {
        Ok(recurrence) => panic!("`{text}` reads as `{recurrence}`"),
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains(expected), "`{text}`: {error}");
        }
    }
}

/// The first slots in UTC from the start of 2026-11-24, a Tuesday.
#[track_caller]
fn first(text: &str, expected: &[&str]) {
    let (utc, calendar) = (Zone::utc(), Calendar::default());
    let recurrence = recurrence(text);
    let slots: Vec<String> = recurrence
        .upcoming(&utc, &calendar, at("2026-11-24T00:00:00Z") - 1)
        .take(expected.len())
        .map(|due| due.slot.to_string())
        .collect();
    assert_eq!(slots, expected, "{text}");
}

#[test]
fn weekdays_are_numbered_as_crontab_numbers_them() {
    let days = [
        ("0", "2026-11-29T09:00"),
        ("1", "2026-11-30T09:00"),
        ("2", "2026-11-24T09:00"),
        ("3", "2026-11-25T09:00"),
        ("4", "2026-11-26T09:00"),
        ("5", "2026-11-27T09:00"),
        ("6", "2026-11-28T09:00"),
        ("7", "2026-11-29T09:00"),
        ("sun", "2026-11-29T09:00"),
        ("Saturday", "2026-11-28T09:00"),
    ];
    for (weekday, expected) in days {
        first(&format!("0 9 * * {weekday}"), &[expected]);
    }
    first(
        "0 9 * * 1-5",
        &[
            "2026-11-24T09:00",
            "2026-11-25T09:00",
            "2026-11-26T09:00",
            "2026-11-27T09:00",
            "2026-11-30T09:00",
        ],
    );
    first(
        "0 9 * * 6-7",
        &["2026-11-28T09:00", "2026-11-29T09:00", "2026-12-05T09:00"],
    );
    first(
        "0 9 * * sat-sun",
        &["2026-11-28T09:00", "2026-11-29T09:00", "2026-12-05T09:00"],
    );
}

#[test]
fn words_mean_what_they_say() {
    first("hourly", &["2026-11-24T00:00", "2026-11-24T01:00"]);
    first("hourly at :15", &["2026-11-24T00:15", "2026-11-24T01:15"]);
    first(
        "every 15 minutes",
        &["2026-11-24T00:00", "2026-11-24T00:15", "2026-11-24T00:30"],
    );
    first(
        "every 8 hours at :30",
        &["2026-11-24T00:30", "2026-11-24T08:30", "2026-11-24T16:30"],
    );
    first(
        "daily at 17:00 and 12:00",
        &["2026-11-24T12:00", "2026-11-24T17:00"],
    );
    first(
        "fridays at 16:00",
        &["2026-11-27T16:00", "2026-12-04T16:00"],
    );
    first(
        "weekends at 10:00",
        &["2026-11-28T10:00", "2026-11-29T10:00", "2026-12-05T10:00"],
    );
    first(
        "mon, wed at 10:00",
        &["2026-11-25T10:00", "2026-11-30T10:00"],
    );
    first(
        "monthly on 1 at 08:00",
        &["2026-12-01T08:00", "2027-01-01T08:00"],
    );
    first(
        "monthly on 31 at 08:00",
        &["2026-12-31T08:00", "2027-01-31T08:00", "2027-03-31T08:00"],
    );
}

#[test]
fn the_same_meaning_in_words_has_one_spelling() {
    written("  DAILY   at 9:00 ", "daily at 09:00");
    written("every day at 09:00", "daily at 09:00");
    written("mon-sun at 09:00", "daily at 09:00");
    written("Monday at 8:30", "mondays at 08:30");
    written("weekly on fri at 16:00", "fridays at 16:00");
    written("every friday at 16:00", "fridays at 16:00");
    written("wed and mon,wednesdays at 10:00", "mon, wed at 10:00");
    written("mon-fri at 0:00", "weekdays at 00:00");
    written("sat,sun at 10:00", "weekends at 10:00");
    written("mon-thu, sat at 10:00", "mon-thu, sat at 10:00");
    written("daily at 17:00 12:00, 12:00", "daily at 12:00, 17:00");
    written("every 60 minutes", "hourly");
    written("every hour at :05", "hourly at :05");
    written("every 1 minutes", "every minute");
    written("every 2 hours at :00", "every 2 hours");
    written(
        "monthly on 15th and 1st at 8:00",
        "monthly on 1, 15 at 08:00",
    );
    written("every working day at 9:00", "working days at 09:00");
    written("daily at 9:00 on working days", "working days at 09:00");
    written("hourly  ON working days", "hourly on working days");
}

#[test]
fn a_crontab_line_is_written_back_in_numbers_and_never_longer() {
    written("0  9 * *\tMON-FRI", "0 9 * * 1-5");
    written("00 09 * * 7", "0 9 * * 0");
    written("0 0 * * sat-sun", "0 0 * * 6-7");
    written("0-59 0-23 1-31 1-12 0-7", "* * * * *");
    written("0-11,12-59 * * * *", "* * * * *");
    written("30,0,30 5-5 * Jan,december *", "0,30 5 * 1,12 *");
    written("0-59/15 0-23/1 * * *", "*/15 * * * *");
    written("5-55/10 * * * 1-7/2", "5-55/10 * * * 1-7/2");
    written("0 9 1 * * on working days", "0 9 1 * * on working days");
}

#[test]
fn what_is_wrong_is_named_with_what_is_allowed() {
    refused("", "is empty");
    refused(" on working days", "is no recurrence");
    refused("0 9 * * 8", "weekday 8 is more than 7; write 0 to 7");
    refused("0 24 * * *", "hour 24 is more than 23; write 0 to 23");
    refused("60 * * * *", "minute 60 is more than 59");
    refused("0 9 0 * *", "day of month 0 is less than 1");
    refused("0 9 * 13 *", "month 13 is more than 12");
    refused(
        "0 9 99999999999999999999999 * *",
        "day of month 18446744073709551615 is more",
    );
    refused("0 9 31 2 *", "31 February never comes");
    refused("0 9 30,31 feb *", "30 February never comes");
    refused("0 9 31 4,6 *", "31 April never comes");
    refused("0 0 9 * * 1", "has 6 fields; write five");
    refused("0 0 9 * * 1 2026", "has 7 fields");
    refused("0 9 * *", "has 4 fields");
    refused("0 0 1 * 1", "both restricted");
    refused("*/15 9-17/2 */2 * fri", "both restricted");
    refused("@reboot", "`@reboot` is not understood");
    refused("@daily", "`daily at 00:00`");
    refused("0 9 L * *", "`L` is not understood");
    refused("0 9 * * 5L", "`L` is not understood");
    refused("0 9 l-3 * *", "`L` is not understood");
    refused("0 9 15W * *", "`W` is not understood");
    refused("0 9 lw * *", "`L` is not understood");
    refused("0 9 * * mon#1", "`#` is not understood");
    refused("0 9 ? * *", "`?` is not understood");
    refused("0 9 * * fri-mon", "weekday fri-mon runs backwards");
    refused("0 17-9 * * *", "hour 17-9 runs backwards");
    refused("*/60 * * * *", "write 1 to 59");
    refused("*/0 * * * *", "has a step that never comes round");
    refused("0 */24 * * *", "write 1 to 23");
    refused("5/10 * * * *", "has a step and no end");
    refused("0 9 * * mittwoch", "weekday `mittwoch` cannot be read");
    refused("1,,2 * * * *", "minute `` cannot be read");
    refused("-1 * * * *", "minute `-1` cannot be read");
    refused("1-2-3 * * * *", "cannot be read");
    refused("*/x * * * *", "cannot be read");
    refused("jan * * * *", "cannot be read");
    refused("fortnightly", "`fortnightly` is no recurrence");
    refused("daily", "is no recurrence");
    refused("daily at", "`` is no time of day");
    refused("daily at 24:00", "`24:00` is no time of day");
    refused("daily at 9am", "`9am` is no time of day");
    refused("daily at 9:5", "`9:5` is no time of day");
    refused("daily at 09:00, 17:30", "share their minutes");
    refused("hourly at 15", "`15` is no minute of the hour");
    refused("hourly at :60", "`:60` is no minute of the hour");
    refused("every 7 minutes", "every 7 minutes does not come out even");
    refused(
        "every 90 minutes",
        "every 90 minutes does not come out even",
    );
    refused("every 0 hours", "every 0 hours does not come out even");
    refused("every 24 hours", "write 1, 2, 3, 4, 6, 8 or 12");
    refused("every few minutes", "is no recurrence");
    refused("monthly on 32 at 08:00", "day of month 32 is more than 31");
    refused("monthly on at 08:00", "is no recurrence");
    refused("monthly on last at 08:00", "is no recurrence");
    refused("fri-mon at 08:00", "runs backwards");
    refused("weekday at", "is no time of day");
    refused(&"1,".repeat(60), "longer than 100 bytes");
    refused(&"x".repeat(1 << 20), "longer than 100 bytes");
    refused(
        &format!("hourly{}", " ".repeat(1 << 20)),
        "longer than 100 bytes",
    );
}

#[test]
fn working_days_are_a_choice_beside_every_text() {
    let daily = recurrence("daily at 09:00");
    let working = daily.clone().on_working_days(true);
    assert_eq!(working.to_string(), "working days at 09:00");
    assert!(working.only_working_days());
    assert_ne!(working, daily);
    assert_eq!(working.on_working_days(false), daily);
    let line = recurrence("0 9 * * *").on_working_days(true);
    assert_eq!(line.to_string(), "0 9 * * * on working days");
    assert_eq!(recurrence(&line.to_string()), line);
}

#[test]
fn the_longest_line_still_reads_back_on_working_days() {
    let minutes: Vec<String> = (10..41).map(|minute| minute.to_string()).collect();
    let line = format!("{} * * * *", minutes.join(","));
    assert_eq!(line.len(), LENGTH_MAX);
    let longest = recurrence(&line).on_working_days(true);
    assert_eq!(recurrence(&longest.to_string()), longest);
    refused(&format!("1{line}"), "longer");
    let times: Vec<String> = (0..19).map(|hour| format!("{hour}:00")).collect();
    refused(
        &format!("fri at {}", times.join(",")),
        "longer than 100 bytes",
    );
}

#[test]
fn it_is_stored_as_its_text() {
    let stored = serde_json::to_string(&recurrence("Weekdays at 9:00")).expect("it is JSON");
    assert_eq!(stored, "\"weekdays at 09:00\"");
    let read: Recurrence = serde_json::from_str(&stored).expect("its own text");
    assert_eq!(read, recurrence("weekdays at 09:00"));
    assert!(serde_json::from_str::<Recurrence>("\"0 9 * * 8\"").is_err());
    let held = slot("2026-10-25T02:30~2");
    let stored = serde_json::to_string(&held).expect("it is JSON");
    assert_eq!(stored, "\"2026-10-25T02:30~2\"");
    assert_eq!(
        serde_json::from_str::<Slot>(&stored).expect("its own"),
        held
    );
}

#[test]
fn what_names_no_slot_is_refused() {
    for text in [
        "",
        "2026-11-24",
        "2026-11-24T9:00",
        "2026-11-24T24:00",
        "2026-11-24T09:60",
        "2026-11-24T09:00:00",
        "2026-11-24T+9:00",
        "2026-02-30T09:00",
        "2026-11-24 09:00",
        "2026-11-24T09:00~3",
        "2026-11-24T09:00~2~2",
    ] {
        assert!(text.parse::<Slot>().is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_text_written_back_reads_as_the_same(text in texts()) {
        let Ok(first) = text.parse::<Recurrence>() else { return Ok(()) };
        let again = recurrence(&first.to_string());
        prop_assert_eq!(again.to_string(), first.to_string());
        prop_assert_eq!(again.fields, first.fields);
        prop_assert_eq!(again, first);
    }

    #[test]
    fn any_line_of_numbers_reads_back_or_is_refused(
        text in "[0-9*]{1,2}(-[0-9]{1,2})?(/[0-9]{1,2})?(,[0-9]{1,2}){0,3} [0-9*]{1,2}(-[0-9]{1,2})?(/[0-9])? \
                 [0-9*]{1,2} (\\*|[0-9](-[0-9])?) [0-7*](-[0-7])?(/[0-3])?(,7)?"
    ) {
        if let Ok(first) = text.parse::<Recurrence>() {
            prop_assert!(first.to_string().len() <= text.len());
            prop_assert_eq!(recurrence(&first.to_string()).fields, first.fields);
        }
    }

    #[test]
    fn no_text_does_harm(text in "\\PC{0,120}", words in "[a-z0-9:,*/@ -]{0,60}( at [0-9:, ]{0,20})?") {
        for text in [text, words] {
            match text.parse::<Recurrence>() {
                Ok(read) => {
                    prop_assert!(read.to_string().len() <= LENGTH_MAX + ON_WORKING_DAYS.len());
                    prop_assert_eq!(recurrence(&read.to_string()), read);
                }
                Err(error) => prop_assert!(error.to_string().len() < 400),
            }
            let _ = text.parse::<Slot>();
            let _ = Zone::named(&text);
        }
    }
}
