//! Standups by example: they open once, take entries late but say so, and are told of once.

use super::super::command::{
    Command, Gathering, NewEntry, NewReport, NewSchedule, Timing, find_standup,
};
use super::super::day::Day;
use super::super::event::{Job, ReportKind, Slots, Urgency};
use super::super::fact::Actor;
use super::super::model::Standup;
use super::super::refusal::Reason;
use super::super::time::Timestamp;
use super::{Given, by, lead, plan};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Monday, 2026-11-23, at midnight UTC.
const MONDAY: i64 = 1_795_392_000_000;

fn at(mut given: Given, now_ms: i64) -> Given {
    given.now_ms = now_ms;
    given
}

fn open() -> Command {
    Command::Gather(Gathering::Open)
}

fn entry(new: NewEntry) -> Command {
    Command::Gather(Gathering::Enter(Box::new(new)))
}

fn next(words: &str) -> Command {
    entry(NewEntry {
        slots: Slots {
            next: words.into(),
            ..Slots::default()
        },
        ..NewEntry::default()
    })
}

fn on(day: &str, words: &str) -> Command {
    entry(NewEntry {
        day: Some(day.parse().expect("a day")),
        text: words.to_owned(),
        ..NewEntry::default()
    })
}

fn publish(given: &Given, run: Option<(&str, u32)>) -> Command {
    Command::Time(Timing::Publish(Box::new(NewReport {
        kind: ReportKind::Standup,
        title: "Standup of Shop".to_owned(),
        urgency: Urgency::Info,
        role: String::new(),
        run: run.map(|(name, run)| (name.to_owned(), run)),
        since: Timestamp(given.now_ms - DAY),
        until: Timestamp(given.now_ms),
        as_of: given.plan.version(),
        facts: String::new(),
        document: "{}".to_owned(),
        note: String::new(),
        channels: Vec::new(),
    })))
}

/// Monday at eight, with a standup at nine every day and two agents.
fn morning() -> Given {
    let given = at(plan(), MONDAY - 6 * HOUR);
    let set = Timing::Set(vec![NewSchedule::new("standup", "daily at 09:00")]);
    let given = given.and(lead(), Command::Time(set));
    let given = given.agent("dan", "developer").agent("ada", "architect");
    at(given, MONDAY + 8 * HOUR)
}

/// Nine o'clock: the schedule fires and the report is published.
fn held(given: Given) -> Given {
    let given = at(given, MONDAY + 9 * HOUR);
    let fire = Timing::Fire {
        schedule: "standup".to_owned(),
        slot: "2026-11-23T09:00".parse().expect("a slot"),
    };
    let given = given.and(Actor::System, Command::Time(fire));
    let run = given.plan.schedule("standup").expect("it is there");
    let run = run.under_way.as_ref().expect("it fired").run;
    let publish = publish(&given, Some(("standup", run)));
    let events = ["ReportPublished", "SlotEnded", "StandupHeld"];
    given.then(Actor::System, publish, &events)
}

fn standup(given: &Given) -> &Standup {
    find_standup(&given.plan, None, Timestamp(given.now_ms)).expect("a standup")
}

fn said(given: &Given) -> Vec<(&str, &str, bool)> {
    let entries = standup(given).entries.iter();
    entries
        .map(|it| (it.by.name(), &*it.slots.next, it.late))
        .collect()
}

#[test]
fn a_standup_opens_once_a_day_until_its_schedule_publishes_it() {
    let given = morning();
    given.refuses(lead(), open(), Reason::NotAllowed);
    let open_now = given.then(Actor::System, open(), &["StandupOpened"]);
    let standup = standup(&open_now);
    assert_eq!(standup.day, "2026-11-23".parse::<Day>().expect("a day"));
    assert_eq!(standup.closes_at, Timestamp(MONDAY + 9 * HOUR));
    assert_eq!(&*standup.schedule, "standup");
    open_now.refuses(Actor::System, open(), Reason::IllegalTransition);
    let tomorrow = at(open_now, MONDAY + DAY + 8 * HOUR);
    tomorrow.then(Actor::System, open(), &["StandupOpened"]);
}

#[test]
fn where_nothing_publishes_it_its_time_box_is_its_time() {
    let given = at(plan(), MONDAY + 8 * HOUR).then(Actor::System, open(), &["StandupOpened"]);
    let standup = standup(&given);
    assert_eq!(
        standup.closes_at,
        Timestamp(MONDAY + 8 * HOUR + 30 * MINUTE)
    );
    assert_eq!(&*standup.schedule, "");
}

#[test]
fn the_first_entry_opens_the_day_and_who_speaks_again_replaces_what_they_said() {
    let both = ["StandupOpened", "StandupEntered"];
    let given = morning().then(by("dan"), next("the cart"), &both);
    let given = given.then(by("ada"), next("the map"), &["StandupEntered"]);
    let given = given.then(by("dan"), next("the basket"), &["StandupEntered"]);
    assert_eq!(
        said(&given),
        [("ada", "the map", false), ("dan", "the basket", false)]
    );
    let roles: Vec<&str> = standup(&given).entries.iter().map(|it| &*it.role).collect();
    assert_eq!(roles, ["architect", "developer"]);
    let waits = |given: &Given, agent: &str| {
        let brief = given.plan.session_brief(agent).expect("an agent");
        brief.standup_closes_at.is_some()
    };
    assert!(!waits(&given, "dan"), "who spoke is not asked");
    let mut joined = given.clone();
    joined = joined.agent("zoe", "qa");
    assert!(waits(&joined, "zoe"), "who comes is");
    let given = given.then(lead(), next("a word"), &["StandupEntered"]);
    let newest = standup(&given).entries.last().expect("the coordinator's");
    assert_eq!(&*newest.role, "coordinator");
}

#[test]
fn what_comes_late_is_marked_and_changes_nothing_that_was_said_in_time() {
    let given = morning().and(by("dan"), next("the cart"));
    // Nine o'clock has come, and nobody has published it yet.
    let late =
        at(given.clone(), MONDAY + 9 * HOUR).then(by("ada"), next("the map"), &["StandupEntered"]);
    assert_eq!(
        said(&late),
        [("dan", "the cart", false), ("ada", "the map", true)]
    );
    // It is published: what was said is told, and what is said now stands beside it.
    let told = held(given);
    let after = told.then(by("dan"), next("something else"), &["StandupEntered"]);
    assert_eq!(
        said(&after),
        [("dan", "the cart", false), ("dan", "something else", true)]
    );
    let standup = standup(&after);
    let told: Vec<bool> = standup
        .entries
        .iter()
        .map(|it| standup.tells_of(it))
        .collect();
    assert_eq!(
        (told, standup.status(Timestamp(0))),
        (vec![true, false], "published")
    );
}

#[test]
fn a_standup_is_held_with_the_first_report_of_its_schedule_and_no_other() {
    let given = morning().and(by("dan"), next("the cart"));
    // Somebody publishes a standup before its time: the day's goes on.
    let early = given.then(lead(), publish(&given, None), &["ReportPublished"]);
    let told = held(early);
    assert_eq!(
        standup(&told).held.as_ref().expect("it is held").report.0,
        2
    );
    told.then(lead(), publish(&told, None), &["ReportPublished"]);
    // Nobody opened it: it is known that it was held.
    let unopened = held(morning());
    assert!(standup(&unopened).entries.is_empty() && standup(&unopened).held.is_some());
    // Once its time is over, anybody may publish it.
    let over = at(given, MONDAY + 10 * HOUR);
    let events = ["ReportPublished", "StandupHeld"];
    over.then(lead(), publish(&over, None), &events);
}

#[test]
fn an_entry_says_something_for_a_role_of_its_agent_on_a_day_that_had_a_standup() {
    let given = morning();
    given.refuses(by("dan"), entry(NewEntry::default()), Reason::InvalidField);
    let for_another = entry(NewEntry {
        role: "architect".to_owned(),
        text: "mine".to_owned(),
        ..NewEntry::default()
    });
    given.refuses(by("dan"), for_another.clone(), Reason::InvalidField);
    let nobody = entry(NewEntry {
        role: "wizard".to_owned(),
        text: "mine".to_owned(),
        ..NewEntry::default()
    });
    given.refuses(lead(), nobody, Reason::UnknownRole);
    given.then(lead(), for_another, &["StandupOpened", "StandupEntered"]);
    let too_good = entry(NewEntry {
        slots: Slots {
            tests_passed_percent: Some(101),
            ..Slots::default()
        },
        ..NewEntry::default()
    });
    given.refuses(by("dan"), too_good, Reason::InvalidField);
    let too_long = on("2026-11-23", &"x".repeat(2_001));
    given.refuses(by("dan"), too_long, Reason::InvalidField);
    given.refuses(by("dan"), on("2026-11-20", "hi"), Reason::StandupNotFound);
    given.refuses(by("dan"), on("2026-11-24", "hi"), Reason::StandupNotFound);
    let held = held(given.and(by("dan"), next("the cart")));
    let later = at(held, MONDAY + 3 * DAY);
    let entered = later.then(
        by("ada"),
        on("2026-11-23", "I was away"),
        &["StandupEntered"],
    );
    let monday = entered.plan.standups().next().expect("Monday's");
    assert!(monday.entries.last().expect("an entry").late);
    let much_later = at(entered, MONDAY + 8 * DAY);
    much_later.refuses(by("ada"), on("2026-11-23", "hi"), Reason::InvalidField);
}

fn zone(given: Given, name: &str) -> Given {
    let mut settings = given.plan.project().expect("a project").settings.clone();
    settings.time_zone = name.to_owned();
    given.and(
        lead(),
        Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(settings)),
        },
    )
}

fn fire(slot: &str) -> Command {
    Command::Time(Timing::Fire {
        schedule: "standup".to_owned(),
        slot: slot.parse().expect("a slot"),
    })
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

#[test]
fn a_day_that_comes_again_in_another_zone_keeps_its_standup() {
    let given = zone(morning(), "Asia/Tokyo");
    let given = at(given, MONDAY + HOUR).and(by("dan"), next("the cart"));
    let given = at(given, MONDAY + DAY - 8 * HOUR).and(by("dan"), next("the basket"));
    assert_eq!(given.plan.standups().count(), 2);
    let west = zone(at(given, MONDAY + DAY - 7 * HOUR), "America/Los_Angeles");
    let again =
        at(west, MONDAY + DAY + 2 * HOUR).then(by("ada"), next("the map"), &["StandupEntered"]);
    let monday = again.plan.standup(day("2026-11-23")).expect("Monday's");
    let speakers: Vec<&str> = monday.entries.iter().map(|it| it.by.name()).collect();
    assert_eq!(speakers, ["dan", "ada"], "nothing is lost");
}

#[test]
fn a_run_that_was_cut_off_holds_the_day_on_which_it_was_due() {
    let given = morning().and(by("dan"), next("the cart"));
    let fired = at(given, MONDAY + 9 * HOUR).and(Actor::System, fire("2026-11-23T09:00"));
    let tomorrow = at(fired, MONDAY + DAY + 8 * HOUR).and(by("dan"), next("the basket"));
    let late = publish(&tomorrow, Some(("standup", 1)));
    let told = tomorrow.and(Actor::System, late);
    let held = |day_of: &str| {
        let standup = told.plan.standup(day(day_of)).expect("a standup");
        standup.held.is_some()
    };
    assert_eq!((held("2026-11-23"), held("2026-11-24")), (true, false));
    // Tuesday's is open as it was.
    told.then(by("ada"), next("the map"), &["StandupEntered"]);
    assert!(said(&told).iter().all(|(_, _, late)| !late));
}

#[test]
fn another_schedules_run_does_not_end_the_time_of_the_days_standup() {
    let other = Timing::Set(vec![NewSchedule {
        job: Some(Job::Standup),
        ..NewSchedule::new("mentors", "daily at 23:00")
    }]);
    let given = morning().and(lead(), Command::Time(other));
    let given = given.and(by("dan"), next("the cart"));
    let run = Timing::Run {
        schedule: "mentors".to_owned(),
    };
    let given = given.and(lead(), Command::Time(run));
    let publish = publish(&given, Some(("mentors", 1)));
    let given = given.then(Actor::System, publish, &["ReportPublished", "SlotEnded"]);
    assert_eq!(standup(&given).held, None);
    held(given);
}

#[test]
fn the_day_of_a_slot_is_that_of_the_projects_clock() {
    let set = Timing::Set(vec![NewSchedule {
        zone: "Asia/Tokyo".to_owned(),
        ..NewSchedule::new("standup", "daily at 08:00")
    }]);
    let given = at(plan(), MONDAY).and(lead(), Command::Time(set));
    let given = at(given, MONDAY + 20 * HOUR).then(Actor::System, open(), &["StandupOpened"]);
    assert_eq!(standup(&given).closes_at, Timestamp(MONDAY + 23 * HOUR));
}

#[test]
fn a_day_that_nobody_opened_is_held_as_the_day_it_was() {
    let fired = at(morning(), MONDAY + 9 * HOUR).and(Actor::System, fire("2026-11-23T09:00"));
    let tomorrow = at(fired, MONDAY + DAY + 8 * HOUR);
    let late = publish(&tomorrow, Some(("standup", 1)));
    let told = tomorrow.and(Actor::System, late);
    let days: Vec<Day> = told.plan.standups().map(|it| it.day).collect();
    assert_eq!(days, [day("2026-11-23")]);
    // Tuesday's has its time.
    let spoken = told.and(by("dan"), next("the cart"));
    assert_eq!(said(&spoken), [("dan", "the cart", false)]);
}

#[test]
fn who_has_spoken_may_still_correct_it_when_the_standup_is_full() {
    let someone = |number: u32| Actor::Coordinator(format!("lead-{number}").into());
    let mut given = at(plan(), MONDAY + 8 * HOUR);
    for number in 0..200 {
        given = at(given, MONDAY + 8 * HOUR).and(someone(number), next("the cart"));
    }
    given.refuses(someone(200), next("the map"), Reason::LimitReached);
    given.then(someone(7), next("the basket"), &["StandupEntered"]);
}
