//! Commands about registers.

use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{
    Command, DeliverableChanges, Held, HomeRef, LinksRef, MilestoneChanges, NewDeliverable,
    NewMilestone, NewRisk, RiskChanges,
};
use crate::plan::day::Day;
use crate::plan::event::{Due, Level, MilestoneKind, RiskKind, RiskStatus};
use crate::plan::fact::Actor;
use crate::plan::id::{DeliverableId, MilestoneId, RiskId};
use crate::plan::model::{Deliverable, DeliverableStatus};
use crate::plan::tests::by;

impl Step {
    /// A phase, a task or a workflow, seldom nothing or two at once.
    fn home(&self, plan: &Plan) -> HomeRef {
        let (phase, task) = (Self::any_phase(plan, self.a), Self::any_task(plan, self.b));
        match self.c % 9 {
            0 => HomeRef::default(),
            1 => HomeRef {
                phase,
                task,
                ..HomeRef::default()
            },
            2 | 3 => HomeRef {
                workflow: "launch".to_owned(),
                ..HomeRef::default()
            },
            4 | 5 => HomeRef {
                task,
                ..HomeRef::default()
            },
            _ => HomeRef {
                phase,
                ..HomeRef::default()
            },
        }
    }

    /// A deliverable that stands so, else any.
    fn deliverable(&self, plan: &Plan, wanted: &[DeliverableStatus]) -> DeliverableId {
        let id = |it: &Deliverable| it.id;
        let fitting = plan.deliverables().filter(|it| wanted.contains(&it.status));
        let fitting: Vec<DeliverableId> = fitting.map(id).collect();
        let all: Vec<DeliverableId> = plan.deliverables().map(id).collect();
        pick(&fitting, self.a)
            .or_else(|| pick(&all, self.b))
            .unwrap_or(DeliverableId(1))
    }

    pub(super) fn deliverables(&self, plan: &Plan) -> (Actor, Command) {
        use DeliverableStatus::{Pending, Rejected, Submitted};
        let lead = self.coordinator(plan);
        let someone = if self.b.is_multiple_of(2) {
            by(&self.agent(plan))
        } else {
            lead.clone()
        };
        match self.kind {
            108 => {
                let command = Command::CreateDeliverable(Box::new(NewDeliverable {
                    name: "The manual".to_owned(),
                    uri: String::new(),
                    home: self.home(plan),
                    acceptance: vec!["it is short".to_owned()],
                }));
                (lead, command)
            }
            109 => {
                let changes = DeliverableChanges {
                    uri: self
                        .b
                        .is_multiple_of(2)
                        .then(|| "docs/manual.md".to_owned()),
                    home: self.c.is_multiple_of(3).then(|| self.home(plan)),
                    ..DeliverableChanges::default()
                };
                let command = Command::UpdateDeliverable {
                    deliverable: self.deliverable(plan, &[Pending]),
                    changes: Box::new(changes),
                };
                (lead, command)
            }
            110 | 111 => {
                let artefact = if self.c.is_multiple_of(13) {
                    " "
                } else {
                    "a.md"
                };
                let command = Command::SubmitDeliverable {
                    deliverable: self.deliverable(plan, &[Pending, Rejected]),
                    artefact: artefact.to_owned(),
                    note: String::new(),
                };
                (someone, command)
            }
            112..=114 => {
                let command = Command::AcceptDeliverable {
                    deliverable: self.deliverable(plan, &[Submitted]),
                    note: String::new(),
                };
                (someone, command)
            }
            _ => {
                let command = Command::RejectDeliverable {
                    deliverable: self.deliverable(plan, &[Submitted]),
                    reason: "too long".to_owned(),
                };
                (someone, command)
            }
        }
    }

    /// A milestone that is ahead, seldom any.
    fn milestone(&self, plan: &Plan) -> MilestoneId {
        let ahead: Vec<MilestoneId> = plan.milestones_ahead().map(|it| it.id).collect();
        pick(&ahead, self.a)
            .filter(|_| !self.c.is_multiple_of(7))
            .unwrap_or(MilestoneId(u32::from(self.b % 9) + 1))
    }

    fn due(&self) -> Option<Due> {
        match self.b % 4 {
            0 => None,
            1 => Some(Due::Week(u32::from(self.c % 40))),
            _ => Some(Due::Day(Day(20_000 + u32::from(self.c)))),
        }
    }

    /// Things in the plan, seldom what is not there.
    fn links(&self, plan: &Plan) -> LinksRef {
        let some = |on: u16| self.a.is_multiple_of(on);
        let phase = some(3).then(|| Self::any_phase(plan, self.b));
        let task = (!some(4)).then(|| Self::any_task(plan, self.c));
        let deliverable = some(5).then(|| self.deliverable(plan, &[]));
        LinksRef {
            phases: phase.into_iter().collect(),
            tasks: task.into_iter().collect(),
            deliverables: deliverable.into_iter().collect(),
        }
    }

    pub(super) fn milestones(&self, plan: &Plan) -> Command {
        let milestone = self.milestone(plan);
        let words = if self.c.is_multiple_of(17) {
            ""
        } else {
            "seen"
        };
        match self.kind {
            116 => Command::CreateMilestone(Box::new(NewMilestone {
                name: "Beta".to_owned(),
                kind: MilestoneKind::Ordinary,
                due: self.due(),
                checklist: vec!["it runs".to_owned(); usize::from(self.c % 3)],
                links: self.links(plan),
            })),
            117 => Command::UpdateMilestone {
                milestone,
                changes: Box::new(MilestoneChanges {
                    name: None,
                    kind: self.b.is_multiple_of(3).then_some(MilestoneKind::Launch),
                    due: self.due(),
                    checklist_added: vec!["it is fast".to_owned(); usize::from(self.a % 2)],
                    links: self.c.is_multiple_of(2).then(|| self.links(plan)),
                }),
            },
            118..=120 => Command::TickMilestone {
                milestone,
                item: u32::from(self.b % 4),
            },
            121 => Command::ReachMilestone {
                milestone,
                note: words.to_owned(),
            },
            _ => Command::MissMilestone {
                milestone,
                reason: words.to_owned(),
            },
        }
    }

    pub(super) fn risks(&self, plan: &Plan) -> Command {
        let open = plan.risks().filter(|it| it.status != RiskStatus::Closed);
        let open: Vec<RiskId> = open.map(|risk| risk.id).collect();
        let risk = pick(&open, self.a).unwrap_or(RiskId(u32::from(self.b % 4) + 1));
        let kinds = [RiskKind::Schedule, RiskKind::Technical, RiskKind::Schedule];
        let kind = kinds[usize::from(self.b % 3)];
        let levels = [Level::Low, Level::Medium, Level::High];
        match self.kind {
            123 => Command::CreateRisk(Box::new(NewRisk {
                kind,
                text: "the bank is slow".to_owned(),
                impact: levels[usize::from(self.c % 3)],
                impact_days: self.c.is_multiple_of(2).then_some(u32::from(self.a % 20)),
                ..NewRisk::default()
            })),
            124 => Command::UpdateRisk {
                risk,
                changes: Box::new(RiskChanges {
                    kind: self.c.is_multiple_of(2).then_some(kind),
                    likelihood: Some(levels[usize::from(self.a % 3)]),
                    impact_days: self.c.is_multiple_of(3).then_some(u32::from(self.a % 5)),
                    ..RiskChanges::default()
                }),
            },
            _ => {
                use RiskStatus::{Accepted, Active, Closed, Mitigated, Occurred};
                let steps = [Mitigated, Accepted, Occurred, Occurred, Closed, Active];
                let task = self
                    .c
                    .is_multiple_of(2)
                    .then(|| Self::any_task(plan, self.c));
                let phase = self
                    .c
                    .is_multiple_of(5)
                    .then(|| Self::any_phase(plan, self.c));
                Command::MoveRisk {
                    risk,
                    to: steps[usize::from(self.b % 6)],
                    note: if self.a.is_multiple_of(11) {
                        ""
                    } else {
                        "seen"
                    }
                    .to_owned(),
                    holds: Held {
                        tasks: task.into_iter().collect(),
                        phase: phase.unwrap_or_default(),
                    },
                }
            }
        }
    }
}
