//! What reviews do to a plan. Work under review is held by nobody; approving it finishes the task as its author
//! would have.

use std::sync::Arc;

use super::super::check::CheckSet;
use super::super::event::{ChangesRequested, TaskApproved, TaskSubmitted};
use super::super::fact::Actor;
use super::super::id::TaskId;
use super::super::model::{Approval, Completion, Leftover, Review, Status};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::with;

impl Plan {
    pub(super) fn task_submitted(&mut self, event: &TaskSubmitted, at: Timestamp) {
        let id = event.task;
        let version = self.version;
        let Some(lease) = self.states.get(&id).and_then(|state| state.lease.clone()) else {
            return;
        };
        self.edit_state(id, |state| {
            state.lease = None;
            state.held_ms += at.since_ms(lease.claimed_at);
            state.checks = state.checks.and(event.checked);
            state.leftover = None;
        });
        self.let_go(&lease.agent, id);
        let review = Review {
            author: Arc::clone(&lease.agent),
            session: lease.session,
            attempt: lease.attempt,
            fence: event.fence,
            at,
            version,
            summary: Arc::clone(&event.summary),
            verification: Arc::clone(&event.verification),
            evidence: event.evidence.clone().into(),
            technologies: event.technologies.clone().into(),
            tests_passed_percent: event.tests_passed_percent,
            accepted: event.accepted.clone().into(),
            gate_checks: event.gate_checks.clone().into(),
            held_ms: event.held_ms,
            open_checks: event.open_checks,
        };
        self.is_author(&lease.agent, id);
        self.owes(&lease.agent, id, event.open_checks);
        self.reviews.insert(id, Arc::new(review));
        self.set_status(id, Status::InReview);
    }

    /// What a task is under review with ends with the review.
    pub(super) fn end_review(&mut self, id: TaskId) -> Option<Arc<Review>> {
        let review = self.reviews.remove(&id)?;
        self.settle_checks(&review.author, id);
        Some(review)
    }

    pub(super) fn task_approved(&mut self, event: &TaskApproved, at: Timestamp, actor: &Actor) {
        let id = event.task;
        let version = self.version;
        let Some(review) = self.end_review(id) else {
            return;
        };
        self.edit_state(id, |state| {
            state.completion = Some(Arc::new(Completion {
                at,
                agent: Some(Arc::clone(&review.author)),
                session: Some(review.session),
                fence: review.fence,
                version,
                summary: Arc::clone(&review.summary),
                verification: Arc::clone(&review.verification),
                evidence: review.evidence.clone(),
                technologies: review.technologies.clone(),
                tests_passed_percent: review.tests_passed_percent,
                accepted: review.accepted.clone(),
                held_ms: review.held_ms,
                open_checks: review.open_checks,
                approval: Some(Box::new(Approval {
                    by: actor.clone(),
                    note: Arc::clone(&event.note),
                    submitted_at: review.at,
                })),
            }));
        });
        self.finished_by(&review.author, review.session, id, review.open_checks);
        self.set_status(id, Status::Completed);
    }

    pub(super) fn changes_requested(&mut self, event: &ChangesRequested, at: Timestamp) {
        let id = event.task;
        let Some(review) = self.end_review(id) else {
            return;
        };
        let authors = self.given_back.get(&id).map_or(&[][..], |authors| authors);
        let authors = with(authors, Arc::clone(&review.author));
        self.given_back.insert(id, authors.into());
        self.edit_state(id, |state| {
            state.checks = CheckSet::NONE;
            state.leftover = Some(Arc::new(Leftover {
                attempt: review.attempt,
                agent: Arc::clone(&review.author),
                at,
                ending: "changes wanted".into(),
                note: Arc::clone(&event.reason),
            }));
        });
        self.set_status(id, Status::Planned);
    }
}
