//! What corrections of blockers, decisions and discovered tasks do to a plan: whatever comes to be held up, or is
//! so no more, is looked at again at once.

use std::sync::Arc;

use super::super::event::{BlockerUpdated, DecisionUpdated, DiscoveredUpdated, Severity};
use super::super::id::{PhaseNo, TaskId};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::{edit, with, without};

/// A list without some entries, and with others behind those that stay.
fn changed<T: Copy + PartialEq>(list: &[T], added: &[T], removed: &[T]) -> Box<[T]> {
    let stay = list.iter().filter(|it| !removed.contains(it));
    stay.chain(added).copied().collect()
}

fn sorted<T: Clone + PartialEq + Ord>(list: &[T], entry: T) -> Box<[T]> {
    let mut more = with(list, entry);
    more.sort_unstable();
    more
}

impl Plan {
    pub(super) fn blocker_updated(&mut self, event: &BlockerUpdated, at: Timestamp) {
        let (id, version) = (event.blocker, self.version);
        edit(&mut self.blockers, &id, |blocker| {
            blocker.tasks = changed(&blocker.tasks, &event.tasks_added, &event.tasks_removed);
            let was_critical = blocker.severity == Severity::Critical;
            blocker.severity = event.severity.unwrap_or(blocker.severity);
            let is_critical = blocker.severity == Severity::Critical;
            if is_critical && !was_critical {
                blocker.urgent = Some((at, version));
            } else if !is_critical && blocker.escalated.is_none() {
                blocker.urgent = None;
            }
            if let Some(path) = &event.resolution_path {
                blocker.resolution_path = Arc::clone(path);
            }
            if let Some(owner) = &event.owner {
                blocker.owner = Arc::clone(owner);
            }
            blocker.revision = version;
        });
        for task in &event.tasks_removed {
            let left = self.index.blockers_of.get(task);
            let left = left.map(|ids| without(ids, &id)).unwrap_or_default();
            match left.is_empty() {
                true => self.index.blockers_of.remove(task),
                false => self.index.blockers_of.insert(*task, left),
            };
            self.block(*task, |state| {
                state.open_blockers = state.open_blockers.saturating_sub(1);
            });
        }
        for task in &event.tasks_added {
            let ids = self.index.blockers_of.entry(*task).or_default();
            *ids = sorted(ids, id);
            self.block(*task, |state| state.open_blockers += 1);
        }
    }

    pub(super) fn decision_updated(&mut self, event: &DecisionUpdated) {
        let (id, version) = (event.decision, self.version);
        let known = |ids: &[String]| -> Vec<PhaseNo> {
            ids.iter()
                .filter_map(|phase| self.phase_no(phase))
                .collect()
        };
        let (added, removed) = (known(&event.phases_added), known(&event.phases_removed));
        edit(&mut self.decisions, &id, |decision| {
            if let Some(question) = &event.question {
                decision.question = Arc::clone(question);
            }
            if let Some(options) = &event.options {
                decision.options = options.clone().into();
            }
            decision.blocks = changed(&decision.blocks, &event.tasks_added, &event.tasks_removed);
            decision.phases = changed(&decision.phases, &added, &removed);
            decision.revision = version;
        });
        for phase in removed {
            self.unblock_phase(phase);
        }
        for phase in added {
            *self.index.phase_blockers.entry(phase).or_insert(0) += 1;
        }
        for task in &event.tasks_removed {
            self.waits_no_more(*task, event);
        }
        for task in &event.tasks_added {
            let ids = self.index.decisions_of.entry(*task).or_default();
            *ids = sorted(ids, id);
            self.block(*task, |state| state.open_decisions += 1);
        }
    }

    fn waits_no_more(&mut self, task: TaskId, event: &DecisionUpdated) {
        let left = self.index.decisions_of.get(&task);
        let left = left.map(|ids| without(ids, &event.decision));
        let left = left.unwrap_or_default();
        match left.is_empty() {
            true => self.index.decisions_of.remove(&task),
            false => self.index.decisions_of.insert(task, left),
        };
        self.block(task, |state| {
            state.open_decisions = state.open_decisions.saturating_sub(1);
        });
    }

    pub(super) fn discovered_updated(&mut self, event: &DiscoveredUpdated) {
        let version = self.version;
        edit(&mut self.discovered, &event.discovered, |discovered| {
            if let Some(title) = &event.title {
                discovered.title = Arc::clone(title);
            }
            if let Some(notes) = &event.notes {
                discovered.notes = Arc::clone(notes);
            }
            if let Some(area) = &event.area {
                discovered.area = Arc::clone(area);
            }
            discovered.priority = event.priority.unwrap_or(discovered.priority);
            discovered.revision = version;
        });
    }
}
