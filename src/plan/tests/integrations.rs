//! Integration points by example: when they are to be tested, and what becomes of a test.

use super::super::command::{
    Command, EndRef, Held, IntegrationChanges, NewCheck, NewCriterion, NewGate, NewIntegration,
    NewScope, SidesRef,
};
use super::super::event::{BlockerKind, Derived};
use super::super::id::{BlockerId, IntegrationId};
use super::super::inbox::WaitKind;
use super::super::model::{IntegrationStatus, RunStatus};
use super::super::refusal::Reason;
use super::{Given, by, lead, plan};

const FIRST: IntegrationId = IntegrationId(1);

fn task(id: &str) -> EndRef {
    EndRef {
        task: id.to_owned(),
        ..EndRef::default()
    }
}

fn phase(id: &str) -> EndRef {
    EndRef {
        phase: id.to_owned(),
        ..EndRef::default()
    }
}

fn point(sides: SidesRef) -> NewIntegration {
    NewIntegration {
        name: "Shop and till".to_owned(),
        sides,
        protocol: "gRPC".to_owned(),
        test_strategy: "sell one thing".to_owned(),
        due: None,
        contact: String::new(),
    }
}

fn add(new: NewIntegration) -> Command {
    Command::CreateIntegration(Box::new(new))
}

fn internal(from: EndRef, to: EndRef) -> Command {
    add(point(SidesRef::Internal { from, to }))
}

fn external(needed_by: EndRef) -> NewIntegration {
    point(SidesRef::External {
        system: "the bank".to_owned(),
        needed_by,
    })
}

fn test() -> Command {
    Command::TestIntegration {
        integration: FIRST,
        evidence: "sold one thing".to_owned(),
    }
}

fn fail(holds: Held) -> Command {
    Command::FailIntegration {
        integration: FIRST,
        reason: "the till hangs".to_owned(),
        holds,
    }
}

fn reopen(task: &str) -> Command {
    Command::ReopenTask {
        task: task.to_owned(),
        reason: "again".to_owned(),
    }
}

fn given() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer")
}

fn status(given: &Given) -> IntegrationStatus {
    let point = given.plan.integration(FIRST).expect("it is there");
    given.plan.integration_status(point)
}

fn in_inbox(given: &Given) -> Vec<String> {
    let waiting = given.plan.inbox().into_iter();
    let own = waiting.filter(|it| it.kind == WaitKind::Integration);
    own.map(|it| it.command).collect()
}

#[test]
fn a_point_is_to_be_tested_in_the_moment_its_second_end_is_completed() {
    let given = given().and(lead(), internal(task("T-1"), task("T-2")));
    assert_eq!(status(&given), IntegrationStatus::Pending);
    let half = given.done("dev-1", "T-1");
    let early = half.refuses(lead(), test(), Reason::IllegalTransition);
    assert_eq!(early.next, ["why T-2"]);
    assert!(in_inbox(&half).is_empty());
    let both = half.done("dev-1", "T-2");
    assert_eq!(status(&both), IntegrationStatus::Ready);
    assert_eq!(in_inbox(&both), ["integration test IP-1 --evidence …"]);
    assert_eq!(both.why("T-1"), ["NOT_PLANNED", "INTEGRATION_UNTESTED"]);
    let tested = both.then(by("dev-1"), test(), &["IntegrationTested"]);
    assert_eq!(status(&tested), IntegrationStatus::Tested);
    assert!(in_inbox(&tested).is_empty());
    assert_eq!(tested.why("T-1"), ["NOT_PLANNED"]);
    tested.refuses(lead(), test(), Reason::IllegalTransition);
}

#[test]
fn a_test_says_nothing_once_an_end_has_open_work_again() {
    let tested = given()
        .and(lead(), internal(task("T-1"), phase("1")))
        .done("dev-1", "T-1")
        .done("dev-1", "T-2")
        .and(by("dev-1"), test());
    let again = tested.and(lead(), reopen("T-2"));
    assert_eq!(status(&again), IntegrationStatus::Pending);
    let done = again.done("dev-1", "T-2");
    assert_eq!(status(&done), IntegrationStatus::Ready);
    // Something new in the phase is something new to be tested.
    let tested = done.and(lead(), test());
    let more = tested.phase("3").task(&[]);
    assert_eq!(status(&more), IntegrationStatus::Tested);
}

#[test]
fn parts_stand_in_the_place_of_an_end_and_what_is_given_up_is_dropped() {
    use super::super::command::NewPart;
    let part = |title: &str| NewPart {
        title: title.to_owned(),
        ..NewPart::default()
    };
    let split = Command::SplitTask {
        task: "T-1".to_owned(),
        parts: vec![part("One"), part("Two")],
        chain: false,
    };
    let cancel = |task: &str| Command::CancelTask {
        task: task.to_owned(),
        reason: "no".to_owned(),
        waive_dependents: false,
    };
    let given = given()
        .and(lead(), internal(task("T-1"), task("T-2")))
        .done("dev-1", "T-2")
        .and(lead(), split);
    assert_eq!(status(&given), IntegrationStatus::Pending);
    let one = given.clone().done("dev-1", "T-4");
    assert_eq!(status(&one), IntegrationStatus::Pending);
    let both = one.and(lead(), cancel("T-5"));
    assert_eq!(status(&both), IntegrationStatus::Ready);
    let tested = both.and(lead(), test()).and(lead(), reopen("T-4"));
    assert_eq!(status(&tested), IntegrationStatus::Pending);
    let none = given.and(lead(), cancel("T-4")).and(lead(), cancel("T-5"));
    assert_eq!(status(&none), IntegrationStatus::Dropped);
    none.refuses(lead(), test(), Reason::IllegalTransition);
}

#[test]
fn a_failed_test_may_hold_something_up_and_is_made_again() {
    let holds = Held {
        tasks: vec!["T-3".to_owned()],
        ..Held::default()
    };
    let given = given()
        .and(lead(), internal(task("T-1"), task("T-2")))
        .done("dev-1", "T-1")
        .done("dev-1", "T-2");
    let bare = fail(Held::default());
    let failed = given.then(by("dev-1"), bare, &["IntegrationFailed"]);
    assert_eq!(in_inbox(&failed).len(), 1, "nobody speaks of it");
    given.refuses(by("dev-1"), fail(holds.clone()), Reason::NotAllowed);
    let held = given.then(lead(), fail(holds), &["BlockerOpened", "IntegrationFailed"]);
    assert_eq!(status(&held), IntegrationStatus::Failed);
    assert!(held.why("T-3").contains(&"TASK_BLOCKED"));
    let blocker = held.plan.blocker(BlockerId(1)).expect("it is open");
    assert_eq!(&*blocker.reason, "IP-1 failed its test: the till hangs");
    assert!(in_inbox(&held).is_empty(), "its blocker waits there");
    let works = held.then(lead(), test(), &["IntegrationTested"]);
    assert_eq!(status(&works), IntegrationStatus::Tested);
}

#[test]
fn an_external_system_is_tested_once_a_coordinator_confirms_it() {
    let confirm = || Command::ConfirmIntegration {
        integration: FIRST,
        note: "they sent the key".to_owned(),
    };
    let mut bank = external(task("T-1"));
    bank.due = "2026-11-24".parse().ok();
    bank.contact = "the bank's desk".to_owned();
    let given = given().and(lead(), add(bank));
    given.refuses(lead(), test(), Reason::IllegalTransition);
    given.refuses(by("dev-1"), confirm(), Reason::NotAllowed);
    let there = given.then(lead(), confirm(), &["IntegrationConfirmed"]);
    there.refuses(lead(), confirm(), Reason::IllegalTransition);
    assert_eq!(status(&there), IntegrationStatus::Ready);
    let holds = Held {
        phase: "1".to_owned(),
        ..Held::default()
    };
    let failed = there.clone().and(lead(), fail(holds));
    let blocker = failed.plan.blocker(BlockerId(1)).expect("it is open");
    assert_eq!(blocker.kind, BlockerKind::External);
    assert_eq!(&*blocker.owner, "the bank's desk");
    there.then(lead(), test(), &["IntegrationTested"]);
    let inside = given.and(lead(), internal(task("T-1"), task("T-2")));
    let second = Command::ConfirmIntegration {
        integration: IntegrationId(2),
        note: String::new(),
    };
    inside.refuses(lead(), second, Reason::IllegalTransition);
}

#[test]
fn a_gate_may_demand_the_points_of_its_phase_or_all_of_them() {
    let gate = |scope| {
        Command::DefineGate(Box::new(NewGate {
            gate: String::new(),
            name: "Integrated".to_owned(),
            scope: Some(scope),
            criteria: vec![NewCriterion {
                name: "Tested".to_owned(),
                advisory: false,
                check: NewCheck::Derived(Derived::AllIntegrationTested),
            }],
        }))
    };
    let run = |gate: &str| Command::RunGate {
        gate: gate.to_owned(),
        commit: String::new(),
    };
    let newest = |given: &Given, gate: &str| {
        let id = given.plan.resolve_run(gate).expect("it was run");
        given.plan.gate_run(id).expect("it is kept").status
    };
    let given = given()
        .and(lead(), internal(task("T-1"), phase("1")))
        // It meets in the second phase, so that the first can close without it.
        .and(lead(), internal(task("T-2"), task("T-3")))
        .and(lead(), gate(NewScope::Phase("1".to_owned())))
        .and(lead(), gate(NewScope::Project))
        .done("dev-1", "T-1")
        .done("dev-1", "T-2");
    assert_eq!(newest(&given, "G-1"), RunStatus::Failed);
    let tested = given.and(lead(), test()).and(lead(), run("G-1"));
    assert_eq!(newest(&tested, "G-1"), RunStatus::Passed);
    assert!(tested.is_ready("T-3"), "the phase has closed");
    let all = tested.and(lead(), run("G-2"));
    assert_eq!(newest(&all, "G-2"), RunStatus::Failed);
}

#[test]
fn what_cannot_meet_is_refused() {
    let given = given();
    let both = EndRef {
        task: "T-1".to_owned(),
        phase: "1".to_owned(),
    };
    let twice = internal(task("T-1"), task("T-1"));
    given.refuses(lead(), twice, Reason::InvalidField);
    let nothing = internal(task("T-1"), EndRef::default());
    given.refuses(lead(), nothing, Reason::InvalidField);
    given.refuses(lead(), internal(both, task("T-2")), Reason::InvalidField);
    let unknown = internal(task("T-1"), task("T-9"));
    given.refuses(lead(), unknown, Reason::TaskNotFound);
    let unknown = internal(task("T-1"), phase("9"));
    given.refuses(lead(), unknown, Reason::PhaseNotFound);
    let mut inside = point(SidesRef::Internal {
        from: task("T-1"),
        to: task("T-2"),
    });
    inside.due = "2026-11-24".parse().ok();
    given.refuses(lead(), add(inside), Reason::InvalidField);
    given.refuses(lead(), test(), Reason::IntegrationNotFound);
    given.refuses(
        by("dev-1"),
        internal(task("T-1"), task("T-2")),
        Reason::NotAllowed,
    );
}

#[test]
fn other_sides_make_a_point_untested_and_other_words_do_not() {
    let change = |changes| Command::UpdateIntegration {
        integration: FIRST,
        changes: Box::new(changes),
    };
    let words = IntegrationChanges {
        protocol: Some("REST".to_owned()),
        ..IntegrationChanges::default()
    };
    let sides = IntegrationChanges {
        sides: Some(SidesRef::Internal {
            from: task("T-1"),
            to: task("T-3"),
        }),
        ..IntegrationChanges::default()
    };
    let tested = given()
        .and(lead(), internal(task("T-1"), task("T-2")))
        .done("dev-1", "T-1")
        .done("dev-1", "T-2")
        .and(lead(), test())
        .then(lead(), change(words.clone()), &["IntegrationUpdated"]);
    assert_eq!(status(&tested), IntegrationStatus::Tested);
    tested.refuses(lead(), change(words), Reason::InvalidField);
    let moved = tested.and(lead(), change(sides));
    assert_eq!(status(&moved), IntegrationStatus::Pending);
}

#[test]
fn a_point_that_is_withdrawn_holds_nothing_up_and_takes_no_test() {
    let withdraw = |reason: &str| Command::WithdrawIntegration {
        integration: FIRST,
        reason: reason.to_owned(),
    };
    let given = given()
        .and(lead(), internal(task("T-1"), task("T-2")))
        .done("dev-1", "T-1")
        .done("dev-1", "T-2");
    given.refuses(lead(), withdraw(""), Reason::InvalidField);
    given.refuses(by("dev-1"), withdraw("no till"), Reason::NotAllowed);
    let given = given.then(lead(), withdraw("no till"), &["IntegrationWithdrawn"]);
    assert_eq!(status(&given), IntegrationStatus::Dropped);
    assert!(in_inbox(&given).is_empty());
    assert_eq!(given.why("T-1"), ["NOT_PLANNED"]);
    for step in [test(), fail(Held::default()), withdraw("again")] {
        let refusal = given.refuses(lead(), step, Reason::IllegalTransition);
        assert!(refusal.message.contains("no till"), "{refusal}");
    }
}
