//! Quality gates by example: thresholds, who may say what, when a run counts, what a phase waits for.

use super::super::Plan;
use super::super::command::{
    Command, CommandOutcome, CompletionResult, NewCheck, NewCriterion, NewGate, NewMeasure,
    NewScope,
};
use super::super::event::{Comparison, Derived, GateScope};
use super::super::gating::GateVerdict;
use super::super::id::{GateId, GateRunId};
use super::super::inbox::WaitKind;
use super::super::model::{PhaseStatus, RunStatus};
use super::super::refusal::Reason;
use super::super::time::Timestamp;
use super::{Given, by, claim, claim_of, lead, plan};
use crate::plan::fact::Actor;

/// The name of a command of the daemon's settings.
const TESTS: &str = "unit-tests";

fn other() -> Actor {
    Actor::Coordinator("other".into())
}

fn named(name: &str, check: NewCheck) -> NewCriterion {
    NewCriterion {
        name: name.to_owned(),
        advisory: false,
        check,
    }
}

fn metric(comparison: Comparison, threshold: &str) -> NewCheck {
    NewCheck::Metric(NewMeasure {
        metric: "coverage".to_owned(),
        comparison,
        threshold: threshold.to_owned(),
    })
}

fn attested() -> NewCheck {
    NewCheck::Attested {
        role: String::new(),
    }
}

fn signed(role: &str) -> NewCheck {
    NewCheck::Approval {
        may_approve: vec![role.to_owned()],
    }
}

fn tests(measure: Option<NewMeasure>) -> NewCheck {
    NewCheck::Command {
        command: TESTS.to_owned(),
        measure,
    }
}

fn define(scope: NewScope, criteria: Vec<NewCriterion>) -> Command {
    Command::DefineGate(Box::new(NewGate {
        name: "Ready for the next".to_owned(),
        scope: Some(scope),
        criteria,
        ..NewGate::default()
    }))
}

fn of_phase(phase: &str, criteria: Vec<NewCriterion>) -> Command {
    define(NewScope::Phase(phase.to_owned()), criteria)
}

fn run() -> Command {
    Command::RunGate {
        gate: "G-1".to_owned(),
        commit: "0a1b2c3".to_owned(),
    }
}

fn approve(criterion: &str) -> Command {
    Command::ApproveCriterion {
        gate: "G-1".to_owned(),
        criterion: criterion.to_owned(),
        approved: true,
        evidence: String::new(),
    }
}

fn attest(criterion: &str, holds: bool) -> Command {
    Command::AttestCriterion {
        gate: "G-1".to_owned(),
        criterion: criterion.to_owned(),
        holds,
        evidence: "looked at the dashboard".to_owned(),
    }
}

fn report(value: &str) -> Command {
    Command::ReportMetric {
        metric: "Coverage".to_owned(),
        value: value.to_owned(),
        evidence: "the nightly build".to_owned(),
    }
}

fn waive(until_ms: i64) -> Command {
    Command::WaiveGateRun {
        gate: "G-1".to_owned(),
        reason: "the fair is near".to_owned(),
        until: Timestamp(until_ms),
    }
}

fn outcome(succeeded: bool, number: Option<&str>) -> CommandOutcome {
    CommandOutcome {
        succeeded,
        ended: if succeeded {
            "exit code 0"
        } else {
            "exit code 1"
        }
        .into(),
        number: number.map(|number| number.parse().expect("a number")),
        output: "12 passed".into(),
    }
}

fn result(run: u32, criterion: u32, outcome: CommandOutcome) -> Command {
    Command::RecordGateResult {
        run: GateRunId(run),
        criterion,
        outcome: Box::new(outcome),
        commit: "fedcba9".to_owned(),
    }
}

fn newest(plan: &Plan) -> (RunStatus, bool) {
    let gate = plan.gate(GateId(1)).expect("the gate");
    let run = plan.newest_run(gate).expect("a run");
    (run.status, run.stale)
}

/// Two phases of a task each; `dev-1` develops, `qa-1` tests.
fn two_phases() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer")
        .agent("qa-1", "qa")
}

fn status(given: &Given, phase: &str) -> PhaseStatus {
    let no = given.plan.resolve_phase(phase).expect("a known phase");
    given.plan.phase_status(no)
}

#[track_caller]
fn at_80(comparison: Comparison, passes: bool) {
    let criteria = vec![named("coverage", metric(comparison, "80"))];
    let given = two_phases()
        .and(by("dev-1"), report("80.0"))
        .and(lead(), define(NewScope::Project, criteria))
        .and(lead(), run());
    let expected = if passes {
        RunStatus::Passed
    } else {
        RunStatus::Failed
    };
    assert_eq!(newest(&given.plan), (expected, false), "{comparison:?}");
    let verdict = if passes {
        GateVerdict::Open
    } else {
        GateVerdict::Closed
    };
    let now = given.plan.last_at();
    assert_eq!(given.plan.gate_verdict(&GateScope::Project, now), verdict);
}

#[test]
fn exactly_80_is_not_above_80_and_is_at_least_80() {
    at_80(Comparison::Gt, false);
    at_80(Comparison::Ge, true);
    at_80(Comparison::Lt, false);
    at_80(Comparison::Le, true);
    at_80(Comparison::Eq, true);
}

#[test]
fn a_threshold_or_a_value_that_is_no_number_is_refused_by_its_field() {
    for threshold in ["", "80%", "eighty", "1e3", "NaN", "8 0"] {
        let criteria = vec![named("coverage", metric(Comparison::Gt, threshold))];
        let command = define(NewScope::Project, criteria);
        let refusal = two_phases().refuses(lead(), command, Reason::InvalidField);
        assert_eq!(refusal.items[0].subject, "threshold", "{threshold}");
        let refusal = two_phases().refuses(by("dev-1"), report(threshold), Reason::InvalidField);
        assert_eq!(refusal.items[0].subject, "value", "{threshold}");
    }
}

#[test]
fn a_metric_that_was_never_reported_keeps_a_run_waiting_and_says_so() {
    let criteria = vec![named("coverage", metric(Comparison::Ge, "80"))];
    let given = two_phases()
        .and(lead(), define(NewScope::Project, criteria))
        .and(lead(), run());
    assert_eq!(newest(&given.plan), (RunStatus::Pending, false));
    let inbox = given.plan.inbox();
    let waiting = inbox.iter().find(|it| it.kind == WaitKind::Gate);
    let waiting = waiting.expect("the gate waits");
    assert!(
        waiting.title.contains("coverage was never reported"),
        "{}",
        waiting.title
    );
    assert_eq!(waiting.command, "gate metric coverage VALUE");
    let events = ["MetricReported", "GateResultRecorded", "GateRunSettled"];
    let given = given.then(by("dev-1"), report("91.5"), &events);
    assert_eq!(newest(&given.plan), (RunStatus::Passed, false));
}

#[test]
fn the_last_task_of_a_phase_runs_its_gate_and_the_phase_waits_for_it() {
    let criteria = vec![
        named("coverage", metric(Comparison::Ge, "80")),
        named("review", signed("qa")),
    ];
    let given = two_phases()
        .and(lead(), of_phase("1", criteria))
        .and(by("dev-1"), report("81"))
        .started("dev-1", "T-1");
    let given = given.then(
        by("dev-1"),
        given.complete("T-1"),
        &["TaskCompleted", "GateRunStarted"],
    );
    assert_eq!(status(&given, "1"), PhaseStatus::Gating);
    assert_eq!(given.why("T-2"), ["PHASE_GATING"]);
    let causes = given.plan.explain("T-2".parse().expect("an id"));
    assert_eq!(causes[0].who, "qa");
    assert_eq!(causes[0].next, "gate approve G-1 2");
    let refusal = given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    let waits = refusal.items.iter().any(|item| item.subject == "G-1");
    assert!(waits, "{refusal:?}");
    let close = Command::ClosePhase {
        phase: "1".to_owned(),
    };
    let refusal = given.refuses(lead(), close, Reason::PhaseUnfinished);
    assert_eq!(refusal.items[0].subject, "criterion 2 of G-1");
    let given = given.then(
        by("qa-1"),
        approve("review"),
        &["GateResultRecorded", "GateRunSettled", "PhaseCompleted"],
    );
    assert!(given.is_ready("T-2"));
}

#[test]
fn a_plan_whose_last_phase_waits_for_its_gate_is_not_complete() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let given = given
        .and(lead(), of_phase("1", vec![named("review", signed("qa"))]))
        .done("dev-1", "T-1");
    let refusal = given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert!(
        refusal.message.contains("nobody has signed (from qa)"),
        "{}",
        refusal.message
    );
}

#[test]
fn nobody_signs_its_own_work_or_what_it_asked_for() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent_for("qa-1", &["qa", "developer"], 1)
        .agent("qa-2", "qa")
        .agent("dev-1", "developer")
        .and(lead(), of_phase("1", vec![named("review", signed("qa"))]))
        .done("qa-1", "T-1");
    // A task done again by somebody else does not make it forgotten.
    let reopen = Command::ReopenTask {
        task: "T-1".to_owned(),
        reason: "it broke".to_owned(),
    };
    let given = given.and(lead(), reopen).and(by("qa-2"), run());
    let refusal = given.refuses(by("qa-1"), approve("1"), Reason::NotAllowed);
    assert!(
        refusal.message.contains("you completed work"),
        "{}",
        refusal.message
    );
    let refusal = given.refuses(by("qa-2"), approve("1"), Reason::NotAllowed);
    assert!(
        refusal.message.contains("you asked for"),
        "{}",
        refusal.message
    );
    let refusal = given.refuses(by("dev-1"), approve("1"), Reason::NotAllowed);
    assert!(
        refusal.message.contains("an agent of qa"),
        "{}",
        refusal.message
    );
    // A coordinator is no qa either.
    let refusal = given.refuses(lead(), approve("1"), Reason::NotAllowed);
    assert!(
        refusal.message.contains("not by coordinators"),
        "{}",
        refusal.message
    );
    let given = given.agent("qa-3", "qa");
    given.then(
        by("qa-3"),
        approve("1"),
        &["GateResultRecorded", "GateRunSettled"],
    );
}

#[test]
fn a_coordinator_signs_where_that_is_said_or_nobody_is_named() {
    let of_coordinator = NewCheck::Approval {
        may_approve: vec!["coordinator".to_owned()],
    };
    let of_nobody = NewCheck::Approval {
        may_approve: Vec::new(),
    };
    let criteria = vec![named("one", of_coordinator), named("two", of_nobody)];
    let given = two_phases().and(lead(), of_phase("1", criteria));
    let given = given.and(lead(), run());
    given.refuses(by("qa-1"), approve("2"), Reason::NotAllowed);
    given.and(lead(), approve("1")).and(lead(), approve("2"));
}

#[test]
fn an_agent_attests_only_what_its_role_may() {
    let of_qa = NewCheck::Attested {
        role: "qa".to_owned(),
    };
    let criteria = vec![named("runbook", attested()), named("smoke test", of_qa)];
    let given = two_phases()
        .and(
            lead(),
            define(NewScope::Deployment("shop".to_owned()), criteria),
        )
        .and(lead(), run());
    given.refuses(by("qa-1"), attest("runbook", true), Reason::NotAllowed);
    given.refuses(by("dev-1"), attest("2", true), Reason::NotAllowed);
    let given = given
        .and(by("qa-1"), attest("Smoke Test", true))
        .and(lead(), attest("1", true));
    assert_eq!(newest(&given.plan), (RunStatus::Passed, false));
    given.refuses(lead(), attest("1", false), Reason::IllegalTransition);
}

#[test]
fn an_advisory_criterion_holds_nothing_up() {
    let mut advisory = named("coverage", metric(Comparison::Gt, "90"));
    advisory.advisory = true;
    let criteria = vec![advisory, named("runbook", attested())];
    let given = two_phases()
        .and(by("dev-1"), report("12"))
        .and(lead(), define(NewScope::Daily, criteria))
        .and(lead(), run())
        .and(lead(), attest("runbook", true));
    assert_eq!(newest(&given.plan), (RunStatus::Passed, false));
}

#[test]
fn what_the_plan_tells_is_looked_at_when_the_gate_runs() {
    let derived = |derived| named(&format!("{derived:?}"), NewCheck::Derived(derived));
    let criteria: Vec<_> = Derived::ALL.map(derived).into();
    let given = plan()
        .phase_with("1", &["it runs"])
        .task(&[])
        .agent("dev-1", "developer")
        .and(lead(), of_phase("1", criteria))
        .done("dev-1", "T-1");
    // The criterion of the phase is not met.
    assert_eq!(newest(&given.plan), (RunStatus::Failed, false));
    let met = Command::MeetCriterion {
        phase: "1".to_owned(),
        criterion: 1,
        evidence: String::new(),
    };
    let given = given.and(lead(), met);
    assert_eq!(status(&given, "1"), PhaseStatus::Gating);
    let events = ["GateRunStarted", "GateRunSettled", "PhaseCompleted"];
    given.then(lead(), run(), &events);
}

#[test]
fn a_reopened_task_makes_the_run_count_for_nothing() {
    let given = two_phases()
        .and(lead(), of_phase("1", vec![named("runbook", attested())]))
        .done("dev-1", "T-1")
        .and(lead(), attest("1", true));
    assert_eq!(status(&given, "1"), PhaseStatus::Completed);
    let reopen = Command::ReopenTask {
        task: "T-1".to_owned(),
        reason: "it broke".to_owned(),
    };
    let given = given.and(lead(), reopen);
    assert_eq!(newest(&given.plan), (RunStatus::Passed, true));
    let given = given.done("dev-1", "T-1");
    assert_eq!(newest(&given.plan), (RunStatus::Pending, false));
    assert_eq!(status(&given, "1"), PhaseStatus::Gating);
    assert_eq!(given.plan.gate_runs(Some(GateId(1))).count(), 2);
}

#[test]
fn a_gate_without_tasks_holds_up_what_is_behind_its_phase() {
    let given = plan()
        .phase("1")
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer");
    assert!(given.is_ready("T-1"));
    let given = given.and(lead(), of_phase("1", vec![named("runbook", attested())]));
    assert!(!given.is_ready("T-1"));
    let given = given.and(lead(), run()).and(lead(), attest("1", true));
    assert!(given.is_ready("T-1"));
}

#[test]
fn a_retired_gate_holds_nothing_up() {
    let given = two_phases()
        .and(lead(), of_phase("1", vec![named("runbook", attested())]))
        .done("dev-1", "T-1");
    let retire = Command::RetireGate {
        gate: "ready for the next".to_owned(),
        reason: "too much".to_owned(),
    };
    let given = given.then(lead(), retire, &["GateRetired", "PhaseCompleted"]);
    given.refuses(lead(), run(), Reason::IllegalTransition);
}

#[test]
fn a_command_decides_by_its_exit_code_and_by_the_number_it_prints() {
    let measure = || {
        Some(NewMeasure {
            metric: "coverage".to_owned(),
            comparison: Comparison::Gt,
            threshold: "80".to_owned(),
        })
    };
    for (ended, passes) in [
        (outcome(true, Some("80.5")), true),
        (outcome(true, Some("80.0")), false),
        (outcome(true, None), false),
        (outcome(false, Some("99")), false),
    ] {
        let given = two_phases()
            .and(
                lead(),
                define(NewScope::Project, vec![named("tests", tests(measure()))]),
            )
            .and(lead(), run());
        assert_eq!(given.plan.commanded_runs().count(), 1);
        let told = given.and(Actor::System, result(1, 1, ended.clone()));
        let expected = if passes {
            RunStatus::Passed
        } else {
            RunStatus::Failed
        };
        assert_eq!(newest(&told.plan).0, expected, "{ended:?}");
        assert_eq!(told.plan.commanded_runs().count(), 0);
        let value = told
            .plan
            .metric("coverage")
            .map(|metric| metric.value.clone());
        assert_eq!(value, ended.number);
        // Once more, after a restart: stale.
        told.refuses(
            Actor::System,
            result(1, 1, ended),
            Reason::IllegalTransition,
        );
    }
}

#[test]
fn a_result_nobody_waits_for_any_more_is_refused() {
    let given = two_phases()
        .and(
            lead(),
            define(NewScope::Project, vec![named("tests", tests(None))]),
        )
        .and(lead(), run())
        .and(lead(), run());
    let late = result(1, 1, outcome(true, None));
    given.refuses(Actor::System, late, Reason::IllegalTransition);
    given.refuses(
        lead(),
        result(2, 1, outcome(true, None)),
        Reason::NotAllowed,
    );
    given.refuses(
        by("dev-1"),
        result(2, 1, outcome(true, None)),
        Reason::NotAllowed,
    );
}

#[test]
fn whoever_asked_does_not_waive_and_a_waiver_ends() {
    let given = two_phases()
        .and(by("dev-1"), report("12"))
        .and(
            lead(),
            define(
                NewScope::Project,
                vec![named("coverage", metric(Comparison::Gt, "80"))],
            ),
        )
        .and(lead(), run());
    let until = given.now_ms + 60_000;
    given.refuses(lead(), waive(until), Reason::NotAllowed);
    given.refuses(by("dev-1"), waive(until), Reason::NotAllowed);
    given.refuses(other(), waive(given.now_ms - 5_000), Reason::InvalidField);
    let given = given.then(other(), waive(until), &["GateWaived"]);
    let verdict = |plan: &Plan, at| plan.gate_verdict(&GateScope::Project, Timestamp(at));
    assert_eq!(verdict(&given.plan, until - 1), GateVerdict::Open);
    assert_eq!(verdict(&given.plan, until), GateVerdict::Closed);
    let expire = || Command::ExpireGateWaiver { run: GateRunId(1) };
    given.refuses(Actor::System, expire(), Reason::IllegalTransition);
    let mut later = given;
    later.now_ms = until;
    let given = later.then(Actor::System, expire(), &["GateWaiverExpired"]);
    assert_eq!(newest(&given.plan).0, RunStatus::Failed);
    // Whatever the time, it does not come back.
    assert_eq!(verdict(&given.plan, until - 1), GateVerdict::Closed);
    let inbox = given.plan.inbox();
    assert!(
        inbox.iter().any(|it| it.title.contains("has run out")),
        "{inbox:?}"
    );
}

#[test]
fn a_phase_does_not_close_on_a_waiver_whose_time_is_over_unrecorded() {
    let settings = super::super::settings::Settings {
        phase_close: super::super::settings::PhaseClose::ByHand,
        ..Default::default()
    };
    let given = super::plan_with(settings)
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .and(by("dev-1"), report("12"))
        .and(
            lead(),
            of_phase("1", vec![named("coverage", metric(Comparison::Gt, "80"))]),
        )
        .done("dev-1", "T-1");
    let until = given.now_ms + 60_000;
    let given = given.and(lead(), waive(until));
    let close = || Command::ClosePhase {
        phase: "1".to_owned(),
    };
    let mut later = given.clone();
    later.now_ms = until;
    later.refuses(lead(), close(), Reason::PhaseUnfinished);
    given.then(lead(), close(), &["PhaseCompleted"]);
}

#[test]
fn a_run_that_began_by_itself_was_asked_for_by_nobody() {
    let criteria = vec![named("coverage", metric(Comparison::Gt, "80"))];
    let given = two_phases()
        .and(by("dev-1"), report("12"))
        .and(lead(), of_phase("1", criteria));
    let cancel = Command::CancelTask {
        task: "T-1".to_owned(),
        reason: "not needed".to_owned(),
        waive_dependents: true,
    };
    let given = given.and(lead(), cancel);
    let until = given.now_ms + 60_000;
    given.then(lead(), waive(until), &["GateWaived", "PhaseCompleted"]);
}

#[test]
fn a_waived_gate_lets_its_phase_close() {
    let given = two_phases()
        .and(by("dev-1"), report("12"))
        .and(
            lead(),
            of_phase("1", vec![named("coverage", metric(Comparison::Gt, "80"))]),
        )
        .done("dev-1", "T-1");
    assert_eq!(newest(&given.plan).0, RunStatus::Failed);
    let until = given.now_ms + 60_000;
    let given = given.then(lead(), waive(until), &["GateWaived", "PhaseCompleted"]);
    assert!(given.is_ready("T-2"));
}

#[test]
fn a_task_is_completed_only_with_all_that_its_gates_ask_for() {
    let scope = |role: &str| NewScope::Completion {
        phase: "1".to_owned(),
        area: String::new(),
        role: role.to_owned(),
        tasks: Vec::new(),
    };
    let criteria = || vec![named("tests", tests(None))];
    let given = plan()
        .phase("1")
        .task_of("developer", &[])
        .agent("dev-1", "developer")
        .and(
            lead(),
            define(scope("qa"), vec![named("other", tests(None))]),
        )
        .and(lead(), define(scope("developer"), criteria()))
        .started("dev-1", "T-1");
    let refusal = given.refuses(by("dev-1"), given.complete("T-1"), Reason::GateNotRun);
    assert_eq!(refusal.items.len(), 1);
    let brought = |gate: u32, command: &str, outcome: CommandOutcome| {
        let Command::CompleteTask(mut complete) = given.complete("T-1") else {
            panic!("a completion");
        };
        complete.gate_results = vec![CompletionResult {
            gate: GateId(gate),
            criterion: 1,
            command: command.into(),
            outcome,
        }];
        Command::CompleteTask(complete)
    };
    for wrong in [
        brought(1, TESTS, outcome(true, None)),
        brought(2, "another", outcome(true, None)),
    ] {
        given.refuses(by("dev-1"), wrong, Reason::GateNotRun);
    }
    let failed = brought(2, TESTS, outcome(false, None));
    let refusal = given.refuses(by("dev-1"), failed, Reason::GateFailed);
    assert!(
        refusal.items[0].description.contains("12 passed"),
        "{refusal:?}"
    );
    let good = brought(2, TESTS, outcome(true, None));
    given.then(by("dev-1"), good, &["TaskCompleted", "PhaseCompleted"]);
}

#[test]
fn what_a_gate_before_completions_asks_for_is_commands_alone() {
    let scope = NewScope::Completion {
        phase: String::new(),
        area: String::new(),
        role: String::new(),
        tasks: Vec::new(),
    };
    let command = define(scope.clone(), vec![named("runbook", attested())]);
    two_phases().refuses(lead(), command, Reason::InvalidField);
    let many = (0..41)
        .map(|place| named(&place.to_string(), tests(None)))
        .collect();
    two_phases().refuses(lead(), define(scope.clone(), many), Reason::LimitReached);
    let given = two_phases().and(lead(), define(scope, vec![named("tests", tests(None))]));
    given.refuses(lead(), run(), Reason::IllegalTransition);
}

#[test]
fn a_gate_defined_anew_is_run_anew() {
    let given = two_phases()
        .and(lead(), of_phase("1", vec![named("runbook", attested())]))
        .done("dev-1", "T-1");
    let anew = Command::DefineGate(Box::new(NewGate {
        gate: "G-1".to_owned(),
        criteria: vec![named("coverage", metric(Comparison::Ge, "80"))],
        ..NewGate::default()
    }));
    let given = given.then(lead(), anew, &["GateDefined", "GateRunStarted"]);
    assert_eq!(newest(&given.plan), (RunStatus::Pending, false));
    let events = [
        "MetricReported",
        "GateResultRecorded",
        "GateRunSettled",
        "PhaseCompleted",
    ];
    let given = given.then(by("dev-1"), report("80"), &events);
    let again = Command::DefineGate(Box::new(NewGate {
        gate: "G-1".to_owned(),
        criteria: vec![named("runbook", attested())],
        ..NewGate::default()
    }));
    given.refuses(lead(), again, Reason::PhaseClosed);
}

#[test]
fn what_names_no_gate_or_no_criterion_is_refused() {
    let given = two_phases();
    given.refuses(lead(), run(), Reason::GateNotFound);
    let given = given.and(
        lead(),
        define(NewScope::Project, vec![named("runbook", attested())]),
    );
    given.refuses(lead(), attest("1", true), Reason::GateNotFound);
    let given = given.and(lead(), run());
    given.refuses(lead(), attest("2", true), Reason::CriterionNotFound);
    given.refuses(lead(), attest("", true), Reason::CriterionNotFound);
    given.refuses(lead(), approve("1"), Reason::IllegalTransition);
    let empty = define(NewScope::Project, Vec::new());
    given.refuses(lead(), empty, Reason::InvalidField);
    let twice = vec![named("Runbook", attested()), named("runbook", attested())];
    given.refuses(
        lead(),
        define(NewScope::Project, twice),
        Reason::InvalidField,
    );
}

#[test]
fn the_newest_runs_of_a_gate_are_kept() {
    let mut given = two_phases();
    given = given.and(
        lead(),
        define(NewScope::Daily, vec![named("runbook", attested())]),
    );
    for _ in 0..52 {
        given = given.and(lead(), run());
    }
    let kept: Vec<u32> = given.plan.gate_runs(None).map(|run| run.id.0).collect();
    assert_eq!((kept.len(), kept[0], kept[49]), (50, 3, 52));
    given.refuses(by("dev-1"), claim_of("T-2"), Reason::PhaseLocked);
}
