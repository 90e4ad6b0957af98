//! What an agent asks for while it works. Every write of a holder carries its fence; the core decides
//! whether it is the live one.

use std::time::Duration;

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::call::{Call, only};
use super::validate::{bad, fence, optional_id, percent, priority, required};
use super::{Api, claim, enums, status, views};
use crate::engine::{Answer, EngineError};
use crate::plan::Command;
use crate::plan::command::{Claim, Complete, NewBlocker, NewDiscovered};
use crate::plan::event::{BlockerKind, Event, ReleaseCause, SessionSummary, TaskCompleted};
use crate::plan::id::{BlockerId, SessionId, TaskId};
use crate::plan::refusal::Class;
use crate::plan::time::Timestamp;
use crate::report::dates;

/// The longest a claim waits; a proxy in between cuts calls off after a minute.
const CLAIM_WAIT_MAX: Duration = Duration::from_secs(50);

type Answered<T> = Result<Response<T>, Status>;

/// What a holder brings to finish its task or to have it reviewed; both requests have the same fields.
macro_rules! brought {
    ($body:expr) => {{
        let body = &$body;
        Complete {
            task: required("task", body.task.clone())?,
            fence: fence(body.fence)?,
            summary: body.summary.clone(),
            verification: body.verification.clone(),
            evidence: body.evidence.clone(),
            technologies: body.technologies.clone(),
            tests_passed_percent: percent("tests_passed_percent", body.tests_passed_percent)?,
            accepted: body.accepted.clone(),
            accept_all: body.accept_all,
            checked: body.checked.clone(),
            checks_later: body.checks_later,
            plans_completed: body.plans_completed,
            gate_results: Vec::new(),
        }
    }};
}

#[tonic::async_trait]
impl wire::work_service_server::WorkService for Api {
    async fn start_session(
        &self,
        request: Request<wire::StartSessionRequest>,
    ) -> Answered<wire::StartSessionResponse> {
        let call = self.open(request)?;
        let command = Command::StartSession {
            scope: call.body.scope.clone(),
            model: call.body.model.clone(),
            another: call.body.another,
        };
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::SessionStarted(started) => Some(started.session),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let brief = call
            .caller
            .agent()
            .and_then(|name| answer.plan.session_brief(name));
        Ok(Response::new(wire::StartSessionResponse {
            session: view.session_named(id),
            brief: brief.map(|brief| view.session_brief(&brief)),
        }))
    }

    async fn end_session(
        &self,
        request: Request<wire::EndSessionRequest>,
    ) -> Answered<wire::EndSessionResponse> {
        let call = self.open(request)?;
        let summary = call.body.summary.clone().unwrap_or_default();
        let command = Command::EndSession {
            session: optional_id("session", &call.body.session)?,
            summary: SessionSummary {
                done: summary.done.into(),
                technologies: summary.technologies.into(),
                blockers: summary.blockers.into(),
                verification: summary.verification.into(),
                next: summary.next.into(),
            },
            leases: enums::read_held_leases(call.body.held_leases)?,
        };
        let answer = self.submit(&call, command).await?;
        let id: SessionId = find(&answer, |event| match event {
            Event::SessionEnded(ended) => Some(ended.session),
            _ => None,
        })?;
        let session = self
            .view(&call.project, &answer.plan, &call.caller)
            .session_named(id);
        Ok(Response::new(wire::EndSessionResponse { session }))
    }

    async fn claim_task(
        &self,
        request: Request<wire::ClaimTaskRequest>,
    ) -> Answered<wire::ClaimTaskResponse> {
        use wire::claim_task_response::Outcome;
        let call = self.open(request)?;
        let body = &call.body;
        let wait = Duration::from_millis(body.wait_ms).min(CLAIM_WAIT_MAX);
        let now = Timestamp(self.engine.now_ms().max(call.plan.last_at().0));
        let command = Command::ClaimTask(Claim {
            today: dates::day_of_claims(&call.plan, now),
            task: body.task.clone(),
            role: body.role.clone(),
            session: optional_id("session", &body.session)?,
            lease_ms: body.lease_ms,
            start: body.start,
            resume: body.resume,
            model: body.model.clone(),
            checked: body.checked.clone(),
        });
        let outcome = match self.submit_waiting(&call, command, wait).await {
            Ok(answers) => Outcome::Claim(self.claimed(&call, &only(answers)?)?),
            Err(EngineError::Refused(refusal)) if refusal.reason.class() == Class::Nothing => {
                Outcome::Nothing(claim::nothing(&refusal))
            }
            Err(error) => return Err(status::failed(&error)),
        };
        Ok(Response::new(wire::ClaimTaskResponse {
            outcome: Some(outcome),
        }))
    }

    async fn start_task(
        &self,
        request: Request<wire::StartTaskRequest>,
    ) -> Answered<wire::StartTaskResponse> {
        let call = self.open(request)?;
        let command = Command::StartTask {
            task: required("task", call.body.task.clone())?,
            fence: fence(call.body.fence)?,
            checked: call.body.checked.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let task = self.task_after(&call, &answer, &call.body.task)?;
        let id = find(&answer, |event| match event {
            Event::TaskStarted(started) => Some(started.task),
            _ => None,
        })?;
        Ok(Response::new(wire::StartTaskResponse {
            task: Some(task),
            next: answer.plan.next_steps(id),
        }))
    }

    async fn heartbeat(
        &self,
        request: Request<wire::HeartbeatRequest>,
    ) -> Answered<wire::HeartbeatResponse> {
        let call = self.open(request)?;
        let task = call
            .plan
            .resolve_task(&call.body.task)
            .map_err(|refusal| status::refused(&refusal))?;
        let fence = fence(call.body.fence)?;
        let agent = call.caller.agent().unwrap_or_default();
        let beat = self
            .engine
            .beat(&call.project, task, fence, agent)
            .map_err(|error| status::failed(&error))?;
        Ok(Response::new(wire::HeartbeatResponse {
            verdict: enums::verdict(beat.verdict).into(),
            message: beat.message,
            remaining_ms: beat.remaining_ms,
            beat_every_ms: beat.beat_every_ms,
        }))
    }

    async fn report_progress(
        &self,
        request: Request<wire::ReportProgressRequest>,
    ) -> Answered<wire::ReportProgressResponse> {
        let call = self.open(request)?;
        let command = Command::ReportProgress {
            task: required("task", call.body.task.clone())?,
            fence: fence(call.body.fence)?,
            note: call.body.note.clone(),
            percent: percent("percent", call.body.percent)?,
            checked: call.body.checked.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let task = self.task_after(&call, &answer, &call.body.task)?;
        Ok(Response::new(wire::ReportProgressResponse {
            task: Some(task),
        }))
    }

    async fn complete_task(
        &self,
        request: Request<wire::CompleteTaskRequest>,
    ) -> Answered<wire::CompleteTaskResponse> {
        let call = self.open(request)?;
        let complete = brought!(call.body);
        let answer = self
            .with_gates(&call, complete, Command::CompleteTask)
            .await?;
        let done = find(&answer, |event| match event {
            Event::TaskCompleted(done) => Some(done.clone()),
            _ => None,
        })?;
        Ok(Response::new(self.completed(&call, &answer, &done)))
    }

    async fn submit_for_review(
        &self,
        request: Request<wire::SubmitForReviewRequest>,
    ) -> Answered<wire::SubmitForReviewResponse> {
        let call = self.open(request)?;
        let complete = brought!(call.body);
        let command = Command::SubmitForReview;
        let answer = self.with_gates(&call, complete, command).await?;
        let task = Some(self.task_after(&call, &answer, &call.body.task)?);
        Ok(Response::new(wire::SubmitForReviewResponse { task }))
    }

    async fn release_task(
        &self,
        request: Request<wire::ReleaseTaskRequest>,
    ) -> Answered<wire::ReleaseTaskResponse> {
        let call = self.open(request)?;
        let command = Command::ReleaseTask {
            task: required("task", call.body.task.clone())?,
            fence: fence(call.body.fence)?,
            cause: if call.body.failed {
                ReleaseCause::Failed
            } else {
                ReleaseCause::Returned
            },
            reason: call.body.reason.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let task = self.task_after(&call, &answer, &call.body.task)?;
        Ok(Response::new(wire::ReleaseTaskResponse {
            task: Some(task),
        }))
    }

    async fn report_blocker(
        &self,
        request: Request<wire::ReportBlockerRequest>,
    ) -> Answered<wire::ReportBlockerResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let blocker = NewBlocker {
            kind: enums::read_blocker_kind(body.kind)?,
            tasks: vec![required("task", body.task.clone())?],
            phase: String::new(),
            fence: fence(body.fence)?,
            reason: required("reason", body.reason.clone())?,
            owner: body.owner.clone(),
            resolution_path: body.resolution_path.clone(),
            severity: enums::read_severity(body.severity)?,
            keep_lease: body.keep_lease,
        };
        let command = Command::OpenBlocker(Box::new(blocker));
        let answer = self.submit(&call, command).await?;
        let (blocker, task) = self.blocked(&call, &answer, &call.body.task)?;
        Ok(Response::new(wire::ReportBlockerResponse { blocker, task }))
    }

    async fn raise_inconsistency(
        &self,
        request: Request<wire::RaiseInconsistencyRequest>,
    ) -> Answered<wire::RaiseInconsistencyResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let blocker = NewBlocker {
            kind: BlockerKind::Inconsistency,
            tasks: vec![required("task", body.task.clone())?],
            phase: String::new(),
            fence: fence(body.fence)?,
            reason: required("question", body.question.clone())?,
            owner: String::new(),
            resolution_path: body.resolution_path.clone(),
            severity: enums::read_severity(body.severity)?,
            keep_lease: body.keep_lease,
        };
        let command = Command::OpenBlocker(Box::new(blocker));
        let answer = self.submit(&call, command).await?;
        let (blocker, task) = self.blocked(&call, &answer, &call.body.task)?;
        Ok(Response::new(wire::RaiseInconsistencyResponse {
            blocker,
            task,
        }))
    }

    async fn report_discovered(
        &self,
        request: Request<wire::ReportDiscoveredRequest>,
    ) -> Answered<wire::ReportDiscoveredResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        let found = NewDiscovered {
            title: required("title", body.title.clone())?,
            notes: body.notes.clone(),
            priority: priority(body.priority)?,
            area: body.area.clone(),
            found_on: body.found_on.clone(),
            suggested_phase: body.suggested_phase.clone(),
        };
        let command = Command::ReportDiscovered(Box::new(found));
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::TaskDiscovered(found) => Some(found.discovered),
            _ => None,
        })?;
        let discovered = self
            .view(&call.project, &answer.plan, &call.caller)
            .discovered_named(id);
        Ok(Response::new(wire::ReportDiscoveredResponse { discovered }))
    }
}

impl Api {
    fn completed(
        &self,
        call: &Call<wire::CompleteTaskRequest>,
        answer: &Answer,
        done: &TaskCompleted,
    ) -> wire::CompleteTaskResponse {
        wire::CompleteTaskResponse {
            task: self
                .view(&call.project, &answer.plan, &call.caller)
                .task(done.task),
            unblocked: done.unblocked.iter().map(TaskId::to_string).collect(),
            unblocked_total: done.unblocked_total,
            phases_opened: done.phases_opened.clone(),
            open_checks: views::names(done.open_checks),
        }
    }

    fn blocked<T>(
        &self,
        call: &Call<T>,
        answer: &Answer,
        written: &str,
    ) -> Result<(Option<wire::Blocker>, Option<wire::Task>), Status> {
        let id: BlockerId = find(answer, |event| match event {
            Event::BlockerOpened(opened) => Some(opened.blocker),
            _ => None,
        })?;
        let task = self.task_after(call, answer, written)?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok((view.blocker_named(id), Some(task)))
    }

    /// The task that was written in a request, as it is after the answer.
    pub(super) fn task_after<T>(
        &self,
        call: &Call<T>,
        answer: &Answer,
        written: &str,
    ) -> Result<wire::Task, Status> {
        let id = answer
            .plan
            .resolve_task(written)
            .map_err(|refusal| status::refused(&refusal))?;
        self.view(&call.project, &answer.plan, &call.caller)
            .task(id)
            .ok_or_else(|| status::internal("a task that was changed is gone"))
    }
}

/// What an answer's events say of the entity that was asked for.
pub(super) fn find<T>(answer: &Answer, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, Status> {
    answer
        .events
        .iter()
        .find_map(|recorded| wanted(&recorded.event))
        .ok_or_else(|| status::internal("an answer lacks its event"))
}

/// A number that must be a criterion's, counted from 1.
pub(super) fn criterion(number: u32) -> Result<u32, Status> {
    if number == 0 {
        return Err(bad("criterion", "is missing; criteria are numbered from 1"));
    }
    Ok(number)
}
