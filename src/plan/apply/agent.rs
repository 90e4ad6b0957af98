//! What agent and token events do to a plan.

use std::sync::Arc;

use super::super::event::{AgentRegistered, AgentRetired, TokenIssued, TokenRevoked};
use super::super::fact::Actor;
use super::super::model::{Agent, Token};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

impl Plan {
    pub(super) fn agent_registered(&mut self, event: &AgentRegistered, at: Timestamp) {
        let roles = event
            .roles
            .iter()
            .filter_map(|slug| self.resolve_role(slug).ok())
            .collect();
        let agent = Agent {
            name: Arc::clone(&event.agent),
            roles,
            skills: event.skills.clone().into(),
            capacity: event.capacity,
            model: Arc::clone(&event.model),
            retired: false,
            fell_silent: false,
            holds: [].into(),
            owes: [].into(),
            open_sessions: [].into(),
            last_event_at: at,
            registered_at: at,
            revision: self.version,
        };
        self.agents
            .insert(Arc::clone(&event.agent), Arc::new(agent));
    }

    pub(super) fn agent_retired(&mut self, event: &AgentRetired, at: Timestamp, actor: &Actor) {
        let version = self.version;
        edit(&mut self.agents, &event.agent, |agent| {
            agent.retired = true;
            agent.revision = version;
        });
        self.end_assignments_of(&event.agent, at, actor);
    }

    pub(super) fn token_issued(&mut self, event: &TokenIssued, at: Timestamp) {
        let token = Token {
            id: Arc::clone(&event.token),
            secret_hash: Arc::clone(&event.secret_hash),
            principal: event.principal.clone(),
            issued_at: at,
            revoked_at: None,
        };
        self.tokens
            .insert(Arc::clone(&event.token), Arc::new(token));
    }

    pub(super) fn token_revoked(&mut self, event: &TokenRevoked, at: Timestamp) {
        edit(&mut self.tokens, &event.token, |token| {
            token.revoked_at = Some(at)
        });
    }
}
