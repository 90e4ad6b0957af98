//! Milestones by example: reached by themselves, or on a coordinator's word.

use super::super::command::{
    Command, HomeRef, LinksRef, MilestoneChanges, NewDeliverable, NewMilestone, NewPart,
};
use super::super::event::Due;
use super::super::id::{DeliverableId, MilestoneId};
use super::super::inbox::WaitKind;
use super::super::model::MilestoneStatus;
use super::super::refusal::Reason;
use super::super::settings::Settings;
use super::{Given, by, lead, plan, plan_with};

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn milestone(phases: &[&str], tasks: &[&str], items: &[&str]) -> NewMilestone {
    NewMilestone {
        name: "Beta".to_owned(),
        checklist: texts(items),
        links: LinksRef {
            phases: texts(phases),
            tasks: texts(tasks),
            deliverables: Vec::new(),
        },
        ..NewMilestone::default()
    }
}

fn add(new: NewMilestone) -> Command {
    Command::CreateMilestone(Box::new(new))
}

fn tick(item: u32) -> Command {
    Command::TickMilestone {
        milestone: MilestoneId(1),
        item,
    }
}

fn reach(note: &str) -> Command {
    Command::ReachMilestone {
        milestone: MilestoneId(1),
        note: note.to_owned(),
    }
}

fn miss() -> Command {
    Command::MissMilestone {
        milestone: MilestoneId(1),
        reason: "the bank was slow".to_owned(),
    }
}

fn change(changes: MilestoneChanges) -> Command {
    Command::UpdateMilestone {
        milestone: MilestoneId(1),
        changes: Box::new(changes),
    }
}

fn status(given: &Given) -> MilestoneStatus {
    let milestone = given.plan.milestone(MilestoneId(1));
    milestone.expect("it is there").status
}

fn day(text: &str) -> Due {
    Due::Day(text.parse().expect("a day"))
}

fn given() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
}

#[test]
fn a_milestone_is_reached_with_the_last_thing_it_waits_for() {
    let given = given()
        .and(lead(), add(milestone(&["1"], &["T-1"], &[])))
        .done("dev-1", "T-1")
        .started("dev-1", "T-2");
    assert_eq!(status(&given), MilestoneStatus::Pending);
    let complete = given.complete("T-2");
    let events = ["TaskCompleted", "PhaseCompleted", "MilestoneReached"];
    let given = given.then(by("dev-1"), complete, &events);
    assert_eq!(status(&given), MilestoneStatus::Reached);
    given.refuses(lead(), miss(), Reason::IllegalTransition);
    given.refuses(lead(), tick(1), Reason::IllegalTransition);
}

#[test]
fn a_checklist_stands_before_a_milestone_whose_work_is_done() {
    let given = given()
        .and(lead(), add(milestone(&[], &["T-1"], &["tested", "told"])))
        .then(lead(), tick(2), &["MilestoneTicked"])
        .done("dev-1", "T-1");
    assert_eq!(status(&given), MilestoneStatus::Pending);
    let inbox = given.plan.inbox();
    assert_eq!(inbox[0].kind, WaitKind::Milestone);
    assert_eq!(inbox[0].command, "milestone tick M-1 1");
    given.refuses(lead(), tick(2), Reason::IllegalTransition);
    given.refuses(lead(), tick(3), Reason::CriterionNotFound);
    given.refuses(by("dev-1"), tick(1), Reason::NotAllowed);
    let events = ["MilestoneTicked", "MilestoneReached"];
    given.then(lead(), tick(1), &events);
}

#[test]
fn what_waits_for_nothing_is_reached_on_a_word_only() {
    let given = given().then(lead(), add(milestone(&[], &[], &[])), &["MilestoneAdded"]);
    given.refuses(lead(), reach(" "), Reason::InvalidField);
    let reached = given.then(lead(), reach("shown to all"), &["MilestoneReached"]);
    assert_eq!(status(&reached), MilestoneStatus::Reached);
    let missed = given.then(lead(), miss(), &["MilestoneMissed"]);
    assert_eq!(status(&missed), MilestoneStatus::Missed);
    missed.refuses(lead(), reach("after all"), Reason::IllegalTransition);
    missed.refuses(
        lead(),
        change(MilestoneChanges {
            due: Some(Due::Week(3)),
            ..MilestoneChanges::default()
        }),
        Reason::IllegalTransition,
    );
}

#[test]
fn what_is_done_already_reaches_a_milestone_as_it_is_stated() {
    let given = given().done("dev-1", "T-1");
    let events = ["MilestoneAdded", "MilestoneReached"];
    let reached = given.then(lead(), add(milestone(&[], &["T-1"], &[])), &events);
    assert_eq!(status(&reached), MilestoneStatus::Reached);
    let given = given.and(lead(), add(milestone(&[], &["T-2"], &[])));
    let changes = MilestoneChanges {
        links: Some(milestone(&[], &["T-1"], &[]).links),
        ..MilestoneChanges::default()
    };
    given.then(
        lead(),
        change(changes),
        &["MilestoneUpdated", "MilestoneReached"],
    );
}

#[test]
fn a_milestone_of_a_split_task_waits_for_its_parts() {
    let part = |title: &str| NewPart {
        title: title.to_owned(),
        ..NewPart::default()
    };
    let split = Command::SplitTask {
        task: "T-1".to_owned(),
        parts: vec![part("One"), part("Two")],
        chain: false,
    };
    let given = given()
        .and(lead(), add(milestone(&[], &["T-1"], &[])))
        .and(lead(), split)
        .done("dev-1", "T-3")
        .started("dev-1", "T-4");
    assert_eq!(status(&given), MilestoneStatus::Pending);
    let complete = given.complete("T-4");
    given.then(
        by("dev-1"),
        complete,
        &["TaskCompleted", "MilestoneReached"],
    );
}

#[test]
fn a_milestone_waits_for_deliverables() {
    let deliverable = Command::CreateDeliverable(Box::new(NewDeliverable {
        name: "The manual".to_owned(),
        home: HomeRef {
            workflow: "launch".to_owned(),
            ..HomeRef::default()
        },
        ..NewDeliverable::default()
    }));
    let new = NewMilestone {
        links: LinksRef {
            deliverables: vec![DeliverableId(1)],
            ..LinksRef::default()
        },
        ..milestone(&[], &[], &[])
    };
    let submit = Command::SubmitDeliverable {
        deliverable: DeliverableId(1),
        artefact: "manual.md".to_owned(),
        note: String::new(),
    };
    let accept = Command::AcceptDeliverable {
        deliverable: DeliverableId(1),
        note: String::new(),
    };
    let empty = given();
    empty.refuses(lead(), add(new.clone()), Reason::DeliverableNotFound);
    let given = empty
        .and(lead(), deliverable)
        .and(lead(), add(new))
        .and(by("dev-1"), submit);
    given.then(lead(), accept, &["DeliverableAccepted", "MilestoneReached"]);
}

#[test]
fn a_week_is_counted_from_the_start_date() {
    let settings = Settings {
        start_date: "2026-11-02".parse().ok(),
        target_date: "2026-12-31".parse().ok(),
        ..Settings::default()
    };
    let new = |due| NewMilestone {
        due: Some(due),
        ..milestone(&[], &[], &[])
    };
    let given = plan_with(settings.clone()).and(lead(), add(new(Due::Week(2))));
    let due = |given: &Given| {
        let milestone = given.plan.milestone(MilestoneId(1)).expect("it is there");
        given.plan.due_day(milestone).map(|day| day.to_string())
    };
    assert_eq!(due(&given).as_deref(), Some("2026-11-15"));
    given.refuses(lead(), add(new(day("2026-11-01"))), Reason::InvalidField);
    given.refuses(lead(), add(new(Due::Week(0))), Reason::InvalidField);
    let without = plan().and(lead(), add(new(Due::Week(2))));
    assert_eq!(due(&without), None);
    let backwards = Settings {
        target_date: "2026-11-01".parse().ok(),
        ..settings
    };
    let update = Command::UpdateProject {
        name: None,
        description: None,
        settings: Some(Box::new(backwards)),
    };
    let refusal = given.refuses(lead(), update, Reason::InvalidField);
    assert!(refusal.message.contains("target_date"));
}

#[test]
fn what_a_milestone_names_must_exist() {
    let given = given();
    let of = |phases: &[&str], tasks: &[&str]| add(milestone(phases, tasks, &[]));
    given.refuses(lead(), of(&["9"], &[]), Reason::PhaseNotFound);
    given.refuses(lead(), of(&[], &["T-9"]), Reason::TaskNotFound);
    given.refuses(by("dev-1"), of(&[], &["T-1"]), Reason::NotAllowed);
    given.refuses(lead(), of(&[], &["T-1"; 101]), Reason::InvalidField);
    let nothing = change(MilestoneChanges::default());
    given.refuses(lead(), nothing, Reason::MilestoneNotFound);
    let given = given.and(lead(), of(&[], &["T-1", "t-1"]));
    let nothing = change(MilestoneChanges::default());
    given.refuses(lead(), nothing, Reason::InvalidField);
    let many = MilestoneChanges {
        checklist_added: vec!["more".to_owned(); 101],
        ..MilestoneChanges::default()
    };
    given.refuses(lead(), change(many), Reason::LimitReached);
}
