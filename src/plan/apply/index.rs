//! The indexes that follow from the entities: readiness, claim order, phase openness, counts. Each is
//! recomputed from the entities it depends on, never counted up and down by hand.

use std::cmp::Reverse;
use std::sync::Arc;

use super::super::check::CheckSet;
use super::super::event::{Dependency, On, PhaseOrdering};
use super::super::id::{PhaseNo, RoleNo, TaskId};
use super::super::model::{PhaseState, Spec, Status};
use super::super::role::folded;
use super::super::state::{Plan, ReadyKey};

impl Plan {
    /// The role a task falls to: its own, else its area's, else its phase's lead, else any.
    pub(super) fn role_of(&self, spec: &Spec) -> Option<RoleNo> {
        let area_role = || {
            let project = self.project()?;
            let slug = project.settings.areas.get(&spec.area.to_lowercase())?;
            let wanted = folded(slug);
            let place = self
                .roles()
                .iter()
                .position(|role| folded(&role.slug) == wanted)?;
            u16::try_from(place).ok().map(RoleNo)
        };
        let lead = || {
            self.phases
                .get(&spec.phase)
                .and_then(|phase| phase.lead_role)
        };
        spec.role.or_else(area_role).or_else(lead)
    }

    /// Whether one stated dependency of a task is met.
    pub fn is_met(&self, id: TaskId, spec: &Spec, dependency: &Dependency) -> bool {
        if !dependency.in_force || Self::is_waived(spec, &dependency.on) {
            return true;
        }
        match &dependency.on {
            On::Task(on) => self.is_completed(*on),
            On::Phase(phase) => self
                .index
                .phase_ids
                .get(phase.to_lowercase().as_str())
                .is_some_and(|no| {
                    let phase = self.phases.get(no);
                    self.is_passed(*no) || phase.is_some_and(|it| it.state != PhaseState::Open)
                }),
            On::AllAbove => self.unfinished_above(id, spec).next().is_none(),
        }
    }

    /// The tasks above a task in its phase that it still waits for.
    pub(in super::super) fn unfinished_above<'a>(
        &'a self,
        id: TaskId,
        spec: &'a Spec,
    ) -> impl Iterator<Item = TaskId> + 'a {
        let above = (spec.phase, 0, TaskId(0))..(spec.phase, spec.ordinal, TaskId(0));
        self.index
            .unfinished
            .range(above)
            .map(|&(_, _, other)| other)
            .filter(move |other| *other != id && !Self::is_waived(spec, &On::Task(*other)))
    }

    /// Whether a task's own conditions hold; its phase and the project are looked at when it is claimed.
    fn own_conditions_hold(&self, id: TaskId, spec: &Spec) -> bool {
        let Some(state) = self.states.get(&id) else {
            return false;
        };
        state.status == Status::Planned
            && state.open_blockers == 0
            && state.open_decisions == 0
            && spec
                .dependencies
                .iter()
                .all(|dependency| self.is_met(id, spec, dependency))
    }

    /// The order in which the tasks of a phase are handed out.
    pub(in super::super) fn ordering_of(&self, no: PhaseNo) -> PhaseOrdering {
        self.phases
            .get(&no)
            .map_or_else(PhaseOrdering::default, |phase| phase.ordering)
    }

    /// Puts a task where it belongs in the claim index, or takes it out.
    pub(super) fn reindex(&mut self, id: TaskId) {
        let Some(spec) = self.specs.get(&id).cloned() else {
            return;
        };
        let wanted = self.own_conditions_hold(id, &spec).then(|| {
            let role = self.states.get(&id).and_then(|state| state.role);
            let chain = self.index.chains.get(&id).copied().unwrap_or(0);
            let (priority, chain) = match self.ordering_of(spec.phase) {
                PhaseOrdering::Priority => (spec.priority, chain),
                PhaseOrdering::Table => (0, 0),
            };
            ReadyKey {
                phase: spec.phase,
                class: self.class_of(id, &spec, role),
                priority,
                chain: Reverse(chain),
                ordinal: spec.ordinal,
                task: id,
            }
        });
        let present = self.index.ready_keys.get(&id);
        if present == wanted.as_ref() {
            return;
        }
        let class_before = present.map(|key| key.class.clone());
        if let Some(key) = self.index.ready_keys.remove(&id) {
            let class = (key.phase, key.class.clone());
            self.index.ready.remove(&key);
            match self.index.classes.get_mut(&class) {
                Some(count) if *count > 1 => *count -= 1,
                Some(_) => {
                    self.index.classes.remove(&class);
                }
                None => {}
            }
        }
        if let Some(key) = wanted {
            *self
                .index
                .classes
                .entry((key.phase, key.class.clone()))
                .or_insert(0) += 1;
            // Another place in the claim order makes nothing claimable that was not.
            if class_before.as_ref() != Some(&key.class) {
                self.index.wakes += 1;
            }
            self.index.ready.insert(key.clone());
            self.index.ready_keys.insert(id, key);
        }
    }

    /// Looks again at every task that waits for this one.
    pub(super) fn reindex_dependents(&mut self, id: TaskId) {
        let dependents: Vec<TaskId> = self.dependents(id).collect();
        for dependent in dependents {
            self.reindex(dependent);
        }
        for other in self.behind_as_all_above(id) {
            self.reindex(other);
        }
    }

    /// The tasks that wait for everything above them and whose wait may begin or end with this task: up
    /// to the first other unfinished task they wait for this one alone; whoever stands behind that one
    /// waits for it as well, unless something was waived for it.
    pub(in super::super) fn behind_as_all_above(&self, id: TaskId) -> Vec<TaskId> {
        let Some(spec) = self.specs.get(&id) else {
            return Vec::new();
        };
        let (phase, last) = (spec.phase, TaskId(u32::MAX));
        let mut unfinished = self
            .index
            .unfinished
            .range((phase, 0, TaskId(0))..=(phase, u32::MAX, last));
        let first_other = unfinished
            .find(|(_, _, other)| *other != id)
            .map_or(u32::MAX, |&(_, ordinal, _)| ordinal);
        let from = (phase, spec.ordinal.saturating_add(1), TaskId(0));
        let mut behind: Vec<TaskId> = Vec::new();
        if first_other > spec.ordinal {
            let near = self
                .index
                .all_above
                .range(from..=(phase, first_other, last));
            behind.extend(near.map(|&(_, _, other)| other));
        }
        let waived = self
            .index
            .all_above_waived
            .range(from..=(phase, u32::MAX, last));
        let far =
            waived.filter(|(_, ordinal, _)| *ordinal > first_other || first_other <= spec.ordinal);
        behind.extend(far.map(|&(_, _, other)| other));
        behind
    }

    /// Keeps the list of those who wait for everything above but for some of it.
    pub(super) fn mark_waivers(&mut self, id: TaskId) {
        let Some(spec) = self.specs.get(&id) else {
            return;
        };
        let place = (spec.phase, spec.ordinal, id);
        if !spec.waived.is_empty() && self.index.all_above.contains(&place) {
            self.index.all_above_waived.insert(place);
        } else {
            self.index.all_above_waived.remove(&place);
        }
    }

    /// Moves a task to another status, keeping every count right.
    pub(super) fn set_status(&mut self, id: TaskId, status: Status) {
        let Some(spec) = self.specs.get(&id).cloned() else {
            return;
        };
        let Some(state) = self.states.get_mut(&id) else {
            return;
        };
        let (before, role) = (state.status, state.role);
        state.status = status;
        state.revision = self.version;
        // What is put off or given up is reviewed no more, and nobody vouches for it.
        if before == Status::InReview && status != Status::Completed {
            state.checks = CheckSet::NONE;
            self.end_review(id);
        }
        let open_before = self.open_for_gates(spec.phase);
        let open_for_points = self.open_for_points(spec.phase);
        let done_before = self.index.open_by_role.is_empty();
        self.count(spec.phase, role, before, false);
        self.count(spec.phase, role, status, true);
        self.work_moved(spec.phase, open_before);
        self.all_work_moved(done_before);
        self.phase_work_moved(spec.phase, open_for_points);
        if before == Status::Completed && status != Status::Completed {
            self.task_is_open_again(id);
        }
        let place = (spec.phase, spec.ordinal, id);
        // Nobody waits for a task whose parts stand in its place.
        if status == Status::Completed || !spec.split_into().is_empty() {
            self.index.unfinished.remove(&place);
        } else {
            self.index.unfinished.insert(place);
        }
        self.reindex(id);
        // Whoever waits for a task learns that none will come.
        if self.index.open_by_role.is_empty() {
            self.index.wakes += 1;
        }
        if before.is_terminal() != status.is_terminal() && self.index.committed.contains(&id) {
            self.burn_down(if status.is_terminal() { -1 } else { 1 });
        }
        if (before == Status::Completed) != (status == Status::Completed) {
            self.reindex_dependents(id);
        }
    }

    /// Counts a task of a status in or out.
    pub(super) fn count(
        &mut self,
        phase: PhaseNo,
        role: Option<RoleNo>,
        status: Status,
        add: bool,
    ) {
        let counts = self.index.tallies.entry(phase).or_default();
        let count = counts.of(status);
        *count = if add {
            *count + 1
        } else {
            count.saturating_sub(1)
        };
        if !status.is_terminal() {
            let open = self.index.open_by_role.entry(role).or_insert(0);
            *open = if add {
                *open + 1
            } else {
                open.saturating_sub(1)
            };
            if *open == 0 {
                self.index.open_by_role.remove(&role);
            }
        }
    }

    /// Works the passed and the open phases out anew; call after anything a phase's passing depends on.
    pub(super) fn refresh_phases(&mut self) {
        let passed = self.passed_phases();
        let mut open = Vec::new();
        let mut in_front: Option<PhaseNo> = None;
        for phase in self.phases() {
            let before = phase.stated_predecessors.as_deref();
            let before = before.unwrap_or(in_front.as_slice());
            let free = || before.iter().all(|no| passed.contains(no));
            if phase.state == PhaseState::Open && (phase.override_reason.is_some() || free()) {
                open.push(phase.no);
            }
            in_front = Some(phase.no);
        }
        if open[..] != self.index.open_phases[..] {
            self.index.open_phases = open.into();
            self.index.wakes += 1;
        }
        let before = std::mem::replace(&mut self.index.passed, passed);
        let moved: Vec<PhaseNo> = self
            .phases
            .keys()
            .copied()
            .filter(|no| before.contains(no) != self.index.passed.contains(no))
            .collect();
        for no in moved {
            self.reindex_phase_dependents(no);
        }
    }

    /// Looks again at every task that waits for a whole phase.
    pub(super) fn reindex_phase_dependents(&mut self, no: PhaseNo) {
        let waiting: Vec<TaskId> = self.phase_dependents(no).collect();
        for id in waiting {
            self.reindex(id);
        }
    }

    /// Works the role of every task out anew; call after areas, roles or a phase's lead changed.
    pub(super) fn refresh_roles(&mut self) {
        let ids: Vec<TaskId> = self.specs.keys().copied().collect();
        for id in ids {
            self.refresh_role(id);
        }
    }

    /// Works the role of one task out anew.
    pub(super) fn refresh_role(&mut self, id: TaskId) {
        let Some(spec) = self.specs.get(&id).map(Arc::clone) else {
            return;
        };
        let role = self.role_of(&spec);
        let Some(state) = self.states.get_mut(&id) else {
            return;
        };
        let (before, status) = (state.role, state.status);
        if before != role {
            state.role = role;
            self.count(spec.phase, before, status, false);
            self.count(spec.phase, role, status, true);
            self.reindex(id);
        }
    }
}
