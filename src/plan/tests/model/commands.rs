//! A random step as a few small numbers, and the command they stand for in the plan at hand: valid more
//! often than not, so that the runs get somewhere.

use proptest::prelude::*;

use super::super::super::Plan;
use super::super::super::command::{
    Claim, Command, Complete, HeldLeases, NewBlocker, NewDiscovered, NewPhase, NewTask, OnRef,
    Verdict,
};
use super::super::super::event::{
    BlockerKind, ExpiryCause, ReleaseCause, SessionSummary, Severity, TaskChanges,
};
use super::super::super::fact::Actor;
use super::super::super::id::{BlockerId, DecisionId, DiscoveredId, SessionId, TaskId};
use super::super::super::model::{PhaseState, Status};
use super::super::super::role::RoleSpec;
use super::super::super::settings::{PhaseClose, Policy, Settings};
use super::super::super::time::{Estimate, EstimateUnit};
use super::super::{by, lead};
use super::history::History;

/// One step; what the numbers mean depends on the plan.
#[derive(Debug, Clone)]
pub struct Step {
    kind: u8,
    actor: u8,
    a: u16,
    b: u16,
    c: u16,
}

/// A random step.
pub fn step() -> impl Strategy<Value = Step> {
    (0..KINDS, 0..8_u8, 0..1_000_u16, 0..1_000_u16, 0..1_000_u16).prop_map(
        |(kind, actor, a, b, c)| Step {
            kind,
            actor,
            a,
            b,
            c,
        },
    )
}

const AGENTS: [(&str, &str, u32); 4] = [
    ("dev-1", "developer", 1),
    ("dev-2", "backend", 2),
    ("ops-1", "devops", 1),
    ("arch-1", "architect", 3),
];
const ROLES: [&str; 5] = ["", "developer", "backend", "sre", "qa"];
const KINDS: u8 = 100;

/// The commands every run begins with.
pub fn beginning() -> Vec<(Actor, Command)> {
    let mut commands = vec![(
        lead(),
        Command::CreateProject {
            slug: "shop".to_owned(),
            name: "Shop".to_owned(),
            description: String::new(),
            settings: Box::new(Settings::default()),
            draft: false,
        },
    )];
    for (name, role, capacity) in AGENTS {
        commands.push((
            lead(),
            Command::RegisterAgent {
                agent: name.to_owned(),
                roles: vec![role.to_owned()],
                skills: vec!["rust".to_owned()],
                capacity,
                model: String::new(),
            },
        ));
    }
    for criteria in [vec![], vec!["it runs".to_owned()]] {
        let phase = NewPhase {
            name: "First".to_owned(),
            criteria,
            ..NewPhase::default()
        };
        commands.push((lead(), Command::CreatePhases(vec![phase])));
    }
    for (place, phase) in ["1", "1", "1", "2", "2", "1", "1", "2"].iter().enumerate() {
        let task = NewTask {
            title: "Begin".to_owned(),
            phase: (*phase).to_owned(),
            dependencies: match place {
                1 => vec![OnRef::Task("T-1".to_owned())],
                4 | 6 => vec![OnRef::AllAbove],
                _ => Vec::new(),
            },
            ..NewTask::default()
        };
        commands.push((lead(), Command::CreateTasks(vec![task])));
    }
    commands
}

fn pick<T: Clone>(all: &[T], by: u16) -> Option<T> {
    let place = usize::from(by).checked_rem(all.len())?;
    all.get(place).cloned()
}

impl Step {
    pub fn wait_ms(&self) -> i64 {
        i64::from(self.c) * 100
    }

    pub fn settles(&self) -> bool {
        self.b.is_multiple_of(3)
    }

    pub fn is_imaged(&self) -> bool {
        self.a.is_multiple_of(20)
    }

    fn agent(&self) -> &'static str {
        AGENTS[usize::from(self.actor) % AGENTS.len()].0
    }

    /// The coordinator, seldom an agent that has no say.
    fn coordinator(&self) -> Actor {
        if self.c.is_multiple_of(31) {
            by(self.agent())
        } else {
            lead()
        }
    }

    fn any_task(plan: &Plan, by: u16) -> String {
        let tasks: Vec<TaskId> = plan.tasks().map(|view| view.id).collect();
        pick(&tasks, by).map_or_else(|| "T-1".to_owned(), |id| id.to_string())
    }

    /// A task of a status, else any.
    fn task_in(plan: &Plan, statuses: &[Status], by: u16) -> String {
        let tasks: Vec<TaskId> = plan
            .tasks()
            .filter(|view| statuses.contains(&view.state.status))
            .map(|view| view.id)
            .collect();
        pick(&tasks, by).map_or_else(|| Self::any_task(plan, by), |id| id.to_string())
    }

    fn any_phase(plan: &Plan, by: u16) -> String {
        let phases: Vec<String> = plan.phases().map(|phase| phase.id.to_string()).collect();
        pick(&phases, by).unwrap_or_else(|| "1".to_owned())
    }

    /// A holder's task and fence, mostly of the acting agent, seldom late or foreign.
    fn held(&self, plan: &Plan, history: &History) -> (Actor, String, u64) {
        if self.c.is_multiple_of(7)
            && let Some((task, fence)) = pick(&history.fences, self.a)
        {
            let holder = plan.task(task).and_then(|view| view.state.lease.clone());
            let name = holder.map_or(self.agent().to_owned(), |lease| lease.agent.to_string());
            let actor = if self.b.is_multiple_of(2) {
                by(&name)
            } else {
                by(self.agent())
            };
            return (actor, task.to_string(), fence);
        }
        let live: Vec<(TaskId, u64, String)> = plan
            .live()
            .filter_map(|view| {
                let lease = view.state.lease.as_ref()?;
                Some((view.id, lease.fence, lease.agent.to_string()))
            })
            .collect();
        match pick(&live, self.a) {
            Some((id, fence, _)) if self.c.is_multiple_of(11) => {
                (by(self.agent()), id.to_string(), fence)
            }
            Some((id, fence, name)) => (by(&name), id.to_string(), fence),
            None => (
                by(self.agent()),
                Self::any_task(plan, self.a),
                u64::from(self.b % 4),
            ),
        }
    }

    fn on(&self, plan: &Plan, by: u16) -> OnRef {
        match by % 9 {
            0 => OnRef::Phase(Self::any_phase(plan, by / 9)),
            1 => OnRef::AllAbove,
            _ => OnRef::Task(Self::any_task(plan, by / 9)),
        }
    }

    fn estimate(&self) -> Option<Estimate> {
        let unit = [
            EstimateUnit::Minute,
            EstimateUnit::Hour,
            EstimateUnit::Session,
        ];
        (!self.c.is_multiple_of(4)).then(|| Estimate {
            tenths: u32::from(self.c % 70) + 1,
            unit: unit[usize::from(self.c % 3)],
        })
    }

    fn new_task(&self, plan: &Plan, salt: u16) -> NewTask {
        let mut dependencies = Vec::new();
        if !(self.b + salt).is_multiple_of(3) {
            dependencies.push(self.on(plan, self.b / 3 + salt));
        }
        if salt > 0 {
            dependencies.push(OnRef::Batch(usize::from(self.c % salt)));
        }
        NewTask {
            title: format!("Task {salt}"),
            phase: Self::any_phase(plan, self.a / 3),
            external_id: match self.a % 23 {
                0 => format!("SETUP-{}", self.b % 20),
                1 => format!("T-{}", self.b % 60 + 1),
                _ => String::new(),
            },
            area: ["", "API", "Infrastructure"][usize::from(self.b % 3)].to_owned(),
            role: ROLES[usize::from(self.c) % ROLES.len()].to_owned(),
            priority: Some(u8::try_from(self.a % 4).unwrap_or(0)),
            estimate: self.estimate(),
            skills: if self.c.is_multiple_of(5) {
                vec!["rust".to_owned()]
            } else {
                Vec::new()
            },
            dependencies,
            ..NewTask::default()
        }
    }

    /// The command this step stands for.
    pub fn command(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        if !plan.hands_out() && self.b.is_multiple_of(4) {
            return (lead(), Command::ResumeProject);
        }
        match self.kind {
            0..=7 => (self.coordinator(), self.creation(plan)),
            8..=34 => (by(self.agent()), self.claim(plan)),
            35..=64 => self.work(plan, history),
            65..=78 => self.queues(plan, history),
            79..=93 => (self.coordinator(), self.edit(plan)),
            _ => self.house(plan, history),
        }
    }

    fn creation(&self, plan: &Plan) -> Command {
        match self.kind {
            0 | 1 => Command::CreatePhases(vec![NewPhase {
                name: "Another".to_owned(),
                lead_role: ROLES[usize::from(self.c) % ROLES.len()].to_owned(),
                criteria: if self.b.is_multiple_of(3) {
                    vec!["it runs".to_owned()]
                } else {
                    Vec::new()
                },
                predecessors: (self.a % 4 == 1).then(|| vec![Self::any_phase(plan, self.b)]),
                after: if self.a % 4 == 2 {
                    Self::any_phase(plan, self.b)
                } else {
                    String::new()
                },
                ..NewPhase::default()
            }]),
            2..=4 => {
                let count = self.c % 3 + 1;
                let tasks = (0..count).map(|salt| self.new_task(plan, salt));
                Command::CreateTasks(tasks.collect())
            }
            _ => Command::CreateTasks(vec![self.new_task(plan, 0)]),
        }
    }

    fn claim(&self, plan: &Plan) -> Command {
        Command::ClaimTask(Claim {
            task: if self.a.is_multiple_of(6) {
                Self::any_task(plan, self.b)
            } else {
                String::new()
            },
            role: if self.a % 17 == 1 { "developer" } else { "" }.to_owned(),
            session: (self.a % 19 == 1).then(|| SessionId(u32::from(self.b % 9) + 1)),
            lease_ms: u64::from(self.b) * 100,
            start: !self.b.is_multiple_of(4),
            resume: self.kind >= 31,
            model: String::new(),
        })
    }

    fn work(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        let (actor, task, fence) = self.held(plan, history);
        let command = match self.kind {
            35..=38 => Command::StartTask { task, fence },
            39 | 40 => Command::ReportProgress {
                task,
                fence,
                note: "half".to_owned(),
                percent: Some(u8::try_from(self.b % 103).unwrap_or(0)),
            },
            41..=56 => Command::CompleteTask(Box::new(Complete {
                task,
                fence,
                summary: if self.b.is_multiple_of(19) {
                    ""
                } else {
                    "did it"
                }
                .to_owned(),
                verification: "ran it".to_owned(),
                ..Complete::default()
            })),
            57..=60 => Command::ReleaseTask {
                task,
                fence,
                cause: [
                    ReleaseCause::Failed,
                    ReleaseCause::Returned,
                    ReleaseCause::Failed,
                    ReleaseCause::Blocked,
                ][usize::from(self.b % 4)],
                reason: "no luck".to_owned(),
            },
            _ => {
                let id = task.parse().unwrap_or(TaskId(1));
                let cause = if self.b.is_multiple_of(2) {
                    ExpiryCause::Silence
                } else {
                    ExpiryCause::HardLimit
                };
                return (
                    Actor::System,
                    Command::ExpireLease {
                        task: id,
                        fence,
                        cause,
                    },
                );
            }
        };
        (actor, command)
    }

    fn blocker(&self, tasks: Vec<String>, phase: String, fence: u64) -> Command {
        let kinds = [
            BlockerKind::External,
            BlockerKind::Input,
            BlockerKind::Inconsistency,
            BlockerKind::Other,
            BlockerKind::Failure,
        ];
        Command::OpenBlocker(Box::new(NewBlocker {
            kind: kinds[usize::from(self.b) % kinds.len()],
            tasks,
            phase,
            fence,
            reason: "waits for the bank".to_owned(),
            owner: if self.c.is_multiple_of(3) {
                self.agent()
            } else {
                ""
            }
            .to_owned(),
            resolution_path: String::new(),
            severity: Severity::High,
            keep_lease: self.c.is_multiple_of(2),
        }))
    }

    fn queues(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        let open: Vec<BlockerId> = plan.open_blockers().map(|blocker| blocker.id).collect();
        let blocker = pick(&open, self.a).unwrap_or(BlockerId(u32::from(self.a % 5) + 1));
        let someone = if self.b.is_multiple_of(3) {
            by(self.agent())
        } else {
            lead()
        };
        match self.kind {
            65 | 66 => {
                let (actor, task, fence) = self.held(plan, history);
                (actor, self.blocker(vec![task], String::new(), fence))
            }
            67 => {
                let tasks = vec![Self::any_task(plan, self.a), Self::any_task(plan, self.b)];
                let phase = self.c.is_multiple_of(4);
                let phase = phase.then(|| Self::any_phase(plan, self.c));
                (lead(), self.blocker(tasks, phase.unwrap_or_default(), 0))
            }
            68..=70 => {
                let command = Command::ResolveBlocker {
                    blocker,
                    resolution: "the bank answered".to_owned(),
                    withdraw: self.c.is_multiple_of(3),
                };
                (someone, command)
            }
            71 => {
                let (reason, owner) = ("urgent".to_owned(), self.agent().to_owned());
                (
                    someone,
                    Command::EscalateBlocker {
                        blocker,
                        reason,
                        owner,
                    },
                )
            }
            72 | 73 => {
                let command = Command::ReportDiscovered(Box::new(NewDiscovered {
                    title: "Found it".to_owned(),
                    suggested_phase: if self.c.is_multiple_of(2) {
                        Self::any_phase(plan, self.a)
                    } else {
                        String::new()
                    },
                    ..NewDiscovered::default()
                }));
                (someone, command)
            }
            74 | 75 => (self.coordinator(), self.triage(plan)),
            76 => {
                let command = Command::OpenDecision {
                    question: "Which bank?".to_owned(),
                    options: vec!["this".to_owned(), "that".to_owned()],
                    blocks: vec![Self::any_task(plan, self.a), Self::any_task(plan, self.b)],
                };
                (self.coordinator(), command)
            }
            _ => {
                let open: Vec<DecisionId> = plan
                    .decisions()
                    .filter(|decision| decision.answer.is_none())
                    .map(|decision| decision.id)
                    .collect();
                let command = Command::Decide {
                    decision: pick(&open, self.a).unwrap_or(DecisionId(1)),
                    answer: "this".to_owned(),
                    rationale: String::new(),
                    record_uri: String::new(),
                };
                (self.coordinator(), command)
            }
        }
    }

    fn triage(&self, plan: &Plan) -> Command {
        let waiting: Vec<DiscoveredId> = plan.untriaged().map(|found| found.id).collect();
        let discovered = pick(&waiting, self.a).unwrap_or(DiscoveredId(1));
        let verdict = match self.b % 6 {
            0 => Verdict::Defer,
            1 => Verdict::Reject,
            2 => Verdict::Duplicate(format!("D-{}", self.c % 4 + 1)),
            _ => Verdict::Promote {
                phase: String::new(),
                role: String::new(),
                priority: None,
                estimate: self.estimate(),
                dependencies: vec![self.on(plan, self.c)],
            },
        };
        Command::TriageDiscovered {
            discovered,
            verdict,
            note: String::new(),
        }
    }

    fn edit(&self, plan: &Plan) -> Command {
        let reason = "the plan changed".to_owned();
        let task = Self::any_task(plan, self.a);
        let phase = Self::any_phase(plan, self.a);
        match self.kind {
            79 => Command::DeferTask {
                task,
                target: String::new(),
                reason,
            },
            80 => Command::ReinstateTask {
                task: Self::task_in(plan, &[Status::Deferred], self.a),
            },
            81 => Command::CancelTask {
                task,
                reason,
                waive_dependents: self.b.is_multiple_of(2),
            },
            82 => Command::ReopenTask {
                task: Self::task_in(plan, &[Status::Completed], self.a),
                reason,
            },
            83 => Command::RevokeClaim {
                task: Self::task_in(plan, &[Status::Claimed, Status::InProgress], self.a),
                reason,
            },
            84 | 85 => Command::AddDependencies {
                task,
                on: vec![self.on(plan, self.b), self.on(plan, self.c)],
            },
            86 => {
                let on = self.stated(plan, &task);
                Command::RemoveDependency { task, on }
            }
            87 => {
                let on = self.stated(plan, &task);
                Command::WaiveDependency { task, on, reason }
            }
            88 => Command::UpdateTask {
                task,
                changes: Box::new(TaskChanges {
                    priority: Some(u8::try_from(self.b % 4).unwrap_or(0)),
                    role: Some(ROLES[usize::from(self.b) % ROLES.len()].to_owned()),
                    estimate: self.estimate(),
                    skills: self.c.is_multiple_of(4).then(|| vec!["rust".into()]),
                    alias: self
                        .c
                        .is_multiple_of(5)
                        .then(|| format!("A-{}", self.b % 30)),
                    ..TaskChanges::default()
                }),
                revision: u64::from(self.c.is_multiple_of(9)),
            },
            89 => Command::UpdatePhase {
                phase,
                name: None,
                goal: Some("get there".to_owned()),
                criteria_added: Vec::new(),
                predecessors: self
                    .b
                    .is_multiple_of(2)
                    .then(|| vec![Self::any_phase(plan, self.c)]),
            },
            90 => Command::MeetCriterion {
                phase,
                criterion: 1,
                evidence: String::new(),
            },
            91 => Command::OverridePhaseOrder { phase, reason },
            92 => {
                let closed: Vec<String> = plan
                    .phases()
                    .filter(|phase| phase.state != PhaseState::Open)
                    .map(|phase| phase.id.to_string())
                    .collect();
                let phase = pick(&closed, self.b).unwrap_or(phase);
                Command::ReopenPhase { phase, reason }
            }
            _ if self.b.is_multiple_of(4) => Command::SkipPhase { phase, reason },
            _ => {
                let closable: Vec<String> = plan
                    .phases()
                    .filter(|phase| {
                        plan.missing_for_close(phase.no)
                            .is_some_and(|missing| missing.is_empty())
                    })
                    .map(|phase| phase.id.to_string())
                    .collect();
                let phase = pick(&closable, self.b).unwrap_or(phase);
                Command::ClosePhase { phase }
            }
        }
    }

    /// Something the task states, else anything.
    fn stated(&self, plan: &Plan, task: &str) -> OnRef {
        use super::super::super::event::On;
        let id = task.parse().unwrap_or(TaskId(1));
        let stated = plan
            .task(id)
            .map(|view| view.spec.dependencies.to_vec())
            .unwrap_or_default();
        match pick(&stated, self.b).map(|dependency| dependency.on) {
            Some(On::Task(on)) => OnRef::Task(on.to_string()),
            Some(On::Phase(on)) => OnRef::Phase(on.to_string()),
            Some(On::AllAbove) if self.c.is_multiple_of(2) => OnRef::AllAbove,
            Some(On::AllAbove) | None => OnRef::Task(Self::any_task(plan, self.c)),
        }
    }

    fn house(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        let reason = "a holiday".to_owned();
        let session = SessionId(u32::from(self.a % 8) + 1);
        match self.kind {
            94 if self.a.is_multiple_of(3) => (lead(), Command::PauseProject { reason }),
            94 | 95 => (lead(), Command::ResumeProject),
            96 => {
                let command = Command::StartSession {
                    scope: String::new(),
                    model: String::new(),
                    another: self.a.is_multiple_of(2),
                };
                (by(self.agent()), command)
            }
            97 => {
                let leases = [HeldLeases::Refuse, HeldLeases::Release, HeldLeases::Carry];
                let command = Command::EndSession {
                    session: self.a.is_multiple_of(4).then_some(session),
                    summary: SessionSummary::default(),
                    leases: leases[usize::from(self.b % 3)],
                };
                (by(self.agent()), command)
            }
            98 if self.b.is_multiple_of(8) => {
                let agent = self.agent().to_owned();
                (lead(), Command::RetireAgent { agent, reason })
            }
            98 if self.b.is_multiple_of(5) => {
                let role = RoleSpec {
                    slug: format!("role-{}", self.a % 5),
                    title: format!("Role {}", self.a % 5),
                    aliases: Vec::new(),
                    parent: Some("developer".to_owned()),
                    backs_up: Vec::new(),
                };
                (lead(), Command::AddRole(Box::new(role)))
            }
            98 => (Actor::System, Command::AbandonSession { session }),
            _ if self.b.is_multiple_of(8) => (lead(), Command::ArchiveProject { reason }),
            _ if self.b.is_multiple_of(2) => (self.coordinator(), self.settings(plan)),
            _ => self.work(plan, history),
        }
    }

    fn settings(&self, plan: &Plan) -> Command {
        let mut settings = plan
            .project()
            .map_or_else(Settings::default, |project| project.settings.clone());
        settings.session_minutes = u32::from(self.a % 90) + 1;
        settings.strikes = u8::try_from(self.a % 3).unwrap_or(0) + 1;
        settings.phase_close = if self.c.is_multiple_of(2) {
            PhaseClose::ByHand
        } else {
            PhaseClose::Auto
        };
        settings.policy = if self.c.is_multiple_of(3) {
            Policy::Relaxed
        } else {
            Policy::Standard
        };
        let role = ["qa", "devops", "backend"][usize::from(self.a % 3)];
        settings.areas.insert("api".to_owned(), role.to_owned());
        Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(settings)),
        }
    }
}
