//! What deliverables do to a plan. A phase that gains or loses one may begin or cease to be a barrier.

use std::sync::Arc;

use super::super::event::{
    DeliverableAccepted, DeliverableAdded, DeliverableRejected, DeliverableSubmitted,
    DeliverableUpdated, Home,
};
use super::super::fact::Actor;
use super::super::id::{DeliverableId, PhaseNo};
use super::super::model::{Deliverable, DeliverableStatus, Judgement, Submission};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

impl Plan {
    fn home_phase(&self, home: &Home) -> Option<PhaseNo> {
        let phase = home.phase.as_deref();
        phase.and_then(|phase| self.phase_no(phase))
    }

    pub(super) fn deliverable_added(
        &mut self,
        event: &DeliverableAdded,
        at: Timestamp,
        actor: &Actor,
    ) {
        let id = event.deliverable;
        let deliverable = Deliverable {
            id,
            name: Arc::clone(&event.name),
            uri: Arc::clone(&event.uri),
            phase: self.home_phase(&event.home),
            task: event.home.task,
            workflow: Arc::clone(&event.home.workflow),
            acceptance: event.acceptance.clone().into(),
            status: DeliverableStatus::Pending,
            submission: None,
            judgement: None,
            added_by: actor.clone(),
            added_at: at,
            revision: self.version,
        };
        self.deliverables.insert(id, Arc::new(deliverable));
        self.index_deliverable(id);
        self.refresh_phases();
    }

    pub(super) fn deliverable_updated(&mut self, event: &DeliverableUpdated) {
        let version = self.version;
        let home = event.home.as_ref();
        let moved = home.map(|home| (self.home_phase(home), home));
        let is_moved = moved.is_some();
        if is_moved {
            self.forget_deliverable(event.deliverable);
        }
        edit(&mut self.deliverables, &event.deliverable, |deliverable| {
            if let Some(name) = &event.name {
                deliverable.name = Arc::clone(name);
            }
            if let Some(uri) = &event.uri {
                deliverable.uri = Arc::clone(uri);
            }
            if let Some(acceptance) = &event.acceptance {
                deliverable.acceptance = acceptance.clone().into();
            }
            if let Some((phase, home)) = moved {
                deliverable.phase = phase;
                deliverable.task = home.task;
                deliverable.workflow = Arc::clone(&home.workflow);
            }
            deliverable.revision = version;
        });
        if is_moved {
            self.index_deliverable(event.deliverable);
            self.refresh_phases();
        }
    }

    pub(super) fn deliverable_submitted(
        &mut self,
        event: &DeliverableSubmitted,
        at: Timestamp,
        actor: &Actor,
    ) {
        let submission = Submission {
            artefact: Arc::clone(&event.artefact),
            note: Arc::clone(&event.note),
            by: actor.clone(),
            at,
        };
        self.step_deliverable(event.deliverable, |deliverable| {
            deliverable.status = DeliverableStatus::Submitted;
            deliverable.submission = Some(submission);
            deliverable.judgement = None;
        });
    }

    pub(super) fn deliverable_accepted(
        &mut self,
        event: &DeliverableAccepted,
        at: Timestamp,
        actor: &Actor,
    ) {
        let judgement = Judgement {
            text: Arc::clone(&event.note),
            by: actor.clone(),
            at,
        };
        self.step_deliverable(event.deliverable, |deliverable| {
            deliverable.status = DeliverableStatus::Accepted;
            deliverable.judgement = Some(judgement);
        });
    }

    pub(super) fn deliverable_rejected(
        &mut self,
        event: &DeliverableRejected,
        at: Timestamp,
        actor: &Actor,
    ) {
        let judgement = Judgement {
            text: Arc::clone(&event.reason),
            by: actor.clone(),
            at,
        };
        self.step_deliverable(event.deliverable, |deliverable| {
            deliverable.status = DeliverableStatus::Rejected;
            deliverable.judgement = Some(judgement);
        });
    }

    fn step_deliverable(&mut self, id: DeliverableId, change: impl FnOnce(&mut Deliverable)) {
        let version = self.version;
        edit(&mut self.deliverables, &id, |deliverable| {
            change(deliverable);
            deliverable.revision = version;
        });
        self.index_deliverable(id);
    }

    /// Puts a deliverable where it belongs in the indexes.
    fn index_deliverable(&mut self, id: DeliverableId) {
        self.forget_deliverable(id);
        let Some(deliverable) = self.deliverables.get(&id) else {
            return;
        };
        let (phase, status) = (deliverable.phase, deliverable.status);
        if let Some(phase) = phase {
            self.index.deliverables_of.insert((phase, id));
            if status != DeliverableStatus::Accepted {
                self.index.unaccepted.insert((phase, id));
            }
        }
        if status == DeliverableStatus::Submitted {
            self.index.submitted.insert(id);
        }
    }

    fn forget_deliverable(&mut self, id: DeliverableId) {
        let phase = self.deliverables.get(&id).and_then(|it| it.phase);
        if let Some(phase) = phase {
            self.index.deliverables_of.remove(&(phase, id));
            self.index.unaccepted.remove(&(phase, id));
        }
        self.index.submitted.remove(&id);
    }
}
