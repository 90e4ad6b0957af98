//! The interface over real gRPC: an engine on an in-memory store, a port of its own, our own client. What
//! is hostile or mistaken is refused with the stated code and reason, and the server goes on.

mod hostile;
mod log;
mod rights;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use muster_proto::v1 as wire;
use tonic::metadata::MetadataValue;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use wire::agent_service_client::AgentServiceClient;
use wire::project_service_client::ProjectServiceClient;
use wire::task_service_client::TaskServiceClient;
use wire::work_service_client::WorkServiceClient;

use super::{Api, ApiOptions, Health, ServeOptions, mint_token, serve};
use crate::clock::SystemClock;
use crate::engine::{DAEMON, Engine, EngineHandle, EngineOptions, Limits, Step, Submission};
use crate::plan::Command;
use crate::plan::event::Principal;
use crate::plan::fact::{Actor, Guards};
use crate::plan::settings::Settings;
use crate::store::memory::MemoryStore;

/// A plan of two phases: T-1, T-2 after it, then T-3 in the second phase.
const PLAN: &str = "# Implementation Plan

**Project:** Corner Shop

## Phase 1: Base

| Task | Area | Status | Depends On |
|---|---|---|---|
| Set up the repository | Infrastructure | Not Started | - |
| Write the catalogue | Features | Not Started | Set up the repository |

## Phase 2: Shop

| Task | Area | Status | Depends On |
|---|---|---|---|
| Take the first order | Features | Not Started | - |
";

/// A token on every call.
#[derive(Clone)]
struct Bearer(Option<String>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            let header = MetadataValue::try_from(format!("Bearer {token}")).expect("plain ASCII");
            request.metadata_mut().insert("authorization", header);
        }
        Ok(request)
    }
}

type Wired = InterceptedService<Channel, Bearer>;

/// A served engine; gone when dropped.
struct Served {
    address: SocketAddr,
    handle: EngineHandle,
    api: Api,
    coordinator: String,
    _engine: Engine,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Served {
    async fn start() -> Self {
        let (handle, engine) = Engine::start(EngineOptions {
            store: Box::new(MemoryStore::new()),
            clock: Arc::new(SystemClock::new()),
            limits: Limits {
                queued_requests: 100,
                waiting_claims: 100,
                watchers: 100,
                projects: 100,
                recent_events: 1_000,
                snapshot_events: 1_000,
            },
            guards: Guards::default(),
            snapshots: None,
        })
        .expect("an empty store");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let api = Api::new(
            handle.clone(),
            ApiOptions {
                defaults: Settings::default(),
                usual_schedules: false,
                page_size_max: 1_000,
                import_bytes: 1 << 20,
                message_bytes: 1 << 20,
                commands: crate::probe::Commands::default(),
                channels: crate::notify::Channels::default(),
            },
        );
        let options = ServeOptions {
            listener,
            tls: None,
            connections: 100,
        };
        let server =
            serve(api.clone(), Health::new(), options, std::future::pending()).expect("no TLS");
        let principal = Principal::Coordinator { name: "ann".into() };
        let coordinator = issue(&handle, principal).await;
        Self {
            address,
            handle,
            api,
            coordinator,
            _engine: engine,
            server: tokio::spawn(async move {
                server.await.expect("it serves until it is aborted");
            }),
        }
    }

    async fn token(&self, principal: Principal) -> String {
        issue(&self.handle, principal).await
    }

    fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address))
            .expect("an address")
            .timeout(Duration::from_secs(60))
            .connect_lazy()
    }

    fn wired(&self, token: &str) -> (Channel, Bearer) {
        let token = (!token.is_empty()).then(|| token.to_owned());
        (self.channel(), Bearer(token))
    }

    fn projects(&self, token: &str) -> ProjectServiceClient<Wired> {
        let (channel, bearer) = self.wired(token);
        ProjectServiceClient::with_interceptor(channel, bearer)
    }

    fn tasks(&self, token: &str) -> TaskServiceClient<Wired> {
        let (channel, bearer) = self.wired(token);
        TaskServiceClient::with_interceptor(channel, bearer)
    }

    fn work(&self, token: &str) -> WorkServiceClient<Wired> {
        let (channel, bearer) = self.wired(token);
        WorkServiceClient::with_interceptor(channel, bearer)
    }

    fn agents(&self, token: &str) -> AgentServiceClient<Wired> {
        let (channel, bearer) = self.wired(token);
        AgentServiceClient::with_interceptor(channel, bearer)
    }

    async fn import(&self) -> wire::ImportPlanResponse {
        self.projects(&self.coordinator)
            .import_plan(plan_file("shop.md", PLAN))
            .await
            .expect("a good plan")
            .into_inner()
    }

    /// Registers an agent in a project; gives its token.
    async fn register(&self, project: &str, name: &str, role: &str) -> String {
        self.agents(&self.coordinator)
            .register_agent(wire::RegisterAgentRequest {
                project: project.to_owned(),
                name: name.to_owned(),
                roles: vec![role.to_owned()],
                ..Default::default()
            })
            .await
            .expect("a new agent")
            .into_inner()
            .token
    }

    async fn claim(&self, token: &str) -> wire::TaskClaim {
        let answer = self
            .work(token)
            .claim_task(wire::ClaimTaskRequest {
                start: true,
                lease_ms: 600_000,
                ..Default::default()
            })
            .await
            .expect("a claim")
            .into_inner();
        match answer.outcome {
            Some(wire::claim_task_response::Outcome::Claim(claim)) => claim,
            other => panic!("no claim but {other:?}"),
        }
    }
}

async fn issue(handle: &EngineHandle, principal: Principal) -> String {
    let minted = mint_token().expect("random bytes");
    let command = Command::IssueToken {
        token: minted.id.as_str().into(),
        secret_hash: minted.secret_hash.as_str().into(),
        principal,
    };
    handle
        .submit(Submission {
            steps: vec![Step {
                project: DAEMON.to_owned(),
                command,
            }],
            actor: Actor::System,
            request: None,
            wait: Duration::ZERO,
        })
        .await
        .expect("a new token");
    minted.bearer
}

fn plan_file(name: &str, content: &str) -> wire::ImportPlanRequest {
    wire::ImportPlanRequest {
        file_name: name.to_owned(),
        content: content.as_bytes().to_vec().into(),
        ..Default::default()
    }
}

/// The code and the reason of a refusal.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>) -> (Code, String) {
    let status = outcome.expect_err("a refusal");
    let reason = status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default();
    (status.code(), reason)
}

fn check<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, reason: &str) {
    assert_eq!(refused(outcome), (code, reason.to_owned()));
}
