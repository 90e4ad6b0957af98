//! The demo's coordinator: a client like any other that looks at its inbox, thinks, and settles one thing
//! at a time. It acts only on what the inbox says.

use std::collections::BTreeSet;

use muster_proto::v1 as wire;
use muster_proto::v1::triage_discovered_request::Verdict;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::pace::Pace;
use super::plan::{answer_to, decide};
use crate::cli::Failure;
use crate::operate::wire::{Wire, refused, request_id};

/// The coordinator at work.
pub(super) struct Coordinator {
    wire: Wire,
    pace: Pace,
    /// What it has looked at and can do nothing about.
    set_aside: BTreeSet<String>,
}

impl Coordinator {
    pub(super) fn new(wire: Wire, pace: Pace) -> Self {
        Self {
            wire,
            pace,
            set_aside: BTreeSet::new(),
        }
    }

    /// Settles what the inbox brings until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) -> Result<(), Failure> {
        while !stop.is_cancelled() {
            match self.next_item().await? {
                Some(item) => {
                    sleep(self.pace.thought()).await;
                    self.settle(&item).await?;
                }
                None => {
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => {}
                        () = sleep(self.pace.glance()) => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// The oldest thing in the inbox that can be settled now.
    async fn next_item(&self) -> Result<Option<wire::InboxItem>, Failure> {
        let inbox = self
            .wire
            .projects()
            .get_inbox(wire::GetInboxRequest::default())
            .await;
        let inbox = inbox.map_err(|status| no("GetInbox", &status))?;
        for item in inbox.into_inner().items {
            if self.set_aside.contains(&item.id) {
                continue;
            }
            // A decision is worth the coordinator's time once nothing else holds its tasks up.
            if item.kind() == wire::InboxKind::Decision && !self.is_pressing(&item.id).await? {
                continue;
            }
            return Ok(Some(item));
        }
        Ok(None)
    }

    async fn is_pressing(&self, decision: &str) -> Result<bool, Failure> {
        let listed = self
            .wire
            .queues()
            .list_decisions(wire::ListDecisionsRequest::default())
            .await;
        let listed = listed.map_err(|status| no("ListDecisions", &status))?;
        let decisions = listed.into_inner().decisions;
        let Some(found) = decisions.iter().find(|found| found.id == decision) else {
            return Ok(false);
        };
        for task in &found.blocks {
            let request = wire::ExplainTaskRequest {
                task: task.clone(),
                ..Default::default()
            };
            let explained = self.wire.tasks().explain_task(request).await;
            let explained = explained.map_err(|status| no("ExplainTask", &status))?;
            let reasons = explained.into_inner().reasons;
            if reasons.iter().any(|reason| reason.code != "DECISION_OPEN") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn settle(&mut self, item: &wire::InboxItem) -> Result<(), Failure> {
        match item.kind() {
            wire::InboxKind::Criterion => self.meet_criteria().await,
            wire::InboxKind::Question => self.resolve(&item.id, answer_to(&item.title)).await,
            wire::InboxKind::Parked | wire::InboxKind::Blocker => {
                self.resolve(&item.id, "Looked at it; it can be tried again")
                    .await
            }
            wire::InboxKind::Decision => self.decide(item).await,
            wire::InboxKind::Discovered => self.triage(&item.id).await,
            wire::InboxKind::PhaseToClose => self.close_phase(&item.id).await,
            // The plan of the demonstration has no registers, gates, reviews and workflows.
            wire::InboxKind::Deliverable
            | wire::InboxKind::Milestone
            | wire::InboxKind::Sprint
            | wire::InboxKind::OverdueMilestone
            | wire::InboxKind::SkillWithoutAgent
            | wire::InboxKind::RoleWithoutAgent
            | wire::InboxKind::ProjectToComplete
            | wire::InboxKind::Revisit
            | wire::InboxKind::Review
            | wire::InboxKind::Gate
            | wire::InboxKind::Integration
            | wire::InboxKind::Rollout
            | wire::InboxKind::References
            | wire::InboxKind::Workflow
            | wire::InboxKind::Checklist
            | wire::InboxKind::Mark
            | wire::InboxKind::Unspecified => {
                self.set_aside.insert(item.id.clone());
                Ok(())
            }
        }
    }

    async fn resolve(&self, blocker: &str, resolution: &str) -> Result<(), Failure> {
        let request = wire::ResolveBlockerRequest {
            request_id: request_id()?,
            blocker: blocker.to_owned(),
            resolution: resolution.to_owned(),
            ..Default::default()
        };
        let resolved = self.wire.queues().resolve_blocker(request).await;
        resolved.map_err(|status| no("ResolveBlocker", &status))?;
        Ok(())
    }

    async fn decide(&self, item: &wire::InboxItem) -> Result<(), Failure> {
        let (answer, rationale) = decide(&item.title);
        let request = wire::DecideRequest {
            request_id: request_id()?,
            decision: item.id.clone(),
            answer: answer.to_owned(),
            rationale: rationale.to_owned(),
            ..Default::default()
        };
        let decided = self.wire.queues().decide(request).await;
        decided.map_err(|status| no("Decide", &status))?;
        Ok(())
    }

    /// Promotes what an agent found urgent and placed in a phase; the rest can wait.
    async fn triage(&self, id: &str) -> Result<(), Failure> {
        let listed = self
            .wire
            .queues()
            .list_discovered(wire::ListDiscoveredRequest::default())
            .await;
        let listed = listed.map_err(|status| no("ListDiscovered", &status))?;
        let listed = listed.into_inner().discovered;
        let Some(found) = listed.into_iter().find(|found| found.id == id) else {
            return Ok(());
        };
        let (verdict, note) = if found.priority <= 1 && !found.suggested_phase.is_empty() {
            let promote = wire::PromoteDiscovered {
                estimate: "30 min".to_owned(),
                ..Default::default()
            };
            (Verdict::Promote(promote), "We cannot launch without it")
        } else {
            (Verdict::Defer(wire::DeferDiscovered {}), "After the launch")
        };
        let request = wire::TriageDiscoveredRequest {
            request_id: request_id()?,
            discovered: id.to_owned(),
            verdict: Some(verdict),
            note: note.to_owned(),
            ..Default::default()
        };
        let triaged = self.wire.queues().triage_discovered(request).await;
        triaged.map_err(|status| no("TriageDiscovered", &status))?;
        Ok(())
    }

    /// Meets the open criteria of phases whose tasks are all finished, on the evidence of those tasks.
    async fn meet_criteria(&self) -> Result<(), Failure> {
        let listed = self
            .wire
            .phases()
            .list_phases(wire::ListPhasesRequest::default())
            .await;
        let listed = listed.map_err(|status| no("ListPhases", &status))?;
        let phases = listed.into_inner().phases;
        for phase in phases
            .iter()
            .filter(|phase| phase.status() == wire::PhaseStatus::Gating)
        {
            let evidence = self.evidence(&phase.id).await?;
            for criterion in phase.criteria.iter().filter(|criterion| !criterion.met) {
                let request = wire::MeetCriterionRequest {
                    request_id: request_id()?,
                    phase: phase.id.clone(),
                    criterion: criterion.number,
                    evidence: evidence.clone(),
                    ..Default::default()
                };
                let met = self.wire.phases().meet_criterion(request).await;
                met.map_err(|status| no("MeetCriterion", &status))?;
            }
        }
        Ok(())
    }

    /// How the phase's tasks were shown to work, the last ones first to be read.
    async fn evidence(&self, phase: &str) -> Result<String, Failure> {
        let request = wire::ListTasksRequest {
            phase: phase.to_owned(),
            statuses: vec![wire::TaskStatus::Completed.into()],
            ..Default::default()
        };
        let listed = self.wire.tasks().list_tasks(request).await;
        let listed = listed.map_err(|status| no("ListTasks", &status))?;
        let shown: Vec<String> = listed
            .into_inner()
            .tasks
            .iter()
            .rev()
            .take(2)
            .filter_map(|task| {
                let done = task.completion.as_ref()?;
                Some(format!("{}: {}", task.id, done.verification))
            })
            .collect();
        Ok(shown.join("; "))
    }

    async fn close_phase(&self, phase: &str) -> Result<(), Failure> {
        let request = wire::ClosePhaseRequest {
            request_id: request_id()?,
            phase: phase.to_owned(),
            ..Default::default()
        };
        let closed = self.wire.phases().close_phase(request).await;
        closed.map_err(|status| no("ClosePhase", &status))?;
        Ok(())
    }
}

fn no(what: &str, status: &Status) -> Failure {
    refused("the coordinator", what, status)
}
