//! Standups and reports: made from the published plan and the log, laid out three ways.

use std::sync::Arc;

use muster_proto::v1 as wire;
use serde::Serialize;
use tonic::{Request, Response, Status};

use super::aside::aside;
use super::enums::known;
use super::validate::{bad, instant};
use super::views::time;
use super::{Api, status};
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::time::Timestamp;
use crate::report::blockers::{self, BlockerInput};
use crate::report::data::Head;
use crate::report::standup::{self, BeatFact, BeatFacts, StandupInput};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// The log gives so many events at once.
const PAGE_EVENTS: usize = 10_000;
/// A standup of more events than this is made from the newest.
const WINDOW_EVENTS_MAX: u64 = 200_000;
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
        let beats = as_of.is_none().then(|| self.beats(&call.project));
        let head = self.head(&call.project, &call.plan).await?;
        let plan = call.plan;
        let (data_json, markdown, text) = aside(move || {
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
            ))
        })
        .await??;
        Ok(Response::new(wire::GetStandupResponse {
            data_json,
            markdown,
            text,
            since: Some(time(since)),
            until: Some(time(now)),
        }))
    }

    async fn generate_report(
        &self,
        request: Request<wire::GenerateReportRequest>,
    ) -> Answered<wire::GenerateReportResponse> {
        let call = self.open(request)?;
        let columns = columns(call.body.columns)?;
        match known("kind", call.body.kind)? {
            wire::ReportKind::Unspecified => return Err(bad("kind", "is missing")),
            wire::ReportKind::Blockers => {}
        }
        let now = Timestamp(self.engine.now_ms().max(call.plan.last_at().0));
        let head = self.head(&call.project, &call.plan).await?;
        let plan = call.plan;
        let (data_json, markdown, text) = aside(move || {
            let report = blockers::build(BlockerInput {
                plan: &plan,
                now,
                head,
            });
            Ok::<_, Status>((
                json(&report)?,
                blockers::render::markdown(&report),
                blockers::render::text(&report, columns),
            ))
        })
        .await??;
        Ok(Response::new(wire::GenerateReportResponse {
            data_json,
            markdown,
            text,
        }))
    }
}

impl Api {
    fn beats(&self, project: &str) -> BeatFacts {
        BeatFacts {
            at: Timestamp(self.engine.now_ms()),
            leases: self
                .engine
                .lease_facts(project)
                .into_iter()
                .map(|fact| BeatFact {
                    task: fact.task,
                    last_beat: Timestamp(fact.last_beat_ms),
                    remaining_ms: fact.remaining_ms,
                })
                .collect(),
        }
    }

    async fn head(&self, project: &str, plan: &Plan) -> Result<Head, Status> {
        let version = plan.version();
        let hash = self
            .engine
            .hash(project, version)
            .await
            .map_err(|error| status::failed(&error))?;
        Ok(Head { version, hash })
    }

    /// What was recorded at or after `since` and up to the version `newest`, in order, however often the
    /// log must be asked for it.
    pub(super) async fn window(
        &self,
        project: &str,
        since: Timestamp,
        newest: u64,
    ) -> Result<Vec<Arc<Recorded>>, Status> {
        let failed = |error| status::failed(&error);
        let before = self.engine.version_before(project, since.0);
        let mut after = before
            .await
            .map_err(failed)?
            .max(newest.saturating_sub(WINDOW_EVENTS_MAX));
        let mut events = Vec::new();
        while after < newest {
            let page = self.engine.history(project, after, PAGE_EVENTS);
            let page = page.await.map_err(failed)?;
            // Large events make a short page, so only an empty one is the end.
            let Some(last) = page.last() else { break };
            after = last.version;
            let until = page.partition_point(|event| event.version <= newest);
            events.extend(page.into_iter().take(until));
        }
        Ok(events)
    }
}

fn columns(columns: u32) -> Result<usize, Status> {
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
