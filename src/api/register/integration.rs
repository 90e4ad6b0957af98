//! Integration points: stated, changed, confirmed, tested, listed.

use muster_proto::v1 as wire;
use tonic::Status;

use crate::api::call::Call;
use crate::api::validate::{bad, day, id, mask, required};
use crate::api::work::find;
use crate::api::{Api, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{EndRef, Held, IntegrationChanges, NewIntegration, SidesRef};
use crate::plan::event::Event;
use crate::plan::id::IntegrationId;
use crate::plan::model::IntegrationStatus;

const EDITABLE: &[&str] = &[
    "name",
    "sides",
    "protocol",
    "test_strategy",
    "due_date",
    "contact",
];

fn end(field: &str, stated: Option<&wire::IntegrationEnd>) -> Result<EndRef, Status> {
    use wire::integration_end::Of;
    let (task, phase) = match stated.and_then(|end| end.of.as_ref()) {
        None => return Err(bad(field, "is missing; name a task or a phase")),
        Some(Of::Task(task)) => (required(field, task.clone())?, String::new()),
        Some(Of::Phase(phase)) => (String::new(), required(field, phase.clone())?),
    };
    Ok(EndRef { task, phase })
}

fn internal(stated: &wire::InternalSides) -> Result<SidesRef, Status> {
    Ok(SidesRef::Internal {
        from: end("from", stated.from.as_ref())?,
        to: end("to", stated.to.as_ref())?,
    })
}

fn external(stated: &wire::ExternalSides) -> Result<SidesRef, Status> {
    Ok(SidesRef::External {
        system: required("system", stated.system.clone())?,
        needed_by: end("needed_by", stated.needed_by.as_ref())?,
    })
}

fn no_sides() -> Status {
    bad(
        "sides",
        "is missing; name two ends within the project, or a system outside and what needs it",
    )
}

impl<T> Call<T> {
    async fn integration_step(
        &self,
        api: &Api,
        id: IntegrationId,
        command: Command,
    ) -> Result<Option<wire::IntegrationPoint>, Status> {
        let answer = api.submit(self, command).await?;
        self.integration_after(api, &answer, id).map(Some)
    }

    fn integration_after(
        &self,
        api: &Api,
        answer: &Answer,
        id: IntegrationId,
    ) -> Result<wire::IntegrationPoint, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let point = answer.plan.integration(id);
        point
            .map(|point| view.integration(point))
            .ok_or_else(|| status::internal("an integration point that was changed is gone"))
    }
}

impl Call<wire::CreateIntegrationPointRequest> {
    pub(super) async fn create_integration_point(
        self,
        api: &Api,
    ) -> Result<wire::CreateIntegrationPointResponse, Status> {
        use wire::create_integration_point_request::Sides;
        let body = &self.body;
        let sides = match &body.sides {
            Some(Sides::Internal(stated)) => internal(stated)?,
            Some(Sides::External(stated)) => external(stated)?,
            None => return Err(no_sides()),
        };
        let command = Command::CreateIntegration(Box::new(NewIntegration {
            name: required("name", body.name.clone())?,
            sides,
            protocol: body.protocol.clone(),
            test_strategy: body.test_strategy.clone(),
            due: day("due_date", &body.due_date)?,
            contact: body.contact.clone(),
        }));
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::IntegrationAdded(added) => Some(added.integration),
            _ => None,
        })?;
        let integration = Some(self.integration_after(api, &answer, id)?);
        Ok(wire::CreateIntegrationPointResponse { integration })
    }
}

impl Call<wire::UpdateIntegrationPointRequest> {
    pub(super) async fn update_integration_point(
        self,
        api: &Api,
    ) -> Result<wire::UpdateIntegrationPointResponse, Status> {
        use wire::update_integration_point_request::Sides;
        let body = &self.body;
        let id = id("integration", &body.integration)?;
        let mut changes = IntegrationChanges::default();
        for path in mask(body.update_mask.clone(), EDITABLE)? {
            match path.as_str() {
                "name" => changes.name = Some(required("name", body.name.clone())?),
                "sides" => {
                    changes.sides = Some(match &body.sides {
                        Some(Sides::Internal(stated)) => internal(stated)?,
                        Some(Sides::External(stated)) => external(stated)?,
                        None => return Err(no_sides()),
                    });
                }
                "protocol" => changes.protocol = Some(body.protocol.clone()),
                "test_strategy" => changes.test_strategy = Some(body.test_strategy.clone()),
                "due_date" => {
                    changes.due = day("due_date", &body.due_date)?;
                    changes.due_unsaid = changes.due.is_none();
                }
                _ => changes.contact = Some(body.contact.clone()),
            }
        }
        let command = Command::UpdateIntegration {
            integration: id,
            changes: Box::new(changes),
        };
        let integration = self.integration_step(api, id, command).await?;
        Ok(wire::UpdateIntegrationPointResponse { integration })
    }
}

impl Call<wire::ListIntegrationPointsRequest> {
    pub(super) async fn list_integration_points(
        self,
        api: &Api,
    ) -> Result<wire::ListIntegrationPointsResponse, Status> {
        let body = &self.body;
        let page = api.page("integrations", body.page_size, &body.page_token)?;
        let after: Option<IntegrationId> = page.after()?;
        let only: Option<IntegrationId> = match body.integration.trim() {
            "" => None,
            written => Some(id("integration", written)?),
        };
        if let Some(id) = only.filter(|id| self.plan.integration(*id).is_none()) {
            return Err(status::refused(&crate::plan::command::no_integration(id)));
        }
        let is_open = |status: IntegrationStatus| {
            !matches!(
                status,
                IntegrationStatus::Tested | IntegrationStatus::Dropped
            )
        };
        let all = self.plan.integrations();
        let wanted = all
            .filter(|it| match only {
                Some(only) => it.id == only,
                None => body.include_settled || is_open(self.plan.integration_status(it)),
            })
            .filter(|it| after.is_none_or(|after| it.id > after));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (integrations, next_page_token) = page.fill(
            wanted,
            |point| point.id.to_string(),
            |point| view.integration(point),
        );
        Ok(wire::ListIntegrationPointsResponse {
            integrations,
            next_page_token,
        })
    }
}

impl Call<wire::ConfirmIntegrationPointRequest> {
    pub(super) async fn confirm_integration_point(
        self,
        api: &Api,
    ) -> Result<wire::ConfirmIntegrationPointResponse, Status> {
        let id = id("integration", &self.body.integration)?;
        let command = Command::ConfirmIntegration {
            integration: id,
            note: self.body.note.clone(),
        };
        let integration = self.integration_step(api, id, command).await?;
        Ok(wire::ConfirmIntegrationPointResponse { integration })
    }
}

impl Call<wire::TestIntegrationPointRequest> {
    pub(super) async fn test_integration_point(
        self,
        api: &Api,
    ) -> Result<wire::TestIntegrationPointResponse, Status> {
        let id = id("integration", &self.body.integration)?;
        let command = Command::TestIntegration {
            integration: id,
            evidence: required("evidence", self.body.evidence.clone())?,
        };
        let integration = self.integration_step(api, id, command).await?;
        Ok(wire::TestIntegrationPointResponse { integration })
    }
}

impl Call<wire::WithdrawIntegrationPointRequest> {
    pub(super) async fn withdraw_integration_point(
        self,
        api: &Api,
    ) -> Result<wire::WithdrawIntegrationPointResponse, Status> {
        let id = id("integration", &self.body.integration)?;
        let command = Command::WithdrawIntegration {
            integration: id,
            reason: required("reason", self.body.reason.clone())?,
        };
        let integration = self.integration_step(api, id, command).await?;
        Ok(wire::WithdrawIntegrationPointResponse { integration })
    }
}

impl Call<wire::FailIntegrationPointRequest> {
    pub(super) async fn fail_integration_point(
        self,
        api: &Api,
    ) -> Result<wire::FailIntegrationPointResponse, Status> {
        let body = &self.body;
        let id = id("integration", &body.integration)?;
        let command = Command::FailIntegration {
            integration: id,
            reason: required("reason", body.reason.clone())?,
            holds: Held {
                tasks: body.blocks_tasks.clone(),
                phase: body.blocks_phase.clone(),
            },
        };
        let integration = self.integration_step(api, id, command).await?;
        Ok(wire::FailIntegrationPointResponse { integration })
    }
}
