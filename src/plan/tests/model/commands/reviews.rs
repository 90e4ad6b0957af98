//! Commands about reviews: handing in, approving, giving back, and the setting that asks for it.

use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{Command, Complete};
use crate::plan::event::{ReviewNeed, TaskChanges};
use crate::plan::fact::Actor;
use crate::plan::id::TaskId;
use crate::plan::model::Status;
use crate::plan::tests::by;

impl Step {
    pub(super) fn reviews(&self, plan: &Plan) -> (Actor, Command) {
        let waiting: Vec<TaskId> = plan.reviews().map(|(id, _)| id).collect();
        let task = pick(&waiting, self.a)
            .map_or_else(|| Self::any_task(plan, self.a), |id| id.to_string());
        let someone = if self.b.is_multiple_of(3) {
            by(&self.agent(plan))
        } else {
            self.coordinator(plan)
        };
        match self.kind {
            149 | 150 => {
                let held: Vec<_> = plan.live().map(|view| view.id).collect();
                let id = pick(&held, self.a);
                let lease = id.and_then(|id| plan.task(id)?.state.lease.clone());
                let holder = lease.as_ref().map(|lease| lease.agent.to_string());
                let command = Command::SubmitForReview(Box::new(Complete {
                    task: id.map_or_else(|| "T-1".to_owned(), |id| id.to_string()),
                    fence: lease.map_or(1, |lease| lease.fence),
                    summary: "did it".to_owned(),
                    verification: "ran it".to_owned(),
                    accept_all: true,
                    checked: vec!["all".to_owned()]
                        .into_iter()
                        .filter(|_| !self.c.is_multiple_of(3))
                        .collect(),
                    checks_later: self.c.is_multiple_of(3),
                    ..Complete::default()
                }));
                (by(&holder.unwrap_or_else(|| self.agent(plan))), command)
            }
            151 | 152 => {
                let note = "good".to_owned();
                (someone, Command::ApproveTask { task, note })
            }
            153 => {
                let reason = if self.c.is_multiple_of(7) {
                    ""
                } else {
                    "shorter"
                };
                let reason = reason.to_owned();
                (someone, Command::RequestChanges { task, reason })
            }
            _ if self.a.is_multiple_of(2) => {
                let need = [
                    ReviewNeed::Required,
                    ReviewNeed::NotNeeded,
                    ReviewNeed::AsProject,
                ];
                let command = Command::UpdateTask {
                    task: Self::task_in(plan, &[Status::Planned], self.b),
                    changes: Box::new(TaskChanges {
                        review: Some(need[usize::from(self.b % 3)]),
                        ..TaskChanges::default()
                    }),
                    revision: 0,
                };
                (self.coordinator(plan), command)
            }
            _ => {
                let settings = plan.project().map(|project| project.settings.clone());
                let mut settings = settings.unwrap_or_default();
                settings.review = self.b.is_multiple_of(6);
                settings.review_areas = vec!["api".to_owned()];
                settings.review_areas.truncate(usize::from(self.b % 2));
                settings.reviewing_roles = vec!["developer".to_owned()];
                settings.reviewing_roles.truncate(usize::from(self.c % 2));
                let command = Command::UpdateProject {
                    name: None,
                    description: None,
                    settings: Some(Box::new(settings)),
                };
                (self.coordinator(plan), command)
            }
        }
    }
}
