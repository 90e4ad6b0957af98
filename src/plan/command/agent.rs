//! Agents and tokens: registered, let go, issued, revoked.

use super::super::bench::Bench;
use super::super::event::{
    AgentRegistered, AgentRetired, Principal, SessionEnded, SessionEnding, SessionSummary, Text,
    TokenIssued, TokenRevoked,
};
use super::super::id::{SessionId, TaskId};
use super::super::refusal::{Reason, Refusal};
use super::lease::end_live_claim;
use super::text;

/// Agents a project may have.
const AGENTS_MAX: usize = 10_000;
/// Tasks an agent may hold at once.
const CAPACITY_MAX: u32 = 100;
/// Tokens that may be valid at once.
const TOKENS_MAX: usize = 100_000;

pub fn register(
    bench: &mut Bench<'_>,
    agent: &str,
    roles: &[String],
    skills: &[String],
    capacity: u32,
    model: &str,
) -> Result<(), Refusal> {
    let agent = text::id("agent", agent)?;
    if bench.plan.agent(&agent).is_some() {
        return Err(Refusal::new(
            Reason::AgentExists,
            format!("an agent `{agent}` is registered already; a name is never used twice"),
        )
        .next("agent list"));
    }
    if bench.plan.agents().count() >= AGENTS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {AGENTS_MAX} agents, which is the limit; nothing can be added"
            ),
        )
        .fact("limit", AGENTS_MAX));
    }
    if roles.is_empty() {
        return Err(
            Refusal::field("roles", "is empty; an agent has at least one role").next("agent roles"),
        );
    }
    let mut slugs: Vec<String> = Vec::new();
    for role in roles {
        let slug = bench
            .plan
            .role_slug(Some(bench.plan.resolve_role(role)?))
            .to_owned();
        if !slugs.contains(&slug) {
            slugs.push(slug);
        }
    }
    if capacity > CAPACITY_MAX {
        return Err(Refusal::field(
            "capacity",
            format!("is {capacity}; at most {CAPACITY_MAX} is taken"),
        )
        .fact("limit", CAPACITY_MAX));
    }
    let event = AgentRegistered {
        agent,
        roles: slugs,
        skills: text::list("skills", skills)?,
        capacity: capacity.max(1),
        model: text::line("model", model)?,
    };
    bench.record(event);
    Ok(())
}

pub fn retire(bench: &mut Bench<'_>, agent: &str, reason: &str) -> Result<(), Refusal> {
    let reason = text::long("reason", reason)?;
    let Some(found) = bench.plan.agents.get(agent.trim()).cloned() else {
        return Err(Refusal::new(
            Reason::AgentNotFound,
            format!("no agent `{agent}` in this project"),
        )
        .next("agent list"));
    };
    if found.retired {
        return Err(Refusal::new(
            Reason::AgentRetired,
            format!("agent `{agent}` has left already; there is nothing to do"),
        ));
    }
    let why: Text = format!("{} left the project", found.name).into();
    let holds: Vec<TaskId> = found.holds.to_vec();
    for task in holds {
        end_live_claim(bench, task, &why);
    }
    let sessions: Vec<SessionId> = found.open_sessions.to_vec();
    for session in sessions {
        bench.record(SessionEnded {
            session,
            ending: SessionEnding::Abandoned,
            summary: SessionSummary {
                done: why.clone(),
                ..SessionSummary::default()
            },
            carried: Vec::new(),
        });
    }
    bench.record(AgentRetired {
        agent: found.name.clone(),
        reason,
    });
    Ok(())
}

pub fn in_daemon_log(bench: &Bench<'_>) -> Result<(), Refusal> {
    match bench.plan.project() {
        Some(project) if &*project.slug == "_daemon" => Ok(()),
        _ => Err(Refusal::new(
            Reason::NotAllowed,
            "tokens belong to no project; they are kept in the daemon's own log",
        )),
    }
}

pub fn issue_token(
    bench: &mut Bench<'_>,
    token: &Text,
    secret_hash: &Text,
    principal: &Principal,
) -> Result<(), Refusal> {
    in_daemon_log(bench)?;
    if bench
        .plan
        .tokens()
        .filter(|token| token.revoked_at.is_none())
        .count()
        >= TOKENS_MAX
    {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("{TOKENS_MAX} tokens are valid, which is the limit; nothing can be added"),
        )
        .fact("limit", TOKENS_MAX));
    }
    if bench.plan.token(token).is_some() {
        return Err(Refusal::new(
            Reason::IdTaken,
            "this token id is taken; issue one with another id",
        ));
    }
    match principal {
        Principal::Coordinator { name }
        | Principal::Agent { name, .. }
        | Principal::Observer { name, .. } => {
            text::id("name", name)?;
        }
    }
    bench.record(TokenIssued {
        token: token.clone(),
        secret_hash: secret_hash.clone(),
        principal: principal.clone(),
    });
    Ok(())
}

pub fn revoke_token(bench: &mut Bench<'_>, token: &Text, reason: &str) -> Result<(), Refusal> {
    in_daemon_log(bench)?;
    let reason = text::long("reason", reason)?;
    match bench.plan.token(token) {
        None => Err(Refusal::new(
            Reason::TokenNotFound,
            format!("no token `{}`", super::super::state::clipped(token)),
        )
        .next("token list")),
        Some(token) if token.revoked_at.is_some() => Err(Refusal::new(
            Reason::IllegalTransition,
            "this token is revoked already; there is nothing to do",
        )),
        Some(_) => {
            bench.record(TokenRevoked {
                token: token.clone(),
                reason,
            });
            Ok(())
        }
    }
}
