//! The oversight digest of given weeks, for the coordinator and for others: what needs whose word, what was done
//! by whom, what waits too long.

use super::OversightDigest;
use super::data::ActKind;
use super::render::{html, markdown, text};
use crate::plan::Command;
use crate::plan::command::{NewCheck, NewCriterion, NewGate, NewScope};
use crate::plan::event::ReleaseCause;
use crate::plan::id::TaskId;
use crate::report::busy::{WEEK, busy, hostile};
use crate::report::fixture::{World, hold};

fn check(world: &World, role: &str) -> OversightDigest {
    let digest = world.oversight(WEEK, role);
    hold(&digest.clone().into());
    assert_eq!(world.oversight(WEEK, role), digest);
    digest
}

fn needs(digest: &OversightDigest) -> Vec<String> {
    let needs = digest.needs.iter();
    needs.map(|it| format!("{} {}", it.kind, it.id)).collect()
}

#[test]
fn the_coordinator_reads_what_needs_a_word_and_what_waits_too_long() {
    let digest = check(&busy(), "");
    insta::assert_snapshot!("busy_markdown", markdown(&digest));
    insta::assert_snapshot!("busy_text", text(&digest, 80));
    insta::assert_snapshot!("busy_html", html(&digest));
    let json = serde_json::to_string_pretty(&digest).expect("a report is JSON");
    insta::assert_snapshot!("busy_json", json);
}

#[test]
fn a_role_is_asked_only_for_what_it_may_settle() {
    let mut world = busy();
    // Handed in by dana, owned by quinn, who is of this role.
    assert_eq!(
        needs(&check(&world, "qa")),
        ["blocker B-1", "deliverable DL-1"]
    );
    assert_eq!(needs(&check(&world, "data")), Vec::<String>::new());
    world.coordinator(Command::DefineGate(Box::new(NewGate {
        gate: String::new(),
        name: "Release".to_owned(),
        scope: Some(NewScope::Deployment("shop".to_owned())),
        criteria: vec![NewCriterion {
            name: "Signed by quality".to_owned(),
            advisory: false,
            check: NewCheck::Approval {
                may_approve: vec!["qa".to_owned()],
            },
        }],
    })));
    world.coordinator(Command::RunGate {
        gate: "G-1".to_owned(),
        commit: String::new(),
    });
    let asked = needs(&check(&world, "qa"));
    assert_eq!(asked, ["blocker B-1", "deliverable DL-1", "gate G-1"]);
    let quiet = check(&world, "Dev");
    assert_eq!((quiet.role.as_str(), quiet.needs_total), ("developer", 0));
    insta::assert_snapshot!("qa_text", text(&check(&world, "qa"), 80));
}

#[test]
fn what_was_decided_is_told_with_who_did_it() {
    let digest = check(&busy(), "");
    let told: Vec<(ActKind, &str, &str)> = digest
        .acts
        .iter()
        .map(|act| (act.kind, act.id.as_str(), act.by.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (ActKind::Decided, "DEC-1", "ada"),
            (ActKind::Revoked, "T-6", "ada"),
        ]
    );
}

#[test]
fn a_quiet_week_is_a_valid_report() {
    let mut world = World::new("Europe/Berlin", "2026-11-02T07:00:00Z");
    world.at("2026-11-24T08:00:00Z");
    let digest = check(&world, "");
    insta::assert_snapshot!("empty_markdown", markdown(&digest));
    insta::assert_snapshot!("empty_text", text(&digest, 80));
}

#[test]
fn hostile_words_stay_words() {
    let digest = check(&hostile(), "");
    insta::assert_snapshot!("hostile_markdown", markdown(&digest));
    insta::assert_snapshot!("hostile_html", html(&digest));
    check(&hostile(), "<script>\"\u{1b}[31m");
}

#[test]
fn blockers_are_counted_by_age_and_listed_from_two_hours_on() {
    let mut world = World::new("UTC", "2026-11-23T07:00:00Z");
    world.task("1", "Build it", "Features");
    world.block(&[TaskId(1)], "The vendor is down", "");
    let at = |minutes: i64| {
        let mut later = World::new("UTC", "2026-11-23T07:00:00Z");
        later.plan = world.plan.clone();
        later.wait(minutes);
        let digest = later.oversight(WEEK, "");
        let ages = digest.blocker_ages;
        (
            digest.blockers_total,
            ages.over_2h,
            ages.over_24h,
            ages.over_3d,
        )
    };
    assert_eq!(at(120), (0, 0, 0, 0));
    assert_eq!(at(121), (1, 1, 0, 0));
    assert_eq!(at(24 * 60 + 1), (1, 1, 1, 0));
    assert_eq!(at(3 * 24 * 60 + 1), (1, 1, 1, 1));
}

#[test]
fn a_parked_task_stands_in_front_of_one_that_only_failed() {
    let mut world = World::new("UTC", "2026-11-23T07:00:00Z");
    world.register("dana", "developer");
    for title in ["One", "Two"] {
        world.task("1", title, "Features");
    }
    for (task, attempts) in [(1, 1), (2, 3)] {
        for _ in 0..attempts {
            let fence = world.claim("dana", TaskId(task), 0);
            world.wait(5).agent(
                "dana",
                Command::ReleaseTask {
                    task: format!("T-{task}"),
                    fence,
                    cause: ReleaseCause::Failed,
                    reason: "no luck".to_owned(),
                },
            );
        }
    }
    let digest = check(&world, "");
    let told: Vec<(u32, u8, bool)> = digest
        .failing
        .iter()
        .map(|it| (it.task.id.0, it.strikes, it.parked))
        .collect();
    assert_eq!(told, [(2, 3, true), (1, 1, false)]);
}
