//! Sessions: started, ended with what they leave behind, closed when they fell silent.

use std::sync::Arc;

use super::super::bench::Bench;
use super::super::event::{
    ReleaseCause, SessionEnded, SessionEnding, SessionStarted, SessionSummary, TaskReleased, Text,
};
use super::super::id::{SessionId, TaskId};
use super::super::model::SessionStatus;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::{HeldLeases, text};

/// Sessions an agent may have open at once.
const OPEN_SESSIONS_MAX: usize = 16;

fn acting(bench: &Bench<'_>) -> Result<Text, Refusal> {
    bench.facts.actor.agent().cloned().ok_or_else(|| {
        Refusal::new(
            Reason::NotAllowed,
            "only an agent works in sessions; use an agent's token",
        )
    })
}

pub fn start(
    bench: &mut Bench<'_>,
    scope: &str,
    model: &str,
    another: bool,
) -> Result<(), Refusal> {
    let name = acting(bench)?;
    let scope = text::long("scope", scope)?;
    let model = text::line("model", model)?;
    let open = bench
        .plan
        .agent(&name)
        .map(|agent| agent.open_sessions.clone())
        .unwrap_or_default();
    if let (Some(session), false) = (open.last(), another) {
        return Err(Refusal::new(
            Reason::SessionOpen,
            format!("{name} has session {session} open already; end it, or ask for another one"),
        )
        .item(session, "is open")
        .fact("session", session)
        .next(format!("session end {session}"))
        .next("session start --another"));
    }
    if open.len() >= OPEN_SESSIONS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("{name} has {OPEN_SESSIONS_MAX} sessions open, which is the limit; end one"),
        )
        .fact("limit", OPEN_SESSIONS_MAX));
    }
    open_session(bench, &name, scope, model);
    Ok(())
}

/// Opens a session and takes over what the agent carried.
pub fn open_session(bench: &mut Bench<'_>, agent: &Text, scope: Text, model: Text) -> SessionId {
    let session = SessionId(bench.plan.highest_session + 1);
    let adopted = carried(&bench.plan, agent);
    bench.session = Some(session);
    bench.record(SessionStarted {
        session,
        agent: Arc::clone(agent),
        scope,
        model,
        adopted,
    });
    session
}

/// The tasks an agent holds whose session is over.
fn carried(plan: &Plan, agent: &str) -> Vec<TaskId> {
    let holds = plan
        .agent(agent)
        .map(|agent| agent.holds.clone())
        .unwrap_or_default();
    let over = |id: &TaskId| {
        plan.task(*id)
            .and_then(|view| view.state.lease.as_ref())
            .is_some_and(|lease| {
                plan.session(lease.session)
                    .is_none_or(|session| session.status != SessionStatus::Open)
            })
    };
    holds.iter().copied().filter(over).collect()
}

/// The open session an agent's call belongs to: the named one, else its only or newest open one.
pub fn current(
    plan: &Plan,
    agent: &str,
    named: Option<SessionId>,
) -> Result<Option<SessionId>, Refusal> {
    let Some(id) = named else {
        return Ok(plan
            .agent(agent)
            .and_then(|agent| agent.open_sessions.last().copied()));
    };
    let Some(session) = plan.session(id) else {
        return Err(Refusal::new(
            Reason::SessionNotFound,
            format!("no session {id} in this project"),
        )
        .next("session list"));
    };
    if &*session.agent != agent {
        return Err(Refusal::new(
            Reason::NotAllowed,
            format!("session {id} is another agent's; leave it out to use your own"),
        ));
    }
    if session.status != SessionStatus::Open {
        return Err(Refusal::new(
            Reason::SessionEnded,
            format!("session {id} is over; start another one"),
        )
        .next("session start"));
    }
    Ok(Some(id))
}

/// The tasks held in a session.
fn held_in(plan: &Plan, session: SessionId) -> Vec<TaskId> {
    let agent = plan
        .session(session)
        .map(|session| Arc::clone(&session.agent));
    let holds = agent
        .and_then(|name| plan.agent(&name))
        .map(|agent| agent.holds.clone());
    let here = |id: &TaskId| {
        plan.task(*id)
            .and_then(|view| view.state.lease.as_ref())
            .is_some_and(|lease| lease.session == session)
    };
    holds
        .unwrap_or_default()
        .iter()
        .copied()
        .filter(here)
        .collect()
}

pub fn end(
    bench: &mut Bench<'_>,
    session: Option<SessionId>,
    summary: &SessionSummary,
    leases: HeldLeases,
) -> Result<(), Refusal> {
    let name = acting(bench)?;
    let Some(session) = current(&bench.plan, &name, session)? else {
        return Err(Refusal::new(
            Reason::SessionNotFound,
            format!("{name} has no open session"),
        )
        .next("session list"));
    };
    let summary = SessionSummary {
        done: text::long("done", &summary.done)?,
        technologies: text::long("technologies", &summary.technologies)?,
        blockers: text::long("blockers", &summary.blockers)?,
        verification: text::long("verification", &summary.verification)?,
        next: text::long("next", &summary.next)?,
    };
    bench.session = Some(session);
    let held = held_in(&bench.plan, session);
    let mut kept = Vec::new();
    match leases {
        HeldLeases::Refuse if !held.is_empty() => {
            let mut refusal = Refusal::new(
                Reason::SessionHolds,
                format!(
                    "session {session} still holds {}; give back or carry over",
                    held.len()
                ),
            );
            for id in held {
                refusal = refusal.item(id, bench.plan.title(id));
            }
            return Err(refusal
                .next(format!("session end {session} --release"))
                .next(format!("session end {session} --carry")));
        }
        HeldLeases::Refuse => {}
        HeldLeases::Release => {
            for task in held {
                let fence = bench
                    .plan
                    .task(task)
                    .and_then(|view| view.state.lease.as_ref().map(|lease| lease.fence));
                let reason: Text = if summary.next.is_empty() {
                    "its session ended".into()
                } else {
                    Arc::clone(&summary.next)
                };
                let cause = ReleaseCause::SessionEnded;
                bench.record(TaskReleased {
                    task,
                    fence: fence.unwrap_or(0),
                    cause,
                    reason,
                });
            }
        }
        HeldLeases::Carry => kept = held,
    }
    let summary = filled_in(&bench.plan, session, summary);
    bench.record(SessionEnded {
        session,
        ending: SessionEnding::Closed,
        summary,
        carried: kept,
    });
    Ok(())
}

pub fn abandon(bench: &mut Bench<'_>, session: SessionId) -> Result<(), Refusal> {
    let open = bench
        .plan
        .session(session)
        .is_some_and(|session| session.status == SessionStatus::Open);
    if !open {
        return Err(Refusal::new(
            Reason::SessionEnded,
            format!("session {session} is over; there is nothing to close"),
        ));
    }
    if !held_in(&bench.plan, session).is_empty() {
        return Err(Refusal::new(
            Reason::SessionHolds,
            format!("session {session} holds tasks; it closes when their leases have ended"),
        ));
    }
    bench.session = Some(session);
    let summary = filled_in(&bench.plan, session, SessionSummary::default());
    let ending = SessionEnding::Abandoned;
    bench.record(SessionEnded {
        session,
        ending,
        summary,
        carried: Vec::new(),
    });
    Ok(())
}

/// What the agent did not say and the plan knows: what was completed.
fn filled_in(plan: &Plan, session: SessionId, mut summary: SessionSummary) -> SessionSummary {
    if summary.done.is_empty() {
        let completed: Vec<TaskId> = plan.completed_in(session).collect();
        let listed: Vec<String> = completed
            .iter()
            .take(20)
            .map(|id| format!("{id} {}", plan.title(*id)))
            .collect();
        summary.done = match completed.len() {
            0 => "no task completed".into(),
            count if count > 20 => {
                format!("completed {}, and {} more", listed.join("; "), count - 20).into()
            }
            _ => format!("completed {}", listed.join("; ")).into(),
        };
    }
    summary
}
