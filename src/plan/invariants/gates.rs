//! The rules about quality gates: what closed behind a gate, who signed, what a run's status rests on.

use std::collections::BTreeSet;

use super::super::runs::{RunMap, RunSet};

use super::super::event::{CriterionCheck, GateScope, RunTrigger};
use super::super::fact::Actor;
use super::super::id::{GateId, GateRunId, PhaseNo};
use super::super::model::{Gate, GateRun, PhaseState, ProjectStatus, RunStatus};
use super::super::state::Plan;
use super::Broken;

impl Plan {
    pub(super) fn check_gates(&self, broken: &mut Broken) {
        for gate in self.gates.values() {
            self.check_gate(gate, broken);
        }
        self.check_end(broken);
        for run in self.gate_runs.values() {
            let known = self.gates.get(&run.gate);
            let kept = known.is_some_and(|gate| gate.runs.contains(&run.id));
            broken.unless(kept, || {
                format!("{} is kept and {} does not know it", run.id, run.gate)
            });
            check_status(run, broken);
            self.check_signatures(run, broken);
        }
        self.check_gate_indexes(broken);
        for ((phase, agent), version) in &self.authors {
            let known = self.phases.contains_key(phase) && self.agents.contains_key(agent);
            broken.unless(known && *version <= self.version, || {
                format!("{agent} is an author of {phase:?} since {version}")
            });
        }
        for (id, state) in &self.states {
            let agent = state
                .completion
                .as_ref()
                .and_then(|done| done.agent.clone());
            let (Some(agent), Some(spec)) = (agent, self.specs.get(id)) else {
                continue;
            };
            broken.unless(
                self.authors.contains_key(&(spec.phase, agent.clone())),
                || format!("{agent} completed {id} and is no author of its phase"),
            );
        }
    }

    /// A phase with a failing gate does not close; only the newest run of a gate counts.
    fn check_gate(&self, gate: &Gate, broken: &mut Broken) {
        let id = gate.id;
        let in_order = gate.runs.windows(2).all(|two| two[0] < two[1]);
        broken.unless(in_order, || format!("the runs of {id} are {:?}", gate.runs));
        let runs: Vec<&GateRun> = gate
            .runs
            .iter()
            .filter_map(|run| self.gate_runs.get(run).map(AsRef::as_ref))
            .collect();
        broken.unless(runs.len() == gate.runs.len(), || {
            format!("{id} lacks some of its runs")
        });
        if let Some((newest, older)) = runs.split_last() {
            for run in older {
                broken.unless(run.stale, || {
                    format!("{} counts beside {}", run.id, newest.id)
                });
            }
        }
        let behind = match (&gate.scope, &gate.retired) {
            (GateScope::Phase(phase), None) => {
                let no = self.naive_phase(phase);
                let state = no
                    .and_then(|no| self.phases.get(&no))
                    .map(|phase| phase.state);
                (state == Some(PhaseState::Completed)).then(|| format!("phase {phase}"))
            }
            (GateScope::Project, None) => {
                let status = self.project.as_ref().map(|project| project.status);
                (status == Some(ProjectStatus::Completed)).then(|| "the project".to_owned())
            }
            _ => None,
        };
        let Some(behind) = behind else { return };
        let lets_pass = runs.last().is_some_and(|run| {
            let ran_out = run.waiver.as_ref().is_some_and(|waiver| waiver.expired);
            !run.stale && (matches!(run.status, RunStatus::Passed | RunStatus::Waived) || ran_out)
        });
        broken.unless(lets_pass, || format!("{behind} is completed behind {id}"));
    }

    /// Nothing is left to be done in a completed project.
    fn check_end(&self, broken: &mut Broken) {
        let Some(project) = &self.project else { return };
        let completed = project.status == ProjectStatus::Completed;
        broken.unless(!completed || project.completed.is_some(), || {
            "the project is completed and nobody said so".to_owned()
        });
        if !completed {
            return;
        }
        for (id, state) in &self.states {
            broken.unless(state.status.is_terminal(), || {
                format!("{id} is {:?} in a completed project", state.status)
            });
        }
        for phase in self.phases.values() {
            let is_over = phase.state != PhaseState::Open || self.is_no_barrier(phase);
            broken.unless(is_over, || {
                format!("phase {} is open in a completed project", phase.id)
            });
        }
    }

    /// Whoever signed as an agent may sign, did not ask for the run and had done nothing of the work.
    fn check_signatures(&self, run: &GateRun, broken: &mut Broken) {
        for (criterion, result) in run.criteria.iter().zip(run.results.iter()) {
            let (CriterionCheck::Approval(roles), Some(result)) = (&criterion.check, result) else {
                continue;
            };
            let Actor::Agent(agent) = &result.by else {
                continue;
            };
            let own = self.agents.get(agent).map(|agent| agent.roles.clone());
            let own: BTreeSet<&str> = own
                .iter()
                .flat_map(|roles| roles.iter())
                .map(|role| self.role_slug(Some(*role)))
                .collect();
            broken.unless(roles.iter().any(|role| own.contains(&**role)), || {
                format!("{agent} signed {} and may not", run.id)
            });
            broken.unless(run.asked_by.agent() != Some(agent), || {
                format!("{agent} signed {} that it asked for", run.id)
            });
            let Some(gate) = self.gates.get(&run.gate) else {
                continue;
            };
            // A gate that was defined anew may be in front of something else since.
            if gate.defined_at > run.started_at {
                continue;
            }
            let phase = match &gate.scope {
                GateScope::Phase(phase) => self.naive_phase(phase),
                _ => None,
            };
            let author = self.authors.iter().any(|((no, name), since)| {
                name == agent && phase.is_none_or(|phase| phase == *no) && *since < result.version
            });
            broken.unless(!author, || {
                format!("{agent} signed its own work in {}", run.id)
            });
        }
    }

    fn check_gate_indexes(&self, broken: &mut Broken) {
        let mut of_phases: RunMap<PhaseNo, Box<[GateId]>> = RunMap::new();
        let mut of_completions: RunSet<GateId> = RunSet::new();
        for gate in self.gates.values().filter(|gate| gate.retired.is_none()) {
            match &gate.scope {
                GateScope::Phase(phase) => {
                    if let Some(no) = self.naive_phase(phase) {
                        let gates = of_phases.entry(no).or_default();
                        *gates = gates.iter().copied().chain([gate.id]).collect();
                    }
                }
                GateScope::Completion(_) => {
                    of_completions.insert(gate.id);
                }
                _ => {}
            }
        }
        broken.same("gates of phases", &self.index.phase_gates, &of_phases);
        let kept = &self.index.completion_gates;
        broken.same("gates of completions", kept, &of_completions);
        let waits = |run: &&std::sync::Arc<GateRun>| {
            let mut each = run.criteria.iter().zip(run.results.iter());
            !run.stale
                && run.status == RunStatus::Pending
                && each.any(|(criterion, result)| {
                    matches!(criterion.check, CriterionCheck::Command { .. }) && result.is_none()
                })
        };
        let commanded = self.gate_runs.values().filter(waits).map(|run| run.id);
        let commanded: RunSet<GateRunId> = commanded.collect();
        broken.same("runs with commands", &self.index.commanded_runs, &commanded);
        let waived = self.gate_runs.values().filter(|run| !run.stale);
        let waivers = waived.filter_map(|run| {
            let waiver = run.waiver.as_ref().filter(|waiver| !waiver.expired)?;
            Some((waiver.until, run.id))
        });
        broken.same("waivers", &self.index.waivers, &waivers.collect());
    }
}

/// A run passed with all that must pass; it failed with something that has not.
fn check_status(run: &GateRun, broken: &mut Broken) {
    let each = || {
        let each = run.criteria.iter().zip(run.results.iter());
        each.filter(|(criterion, _)| criterion.must_pass)
            .map(|(_, result)| result.as_ref())
    };
    let all_passed = each().all(|result| result.is_some_and(|result| result.passed));
    let one_failed = each().any(|result| result.is_some_and(|result| !result.passed));
    let holds = match run.status {
        RunStatus::Pending => run.settled_at.is_none() && run.waiver.is_none(),
        RunStatus::Passed => all_passed && run.settled_at.is_some() && run.waiver.is_none(),
        RunStatus::Failed => {
            let ran_out = run.waiver.as_ref().is_none_or(|waiver| waiver.expired);
            one_failed && run.settled_at.is_some() && ran_out
        }
        RunStatus::Waived => {
            let waived = run.waiver.as_ref().is_some_and(|waiver| {
                let by_itself = run.trigger != RunTrigger::Asked;
                let of_another = by_itself || waiver.by != run.asked_by;
                !waiver.expired && of_another && !waiver.reason.is_empty()
            });
            one_failed && waived
        }
    };
    broken.unless(holds, || {
        format!("{} is {:?} with {:?}", run.id, run.status, run.results)
    });
    broken.unless(run.criteria.len() == run.results.len(), || {
        format!("{} has as many results as criteria", run.id)
    });
}
