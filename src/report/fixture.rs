//! Plans for the tests of reports, made by the same decisions that make real ones.

use std::sync::Arc;

use super::data::Head;
use super::standup::{BeatFacts, Standup, StandupInput};
use crate::plan::command::{Claim, Complete, NewBlocker, NewPhase, NewTask};
use crate::plan::event::{BlockerKind, Event, Recorded, Severity};
use crate::plan::fact::{Actor, Facts, Guards};
use crate::plan::id::TaskId;
use crate::plan::settings::Settings;
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, decide};

/// An instant written in UTC.
pub(super) fn utc(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().expect("an instant");
    Timestamp(instant.as_millisecond())
}

/// A plan, everything that happened to it, and the time.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) events: Vec<Arc<Recorded>>,
    pub(super) now: Timestamp,
}

impl World {
    /// The project "Shop" with phase 1 "Foundation" and no task.
    pub(super) fn new(time_zone: &str, start: &str) -> Self {
        let mut world = Self {
            plan: Plan::default(),
            events: Vec::new(),
            now: utc(start),
        };
        let settings = Settings {
            time_zone: time_zone.to_owned(),
            ..Settings::default()
        };
        world.coordinator(Command::CreateProject {
            slug: "shop".to_owned(),
            name: "Shop".to_owned(),
            description: String::new(),
            settings: Box::new(settings),
            draft: false,
        });
        world.phase("1", "Foundation", &[]);
        world
    }

    /// Goes on to an instant.
    pub(super) fn at(&mut self, instant: &str) -> &mut Self {
        self.now = utc(instant);
        self
    }

    /// Goes on by minutes.
    pub(super) fn wait(&mut self, minutes: i64) -> &mut Self {
        self.now.0 += minutes * 60_000;
        self
    }

    fn carry_out(&mut self, actor: Actor, command: &Command) -> Vec<Event> {
        let facts = Facts {
            now: self.now,
            actor,
            request: None,
            guards: Guards::default(),
        };
        let decided = decide(&self.plan, command, &facts).expect("a command that is allowed");
        self.plan = decided.plan;
        self.events
            .extend(decided.events.iter().cloned().map(Arc::new));
        decided
            .events
            .into_iter()
            .map(|recorded| recorded.event)
            .collect()
    }

    /// What the coordinator does.
    pub(super) fn coordinator(&mut self, command: Command) -> Vec<Event> {
        self.carry_out(Actor::Coordinator("ada".into()), &command)
    }

    /// What an agent does.
    pub(super) fn agent(&mut self, name: &str, command: Command) -> Vec<Event> {
        self.carry_out(Actor::Agent(name.into()), &command)
    }

    /// What the daemon does.
    pub(super) fn daemon(&mut self, command: Command) -> Vec<Event> {
        self.carry_out(Actor::System, &command)
    }

    /// Takes an event in that no command would lead to today.
    pub(super) fn record(&mut self, event: impl Into<Event>) {
        let recorded = Recorded {
            version: self.plan.version() + 1,
            at: self.now,
            actor: Actor::Coordinator("ada".into()),
            session: None,
            request: None,
            event: event.into(),
        };
        self.plan.apply(&recorded);
        self.plan.settle();
        self.events.push(Arc::new(recorded));
    }

    pub(super) fn phase(&mut self, id: &str, name: &str, criteria: &[&str]) {
        self.coordinator(Command::CreatePhases(vec![NewPhase {
            id: id.to_owned(),
            name: name.to_owned(),
            criteria: criteria.iter().map(|&text| text.to_owned()).collect(),
            ..NewPhase::default()
        }]));
    }

    /// Adds a task to a phase, by area.
    pub(super) fn task(&mut self, phase: &str, title: &str, area: &str) -> TaskId {
        let task = NewTask {
            title: title.to_owned(),
            phase: phase.to_owned(),
            area: area.to_owned(),
            ..NewTask::default()
        };
        self.add(task)
    }

    pub(super) fn add(&mut self, task: NewTask) -> TaskId {
        let events = self.coordinator(Command::CreateTasks(vec![task]));
        let added = events.iter().find_map(|event| match event {
            Event::TasksAdded(added) => added.tasks.first().map(|task| task.id),
            _ => None,
        });
        added.expect("a task was added")
    }

    pub(super) fn register(&mut self, agent: &str, role: &str) {
        self.coordinator(Command::RegisterAgent {
            agent: agent.to_owned(),
            roles: vec![role.to_owned()],
            skills: Vec::new(),
            capacity: 4,
            model: String::new(),
        });
    }

    /// Claims and starts a task; its fence.
    pub(super) fn claim(&mut self, agent: &str, task: TaskId, lease_ms: u64) -> u64 {
        let events = self.agent(
            agent,
            Command::ClaimTask(Claim {
                task: task.to_string(),
                lease_ms,
                start: true,
                ..Claim::default()
            }),
        );
        let fence = events.iter().find_map(|event| match event {
            Event::TaskClaimed(claimed) => Some(claimed.fence),
            _ => None,
        });
        fence.expect("the task was claimed")
    }

    pub(super) fn complete(&mut self, agent: &str, task: TaskId, fence: u64, tests: Option<u8>) {
        self.agent(
            agent,
            Command::CompleteTask(Box::new(Complete {
                task: task.to_string(),
                fence,
                summary: "as planned".to_owned(),
                verification: "looked at it".to_owned(),
                tests_passed_percent: tests,
                ..Complete::default()
            })),
        );
    }

    /// Claims, works for some minutes, completes.
    pub(super) fn work(&mut self, agent: &str, task: TaskId, minutes: i64, tests: Option<u8>) {
        let fence = self.claim(agent, task, 0);
        self.wait(minutes);
        self.complete(agent, task, fence, tests);
    }

    pub(super) fn progress(&mut self, agent: &str, task: TaskId, fence: u64, note: &str) {
        self.agent(
            agent,
            Command::ReportProgress {
                task: task.to_string(),
                fence,
                note: note.to_owned(),
                percent: None,
                checked: Vec::new(),
            },
        );
    }

    /// The coordinator says what holds tasks up.
    pub(super) fn block(&mut self, tasks: &[TaskId], reason: &str, path: &str) {
        self.coordinator(Command::OpenBlocker(Box::new(NewBlocker {
            kind: BlockerKind::External,
            tasks: tasks.iter().map(ToString::to_string).collect(),
            phase: String::new(),
            fence: 0,
            reason: reason.to_owned(),
            owner: String::new(),
            resolution_path: path.to_owned(),
            severity: Severity::Medium,
            keep_lease: false,
        })));
    }

    pub(super) fn head(&self) -> Head {
        Head {
            version: self.plan.version(),
            hash: "9f2c41d07be85a36".to_owned(),
        }
    }

    /// The standup of the time since an instant.
    pub(super) fn standup(&self, since: &str, beats: Option<BeatFacts>) -> Standup {
        super::standup::build(StandupInput {
            plan: &self.plan,
            events: &self.events,
            since: utc(since),
            now: self.now,
            beats,
            head: self.head(),
        })
    }

    /// The blocker report of now.
    pub(super) fn blockers(&self) -> super::blockers::BlockerReport {
        super::blockers::build(super::blockers::BlockerInput {
            plan: &self.plan,
            now: self.now,
            head: self.head(),
        })
    }
}
