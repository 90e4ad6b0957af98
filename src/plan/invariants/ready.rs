//! READY, said once more: planned, project active, phase open and not blocked, every wait met or waived,
//! no open blocker, no open decision. What can be claimed must be exactly what this says.

use std::collections::BTreeSet;

use super::super::event::{Dependency, On};
use super::super::id::{PhaseNo, TaskId};
use super::super::model::{PhaseState, ProjectStatus, Spec, Status};
use super::super::state::Plan;
use super::Broken;

impl Plan {
    fn naive_completed(&self, id: TaskId) -> bool {
        let state = self.states.get(&id);
        state.is_some_and(|state| state.status == Status::Completed)
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
                .all(|above| self.naive_completed(above) || spec.waived.contains(&On::Task(above))),
        }
    }

    /// Whether a task's own conditions hold: all but its phase and the project.
    pub(super) fn naive_own_conditions(&self, id: TaskId, passed: &BTreeSet<PhaseNo>) -> bool {
        let Some((spec, state)) = self.specs.get(&id).zip(self.states.get(&id)) else {
            return false;
        };
        let blocked = self
            .blockers
            .values()
            .any(|blocker| blocker.status.is_open() && blocker.tasks.contains(&id));
        let undecided = self
            .decisions
            .values()
            .any(|decision| decision.answer.is_none() && decision.blocks.contains(&id));
        state.status == Status::Planned
            && !blocked
            && !undecided
            && spec
                .dependencies
                .iter()
                .all(|dependency| self.naive_met(id, spec, dependency, passed))
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
        let passed = self.naive_passed();
        let active = self
            .project()
            .is_some_and(|project| project.status == ProjectStatus::Active);
        let blocked = |no: PhaseNo| {
            self.blockers
                .values()
                .any(|blocker| blocker.status.is_open() && blocker.phase == Some(no))
        };
        let mut total = 0;
        for (id, spec) in &self.specs {
            let ready = active
                && self.naive_open(spec.phase, &passed)
                && !blocked(spec.phase)
                && self.naive_own_conditions(*id, &passed);
            total += u64::from(ready);
            broken.same(&format!("ready for {id}"), &self.is_ready(*id), &ready);
            let causes = self.explain(*id);
            let said = causes.iter().all(|cause| cause.code == "NO_AGENT_FOR_ROLE");
            broken.unless(said == ready, || {
                format!("{id} is ready: {ready}; the explanation is {causes:?}")
            });
        }
        broken.same("ready tasks in all", &self.ready_total(), &total);
    }
}
