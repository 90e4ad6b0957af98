//! Documents of every kind: their titles, how much attention they ask for, and that what was kept reads back.

use super::*;
use crate::plan::Command;
use crate::plan::command::NewBlocker;
use crate::plan::event::BlockerKind;
use crate::plan::id::{BlockerId, TaskId};
use crate::report::fixture::{World, hold};

const SINCE: &str = "2026-11-17T08:00:00Z";

fn world() -> World {
    let mut world = World::new("UTC", "2026-11-16T08:00:00Z");
    world.register("dana", "developer");
    world.task("1", "Build it", "Features");
    world.at("2026-11-24T08:00:00Z");
    world
}

fn documents(world: &World) -> Vec<Document> {
    vec![
        world.standup(SINCE, None).into(),
        world.blockers().into(),
        world.weekly(SINCE, None).into(),
        world.update(SINCE, None).into(),
        world.sprint_review(None).into(),
        world.oversight(SINCE, "").into(),
    ]
}

fn block(world: &mut World, severity: Severity) {
    world.coordinator(Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::External,
        tasks: vec!["T-1".to_owned()],
        phase: String::new(),
        fence: 0,
        reason: "the vendor is down".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity,
        keep_lease: false,
    })));
}

#[test]
fn every_kind_says_which_it_is_and_what_it_is_about() {
    let documents = documents(&world());
    let kinds: Vec<&str> = documents.iter().map(Document::kind).collect();
    assert_eq!(kinds, Document::KINDS);
    let titles: Vec<String> = documents.iter().map(Document::title).collect();
    assert_eq!(
        titles,
        [
            "Standup of Shop, Tue 2026-11-24",
            "Blockers of Shop, Tue 2026-11-24",
            "Weekly review of Shop, Tue 2026-11-24",
            "Stakeholder update of Shop, Tue 2026-11-24",
            "Sprint review of Shop, Tue 2026-11-24",
            "Oversight for Coordinator of Shop, Tue 2026-11-24",
        ]
    );
    for document in &documents {
        hold(document);
        assert!(
            document
                .to_json()
                .starts_with(&format!("{{\"kind\":\"{}\",", document.kind()))
        );
    }
}

#[test]
fn a_report_of_nothing_at_all_is_valid() {
    let mut world = world();
    world.plan = crate::plan::Plan::default();
    world.events.clear();
    for document in documents(&world) {
        hold(&document);
        assert_eq!(document.urgency(), Urgency::Info, "{}", document.kind());
    }
}

#[test]
fn an_open_critical_blocker_makes_every_report_critical() {
    let mut world = world();
    for document in documents(&world) {
        assert_eq!(document.urgency(), Urgency::Info, "{}", document.kind());
    }
    block(&mut world, Severity::Critical);
    for document in documents(&world) {
        assert_eq!(document.urgency(), Urgency::Critical, "{}", document.kind());
        hold(&document);
    }
}

#[test]
fn what_was_escalated_or_waits_too_long_is_a_warning_where_blockers_are_told() {
    let of = |world: &World| -> Vec<Urgency> {
        let told = [
            documents(world)[0].clone(),
            documents(world)[1].clone(),
            documents(world)[5].clone(),
        ];
        told.iter().map(Document::urgency).collect()
    };
    let mut world = world();
    block(&mut world, Severity::High);
    assert_eq!(of(&world), [Urgency::Info; 3]);
    world.wait(3 * 24 * 60 + 1);
    assert_eq!(of(&world), [Urgency::Warning; 3]);
    world.coordinator(Command::ResolveBlocker {
        blocker: BlockerId(1),
        resolution: "it is up".to_owned(),
        withdraw: false,
    });
    block(&mut world, Severity::Low);
    world.coordinator(Command::EscalateBlocker {
        blocker: BlockerId(2),
        reason: "again".to_owned(),
        owner: String::new(),
    });
    assert_eq!(of(&world), [Urgency::Warning; 3]);
}

#[test]
fn a_silent_holder_is_a_warning() {
    let mut world = world();
    world.claim("dana", TaskId(1), 0);
    world.wait(24 * 60);
    let standup: Document = world.standup(SINCE, None).into();
    assert_eq!(standup.urgency(), Urgency::Warning);
}

#[test]
fn what_is_no_document_is_refused() {
    for json in [
        "",
        "{}",
        "{\"kind\":\"gossip\"}",
        "{\"kind\":\"standup\"}",
        "[1]",
    ] {
        let error = Document::from_json(json).expect_err("no document");
        assert!(error.to_string().contains("make the report anew"), "{json}");
    }
}
