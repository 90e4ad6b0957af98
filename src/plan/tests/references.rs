//! What tasks refer to by example: what is required before a start, and plans that keep up with their task.

use super::super::command::{Command, Complete, NewPart, NewReference};
use super::super::event::{ReferenceKind, ReferenceStatus};
use super::super::id::TaskId;
use super::super::inbox::WaitKind;
use super::super::refusal::Reason;
use super::super::settings::Settings;
use super::{Given, by, lead, plan, plan_with};

use ReferenceKind::{Iplan, Req, Spec};
use ReferenceStatus::{Cancelled, Completed, InProgress, NotStarted};

fn add(kind: ReferenceKind, name: &str, status: Option<ReferenceStatus>) -> Command {
    add_to("T-1", kind, name, status)
}

fn add_to(task: &str, kind: ReferenceKind, name: &str, status: Option<ReferenceStatus>) -> Command {
    Command::AddReference {
        task: task.to_owned(),
        reference: Box::new(NewReference {
            kind,
            name: name.to_owned(),
            uri: String::new(),
            status,
        }),
    }
}

fn set(name: &str, status: ReferenceStatus, fence: u64) -> Command {
    Command::SetReferenceStatus {
        task: "T-1".to_owned(),
        reference: name.to_owned(),
        status,
        fence,
    }
}

fn start(given: &Given) -> Command {
    Command::StartTask {
        task: "T-1".to_owned(),
        fence: given.fence("T-1"),
        checked: Vec::new(),
    }
}

fn done(given: &Given, plans_completed: bool) -> Command {
    Command::CompleteTask(Box::new(Complete {
        task: "T-1".to_owned(),
        fence: given.fence("T-1"),
        summary: "did it".to_owned(),
        verification: "ran it".to_owned(),
        plans_completed,
        ..Complete::default()
    }))
}

fn given() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
}

fn standing(given: &Given) -> Vec<(String, Option<ReferenceStatus>)> {
    let references = given.plan.references_of(TaskId(1)).iter();
    references
        .map(|it| (it.name.to_string(), it.status))
        .collect()
}

#[test]
fn a_plan_goes_along_with_its_task_in_the_same_append() {
    let given = given()
        .then(lead(), add(Iplan, "IPLAN-03", None), &["ReferenceAdded"])
        .and(lead(), add(Req, "REQ-7", None))
        .claimed("dev-1", "T-1");
    assert_eq!(standing(&given)[0].1, Some(NotStarted));
    assert_eq!(standing(&given)[1].1, None);
    let started = given.then(
        by("dev-1"),
        start(&given),
        &["TaskStarted", "ReferencesMoved"],
    );
    assert_eq!(standing(&started)[0].1, Some(InProgress));
    let refusal = started.refuses(by("dev-1"), done(&started, false), Reason::PlanLags);
    assert_eq!(refusal.items[0].subject, "IPLAN-03");
    assert!(
        refusal.next[0].ends_with(" --plans-completed"),
        "{refusal:?}"
    );
    let brief = started.plan.brief(TaskId(1)).expect("it is held");
    assert_eq!(
        brief.references,
        ["IPLAN IPLAN-03 in_progress", "REQ REQ-7"]
    );
    assert!(
        brief
            .next
            .iter()
            .any(|it| it.ends_with(" --plans-completed"))
    );
    let both = started.then(
        by("dev-1"),
        done(&started, true),
        &["ReferencesMoved", "TaskCompleted"],
    );
    assert_eq!(standing(&both)[0].1, Some(Completed));
    // What is completed already needs no word.
    let fence = started.fence("T-1");
    let plan_done = started.then(
        by("dev-1"),
        set("iplan-03", Completed, fence),
        &["ReferencesMoved"],
    );
    plan_done.then(by("dev-1"), done(&plan_done, false), &["TaskCompleted"]);
}

#[test]
fn no_plan_is_set_or_added_behind_its_task() {
    let given = given().and(lead(), add(Iplan, "IPLAN-03", None));
    let started = given.started("dev-1", "T-1");
    started.refuses(lead(), set("IPLAN-03", NotStarted, 0), Reason::PlanLags);
    let behind = add(Iplan, "IPLAN-04", Some(NotStarted));
    started.refuses(lead(), behind, Reason::PlanLags);
    let along = started.and(lead(), add(Iplan, "IPLAN-04", None));
    assert_eq!(standing(&along)[1].1, Some(InProgress));
    let given_up = along
        .and(lead(), set("IPLAN-04", Cancelled, 0))
        .and(lead(), set("IPLAN-03", Completed, 0));
    let over = given_up.then(by("dev-1"), done(&given_up, false), &["TaskCompleted"]);
    over.refuses(lead(), set("IPLAN-03", InProgress, 0), Reason::PlanLags);
    let after = over.clone().and(lead(), add(Iplan, "IPLAN-05", None));
    assert_eq!(standing(&after)[2].1, Some(Completed));
    // Other documents stand where they stand.
    over.and(lead(), add(Req, "REQ-7", Some(NotStarted)));
}

#[test]
fn only_a_holder_and_a_coordinator_say_where_a_document_stands() {
    let given = given()
        .agent("dev-2", "developer")
        .and(lead(), add(Spec, "SPEC-1", None))
        .claimed("dev-1", "T-1");
    let fence = given.fence("T-1");
    let to = |fence| set("SPEC-1", InProgress, fence);
    given.refuses(by("dev-1"), to(0), Reason::InvalidField);
    given.refuses(by("dev-1"), to(fence + 1), Reason::LeaseLost);
    given.refuses(by("dev-2"), to(fence), Reason::NotHolder);
    given.refuses(by("dev-1"), add(Req, "REQ-7", None), Reason::NotAllowed);
    let moved = given.then(by("dev-1"), to(fence), &["ReferencesMoved"]);
    moved.refuses(by("dev-1"), to(fence), Reason::IllegalTransition);
    given.then(lead(), to(0), &["ReferencesMoved"]);
}

#[test]
fn a_task_without_what_is_required_is_not_started() {
    let given = plan_with(Settings {
        required_references: vec![Req, Iplan],
        ..Settings::default()
    });
    let given = given
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .and(lead(), add(Spec, "SPEC-1", None))
        .and(lead(), add(Req, "REQ-7", None));
    assert!(given.is_ready("T-1"), "it may be claimed");
    assert_eq!(given.why("T-1"), ["REFERENCES_MISSING"]);
    let waiting = given.plan.inbox().into_iter();
    let own: Vec<String> = waiting
        .filter(|it| it.kind == WaitKind::References)
        .map(|it| it.command)
        .collect();
    assert_eq!(own, ["task ref add T-1 iplan NAME"]);
    let claimed = given.claimed("dev-1", "T-1");
    let refusal = claimed.refuses(by("dev-1"), start(&claimed), Reason::ReferencesMissing);
    assert_eq!(refusal.items[0].subject, "IPLAN");
    assert_eq!(refusal.total, 1);
    let whole = claimed.and(lead(), add(Iplan, "IPLAN-03", None));
    assert_eq!(whole.why("T-1"), ["NOT_PLANNED"]);
    whole.then(
        by("dev-1"),
        start(&whole),
        &["TaskStarted", "ReferencesMoved"],
    );
}

#[test]
fn the_parts_of_a_split_task_refer_to_what_it_refers_to() {
    let part = |title: &str| NewPart {
        title: title.to_owned(),
        ..NewPart::default()
    };
    let given = given().and(lead(), add(Iplan, "IPLAN-03", None)).and(
        lead(),
        Command::SplitTask {
            task: "T-1".to_owned(),
            parts: vec![part("One"), part("Two")],
            chain: false,
        },
    );
    for part in [TaskId(3), TaskId(4)] {
        let references = given.plan.references_of(part);
        assert_eq!(&*references[0].name, "IPLAN-03");
    }
}

#[test]
fn a_document_is_named_once_and_the_list_has_an_end() {
    let remove = |name: &str| Command::RemoveReference {
        task: "T-1".to_owned(),
        reference: name.to_owned(),
    };
    let mut given = given().and(lead(), add(Req, "REQ-1", None));
    given.refuses(lead(), add(Spec, "req-1", None), Reason::ReferenceExists);
    given.refuses(lead(), add(Req, " ", None), Reason::InvalidField);
    given.refuses(lead(), remove("REQ-2"), Reason::ReferenceNotFound);
    given.refuses(
        lead(),
        set("REQ-2", Completed, 0),
        Reason::ReferenceNotFound,
    );
    let unknown = add_to("T-9", Req, "REQ-1", None);
    given.refuses(lead(), unknown, Reason::TaskNotFound);
    for number in 2..=50 {
        given = given.and(lead(), add(Req, &format!("REQ-{number}"), None));
    }
    given.refuses(lead(), add(Req, "REQ-51", None), Reason::LimitReached);
    let mut given = given.then(lead(), remove("req-50"), &["ReferenceRemoved"]);
    for number in 1..=49 {
        given = given.and(lead(), remove(&format!("REQ-{number}")));
    }
    assert!(given.plan.references_of(TaskId(1)).is_empty());
}
