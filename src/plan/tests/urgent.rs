//! Urgent blockers by example: told of once each, and escalated when they stand for too long.

use super::super::command::{
    BlockerChanges, Command, NewBlocker, NewReport, NewSchedule, Timing, Watching,
};
use super::super::event::{BlockerKind, Event, Job, ReportKind, Severity, Urgency};
use super::super::fact::Actor;
use super::super::id::BlockerId;
use super::super::model::BlockerStatus;
use super::super::refusal::Reason;
use super::super::settings::Settings;
use super::super::time::Timestamp;
use super::{Given, by, lead, plan, plan_with};

const MINUTE: i64 = 60_000;

fn escalate() -> Command {
    Command::Watch(Watching::Escalate)
}

/// A blocker report of a version.
fn report(as_of: u64) -> NewReport {
    NewReport {
        kind: ReportKind::Blockers,
        title: "Blocker report of Shop".to_owned(),
        urgency: Urgency::Critical,
        role: String::new(),
        run: None,
        since: Timestamp(0),
        until: Timestamp(0),
        as_of,
        facts: String::new(),
        document: "{}".to_owned(),
        note: String::new(),
        channels: vec!["ops".to_owned()],
    }
}

fn tell(as_of: u64) -> Command {
    Command::Watch(Watching::Tell(Box::new(report(as_of))))
}

fn open(severity: Severity) -> Command {
    Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::External,
        tasks: vec!["T-1".to_owned()],
        phase: String::new(),
        fence: 0,
        reason: "the bank is closed".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity,
        keep_lease: false,
    }))
}

fn by_hand(id: u32) -> Command {
    Command::EscalateBlocker {
        blocker: BlockerId(id),
        reason: "nobody answers".to_owned(),
        owner: String::new(),
    }
}

fn rated(id: u32, severity: Severity) -> Command {
    Command::UpdateBlocker {
        blocker: BlockerId(id),
        changes: Box::new(BlockerChanges {
            severity: Some(severity),
            ..BlockerChanges::default()
        }),
    }
}

fn scheduled(given: Given) -> Given {
    let new = NewSchedule {
        job: Some(Job::Blockers),
        ..NewSchedule::new("calls", "daily at 12:00")
    };
    given.and(lead(), Command::Time(Timing::Set(vec![new])))
}

/// A task, and a schedule whose addressee is told.
fn given() -> Given {
    scheduled(plan().phase("1").task(&[]))
}

impl Given {
    fn later(mut self, ms: i64) -> Self {
        self.now_ms += ms;
        self
    }

    fn tells(self) -> Self {
        let version = self.plan.version();
        self.then(Actor::System, tell(version), &["ReportPublished"])
    }

    #[track_caller]
    fn has_nothing_to_tell(&self) {
        assert!(self.plan.untold().is_none());
        self.refuses(Actor::System, tell(self.plan.version()), Reason::SlotNotDue);
    }
}

#[test]
fn a_critical_blocker_is_told_of_at_once_and_once() {
    let given = given();
    given.has_nothing_to_tell();
    let given = given.and(lead(), open(Severity::High));
    given.has_nothing_to_tell();
    let given = given.and(lead(), open(Severity::Critical)).tells();
    let told = given.plan.reports().next_back().expect("a report");
    assert!(told.at_once);
    assert_eq!((&*told.schedule, told.slot), ("calls", None));
    given.later(2 * MINUTE).has_nothing_to_tell();
}

#[test]
fn what_comes_to_be_critical_or_is_escalated_is_told_of_and_what_is_so_no_more_is_not() {
    let given = given().and(lead(), open(Severity::Low));
    let critical = given.and(lead(), rated(1, Severity::Critical));
    assert!(critical.plan.untold().is_some());
    let again = critical.tells().later(2 * MINUTE);
    again.has_nothing_to_tell();
    let escalated = again.and(lead(), by_hand(1));
    let lowered = escalated.and(lead(), rated(1, Severity::Low));
    assert!(lowered.plan.untold().is_some(), "it is escalated still");
    let told = lowered.tells().later(2 * MINUTE);
    let raised = told.and(lead(), rated(1, Severity::Critical));
    assert!(raised.plan.untold().is_some());
    let settled = raised.and(
        lead(),
        Command::ResolveBlocker {
            blocker: BlockerId(1),
            resolution: "it is open again".to_owned(),
            withdraw: false,
        },
    );
    settled.has_nothing_to_tell();
    let given = self::given().and(lead(), open(Severity::Critical));
    given
        .and(lead(), rated(1, Severity::Low))
        .has_nothing_to_tell();
}

#[test]
fn what_becomes_urgent_within_a_minute_is_told_in_one_report() {
    let given = given().and(lead(), open(Severity::Critical)).tells();
    let given = given.and(lead(), open(Severity::Critical));
    let given = given.and(lead(), open(Severity::Critical));
    assert!(given.plan.untold().is_some());
    let version = given.plan.version();
    given.refuses(Actor::System, tell(version), Reason::SlotNotDue);
    let given = given.later(MINUTE).tells();
    given.later(MINUTE).has_nothing_to_tell();
}

#[test]
fn a_report_of_a_version_before_is_not_taken_for_what_came_after() {
    let given = given();
    let before = given.plan.version();
    let given = given.and(lead(), open(Severity::Critical));
    given.refuses(Actor::System, tell(before), Reason::SlotNotDue);
    given.tells();
}

#[test]
fn a_report_that_somebody_published_tells_too() {
    let given = given().and(lead(), open(Severity::Critical));
    let published = report(given.plan.version());
    let given = given.and(lead(), Command::Time(Timing::Publish(Box::new(published))));
    given.has_nothing_to_tell();
}

#[test]
fn a_schedule_that_comes_later_or_rests_tells_nothing_of_before() {
    let given = plan()
        .phase("1")
        .task(&[])
        .and(lead(), open(Severity::Critical));
    given.has_nothing_to_tell();
    let given = scheduled(given.later(1_000));
    given.has_nothing_to_tell();
    let pause = Command::Time(Timing::Pause {
        schedule: "calls".to_owned(),
        reason: "a holiday".to_owned(),
    });
    let resume = Command::Time(Timing::Resume {
        schedule: "calls".to_owned(),
    });
    let resting = given.and(lead(), pause).and(lead(), by_hand(1));
    resting.has_nothing_to_tell();
    let going = resting.later(1_000).and(lead(), resume);
    going.has_nothing_to_tell();
    assert!(going.and(lead(), by_hand(1)).plan.untold().is_some());
}

#[test]
fn nothing_but_a_blocker_report_of_the_daemon_is_told_at_once() {
    let given = given().and(lead(), open(Severity::Critical));
    let version = given.plan.version();
    given.refuses(lead(), tell(version), Reason::NotAllowed);
    given.refuses(by("dev"), escalate(), Reason::NotAllowed);
    let other = NewReport {
        kind: ReportKind::Standup,
        ..report(version)
    };
    let other = Command::Watch(Watching::Tell(Box::new(other)));
    given.refuses(Actor::System, other, Reason::InvalidField);
}

#[test]
fn a_blocker_that_stands_for_too_long_is_escalated_once() {
    let given = given().and(lead(), open(Severity::Medium));
    let opened_ms = given.plan.open_blockers().next().expect("it").since.0;
    let on_time = Given {
        now_ms: opened_ms + 120 * MINUTE,
        ..given
    };
    let on_time = on_time.then(Actor::System, escalate(), &[]);
    let late = Given {
        now_ms: opened_ms + 120 * MINUTE + 1,
        ..on_time
    };
    let given = late.then(Actor::System, escalate(), &["BlockerEscalated"]);
    let blocker = given.plan.open_blockers().next().expect("it");
    assert_eq!(blocker.status, BlockerStatus::Escalated);
    let escalated = given.log.last().expect("an event");
    assert_eq!(escalated.actor, Actor::System);
    let Event::BlockerEscalated(event) = &escalated.event else {
        panic!("{escalated:?}");
    };
    assert_eq!(&*event.reason, "open for more than 2 h");
    let given = given.tells().later(500 * MINUTE);
    given.then(Actor::System, escalate(), &[]);
    given.has_nothing_to_tell();
}

#[test]
fn how_long_is_too_long_is_a_setting_and_nothing_is_where_it_is_zero() {
    let world = |minutes| {
        let settings = Settings {
            escalate_after_minutes: minutes,
            ..Settings::default()
        };
        let given = plan_with(settings).phase("1").task(&[]);
        given.and(lead(), open(Severity::Medium)).later(91 * MINUTE)
    };
    let given = world(90).then(Actor::System, escalate(), &["BlockerEscalated"]);
    let blocker = given.plan.open_blockers().next().expect("it");
    let (_, reason) = blocker.escalated.as_ref().expect("a reason");
    assert_eq!(&**reason, "open for more than 1 h 30 min");
    let never = world(0).later(10_000 * MINUTE);
    never.then(Actor::System, escalate(), &[]);
    let settings = Settings {
        escalate_after_minutes: 10_081,
        ..Settings::default()
    };
    let update = Command::UpdateProject {
        name: None,
        description: None,
        settings: Some(Box::new(settings)),
    };
    given.refuses(lead(), update, Reason::InvalidField);
}

#[test]
fn a_report_that_was_made_before_and_is_published_behind_leaves_nothing_to_tell_again() {
    let before = given();
    let version = before.plan.version();
    let told = before.and(lead(), open(Severity::Critical)).tells();
    let older = Command::Time(Timing::Publish(Box::new(report(version))));
    let behind = told.and(lead(), older);
    behind.later(2 * MINUTE).has_nothing_to_tell();
}

#[test]
fn a_clock_that_is_set_back_keeps_nobody_waiting() {
    let ahead = given().later(24 * 60 * MINUTE);
    let told = ahead.and(lead(), open(Severity::Critical)).tells();
    let mut back = told.and(lead(), open(Severity::Critical));
    assert!(back.plan.quiet_until(Timestamp(back.now_ms)).is_some());
    back.now_ms -= 23 * 60 * MINUTE;
    back.tells();
}
