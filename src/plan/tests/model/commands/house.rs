//! Commands about the project itself: its state, settings, roles, agents, sessions, files and tokens.

use super::super::history::History;
use super::beginning::imported;
use super::{ROLES, Step, pick};
use crate::plan::Plan;
use crate::plan::command::{Command, HeldLeases, RoleChanges};
use crate::plan::day::Day;
use crate::plan::event::{Principal, ReferenceKind, SessionSummary};
use crate::plan::evidence::EvidenceKind;
use crate::plan::fact::Actor;
use crate::plan::id::SessionId;
use crate::plan::role::RoleSpec;
use crate::plan::settings::{PhaseClose, Policy, Settings, WindowsFrom};
use crate::plan::tests::{by, lead};

/// Whether it is the daemon's own log, where projects are removed.
fn is_the_daemons(plan: &Plan) -> bool {
    plan.project()
        .is_some_and(|project| &*project.slug == "_daemon")
}

impl Step {
    pub(super) fn house(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        let reason = "a holiday".to_owned();
        match self.kind {
            94 if self.a.is_multiple_of(3) => (lead(), Command::PauseProject { reason }),
            95 if self.a.is_multiple_of(2) => {
                let note = if self.b.is_multiple_of(2) {
                    "all is done"
                } else {
                    ""
                };
                let note = note.to_owned();
                (self.coordinator(plan), Command::CompleteProject { note })
            }
            94 | 95 => (lead(), Command::ResumeProject),
            96..=98 => self.session(plan),
            99 if self.b.is_multiple_of(4) => {
                let agent = self.agent(plan);
                (lead(), Command::RetireAgent { agent, reason })
            }
            99 | 100 => (self.coordinator(plan), self.registration()),
            101 if self.b.is_multiple_of(2) => (lead(), self.role()),
            197 => (self.coordinator(plan), self.role_changes()),
            101 if self.b.is_multiple_of(7) => (lead(), Command::ArchiveProject { reason }),
            102 if self.b.is_multiple_of(9) => (self.operator(plan), Command::RestoreProject),
            101 | 102 => (self.coordinator(plan), self.settings(plan)),
            103 if self.a.is_multiple_of(3) => (self.coordinator(plan), self.settling(plan)),
            103 => (self.coordinator(plan), self.file(plan)),
            104 if self.b.is_multiple_of(5) || is_the_daemons(plan) && self.b.is_multiple_of(2) => {
                (self.operator(plan), self.deletion())
            }
            104 | 105 => (self.coordinator(plan), self.token(plan)),
            _ => self.work(plan, history),
        }
    }

    fn session(&self, plan: &Plan) -> (Actor, Command) {
        let open: Vec<SessionId> = plan.open_sessions().map(|session| session.id).collect();
        let session = pick(&open, self.a).unwrap_or(SessionId(u32::from(self.a % 8) + 1));
        let agent = by(&self.agent(plan));
        match self.kind {
            96 => {
                let command = Command::StartSession {
                    scope: String::new(),
                    model: String::new(),
                    another: self.a.is_multiple_of(2),
                };
                (agent, command)
            }
            97 => {
                let leases = [HeldLeases::Refuse, HeldLeases::Release, HeldLeases::Carry];
                let command = Command::EndSession {
                    session: self.a.is_multiple_of(4).then_some(session),
                    summary: SessionSummary::default(),
                    leases: leases[usize::from(self.b % 3)],
                };
                (agent, command)
            }
            _ => (Actor::System, Command::AbandonSession { session }),
        }
    }

    fn registration(&self) -> Command {
        Command::RegisterAgent {
            agent: format!("hand-{}", self.a % 40),
            roles: vec![ROLES[usize::from(self.b) % ROLES.len()].to_owned()],
            skills: if self.c.is_multiple_of(3) {
                Vec::new()
            } else {
                vec!["rust".to_owned()]
            },
            capacity: u32::from(self.c % 4),
            model: String::new(),
        }
    }

    fn role(&self) -> Command {
        Command::AddRole(Box::new(RoleSpec {
            slug: format!("role-{}", self.a % 30),
            title: format!("Role {}", self.a % 30),
            aliases: Vec::new(),
            parent: Some("developer".to_owned()),
            backs_up: Vec::new(),
            tier: (!self.b.is_multiple_of(4)).then(|| u32::from(self.b % 4)),
        }))
    }

    /// A role that may be there, another title or tier, seldom nothing new.
    fn role_changes(&self) -> Command {
        let known = ROLES[usize::from(self.a) % ROLES.len()];
        let title = format!("Known as {}", self.b % 5);
        Command::UpdateRole {
            role: if self.c.is_multiple_of(4) {
                format!("role-{}", self.a % 30)
            } else {
                known.to_owned()
            },
            changes: RoleChanges {
                title: self.b.is_multiple_of(2).then_some(title),
                tier: Some(u32::from(self.c % 4)),
                no_tier: self.c.is_multiple_of(3),
            },
        }
    }

    /// A plan file: the one that was taken in before, or another.
    fn file(&self, plan: &Plan) -> Command {
        let known = plan.project().and_then(|project| project.sources.first());
        let mut file = imported(self.a, self.b, self.c);
        if let Some(known) = known.filter(|_| self.b.is_multiple_of(2)) {
            file.source = known.clone();
        }
        Command::ImportPlan(Box::new(file))
    }

    /// A diagnostic there is, seldom the one behind the last.
    fn settling(&self, plan: &Plan) -> Command {
        let known = plan
            .project()
            .map_or(0, |project| project.diagnostics.len());
        let known = u16::try_from(known).unwrap_or(u16::MAX - 1);
        Command::SettleDiagnostic {
            number: u32::from(self.b % (known + 1)) + 1,
            note: "looked at it".to_owned(),
        }
    }

    /// The daemon's operator, seldom somebody who only coordinates.
    fn operator(&self, plan: &Plan) -> Actor {
        if self.c.is_multiple_of(13) {
            self.coordinator(plan)
        } else {
            Actor::System
        }
    }

    fn deletion(&self) -> Command {
        Command::DeleteProject {
            project: if self.a.is_multiple_of(3) {
                "shop"
            } else {
                "farm"
            }
            .into(),
            events: u64::from(self.b),
            last_hash: "00ff".into(),
        }
    }

    /// Tokens live in the daemon's own log; elsewhere this is refused.
    fn token(&self, plan: &Plan) -> Command {
        let tokens: Vec<_> = plan.tokens().map(|token| token.id.clone()).collect();
        if let Some(token) = pick(&tokens, self.a).filter(|_| self.kind == 105) {
            let reason = "lost".to_owned();
            return Command::RevokeToken { token, reason };
        }
        let name = self.agent(plan).as_str().into();
        Command::IssueToken {
            token: format!("token{}", self.a).as_str().into(),
            secret_hash: "00ff".into(),
            principal: match self.b % 3 {
                0 => Principal::Coordinator { name },
                1 => Principal::Observer {
                    name,
                    project: None,
                },
                _ => Principal::Agent {
                    name,
                    project: "shop".into(),
                },
            },
        }
    }

    fn settings(&self, plan: &Plan) -> Command {
        let mut settings = plan
            .project()
            .map_or_else(Settings::default, |project| project.settings.clone());
        settings.session_minutes = u32::from(self.a % 90) + 1;
        settings.strikes = u8::try_from(self.a % 3).unwrap_or(0) + 1;
        settings.escalate_after_minutes = u32::from(self.b % 3);
        settings.phase_close = if self.c.is_multiple_of(2) {
            PhaseClose::ByHand
        } else {
            PhaseClose::Auto
        };
        let policies = [
            Policy::Relaxed,
            Policy::Standard,
            Policy::Strict,
            Policy::Strict,
        ];
        settings.policy = policies[usize::from(self.c % 4)];
        settings.accepting_roles = vec!["developer".to_owned(), "architect".to_owned()];
        settings.accepting_roles.truncate(usize::from(self.b % 3));
        settings.start_date = self
            .b
            .is_multiple_of(3)
            .then(|| Day(20_000 + u32::from(self.a)));
        settings.target_date = self
            .b
            .is_multiple_of(5)
            .then(|| Day(20_000 + u32::from(self.b)));
        let role = ["qa", "devops", "backend"][usize::from(self.a % 3)];
        settings.required_references = match self.b % 17 {
            0 => vec![ReferenceKind::Req],
            _ => Vec::new(),
        };
        settings.required_evidence = match self.b % 19 {
            0 => vec![EvidenceKind::Test],
            _ => Vec::new(),
        };
        let counted = [
            WindowsFrom::Project,
            WindowsFrom::Sprint,
            WindowsFrom::Workflow,
        ];
        settings.windows_from = counted[usize::from(self.a % 3)];
        settings.areas.insert("api".to_owned(), role.to_owned());
        Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(settings)),
        }
    }
}
