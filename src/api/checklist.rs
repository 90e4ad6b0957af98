//! The checklist: started, shown, ticked by hand, and what it looks at.

use muster_proto::v1 as wire;
use tonic::Status;

use super::call::Call;
use super::validate::{bad, id, required};
use super::work::find;
use super::{Api, enums, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{Checking, find_checklist};
use crate::plan::event::{Event, Executor, ItemSpec};
use crate::plan::id::ChecklistId;
use crate::plan::model::{Checklist, WINDOW_MINUTES};

fn wanted(written: &str) -> Result<Option<ChecklistId>, Status> {
    match written {
        "" => Ok(None),
        written => id("checklist", written).map(Some),
    }
}

impl<T> Call<T> {
    fn run_after(
        &self,
        api: &Api,
        answer: &Answer,
        id: ChecklistId,
    ) -> Result<wire::ChecklistRun, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let run = answer.plan.checklist_run(id);
        run.map(|run| view.checklist_run(run))
            .ok_or_else(|| status::internal("a checklist that was changed is gone"))
    }
}

impl Call<wire::RunChecklistRequest> {
    pub(super) async fn run_checklist(
        self,
        api: &Api,
    ) -> Result<wire::RunChecklistResponse, Status> {
        let command = Command::Check(Checking::Start { run: None });
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::ChecklistStarted(started) => Some(started.checklist),
            Event::ChecklistAsked(asked) => Some(asked.checklist),
            _ => None,
        })?;
        let run = Some(self.run_after(api, &answer, id)?);
        Ok(wire::RunChecklistResponse { run })
    }
}

impl Call<wire::GetChecklistRunRequest> {
    pub(super) async fn get_checklist_run(
        self,
        api: &Api,
    ) -> Result<wire::GetChecklistRunResponse, Status> {
        let run = find_checklist(&self.plan, wanted(&self.body.checklist)?);
        let run = run.map_err(|refusal| status::refused(&refusal))?;
        let view = api.view(&self.project, &self.plan, &self.caller);
        let run = Some(view.checklist_run(run));
        Ok(wire::GetChecklistRunResponse { run })
    }
}

impl Call<wire::ListChecklistRunsRequest> {
    pub(super) async fn list_checklist_runs(
        self,
        api: &Api,
    ) -> Result<wire::ListChecklistRunsResponse, Status> {
        let page = api.page("checklists", self.body.page_size, &self.body.page_token)?;
        let before: Option<ChecklistId> = page.after()?;
        let all = self.plan.checklist_runs().rev();
        let wanted = all.filter(|it| before.is_none_or(|before| it.id < before));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (runs, next_page_token) =
            page.fill(wanted, |it| it.id.to_string(), |it| view.checklist_run(it));
        Ok(wire::ListChecklistRunsResponse {
            runs,
            next_page_token,
        })
    }
}

impl Call<wire::TickItemRequest> {
    pub(super) async fn tick_item(self, api: &Api) -> Result<wire::TickItemResponse, Status> {
        let body = &self.body;
        let command = Command::Check(Checking::Tick {
            checklist: wanted(&body.checklist)?,
            item: required("item", body.item.clone())?,
            skip: body.skip,
            note: body.note.clone(),
        });
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::ChecklistItemSettled(settled) => Some(settled.checklist),
            _ => None,
        })?;
        let run = Some(self.run_after(api, &answer, id)?);
        Ok(wire::TickItemResponse { run })
    }
}

fn items(checklist: &Checklist) -> Vec<wire::ChecklistItem> {
    checklist.items.iter().map(enums::checklist_item).collect()
}

impl Call<wire::GetChecklistRequest> {
    pub(super) async fn get_checklist(
        self,
        _api: &Api,
    ) -> Result<wire::GetChecklistResponse, Status> {
        let checklist = self.plan.checklist();
        Ok(wire::GetChecklistResponse {
            items: items(&checklist),
            window_minutes: checklist.window_minutes,
        })
    }
}

fn item(written: &wire::ChecklistItem) -> Result<ItemSpec, Status> {
    use wire::ChecklistExecutor as From;
    let executor = match enums::known::<From>("items", written.executor)? {
        From::Unspecified => return Err(bad("items", "has one without an executor")),
        From::BlockingIssues => Executor::BlockingIssues,
        From::PullRequests => Executor::PullRequests,
        From::Gates => Executor::Gates,
        From::Dashboard => Executor::Dashboard,
        From::Standup => Executor::Standup,
        From::Manual => Executor::Manual,
        From::Command if written.command.is_empty() => {
            return Err(bad("items", "has a command without its name"));
        }
        From::Command => Executor::Command(written.command.as_str().into()),
    };
    Ok(ItemSpec {
        name: written.name.as_str().into(),
        executor,
    })
}

impl Call<wire::SetChecklistRequest> {
    pub(super) async fn set_checklist(
        self,
        api: &Api,
    ) -> Result<wire::SetChecklistResponse, Status> {
        let listed = self.body.items.iter().map(item);
        let command = Command::Check(Checking::Define {
            items: listed.collect::<Result<_, _>>()?,
            window_minutes: match self.body.window_minutes {
                0 => WINDOW_MINUTES,
                minutes => minutes,
            },
        });
        let answer = api.submit(&self, command).await?;
        let checklist = answer.plan.checklist();
        Ok(wire::SetChecklistResponse {
            items: items(&checklist),
            window_minutes: checklist.window_minutes,
        })
    }
}
