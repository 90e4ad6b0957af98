//! What assignments do to a plan. Who looks after a task is part of its class in the claim index, so that an
//! assignment moves the ready tasks of its subject and no others.

use std::sync::Arc;

use super::super::event::{
    AssignmentAdded, AssignmentEnded, AssignmentUpdated, Duty, Subject, Text,
};
use super::super::fact::Actor;
use super::super::id::{AssignmentId, TaskId};
use super::super::model::{Assignees, Assignment, AssignmentEnd, Spec};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

impl Plan {
    pub(super) fn assignment_added(
        &mut self,
        event: &AssignmentAdded,
        at: Timestamp,
        actor: &Actor,
    ) {
        let assignment = Assignment {
            id: event.assignment,
            agent: Arc::clone(&event.agent),
            subject: event.subject.clone(),
            duty: event.duty,
            end: None,
            added_by: actor.clone(),
            added_at: at,
            revision: self.version,
        };
        self.assignments
            .insert(event.assignment, Arc::new(assignment));
        let key = (Arc::clone(&event.agent), event.assignment);
        self.index.assignments_of.insert(key);
        self.look_after(&event.subject, &event.agent, Some(event.duty));
    }

    pub(super) fn assignment_updated(&mut self, event: &AssignmentUpdated) {
        let version = self.version;
        edit(&mut self.assignments, &event.assignment, |assignment| {
            assignment.duty = event.duty;
            assignment.revision = version;
        });
        if let Some(assignment) = self.assignments.get(&event.assignment).map(Arc::clone) {
            self.look_after(&assignment.subject, &assignment.agent, Some(event.duty));
        }
    }

    pub(super) fn assignment_ended(
        &mut self,
        event: &AssignmentEnded,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.end_assignment(event.assignment, &event.reason, at, actor);
    }

    /// Whoever has left looks after nothing any more.
    pub(super) fn end_assignments_of(&mut self, agent: &Text, at: Timestamp, actor: &Actor) {
        let ids: Vec<AssignmentId> = self.in_force_of(agent).map(|it| it.id).collect();
        let reason = Text::from("the agent left the project");
        for id in ids {
            self.end_assignment(id, &reason, at, actor);
        }
    }

    fn end_assignment(&mut self, id: AssignmentId, reason: &Text, at: Timestamp, actor: &Actor) {
        let version = self.version;
        edit(&mut self.assignments, &id, |assignment| {
            assignment.end = Some(AssignmentEnd {
                by: actor.clone(),
                at,
                reason: Arc::clone(reason),
            });
            assignment.revision = version;
        });
        let Some(assignment) = self.assignments.get(&id).map(Arc::clone) else {
            return;
        };
        let key = (Arc::clone(&assignment.agent), id);
        self.index.assignments_of.remove(&key);
        self.look_after(&assignment.subject, &assignment.agent, None);
    }

    /// Puts an agent among those who look after something, or takes it out.
    fn look_after(&mut self, subject: &Subject, agent: &Text, duty: Option<Duty>) {
        let before = self.index.assignees.get(subject);
        let before = before.map_or_else(Assignees::default, |it| (**it).clone());
        let after = Assignees {
            primary: changed(&before.primary, agent, duty == Some(Duty::Primary)),
            backups: changed(&before.backups, agent, duty == Some(Duty::Backup)),
        };
        if after.all().next().is_none() {
            self.index.assignees.remove(subject);
        } else {
            self.index
                .assignees
                .insert(subject.clone(), Arc::new(after));
        }
        for id in self.ready_tasks_of(subject) {
            self.reindex(id);
        }
    }

    /// The tasks of a subject that stand in the claim index.
    fn ready_tasks_of(&self, subject: &Subject) -> Vec<TaskId> {
        let keyed = &self.index.ready_keys;
        match subject {
            Subject::Area(area) => {
                let of_area = |id: &TaskId| {
                    let spec = self.specs.get(id);
                    spec.is_some_and(|spec| spec.area.to_lowercase() == **area)
                };
                keyed.keys().copied().filter(of_area).collect()
            }
            Subject::Task(id) => {
                let mut tasks = Vec::new();
                let mut todo = vec![*id];
                while let Some(id) = todo.pop() {
                    let spec = self.specs.get(&id);
                    todo.extend(spec.iter().flat_map(|spec| spec.split_into()));
                    tasks.extend(keyed.contains_key(&id).then_some(id));
                }
                tasks
            }
        }
    }

    /// Who looks after a task: it itself is assigned, or what it is a part of, else its area.
    pub(in super::super) fn assignees_of(&self, id: TaskId, spec: &Spec) -> Option<Arc<Assignees>> {
        let assignees = &self.index.assignees;
        if assignees.is_empty() {
            return None;
        }
        let of_task = self
            .line_of(id)
            .find_map(|id| assignees.get(&Subject::Task(id)));
        let of_area = || assignees.get(&Subject::Area(spec.area.to_lowercase().into()));
        of_task.or_else(of_area).map(Arc::clone)
    }
}

/// Names in order, with one among them or without it.
fn changed(names: &[Text], name: &Text, is_in: bool) -> Box<[Text]> {
    let mut names: Vec<Text> = names
        .iter()
        .filter(|other| *other != name)
        .cloned()
        .collect();
    names.extend(is_in.then(|| Arc::clone(name)));
    names.sort_unstable();
    names.into()
}
