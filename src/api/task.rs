//! Tasks: planning, changing and explaining them.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::call::{Call, InProject};
use super::page::Page;
use super::task_filter::TaskFilter;
use super::validate::{bad, new_part, new_task, required, target, targets};
use super::views;
use super::work::find;
use super::{Api, reference, status, task_words};
use crate::engine::Answer;
use crate::plan::command::NewPart;
use crate::plan::event::Event;
use crate::plan::id::TaskId;
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, TaskView};

const BATCH_TASKS_MAX: usize = 1_000;
/// More parts than these are not even looked at; the core says how many it takes.
const SPLIT_PARTS_MAX: usize = 50;

type Answered<T> = Result<Response<T>, Status>;

/// A verb about one task that is answered with the task as it is after it.
macro_rules! task_verb {
    ($api:ident, $request:ident, $response:ident, |$body:ident| $command:expr) => {{
        let call = $api.open($request)?;
        let command = {
            let $body = &call.body;
            required("task", $body.task.clone())?;
            $command
        };
        let answer = $api.submit(&call, command).await?;
        let task = $api.task_after(&call, &answer, &call.body.task)?;
        Ok(Response::new(wire::$response { task: Some(task) }))
    }};
}

#[tonic::async_trait]
impl wire::task_service_server::TaskService for Api {
    async fn create_task(
        &self,
        request: Request<wire::CreateTaskRequest>,
    ) -> Answered<wire::CreateTaskResponse> {
        let call = self.open(request)?;
        let draft = call
            .body
            .task
            .clone()
            .ok_or_else(|| bad("task", "is missing"))?;
        let command = Command::CreateTasks(vec![new_task("task", draft, None)?]);
        let answer = self.submit(&call, command).await?;
        let task = self.added(&call, &answer)?.into_iter().next();
        Ok(Response::new(wire::CreateTaskResponse { task }))
    }

    async fn batch_create_tasks(
        &self,
        request: Request<wire::BatchCreateTasksRequest>,
    ) -> Answered<wire::BatchCreateTasksResponse> {
        let mut call = self.open(request)?;
        let drafts = std::mem::take(&mut call.body.tasks);
        let total = drafts.len();
        if total == 0 || total > BATCH_TASKS_MAX {
            return Err(bad(
                "tasks",
                format!("has {total} tasks; a batch has 1 to {BATCH_TASKS_MAX}"),
            ));
        }
        let tasks: Result<Vec<_>, Status> = (0..total)
            .zip(drafts)
            .map(|(place, draft)| new_task(&format!("tasks[{place}]"), draft, Some(total)))
            .collect();
        let answer = self.submit(&call, Command::CreateTasks(tasks?)).await?;
        let tasks = self.added(&call, &answer)?;
        Ok(Response::new(wire::BatchCreateTasksResponse { tasks }))
    }

    async fn get_task(
        &self,
        request: Request<wire::GetTaskRequest>,
    ) -> Answered<wire::GetTaskResponse> {
        let call = self.open(request)?;
        let id = resolve(&call.plan, &call.body.task)?;
        let task = self.view(&call.project, &call.plan, &call.caller).task(id);
        let task = self
            .stamped(&call.project, task.unwrap_or_default())
            .await?;
        Ok(Response::new(wire::GetTaskResponse { task: Some(task) }))
    }

    async fn list_tasks(
        &self,
        request: Request<wire::ListTasksRequest>,
    ) -> Answered<wire::ListTasksResponse> {
        let call = self.open(request)?;
        let page = self.page("tasks", call.body.page_size, &call.body.page_token)?;
        let filter = TaskFilter::read(&call.plan, &call.body)?;
        let after: Option<TaskId> = page.after()?;
        // What is held up is known without a walk over the plan.
        let candidates: Box<dyn Iterator<Item = TaskView<'_>>> = if filter.asks_for_blocked() {
            Box::new(call.plan.held_up_after(after))
        } else {
            Box::new(call.plan.tasks_after(after))
        };
        let wanted = candidates.filter(|task| filter.takes(&call.plan, task));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (tasks, next_page_token) = page.fill(
            wanted,
            |task| task.id.to_string(),
            |task| view.task_of(task),
        );
        Ok(Response::new(wire::ListTasksResponse {
            tasks,
            next_page_token,
        }))
    }

    async fn update_task(
        &self,
        request: Request<wire::UpdateTaskRequest>,
    ) -> Answered<wire::UpdateTaskResponse> {
        task_verb!(self, request, UpdateTaskResponse, |body| {
            Command::UpdateTask {
                task: body.task.clone(),
                changes: Box::new(task_words::changes(body)?),
                revision: body.revision,
            }
        })
    }

    async fn explain_task(
        &self,
        request: Request<wire::ExplainTaskRequest>,
    ) -> Answered<wire::ExplainTaskResponse> {
        let call = self.open(request)?;
        let id = resolve(&call.plan, &call.body.task)?;
        let causes = call.plan.explain(id);
        Ok(Response::new(wire::ExplainTaskResponse {
            ready: call.plan.is_ready(id),
            reasons: causes.into_iter().map(views::not_ready).collect(),
            task: self.view(&call.project, &call.plan, &call.caller).task(id),
        }))
    }

    async fn split_task(
        &self,
        request: Request<wire::SplitTaskRequest>,
    ) -> Answered<wire::SplitTaskResponse> {
        let mut call = self.open(request)?;
        let drafts = std::mem::take(&mut call.body.parts);
        let parts: Result<Vec<NewPart>, Status> = drafts
            .into_iter()
            .take(SPLIT_PARTS_MAX + 1)
            .zip(0..)
            .map(|(part, place)| new_part(&format!("parts[{place}]"), part))
            .collect();
        let command = Command::SplitTask {
            task: required("task", call.body.task.clone())?,
            parts: parts?,
            chain: call.body.chain,
        };
        let answer = self.submit(&call, command).await?;
        let split = find(&answer, |event| match event {
            Event::TaskSplit(split) => Some(split.clone()),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let parts = split.parts.iter().filter_map(|part| view.task(part.id));
        Ok(Response::new(wire::SplitTaskResponse {
            task: view.task(split.task),
            parts: parts.collect(),
        }))
    }

    async fn list_reviews(
        &self,
        request: Request<wire::ListReviewsRequest>,
    ) -> Answered<wire::ListReviewsResponse> {
        let call = self.open(request)?;
        let page = self.page("reviews", call.body.page_size, &call.body.page_token)?;
        let after: Option<TaskId> = page.after()?;
        let mut all: Vec<(TaskId, Timestamp)> =
            call.plan.reviews().map(|(id, it)| (id, it.at)).collect();
        all.sort_by_key(|(id, at)| (*at, *id));
        // One that was settled since the page before is not found, and the list goes on from its begin.
        let place = after.and_then(|after| all.iter().position(|(id, _)| *id == after));
        let wanted = all.into_iter().skip(place.map_or(0, |place| place + 1));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (tasks, next_page_token) = page.fill(
            wanted,
            |(id, _)| id.to_string(),
            |(id, _)| view.task(id).unwrap_or_default(),
        );
        Ok(Response::new(wire::ListReviewsResponse {
            tasks,
            next_page_token,
        }))
    }

    async fn approve_task(
        &self,
        request: Request<wire::ApproveTaskRequest>,
    ) -> Answered<wire::ApproveTaskResponse> {
        let call = self.open(request)?;
        let command = Command::ApproveTask {
            task: required("task", call.body.task.clone())?,
            note: call.body.note.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let approved = find(&answer, |event| match event {
            Event::TaskApproved(approved) => Some(approved.clone()),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok(Response::new(wire::ApproveTaskResponse {
            task: view.task(approved.task),
            unblocked: approved.unblocked.iter().map(TaskId::to_string).collect(),
            unblocked_total: approved.unblocked_total,
            phases_opened: approved.phases_opened,
        }))
    }

    async fn request_changes(
        &self,
        request: Request<wire::RequestChangesRequest>,
    ) -> Answered<wire::RequestChangesResponse> {
        task_verb!(self, request, RequestChangesResponse, |body| {
            Command::RequestChanges {
                task: body.task.clone(),
                reason: required("reason", body.reason.clone())?,
            }
        })
    }

    async fn defer_task(
        &self,
        request: Request<wire::DeferTaskRequest>,
    ) -> Answered<wire::DeferTaskResponse> {
        task_verb!(self, request, DeferTaskResponse, |body| {
            Command::DeferTask {
                task: body.task.clone(),
                target: body.target.clone(),
                reason: body.reason.clone(),
            }
        })
    }

    async fn reinstate_task(
        &self,
        request: Request<wire::ReinstateTaskRequest>,
    ) -> Answered<wire::ReinstateTaskResponse> {
        task_verb!(self, request, ReinstateTaskResponse, |body| {
            Command::ReinstateTask {
                task: body.task.clone(),
            }
        })
    }

    async fn cancel_task(
        &self,
        request: Request<wire::CancelTaskRequest>,
    ) -> Answered<wire::CancelTaskResponse> {
        task_verb!(self, request, CancelTaskResponse, |body| {
            Command::CancelTask {
                task: body.task.clone(),
                reason: required("reason", body.reason.clone())?,
                waive_dependents: body.waive_dependents,
            }
        })
    }

    async fn reopen_task(
        &self,
        request: Request<wire::ReopenTaskRequest>,
    ) -> Answered<wire::ReopenTaskResponse> {
        task_verb!(self, request, ReopenTaskResponse, |body| {
            Command::ReopenTask {
                task: body.task.clone(),
                reason: required("reason", body.reason.clone())?,
            }
        })
    }

    async fn revoke_claim(
        &self,
        request: Request<wire::RevokeClaimRequest>,
    ) -> Answered<wire::RevokeClaimResponse> {
        task_verb!(self, request, RevokeClaimResponse, |body| {
            Command::RevokeClaim {
                task: body.task.clone(),
                reason: required("reason", body.reason.clone())?,
            }
        })
    }

    async fn add_dependency(
        &self,
        request: Request<wire::AddDependencyRequest>,
    ) -> Answered<wire::AddDependencyResponse> {
        task_verb!(self, request, AddDependencyResponse, |body| {
            if body.on.is_empty() {
                return Err(bad("on", "is missing; name what the task waits for"));
            }
            Command::AddDependencies {
                task: body.task.clone(),
                on: targets("on", body.on.clone(), None)?,
            }
        })
    }

    async fn remove_dependency(
        &self,
        request: Request<wire::RemoveDependencyRequest>,
    ) -> Answered<wire::RemoveDependencyResponse> {
        task_verb!(self, request, RemoveDependencyResponse, |body| {
            Command::RemoveDependency {
                task: body.task.clone(),
                on: target("on", body.on.clone(), None)?,
            }
        })
    }

    async fn waive_dependency(
        &self,
        request: Request<wire::WaiveDependencyRequest>,
    ) -> Answered<wire::WaiveDependencyResponse> {
        task_verb!(self, request, WaiveDependencyResponse, |body| {
            Command::WaiveDependency {
                task: body.task.clone(),
                on: target("on", body.on.clone(), None)?,
                reason: required("reason", body.reason.clone())?,
            }
        })
    }

    async fn add_task_reference(
        &self,
        request: Request<wire::AddTaskReferenceRequest>,
    ) -> Answered<wire::AddTaskReferenceResponse> {
        task_verb!(self, request, AddTaskReferenceResponse, |body| {
            Command::AddReference {
                task: body.task.clone(),
                reference: Box::new(reference::new(body.reference.as_ref())?),
            }
        })
    }

    async fn remove_task_reference(
        &self,
        request: Request<wire::RemoveTaskReferenceRequest>,
    ) -> Answered<wire::RemoveTaskReferenceResponse> {
        task_verb!(self, request, RemoveTaskReferenceResponse, |body| {
            Command::RemoveReference {
                task: body.task.clone(),
                reference: required("reference", body.reference.clone())?,
            }
        })
    }

    async fn set_task_reference_status(
        &self,
        request: Request<wire::SetTaskReferenceStatusRequest>,
    ) -> Answered<wire::SetTaskReferenceStatusResponse> {
        task_verb!(self, request, SetTaskReferenceStatusResponse, |body| {
            Command::SetReferenceStatus {
                task: body.task.clone(),
                reference: required("reference", body.reference.clone())?,
                status: reference::read_status("status", body.status)?
                    .ok_or_else(|| bad("status", "is missing"))?,
                fence: body.fence,
            }
        })
    }
}

impl Api {
    /// The tasks an answer's events added, in the order of the request.
    fn added<T: InProject>(
        &self,
        call: &Call<T>,
        answer: &Answer,
    ) -> Result<Vec<wire::Task>, Status> {
        find(answer, |event| {
            matches!(event, Event::TasksAdded(_)).then_some(())
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let added = answer
            .events
            .iter()
            .flat_map(|recorded| match &recorded.event {
                Event::TasksAdded(added) => added.tasks.as_slice(),
                _ => &[],
            });
        Ok(added.filter_map(|task| view.task(task.id)).collect())
    }

    /// The page a list request asks for.
    pub(super) fn page(&self, list: &'static str, size: i32, token: &str) -> Result<Page, Status> {
        Page::read(list, size, token, self.options.page_size_max)
    }
}

/// The task a written id means.
pub(super) fn resolve(plan: &Plan, written: &str) -> Result<TaskId, Status> {
    plan.resolve_task(written)
        .map_err(|refusal| status::refused(&refusal))
}
