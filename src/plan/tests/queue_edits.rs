//! Blockers, decisions and discovered tasks corrected while they wait, by example.

use super::super::command::{
    BlockerChanges, Command, DecisionChanges, DiscoveredChanges, NewBlocker, NewDiscovered, Ruling,
    Verdict,
};
use super::super::event::{BlockerKind, Severity};
use super::super::id::{BlockerId, DecisionId, DiscoveredId, TaskId};
use super::super::import::{ImportedBlocker, ImportedPhase, ImportedPlan, ImportedTask};
use super::super::model::{Blocker, Decision, Discovered};
use super::super::refusal::Reason;
use super::{Given, by, lead, plan};

const FIRST: BlockerId = BlockerId(1);

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn block(tasks: &[&str]) -> Command {
    Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::External,
        tasks: words(tasks),
        phase: String::new(),
        fence: 0,
        reason: "no key".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity: Severity::Medium,
        keep_lease: false,
    }))
}

fn update(changes: BlockerChanges) -> Command {
    Command::UpdateBlocker {
        blocker: FIRST,
        changes: Box::new(changes),
    }
}

fn tasks(added: &[&str], removed: &[&str]) -> Command {
    update(BlockerChanges {
        tasks_added: words(added),
        tasks_removed: words(removed),
        ..BlockerChanges::default()
    })
}

fn blocker(given: &Given) -> &Blocker {
    given.plan.blocker(FIRST).expect("it was opened")
}

fn given() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
}

#[test]
fn tasks_are_linked_to_an_open_blocker_and_taken_out_of_it() {
    let given = given().and(lead(), block(&["T-1"]));
    given.refuses(by("dev-1"), tasks(&["T-2"], &[]), Reason::NotAllowed);
    let given = given.then(lead(), tasks(&["T-2"], &["T-1"]), &["BlockerUpdated"]);
    assert!(given.is_ready("T-1") && !given.is_ready("T-2"));
    assert_eq!(given.why("T-2"), ["TASK_BLOCKED"]);
    given.refuses(lead(), tasks(&[], &["T-1"]), Reason::InvalidField);
    given.refuses(lead(), tasks(&["T-2"], &[]), Reason::InvalidField);
    given.refuses(lead(), tasks(&["T-9"], &[]), Reason::TaskNotFound);
    let done = given.clone().done("dev-1", "T-1");
    done.refuses(lead(), tasks(&["T-1"], &[]), Reason::IllegalTransition);
    let empty = given.and(lead(), tasks(&[], &["T-2"]));
    assert!(blocker(&empty).tasks.is_empty() && empty.is_ready("T-2"));
    assert_eq!(empty.plan.open_blockers().count(), 1, "it names nothing");
    let settle = Command::ResolveBlocker {
        blocker: FIRST,
        resolution: "found it".to_owned(),
        withdraw: false,
    };
    let settled = empty.and(lead(), settle);
    settled.refuses(lead(), tasks(&["T-2"], &[]), Reason::IllegalTransition);
}

#[test]
fn two_blockers_of_a_task_are_told_in_their_order_whichever_came_to_it_first() {
    let given = given()
        .and(lead(), block(&["T-1"]))
        .and(lead(), block(&["T-2"]))
        .and(lead(), tasks(&["T-2"], &[]));
    let named: Vec<BlockerId> = given.plan.blockers_of(TaskId(2)).map(|it| it.id).collect();
    assert_eq!(named, [FIRST, BlockerId(2)]);
    let given = given.and(lead(), tasks(&[], &["T-2"]));
    assert!(!given.is_ready("T-2"), "the other one holds it up still");
}

#[test]
fn what_is_said_of_a_blocker_changes_and_no_change_is_refused() {
    let given = given().and(lead(), block(&["T-1"]));
    let other = BlockerChanges {
        severity: Some(Severity::Critical),
        resolution_path: Some("ask the bank".to_owned()),
        owner: Some("dev-1".to_owned()),
        ..BlockerChanges::default()
    };
    let given = given.and(lead(), update(other.clone()));
    let now = blocker(&given);
    assert_eq!(
        (now.severity, &*now.resolution_path, &*now.owner),
        (Severity::Critical, "ask the bank", "dev-1")
    );
    assert!(!given.is_ready("T-1"));
    let refusal = given.refuses(lead(), update(other), Reason::InvalidField);
    assert!(refusal.message.contains("update_mask"), "{refusal}");
    let nobody = BlockerChanges {
        owner: Some(String::new()),
        ..BlockerChanges::default()
    };
    let given = given.and(lead(), update(nobody));
    assert_eq!(&*blocker(&given).owner, "");
}

#[test]
fn an_imported_row_that_names_no_task_is_linked_to_one() {
    let file = ImportedPlan {
        phases: vec![ImportedPhase {
            name: "Foundation".to_owned(),
            ..ImportedPhase::default()
        }],
        tasks: vec![ImportedTask {
            title: "Pay".to_owned(),
            ..ImportedTask::default()
        }],
        blockers: vec![ImportedBlocker {
            reason: "no key".to_owned(),
            ..ImportedBlocker::default()
        }],
        ..ImportedPlan::default()
    };
    let given = plan().and(lead(), Command::ImportPlan(Box::new(file)));
    assert!(blocker(&given).tasks.is_empty() && given.is_ready("T-1"));
    let given = given.and(lead(), tasks(&["T-1"], &[]));
    assert_eq!(given.why("T-1"), ["TASK_BLOCKED"]);
}

fn ask(blocks: &[&str], phases: &[&str]) -> Command {
    Command::OpenDecision {
        question: "Which bank?".to_owned(),
        options: words(&["red", "blue"]),
        blocks: words(blocks),
        selectors: Vec::new(),
        phases: words(phases),
    }
}

fn redo(changes: DecisionChanges) -> Command {
    Command::UpdateDecision {
        decision: DecisionId(1),
        changes: Box::new(changes),
    }
}

fn decision(given: &Given) -> &Decision {
    given.plan.decision(DecisionId(1)).expect("it was opened")
}

#[test]
fn further_tasks_and_phases_wait_for_an_open_decision_and_others_no_more() {
    let moved = DecisionChanges {
        tasks_added: words(&["T-2"]),
        tasks_removed: words(&["T-1"]),
        phases_added: words(&["2"]),
        ..DecisionChanges::default()
    };
    let given = given().phase("2").task(&[]).and(lead(), ask(&["T-1"], &[]));
    given.refuses(by("dev-1"), redo(moved.clone()), Reason::NotAllowed);
    let given = given.then(lead(), redo(moved.clone()), &["DecisionUpdated"]);
    assert!(given.is_ready("T-1"));
    assert_eq!(given.why("T-2"), ["DECISION_OPEN"]);
    assert!(given.why("T-4").contains(&"PHASE_BLOCKED"));
    given.refuses(lead(), redo(moved), Reason::InvalidField);
    let back = DecisionChanges {
        tasks_removed: words(&["T-2"]),
        phases_removed: words(&["2"]),
        ..DecisionChanges::default()
    };
    let given = given.and(lead(), redo(back.clone()));
    assert!(decision(&given).blocks.is_empty() && decision(&given).phases.is_empty());
    assert!(given.is_ready("T-2") && !given.why("T-4").contains(&"PHASE_BLOCKED"));
    let absent = DecisionChanges {
        phases_removed: words(&["2"]),
        ..DecisionChanges::default()
    };
    let refusal = given.refuses(lead(), redo(absent), Reason::InvalidField);
    assert!(refusal.message.contains("phases_removed"), "{refusal}");
}

#[test]
fn an_open_question_is_put_in_other_words_and_a_decided_one_is_not() {
    let given = given().and(lead(), ask(&["T-1"], &[]));
    let asked = DecisionChanges {
        question: Some("Which bank, and since when?".to_owned()),
        options: Some(words(&["green"])),
        ..DecisionChanges::default()
    };
    let blank = DecisionChanges {
        question: Some(" ".to_owned()),
        ..DecisionChanges::default()
    };
    given.refuses(lead(), redo(blank), Reason::InvalidField);
    let given = given.and(lead(), redo(asked.clone()));
    let now = decision(&given);
    assert_eq!(&*now.question, "Which bank, and since when?");
    assert_eq!(now.options.len(), 1);
    let decide = Command::Decide {
        decision: DecisionId(1),
        ruling: Box::new(Ruling {
            answer: "green".to_owned(),
            ..Ruling::default()
        }),
    };
    let decided = given.and(lead(), decide);
    decided.refuses(lead(), redo(asked), Reason::IllegalTransition);
}

fn found(given: &Given) -> &Discovered {
    let found = given.plan.discovered_task(DiscoveredId(1));
    found.expect("it was reported")
}

#[test]
fn who_reported_it_or_a_coordinator_changes_the_words_until_it_is_triaged() {
    let report = Command::ReportDiscovered(Box::new(NewDiscovered {
        title: "A cashe".to_owned(),
        ..NewDiscovered::default()
    }));
    let reword = |title: &str| Command::UpdateDiscovered {
        discovered: DiscoveredId(1),
        changes: Box::new(DiscoveredChanges {
            title: Some(title.to_owned()),
            priority: Some(0),
            ..DiscoveredChanges::default()
        }),
    };
    let given = given().agent("dev-2", "developer").and(by("dev-1"), report);
    given.refuses(by("dev-2"), reword("A cache"), Reason::NotAllowed);
    given.refuses(by("dev-1"), reword(" "), Reason::InvalidField);
    let given = given.then(by("dev-1"), reword("A cache"), &["DiscoveredUpdated"]);
    assert_eq!(
        (&*found(&given).title, found(&given).priority),
        ("A cache", 0)
    );
    given.refuses(lead(), reword("A cache"), Reason::InvalidField);
    let given = given.and(lead(), reword("One cache"));
    for verdict in [Verdict::Defer, Verdict::Reject] {
        let triage = Command::TriageDiscovered {
            discovered: DiscoveredId(1),
            verdict,
            note: String::new(),
        };
        let triaged = given.clone().and(lead(), triage);
        triaged.refuses(lead(), reword("Two"), Reason::IllegalTransition);
    }
    let unknown = Command::UpdateDiscovered {
        discovered: DiscoveredId(9),
        changes: Box::default(),
    };
    given.refuses(lead(), unknown, Reason::DiscoveredNotFound);
}
