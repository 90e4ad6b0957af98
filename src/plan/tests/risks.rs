//! Risks by example: what may happen, and what became of it.

use super::super::command::{Command, Held, NewRisk, RiskChanges};
use super::super::event::{Level, RiskKind, RiskStatus, Severity};
use super::super::id::{BlockerId, RiskId};
use super::super::refusal::Reason;
use super::{Given, by, lead, plan};

fn add(kind: RiskKind, days: Option<u32>) -> Command {
    Command::CreateRisk(Box::new(NewRisk {
        kind,
        text: "the bank is slow".to_owned(),
        impact: Level::High,
        impact_days: days,
        mitigation: "ask a second bank".to_owned(),
        owner: "ann".to_owned(),
        ..NewRisk::default()
    }))
}

fn step(to: RiskStatus) -> Command {
    step_with(to, "seen", Held::default())
}

fn step_with(to: RiskStatus, note: &str, holds: Held) -> Command {
    Command::MoveRisk {
        risk: RiskId(1),
        to,
        note: note.to_owned(),
        holds,
    }
}

fn given() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .and(lead(), add(RiskKind::Technical, None))
}

#[test]
fn a_risk_is_met_in_one_of_three_ways_and_then_closed() {
    use RiskStatus::{Accepted, Active, Closed, Mitigated, Occurred};
    let given = given();
    given.refuses(lead(), step(Closed), Reason::IllegalTransition);
    given.refuses(lead(), step(Active), Reason::IllegalTransition);
    for way in [Mitigated, Accepted, Occurred] {
        let met = given.then(lead(), step(way), &["RiskMoved"]);
        met.refuses(lead(), step(Mitigated), Reason::IllegalTransition);
        met.refuses(lead(), step(Accepted), Reason::IllegalTransition);
        let bare = step_with(Closed, "", Held::default());
        let closed = met.then(lead(), bare, &["RiskMoved"]);
        for to in [Active, Mitigated, Accepted, Occurred, Closed] {
            closed.refuses(lead(), step(to), Reason::IllegalTransition);
        }
    }
    let accepted = given.and(lead(), step(Accepted));
    accepted.then(lead(), step(Occurred), &["RiskMoved"]);
}

#[test]
fn a_risk_that_occurs_may_hold_tasks_up() {
    let holds = |task: &str, phase: &str| Held {
        tasks: if task.is_empty() {
            Vec::new()
        } else {
            vec![task.to_owned()]
        },
        phase: phase.to_owned(),
    };
    let given = given();
    let early = step_with(RiskStatus::Accepted, "seen", holds("T-1", ""));
    given.refuses(lead(), early, Reason::InvalidField);
    let unknown = step_with(RiskStatus::Occurred, "seen", holds("T-9", ""));
    given.refuses(lead(), unknown, Reason::TaskNotFound);
    let of_phase = step_with(RiskStatus::Occurred, "seen", holds("", "1"));
    let held = given.then(lead(), of_phase, &["BlockerOpened", "RiskMoved"]);
    assert_eq!(held.why("T-1"), ["PHASE_BLOCKED"]);
    let of_task = step_with(RiskStatus::Occurred, "seen", holds("T-1", ""));
    let held = given.then(lead(), of_task, &["BlockerOpened", "RiskMoved"]);
    assert_eq!(held.why("T-1"), ["TASK_BLOCKED"]);
    let blocker = held.plan.blocker(BlockerId(1)).expect("it is open");
    assert_eq!(&*blocker.reason, "R-1 occurred: the bank is slow");
    assert_eq!(&*blocker.resolution_path, "ask a second bank");
    assert_eq!((&*blocker.owner, blocker.severity), ("ann", Severity::High));
    let risk = held.plan.risk(RiskId(1)).expect("it is there");
    assert_eq!(risk.blocker, Some(BlockerId(1)));
    let resolve = Command::ResolveBlocker {
        blocker: BlockerId(1),
        resolution: "another bank".to_owned(),
        withdraw: false,
    };
    let free = held
        .and(lead(), step(RiskStatus::Closed))
        .and(lead(), resolve);
    assert!(free.is_ready("T-1"));
}

#[test]
fn days_are_what_a_schedule_risk_costs() {
    let given = given();
    given.refuses(
        lead(),
        add(RiskKind::Technical, Some(3)),
        Reason::InvalidField,
    );
    given.refuses(
        lead(),
        add(RiskKind::Schedule, Some(0)),
        Reason::InvalidField,
    );
    given.refuses(
        lead(),
        add(RiskKind::Schedule, Some(3_651)),
        Reason::InvalidField,
    );
    let given = given.and(lead(), add(RiskKind::Schedule, Some(3)));
    let change = |changes| Command::UpdateRisk {
        risk: RiskId(2),
        changes: Box::new(changes),
    };
    let technical = RiskChanges {
        kind: Some(RiskKind::Technical),
        ..RiskChanges::default()
    };
    given.refuses(lead(), change(technical.clone()), Reason::InvalidField);
    let without_days = RiskChanges {
        impact_days: Some(0),
        ..technical
    };
    let given = given.then(lead(), change(without_days.clone()), &["RiskUpdated"]);
    given.refuses(lead(), change(without_days), Reason::InvalidField);
}

#[test]
fn a_step_says_why_and_is_a_coordinators() {
    let given = given();
    for to in [
        RiskStatus::Mitigated,
        RiskStatus::Accepted,
        RiskStatus::Occurred,
    ] {
        let bare = step_with(to, " ", Held::default());
        given.refuses(lead(), bare, Reason::InvalidField);
        given.refuses(by("dev-1"), step(to), Reason::NotAllowed);
    }
    let unknown = Command::MoveRisk {
        risk: RiskId(9),
        to: RiskStatus::Mitigated,
        note: "seen".to_owned(),
        holds: Held::default(),
    };
    given.refuses(lead(), unknown, Reason::RiskNotFound);
}
