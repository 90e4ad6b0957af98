//! What references of tasks do to a plan. A task without any has no entry.

use std::sync::Arc;

use super::super::event::{ReferenceAdded, ReferenceRemoved, ReferencesMoved};
use super::super::id::TaskId;
use super::super::model::{Reference, TaskReferences};
use super::super::state::Plan;

impl Plan {
    pub(super) fn reference_added(&mut self, event: &ReferenceAdded) {
        let added = Reference {
            kind: event.kind,
            name: Arc::clone(&event.name),
            uri: Arc::clone(&event.uri),
            status: event.status,
        };
        let before = self.references_of(event.task).iter().cloned();
        let references = before.chain([added]).collect();
        self.refer(event.task, references);
    }

    pub(super) fn reference_removed(&mut self, event: &ReferenceRemoved) {
        let before = self.references_of(event.task).iter();
        let left = before.filter(|it| it.name != event.name);
        let references = left.cloned().collect();
        self.refer(event.task, references);
    }

    pub(super) fn references_moved(&mut self, event: &ReferencesMoved) {
        let mut references: Vec<Reference> = self.references_of(event.task).to_vec();
        for reference in &mut references {
            if event.names.contains(&reference.name) {
                reference.status = Some(event.status);
            }
        }
        self.refer(event.task, references.into());
    }

    /// The parts of a split task refer to what it refers to.
    pub(super) fn give_references_to(&mut self, id: TaskId, parts: &[TaskId]) {
        let references: Box<[Reference]> = self.references_of(id).into();
        for part in parts {
            self.refer(*part, references.clone());
        }
    }

    fn refer(&mut self, task: TaskId, references: Box<[Reference]>) {
        if references.is_empty() {
            self.references.remove(&task);
            return;
        }
        let entry = TaskReferences {
            task,
            references,
            revision: self.version,
        };
        self.references.insert(task, Arc::new(entry));
    }
}
