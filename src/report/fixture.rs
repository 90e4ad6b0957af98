//! Plans for the tests of reports, made by the same decisions that make real ones.

use std::sync::Arc;

use super::data::Head;
use super::document::Document;
use super::html::tests::faults;
use super::oversight::{OversightDigest, OversightInput};
use super::sprint_review::{SprintReview, SprintReviewInput};
use super::stakeholder_update::{StakeholderInput, StakeholderUpdate};
use super::standup::{BeatFacts, Standup, StandupInput};
use super::weekly_review::{WeeklyInput, WeeklyReview};
use super::words::width;
use crate::plan::command::{
    Claim, Complete, NewBlocker, NewMilestone, NewPhase, NewTask, PhaseChanges, PhaseTiming,
};
use crate::plan::event::{BlockerKind, Due, Event, MilestoneKind, Recorded, Severity};
use crate::plan::fact::{Actor, Facts, Guards};
use crate::plan::forecast::Forecast;
use crate::plan::id::{SprintId, TaskId};
use crate::plan::settings::Settings;
use crate::plan::time::Timestamp;
use crate::plan::window::{Window, WindowUnit};
use crate::plan::{Command, Plan, Refusal, decide};

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
        let taken = self.decided(actor, command);
        taken.expect("a command that is allowed")
    }

    /// What a command leads to; none when it is refused, which changes nothing.
    pub(super) fn tried(&mut self, actor: Actor, command: &Command) -> Option<Vec<Event>> {
        self.decided(actor, command).ok()
    }

    fn decided(&mut self, actor: Actor, command: &Command) -> Result<Vec<Event>, Refusal> {
        let facts = Facts {
            now: self.now,
            actor,
            request: None,
            guards: Guards::default(),
        };
        let decided = decide(&self.plan, command, &facts)?;
        self.plan = decided.plan;
        self.events
            .extend(decided.events.iter().cloned().map(Arc::new));
        let events = decided.events.into_iter();
        Ok(events.map(|recorded| recorded.event).collect())
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

    /// Phase 1 gets the first week, which begins on Monday, 2026-11-02, and a milestone `It is written` at its end.
    pub(super) fn first_week(&mut self) {
        let mut settings = self.plan.project().expect("a project").settings.clone();
        settings.start_date = "2026-11-02".parse().ok();
        self.coordinator(Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(settings)),
        });
        let week = Window {
            unit: WindowUnit::Week,
            from: 1,
            to: 1,
        };
        self.coordinator(Command::UpdatePhase {
            phase: "1".to_owned(),
            changes: Box::new(PhaseChanges {
                timing: PhaseTiming {
                    window: Some(week),
                    ..PhaseTiming::default()
                },
                ..PhaseChanges::default()
            }),
        });
        self.coordinator(Command::CreateMilestone(Box::new(NewMilestone {
            name: "It is written".to_owned(),
            kind: MilestoneKind::Ordinary,
            due: Some(Due::Week(1)),
            ..NewMilestone::default()
        })));
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

    /// A forecast of the plan as it is now.
    pub(super) fn forecast(&self) -> Forecast {
        let plan = Arc::new(self.plan.clone());
        plan.forecast(self.now, 7, 100)
            .expect("a plan that is small enough")
    }

    /// The weekly review of the time since an instant.
    pub(super) fn weekly(&self, since: &str, forecast: Option<&Forecast>) -> WeeklyReview {
        super::weekly_review::build(WeeklyInput {
            plan: &self.plan,
            events: &self.events,
            since: utc(since),
            now: self.now,
            forecast,
            attendees: &[],
            head: self.head(),
        })
    }

    /// The stakeholder update of the time since an instant.
    pub(super) fn update(&self, since: &str, forecast: Option<&Forecast>) -> StakeholderUpdate {
        super::stakeholder_update::build(StakeholderInput {
            plan: &self.plan,
            events: &self.events,
            since: utc(since),
            now: self.now,
            forecast,
            head: self.head(),
        })
    }

    /// The review of a sprint.
    pub(super) fn sprint_review(&self, sprint: Option<u32>) -> SprintReview {
        super::sprint_review::build(SprintReviewInput {
            plan: &self.plan,
            sprint: sprint.map(SprintId),
            now: self.now,
            head: self.head(),
        })
    }

    /// The oversight digest of the time since an instant, for a role.
    pub(super) fn oversight(&self, since: &str, role: &str) -> OversightDigest {
        super::oversight::build(OversightInput {
            plan: &self.plan,
            events: &self.events,
            since: utc(since),
            now: self.now,
            beats: None,
            role,
            head: self.head(),
        })
    }
}

/// Everything that any document must hold to, whatever it is about: it reads back from its JSON, fields it does
/// not know are passed over, the same document gives the same bytes, no form holds a control character, text
/// keeps to its columns but for words that are wider, and its HTML is sound.
pub(super) fn hold(document: &Document) {
    let json = document.to_json();
    let read = Document::from_json(&json).expect("a document reads back");
    assert_eq!(read, *document);
    assert_eq!(read.to_json(), json);
    assert_eq!(read.kind(), document.kind());
    let of_later = json.replacen('{', "{\"of_a_later_release\":{\"x\":[1]},", 1);
    assert_eq!(
        Document::from_json(&of_later).expect("unknown fields are passed over"),
        *document
    );
    for columns in [0, 40, 80, 100, 400] {
        let text = document.text(columns);
        assert_eq!(read.text(columns), text);
        let most = columns.max(40);
        for line in text.lines().filter(|line| width(line) > most) {
            let words = line.trim_start().trim_start_matches("- ");
            assert!(!words.contains(' '), "wider than {most}: {line:?}");
        }
    }
    for form in [document.markdown(), document.text(80), document.html()] {
        let strange = form.chars().find(|&c| c.is_control() && c != '\n');
        assert_eq!(strange, None, "{form:?}");
        assert!(form.ends_with('\n') && !form.ends_with("\n\n"), "{form:?}");
    }
    assert_eq!(read.markdown(), document.markdown());
    let html = document.html();
    assert_eq!(read.html(), html);
    assert_eq!(faults(&html), Vec::<String>::new(), "{html}");
    let title = document.title();
    assert!(
        !title.contains(char::is_control) && title.len() < 500,
        "{title:?}"
    );
}
