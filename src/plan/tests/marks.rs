//! Marks by example: only a change is recorded, and only by the daemon itself.

use super::super::command::{Command, Watching};
use super::super::event::{Event, MarkKind, RaisedMark};
use super::super::fact::Actor;
use super::super::inbox::WaitKind;
use super::super::model::MARKS_MAX;
use super::super::refusal::Reason;
use super::{Given, by, check, lead, plan};

fn mark(kind: MarkKind, subject: &str, detail: &str) -> RaisedMark {
    RaisedMark {
        kind,
        subject: subject.into(),
        detail: detail.into(),
    }
}

fn silent(agent: &str) -> RaisedMark {
    mark(MarkKind::AgentSilent, agent, "holds T-1")
}

fn found(marks: &[RaisedMark]) -> Command {
    Command::Watch(Watching::Mark(marks.to_vec()))
}

fn looked(given: &Given, marks: &[RaisedMark]) -> Vec<Event> {
    let after = check(given, Actor::System, &found(marks)).expect("marks are taken");
    let new = after.log[given.log.len()..].iter();
    new.map(|recorded| recorded.event.clone()).collect()
}

#[test]
fn a_mark_is_raised_once_and_cleared_when_it_is_not_found_any_more() {
    let given = plan();
    let events = looked(&given, &[silent("dev")]);
    assert!(
        matches!(&events[..], [Event::MarksChanged(it)] if it.raised == [silent("dev")] && it.cleared.is_empty()),
        "{events:?}"
    );
    let mut given = given.and(Actor::System, found(&[silent("dev")]));
    let since = given
        .plan
        .mark(MarkKind::AgentSilent, "dev")
        .expect("a mark")
        .since;
    given.now_ms += 60_000;
    assert_eq!(looked(&given, &[silent("dev")]), [], "nothing changed");
    let inbox = given.plan.inbox();
    let waiting = inbox.iter().find(|it| it.kind == WaitKind::Mark);
    let waiting = waiting.expect("it waits for somebody to look");
    assert_eq!(waiting.title, "silent: holds T-1");
    assert_eq!(
        (waiting.since, waiting.command.as_str()),
        (since, "agent list")
    );
    let given = given.and(Actor::System, found(&[]));
    assert_eq!(given.plan.marks().count(), 0);
    assert_eq!(looked(&given, &[]), [], "nothing changed");
}

#[test]
fn a_mark_of_which_there_is_something_else_to_say_stands_since_before() {
    let mut given = plan().and(Actor::System, found(&[silent("dev")]));
    let since = given
        .plan
        .mark(MarkKind::AgentSilent, "dev")
        .expect("a mark")
        .since;
    given.now_ms += 60_000;
    let other = mark(MarkKind::AgentSilent, "dev", "holds 2 tasks");
    let given = given.and(Actor::System, found(&[other]));
    let mark = given
        .plan
        .mark(MarkKind::AgentSilent, "dev")
        .expect("a mark");
    assert_eq!((&*mark.detail, mark.since), ("holds 2 tasks", since));
}

#[test]
fn no_more_marks_stand_than_may_and_those_that_stand_go_first() {
    let many: Vec<RaisedMark> = (0..MARKS_MAX + 50)
        .map(|it| silent(&format!("a{it:03}")))
        .collect();
    let first = mark(MarkKind::LeaseEnding, "T-1", "");
    let given = plan().and(Actor::System, found(&many));
    assert!(given.plan.marks_are_full());
    let with_first: Vec<RaisedMark> = [first.clone()].into_iter().chain(many.clone()).collect();
    assert_eq!(looked(&given, &with_first), [], "there is no room");
    let with_room: Vec<RaisedMark> = with_first[..MARKS_MAX].to_vec();
    let given = given.and(Actor::System, found(&with_room));
    assert!(given.plan.mark(first.kind, "T-1").is_some());
    assert_eq!(given.plan.marks().count(), MARKS_MAX);
}

#[test]
fn only_the_daemon_marks() {
    let given = plan();
    given.refuses(lead(), found(&[silent("dev")]), Reason::NotAllowed);
    given.refuses(by("dev"), found(&[silent("dev")]), Reason::NotAllowed);
}

#[test]
fn a_mark_that_is_about_nothing_or_says_too_much_is_refused() {
    let given = plan();
    let long = mark(MarkKind::PhaseLate, "1", &"x".repeat(161));
    for wrong in [silent(""), long] {
        given.refuses(Actor::System, found(&[wrong]), Reason::InvalidField);
    }
}

#[test]
fn what_rests_is_not_marked_and_what_is_over_has_no_marks() {
    let given = plan().and(Actor::System, found(&[silent("dev")]));
    let pause = Command::PauseProject {
        reason: "a holiday".to_owned(),
    };
    let paused = given.and(lead(), pause);
    assert_eq!(looked(&paused, &[]), []);
    assert_eq!(paused.plan.marks().count(), 1);
    let archive = Command::ArchiveProject {
        reason: "it is done with".to_owned(),
    };
    let archived = paused.and(lead(), archive);
    assert_eq!(archived.plan.marks().count(), 0);
}
