//! The checklist by example: nothing ticks itself, and a run ends once.

use super::super::command::{Checking, Command, NewSchedule, Timing, find_checklist};
use super::super::event::{Executor, ItemSpec, ItemState};
use super::super::fact::Actor;
use super::super::id::ChecklistId;
use super::super::refusal::Reason;
use super::{Given, by, lead, plan};

fn check(checking: Checking) -> Command {
    Command::Check(checking)
}

fn start() -> Command {
    check(Checking::Start { run: None })
}

fn settle(item: u32, state: ItemState) -> Command {
    check(Checking::Settle {
        checklist: ChecklistId(1),
        item,
        state,
        result: "looked".to_owned(),
    })
}

fn tick(item: &str, note: &str) -> Command {
    check(Checking::Tick {
        checklist: None,
        item: item.to_owned(),
        skip: false,
        note: note.to_owned(),
    })
}

fn define(items: &[(&str, Executor)]) -> Command {
    let items = items.iter().map(|(name, executor)| ItemSpec {
        name: (*name).into(),
        executor: executor.clone(),
    });
    check(Checking::Define {
        items: items.collect(),
        window_minutes: 60,
    })
}

fn states(given: &Given) -> Vec<&'static str> {
    let run = find_checklist(&given.plan, None).expect("a run");
    run.items.iter().map(|item| item.state.as_str()).collect()
}

#[test]
fn a_run_has_the_mornings_five_and_ends_done_with_the_last_of_them() {
    let given = plan().agent("dev-1", "developer");
    let started = given.then(lead(), start(), &["ChecklistStarted"]);
    assert_eq!(states(&started), ["pending"; 5]);
    let names: Vec<&str> = find_checklist(&started.plan, None)
        .expect("a run")
        .items
        .iter()
        .map(|item| &*item.spec.name)
        .collect();
    let morning = [
        "Check GitHub for blockers",
        "Review PR queue",
        "Run quality gates",
        "Update team dashboard",
        "Schedule standup",
    ];
    assert_eq!(names, morning);
    let settled = ["ChecklistItemSettled"];
    let given = started.then(
        Actor::System,
        settle(1, ItemState::NeedsAttention),
        &settled,
    );
    let given = given.then(Actor::System, settle(2, ItemState::Failed), &settled);
    let given = given.then(Actor::System, settle(3, ItemState::Skipped), &settled);
    let given = given.then(Actor::System, settle(4, ItemState::Done), &settled);
    given.refuses(
        Actor::System,
        settle(4, ItemState::Done),
        Reason::IllegalTransition,
    );
    given.refuses(
        Actor::System,
        settle(9, ItemState::Done),
        Reason::IllegalTransition,
    );
    let waiting = given.plan.inbox();
    let [waits] = waiting.as_slice() else {
        panic!("one thing waits: {waiting:?}");
    };
    assert_eq!(
        (&*waits.title, &*waits.command),
        (
            "2 items of the checklist of 1970-01-01 to look at: Check GitHub for blockers, Review PR queue",
            "checklist tick 1 --note …"
        )
    );
    // What asks for attention is settled by somebody who says how.
    given.refuses(by("dev-1"), tick("1", ""), Reason::InvalidField);
    given.refuses(by("dev-1"), tick("Make tea", "x"), Reason::InvalidField);
    let given = given.then(
        by("dev-1"),
        tick("check github for blockers", "none"),
        &settled,
    );
    given.refuses(by("dev-1"), tick("1", "again"), Reason::IllegalTransition);
    let given = given.then(lead(), tick("2", "merged"), &settled);
    let ended = ["ChecklistItemSettled", "ChecklistEnded"];
    let over = given.then(lead(), tick("5", ""), &ended);
    let run = find_checklist(&over.plan, None).expect("a run");
    assert_eq!((run.status(), run.is_over()), ("done", true));
    assert!(over.plan.inbox().is_empty(), "nothing waits any more");
    over.refuses(lead(), tick("5", "x"), Reason::IllegalTransition);
}

#[test]
fn a_run_asked_for_twice_looks_again_at_what_is_open() {
    let given = plan().and(lead(), start());
    let given = given.and(Actor::System, settle(1, ItemState::NeedsAttention));
    let given = given.and(Actor::System, settle(4, ItemState::Done));
    let again = given.then(lead(), start(), &["ChecklistAsked"]);
    assert_eq!(
        states(&again),
        ["pending", "pending", "pending", "done", "pending"]
    );
    assert_eq!(again.plan.checklist_runs().count(), 1);
}

#[test]
fn a_run_whose_time_is_over_ends_incomplete_and_the_next_day_has_its_own() {
    let given = plan().and(lead(), define(&[("Water the plants", Executor::Manual)]));
    let given = given.and(lead(), start());
    let id = ChecklistId(1);
    given.refuses(
        Actor::System,
        check(Checking::End { checklist: id }),
        Reason::IllegalTransition,
    );
    given.refuses(
        lead(),
        check(Checking::End { checklist: id }),
        Reason::NotAllowed,
    );
    let mut later = given.clone();
    later.now_ms += 3_600_000;
    let ended = later.then(
        Actor::System,
        check(Checking::End { checklist: id }),
        &["ChecklistEnded"],
    );
    assert_eq!(
        find_checklist(&ended.plan, Some(id))
            .expect("a run")
            .status(),
        "incomplete"
    );
    let mut tomorrow = given;
    tomorrow.now_ms += 24 * 3_600_000;
    let next = tomorrow.then(lead(), start(), &["ChecklistEnded", "ChecklistStarted"]);
    assert_eq!(next.plan.checklist_runs().count(), 2);
}

#[test]
fn a_schedule_starts_the_checklist_and_its_run_ends_with_that() {
    let given = plan();
    let new = NewSchedule::new("checklist", "daily at 08:00");
    let given = given.and(lead(), Command::Time(Timing::Set(vec![new])));
    let run = Timing::Run {
        schedule: "checklist".to_owned(),
    };
    let fired = given.then(lead(), Command::Time(run), &["SlotFired"]);
    let start = |run| {
        check(Checking::Start {
            run: Some(("checklist".to_owned(), run)),
        })
    };
    fired.refuses(Actor::System, start(7), Reason::SlotNotDue);
    let started = fired.then(Actor::System, start(1), &["ChecklistStarted", "SlotEnded"]);
    let schedule = started.plan.schedule("checklist").expect("it");
    assert!(schedule.under_way.is_none());
    started.refuses(Actor::System, start(1), Reason::SlotNotDue);
}

#[test]
fn what_is_no_checklist_is_refused_with_the_field() {
    let given = plan();
    let none = find_checklist(&given.plan, None).expect_err("it never ran");
    assert_eq!(none.reason, Reason::ChecklistNotFound);
    given.refuses(lead(), tick("1", ""), Reason::ChecklistNotFound);
    given.refuses(lead(), define(&[]), Reason::InvalidField);
    let twice = [("a", Executor::Manual), ("a", Executor::Gates)];
    given.refuses(lead(), define(&twice), Reason::InvalidField);
    given.refuses(
        lead(),
        define(&[("", Executor::Manual)]),
        Reason::InvalidField,
    );
    let nameless = [("a", Executor::Command("".into()))];
    given.refuses(lead(), define(&nameless), Reason::InvalidField);
    given.refuses(by("dev-1"), start(), Reason::NotAllowed);
    let given = given.and(lead(), start());
    given.refuses(lead(), settle(1, ItemState::Done), Reason::NotAllowed);
}

/// Monday, 2026-11-23, at midnight UTC.
const MONDAY: i64 = 1_795_392_000_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A checklist every day at eight, set on Sunday.
fn at_eight() -> Given {
    let mut given = plan();
    given.now_ms = MONDAY - DAY + 9 * HOUR;
    let set = Timing::Set(vec![NewSchedule::new("checklist", "daily at 08:00")]);
    given.and(lead(), Command::Time(set))
}

fn at(mut given: Given, now_ms: i64) -> Given {
    given.now_ms = now_ms;
    given
}

fn fire(slot: &str) -> Command {
    Command::Time(Timing::Fire {
        schedule: "checklist".to_owned(),
        slot: slot.parse().expect("a slot"),
    })
}

/// The runs by day, with where they stand.
fn runs(given: &Given) -> Vec<(String, &'static str)> {
    let runs = given.plan.checklist_runs();
    runs.map(|run| (run.day.to_string(), run.status()))
        .collect()
}

#[test]
fn a_morning_that_went_by_is_a_missed_run_in_which_nothing_was_looked_at() {
    let late = at(at_eight(), MONDAY + 13 * HOUR);
    let missed = late.then(
        Actor::System,
        fire("2026-11-23T08:00"),
        &["SlotsMissed", "ChecklistMissed"],
    );
    let run = find_checklist(&missed.plan, None).expect("a run");
    assert_eq!(
        (run.status(), run.day.to_string()),
        ("missed", "2026-11-23".to_owned())
    );
    assert_eq!(
        (run.opened_at.0, &*run.schedule),
        (MONDAY + 8 * HOUR, "checklist")
    );
    assert_eq!(states(&missed), ["pending"; 5]);
    missed.refuses(lead(), tick("1", "late"), Reason::IllegalTransition);
    // Whoever wants the day to have one after all starts it.
    let after_all = missed.then(lead(), start(), &["ChecklistStarted"]);
    let day = "2026-11-23".to_owned();
    assert_eq!(
        runs(&after_all),
        [(day.clone(), "missed"), (day, "running")]
    );
}

#[test]
fn of_mornings_that_went_by_the_newest_is_a_missed_run_and_the_one_that_fires_is_none() {
    let noon = at(at_eight(), MONDAY + 2 * DAY + 9 * HOUR);
    let caught_up = noon.then(
        Actor::System,
        fire("2026-11-25T08:00"),
        &["SlotsMissed", "ChecklistMissed", "SlotFired"],
    );
    assert_eq!(runs(&caught_up), [("2026-11-24".to_owned(), "missed")]);
    let run = caught_up.plan.schedule("checklist").expect("it");
    let firing = run.under_way.as_ref().expect("it fired");
    let run = Some(("checklist".to_owned(), firing.run));
    let started = caught_up.and(Actor::System, check(Checking::Start { run }));
    assert_eq!(runs(&started)[1], ("2026-11-25".to_owned(), "running"));
}

#[test]
fn a_day_on_which_somebody_ran_the_checklist_by_hand_is_not_missed() {
    let by_hand = at(at_eight(), MONDAY + 7 * HOUR).and(lead(), start());
    let late = at(by_hand, MONDAY + 13 * HOUR);
    let missed = late.then(Actor::System, fire("2026-11-23T08:00"), &["SlotsMissed"]);
    assert_eq!(runs(&missed), [("2026-11-23".to_owned(), "running")]);
    // What is open of a day before ends with the day that was missed, as with one that was not.
    let next_day = at(missed, MONDAY + DAY + 13 * HOUR);
    let missed = next_day.then(
        Actor::System,
        fire("2026-11-24T08:00"),
        &["SlotsMissed", "ChecklistEnded", "ChecklistMissed"],
    );
    let statuses: Vec<&str> = runs(&missed).iter().map(|(_, status)| *status).collect();
    assert_eq!(statuses, ["incomplete", "missed"]);
}

#[test]
fn another_job_that_is_missed_is_no_checklist() {
    let mut given = plan();
    given.now_ms = MONDAY;
    let set = Timing::Set(vec![NewSchedule::new("standup", "daily at 08:00")]);
    let given = given.and(lead(), Command::Time(set));
    let fire = Command::Time(Timing::Fire {
        schedule: "standup".to_owned(),
        slot: "2026-11-23T08:00".parse().expect("a slot"),
    });
    let missed = at(given, MONDAY + 13 * HOUR).then(Actor::System, fire, &["SlotsMissed"]);
    assert_eq!(missed.plan.checklist_runs().count(), 0);
}
