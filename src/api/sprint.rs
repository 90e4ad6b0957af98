//! Sprints: planned, committed, changed in scope, closed, listed.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::call::Call;
use super::validate::{bad, day, id, mask, optional_id, required};
use super::work::find;
use super::{Api, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{CarryTo, NewSprint, SprintChanges, no_sprint};
use crate::plan::day::Day;
use crate::plan::event::Event;
use crate::plan::id::SprintId;
use crate::plan::model::Sprint;

type Answered<T> = Result<Response<T>, Status>;

fn needed_day(field: &str, text: &str) -> Result<Day, Status> {
    day(field, text)?.ok_or_else(|| bad(field, "is missing"))
}

fn carry_to(text: &str) -> Result<CarryTo, Status> {
    match text.trim() {
        "" => Ok(CarryTo::Nowhere),
        "next" => Ok(CarryTo::Next),
        sprint => id("carry_to", sprint).map(CarryTo::Sprint),
    }
}

impl<T> Call<T> {
    fn sprint_after(
        &self,
        api: &Api,
        answer: &Answer,
        id: SprintId,
    ) -> Result<wire::Sprint, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let sprint = answer.plan.sprint(id);
        sprint
            .map(|sprint| view.sprint(sprint))
            .ok_or_else(|| status::internal("a sprint that was changed is gone"))
    }
}

#[tonic::async_trait]
impl wire::sprint_service_server::SprintService for Api {
    async fn plan_sprint(
        &self,
        request: Request<wire::PlanSprintRequest>,
    ) -> Answered<wire::PlanSprintResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let command = Command::PlanSprint(Box::new(NewSprint {
            goal: required("goal", body.goal.clone())?,
            start: needed_day("start_date", &body.start_date)?,
            end: needed_day("end_date", &body.end_date)?,
            tasks: body.tasks.clone(),
        }));
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::SprintPlanned(planned) => Some(planned.sprint),
            _ => None,
        })?;
        let sprint = Some(call.sprint_after(self, &answer, id)?);
        Ok(Response::new(wire::PlanSprintResponse { sprint }))
    }

    async fn commit_sprint(
        &self,
        request: Request<wire::CommitSprintRequest>,
    ) -> Answered<wire::CommitSprintResponse> {
        let call = self.open(request)?;
        let id = id("sprint", &call.body.sprint)?;
        let command = Command::CommitSprint {
            sprint: id,
            tasks: call.body.tasks.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let sprint = call.sprint_after(self, &answer, id)?;
        Ok(Response::new(wire::CommitSprintResponse {
            warning: sprint.warning.clone(),
            sprint: Some(sprint),
        }))
    }

    async fn change_sprint(
        &self,
        request: Request<wire::ChangeSprintRequest>,
    ) -> Answered<wire::ChangeSprintResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let id = id("sprint", &body.sprint)?;
        let command = Command::ChangeSprint {
            sprint: id,
            add: body.add.clone(),
            remove: body.remove.clone(),
            reason: body.reason.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let sprint = Some(call.sprint_after(self, &answer, id)?);
        Ok(Response::new(wire::ChangeSprintResponse { sprint }))
    }

    async fn update_sprint(
        &self,
        request: Request<wire::UpdateSprintRequest>,
    ) -> Answered<wire::UpdateSprintResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let id = id("sprint", &body.sprint)?;
        let mut changes = SprintChanges::default();
        for path in mask(
            body.update_mask.clone(),
            &["goal", "start_date", "end_date"],
        )? {
            match path.as_str() {
                "goal" => changes.goal = Some(required("goal", body.goal.clone())?),
                "start_date" => changes.start = Some(needed_day("start_date", &body.start_date)?),
                _ => changes.end = Some(needed_day("end_date", &body.end_date)?),
            }
        }
        let command = Command::UpdateSprint {
            sprint: id,
            changes: Box::new(changes),
        };
        let answer = self.submit(&call, command).await?;
        let sprint = Some(call.sprint_after(self, &answer, id)?);
        Ok(Response::new(wire::UpdateSprintResponse { sprint }))
    }

    async fn withdraw_sprint(
        &self,
        request: Request<wire::WithdrawSprintRequest>,
    ) -> Answered<wire::WithdrawSprintResponse> {
        let call = self.open(request)?;
        let id = id("sprint", &call.body.sprint)?;
        let command = Command::WithdrawSprint {
            sprint: id,
            reason: required("reason", call.body.reason.clone())?,
        };
        let answer = self.submit(&call, command).await?;
        let sprint = Some(call.sprint_after(self, &answer, id)?);
        Ok(Response::new(wire::WithdrawSprintResponse { sprint }))
    }

    async fn close_sprint(
        &self,
        request: Request<wire::CloseSprintRequest>,
    ) -> Answered<wire::CloseSprintResponse> {
        let call = self.open(request)?;
        let id = id("sprint", &call.body.sprint)?;
        let command = Command::CloseSprint {
            sprint: id,
            carry_to: carry_to(&call.body.carry_to)?,
        };
        let answer = self.submit(&call, command).await?;
        let sprint = Some(call.sprint_after(self, &answer, id)?);
        Ok(Response::new(wire::CloseSprintResponse { sprint }))
    }

    async fn list_sprints(
        &self,
        request: Request<wire::ListSprintsRequest>,
    ) -> Answered<wire::ListSprintsResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let page = self.page("sprints", body.page_size, &body.page_token)?;
        let after: Option<SprintId> = page.after()?;
        let only: Option<SprintId> = optional_id("sprint", &body.sprint)?;
        if let Some(id) = only.filter(|id| call.plan.sprint(*id).is_none()) {
            return Err(status::refused(&no_sprint(id)));
        }
        let is_wanted = |sprint: &&Sprint| match only {
            Some(only) => sprint.id == only,
            None => body.include_closed || sprint.status.is_ahead(),
        };
        let all = call.plan.sprints().filter(is_wanted);
        let wanted = all.filter(|it| after.is_none_or(|after| it.id > after));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (sprints, next_page_token) = page.fill(
            wanted,
            |sprint| sprint.id.to_string(),
            |sprint| view.sprint(sprint),
        );
        let tells_all = body.include_closed && only.is_none() && after.is_none();
        let history = call.plan.sprint_history().iter().filter(|_| tells_all);
        Ok(Response::new(wire::ListSprintsResponse {
            sprints,
            next_page_token,
            history: history.map(super::views::history_row).collect(),
        }))
    }
}
