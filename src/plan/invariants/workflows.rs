//! The rules about workflows: what a run's status rests on, who signed it, and that nothing comes after itself.

use std::collections::BTreeSet;

use super::super::event::{GateScope, SuccessCheck, SuccessCriterion};
use super::super::fact::Actor;
use super::super::id::{PhaseNo, WorkflowRunId};
use super::super::model::{
    DeliverableStatus, PhaseState, RunStatus, SessionStatus, SuccessAttestation, WorkflowRun,
    WorkflowRunStatus,
};
use super::super::runs::RunSet;
use super::super::settings::Staffing;
use super::super::state::Plan;
use super::Broken;

impl Plan {
    pub(super) fn check_workflows(&self, broken: &mut Broken) {
        for (slug, workflow) in &self.workflows {
            let mut seen = BTreeSet::from([slug.clone()]);
            let mut next = workflow.definition.next.clone();
            while let Some(after) = next {
                if !seen.insert(after.clone()) {
                    broken.unless(after != *slug, || format!("{slug} comes after itself"));
                    break;
                }
                let known = self.workflows.get(&after);
                next = known.and_then(|known| known.definition.next.clone());
            }
            let all = self.workflow_runs.values();
            let runs: Vec<_> = all.filter(|run| run.workflow == *slug).collect();
            let newest = runs.last().map(|run| run.id);
            broken.same(
                format!("newest run of {slug}"),
                &workflow.newest_run,
                &newest,
            );
            let open = runs.iter().filter(|run| run.status.is_open()).count();
            broken.unless(open < 2, || format!("{slug} has {open} open runs"));
        }
        let open = self.workflow_runs.values();
        let open = open.filter(|run| run.status.is_open()).map(|run| run.id);
        let open: RunSet<WorkflowRunId> = open.collect();
        broken.same("open runs", &self.index.open_workflow_runs, &open);
        for agent in self.agents.values().filter(|agent| agent.fell_silent) {
            let own = self.sessions.values();
            let mut own = own.filter(|session| session.agent == agent.name);
            let abandoned = own.any(|session| session.status == SessionStatus::Abandoned);
            broken.unless(abandoned && agent.open_sessions.is_empty(), || {
                format!("{} did not fall silent", agent.name)
            });
        }
        for run in self.workflow_runs.values() {
            self.check_workflow_run(run, broken);
            self.check_run_signatures(run, broken);
        }
    }

    fn check_workflow_run(&self, run: &WorkflowRun, broken: &mut Broken) {
        let (id, status) = (run.id, run.status);
        broken.unless(status.is_open() == run.end.is_none(), || {
            format!("{id} is {} with {:?}", status.as_str(), run.end)
        });
        let phases = &run.definition.phases;
        let closed = phases
            .iter()
            .filter(|phase| self.naive_closed(phase))
            .count();
        let holds = match status {
            WorkflowRunStatus::Pending => !run.confirmed,
            WorkflowRunStatus::WaitingInput => run.confirmed && self.naive_waits(run),
            WorkflowRunStatus::Running => {
                run.started_at.is_some() && (phases.is_empty() || closed < phases.len())
            }
            WorkflowRunStatus::Gating => {
                closed == phases.len() && (!phases.is_empty() || !run.finished.is_empty())
            }
            WorkflowRunStatus::Completed => self.naive_reached(run),
            WorkflowRunStatus::Failed | WorkflowRunStatus::Cancelled => {
                run.end.as_ref().is_some_and(|end| !end.reason.is_empty())
            }
        };
        broken.unless(holds, || format!("{id} is {}: {run:?}", status.as_str()));
        if status == WorkflowRunStatus::Gating {
            let lacks = self.naive_gating(run);
            broken.unless(lacks, || format!("{id} waits for nothing and is gating"));
        }
    }

    fn naive_closed(&self, phase: &str) -> bool {
        let no = self.naive_phase(phase);
        no.and_then(|no| self.phases.get(&no))
            .is_some_and(|phase| phase.state != PhaseState::Open)
    }

    /// Whether a run lacks an input, or agents that the project does not go without.
    fn naive_waits(&self, run: &WorkflowRun) -> bool {
        let asked = &run.definition.inputs;
        let given: BTreeSet<&str> = run.inputs.iter().map(|it| &*it.input).collect();
        let lacks_input = asked
            .iter()
            .any(|it| it.required && !given.contains(&*it.name));
        let unheard = run.definition.elicit && run.inputs.iter().all(|it| it.carried);
        let staffing = self.project.as_ref().map(|it| it.settings.staffing);
        let lacks_people = staffing != Some(Staffing::Warn)
            && run.definition.roles.iter().any(|needed| {
                let here = self.agents.values();
                let here = here.filter(|agent| !agent.retired && !agent.fell_silent);
                let mut roles = self.roles().iter();
                let role = roles.find(|role| *role.slug == *needed.role);
                let tiers = (run.definition.tier, role.and_then(|role| role.tier));
                let fits = here.filter(|agent| {
                    let mut own = agent.roles.iter();
                    own.any(|role| self.role_slug(Some(*role)) == &*needed.role)
                });
                let of_tier = !matches!(tiers, (Some(asked), Some(tier)) if asked != tier);
                fits.count() < needed.count as usize || !of_tier
            });
        lacks_input || unheard || lacks_people
    }

    fn naive_accepted(&self, run: &WorkflowRun) -> bool {
        run.outputs.iter().all(|id| {
            let deliverable = self.deliverables.get(id);
            deliverable.is_some_and(|it| it.status == DeliverableStatus::Accepted)
        })
    }

    fn naive_signed(run: &WorkflowRun) -> bool {
        let mut signatures = run.signatures.iter();
        signatures.all(|it| it.as_ref().is_some_and(|it| it.approved))
    }

    /// Whether a run whose work is done still lacks something.
    fn naive_gating(&self, run: &WorkflowRun) -> bool {
        let gates = self.gates.values().filter(|gate| {
            let own = matches!(
                &gate.scope,
                GateScope::Workflow(name)
                    if name.to_lowercase() == *run.workflow
                        || run.definition.gates.contains(&gate.id)
            );
            own && gate.retired.is_none()
        });
        let mut newest = gates.map(|gate| gate.runs.last().and_then(|id| self.gate_runs.get(id)));
        // A waiver may have run out when the last of the rest was given.
        let held_up =
            newest.any(|run| run.is_none_or(|run| run.stale || run.status != RunStatus::Passed));
        let each = run.definition.criteria.iter().zip(run.attested.iter());
        let mut each = each.map(|(asked, said)| self.naive_holds(asked, said.as_ref()));
        held_up || !self.naive_accepted(run) || !Self::naive_signed(run) || !each.all(|holds| holds)
    }

    fn naive_holds(&self, asked: &SuccessCriterion, said: Option<&SuccessAttestation>) -> bool {
        match &asked.check {
            SuccessCheck::Attested(_) => said.is_some_and(|said| said.holds),
            SuccessCheck::Measured(measure) => self
                .metrics
                .get(&measure.metric)
                .is_some_and(|it| measure.comparison.holds(&it.value, &measure.threshold)),
        }
    }

    /// Whether a completed run had all it asked for; what was measured may stand elsewhere since.
    fn naive_reached(&self, run: &WorkflowRun) -> bool {
        let values = run.end.as_ref().map_or(&[][..], |end| &end.values);
        let numbered = (1..).zip(run.definition.criteria.iter());
        let mut each = numbered.zip(run.attested.iter());
        let met = each.all(|((number, asked), said)| match &asked.check {
            SuccessCheck::Attested(_) => said.as_ref().is_some_and(|said| said.holds),
            SuccessCheck::Measured(measure) => values.iter().any(|it| {
                it.criterion == number && measure.comparison.holds(&it.value, &measure.threshold)
            }),
        });
        met && self.naive_accepted(run) && Self::naive_signed(run)
    }

    /// Whoever signed as an agent is of the role and had completed nothing of the work; a coordinator signs
    /// where one is asked for.
    fn check_run_signatures(&self, run: &WorkflowRun, broken: &mut Broken) {
        let named = run.definition.phases.iter();
        let named: Vec<PhaseNo> = named.filter_map(|it| self.naive_phase(it)).collect();
        let signed = run.definition.sign_offs.iter().zip(run.signatures.iter());
        for (role, signature) in signed {
            let Some(signature) = signature else { continue };
            let Actor::Agent(agent) = &signature.by else {
                broken.unless(**role == *"coordinator", || {
                    format!("{} signed {} for {role}", signature.by, run.id)
                });
                continue;
            };
            let own = self.agents.get(agent).map(|agent| agent.roles.clone());
            let mut own = own.iter().flat_map(|roles| roles.iter());
            broken.unless(own.any(|it| self.role_slug(Some(*it)) == &**role), || {
                format!("{agent} signed {} for {role}", run.id)
            });
            let author = self.authors.iter().any(|((no, name), since)| {
                let work = named.is_empty() || named.contains(no);
                name == agent && work && *since < signature.version
            });
            broken.unless(!author, || {
                format!("{agent} signed its own work in {}", run.id)
            });
        }
    }
}
