//! The blocked queue, the discovered queue and open decisions.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::as_of::let_go;
use super::call::Call;
use super::validate::{bad, estimate, id, priority, required, targets};
use super::views;
use super::work::find;
use super::{Api, enums, task};
use crate::plan::Command;
use crate::plan::command::{NewBlocker, Ruling, Verdict};
use crate::plan::event::{Event, Triage};
use crate::plan::id::{BlockerId, DecisionId, DiscoveredId};
use crate::plan::model::Blocker;

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl wire::queue_service_server::QueueService for Api {
    async fn list_blockers(
        &self,
        request: Request<wire::ListBlockersRequest>,
    ) -> Answered<wire::ListBlockersResponse> {
        let (call, as_of) = self.open_as_of(request).await?;
        let page = self.page("blockers", call.body.page_size, &call.body.page_token)?;
        let after: Option<BlockerId> = page.after()?;
        let all: Box<dyn Iterator<Item = &Blocker> + Send> = match call.body.task.trim() {
            "" if call.body.include_settled => Box::new(call.plan.blockers()),
            "" => Box::new(call.plan.open_blockers()),
            task => {
                let settled = call.body.include_settled;
                let of_task = call.plan.blockers_of(task::resolve(&call.plan, task)?);
                Box::new(of_task.filter(move |blocker| settled || blocker.status.is_open()))
            }
        };
        let rest = all.filter(|blocker| after.is_none_or(|after| blocker.id > after));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (blockers, next_page_token) = page.fill(
            rest,
            |blocker| blocker.id.to_string(),
            |blocker| view.blocker(blocker),
        );
        let (version, recorded_at) = (call.plan.version(), call.plan.last_at());
        let_go(call.plan, as_of);
        Ok(Response::new(wire::ListBlockersResponse {
            blockers,
            next_page_token,
            version,
            recorded_at: Some(views::time(recorded_at)),
        }))
    }

    async fn open_blocker(
        &self,
        request: Request<wire::OpenBlockerRequest>,
    ) -> Answered<wire::OpenBlockerResponse> {
        let call = self.open(request)?;
        let body = &call.body;
        if body.tasks.is_empty() && body.phase.trim().is_empty() {
            return Err(bad(
                "tasks",
                "is missing; name what is held up: tasks or a phase",
            ));
        }
        let blocker = NewBlocker {
            kind: enums::read_blocker_kind(body.kind)?,
            tasks: body.tasks.clone(),
            phase: body.phase.clone(),
            fence: 0,
            reason: required("reason", body.reason.clone())?,
            owner: body.owner.clone(),
            resolution_path: body.resolution_path.clone(),
            severity: enums::read_severity(body.severity)?,
            keep_lease: false,
        };
        let command = Command::OpenBlocker(Box::new(blocker));
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::BlockerOpened(opened) => Some(opened.blocker),
            _ => None,
        })?;
        let blocker = self
            .view(&call.project, &answer.plan, &call.caller)
            .blocker_named(id);
        Ok(Response::new(wire::OpenBlockerResponse { blocker }))
    }

    async fn resolve_blocker(
        &self,
        request: Request<wire::ResolveBlockerRequest>,
    ) -> Answered<wire::ResolveBlockerResponse> {
        let call = self.open(request)?;
        let blocker: BlockerId = id("blocker", &call.body.blocker)?;
        let resolution = call.body.resolution.clone();
        let command = Command::ResolveBlocker {
            blocker,
            resolution: if call.body.withdraw {
                resolution
            } else {
                required("resolution", resolution)?
            },
            withdraw: call.body.withdraw,
        };
        let answer = self.submit(&call, command).await?;
        let blocker = self
            .view(&call.project, &answer.plan, &call.caller)
            .blocker_named(blocker);
        Ok(Response::new(wire::ResolveBlockerResponse { blocker }))
    }

    async fn escalate_blocker(
        &self,
        request: Request<wire::EscalateBlockerRequest>,
    ) -> Answered<wire::EscalateBlockerResponse> {
        let call = self.open(request)?;
        let blocker: BlockerId = id("blocker", &call.body.blocker)?;
        let command = Command::EscalateBlocker {
            blocker,
            reason: required("reason", call.body.reason.clone())?,
            owner: call.body.owner.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let blocker = self
            .view(&call.project, &answer.plan, &call.caller)
            .blocker_named(blocker);
        Ok(Response::new(wire::EscalateBlockerResponse { blocker }))
    }

    async fn update_blocker(
        &self,
        request: Request<wire::UpdateBlockerRequest>,
    ) -> Answered<wire::UpdateBlockerResponse> {
        let call = self.open(request)?;
        call.update_blocker(self).await.map(Response::new)
    }

    async fn update_discovered(
        &self,
        request: Request<wire::UpdateDiscoveredRequest>,
    ) -> Answered<wire::UpdateDiscoveredResponse> {
        let call = self.open(request)?;
        call.update_discovered(self).await.map(Response::new)
    }

    async fn update_decision(
        &self,
        request: Request<wire::UpdateDecisionRequest>,
    ) -> Answered<wire::UpdateDecisionResponse> {
        let call = self.open(request)?;
        call.update_decision(self).await.map(Response::new)
    }

    async fn list_discovered(
        &self,
        request: Request<wire::ListDiscoveredRequest>,
    ) -> Answered<wire::ListDiscoveredResponse> {
        let call = self.open(request)?;
        let page = self.page("discovered", call.body.page_size, &call.body.page_token)?;
        let after: Option<DiscoveredId> = page.after()?;
        let rest = call
            .plan
            .discovered()
            .filter(|found| call.body.include_triaged || found.triage.is_none())
            .filter(|found| after.is_none_or(|after| found.id > after));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (discovered, next_page_token) = page.fill(
            rest,
            |found| found.id.to_string(),
            |found| view.discovered(found),
        );
        Ok(Response::new(wire::ListDiscoveredResponse {
            discovered,
            next_page_token,
        }))
    }

    async fn triage_discovered(
        &self,
        request: Request<wire::TriageDiscoveredRequest>,
    ) -> Answered<wire::TriageDiscoveredResponse> {
        let call = self.open(request)?;
        let discovered: DiscoveredId = id("discovered", &call.body.discovered)?;
        let command = Command::TriageDiscovered {
            discovered,
            verdict: verdict(call.body.verdict.clone())?,
            note: call.body.note.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let became = answer
            .plan
            .discovered_task(discovered)
            .and_then(|found| match found.triage {
                Some(Triage::Promoted(task)) => view.task(task),
                _ => None,
            });
        Ok(Response::new(wire::TriageDiscoveredResponse {
            discovered: view.discovered_named(discovered),
            task: became,
        }))
    }

    async fn open_decision(
        &self,
        request: Request<wire::OpenDecisionRequest>,
    ) -> Answered<wire::OpenDecisionResponse> {
        let call = self.open(request)?;
        let command = Command::OpenDecision {
            question: required("question", call.body.question.clone())?,
            options: call.body.options.clone(),
            blocks: call.body.blocks.clone(),
            phases: call.body.phases.clone(),
            selectors: call.body.selectors.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::DecisionOpened(opened) => Some(opened.decision),
            _ => None,
        })?;
        let decision = self
            .view(&call.project, &answer.plan, &call.caller)
            .decision_named(id);
        Ok(Response::new(wire::OpenDecisionResponse { decision }))
    }

    async fn decide(
        &self,
        request: Request<wire::DecideRequest>,
    ) -> Answered<wire::DecideResponse> {
        let call = self.open(request)?;
        let decision: DecisionId = id("decision", &call.body.decision)?;
        let ruling = Box::new(Ruling {
            answer: required("answer", call.body.answer.clone())?,
            rationale: call.body.rationale.clone(),
            record_uri: call.body.record_uri.clone(),
            consequences: call.body.consequences.clone(),
        });
        let command = Command::Decide { decision, ruling };
        let decision = self.decision_after(&call, command, decision).await?;
        Ok(Response::new(wire::DecideResponse { decision }))
    }

    async fn propose_decision(
        &self,
        request: Request<wire::ProposeDecisionRequest>,
    ) -> Answered<wire::ProposeDecisionResponse> {
        let call = self.open(request)?;
        let decision: DecisionId = id("decision", &call.body.decision)?;
        let command = Command::ProposeDecision {
            decision,
            answer: required("answer", call.body.answer.clone())?,
            rationale: call.body.rationale.clone(),
        };
        let decision = self.decision_after(&call, command, decision).await?;
        Ok(Response::new(wire::ProposeDecisionResponse { decision }))
    }

    async fn supersede_decision(
        &self,
        request: Request<wire::SupersedeDecisionRequest>,
    ) -> Answered<wire::SupersedeDecisionResponse> {
        let call = self.open(request)?;
        let before: DecisionId = id("decision", &call.body.decision)?;
        let ruling = Box::new(Ruling {
            answer: required("answer", call.body.answer.clone())?,
            rationale: call.body.rationale.clone(),
            record_uri: call.body.record_uri.clone(),
            consequences: call.body.consequences.clone(),
        });
        let command = Command::SupersedeDecision {
            decision: before,
            question: call.body.question.clone(),
            ruling,
        };
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::DecisionOpened(opened) => Some(opened.decision),
            _ => None,
        })?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok(Response::new(wire::SupersedeDecisionResponse {
            decision: view.decision_named(id),
            superseded: view.decision_named(before),
        }))
    }

    async fn deprecate_decision(
        &self,
        request: Request<wire::DeprecateDecisionRequest>,
    ) -> Answered<wire::DeprecateDecisionResponse> {
        let call = self.open(request)?;
        let decision: DecisionId = id("decision", &call.body.decision)?;
        let command = Command::DeprecateDecision {
            decision,
            reason: required("reason", call.body.reason.clone())?,
        };
        let decision = self.decision_after(&call, command, decision).await?;
        Ok(Response::new(wire::DeprecateDecisionResponse { decision }))
    }

    async fn revisit_task(
        &self,
        request: Request<wire::RevisitTaskRequest>,
    ) -> Answered<wire::RevisitTaskResponse> {
        let call = self.open(request)?;
        let decision: DecisionId = id("decision", &call.body.decision)?;
        let command = Command::RevisitTask {
            decision,
            task: required("task", call.body.task.clone())?,
            note: required("note", call.body.note.clone())?,
        };
        let decision = self.decision_after(&call, command, decision).await?;
        Ok(Response::new(wire::RevisitTaskResponse { decision }))
    }

    async fn list_decisions(
        &self,
        request: Request<wire::ListDecisionsRequest>,
    ) -> Answered<wire::ListDecisionsResponse> {
        let call = self.open(request)?;
        let page = self.page("decisions", call.body.page_size, &call.body.page_token)?;
        let after: Option<DecisionId> = page.after()?;
        let rest = call
            .plan
            .decisions()
            .filter(|decision| call.body.include_decided || decision.answer.is_none())
            .filter(|decision| after.is_none_or(|after| decision.id > after));
        let (decisions, next_page_token) = page.fill(
            rest,
            |decision| decision.id.to_string(),
            |decision| views::decision(&call.plan, decision),
        );
        Ok(Response::new(wire::ListDecisionsResponse {
            decisions,
            next_page_token,
        }))
    }
}

impl Api {
    /// A decision after a command about it.
    async fn decision_after<T>(
        &self,
        call: &Call<T>,
        command: Command,
        decision: DecisionId,
    ) -> Result<Option<wire::Decision>, Status> {
        let answer = self.submit(call, command).await?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        Ok(view.decision_named(decision))
    }
}

fn verdict(verdict: Option<wire::triage_discovered_request::Verdict>) -> Result<Verdict, Status> {
    use wire::triage_discovered_request::Verdict as Wire;
    match verdict {
        None => Err(bad(
            "verdict",
            "is missing; promote, defer, reject, or name what it duplicates",
        )),
        Some(Wire::Promote(promote)) => Ok(Verdict::Promote {
            phase: promote.phase,
            role: promote.role,
            priority: priority(promote.priority)?,
            estimate: estimate("promote.estimate", &promote.estimate)?,
            dependencies: targets("promote.dependencies", promote.dependencies, None)?,
        }),
        Some(Wire::Defer(_)) => Ok(Verdict::Defer),
        Some(Wire::Reject(_)) => Ok(Verdict::Reject),
        Some(Wire::Duplicate(duplicate)) => {
            required("duplicate.of", duplicate.of).map(Verdict::Duplicate)
        }
    }
}
