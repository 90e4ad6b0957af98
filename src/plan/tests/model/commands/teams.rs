//! Commands about who looks after what, when phases and roles have their time, and the settings for it.

use super::{ROLES, Step, pick};
use crate::plan::Plan;
use crate::plan::command::{Command, NewAssignment, PhaseChanges, PhaseTiming};
use crate::plan::day::Day;
use crate::plan::event::{Duty, PhaseOrdering, RoleTime};
use crate::plan::id::AssignmentId;
use crate::plan::model::Status;
use crate::plan::settings::RoleWindowPolicy;
use crate::plan::window::{Window, WindowUnit};

/// The first day of projects that have one.
const START: u32 = 20_000;

impl Step {
    /// An assignment in force, seldom any.
    fn assignment(&self, plan: &Plan) -> AssignmentId {
        let in_force = plan.assignments().filter(|it| it.end.is_none());
        let ids: Vec<AssignmentId> = in_force.map(|it| it.id).collect();
        pick(&ids, self.a)
            .filter(|_| !self.c.is_multiple_of(7))
            .unwrap_or(AssignmentId(u32::from(self.b % 9) + 1))
    }

    fn duty(&self) -> Duty {
        if self.b.is_multiple_of(3) {
            Duty::Backup
        } else {
            Duty::Primary
        }
    }

    /// A window, seldom one that is out of order.
    fn window(&self) -> Window {
        let from = u32::from(self.a % 6) + u32::from(!self.c.is_multiple_of(13));
        Window {
            unit: if self.b.is_multiple_of(2) {
                WindowUnit::Day
            } else {
                WindowUnit::Week
            },
            from,
            to: (from + u32::from(self.b % 4)).saturating_sub(u32::from(self.a.is_multiple_of(17))),
        }
    }

    /// The day it is: near the beginning of projects that have one.
    pub(super) fn today(&self) -> Option<Day> {
        Some(Day(START + u32::from(self.b % 20))).filter(|_| !self.c.is_multiple_of(5))
    }

    pub(super) fn teams(&self, plan: &Plan) -> Command {
        match self.kind {
            169 | 170 => {
                let by_area = self.a.is_multiple_of(2);
                let areas = ["API", "api", "Infrastructure", "data"];
                let open = [Status::Planned, Status::Claimed];
                Command::CreateAssignment(Box::new(NewAssignment {
                    agent: self.agent(plan),
                    area: if by_area {
                        areas[usize::from(self.b % 4)].to_owned()
                    } else {
                        String::new()
                    },
                    task: if by_area {
                        String::new()
                    } else {
                        Self::task_in(plan, &open, self.c)
                    },
                    duty: self.duty(),
                }))
            }
            171 => {
                let assignment = self.assignment(plan);
                let other = plan.assignment(assignment).map(|it| match it.duty {
                    Duty::Primary => Duty::Backup,
                    Duty::Backup => Duty::Primary,
                });
                Command::UpdateAssignment {
                    assignment,
                    duty: other
                        .filter(|_| !self.b.is_multiple_of(9))
                        .unwrap_or(self.duty()),
                }
            }
            172 => Command::EndAssignment {
                assignment: self.assignment(plan),
                reason: String::new(),
            },
            173 => Command::UpdatePhase {
                phase: Self::any_phase(plan, self.c),
                changes: Box::new(PhaseChanges {
                    timing: PhaseTiming {
                        window: Some(self.window()).filter(|_| !self.a.is_multiple_of(4)),
                        drop_window: self.a.is_multiple_of(8),
                        ordering: match self.b % 3 {
                            0 => None,
                            1 => Some(PhaseOrdering::Table),
                            _ => Some(PhaseOrdering::Priority),
                        },
                    },
                    ..PhaseChanges::default()
                }),
            },
            174 | 175 => {
                let roles = &ROLES[1..];
                Command::SetRoleWindow {
                    role: roles[usize::from(self.b) % roles.len()].to_owned(),
                    phase: if self.c.is_multiple_of(3) {
                        String::new()
                    } else {
                        Self::any_phase(plan, self.c)
                    },
                    time: match self.a % 5 {
                        0 => None,
                        1 => Some(RoleTime::Always),
                        _ => Some(RoleTime::During(self.window())),
                    },
                }
            }
            _ => {
                let settings = plan.project().map(|project| project.settings.clone());
                let mut settings = settings.unwrap_or_default();
                settings.start_date = Some(Day(START)).filter(|_| !self.a.is_multiple_of(4));
                settings.holidays = vec![Day(START + u32::from(self.b))];
                settings.role_windows = match self.c % 3 {
                    0 => RoleWindowPolicy::Refuse,
                    1 => RoleWindowPolicy::Warn,
                    _ => RoleWindowPolicy::Off,
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
