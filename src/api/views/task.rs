//! A task as a message.

use std::sync::Arc;

use muster_proto::v1 as wire;

use super::super::{enums, reference};
use super::{View, names, texts, time, time_ms};
use crate::plan::TaskView;
use crate::plan::event::{Dependency, On, Text};
use crate::plan::evidence::EvidenceKind;
use crate::plan::id::TaskId;
use crate::plan::model::{Completion, Lease, Review};
use crate::plan::stages::{StageState, Stages};

impl View<'_> {
    /// A task; none when there is no such task.
    pub(in super::super) fn task(&self, id: TaskId) -> Option<wire::Task> {
        self.plan.task(id).map(|task| self.task_of(task))
    }

    /// A task that was looked up already.
    pub(in super::super) fn task_of(&self, task: TaskView<'_>) -> wire::Task {
        let TaskView { id, spec, state } = task;
        let phase = self.plan.phase(spec.phase);
        let session_minutes = self
            .plan
            .project()
            .map_or(60, |project| project.settings.session_minutes);
        let blocked = self.plan.is_blocked(id);
        wire::Task {
            id: id.to_string(),
            title: spec.title.to_string(),
            phase: phase.map_or_else(String::new, |phase| phase.id.to_string()),
            phase_name: phase.map_or_else(String::new, |phase| phase.name.to_string()),
            status: enums::task_status(state.status).into(),
            role: self.plan.role_slug(state.role).to_owned(),
            own_role: spec.role.map_or_else(String::new, |role| {
                self.plan.role_slug(Some(role)).to_owned()
            }),
            priority: spec.priority.into(),
            ready: self.plan.is_ready(id),
            blocked: self.plan.is_held_up(id),
            phase_blocked: self.plan.phase_is_blocked(spec.phase) && !state.status.is_terminal(),
            area: spec.area.to_string(),
            estimate: spec
                .estimate
                .map_or_else(String::new, |estimate| estimate.to_string()),
            estimate_minutes: spec
                .estimate
                .map_or(0, |estimate| estimate.minutes(session_minutes)),
            description: spec.description.to_string(),
            notes: spec.notes.to_string(),
            acceptance: texts(&spec.acceptance),
            skills: texts(&spec.skills),
            aliases: texts(&spec.aliases),
            dependencies: spec
                .dependencies
                .iter()
                .map(|dependency| self.dependency(task, dependency))
                .collect(),
            references: self
                .plan
                .references_of(id)
                .iter()
                .map(reference::reference)
                .collect(),
            holder: state.lease.as_ref().map(|lease| self.holder(id, lease)),
            completion: state
                .completion
                .as_deref()
                .map(|done| self.completion(done)),
            origin: spec
                .origin
                .map_or_else(String::new, |origin| origin.to_string()),
            attempts: state.attempt,
            strikes: state.strikes.into(),
            ordinal: spec.ordinal,
            reason: state
                .reason
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            started_at: state.started_at.map(time),
            created_at: Some(time(spec.created_at)),
            revision: state.revision,
            // Looked up where a task is shown by itself.
            updated_at: None,
            updated_by: String::new(),
            open_blockers: self.open_blockers_of(id, blocked),
            open_decisions: self.open_decisions_of(id, blocked),
            checks: names(state.checks),
            split_from: spec
                .split_from()
                .map_or_else(String::new, |from| from.to_string()),
            split_into: spec.split_into().iter().map(TaskId::to_string).collect(),
            too_large: self.plan.is_too_large(spec),
            needs_review: self.plan.needs_review(id),
            own_review: enums::review_need(spec.review).into(),
            review: self.plan.review(id).map(|it| self.review(it)),
            stages: self.plan.stages(id).map(stages),
        }
    }

    fn open_blockers_of(&self, id: TaskId, blocked: bool) -> Vec<String> {
        let open = self
            .plan
            .blockers_of(id)
            .filter(|blocker| blocked && blocker.status.is_open());
        open.map(|blocker| blocker.id.to_string()).collect()
    }

    fn open_decisions_of(&self, id: TaskId, blocked: bool) -> Vec<String> {
        let open = self
            .plan
            .decisions_of(id)
            .filter(|decision| blocked && decision.answer.is_none());
        open.map(|decision| decision.id.to_string()).collect()
    }

    fn dependency(&self, task: TaskView<'_>, dependency: &Dependency) -> wire::Dependency {
        use wire::dependency_target::On as Target;
        let (target, label) = match &dependency.on {
            On::Task(on) => (Target::Task(on.to_string()), on.to_string()),
            On::Phase(phase) => (Target::Phase(phase.to_string()), format!("phase {phase}")),
            On::AllAbove => (Target::AllAbove(true), "all above".to_owned()),
        };
        wire::Dependency {
            on: Some(wire::DependencyTarget { on: Some(target) }),
            label,
            satisfied: self.plan.is_met(task.id, task.spec, dependency),
            waived: task.spec.waived.contains(&dependency.on),
            in_force: dependency.in_force,
        }
    }

    fn holder(&self, id: TaskId, lease: &Arc<Lease>) -> wire::Holder {
        let is_own = self.agent == Some(lease.agent.as_ref());
        let fact = self.engine.lease_fact(self.project, id);
        wire::Holder {
            agent: lease.agent.to_string(),
            session: lease.session.to_string(),
            attempt: lease.attempt,
            fence: if is_own { lease.fence } else { 0 },
            claimed_at: Some(time(lease.claimed_at)),
            expires_at: fact.as_ref().map(|fact| {
                let remaining = i64::try_from(fact.remaining_ms).unwrap_or(i64::MAX);
                time_ms(self.now_ms.saturating_add(remaining))
            }),
            progress: lease
                .progress
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            last_beat_at: fact.as_ref().map(|fact| time_ms(fact.last_beat_ms)),
        }
    }

    /// When a task's lease runs out unless it is renewed; none when nobody holds it.
    pub(in super::super) fn expires_at(&self, id: TaskId) -> Option<prost_types::Timestamp> {
        let lease = self.plan.task(id)?.state.lease.as_ref()?;
        self.holder(id, lease).expires_at
    }

    fn completion(&self, completion: &Completion) -> wire::Completion {
        let approval = completion.approval.as_ref();
        let is_own = self.agent.is_some() && self.agent == completion.agent.as_deref();
        wire::Completion {
            at: Some(time(completion.at)),
            agent: completion
                .agent
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            session: completion
                .session
                .map_or_else(String::new, |session| session.to_string()),
            summary: completion.summary.to_string(),
            verification: completion.verification.to_string(),
            held_ms: completion.held_ms,
            open_checks: names(completion.open_checks),
            fence: if is_own { completion.fence } else { 0 },
            evidence: texts(&completion.evidence),
            evidence_kinds: evidence_kinds(&completion.evidence),
            technologies: texts(&completion.technologies),
            tests_passed_percent: completion.tests_passed_percent.map(u32::from),
            accepted: completion.accepted.to_vec(),
            approved_by: approval.map_or_else(String::new, |it| it.by.to_string()),
            approval_note: approval.map_or_else(String::new, |it| it.note.to_string()),
        }
    }

    fn review(&self, review: &Review) -> wire::Review {
        let is_own = self.agent == Some(&*review.author);
        let checks = review.gate_checks.iter().map(|check| wire::SubmittedCheck {
            gate: check.gate.to_string(),
            command: check.command.to_string(),
            passed: check.outcome.passed,
            value: check
                .outcome
                .value
                .as_ref()
                .map_or_else(String::new, |value| value.to_string()),
            evidence: check.outcome.evidence.to_string(),
        });
        wire::Review {
            author: review.author.to_string(),
            session: review.session.to_string(),
            attempt: review.attempt,
            submitted_at: Some(time(review.at)),
            summary: review.summary.to_string(),
            verification: review.verification.to_string(),
            evidence: texts(&review.evidence),
            evidence_kinds: evidence_kinds(&review.evidence),
            technologies: texts(&review.technologies),
            tests_passed_percent: review.tests_passed_percent.map(u32::from),
            accepted: review.accepted.to_vec(),
            gate_checks: checks.collect(),
            open_checks: names(review.open_checks),
            fence: if is_own { review.fence } else { 0 },
        }
    }
}

/// Beside each line of evidence its kind.
fn evidence_kinds(evidence: &[Text]) -> Vec<i32> {
    let kinds = evidence.iter().map(|line| EvidenceKind::of(line));
    kinds
        .map(|kind| enums::evidence_kind(kind).into())
        .collect()
}

fn stages(stages: Stages) -> wire::TaskStages {
    wire::TaskStages {
        pre_check: stage(stages.pre).into(),
        work: stage(stages.work).into(),
        post_check: stage(stages.post).into(),
        pre_missing: names(stages.pre_missing),
        post_missing: names(stages.post_missing),
    }
}

fn stage(state: StageState) -> wire::StageStatus {
    match state {
        StageState::Pending => wire::StageStatus::Pending,
        StageState::InProgress => wire::StageStatus::InProgress,
        StageState::Done => wire::StageStatus::Done,
        StageState::Owed => wire::StageStatus::Owed,
        StageState::Failed => wire::StageStatus::Failed,
        StageState::Skipped => wire::StageStatus::Skipped,
    }
}
