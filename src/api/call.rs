//! How every service takes a request in: the project is settled from the caller's token, the request id
//! becomes a key, an agent's call counts as a sign of life. Scope is judged before anything is looked up.

use std::sync::Arc;
use std::time::Duration;

use muster_proto::v1 as wire;
use prost::Message;
use sha2::{Digest as _, Sha256};
use tonic::{Request, Status};

use super::access::Caller;
use super::{Api, status, validate};
use crate::engine::{Answer, EngineError, Step, Submission};
use crate::plan::fact::RequestKey;
use crate::plan::hexadecimal::hexadecimal;
use crate::plan::id::SessionId;
use crate::plan::refusal::Reason;
use crate::plan::{Command, Plan, Refusal};

/// Half of a SHA-256 tells a repeat from a reuse; it is stored with every event.
const DIGEST_BYTES: usize = 16;
/// How many projects a sentence lists.
const SLUGS_LISTED_MAX: usize = 10;

/// A message that is about one project.
pub(super) trait InProject: Message + Default {
    /// The project as written; may be empty.
    fn project(&self) -> &str;
    /// The request id; empty for reads.
    fn request_id(&self) -> &str {
        ""
    }
    /// The task and fence of a holder's write.
    fn held(&self) -> Option<(&str, u64)> {
        None
    }
    /// The session the request names; may be empty.
    fn session(&self) -> &str {
        ""
    }
}

macro_rules! in_project {
    (reads: $($read:ident),+; writes: $($write:ident),+; in_session: $($session:ident),+;
     holders: $($holder:ident),+ $(,)?) => {
        $(impl InProject for wire::$read {
            fn project(&self) -> &str { &self.project }
        })+
        $(impl InProject for wire::$write {
            fn project(&self) -> &str { &self.project }
            fn request_id(&self) -> &str { &self.request_id }
        })+
        $(impl InProject for wire::$session {
            fn project(&self) -> &str { &self.project }
            fn request_id(&self) -> &str { &self.request_id }
            fn session(&self) -> &str { &self.session }
        })+
        $(impl InProject for wire::$holder {
            fn project(&self) -> &str { &self.project }
            fn request_id(&self) -> &str { &self.request_id }
            fn held(&self) -> Option<(&str, u64)> { Some((&self.task, self.fence)) }
        })+
    };
}

in_project! {
    reads: GetProjectRequest, ListDiagnosticsRequest, GetInboxRequest, GetBoardRequest,
        GetCriticalPathRequest, GetForecastRequest, GetPoliciesRequest, GetTaskRequest,
        ListTasksRequest, ExplainTaskRequest, ListPhasesRequest, ListBlockersRequest,
        ListDiscoveredRequest, ListDecisionsRequest, GetStandupRequest, GenerateReportRequest,
        ListAgentsRequest, ListRolesRequest, ListSessionsRequest, GetSessionRequest,
        ListEventsRequest, WatchEventsRequest, ListDeliverablesRequest, ListMilestonesRequest, ListRisksRequest,
        GetGateRequest, ListGatesRequest, GetGateRunRequest, ListGateRunsRequest, ListMetricsRequest, ListSprintsRequest,
        ListRulesRequest, ListReviewsRequest,
        ListIntegrationPointsRequest, ListRolloutsRequest,
        GetWorkflowRequest, ListWorkflowsRequest, GetWorkflowRunRequest, ListWorkflowRunsRequest,
        ListAssignmentsRequest, ListRoleWindowsRequest, GetAgentRequest,
        GetStandupDayRequest, ListStandupDaysRequest,
        GetChecklistRunRequest, ListChecklistRunsRequest, GetChecklistRequest, ListReportsRequest, GetReportRequest, GetScheduleRequest, ListSchedulesRequest, ListScheduleTimesRequest,
        ListChannelsRequest;
    writes: StartSessionRequest, ReportDiscoveredRequest, UpdateProjectRequest,
        PauseProjectRequest, ResumeProjectRequest, CompleteProjectRequest, ArchiveProjectRequest, SettleDiagnosticRequest, CreateTaskRequest,
        BatchCreateTasksRequest, UpdateTaskRequest, SplitTaskRequest, DeferTaskRequest,
        ReinstateTaskRequest,
        CancelTaskRequest, ReopenTaskRequest, RevokeClaimRequest, AddDependencyRequest,
        RemoveDependencyRequest, WaiveDependencyRequest, CreatePhaseRequest, UpdatePhaseRequest,
        ClosePhaseRequest, ReopenPhaseRequest, SkipPhaseRequest, OverridePhaseOrderRequest,
        MeetCriterionRequest, UpdateCriterionRequest, OpenBlockerRequest, ResolveBlockerRequest, EscalateBlockerRequest, UpdateBlockerRequest, UpdateDecisionRequest, UpdateDiscoveredRequest,
        TriageDiscoveredRequest, OpenDecisionRequest, DecideRequest, ProposeDecisionRequest,
        SetPolicyRequest, SupersedeDecisionRequest, DeprecateDecisionRequest, RevisitTaskRequest, RegisterAgentRequest,
        RetireAgentRequest, AddRoleRequest, UpdateRoleRequest, CreateDeliverableRequest, UpdateDeliverableRequest,
        SubmitDeliverableRequest, AcceptDeliverableRequest, RejectDeliverableRequest, CreateMilestoneRequest, UpdateMilestoneRequest, TickMilestoneRequest,
        ReachMilestoneRequest, MissMilestoneRequest, CreateRiskRequest, UpdateRiskRequest, MoveRiskRequest, CreateAssignmentRequest, UpdateAssignmentRequest, EndAssignmentRequest, SetRoleWindowRequest,
        DefineGateRequest, UpdateGateRequest, RetireGateRequest, RunGateRequest, SubmitResultRequest,
        SignOffRequest, WaiveGateRequest, ReportMetricRequest, PlanSprintRequest,
        CreateIntegrationPointRequest, UpdateIntegrationPointRequest, ConfirmIntegrationPointRequest,
        TestIntegrationPointRequest, FailIntegrationPointRequest, CreateRolloutRequest,
        UpdateRolloutRequest, TestRollbackRequest, StartRolloutRequest, TickRolloutStepRequest,
        EndRolloutRequest, AddTaskReferenceRequest, RemoveTaskReferenceRequest,
        AddRuleRequest, EndRuleRequest,
        ApproveTaskRequest, RequestChangesRequest,
        CommitSprintRequest, ChangeSprintRequest, UpdateSprintRequest, WithdrawSprintRequest, CloseSprintRequest, WithdrawIntegrationPointRequest, DefineWorkflowRequest,
        RetireWorkflowRequest, StartWorkflowRequest, ProvideInputRequest, AttestWorkflowCriterionRequest,
        SignWorkflowRequest, FinishWorkflowRequest, CancelWorkflowRunRequest, PublishReportRequest, SetScheduleRequest, RunChecklistRequest, TickItemRequest, SetChecklistRequest,
        SubmitStandupRequest,
        RemoveScheduleRequest, PauseScheduleRequest, ResumeScheduleRequest, RunScheduleRequest,
        RedeliverReportRequest, TestChannelRequest;
    in_session: EndSessionRequest, ClaimTaskRequest;
    holders: StartTaskRequest, ReportProgressRequest, CompleteTaskRequest, SubmitForReviewRequest, ReleaseTaskRequest,
        ReportBlockerRequest, RaiseInconsistencyRequest, SetTaskReferenceStatusRequest,
}

impl InProject for wire::HeartbeatRequest {
    fn project(&self) -> &str {
        &self.project
    }
    fn held(&self) -> Option<(&str, u64)> {
        Some((&self.task, self.fence))
    }
}

/// A request whose caller is known and whose project is settled.
pub(super) struct Call<T> {
    /// Who calls.
    pub caller: Caller,
    /// The project's slug.
    pub project: String,
    /// The project's plan as published when the call came in.
    pub plan: Arc<Plan>,
    /// The request's id and digest, when it carried one.
    pub request: Option<RequestKey>,
    /// The message.
    pub body: T,
}

/// The caller that the gate left with a request.
pub(super) fn caller_of<T>(request: &Request<T>) -> Result<Caller, Status> {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .ok_or_else(|| status::internal("a request came past the gate"))
}

/// The key of a request that carried an id. The digest is over the kind of message too: two methods may
/// ask in the same bytes, and releasing a task is no repeat of starting it.
pub(super) fn key_of<M: Message>(body: &M, request_id: &str) -> Result<Option<RequestKey>, Status> {
    let Some(id) = validate::request_id(request_id)? else {
        return Ok(None);
    };
    tracing::Span::current().record("request.id", id);
    let kind = std::any::type_name::<M>();
    let kind = kind.rsplit("::").next().unwrap_or(kind);
    let mut digest = Sha256::new_with_prefix(kind);
    digest.update([0]);
    digest.update(body.encode_to_vec());
    let digest = digest.finalize();
    Ok(Some(RequestKey {
        id: id.into(),
        digest: hexadecimal(&digest[..DIGEST_BYTES]).into(),
    }))
}

impl Api {
    /// Takes a request in.
    pub(super) fn open<T: InProject>(&self, request: Request<T>) -> Result<Call<T>, Status> {
        let caller = caller_of(&request)?;
        let body = request.into_inner();
        let project = self.project_of(&caller, body.project())?;
        let plan = self.plan_of(&project)?;
        tracing::Span::current().record("project.id", project.as_str());
        self.renew(&caller, &project, &plan, &body);
        Ok(Call {
            request: key_of(&body, body.request_id())?,
            caller,
            project,
            plan,
            body,
        })
    }

    /// The slug that a written project means to this caller.
    pub(super) fn project_of(&self, caller: &Caller, written: &str) -> Result<String, Status> {
        let written = written.trim();
        match &caller.project {
            Some(own) if written.is_empty() || written == own.as_ref() => Ok(own.to_string()),
            Some(own) => Err(status::denied(format!(
                "this token is for the project {own} alone"
            ))),
            None if !written.is_empty() => Ok(written.to_owned()),
            None => self.only_project(),
        }
    }

    fn only_project(&self) -> Result<String, Status> {
        let slugs = self.engine.projects();
        match slugs.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(status::refused(
                &Refusal::new(Reason::ProjectNotFound, "there is no project yet")
                    .next("plan import FILE"),
            )),
            many => {
                let mut listed = many[..many.len().min(SLUGS_LISTED_MAX)].join(", ");
                if many.len() > SLUGS_LISTED_MAX {
                    listed.push_str(", …");
                }
                Err(validate::bad(
                    "project",
                    format!(
                        "is missing, and there are {}: {listed}; name one (--project or MUSTER_PROJECT)",
                        many.len()
                    ),
                ))
            }
        }
    }

    /// The published plan of a project; the reserved log is no project.
    pub(super) fn plan_of(&self, project: &str) -> Result<Arc<Plan>, Status> {
        let reserved = project.starts_with('_');
        let plan = self.engine.plan(project).filter(|_| !reserved);
        plan.ok_or_else(|| {
            let shown: String = project.chars().take(60).collect();
            status::refused(
                &Refusal::new(Reason::ProjectNotFound, format!("no project `{shown}`"))
                    .item(shown, "does not exist")
                    .next("project list"),
            )
        })
    }

    /// A call of an agent is a sign of life of the session it comes from: the one whose fence or id it
    /// carries, else all of the agent's.
    fn renew<T: InProject>(&self, caller: &Caller, project: &str, plan: &Plan, body: &T) {
        let Some(agent) = caller.agent() else {
            return;
        };
        let by_fence = || -> Option<SessionId> {
            let (task, fence) = body.held()?;
            let task = plan.task(plan.resolve_task(task).ok()?)?;
            let lease = task.state.lease.as_ref()?;
            (lease.fence == fence && lease.agent.as_ref() == agent).then_some(lease.session)
        };
        // A late holder's write is no sign of life of whatever else the agent does.
        let session = match body.held() {
            Some(_) => match by_fence() {
                Some(session) => Some(session),
                None => return,
            },
            None => body.session().trim().parse().ok(),
        };
        self.engine.touch(project, agent, session);
    }

    /// Carries out one command in the call's project.
    pub(super) async fn submit<T>(
        &self,
        call: &Call<T>,
        command: Command,
    ) -> Result<Answer, Status> {
        let step = Step {
            project: call.project.clone(),
            command,
        };
        let answers = self
            .submit_steps(&call.caller, call.request.clone(), vec![step])
            .await?;
        only(answers)
    }

    /// Carries out several steps together or not at all.
    pub(super) async fn submit_steps(
        &self,
        caller: &Caller,
        request: Option<RequestKey>,
        steps: Vec<Step>,
    ) -> Result<Vec<Answer>, Status> {
        self.engine
            .submit(Submission {
                steps,
                actor: caller.actor.clone(),
                request,
                wait: Duration::ZERO,
            })
            .await
            .map_err(|error| status::failed(&error))
    }

    /// Carries out a claim that may wait; its refusals may be answers.
    pub(super) async fn submit_waiting<T>(
        &self,
        call: &Call<T>,
        command: Command,
        wait: Duration,
    ) -> Result<Vec<Answer>, EngineError> {
        self.engine
            .submit(Submission {
                steps: vec![Step {
                    project: call.project.clone(),
                    command,
                }],
                actor: call.caller.actor.clone(),
                request: call.request.clone(),
                wait,
            })
            .await
    }
}

/// The answer of a submission of one step.
pub(super) fn only(answers: Vec<Answer>) -> Result<Answer, Status> {
    answers
        .into_iter()
        .next()
        .ok_or_else(|| status::internal("the engine gave no answer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_body_has_the_same_digest_and_another_body_another() {
        let body = |title: &str| wire::ReportDiscoveredRequest {
            request_id: "r-1".to_owned(),
            title: title.to_owned(),
            ..Default::default()
        };
        let key = |title: &str| key_of(&body(title), "r-1").unwrap().expect("an id");
        assert_eq!(key("a"), key("a"));
        assert_ne!(key("a").digest, key("b").digest);
        assert_eq!(key("a").digest.len(), 32);
        assert_eq!(key_of(&body("a"), "").unwrap(), None);
    }

    #[test]
    fn a_map_in_a_body_does_not_change_its_digest() {
        let body = |areas: &[(&str, &str)]| wire::UpdateProjectRequest {
            settings: Some(wire::ProjectSettings {
                areas: areas
                    .iter()
                    .map(|&(area, role)| (area.to_owned(), role.to_owned()))
                    .collect(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let one = body(&[("api", "backend"), ("data", "data"), ("web", "frontend")]);
        let other = body(&[("web", "frontend"), ("data", "data"), ("api", "backend")]);
        assert_eq!(key_of(&one, "r-1").unwrap(), key_of(&other, "r-1").unwrap());
    }
}
