//! The blocker report from given events: order, ages, what waits behind, and what is parked.

use super::BlockerReport;
use super::render::{html, markdown, text};
use crate::plan::Command;
use crate::plan::command::{NewTask, OnRef};
use crate::plan::event::ReleaseCause;
use crate::plan::id::{BlockerId, TaskId};
use crate::plan::import::{ImportedBlocker, ImportedPhase, ImportedPlan, ImportedTask, Source};
use crate::report::fixture::{World, hold};
use crate::report::waiting::Staleness;

/// Everything a blocker report must hold to, whatever it is about.
fn check(world: &World) -> BlockerReport {
    let report = world.blockers();
    let json = serde_json::to_string(&report).expect("a report is JSON");
    let read: BlockerReport = serde_json::from_str(&json).expect("a report reads back");
    assert_eq!(read, report);
    assert_eq!(world.blockers(), report);
    hold(&report.clone().into());
    for form in [markdown(&report), text(&report, 100), text(&report, 0)] {
        let strange = form.chars().find(|&c| c.is_control() && c != '\n');
        assert_eq!(strange, None, "{form:?}");
    }
    report
}

/// Four tasks in a row, T-1 first, T-4 last.
fn row_of_tasks() -> World {
    let mut world = World::new("UTC", "2026-11-20T08:00:00Z");
    world.register("dana", "developer");
    world.task("1", "Choose a provider", "Features");
    for (number, title) in ["Sign the contract", "Integrate it", "Test it"]
        .iter()
        .enumerate()
    {
        world.add(NewTask {
            title: (*title).to_owned(),
            area: "Features".to_owned(),
            dependencies: vec![OnRef::Task(format!("T-{}", number + 1))],
            ..NewTask::default()
        });
    }
    world
}

#[test]
fn nothing_in_the_way_is_a_valid_report() {
    let report = check(&row_of_tasks());
    assert_eq!(report.blockers_total, 0);
    insta::assert_snapshot!("empty_markdown", markdown(&report));
    insta::assert_snapshot!("empty_text", text(&report, 80));
}

#[test]
fn the_oldest_blocker_stands_first_and_says_how_much_waits_behind_it() {
    let mut world = row_of_tasks();
    world.block(&[TaskId(2)], "Legal has the contract", "Call legal");
    world.at("2026-11-22T07:00:00Z");
    world.block(&[TaskId(4)], "No test cards", "");
    world.at("2026-11-24T06:00:00Z");
    world.block(&[TaskId(3)], "The sandbox is down", "Wait for the vendor");
    world.coordinator(Command::EscalateBlocker {
        blocker: BlockerId(3),
        reason: "third time this week".to_owned(),
        owner: "grace".to_owned(),
    });
    world.coordinator(Command::OpenDecision {
        question: "Which provider?".to_owned(),
        options: vec!["Stripe".to_owned(), "Adyen".to_owned()],
        blocks: vec!["T-1".to_owned()],
        selectors: Vec::new(),
        phases: Vec::new(),
    });
    world.coordinator(Command::OpenDecision {
        question: "Which colour?".to_owned(),
        options: Vec::new(),
        blocks: Vec::new(),
        selectors: Vec::new(),
        phases: Vec::new(),
    });
    world.at("2026-11-24T08:00:00Z");
    let report = check(&world);
    let order: Vec<(u32, Staleness, u32)> = report
        .blockers
        .iter()
        .map(|blocker| (blocker.id.0, blocker.staleness, blocker.holds_up))
        .collect();
    assert_eq!(
        order,
        [
            (1, Staleness::VeryStale, 3),
            (2, Staleness::Stale, 1),
            (3, Staleness::Fresh, 2),
        ]
    );
    assert_eq!(
        report.decisions_total, 1,
        "what blocks nothing is no blocker"
    );
    insta::assert_snapshot!("three_markdown", markdown(&report));
    insta::assert_snapshot!("three_text", text(&report, 120));
    insta::assert_snapshot!("three_html", html(&report));
    let json = serde_json::to_string_pretty(&report.blockers[0]).expect("JSON");
    insta::assert_snapshot!("one_json", json);
}

#[test]
fn an_age_is_stale_only_past_its_limit() {
    let day = 24 * 3_600_000;
    assert_eq!(Staleness::of(day), Staleness::Fresh);
    assert_eq!(Staleness::of(day + 1), Staleness::Stale);
    assert_eq!(Staleness::of(3 * day), Staleness::Stale);
    assert_eq!(Staleness::of(3 * day + 1), Staleness::VeryStale);
}

#[test]
fn a_date_written_in_a_file_is_the_blockers_age() {
    let mut world = World::new("UTC", "2026-11-20T08:00:00Z");
    let blocker = |since: &str| ImportedBlocker {
        task_text: "Integrate".to_owned(),
        task: Some(0),
        reason: format!("since {since}"),
        since: Some(since.to_owned()),
        resolution_path: None,
        line: 9,
    };
    world.plan = crate::plan::Plan::default();
    world.events.clear();
    world.coordinator(Command::CreateProject {
        slug: "shop".to_owned(),
        name: "Shop".to_owned(),
        description: String::new(),
        settings: Box::default(),
        draft: false,
    });
    world.coordinator(Command::ImportPlan(Box::new(ImportedPlan {
        source: Source {
            name: "plan.md".to_owned(),
            digest: "00".to_owned(),
            bytes: 1,
            status: None,
        },
        phases: vec![ImportedPhase {
            name: "Build".to_owned(),
            ..ImportedPhase::default()
        }],
        tasks: vec![ImportedTask {
            title: "Integrate".to_owned(),
            ..ImportedTask::default()
        }],
        blockers: vec![
            blocker("next week"),
            blocker("2026-11-01"),
            blocker("2031-01-01"),
        ],
        ..ImportedPlan::default()
    })));
    world.at("2026-11-21T00:00:00Z");
    let report = check(&world);
    let ages: Vec<(&str, &str)> = report
        .blockers
        .iter()
        .map(|blocker| (blocker.since_text.as_str(), blocker.since.local.as_str()))
        .collect();
    assert_eq!(
        ages,
        [
            ("2026-11-01", "Sun 2026-11-01 00:00"),
            ("next week", "Fri 2026-11-20 08:00"),
            ("2031-01-01", "Fri 2026-11-20 08:00"),
        ]
    );
    let day = world.standup("2026-11-20T00:00:00Z", None);
    let kinds: Vec<String> = day
        .changes
        .iter()
        .map(|changes| format!("{:?} {}", changes.kind, changes.total))
        .collect();
    assert_eq!(
        kinds,
        ["Project 1", "Imported 1"],
        "an import is one change"
    );
}

#[test]
fn a_task_that_failed_too_often_is_listed_as_parked() {
    let mut world = row_of_tasks();
    for attempt in 1..=3 {
        let fence = world.claim("dana", TaskId(1), 0);
        world.wait(10).agent(
            "dana",
            Command::ReleaseTask {
                task: "T-1".to_owned(),
                fence,
                cause: ReleaseCause::Failed,
                reason: format!("attempt {attempt} hit the rate limit"),
            },
        );
    }
    world.wait(90);
    let report = check(&world);
    assert_eq!(report.parked_total, 1);
    assert_eq!(report.parked[0].strikes, 3);
    assert_eq!(report.parked[0].last_note, "attempt 3 hit the rate limit");
    insta::assert_snapshot!("parked_text", text(&report, 100));
}

#[test]
fn a_phase_that_only_waits_for_a_word_is_listed_with_what_is_missing() {
    let mut world = World::new("UTC", "2026-11-20T08:00:00Z");
    world.phase("2", "Build", &["It runs locally", "CI is green"]);
    world.phase("3", "Ship", &[]);
    world.register("dana", "developer");
    world.task("2", "Build it", "Features");
    world.task("3", "Ship it", "Features");
    world.work("dana", TaskId(1), 10, None);
    world.coordinator(Command::MeetCriterion {
        phase: "2".to_owned(),
        criterion: 1,
        evidence: "ran it".to_owned(),
    });
    let report = check(&world);
    assert_eq!(report.gating_total, 1);
    let gating = &report.gating[0];
    assert_eq!(gating.phase.id, "2");
    assert_eq!(gating.missing.len(), 1);
    assert_eq!(gating.missing[0].number, 2);
    assert_eq!(gating.holds_up, 1);
    assert_eq!(gating.commands, ["phase meet 2 2 --evidence …"]);
    insta::assert_snapshot!("gating_text", text(&report, 100));
}
