//! Phases: their order, their criteria, opening and closing.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::Api;
use super::as_of::let_go;
use super::call::Call;
use super::role_window::{timing, window};
use super::validate::{bad, mask, required};
use super::work::{criterion, find};
use super::{enums, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{CriterionChange, NewPhase, PhaseChanges};
use crate::plan::event::Event;

const EDITABLE: &[&str] = &[
    "name",
    "goal",
    "lead_role",
    "predecessors",
    "criteria_added",
    "window",
    "ordering",
];

type Answered<T> = Result<Response<T>, Status>;

/// A verb about one phase that is answered with the phase as it is after it.
macro_rules! phase_verb {
    ($api:ident, $request:ident, $response:ident, |$body:ident| $command:expr) => {{
        let call = $api.open($request)?;
        let command = {
            let $body = &call.body;
            required("phase", $body.phase.clone())?;
            $command
        };
        let answer = $api.submit(&call, command).await?;
        let phase = $api.phase_after(&call, &answer, &call.body.phase)?;
        Ok(Response::new(wire::$response { phase: Some(phase) }))
    }};
}

#[tonic::async_trait]
impl wire::phase_service_server::PhaseService for Api {
    async fn create_phase(
        &self,
        request: Request<wire::CreatePhaseRequest>,
    ) -> Answered<wire::CreatePhaseResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let phase = NewPhase {
            id: body.id.clone(),
            name: required("name", body.name.clone())?,
            goal: body.goal.clone(),
            lead_role: body.lead_role.clone(),
            criteria: body.criteria.clone(),
            predecessors: body.predecessors.clone().map(|before| before.phases),
            after: body.after.clone(),
            timing: timing(body.window.as_ref(), body.ordering)?,
        };
        let answer = self
            .submit(&call, Command::CreatePhases(vec![phase]))
            .await?;
        let id = find(&answer, |event| match event {
            Event::PhasesAdded(added) => added.phases.first().map(|phase| phase.id.clone()),
            _ => None,
        })?;
        let phase = self.phase_after(&call, &answer, &id)?;
        Ok(Response::new(wire::CreatePhaseResponse {
            phase: Some(phase),
        }))
    }

    async fn update_phase(
        &self,
        request: Request<wire::UpdatePhaseRequest>,
    ) -> Answered<wire::UpdatePhaseResponse> {
        let call = self.open(request)?;
        let command = update(&call.body)?;
        // By its number, since its name may be what changes.
        let no = call
            .plan
            .resolve_phase(&call.body.phase)
            .map_err(|refusal| status::refused(&refusal))?;
        let answer = self.submit(&call, command).await?;
        let id = answer.plan.phase_id(no).to_owned();
        let phase = self.phase_after(&call, &answer, &id)?;
        Ok(Response::new(wire::UpdatePhaseResponse {
            phase: Some(phase),
        }))
    }

    async fn list_phases(
        &self,
        request: Request<wire::ListPhasesRequest>,
    ) -> Answered<wire::ListPhasesResponse> {
        let (call, as_of) = self.open_as_of(request).await?;
        let page = self.page("phases", call.body.page_size, &call.body.page_token)?;
        let after: Option<u32> = page.after()?;
        let only = match call.body.phase.trim() {
            "" => None,
            phase => Some(
                call.plan
                    .resolve_phase(phase)
                    .map_err(|refusal| status::refused(&refusal))?,
            ),
        };
        // A phase's place can move between pages; its number cannot.
        let skip = after.and_then(|no| call.plan.phases().position(|phase| phase.no.0 == no));
        let rest = call.plan.phases().skip(skip.map_or(0, |place| place + 1));
        let rest = rest.filter(|phase| only.is_none_or(|no| phase.no == no));
        let (mut phases, next_page_token) = {
            let view = self.view(&call.project, &call.plan, &call.caller);
            page.fill(
                rest,
                |phase| phase.no.0.to_string(),
                |phase| view.phase(phase),
            )
        };
        let_go(call.plan, as_of);
        if only.is_some()
            && let Some(phase) = phases.pop()
        {
            phases.push(self.stamped(&call.project, phase).await?);
        }
        Ok(Response::new(wire::ListPhasesResponse {
            phases,
            next_page_token,
        }))
    }

    async fn close_phase(
        &self,
        request: Request<wire::ClosePhaseRequest>,
    ) -> Answered<wire::ClosePhaseResponse> {
        phase_verb!(self, request, ClosePhaseResponse, |body| {
            Command::ClosePhase {
                phase: body.phase.clone(),
            }
        })
    }

    async fn reopen_phase(
        &self,
        request: Request<wire::ReopenPhaseRequest>,
    ) -> Answered<wire::ReopenPhaseResponse> {
        phase_verb!(self, request, ReopenPhaseResponse, |body| {
            Command::ReopenPhase {
                phase: body.phase.clone(),
                reason: required("reason", body.reason.clone())?,
            }
        })
    }

    async fn skip_phase(
        &self,
        request: Request<wire::SkipPhaseRequest>,
    ) -> Answered<wire::SkipPhaseResponse> {
        phase_verb!(self, request, SkipPhaseResponse, |body| {
            Command::SkipPhase {
                phase: body.phase.clone(),
                reason: required("reason", body.reason.clone())?,
            }
        })
    }

    async fn override_phase_order(
        &self,
        request: Request<wire::OverridePhaseOrderRequest>,
    ) -> Answered<wire::OverridePhaseOrderResponse> {
        phase_verb!(self, request, OverridePhaseOrderResponse, |body| {
            Command::OverridePhaseOrder {
                phase: body.phase.clone(),
                reason: required("reason", body.reason.clone())?,
            }
        })
    }

    async fn meet_criterion(
        &self,
        request: Request<wire::MeetCriterionRequest>,
    ) -> Answered<wire::MeetCriterionResponse> {
        phase_verb!(self, request, MeetCriterionResponse, |body| {
            Command::MeetCriterion {
                phase: body.phase.clone(),
                criterion: criterion(body.criterion)?,
                evidence: body.evidence.clone(),
            }
        })
    }

    async fn update_criterion(
        &self,
        request: Request<wire::UpdateCriterionRequest>,
    ) -> Answered<wire::UpdateCriterionResponse> {
        phase_verb!(self, request, UpdateCriterionResponse, |body| {
            Command::ChangeCriterion {
                phase: body.phase.clone(),
                criterion: criterion(body.criterion)?,
                change: change(body.change.clone())?,
            }
        })
    }

    async fn set_role_window(
        &self,
        request: Request<wire::SetRoleWindowRequest>,
    ) -> Answered<wire::SetRoleWindowResponse> {
        let call = self.open(request)?;
        call.set_role_window(self).await.map(Response::new)
    }

    async fn list_role_windows(
        &self,
        request: Request<wire::ListRoleWindowsRequest>,
    ) -> Answered<wire::ListRoleWindowsResponse> {
        let call = self.open(request)?;
        let view = self.view(&call.project, &call.plan, &call.caller);
        Ok(Response::new(wire::ListRoleWindowsResponse {
            role_windows: view.role_windows(),
        }))
    }
}

impl Api {
    fn phase_after<T>(
        &self,
        call: &Call<T>,
        answer: &Answer,
        written: &str,
    ) -> Result<wire::Phase, Status> {
        self.view(&call.project, &answer.plan, &call.caller)
            .phase_named(written)
            .ok_or_else(|| status::internal("a phase that was changed is gone"))
    }
}

fn change(
    change: Option<wire::update_criterion_request::Change>,
) -> Result<CriterionChange, Status> {
    use wire::update_criterion_request::Change;
    match change {
        None => Err(bad("change", "is missing; reword, withdraw or unmeet it")),
        Some(Change::Reword(it)) => required("reword.text", it.text).map(CriterionChange::Reword),
        Some(Change::Withdraw(it)) => {
            required("withdraw.reason", it.reason).map(CriterionChange::Withdraw)
        }
        Some(Change::Unmeet(it)) => {
            required("unmeet.reason", it.reason).map(CriterionChange::Unmeet)
        }
    }
}

fn update(request: &wire::UpdatePhaseRequest) -> Result<Command, Status> {
    let mut changes = PhaseChanges::default();
    let phase = required("phase", request.phase.clone())?;
    for path in mask(request.update_mask.clone(), EDITABLE)? {
        match path.as_str() {
            "name" => changes.name = Some(required("name", request.name.clone())?),
            "goal" => changes.goal = Some(request.goal.clone()),
            "lead_role" => changes.lead_role = Some(request.lead_role.clone()),
            "predecessors" => {
                let before = request.predecessors.clone().unwrap_or_default();
                changes.predecessors = Some(before.phases);
            }
            "window" => {
                let stated = request.window.as_ref();
                changes.timing.window = stated.map(|it| window("window", it)).transpose()?;
                changes.timing.drop_window = changes.timing.window.is_none();
            }
            "ordering" => {
                let ordering = enums::read_phase_ordering(request.ordering)?;
                let ordering = ordering.ok_or_else(|| bad("ordering", "is missing"))?;
                changes.timing.ordering = Some(ordering);
            }
            _ => changes.criteria_added = request.criteria_added.clone(),
        }
    }
    let changes = Box::new(changes);
    Ok(Command::UpdatePhase { phase, changes })
}
