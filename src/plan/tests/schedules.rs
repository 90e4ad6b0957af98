//! Schedules by example: each slot has one turn, whatever clocks and people do.

use super::super::command::{Command, NewReport, NewSchedule, Timing, find_report};
use super::super::event::{Event, Job, ReportKind, Urgency};
use super::super::fact::Actor;
use super::super::model::TurnEnding;
use super::super::recurrence::Slot;
use super::super::refusal::Reason;
use super::super::settings::Settings;
use super::super::time::Timestamp;
use super::{Given, by, lead, plan, plan_with};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Monday, 2026-11-23, at midnight UTC.
const MONDAY: i64 = 1_795_392_000_000;

fn time(timing: Timing) -> Command {
    Command::Time(timing)
}

fn set(new: NewSchedule) -> Command {
    time(Timing::Set(vec![new]))
}

fn fire(name: &str, slot: &str) -> Command {
    time(Timing::Fire {
        schedule: name.to_owned(),
        slot: slot.parse().expect("a slot"),
    })
}

fn named(name: &str) -> (String, String) {
    (name.to_owned(), String::new())
}

fn pause(name: &str) -> Command {
    let (schedule, reason) = named(name);
    time(Timing::Pause { schedule, reason })
}

fn resume(name: &str) -> Command {
    let (schedule, _) = named(name);
    time(Timing::Resume { schedule })
}

fn ended(name: &str, run: u32) -> Command {
    let (schedule, note) = named(name);
    time(Timing::End {
        schedule,
        run,
        failed: false,
        note,
    })
}

fn report(run: Option<(&str, u32)>, document: &str) -> NewReport {
    NewReport {
        kind: ReportKind::Standup,
        title: "Standup of Shop".to_owned(),
        urgency: Urgency::Info,
        role: String::new(),
        run: run.map(|(name, run)| (name.to_owned(), run)),
        since: Timestamp(MONDAY),
        until: Timestamp(MONDAY + HOUR),
        as_of: 1,
        facts: String::new(),
        document: document.to_owned(),
        note: String::new(),
        channels: Vec::new(),
    }
}

fn publish(report: NewReport) -> Command {
    time(Timing::Publish(Box::new(report)))
}

impl Given {
    fn at(mut self, now_ms: i64) -> Self {
        self.now_ms = now_ms;
        self
    }

    /// The slot that is due, or that was missed last.
    fn due(&self, name: &str) -> Option<Slot> {
        let schedule = self.plan.schedule(name).expect("a known schedule");
        let turn = self.plan.turn(schedule, self.now_ms)?;
        let newest = turn.fire.or(turn.missed.map(|missed| missed.last));
        newest.map(|due| due.slot)
    }

    fn last(&self, name: &str) -> TurnEnding {
        let schedule = self.plan.schedule(name).expect("a known schedule");
        schedule.last.as_ref().expect("a turn").ending
    }
}

/// A schedule at nine every day, set on Sunday.
fn given(name: &str) -> Given {
    plan()
        .at(MONDAY - DAY)
        .and(lead(), set(NewSchedule::new(name, "daily at 09:00")))
}

#[test]
fn a_slot_fires_once_and_not_before_its_time() {
    let given = given("standup").at(MONDAY - 13 * HOUR);
    assert_eq!(
        given.due("standup").map(|slot| slot.to_string()).as_deref(),
        Some("2026-11-22T09:00")
    );
    let given = given.at(MONDAY + 9 * HOUR - 1);
    given.refuses(
        Actor::System,
        fire("standup", "2026-11-23T09:00"),
        Reason::SlotNotDue,
    );
    let given = given.at(MONDAY + 9 * HOUR);
    let fired = given.then(
        Actor::System,
        fire("standup", "2026-11-23T09:00"),
        &["SlotsMissed", "SlotFired"],
    );
    fired.refuses(
        Actor::System,
        fire("standup", "2026-11-23T09:00"),
        Reason::SlotNotDue,
    );
    let schedule = fired.plan.schedule("standup").expect("it is there");
    let firing = schedule.under_way.as_ref().expect("it is under way");
    assert_eq!((firing.run, schedule.fired, schedule.missed), (1, 1, 1));
    // A clock that is set back by a day brings nothing back.
    let back = fired.at(MONDAY - 2 * HOUR);
    assert_eq!(back.due("standup"), None);
    back.refuses(
        Actor::System,
        fire("standup", "2026-11-22T09:00"),
        Reason::SlotNotDue,
    );
}

#[test]
fn a_new_schedule_never_fires_for_the_past() {
    let given = plan().at(MONDAY + 9 * HOUR + 1);
    let given = given.and(lead(), set(NewSchedule::new("standup", "daily at 09:00")));
    assert_eq!(given.due("standup"), None);
    let tuesday = given.at(MONDAY + DAY + 9 * HOUR);
    assert!(tuesday.due("standup").is_some());
    // Set anew it begins anew.
    let tuesday = tuesday.at(MONDAY + DAY + 10 * HOUR);
    let edited = tuesday.and(lead(), set(NewSchedule::new("standup", "daily at 09:30")));
    assert_eq!(edited.due("standup"), None);
}

#[test]
fn after_a_long_time_the_newest_slot_is_caught_up_on_and_what_is_too_old_is_missed() {
    let given = given("standup");
    let soon = given.clone().at(MONDAY + 4 * DAY + 12 * HOUR);
    let caught = soon.then(
        Actor::System,
        fire("standup", "2026-11-27T09:00"),
        &["SlotsMissed", "SlotFired"],
    );
    let Some(Event::SlotsMissed(missed)) = caught.log.iter().rev().nth(1).map(|it| &it.event)
    else {
        panic!("not missed");
    };
    assert_eq!(
        (missed.count, missed.first.to_string()),
        (5, "2026-11-22T09:00".to_owned())
    );
    let Some(Event::SlotFired(fired)) = caught.log.last().map(|it| &it.event) else {
        panic!("not fired");
    };
    assert_eq!(fired.cause.as_str(), "caught_up");
    let late = given.at(MONDAY + 14 * HOUR);
    let missed = late.then(
        Actor::System,
        fire("standup", "2026-11-23T09:00"),
        &["SlotsMissed"],
    );
    assert_eq!(missed.last("standup"), TurnEnding::Missed);
    assert_eq!(missed.due("standup"), None);
}

#[test]
fn a_slot_that_is_due_while_the_run_before_is_under_way_is_skipped() {
    let nine = given("standup").at(MONDAY + 9 * HOUR);
    let running = nine.and(Actor::System, fire("standup", "2026-11-23T09:00"));
    let next_day = running.at(MONDAY + DAY + 9 * HOUR);
    let skipped = next_day.then(
        Actor::System,
        fire("standup", "2026-11-24T09:00"),
        &["SlotSkipped"],
    );
    assert_eq!(skipped.last("standup"), TurnEnding::Skipped);
    skipped.refuses(
        lead(),
        time(Timing::Run {
            schedule: "standup".to_owned(),
        }),
        Reason::ScheduleBusy,
    );
    let remove = Timing::Remove {
        schedule: "standup".to_owned(),
        reason: String::new(),
    };
    skipped.refuses(lead(), time(remove), Reason::ScheduleBusy);
    let over = skipped.then(Actor::System, ended("standup", 1), &["SlotEnded"]);
    over.refuses(Actor::System, ended("standup", 1), Reason::SlotNotDue);
    assert_eq!(over.last("standup"), TurnEnding::Done);
}

#[test]
fn what_rests_is_not_due_and_what_was_due_meanwhile_stays_undone() {
    let given = given("standup");
    let resting = given
        .clone()
        .then(lead(), pause("standup"), &["SchedulePaused"]);
    resting.refuses(lead(), pause("standup"), Reason::IllegalTransition);
    let nine = resting.at(MONDAY + 9 * HOUR);
    assert_eq!(nine.due("standup"), None);
    nine.refuses(
        Actor::System,
        fire("standup", "2026-11-23T09:00"),
        Reason::SlotNotDue,
    );
    let going = nine
        .at(MONDAY + 10 * HOUR)
        .then(lead(), resume("standup"), &["ScheduleResumed"]);
    assert_eq!(going.due("standup"), None);
    going.refuses(lead(), resume("standup"), Reason::IllegalTransition);
    // The same holds of a project that rests.
    let reason = "a holiday".to_owned();
    let resting = given
        .and(lead(), Command::PauseProject { reason })
        .at(MONDAY + 9 * HOUR);
    assert_eq!(resting.due("standup"), None);
    let going = resting.and(lead(), Command::ResumeProject);
    assert_eq!(going.due("standup"), None);
}

#[test]
fn a_date_and_time_has_one_turn_also_when_the_zone_moves() {
    let given = given("standup").at(MONDAY + 9 * HOUR);
    let given = given.and(Actor::System, fire("standup", "2026-11-23T09:00"));
    let given = given.and(Actor::System, ended("standup", 1));
    let west = NewSchedule {
        zone: "America/New_York".to_owned(),
        ..NewSchedule::new("standup", "daily at 09:00")
    };
    let given = given.and(lead(), set(west)).at(MONDAY + 14 * HOUR);
    let again = given.then(
        Actor::System,
        fire("standup", "2026-11-23T09:00"),
        &["SlotSkipped"],
    );
    assert_eq!(again.last("standup"), TurnEnding::Skipped);
    let next = again.at(MONDAY + DAY + 14 * HOUR);
    next.then(
        Actor::System,
        fire("standup", "2026-11-24T09:00"),
        &["SlotFired"],
    );
}

#[test]
fn days_off_have_no_slots_when_only_working_days_count() {
    let settings = Settings {
        holidays: vec!["2026-11-23".parse().expect("a day")],
        ..Settings::default()
    };
    let new = NewSchedule {
        only_working_days: true,
        ..NewSchedule::new("standup", "daily at 09:00")
    };
    let given = plan_with(settings).at(MONDAY - DAY).and(lead(), set(new));
    assert_eq!(given.clone().at(MONDAY + 10 * HOUR).due("standup"), None);
    let tuesday = given.at(MONDAY + DAY + 10 * HOUR);
    assert_eq!(
        tuesday
            .due("standup")
            .map(|slot| slot.to_string())
            .as_deref(),
        Some("2026-11-24T09:00")
    );
}

#[test]
fn a_reminder_is_done_once_its_slot_is_recorded() {
    let given = given("tea").at(MONDAY + 9 * HOUR);
    assert_eq!(
        given.plan.schedule("tea").map(|it| it.spec.job),
        Some(Job::Reminder)
    );
    let done = given.and(Actor::System, fire("tea", "2026-11-23T09:00"));
    assert_eq!(done.last("tea"), TurnEnding::Done);
    let run = Timing::Run {
        schedule: "TEA".to_owned(),
    };
    done.then(lead(), time(run), &["SlotFired"]);
}

#[test]
fn a_report_is_published_in_parts_that_fit_and_ends_its_run_once() {
    let given = given("standup").at(MONDAY + 9 * HOUR);
    let given = given.and(Actor::System, fire("standup", "2026-11-23T09:00"));
    let long = "\"é\"".repeat(40_000);
    let told = report(Some(("standup", 1)), &long);
    let events = [
        "ReportPublished",
        "ReportContinued",
        "ReportContinued",
        "SlotEnded",
        "StandupHeld",
    ];
    let published = given.then(Actor::System, publish(told.clone()), &events);
    let parts = published
        .log
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::ReportPublished(it) => Some(&*it.document),
            Event::ReportContinued(it) => Some(&*it.document),
            _ => None,
        });
    assert_eq!(parts.collect::<String>(), long);
    let unknown = find_report(&given.plan, None).expect_err("none yet");
    assert_eq!(unknown.reason, Reason::ReportNotFound);
    let kept = find_report(&published.plan, None).expect("a report");
    assert_eq!((kept.more_parts, kept.slot.is_some()), (2, true));
    let last = published
        .plan
        .schedule("standup")
        .and_then(|it| it.last.as_ref());
    assert_eq!(last.and_then(|last| last.report), Some(kept.id));
    published.refuses(Actor::System, publish(told), Reason::SlotNotDue);
    let asked = report(None, "{}");
    published.then(lead(), publish(asked), &["ReportPublished"]);
    for bad in ["", &"x".repeat(5 * 1024 * 1024)] {
        published.refuses(lead(), publish(report(None, bad)), Reason::InvalidField);
    }
    let ahead = NewReport {
        as_of: 1_000,
        ..report(None, "{}")
    };
    published.refuses(lead(), publish(ahead), Reason::InvalidField);
}

#[test]
fn what_is_no_schedule_is_refused_with_the_field() {
    let given = plan().at(MONDAY);
    let usual = || NewSchedule::new("standup", "daily at 09:00");
    let bad = [
        ("when", NewSchedule::new("standup", "61 9 * * *")),
        ("when", NewSchedule::new("standup", "0 9 31 2 *")),
        ("when", NewSchedule::new("standup", &"9".repeat(1_000))),
        ("name", NewSchedule::new("", "daily at 09:00")),
        (
            "zone",
            NewSchedule {
                zone: "Europe/Atlantis".to_owned(),
                ..usual()
            },
        ),
        (
            "catch_up_ms",
            NewSchedule {
                catch_up_ms: Some(1),
                ..usual()
            },
        ),
    ];
    for (field, new) in bad {
        let refusal = given.refuses(lead(), set(new), Reason::InvalidField);
        assert!(refusal.message.contains(field), "{refusal}");
    }
    let unknown = NewSchedule {
        role: "wizard".to_owned(),
        ..usual()
    };
    given.refuses(lead(), set(unknown), Reason::UnknownRole);
    given.refuses(lead(), time(Timing::Set(Vec::new())), Reason::InvalidField);
    given.refuses(
        lead(),
        time(Timing::Set(vec![usual(), usual()])),
        Reason::InvalidField,
    );
    given.refuses(lead(), pause("nothing"), Reason::ScheduleNotFound);
    given.refuses(by("dev-1"), set(usual()), Reason::NotAllowed);
    given.refuses(
        lead(),
        fire("standup", "2026-11-23T09:00"),
        Reason::NotAllowed,
    );
    let many = (0..101).map(|n| NewSchedule::new(&format!("s-{n}"), "hourly"));
    given.refuses(
        lead(),
        time(Timing::Set(many.collect())),
        Reason::LimitReached,
    );
    given.then(
        lead(),
        time(Timing::Set(NewSchedule::usual())),
        &["SchedulesSet"],
    );
}
