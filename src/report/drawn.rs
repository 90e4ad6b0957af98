//! Random projects for reports: whatever people and agents do that a plan allows, then every report of it. What
//! is refused changes nothing.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::document::Document;
use super::fixture::{World, hold};
use super::standup::{BeatFact, BeatFacts};
use crate::plan::Command;
use crate::plan::command::{
    CarryTo, Complete, Held, HomeRef, NewBlocker, NewDeliverable, NewDiscovered, NewMilestone,
    NewRisk, NewSprint, NewTask, Ruling,
};
use crate::plan::day::Day;
use crate::plan::event::{
    BlockerKind, Due, Event, Level, MilestoneKind, ReleaseCause, RiskKind, RiskStatus, Severity,
    Urgency,
};
use crate::plan::fact::Actor;
use crate::plan::id::{
    BlockerId, DecisionId, DeliverableId, MilestoneId, RiskId, SprintId, TaskId,
};
use crate::plan::time::{Estimate, EstimateUnit};

/// A step: what, of whom or which, and how long after the one before in minutes.
type Step = (u8, u32, u32, i64);

const WORDS: [&str; 5] = [
    "Plain words",
    "<script>\"x'&</script>",
    "`a` | b ## [c](d)",
    "日本語の題名がとても長く続いている題名",
    "",
];

fn take(world: &mut World, step: Step) {
    let (what, one, other, minutes) = step;
    world.wait(minutes);
    let words = WORDS[other as usize % WORDS.len()].to_owned();
    let task = format!("T-{}", one % 6 + 1);
    let ada = || Actor::Coordinator("ada".into());
    let agent = || Actor::Agent(if other % 2 == 0 { "dana" } else { "quinn" }.into());
    let day = Day(20_780 + other % 30);
    let level = [Level::Low, Level::Medium, Level::High][one as usize % 3];
    let command = match what {
        0 => Command::CreateTasks(vec![NewTask {
            title: format!("Task {words}"),
            phase: if one % 8 == 0 { "1" } else { "2" }.to_owned(),
            area: ["", "", "", "Features", "Quality"][other as usize % 5].to_owned(),
            estimate: Some(Estimate {
                tenths: 10 + other % 40,
                unit: EstimateUnit::Hour,
            }),
            ..NewTask::default()
        }]),
        1 => return work(world, &task, agent(), other),
        2 => Command::OpenBlocker(Box::new(NewBlocker {
            kind: BlockerKind::External,
            tasks: vec![task],
            phase: String::new(),
            fence: 0,
            reason: format!("In the way: {words}"),
            owner: ["", "qa", "dana"][one as usize % 3].to_owned(),
            resolution_path: words,
            severity: [Severity::Low, Severity::Critical][one as usize % 2],
            keep_lease: false,
        })),
        3 => Command::ResolveBlocker {
            blocker: BlockerId(one % 4 + 1),
            resolution: format!("Settled {words}"),
            withdraw: other % 3 == 0,
        },
        4 => Command::EscalateBlocker {
            blocker: BlockerId(one % 4 + 1),
            reason: format!("Still {words}"),
            owner: String::new(),
        },
        5 => Command::PlanSprint(Box::new(NewSprint {
            goal: format!("Goal {words}"),
            start: day,
            end: Day(day.0 + one % 9),
            tasks: vec![task],
        })),
        6 => Command::CommitSprint {
            sprint: SprintId(one % 3 + 1),
            tasks: vec![task],
        },
        7 => Command::CloseSprint {
            sprint: SprintId(one % 3 + 1),
            carry_to: [CarryTo::Nowhere, CarryTo::Next][other as usize % 2],
        },
        8 => Command::ChangeSprint {
            sprint: SprintId(one % 3 + 1),
            add: vec![task],
            remove: vec![format!("T-{}", other % 6 + 1)],
            reason: format!("Because {words}"),
        },
        9 => Command::CreateMilestone(Box::new(NewMilestone {
            name: format!("Milestone {words}"),
            kind: [MilestoneKind::Ordinary, MilestoneKind::Launch][one as usize % 2],
            due: (other % 3 > 0).then_some(Due::Day(day)),
            links: crate::plan::command::LinksRef {
                tasks: vec![task],
                ..Default::default()
            },
            ..NewMilestone::default()
        })),
        10 => Command::MissMilestone {
            milestone: MilestoneId(one % 3 + 1),
            reason: format!("Too late {words}"),
        },
        11 => Command::CreateRisk(Box::new(NewRisk {
            kind: RiskKind::Schedule,
            text: format!("Risk {words}"),
            impact: level,
            impact_days: Some(other),
            likelihood: Level::High,
            ..NewRisk::default()
        })),
        12 => Command::MoveRisk {
            risk: RiskId(one % 3 + 1),
            to: [
                RiskStatus::Mitigated,
                RiskStatus::Accepted,
                RiskStatus::Occurred,
            ][other as usize % 3],
            note: format!("Note {words}"),
            holds: Held::default(),
        },
        13 => Command::OpenDecision {
            question: format!("Which {words}?"),
            options: Vec::new(),
            blocks: if other % 2 == 0 {
                vec![task]
            } else {
                Vec::new()
            },
            phases: Vec::new(),
            selectors: Vec::new(),
        },
        14 => Command::Decide {
            decision: DecisionId(one % 3 + 1),
            ruling: Box::new(Ruling {
                answer: format!("This {words}"),
                ..Ruling::default()
            }),
        },
        15 => Command::DeferTask {
            task,
            target: String::new(),
            reason: words,
        },
        16 => Command::ReopenTask {
            task,
            reason: format!("Again {words}"),
        },
        17 => Command::CreateDeliverable(Box::new(NewDeliverable {
            name: format!("Deliverable {words}"),
            home: match one % 2 {
                0 => HomeRef {
                    workflow: "Release".to_owned(),
                    ..HomeRef::default()
                },
                _ => HomeRef {
                    task,
                    ..HomeRef::default()
                },
            },
            ..NewDeliverable::default()
        })),
        18 => Command::SubmitDeliverable {
            deliverable: DeliverableId(one % 3 + 1),
            artefact: format!("file {words}"),
            note: String::new(),
        },
        19 => Command::RevokeClaim {
            task,
            reason: format!("Away {words}"),
        },
        20 => Command::CancelTask {
            task,
            reason: format!("Not needed {words}"),
            waive_dependents: true,
        },
        _ => {
            let found = Command::ReportDiscovered(Box::new(NewDiscovered {
                title: format!("Found {words}"),
                ..NewDiscovered::default()
            }));
            world.tried(agent(), &found);
            return;
        }
    };
    world.tried(ada(), &command);
}

/// Claims a task, and completes it, fails at it, or holds on to it.
fn work(world: &mut World, task: &str, agent: Actor, how: u32) {
    let claim = Command::ClaimTask(crate::plan::command::Claim {
        task: task.to_owned(),
        start: true,
        ..Default::default()
    });
    let claimed = world.tried(agent.clone(), &claim).unwrap_or_default();
    let fence = claimed.iter().find_map(|event| match event {
        Event::TaskClaimed(claimed) => Some(claimed.fence),
        _ => None,
    });
    let Some(fence) = fence else { return };
    world.wait(i64::from(how));
    let task = task.to_owned();
    let command = match how % 4 {
        0 | 1 => Command::CompleteTask(Box::new(Complete {
            task,
            fence,
            summary: "done".to_owned(),
            verification: "looked at it".to_owned(),
            ..Complete::default()
        })),
        2 => Command::ReleaseTask {
            task,
            fence,
            cause: ReleaseCause::Failed,
            reason: "it does not work".to_owned(),
        },
        _ => return,
    };
    world.tried(agent, &command);
}

fn documents(world: &World) -> Vec<Document> {
    let since = "2026-11-24T08:00:00Z";
    let forecast = world.forecast();
    let beats = BeatFacts {
        at: world.now,
        leases: vec![BeatFact {
            task: TaskId(1),
            last_beat: world.now,
            remaining_ms: 1,
        }],
    };
    let mut all: Vec<Document> = vec![
        world.standup(since, Some(beats)).into(),
        world.blockers().into(),
        world.weekly(since, Some(&forecast)).into(),
        world.weekly(since, None).into(),
        world.update(since, Some(&forecast)).into(),
        world.update(since, None).into(),
    ];
    all.extend([None, Some(1), Some(2), Some(99)].map(|it| world.sprint_review(it).into()));
    all.extend(["", "qa", "Developer", "nobody"].map(|it| world.oversight(since, it).into()));
    all
}

fn world() -> World {
    let mut world = World::new("Europe/Berlin", "2026-11-23T07:00:00Z");
    world.phase("2", "Build", &["It runs"]);
    world.register("dana", "developer");
    world.register("quinn", "qa");
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_every_report_holds(
        steps in prop::collection::vec((0..22_u8, 0..64_u32, 0..64_u32, 0..900_i64), 0..40),
    ) {
        let mut world = world();
        for step in steps {
            take(&mut world, step);
        }
        let first = documents(&world);
        for document in &first {
            hold(document);
            prop_assert!(document.urgency() >= Urgency::Info);
        }
        prop_assert_eq!(documents(&world), first);
    }
}

#[test]
fn most_steps_of_the_random_projects_are_taken() {
    let mut world = world();
    for round in 0..12 {
        for what in 0..22 {
            take(&mut world, (what, round, round + u32::from(what), 30));
        }
    }
    let taken: BTreeSet<&str> = world.events.iter().map(|it| it.event.kind()).collect();
    let wanted = [
        "TaskCompleted",
        "TaskReleased",
        "TaskReopened",
        "TaskDeferred",
        "BlockerOpened",
        "BlockerResolved",
        "SprintCommitted",
        "SprintClosed",
        "MilestoneAdded",
        "RiskAdded",
        "RiskMoved",
        "DecisionDecided",
        "DeliverableSubmitted",
        "TaskDiscovered",
    ];
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|kind| !taken.contains(kind))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
