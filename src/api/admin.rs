//! The daemon itself: tokens, its log, its state. The secret of a token leaves in one answer and is kept
//! nowhere.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::access::Caller;
use super::agent::{bearer_of, first, issue, no_chance};
use super::call::{caller_of, key_of};
use super::enums::known;
use super::validate::{bad, required};
use super::views::{self, time};
use super::{Api, enums, status, token};
use crate::engine::{DAEMON, Step, Verified};
use crate::plan::event::{Event, Principal};
use crate::plan::fact::Actor;
use crate::plan::refusal::Reason;
use crate::plan::time::Timestamp;
use crate::plan::{Command, Refusal};

type Answered<T> = Result<Response<T>, Status>;

const NAME_BYTES_MAX: usize = 64;

#[tonic::async_trait]
impl wire::admin_service_server::AdminService for Api {
    async fn create_token(
        &self,
        request: Request<wire::CreateTokenRequest>,
    ) -> Answered<wire::CreateTokenResponse> {
        let caller = caller_of(&request)?;
        let body = request.into_inner();
        let key = key_of(&body, &body.request_id)?;
        let principal = self.principal(&caller, &body)?;
        let minted = token::mint().map_err(|error| no_chance(&error))?;
        let steps = vec![issue(&minted, principal)];
        let answers = self.submit_steps(&caller, key, steps).await?;
        let answer = first(&answers)?;
        let id = super::work::find(answer, |event| match event {
            Event::TokenIssued(issued) => Some(issued.token.clone()),
            _ => None,
        })?;
        Ok(Response::new(wire::CreateTokenResponse {
            info: answer.plan.token(&id).map(views::token),
            token: bearer_of(&answers, minted),
        }))
    }

    async fn list_tokens(
        &self,
        request: Request<wire::ListTokensRequest>,
    ) -> Answered<wire::ListTokensResponse> {
        let body = request.into_inner();
        let page = self.page("tokens", body.page_size, &body.page_token)?;
        let registry = self.engine.registry();
        let rest = registry
            .tokens()
            .filter(|token| body.include_revoked || token.revoked_at.is_none())
            .filter(|token| page.after.as_ref().is_none_or(|after| *token.id > **after));
        let (tokens, next_page_token) = page.fill(rest, |token| token.id.to_string(), views::token);
        Ok(Response::new(wire::ListTokensResponse {
            tokens,
            next_page_token,
        }))
    }

    async fn revoke_token(
        &self,
        request: Request<wire::RevokeTokenRequest>,
    ) -> Answered<wire::RevokeTokenResponse> {
        let caller = caller_of(&request)?;
        let body = request.into_inner();
        let key = key_of(&body, &body.request_id)?;
        let id = required("token", body.token.trim().to_owned())?;
        let step = Step {
            project: DAEMON.to_owned(),
            command: Command::RevokeToken {
                token: id.as_str().into(),
                reason: body.reason,
            },
        };
        let answers = self.submit_steps(&caller, key, vec![step]).await?;
        let info = first(&answers)?.plan.token(&id).map(views::token);
        Ok(Response::new(wire::RevokeTokenResponse { info }))
    }

    async fn verify_log(
        &self,
        request: Request<wire::VerifyLogRequest>,
    ) -> Answered<wire::VerifyLogResponse> {
        let body = request.into_inner();
        let project = body.project.trim();
        if !project.is_empty() && project != DAEMON {
            self.plan_of(project)?;
        }
        let verified = self
            .engine
            .verify((!project.is_empty()).then_some(project))
            .await
            .map_err(|error| status::failed(&error))?;
        Ok(Response::new(wire::VerifyLogResponse {
            logs: verified.into_iter().map(walked).collect(),
        }))
    }

    type CreateBackupStream = super::backup::BackupStream;

    async fn create_backup(
        &self,
        request: Request<wire::CreateBackupRequest>,
    ) -> Answered<Self::CreateBackupStream> {
        let caller = caller_of(&request)?;
        let stream = super::backup::begin(self.engine.clone(), caller)?;
        Ok(Response::new(stream))
    }

    async fn get_status(
        &self,
        request: Request<wire::GetStatusRequest>,
    ) -> Answered<wire::GetStatusResponse> {
        let caller = caller_of(&request)?;
        let wanted = request.into_inner();
        let mut projects = Vec::new();
        let own = caller.project.as_deref();
        for slug in self.engine.projects() {
            if own.is_none_or(|own| own == slug) {
                projects.extend(self.served(slug, wanted).await?);
            }
        }
        let writable = self.engine.writable();
        let kind = match &caller.actor {
            Actor::Coordinator(_) | Actor::System => wire::PrincipalKind::Coordinator,
            Actor::Agent(_) => wire::PrincipalKind::Agent,
            Actor::Observer(_) => wire::PrincipalKind::Observer,
        };
        Ok(Response::new(wire::GetStatusResponse {
            release: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_ms: u64::try_from(self.up.elapsed().as_millis()).unwrap_or(u64::MAX),
            writable: writable.is_ok(),
            not_writable_reason: writable
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default(),
            projects,
            now: Some(time(Timestamp(self.engine.now_ms()))),
            caller_kind: kind.into(),
            caller_name: caller.actor.name().to_owned(),
            caller_project: own.unwrap_or_default().to_owned(),
        }))
    }
}

impl Api {
    /// Whom a requested token is to speak for.
    fn principal(
        &self,
        caller: &Caller,
        body: &wire::CreateTokenRequest,
    ) -> Result<Principal, Status> {
        let name = required("name", body.name.trim().to_owned())?;
        let plain = |character: char| !character.is_control() && character != ':';
        if name.len() > NAME_BYTES_MAX || !name.chars().all(plain) {
            return Err(bad(
                "name",
                format!("must be at most {NAME_BYTES_MAX} bytes, without colons"),
            ));
        }
        let written = body.project.trim();
        match known("kind", body.kind)? {
            wire::PrincipalKind::Unspecified => Err(bad("kind", "is missing")),
            wire::PrincipalKind::Coordinator if !written.is_empty() => Err(bad(
                "project",
                "does not go with a coordinator, whose token is for all projects",
            )),
            wire::PrincipalKind::Coordinator => Ok(Principal::Coordinator { name: name.into() }),
            wire::PrincipalKind::Observer => {
                if !written.is_empty() {
                    self.plan_of(written)?;
                }
                Ok(Principal::Observer {
                    name: name.into(),
                    project: (!written.is_empty()).then(|| written.into()),
                })
            }
            wire::PrincipalKind::Agent => {
                let project = self.project_of(caller, written)?;
                self.registered(&project, &name)?;
                Ok(Principal::Agent {
                    name: name.into(),
                    project: project.into(),
                })
            }
        }
    }

    /// Refuses an agent that is not there or left.
    fn registered(&self, project: &str, name: &str) -> Result<(), Status> {
        let plan = self.plan_of(project)?;
        let refusal = match plan.agent(name) {
            Some(agent) if !agent.retired => return Ok(()),
            Some(_) => Refusal::new(
                Reason::AgentRetired,
                format!("the agent {name} left the project {project}"),
            ),
            None => Refusal::new(
                Reason::AgentNotFound,
                format!("no agent {name} in the project {project}"),
            ),
        };
        Err(status::refused(
            &refusal.item(name, "is not there").next("agent list"),
        ))
    }

    async fn served(
        &self,
        slug: String,
        wanted: wire::GetStatusRequest,
    ) -> Result<Option<wire::ServedProject>, Status> {
        let Some(plan) = self.engine.plan(&slug) else {
            return Ok(None);
        };
        let Some(project) = plan.project() else {
            return Ok(None);
        };
        let version = plan.version();
        let mut served = wire::ServedProject {
            slug: slug.clone(),
            name: project.name.to_string(),
            status: enums::project_status(project.status).into(),
            version,
            live_leases: u32::try_from(plan.live().count()).unwrap_or(u32::MAX),
            fingerprint: String::new(),
            hash: String::new(),
            letters: self.letters(&plan),
        };
        if wanted.with_heads {
            let hash = self.engine.hash(&slug, version).await;
            served.hash = hash.map_err(|error| status::failed(&error))?;
        }
        if wanted.with_fingerprints {
            served.fingerprint = tokio::task::spawn_blocking(move || plan.fingerprint())
                .await
                .map_err(|_| status::internal("a fingerprint panicked"))?;
        }
        Ok(Some(served))
    }
}

fn walked(verified: Verified) -> wire::VerifiedLog {
    let (broken_version, problem) = verified.broken.unwrap_or_default();
    wire::VerifiedLog {
        project: verified.project,
        version: verified.version,
        hash: verified.hash,
        sound: problem.is_empty() && broken_version == 0,
        broken_version,
        problem,
        fingerprint: verified.fingerprint,
    }
}
