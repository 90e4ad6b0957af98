//! Decisions by example: what they hold up, how they are made once, and what happens to work that relied on one
//! which holds no more.

use super::super::command::{Command, Ruling};
use super::super::id::{DecisionId, TaskId};
use super::super::inbox::WaitKind;
use super::super::model::DecisionStatus;
use super::super::refusal::Reason;
use super::{Given, by, claim_of, lead, plan};

fn open(blocks: &[&str], phases: &[&str]) -> Command {
    Command::OpenDecision {
        question: "Kafka or SQS?".to_owned(),
        options: vec!["Kafka".to_owned(), "SQS".to_owned()],
        blocks: blocks.iter().map(ToString::to_string).collect(),
        selectors: Vec::new(),
        phases: phases.iter().map(ToString::to_string).collect(),
    }
}

fn ruling(answer: &str) -> Box<Ruling> {
    Box::new(Ruling {
        answer: answer.to_owned(),
        rationale: "we have it".to_owned(),
        ..Ruling::default()
    })
}

fn decide(id: u32, answer: &str) -> Command {
    Command::Decide {
        decision: DecisionId(id),
        ruling: ruling(answer),
    }
}

fn supersede(id: u32, answer: &str) -> Command {
    Command::SupersedeDecision {
        decision: DecisionId(id),
        question: String::new(),
        ruling: ruling(answer),
    }
}

fn revisit(id: u32, task: &str) -> Command {
    Command::RevisitTask {
        decision: DecisionId(id),
        task: task.to_owned(),
        note: "still good".to_owned(),
    }
}

fn status(given: &Given, id: u32) -> DecisionStatus {
    let decision = given.plan.decision(DecisionId(id));
    decision.expect("it was opened").status()
}

fn to_revisit(given: &Given, id: u32) -> Vec<TaskId> {
    let decision = given.plan.decision(DecisionId(id));
    decision.expect("it was opened").revisit.to_vec()
}

/// A task done under a decision, one under way, and one not begun.
fn relied() -> Given {
    let given = plan().phase("1").task(&[]).task(&[]).task(&[]);
    let given = given
        .and(lead(), open(&["T-1", "T-2", "T-3"], &[]))
        .and(lead(), decide(1, "SQS"))
        .agent_for("dev-1", &["developer"], 3)
        .done("dev-1", "T-1");
    given.and(by("dev-1"), claim_of("T-2"))
}

#[test]
fn a_decision_blocks_exactly_what_it_names_until_it_is_made_once() {
    let given = plan().phase("1").task(&[]).task(&[]);
    let given = given.and(lead(), open(&["T-1"], &[]));
    assert_eq!(given.why("T-1"), ["DECISION_OPEN"]);
    assert!(given.is_ready("T-2"));
    let given = given.agent("dev-1", "developer");
    given.refuses(by("dev-1"), claim_of("T-1"), Reason::DecisionOpen);
    let given = given.then(lead(), decide(1, "SQS"), &["DecisionDecided"]);
    assert!(given.is_ready("T-1"));
    let refusal = given.refuses(lead(), decide(1, "Kafka"), Reason::IllegalTransition);
    assert!(refusal.message.contains("open a new decision"), "{refusal}");
}

#[test]
fn a_decision_about_a_phase_holds_all_of_it_up() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let given = given.and(lead(), open(&[], &["1"]));
    assert_eq!(given.why("T-1"), ["PHASE_BLOCKED"]);
    assert!(!given.is_ready("T-1"));
    given.refuses(by("dev-1"), claim_of("T-1"), Reason::TaskBlocked);
    let given = given.and(lead(), decide(1, "SQS"));
    assert!(given.is_ready("T-1"));
    given.refuses(lead(), open(&[], &["9"]), Reason::PhaseNotFound);
}

#[test]
fn an_agent_proposes_and_a_coordinator_decides() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let given = given.and(lead(), open(&["T-1"], &[]));
    let propose = |answer: &str| Command::ProposeDecision {
        decision: DecisionId(1),
        answer: answer.to_owned(),
        rationale: "cheaper".to_owned(),
    };
    let given = given.then(by("dev-1"), propose("SQS"), &["DecisionProposed"]);
    assert_eq!(status(&given, 1), DecisionStatus::Proposed);
    assert_eq!(given.why("T-1"), ["DECISION_OPEN"]);
    given.refuses(by("dev-1"), propose("SQS"), Reason::InvalidField);
    given.refuses(by("dev-1"), decide(1, "SQS"), Reason::NotAllowed);
    let mut full = given.clone();
    for nth in 1..20 {
        full = full.and(by("dev-1"), propose(&format!("proposal {nth}")));
    }
    full.refuses(by("dev-1"), propose("one more"), Reason::LimitReached);
    let given = given.and(lead(), decide(1, "Kafka"));
    assert_eq!(status(&given, 1), DecisionStatus::Decided);
    given.refuses(by("dev-1"), propose("late"), Reason::IllegalTransition);
}

#[test]
fn what_relied_on_a_superseded_decision_is_looked_at_again() {
    let given = relied().then(
        lead(),
        supersede(1, "Kafka"),
        &["DecisionOpened", "DecisionDecided"],
    );
    assert_eq!(status(&given, 1), DecisionStatus::Superseded);
    assert_eq!(status(&given, 2), DecisionStatus::Decided);
    assert_eq!(to_revisit(&given, 2), [TaskId(1), TaskId(2)]);
    assert!(given.is_ready("T-3"), "nothing waits for what is decided");
    let inbox = given.plan.inbox();
    let listed = inbox.iter().filter(|it| it.kind == WaitKind::Revisit);
    let listed: Vec<(&str, &str)> = listed
        .map(|it| (it.id.as_str(), it.command.as_str()))
        .collect();
    assert_eq!(
        listed,
        [
            ("T-1", "decision revisit DEC-2 T-1 --note …"),
            ("T-2", "decision revisit DEC-2 T-2 --note …")
        ]
    );
    let held = given.clone().and(by("dev-1"), claim_of("T-3"));
    let brief = held.plan.brief(TaskId(3)).expect("it is held");
    let answers: Vec<&str> = brief.answers.iter().map(|it| it.answer.as_str()).collect();
    assert_eq!(answers, ["Kafka, no longer SQS (because we have it)"]);
    given.refuses(lead(), supersede(1, "Redis"), Reason::IllegalTransition);
    let given = given.then(lead(), revisit(2, "T-1"), &["TaskRevisited"]);
    assert_eq!(to_revisit(&given, 2), [TaskId(2)]);
    given.refuses(lead(), revisit(2, "T-1"), Reason::IllegalTransition);
}

#[test]
fn what_is_still_to_be_looked_at_passes_on_to_the_next_decision() {
    let given = relied().and(lead(), supersede(1, "Kafka"));
    let given = given.and(lead(), revisit(2, "T-1"));
    let given = given.and(lead(), supersede(2, "Redis"));
    assert!(to_revisit(&given, 2).is_empty());
    assert_eq!(to_revisit(&given, 3), [TaskId(1), TaskId(2)]);
}

#[test]
fn work_that_is_done_again_relies_on_nothing() {
    let given = relied().and(lead(), supersede(1, "Kafka"));
    let given = given.and(
        lead(),
        Command::ReopenTask {
            task: "T-1".to_owned(),
            reason: "do it with Kafka".to_owned(),
        },
    );
    assert_eq!(to_revisit(&given, 2), [TaskId(2)]);
}

#[test]
fn a_decision_that_holds_no_more_lists_what_relied_on_it() {
    let deprecate = |id| Command::DeprecateDecision {
        decision: DecisionId(id),
        reason: "the queue is gone".to_owned(),
    };
    let given = relied().then(lead(), deprecate(1), &["DecisionDeprecated"]);
    assert_eq!(status(&given, 1), DecisionStatus::Deprecated);
    assert_eq!(to_revisit(&given, 1), [TaskId(1), TaskId(2)]);
    let held = given.clone().and(by("dev-1"), claim_of("T-3"));
    let brief = held.plan.brief(TaskId(3)).expect("it is held");
    assert!(brief.answers.is_empty(), "{:?}", brief.answers);
    given.refuses(lead(), deprecate(1), Reason::IllegalTransition);
    given.refuses(lead(), deprecate(9), Reason::DecisionNotFound);
}
