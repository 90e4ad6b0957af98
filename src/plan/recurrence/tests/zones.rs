//! Zones: names, and instants to local times and back.

use super::*;

#[test]
fn a_zone_is_found_in_any_case_and_shows_the_tables_own_spelling() {
    for name in ["europe/berlin", "EUROPE/BERLIN", "Europe/Berlin"] {
        assert_eq!(zone(name).name(), "Europe/Berlin");
    }
    assert_eq!(zone("utc"), Zone::utc());
    assert_eq!(Zone::utc().name(), "UTC");
    let stored = serde_json::to_string(&zone("asia/kolkata")).expect("it is JSON");
    assert_eq!(stored, "\"Asia/Kolkata\"");
    let read: Zone = serde_json::from_str(&stored).expect("its own");
    assert_eq!(read, zone("Asia/Kolkata"));
}

#[test]
fn an_unknown_zone_is_refused_with_names_like_it() {
    let refused = |name: &str| Zone::named(name).expect_err(name).to_string();
    assert_eq!(
        refused("Europe/Berln"),
        "`Europe/Berln` is no IANA time zone; write one such as `Europe/Berlin`"
    );
    assert!(refused("Berlin").contains("`Europe/Berlin`"));
    assert!(refused("New York").contains("`America/New_York`"));
    assert!(refused("Etc/Unknown").contains("is no IANA time zone"));
    for name in [
        "",
        "Mars/Olympus",
        "../../etc/passwd",
        "EST5EDT4,M3.2.0,M11.1.0",
        "\0",
        "é",
    ] {
        assert!(
            refused(name).contains("is no IANA time zone; write one such as"),
            "{name}"
        );
    }
    assert!(refused(&"x".repeat(1 << 20)).len() < 200);
}

#[test]
fn an_instant_is_shown_by_the_clock_of_the_zone() {
    let berlin = zone("Europe/Berlin");
    let local = berlin
        .local(at("2026-11-24T08:00:59.999Z"))
        .expect("in range");
    assert_eq!(local.day, day("2026-11-24"));
    assert_eq!(local.second_of_day, 9 * 3600 + 59);
    assert_eq!(local.offset_seconds, 3600);
    let shown = |name: &str, instant: &str| zone(name).rfc3339(at(instant)).expect("in range");
    assert_eq!(
        shown("Europe/Berlin", "2026-07-01T08:00:00Z"),
        "2026-07-01T10:00:00+02:00"
    );
    assert_eq!(
        shown("Asia/Kolkata", "2026-11-24T08:00:00.250Z"),
        "2026-11-24T13:30:00.25+05:30"
    );
    assert_eq!(
        shown("America/New_York", "2026-11-24T02:00:00Z"),
        "2026-11-23T21:00:00-05:00"
    );
    assert_eq!(
        shown("UTC", "2026-11-24T02:00:00Z"),
        "2026-11-24T02:00:00+00:00"
    );
    for out_of_range in [i64::MIN, -DAY_MS - 1, i64::MAX] {
        assert_eq!(Zone::utc().local(out_of_range), None);
        assert_eq!(Zone::utc().rfc3339(out_of_range), None);
    }
}

#[test]
fn the_zone_table_is_the_one_built_in() {
    // British Columbia stays at -07:00 for good; tables of 2025 still set its clock in November.
    let vancouver = zone("America/Vancouver");
    let winter = vancouver
        .local(at("2026-12-15T12:00:00Z"))
        .expect("in range");
    assert_eq!(winter.offset_seconds, -7 * 3600);
}

#[test]
fn every_slot_has_one_instant() {
    let berlin = zone("Europe/Berlin");
    let instant = |text: &str| berlin.at_ms(slot(text)).map(text_of);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(instant("2026-11-24T09:00"), some("2026-11-24T08:00:00Z"));
    assert_eq!(instant("2026-10-25T02:30"), some("2026-10-25T00:30:00Z"));
    assert_eq!(instant("2026-10-25T02:30~2"), some("2026-10-25T01:30:00Z"));
    assert_eq!(instant("2026-03-29T02:30"), some("2026-03-29T01:00:00Z"));
    assert_eq!(instant("2026-03-29T02:30~2"), None);
    assert_eq!(instant("2026-11-24T09:00~2"), None);
    let apia = zone("Pacific/Apia").at_ms(slot("2011-12-30T09:00"));
    assert_eq!(apia.map(text_of), some("2011-12-30T10:00:00Z"));
    let no_such_minute = Slot {
        minute_of_day: 1_440,
        ..slot("2026-11-24T09:00")
    };
    assert_eq!(berlin.at_ms(no_such_minute), None);
}
