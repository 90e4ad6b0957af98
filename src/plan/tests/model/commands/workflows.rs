//! Commands about workflows: some that cannot be, so that every refusal is met.

use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{
    Command, CriterionToAttest, InputToProvide, NewCheck, NewCriterion, NewGate, NewMeasure,
    NewScope, NewSuccess, NewSuccessCheck, NewWorkflow, RunToEnd, RunToSign,
};
use crate::plan::event::{
    Cadence, Comparison, Derived, GateScope, Oversight, RequiredRole, SpanUnit, SuccessCheck,
    WorkflowDefinition, WorkflowInput, WorkflowOutput, WorkflowSpan,
};
use crate::plan::fact::Actor;
use crate::plan::model::{DeliverableStatus, WorkflowRun, WorkflowRunStatus};
use crate::plan::settings::Staffing;
use crate::plan::tests::by;

/// Workflows of the model, each of which may come after those before it.
const WORKFLOWS: u16 = 5;

fn slug(number: u16) -> String {
    format!("wf-{}", number % WORKFLOWS)
}

impl Step {
    /// An open run that is as it must be, else a workflow's newest.
    fn run_that(&self, plan: &Plan, wanted: impl Fn(&WorkflowRun) -> bool) -> String {
        let fitting = plan.open_workflow_runs().filter(|run| wanted(run));
        let fitting: Vec<String> = fitting.map(|run| run.id.to_string()).collect();
        pick(&fitting, self.a).unwrap_or_else(|| slug(self.b))
    }

    fn found<'a>(plan: &'a Plan, run: &str) -> Option<&'a WorkflowRun> {
        plan.resolve_workflow_run(run).ok()
    }

    pub(super) fn workflows(&self, plan: &Plan) -> (Actor, Command) {
        let lead = self.coordinator(plan);
        match self.kind {
            155 | 156 => (lead, self.define_workflow(plan)),
            157 if self.b.is_multiple_of(3) => {
                let idle = plan.workflows().filter(|it| {
                    let run = it.newest_run.and_then(|run| plan.workflow_run(run));
                    it.retired.is_none() && run.is_none_or(|run| !run.status.is_open())
                });
                let idle: Vec<String> = idle.map(|it| it.slug.to_string()).collect();
                let command = Command::RetireWorkflow {
                    workflow: pick(&idle, self.a).unwrap_or_else(|| slug(self.a)),
                    reason: "nobody needs it".to_owned(),
                };
                (lead, command)
            }
            157..=159 => {
                let waiting = self.run_that(plan, |run| !run.confirmed);
                let waiting = Self::found(plan, &waiting).map(|run| run.workflow.to_string());
                let workflow = waiting.filter(|_| self.c.is_multiple_of(2));
                let command = Command::StartWorkflow {
                    workflow: workflow.unwrap_or_else(|| slug(self.a)),
                    restart: self.c.is_multiple_of(3),
                };
                (lead, command)
            }
            160 | 161 => (lead, self.provide(plan)),
            162 => self.attest_success(plan, lead),
            163 | 164 => self.sign_run(plan, lead),
            165 => {
                let run = self.run_that(plan, |run| {
                    run.status == WorkflowRunStatus::Running && run.definition.phases.is_empty()
                });
                let note = "all of it is done".to_owned();
                (lead, Command::FinishWorkflow { run, note })
            }
            166 if self.b.is_multiple_of(3) => {
                let command = Command::EndWorkflowRun(RunToEnd {
                    run: self.run_that(plan, |_| true),
                    failed: self.c.is_multiple_of(2),
                    reason: "the market is gone".to_owned(),
                });
                (lead, command)
            }
            167 => (lead, self.prepare(plan)),
            _ => self.hand_over(plan, lead),
        }
    }

    fn define_workflow(&self, plan: &Plan) -> Command {
        let some = |on: u16| self.c.is_multiple_of(on);
        let number = self.a % WORKFLOWS;
        // Half of them ask for so little that a run comes to its end.
        let light = self.a.is_multiple_of(2);
        let known = plan.workflows().map(|it| it.slug.to_string());
        let known: Vec<String> = known.filter(|it| *it > slug(number)).collect();
        let behind = pick(&known, self.b).unwrap_or_else(|| slug(number + 1 + self.b % 2));
        // Seldom one that may lead back.
        let next =
            (!some(3) && (number + 1 < WORKFLOWS || some(4))).then(|| behind.as_str().into());
        let input = |name: &str, required: bool| WorkflowInput {
            name: name.into(),
            description: "".into(),
            required,
        };
        let output = |name: &str| WorkflowOutput {
            name: name.into(),
            acceptance: vec!["it is short".into()],
        };
        let phase = (!some(2) && !light).then(|| Self::any_phase(plan, self.b).as_str().into());
        let words = WorkflowDefinition {
            objective: if some(23) { "" } else { "Sell something" }.into(),
            duration: Some(WorkflowSpan {
                amount: 2,
                unit: SpanUnit::Week,
            }),
            elicit: some(5) && !light,
            roles: vec![RequiredRole {
                role: "developer".into(),
                count: u32::from(self.b % 4),
                stream: "".into(),
            }]
            .into_iter()
            .filter(|_| some(3) && !light)
            .collect(),
            oversight: vec![Oversight {
                role: "coordinator".into(),
                cadence: Cadence::Daily,
            }],
            inputs: [
                input("Spec", true),
                input("The manual", self.b.is_multiple_of(2)),
            ]
            .into_iter()
            .skip(usize::from(self.b % 3))
            .collect(),
            outputs: [output("The manual"), output("The shop")]
                .into_iter()
                .skip(if light { 2 } else { usize::from(self.a % 3) })
                .collect(),
            sign_offs: ["qa", "coordinator"]
                .into_iter()
                .skip(if light { 2 } else { usize::from(self.c % 3) })
                .map(Into::into)
                .collect(),
            phases: phase.into_iter().collect(),
            next_by_itself: next.is_some() && self.b.is_multiple_of(3),
            next,
            ..WorkflowDefinition::default()
        };
        let measure = NewMeasure {
            metric: "coverage".to_owned(),
            comparison: Comparison::Ge,
            threshold: if some(19) { "half" } else { "30" }.to_owned(),
        };
        let role = if some(2) { "" } else { "qa" }.to_owned();
        let checks = [
            NewSuccessCheck::Measured(measure),
            NewSuccessCheck::Attested { role },
        ];
        let skipped = if light { 2 } else { usize::from(self.b % 3) };
        let numbered = checks.into_iter().skip(skipped).zip(1..);
        let gates = plan.gates().filter(|gate| {
            let own = matches!(&gate.scope, GateScope::Workflow(name) if **name == slug(number));
            own && gate.retired.is_none()
        });
        Command::DefineWorkflow(Box::new(NewWorkflow {
            workflow: if some(29) {
                "two words".to_owned()
            } else {
                slug(number)
            },
            words,
            gates: gates.take(1).map(|gate| gate.id.to_string()).collect(),
            criteria: numbered
                .map(|(check, number)| NewSuccess {
                    name: format!("success {number}"),
                    check,
                })
                .collect(),
        }))
    }

    fn provide(&self, plan: &Plan) -> Command {
        let run = self.run_that(plan, |run| {
            run.status == WorkflowRunStatus::WaitingInput && !run.definition.inputs.is_empty()
        });
        let inputs = Self::found(plan, &run).map(|run| {
            let names = run.definition.inputs.iter().map(|it| it.name.to_string());
            names.collect::<Vec<_>>()
        });
        Command::ProvideInput(InputToProvide {
            run,
            input: pick(&inputs.unwrap_or_default(), self.b).unwrap_or_else(|| "Spec".to_owned()),
            value: if self.c.is_multiple_of(17) {
                " "
            } else {
                "docs/spec.md"
            }
            .to_owned(),
        })
    }

    fn attest_success(&self, plan: &Plan, lead: Actor) -> (Actor, Command) {
        let is_attested = |run: &WorkflowRun| {
            let mut each = run.definition.criteria.iter();
            each.position(|it| matches!(it.check, SuccessCheck::Attested(_)))
        };
        let run = self.run_that(plan, |run| {
            let runs = matches!(
                run.status,
                WorkflowRunStatus::Running | WorkflowRunStatus::Gating
            );
            runs && is_attested(run).is_some()
        });
        let place = Self::found(plan, &run).and_then(is_attested);
        let command = Command::AttestWorkflowCriterion(CriterionToAttest {
            run,
            criterion: (place.unwrap_or(0) + 1).to_string(),
            holds: !self.c.is_multiple_of(4),
            evidence: "seen".to_owned(),
        });
        let actor = if self.b.is_multiple_of(3) {
            by(&self.agent(plan))
        } else {
            lead
        };
        (actor, command)
    }

    /// Mostly by whoever may: an agent of the role that did none of the work.
    fn sign_run(&self, plan: &Plan, lead: Actor) -> (Actor, Command) {
        let run = self.run_that(plan, |run| {
            run.status == WorkflowRunStatus::Gating && !run.definition.sign_offs.is_empty()
        });
        let found = Self::found(plan, &run);
        let open = found.and_then(|run| {
            let mut open = run.each_signature().filter(|(_, it)| it.is_none());
            open.next().map(|(role, _)| role.to_string())
        });
        let role = open.unwrap_or_else(|| "qa".to_owned());
        let may = plan.agents().filter(|agent| {
            let did = found.is_some_and(|run| plan.worked_in(run, &by(&agent.name)));
            !agent.retired && !did && plan.has_role(&agent.name, &role)
        });
        let may: Vec<String> = may.map(|agent| agent.name.to_string()).collect();
        let anybody = self.b.is_multiple_of(5);
        let agent = pick(&may, self.b).filter(|_| !anybody);
        let actor = match agent {
            _ if role == "coordinator" && !anybody => lead,
            Some(agent) => by(&agent),
            None => by(&self.agent(plan)),
        };
        let approved = !self.c.is_multiple_of(5);
        let command = Command::SignWorkflow(RunToSign {
            run,
            role: if self.c.is_multiple_of(3) {
                String::new()
            } else {
                role
            },
            approved,
            note: if approved { "" } else { "the manual is wrong" }.to_owned(),
        });
        (actor, command)
    }

    /// A gate in front of a workflow, or how a project takes missing agents.
    fn prepare(&self, plan: &Plan) -> Command {
        if self.b.is_multiple_of(2) {
            let settings = plan.project().map(|project| project.settings.clone());
            let mut settings = settings.unwrap_or_default();
            settings.staffing = if self.a.is_multiple_of(2) {
                Staffing::Warn
            } else {
                Staffing::Refuse
            };
            return Command::UpdateProject {
                name: None,
                description: None,
                settings: Some(Box::new(settings)),
            };
        }
        Command::DefineGate(Box::new(NewGate {
            gate: String::new(),
            name: format!("Gate of {}", slug(self.a)),
            scope: Some(NewScope::Workflow(slug(self.a))),
            criteria: vec![NewCriterion {
                name: "calm".to_owned(),
                advisory: false,
                check: NewCheck::Derived(Derived::ALL[usize::from(self.c) % 2]),
            }],
        }))
    }

    /// Brings an output of a run on, whose work is done.
    fn hand_over(&self, plan: &Plan, lead: Actor) -> (Actor, Command) {
        let gating = plan.open_workflow_runs();
        let gating = gating.filter(|run| run.status == WorkflowRunStatus::Gating);
        let outputs = gating.flat_map(|run| run.outputs.iter());
        let outputs = outputs.filter_map(|id| plan.deliverable(*id));
        let open: Vec<_> = outputs
            .filter(|it| it.status != DeliverableStatus::Accepted)
            .map(|it| (it.id, it.status))
            .collect();
        let Some((deliverable, status)) = pick(&open, self.a) else {
            return (lead, self.provide(plan));
        };
        if status == DeliverableStatus::Submitted {
            let note = String::new();
            return (lead, Command::AcceptDeliverable { deliverable, note });
        }
        let command = Command::SubmitDeliverable {
            deliverable,
            artefact: "docs/manual.md".to_owned(),
            note: String::new(),
        };
        (by(&self.agent(plan)), command)
    }
}
