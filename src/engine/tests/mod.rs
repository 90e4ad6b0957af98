//! Means shared by the engine's tests: an engine on a store in memory and a clock that stands still.

mod crowd;
mod fault;
mod lease;
mod meter;
mod past;
mod request;
mod restart;
mod snapshots;
mod stop;
mod submit;
mod wait;
mod watch;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::clock::ManualClock;
use crate::plan::command::{Claim, Complete, NewPhase, NewTask};
use crate::plan::event::{Event, TaskClaimed};
use crate::plan::fact::Guards;
use crate::plan::refusal::Reason;
use crate::plan::settings::{Policy, Settings};
use crate::store::memory::MemoryStore;
use crate::store::{Append, Outcome, Reader, Store, StoreError};

const SECOND_MS: u64 = 1_000;
const TERM_MS: u64 = 90_000;

struct Rig {
    clock: Arc<ManualClock>,
    handle: EngineHandle,
    engine: Engine,
    /// Another handle on the logs.
    logs: MemoryStore,
}

fn limits() -> Limits {
    Limits {
        queued_requests: 64,
        waiting_claims: 8,
        watchers: 4,
        projects: 4,
        recent_events: 100,
        snapshot_events: 1_000,
    }
}

fn options(store: impl Store + 'static, clock: &Arc<ManualClock>) -> EngineOptions {
    EngineOptions {
        store: Box::new(store),
        clock: Arc::<ManualClock>::clone(clock),
        limits: limits(),
        guards: Guards::default(),
        snapshots: None,
    }
}

impl Rig {
    fn new() -> Self {
        let logs = MemoryStore::new();
        Self::on(logs.reopen(), logs)
    }

    /// On a store that ends up in `logs`.
    fn on(store: impl Store + 'static, logs: MemoryStore) -> Self {
        let clock = Arc::new(ManualClock::at(1_700_000_000_000));
        Self::with(options(store, &clock), clock, logs)
    }

    fn with(options: EngineOptions, clock: Arc<ManualClock>, logs: MemoryStore) -> Self {
        let (handle, engine) = Engine::start(options).expect("a sound store");
        Self {
            clock,
            handle,
            engine,
            logs,
        }
    }

    /// A project `web` with one phase, that many tasks and agents `dev-1`, `dev-2`, ….
    async fn staffed(self, tasks: usize, agents: usize) -> Self {
        self.create("web").await.unwrap();
        if tasks > 0 {
            self.add_tasks("web", tasks).await;
        }
        for number in 1..=agents {
            self.register("web", &format!("dev-{number}")).await;
        }
        self
    }

    async fn create(&self, slug: &str) -> Result<Answer, EngineError> {
        let settings = Settings {
            policy: Policy::Relaxed,
            ..Settings::default()
        };
        self.ask(
            coordinator(),
            slug,
            Command::CreateProject {
                slug: slug.to_owned(),
                name: slug.to_owned(),
                description: String::new(),
                settings: Box::new(settings),
                draft: false,
            },
        )
        .await?;
        let phase = NewPhase {
            name: "All".to_owned(),
            ..NewPhase::default()
        };
        self.ask(coordinator(), slug, Command::CreatePhases(vec![phase]))
            .await
    }

    async fn add_tasks(&self, slug: &str, count: usize) {
        let tasks = (1..=count).map(|number| NewTask {
            title: format!("Task {number}"),
            ..NewTask::default()
        });
        let command = Command::CreateTasks(tasks.collect());
        self.ask(coordinator(), slug, command).await.unwrap();
    }

    async fn register(&self, slug: &str, agent: &str) {
        let command = register(agent);
        self.ask(coordinator(), slug, command).await.unwrap();
    }

    async fn ask(
        &self,
        actor: Actor,
        project: &str,
        command: Command,
    ) -> Result<Answer, EngineError> {
        let answers = self.handle.submit(one(actor, project, command)).await?;
        let [answer] = answers.try_into().expect("one step has one answer");
        Ok(answer)
    }

    async fn claim(&self, agent: &str) -> Result<TaskClaimed, EngineError> {
        let answer = self.ask(dev(agent), "web", claim()).await?;
        Ok(claimed(&answer))
    }

    async fn complete(&self, agent: &str, held: &TaskClaimed) -> Result<Answer, EngineError> {
        self.ask(dev(agent), "web", complete(held)).await
    }

    /// A claim that waits, on a task of its own.
    fn claim_waiting(&self, agent: &str, wait_ms: u64) -> Waiting {
        let mut submission = one(dev(agent), "web", claim());
        submission.wait = Duration::from_millis(wait_ms);
        self.send(submission)
    }

    fn send(&self, submission: Submission) -> Waiting {
        let handle = self.handle.clone();
        tokio::spawn(async move { handle.submit(submission).await })
    }

    /// Lets time pass and everything follow that is due.
    async fn pass(&self, ms: u64) {
        // What the writer is still busy with must not seem to take that long.
        self.handle.wake().await.unwrap();
        self.clock.advance_ms(ms);
        self.handle.wake().await.unwrap();
    }

    /// Waits until the writer has nothing left to do.
    async fn quiet(&self) {
        tokio::task::yield_now().await;
        self.handle.wake().await.unwrap();
    }

    fn plan(&self) -> Arc<Plan> {
        self.handle.plan("web").unwrap()
    }

    fn stored(&self, project: &str) -> usize {
        let reader = self.logs.reader().unwrap();
        reader.read(project, 0, 10_000).unwrap().len()
    }

    /// Stops this engine and starts another on the same logs.
    fn restart(self) -> Self {
        self.engine.stop(Duration::from_secs(10)).unwrap();
        let options = options(self.logs.reopen(), &self.clock);
        Self::with(options, self.clock, self.logs)
    }
}

type Waiting = tokio::task::JoinHandle<Result<Vec<Answer>, EngineError>>;

async fn granted(waiting: Waiting) -> TaskClaimed {
    let answers = waiting.await.unwrap().unwrap();
    claimed(&answers[0])
}

fn coordinator() -> Actor {
    Actor::Coordinator("ada".into())
}

fn dev(name: &str) -> Actor {
    Actor::Agent(name.into())
}

fn step(project: &str, command: Command) -> Step {
    Step {
        project: project.to_owned(),
        command,
    }
}

fn one(actor: Actor, project: &str, command: Command) -> Submission {
    Submission {
        steps: vec![step(project, command)],
        actor,
        request: None,
        wait: Duration::ZERO,
    }
}

/// The submission under a request id.
fn under(id: &str, mut submission: Submission) -> Submission {
    submission.request = Some(RequestKey {
        id: id.into(),
        digest: format!("{:?}", submission.steps).into(),
    });
    submission
}

fn register(agent: &str) -> Command {
    Command::RegisterAgent {
        agent: agent.to_owned(),
        roles: vec!["developer".to_owned()],
        skills: Vec::new(),
        capacity: 2,
        model: String::new(),
    }
}

fn claim() -> Command {
    Command::ClaimTask(Claim::default())
}

fn complete(held: &TaskClaimed) -> Command {
    Command::CompleteTask(Box::new(Complete {
        task: held.task.to_string(),
        fence: held.fence,
        ..Complete::default()
    }))
}

fn pause() -> Command {
    Command::PauseProject {
        reason: "lunch".to_owned(),
    }
}

fn claimed(answer: &Answer) -> TaskClaimed {
    let mut events = answer.events.iter().rev();
    let found = events.find_map(|recorded| match &recorded.event {
        Event::TaskClaimed(claimed) => Some(claimed.clone()),
        _ => None,
    });
    found.expect("a claim's answer has the claim")
}

fn reason<T: std::fmt::Debug>(result: Result<T, EngineError>) -> Reason {
    match result {
        Err(EngineError::Refused(refusal)) => refusal.reason,
        other => panic!("no refusal: {other:?}"),
    }
}

/// A store whose appends wait for leave and tell how many records they brought.
struct Gate {
    inner: MemoryStore,
    leave: Mutex<Receiver<()>>,
    reached: Sender<usize>,
}

/// The outside of a gate.
struct Keeper {
    leave: Sender<()>,
    reached: Receiver<usize>,
}

fn gate(inner: MemoryStore) -> (Gate, Keeper) {
    let (leave, wait) = channel();
    let (reached, told) = channel();
    let gate = Gate {
        inner,
        leave: Mutex::new(wait),
        reached,
    };
    let keeper = Keeper {
        leave,
        reached: told,
    };
    (gate, keeper)
}

impl Store for Gate {
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        let _ = self.reached.send(batch.len());
        // A keeper that is gone has left the gate open.
        let _ = self.leave.lock().unwrap().recv();
        self.inner.append(batch)
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        self.inner.idle()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }
}

/// Waits until an append stands at the gate; the number of projects in it.
async fn blocked(keeper: &Keeper) -> usize {
    for _ in 0..500 {
        if let Ok(projects) = keeper.reached.try_recv() {
            return projects;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no append came");
}
