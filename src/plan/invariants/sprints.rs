//! The rules about sprints: one at a time, its tasks committed nowhere else, what it came to in its record.

use super::super::apply::BURNDOWN_POINTS_MAX;
use super::super::id::TaskId;
use super::super::model::{Sprint, SprintStatus};
use super::super::state::Plan;
use super::Broken;

impl Plan {
    /// Whether a task is committed in a sprint that is active.
    pub(super) fn naive_in_sprint(&self, id: TaskId) -> bool {
        let mut active = self.sprints.values();
        active.any(|sprint| sprint.status == SprintStatus::Active && sprint.tasks.contains(&id))
    }

    pub(super) fn check_sprints(&self, broken: &mut Broken) {
        let active = self.sprints.values();
        let active = active.filter(|sprint| sprint.status == SprintStatus::Active);
        let active = active.count();
        broken.unless(active <= 1, || format!("{active} sprints are active"));
        broken.unless(active == 1 || self.sprint_sessions.is_empty(), || {
            "sessions are counted for no sprint".to_owned()
        });
        for session in self.sprint_sessions.iter() {
            let claimed = self.index.claimed_in.iter();
            let claimed = claimed.filter(|(other, _)| other == session).count();
            broken.unless(claimed > 0, || {
                format!("{session} counts for the sprint and claimed nothing")
            });
        }
        for sprint in self.sprints.values() {
            self.check_sprint(sprint, broken);
        }
    }

    fn check_sprint(&self, sprint: &Sprint, broken: &mut Broken) {
        let (id, status) = (sprint.id, sprint.status);
        broken.unless(sprint.start <= sprint.end, || {
            format!("{id} ends on {} and begins on {}", sprint.end, sprint.start)
        });
        let planned = matches!(status, SprintStatus::Planned | SprintStatus::Withdrawn);
        let withdrawn = status == SprintStatus::Withdrawn;
        broken.unless(withdrawn == sprint.withdrawn.is_some(), || {
            format!("{id} is {} with {:?}", status.as_str(), sprint.withdrawn)
        });
        let records = (sprint.commitment.is_none(), sprint.burndown.is_empty());
        broken.unless(records == (planned, planned), || {
            format!(
                "{id} is {} with {:?}",
                status.as_str(),
                (&sprint.commitment, &sprint.burndown)
            )
        });
        let closed = status == SprintStatus::Closed;
        broken.unless(closed == sprint.result.is_some(), || {
            format!("{id} is {} with {:?}", status.as_str(), sprint.result)
        });
        let mut tasks = sprint.tasks.to_vec();
        tasks.sort_unstable();
        tasks.dedup();
        let known = tasks.iter().all(|task| self.specs.contains_key(task));
        broken.unless(known && tasks.len() == sprint.tasks.len(), || {
            format!("{id} has the tasks {:?}", sprint.tasks)
        });
        let points = &sprint.burndown;
        let in_order = points.windows(2).all(|two| two[0].at <= two[1].at);
        broken.unless(in_order && points.len() <= BURNDOWN_POINTS_MAX, || {
            format!("{id} burns down by {points:?}")
        });
        if status == SprintStatus::Active {
            let open = tasks.iter().filter(|task| {
                let state = self.states.get(task);
                state.is_some_and(|state| !state.status.is_terminal())
            });
            let open = u32::try_from(open.count()).ok();
            broken.same(
                format_args!("open tasks of {id}"),
                &points.last().map(|point| point.open),
                &open,
            );
        }
        if let Some(result) = &sprint.result {
            let told = result.carried_over.len() + result.completed as usize;
            broken.unless(told <= sprint.tasks.len(), || {
                format!("{id} came to {result:?} of {:?}", sprint.tasks)
            });
        }
    }
}
