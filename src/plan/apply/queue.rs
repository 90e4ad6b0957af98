//! What blockers and discovered tasks do to a plan.

use std::sync::Arc;

use super::super::event::{
    BlockerEscalated, BlockerKind, BlockerOpened, BlockerResolved, DiscoveredTriaged, Severity,
    TaskDiscovered, Triage,
};
use super::super::fact::Actor;
use super::super::id::{PhaseNo, SessionId, TaskId};
use super::super::model::{Blocker, BlockerStatus, Discovered};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::{edit, with};

impl Plan {
    pub(super) fn blocker_opened(&mut self, event: &BlockerOpened, at: Timestamp, actor: &Actor) {
        let id = event.blocker;
        let phase = event
            .phase
            .as_deref()
            .and_then(|phase| self.phase_no(phase));
        let blocker = Blocker {
            id,
            kind: event.kind,
            status: BlockerStatus::Open,
            tasks: event.tasks.clone().into(),
            phase,
            reason: Arc::clone(&event.reason),
            waits_for: event.waits_for,
            owner: Arc::clone(&event.owner),
            resolution_path: Arc::clone(&event.resolution_path),
            severity: event.severity,
            since: at,
            since_text: Arc::clone(&event.since_text),
            opened_by: actor.clone(),
            escalated: None,
            urgent: (event.severity == Severity::Critical).then_some((at, self.version)),
            resolution: None,
            revision: self.version,
        };
        self.blockers.insert(id, Arc::new(blocker));
        self.index.open_blockers.insert(id);
        if let Some(on) = event.waits_for {
            self.index.settled_by.insert((on, id));
        }
        if let Some(phase) = phase {
            *self.index.phase_blockers.entry(phase).or_insert(0) += 1;
        }
        for task in &event.tasks {
            let ids = self.index.blockers_of.entry(*task).or_default();
            *ids = with(ids, id);
            self.block(*task, |state| state.open_blockers += 1);
        }
    }

    pub(super) fn block(
        &mut self,
        task: TaskId,
        change: impl FnOnce(&mut super::super::model::State),
    ) {
        let version = self.version;
        if let Some(state) = self.states.get_mut(&task) {
            change(state);
            state.revision = version;
        }
        self.reindex(task);
    }

    /// One thing less holds a phase up.
    pub(super) fn unblock_phase(&mut self, phase: PhaseNo) {
        if let Some(count) = self.index.phase_blockers.get_mut(&phase) {
            *count -= 1;
            if *count == 0 {
                self.index.phase_blockers.remove(&phase);
                self.index.wakes += 1;
            }
        }
    }

    pub(super) fn blocker_escalated(&mut self, event: &BlockerEscalated, at: Timestamp) {
        let version = self.version;
        edit(&mut self.blockers, &event.blocker, |blocker| {
            blocker.status = BlockerStatus::Escalated;
            blocker.escalated = Some((at, Arc::clone(&event.reason)));
            blocker.urgent = Some((at, version));
            if !event.owner.is_empty() {
                blocker.owner = Arc::clone(&event.owner);
            }
            blocker.revision = version;
        });
    }

    pub(super) fn blocker_resolved(
        &mut self,
        event: &BlockerResolved,
        at: Timestamp,
        actor: &Actor,
    ) {
        let version = self.version;
        edit(&mut self.blockers, &event.blocker, |blocker| {
            blocker.status = if event.withdrawn {
                BlockerStatus::Withdrawn
            } else {
                BlockerStatus::Resolved
            };
            blocker.resolution = Some((actor.clone(), at, Arc::clone(&event.resolution)));
            blocker.revision = version;
        });
        self.index.open_blockers.remove(&event.blocker);
        let Some(blocker) = self.blockers.get(&event.blocker).cloned() else {
            return;
        };
        if let Some(on) = blocker.waits_for {
            self.index.settled_by.remove(&(on, blocker.id));
        }
        if let Some(phase) = blocker.phase {
            self.unblock_phase(phase);
        }
        for task in &blocker.tasks {
            self.block(*task, |state| {
                state.open_blockers = state.open_blockers.saturating_sub(1);
                if blocker.kind == BlockerKind::Failure {
                    state.strikes = 0;
                }
            });
        }
    }

    pub(super) fn task_discovered(
        &mut self,
        event: &TaskDiscovered,
        at: Timestamp,
        actor: &Actor,
        session: Option<SessionId>,
    ) {
        let id = event.discovered;
        let suggested = event
            .suggested_phase
            .as_deref()
            .and_then(|phase| self.phase_no(phase));
        let discovered = Discovered {
            id,
            title: Arc::clone(&event.title),
            notes: Arc::clone(&event.notes),
            priority: event.priority,
            area: Arc::clone(&event.area),
            found_on: event.found_on,
            found_in: session,
            found_in_text: Arc::clone(&event.found_in_text),
            suggested_phase: suggested,
            found_by: actor.clone(),
            found_at: at,
            triage: None,
            triage_note: "".into(),
            triaged_at: None,
            revision: self.version,
        };
        self.discovered.insert(id, Arc::new(discovered));
        self.index.untriaged.insert(id);
    }

    pub(super) fn discovered_triaged(&mut self, event: &DiscoveredTriaged, at: Timestamp) {
        let version = self.version;
        edit(&mut self.discovered, &event.discovered, |discovered| {
            discovered.triage = Some(event.triage.clone());
            discovered.triage_note = Arc::clone(&event.note);
            discovered.triaged_at = Some(at);
            discovered.revision = version;
        });
        match &event.triage {
            Triage::Promoted(_) | Triage::Deferred | Triage::Rejected | Triage::Duplicate(_) => {
                self.index.untriaged.remove(&event.discovered);
            }
        }
    }
}
