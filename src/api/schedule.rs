//! Schedules: set, shown, paused and run; the daemon looks after the rest.

use muster_proto::v1 as wire;
use tonic::Status;

use super::call::Call;
use super::validate::{bad, required};
use super::views::time;
use super::work::find;
use super::{Api, enums, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{NewSchedule, Timing, find_schedule};
use crate::plan::event::Event;
use crate::plan::model::Schedule;
use crate::plan::time::Timestamp;

/// Times that are listed when nothing is said.
const TIMES_USUAL: usize = 10;
/// Times that are listed at most.
const TIMES_MAX: usize = 1_000;

impl<T> Call<T> {
    fn schedule(&self, name: &str) -> Result<&Schedule, Status> {
        let name = required("schedule", name.to_owned())?;
        find_schedule(&self.plan, &name).map_err(|refusal| status::refused(&refusal))
    }

    fn schedule_after(
        &self,
        api: &Api,
        answer: &Answer,
        name: &str,
    ) -> Result<wire::Schedule, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let schedule = answer.plan.schedule(&name.to_lowercase());
        schedule
            .map(|schedule| view.schedule(schedule))
            .ok_or_else(|| status::internal("a schedule that was changed is gone"))
    }
}

impl Call<wire::SetScheduleRequest> {
    pub(super) async fn set_schedule(self, api: &Api) -> Result<wire::SetScheduleResponse, Status> {
        let body = &self.body;
        let name = required("name", body.name.clone())?;
        let new = NewSchedule {
            name: name.clone(),
            job: enums::read_schedule_job(body.job)?,
            when: required("when", body.when.clone())?,
            zone: body.zone.clone(),
            only_working_days: body.working_days_only,
            role: body.role.clone(),
            note: body.note.clone(),
            catch_up_ms: body.catch_up_ms,
        };
        let created = self.plan.schedule(&name.to_lowercase()).is_none();
        let command = Command::Time(Timing::Set(vec![new]));
        let answer = api.submit(&self, command).await?;
        let schedule = Some(self.schedule_after(api, &answer, &name)?);
        Ok(wire::SetScheduleResponse { schedule, created })
    }
}

impl Call<wire::GetScheduleRequest> {
    pub(super) async fn get_schedule(self, api: &Api) -> Result<wire::GetScheduleResponse, Status> {
        let schedule = self.schedule(&self.body.schedule)?;
        let view = api.view(&self.project, &self.plan, &self.caller);
        let schedule = Some(view.schedule(schedule));
        Ok(wire::GetScheduleResponse { schedule })
    }
}

impl Call<wire::ListSchedulesRequest> {
    pub(super) async fn list_schedules(
        self,
        api: &Api,
    ) -> Result<wire::ListSchedulesResponse, Status> {
        let page = api.page("schedules", self.body.page_size, &self.body.page_token)?;
        let after: Option<String> = page.after()?;
        let all = self.plan.schedules();
        let wanted = all.filter(|it| after.as_ref().is_none_or(|after| *it.name > **after));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (schedules, next_page_token) =
            page.fill(wanted, |it| it.name.to_string(), |it| view.schedule(it));
        Ok(wire::ListSchedulesResponse {
            schedules,
            next_page_token,
        })
    }
}

impl Call<wire::ListScheduleTimesRequest> {
    pub(super) async fn list_schedule_times(
        self,
        api: &Api,
    ) -> Result<wire::ListScheduleTimesResponse, Status> {
        let schedule = self.schedule(&self.body.schedule)?;
        let count = match usize::try_from(self.body.count) {
            Ok(0) => TIMES_USUAL,
            Ok(count @ 1..=TIMES_MAX) => count,
            Ok(_) | Err(_) => {
                let range = format!("must be from 1 to {TIMES_MAX}, or 0");
                return Err(bad("count", range));
            }
        };
        let zone = self.plan.zone_of(schedule);
        let zone = zone.map_err(|_| status::internal("the zone of a schedule is gone"))?;
        let times = self
            .plan
            .next_times(schedule, api.engine.now_ms(), count)
            .into_iter()
            .map(|due| wire::ScheduleTime {
                slot: due.slot.to_string(),
                at: Some(time(Timestamp(due.at_ms))),
                local: zone.rfc3339(due.at_ms).unwrap_or_default(),
            });
        Ok(wire::ListScheduleTimesResponse {
            times: times.collect(),
        })
    }
}

impl Call<wire::RemoveScheduleRequest> {
    pub(super) async fn remove_schedule(
        self,
        api: &Api,
    ) -> Result<wire::RemoveScheduleResponse, Status> {
        let command = Command::Time(Timing::Remove {
            schedule: required("schedule", self.body.schedule.clone())?,
            reason: self.body.reason.clone(),
        });
        api.submit(&self, command).await?;
        Ok(wire::RemoveScheduleResponse {})
    }
}

impl Call<wire::PauseScheduleRequest> {
    pub(super) async fn pause_schedule(
        self,
        api: &Api,
    ) -> Result<wire::PauseScheduleResponse, Status> {
        let name = required("schedule", self.body.schedule.clone())?;
        let command = Command::Time(Timing::Pause {
            schedule: name.clone(),
            reason: self.body.reason.clone(),
        });
        let answer = api.submit(&self, command).await?;
        let schedule = Some(self.schedule_after(api, &answer, &name)?);
        Ok(wire::PauseScheduleResponse { schedule })
    }
}

impl Call<wire::ResumeScheduleRequest> {
    pub(super) async fn resume_schedule(
        self,
        api: &Api,
    ) -> Result<wire::ResumeScheduleResponse, Status> {
        let name = required("schedule", self.body.schedule.clone())?;
        let command = Command::Time(Timing::Resume {
            schedule: name.clone(),
        });
        let answer = api.submit(&self, command).await?;
        let schedule = Some(self.schedule_after(api, &answer, &name)?);
        Ok(wire::ResumeScheduleResponse { schedule })
    }
}

impl Call<wire::RunScheduleRequest> {
    pub(super) async fn run_schedule(self, api: &Api) -> Result<wire::RunScheduleResponse, Status> {
        let name = required("schedule", self.body.schedule.clone())?;
        let command = Command::Time(Timing::Run {
            schedule: name.clone(),
        });
        let answer = api.submit(&self, command).await?;
        let run = find(&answer, |event| match event {
            Event::SlotFired(fired) => Some(fired.run),
            _ => None,
        })?;
        let schedule = Some(self.schedule_after(api, &answer, &name)?);
        Ok(wire::RunScheduleResponse { schedule, run })
    }
}
