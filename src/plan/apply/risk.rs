//! What risks do to a plan: nothing is held up but by the blocker that is opened for one.

use std::sync::Arc;

use super::super::event::{RiskAdded, RiskMoved, RiskStatus, RiskUpdated};
use super::super::fact::Actor;
use super::super::model::{Risk, RiskStep};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

impl Plan {
    pub(super) fn risk_added(&mut self, event: &RiskAdded, at: Timestamp, actor: &Actor) {
        let risk = Risk {
            id: event.risk,
            words: event.words.clone(),
            status: RiskStatus::Active,
            step: None,
            blocker: None,
            added_by: actor.clone(),
            added_at: at,
            revision: self.version,
        };
        self.risks.insert(event.risk, Arc::new(risk));
    }

    pub(super) fn risk_updated(&mut self, event: &RiskUpdated) {
        let version = self.version;
        edit(&mut self.risks, &event.risk, |risk| {
            risk.words = event.words.clone();
            risk.revision = version;
        });
    }

    pub(super) fn risk_moved(&mut self, event: &RiskMoved, at: Timestamp, actor: &Actor) {
        let version = self.version;
        edit(&mut self.risks, &event.risk, |risk| {
            risk.status = event.to;
            risk.step = Some(RiskStep {
                note: Arc::clone(&event.note),
                by: actor.clone(),
                at,
            });
            risk.blocker = event.blocker.or(risk.blocker);
            risk.revision = version;
        });
    }
}
