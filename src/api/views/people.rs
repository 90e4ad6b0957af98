//! Agents, roles and sessions as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::{View, texts, time};
use crate::plan::event::{Duty, SessionSummary};
use crate::plan::id::{RoleNo, SessionId};
use crate::plan::model::{Agent, Session};
use crate::plan::outlook::room;
use crate::plan::role::RoleSpec;

impl View<'_> {
    /// An agent; none when there is no such agent.
    pub(in super::super) fn agent_named(&self, name: &str) -> Option<wire::Agent> {
        self.plan.agent(name).map(|agent| self.agent(agent))
    }

    /// An agent.
    pub(in super::super) fn agent(&self, agent: &Agent) -> wire::Agent {
        wire::Agent {
            name: agent.name.to_string(),
            roles: agent
                .roles
                .iter()
                .map(|&role| self.plan.role_slug(Some(role)).to_owned())
                .collect(),
            skills: texts(&agent.skills),
            capacity: agent.capacity,
            model: agent.model.to_string(),
            retired: agent.retired,
            holds: texts(&agent.holds),
            open_sessions: texts(&agent.open_sessions),
            last_event_at: Some(time(agent.last_event_at)),
            registered_at: Some(time(agent.registered_at)),
            revision: agent.revision,
            updated_at: None,
            updated_by: String::new(),
            silent: agent.fell_silent && !agent.retired,
            room: if agent.retired { 0 } else { room(agent) },
            primary_of: self.cared_for(&agent.name, Duty::Primary),
            backup_of: self.cared_for(&agent.name, Duty::Backup),
        }
    }

    /// Every role, in the order of the catalogue.
    pub(in super::super) fn roles(&self) -> Vec<wire::Role> {
        let mut open = vec![0_u32; self.plan.roles().len()];
        for task in self.plan.tasks() {
            let place = task.state.role.map(|role| usize::from(role.0));
            if let Some(count) = place.and_then(|place| open.get_mut(place))
                && !task.state.status.is_terminal()
            {
                *count += 1;
            }
        }
        let numbered = (0_u16..).zip(self.plan.roles());
        numbered
            .zip(open)
            .map(|((no, role), open)| wire::Role {
                open_tasks: open,
                filled: self.plan.can_fill(RoleNo(no)),
                ..role_words(role)
            })
            .collect()
    }

    /// A session; none when there is no such session.
    pub(in super::super) fn session_named(&self, id: SessionId) -> Option<wire::Session> {
        self.plan.session(id).map(|session| self.session(session))
    }

    /// A session.
    pub(in super::super) fn session(&self, session: &Session) -> wire::Session {
        let held_here = |task: &&crate::plan::id::TaskId| {
            self.plan
                .task(**task)
                .and_then(|task| task.state.lease.as_ref())
                .is_some_and(|lease| lease.session == session.id)
        };
        let holds = self
            .plan
            .agent(&session.agent)
            .map_or(&[] as &[_], |agent| &agent.holds);
        wire::Session {
            id: session.id.to_string(),
            agent: session.agent.to_string(),
            status: enums::session_status(session.status).into(),
            scope: session.scope.to_string(),
            model: session.model.to_string(),
            started_at: Some(time(session.started_at)),
            ended_at: session.ended_at.map(time),
            claimed: Vec::new(),
            completed: Vec::new(),
            summary: Some(summary(&session.summary)),
            carried: texts(&session.carried),
            holds: holds
                .iter()
                .filter(held_here)
                .map(ToString::to_string)
                .collect(),
            revision: session.revision,
            updated_at: None,
            updated_by: String::new(),
        }
    }
}

fn role_words(role: &RoleSpec) -> wire::Role {
    wire::Role {
        slug: role.slug.clone(),
        title: role.title.clone(),
        aliases: role.aliases.clone(),
        parent: role.parent.clone().unwrap_or_default(),
        backs_up: role.backs_up.clone(),
        open_tasks: 0,
        filled: false,
        tier: role.tier,
    }
}

fn summary(summary: &SessionSummary) -> wire::SessionSummary {
    wire::SessionSummary {
        done: summary.done.to_string(),
        technologies: summary.technologies.to_string(),
        blockers: summary.blockers.to_string(),
        verification: summary.verification.to_string(),
        next: summary.next.to_string(),
    }
}
