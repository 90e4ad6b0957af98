//! The weekly review of given weeks: what it tells, and that a week without anything is told too.

use super::WeeklyReview;
use super::render::{html, markdown, text};
use crate::plan::id::TaskId;
use crate::report::busy::{WEEK, busy, hostile};
use crate::report::fixture::{World, hold};

fn check(world: &World) -> WeeklyReview {
    let forecast = world.forecast();
    let review = world.weekly(WEEK, Some(&forecast));
    hold(&review.clone().into());
    assert_eq!(world.weekly(WEEK, Some(&forecast)), review);
    review
}

#[test]
fn a_busy_week_is_told_phase_by_phase() {
    let review = check(&busy());
    insta::assert_snapshot!("busy_markdown", markdown(&review));
    insta::assert_snapshot!("busy_text", text(&review, 80));
    insta::assert_snapshot!("busy_html", html(&review));
}

#[test]
fn the_data_of_a_busy_week_has_stable_names() {
    let review = check(&busy());
    let json = serde_json::to_string_pretty(&review).expect("a report is JSON");
    insta::assert_snapshot!("busy_json", json);
}

#[test]
fn an_empty_week_is_a_valid_report() {
    let mut world = World::new("Europe/Berlin", "2026-11-02T07:00:00Z");
    world.at("2026-11-24T08:00:00Z");
    let review = check(&world);
    assert!(review.scope.is_empty() && review.next.is_empty());
    insta::assert_snapshot!("empty_markdown", markdown(&review));
    insta::assert_snapshot!("empty_text", text(&review, 80));
}

#[test]
fn hostile_words_stay_words() {
    let review = check(&hostile());
    insta::assert_snapshot!("hostile_markdown", markdown(&review));
    insta::assert_snapshot!("hostile_html", html(&review));
}

#[test]
fn without_a_forecast_only_what_is_overdue_is_at_risk() {
    let world = busy();
    let review = world.weekly(WEEK, None);
    hold(&review.clone().into());
    let names = |review: &WeeklyReview| -> Vec<String> {
        let at_risk = review.milestones.at_risk.iter();
        at_risk.map(|it| it.name.clone()).collect()
    };
    assert_eq!(names(&review), ["Search works"]);
    assert!(review.forecast.is_none());
    assert_eq!(names(&check(&world)), ["Search works", "Checkout works"]);
}

#[test]
fn those_who_were_named_attend_and_nobody_else() {
    let world = busy();
    let attendees = [
        "qa".to_owned(),
        "coordinator".to_owned(),
        "board".to_owned(),
    ];
    let review = super::build(super::WeeklyInput {
        plan: &world.plan,
        events: &world.events,
        since: crate::report::fixture::utc(WEEK),
        now: world.now,
        forecast: None,
        attendees: &attendees,
        head: world.head(),
    });
    hold(&review.clone().into());
    let told: Vec<(&str, u32)> = review
        .attendees
        .iter()
        .map(|it| (it.role.as_str(), it.agents_total))
        .collect();
    assert_eq!(told, [("qa", 1), ("coordinator", 0), ("board", 0)]);
}

#[test]
fn what_each_role_gets_next_is_cut_and_counted() {
    let mut world = World::new("UTC", "2026-11-17T07:00:00Z");
    for number in 0..30 {
        world.task("1", &format!("Task {number}"), "Features");
    }
    world.at("2026-11-24T08:00:00Z");
    let review = check(&world);
    let [next] = review.next.as_slice() else {
        panic!("one role has work: {:?}", review.next);
    };
    assert_eq!((next.ready, next.tasks.len()), (30, 5));
    assert_eq!(next.tasks[0].id, TaskId(1));
}
