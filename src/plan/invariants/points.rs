//! The rules about integration points, rollouts and references: what was tested was there, nothing rolls that
//! a gate holds, and no plan lags behind its task.

use super::super::event::{
    GateScope, PointEnd, ReferenceKind, ReferenceStatus, RolloutStatus, Sides,
};
use super::super::id::TaskId;
use super::super::model::{Gate, PhaseState, Rollout, RunStatus, Status};
use super::super::state::Plan;
use super::Broken;

impl Plan {
    /// A tested point meets what is done or was given up; only an external system is confirmed, is due or has
    /// a contact; a blocker comes with a failed test.
    pub(super) fn check_integrations(&self, broken: &mut Broken) {
        for (id, point) in &self.integrations {
            let external = matches!(point.words.sides, Sides::External { .. });
            let outside = point.confirmed.is_some()
                || point.words.due.is_some()
                || !point.words.contact.is_empty();
            broken.unless(external || !outside, || {
                format!("{id} is internal and has what only an external one has")
            });
            let Some(test) = &point.test else { continue };
            let there = match &point.words.sides {
                Sides::External { .. } => point.confirmed.is_some(),
                Sides::Internal { from, to } => {
                    [from, to].into_iter().all(|end| self.naive_no_work_at(end))
                }
            };
            broken.unless(there, || {
                format!("{id} was tested and has open work: {point:?}")
            });
            let known = |blocker| self.blockers.contains_key(&blocker);
            broken.unless(
                test.blocker.is_none_or(|it| !test.passed && known(it)),
                || format!("{id} holds up by {:?}", test.blocker),
            );
        }
    }

    fn naive_no_work_at(&self, end: &PointEnd) -> bool {
        match end {
            PointEnd::Task(task) => self.naive_settled(*task),
            PointEnd::Phase(id) => {
                let phase = self.phases.values().find(|phase| phase.id == *id);
                phase.is_some_and(|phase| {
                    let tasks = self.specs.iter().filter(|(_, spec)| spec.phase == phase.no);
                    let open = tasks.into_iter().any(|(task, _)| {
                        let status = self.states.get(task).map(|state| state.status);
                        status.is_some_and(|status| !status.is_terminal())
                    });
                    phase.state != PhaseState::Open || !open
                })
            }
        }
    }

    fn naive_settled(&self, id: TaskId) -> bool {
        let parts = self.specs.get(&id).map(|spec| spec.split_into());
        match parts {
            None => false,
            Some([]) => self
                .states
                .get(&id)
                .is_some_and(|state| matches!(state.status, Status::Completed | Status::Cancelled)),
            Some(parts) => parts.iter().all(|part| self.naive_settled(*part)),
        }
    }

    /// One rolls at a time; what is ready lacks nothing and what is a draft lacks something; steps are done
    /// only once it rolls, and all of them when it succeeded.
    pub(super) fn check_rollouts(&self, broken: &mut Broken) {
        let rolling = self
            .rollouts
            .values()
            .filter(|it| it.status == RolloutStatus::Rolling);
        broken.unless(rolling.count() <= 1, || {
            "two rollouts roll at once".to_owned()
        });
        for (id, rollout) in &self.rollouts {
            let status = rollout.status;
            let own = !rollout.words.steps.is_empty()
                && !rollout.words.rollback_plan.is_empty()
                && rollout.rollback_tested.is_some();
            // A waiver whose time is over counts until the daemon says so, but for whoever looks at a clock.
            let (ready, at_the_clock) = (
                own && self.naive_gates_let_pass(rollout, false),
                own && self.naive_gates_let_pass(rollout, true),
            );
            broken.unless(status != RolloutStatus::Ready || ready, || {
                format!("{id} is ready and lacks something")
            });
            broken.unless(status != RolloutStatus::Draft || !at_the_clock, || {
                format!("{id} lacks nothing and is a draft")
            });
            let begun = !matches!(status, RolloutStatus::Draft | RolloutStatus::Ready);
            broken.unless(begun == rollout.started.is_some(), || {
                format!("{id} is {} with {:?}", status.as_str(), rollout.started)
            });
            let (done, steps) = (rollout.done.len(), rollout.words.steps.len());
            broken.unless(done <= steps && (begun || done == 0), || {
                format!("{id} is {} with {done} of {steps} steps", status.as_str())
            });
            let over = begun && status != RolloutStatus::Rolling;
            broken.unless(over == rollout.end.is_some(), || {
                format!("{id} is {} with {:?}", status.as_str(), rollout.end)
            });
            let met = rollout.end.as_ref().map_or(0, |end| end.metrics.len());
            let all = done == steps && met == rollout.words.success.len();
            broken.unless(status != RolloutStatus::Succeeded || all, || {
                format!("{id} succeeded with {done} of {steps} steps and {met} metrics")
            });
        }
    }

    fn naive_gates_let_pass(&self, rollout: &Rollout, by_clock: bool) -> bool {
        let wanted = rollout.words.deployment.to_lowercase();
        let holds = |gate: &Gate| match &gate.scope {
            GateScope::Deployment(name) => {
                gate.retired.is_none() && (wanted.is_empty() || name.to_lowercase() == wanted)
            }
            _ => false,
        };
        let mut gates = self.gates.values().filter(|gate| holds(gate));
        gates.all(|gate| {
            let run = gate.runs.last().and_then(|run| self.gate_runs.get(run));
            run.is_some_and(|run| {
                let waived = run.waiver.as_ref().is_some_and(|waiver| {
                    !(waiver.expired || by_clock && waiver.until <= self.last_at)
                });
                !run.stale
                    && match run.status {
                        RunStatus::Passed => true,
                        RunStatus::Waived => waived,
                        RunStatus::Pending | RunStatus::Failed => false,
                    }
            })
        })
    }

    /// A task with references is there, names each once, and no plan of it lags behind.
    pub(super) fn check_references(&self, broken: &mut Broken) {
        for (id, entry) in &self.references {
            let Some(state) = self.states.get(id).filter(|_| entry.task == *id) else {
                broken.unless(false, || format!("{id} refers to something and is no task"));
                continue;
            };
            let names: std::collections::BTreeSet<String> = entry
                .references
                .iter()
                .map(|it| it.name.to_lowercase())
                .collect();
            let all = entry.references.len();
            broken.unless(names.len() == all && all > 0, || {
                format!("{id} refers to {:?}", entry.references)
            });
            let plans = entry
                .references
                .iter()
                .filter(|it| it.kind == ReferenceKind::Iplan);
            let far_enough = |status: Option<ReferenceStatus>| match state.status {
                Status::InProgress => !matches!(status, None | Some(ReferenceStatus::NotStarted)),
                Status::InReview | Status::Completed => matches!(
                    status,
                    Some(ReferenceStatus::Completed | ReferenceStatus::Cancelled)
                ),
                Status::Planned | Status::Claimed | Status::Deferred | Status::Cancelled => true,
            };
            for plan in plans {
                broken.unless(far_enough(plan.status), || {
                    format!(
                        "{} lags behind {id}, which is {:?}",
                        plan.name, state.status
                    )
                });
            }
        }
    }
}
