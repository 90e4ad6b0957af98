//! What phase events do to a plan.

use std::sync::Arc;

use super::super::event::{
    AddedPhase, CriterionChanged, CriterionMet, PhaseCompleted, PhaseOrderOverridden,
    PhaseReopened, PhaseSkipped, PhaseUpdated, PhasesAdded, RoleWindowSet, Text,
};
use super::super::fact::Actor;
use super::super::id::{PhaseNo, TaskId};
use super::super::model::{Criterion, Phase, PhaseState, RoleWindow};
use super::super::state::{NewWait, Plan};
use super::super::time::Timestamp;
use super::edit;
use super::integration::said;

impl Plan {
    /// The phase of a written id as events carry it.
    pub(in super::super) fn phase_no(&self, id: &str) -> Option<PhaseNo> {
        self.index
            .phase_ids
            .get(id.to_lowercase().as_str())
            .copied()
    }

    pub(super) fn phases_added(&mut self, event: &PhasesAdded, at: Timestamp) {
        for added in &event.phases {
            self.phase_added(added, at);
        }
        self.refresh_phases();
    }

    fn phase_added(&mut self, added: &AddedPhase, at: Timestamp) {
        let no = PhaseNo(self.phases.keys().next_back().map_or(0, |no| no.0 + 1));
        let stated = added
            .predecessors
            .as_ref()
            .map(|ids| ids.iter().filter_map(|id| self.phase_no(id)).collect());
        let phase = Phase {
            no,
            id: added.id.as_str().into(),
            name: added.name.as_str().into(),
            goal: added.goal.as_str().into(),
            lead_role: added
                .lead_role
                .as_deref()
                .and_then(|slug| self.resolve_role(slug).ok()),
            criteria: added.criteria.iter().map(|text| criterion(text)).collect(),
            stated_predecessors: stated,
            state: if added.completed {
                PhaseState::Completed
            } else {
                PhaseState::Open
            },
            started_at: None,
            closed_at: added.completed.then_some(at),
            override_reason: None,
            window: added.window,
            ordering: added.ordering,
            last_ordinal: 0,
            revision: self.version,
        };
        self.phases.insert(no, Arc::new(phase));
        self.index
            .phase_ids
            .insert(Text::from(added.id.to_lowercase()), no);
        let mut order = self.index.phase_order.to_vec();
        let place = added
            .after
            .as_deref()
            .and_then(|id| self.phase_no(id))
            .and_then(|after| order.iter().position(|other| *other == after))
            .map_or(order.len(), |place| place + 1);
        order.insert(place, no);
        self.index.order.set_phases(&order);
        self.index.phase_order = order.into();
        self.wait_for_predecessors(no);
        let behind = self.index.phase_order.get(place + 1).copied();
        if let Some(behind) = behind {
            self.wait_for_predecessors(behind);
        }
    }

    /// Tells the order what a phase stands behind.
    fn wait_for_predecessors(&mut self, no: PhaseNo) {
        let before = self.predecessors(no).into_iter();
        let waits = before.map(|before| NewWait::Between(no, before));
        self.index.new_waits.extend(waits);
    }

    fn edit_phase(&mut self, id: &str, change: impl FnOnce(&mut Phase)) -> Option<PhaseNo> {
        let no = self.phase_no(id)?;
        let version = self.version;
        edit(&mut self.phases, &no, |phase| {
            phase.revision = version;
            change(phase);
        });
        Some(no)
    }

    pub(super) fn phase_updated(&mut self, event: &PhaseUpdated) {
        let predecessors: Option<Box<[PhaseNo]>> = event
            .predecessors
            .as_ref()
            .map(|ids| ids.iter().filter_map(|id| self.phase_no(id)).collect());
        let reordered = predecessors.is_some();
        let lead = event.lead_role.as_deref();
        let lead = lead.map(|slug| self.resolve_role(slug).ok());
        let no = self.edit_phase(&event.phase, |phase| {
            if let Some(name) = &event.name {
                phase.name = name.as_str().into();
            }
            if let Some(goal) = &event.goal {
                phase.goal = goal.as_str().into();
            }
            if let Some(lead) = lead {
                phase.lead_role = lead;
            }
            if !event.criteria_added.is_empty() {
                let added = event.criteria_added.iter().map(|text| criterion(text));
                phase.criteria = phase.criteria.iter().cloned().chain(added).collect();
            }
            if predecessors.is_some() {
                phase.stated_predecessors = predecessors;
            }
            if event.window.is_some() || event.window_dropped {
                phase.window = event.window;
            }
            if let Some(ordering) = event.ordering {
                phase.ordering = ordering;
            }
        });
        // Tasks without a role of their own fall to whoever leads.
        if let Some(no) = no.filter(|_| event.lead_role.is_some()) {
            let of_phase: Vec<TaskId> = self.tasks_of(no).map(|view| view.id).collect();
            for id in of_phase {
                self.refresh_role(id);
            }
        }
        if let Some(no) = no.filter(|_| event.ordering.is_some()) {
            let ready: Vec<TaskId> = self.keyed_in(no).collect();
            for id in ready {
                self.reindex(id);
            }
        }
        if let Some(no) = no.filter(|_| reordered) {
            self.wait_for_predecessors(no);
        }
        self.refresh_phases();
    }

    /// Tasks of a phase that stand in the claim index.
    fn keyed_in(&self, no: PhaseNo) -> impl Iterator<Item = TaskId> + '_ {
        let of_phase = self.index.in_phase.range((no, 0, TaskId(0))..);
        let of_phase = of_phase.take_while(move |(phase, ..)| *phase == no);
        let ids = of_phase.map(|&(_, _, id)| id);
        ids.filter(|id| self.index.ready_keys.contains_key(id))
    }

    pub(super) fn role_window_set(&mut self, event: &RoleWindowSet) {
        let Ok(role) = self.resolve_role(&event.role) else {
            return;
        };
        let phase = match &event.phase {
            Some(id) => match self.phase_no(id) {
                Some(no) => Some(no),
                None => return,
            },
            None => None,
        };
        let mut windows = self.role_windows.to_vec();
        windows.retain(|window| (window.phase, window.role) != (phase, role));
        windows.extend(event.time.map(|time| RoleWindow { phase, role, time }));
        windows.sort_unstable_by_key(|window| (window.phase, window.role));
        self.role_windows = windows.into();
        // Where such tasks are held back, others may be handed out from here on.
        self.index.wakes += 1;
    }

    pub(super) fn criterion_met(&mut self, event: &CriterionMet, at: Timestamp, actor: &Actor) {
        self.edit_phase(&event.phase, |phase| {
            let place = (event.criterion as usize).saturating_sub(1);
            if let Some(criterion) = phase.criteria.get_mut(place) {
                criterion.met = Some((actor.clone(), at, event.evidence.as_str().into()));
            }
        });
    }

    pub(super) fn criterion_changed(
        &mut self,
        event: &CriterionChanged,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.edit_phase(&event.phase, |phase| {
            let place = (event.criterion as usize).saturating_sub(1);
            let Some(criterion) = phase.criteria.get_mut(place) else {
                return;
            };
            criterion.met = None;
            if let Some(text) = &event.text {
                criterion.text = Arc::clone(text);
            }
            if event.withdrawn {
                criterion.withdrawn = Some(Box::new(said(&event.reason, actor, at)));
            }
        });
        // A phase that asks for nothing any more holds nothing up.
        self.refresh_phases();
    }

    pub(super) fn phase_order_overridden(&mut self, event: &PhaseOrderOverridden) {
        self.edit_phase(&event.phase, |phase| {
            phase.override_reason = Some(event.reason.as_str().into());
        });
        self.refresh_phases();
    }

    pub(super) fn phase_completed(&mut self, event: &PhaseCompleted, at: Timestamp) {
        self.close_phase(&event.phase, PhaseState::Completed, at);
    }

    pub(super) fn phase_skipped(&mut self, event: &PhaseSkipped, at: Timestamp) {
        self.close_phase(&event.phase, PhaseState::Skipped, at);
    }

    fn close_phase(&mut self, id: &str, state: PhaseState, at: Timestamp) {
        let no = self.edit_phase(id, |phase| {
            phase.state = state;
            phase.closed_at = Some(at);
        });
        self.phase_passed_or_not(no);
    }

    pub(super) fn phase_reopened(&mut self, event: &PhaseReopened) {
        let no = self.edit_phase(&event.phase, |phase| {
            phase.state = PhaseState::Open;
            phase.closed_at = None;
        });
        if let Some(no) = no {
            self.phase_runs_are_stale(no);
            self.phase_is_open_again(no);
        }
        self.phase_passed_or_not(no);
    }

    fn phase_passed_or_not(&mut self, no: Option<PhaseNo>) {
        self.refresh_phases();
        if let Some(no) = no {
            self.reindex_phase_dependents(no);
        }
    }
}

fn criterion(text: &str) -> Criterion {
    Criterion {
        text: text.into(),
        met: None,
        withdrawn: None,
    }
}
