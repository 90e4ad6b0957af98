//! What sprints do to a plan. The tasks of the active one stand first in the claim order; that is a mark in
//! each task's place there, so that a commitment touches its own tasks and no others.

use std::sync::Arc;

use super::super::event::{
    SprintClosed, SprintCommitted, SprintPlanned, SprintScopeChanged, SprintUpdated,
    SprintWithdrawn,
};
use super::super::fact::Actor;
use super::super::id::{SprintId, TaskId};
use super::super::model::{
    BurndownPoint, Commitment, ScopeChange, Sprint, SprintResult, SprintStatus,
};
use super::super::runs::RunSet;
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;
use super::integration::said;

/// Points a burndown keeps; a longer one loses every second of them.
pub(in super::super) const BURNDOWN_POINTS_MAX: usize = 200;
/// Changes within an hour are one point.
const POINT_MS: i64 = 60 * 60 * 1_000;

impl Plan {
    pub(super) fn sprint_planned(&mut self, event: &SprintPlanned, at: Timestamp, actor: &Actor) {
        let sprint = Sprint {
            id: event.sprint,
            goal: Arc::clone(&event.goal),
            start: event.start,
            end: event.end,
            status: SprintStatus::Planned,
            tasks: event.tasks.clone().into(),
            commitment: None,
            scope_changes: [].into(),
            burndown: [].into(),
            result: None,
            withdrawn: None,
            planned_by: actor.clone(),
            planned_at: at,
            revision: self.version,
        };
        self.sprints.insert(event.sprint, Arc::new(sprint));
        let version = self.version;
        for id in &event.returned {
            edit(&mut self.discovered, id, |discovered| {
                discovered.triage = None;
                discovered.revision = version;
            });
            self.index.untriaged.insert(*id);
        }
    }

    pub(super) fn sprint_updated(&mut self, event: &SprintUpdated) {
        self.step_sprint(event.sprint, |sprint| {
            sprint.goal = event
                .goal
                .clone()
                .unwrap_or_else(|| Arc::clone(&sprint.goal));
            sprint.start = event.start.unwrap_or(sprint.start);
            sprint.end = event.end.unwrap_or(sprint.end);
        });
    }

    pub(super) fn sprint_withdrawn(
        &mut self,
        event: &SprintWithdrawn,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.step_sprint(event.sprint, |sprint| {
            sprint.status = SprintStatus::Withdrawn;
            sprint.withdrawn = Some(Box::new(said(&event.reason, actor, at)));
        });
    }

    pub(super) fn sprint_committed(
        &mut self,
        event: &SprintCommitted,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.step_sprint(event.sprint, |sprint| {
            sprint.status = SprintStatus::Active;
            sprint.tasks = event.tasks.clone().into();
            sprint.commitment = Some(Arc::new(Commitment {
                tasks: u32::try_from(event.tasks.len()).unwrap_or(u32::MAX),
                warning: Arc::clone(&event.warning),
                by: actor.clone(),
                at,
            }));
        });
        self.sprint_sessions = RunSet::new();
        self.index.active_sprint = Some(event.sprint);
        self.index.committed = event.tasks.iter().copied().collect();
        for task in &event.tasks {
            self.reindex(*task);
        }
        self.burn_down(i64::from(self.open_among(&event.tasks)));
    }

    pub(super) fn sprint_scope_changed(
        &mut self,
        event: &SprintScopeChanged,
        at: Timestamp,
        actor: &Actor,
    ) {
        let active = self.index.active_sprint == Some(event.sprint);
        self.step_sprint(event.sprint, |sprint| {
            let stay = sprint.tasks.iter().copied();
            let stay = stay.filter(|task| !event.removed.contains(task));
            sprint.tasks = stay.chain(event.added.iter().copied()).collect();
            if active {
                let change = ScopeChange {
                    added: event.added.clone().into(),
                    removed: event.removed.clone().into(),
                    reason: Arc::clone(&event.reason),
                    by: actor.clone(),
                    at,
                };
                let before = sprint.scope_changes.iter().cloned();
                sprint.scope_changes = before.chain([change]).collect();
            }
        });
        if active {
            let more = i64::from(self.open_among(&event.added));
            let less = i64::from(self.open_among(&event.removed));
            for task in &event.removed {
                self.index.committed.remove(task);
                self.reindex(*task);
            }
            for task in &event.added {
                self.index.committed.insert(*task);
                self.reindex(*task);
            }
            self.burn_down(more - less);
        }
    }

    pub(super) fn sprint_closed(&mut self, event: &SprintClosed, at: Timestamp, actor: &Actor) {
        self.step_sprint(event.sprint, |sprint| {
            sprint.status = SprintStatus::Closed;
            sprint.result = Some(Arc::new(SprintResult {
                completed: event.completed,
                sessions: event.sessions,
                carried_over: event.carried_over.clone().into(),
                carried_to: event.carried_to,
                by: actor.clone(),
                at,
            }));
        });
        if let Some(next) = event.carried_to {
            self.step_sprint(next, |sprint| {
                let known = Arc::clone(&sprint.tasks);
                let new = event.carried_over.iter().copied();
                let new = new.filter(|task| !known.contains(task));
                sprint.tasks = known.iter().copied().chain(new).collect();
            });
        }
        self.sprint_sessions = RunSet::new();
        self.index.active_sprint = None;
        let committed = std::mem::take(&mut self.index.committed);
        for task in committed.iter() {
            self.reindex(*task);
        }
        // Whoever waits for a task of the sprint learns that none will come.
        self.index.wakes += 1;
    }

    /// The parts of a split task are committed in its place.
    pub(super) fn commit_parts(&mut self, id: TaskId, parts: &[TaskId]) {
        let Some(sprint) = self.index.active_sprint else {
            return;
        };
        if !self.index.committed.remove(&id) {
            return;
        }
        self.step_sprint(sprint, |sprint| {
            let tasks = sprint.tasks.iter();
            let tasks = tasks.flat_map(|task| {
                if *task == id {
                    parts
                } else {
                    std::slice::from_ref(task)
                }
            });
            sprint.tasks = tasks.copied().collect();
        });
        self.index.committed.extend(parts.iter().copied());
        for part in parts {
            self.reindex(*part);
        }
        self.burn_down(i64::from(self.open_among(parts)));
    }

    /// How many of these tasks are not finished.
    fn open_among(&self, tasks: &[TaskId]) -> u32 {
        let open = tasks.iter().filter(|task| self.is_open(**task));
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }

    /// Whether a task is neither completed, deferred nor cancelled.
    pub(in super::super) fn is_open(&self, task: TaskId) -> bool {
        let state = self.states.get(&task);
        state.is_some_and(|state| !state.status.is_terminal())
    }

    /// So many more committed tasks of the active sprint are open, or fewer.
    pub(super) fn burn_down(&mut self, by: i64) {
        let (at, Some(active)) = (self.last_at, self.index.active_sprint) else {
            return;
        };
        let mut is_done = false;
        self.step_sprint(active, |sprint| {
            let mut points = std::mem::take(&mut sprint.burndown).into_vec();
            let before = points.last().map_or(0, |point| point.open);
            let open = u32::try_from(i64::from(before) + by).unwrap_or(0);
            is_done = open == 0;
            let point = BurndownPoint { at, open };
            let same_hour = |last: &BurndownPoint| last.at.0 / POINT_MS == at.0 / POINT_MS;
            match points.split_first_mut() {
                // The commitment's own point stays as it is.
                Some((_, [.., last])) if same_hour(last) => *last = point,
                Some((first, [])) if first.open == open => {}
                Some(_) | None => points.push(point),
            }
            if points.len() > BURNDOWN_POINTS_MAX {
                let newest = points.len() - 1;
                let mut place = 0..;
                points.retain(|_| {
                    place
                        .next()
                        .is_none_or(|place| place % 2 == 0 || place == newest)
                });
            }
            sprint.burndown = points.into();
        });
        if is_done {
            self.index.wakes += 1;
        }
    }

    fn step_sprint(&mut self, id: SprintId, change: impl FnOnce(&mut Sprint)) {
        let version = self.version;
        edit(&mut self.sprints, &id, |sprint| {
            change(sprint);
            sprint.revision = version;
        });
    }
}
