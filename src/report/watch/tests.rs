//! Each kind of mark by example: there when it is to be, not there below its limit, and told from the plan.

use super::*;
use crate::plan::Command;
use crate::plan::command::{LinksRef, NewDiscovered, NewMilestone, NewTask, Verdict, Watching};
use crate::plan::event::{Due, Event, MilestoneKind, ReleaseCause};
use crate::plan::id::{DiscoveredId, TaskId};
use crate::plan::model::MARKS_MAX;
use crate::plan::time::{Estimate, EstimateUnit};
use crate::report::fixture::World;

const MINUTE_MS: u64 = 60_000;
const TERM_MS: u64 = 60 * MINUTE_MS;

/// One task, held by an agent since nine o'clock for an hour.
fn world() -> (World, TaskId, u64) {
    let mut world = World::new("UTC", "2026-11-02T09:00:00Z");
    let task = world.task("1", "Write it", "api");
    world.register("dev", "backend");
    let fence = world.claim("dev", task, TERM_MS);
    (world, task, fence)
}

/// What is known beside the log: the holder was heard of just now.
fn beats(world: &World, task: TaskId, remaining_ms: u64) -> BeatFacts {
    BeatFacts {
        at: world.now,
        leases: vec![BeatFact {
            task,
            last_beat: world.now,
            remaining_ms,
        }],
    }
}

fn found(world: &World, beats: &BeatFacts) -> Vec<RaisedMark> {
    present(MarkInput {
        plan: &world.plan,
        now: world.now,
        beats,
        forecast: None,
    })
}

fn kinds(found: &[RaisedMark]) -> Vec<(MarkKind, &str)> {
    found.iter().map(|it| (it.kind, &*it.subject)).collect()
}

fn nothing_beside(world: &World) -> BeatFacts {
    BeatFacts {
        at: world.now,
        leases: Vec::new(),
    }
}

/// Looks, and has recorded what changed.
fn look(world: &mut World, beats: &BeatFacts) -> Vec<Event> {
    let found = found(world, beats);
    world.daemon(Command::Watch(Watching::Mark(found)))
}

#[test]
fn a_lease_is_marked_in_its_last_quarter_and_not_before() {
    let (world, task, _) = world();
    let left = |remaining_ms| found(&world, &beats(&world, task, remaining_ms));
    assert_eq!(left(TERM_MS / 4 + 1), []);
    let marks = left(TERM_MS / 4);
    assert_eq!(kinds(&marks), [(MarkKind::LeaseEnding, "T-1")]);
    let detail = "held by dev; it ends unless it is renewed";
    assert_eq!(&*marks[0].detail, detail);
}

#[test]
fn a_lease_that_is_renewed_at_the_last_moment_again_and_again_is_told_of_once() {
    let (mut world, task, _) = world();
    let mut recorded = 0;
    for minute in 0..60 {
        let left_ms = if minute % 2 == 0 {
            TERM_MS / 5
        } else {
            TERM_MS
        };
        let beats = beats(&world, task, left_ms);
        recorded += look(&mut world, &beats).len();
        world.wait(1);
    }
    // Raised, and taken back and raised again every quarter of an hour at the most.
    assert!(recorded <= 8, "{recorded} events");
    world.wait(20);
    let beats = beats(&world, task, TERM_MS);
    look(&mut world, &beats);
    assert!(world.plan.mark(MarkKind::LeaseEnding, "T-1").is_none());
}

#[test]
fn the_mark_of_a_lease_goes_with_the_lease() {
    let (mut world, task, fence) = world();
    let facts = beats(&world, task, 1);
    look(&mut world, &facts);
    assert!(world.plan.mark(MarkKind::LeaseEnding, "T-1").is_some());
    world.complete("dev", task, fence, None);
    let facts = nothing_beside(&world);
    look(&mut world, &facts);
    assert_eq!(world.plan.marks().count(), 0);
}

#[test]
fn the_mark_of_a_lease_is_not_passed_on_to_who_holds_the_task_next() {
    let (mut world, task, fence) = world();
    let facts = beats(&world, task, 1);
    look(&mut world, &facts);
    world.agent(
        "dev",
        Command::ReleaseTask {
            task: task.to_string(),
            fence,
            cause: ReleaseCause::Returned,
            reason: "lunch".to_owned(),
        },
    );
    world.wait(1);
    world.register("other", "backend");
    world.claim("other", task, TERM_MS);
    let facts = beats(&world, task, TERM_MS);
    look(&mut world, &facts);
    assert!(world.plan.mark(MarkKind::LeaseEnding, "T-1").is_none());
}

/// A task of an hour that is held, and given back after some minutes.
fn estimated() -> (World, TaskId) {
    let mut world = World::new("UTC", "2026-11-02T09:00:00Z");
    let task = world.add(NewTask {
        title: "Write it".to_owned(),
        phase: "1".to_owned(),
        area: "api".to_owned(),
        estimate: Some(Estimate {
            tenths: 10,
            unit: EstimateUnit::Hour,
        }),
        ..NewTask::default()
    });
    world.register("dev", "backend");
    (world, task)
}

#[test]
fn work_past_twice_its_estimate_is_marked_over_all_attempts() {
    let (mut world, task) = estimated();
    let fence = world.claim("dev", task, 0);
    world.wait(90);
    world.agent(
        "dev",
        Command::ReleaseTask {
            task: task.to_string(),
            fence,
            cause: crate::plan::event::ReleaseCause::Returned,
            reason: "tomorrow".to_owned(),
        },
    );
    assert_eq!(found(&world, &nothing_beside(&world)), [], "nobody has it");
    world.claim("dev", task, 0);
    world.wait(30);
    assert_eq!(
        found(&world, &beats(&world, task, TERM_MS)),
        [],
        "as long as twice"
    );
    world.wait(1);
    let marks = found(&world, &beats(&world, task, TERM_MS));
    assert_eq!(kinds(&marks), [(MarkKind::OverEstimate, "T-1")]);
    assert_eq!(&*marks[0].detail, "estimated at 1 hour, held by dev");
}

#[test]
fn work_without_an_estimate_is_never_past_it() {
    let (mut world, task, _) = world();
    world.wait(10_000);
    assert_eq!(found(&world, &beats(&world, task, TERM_MS)), []);
}

#[test]
fn a_phase_is_marked_the_day_after_its_window_and_a_milestone_the_day_after_its_own() {
    let (mut world, task, _) = world();
    world.first_week();
    world.at("2026-11-08T23:59:59Z");
    assert_eq!(found(&world, &beats(&world, task, TERM_MS)), []);
    world.at("2026-11-09T00:00:00Z");
    let marks = found(&world, &beats(&world, task, TERM_MS));
    assert_eq!(
        kinds(&marks),
        [
            (MarkKind::PhaseLate, "1"),
            (MarkKind::MilestoneAtRisk, "M-1")
        ]
    );
    assert_eq!(&*marks[0].detail, "its window ended on 2026-11-08");
    assert_eq!(&*marks[1].detail, "was due on 2026-11-08");
    let facts = beats(&world, task, TERM_MS);
    look(&mut world, &facts);
    let inbox = crate::report::sprint::inbox(&world.plan, world.now);
    let commands: Vec<&str> = inbox.iter().map(|it| it.command.as_str()).collect();
    let once = ["phase show 1", "milestone miss M-1 --reason …"];
    assert!(once.iter().all(|it| commands.contains(it)), "{commands:?}");
    assert!(!commands.contains(&"milestone list"), "{commands:?}");
}

/// So many tasks of eight hours, and one agent.
fn days_of_work(tasks: u32) -> World {
    let mut world = World::new("UTC", "2026-11-02T09:00:00Z");
    for number in 1..=tasks {
        world.add(NewTask {
            title: format!("Task {number}"),
            phase: "1".to_owned(),
            area: "api".to_owned(),
            estimate: Some(Estimate {
                tenths: 80,
                unit: EstimateUnit::Hour,
            }),
            ..NewTask::default()
        });
    }
    world.register("dev", "backend");
    world
}

/// A milestone that is reached with phase 1.
fn milestone(world: &mut World, due: &str) {
    world.coordinator(Command::CreateMilestone(Box::new(NewMilestone {
        name: format!("by {due}"),
        kind: MilestoneKind::Ordinary,
        due: Some(Due::Day(due.parse().expect("a day"))),
        links: LinksRef {
            phases: vec!["1".to_owned()],
            ..LinksRef::default()
        },
        ..NewMilestone::default()
    })));
}

#[test]
fn a_milestone_is_marked_when_a_forecast_reaches_it_too_late() {
    let mut world = days_of_work(4);
    milestone(&mut world, "2026-11-03");
    milestone(&mut world, "2027-11-03");
    let forecast = world.forecast();
    let with = |forecast| {
        present(MarkInput {
            plan: &world.plan,
            now: world.now,
            beats: &nothing_beside(&world),
            forecast,
        })
    };
    assert_eq!(with(None), [], "nobody can tell");
    let marks = with(Some((&forecast, world.now)));
    assert_eq!(kinds(&marks), [(MarkKind::MilestoneAtRisk, "M-1")]);
    assert_eq!(&*marks[0].detail, "a forecast reaches it after 2026-11-03");
}

#[test]
fn a_milestone_that_is_reached_on_its_very_day_keeps_its_mark_and_gets_none() {
    let mut world = days_of_work(3);
    milestone(&mut world, "2027-11-03");
    let forecast = world.forecast();
    let likely = milestones::Milestones::of(
        &world.plan,
        &zone_of(&world.plan),
        world.now,
        world.now,
        Some(&forecast),
    );
    // A second one, due on the very day on which both are reached.
    let day = likely.ahead[0].likely_date.clone();
    milestone(&mut world, &day);
    let forecast = world.forecast();
    let look = |world: &World| {
        present(MarkInput {
            plan: &world.plan,
            now: world.now,
            beats: &nothing_beside(world),
            forecast: Some((&forecast, world.now)),
        })
    };
    assert_eq!(look(&world), []);
    let marked = mark(MarkKind::MilestoneAtRisk, "M-2", "a forecast".to_owned());
    world.daemon(Command::Watch(Watching::Mark(vec![marked])));
    assert_eq!(kinds(&look(&world)), [(MarkKind::MilestoneAtRisk, "M-2")]);
}

#[test]
fn an_agent_is_marked_that_holds_a_task_and_is_silent_and_no_other() {
    let (mut world, task, fence) = world();
    world.register("idle", "backend");
    let mut facts = beats(&world, task, TERM_MS);
    world.wait(30);
    assert_eq!(
        found(&world, &facts),
        [],
        "half of its long lease is allowed"
    );
    world.wait(1);
    let marks = found(&world, &facts);
    assert_eq!(kinds(&marks), [(MarkKind::AgentSilent, "dev")]);
    assert_eq!(&*marks[0].detail, "holds T-1");
    facts.leases[0].last_beat = world.now;
    assert_eq!(found(&world, &facts), [], "it was heard of");
    world.wait(40);
    world.complete("dev", task, fence, None);
    world.wait(1_000);
    assert_eq!(
        found(&world, &nothing_beside(&world)),
        [],
        "it has nothing to do"
    );
}

fn discover(world: &mut World, many: usize) {
    for number in 0..many {
        world.coordinator(Command::ReportDiscovered(Box::new(NewDiscovered {
            title: format!("Found {number}"),
            ..NewDiscovered::default()
        })));
    }
}

#[test]
fn the_discovered_queue_is_marked_while_it_grows_by_half_in_a_day() {
    let mut world = World::new("UTC", "2026-11-02T09:00:00Z");
    let grows = |world: &World| !found(world, &nothing_beside(world)).is_empty();
    discover(&mut world, 4);
    assert!(!grows(&world), "too few");
    discover(&mut world, 2);
    assert!(grows(&world));
    world.wait(24 * 60);
    assert!(!grows(&world), "as long as a day before");
    discover(&mut world, 2);
    assert!(!grows(&world), "by a third");
    discover(&mut world, 1);
    assert!(grows(&world), "by a half");
    let marks = found(&world, &nothing_beside(&world));
    assert_eq!(kinds(&marks), [(MarkKind::DiscoveredGrowing, "discovered")]);
    world.coordinator(Command::TriageDiscovered {
        discovered: DiscoveredId(1),
        verdict: Verdict::Reject,
        note: String::new(),
    });
    assert!(!grows(&world), "one was triaged");
}

#[test]
fn a_report_tells_of_marks_where_there_are_some_and_of_none_where_there_are_none() {
    let (mut world, task, _) = world();
    let since = "2026-11-02T00:00:00Z";
    let told = |world: &World| {
        let standup = world.standup(since, None);
        [
            crate::report::standup::render::text(&standup, 100),
            crate::report::weekly_review::render::text(&world.weekly(since, None), 100),
            crate::report::oversight::render::text(&world.oversight(since, ""), 100),
        ]
    };
    for text in told(&world) {
        assert!(!text.contains("Marks"), "{text}");
    }
    let facts = beats(&world, task, 1);
    look(&mut world, &facts);
    let texts = told(&world);
    for text in &texts {
        assert!(text.contains("Marks (1)"), "{text}");
        assert!(
            text.contains("the lease of T-1 runs out (Write it)"),
            "{text}"
        );
        assert!(text.contains("muster task show T-1"), "{text}");
    }
    world.wait(3);
    let later = told(&world);
    let section = |text: &str| {
        let from = text.find("Marks (1)").expect("a section");
        text[from..from + 120].to_owned()
    };
    for (one, other) in texts.iter().zip(&later) {
        assert_eq!(
            section(one),
            section(other),
            "it says nothing that changes by the minute"
        );
    }
}

#[test]
fn a_report_says_that_marks_were_left_out() {
    let mut world = World::new("UTC", "2026-11-02T09:00:00Z");
    let many = (0..=MARKS_MAX).map(|number| {
        mark(
            MarkKind::AgentSilent,
            &format!("agent-{number}"),
            String::new(),
        )
    });
    let many: Vec<RaisedMark> = many.collect();
    world.daemon(Command::Watch(Watching::Mark(many)));
    assert!(world.plan.marks_are_full());
    let standup = world.standup("2026-11-02T00:00:00Z", None);
    assert_eq!(standup.marks.total, 200);
    let text = crate::report::standup::render::text(&standup, 100);
    assert!(
        text.contains("No more than 200 marks stand at one time"),
        "{text}"
    );
}
