//! Phases by example: what opens, closes, reopens and leaves one out.

use super::super::command::{Command, CriterionChange, NewPhase, NewTask, PhaseChanges};
use super::super::model::{PhaseState, PhaseStatus};
use super::super::refusal::Reason;
use super::super::settings::{PhaseClose, Settings};
use super::{Given, by, claim, claim_of, lead, plan, plan_with};

fn status(given: &Given, phase: &str) -> PhaseStatus {
    let no = given.plan.resolve_phase(phase).expect("a known phase");
    given.plan.phase_status(no)
}

fn current(given: &Given) -> String {
    let no = given.plan.current_phase();
    no.map_or(String::new(), |no| given.plan.phase_id(no).to_owned())
}

fn reason() -> String {
    "the fair is near".to_owned()
}

fn skip(phase: &str) -> Command {
    Command::SkipPhase {
        phase: phase.to_owned(),
        reason: reason(),
    }
}

fn reopen(task: &str) -> Command {
    Command::ReopenTask {
        task: task.to_owned(),
        reason: "it broke".to_owned(),
    }
}

fn two_phases() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
}

#[test]
fn a_later_phase_is_locked_until_the_one_before_it_closes() {
    let given = two_phases();
    given.refuses(by("dev-1"), claim_of("T-2"), Reason::PhaseLocked);
    let given = given.started("dev-1", "T-1");
    assert_eq!(status(&given, "1"), PhaseStatus::Active);
    let done = given.then(
        by("dev-1"),
        given.complete("T-1"),
        &["TaskCompleted", "PhaseCompleted"],
    );
    assert_eq!(current(&done), "2");
    done.then(by("dev-1"), claim_of("T-2"), &["TaskClaimed"]);
}

#[test]
fn a_phase_with_unmet_criteria_is_gating_and_closes_with_the_last_one() {
    let given = plan()
        .phase_with("1", &["it runs", "it is fast"])
        .task(&[])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer")
        .done("dev-1", "T-1");
    assert_eq!(status(&given, "1"), PhaseStatus::Gating);
    assert_eq!(given.why("T-2"), ["PHASE_GATING", "PHASE_GATING"]);
    given.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    let meet = |criterion| Command::MeetCriterion {
        phase: "1".to_owned(),
        criterion,
        evidence: "seen".to_owned(),
    };
    given
        .then(lead(), meet(2), &["CriterionMet"])
        .then(lead(), meet(1), &["CriterionMet", "PhaseCompleted"])
        .then(by("dev-1"), claim(), &["TaskClaimed"]);
}

#[test]
fn by_hand_a_phase_waits_to_be_closed_and_says_so() {
    let by_hand = Settings {
        phase_close: PhaseClose::ByHand,
        ..Settings::default()
    };
    let given = plan_with(by_hand)
        .phase("1")
        .task(&[])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer")
        .done("dev-1", "T-1");
    assert_eq!(given.why("T-2"), ["PHASE_GATING"]);
    let command = &given.plan.inbox()[0].command;
    assert_eq!(command, "phase close 1");
    let close = Command::ClosePhase {
        phase: "1".to_owned(),
    };
    let closed = given.then(lead(), close.clone(), &["PhaseCompleted"]);
    assert!(closed.is_ready("T-2"));
    closed.refuses(lead(), close, Reason::PhaseClosed);
    let by_itself = Command::UpdateProject {
        name: None,
        description: None,
        settings: Some(Box::new(Settings::default())),
    };
    given.then(lead(), by_itself, &["ProjectUpdated", "PhaseCompleted"]);
}

#[test]
fn an_empty_phase_holds_nothing_up() {
    let given = plan()
        .phase("1")
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer");
    assert!(given.is_ready("T-1"));
    assert_eq!(current(&given), "2");
    let filled = given.task_as(NewTask {
        phase: "1".to_owned(),
        ..NewTask::default()
    });
    assert!(!filled.is_ready("T-1"));
    assert_eq!(current(&filled), "1");
}

#[test]
fn what_waits_for_an_empty_phase_does_not_wait() {
    let given = plan().phase("1").phase("2").task_as(NewTask {
        dependencies: vec![super::super::command::OnRef::Phase("1".to_owned())],
        ..NewTask::default()
    });
    assert!(given.is_ready("T-1"));
}

#[test]
fn a_phase_left_out_opens_nothing_while_one_before_it_is_open() {
    let given = two_phases().phase("3").task(&[]);
    let skipped = given.then(lead(), skip("2"), &["TaskDeferred", "PhaseSkipped"]);
    assert_eq!(skipped.why("T-3"), ["PHASE_LOCKED"]);
    let refs = &skipped.plan.explain("T-3".parse().expect("an id"))[0].refs;
    assert_eq!(refs, &["phase 1"]);
    assert!(skipped.done("dev-1", "T-1").is_ready("T-3"));
}

#[test]
fn a_phase_left_out_takes_its_held_tasks_back() {
    let given = two_phases().claimed("dev-1", "T-1");
    given.then(
        lead(),
        skip("1"),
        &["ClaimRevoked", "TaskDeferred", "PhaseSkipped"],
    );
}

#[test]
fn an_override_opens_one_phase_and_is_logged() {
    let given = two_phases().phase("3").task(&[]);
    let command = Command::OverridePhaseOrder {
        phase: "2".to_owned(),
        reason: reason(),
    };
    let given = given.then(lead(), command.clone(), &["PhaseOrderOverridden"]);
    assert!(given.is_ready("T-2"));
    given.refuses(lead(), command, Reason::IllegalTransition);
    let given = given.done("dev-2", "T-2");
    assert!(!given.is_ready("T-3"), "the first phase is still open");
}

#[test]
fn a_reopened_task_reopens_its_phase_and_freezes_what_is_behind() {
    let given = two_phases().done("dev-1", "T-1");
    assert!(given.is_ready("T-2"));
    let given = given.then(lead(), reopen("T-1"), &["TaskReopened", "PhaseReopened"]);
    assert!(!given.is_ready("T-2"));
    assert!(given.done("dev-1", "T-1").is_ready("T-2"));
}

#[test]
fn work_behind_a_reopened_task_waits_behind_a_blocker_that_settles_by_itself() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .done("dev-1", "T-1")
        .started("dev-2", "T-2")
        .then(lead(), reopen("T-1"), &["TaskReopened", "BlockerOpened"]);
    assert_eq!(
        given.why("T-2"),
        ["NOT_PLANNED", "DEPENDENCY_UNMET", "TASK_BLOCKED"]
    );
    let given = given.started("dev-1", "T-1");
    let given = given.then(
        by("dev-1"),
        given.complete("T-1"),
        &["TaskCompleted", "BlockerResolved"],
    );
    assert!(!given.plan.is_blocked("T-2".parse().expect("an id")));
}

#[test]
fn a_closed_phase_takes_no_task_until_it_is_reopened() {
    let given = two_phases().done("dev-1", "T-1");
    let late = Command::CreateTasks(vec![NewTask {
        title: "Late".to_owned(),
        phase: "1".to_owned(),
        ..NewTask::default()
    }]);
    let refusal = given.refuses(lead(), late.clone(), Reason::PhaseClosed);
    assert_eq!(refusal.next, ["phase reopen 1 --reason …", "phase list"]);
    let reopen = Command::ReopenPhase {
        phase: "1".to_owned(),
        reason: reason(),
    };
    given
        .then(lead(), reopen, &["PhaseReopened"])
        .then(lead(), late, &["TasksAdded"]);
}

#[test]
fn a_phase_is_closed_only_with_all_it_asks_for() {
    let given = plan().phase_with("1", &["it runs"]).task(&[]);
    let close = Command::ClosePhase {
        phase: "1".to_owned(),
    };
    let refusal = given.refuses(lead(), close, Reason::PhaseUnfinished);
    assert_eq!(refusal.total, 2);
    assert_eq!(refusal.items[0].description, "1 task is not finished");
}

#[test]
fn phases_may_stand_side_by_side_and_stated_order_is_kept() {
    let stated = |id: &str, before: &[&str]| {
        Command::CreatePhases(vec![NewPhase {
            id: id.to_owned(),
            name: format!("Phase {id}"),
            predecessors: Some(before.iter().map(|&id| id.to_owned()).collect()),
            ..NewPhase::default()
        }])
    };
    let given = plan()
        .phase("A")
        .task(&[])
        .and(lead(), stated("B", &[]))
        .task(&[])
        .and(lead(), stated("C", &["A", "B"]))
        .task(&[])
        .agent("dev-1", "developer");
    assert!(given.is_ready("T-1") && given.is_ready("T-2") && !given.is_ready("T-3"));
    let circle = Command::UpdatePhase {
        phase: "A".to_owned(),
        changes: Box::new(PhaseChanges {
            predecessors: Some(vec!["C".to_owned()]),
            ..PhaseChanges::default()
        }),
    };
    let refusal = given.refuses(lead(), circle, Reason::Cycle);
    assert!(refusal.message.contains("phase A"), "{refusal}");
    assert!(
        given
            .done("dev-1", "T-1")
            .done("dev-1", "T-2")
            .is_ready("T-3")
    );
}

#[test]
fn a_phase_put_in_front_holds_up_the_one_behind_it() {
    let given = plan().phase("1").phase("2").task(&[]);
    let given = given.and(
        lead(),
        Command::CreatePhases(vec![NewPhase {
            name: "Between".to_owned(),
            criteria: vec!["it runs".to_owned()],
            after: "1".to_owned(),
            ..NewPhase::default()
        }]),
    );
    let order: Vec<String> = given
        .plan
        .phases()
        .map(|phase| phase.id.to_string())
        .collect();
    assert_eq!(order, ["1", "3", "2"]);
    assert_eq!(given.why("T-1"), ["PHASE_GATING"]);
}

#[test]
fn a_phase_whose_last_task_is_cancelled_closes() {
    let cancel = Command::CancelTask {
        task: "T-1".to_owned(),
        reason: reason(),
        waive_dependents: false,
    };
    let given = two_phases().then(lead(), cancel, &["TaskCancelled", "PhaseCompleted"]);
    let no = given.plan.resolve_phase("1").expect("a known phase");
    let state = given.plan.phase(no).map(|phase| phase.state);
    assert_eq!(state, Some(PhaseState::Completed));
}

#[test]
fn percentages_are_rounded_half_up_and_leave_out_what_was_dropped() {
    let mut given = plan().phase("1").agent("dev-1", "developer");
    assert_eq!(given.plan.total().percent(), None);
    for _ in 0..9 {
        given = given.task(&[]);
    }
    let defer = Command::DeferTask {
        task: "T-9".to_owned(),
        target: "2".to_owned(),
        reason: String::new(),
    };
    let given = given.and(lead(), defer).done("dev-1", "T-1");
    // One of eight is 12.5.
    assert_eq!(given.plan.total().percent(), Some(13));
    let total = given.plan.total();
    assert_eq!((total.counted(), total.all(), total.deferred), (8, 9, 1));
}

#[test]
fn whoever_leads_a_phase_from_here_on_gets_its_tasks_without_a_role() {
    let leads = |role: &str| Command::UpdatePhase {
        phase: "1".to_owned(),
        changes: Box::new(PhaseChanges {
            lead_role: Some(role.to_owned()),
            ..PhaseChanges::default()
        }),
    };
    let given = plan()
        .phase("1")
        .task(&[])
        .task_of("developer", &[])
        .agent("dev-1", "developer")
        .agent("ops-1", "devops");
    given.refuses(by("dev-1"), leads("developer"), Reason::NotAllowed);
    given.refuses(lead(), leads("pilot"), Reason::UnknownRole);
    let first = |given: &Given, agent: &str| {
        let given = given.clone().and(by(agent), claim());
        given.plan.agent(agent).expect("an agent").holds[0].to_string()
    };
    assert_eq!(first(&given, "dev-1"), "T-1");
    let led = given.then(lead(), leads("devops"), &["PhaseUpdated"]);
    assert_eq!(first(&led, "ops-1"), "T-1");
    assert_eq!(first(&led, "dev-1"), "T-2", "a role of its own stays");
    led.refuses(by("dev-1"), claim_of("T-1"), Reason::RoleMismatch);
    let free = led.and(lead(), leads(" "));
    assert_eq!(first(&free, "dev-1"), "T-1");
}

fn meet(criterion: u32) -> Command {
    Command::MeetCriterion {
        phase: "1".to_owned(),
        criterion,
        evidence: "seen".to_owned(),
    }
}

fn change(criterion: u32, change: CriterionChange) -> Command {
    Command::ChangeCriterion {
        phase: "1".to_owned(),
        criterion,
        change,
    }
}

fn unmet(given: &Given) -> Vec<u32> {
    let no = given.plan.resolve_phase("1").expect("a known phase");
    let phase = given.plan.phase(no).expect("a known phase");
    phase.unmet().map(|(number, _)| number).collect()
}

#[test]
fn a_criterion_that_is_withdrawn_keeps_its_number_and_holds_nothing_up() {
    let withdraw = |number| change(number, CriterionChange::Withdraw("no fair".to_owned()));
    let given = plan()
        .phase_with("1", &["it runs", "it is fast", "it is cheap"])
        .phase("2")
        .task(&[])
        .agent("dev-1", "developer");
    given.refuses(by("dev-1"), withdraw(1), Reason::NotAllowed);
    given.refuses(lead(), withdraw(4), Reason::CriterionNotFound);
    let nameless = change(1, CriterionChange::Withdraw(" ".to_owned()));
    given.refuses(lead(), nameless, Reason::InvalidField);
    let given = given.then(lead(), withdraw(2), &["CriterionChanged"]);
    assert_eq!(unmet(&given), [1, 3], "numbers stay");
    let refusal = given.refuses(lead(), meet(2), Reason::IllegalTransition);
    assert!(refusal.message.contains("no fair"), "{refusal}");
    given.refuses(lead(), withdraw(2), Reason::IllegalTransition);
    let given = given.and(lead(), meet(1));
    let closed = given
        .clone()
        .then(lead(), withdraw(3), &["CriterionChanged", "PhaseCompleted"]);
    let refusal = closed.refuses(lead(), withdraw(1), Reason::PhaseClosed);
    assert!(refusal.next[0].contains("phase reopen 1"), "{refusal:?}");
    // Where nothing is left that was asked for, nothing is waited for.
    let empty = given.and(lead(), withdraw(1)).and(lead(), withdraw(3));
    assert_eq!(status(&empty, "1"), PhaseStatus::Planned);
    assert!(empty.is_ready("T-1"));
}

#[test]
fn a_criterion_that_is_not_met_after_all_holds_its_phase_up_again() {
    let unmeet = || change(1, CriterionChange::Unmeet("it broke".to_owned()));
    let reword = |text: &str| change(1, CriterionChange::Reword(text.to_owned()));
    let given = plan()
        .phase_with("1", &["it runs"])
        .task(&[])
        .agent("dev-1", "developer");
    given.refuses(lead(), unmeet(), Reason::IllegalTransition);
    let met = given.and(lead(), meet(1));
    met.refuses(lead(), reword("it runs"), Reason::InvalidField);
    let reworded = met
        .clone()
        .then(lead(), reword("it runs twice"), &["CriterionChanged"]);
    assert_eq!(unmet(&reworded), [1], "other words are met anew");
    let gating = met.clone().and(lead(), unmeet()).done("dev-1", "T-1");
    assert_eq!(status(&gating, "1"), PhaseStatus::Gating);
    let closed = met.done("dev-1", "T-1");
    let refusal = closed.refuses(lead(), unmeet(), Reason::PhaseClosed);
    assert!(refusal.next[0].contains("phase reopen 1"), "{refusal:?}");
    let reopen = Command::ReopenPhase {
        phase: "1".to_owned(),
        reason: reason(),
    };
    let open = closed.and(lead(), reopen).and(lead(), unmeet());
    assert_eq!(unmet(&open), [1]);
    open.then(lead(), meet(1), &["CriterionMet", "PhaseCompleted"]);
}
