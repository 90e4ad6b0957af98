//! Commands about sprints, and the setting that hands out nothing else.

use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{CarryTo, Command, NewSprint, SprintChanges};
use crate::plan::day::Day;
use crate::plan::id::SprintId;
use crate::plan::model::{SprintStatus, Status};
use crate::plan::settings::CommitmentGuard;

impl Step {
    /// A sprint that stands so, seldom any.
    fn sprint(&self, plan: &Plan, wanted: SprintStatus) -> SprintId {
        let fitting = plan.sprints().filter(|it| it.status == wanted);
        let fitting: Vec<SprintId> = fitting.map(|it| it.id).collect();
        pick(&fitting, self.a)
            .filter(|_| !self.c.is_multiple_of(7))
            .unwrap_or(SprintId(u32::from(self.b % 6) + 1))
    }

    /// Some tasks, mostly open ones, seldom none.
    fn sprint_tasks(&self, plan: &Plan) -> Vec<String> {
        let open = [Status::Planned, Status::Claimed, Status::InProgress];
        let numbers = [self.a, self.b, self.c, self.a / 3, self.b / 3];
        let some = numbers.iter().take(usize::from(self.c % 6));
        some.map(|by| Self::task_in(plan, &open, *by)).collect()
    }

    pub(super) fn sprints(&self, plan: &Plan) -> Command {
        use SprintStatus::{Active, Planned};
        match self.kind {
            142 if self.b % 4 == 1 => Command::UpdateSprint {
                sprint: self.sprint(
                    plan,
                    if self.c.is_multiple_of(3) {
                        Active
                    } else {
                        Planned
                    },
                ),
                changes: Box::new(SprintChanges {
                    goal: self.c.is_multiple_of(2).then(|| "Sell more".to_owned()),
                    start: self.c.is_multiple_of(5).then_some(Day(20_000)),
                    end: Some(Day(20_010 + u32::from(self.a))),
                }),
            },
            142 if self.b % 4 == 2 => Command::WithdrawSprint {
                sprint: self.sprint(plan, Planned),
                reason: "nobody is there".to_owned(),
            },
            142 => {
                let start = 20_000 + u32::from(self.a);
                Command::PlanSprint(Box::new(NewSprint {
                    goal: "Sell something".to_owned(),
                    start: Day(start),
                    end: Day((start + 14).saturating_sub(u32::from(self.c % 16))),
                    tasks: self.sprint_tasks(plan),
                }))
            }
            143 | 144 => Command::CommitSprint {
                sprint: self.sprint(plan, Planned),
                tasks: self.sprint_tasks(plan),
            },
            145 | 146 => {
                let id = self.sprint(plan, Active);
                let inside = plan.sprint(id).map_or(&[][..], |sprint| &sprint.tasks);
                let inside = pick(inside, self.b).filter(|_| self.a.is_multiple_of(2));
                Command::ChangeSprint {
                    sprint: id,
                    add: self.sprint_tasks(plan),
                    remove: inside.iter().map(ToString::to_string).collect(),
                    reason: if self.a.is_multiple_of(11) {
                        ""
                    } else {
                        "it came up"
                    }
                    .to_owned(),
                }
            }
            147 => Command::CloseSprint {
                sprint: self.sprint(plan, Active),
                carry_to: match self.b % 3 {
                    0 => CarryTo::Nowhere,
                    1 => CarryTo::Next,
                    _ => CarryTo::Sprint(self.sprint(plan, Planned)),
                },
            },
            _ => {
                let settings = plan.project().map(|project| project.settings.clone());
                let mut settings = settings.unwrap_or_default();
                settings.sprint_only = self.a.is_multiple_of(3);
                settings.commitment_guard = match self.b % 3 {
                    0 => CommitmentGuard::Refuse,
                    1 => CommitmentGuard::Off,
                    _ => CommitmentGuard::Warn,
                };
                Command::UpdateProject {
                    name: None,
                    description: None,
                    settings: Some(Box::new(settings)),
                }
            }
        }
    }
}
