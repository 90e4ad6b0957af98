//! Integration points and rollouts as messages, and what happened to them and to references in a sentence.

use muster_proto::v1 as wire;

use super::event::with_reason;
use super::gate::measure;
use super::project::day;
use super::{View, time};
use crate::plan::event::{Event, PointEnd, RolloutStatus, Sides};
use crate::plan::model::{IntegrationPoint, IntegrationStatus, Rollout};
use crate::plan::time::Timestamp;
use crate::report::integration::is_overdue;

impl View<'_> {
    /// An integration point.
    pub(in super::super) fn integration(&self, point: &IntegrationPoint) -> wire::IntegrationPoint {
        use wire::integration_point::Sides as Wire;
        let words = &point.words;
        let sides = match &words.sides {
            Sides::Internal { from, to } => Wire::Internal(wire::InternalSides {
                from: Some(end(from)),
                to: Some(end(to)),
            }),
            Sides::External { system, needed_by } => Wire::External(wire::ExternalSides {
                system: system.to_string(),
                needed_by: Some(end(needed_by)),
            }),
        };
        let status = match self.plan.integration_status(point) {
            IntegrationStatus::Pending => wire::IntegrationStatus::Pending,
            IntegrationStatus::Ready => wire::IntegrationStatus::Ready,
            IntegrationStatus::Tested => wire::IntegrationStatus::Tested,
            IntegrationStatus::Failed => wire::IntegrationStatus::Failed,
            IntegrationStatus::Dropped => wire::IntegrationStatus::Dropped,
        };
        let now = Timestamp(self.now_ms.max(self.plan.last_at().0));
        let confirmed = point.confirmed.as_ref();
        let test = point.test.as_ref();
        let said = test.map(|test| &test.said);
        let blocker = test.and_then(|test| test.blocker);
        wire::IntegrationPoint {
            id: point.id.to_string(),
            name: words.name.to_string(),
            sides: Some(sides),
            protocol: words.protocol.to_string(),
            test_strategy: words.test_strategy.to_string(),
            due_date: day(words.due),
            contact: words.contact.to_string(),
            status: status.into(),
            overdue: is_overdue(self.plan, point, now),
            confirmation: confirmed.map_or_else(String::new, |it| it.text.to_string()),
            confirmed_by: confirmed.map_or_else(String::new, |it| it.by.to_string()),
            confirmed_at: confirmed.map(|it| time(it.at)),
            result: said.map_or_else(String::new, |it| it.text.to_string()),
            tested_by: said.map_or_else(String::new, |it| it.by.to_string()),
            tested_at: said.map(|it| time(it.at)),
            blocker: blocker.map_or_else(String::new, |it| it.to_string()),
            next: self.plan.integration_next(point),
            withdrawn_reason: point
                .withdrawn
                .as_ref()
                .map_or_else(String::new, |it| it.text.to_string()),
            added_by: point.added_by.to_string(),
            added_at: Some(time(point.added_at)),
            revision: point.revision,
        }
    }

    /// A rollout.
    pub(in super::super) fn rollout(&self, rollout: &Rollout) -> wire::Rollout {
        let words = &rollout.words;
        let now = Timestamp(self.now_ms.max(self.plan.last_at().0));
        let lacks = if rollout.status.is_ahead() {
            self.plan.rollout_lacks(rollout, now)
        } else {
            Vec::new()
        };
        let lacks = lacks.into_iter().map(|it| wire::RolloutLack {
            subject: it.subject,
            description: it.description,
            who: it.who,
            next: it.next,
        });
        let gates = self.plan.gates_of_rollout(&words.deployment);
        let tested = rollout.rollback_tested.as_ref();
        let end = rollout.end.as_ref();
        let blocker = end.and_then(|it| it.blocker);
        wire::Rollout {
            id: rollout.id.to_string(),
            name: words.name.to_string(),
            approach: words.approach.to_string(),
            deployment: words.deployment.to_string(),
            steps: steps(rollout),
            rollback_plan: words.rollback_plan.to_string(),
            rollback_evidence: tested.map_or_else(String::new, |it| it.text.to_string()),
            rollback_tested_by: tested.map_or_else(String::new, |it| it.by.to_string()),
            rollback_tested_at: tested.map(|it| time(it.at)),
            success: success(rollout),
            status: rollout_status(rollout.status).into(),
            gates: gates.map(|gate| gate.id.to_string()).collect(),
            lacks: lacks.collect(),
            next: self.plan.rollout_next(rollout),
            started_by: rollout
                .started
                .as_ref()
                .map_or_else(String::new, |(by, _)| by.to_string()),
            started_at: rollout.started.as_ref().map(|(_, at)| time(*at)),
            ending: end.map_or_else(String::new, |it| it.said.text.to_string()),
            ended_by: end.map_or_else(String::new, |it| it.said.by.to_string()),
            ended_at: end.map(|it| time(it.said.at)),
            blocker: blocker.map_or_else(String::new, |it| it.to_string()),
            created_by: rollout.created_by.to_string(),
            created_at: Some(time(rollout.created_at)),
            revision: rollout.revision,
        }
    }
}

fn end(end: &PointEnd) -> wire::IntegrationEnd {
    use wire::integration_end::Of;
    let of = match end {
        PointEnd::Task(task) => Of::Task(task.to_string()),
        PointEnd::Phase(phase) => Of::Phase(phase.to_string()),
    };
    wire::IntegrationEnd { of: Some(of) }
}

fn steps(rollout: &Rollout) -> Vec<wire::RolloutStep> {
    let numbered = (1..).zip(&rollout.words.steps);
    let done = rollout.done.iter().map(Some);
    let done = done.chain(std::iter::repeat(None));
    let steps = numbered
        .zip(done)
        .map(|((number, step), done)| wire::RolloutStep {
            number,
            text: step.to_string(),
            done: done.is_some(),
            done_by: done.map_or_else(String::new, |it| it.by.to_string()),
            done_at: done.map(|it| time(it.at)),
            note: done.map_or_else(String::new, |it| it.text.to_string()),
        });
    steps.collect()
}

fn success(rollout: &Rollout) -> Vec<wire::SuccessMetric> {
    let met = rollout.end.iter().flat_map(|end| end.metrics.iter());
    let numbered = (1..).zip(&rollout.words.success);
    let metrics = numbered.map(|(number, metric)| {
        let outcome = met.clone().find(|it| it.metric == number);
        let value = outcome.and_then(|it| it.value.as_ref());
        wire::SuccessMetric {
            name: metric.name.to_string(),
            measure: metric.measure.as_ref().map(measure),
            number,
            met: outcome.is_some(),
            value: value.map_or_else(String::new, ToString::to_string),
            evidence: outcome.map_or_else(String::new, |it| it.evidence.to_string()),
        }
    });
    metrics.collect()
}

fn rollout_status(status: RolloutStatus) -> wire::RolloutStatus {
    match status {
        RolloutStatus::Draft => wire::RolloutStatus::Draft,
        RolloutStatus::Ready => wire::RolloutStatus::Ready,
        RolloutStatus::Rolling => wire::RolloutStatus::Rolling,
        RolloutStatus::Succeeded => wire::RolloutStatus::Succeeded,
        RolloutStatus::RolledBack => wire::RolloutStatus::RolledBack,
        RolloutStatus::Failed => wire::RolloutStatus::Failed,
    }
}

/// What the actor did with an integration point, a rollout or a reference.
pub(super) fn of_a_point(event: &Event) -> Option<String> {
    Some(match event {
        Event::IntegrationAdded(e) => {
            with_reason(&format!("added {}", e.integration), &e.words.name)
        }
        Event::IntegrationUpdated(e) => format!("changed {}", e.integration),
        Event::IntegrationConfirmed(e) => {
            with_reason(&format!("confirmed {}", e.integration), &e.note)
        }
        Event::IntegrationTested(e) => {
            with_reason(&format!("tested {}: it works", e.integration), &e.evidence)
        }
        Event::IntegrationFailed(e) => with_reason(
            &format!("tested {}: it does not work", e.integration),
            &e.reason,
        ),
        Event::IntegrationWithdrawn(e) => {
            with_reason(&format!("withdrew {}", e.integration), &e.reason)
        }
        Event::RolloutCreated(e) => with_reason(&format!("planned {}", e.rollout), &e.words.name),
        Event::RolloutUpdated(e) => format!("changed {}", e.rollout),
        Event::RollbackTested(e) => with_reason(
            &format!("tested the rollback of {}", e.rollout),
            &e.evidence,
        ),
        Event::RolloutReadied(e) => format!("made {} ready to roll", e.rollout),
        Event::RolloutHeldBack(e) => with_reason(&format!("held {} back", e.rollout), &e.reason),
        Event::RolloutStarted(e) => format!("let {} roll", e.rollout),
        Event::RolloutStepDone(e) => {
            with_reason(&format!("did step {} of {}", e.step, e.rollout), &e.note)
        }
        Event::RolloutEnded(e) => {
            let how = match e.to {
                RolloutStatus::Succeeded => "said that {} succeeded",
                RolloutStatus::RolledBack => "rolled {} back",
                RolloutStatus::Draft
                | RolloutStatus::Ready
                | RolloutStatus::Rolling
                | RolloutStatus::Failed => "said that {} failed",
            };
            with_reason(&how.replace("{}", &e.rollout.to_string()), &e.note)
        }
        Event::ReferenceAdded(e) => {
            format!("made {} refer to {} {}", e.task, e.kind.title(), e.name)
        }
        Event::ReferenceRemoved(e) => format!("made {} refer to {} no more", e.task, e.name),
        Event::ReferencesMoved(e) => {
            let (names, status) = (e.names.join(", "), e.status.as_str().replace('_', " "));
            format!("said that {names} of {} is {status}", e.task)
        }
        _ => return None,
    })
}
