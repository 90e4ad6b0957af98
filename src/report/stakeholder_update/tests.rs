//! The stakeholder update of given weeks, in words for people who know no task by its id.

use super::StakeholderUpdate;
use super::render::{html, markdown, text};
use crate::plan::event::{Level, RiskAdded, RiskKind, RiskWords};
use crate::plan::id::RiskId;
use crate::report::busy::{WEEK, busy, hostile};
use crate::report::data::LISTED_MAX;
use crate::report::fixture::{World, hold};

fn check(world: &World) -> StakeholderUpdate {
    let forecast = world.forecast();
    let update = world.update(WEEK, Some(&forecast));
    hold(&update.clone().into());
    update
}

#[test]
fn a_busy_week_is_told_by_milestones_and_risks() {
    let update = check(&busy());
    insta::assert_snapshot!("busy_markdown", markdown(&update));
    insta::assert_snapshot!("busy_text", text(&update, 80));
    insta::assert_snapshot!("busy_html", html(&update));
    let json = serde_json::to_string_pretty(&update).expect("a report is JSON");
    insta::assert_snapshot!("busy_json", json);
}

#[test]
fn no_id_of_a_task_a_milestone_or_a_risk_is_shown() {
    let shown = markdown(&check(&busy()));
    for id in ["T-", "M-", "R-1", "B-1", "SP-"] {
        assert!(!shown.contains(id), "{id} in {shown}");
    }
}

#[test]
fn an_empty_week_is_a_valid_report() {
    let mut world = World::new("Europe/Berlin", "2026-11-02T07:00:00Z");
    world.at("2026-11-24T08:00:00Z");
    let update = check(&world);
    insta::assert_snapshot!("empty_markdown", markdown(&update));
    insta::assert_snapshot!("empty_text", text(&update, 80));
}

#[test]
fn hostile_words_stay_words() {
    let update = check(&hostile());
    insta::assert_snapshot!("hostile_markdown", markdown(&update));
    insta::assert_snapshot!("hostile_html", html(&update));
}

#[test]
fn a_long_list_is_counted_in_full_kept_in_part_and_shown_in_less() {
    let mut world = World::new("UTC", "2026-11-02T07:00:00Z");
    let number = 1_200;
    for risk in 1..=number {
        let likely = [Level::Low, Level::High][risk as usize % 2];
        world.record(RiskAdded {
            risk: RiskId(risk),
            words: RiskWords {
                kind: RiskKind::Other,
                text: format!("Risk number {risk}").into(),
                impact: Level::High,
                impact_days: None,
                likelihood: likely,
                mitigation: "".into(),
                owner: "".into(),
            },
        });
    }
    let update = check(&world);
    assert_eq!(update.risks.active_total, number);
    assert_eq!(update.risks.active.len(), LISTED_MAX);
    // The worst stand first, those that weigh the same by number.
    assert_eq!(update.risks.active[0].id, RiskId(1));
    assert_eq!(update.risks.active[1].id, RiskId(3));
    assert!(markdown(&update).contains("… and 1180 more"));
    assert!(html(&update).len() < 10_000);
}
