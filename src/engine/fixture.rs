//! An engine for tests of what stands on it: its logs are in memory, its clock is moved by hand, and `shop` is its
//! project to begin with.

use std::sync::Arc;
use std::time::Duration;

use super::{Engine, EngineHandle, EngineOptions, Limits, Step, Submission};
use crate::clock::ManualClock;
use crate::plan::Plan;
use crate::plan::command::Command;
use crate::plan::event::Recorded;
use crate::plan::fact::{Actor, Guards};
use crate::plan::settings::Settings;
use crate::store::memory::MemoryStore;

/// Whoever coordinates.
pub(crate) fn lead() -> Actor {
    Actor::Coordinator("lead".into())
}

/// An engine on logs that outlive it.
pub(crate) struct Shop {
    pub clock: Arc<ManualClock>,
    pub handle: EngineHandle,
    logs: MemoryStore,
    engine: Engine,
}

impl Shop {
    /// The project, made at an instant.
    pub async fn at(now_ms: i64) -> Self {
        let shop = Self::on(MemoryStore::new(), Arc::new(ManualClock::at(now_ms)));
        shop.create("shop", "Shop").await;
        shop
    }

    /// One more project.
    pub async fn create(&self, project: &str, name: &str) {
        let create = Command::CreateProject {
            slug: project.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            settings: Box::new(Settings::default()),
            draft: false,
        };
        self.ask_of(project, lead(), create).await;
    }

    fn on(logs: MemoryStore, clock: Arc<ManualClock>) -> Self {
        let options = EngineOptions {
            store: Box::new(logs.reopen()),
            clock: Arc::clone(&clock) as _,
            limits: Limits {
                queued_requests: 100,
                waiting_claims: 100,
                watchers: 100,
                projects: 100,
                recent_events: 10_000,
                snapshot_events: 1_000_000,
            },
            guards: Guards::default(),
            snapshots: None,
        };
        let (handle, engine) = Engine::start(options).expect("a sound store");
        Self {
            clock,
            handle,
            logs,
            engine,
        }
    }

    /// Another engine at the same logs.
    pub fn another(&self) -> Self {
        Self::on(self.logs.reopen(), Arc::clone(&self.clock))
    }

    /// The engine stops, and another one starts from the logs.
    pub fn restart(self) -> Self {
        let stopped = self.engine.stop(Duration::from_secs(10));
        stopped.expect("it is idle");
        Self::on(self.logs, self.clock)
    }

    /// A command that must be taken.
    pub async fn ask(&self, actor: Actor, command: Command) {
        self.ask_of("shop", actor, command).await;
    }

    /// The same of a project.
    pub async fn ask_of(&self, project: &str, actor: Actor, command: Command) {
        let submission = Submission {
            steps: vec![Step {
                project: project.to_owned(),
                command,
            }],
            actor,
            request: None,
            wait: Duration::ZERO,
        };
        let taken = self.handle.submit(submission).await;
        taken.expect("a fine command");
    }

    pub fn plan(&self) -> Arc<Plan> {
        self.handle.plan("shop").expect("it was made")
    }

    /// The whole log.
    pub async fn log(&self) -> Vec<Arc<Recorded>> {
        let log = self.handle.history("shop", 0, 10_000).await;
        log.expect("it is in memory")
    }
}
