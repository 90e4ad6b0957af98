//! A plan in layers and the agents that work it down.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use muster::clock::Stopwatch;
use muster_proto::v1;
use tokio::task::JoinHandle;

use super::random::Random;
use super::worker::{Habits, Worker};
use crate::api::Caller;
use crate::daemon::{Agent, Daemon};
use crate::history::Operation;

pub const PROJECT: &str = "yard";

/// No run takes longer.
const LIMIT: Duration = Duration::from_secs(240);
const PHASES: u32 = 3;
const LAYER: u32 = 20;
/// What agents work as, in turn.
const ROLES: [&str; 3] = ["developer", "qa", "backend"];
/// What tasks are for, in turn; a backend agent may take a developer's.
const WANTED: [&str; 3] = ["", "qa", "developer"];
/// The phase that has a criterion.
const GATED: &str = "1";

/// A port that no outgoing connection of this machine is given, so that it is still free after a crash.
pub fn port_apart(random: &mut Random) -> u16 {
    for _ in 0..100 {
        let port = 20_000 + u16::try_from(random.below(12_000)).expect("below 12,000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port of a hundred is free");
}

/// A project with a plan, and its agents.
pub struct Fleet {
    agents: Vec<Agent>,
}

impl Fleet {
    /// Makes the project, its tasks and its agents.
    pub fn muster(daemon: &Daemon, agents: usize, tasks: u32, random: &mut Random) -> Self {
        make_project(daemon, PROJECT, 1_000, 4_000);
        add_tasks(daemon, tasks, random);
        let agents = (1..=agents)
            .zip(ROLES.iter().cycle())
            .map(|(number, role)| register_as(daemon, PROJECT, &format!("agent-{number}"), role));
        Self {
            agents: agents.collect(),
        }
    }

    /// Lets every agent work on a connection of its own.
    pub fn begin(&self, daemon: &Daemon, habits: Habits, random: &mut Random) -> Work {
        let shared = Arc::new(Shared {
            clock: Stopwatch::start(),
            completed: AtomicU32::new(0),
            is_over: AtomicBool::new(false),
        });
        let workers = self.agents.iter().map(|agent| {
            let caller = daemon.caller(Some(&agent.token));
            let shared = Arc::clone(&shared);
            let worker = Worker::new(&agent.name, caller, shared, habits, random.split());
            daemon.spawn(worker.run())
        });
        let workers = workers.collect();
        let gate = daemon.spawn(keep_gate(daemon.coordinator(), Arc::clone(&shared)));
        Work {
            shared,
            workers,
            gate,
        }
    }
}

/// What the agents of one run have in common.
pub struct Shared {
    pub clock: Stopwatch,
    pub completed: AtomicU32,
    is_over: AtomicBool,
}

impl Shared {
    /// Whether there is still time.
    pub fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed) && self.clock.elapsed() < LIMIT
    }
}

/// Agents at work.
pub struct Work {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<Vec<Operation>>>,
    gate: JoinHandle<()>,
}

impl Work {
    /// Waits until so many tasks are known to be complete.
    pub fn until_completed(&self, tasks: u32) {
        while self.shared.completed.load(Ordering::Relaxed) < tasks {
            assert!(
                self.shared.clock.elapsed() < LIMIT,
                "the work does not go on"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether every agent has heard that the plan is complete.
    pub fn is_over(&self) -> bool {
        self.workers.iter().all(JoinHandle::is_finished)
    }

    /// Waits until every agent heard that the plan is complete.
    pub fn finished(self, daemon: &Daemon) -> Vec<Operation> {
        let mut history = Vec::new();
        for worker in self.workers {
            history.extend(daemon.block_on(worker).expect("a worker does not fail"));
        }
        assert!(
            self.shared.clock.elapsed() < LIMIT,
            "the plan was not completed in time"
        );
        daemon
            .block_on(self.gate)
            .expect("the coordinator does not fail");
        history
    }
}

/// The coordinator: looks the first phase over when all its tasks are complete, and lets the plan go on.
async fn keep_gate(coordinator: Caller, shared: Arc<Shared>) {
    while shared.goes_on() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let request = v1::ListPhasesRequest {
            project: PROJECT.to_owned(),
            ..v1::ListPhasesRequest::default()
        };
        // The daemon is away now and then.
        let Ok(list) = coordinator.phases().list_phases(request).await else {
            continue;
        };
        let phases = list.into_inner().phases;
        let gated = phases.into_iter().find(|phase| phase.id == GATED);
        let tally = gated.and_then(|phase| phase.tally).unwrap_or_default();
        if tally.completed == 0 || tally.planned + tally.claimed + tally.in_progress > 0 {
            continue;
        }
        let request = v1::MeetCriterionRequest {
            project: PROJECT.to_owned(),
            request_id: "the gate".to_owned(),
            phase: GATED.to_owned(),
            criterion: 1,
            evidence: "looked over".to_owned(),
        };
        if coordinator.phases().meet_criterion(request).await.is_ok() {
            return;
        }
    }
}

/// Makes a project whose leases are short.
pub fn make_project(daemon: &Daemon, slug: &str, lease_min_ms: u64, lease_default_ms: u64) {
    let request = v1::CreateProjectRequest {
        request_id: String::new(),
        slug: slug.to_owned(),
        name: "The yard".to_owned(),
        description: String::new(),
        draft: false,
        template: String::new(),
        settings: Some(v1::ProjectSettings {
            policy: v1::CompletionPolicy::Standard as i32,
            lease_min_ms,
            lease_default_ms,
            strikes: 100,
            ..v1::ProjectSettings::default()
        }),
    };
    let mut projects = daemon.coordinator().projects();
    let made = daemon.block_on(projects.create_project(request));
    made.expect("the project is made");
}

/// Registers a developer who holds one task at a time.
pub fn register(daemon: &Daemon, project: &str, name: &str) -> Agent {
    register_as(daemon, project, name, "developer")
}

fn register_as(daemon: &Daemon, project: &str, name: &str, role: &str) -> Agent {
    let request = v1::RegisterAgentRequest {
        project: project.to_owned(),
        name: name.to_owned(),
        roles: vec![role.to_owned()],
        capacity: 1,
        ..v1::RegisterAgentRequest::default()
    };
    let mut agents = daemon.coordinator().agents();
    let registered = daemon.block_on(agents.register_agent(request));
    let token = registered
        .expect("the agent is registered")
        .into_inner()
        .token;
    Agent {
        name: name.to_owned(),
        token,
    }
}

/// Adds tasks without dependencies to a project.
pub fn add_plain_tasks(daemon: &Daemon, project: &str, titles: &[&str]) -> Vec<v1::Task> {
    let mut phases = daemon.coordinator().phases();
    let phase = v1::CreatePhaseRequest {
        project: project.to_owned(),
        id: "1".to_owned(),
        name: "Work".to_owned(),
        ..v1::CreatePhaseRequest::default()
    };
    daemon
        .block_on(phases.create_phase(phase))
        .expect("the phase is made");
    let tasks = titles.iter().map(|title| v1::NewTask {
        title: (*title).to_owned(),
        phase: "1".to_owned(),
        ..v1::NewTask::default()
    });
    let request = v1::BatchCreateTasksRequest {
        project: project.to_owned(),
        request_id: String::new(),
        tasks: tasks.collect(),
    };
    let mut service = daemon.coordinator().tasks();
    let added = daemon.block_on(service.batch_create_tasks(request));
    added.expect("the tasks are added").into_inner().tasks
}

/// Adds phases and layers of tasks, each of which waits for one or two of the layer above.
fn add_tasks(daemon: &Daemon, count: u32, random: &mut Random) {
    let mut phases = daemon.coordinator().phases();
    for number in 1..=PHASES {
        let request = v1::CreatePhaseRequest {
            project: PROJECT.to_owned(),
            id: number.to_string(),
            name: format!("Stage {number}"),
            criteria: if number.to_string() == GATED {
                vec!["The stage was looked over".to_owned()]
            } else {
                Vec::new()
            },
            ..v1::CreatePhaseRequest::default()
        };
        daemon
            .block_on(phases.create_phase(request))
            .expect("the phase is made");
    }
    let in_phase = count.div_ceil(PHASES);
    let tasks = (0..count).map(|index| {
        let place = index % in_phase;
        let layer = place / LAYER;
        let mut on = Vec::new();
        if layer > 0 {
            let above = index - place + (layer - 1) * LAYER;
            let first = u32::try_from(random.below(u64::from(LAYER))).expect("small");
            let second = u32::try_from(random.below(u64::from(LAYER))).expect("small");
            on = vec![above + first, above + second];
            on.dedup();
        }
        v1::NewTask {
            title: format!("Task {index} of layer {layer}"),
            phase: (index / in_phase + 1).to_string(),
            role: WANTED[index as usize % WANTED.len()].to_owned(),
            dependencies: on.into_iter().map(waits_for).collect(),
            ..v1::NewTask::default()
        }
    });
    let request = v1::BatchCreateTasksRequest {
        project: PROJECT.to_owned(),
        request_id: "the plan".to_owned(),
        tasks: tasks.collect(),
    };
    let mut service = daemon.coordinator().tasks();
    let added = daemon.block_on(service.batch_create_tasks(request));
    assert_eq!(
        added.expect("the plan is added").into_inner().tasks.len(),
        count as usize
    );
}

fn waits_for(index: u32) -> v1::DependencyTarget {
    v1::DependencyTarget {
        on: Some(v1::dependency_target::On::BatchIndex(index)),
    }
}
