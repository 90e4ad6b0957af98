//! Deliverables by example: what a phase hands over before it closes.

use super::super::command::{Command, DeliverableChanges, HomeRef, NewDeliverable};
use super::super::id::DeliverableId;
use super::super::inbox::WaitKind;
use super::super::model::{DeliverableStatus, PhaseState, PhaseStatus};
use super::super::refusal::Reason;
use super::super::settings::Settings;
use super::{Given, by, claim, lead, plan, plan_with};

fn of_phase(phase: &str) -> HomeRef {
    HomeRef {
        phase: phase.to_owned(),
        ..HomeRef::default()
    }
}

fn of_task(task: &str) -> HomeRef {
    HomeRef {
        task: task.to_owned(),
        ..HomeRef::default()
    }
}

fn add(home: HomeRef) -> Command {
    Command::CreateDeliverable(Box::new(NewDeliverable {
        name: "The manual".to_owned(),
        home,
        ..NewDeliverable::default()
    }))
}

fn submit(id: u32) -> Command {
    Command::SubmitDeliverable {
        deliverable: DeliverableId(id),
        artefact: "docs/manual.md".to_owned(),
        note: String::new(),
    }
}

fn accept(id: u32) -> Command {
    Command::AcceptDeliverable {
        deliverable: DeliverableId(id),
        note: String::new(),
    }
}

fn reject(id: u32) -> Command {
    Command::RejectDeliverable {
        deliverable: DeliverableId(id),
        reason: "no examples".to_owned(),
    }
}

fn change(id: u32, changes: DeliverableChanges) -> Command {
    Command::UpdateDeliverable {
        deliverable: DeliverableId(id),
        changes: Box::new(changes),
    }
}

/// Two phases with a task each; the first hands over a manual.
fn given() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer")
        .agent("qa-1", "qa")
        .and(lead(), add(of_phase("1")))
}

fn status(given: &Given) -> PhaseStatus {
    let no = given.plan.resolve_phase("1").expect("a known phase");
    given.plan.phase_status(no)
}

#[test]
fn a_phase_waits_for_its_deliverables_and_closes_with_the_last_one() {
    let given = given().done("dev-1", "T-1");
    assert_eq!(status(&given), PhaseStatus::Gating);
    assert_eq!(given.why("T-2"), ["PHASE_GATING"]);
    let causes = given.plan.explain("T-2".parse().expect("an id"));
    assert!(
        causes[0]
            .message
            .contains("DL-1 (The manual) is not submitted")
    );
    assert_eq!(causes[0].next, "deliverable submit DL-1 --artefact …");
    let close = Command::ClosePhase {
        phase: "1".to_owned(),
    };
    let refusal = given.refuses(lead(), close, Reason::PhaseUnfinished);
    assert_eq!(refusal.items[0].subject, "DL-1");
    let nothing = given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert_eq!(nothing.items[0].subject, "DL-1");

    let given = given.then(by("dev-1"), submit(1), &["DeliverableSubmitted"]);
    let inbox = given.plan.inbox();
    assert_eq!(
        (inbox[0].kind, inbox[0].holds_up),
        (WaitKind::Deliverable, 1)
    );
    assert_eq!(inbox[0].command, "deliverable accept DL-1");
    let events = ["DeliverableAccepted", "PhaseCompleted"];
    let given = given.then(lead(), accept(1), &events);
    assert!(given.is_ready("T-2"));
    assert!(given.plan.inbox().is_empty());
}

#[test]
fn a_phase_that_hands_something_over_is_a_barrier_without_any_task() {
    let given = plan().phase("1").phase("2").task(&[]);
    assert!(given.is_ready("T-1"));
    let given = given.and(lead(), add(of_phase("1")));
    assert!(!given.is_ready("T-1"));
    assert_eq!(status(&given), PhaseStatus::Gating);
    let away = DeliverableChanges {
        home: Some(HomeRef {
            workflow: "launch".to_owned(),
            ..HomeRef::default()
        }),
        ..DeliverableChanges::default()
    };
    let given = given.then(lead(), change(1, away), &["DeliverableUpdated"]);
    assert!(given.is_ready("T-1"));
}

#[test]
fn what_leaves_a_phase_that_lacked_nothing_else_closes_it() {
    let given = given().done("dev-1", "T-1");
    let to_the_next = DeliverableChanges {
        home: Some(of_phase("2")),
        ..DeliverableChanges::default()
    };
    let events = ["DeliverableUpdated", "PhaseCompleted"];
    let given = given.then(lead(), change(1, to_the_next), &events);
    let back = DeliverableChanges {
        home: Some(of_phase("1")),
        ..DeliverableChanges::default()
    };
    given.refuses(lead(), change(1, back), Reason::PhaseClosed);
    given.refuses(lead(), add(of_phase("1")), Reason::PhaseClosed);
    given.refuses(lead(), add(of_task("T-1")), Reason::PhaseClosed);
}

#[test]
fn nobody_accepts_what_they_submitted_themselves() {
    let given = given().and(lead(), submit(1));
    given.refuses(lead(), accept(1), Reason::OwnSubmission);
    given.refuses(lead(), reject(1), Reason::OwnSubmission);
    let other = super::Actor::Coordinator("second".into());
    given.then(other, accept(1), &["DeliverableAccepted"]);
}

#[test]
fn an_agent_accepts_only_in_a_role_that_may() {
    let given = given().and(by("dev-1"), submit(1));
    given.refuses(by("qa-1"), accept(1), Reason::NotAllowed);
    let allowed = Settings {
        accepting_roles: vec!["qa".to_owned(), "developer".to_owned()],
        ..Settings::default()
    };
    let allow = Command::UpdateProject {
        name: None,
        description: None,
        settings: Some(Box::new(allowed)),
    };
    let given = given.and(lead(), allow);
    given.refuses(by("dev-1"), accept(1), Reason::OwnSubmission);
    let given = given.then(by("qa-1"), accept(1), &["DeliverableAccepted"]);
    let accepted = given
        .plan
        .deliverable(DeliverableId(1))
        .expect("it is there");
    assert_eq!(accepted.status, DeliverableStatus::Accepted);
    let unknown = Settings {
        accepting_roles: vec!["astronaut".to_owned()],
        ..Settings::default()
    };
    let unknown = Command::UpdateProject {
        name: None,
        description: None,
        settings: Some(Box::new(unknown)),
    };
    given.refuses(lead(), unknown, Reason::InvalidField);
}

#[test]
fn what_was_rejected_is_submitted_again() {
    let given = given().and(by("dev-1"), submit(1));
    given.refuses(by("dev-1"), submit(1), Reason::IllegalTransition);
    let given = given.then(lead(), reject(1), &["DeliverableRejected"]);
    given.refuses(lead(), accept(1), Reason::IllegalTransition);
    let given = given.and(by("dev-1"), submit(1)).and(lead(), accept(1));
    given.refuses(by("dev-1"), submit(1), Reason::IllegalTransition);
    given.refuses(lead(), reject(1), Reason::IllegalTransition);
    let rename = DeliverableChanges {
        name: Some("Another".to_owned()),
        ..DeliverableChanges::default()
    };
    given.refuses(lead(), change(1, rename), Reason::IllegalTransition);
}

#[test]
fn a_submission_without_a_reference_is_refused() {
    let without = Command::SubmitDeliverable {
        deliverable: DeliverableId(1),
        artefact: "  ".to_owned(),
        note: "it is there".to_owned(),
    };
    let refusal = given().refuses(by("dev-1"), without, Reason::InvalidField);
    assert!(refusal.message.contains("artefact"));
}

#[test]
fn a_deliverable_belongs_to_one_thing_that_exists() {
    let given = given();
    let both = HomeRef {
        task: "T-1".to_owned(),
        ..of_phase("1")
    };
    given.refuses(lead(), add(HomeRef::default()), Reason::InvalidField);
    given.refuses(lead(), add(both), Reason::InvalidField);
    given.refuses(lead(), add(of_phase("9")), Reason::PhaseNotFound);
    given.refuses(lead(), add(of_task("T-9")), Reason::TaskNotFound);
    given.refuses(by("dev-1"), add(of_phase("1")), Reason::NotAllowed);
    for command in [submit(9), accept(9), reject(9)] {
        given.refuses(lead(), command, Reason::DeliverableNotFound);
    }
}

#[test]
fn a_brief_names_what_its_task_hands_over() {
    let given = given()
        .and(lead(), add(of_task("T-1")))
        .started("dev-1", "T-1");
    let brief = |given: &Given| given.plan.brief("T-1".parse().expect("an id"));
    let listed = brief(&given).expect("it is held").deliverables;
    assert_eq!(
        listed.len(),
        1,
        "the phase's own is not the task's: {listed:?}"
    );
    assert_eq!(listed[0].text, "The manual is not submitted");
    let next = brief(&given).expect("it is held").next;
    assert!(next.contains(&"deliverable submit DL-2 --artefact …".to_owned()));
    let given = given.and(by("dev-1"), submit(2)).and(lead(), reject(2));
    let listed = brief(&given).expect("it is held").deliverables;
    let text = &listed[0].text;
    assert!(
        text.ends_with("rejected and not submitted again: no examples"),
        "{text}"
    );
}

#[test]
fn a_phase_has_a_limit_of_deliverables() {
    let mut given = given();
    for _ in 1..100 {
        let command = add(of_phase("1"));
        let facts = super::facts(lead(), given.now_ms);
        let decided = super::decide(&given.plan, &command, &facts).expect("there is room");
        given.log.extend(decided.events);
        given.plan = decided.plan;
    }
    given.refuses(lead(), add(of_phase("1")), Reason::LimitReached);
    given.refuses(lead(), add(of_task("T-1")), Reason::LimitReached);
    let given = given.and(lead(), add(of_phase("2")));
    let crowd = DeliverableChanges {
        home: Some(of_phase("1")),
        ..DeliverableChanges::default()
    };
    given.refuses(lead(), change(101, crowd), Reason::LimitReached);
}

#[test]
fn a_phase_closed_by_hand_waits_for_a_word_after_its_last_deliverable() {
    let settings = Settings {
        phase_close: super::super::settings::PhaseClose::ByHand,
        ..Settings::default()
    };
    let given = plan_with(settings)
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .and(lead(), add(of_phase("1")))
        .done("dev-1", "T-1")
        .and(by("dev-1"), submit(1))
        .then(lead(), accept(1), &["DeliverableAccepted"]);
    assert_eq!(given.plan.inbox()[0].kind, WaitKind::PhaseToClose);
    let close = Command::ClosePhase {
        phase: "1".to_owned(),
    };
    let given = given.then(lead(), close, &["PhaseCompleted"]);
    let no = given.plan.resolve_phase("1").expect("a known phase");
    let state = given.plan.phase(no).map(|phase| phase.state);
    assert_eq!(state, Some(PhaseState::Completed));
}
