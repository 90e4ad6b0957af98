//! What the working of a task does to a plan: claims, starts, ends.

use std::sync::Arc;

use super::super::check::CheckSet;
use super::super::event::{
    ClaimRevoked, LeaseExpired, ProgressReported, ReleaseCause, TaskClaimed, TaskCompleted,
    TaskReleased, TaskStarted, Text,
};
use super::super::id::{SessionId, TaskId};
use super::super::model::{Completion, Lease, Leftover, State, Status};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::{edit, with, without};

impl Plan {
    pub(super) fn edit_state(&mut self, id: TaskId, change: impl FnOnce(&mut State)) {
        let version = self.version;
        if let Some(state) = self.states.get_mut(&id) {
            state.revision = version;
            change(state);
        }
    }

    fn edit_lease(&mut self, id: TaskId, change: impl FnOnce(&mut Lease)) {
        self.edit_state(id, |state| {
            if let Some(lease) = &mut state.lease {
                change(Arc::make_mut(lease));
            }
        });
    }

    pub(super) fn task_claimed(&mut self, event: &TaskClaimed, at: Timestamp) {
        let id = event.task;
        self.fence = self.fence.max(event.fence);
        let mut chain_since = at;
        let mut progress = None;
        let mut progress_at = at;
        let mut holder_before = None;
        self.edit_state(id, |state| {
            if let Some(before) = state.lease.take() {
                state.held_ms += at.since_ms(before.claimed_at);
                holder_before = Some(Arc::clone(&before.agent));
                chain_since = before.chain_since;
                progress.clone_from(&before.progress);
                progress_at = before.progress_at;
            }
            state.attempt = event.attempt;
            state.lease = Some(Arc::new(Lease {
                agent: Arc::clone(&event.agent),
                session: event.session,
                attempt: event.attempt,
                fence: event.fence,
                lease_ms: event.lease_ms,
                claimed_at: at,
                chain_since,
                progress_at,
                progress,
            }));
        });
        if let Some(name) = holder_before {
            self.let_go(&name, id);
        }
        self.index.live.insert(id);
        edit(&mut self.agents, &event.agent, |agent| {
            agent.holds = with(&agent.holds, id)
        });
        self.index.claimed_in.insert((event.session, id));
        if self.index.active_sprint.is_some() {
            self.sprint_sessions.insert(event.session);
        }
        if !event.resumed {
            self.set_status(id, Status::Claimed);
        }
    }

    pub(super) fn task_started(&mut self, event: &TaskStarted, at: Timestamp) {
        let id = event.task;
        self.edit_state(id, |state| {
            state.started_at.get_or_insert(at);
            state.checks = state.checks.and(event.checked);
        });
        self.edit_lease(id, |lease| lease.progress_at = at);
        if let Some(phase) = self.specs.get(&id).map(|spec| spec.phase) {
            edit(&mut self.phases, &phase, |phase| {
                phase.started_at.get_or_insert(at);
            });
        }
        self.set_status(id, Status::InProgress);
    }

    pub(super) fn progress_reported(&mut self, event: &ProgressReported, at: Timestamp) {
        if !event.checked.is_empty() {
            self.checks_attested(event);
        }
        if event.note.is_empty() && event.percent.is_none() {
            self.edit_lease(event.task, |lease| lease.progress_at = at);
            return;
        }
        let note: Text = match event.percent {
            Some(percent) => format!("{percent} %: {}", event.note).into(),
            None => Arc::clone(&event.note),
        };
        self.edit_lease(event.task, |lease| {
            lease.progress_at = at;
            lease.progress = Some(note);
        });
    }

    /// Marks what was attested; of a finished task, or one under review, it is no longer owed.
    fn checks_attested(&mut self, event: &ProgressReported) {
        let mut settled = None;
        edit(&mut self.reviews, &event.task, |review| {
            review.open_checks = review.open_checks.without(event.checked);
            settled = Some(Arc::clone(&review.author)).filter(|_| review.open_checks.is_empty());
        });
        self.edit_state(event.task, |state| {
            state.checks = state.checks.and(event.checked);
            if let Some(done) = &mut state.completion {
                let done = Arc::make_mut(done);
                done.open_checks = done.open_checks.without(event.checked);
                settled = done.agent.clone().filter(|_| done.open_checks.is_empty());
            }
        });
        if let Some(name) = settled {
            self.settle_checks(&name, event.task);
        }
    }

    /// An agent owes no check of a task any more.
    pub(super) fn settle_checks(&mut self, name: &Text, id: TaskId) {
        edit(&mut self.agents, name, |agent| {
            if agent.owes.contains(&id) {
                agent.owes = without(&agent.owes, &id);
            }
        });
    }

    /// Ends the live lease of a task, leaving behind what its holder said.
    fn end_lease(&mut self, id: TaskId, at: Timestamp, ending: &str, note: Option<&Text>) {
        let mut holder = None;
        self.edit_state(id, |state| {
            let Some(lease) = state.lease.take() else {
                return;
            };
            // The next holder looks for itself.
            state.checks = CheckSet::NONE;
            state.held_ms += at.since_ms(lease.claimed_at);
            let said = note
                .filter(|note| !note.is_empty())
                .or(lease.progress.as_ref());
            state.leftover = Some(Arc::new(Leftover {
                attempt: lease.attempt,
                agent: Arc::clone(&lease.agent),
                at,
                ending: ending.into(),
                note: said.cloned().unwrap_or_default(),
            }));
            holder = Some(Arc::clone(&lease.agent));
        });
        if let Some(name) = holder {
            self.let_go(&name, id);
        }
    }

    /// A task left an agent's hands.
    pub(super) fn let_go(&mut self, name: &Text, id: TaskId) {
        self.index.live.remove(&id);
        edit(&mut self.agents, name, |agent| {
            agent.holds = without(&agent.holds, &id)
        });
    }

    pub(super) fn task_released(&mut self, event: &TaskReleased, at: Timestamp) {
        let ending = match event.cause {
            ReleaseCause::Returned | ReleaseCause::SessionEnded => "released",
            ReleaseCause::Failed => "failed",
            ReleaseCause::Blocked => "blocked",
        };
        self.end_lease(event.task, at, ending, Some(&event.reason));
        if event.cause == ReleaseCause::Failed {
            self.edit_state(event.task, |state| {
                state.strikes = state.strikes.saturating_add(1)
            });
        }
        self.set_status(event.task, Status::Planned);
    }

    pub(super) fn lease_expired(&mut self, event: &LeaseExpired, at: Timestamp) {
        self.fence = self.fence.max(event.fence);
        self.end_lease(event.task, at, "expired", None);
        self.edit_state(event.task, |state| {
            state.strikes = state.strikes.saturating_add(1)
        });
        self.set_status(event.task, Status::Planned);
    }

    pub(super) fn claim_revoked(&mut self, event: &ClaimRevoked, at: Timestamp) {
        self.fence = self.fence.max(event.fence);
        self.end_lease(event.task, at, "revoked", Some(&event.reason));
        self.set_status(event.task, Status::Planned);
    }

    pub(super) fn task_completed(&mut self, event: &TaskCompleted, at: Timestamp) {
        let id = event.task;
        let version = self.version;
        let mut held = None;
        self.edit_state(id, |state| {
            let lease = state.lease.take();
            let holder = lease
                .as_ref()
                .map(|lease| (Arc::clone(&lease.agent), lease.session));
            if let Some(lease) = &lease {
                state.held_ms += at.since_ms(lease.claimed_at);
            }
            state.completion = Some(Arc::new(Completion {
                at,
                agent: holder.as_ref().map(|(agent, _)| Arc::clone(agent)),
                session: holder.as_ref().map(|(_, session)| *session),
                fence: event.fence,
                version,
                summary: Arc::clone(&event.summary),
                verification: Arc::clone(&event.verification),
                evidence: event.evidence.clone().into(),
                technologies: event.technologies.clone().into(),
                tests_passed_percent: event.tests_passed_percent,
                accepted: event.accepted.clone().into(),
                held_ms: event.held_ms,
                open_checks: event.open_checks,
                approval: None,
            }));
            state.checks = state.checks.and(event.checked);
            state.leftover = None;
            held = holder;
        });
        if let Some((agent, session)) = held {
            self.let_go(&agent, id);
            self.finished_by(&agent, session, id, event.open_checks);
        }
        self.set_status(id, Status::Completed);
    }

    /// Counts a finished task as its author's, who may owe checks of it.
    pub(super) fn finished_by(
        &mut self,
        author: &Text,
        session: SessionId,
        id: TaskId,
        owed: CheckSet,
    ) {
        self.index.completed_in.insert((session, id));
        self.is_author(author, id);
        self.owes(author, id, owed);
    }

    /// An agent owes these checks of a task before its next claim.
    pub(super) fn owes(&mut self, name: &Text, id: TaskId, owed: CheckSet) {
        if !owed.is_empty() {
            edit(&mut self.agents, name, |agent| {
                agent.owes = with(&agent.owes, id)
            });
        }
    }

    /// A carried task passes to its agent's next session.
    pub(super) fn adopt(&mut self, id: TaskId, session: SessionId) {
        self.edit_lease(id, |lease| lease.session = session);
    }
}
