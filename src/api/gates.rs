//! Quality gates: defined, run, and what people say about their runs.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::call::Call;
use super::validate::{bad, instant, required};
use super::work::find;
use super::{Api, enums, status, views};
use crate::engine::Answer;
use crate::plan::command::{NewCheck, NewCriterion, NewGate, NewMeasure, NewScope};
use crate::plan::event::{CriterionCheck, Event};
use crate::plan::id::{GateId, GateRunId};
use crate::plan::{Command, Plan, Refusal};

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl wire::gate_service_server::GateService for Api {
    async fn define_gate(
        &self,
        request: Request<wire::DefineGateRequest>,
    ) -> Answered<wire::DefineGateResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let scope = body
            .scope
            .as_ref()
            .ok_or_else(|| bad("scope", "is missing; say what it stands in front of"))?;
        let command = Command::DefineGate(Box::new(NewGate {
            gate: String::new(),
            name: required("name", body.name.clone())?,
            scope: Some(read_scope(scope)?),
            criteria: read_criteria(&body.criteria)?,
        }));
        let answer = self.submit(&call, command).await?;
        let (gate, warnings) = self.defined(&call, &answer)?;
        Ok(Response::new(wire::DefineGateResponse { gate, warnings }))
    }

    async fn update_gate(
        &self,
        request: Request<wire::UpdateGateRequest>,
    ) -> Answered<wire::UpdateGateResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let command = Command::DefineGate(Box::new(NewGate {
            gate: required("gate", body.gate.clone())?,
            name: body.name.clone(),
            scope: body.scope.as_ref().map(read_scope).transpose()?,
            criteria: read_criteria(&body.criteria)?,
        }));
        let answer = self.submit(&call, command).await?;
        let (gate, warnings) = self.defined(&call, &answer)?;
        Ok(Response::new(wire::UpdateGateResponse { gate, warnings }))
    }

    async fn retire_gate(
        &self,
        request: Request<wire::RetireGateRequest>,
    ) -> Answered<wire::RetireGateResponse> {
        let call = self.open(request)?;
        let command = Command::RetireGate {
            gate: required("gate", call.body.gate.clone())?,
            reason: required("reason", call.body.reason.clone())?,
        };
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::GateRetired(retired) => Some(retired.gate),
            _ => None,
        })?;
        let gate = self
            .view(&call.project, &answer.plan, &call.caller)
            .gate_named(id);
        Ok(Response::new(wire::RetireGateResponse { gate }))
    }

    async fn get_gate(
        &self,
        request: Request<wire::GetGateRequest>,
    ) -> Answered<wire::GetGateResponse> {
        let call = self.open(request)?;
        let id = gate_of(&call.plan, &call.body.gate)?;
        let gate = self
            .view(&call.project, &call.plan, &call.caller)
            .gate_named(id);
        Ok(Response::new(wire::GetGateResponse { gate }))
    }

    async fn list_gates(
        &self,
        request: Request<wire::ListGatesRequest>,
    ) -> Answered<wire::ListGatesResponse> {
        let call = self.open(request)?;
        let page = self.page("gates", call.body.page_size, &call.body.page_token)?;
        let after: Option<GateId> = page.after()?;
        let rest = call.plan.gates().filter(|gate| {
            (call.body.include_retired || gate.retired.is_none())
                && after.is_none_or(|after| gate.id > after)
        });
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (gates, next_page_token) =
            page.fill(rest, |gate| gate.id.to_string(), |gate| view.gate(gate));
        Ok(Response::new(wire::ListGatesResponse {
            gates,
            next_page_token,
        }))
    }

    async fn run_gate(
        &self,
        request: Request<wire::RunGateRequest>,
    ) -> Answered<wire::RunGateResponse> {
        let call = self.open(request)?;
        let command = Command::RunGate {
            gate: required("gate", call.body.gate.clone())?,
            commit: call.body.commit.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let (run, gate) = find(&answer, |event| match event {
            Event::GateRunStarted(started) => Some((started.run, started.gate)),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok(Response::new(wire::RunGateResponse {
            run: view.gate_run_named(run),
            gate: view.gate_named(gate),
        }))
    }

    async fn get_gate_run(
        &self,
        request: Request<wire::GetGateRunRequest>,
    ) -> Answered<wire::GetGateRunResponse> {
        let call = self.open(request)?;
        let written = required("run", call.body.run.clone())?;
        let run = call
            .plan
            .resolve_run(&written)
            .map_err(|refusal| status::refused(&refusal))?;
        let run = self
            .view(&call.project, &call.plan, &call.caller)
            .gate_run_named(run);
        Ok(Response::new(wire::GetGateRunResponse { run }))
    }

    async fn list_gate_runs(
        &self,
        request: Request<wire::ListGateRunsRequest>,
    ) -> Answered<wire::ListGateRunsResponse> {
        let call = self.open(request)?;
        let page = self.page("gate_runs", call.body.page_size, &call.body.page_token)?;
        let after: Option<GateRunId> = page.after()?;
        let gate = match call.body.gate.trim() {
            "" => None,
            written => Some(gate_of(&call.plan, written)?),
        };
        let rest = call.plan.gate_runs(gate);
        let rest = rest.filter(|run| after.is_none_or(|after| run.id > after));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (runs, next_page_token) =
            page.fill(rest, |run| run.id.to_string(), |run| view.gate_run(run));
        Ok(Response::new(wire::ListGateRunsResponse {
            runs,
            next_page_token,
        }))
    }

    async fn submit_result(
        &self,
        request: Request<wire::SubmitResultRequest>,
    ) -> Answered<wire::SubmitResultResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let command = Command::AttestCriterion {
            gate: required("gate", body.gate.clone())?,
            criterion: required("criterion", body.criterion.clone())?,
            holds: !body.fails,
            evidence: required("evidence", body.evidence.clone())?,
        };
        let answer = self.submit(&call, command).await?;
        let run = self.judged(&call, &answer)?;
        Ok(Response::new(wire::SubmitResultResponse { run }))
    }

    async fn sign_off(
        &self,
        request: Request<wire::SignOffRequest>,
    ) -> Answered<wire::SignOffResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let command = Command::ApproveCriterion {
            gate: required("gate", body.gate.clone())?,
            criterion: required("criterion", body.criterion.clone())?,
            approved: !body.rejects,
            evidence: body.evidence.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let run = self.judged(&call, &answer)?;
        Ok(Response::new(wire::SignOffResponse { run }))
    }

    async fn waive_gate(
        &self,
        request: Request<wire::WaiveGateRequest>,
    ) -> Answered<wire::WaiveGateResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let until = body
            .until
            .ok_or_else(|| bad("until", "is missing; say until when it may pass"))?;
        let command = Command::WaiveGateRun {
            gate: required("gate", body.gate.clone())?,
            reason: required("reason", body.reason.clone())?,
            until: instant("until", until)?,
        };
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::GateWaived(waived) => Some(waived.run),
            _ => None,
        })?;
        let run = self
            .view(&call.project, &answer.plan, &call.caller)
            .gate_run_named(id);
        Ok(Response::new(wire::WaiveGateResponse { run }))
    }

    async fn report_metric(
        &self,
        request: Request<wire::ReportMetricRequest>,
    ) -> Answered<wire::ReportMetricResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let command = Command::ReportMetric {
            metric: required("metric", body.metric.clone())?,
            value: body.value.clone(),
            evidence: body.evidence.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let name = find(&answer, |event| match event {
            Event::MetricReported(reported) => Some(reported.metric.clone()),
            _ => None,
        })?;
        let metric = answer.plan.metric(&name).map(views::metric);
        Ok(Response::new(wire::ReportMetricResponse { metric }))
    }

    async fn list_metrics(
        &self,
        request: Request<wire::ListMetricsRequest>,
    ) -> Answered<wire::ListMetricsResponse> {
        let call = self.open(request)?;
        let page = self.page("metrics", call.body.page_size, &call.body.page_token)?;
        let after: Option<String> = page.after()?;
        let rest = call.plan.metrics().filter(|metric| {
            after
                .as_deref()
                .is_none_or(|after| metric.name.as_ref() > after)
        });
        let (metrics, next_page_token) =
            page.fill(rest, |metric| metric.name.to_string(), views::metric);
        Ok(Response::new(wire::ListMetricsResponse {
            metrics,
            next_page_token,
        }))
    }
}

impl Api {
    /// A gate that was defined, and what will not work as it stands.
    fn defined<T>(
        &self,
        call: &Call<T>,
        answer: &Answer,
    ) -> Result<(Option<wire::Gate>, Vec<String>), Status> {
        let id = find(answer, |event| match event {
            Event::GateDefined(defined) => Some(defined.gate),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let criteria = answer.plan.gate(id).map(|gate| gate.criteria.clone());
        let unknown = criteria
            .iter()
            .flat_map(|criteria| criteria.iter())
            .filter_map(|criterion| match &criterion.check {
                CriterionCheck::Command { command, .. } => Some(command),
                _ => None,
            })
            .filter(|command| !self.options.commands.knows(command));
        let warnings = unknown.map(|command| {
            format!(
                "the daemon's settings have no [gates.commands.{command}]; until they do, the criterion fails"
            )
        });
        Ok((view.gate_named(id), warnings.collect()))
    }

    /// The run about which something was said.
    fn judged<T>(&self, call: &Call<T>, answer: &Answer) -> Result<Option<wire::GateRun>, Status> {
        let id = find(answer, |event| match event {
            Event::GateResultRecorded(recorded) => Some(recorded.run),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok(view.gate_run_named(id))
    }
}

fn gate_of(plan: &Plan, written: &str) -> Result<GateId, Status> {
    let written = required("gate", written.to_owned())?;
    plan.resolve_gate(&written)
        .map_err(|refusal: Refusal| status::refused(&refusal))
}

fn read_scope(scope: &wire::GateScope) -> Result<NewScope, Status> {
    use wire::gate_scope::Scope;
    Ok(match &scope.scope {
        Some(Scope::Phase(phase)) => NewScope::Phase(required("scope.phase", phase.clone())?),
        Some(Scope::Deployment(name)) => NewScope::Deployment(name.clone()),
        Some(Scope::Workflow(name)) => NewScope::Workflow(name.clone()),
        Some(Scope::Project(true)) => NewScope::Project,
        Some(Scope::Daily(true)) => NewScope::Daily,
        Some(Scope::Completion(selection)) => NewScope::Completion {
            phase: selection.phase.clone(),
            area: selection.area.clone(),
            role: selection.role.clone(),
            tasks: selection.tasks.clone(),
        },
        Some(Scope::Project(false) | Scope::Daily(false)) | None => {
            return Err(bad("scope", "is missing; say what it stands in front of"));
        }
    })
}

fn read_criteria(criteria: &[wire::GateCriterion]) -> Result<Vec<NewCriterion>, Status> {
    criteria.iter().map(read_criterion).collect()
}

fn read_criterion(criterion: &wire::GateCriterion) -> Result<NewCriterion, Status> {
    use wire::gate_criterion::Check;
    let check = match &criterion.check {
        Some(Check::Attested(attested)) => NewCheck::Attested {
            role: attested.role.clone(),
        },
        Some(Check::Metric(measure)) => NewCheck::Metric(read_measure(measure)?),
        Some(Check::Command(command)) => NewCheck::Command {
            command: required("criteria.command", command.command.clone())?,
            measure: command.measure.as_ref().map(read_measure).transpose()?,
        },
        Some(Check::Approval(approval)) => NewCheck::Approval {
            may_approve: approval.may_approve.clone(),
        },
        Some(Check::Derived(derived)) => NewCheck::Derived(enums::read_derived_check(*derived)?),
        None => {
            return Err(bad(
                "criteria.check",
                "is missing; say how the criterion is judged",
            ));
        }
    };
    Ok(NewCriterion {
        name: required("criteria.name", criterion.name.clone())?,
        advisory: criterion.advisory,
        check,
    })
}

pub(super) fn read_measure(measure: &wire::Measure) -> Result<NewMeasure, Status> {
    Ok(NewMeasure {
        metric: required("metric", measure.metric.clone())?,
        comparison: enums::read_comparison(measure.comparison)?,
        threshold: required("threshold", measure.threshold.clone())?,
    })
}
