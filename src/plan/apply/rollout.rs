//! What rollouts do to a plan: nothing but to themselves.

use std::sync::Arc;

use super::super::event::{
    RollbackTested, RolloutCreated, RolloutEnded, RolloutHeldBack, RolloutReadied, RolloutStarted,
    RolloutStatus, RolloutStepDone, RolloutUpdated,
};
use super::super::fact::Actor;
use super::super::id::RolloutId;
use super::super::model::{Rollout, RolloutEnd};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;
use super::integration::said;

impl Plan {
    pub(super) fn rollout_created(&mut self, event: &RolloutCreated, at: Timestamp, actor: &Actor) {
        let rollout = Rollout {
            id: event.rollout,
            words: event.words.clone(),
            status: RolloutStatus::Draft,
            rollback_tested: None,
            started: None,
            done: Box::default(),
            end: None,
            since: at,
            created_by: actor.clone(),
            created_at: at,
            revision: self.version,
        };
        self.rollouts.insert(rollout.id, Arc::new(rollout));
    }

    pub(super) fn rollout_updated(&mut self, event: &RolloutUpdated) {
        self.edit_rollout(event.rollout, |rollout| {
            let (before, words) = (&rollout.words, &event.words);
            if before.steps != words.steps || before.rollback_plan != words.rollback_plan {
                rollout.rollback_tested = None;
            }
            rollout.words = words.clone();
        });
    }

    pub(super) fn rollback_tested(&mut self, event: &RollbackTested, at: Timestamp, actor: &Actor) {
        self.edit_rollout(event.rollout, |rollout| {
            rollout.rollback_tested = Some(said(&event.evidence, actor, at));
        });
    }

    pub(super) fn rollout_readied(&mut self, event: &RolloutReadied, at: Timestamp) {
        self.move_rollout(event.rollout, RolloutStatus::Ready, at);
    }

    pub(super) fn rollout_held_back(&mut self, event: &RolloutHeldBack, at: Timestamp) {
        self.move_rollout(event.rollout, RolloutStatus::Draft, at);
    }

    pub(super) fn rollout_started(&mut self, event: &RolloutStarted, at: Timestamp, actor: &Actor) {
        self.move_rollout(event.rollout, RolloutStatus::Rolling, at);
        self.edit_rollout(event.rollout, |rollout| {
            rollout.started = Some((actor.clone(), at));
        });
    }

    pub(super) fn rollout_step_done(
        &mut self,
        event: &RolloutStepDone,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.edit_rollout(event.rollout, |rollout| {
            let done = said(&event.note, actor, at);
            rollout.done = rollout.done.iter().cloned().chain([done]).collect();
        });
    }

    pub(super) fn rollout_ended(&mut self, event: &RolloutEnded, at: Timestamp, actor: &Actor) {
        self.move_rollout(event.rollout, event.to, at);
        self.edit_rollout(event.rollout, |rollout| {
            rollout.end = Some(RolloutEnd {
                said: said(&event.note, actor, at),
                metrics: event.metrics.clone().into(),
                blocker: event.blocker,
            });
        });
    }

    fn move_rollout(&mut self, id: RolloutId, to: RolloutStatus, at: Timestamp) {
        self.edit_rollout(id, |rollout| {
            rollout.status = to;
            rollout.since = at;
        });
    }

    fn edit_rollout(&mut self, id: RolloutId, change: impl FnOnce(&mut Rollout)) {
        let version = self.version;
        edit(&mut self.rollouts, &id, |rollout| {
            change(rollout);
            rollout.revision = version;
        });
    }
}
