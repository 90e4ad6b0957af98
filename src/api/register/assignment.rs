//! Assignments: added, changed, ended, listed.

use muster_proto::v1 as wire;
use tonic::Status;

use crate::api::call::Call;
use crate::api::validate::{bad, id, required};
use crate::api::work::find;
use crate::api::{Api, enums, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::NewAssignment;
use crate::plan::event::{Duty, Event};
use crate::plan::id::AssignmentId;

/// The area or the task that a request names.
fn subject(stated: Option<&wire::AssignmentSubject>) -> Result<(String, String), Status> {
    use wire::assignment_subject::What;
    match stated.and_then(|subject| subject.what.as_ref()) {
        None => Err(bad("subject", "is missing; name an area or a task")),
        Some(What::Area(area)) => Ok((required("subject.area", area.clone())?, String::new())),
        Some(What::Task(task)) => Ok((String::new(), required("subject.task", task.clone())?)),
    }
}

impl<T> Call<T> {
    fn assignment_after(
        &self,
        api: &Api,
        answer: &Answer,
        id: AssignmentId,
    ) -> Result<wire::Assignment, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let assignment = answer.plan.assignment(id);
        assignment
            .map(|assignment| view.assignment(assignment))
            .ok_or_else(|| status::internal("an assignment that was changed is gone"))
    }
}

impl Call<wire::CreateAssignmentRequest> {
    pub(super) async fn create_assignment(
        self,
        api: &Api,
    ) -> Result<wire::CreateAssignmentResponse, Status> {
        let (area, task) = subject(self.body.subject.as_ref())?;
        let command = Command::CreateAssignment(Box::new(NewAssignment {
            agent: required("agent", self.body.agent.clone())?,
            area,
            task,
            duty: enums::read_duty(self.body.duty)?.unwrap_or(Duty::Primary),
        }));
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::AssignmentAdded(added) => Some(added.assignment),
            _ => None,
        })?;
        let assignment = Some(self.assignment_after(api, &answer, id)?);
        Ok(wire::CreateAssignmentResponse { assignment })
    }
}

impl Call<wire::UpdateAssignmentRequest> {
    pub(super) async fn update_assignment(
        self,
        api: &Api,
    ) -> Result<wire::UpdateAssignmentResponse, Status> {
        let id = id("assignment", &self.body.assignment)?;
        let duty = enums::read_duty(self.body.duty)?;
        let duty = duty.ok_or_else(|| bad("duty", "is missing"))?;
        let command = Command::UpdateAssignment {
            assignment: id,
            duty,
        };
        let answer = api.submit(&self, command).await?;
        let assignment = Some(self.assignment_after(api, &answer, id)?);
        Ok(wire::UpdateAssignmentResponse { assignment })
    }
}

impl Call<wire::EndAssignmentRequest> {
    pub(super) async fn end_assignment(
        self,
        api: &Api,
    ) -> Result<wire::EndAssignmentResponse, Status> {
        let id = id("assignment", &self.body.assignment)?;
        let command = Command::EndAssignment {
            assignment: id,
            reason: self.body.reason.clone(),
        };
        let answer = api.submit(&self, command).await?;
        let assignment = Some(self.assignment_after(api, &answer, id)?);
        Ok(wire::EndAssignmentResponse { assignment })
    }
}

impl Call<wire::ListAssignmentsRequest> {
    pub(super) async fn list_assignments(
        self,
        api: &Api,
    ) -> Result<wire::ListAssignmentsResponse, Status> {
        let body = &self.body;
        let page = api.page("assignments", body.page_size, &body.page_token)?;
        let after: Option<AssignmentId> = page.after()?;
        let agent = body.agent.trim();
        let wanted = self
            .plan
            .assignments()
            .filter(|it| body.include_ended || it.end.is_none())
            .filter(|it| agent.is_empty() || *it.agent == *agent)
            .filter(|it| after.is_none_or(|after| it.id > after));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (assignments, next_page_token) = page.fill(
            wanted,
            |assignment| assignment.id.to_string(),
            |assignment| view.assignment(assignment),
        );
        Ok(wire::ListAssignmentsResponse {
            assignments,
            next_page_token,
        })
    }
}
