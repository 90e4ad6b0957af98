//! Reports on their way to channels by example: what waits is delivered or given up, and nothing else moves it.

use super::super::command::{Command, Delivering, NewReport, Timing};
use super::super::event::{Event, ReportKind, Urgency};
use super::super::fact::Actor;
use super::super::id::ReportId;
use super::super::model::DeliveryState;
use super::super::outgoing::Letters;
use super::super::refusal::Reason;
use super::super::time::Timestamp;
use super::{Given, by, lead, plan};

fn publish(channels: &[&str]) -> Command {
    Command::Time(Timing::Publish(Box::new(NewReport {
        kind: ReportKind::Standup,
        title: "Standup of Shop".to_owned(),
        urgency: Urgency::Info,
        role: String::new(),
        run: None,
        since: Timestamp(1),
        until: Timestamp(2),
        as_of: 1,
        facts: String::new(),
        document: "{}".to_owned(),
        note: String::new(),
        channels: channels.iter().map(|it| (*it).to_owned()).collect(),
    })))
}

fn deliver(delivering: Delivering) -> Command {
    Command::Time(Timing::Deliver(delivering))
}

fn delivered(report: u32, channel: &str) -> Command {
    deliver(Delivering::Delivered {
        report: ReportId(report),
        channel: channel.to_owned(),
        attempts: 3,
        note: "the receiver answered 204".to_owned(),
    })
}

fn given_up(report: u32, channel: &str) -> Command {
    deliver(Delivering::Undelivered {
        report: ReportId(report),
        channel: channel.to_owned(),
        attempts: 54,
        reason: "the receiver answered 410".to_owned(),
    })
}

fn again(report: u32, channel: &str) -> Command {
    deliver(Delivering::Again {
        report: ReportId(report),
        channel: channel.to_owned(),
    })
}

fn state(given: &Given, channel: &str) -> (DeliveryState, u32) {
    let report = given.plan.report(ReportId(1)).expect("it was published");
    let delivery = report.delivery(channel).expect("it was addressed");
    (delivery.state, delivery.attempts)
}

fn waiting(given: &Given, channel: &str) -> Vec<u32> {
    given.plan.waiting_letters(channel).map(|it| it.0).collect()
}

#[test]
fn a_report_waits_for_each_channel_it_was_addressed_to_once() {
    let given = plan().then(
        lead(),
        publish(&["ops", "mail", "ops"]),
        &["ReportPublished"],
    );
    let addressed = given.log.iter().find_map(|recorded| match &recorded.event {
        Event::ReportPublished(it) => Some(it.channels.clone()),
        _ => None,
    });
    let addressed = addressed.expect("it was published");
    assert_eq!(addressed, ["mail".into(), "ops".into()]);
    assert_eq!(
        (waiting(&given, "mail"), waiting(&given, "ops")),
        (vec![1], vec![1])
    );
    assert_eq!(state(&given, "ops"), (DeliveryState::Waiting, 0));
    let second = given.and(lead(), publish(&["ops"]));
    assert_eq!(waiting(&second, "ops"), [1, 2]);
    assert_eq!(waiting(&second, "op"), [0; 0]);
    let silent = second.and(lead(), publish(&[]));
    assert_eq!(silent.plan.letters().len(), 2);
}

#[test]
fn a_letter_is_delivered_once_and_each_channel_goes_by_itself() {
    let given = plan().and(lead(), publish(&["mail", "ops"]));
    let taken = given.then(Actor::System, delivered(1, "ops"), &["ReportDelivered"]);
    assert_eq!(state(&taken, "ops"), (DeliveryState::Delivered, 3));
    assert_eq!(waiting(&taken, "mail"), [1]);
    for command in [delivered(1, "ops"), given_up(1, "ops")] {
        taken.refuses(Actor::System, command, Reason::IllegalTransition);
    }
    taken.refuses(lead(), again(1, "ops"), Reason::IllegalTransition);
    let all = taken.plan.letters();
    let counted = Letters {
        delivered: 1,
        ..Letters::default()
    };
    assert_eq!(all.get("ops"), Some(&counted));
}

#[test]
fn a_letter_that_was_given_up_waits_again_when_a_coordinator_says_so() {
    let given = plan().and(lead(), publish(&["ops"]));
    given.refuses(lead(), again(1, "ops"), Reason::IllegalTransition);
    let dead = given.then(Actor::System, given_up(1, "ops"), &["ReportUndelivered"]);
    assert_eq!(state(&dead, "ops"), (DeliveryState::Dead, 54));
    assert_eq!(dead.plan.dead_letters("ops").count(), 1);
    assert_eq!(waiting(&dead, "ops"), [0; 0]);
    dead.refuses(
        Actor::System,
        delivered(1, "ops"),
        Reason::IllegalTransition,
    );
    dead.refuses(by("dev-1"), again(1, "ops"), Reason::NotAllowed);
    let waits = dead.then(lead(), again(1, "ops"), &["ReportReaddressed"]);
    assert_eq!(state(&waits, "ops"), (DeliveryState::Waiting, 0));
    assert_eq!(waits.plan.dead_letters("ops").count(), 0);
    waits.then(Actor::System, delivered(1, "ops"), &["ReportDelivered"]);
}

#[test]
fn only_the_daemon_says_what_became_of_a_letter_and_only_of_those_there_are() {
    let given = plan().and(lead(), publish(&["ops"]));
    for command in [delivered(1, "ops"), given_up(1, "ops")] {
        given.refuses(lead(), command, Reason::NotAllowed);
    }
    given.refuses(Actor::System, delivered(2, "ops"), Reason::ReportNotFound);
    given.refuses(Actor::System, delivered(1, "mail"), Reason::ChannelNotFound);
    let many: Vec<String> = (0..51).map(|n| format!("c-{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    given.refuses(lead(), publish(&many), Reason::InvalidField);
    for name in ["", "a b", "a/b", &"x".repeat(65)] {
        given.refuses(lead(), publish(&[name]), Reason::InvalidField);
    }
}

#[test]
fn a_report_of_an_older_log_was_addressed_to_nobody() {
    let given = plan().and(lead(), publish(&[]));
    let stored = super::encode(given.log.last().expect("an event"), "");
    let document = stored.expect("it has a form");
    assert!(!document.contains("channels"), "{document}");
}
