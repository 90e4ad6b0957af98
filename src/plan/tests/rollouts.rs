//! Rollouts by example: what they lack, how they roll, and how they end.

use super::super::command::{
    Command, Held, NewCheck, NewCriterion, NewGate, NewMeasure, NewScope, NewSuccessMetric,
    RolloutChanges, RolloutEnding,
};
use super::super::event::{Comparison, RolloutStatus};
use super::super::fact::Actor;
use super::super::id::{GateRunId, RolloutId};
use super::super::inbox::WaitKind;
use super::super::refusal::Reason;
use super::super::time::Timestamp;
use super::{Given, by, lead, plan};

const FIRST: RolloutId = RolloutId(1);

fn words() -> RolloutChanges {
    RolloutChanges {
        name: Some("Release 2".to_owned()),
        approach: Some("canary".to_owned()),
        steps: Some(vec!["one host".to_owned(), "all of them".to_owned()]),
        rollback_plan: Some("start the old one".to_owned()),
        ..RolloutChanges::default()
    }
}

fn create(words: RolloutChanges) -> Command {
    Command::CreateRollout(Box::new(words))
}

fn change(changes: RolloutChanges) -> Command {
    Command::UpdateRollout {
        rollout: FIRST,
        changes: Box::new(changes),
    }
}

fn rollback_tested() -> Command {
    Command::TestRollback {
        rollout: FIRST,
        evidence: "took it back twice".to_owned(),
    }
}

fn start(rollout: RolloutId) -> Command {
    Command::StartRollout { rollout }
}

fn step(step: u32) -> Command {
    Command::TickRollout {
        rollout: FIRST,
        step,
        note: String::new(),
    }
}

fn end(to: RolloutStatus, attested: &[u32]) -> Command {
    Command::EndRollout(Box::new(RolloutEnding {
        rollout: FIRST,
        to,
        note: "seen".to_owned(),
        attested: attested.to_vec(),
        holds: Held::default(),
    }))
}

fn gate(name: &str, deployment: &str) -> Command {
    Command::DefineGate(Box::new(NewGate {
        gate: String::new(),
        name: name.to_owned(),
        scope: Some(NewScope::Deployment(deployment.to_owned())),
        criteria: vec![NewCriterion {
            name: "Runbook".to_owned(),
            advisory: false,
            check: NewCheck::Attested {
                role: String::new(),
            },
        }],
    }))
}

fn run(gate: &str) -> Command {
    Command::RunGate {
        gate: gate.to_owned(),
        commit: String::new(),
    }
}

fn attest(gate: &str, holds: bool) -> Command {
    Command::AttestCriterion {
        gate: gate.to_owned(),
        criterion: "1".to_owned(),
        holds,
        evidence: "read it".to_owned(),
    }
}

fn given() -> Given {
    plan().phase("1").task(&[]).agent("ops-1", "devops")
}

fn status(given: &Given) -> RolloutStatus {
    given.plan.rollout(FIRST).expect("it is there").status
}

fn lacks(given: &Given) -> Vec<String> {
    let rollout = given.plan.rollout(FIRST).expect("it is there");
    let lacks = given.plan.rollout_lacks(rollout, Timestamp(given.now_ms));
    lacks.into_iter().map(|it| it.subject).collect()
}

#[test]
fn a_rollout_is_ready_by_itself_once_the_rollback_is_tested() {
    let given = given().then(lead(), create(words()), &["RolloutCreated"]);
    assert_eq!(lacks(&given), ["rollback"]);
    let refusal = given.refuses(lead(), start(FIRST), Reason::RolloutNotReady);
    assert_eq!(refusal.next[0], "rollout rollback-tested RO-1 --evidence …");
    assert!(refusal.items[0].description.contains("from coordinator"));
    let ready = given.then(
        by("ops-1"),
        rollback_tested(),
        &["RollbackTested", "RolloutReadied"],
    );
    assert_eq!(status(&ready), RolloutStatus::Ready);
    // Another plan was not tested.
    let other = RolloutChanges {
        rollback_plan: Some("restore the backup".to_owned()),
        ..RolloutChanges::default()
    };
    let draft = ready.then(
        lead(),
        change(other.clone()),
        &["RolloutUpdated", "RolloutHeldBack"],
    );
    assert_eq!(status(&draft), RolloutStatus::Draft);
    draft.refuses(lead(), change(other), Reason::InvalidField);
    let words = RolloutChanges {
        approach: Some("blue-green".to_owned()),
        ..RolloutChanges::default()
    };
    ready.then(lead(), change(words), &["RolloutUpdated"]);
}

#[test]
fn a_rollout_without_steps_or_a_plan_lacks_them() {
    let bare = RolloutChanges {
        name: Some("Release 2".to_owned()),
        ..RolloutChanges::default()
    };
    let given = given().and(lead(), create(bare));
    assert_eq!(lacks(&given), ["steps", "rollback plan"]);
    given.refuses(lead(), rollback_tested(), Reason::IllegalTransition);
    let nameless = RolloutChanges::default();
    given.refuses(lead(), create(nameless), Reason::InvalidField);
    let long = RolloutChanges {
        steps: Some(vec!["on".to_owned(); 51]),
        ..words()
    };
    given.refuses(lead(), create(long), Reason::LimitReached);
}

#[test]
fn every_gate_in_front_of_its_deployment_really_stops_it() {
    let given = given()
        .and(lead(), gate("Before the shop", "shop"))
        .and(lead(), gate("Before the till", "till"));
    let unknown = RolloutChanges {
        deployment: Some("moon".to_owned()),
        ..words()
    };
    given.refuses(lead(), create(unknown), Reason::InvalidField);
    let all = given
        .clone()
        .and(lead(), create(words()))
        .and(lead(), rollback_tested());
    assert_eq!(lacks(&all), ["gate G-1", "gate G-2"]);
    let shop = RolloutChanges {
        deployment: Some("Shop".to_owned()),
        ..words()
    };
    let given = given
        .and(lead(), create(shop))
        .and(lead(), rollback_tested());
    assert_eq!(lacks(&given), ["gate G-1"]);
    let asked = given.and(by("ops-1"), run("G-1"));
    let refusal = asked.refuses(lead(), start(FIRST), Reason::RolloutNotReady);
    assert_eq!(refusal.items[0].subject, "criterion 1 of G-1");
    let open = asked.then(
        lead(),
        attest("G-1", true),
        &["GateResultRecorded", "GateRunSettled", "RolloutReadied"],
    );
    // A newer run counts alone.
    let again = open.then(
        by("ops-1"),
        run("G-1"),
        &["GateRunStarted", "RolloutHeldBack"],
    );
    let failed = again.then(
        lead(),
        attest("G-1", false),
        &["GateResultRecorded", "GateRunSettled"],
    );
    failed.refuses(lead(), start(FIRST), Reason::RolloutNotReady);
    let retire = Command::RetireGate {
        gate: "G-1".to_owned(),
        reason: "no shop".to_owned(),
    };
    failed.then(lead(), retire, &["GateRetired", "RolloutReadied"]);
    let rolling = open.then(lead(), start(FIRST), &["RolloutStarted"]);
    rolling.then(by("ops-1"), run("G-1"), &["GateRunStarted"]);
}

#[test]
fn a_waiver_lets_it_roll_only_until_it_ends() {
    let given = given()
        .and(lead(), gate("Before the shop", "shop"))
        .and(lead(), create(words()))
        .and(lead(), rollback_tested())
        .and(by("ops-1"), run("G-1"))
        .and(lead(), attest("G-1", false));
    let until = Timestamp(given.now_ms + 5_000);
    let waive = Command::WaiveGateRun {
        gate: "G-1".to_owned(),
        reason: "the fair is near".to_owned(),
        until,
    };
    let mut waived = given.then(lead(), waive, &["GateWaived", "RolloutReadied"]);
    waived.then(lead(), start(FIRST), &["RolloutStarted"]);
    // Nobody has said yet that its time is over.
    waived.now_ms = until.0;
    waived.refuses(lead(), start(FIRST), Reason::RolloutNotReady);
    let expire = Command::ExpireGateWaiver { run: GateRunId(1) };
    waived.then(
        Actor::System,
        expire,
        &["GateWaiverExpired", "RolloutHeldBack"],
    );
}

#[test]
fn steps_go_in_order_and_one_rolls_at_a_time() {
    let given = given()
        .and(lead(), create(words()))
        .and(lead(), rollback_tested());
    given.refuses(by("ops-1"), step(1), Reason::IllegalTransition);
    given.refuses(by("ops-1"), start(FIRST), Reason::NotAllowed);
    let rolling = given.and(lead(), start(FIRST));
    rolling.refuses(by("ops-1"), step(2), Reason::IllegalTransition);
    rolling.refuses(lead(), change(words()), Reason::IllegalTransition);
    rolling.refuses(lead(), rollback_tested(), Reason::IllegalTransition);
    let second = rolling.clone().and(lead(), create(words())).and(
        lead(),
        Command::TestRollback {
            rollout: RolloutId(2),
            evidence: "twice".to_owned(),
        },
    );
    let refusal = second.refuses(lead(), start(RolloutId(2)), Reason::IllegalTransition);
    assert_eq!(refusal.next, ["rollout step RO-1"]);
    let one = rolling.then(by("ops-1"), step(1), &["RolloutStepDone"]);
    let two = one.then(lead(), step(0), &["RolloutStepDone"]);
    two.refuses(lead(), step(0), Reason::IllegalTransition);
    let done = &two.plan.rollout(FIRST).expect("it is there").done;
    assert_eq!((&done[0].by, &done[1].by), (&by("ops-1"), &lead()));
}

#[test]
fn it_succeeds_with_every_step_done_and_every_metric_met_since_it_began() {
    let metric = |value: &str| Command::ReportMetric {
        metric: "error-rate".to_owned(),
        value: value.to_owned(),
        evidence: "the board".to_owned(),
    };
    let success = vec![
        NewSuccessMetric {
            name: "Few errors".to_owned(),
            measure: Some(NewMeasure {
                metric: "error-rate".to_owned(),
                comparison: Comparison::Lt,
                threshold: "1.0".to_owned(),
            }),
        },
        NewSuccessMetric {
            name: "Support is calm".to_owned(),
            measure: None,
        },
    ];
    let mut bad = success.clone();
    bad[0].measure.as_mut().expect("it has one").threshold = "few".to_owned();
    let with = |success| RolloutChanges {
        success: Some(success),
        ..words()
    };
    let given = given().and(lead(), metric("0.1"));
    given.refuses(lead(), create(with(bad)), Reason::InvalidField);
    let rolling = given
        .and(lead(), create(with(success)))
        .and(lead(), rollback_tested())
        .and(lead(), start(FIRST))
        .and(lead(), step(0));
    let succeeded = RolloutStatus::Succeeded;
    let refusal = rolling.refuses(lead(), end(succeeded, &[]), Reason::RolloutUnfinished);
    let subjects: Vec<&str> = refusal.items.iter().map(|it| &*it.subject).collect();
    assert_eq!(
        subjects,
        ["step 2", "success metric 1", "success metric 2"],
        "what was measured before it began counts for nothing"
    );
    let done = rolling.and(lead(), step(0)).and(lead(), metric("1"));
    let refusal = done.refuses(lead(), end(succeeded, &[2]), Reason::RolloutUnfinished);
    assert!(
        refusal.items[0].description.contains("which is not < 1"),
        "{refusal:?}"
    );
    let met = done.and(lead(), metric("0.99"));
    met.refuses(lead(), end(succeeded, &[1]), Reason::InvalidField);
    met.refuses(lead(), end(succeeded, &[9]), Reason::InvalidField);
    let over = met.then(lead(), end(succeeded, &[2]), &["RolloutEnded"]);
    let ended = over.plan.rollout(FIRST).and_then(|it| it.end.clone());
    let metrics = ended.expect("it is over").metrics;
    assert_eq!(
        metrics[0].value.as_ref().map(ToString::to_string),
        Some("0.99".to_owned())
    );
    assert_eq!(&*metrics[1].evidence, "seen");
}

#[test]
fn it_ends_for_good_and_a_failure_may_hold_something_up() {
    use RolloutStatus::{Draft, Failed, RolledBack, Succeeded};
    let holding = |to| {
        Command::EndRollout(Box::new(RolloutEnding {
            rollout: FIRST,
            to,
            note: "it hangs".to_owned(),
            attested: Vec::new(),
            holds: Held {
                tasks: vec!["T-1".to_owned()],
                ..Held::default()
            },
        }))
    };
    let rolling = given()
        .and(lead(), create(words()))
        .and(lead(), rollback_tested())
        .and(lead(), start(FIRST));
    rolling.refuses(lead(), end(Draft, &[]), Reason::InvalidField);
    rolling.refuses(lead(), end(Failed, &[1]), Reason::InvalidField);
    rolling.refuses(lead(), holding(RolledBack), Reason::InvalidField);
    rolling.refuses(by("ops-1"), end(Failed, &[]), Reason::NotAllowed);
    let failed = rolling.then(lead(), holding(Failed), &["BlockerOpened", "RolloutEnded"]);
    assert_eq!(failed.why("T-1"), ["TASK_BLOCKED"]);
    let back = rolling.then(lead(), end(RolledBack, &[]), &["RolloutEnded"]);
    for over in [failed, back] {
        for to in [Succeeded, RolledBack, Failed] {
            over.refuses(lead(), end(to, &[]), Reason::IllegalTransition);
        }
        over.refuses(lead(), start(FIRST), Reason::IllegalTransition);
        over.refuses(lead(), step(0), Reason::IllegalTransition);
    }
    let unknown = start(RolloutId(9));
    rolling.refuses(lead(), unknown, Reason::RolloutNotFound);
}

#[test]
fn the_inbox_says_what_a_rollout_waits_for() {
    let waits = |given: &Given| {
        let waiting = given.plan.inbox().into_iter();
        let own = waiting.filter(|it| it.kind == WaitKind::Rollout);
        own.map(|it| it.command).collect::<Vec<_>>()
    };
    let given = given()
        .and(lead(), gate("Before the shop", "shop"))
        .and(lead(), create(words()));
    assert_eq!(waits(&given), ["rollout rollback-tested RO-1 --evidence …"]);
    let given = given.and(lead(), rollback_tested());
    assert_eq!(waits(&given), ["gate run G-1"]);
    let given = given.and(by("ops-1"), run("G-1"));
    assert!(waits(&given).is_empty(), "the gate tells it");
    let given = given.and(lead(), attest("G-1", true));
    assert_eq!(waits(&given), ["rollout start RO-1"]);
    let given = given.and(lead(), start(FIRST));
    assert_eq!(waits(&given), ["rollout step RO-1"]);
    let given = given.and(lead(), step(0)).and(lead(), step(0));
    assert_eq!(waits(&given), ["rollout succeed RO-1"]);
    let given = given.and(lead(), end(RolloutStatus::Succeeded, &[]));
    assert!(waits(&given).is_empty());
}
