//! Workflows and their runs as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::gate::measure;
use super::{View, texts, time};
use crate::plan::event::{SuccessCheck, SuccessCriterion, WorkflowDefinition};
use crate::plan::model::{Signature, SuccessAttestation, Workflow, WorkflowRun};
use crate::plan::time::Timestamp;

impl View<'_> {
    /// A workflow with its newest run.
    pub(in super::super) fn workflow(&self, workflow: &Workflow) -> wire::Workflow {
        let run = workflow
            .newest_run
            .and_then(|run| self.plan.workflow_run(run));
        wire::Workflow {
            slug: workflow.slug.to_string(),
            definition: Some(definition(&workflow.definition)),
            definitions: workflow.definitions,
            newest_run: run.map(|run| self.workflow_run(run)),
            retired: workflow.retired.is_some(),
            retired_reason: workflow.retired.as_deref().unwrap_or_default().to_owned(),
            defined_by: workflow.defined_by.to_string(),
            defined_at: Some(time(workflow.defined_at)),
            revision: workflow.revision,
        }
    }

    /// A run with everything it waits for.
    pub(in super::super) fn workflow_run(&self, run: &WorkflowRun) -> wire::WorkflowRun {
        let now = Timestamp(self.now_ms.max(self.plan.last_at().0));
        let day = run.day(now);
        let lacks = self.plan.workflow_lacks(run, now).into_iter();
        let lacks = lacks.map(|lack| wire::WorkflowLack {
            subject: lack.subject,
            description: lack.description,
            who: lack.who,
            next: lack.next,
        });
        let staffing = self.plan.staffing(run).into_iter();
        let staffing = staffing.map(|it| wire::RoleStaffing {
            role: it.role.to_string(),
            needed: it.needed,
            registered: it.there,
            silent: it.silent,
            other_tier: it.other_tier,
        });
        let inputs = run.inputs.iter().map(|it| wire::ProvidedInput {
            input: it.input.to_string(),
            value: it.value.to_string(),
            carried: it.carried,
            by: it.by.to_string(),
            at: Some(time(it.at)),
        });
        let end = run.end.as_ref();
        wire::WorkflowRun {
            id: run.id.to_string(),
            workflow: run.workflow.to_string(),
            definition: Some(definition(&run.definition)),
            definition_number: run.definition_number,
            status: enums::workflow_run_status(run.status).into(),
            after: run.after.map_or_else(String::new, |it| it.to_string()),
            inputs: inputs.collect(),
            outputs: texts(&run.outputs),
            criteria: run
                .each_criterion()
                .map(|(number, asked, said)| self.success(run, number, asked, said))
                .collect(),
            signatures: run
                .each_signature()
                .map(|(role, signature)| signed(role, signature))
                .collect(),
            staffing: staffing.collect(),
            lacks: lacks.collect(),
            warning: run.warning.to_string(),
            day: day.map_or(0, |day| day.day),
            planned_days: run.definition.duration.map_or(0, |span| span.days()),
            overdue: day.is_some_and(|day| day.is_overdue()),
            finished: run.finished.to_string(),
            reason: end.map_or_else(String::new, |end| end.reason.to_string()),
            opened_by: run.opened_by.to_string(),
            opened_at: Some(time(run.opened_at)),
            started_at: run.started_at.map(time),
            since: Some(time(run.since)),
            ended_by: end.map_or_else(String::new, |end| end.by.to_string()),
            ended_at: end.map(|end| time(end.at)),
            revision: run.revision,
        }
    }

    /// How a criterion stands; of a run that is over, stood then.
    fn success(
        &self,
        run: &WorkflowRun,
        number: u32,
        asked: &SuccessCriterion,
        said: Option<&SuccessAttestation>,
    ) -> wire::SuccessResult {
        let end = run.end.as_ref();
        let (holds, value) = match &asked.check {
            SuccessCheck::Attested(_) => (self.plan.holds(asked, said), None),
            SuccessCheck::Measured(measure) => {
                let value = match end {
                    Some(end) => {
                        let mut values = end.values.iter();
                        let kept = values.find(|value| value.criterion == number);
                        kept.map(|kept| &kept.value)
                    }
                    None => self.plan.metric(&measure.metric).map(|it| &it.value),
                };
                let holds =
                    value.is_some_and(|it| measure.comparison.holds(it, &measure.threshold));
                (holds, value.map(ToString::to_string))
            }
        };
        wire::SuccessResult {
            criterion: Some(criterion(number, asked)),
            holds,
            value: value.unwrap_or_default(),
            evidence: said.map_or_else(String::new, |said| said.evidence.to_string()),
            by: said.map_or_else(String::new, |said| said.by.to_string()),
            at: said.map(|said| time(said.at)),
        }
    }
}

fn signed(role: &str, signature: Option<&Signature>) -> wire::WorkflowSignature {
    wire::WorkflowSignature {
        role: role.to_owned(),
        approved: signature.is_some_and(|it| it.approved),
        refused: signature.is_some_and(|it| !it.approved),
        note: signature.map_or_else(String::new, |it| it.note.to_string()),
        by: signature.map_or_else(String::new, |it| it.by.to_string()),
        at: signature.map(|it| time(it.at)),
    }
}

fn criterion(number: u32, asked: &SuccessCriterion) -> wire::SuccessCriterion {
    use wire::success_criterion::Check;
    let check = match &asked.check {
        SuccessCheck::Measured(asked) => Check::Measured(measure(asked)),
        SuccessCheck::Attested(role) => Check::Attested(wire::AttestedCheck {
            role: role.as_deref().unwrap_or_default().to_owned(),
        }),
    };
    wire::SuccessCriterion {
        number,
        name: asked.name.to_string(),
        check: Some(check),
    }
}

fn definition(definition: &WorkflowDefinition) -> wire::WorkflowDefinition {
    let roles = definition.roles.iter().map(|it| wire::RequiredRole {
        role: it.role.to_string(),
        count: it.count,
        stream: it.stream.to_string(),
    });
    let oversight = definition.oversight.iter().map(|it| wire::OversightRule {
        role: it.role.to_string(),
        cadence: enums::cadence(it.cadence).into(),
    });
    let inputs = definition.inputs.iter().map(|it| wire::WorkflowInput {
        name: it.name.to_string(),
        description: it.description.to_string(),
        required: it.required,
    });
    let outputs = definition.outputs.iter().map(|it| wire::WorkflowOutput {
        name: it.name.to_string(),
        acceptance: texts(&it.acceptance),
    });
    let numbered = (1..).zip(definition.criteria.iter());
    wire::WorkflowDefinition {
        title: definition.title.to_string(),
        number: definition.number,
        tier: definition.tier,
        objective: definition.objective.to_string(),
        duration: definition
            .duration
            .map_or_else(String::new, |span| span.to_string()),
        effort: definition
            .effort
            .map_or_else(String::new, |effort| effort.to_string()),
        elicit: definition.elicit,
        roles: roles.collect(),
        oversight: oversight.collect(),
        inputs: inputs.collect(),
        outputs: outputs.collect(),
        gates: texts(&definition.gates),
        sign_offs: texts(&definition.sign_offs),
        criteria: numbered
            .map(|(number, asked)| criterion(number, asked))
            .collect(),
        phases: texts(&definition.phases),
        next: definition.next.as_deref().unwrap_or_default().to_owned(),
        next_by_itself: definition.next_by_itself,
    }
}
