//! What session events do to a plan.

use std::sync::Arc;

use super::super::event::{SessionEnded, SessionEnding, SessionStarted, SessionSummary};
use super::super::model::{Session, SessionStatus};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::{edit, with, without};

impl Plan {
    pub(super) fn session_started(&mut self, event: &SessionStarted, at: Timestamp) {
        let id = event.session;
        self.highest_session = self.highest_session.max(id.0);
        self.sessions.insert(
            id,
            Arc::new(Session {
                id,
                agent: Arc::clone(&event.agent),
                status: SessionStatus::Open,
                scope: Arc::clone(&event.scope),
                model: Arc::clone(&event.model),
                started_at: at,
                ended_at: None,
                summary: SessionSummary::default(),
                carried: [].into(),
                revision: self.version,
            }),
        );
        self.index.open_sessions.insert(id);
        edit(&mut self.agents, &event.agent, |agent| {
            agent.open_sessions = with(&agent.open_sessions, id);
            agent.fell_silent = false;
        });
        for task in &event.adopted {
            self.adopt(*task, id);
            self.index.claimed_in.insert((id, *task));
        }
    }

    pub(super) fn session_ended(&mut self, event: &SessionEnded, at: Timestamp) {
        let id = event.session;
        let version = self.version;
        let mut name = None;
        edit(&mut self.sessions, &id, |session| {
            session.status = match event.ending {
                SessionEnding::Closed => SessionStatus::Closed,
                SessionEnding::Abandoned => SessionStatus::Abandoned,
            };
            session.ended_at = Some(at);
            session.summary = event.summary.clone();
            session.carried = event.carried.clone().into();
            session.revision = version;
            name = Some(Arc::clone(&session.agent));
        });
        self.index.open_sessions.remove(&id);
        if let Some(name) = name {
            edit(&mut self.agents, &name, |agent| {
                agent.open_sessions = without(&agent.open_sessions, &id);
                agent.fell_silent =
                    event.ending == SessionEnding::Abandoned && agent.open_sessions.is_empty();
            });
        }
    }
}
