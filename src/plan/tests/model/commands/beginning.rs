//! What a run begins with: a plan made by hand, a plan file, or the daemon's own log.

use proptest::prelude::Rng;

use crate::plan::command::{Command, NewPhase, NewTask, OnRef};
use crate::plan::day::Day;
use crate::plan::fact::Actor;
use crate::plan::import::{
    ImportedBlocker, ImportedDecision, ImportedDependency, ImportedDiscovered, ImportedHeader,
    ImportedPhase, ImportedPlan, ImportedStatus, ImportedTarget, ImportedTask, Source,
};
use crate::plan::settings::Settings;
use crate::plan::tests::lead;

const AGENTS: [(&str, &str, u32); 4] = [
    ("dev-1", "developer", 1),
    ("dev-2", "backend", 2),
    ("ops-1", "devops", 1),
    ("arch-1", "architect", 3),
];

/// What a run begins with.
#[derive(Debug, Clone, Copy)]
pub enum Beginning {
    /// Two phases and eight tasks, made by hand.
    Made,
    /// A plan file, whose content follows from the numbers.
    File(u16, u16, u16),
    /// The daemon's own log, where tokens are.
    Daemon,
}

impl Beginning {
    /// Mostly a plan made by hand.
    pub fn draw(chance: &mut impl Rng) -> Self {
        let mut below = |limit: u32| u16::try_from(chance.next_u32() % limit).unwrap_or(0);
        match below(16) {
            0 => Self::Daemon,
            1..=4 => Self::File(below(1_000), below(1_000), below(1_000)),
            _ => Self::Made,
        }
    }

    /// The commands it consists of; every one is taken.
    pub fn commands(self) -> Vec<(Actor, Command)> {
        let slug = match self {
            Self::Daemon => "_daemon",
            Self::Made | Self::File(..) => "shop",
        };
        let create = Command::CreateProject {
            slug: slug.to_owned(),
            name: "Shop".to_owned(),
            description: String::new(),
            settings: Box::new(Settings::default()),
            draft: false,
        };
        let agents = AGENTS
            .iter()
            .map(|(name, role, capacity)| Command::RegisterAgent {
                agent: (*name).to_owned(),
                roles: vec![(*role).to_owned()],
                skills: vec!["rust".to_owned()],
                capacity: *capacity,
                model: String::new(),
            });
        let mut commands: Vec<Command> = [create].into_iter().chain(agents).collect();
        match self {
            Self::File(a, b, c) => {
                commands.push(Command::ImportPlan(Box::new(imported(a, b, c))));
            }
            Self::Made | Self::Daemon => made(&mut commands),
        }
        commands.into_iter().map(|it| (lead(), it)).collect()
    }
}

fn made(commands: &mut Vec<Command>) {
    for criteria in [vec![], vec!["it runs".to_owned()]] {
        commands.push(Command::CreatePhases(vec![NewPhase {
            name: "First".to_owned(),
            criteria,
            ..NewPhase::default()
        }]));
    }
    for (place, phase) in ["1", "1", "1", "2", "2", "1", "1", "2"].iter().enumerate() {
        commands.push(Command::CreateTasks(vec![NewTask {
            title: "Begin".to_owned(),
            phase: (*phase).to_owned(),
            dependencies: match place {
                1 => vec![OnRef::Task("T-1".to_owned())],
                4 | 6 => vec![OnRef::AllAbove],
                _ => Vec::new(),
            },
            ..NewTask::default()
        }]));
    }
}

/// A plan file of up to four phases and twelve tasks, with circles and contradictions as files have them.
pub fn imported(a: u16, b: u16, c: u16) -> ImportedPlan {
    let (phases, tasks) = (usize::from(a % 4) + 1, usize::from(b % 12) + 1);
    let (a, b, c) = (usize::from(a), usize::from(b), usize::from(c));
    let statuses = [
        ImportedStatus::Planned,
        ImportedStatus::Planned,
        ImportedStatus::Completed,
        ImportedStatus::InProgress,
        ImportedStatus::Planned,
        ImportedStatus::Deferred,
        ImportedStatus::Blocked,
    ];
    let phase = |place: usize| ImportedPhase {
        id: (c % 3 > 0).then(|| format!("{}", place + c % 2)),
        name: format!("Phase {place}"),
        criteria: if (b + place).is_multiple_of(5) {
            vec!["it runs".to_owned()]
        } else {
            Vec::new()
        },
        status: if (a + place).is_multiple_of(9) {
            ImportedStatus::Completed
        } else {
            ImportedStatus::Planned
        },
        ..ImportedPhase::default()
    };
    let task = |place: usize| {
        let target = match (a * 7 + place * c) % 11 {
            0 => Some(ImportedTarget::AllAbove),
            1 => Some(ImportedTarget::Phase(b % phases)),
            2..=6 => Some(ImportedTarget::Task((place * 5 + c) % tasks)),
            _ => None,
        };
        let dependency = target.map(|target| ImportedDependency {
            text: format!("{target:?}"),
            target,
            line: 1,
        });
        ImportedTask {
            phase: (place * phases / tasks).min(phases - 1),
            title: format!("Task {place}"),
            external_id: (place + b)
                .is_multiple_of(4)
                .then(|| format!("T-{}", place + a % 3)),
            priority: Some(u8::try_from(place % 4).unwrap_or(0)),
            status: statuses[(a + place * b) % statuses.len()],
            dependencies: dependency.into_iter().collect(),
            ..ImportedTask::default()
        }
    };
    ImportedPlan {
        source: Source {
            name: "PLAN.md".to_owned(),
            digest: format!("{a:04}{b:04}{c:04}"),
            bytes: 1,
            status: None,
        },
        header: sprint_of(a, b, c % tasks),
        phases: (0..phases).map(phase).collect(),
        tasks: (0..tasks).map(task).collect(),
        discovered: (0..a % 3)
            .map(|place| ImportedDiscovered {
                title: format!("Found {place}"),
                ..ImportedDiscovered::default()
            })
            .collect(),
        blockers: (0..b % 2)
            .map(|_| ImportedBlocker {
                task_text: "Task".to_owned(),
                task: Some(c % tasks),
                reason: "waits for the bank".to_owned(),
                ..ImportedBlocker::default()
            })
            .collect(),
        decisions: (0..c % 2)
            .map(|_| ImportedDecision {
                question: "Which bank?".to_owned(),
                blocks: vec![a % tasks],
                decided: b.is_multiple_of(3),
                ..ImportedDecision::default()
            })
            .collect(),
        highest_session: u32::from(a % 2 == 0) * 3,
        ..ImportedPlan::default()
    }
}

/// A header that states a sprint, one without days, or nothing.
fn sprint_of(a: usize, b: usize, task: usize) -> ImportedHeader {
    let first = u32::try_from(20_000 + b).unwrap_or(20_000);
    ImportedHeader {
        sprint_goal: (!a.is_multiple_of(3)).then(|| "a first order".to_owned()),
        sprint_days: a.is_multiple_of(2).then(|| (Day(first), Day(first + 9))),
        sprint_tasks: vec![task],
        ..ImportedHeader::default()
    }
}
