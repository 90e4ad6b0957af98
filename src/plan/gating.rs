//! What gates let pass and what they still wait for: the questions that whatever stands behind a gate asks.
//! Nothing here compares clocks by itself; the time comes from whoever decides.

use super::event::{CriterionCheck, GateCriterion, GateScope, Selection, Text};
use super::id::{GateId, GateRunId, PhaseNo, TaskId};
use super::model::{Gate, GateRun, Metric, RunStatus};
use super::refusal::{Reason, Refusal};
use super::state::{Plan, TaskView, clipped};
use super::time::Timestamp;

/// What the gates of one scope say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateVerdict {
    /// No gate stands there.
    NoGate,
    /// Every gate's newest run passed or is waived.
    Open,
    /// Something is still to be said or run.
    Waiting,
    /// At least one gate's newest run failed.
    Closed,
}

/// Something that a gate still waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateLack {
    /// The gate.
    pub gate: GateId,
    /// What it is about, such as `criterion 2 of G-1`.
    pub subject: String,
    /// What is missing.
    pub description: String,
    /// Who must give it: `coordinator`, roles by slug, or `muster` for what the daemon does by itself.
    pub who: String,
    /// The command line that gives it, without the program's name; empty when nobody need do anything.
    pub next: String,
}

/// A command that must have run before a task is completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredCommand {
    /// The gate that asks for it.
    pub gate: GateId,
    /// The criterion's number within the gate, from 1.
    pub criterion: u32,
    /// The command's name in the daemon's configuration.
    pub command: Text,
}

impl Plan {
    /// A gate.
    pub fn gate(&self, id: GateId) -> Option<&Gate> {
        self.gates.get(&id).map(AsRef::as_ref)
    }

    /// All gates, retired ones too, by number.
    pub fn gates(&self) -> impl Iterator<Item = &Gate> {
        self.gates.values().map(AsRef::as_ref)
    }

    /// The gates in force in front of something.
    pub fn gates_of<'a>(&'a self, scope: &'a GateScope) -> impl Iterator<Item = &'a Gate> {
        self.gates()
            .filter(move |gate| gate.retired.is_none() && gate.scope == *scope)
    }

    /// The gates in force in front of the closing of a phase.
    pub fn gates_of_phase(&self, no: PhaseNo) -> impl Iterator<Item = &Gate> {
        let ids = self.index.phase_gates.get(&no);
        ids.into_iter()
            .flat_map(|ids| ids.iter())
            .filter_map(|id| self.gate(*id))
    }

    /// A run of a gate; the newest of each are kept.
    pub fn gate_run(&self, id: GateRunId) -> Option<&GateRun> {
        self.gate_runs.get(&id).map(AsRef::as_ref)
    }

    /// The runs kept of one gate, or of all; by number.
    pub fn gate_runs(&self, gate: Option<GateId>) -> impl Iterator<Item = &GateRun> {
        let runs = self.gate_runs.values().map(AsRef::as_ref);
        runs.filter(move |run| gate.is_none_or(|gate| run.gate == gate))
    }

    /// The newest run of a gate.
    pub fn newest_run(&self, gate: &Gate) -> Option<&GateRun> {
        gate.newest_run().and_then(|run| self.gate_run(run))
    }

    /// Runs that wait for commands of the daemon.
    pub fn commanded_runs(&self) -> impl Iterator<Item = &GateRun> {
        let runs = self.index.commanded_runs.iter();
        runs.filter_map(|run| self.gate_run(*run))
    }

    /// Whether other runs wait for commands than in a plan before it, or other waivers are in force.
    pub fn has_other_gate_work(&self, before: &Self) -> bool {
        let (now, before) = (&self.index, &before.index);
        now.commanded_runs != before.commanded_runs || now.waivers != before.waivers
    }

    /// When the next waiver in force ends, and of which run.
    pub fn next_waiver_end(&self) -> Option<(Timestamp, GateRunId)> {
        self.index.waivers.iter().next().copied()
    }

    /// A metric.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.get(name).map(AsRef::as_ref)
    }

    /// All metrics by name.
    pub fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.metrics.values().map(AsRef::as_ref)
    }

    /// The gate that a written id or name means.
    pub fn resolve_gate(&self, text: &str) -> Result<GateId, Refusal> {
        let text = text.trim();
        let by_id = text.parse::<GateId>().ok();
        if let Some(id) = by_id.filter(|id| self.gates.contains_key(id)) {
            return Ok(id);
        }
        let mut named = self.gates().filter(|gate| {
            gate.retired.is_none() && gate.name.to_lowercase() == text.to_lowercase()
        });
        match (named.next(), named.next()) {
            (Some(gate), None) => Ok(gate.id),
            (Some(one), Some(other)) => Err(Refusal::new(
                Reason::AmbiguousId,
                format!(
                    "`{}` names two gates, {} and {}; give the id of the one you mean",
                    clipped(text),
                    one.id,
                    other.id
                ),
            )
            .next("gate list")),
            (None, _) => Err(Refusal::new(
                Reason::GateNotFound,
                format!("no gate `{}` in this project", clipped(text)),
            )
            .next("gate list")),
        }
    }

    /// The run that a written id means: a run's own, or a gate's for its newest.
    pub fn resolve_run(&self, text: &str) -> Result<GateRunId, Refusal> {
        if let Ok(id) = text.trim().parse::<GateRunId>() {
            return self.gate_run(id).map(|run| run.id).ok_or_else(|| {
                Refusal::new(
                    Reason::GateNotFound,
                    format!("no gate run {id} is kept; the newest of each gate are"),
                )
                .next("gate list")
            });
        }
        let gate = self.resolve_gate(text)?;
        let newest = self.gate(gate).and_then(Gate::newest_run);
        newest.ok_or_else(|| {
            Refusal::new(
                Reason::GateNotFound,
                format!("{gate} was never run; run it first"),
            )
            .next(format!("gate run {gate}"))
        })
    }

    /// What the gates in front of something say, at a time.
    pub fn gate_verdict(&self, scope: &GateScope, now: Timestamp) -> GateVerdict {
        let mut verdict = GateVerdict::NoGate;
        for gate in self.gates_of(scope) {
            match self.newest_run(gate) {
                Some(run) if run.holds(now) => {
                    if verdict == GateVerdict::NoGate {
                        verdict = GateVerdict::Open;
                    }
                }
                Some(run) if !run.stale && run.status != RunStatus::Pending => {
                    return GateVerdict::Closed;
                }
                Some(_) | None => verdict = GateVerdict::Waiting,
            }
        }
        verdict
    }

    /// Everything that the gates in front of something still wait for, at a time; empty when they let pass.
    pub fn gate_lacks(&self, scope: &GateScope, now: Timestamp) -> Vec<GateLack> {
        self.gates_of(scope)
            .flat_map(|gate| self.lacks_of(gate, now))
            .collect()
    }

    /// The same of the gates in front of the closing of a phase.
    pub fn phase_gate_lacks(&self, no: PhaseNo, now: Timestamp) -> Vec<GateLack> {
        self.gates_of_phase(no)
            .flat_map(|gate| self.lacks_of(gate, now))
            .collect()
    }

    /// What one gate still waits for, at a time.
    pub fn lacks_of(&self, gate: &Gate, now: Timestamp) -> Vec<GateLack> {
        let id = gate.id;
        let whole = |description: String| GateLack {
            gate: id,
            subject: format!("gate {id}"),
            description,
            who: "coordinator".to_owned(),
            next: format!("gate run {id}"),
        };
        let Some(run) = self.newest_run(gate) else {
            return vec![whole(format!("{} was never run", gate.name))];
        };
        if run.holds(now) {
            return Vec::new();
        }
        if run.stale {
            let words = "changed since its newest run, which counts for nothing; run it again";
            return vec![whole(format!("what {} is about {words}", gate.name))];
        }
        let mut lacks = Vec::new();
        if let Some(waiver) = &run.waiver {
            let words = "the waiver of its newest run has run out";
            lacks.push(whole(format!("{}: {words}: {}", gate.name, waiver.reason)));
        }
        for (number, criterion, result) in run.each() {
            // A run is settled once all its commands have ended, those that only advise too.
            let awaited = result.is_none()
                && run.status == RunStatus::Pending
                && matches!(criterion.check, CriterionCheck::Command { .. });
            if !criterion.must_pass && !awaited {
                continue;
            }
            let name = &criterion.name;
            let (description, who, next) = match result {
                Some(result) if result.passed => continue,
                Some(result) => (
                    format!("{name} failed: {}", first_line(&result.evidence)),
                    "coordinator".to_owned(),
                    format!("gate run {id}"),
                ),
                // Nobody is asked for more once the run has failed.
                None if run.status != RunStatus::Pending => continue,
                None => self.missing(gate, number, criterion),
            };
            lacks.push(GateLack {
                gate: id,
                subject: format!("criterion {number} of {id}"),
                description,
                who,
                next,
            });
        }
        lacks
    }

    /// What is missing of a criterion nobody has judged: what, who, and the command.
    fn missing(
        &self,
        gate: &Gate,
        number: u32,
        criterion: &GateCriterion,
    ) -> (String, String, String) {
        let (id, name) = (gate.id, &criterion.name);
        let coordinator = || "coordinator".to_owned();
        match &criterion.check {
            CriterionCheck::Attested(role) => (
                format!("{name}: nobody has said that it holds"),
                role.as_deref().map_or_else(coordinator, str::to_owned),
                format!("gate attest {id} {number} --evidence …"),
            ),
            CriterionCheck::Metric(measure) => (
                format!(
                    "{name}: the metric {} was never reported; it must be {} {}",
                    measure.metric,
                    measure.comparison.sign(),
                    measure.threshold
                ),
                coordinator(),
                format!("gate metric {} VALUE", measure.metric),
            ),
            CriterionCheck::Command { command, .. } => (
                format!("{name}: the command {command} has not ended"),
                "muster".to_owned(),
                String::new(),
            ),
            CriterionCheck::Approval(roles) => (
                format!("{name}: nobody has signed"),
                if roles.is_empty() {
                    coordinator()
                } else {
                    roles.join(", ")
                },
                format!("gate approve {id} {number}"),
            ),
            CriterionCheck::Derived(_) => (
                format!("{name} was not worked out"),
                coordinator(),
                format!("gate run {id}"),
            ),
        }
    }

    /// The commands that must have run before a task is completed, gate by gate.
    pub fn commands_for_completion(&self, id: TaskId) -> Vec<RequiredCommand> {
        let Some(view) = self.task(id) else {
            return Vec::new();
        };
        let mut required = Vec::new();
        for gate in self.index.completion_gates.iter() {
            let Some(gate) = self.gate(*gate).filter(|gate| self.selects(gate, &view)) else {
                continue;
            };
            for (criterion, asked) in (1..).zip(gate.criteria.iter()) {
                if let CriterionCheck::Command { command, .. } = &asked.check {
                    required.push(RequiredCommand {
                        gate: gate.id,
                        criterion,
                        command: command.clone(),
                    });
                }
            }
        }
        required
    }

    /// Whether a gate stands in front of the completion of a task.
    fn selects(&self, gate: &Gate, view: &TaskView<'_>) -> bool {
        let GateScope::Completion(selection) = &gate.scope else {
            return false;
        };
        let Selection {
            phase,
            area,
            role,
            tasks,
        } = selection;
        let in_phase = |phase: &Text| self.phase_no(phase) == Some(view.spec.phase);
        let in_area = |area: &Text| area.to_lowercase() == view.spec.area.to_lowercase();
        let of_role = |role: &Text| self.role_slug(view.state.role) == &**role;
        phase.as_ref().is_none_or(in_phase)
            && area.as_ref().is_none_or(in_area)
            && role.as_ref().is_none_or(of_role)
            && (tasks.is_empty() || tasks.contains(&view.id))
    }

    /// The first version at which an agent completed a task within a scope: of the phase, else of the
    /// project.
    pub(super) fn author_since(&self, scope: &GateScope, agent: &Text) -> Option<u64> {
        let since = |no: PhaseNo| self.authors.get(&(no, agent.clone())).copied();
        match scope {
            GateScope::Phase(phase) => self.phase_no(phase).and_then(since),
            GateScope::Deployment(_)
            | GateScope::Workflow(_)
            | GateScope::Project
            | GateScope::Daily
            | GateScope::Completion(_) => self.phases.keys().filter_map(|no| since(*no)).min(),
        }
    }
}

/// The first line of a text, for a list.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
