//! What gates, their runs and metrics do to a plan. A run counts for nothing once its phase has got work
//! again, its gate was defined anew, or a newer run began.

use std::sync::Arc;

use super::super::event::{
    CriterionCheck, CriterionOutcome, GateDefined, GateResultRecorded, GateRetired, GateRunSettled,
    GateRunStarted, GateScope, GateWaived, GateWaiverExpired, MetricReported, Text,
};
use super::super::fact::Actor;
use super::super::id::{GateId, GateRunId, PhaseNo, TaskId};
use super::super::model::{CriterionResult, Gate, GateRun, GateWaiver, Metric, RunStatus};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::{edit, without};

/// Runs of a gate that are kept in the plan; older ones are in the log.
pub(in super::super) const RUNS_KEPT: usize = 50;

/// A list of gates with one more, in the order of their ids.
fn in_order(gates: &[GateId], gate: GateId) -> Box<[GateId]> {
    let mut gates = gates.to_vec();
    if let Err(place) = gates.binary_search(&gate) {
        gates.insert(place, gate);
    }
    gates.into()
}

impl Plan {
    pub(super) fn gate_defined(&mut self, event: &GateDefined, at: Timestamp, actor: &Actor) {
        let before = self.gates.get(&event.gate).cloned();
        if let Some(before) = &before {
            self.run_is_stale(before.newest_run());
            self.leave_scope(before);
        }
        let gate = Gate {
            id: event.gate,
            name: Arc::clone(&event.name),
            scope: event.scope.clone(),
            criteria: event.criteria.clone().into(),
            runs: before.map_or_else(Box::default, |before| before.runs.clone()),
            retired: None,
            defined_by: actor.clone(),
            defined_at: at,
            revision: self.version,
        };
        match &gate.scope {
            GateScope::Phase(phase) => {
                if let Some(no) = self.phase_no(phase) {
                    let gates = self.index.phase_gates.entry(no).or_default();
                    *gates = in_order(gates, gate.id);
                    self.refresh_phases();
                }
            }
            GateScope::Completion(_) => {
                self.index.completion_gates.insert(gate.id);
            }
            GateScope::Deployment(_)
            | GateScope::Workflow(_)
            | GateScope::Project
            | GateScope::Daily => {}
        }
        self.gates.insert(gate.id, Arc::new(gate));
    }

    /// Takes a gate away from what it stands in front of.
    fn leave_scope(&mut self, gate: &Gate) {
        self.index.completion_gates.remove(&gate.id);
        let GateScope::Phase(phase) = &gate.scope else {
            return;
        };
        let Some(no) = self.phase_no(phase) else {
            return;
        };
        let left = self.index.phase_gates.get(&no);
        let left = left.map_or_else(Box::default, |gates| without(gates, &gate.id));
        if left.is_empty() {
            self.index.phase_gates.remove(&no);
        } else {
            self.index.phase_gates.insert(no, left);
        }
        self.refresh_phases();
    }

    pub(super) fn gate_retired(&mut self, event: &GateRetired) {
        let Some(gate) = self.gates.get(&event.gate).cloned() else {
            return;
        };
        self.run_is_stale(gate.newest_run());
        let version = self.version;
        edit(&mut self.gates, &event.gate, |gate| {
            gate.retired = Some(Arc::clone(&event.reason));
            gate.revision = version;
        });
        self.leave_scope(&gate);
        self.end_may_be_near();
    }

    pub(super) fn gate_run_started(
        &mut self,
        event: &GateRunStarted,
        at: Timestamp,
        actor: &Actor,
    ) {
        let Some(gate) = self.gates.get(&event.gate).cloned() else {
            return;
        };
        self.run_is_stale(gate.newest_run());
        let run = GateRun {
            id: event.run,
            gate: event.gate,
            criteria: Arc::clone(&gate.criteria),
            results: vec![None; gate.criteria.len()].into(),
            status: RunStatus::Pending,
            stale: false,
            trigger: event.trigger,
            asked_by: actor.clone(),
            commit: Arc::clone(&event.commit),
            started_at: at,
            settled_at: None,
            waiver: None,
            revision: self.version,
        };
        self.gate_runs.insert(event.run, Arc::new(run));
        let mut runs = gate.runs.to_vec();
        runs.push(event.run);
        let dropped = runs.len().saturating_sub(RUNS_KEPT);
        for old in runs.drain(..dropped) {
            self.gate_runs.remove(&old);
        }
        let version = self.version;
        edit(&mut self.gates, &event.gate, |gate| {
            gate.runs = runs.into();
            gate.revision = version;
        });
        for outcome in &event.outcomes {
            self.take_outcome(event.run, outcome, at, actor);
        }
        self.look_for_commands(event.run);
    }

    fn edit_run(&mut self, id: GateRunId, change: impl FnOnce(&mut GateRun)) {
        let version = self.version;
        edit(&mut self.gate_runs, &id, |run| {
            run.revision = version;
            change(run);
        });
    }

    fn take_outcome(
        &mut self,
        run: GateRunId,
        outcome: &CriterionOutcome,
        at: Timestamp,
        actor: &Actor,
    ) {
        let version = self.version;
        let result = CriterionResult {
            passed: outcome.passed,
            value: outcome.value.clone(),
            evidence: Arc::clone(&outcome.evidence),
            by: actor.clone(),
            at,
            version,
        };
        let place = (outcome.criterion as usize).saturating_sub(1);
        self.edit_run(run, |run| {
            if let Some(slot) = run.results.get_mut(place) {
                *slot = Some(result);
            }
        });
    }

    pub(super) fn gate_result_recorded(
        &mut self,
        event: &GateResultRecorded,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.take_outcome(event.run, &event.outcome, at, actor);
        if !event.commit.is_empty() {
            self.edit_run(event.run, |run| run.commit = Arc::clone(&event.commit));
        }
        self.look_for_commands(event.run);
    }

    pub(super) fn gate_run_settled(&mut self, event: &GateRunSettled, at: Timestamp) {
        self.edit_run(event.run, |run| {
            run.status = if event.passed {
                RunStatus::Passed
            } else {
                RunStatus::Failed
            };
            run.settled_at = Some(at);
        });
        self.index.commanded_runs.remove(&event.run);
        self.end_may_be_near();
    }

    pub(super) fn gate_waived(&mut self, event: &GateWaived, at: Timestamp, actor: &Actor) {
        self.edit_run(event.run, |run| {
            run.status = RunStatus::Waived;
            run.waiver = Some(GateWaiver {
                by: actor.clone(),
                at,
                reason: Arc::clone(&event.reason),
                until: event.until,
                expired: false,
            });
        });
        self.index.waivers.insert((event.until, event.run));
        self.end_may_be_near();
    }

    pub(super) fn gate_waiver_expired(&mut self, event: &GateWaiverExpired) {
        let until = self.end_waiver(event.run);
        self.edit_run(event.run, |run| {
            run.status = RunStatus::Failed;
            if let Some(waiver) = run.waiver.as_mut().filter(|_| until.is_some()) {
                waiver.expired = true;
            }
        });
    }

    /// A waiver is looked after no longer.
    fn end_waiver(&mut self, run: GateRunId) -> Option<Timestamp> {
        let waiver = self.gate_runs.get(&run)?.waiver.as_ref()?;
        let until = waiver.until;
        self.index.waivers.remove(&(until, run));
        Some(until)
    }

    pub(super) fn metric_reported(&mut self, event: &MetricReported, at: Timestamp, actor: &Actor) {
        let metric = Metric {
            name: Arc::clone(&event.metric),
            value: event.value.clone(),
            evidence: Arc::clone(&event.evidence),
            by: actor.clone(),
            at,
            revision: self.version,
        };
        self.metrics
            .insert(Arc::clone(&event.metric), Arc::new(metric));
    }

    /// A run counts for nothing any more.
    pub(super) fn run_is_stale(&mut self, run: Option<GateRunId>) {
        let Some(id) = run else { return };
        if self.gate_runs.get(&id).is_none_or(|run| run.stale) {
            return;
        }
        self.edit_run(id, |run| run.stale = true);
        self.index.commanded_runs.remove(&id);
        self.end_waiver(id);
    }

    /// What the gates of a phase were judged by has changed.
    pub(super) fn phase_runs_are_stale(&mut self, no: PhaseNo) {
        let gates: Vec<GateId> = match self.index.phase_gates.get(&no) {
            Some(gates) => gates.to_vec(),
            None => return,
        };
        for gate in gates {
            let newest = self.gates.get(&gate).and_then(|gate| gate.newest_run());
            self.run_is_stale(newest);
        }
    }

    /// How many tasks of a phase are open, as far as a gate asks; looked at before one of them moves.
    pub(super) fn open_for_gates(&self, no: PhaseNo) -> u32 {
        if self.index.phase_gates.is_empty() {
            return 0;
        }
        self.tally(no).open()
    }

    /// The first task of a phase is open again, or its last one is terminal.
    pub(super) fn work_moved(&mut self, no: PhaseNo, open_before: u32) {
        if self.index.phase_gates.is_empty() {
            return;
        }
        if (open_before == 0) != (self.tally(no).open() == 0) {
            self.phase_runs_are_stale(no);
        }
    }

    /// The first task of the project is open again, or its last one is terminal.
    pub(super) fn all_work_moved(&mut self, done_before: bool) {
        if done_before != self.index.open_by_role.is_empty() {
            self.project_runs_are_stale();
        }
    }

    /// What the gates of the whole project were judged by has changed.
    pub(super) fn project_runs_are_stale(&mut self) {
        for gate in self.project_gates() {
            let newest = self.gates.get(&gate).and_then(|gate| gate.newest_run());
            self.run_is_stale(newest);
        }
    }

    /// Whoever waits for a task learns whether a gate is all that is left.
    fn end_may_be_near(&mut self) {
        if self.index.open_by_role.is_empty() {
            self.index.wakes += 1;
        }
    }

    /// Keeps the list of runs that wait for commands.
    fn look_for_commands(&mut self, id: GateRunId) {
        let waits = self.gate_runs.get(&id).is_some_and(|run| {
            run.is_pending()
                && run.each().any(|(_, criterion, result)| {
                    result.is_none() && matches!(criterion.check, CriterionCheck::Command { .. })
                })
        });
        if waits {
            self.index.commanded_runs.insert(id);
        } else {
            self.index.commanded_runs.remove(&id);
        }
    }

    /// An agent has completed a task of a phase, and will have for ever.
    pub(super) fn is_author(&mut self, agent: &Text, task: TaskId) {
        let Some(phase) = self.specs.get(&task).map(|spec| spec.phase) else {
            return;
        };
        let key = (phase, Arc::clone(agent));
        if !self.authors.contains_key(&key) {
            self.authors.insert(key, self.version);
        }
    }
}

impl Plan {
    /// Works out what is kept beside the gates and their runs; phases stand already.
    pub(in super::super) fn tie_gates(&mut self) {
        let gates: Vec<Arc<Gate>> = self.gates.values().cloned().collect();
        for gate in gates.iter().filter(|gate| gate.retired.is_none()) {
            match &gate.scope {
                GateScope::Phase(phase) => {
                    if let Some(no) = self.phase_no(phase) {
                        let others = self.index.phase_gates.entry(no).or_default();
                        *others = in_order(others, gate.id);
                    }
                }
                GateScope::Completion(_) => {
                    self.index.completion_gates.insert(gate.id);
                }
                GateScope::Deployment(_)
                | GateScope::Workflow(_)
                | GateScope::Project
                | GateScope::Daily => {}
            }
        }
        let runs: Vec<GateRunId> = self.gate_runs.keys().copied().collect();
        for run in runs {
            self.look_for_commands(run);
            let found = self.gate_runs.get(&run).filter(|run| !run.stale);
            let waiver = found.and_then(|run| run.waiver.as_ref());
            if let Some(waiver) = waiver.filter(|waiver| !waiver.expired) {
                self.index.waivers.insert((waiver.until, run));
            }
        }
    }
}
