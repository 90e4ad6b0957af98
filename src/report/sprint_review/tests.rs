//! The review of given sprints: under way, closed, planned, and of a project that has none.

use super::SprintReview;
use super::render::{html, markdown, text};
use crate::plan::Command;
use crate::plan::command::{CarryTo, NewSprint};
use crate::plan::id::{BlockerId, SprintId, TaskId};
use crate::report::busy::{busy, hostile};
use crate::report::fixture::{World, hold};

fn check(world: &World, sprint: Option<u32>) -> SprintReview {
    let review = world.sprint_review(sprint);
    hold(&review.clone().into());
    assert_eq!(world.sprint_review(sprint), review);
    review
}

#[test]
fn a_sprint_under_way_is_told_with_its_burndown() {
    let review = check(&busy(), Some(2));
    insta::assert_snapshot!("busy_markdown", markdown(&review));
    insta::assert_snapshot!("busy_text", text(&review, 80));
    insta::assert_snapshot!("busy_html", html(&review));
    let json = serde_json::to_string_pretty(&review).expect("a report is JSON");
    insta::assert_snapshot!("busy_json", json);
}

#[test]
fn what_a_closed_sprint_came_to_stays_whatever_becomes_of_its_tasks() {
    let mut world = busy();
    world.coordinator(Command::PlanSprint(Box::new(NewSprint {
        goal: "The rest".to_owned(),
        start: "2026-11-30".parse().expect("a day"),
        end: "2026-12-04".parse().expect("a day"),
        tasks: Vec::new(),
    })));
    world.coordinator(Command::CloseSprint {
        sprint: SprintId(2),
        carry_to: CarryTo::Next,
    });
    let closed = check(&world, None);
    insta::assert_snapshot!("closed_text", text(&closed, 100));
    world.wait(60);
    world.coordinator(Command::ResolveBlocker {
        blocker: BlockerId(1),
        resolution: "the key is there".to_owned(),
        withdraw: false,
    });
    world.work("dana", TaskId(4), 30, None);
    world.coordinator(Command::CancelTask {
        task: "T-6".to_owned(),
        reason: "not needed".to_owned(),
        waive_dependents: true,
    });
    let later = check(&world, Some(2));
    let (before, after) = (
        closed.sprint.expect("it is there"),
        later.sprint.expect("it is there"),
    );
    assert_eq!(after.completed, before.completed);
    assert_eq!(after.carried_over, before.carried_over);
    assert_eq!(after.withdrawn, before.withdrawn);
    assert_eq!(after.completion_percent, before.completion_percent);
    let next = check(&world, Some(3));
    insta::assert_snapshot!("planned_text", text(&next, 80));
}

#[test]
fn without_a_sprint_the_review_says_so() {
    let world = World::new("Europe/Berlin", "2026-11-02T07:00:00Z");
    let review = check(&world, None);
    assert!(review.sprint.is_none());
    insta::assert_snapshot!("empty_markdown", markdown(&review));
    insta::assert_snapshot!("empty_text", text(&review, 80));
    assert!(
        check(&busy(), Some(77)).sprint.is_none(),
        "there is no such sprint"
    );
}

#[test]
fn hostile_words_stay_words() {
    let review = check(&hostile(), None);
    insta::assert_snapshot!("hostile_markdown", markdown(&review));
    insta::assert_snapshot!("hostile_html", html(&review));
}

#[test]
fn an_estimate_is_compared_with_the_time_a_task_was_held() {
    let review = check(&busy(), Some(1));
    let estimates = review.sprint.expect("it is there").estimates;
    // 90 and 25 minutes where 60 and 30 were thought.
    assert_eq!(
        (estimates.actual_minutes, estimates.estimated_minutes),
        (115, 90)
    );
    assert_eq!(estimates.percent, Some(128));
    let furthest: Vec<TaskId> = estimates.furthest.iter().map(|it| it.task.id).collect();
    assert_eq!(furthest, [TaskId(1), TaskId(2)]);
}
