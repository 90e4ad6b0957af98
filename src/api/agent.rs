//! Agents, their roles and their sessions. An agent and its token come and go together, in one submission.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::call::{Call, InProject};
use super::validate::{bad, id, mask, required};
use super::{Api, status, token};
use crate::clock::ChanceError;
use crate::engine::{Answer, DAEMON, Step};
use crate::plan::command::RoleChanges;
use crate::plan::event::{Event, Principal};
use crate::plan::id::SessionId;
use crate::plan::refusal::Reason;
use crate::plan::role::RoleSpec;
use crate::plan::{Command, Refusal};

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl wire::agent_service_server::AgentService for Api {
    async fn register_agent(
        &self,
        request: Request<wire::RegisterAgentRequest>,
    ) -> Answered<wire::RegisterAgentResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let name = required("name", body.name.trim().to_owned())?;
        if body.roles.is_empty() {
            return Err(bad("roles", "is missing; name at least one role"));
        }
        let minted = token::mint().map_err(|error| no_chance(&error))?;
        let register = Step {
            project: call.project.clone(),
            command: Command::RegisterAgent {
                agent: name.clone(),
                roles: body.roles.clone(),
                skills: body.skills.clone(),
                capacity: body.capacity,
                model: body.model.clone(),
            },
        };
        let principal = Principal::Agent {
            name: name.as_str().into(),
            project: call.project.as_str().into(),
        };
        let steps = vec![register, issue(&minted, principal)];
        let answers = self
            .submit_steps(&call.caller, call.request.clone(), steps)
            .await?;
        let answer = first(&answers)?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok(Response::new(wire::RegisterAgentResponse {
            agent: view.agent_named(&name),
            token: bearer_of(&answers, minted),
        }))
    }

    async fn get_agent(
        &self,
        request: Request<wire::GetAgentRequest>,
    ) -> Answered<wire::GetAgentResponse> {
        let call = self.open(request)?;
        let name = required("agent", call.body.agent.trim().to_owned())?;
        let agent = self
            .view(&call.project, &call.plan, &call.caller)
            .agent_named(&name);
        let agent = agent.ok_or_else(|| {
            let message = format!("no agent `{}` in this project", shortened(&name));
            status::refused(&Refusal::new(Reason::AgentNotFound, message).next("agent list"))
        })?;
        let agent = self.stamped(&call.project, agent).await?;
        Ok(Response::new(wire::GetAgentResponse { agent: Some(agent) }))
    }

    async fn list_agents(
        &self,
        request: Request<wire::ListAgentsRequest>,
    ) -> Answered<wire::ListAgentsResponse> {
        let call = self.open(request)?;
        let page = self.page("agents", call.body.page_size, &call.body.page_token)?;
        let rest = call
            .plan
            .agents()
            .filter(|agent| call.body.include_retired || !agent.retired)
            .filter(|agent| {
                page.after
                    .as_ref()
                    .is_none_or(|after| *agent.name > **after)
            });
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (agents, next_page_token) = page.fill(
            rest,
            |agent| agent.name.to_string(),
            |agent| view.agent(agent),
        );
        Ok(Response::new(wire::ListAgentsResponse {
            agents,
            next_page_token,
        }))
    }

    async fn retire_agent(
        &self,
        request: Request<wire::RetireAgentRequest>,
    ) -> Answered<wire::RetireAgentResponse> {
        let call = self.open(request)?;
        let name = required("agent", call.body.agent.trim().to_owned())?;
        let retire = Step {
            project: call.project.clone(),
            command: Command::RetireAgent {
                agent: name.clone(),
                reason: call.body.reason.clone(),
            },
        };
        let steps = [retire].into_iter().chain(self.revocations(&call, &name));
        let answers = self
            .submit_steps(&call.caller, call.request.clone(), steps.collect())
            .await?;
        let answer = first(&answers)?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok(Response::new(wire::RetireAgentResponse {
            agent: view.agent_named(&name),
        }))
    }

    async fn list_roles(
        &self,
        request: Request<wire::ListRolesRequest>,
    ) -> Answered<wire::ListRolesResponse> {
        let call = self.open(request)?;
        let roles = self.view(&call.project, &call.plan, &call.caller).roles();
        Ok(Response::new(wire::ListRolesResponse { roles }))
    }

    async fn add_role(
        &self,
        request: Request<wire::AddRoleRequest>,
    ) -> Answered<wire::AddRoleResponse> {
        let call = self.open(request)?;
        let role = call
            .body
            .role
            .clone()
            .ok_or_else(|| bad("role", "is missing"))?;
        let slug = required("role.slug", role.slug.trim().to_owned())?;
        let title = if role.title.trim().is_empty() {
            slug.clone()
        } else {
            role.title
        };
        let command = Command::AddRole(Box::new(RoleSpec {
            slug: slug.clone(),
            title,
            aliases: role.aliases,
            parent: Some(role.parent).filter(|parent| !parent.trim().is_empty()),
            backs_up: role.backs_up,
            tier: role.tier,
        }));
        let answer = self.submit(&call, command).await?;
        let added = super::work::find(&answer, |event| match event {
            Event::RoleAdded(added) => Some(added.role.slug.clone()),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let role = view.roles().into_iter().find(|role| role.slug == added);
        Ok(Response::new(wire::AddRoleResponse { role }))
    }

    async fn update_role(
        &self,
        request: Request<wire::UpdateRoleRequest>,
    ) -> Answered<wire::UpdateRoleResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let written = required("role", body.role.trim().to_owned())?;
        let fields = mask(body.update_mask.clone(), &["title", "tier"])?;
        let changes = |field: &str| fields.iter().any(|it| it == field);
        let changes = RoleChanges {
            title: changes("title").then(|| body.title.clone()),
            tier: body.tier.filter(|_| changes("tier")),
            no_tier: changes("tier") && body.tier.is_none(),
        };
        let no = call
            .plan
            .resolve_role(&written)
            .map_err(|refusal| status::refused(&refusal))?;
        let command = Command::UpdateRole {
            role: written,
            changes,
        };
        let answer = self.submit(&call, command).await?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let role = view.roles().into_iter().nth(usize::from(no.0));
        Ok(Response::new(wire::UpdateRoleResponse { role }))
    }

    async fn list_sessions(
        &self,
        request: Request<wire::ListSessionsRequest>,
    ) -> Answered<wire::ListSessionsResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let page = self.page("sessions", body.page_size, &body.page_token)?;
        let before: Option<SessionId> = page.after()?;
        let open = crate::plan::model::SessionStatus::Open;
        let rest = call
            .plan
            .sessions()
            .rev()
            .filter(|session| before.is_none_or(|before| session.id < before))
            .filter(|session| body.agent.is_empty() || *session.agent == *body.agent)
            .filter(|session| !body.open_only || session.status == open);
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (sessions, next_page_token) = page.fill(
            rest,
            |session| session.id.to_string(),
            |session| view.session(session),
        );
        Ok(Response::new(wire::ListSessionsResponse {
            sessions,
            next_page_token,
        }))
    }

    async fn get_session(
        &self,
        request: Request<wire::GetSessionRequest>,
    ) -> Answered<wire::GetSessionResponse> {
        let call = self.open(request)?;
        let id: SessionId = id("session", &call.body.session)?;
        let shown = self
            .view(&call.project, &call.plan, &call.caller)
            .session_named(id);
        let (session, shown) = call
            .plan
            .session(id)
            .zip(shown)
            .ok_or_else(|| no_session(id))?;
        let shown = self.stamped(&call.project, shown).await?;
        let agent = call.caller.agent();
        let answer = self
            .with_log(&call.project, &call.plan, session, shown, agent)
            .await?;
        Ok(Response::new(answer))
    }
}

/// There is no such session.
pub(super) fn no_session(id: SessionId) -> Status {
    let message = format!("no session {id} in this project");
    let refusal = Refusal::new(Reason::SessionNotFound, message);
    status::refused(&refusal.item(id, "does not exist").next("session list"))
}

impl Api {
    /// Steps that revoke every good token of an agent.
    fn revocations<T: InProject>(&self, call: &Call<T>, name: &str) -> Vec<Step> {
        let registry = self.engine.registry();
        let of_agent = registry.tokens().filter(|token| match &token.principal {
            Principal::Agent {
                name: agent,
                project,
            } => **agent == *name && **project == *call.project && token.revoked_at.is_none(),
            Principal::Coordinator { .. } | Principal::Observer { .. } => false,
        });
        of_agent
            .map(|token| Step {
                project: DAEMON.to_owned(),
                command: Command::RevokeToken {
                    token: token.id.clone(),
                    reason: "the agent left".into(),
                },
            })
            .collect()
    }
}

/// The start of what somebody wrote, for a message.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The step that records a new token.
pub(super) fn issue(minted: &token::MintedToken, principal: Principal) -> Step {
    Step {
        project: DAEMON.to_owned(),
        command: Command::IssueToken {
            token: minted.id.as_str().into(),
            secret_hash: minted.secret_hash.as_str().into(),
            principal,
        },
    }
}

/// The bearer token to show, unless the answer is that of an earlier request whose secret is gone.
pub(super) fn bearer_of(answers: &[Answer], minted: token::MintedToken) -> String {
    let repeated = answers.iter().any(|answer| answer.repeated);
    if repeated {
        String::new()
    } else {
        minted.bearer
    }
}

/// The answer of the first step.
pub(super) fn first(answers: &[Answer]) -> Result<&Answer, Status> {
    answers
        .first()
        .ok_or_else(|| status::internal("the engine gave no answer"))
}

pub(super) fn no_chance(error: &ChanceError) -> Status {
    status::internal(&error.to_string())
}
