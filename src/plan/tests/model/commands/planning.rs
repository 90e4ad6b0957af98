//! Commands that make the plan: phases and tasks.

use super::{ROLES, Step};
use crate::plan::Plan;
use crate::plan::command::{Command, NewPhase, NewTask, OnRef};

impl Step {
    fn new_task(&self, plan: &Plan, salt: u16) -> NewTask {
        let mut dependencies = Vec::new();
        if !(self.b + salt).is_multiple_of(3) {
            dependencies.push(self.on(plan, self.b / 3 + salt));
        }
        if salt > 0 {
            dependencies.push(OnRef::Batch(usize::from(self.c % salt)));
        }
        NewTask {
            elicit: if (self.c + salt).is_multiple_of(23) {
                "Which bank?"
            } else {
                ""
            }
            .to_owned(),
            title: format!("Task {salt}"),
            phase: Self::any_phase(plan, self.a / 3),
            external_id: match self.a % 23 {
                0 => format!("SETUP-{}", self.b % 20),
                1 => format!("T-{}", self.b % 60 + 1),
                _ => String::new(),
            },
            area: ["", "API", "Infrastructure"][usize::from(self.b % 3)].to_owned(),
            role: ROLES[usize::from(self.c) % ROLES.len()].to_owned(),
            priority: Some(u8::try_from(self.a % 4).unwrap_or(0)),
            estimate: self.estimate(),
            skills: if self.c.is_multiple_of(5) {
                vec!["rust".to_owned()]
            } else {
                Vec::new()
            },
            acceptance: (0..self.a % 3)
                .map(|number| format!("it holds {number}"))
                .collect(),
            dependencies,
            ..NewTask::default()
        }
    }

    pub(super) fn planning(&self, plan: &Plan) -> Command {
        match self.kind {
            0 | 1 => Command::CreatePhases(vec![NewPhase {
                name: "Another".to_owned(),
                lead_role: ROLES[usize::from(self.c) % ROLES.len()].to_owned(),
                criteria: if self.b.is_multiple_of(3) {
                    vec!["it runs".to_owned()]
                } else {
                    Vec::new()
                },
                predecessors: (self.a % 4 == 1).then(|| vec![Self::any_phase(plan, self.b)]),
                after: if self.a % 4 == 2 {
                    Self::any_phase(plan, self.b)
                } else {
                    String::new()
                },
                ..NewPhase::default()
            }]),
            2..=4 => {
                let count = self.c % 3 + 1;
                let tasks = (0..count).map(|salt| self.new_task(plan, salt));
                Command::CreateTasks(tasks.collect())
            }
            _ => Command::CreateTasks(vec![self.new_task(plan, 0)]),
        }
    }
}
