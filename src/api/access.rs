//! Who may call what: one table from method to permission, and bearer tokens turned into callers. A method
//! without a row is closed to everybody.

use std::sync::Arc;

use tonic::Status;

use super::{status, token};
use crate::engine::EngineHandle;
use crate::plan::Refusal;
use crate::plan::event::Principal;
use crate::plan::fact::Actor;
use crate::plan::model::Token;
use crate::plan::refusal::Reason;

/// Who a method is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// Every principal.
    Read,
    /// Agents: what a holder does.
    Work,
    /// Agents and coordinators.
    File,
    /// Coordinators.
    Coordinate,
}

/// The permission each method asks for, by service and method.
pub(super) const TABLE: &[(&str, &str, Permission)] = {
    use Permission::{Coordinate, File, Read, Work};
    &[
        ("WorkService", "StartSession", Work),
        ("WorkService", "EndSession", Work),
        ("WorkService", "ClaimTask", Work),
        ("WorkService", "StartTask", Work),
        ("WorkService", "Heartbeat", Work),
        ("WorkService", "ReportProgress", Work),
        ("WorkService", "CompleteTask", Work),
        ("WorkService", "SubmitForReview", Work),
        ("WorkService", "ReleaseTask", Work),
        ("WorkService", "ReportBlocker", Work),
        ("WorkService", "RaiseInconsistency", Work),
        ("WorkService", "ReportDiscovered", File),
        ("ProjectService", "CreateProject", Coordinate),
        ("ProjectService", "ListTemplates", Read),
        ("ProjectService", "GetProject", Read),
        ("ProjectService", "ListProjects", Read),
        ("ProjectService", "UpdateProject", Coordinate),
        ("ProjectService", "PauseProject", Coordinate),
        ("ProjectService", "ResumeProject", Coordinate),
        ("ProjectService", "CompleteProject", Coordinate),
        ("ProjectService", "SettleDiagnostic", Coordinate),
        ("ProjectService", "ArchiveProject", Coordinate),
        ("ProjectService", "ImportPlan", Coordinate),
        ("ProjectService", "ListDiagnostics", Read),
        ("ProjectService", "GetInbox", Read),
        ("ProjectService", "GetBoard", Read),
        ("ProjectService", "GetCriticalPath", Read),
        ("ProjectService", "GetForecast", Read),
        ("ProjectService", "GetPolicies", Read),
        ("ProjectService", "SetPolicy", Coordinate),
        ("TaskService", "CreateTask", Coordinate),
        ("TaskService", "BatchCreateTasks", Coordinate),
        ("TaskService", "GetTask", Read),
        ("TaskService", "ListTasks", Read),
        ("TaskService", "UpdateTask", Coordinate),
        ("TaskService", "ExplainTask", Read),
        ("TaskService", "SplitTask", Coordinate),
        ("TaskService", "DeferTask", Coordinate),
        ("TaskService", "ReinstateTask", Coordinate),
        ("TaskService", "CancelTask", Coordinate),
        ("TaskService", "ReopenTask", Coordinate),
        ("TaskService", "RevokeClaim", Coordinate),
        ("TaskService", "ListReviews", Read),
        ("TaskService", "ApproveTask", File),
        ("TaskService", "RequestChanges", File),
        ("TaskService", "AddDependency", Coordinate),
        ("TaskService", "RemoveDependency", Coordinate),
        ("TaskService", "WaiveDependency", Coordinate),
        ("TaskService", "AddTaskReference", Coordinate),
        ("TaskService", "RemoveTaskReference", Coordinate),
        ("TaskService", "SetTaskReferenceStatus", File),
        ("PhaseService", "CreatePhase", Coordinate),
        ("PhaseService", "UpdatePhase", Coordinate),
        ("PhaseService", "ListPhases", Read),
        ("PhaseService", "ClosePhase", Coordinate),
        ("PhaseService", "ReopenPhase", Coordinate),
        ("PhaseService", "SkipPhase", Coordinate),
        ("PhaseService", "OverridePhaseOrder", Coordinate),
        ("PhaseService", "MeetCriterion", Coordinate),
        ("PhaseService", "UpdateCriterion", Coordinate),
        ("GateService", "DefineGate", Coordinate),
        ("GateService", "UpdateGate", Coordinate),
        ("GateService", "RetireGate", Coordinate),
        ("GateService", "GetGate", Read),
        ("GateService", "ListGates", Read),
        ("GateService", "RunGate", File),
        ("GateService", "GetGateRun", Read),
        ("GateService", "ListGateRuns", Read),
        ("GateService", "SubmitResult", File),
        ("GateService", "SignOff", File),
        ("GateService", "WaiveGate", Coordinate),
        ("GateService", "ReportMetric", File),
        ("GateService", "ListMetrics", Read),
        ("QueueService", "ListBlockers", Read),
        ("QueueService", "OpenBlocker", Coordinate),
        ("QueueService", "ResolveBlocker", File),
        ("QueueService", "EscalateBlocker", File),
        ("QueueService", "UpdateBlocker", Coordinate),
        ("QueueService", "ListDiscovered", Read),
        ("QueueService", "UpdateDiscovered", File),
        ("QueueService", "TriageDiscovered", Coordinate),
        ("QueueService", "OpenDecision", Coordinate),
        ("QueueService", "UpdateDecision", Coordinate),
        ("QueueService", "ProposeDecision", File),
        ("QueueService", "Decide", Coordinate),
        ("QueueService", "SupersedeDecision", Coordinate),
        ("QueueService", "DeprecateDecision", Coordinate),
        ("QueueService", "RevisitTask", Coordinate),
        ("QueueService", "ListDecisions", Read),
        ("RegisterService", "CreateDeliverable", Coordinate),
        ("RegisterService", "UpdateDeliverable", Coordinate),
        ("RegisterService", "ListDeliverables", Read),
        ("RegisterService", "SubmitDeliverable", File),
        ("RegisterService", "AcceptDeliverable", File),
        ("RegisterService", "RejectDeliverable", File),
        ("RegisterService", "CreateMilestone", Coordinate),
        ("RegisterService", "UpdateMilestone", Coordinate),
        ("RegisterService", "ListMilestones", Read),
        ("RegisterService", "TickMilestone", Coordinate),
        ("RegisterService", "ReachMilestone", Coordinate),
        ("RegisterService", "MissMilestone", Coordinate),
        ("RegisterService", "CreateRisk", Coordinate),
        ("RegisterService", "UpdateRisk", Coordinate),
        ("RegisterService", "ListRisks", Read),
        ("RegisterService", "MoveRisk", Coordinate),
        ("RuleService", "AddRule", Coordinate),
        ("RuleService", "EndRule", Coordinate),
        ("RuleService", "ListRules", Read),
        ("RegisterService", "CreateIntegrationPoint", Coordinate),
        ("RegisterService", "UpdateIntegrationPoint", Coordinate),
        ("RegisterService", "ListIntegrationPoints", Read),
        ("RegisterService", "ConfirmIntegrationPoint", Coordinate),
        ("RegisterService", "TestIntegrationPoint", File),
        ("RegisterService", "FailIntegrationPoint", File),
        ("RegisterService", "WithdrawIntegrationPoint", Coordinate),
        ("RegisterService", "CreateRollout", Coordinate),
        ("RegisterService", "UpdateRollout", Coordinate),
        ("RegisterService", "ListRollouts", Read),
        ("RegisterService", "TestRollback", File),
        ("RegisterService", "StartRollout", Coordinate),
        ("RegisterService", "TickRolloutStep", File),
        ("RegisterService", "EndRollout", Coordinate),
        ("RegisterService", "CreateAssignment", Coordinate),
        ("RegisterService", "UpdateAssignment", Coordinate),
        ("RegisterService", "ListAssignments", Read),
        ("RegisterService", "EndAssignment", Coordinate),
        ("SprintService", "PlanSprint", Coordinate),
        ("SprintService", "CommitSprint", Coordinate),
        ("SprintService", "ChangeSprint", Coordinate),
        ("SprintService", "UpdateSprint", Coordinate),
        ("SprintService", "WithdrawSprint", Coordinate),
        ("SprintService", "CloseSprint", Coordinate),
        ("SprintService", "ListSprints", Read),
        ("WorkflowService", "DefineWorkflow", Coordinate),
        ("WorkflowService", "RetireWorkflow", Coordinate),
        ("WorkflowService", "GetWorkflow", Read),
        ("WorkflowService", "ListWorkflows", Read),
        ("WorkflowService", "StartWorkflow", Coordinate),
        ("WorkflowService", "ProvideInput", Coordinate),
        ("WorkflowService", "AttestWorkflowCriterion", File),
        ("WorkflowService", "SignWorkflow", File),
        ("WorkflowService", "FinishWorkflow", Coordinate),
        ("WorkflowService", "CancelWorkflowRun", Coordinate),
        ("WorkflowService", "GetWorkflowRun", Read),
        ("WorkflowService", "ListWorkflowRuns", Read),
        ("CeremonyService", "GetStandup", Read),
        ("CeremonyService", "SubmitStandup", File),
        ("CeremonyService", "GetStandupDay", Read),
        ("CeremonyService", "ListStandupDays", Read),
        ("CeremonyService", "GenerateReport", Read),
        ("CeremonyService", "RunChecklist", Coordinate),
        ("CeremonyService", "GetChecklistRun", Read),
        ("CeremonyService", "ListChecklistRuns", Read),
        ("CeremonyService", "TickItem", File),
        ("CeremonyService", "GetChecklist", Read),
        ("CeremonyService", "SetChecklist", Coordinate),
        ("CeremonyService", "PublishReport", Coordinate),
        ("CeremonyService", "ListReports", Read),
        ("CeremonyService", "GetReport", Read),
        ("CeremonyService", "SetSchedule", Coordinate),
        ("CeremonyService", "GetSchedule", Read),
        ("CeremonyService", "ListSchedules", Read),
        ("CeremonyService", "ListScheduleTimes", Read),
        ("CeremonyService", "RemoveSchedule", Coordinate),
        ("CeremonyService", "PauseSchedule", Coordinate),
        ("CeremonyService", "ResumeSchedule", Coordinate),
        ("CeremonyService", "RunSchedule", Coordinate),
        ("CeremonyService", "ListChannels", Read),
        ("CeremonyService", "TestChannel", Coordinate),
        ("CeremonyService", "RedeliverReport", Coordinate),
        ("PhaseService", "SetRoleWindow", Coordinate),
        ("PhaseService", "ListRoleWindows", Read),
        ("AgentService", "RegisterAgent", Coordinate),
        ("AgentService", "GetAgent", Read),
        ("AgentService", "ListAgents", Read),
        ("AgentService", "RetireAgent", Coordinate),
        ("AgentService", "ListRoles", Read),
        ("AgentService", "AddRole", Coordinate),
        ("AgentService", "UpdateRole", Coordinate),
        ("AgentService", "ListSessions", Read),
        ("AgentService", "GetSession", Read),
        ("EventService", "ListEvents", Read),
        ("EventService", "WatchEvents", Read),
        ("AdminService", "CreateToken", Coordinate),
        ("AdminService", "ListTokens", Coordinate),
        ("AdminService", "RevokeToken", Coordinate),
        ("AdminService", "VerifyLog", Coordinate),
        ("AdminService", "GetStatus", Read),
        ("AdminService", "CreateBackup", Coordinate),
    ]
};

/// What the path of a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Health and reflection: nobody is asked who they are.
    Open,
    /// A method of ours, by its row in the table.
    Method(usize),
    /// No method we know; the router answers that.
    Unknown,
}

/// What a request's path (`/muster.v1.TaskService/GetTask`) asks for.
pub(super) fn wanted(path: &str) -> Wanted {
    let Some(rest) = path.strip_prefix("/muster.v1.") else {
        return Wanted::Open;
    };
    let is_row = |service: &str, method: &str| {
        TABLE
            .iter()
            .position(|(s, m, _)| *s == service && *m == method)
    };
    let row = rest
        .split_once('/')
        .and_then(|(service, method)| is_row(service, method));
    row.map_or(Wanted::Unknown, Wanted::Method)
}

/// Who calls, from the token alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    /// Who acts, as events record it.
    pub actor: Actor,
    /// The one project it may see; none = all.
    pub project: Option<Arc<str>>,
    /// The public part of its token.
    pub token: Arc<str>,
}

impl Caller {
    /// The agent's name, when an agent calls.
    pub(super) fn agent(&self) -> Option<&str> {
        self.actor.agent().map(AsRef::as_ref)
    }

    fn of(token: &Token) -> Self {
        let (actor, project) = match &token.principal {
            Principal::Coordinator { name } => (Actor::Coordinator(Arc::clone(name)), None),
            Principal::Agent { name, project } => {
                (Actor::Agent(Arc::clone(name)), Some(Arc::clone(project)))
            }
            Principal::Observer { name, project } => {
                (Actor::Observer(Arc::clone(name)), project.clone())
            }
        };
        Self {
            actor,
            project,
            token: Arc::clone(&token.id),
        }
    }

    /// Whether its token is still good, for calls that go on for long.
    pub(super) fn is_welcome(&self, engine: &EngineHandle) -> bool {
        let registry = engine.registry();
        let token = registry.token(&self.token);
        token.is_some_and(|token| token.revoked_at.is_none())
    }

    /// The coordinator that a daemon starts with, acting within its process: it has no token.
    pub(super) fn in_process() -> Self {
        Self {
            actor: Actor::Coordinator("coordinator".into()),
            project: None,
            token: "".into(),
        }
    }

    /// Whether the permission is granted, by what kind of principal this is.
    pub(super) fn may(&self, permission: Permission) -> bool {
        match (permission, &self.actor) {
            (Permission::Read, _)
            | (Permission::Work | Permission::File, Actor::Agent(_))
            | (Permission::File | Permission::Coordinate, Actor::Coordinator(_)) => true,
            (
                Permission::Work | Permission::File | Permission::Coordinate,
                Actor::Agent(_) | Actor::Coordinator(_) | Actor::Observer(_) | Actor::System,
            ) => false,
        }
    }
}

/// The caller that an `authorization` header names, if its token is good and its agent still there.
pub(super) fn authenticate(engine: &EngineHandle, header: Option<&[u8]>) -> Result<Caller, Status> {
    let bearer = header
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| {
            status::unauthenticated(
                "this call carries no token; set MUSTER_TOKEN, or ask the coordinator for one",
            )
        })?;
    let registry = engine.registry();
    let token = token::find(&registry, bearer).ok_or_else(|| {
        status::unauthenticated("this token is unknown or was revoked; ask the coordinator for one")
    })?;
    let caller = Caller::of(token);
    if let (Some(agent), Some(project)) = (caller.agent(), &caller.project) {
        let plan = engine.plan(project);
        let retired = plan
            .as_ref()
            .and_then(|plan| plan.agent(agent))
            .is_none_or(|agent| agent.retired);
        if retired {
            return Err(status::denied(format!(
                "the agent {agent} left the project {project}"
            )));
        }
    }
    Ok(caller)
}

/// Refuses a caller that is not of the kind a method is for.
pub(super) fn authorize(
    caller: &Caller,
    method: &str,
    permission: Permission,
) -> Result<(), Status> {
    if caller.may(permission) {
        return Ok(());
    }
    let whom = match permission {
        Permission::Read => "everybody",
        Permission::Work => "agents; register one and use its token",
        Permission::File => "agents and coordinators",
        Permission::Coordinate => "coordinators; ask yours",
    };
    let refusal = Refusal::new(
        Reason::NotAllowed,
        format!("{method} is for {whom}; you are {}", caller.actor),
    )
    .fact("method", method)
    .fact("principal", &caller.actor);
    Err(status::refused(&refusal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::time::Timestamp;
    use prost::Message as _;
    use std::collections::BTreeSet;

    fn caller(principal: Principal) -> Caller {
        Caller::of(&Token {
            id: "t".into(),
            secret_hash: "h".into(),
            principal,
            issued_at: Timestamp(0),
            revoked_at: None,
        })
    }

    fn methods_served() -> BTreeSet<(String, String)> {
        let set =
            prost_types::FileDescriptorSet::decode(muster_proto::v1::FILE_DESCRIPTOR_SET).unwrap();
        set.file
            .iter()
            .filter(|file| file.package() == "muster.v1")
            .flat_map(|file| &file.service)
            .flat_map(|service| {
                service
                    .method
                    .iter()
                    .map(|method| (service.name().to_owned(), method.name().to_owned()))
            })
            .collect()
    }

    #[test]
    fn every_method_has_one_row_and_every_row_a_method() {
        let rows: Vec<(String, String)> = TABLE
            .iter()
            .map(|(service, method, _)| ((*service).to_owned(), (*method).to_owned()))
            .collect();
        let distinct: BTreeSet<(String, String)> = rows.iter().cloned().collect();
        assert_eq!(rows.len(), distinct.len(), "a method has two rows");
        assert_eq!(distinct, methods_served());
    }

    #[test]
    fn what_changes_a_plan_is_never_for_observers() {
        let observer = caller(Principal::Observer {
            name: "eve".into(),
            project: None,
        });
        let reading = ["Get", "List", "Explain", "Watch", "Generate"];
        for (_, method, permission) in TABLE {
            let reads = reading.iter().any(|verb| method.starts_with(verb));
            if observer.may(*permission) {
                assert!(reads, "{method}");
            }
        }
    }

    #[test]
    fn an_agent_works_and_never_coordinates() {
        let agent = caller(Principal::Agent {
            name: "dev-1".into(),
            project: "shop".into(),
        });
        let coordinator = caller(Principal::Coordinator { name: "ann".into() });
        assert!(agent.may(Permission::Work) && agent.may(Permission::File));
        assert!(!agent.may(Permission::Coordinate));
        assert!(coordinator.may(Permission::Coordinate) && coordinator.may(Permission::File));
        assert!(!coordinator.may(Permission::Work));
        let status = authorize(&agent, "CancelTask", Permission::Coordinate).unwrap_err();
        assert_eq!(status.code(), tonic::Code::PermissionDenied);
    }

    #[test]
    fn a_path_leads_to_its_row() {
        let Wanted::Method(row) = wanted("/muster.v1.TaskService/GetTask") else {
            panic!("it is a method of ours");
        };
        assert_eq!(TABLE[row], ("TaskService", "GetTask", Permission::Read));
        assert_eq!(wanted("/muster.v1.TaskService/DropTable"), Wanted::Unknown);
        assert_eq!(wanted("/muster.v1.TaskService"), Wanted::Unknown);
        assert_eq!(wanted("/grpc.health.v1.Health/Check"), Wanted::Open);
    }
}
