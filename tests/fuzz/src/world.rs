//! The plan that requests meet: a project with something of everything on an engine that keeps its log in
//! memory, behind the same gate as over the wire. The same at every start.

use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use muster::api::{Api, ApiOptions, without_port};
use muster::clock::ManualClock;
use muster::engine::{
    Answer, DAEMON, Engine, EngineHandle, EngineOptions, Limits, Step, Submission,
};
use muster::plan::Command;
use muster::plan::command::{Claim, NewBlocker, NewDiscovered, NewPhase, NewTask, OnRef};
use muster::plan::event::{BlockerKind, Principal, Severity};
use muster::plan::fact::{Actor, Guards};
use muster::plan::settings::Settings;
use muster::store::memory::MemoryStore;
use muster::store::{Append, Record, Store as _};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use super::codec::Raw;
use super::interface::Method;

/// When everything happens, in milliseconds since 1970.
const NOW_MS: i64 = 1_700_000_000_000;
/// SHA-256 of the word `secret`, in hexadecimal: the hash of every token's secret here.
const SECRET_HASH: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

/// The tokens' bearers: a coordinator, the agent that holds T-1, an agent without work, an observer.
pub const BEARERS: [&str; 4] = [
    "muster_lead_secret",
    "muster_dev1_secret",
    "muster_dev2_secret",
    "muster_eyes_secret",
];

/// A served engine of its own.
pub struct World {
    /// The engine behind it.
    pub handle: EngineHandle,
    api: Api,
    engine: Option<Engine>,
    runtime: tokio::runtime::Runtime,
}

/// The log of each project that the world begins with.
pub static LOGS: LazyLock<Vec<(String, Vec<Record>)>> = LazyLock::new(first_logs);

fn engine(store: MemoryStore) -> (EngineHandle, Engine) {
    Engine::start(EngineOptions {
        store: Box::new(store),
        clock: Arc::new(ManualClock::at(NOW_MS)),
        limits: Limits {
            queued_requests: 16,
            waiting_claims: 16,
            watchers: 16,
            projects: 16,
            recent_events: 8,
            snapshot_events: u64::MAX,
        },
        snapshots: None,
        guards: Guards::default(),
    })
    .expect("the log is sound")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime needs no more than memory")
}

fn first_logs() -> Vec<(String, Vec<Record>)> {
    let store = MemoryStore::new();
    let reader = store.reader().expect("memory can be read");
    let (handle, engine) = engine(store);
    runtime().block_on(async {
        for (project, actor, command) in beginning() {
            let told = format!("{command:?}");
            let step = Step { project, command };
            let outcome = submit(&handle, actor, step).await;
            outcome.unwrap_or_else(|error| panic!("{told}: {error}"));
        }
    });
    engine.stop(Duration::from_secs(60)).expect("it is idle");
    let heads = reader.heads().expect("memory can be read");
    let log = |project: &str| reader.read(project, 0, 1_000).expect("memory can be read");
    let logs = heads.into_iter();
    logs.map(|head| (head.project.clone(), log(&head.project)))
        .collect()
}

async fn submit(
    handle: &EngineHandle,
    actor: Actor,
    step: Step,
) -> Result<Vec<Answer>, muster::engine::EngineError> {
    handle
        .submit(Submission {
            steps: vec![step],
            actor,
            request: None,
            wait: Duration::ZERO,
        })
        .await
}

fn lead() -> Actor {
    Actor::Coordinator("lead".into())
}

/// What led to the plan.
fn beginning() -> Vec<(String, Actor, Command)> {
    let mut commands = tokens();
    let mut ask = |actor: Actor, command| commands.push(("shop".to_owned(), actor, command));
    ask(
        lead(),
        Command::CreateProject {
            slug: "shop".to_owned(),
            name: "Shop".to_owned(),
            description: String::new(),
            settings: Box::new(Settings::default()),
            draft: false,
        },
    );
    for agent in ["dev-1", "dev-2"] {
        let command = Command::RegisterAgent {
            agent: agent.to_owned(),
            roles: vec!["developer".to_owned()],
            skills: Vec::new(),
            capacity: 2,
            model: String::new(),
        };
        ask(lead(), command);
    }
    let phase = |name: &str| NewPhase {
        name: name.to_owned(),
        criteria: vec!["it runs".to_owned()],
        ..NewPhase::default()
    };
    ask(
        lead(),
        Command::CreatePhases(vec![phase("Base"), phase("Shop")]),
    );
    let task = |phase: &str, dependencies: Vec<OnRef>| NewTask {
        title: "A task".to_owned(),
        phase: phase.to_owned(),
        dependencies,
        ..NewTask::default()
    };
    let tasks = vec![
        task("1", Vec::new()),
        task("1", vec![OnRef::Batch(0)]),
        task("1", Vec::new()),
        task("1", vec![OnRef::AllAbove]),
        task("2", Vec::new()),
        task("2", vec![OnRef::Phase("1".to_owned())]),
    ];
    ask(lead(), Command::CreateTasks(tasks));
    let claim = Claim {
        task: "T-1".to_owned(),
        start: true,
        ..Claim::default()
    };
    let dev = || Actor::Agent("dev-1".into());
    ask(dev(), Command::ClaimTask(claim));
    let found = NewDiscovered {
        title: "Found".to_owned(),
        ..NewDiscovered::default()
    };
    ask(dev(), Command::ReportDiscovered(Box::new(found)));
    let blocker = NewBlocker {
        kind: BlockerKind::External,
        tasks: vec!["T-3".to_owned()],
        phase: String::new(),
        fence: 0,
        reason: "waits for the bank".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity: Severity::High,
        keep_lease: false,
    };
    ask(lead(), Command::OpenBlocker(Box::new(blocker)));
    let decision = Command::OpenDecision {
        question: "Which bank?".to_owned(),
        options: vec!["this".to_owned(), "that".to_owned()],
        phases: Vec::new(),
        selectors: Vec::new(),
        blocks: vec!["T-5".to_owned()],
    };
    ask(lead(), decision);
    commands
}

fn tokens() -> Vec<(String, Actor, Command)> {
    let agent = |name: &str| Principal::Agent {
        name: name.into(),
        project: "shop".into(),
    };
    let principals = [
        (
            "lead",
            Principal::Coordinator {
                name: "lead".into(),
            },
        ),
        ("dev1", agent("dev-1")),
        ("dev2", agent("dev-2")),
        (
            "eyes",
            Principal::Observer {
                name: "eyes".into(),
                project: None,
            },
        ),
    ];
    let issue = |(token, principal): (&str, Principal)| {
        let command = Command::IssueToken {
            token: token.into(),
            secret_hash: SECRET_HASH.into(),
            principal,
        };
        (DAEMON.to_owned(), Actor::System, command)
    };
    principals.into_iter().map(issue).collect()
}

impl World {
    /// A fresh one.
    pub fn new() -> Self {
        let mut store = MemoryStore::new();
        let append = |(project, records): &(String, Vec<Record>)| Append {
            project: project.clone(),
            expected_version: 0,
            epoch: 0,
            records: records.clone(),
        };
        let batch: Vec<Append> = LOGS.iter().map(append).collect();
        store.append(&batch).expect("the log is sound");
        let (handle, engine) = engine(store);
        let api = Api::new(
            handle.clone(),
            ApiOptions {
                defaults: Settings::default(),
                usual_schedules: false,
                page_size_max: 100,
                import_bytes: 1 << 20,
                message_bytes: 1 << 20,
                commands: muster::probe::Commands::default(),
                channels: muster::notify::Channels::default(),
            },
        );
        Self {
            handle,
            api,
            engine: Some(engine),
            runtime: runtime(),
        }
    }

    /// Sends bytes to a method; none when the call waits for something that does not happen.
    pub fn send(
        &self,
        method: &Method,
        authorization: &[u8],
        message: Vec<u8>,
    ) -> Option<Result<Vec<u8>, Status>> {
        // A header that HTTP does not carry never reaches the daemon.
        let header = MetadataValue::try_from(authorization).ok()?;
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", header);
        let path = PathAndQuery::try_from(method.path.as_str()).expect("a path");
        self.runtime.block_on(async {
            let mut client = Grpc::new(without_port(&self.api));
            client.ready().await.expect("it is always ready");
            if method.streams {
                let call = client.server_streaming(request, path, Raw);
                let head = self.unless_it_waits(method, call).await?;
                return Some(head.map(|_| Vec::new()));
            }
            let call = client.unary(request, path, Raw);
            let answer = self.unless_it_waits(method, call).await?;
            Some(answer.map(Response::into_inner))
        })
    }

    /// A claim waits for a task as long as it says: it is given up once the writer has nothing left to do.
    async fn unless_it_waits<T>(
        &self,
        method: &Method,
        call: impl Future<Output = T>,
    ) -> Option<T> {
        tokio::pin!(call);
        if method.name != "ClaimTask" {
            return Some(call.await);
        }
        for _ in 0..3 {
            tokio::select! {
                biased;
                answer = &mut call => return Some(answer),
                _ = self.handle.wake() => {}
            }
        }
        None
    }

    /// The version and fingerprint of every log.
    pub fn state(&self) -> Vec<(String, u64, String)> {
        let slugs = self
            .handle
            .projects()
            .into_iter()
            .chain([DAEMON.to_owned()]);
        slugs
            .filter_map(|slug| {
                let plan = self.handle.plan(&slug)?;
                Some((slug, plan.version(), plan.fingerprint()))
            })
            .collect()
    }

    /// Every plan keeps its invariants, and its log leads to it.
    pub fn check(&self) {
        let verified = self.runtime.block_on(self.handle.verify(None));
        for log in verified.expect("memory can be read") {
            let plan = self.handle.plan(&log.project).expect("its log is there");
            assert_eq!(log.broken, None, "the log of {}", log.project);
            assert_eq!(log.fingerprint, plan.fingerprint(), "{}", log.project);
            assert_eq!(plan.broken_invariants(), Vec::<String>::new());
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            let _ = engine.stop(Duration::from_secs(60));
        }
    }
}
