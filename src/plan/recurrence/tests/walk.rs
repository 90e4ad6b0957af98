//! Against a walk through every minute, which needs to know nothing of how clocks are set.

use proptest::prelude::*;

use super::super::Due;
use super::super::fields::Fields;
use super::*;

/// All slots after an instant until another, found minute by minute: the clock is read, and whatever it shows
/// for the first time or leaves out is held against the fields.
fn walked(
    recurrence: &Recurrence,
    zone: &Zone,
    calendar: &Calendar,
    after_ms: i64,
    until_ms: i64,
) -> Vec<Due> {
    let shown_at = |at_ms: i64| {
        let local = zone.local(at_ms).expect("an instant in range");
        i64::from(local.day.0) * 1_440 + i64::from(local.second_of_day / 60)
    };
    let by_the_hour = recurrence.fields.names_every_hour();
    let named = |minute: i64| {
        let day = Day(u32::try_from(minute / 1_440).expect("a day in range"));
        let works = !recurrence.only_working_days() || calendar.works_on(day);
        works && names(&recurrence.fields, minute)
    };
    let first = after_ms.div_euclid(MINUTE_MS) * MINUTE_MS - 2 * DAY_MS;
    let mut furthest = shown_at(first);
    let mut found = Vec::new();
    for at_ms in (first + MINUTE_MS..=until_ms).step_by(60_000) {
        let shown = shown_at(at_ms);
        let again = shown <= furthest;
        let newest = if by_the_hour {
            Some(shown).filter(|minute| named(*minute))
        } else {
            // A day that is in between altogether never was.
            let skipped = |minute: &i64| {
                let day = minute.div_euclid(1_440);
                furthest < day * 1_440 && (day + 1) * 1_440 <= shown
            };
            let reached = (furthest + 1..=shown).rev();
            let mut reached = reached.filter(|minute| !skipped(minute));
            reached.find(|minute| named(*minute))
        };
        furthest = furthest.max(shown);
        if let Some(minute) = newest
            && at_ms > after_ms
        {
            let slot = Slot {
                day: Day(u32::try_from(minute / 1_440).expect("a day in range")),
                minute_of_day: u16::try_from(minute % 1_440).expect("a minute of a day"),
                again: again && by_the_hour,
            };
            found.push(Due { at_ms, slot });
        }
    }
    found
}

/// Whether all five fields name a minute counted from 1970, by the calendar of another library.
fn names(fields: &Fields, minute: i64) -> bool {
    let instant = Timestamp::from_second(minute * 60).expect("an instant in range");
    let shown = jiff::tz::Offset::UTC.to_datetime(instant);
    let holds = |set: super::super::fields::Numbers, number: i8| {
        set.contains(u8::try_from(number).expect("a small number"))
    };
    holds(fields.minutes, shown.minute())
        && holds(fields.hours, shown.hour())
        && holds(fields.days, shown.day())
        && holds(fields.months, shown.month())
        && holds(
            fields.weekdays,
            shown.date().weekday().to_sunday_zero_offset(),
        )
}

#[track_caller]
fn compare(text: &str, zone: &Zone, calendar: &Calendar, after_ms: i64, until_ms: i64) {
    let recurrence = recurrence(text);
    let expected = walked(&recurrence, zone, calendar, after_ms, until_ms);
    let found: Vec<Due> = recurrence
        .upcoming(zone, calendar, after_ms)
        .take_while(|due| due.at_ms <= until_ms)
        .collect();
    let said = format!(
        "`{text}` in {zone} from {} to {}",
        text_of(after_ms),
        text_of(until_ms)
    );
    assert_eq!(found, expected, "{said}");
    let counted = recurrence.due(zone, calendar, after_ms, until_ms, 3);
    assert_eq!(counted.count(), expected.len() as u64, "{said}");
    assert!(expected.ends_with(&counted.newest), "{said}");
    let mut last = after_ms;
    for due in &found {
        assert!(last < due.at_ms, "{said}");
        assert_eq!(
            zone.at_ms(due.slot),
            Some(due.at_ms),
            "{said}: {}",
            due.slot
        );
        last = due.at_ms;
    }
    let mut names: Vec<Slot> = found.iter().map(|due| due.slot).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), found.len(), "{said}: a name twice");
}

/// The choice of lines; any number serves.
const SEED: u64 = 1_124;

#[test]
fn every_way_in_which_clocks_were_ever_set_gives_what_the_walk_finds() {
    println!("seed {SEED}");
    let mut chance = Chance(SEED);
    let lines = [
        "*/10 * * * *",
        "every 5 minutes on working days",
        "7,37 0-3,22-23 * * *",
        "*/20 */2 * * *",
        "0 0 * * *",
        "30 2 * * *",
        "15 0,12,23 * * 5-7",
        "daily at 00:30, 01:30",
        "0 0,1 1,31 * *",
    ];
    let calendar = Calendar::default();
    let mut ways = std::collections::BTreeSet::new();
    for (name, time_zone) in all_zones() {
        // Since 1973 every offset is of whole minutes.
        for (instant, before, after) in settings(&time_zone, 1973, 2040) {
            let begins = (instant + before).rem_euclid(86_400);
            if ways.insert((begins, before - after)) {
                let at_ms = instant * 1000;
                for _ in 0..3 {
                    let line = chance.pick(&lines);
                    let (from, until) = (at_ms - 5 * HOUR_MS, at_ms + 5 * HOUR_MS);
                    compare(line, &zone(&name), &calendar, from, until);
                }
            }
        }
    }
    println!("{} ways", ways.len());
    assert!(ways.len() > 50);
}

#[test]
fn days_left_out_give_what_the_walk_finds() {
    let left_out = [
        ("Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("Pacific/Fakaofo", "2011-12-30T11:00:00Z"),
        ("Pacific/Kwajalein", "1993-08-21T12:00:00Z"),
        ("Pacific/Kiritimati", "1994-12-31T10:00:00Z"),
    ];
    for (name, instant) in left_out {
        for text in [
            "0 */6 * * *",
            "hourly",
            "30 23 * * *",
            "0 0,12 * * *",
            "0 9 * * 5,6",
        ] {
            let (zone, calendar) = (zone(name), Calendar::default());
            let at_ms = at(instant);
            compare(text, &zone, &calendar, at_ms - DAY_MS, at_ms + DAY_MS);
        }
    }
}

#[test]
fn a_clock_set_again_while_it_repeats_itself_gives_what_the_walk_finds() {
    // On 10 April it goes from 02:00 back to 01:00, and at 01:30 on to 02:30: 02:00 to 02:30 is left out.
    let rule = TimeZone::posix("STD0DST1,J100/2,J100/1:30").expect("a rule");
    let zone = Zone { zone: rule };
    let calendar = Calendar::default();
    let (after_ms, until_ms) = (at("2026-04-09T12:00:00Z"), at("2026-04-10T12:00:00Z"));
    for (text, count) in [
        ("45 1 * * *", 1),
        ("15,45 1,2 * * *", 4),
        ("*/15 * * * *", 96),
    ] {
        let recurrence = recurrence(text);
        let expected = walked(&recurrence, &zone, &calendar, after_ms, until_ms);
        let found = recurrence.due(&zone, &calendar, after_ms, until_ms, 200);
        assert_eq!(found.newest, expected, "{text}");
        assert_eq!((found.passed_over, expected.len()), (0, count), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_recurrence_gives_what_the_walk_finds(
        text in texts(),
        name in proptest::sample::select(RESTLESS.to_vec()),
        year in 2001_i16..2040,
        place in any::<proptest::sample::Index>(),
        start_minutes in -600_i64..600,
        length_minutes in 0_i64..1_200,
        calendar in proptest::sample::select(calendars().to_vec()),
    ) {
        prop_assume!(text.parse::<Recurrence>().is_ok());
        let zone = zone(name);
        let table = TimeZoneDatabase::bundled().get(name).expect("a zone of the table");
        let settings = settings(&table, year, year + 1);
        let instant = match settings.len() {
            0 => at("2026-12-24T12:00:00Z"),
            length => settings[place.index(length)].0 * 1000,
        };
        let after_ms = instant + start_minutes * MINUTE_MS;
        compare(&text, &zone, &calendar, after_ms, after_ms + length_minutes * MINUTE_MS);
    }
}
