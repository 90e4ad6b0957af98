//! Workflows: defined, started, supplied, judged, signed, ended, listed.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::call::Call;
use super::validate::{bad, estimate, required};
use super::work::find;
use super::{Api, enums, status};
use crate::engine::Answer;
use crate::plan::command::{
    CriterionToAttest, InputToProvide, NewMeasure, NewSuccess, NewSuccessCheck, NewWorkflow,
    RunToEnd, RunToSign,
};
use crate::plan::event::{
    Event, Oversight, RequiredRole, Text, WorkflowDefinition, WorkflowInput, WorkflowOutput,
};
use crate::plan::id::WorkflowRunId;
use crate::plan::{Command, Refusal};

type Answered<T> = Result<Response<T>, Status>;

impl Api {
    fn workflow_after<T>(
        &self,
        call: &Call<T>,
        answer: &Answer,
        slug: &str,
    ) -> Result<wire::Workflow, Status> {
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let workflow = answer.plan.workflow(slug);
        workflow
            .map(|workflow| view.workflow(workflow))
            .ok_or_else(|| status::internal("a workflow that was changed is gone"))
    }

    /// The run that the first event about one is about.
    fn run_after<T>(&self, call: &Call<T>, answer: &Answer) -> Result<wire::WorkflowRun, Status> {
        let id = find(answer, |event| match event {
            Event::WorkflowRunStarted(started) => Some(started.run),
            Event::WorkflowRunConfirmed(confirmed) => Some(confirmed.run),
            Event::WorkflowInputProvided(provided) => Some(provided.run),
            Event::WorkflowRunMoved(moved) => Some(moved.run),
            Event::WorkflowCriterionAttested(attested) => Some(attested.run),
            Event::WorkflowSigned(signed) => Some(signed.run),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let run = answer.plan.workflow_run(id);
        run.map(|run| view.workflow_run(run))
            .ok_or_else(|| status::internal("a run that was changed is gone"))
    }
}

fn refused(refusal: Refusal) -> Status {
    status::refused(&refusal)
}

#[tonic::async_trait]
impl wire::workflow_service_server::WorkflowService for Api {
    async fn define_workflow(
        &self,
        request: Request<wire::DefineWorkflowRequest>,
    ) -> Answered<wire::DefineWorkflowResponse> {
        let call = self.open(request)?;
        let definition = call.body.definition.as_ref();
        let definition = definition.ok_or_else(|| bad("definition", "is missing"))?;
        let workflow = required("workflow", call.body.workflow.clone())?;
        let command = Command::DefineWorkflow(Box::new(read(workflow, definition)?));
        let answer = self.submit(&call, command).await?;
        let slug = find(&answer, |event| match event {
            Event::WorkflowDefined(defined) => Some(defined.workflow.clone()),
            _ => None,
        })?;
        let workflow = Some(self.workflow_after(&call, &answer, &slug)?);
        Ok(Response::new(wire::DefineWorkflowResponse { workflow }))
    }

    async fn retire_workflow(
        &self,
        request: Request<wire::RetireWorkflowRequest>,
    ) -> Answered<wire::RetireWorkflowResponse> {
        let call = self.open(request)?;
        let command = Command::RetireWorkflow {
            workflow: required("workflow", call.body.workflow.clone())?,
            reason: required("reason", call.body.reason.clone())?,
        };
        let answer = self.submit(&call, command).await?;
        let slug = find(&answer, |event| match event {
            Event::WorkflowRetired(retired) => Some(retired.workflow.clone()),
            _ => None,
        })?;
        let workflow = Some(self.workflow_after(&call, &answer, &slug)?);
        Ok(Response::new(wire::RetireWorkflowResponse { workflow }))
    }

    async fn get_workflow(
        &self,
        request: Request<wire::GetWorkflowRequest>,
    ) -> Answered<wire::GetWorkflowResponse> {
        let call = self.open(request)?;
        let written = required("workflow", call.body.workflow.clone())?;
        let workflow = call.plan.resolve_workflow(&written).map_err(refused)?;
        let view = self.view(&call.project, &call.plan, &call.caller);
        Ok(Response::new(wire::GetWorkflowResponse {
            workflow: Some(view.workflow(workflow)),
        }))
    }

    async fn list_workflows(
        &self,
        request: Request<wire::ListWorkflowsRequest>,
    ) -> Answered<wire::ListWorkflowsResponse> {
        let call = self.open(request)?;
        let page = self.page("workflows", call.body.page_size, &call.body.page_token)?;
        let after: Option<String> = page.after()?;
        let all = call.body.include_retired;
        let known = call.plan.workflows();
        let wanted = known.filter(|it| all || it.retired.is_none());
        let rest = wanted.filter(|it| after.as_deref().is_none_or(|after| &*it.slug > after));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (workflows, next_page_token) =
            page.fill(rest, |it| it.slug.to_string(), |it| view.workflow(it));
        Ok(Response::new(wire::ListWorkflowsResponse {
            workflows,
            next_page_token,
        }))
    }

    async fn start_workflow(
        &self,
        request: Request<wire::StartWorkflowRequest>,
    ) -> Answered<wire::StartWorkflowResponse> {
        let call = self.open(request)?;
        let command = Command::StartWorkflow {
            workflow: required("workflow", call.body.workflow.clone())?,
            restart: call.body.restart,
        };
        let answer = self.submit(&call, command).await?;
        let run = Some(self.run_after(&call, &answer)?);
        Ok(Response::new(wire::StartWorkflowResponse { run }))
    }

    async fn provide_input(
        &self,
        request: Request<wire::ProvideInputRequest>,
    ) -> Answered<wire::ProvideInputResponse> {
        let call = self.open(request)?;
        let command = Command::ProvideInput(InputToProvide {
            run: required("run", call.body.run.clone())?,
            input: required("input", call.body.input.clone())?,
            value: required("value", call.body.value.clone())?,
        });
        let answer = self.submit(&call, command).await?;
        let run = Some(self.run_after(&call, &answer)?);
        Ok(Response::new(wire::ProvideInputResponse { run }))
    }

    async fn attest_workflow_criterion(
        &self,
        request: Request<wire::AttestWorkflowCriterionRequest>,
    ) -> Answered<wire::AttestWorkflowCriterionResponse> {
        let call = self.open(request)?;
        let command = Command::AttestWorkflowCriterion(CriterionToAttest {
            run: required("run", call.body.run.clone())?,
            criterion: required("criterion", call.body.criterion.clone())?,
            holds: !call.body.fails,
            evidence: required("evidence", call.body.evidence.clone())?,
        });
        let answer = self.submit(&call, command).await?;
        let run = Some(self.run_after(&call, &answer)?);
        Ok(Response::new(wire::AttestWorkflowCriterionResponse { run }))
    }

    async fn sign_workflow(
        &self,
        request: Request<wire::SignWorkflowRequest>,
    ) -> Answered<wire::SignWorkflowResponse> {
        let call = self.open(request)?;
        let command = Command::SignWorkflow(RunToSign {
            run: required("run", call.body.run.clone())?,
            role: call.body.role.clone(),
            approved: !call.body.rejects,
            note: call.body.note.clone(),
        });
        let answer = self.submit(&call, command).await?;
        let run = Some(self.run_after(&call, &answer)?);
        Ok(Response::new(wire::SignWorkflowResponse { run }))
    }

    async fn finish_workflow(
        &self,
        request: Request<wire::FinishWorkflowRequest>,
    ) -> Answered<wire::FinishWorkflowResponse> {
        let call = self.open(request)?;
        let command = Command::FinishWorkflow {
            run: required("run", call.body.run.clone())?,
            note: required("note", call.body.note.clone())?,
        };
        let answer = self.submit(&call, command).await?;
        let run = Some(self.run_after(&call, &answer)?);
        Ok(Response::new(wire::FinishWorkflowResponse { run }))
    }

    async fn cancel_workflow_run(
        &self,
        request: Request<wire::CancelWorkflowRunRequest>,
    ) -> Answered<wire::CancelWorkflowRunResponse> {
        let call = self.open(request)?;
        let command = Command::EndWorkflowRun(RunToEnd {
            run: required("run", call.body.run.clone())?,
            failed: call.body.failed,
            reason: required("reason", call.body.reason.clone())?,
        });
        let answer = self.submit(&call, command).await?;
        let run = Some(self.run_after(&call, &answer)?);
        Ok(Response::new(wire::CancelWorkflowRunResponse { run }))
    }

    async fn get_workflow_run(
        &self,
        request: Request<wire::GetWorkflowRunRequest>,
    ) -> Answered<wire::GetWorkflowRunResponse> {
        let call = self.open(request)?;
        let written = required("run", call.body.run.clone())?;
        let run = call.plan.resolve_workflow_run(&written).map_err(refused)?;
        let view = self.view(&call.project, &call.plan, &call.caller);
        Ok(Response::new(wire::GetWorkflowRunResponse {
            run: Some(view.workflow_run(run)),
        }))
    }

    async fn list_workflow_runs(
        &self,
        request: Request<wire::ListWorkflowRunsRequest>,
    ) -> Answered<wire::ListWorkflowRunsResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let page = self.page("workflow_runs", body.page_size, &body.page_token)?;
        let after: Option<WorkflowRunId> = page.after()?;
        let only = match body.workflow.trim() {
            "" => None,
            written => Some(call.plan.resolve_workflow(written).map_err(refused)?),
        };
        let known = call.plan.workflow_runs();
        let wanted = known.filter(|run| {
            (body.include_ended || run.status.is_open())
                && only.is_none_or(|only| only.slug == run.workflow)
        });
        let rest = wanted.filter(|run| after.is_none_or(|after| run.id > after));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (runs, next_page_token) =
            page.fill(rest, |run| run.id.to_string(), |run| view.workflow_run(run));
        Ok(Response::new(wire::ListWorkflowRunsResponse {
            runs,
            next_page_token,
        }))
    }
}

fn words(texts: &[String]) -> Vec<Text> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

/// A definition as it was sent; what it names is looked up by the plan.
fn read(workflow: String, sent: &wire::WorkflowDefinition) -> Result<NewWorkflow, Status> {
    let duration = match sent.duration.trim() {
        "" => None,
        text => Some(text.parse().map_err(|error: crate::plan::event::NoSpan| {
            bad("definition.duration", error.to_string())
        })?),
    };
    let roles = sent.roles.iter().map(|it| RequiredRole {
        role: it.role.as_str().into(),
        count: it.count,
        stream: it.stream.as_str().into(),
    });
    let oversight = sent.oversight.iter().map(|it| {
        Ok(Oversight {
            role: it.role.as_str().into(),
            cadence: enums::read_cadence(it.cadence)?,
        })
    });
    let inputs = sent.inputs.iter().map(|it| WorkflowInput {
        name: it.name.as_str().into(),
        description: it.description.as_str().into(),
        required: it.required,
    });
    let outputs = sent.outputs.iter().map(|it| WorkflowOutput {
        name: it.name.as_str().into(),
        acceptance: words(&it.acceptance),
    });
    let next = Some(sent.next.trim()).filter(|next| !next.is_empty());
    Ok(NewWorkflow {
        workflow,
        words: WorkflowDefinition {
            title: sent.title.as_str().into(),
            number: sent.number,
            tier: sent.tier,
            objective: sent.objective.as_str().into(),
            duration,
            effort: estimate("definition.effort", &sent.effort)?,
            elicit: sent.elicit,
            roles: roles.collect(),
            oversight: oversight.collect::<Result<_, Status>>()?,
            inputs: inputs.collect(),
            outputs: outputs.collect(),
            sign_offs: words(&sent.sign_offs),
            phases: words(&sent.phases),
            next: next.map(Into::into),
            next_by_itself: sent.next_by_itself,
            // These are read by the plan.
            gates: Vec::new(),
            criteria: Vec::new(),
        },
        gates: sent.gates.clone(),
        criteria: sent
            .criteria
            .iter()
            .map(read_criterion)
            .collect::<Result<_, _>>()?,
    })
}

fn read_criterion(sent: &wire::SuccessCriterion) -> Result<NewSuccess, Status> {
    use wire::success_criterion::Check;
    let check = match &sent.check {
        Some(Check::Measured(measure)) => NewSuccessCheck::Measured(NewMeasure {
            metric: required("criteria.metric", measure.metric.clone())?,
            comparison: enums::read_comparison(measure.comparison)?,
            threshold: required("criteria.threshold", measure.threshold.clone())?,
        }),
        Some(Check::Attested(attested)) => NewSuccessCheck::Attested {
            role: attested.role.clone(),
        },
        None => {
            return Err(bad(
                "criteria.check",
                "is missing; say how the criterion is judged",
            ));
        }
    };
    Ok(NewSuccess {
        name: required("criteria.name", sent.name.clone())?,
        check,
    })
}
