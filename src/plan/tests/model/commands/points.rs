//! Commands about integration points, rollouts and references: mostly of what can take the step.

use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{
    Command, EndRef, Held, IntegrationChanges, NewIntegration, NewMeasure, NewReference,
    NewSuccessMetric, RolloutChanges, RolloutEnding, SidesRef,
};
use crate::plan::day::Day;
use crate::plan::event::{Comparison, ReferenceKind, ReferenceStatus, RolloutStatus};
use crate::plan::fact::Actor;
use crate::plan::id::{IntegrationId, RolloutId, TaskId};
use crate::plan::model::{IntegrationPoint, IntegrationStatus, Status};
use crate::plan::tests::by;

impl Step {
    fn someone(&self, plan: &Plan) -> Actor {
        if self.b.is_multiple_of(2) {
            by(&self.agent(plan))
        } else {
            self.coordinator(plan)
        }
    }

    fn holds(&self, plan: &Plan) -> Held {
        let task = self
            .c
            .is_multiple_of(3)
            .then(|| Self::any_task(plan, self.c));
        Held {
            tasks: task.into_iter().collect(),
            phase: String::new(),
        }
    }

    /// A completed task, any task or a phase; seldom two things at once.
    fn point_end(&self, plan: &Plan, by: u16) -> EndRef {
        let (task, phase) = (Self::any_task(plan, by), Self::any_phase(plan, by));
        match by % 7 {
            0 => EndRef { task, phase },
            1 | 2 => EndRef {
                task: String::new(),
                phase,
            },
            3 => EndRef {
                task,
                phase: String::new(),
            },
            _ => EndRef {
                task: Self::task_in(plan, &[Status::Completed], by),
                phase: String::new(),
            },
        }
    }

    fn sides(&self, plan: &Plan) -> SidesRef {
        if self.c.is_multiple_of(4) {
            SidesRef::External {
                system: "the bank".to_owned(),
                needed_by: self.point_end(plan, self.a),
            }
        } else {
            SidesRef::Internal {
                from: self.point_end(plan, self.a),
                to: self.point_end(plan, self.b),
            }
        }
    }

    fn due_of_system(&self) -> Option<Day> {
        let external = self.c.is_multiple_of(4) != self.b.is_multiple_of(17);
        external.then(|| Day(20_000 + u32::from(self.b)))
    }

    /// A point that can be tested, or one that can be confirmed, else any.
    fn point(&self, plan: &Plan, to_confirm: bool) -> IntegrationId {
        let fits = plan.integrations().filter(|point| {
            let status = plan.integration_status(point);
            if to_confirm {
                point.is_external() && point.confirmed.is_none()
            } else {
                matches!(status, IntegrationStatus::Ready | IntegrationStatus::Failed)
            }
        });
        let fitting: Vec<IntegrationId> = fits.map(|point| point.id).collect();
        let any = IntegrationId(u32::from(self.b % 9) + 1);
        pick(&fitting, self.a)
            .filter(|_| !self.c.is_multiple_of(13))
            .unwrap_or(any)
    }

    pub(super) fn integrations(&self, plan: &Plan) -> (Actor, Command) {
        let words = if self.c.is_multiple_of(19) {
            " "
        } else {
            "seen"
        };
        // Without a point that can take the step another one is stated.
        let is_testable = |point: &IntegrationPoint| {
            let status = plan.integration_status(point);
            matches!(status, IntegrationStatus::Ready | IntegrationStatus::Failed)
        };
        let testable = plan.integrations().any(is_testable) || self.c.is_multiple_of(13);
        match self.kind {
            177 | 179 | 180 if self.kind == 177 || !testable => {
                let command = Command::CreateIntegration(Box::new(NewIntegration {
                    name: "Shop and till".to_owned(),
                    sides: self.sides(plan),
                    protocol: String::new(),
                    test_strategy: String::new(),
                    due: self.due_of_system(),
                    contact: String::new(),
                }));
                (self.coordinator(plan), command)
            }
            178 if self.b.is_multiple_of(5) => {
                let command = Command::WithdrawIntegration {
                    integration: IntegrationId(u32::from(self.a % 9) + 1),
                    reason: words.to_owned(),
                };
                (self.coordinator(plan), command)
            }
            178 if self.b.is_multiple_of(3) => {
                let command = Command::UpdateIntegration {
                    integration: IntegrationId(u32::from(self.a % 9) + 1),
                    changes: Box::new(IntegrationChanges {
                        protocol: Some(format!("gRPC {}", self.a % 3)),
                        sides: self.c.is_multiple_of(5).then(|| self.sides(plan)),
                        due_unsaid: self.c.is_multiple_of(3),
                        ..IntegrationChanges::default()
                    }),
                };
                (self.coordinator(plan), command)
            }
            178 => {
                let command = Command::ConfirmIntegration {
                    integration: self.point(plan, true),
                    note: String::new(),
                };
                (self.coordinator(plan), command)
            }
            179 => {
                let command = Command::TestIntegration {
                    integration: self.point(plan, false),
                    evidence: words.to_owned(),
                };
                (self.someone(plan), command)
            }
            _ => {
                let command = Command::FailIntegration {
                    integration: self.point(plan, false),
                    reason: words.to_owned(),
                    holds: self.holds(plan),
                };
                (self.someone(plan), command)
            }
        }
    }

    /// A rollout that stands so, else any.
    fn rollout(&self, plan: &Plan, wanted: &[RolloutStatus]) -> RolloutId {
        let fits = plan.rollouts().filter(|it| wanted.contains(&it.status));
        let fitting: Vec<RolloutId> = fits.map(|it| it.id).collect();
        pick(&fitting, self.a)
            .filter(|_| !self.c.is_multiple_of(17))
            .unwrap_or(RolloutId(u32::from(self.b % 6) + 1))
    }

    fn rollout_words(&self) -> RolloutChanges {
        let measured = NewSuccessMetric {
            name: "Covered".to_owned(),
            measure: Some(NewMeasure {
                metric: "coverage".to_owned(),
                comparison: Comparison::Ge,
                threshold: if self.b.is_multiple_of(23) {
                    "lots"
                } else {
                    "5"
                }
                .to_owned(),
            }),
        };
        let vouched = NewSuccessMetric {
            name: "Calm".to_owned(),
            measure: None,
        };
        let success = [vec![], vec![vouched.clone()], vec![measured, vouched]];
        RolloutChanges {
            name: Some("Release".to_owned()),
            approach: Some("canary".to_owned()),
            deployment: self.c.is_multiple_of(5).then(|| "Shop".to_owned()),
            steps: Some(vec!["one host".to_owned(); usize::from(self.a % 3)]),
            rollback_plan: Some("the old one".to_owned()).filter(|_| !self.c.is_multiple_of(7)),
            success: Some(success[usize::from(self.b % 3)].clone()),
        }
    }

    pub(super) fn rollouts(&self, plan: &Plan) -> (Actor, Command) {
        use RolloutStatus::{Draft, Failed, Ready, RolledBack, Rolling, Succeeded};
        let lead = self.coordinator(plan);
        let rolling = self.rollout(plan, &[Rolling]);
        // Without a rollout that can take the step one is brought nearer to it.
        let stands = |status: RolloutStatus| {
            let anyway = self.c.is_multiple_of(13);
            anyway || plan.rollouts().any(|it| it.status == status)
        };
        let kind = match self.kind {
            185 | 186 if !stands(Rolling) => 184,
            kind => kind,
        };
        let kind = match kind {
            184 if !stands(Ready) => 183,
            kind => kind,
        };
        let kind = match kind {
            183 if !stands(Draft) => 181,
            kind => kind,
        };
        match kind {
            181 => (lead, Command::CreateRollout(Box::new(self.rollout_words()))),
            182 if self.b.is_multiple_of(3) => {
                let changes = RolloutChanges {
                    approach: Some(format!("by {}", self.a % 5)),
                    steps: self.rollout_words().steps,
                    ..RolloutChanges::default()
                };
                let command = Command::UpdateRollout {
                    rollout: self.rollout(plan, &[Draft, Ready]),
                    changes: Box::new(changes),
                };
                (lead, command)
            }
            182 | 183 => {
                let command = Command::TestRollback {
                    rollout: self.rollout(plan, &[Draft]),
                    evidence: "took it back twice".to_owned(),
                };
                (self.someone(plan), command)
            }
            184 => {
                let rollout = self.rollout(plan, &[Ready]);
                (lead, Command::StartRollout { rollout })
            }
            185 => {
                let command = Command::TickRollout {
                    rollout: rolling,
                    step: u32::from(self.b % 3),
                    note: String::new(),
                };
                (self.someone(plan), command)
            }
            _ => {
                let to = [Succeeded, Succeeded, RolledBack, Failed, Draft];
                let to = to[usize::from(self.b % 5)];
                let attested: Vec<u32> = match to {
                    Succeeded => (1..=u32::from(self.c % 3)).collect(),
                    _ => Vec::new(),
                };
                let holds = if to == Failed || self.c.is_multiple_of(21) {
                    self.holds(plan)
                } else {
                    Held::default()
                };
                let command = Command::EndRollout(Box::new(RolloutEnding {
                    rollout: rolling,
                    to,
                    note: "seen".to_owned(),
                    attested,
                    holds,
                }));
                (lead, command)
            }
        }
    }

    fn reference_status(by: u16) -> ReferenceStatus {
        let all = [
            ReferenceStatus::NotStarted,
            ReferenceStatus::InProgress,
            ReferenceStatus::Completed,
            ReferenceStatus::Cancelled,
        ];
        all[usize::from(by % 4)]
    }

    pub(super) fn references(&self, plan: &Plan) -> (Actor, Command) {
        let lead = self.coordinator(plan);
        if self.kind == 187 {
            let reference = NewReference {
                kind: ReferenceKind::ALL[usize::from(self.b) % ReferenceKind::ALL.len()],
                name: format!("DOC-{}", self.a % 5),
                uri: String::new(),
                status: self
                    .c
                    .is_multiple_of(3)
                    .then(|| Self::reference_status(self.b)),
            };
            let command = Command::AddReference {
                task: Self::any_task(plan, self.c),
                reference: Box::new(reference),
            };
            return (lead, command);
        }
        let all = plan.tasks().map(|view| view.id);
        let referring: Vec<TaskId> = all
            .filter(|id| !plan.references_of(*id).is_empty())
            .collect();
        let id = pick(&referring, self.a).unwrap_or(TaskId(1));
        let known = plan.references_of(id);
        let place = usize::from(self.b).checked_rem(known.len());
        let name = place.and_then(|place| known.get(place));
        let name = name.map_or("DOC-9", |it| &it.name).to_owned();
        let task = id.to_string();
        if self.kind == 188 {
            let reference = name;
            return (lead, Command::RemoveReference { task, reference });
        }
        let lease = plan.task(id).and_then(|view| view.state.lease.clone());
        let holder = lease.filter(|_| self.kind == 190);
        let command = Command::SetReferenceStatus {
            task,
            reference: name,
            status: Self::reference_status(self.c),
            fence: holder.as_ref().map_or(0, |lease| lease.fence),
        };
        let actor = holder.map_or(lead, |lease| Actor::Agent(lease.agent.clone()));
        (actor, command)
    }
}
