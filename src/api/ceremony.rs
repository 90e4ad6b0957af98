//! Standups and reports: made from the published plan and the log, laid out three ways.

use std::sync::Arc;

use muster_proto::v1 as wire;
use serde::Serialize;
use tonic::{Request, Response, Status};

use super::aside::aside;
use super::validate::{bad, instant};
use super::views::time;
use super::{Api, status};
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::time::Timestamp;
use crate::report::data::Head;
use crate::report::standup::{self, StandupInput};
use crate::schedule;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const COLUMNS_DEFAULT: usize = 100;

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl wire::ceremony_service_server::CeremonyService for Api {
    async fn get_standup(
        &self,
        request: Request<wire::GetStandupRequest>,
    ) -> Answered<wire::GetStandupResponse> {
        let (call, as_of) = self.open_as_of(request).await?;
        let columns = columns(call.body.columns)?;
        // Recorded time never falls, so the newest event may be ahead of the clock.
        let now = || Timestamp(self.engine.now_ms().max(call.plan.last_at().0));
        let now = as_of.unwrap_or_else(now);
        let since = match call.body.since {
            Some(since) => instant("since", since)?,
            None => Timestamp(now.0 - DAY_MS),
        };
        if since > now {
            let why = match as_of {
                Some(_) => "is later than what the standup is as of",
                None => "is in the future",
            };
            return Err(bad("since", why));
        }
        let newest = call.plan.version();
        let events = self.window(&call.project, since, newest).await?;
        // What is known beside the log is known of now alone.
        let known =
            || schedule::beats(&self.engine, &call.project, Timestamp(self.engine.now_ms()));
        let beats = as_of.is_none().then(known);
        let head = self.head(&call.project, &call.plan).await?;
        let plan = call.plan;
        let (data_json, markdown, text, html) = aside(move || {
            let standup = standup::build(StandupInput {
                plan: &plan,
                events: &events,
                since,
                now,
                beats,
                head,
            });
            Ok::<_, Status>((
                json(&standup)?,
                standup::render::markdown(&standup),
                standup::render::text(&standup, columns),
                standup::render::html(&standup),
            ))
        })
        .await??;
        Ok(Response::new(wire::GetStandupResponse {
            data_json,
            markdown,
            text,
            since: Some(time(since)),
            until: Some(time(now)),
            html,
        }))
    }

    async fn submit_standup(
        &self,
        request: Request<wire::SubmitStandupRequest>,
    ) -> Answered<wire::SubmitStandupResponse> {
        let call = self.open(request)?;
        call.submit_standup(self).await.map(Response::new)
    }

    async fn get_standup_day(
        &self,
        request: Request<wire::GetStandupDayRequest>,
    ) -> Answered<wire::GetStandupDayResponse> {
        let call = self.open(request)?;
        call.get_standup_day(self).await.map(Response::new)
    }

    async fn list_standup_days(
        &self,
        request: Request<wire::ListStandupDaysRequest>,
    ) -> Answered<wire::ListStandupDaysResponse> {
        let call = self.open(request)?;
        call.list_standup_days(self).await.map(Response::new)
    }

    async fn generate_report(
        &self,
        request: Request<wire::GenerateReportRequest>,
    ) -> Answered<wire::GenerateReportResponse> {
        let call = self.open(request)?;
        call.generate_report(self).await.map(Response::new)
    }

    async fn run_checklist(
        &self,
        request: Request<wire::RunChecklistRequest>,
    ) -> Answered<wire::RunChecklistResponse> {
        let call = self.open(request)?;
        call.run_checklist(self).await.map(Response::new)
    }

    async fn get_checklist_run(
        &self,
        request: Request<wire::GetChecklistRunRequest>,
    ) -> Answered<wire::GetChecklistRunResponse> {
        let call = self.open(request)?;
        call.get_checklist_run(self).await.map(Response::new)
    }

    async fn list_checklist_runs(
        &self,
        request: Request<wire::ListChecklistRunsRequest>,
    ) -> Answered<wire::ListChecklistRunsResponse> {
        let call = self.open(request)?;
        call.list_checklist_runs(self).await.map(Response::new)
    }

    async fn tick_item(
        &self,
        request: Request<wire::TickItemRequest>,
    ) -> Answered<wire::TickItemResponse> {
        let call = self.open(request)?;
        call.tick_item(self).await.map(Response::new)
    }

    async fn get_checklist(
        &self,
        request: Request<wire::GetChecklistRequest>,
    ) -> Answered<wire::GetChecklistResponse> {
        let call = self.open(request)?;
        call.get_checklist(self).await.map(Response::new)
    }

    async fn set_checklist(
        &self,
        request: Request<wire::SetChecklistRequest>,
    ) -> Answered<wire::SetChecklistResponse> {
        let call = self.open(request)?;
        call.set_checklist(self).await.map(Response::new)
    }

    async fn publish_report(
        &self,
        request: Request<wire::PublishReportRequest>,
    ) -> Answered<wire::PublishReportResponse> {
        let call = self.open(request)?;
        call.publish_report(self).await.map(Response::new)
    }

    async fn list_reports(
        &self,
        request: Request<wire::ListReportsRequest>,
    ) -> Answered<wire::ListReportsResponse> {
        let call = self.open(request)?;
        call.list_reports(self).await.map(Response::new)
    }

    async fn get_report(
        &self,
        request: Request<wire::GetReportRequest>,
    ) -> Answered<wire::GetReportResponse> {
        let call = self.open(request)?;
        call.get_report(self).await.map(Response::new)
    }

    async fn set_schedule(
        &self,
        request: Request<wire::SetScheduleRequest>,
    ) -> Answered<wire::SetScheduleResponse> {
        let call = self.open(request)?;
        call.set_schedule(self).await.map(Response::new)
    }

    async fn get_schedule(
        &self,
        request: Request<wire::GetScheduleRequest>,
    ) -> Answered<wire::GetScheduleResponse> {
        let call = self.open(request)?;
        call.get_schedule(self).await.map(Response::new)
    }

    async fn list_schedules(
        &self,
        request: Request<wire::ListSchedulesRequest>,
    ) -> Answered<wire::ListSchedulesResponse> {
        let call = self.open(request)?;
        call.list_schedules(self).await.map(Response::new)
    }

    async fn list_schedule_times(
        &self,
        request: Request<wire::ListScheduleTimesRequest>,
    ) -> Answered<wire::ListScheduleTimesResponse> {
        let call = self.open(request)?;
        call.list_schedule_times(self).await.map(Response::new)
    }

    async fn remove_schedule(
        &self,
        request: Request<wire::RemoveScheduleRequest>,
    ) -> Answered<wire::RemoveScheduleResponse> {
        let call = self.open(request)?;
        call.remove_schedule(self).await.map(Response::new)
    }

    async fn pause_schedule(
        &self,
        request: Request<wire::PauseScheduleRequest>,
    ) -> Answered<wire::PauseScheduleResponse> {
        let call = self.open(request)?;
        call.pause_schedule(self).await.map(Response::new)
    }

    async fn resume_schedule(
        &self,
        request: Request<wire::ResumeScheduleRequest>,
    ) -> Answered<wire::ResumeScheduleResponse> {
        let call = self.open(request)?;
        call.resume_schedule(self).await.map(Response::new)
    }

    async fn run_schedule(
        &self,
        request: Request<wire::RunScheduleRequest>,
    ) -> Answered<wire::RunScheduleResponse> {
        let call = self.open(request)?;
        call.run_schedule(self).await.map(Response::new)
    }

    async fn list_channels(
        &self,
        request: Request<wire::ListChannelsRequest>,
    ) -> Answered<wire::ListChannelsResponse> {
        let call = self.open(request)?;
        call.list_channels(self).await.map(Response::new)
    }

    async fn test_channel(
        &self,
        request: Request<wire::TestChannelRequest>,
    ) -> Answered<wire::TestChannelResponse> {
        let call = self.open(request)?;
        call.test_channel(self).await.map(Response::new)
    }

    async fn redeliver_report(
        &self,
        request: Request<wire::RedeliverReportRequest>,
    ) -> Answered<wire::RedeliverReportResponse> {
        let call = self.open(request)?;
        call.redeliver_report(self).await.map(Response::new)
    }
}

impl Api {
    async fn head(&self, project: &str, plan: &Plan) -> Result<Head, Status> {
        let version = plan.version();
        let hash = self
            .engine
            .hash(project, version)
            .await
            .map_err(|error| status::failed(&error))?;
        Ok(Head { version, hash })
    }

    /// What was recorded at or after `since` and up to the version `newest`, in order.
    pub(super) async fn window(
        &self,
        project: &str,
        since: Timestamp,
        newest: u64,
    ) -> Result<Vec<Arc<Recorded>>, Status> {
        let window = self.engine.window(project, since, newest).await;
        window.map_err(|error| status::failed(&error))
    }
}

pub(super) fn columns(columns: u32) -> Result<usize, Status> {
    match usize::try_from(columns) {
        Ok(0) => Ok(COLUMNS_DEFAULT),
        Ok(columns @ 40..=400) => Ok(columns),
        Ok(_) | Err(_) => Err(bad("columns", "must be between 40 and 400, or 0")),
    }
}

fn json(report: &impl Serialize) -> Result<String, Status> {
    serde_json::to_string(report).map_err(|_| status::internal("a report has no JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_readable_or_refused() {
        assert_eq!(columns(0).unwrap(), COLUMNS_DEFAULT);
        assert_eq!(columns(40).unwrap(), 40);
        assert!(columns(39).is_err() && columns(401).is_err() && columns(u32::MAX).is_err());
    }
}
