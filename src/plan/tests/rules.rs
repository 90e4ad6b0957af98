//! Rules by example: what they make wait at once and later, what they leave alone, and when they are refused.

use super::super::command::{Command, NewTask, RuleSideRef};
use super::super::event::{On, TaskChanges};
use super::super::id::{RuleId, TaskId};
use super::super::refusal::Reason;
use super::{Given, lead, plan};

fn matching(selector: &str) -> RuleSideRef {
    RuleSideRef::Matching(selector.to_owned())
}

fn task(id: &str) -> RuleSideRef {
    RuleSideRef::Task(id.to_owned())
}

fn rule(waiting: RuleSideRef, on: RuleSideRef) -> Command {
    Command::AddRule {
        waiting,
        on,
        note: "they sign in first".to_owned(),
    }
}

fn end(id: u32) -> Command {
    Command::EndRule {
        rule: RuleId(id),
        reason: "signed in".to_owned(),
    }
}

fn titled(given: Given, title: &str) -> Given {
    given.task_as(NewTask {
        title: title.to_owned(),
        ..NewTask::default()
    })
}

fn in_area(given: Given, title: &str, area: &str) -> Given {
    given.task_as(NewTask {
        title: title.to_owned(),
        area: area.to_owned(),
        ..NewTask::default()
    })
}

/// What a task waits for by name.
fn waits(given: &Given, id: u32) -> Vec<u32> {
    let view = given.plan.task(TaskId(id)).expect("a known task");
    let on = view.spec.dependencies.iter();
    on.filter_map(|it| match it.on {
        On::Task(id) => Some(id.0),
        _ => None,
    })
    .collect()
}

/// Sign in (T-1), two endpoints (T-2, T-3), a page (T-4).
fn shop() -> Given {
    let given = titled(plan().phase("1"), "Authentication system");
    let given = titled(given, "Order API endpoint");
    let given = in_area(given, "Endpoints of the basket", "API");
    titled(given, "Start page")
}

#[test]
fn a_rule_makes_every_task_wait_that_its_selector_names() {
    let given = shop().then(
        lead(),
        rule(matching("All API endpoints"), task("T-1")),
        &["RuleAdded", "DependenciesAdded", "DependenciesAdded"],
    );
    assert_eq!(waits(&given, 2), [1]);
    assert_eq!(waits(&given, 3), [1], "the area counts as its words do");
    assert!(waits(&given, 4).is_empty());
    assert!(given.why("T-2").contains(&"DEPENDENCY_UNMET"));
}

#[test]
fn tasks_to_come_follow_a_rule_in_the_append_that_adds_them() {
    let given = shop().and(lead(), rule(matching("All API endpoints"), task("T-1")));
    let added = Command::CreateTasks(vec![
        NewTask {
            title: "Payment API: endpoints".to_owned(),
            phase: "1".to_owned(),
            ..NewTask::default()
        },
        NewTask {
            title: "Footer".to_owned(),
            phase: "1".to_owned(),
            ..NewTask::default()
        },
    ]);
    let given = given.then(lead(), added, &["TasksAdded", "DependenciesAdded"]);
    assert_eq!(waits(&given, 5), [1]);
    assert!(waits(&given, 6).is_empty());
}

#[test]
fn a_task_that_comes_to_be_named_by_other_words_follows_too_and_once() {
    let given = shop().and(lead(), rule(matching("area:api"), task("T-1")));
    let area = |area: &str| Command::UpdateTask {
        task: "T-4".to_owned(),
        changes: Box::new(TaskChanges {
            area: Some(area.into()),
            ..TaskChanges::default()
        }),
        revision: 0,
    };
    let given = given.then(lead(), area("API"), &["TaskUpdated", "DependenciesAdded"]);
    assert_eq!(waits(&given, 4), [1]);
    // What a coordinator takes away stays away while the words still say the same.
    let removed = Command::RemoveDependency {
        task: "T-4".to_owned(),
        on: super::OnRef::Task("T-1".to_owned()),
    };
    let given = given.and(lead(), removed);
    given.then(lead(), area("api"), &["TaskUpdated"]);
}

#[test]
fn both_sides_may_name_many() {
    let given = in_area(shop(), "Schema of orders", "Data");
    let given = given.and(lead(), rule(matching("area:API"), matching("area:Data")));
    assert_eq!(waits(&given, 3), [5]);
    let given = in_area(given, "Schema of baskets", "data");
    assert_eq!(waits(&given, 3), [5, 6]);
    let given = in_area(given, "Basket", "API");
    assert_eq!(waits(&given, 7), [5, 6]);
}

#[test]
fn what_is_held_or_finished_keeps_what_it_has() {
    let given = shop().agent_for("ann", &["developer"], 2);
    let given = given.done("ann", "T-2").claimed("ann", "T-3");
    let given = given.then(
        lead(),
        rule(matching("API endpoints"), task("T-1")),
        &["RuleAdded"],
    );
    assert!(waits(&given, 2).is_empty() && waits(&given, 3).is_empty());
}

#[test]
fn parts_of_a_task_stand_in_its_place() {
    let given = titled(plan().phase("1"), "Authentication");
    let given = titled(given, "Basket");
    let parts = ["Sign in", "Sign out"].map(|title| super::super::command::NewPart {
        title: title.to_owned(),
        ..super::super::command::NewPart::default()
    });
    let given = given.and(lead(), rule(matching("All API endpoints"), task("T-1")));
    let given = given.and(
        lead(),
        Command::SplitTask {
            task: "T-1".to_owned(),
            parts: parts.to_vec(),
            chain: false,
        },
    );
    let given = titled(given, "Order API endpoint");
    assert_eq!(waits(&given, 5), [3, 4]);
}

#[test]
fn a_rule_that_has_ended_is_followed_no_more_and_leaves_what_it_led_to() {
    let given = shop().and(lead(), rule(matching("API endpoints"), task("T-1")));
    let given = given.then(lead(), end(1), &["RuleEnded"]);
    assert_eq!(waits(&given, 2), [1]);
    let given = titled(given, "Payment API endpoint");
    assert!(waits(&given, 5).is_empty());
    given.refuses(lead(), end(1), Reason::IllegalTransition);
    given.refuses(lead(), end(9), Reason::RuleNotFound);
}

#[test]
fn a_rule_that_closes_a_circle_is_refused_and_so_is_a_task_that_would_by_one() {
    let given = shop().task(&["T-2"]);
    let refusal = given.refuses(
        lead(),
        rule(matching("API endpoints"), task("T-5")),
        Reason::Cycle,
    );
    assert!(
        refusal.facts.iter().any(|(name, _)| *name == "rule"),
        "{refusal:?}"
    );
    let given = given.and(lead(), rule(matching("area:api"), matching("area:data")));
    let circular = Command::CreateTasks(vec![NewTask {
        title: "Schema".to_owned(),
        area: "data".to_owned(),
        phase: "1".to_owned(),
        dependencies: vec![super::OnRef::Task("T-3".to_owned())],
        ..NewTask::default()
    }]);
    given.refuses(lead(), circular, Reason::Cycle);
}

#[test]
fn a_rule_names_something_on_both_sides_and_a_selector_on_one() {
    let given = shop();
    for (waiting, on) in [
        (matching("All"), task("T-1")),
        (matching("area:"), task("T-1")),
        (matching("the of"), task("T-1")),
        (matching(&"word ".repeat(60)), task("T-1")),
        (task("T-2"), task("T-1")),
        (task("T-2"), RuleSideRef::Phase("1".to_owned())),
        (RuleSideRef::Phase("1".to_owned()), matching("page")),
    ] {
        given.refuses(lead(), rule(waiting, on), Reason::InvalidField);
    }
    given.refuses(
        lead(),
        rule(matching("phase:7"), task("T-1")),
        Reason::PhaseNotFound,
    );
    let given = given.and(lead(), rule(matching("page"), task("T-1")));
    given.refuses(
        lead(),
        rule(matching("page"), task("T-1")),
        Reason::DependencyExists,
    );
}

#[test]
fn an_open_decision_holds_up_what_its_selectors_name_and_what_is_added_meanwhile() {
    let open = Command::OpenDecision {
        question: "REST or RPC?".to_owned(),
        options: Vec::new(),
        blocks: Vec::new(),
        phases: Vec::new(),
        selectors: vec!["All API endpoints".to_owned()],
    };
    let given = shop().then(lead(), open, &["DecisionOpened"]);
    assert!(given.why("T-3").contains(&"DECISION_OPEN"));
    assert!(given.is_ready("T-4"));
    let added = Command::CreateTasks(vec![NewTask {
        title: "Payment API endpoint".to_owned(),
        phase: "1".to_owned(),
        ..NewTask::default()
    }]);
    let given = given.then(lead(), added, &["TasksAdded", "DecisionExtended"]);
    assert!(given.why("T-5").contains(&"DECISION_OPEN"));
    let decided = Command::Decide {
        decision: super::super::id::DecisionId(1),
        ruling: Box::new(super::super::command::Ruling {
            answer: "REST".to_owned(),
            ..Default::default()
        }),
    };
    let given = given.and(lead(), decided);
    assert!(given.is_ready("T-5") && given.is_ready("T-3"));
    let given = titled(given, "Refund API endpoint");
    assert!(given.is_ready("T-6"), "what is decided holds nothing up");
}
