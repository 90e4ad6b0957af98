//! Rollouts: planned, changed, let roll, taken step by step, ended, listed.

use muster_proto::v1 as wire;
use tonic::Status;

use crate::api::call::Call;
use crate::api::enums::known;
use crate::api::gates::read_measure;
use crate::api::validate::{bad, id, mask, required};
use crate::api::work::find;
use crate::api::{Api, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{Held, NewSuccessMetric, RolloutChanges, RolloutEnding};
use crate::plan::event::{Event, RolloutStatus};
use crate::plan::id::RolloutId;

const EDITABLE: &[&str] = &[
    "name",
    "approach",
    "deployment",
    "steps",
    "rollback_plan",
    "success",
];

fn success(stated: &[wire::SuccessMetric]) -> Result<Vec<NewSuccessMetric>, Status> {
    let each = stated.iter().map(|metric| {
        Ok(NewSuccessMetric {
            name: required("success.name", metric.name.clone())?,
            measure: metric.measure.as_ref().map(read_measure).transpose()?,
        })
    });
    each.collect()
}

fn ending(number: i32) -> Result<RolloutStatus, Status> {
    match known("to", number)? {
        wire::RolloutStatus::Succeeded => Ok(RolloutStatus::Succeeded),
        wire::RolloutStatus::RolledBack => Ok(RolloutStatus::RolledBack),
        wire::RolloutStatus::Failed => Ok(RolloutStatus::Failed),
        wire::RolloutStatus::Unspecified
        | wire::RolloutStatus::Draft
        | wire::RolloutStatus::Ready
        | wire::RolloutStatus::Rolling => {
            Err(bad("to", "is to be SUCCEEDED, ROLLED_BACK or FAILED"))
        }
    }
}

impl<T> Call<T> {
    async fn rollout_step(
        &self,
        api: &Api,
        id: RolloutId,
        command: Command,
    ) -> Result<Option<wire::Rollout>, Status> {
        let answer = api.submit(self, command).await?;
        self.rollout_after(api, &answer, id).map(Some)
    }

    fn rollout_after(
        &self,
        api: &Api,
        answer: &Answer,
        id: RolloutId,
    ) -> Result<wire::Rollout, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let rollout = answer.plan.rollout(id);
        rollout
            .map(|rollout| view.rollout(rollout))
            .ok_or_else(|| status::internal("a rollout that was changed is gone"))
    }
}

impl Call<wire::CreateRolloutRequest> {
    pub(super) async fn create_rollout(
        self,
        api: &Api,
    ) -> Result<wire::CreateRolloutResponse, Status> {
        let body = &self.body;
        let command = Command::CreateRollout(Box::new(RolloutChanges {
            name: Some(required("name", body.name.clone())?),
            approach: Some(body.approach.clone()),
            deployment: Some(body.deployment.clone()),
            steps: Some(body.steps.clone()),
            rollback_plan: Some(body.rollback_plan.clone()),
            success: Some(success(&body.success)?),
        }));
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::RolloutCreated(created) => Some(created.rollout),
            _ => None,
        })?;
        let rollout = Some(self.rollout_after(api, &answer, id)?);
        Ok(wire::CreateRolloutResponse { rollout })
    }
}

impl Call<wire::UpdateRolloutRequest> {
    pub(super) async fn update_rollout(
        self,
        api: &Api,
    ) -> Result<wire::UpdateRolloutResponse, Status> {
        let body = &self.body;
        let id = id("rollout", &body.rollout)?;
        let mut changes = RolloutChanges::default();
        for path in mask(body.update_mask.clone(), EDITABLE)? {
            match path.as_str() {
                "name" => changes.name = Some(required("name", body.name.clone())?),
                "approach" => changes.approach = Some(body.approach.clone()),
                "deployment" => changes.deployment = Some(body.deployment.clone()),
                "steps" => changes.steps = Some(body.steps.clone()),
                "rollback_plan" => changes.rollback_plan = Some(body.rollback_plan.clone()),
                _ => changes.success = Some(success(&body.success)?),
            }
        }
        let command = Command::UpdateRollout {
            rollout: id,
            changes: Box::new(changes),
        };
        let rollout = self.rollout_step(api, id, command).await?;
        Ok(wire::UpdateRolloutResponse { rollout })
    }
}

impl Call<wire::ListRolloutsRequest> {
    pub(super) async fn list_rollouts(
        self,
        api: &Api,
    ) -> Result<wire::ListRolloutsResponse, Status> {
        let body = &self.body;
        let page = api.page("rollouts", body.page_size, &body.page_token)?;
        let after: Option<RolloutId> = page.after()?;
        let only: Option<RolloutId> = match body.rollout.trim() {
            "" => None,
            written => Some(id("rollout", written)?),
        };
        if let Some(id) = only.filter(|id| self.plan.rollout(*id).is_none()) {
            return Err(status::refused(&crate::plan::command::no_rollout(id)));
        }
        let all = self.plan.rollouts();
        let wanted = all
            .filter(|it| match only {
                Some(only) => it.id == only,
                None => body.include_ended || !it.status.is_terminal(),
            })
            .filter(|it| after.is_none_or(|after| it.id > after));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (rollouts, next_page_token) = page.fill(
            wanted,
            |rollout| rollout.id.to_string(),
            |rollout| view.rollout(rollout),
        );
        Ok(wire::ListRolloutsResponse {
            rollouts,
            next_page_token,
        })
    }
}

impl Call<wire::TestRollbackRequest> {
    pub(super) async fn test_rollback(
        self,
        api: &Api,
    ) -> Result<wire::TestRollbackResponse, Status> {
        let id = id("rollout", &self.body.rollout)?;
        let command = Command::TestRollback {
            rollout: id,
            evidence: required("evidence", self.body.evidence.clone())?,
        };
        let rollout = self.rollout_step(api, id, command).await?;
        Ok(wire::TestRollbackResponse { rollout })
    }
}

impl Call<wire::StartRolloutRequest> {
    pub(super) async fn start_rollout(
        self,
        api: &Api,
    ) -> Result<wire::StartRolloutResponse, Status> {
        let id = id("rollout", &self.body.rollout)?;
        let command = Command::StartRollout { rollout: id };
        let rollout = self.rollout_step(api, id, command).await?;
        Ok(wire::StartRolloutResponse { rollout })
    }
}

impl Call<wire::TickRolloutStepRequest> {
    pub(super) async fn tick_rollout_step(
        self,
        api: &Api,
    ) -> Result<wire::TickRolloutStepResponse, Status> {
        let id = id("rollout", &self.body.rollout)?;
        let command = Command::TickRollout {
            rollout: id,
            step: self.body.step,
            note: self.body.note.clone(),
        };
        let rollout = self.rollout_step(api, id, command).await?;
        Ok(wire::TickRolloutStepResponse { rollout })
    }
}

impl Call<wire::EndRolloutRequest> {
    pub(super) async fn end_rollout(self, api: &Api) -> Result<wire::EndRolloutResponse, Status> {
        let body = &self.body;
        let id = id("rollout", &body.rollout)?;
        let command = Command::EndRollout(Box::new(RolloutEnding {
            rollout: id,
            to: ending(body.to)?,
            note: body.note.clone(),
            attested: body.attested.clone(),
            holds: Held {
                tasks: body.blocks_tasks.clone(),
                phase: body.blocks_phase.clone(),
            },
        }));
        let rollout = self.rollout_step(api, id, command).await?;
        Ok(wire::EndRolloutResponse { rollout })
    }
}
