//! What project events do to a plan.

use std::sync::Arc;

use super::super::event::{
    DiagnosticSettled, PlanImported, ProjectArchived, ProjectCompleted, ProjectCreated,
    ProjectPaused, ProjectRestored, ProjectUpdated, RoleAdded,
};
use super::super::fact::Actor;
use super::super::model::{Judgement, Project, ProjectStatus};
use super::super::state::Plan;
use super::super::time::Timestamp;

impl Plan {
    pub(super) fn project_created(&mut self, event: &ProjectCreated, at: Timestamp) {
        self.project = Some(Arc::new(Project {
            slug: event.project.as_str().into(),
            name: event.name.as_str().into(),
            description: event.description.as_str().into(),
            status: if event.draft {
                ProjectStatus::Draft
            } else {
                ProjectStatus::Active
            },
            status_reason: "".into(),
            settings: event.settings.clone(),
            sources: Vec::new(),
            diagnostics: Vec::new(),
            settled: Vec::new(),
            sprint_goal: "".into(),
            completed: None,
            created_at: at,
            revision: self.version,
        }));
    }

    fn edit_project(&mut self, change: impl FnOnce(&mut Project)) {
        let version = self.version;
        if let Some(project) = &mut self.project {
            let project = Arc::make_mut(project);
            project.revision = version;
            change(project);
        }
    }

    pub(super) fn project_updated(&mut self, event: &ProjectUpdated) {
        self.edit_project(|project| {
            if let Some(name) = &event.name {
                project.name = name.as_str().into();
            }
            if let Some(description) = &event.description {
                project.description = description.as_str().into();
            }
            if let Some(settings) = &event.settings {
                project.settings = settings.clone();
            }
        });
        if event.settings.is_some() {
            self.refresh_roles();
            self.index.chains_stale = true;
            // Other tasks may be handed out from here on.
            self.index.wakes += 1;
        }
    }

    pub(super) fn project_paused(&mut self, event: &ProjectPaused) {
        self.edit_project(|project| {
            project.status = ProjectStatus::Paused;
            project.status_reason = event.reason.as_str().into();
        });
    }

    pub(super) fn project_resumed(&mut self) {
        if self.has_ended() {
            self.project_runs_are_stale();
        }
        self.edit_project(|project| {
            project.status = ProjectStatus::Active;
            project.status_reason = "".into();
            project.completed = None;
        });
        self.index.wakes += 1;
    }

    pub(super) fn project_completed(
        &mut self,
        event: &ProjectCompleted,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.watched_no_more();
        self.edit_project(|project| {
            project.status = ProjectStatus::Completed;
            project.status_reason = Arc::clone(&event.note);
            project.completed = Some(Judgement {
                text: Arc::clone(&event.note),
                by: actor.clone(),
                at,
            });
        });
        // Whoever waits for a task learns that none will come.
        self.index.wakes += 1;
    }

    pub(super) fn project_archived(&mut self, event: &ProjectArchived) {
        self.watched_no_more();
        self.edit_project(|project| {
            project.status = ProjectStatus::Archived;
            project.status_reason = event.reason.as_str().into();
        });
    }

    pub(super) fn project_restored(&mut self, event: &ProjectRestored) {
        self.fence = self.fence.max(event.fence);
        self.edit_project(|_| {});
    }

    pub(super) fn plan_imported(&mut self, event: &PlanImported) {
        self.edit_project(|project| {
            let file: Arc<str> = event.source.name.as_str().into();
            project.sources.push(event.source.clone());
            project.diagnostics.extend(
                event
                    .diagnostics
                    .iter()
                    .map(|diagnostic| (Arc::clone(&file), diagnostic.clone())),
            );
            if let Some(goal) = &event.sprint_goal {
                project.sprint_goal = goal.as_str().into();
            }
        });
        let history = self.sprint_history.iter().chain(&event.sprints);
        self.sprint_history = history.cloned().collect();
        self.highest_session = self.highest_session.max(event.highest_session);
    }

    pub(super) fn diagnostic_settled(
        &mut self,
        event: &DiagnosticSettled,
        at: Timestamp,
        actor: &Actor,
    ) {
        let said = Judgement {
            text: Arc::clone(&event.note),
            by: actor.clone(),
            at,
        };
        self.edit_project(|project| {
            let place = project
                .settled
                .partition_point(|(number, _)| *number < event.number);
            project.settled.insert(place, (event.number, said));
        });
    }

    pub(super) fn role_added(&mut self, event: &RoleAdded) {
        self.edit_project(|project| project.settings.roles.push(event.role.clone()));
        self.refresh_roles();
    }
}
