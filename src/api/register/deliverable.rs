//! Deliverables: stated, handed in, accepted or rejected, listed.

use muster_proto::v1 as wire;
use tonic::Status;

use crate::api::call::Call;
use crate::api::validate::{bad, id, mask, required};
use crate::api::work::find;
use crate::api::{Api, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{DeliverableChanges, HomeRef, NewDeliverable};
use crate::plan::event::Event;
use crate::plan::id::DeliverableId;
use crate::plan::model::{Deliverable, DeliverableStatus};

const EDITABLE: &[&str] = &["name", "uri", "home", "acceptance"];

/// What a request says that a deliverable belongs to.
fn home(stated: Option<wire::DeliverableHome>) -> Result<HomeRef, Status> {
    use wire::deliverable_home::Of;
    let mut home = HomeRef::default();
    match stated.and_then(|home| home.of) {
        None => {
            return Err(bad(
                "home",
                "is missing; name a phase, a task or a workflow",
            ));
        }
        Some(Of::Phase(phase)) => home.phase = required("home.phase", phase)?,
        Some(Of::Task(task)) => home.task = required("home.task", task)?,
        Some(Of::Workflow(workflow)) => home.workflow = required("home.workflow", workflow)?,
    }
    Ok(home)
}

impl<T> Call<T> {
    fn deliverable_after(
        &self,
        api: &Api,
        answer: &Answer,
        id: DeliverableId,
    ) -> Result<wire::Deliverable, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let deliverable = answer.plan.deliverable(id);
        deliverable
            .map(|deliverable| view.deliverable(deliverable))
            .ok_or_else(|| status::internal("a deliverable that was changed is gone"))
    }
}

impl Call<wire::CreateDeliverableRequest> {
    pub(super) async fn create_deliverable(
        self,
        api: &Api,
    ) -> Result<wire::CreateDeliverableResponse, Status> {
        let body = &self.body;
        let command = Command::CreateDeliverable(Box::new(NewDeliverable {
            name: required("name", body.name.clone())?,
            uri: body.uri.clone(),
            home: home(body.home.clone())?,
            acceptance: body.acceptance.clone(),
        }));
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::DeliverableAdded(added) => Some(added.deliverable),
            _ => None,
        })?;
        let deliverable = Some(self.deliverable_after(api, &answer, id)?);
        Ok(wire::CreateDeliverableResponse { deliverable })
    }
}

impl Call<wire::UpdateDeliverableRequest> {
    pub(super) async fn update_deliverable(
        self,
        api: &Api,
    ) -> Result<wire::UpdateDeliverableResponse, Status> {
        let body = &self.body;
        let id = id("deliverable", &body.deliverable)?;
        let mut changes = DeliverableChanges::default();
        for path in mask(body.update_mask.clone(), EDITABLE)? {
            match path.as_str() {
                "name" => changes.name = Some(required("name", body.name.clone())?),
                "uri" => changes.uri = Some(body.uri.clone()),
                "home" => changes.home = Some(home(body.home.clone())?),
                _ => changes.acceptance = Some(body.acceptance.clone()),
            }
        }
        let command = Command::UpdateDeliverable {
            deliverable: id,
            changes: Box::new(changes),
        };
        let answer = api.submit(&self, command).await?;
        let deliverable = Some(self.deliverable_after(api, &answer, id)?);
        Ok(wire::UpdateDeliverableResponse { deliverable })
    }
}

impl Call<wire::ListDeliverablesRequest> {
    pub(super) async fn list_deliverables(
        self,
        api: &Api,
    ) -> Result<wire::ListDeliverablesResponse, Status> {
        let body = &self.body;
        let page = api.page("deliverables", body.page_size, &body.page_token)?;
        let after: Option<DeliverableId> = page.after()?;
        let all: Box<dyn Iterator<Item = &Deliverable> + Send> = match body.phase.trim() {
            "" => Box::new(self.plan.deliverables()),
            phase => {
                let no = self.plan.resolve_phase(phase);
                let no = no.map_err(|refusal| status::refused(&refusal))?;
                Box::new(self.plan.deliverables_of(no))
            }
        };
        let wanted = all
            .filter(|it| body.include_accepted || it.status != DeliverableStatus::Accepted)
            .filter(|it| after.is_none_or(|after| it.id > after));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (deliverables, next_page_token) = page.fill(
            wanted,
            |deliverable| deliverable.id.to_string(),
            |deliverable| view.deliverable(deliverable),
        );
        Ok(wire::ListDeliverablesResponse {
            deliverables,
            next_page_token,
        })
    }
}

impl Call<wire::SubmitDeliverableRequest> {
    pub(super) async fn submit_deliverable(
        self,
        api: &Api,
    ) -> Result<wire::SubmitDeliverableResponse, Status> {
        let id = id("deliverable", &self.body.deliverable)?;
        let command = Command::SubmitDeliverable {
            deliverable: id,
            artefact: required("artefact", self.body.artefact.clone())?,
            note: self.body.note.clone(),
        };
        let answer = api.submit(&self, command).await?;
        let deliverable = Some(self.deliverable_after(api, &answer, id)?);
        Ok(wire::SubmitDeliverableResponse { deliverable })
    }
}

impl Call<wire::AcceptDeliverableRequest> {
    pub(super) async fn accept_deliverable(
        self,
        api: &Api,
    ) -> Result<wire::AcceptDeliverableResponse, Status> {
        let id = id("deliverable", &self.body.deliverable)?;
        let note = self.body.note.clone();
        let command = Command::AcceptDeliverable {
            deliverable: id,
            note,
        };
        let answer = api.submit(&self, command).await?;
        let deliverable = Some(self.deliverable_after(api, &answer, id)?);
        Ok(wire::AcceptDeliverableResponse { deliverable })
    }
}

impl Call<wire::RejectDeliverableRequest> {
    pub(super) async fn reject_deliverable(
        self,
        api: &Api,
    ) -> Result<wire::RejectDeliverableResponse, Status> {
        let id = id("deliverable", &self.body.deliverable)?;
        let command = Command::RejectDeliverable {
            deliverable: id,
            reason: required("reason", self.body.reason.clone())?,
        };
        let answer = api.submit(&self, command).await?;
        let deliverable = Some(self.deliverable_after(api, &answer, id)?);
        Ok(wire::RejectDeliverableResponse { deliverable })
    }
}
