//! What decisions do to a plan. An open one holds up the tasks and phases it names; one that holds no more
//! leaves a list of the tasks that relied on it.

use std::sync::Arc;

use super::super::event::{
    DecisionDecided, DecisionDeprecated, DecisionOpened, DecisionProposed, TaskRevisited,
};
use super::super::fact::Actor;
use super::super::id::{DecisionId, TaskId};
use super::super::model::{Answer, Decision, Proposal};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::{edit, with, without};

impl Plan {
    pub(super) fn decision_opened(&mut self, event: &DecisionOpened, at: Timestamp, actor: &Actor) {
        let id = event.decision;
        let phases = event.phases.iter();
        let phases: Box<[_]> = phases.filter_map(|phase| self.phase_no(phase)).collect();
        for phase in &phases {
            *self.index.phase_blockers.entry(*phase).or_insert(0) += 1;
        }
        let decision = Decision {
            id,
            question: Arc::clone(&event.question),
            options: event.options.clone().into(),
            blocks: event.blocks.clone().into(),
            opened_by: actor.clone(),
            opened_at: at,
            phases,
            selectors: event.selectors.clone().into(),
            proposals: [].into(),
            answer: None,
            supersedes: event.supersedes,
            superseded_by: None,
            deprecated: None,
            revisit: [].into(),
            revision: self.version,
        };
        self.decisions.insert(id, Arc::new(decision));
        self.watch_for_decision(id);
        for task in &event.blocks {
            let ids = self.index.decisions_of.entry(*task).or_default();
            *ids = with(ids, id);
            self.block(*task, |state| state.open_decisions += 1);
        }
    }

    pub(super) fn decision_proposed(
        &mut self,
        event: &DecisionProposed,
        at: Timestamp,
        actor: &Actor,
    ) {
        let version = self.version;
        let proposal = Proposal {
            answer: Arc::clone(&event.answer),
            rationale: Arc::clone(&event.rationale),
            by: actor.clone(),
            at,
        };
        edit(&mut self.decisions, &event.decision, |decision| {
            let proposals = decision.proposals.iter().cloned();
            decision.proposals = proposals.chain([proposal]).collect();
            decision.revision = version;
        });
    }

    pub(super) fn decision_decided(
        &mut self,
        event: &DecisionDecided,
        at: Timestamp,
        actor: &Actor,
    ) {
        let version = self.version;
        edit(&mut self.decisions, &event.decision, |decision| {
            decision.answer = Some(Answer {
                text: Arc::clone(&event.answer),
                rationale: Arc::clone(&event.rationale),
                record_uri: Arc::clone(&event.record_uri),
                consequences: Arc::clone(&event.consequences),
                by: actor.clone(),
                at,
            });
            decision.revisit = event.revisit.clone().into();
            decision.revision = version;
        });
        self.index.decision_selectors.remove(&event.decision);
        let Some(decided) = self.decisions.get(&event.decision).cloned() else {
            return;
        };
        for task in &decided.blocks {
            self.block(*task, |state| {
                state.open_decisions = state.open_decisions.saturating_sub(1);
            });
        }
        for phase in &decided.phases {
            self.unblock_phase(*phase);
        }
        if let Some(before) = decided.supersedes {
            edit(&mut self.decisions, &before, |decision| {
                decision.superseded_by = Some(event.decision);
                // Whoever relied on what it took the place of relies on neither now.
                decision.revisit = [].into();
                decision.revision = version;
            });
        }
    }

    pub(super) fn decision_deprecated(
        &mut self,
        event: &DecisionDeprecated,
        at: Timestamp,
        actor: &Actor,
    ) {
        let version = self.version;
        edit(&mut self.decisions, &event.decision, |decision| {
            decision.deprecated = Some((actor.clone(), at, Arc::clone(&event.reason)));
            decision.revisit = event.revisit.clone().into();
            decision.revision = version;
        });
    }

    pub(super) fn task_revisited(&mut self, event: &TaskRevisited) {
        self.revisited(event.decision, event.task);
    }

    fn revisited(&mut self, decision: DecisionId, task: TaskId) {
        let version = self.version;
        edit(&mut self.decisions, &decision, |decision| {
            decision.revisit = without(&decision.revisit, &task);
            decision.revision = version;
        });
    }

    /// A task that is done again, or not at all, relies on nothing that was decided before.
    pub(super) fn forget_revisits(&mut self, task: TaskId) {
        let Some(ids) = self.index.decisions_of.get(&task).cloned() else {
            return;
        };
        for id in &ids {
            let listed = self.decisions.get(id);
            if listed.is_some_and(|decision| decision.revisit.contains(&task)) {
                self.revisited(*id, task);
            }
        }
    }
}
