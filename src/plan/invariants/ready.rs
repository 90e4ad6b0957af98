//! READY, said once more: planned, project active, phase open and not blocked, every wait met or waived,
//! no open blocker, no open decision. What can be claimed must be exactly what this says.

use std::collections::BTreeSet;

use super::super::event::{Dependency, On};
use super::super::id::{PhaseNo, TaskId};
use super::super::model::{PhaseState, ProjectStatus, Spec, Status};
use super::super::state::Plan;
use super::Broken;

/// What holds tasks up beside their dependencies; gathered once, for it is asked for each task.
pub(super) struct HeldUp {
    /// Phases that hold nothing up.
    pub passed: BTreeSet<PhaseNo>,
    /// Tasks with an open blocker or an open decision.
    tasks: BTreeSet<TaskId>,
    /// Phases with an open blocker or an open decision.
    phases: BTreeSet<PhaseNo>,
}

impl Plan {
    pub(super) fn naive_held_up(&self) -> HeldUp {
        let blockers = || self.blockers.values().filter(|it| it.status.is_open());
        let decisions = || self.decisions.values().filter(|it| it.answer.is_none());
        let blocked = blockers().flat_map(|blocker| &blocker.tasks);
        let undecided = decisions().flat_map(|decision| &decision.blocks);
        HeldUp {
            passed: self.naive_passed(),
            tasks: blocked.chain(undecided).copied().collect(),
            phases: blockers()
                .filter_map(|blocker| blocker.phase)
                .chain(decisions().flat_map(|decision| decision.phases.iter().copied()))
                .collect(),
        }
    }

    fn naive_completed(&self, id: TaskId) -> bool {
        let state = self.states.get(&id);
        state.is_some_and(|state| state.status == Status::Completed)
    }

    /// Whether a task's parts stand in its place: nobody waits for it any more.
    pub(super) fn naive_was_split(&self, id: TaskId) -> bool {
        let lineage = self.specs.get(&id).and_then(|spec| spec.lineage.as_ref());
        lineage.is_some_and(|lineage| !lineage.split_into.is_empty())
    }

    fn naive_met(
        &self,
        id: TaskId,
        spec: &Spec,
        dependency: &Dependency,
        passed: &BTreeSet<PhaseNo>,
    ) -> bool {
        if !dependency.in_force || spec.waived.contains(&dependency.on) {
            return true;
        }
        match &dependency.on {
            On::Task(on) => self.naive_completed(*on),
            On::Phase(phase) => self.naive_phase(phase).is_some_and(|no| {
                let closed = |no| self.phases.get(no).map(|phase| phase.state);
                passed.contains(&no) || closed(&no) != Some(PhaseState::Open)
            }),
            On::AllAbove => self
                .naive_above(id)
                .into_iter()
                .filter(|above| !self.naive_was_split(*above))
                .all(|above| self.naive_completed(above) || spec.waived.contains(&On::Task(above))),
        }
    }

    /// Whether a task's own conditions hold: all but its phase and the project.
    pub(super) fn naive_own_conditions(&self, id: TaskId, held_up: &HeldUp) -> bool {
        let Some((spec, state)) = self.specs.get(&id).zip(self.states.get(&id)) else {
            return false;
        };
        state.status == Status::Planned
            && !held_up.tasks.contains(&id)
            && spec
                .dependencies
                .iter()
                .all(|dependency| self.naive_met(id, spec, dependency, &held_up.passed))
    }

    /// Whether a phase's tasks may be worked on.
    pub(super) fn naive_open(&self, no: PhaseNo, passed: &BTreeSet<PhaseNo>) -> bool {
        self.phases.get(&no).is_some_and(|phase| {
            let before = self.naive_before(no);
            phase.state == PhaseState::Open
                && (phase.override_reason.is_some() || before.iter().all(|no| passed.contains(no)))
        })
    }

    pub(super) fn check_readiness(&self, broken: &mut Broken) {
        let held_up = self.naive_held_up();
        let active = self
            .project()
            .is_some_and(|project| project.status == ProjectStatus::Active);
        let sprint_only = self
            .project()
            .is_some_and(|project| project.settings.sprint_only);
        let mut total = 0;
        for (id, spec) in &self.specs {
            let ready = active
                && self.naive_open(spec.phase, &held_up.passed)
                && !held_up.phases.contains(&spec.phase)
                && self.naive_own_conditions(*id, &held_up)
                && (!sprint_only || self.naive_in_sprint(*id));
            total += u64::from(ready);
            broken.same(format_args!("ready for {id}"), &self.is_ready(*id), &ready);
            let causes = self.explain(*id);
            let said = causes.iter().all(|cause| cause.is_remark());
            broken.unless(said == ready, || {
                format!("{id} is ready: {ready}; the explanation is {causes:?}")
            });
        }
        broken.same("ready tasks in all", &self.ready_total(), &total);
    }
}
