//! The rules about registers: what a state needs to be true, and what follows from it.

use super::super::event::{RiskKind, RiskStatus};
use super::super::id::TaskId;
use super::super::model::{DeliverableStatus, MilestoneStatus, PhaseState, Status};
use super::super::state::Plan;
use super::Broken;

impl Plan {
    /// What is submitted has an artefact, what is judged was judged by somebody else, a deliverable of a
    /// task stands in the task's phase, and a completed phase lacks none.
    pub(super) fn check_deliverables(&self, broken: &mut Broken) {
        for (id, deliverable) in &self.deliverables {
            let status = deliverable.status;
            let (submission, judgement) = (&deliverable.submission, &deliverable.judgement);
            let handed_in = submission
                .as_ref()
                .is_some_and(|it| !it.artefact.is_empty());
            broken.unless(handed_in != (status == DeliverableStatus::Pending), || {
                format!("{id} is {} with {submission:?}", status.as_str())
            });
            let is_judged = matches!(
                status,
                DeliverableStatus::Accepted | DeliverableStatus::Rejected
            );
            broken.unless(is_judged == judgement.is_some(), || {
                format!("{id} is {} with {judgement:?}", status.as_str())
            });
            if let (Some(submission), Some(judgement)) = (submission, judgement) {
                broken.unless(submission.by != judgement.by, || {
                    format!("{id} was submitted and judged by {}", judgement.by)
                });
            }
            let made_in = deliverable.task.and_then(|task| self.specs.get(&task));
            broken.unless(
                made_in.is_none_or(|spec| deliverable.phase == Some(spec.phase)),
                || format!("{id} is not in the phase of the task that makes it"),
            );
            let phase = deliverable.phase.and_then(|no| self.phases.get(&no));
            let closed = phase.is_some_and(|phase| phase.state == PhaseState::Completed);
            broken.unless(!closed || status == DeliverableStatus::Accepted, || {
                format!("{id} is {} in a completed phase", status.as_str())
            });
        }
    }

    /// A milestone that is settled says how; one that reached itself has every item ticked; one that is
    /// ahead and linked lacks something.
    pub(super) fn check_milestones(&self, broken: &mut Broken) {
        for (id, milestone) in &self.milestones {
            let ahead = milestone.status == MilestoneStatus::Pending;
            broken.unless(ahead == milestone.settled.is_none(), || {
                format!(
                    "{id} is {:?} with {:?}",
                    milestone.status, milestone.settled
                )
            });
            let ticked = milestone.checklist.iter().all(|item| item.ticked.is_some());
            let by_itself = milestone.settled.as_ref().filter(|it| it.note.is_empty());
            broken.unless(
                by_itself.is_none() || ticked && milestone.status == MilestoneStatus::Reached,
                || format!("{id} was settled without a word: {milestone:?}"),
            );
            let phases = milestone.phases.iter().all(|no| {
                let phase = self.phases.get(no);
                phase.is_some_and(|phase| phase.state == PhaseState::Completed)
            });
            let tasks = milestone.tasks.iter().all(|task| self.naive_done(*task));
            let handed_over = milestone.deliverables.iter().all(|it| {
                let deliverable = self.deliverables.get(it);
                deliverable.is_some_and(|it| it.status == DeliverableStatus::Accepted)
            });
            let lists = [
                milestone.checklist.len(),
                milestone.phases.len(),
                milestone.tasks.len(),
                milestone.deliverables.len(),
            ];
            let has_all = ticked && phases && tasks && handed_over && lists != [0; 4];
            broken.unless(!ahead || !has_all, || {
                format!("{id} waits for nothing and is not reached")
            });
        }
    }

    fn naive_done(&self, id: TaskId) -> bool {
        let parts = self.specs.get(&id).map(|spec| spec.split_into());
        match parts {
            None => false,
            Some([]) => self
                .states
                .get(&id)
                .is_some_and(|state| state.status == Status::Completed),
            Some(parts) => parts.iter().all(|part| self.naive_done(*part)),
        }
    }

    /// A risk that has moved says so; only a schedule risk costs days; a blocker comes with a risk that
    /// occurred.
    pub(super) fn check_risks(&self, broken: &mut Broken) {
        for (id, risk) in &self.risks {
            let moved = risk.status != RiskStatus::Active;
            broken.unless(moved == risk.step.is_some(), || {
                format!("{id} is {:?} with {:?}", risk.status, risk.step)
            });
            let in_days = risk.words.impact_days.is_some();
            broken.unless(!in_days || risk.words.kind == RiskKind::Schedule, || {
                format!("{id} costs days and is {:?}", risk.words.kind)
            });
            let occurred = matches!(risk.status, RiskStatus::Occurred | RiskStatus::Closed);
            let known = |blocker| self.blockers.contains_key(&blocker);
            broken.unless(risk.blocker.is_none_or(|it| occurred && known(it)), || {
                format!(
                    "{id} is {:?} and holds up by {:?}",
                    risk.status, risk.blocker
                )
            });
        }
    }
}
