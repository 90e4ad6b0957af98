//! What integration points do to a plan, and what becomes of their tests: a test says nothing any more once
//! the work at one of its ends is open again.

use std::sync::Arc;

use super::super::event::{
    IntegrationAdded, IntegrationConfirmed, IntegrationFailed, IntegrationTested,
    IntegrationUpdated, IntegrationWithdrawn, PointEnd, Text,
};
use super::super::fact::Actor;
use super::super::id::{IntegrationId, PhaseNo, TaskId};
use super::super::model::{IntegrationPoint, Judgement, PointTest};
use super::super::read::LINE_MAX;
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

pub(super) fn said(text: &Text, by: &Actor, at: Timestamp) -> Judgement {
    Judgement {
        text: Arc::clone(text),
        by: by.clone(),
        at,
    }
}

impl Plan {
    pub(super) fn integration_added(
        &mut self,
        event: &IntegrationAdded,
        at: Timestamp,
        actor: &Actor,
    ) {
        let point = IntegrationPoint {
            id: event.integration,
            words: event.words.clone(),
            confirmed: None,
            test: None,
            withdrawn: None,
            added_by: actor.clone(),
            added_at: at,
            revision: self.version,
        };
        self.integrations.insert(point.id, Arc::new(point));
    }

    pub(super) fn integration_updated(&mut self, event: &IntegrationUpdated) {
        self.edit_point(event.integration, |point| {
            if point.words.sides != event.words.sides {
                point.confirmed = None;
                point.test = None;
            }
            point.words = event.words.clone();
        });
    }

    pub(super) fn integration_confirmed(
        &mut self,
        event: &IntegrationConfirmed,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.edit_point(event.integration, |point| {
            point.confirmed = Some(said(&event.note, actor, at));
        });
    }

    pub(super) fn integration_tested(
        &mut self,
        event: &IntegrationTested,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.edit_point(event.integration, |point| {
            point.test = Some(PointTest {
                passed: true,
                said: said(&event.evidence, actor, at),
                blocker: None,
            });
        });
    }

    pub(super) fn integration_failed(
        &mut self,
        event: &IntegrationFailed,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.edit_point(event.integration, |point| {
            point.test = Some(PointTest {
                passed: false,
                said: said(&event.reason, actor, at),
                blocker: event.blocker,
            });
        });
    }

    pub(super) fn integration_withdrawn(
        &mut self,
        event: &IntegrationWithdrawn,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.edit_point(event.integration, |point| {
            point.withdrawn = Some(said(&event.reason, actor, at));
        });
    }

    fn edit_point(&mut self, id: IntegrationId, change: impl FnOnce(&mut IntegrationPoint)) {
        let version = self.version;
        edit(&mut self.integrations, &id, |point| {
            change(point);
            point.revision = version;
        });
    }

    /// How many tasks of a phase are open, as far as an integration point asks; looked at before one moves.
    pub(super) fn open_for_points(&self, no: PhaseNo) -> u32 {
        if self.integrations.is_empty() {
            return 0;
        }
        self.tally(no).open()
    }

    /// A phase without open tasks may have one again.
    pub(super) fn phase_work_moved(&mut self, no: PhaseNo, open_before: u32) {
        if !self.integrations.is_empty() && open_before == 0 && self.tally(no).open() > 0 {
            self.phase_is_open_again(no);
        }
    }

    /// What was tested with a phase must be tested again.
    pub(super) fn phase_is_open_again(&mut self, no: PhaseNo) {
        if !self.integrations.is_empty() {
            let phase: Text = self.phase_id(no).into();
            self.forget_tests(&[PointEnd::Phase(phase)]);
        }
    }

    /// What was tested with a task, or with what it is a part of, must be tested again.
    pub(super) fn task_is_open_again(&mut self, id: TaskId) {
        if self.integrations.is_empty() {
            return;
        }
        let line = self.line_of(id).take(LINE_MAX);
        let line: Vec<PointEnd> = line.map(PointEnd::Task).collect();
        self.forget_tests(&line);
    }

    fn forget_tests(&mut self, ends: &[PointEnd]) {
        let tested = self.integrations.values().filter(|it| it.test.is_some());
        // What is outside is there whatever happens inside.
        let meets = |point: &&Arc<IntegrationPoint>| {
            !point.is_external() && point.words.sides.ends().any(|end| ends.contains(end))
        };
        let ids: Vec<IntegrationId> = tested.filter(meets).map(|point| point.id).collect();
        for id in ids {
            self.edit_point(id, |point| point.test = None);
        }
    }
}
