//! Agents, roles, sessions and tokens as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::work::concern;
use super::{instant, text, word};

/// An agent.
pub fn agent(agent: &wire::Agent) -> Value {
    json!({
        "name": agent.name,
        "roles": agent.roles,
        "skills": agent.skills,
        "capacity": agent.capacity,
        "model": text(&agent.model),
        "retired": agent.retired,
        "holds": agent.holds,
        "open_sessions": agent.open_sessions,
        "last_event_at": instant(agent.last_event_at.as_ref()),
        "registered_at": instant(agent.registered_at.as_ref()),
        "revision": agent.revision,
        "updated_at": instant(agent.updated_at.as_ref()),
        "updated_by": text(&agent.updated_by),
        "silent": agent.silent,
        "room": agent.room,
        "primary_of": agent.primary_of,
        "backup_of": agent.backup_of,
    })
}

/// A role.
pub fn role(role: &wire::Role) -> Value {
    json!({
        "slug": role.slug,
        "title": role.title,
        "aliases": role.aliases,
        "parent": text(&role.parent),
        "backs_up": role.backs_up,
        "open_tasks": role.open_tasks,
        "filled": role.filled,
        "tier": role.tier,
    })
}

/// What a session begins with.
pub fn session_brief(brief: &wire::SessionBrief) -> Value {
    let listed = |list: &[wire::NearbyConcern]| list.iter().map(concern).collect::<Vec<_>>();
    json!({
        "phase": text(&brief.phase),
        "sprint": text(&brief.sprint),
        "last_session": brief.last_session.as_ref().map(session),
        "holds": listed(&brief.holds),
        "next": listed(&brief.next),
        "blockers": listed(&brief.blockers),
        "blockers_total": brief.blockers_total,
        "discovered": listed(&brief.discovered),
        "discovered_total": brief.discovered_total,
        "decisions": listed(&brief.decisions),
        "decisions_total": brief.decisions_total,
        "standup_closes_at": instant(brief.standup_closes_at.as_ref()),
    })
}

/// A session.
pub fn session(session: &wire::Session) -> Value {
    let summary = |summary: &wire::SessionSummary| {
        json!({
            "done": text(&summary.done),
            "technologies": text(&summary.technologies),
            "blockers": text(&summary.blockers),
            "verification": text(&summary.verification),
            "next": text(&summary.next),
        })
    };
    json!({
        "id": session.id,
        "agent": session.agent,
        "status": word(session.status().as_str_name(), "SESSION_STATUS_"),
        "scope": text(&session.scope),
        "model": text(&session.model),
        "started_at": instant(session.started_at.as_ref()),
        "ended_at": instant(session.ended_at.as_ref()),
        "claimed": session.claimed,
        "completed": session.completed,
        "summary": session.summary.as_ref().map(summary),
        "carried": session.carried,
        "holds": session.holds,
        "revision": session.revision,
        "updated_at": instant(session.updated_at.as_ref()),
        "updated_by": text(&session.updated_by),
    })
}

/// What became of a task in a session. `outcome` is `held`, `completed`, `submitted`, `released`, `failed`,
/// `blocked`, `expired`, `revoked` or `carried`, and empty where the end is not known.
pub fn session_task(task: &wire::SessionTask) -> Value {
    json!({
        "task": task.task,
        "title": task.title,
        "fence": task.fence,
        "taken_over": task.taken_over,
        "claimed_at": instant(task.claimed_at.as_ref()),
        "outcome": word(task.outcome().as_str_name(), "SESSION_OUTCOME_"),
        "ended_at": instant(task.ended_at.as_ref()),
        "note": text(&task.note),
    })
}

/// A token without its secret.
pub fn token(token: &wire::Token) -> Value {
    json!({
        "id": token.id,
        "kind": word(token.kind().as_str_name(), "PRINCIPAL_KIND_"),
        "name": token.name,
        "project": text(&token.project),
        "issued_at": instant(token.issued_at.as_ref()),
        "revoked_at": instant(token.revoked_at.as_ref()),
    })
}
