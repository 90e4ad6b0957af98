//! What splitting a task does to a plan: its parts come to stand exactly where it stood, with the same
//! place, the same waits and the same tasks behind them, so that nothing is ready earlier or later by it.

use std::sync::Arc;

use super::super::event::{Dependency, On, SplitPart, TaskSplit, Text};
use super::super::id::TaskId;
use super::super::lineage::Lineage;
use super::super::model::{Spec, Status};
use super::super::state::{ChainEdit, NewWait, Plan};
use super::super::time::Timestamp;
use super::{edit, with, without};

impl Plan {
    pub(super) fn task_split(&mut self, event: &TaskSplit, at: Timestamp) {
        let id = event.task;
        let Some(whole) = self.specs.get(&id).cloned() else {
            return;
        };
        let parts: Vec<TaskId> = event.parts.iter().map(|part| part.id).collect();
        let mut before = None;
        for part in &event.parts {
            self.part_added(id, &whole, part, before, at);
            before = Some(part.id).filter(|_| event.chain);
        }
        let last = parts.last().map(std::slice::from_ref);
        let waited_for = last.filter(|_| event.chain).unwrap_or(&parts);
        let behind = self.wait_for_parts(id, &whole, waited_for, &parts);
        self.give_queues_to(id, &parts);
        self.give_up_for(id, &whole, &parts);
        self.commit_parts(id, &parts);
        for part in &parts {
            self.look_for_rules(*part, None);
        }
        self.give_references_to(id, &parts);
        for id in parts.into_iter().chain(behind) {
            self.mark_waivers(id);
            self.reindex(id);
        }
    }

    fn part_added(
        &mut self,
        from: TaskId,
        whole: &Spec,
        part: &SplitPart,
        before: Option<TaskId>,
        at: Timestamp,
    ) {
        let own = part.role.as_deref();
        let own = own.and_then(|slug| self.resolve_role(slug).ok());
        let waits = before.map(|on| Dependency {
            on: On::Task(on),
            in_force: true,
        });
        let criteria = part.acceptance.iter().filter_map(|number| {
            let place = usize::try_from(*number).ok()?.checked_sub(1)?;
            whole.acceptance.get(place).cloned()
        });
        let spec = Spec {
            title: Arc::clone(&part.title),
            description: part
                .description
                .clone()
                .unwrap_or_else(|| Arc::clone(&whole.description)),
            role: own.or(whole.role),
            priority: part.priority.unwrap_or(whole.priority),
            estimate: part.estimate,
            acceptance: criteria.collect(),
            aliases: [].into(),
            dependencies: whole.dependencies.iter().cloned().chain(waits).collect(),
            origin: None,
            lineage: Some(Box::new(Lineage {
                split_from: Some(from),
                split_into: [].into(),
            })),
            created_at: at,
            // The same ordinal: the parts stand in the task's place, one behind the other by their ids.
            ..whole.clone()
        };
        self.place(part.id, spec, Status::Planned, None);
    }

    /// Whoever waited for the task by name waits for its parts; whom it was waived for, they are too.
    fn wait_for_parts(
        &mut self,
        id: TaskId,
        whole: &Spec,
        waited_for: &[TaskId],
        parts: &[TaskId],
    ) -> Vec<TaskId> {
        let waived = self.waived_above(id, whole);
        let dependents: Vec<TaskId> = self.dependents(id).collect();
        for dependent in &dependents {
            self.index.dependents.remove(&(id, *dependent));
            for part in waited_for {
                self.index.dependents.insert((*part, *dependent));
                let wait = NewWait::Task(*dependent, *part);
                self.index.new_waits.push(wait);
            }
            self.index
                .chain_edits
                .push(ChainEdit::Lengthens(*dependent));
        }
        let behind: Vec<TaskId> = dependents.into_iter().chain(waived).collect();
        for dependent in &behind {
            self.edit_spec(*dependent, |spec| {
                spec.dependencies = replaced(&spec.dependencies, id, waited_for);
                if spec.waived.contains(&On::Task(id)) {
                    let rest = without(&spec.waived, &On::Task(id));
                    let parts = parts.iter().map(|part| On::Task(*part));
                    spec.waived = rest.into_iter().chain(parts).collect();
                }
            });
        }
        behind
    }

    /// Tasks that wait for everything above them but for this one, which is above them.
    pub(in super::super) fn waived_above(&self, id: TaskId, whole: &Spec) -> Vec<TaskId> {
        let from = (whole.phase, whole.ordinal, TaskId(0));
        let to = (whole.phase, u32::MAX, TaskId(u32::MAX));
        let waiting = self.index.all_above_waived.range(from..=to);
        let waived = |other: &TaskId| {
            let named = |spec: &Arc<Spec>| spec.waived.contains(&On::Task(id));
            self.specs.get(other).is_some_and(named)
                && !self.index.dependents.contains(&(id, *other))
        };
        waiting
            .map(|&(_, _, other)| other)
            .filter(|other| waived(other))
            .collect()
    }

    /// What is open and named the task names its parts.
    fn give_queues_to(&mut self, id: TaskId, parts: &[TaskId]) {
        let version = self.version;
        let open = self.blockers_of(id).filter(|it| it.status.is_open());
        let blockers: Vec<_> = open.map(|blocker| blocker.id).collect();
        for blocker in blockers {
            edit(&mut self.blockers, &blocker, |it| {
                it.tasks = in_place(&it.tasks, id, parts);
                it.revision = version;
            });
            if let Some(ids) = self.index.blockers_of.get_mut(&id) {
                *ids = without(ids, &blocker);
            }
            for part in parts {
                let ids = self.index.blockers_of.entry(*part).or_default();
                *ids = with(ids, blocker);
                self.block(*part, |state| state.open_blockers += 1);
            }
            self.block(id, |state| state.open_blockers -= 1);
        }
        let open = self.decisions_of(id).filter(|it| it.answer.is_none());
        let decisions: Vec<_> = open.map(|decision| decision.id).collect();
        for decision in decisions {
            edit(&mut self.decisions, &decision, |it| {
                it.blocks = in_place(&it.blocks, id, parts);
                it.revision = version;
            });
            if let Some(ids) = self.index.decisions_of.get_mut(&id) {
                *ids = without(ids, &decision);
            }
            for part in parts {
                let ids = self.index.decisions_of.entry(*part).or_default();
                *ids = with(ids, decision);
                self.block(*part, |state| state.open_decisions += 1);
            }
            self.block(id, |state| state.open_decisions -= 1);
        }
        if self
            .index
            .blockers_of
            .get(&id)
            .is_some_and(|ids| ids.is_empty())
        {
            self.index.blockers_of.remove(&id);
        }
        if self
            .index
            .decisions_of
            .get(&id)
            .is_some_and(|ids| ids.is_empty())
        {
            self.index.decisions_of.remove(&id);
        }
    }

    /// The task itself waits for nothing any more and is given up.
    fn give_up_for(&mut self, id: TaskId, whole: &Spec, parts: &[TaskId]) {
        for dependency in &whole.dependencies {
            self.unlink(id, whole.phase, whole.ordinal, &dependency.on);
        }
        self.edit_spec(id, |spec| {
            spec.dependencies = [].into();
            spec.waived = [].into();
            spec.lineage = Some(Box::new(Lineage {
                split_from: spec.split_from(),
                split_into: parts.into(),
            }));
        });
        if let Some(state) = self.states.get_mut(&id) {
            state.reason = Some(reason(parts));
        }
        // Nobody waits for it any more.
        self.index.chain_edits.push(ChainEdit::Shortens(id));
        self.set_status(id, Status::Cancelled);
    }
}

/// Why a task that was split is given up.
pub(in super::super) fn reason(parts: &[TaskId]) -> Text {
    let names: Vec<String> = parts.iter().map(ToString::to_string).collect();
    format!("split into {}", names.join(", ")).into()
}

fn replaced(dependencies: &[Dependency], id: TaskId, parts: &[TaskId]) -> Box<[Dependency]> {
    let mut after: Vec<Dependency> = Vec::with_capacity(dependencies.len() + parts.len());
    for dependency in dependencies {
        if dependency.on == On::Task(id) && dependency.in_force {
            after.extend(parts.iter().map(|part| Dependency {
                on: On::Task(*part),
                in_force: true,
            }));
        } else {
            after.push(dependency.clone());
        }
    }
    after.into()
}

fn in_place(tasks: &[TaskId], id: TaskId, parts: &[TaskId]) -> Box<[TaskId]> {
    let mut after = Vec::with_capacity(tasks.len() + parts.len());
    for task in tasks {
        if *task == id {
            after.extend_from_slice(parts);
        } else {
            after.push(*task);
        }
    }
    after.into()
}
