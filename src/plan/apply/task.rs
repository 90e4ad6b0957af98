//! What task events outside the working of a task do to a plan.

use std::sync::Arc;

use super::super::check::CheckSet;
use super::super::event::{
    AddedTask, Arrival, DependenciesAdded, Dependency, DependencyRemoved, DependencyWaived, On,
    TaskCancelled, TaskDeferred, TaskReinstated, TaskReopened, TaskUpdated, TasksAdded, Text,
};
use super::super::id::TaskId;
use super::super::model::{Completion, Spec, State, Status};
use super::super::order::Node;
use super::super::state::{ChainEdit, NewWait, Plan};
use super::super::time::Timestamp;
use super::{edit, with, without};

impl Plan {
    pub(super) fn tasks_added(&mut self, event: &TasksAdded, at: Timestamp) {
        let mut fills_an_empty_phase = false;
        for added in &event.tasks {
            if let Some(no) = self.phase_no(&added.phase) {
                fills_an_empty_phase |= self.tally(no).all() == 0;
                self.task_added(added, no, at);
            }
        }
        for added in &event.tasks {
            self.reindex(added.id);
            self.look_for_rules(added.id, None);
            if added.arrival == Arrival::Completed {
                self.reindex_dependents(added.id);
            }
        }
        if fills_an_empty_phase {
            self.refresh_phases();
        }
    }

    fn task_added(&mut self, added: &AddedTask, phase: super::super::id::PhaseNo, at: Timestamp) {
        let id = added.id;
        let version = self.version;
        let mut ordinal = 0;
        edit(&mut self.phases, &phase, |phase| {
            phase.last_ordinal += 1;
            ordinal = phase.last_ordinal;
        });
        let spec = Spec {
            title: Arc::clone(&added.title),
            phase,
            ordinal,
            description: added.description.clone().unwrap_or_default(),
            area: added.area.clone().unwrap_or_default(),
            role: added
                .role
                .as_deref()
                .and_then(|slug| self.resolve_role(slug).ok()),
            priority: added.priority,
            review: added.review,
            estimate: added.estimate,
            notes: added.notes.clone().unwrap_or_default(),
            acceptance: added.acceptance.clone().into(),
            skills: added.skills.clone().into(),
            aliases: added
                .aliases
                .iter()
                .map(|alias| alias.as_str().into())
                .collect(),
            dependencies: added.dependencies.clone().into(),
            waived: [].into(),
            origin: added.origin,
            lineage: None,
            created_at: at,
        };
        let (status, completion) = match added.arrival {
            Arrival::Planned => (Status::Planned, None),
            Arrival::Deferred => (Status::Deferred, None),
            Arrival::Cancelled => (Status::Cancelled, None),
            Arrival::Completed => (Status::Completed, Some(imported_completion(at, version))),
        };
        self.place(id, spec, status, completion);
    }

    /// Puts a task into the plan; whether it is ready is looked at afterwards.
    pub(super) fn place(
        &mut self,
        id: TaskId,
        spec: Spec,
        status: Status,
        completion: Option<Completion>,
    ) {
        let (phase, ordinal) = (spec.phase, spec.ordinal);
        let role = self.role_of(&spec);
        let state = State {
            status,
            role,
            attempt: 0,
            strikes: 0,
            checks: CheckSet::NONE,
            open_blockers: 0,
            open_decisions: 0,
            lease: None,
            started_at: None,
            held_ms: 0,
            leftover: None,
            completion: completion.map(Arc::new),
            reason: None,
            revision: self.version,
        };
        for alias in &spec.aliases {
            self.index
                .aliases
                .insert(Text::from(alias.to_lowercase()), id);
        }
        // A file's tasks may be waited for before they come in.
        let waiting: Vec<TaskId> = self.dependents(id).collect();
        let waits = waiting.into_iter().map(|other| NewWait::Task(other, id));
        self.index.new_waits.extend(waits);
        for dependency in &spec.dependencies {
            self.link(id, phase, ordinal, dependency);
        }
        // At its natural place it stands between the two.
        let order = &self.index.order;
        if order.is_moved(Node::begin(phase)) || order.is_moved(Node::end(phase)) {
            let around = [NewWait::Begin(id), NewWait::End(id)];
            self.index.new_waits.extend(around);
        }
        // A part of a split task has others behind it that wait for everything above them, and of those one
        // that was moved may stand before a place that its order did not know of.
        let above = self.next_all_above(phase, ordinal);
        let moved = above.filter(|next| self.index.order.is_moved(*next));
        let waits: Vec<NewWait> = moved.map(|next| NewWait::Task(next.task, id)).collect();
        self.index.new_waits.extend(waits);
        self.index.in_phase.insert((phase, ordinal, id));
        if status != Status::Completed {
            self.index.unfinished.insert((phase, ordinal, id));
        }
        self.highest_task = self.highest_task.max(id.0);
        self.specs.insert(id, Arc::new(spec));
        self.states.insert(id, state);
        let open_before = self.open_for_gates(phase);
        let open_for_points = self.open_for_points(phase);
        let done_before = self.index.open_by_role.is_empty();
        self.count(phase, role, status, true);
        self.work_moved(phase, open_before);
        self.all_work_moved(done_before);
        self.phase_work_moved(phase, open_for_points);
    }

    /// Enters a stated dependency in the reverse indexes; order and chains follow at the end of the event.
    fn link(
        &mut self,
        id: TaskId,
        phase: super::super::id::PhaseNo,
        ordinal: u32,
        dependency: &Dependency,
    ) {
        if !dependency.in_force {
            return;
        }
        match &dependency.on {
            On::Task(on) => {
                self.index.dependents.insert((*on, id));
                self.index.new_waits.push(NewWait::Task(id, *on));
                self.index.chain_edits.push(ChainEdit::Lengthens(id));
            }
            On::Phase(on) => {
                if let Some(no) = self.phase_no(on) {
                    self.index.phase_dependents.insert((no, id));
                    self.index.new_waits.push(NewWait::Phase(id, no));
                }
            }
            On::AllAbove => {
                self.index.all_above.insert((phase, ordinal, id));
                self.index.new_waits.push(NewWait::Above(id));
            }
        }
    }

    /// Takes it out again.
    pub(super) fn unlink(
        &mut self,
        id: TaskId,
        phase: super::super::id::PhaseNo,
        ordinal: u32,
        on: &On,
    ) {
        match on {
            On::Task(on) => {
                self.index.dependents.remove(&(*on, id));
                self.may_shorten(*on, self.length_from(id));
            }
            On::Phase(on) => {
                if let Some(no) = self.phase_no(on) {
                    self.index.phase_dependents.remove(&(no, id));
                }
            }
            On::AllAbove => {
                self.index.all_above.remove(&(phase, ordinal, id));
                self.index.all_above_waived.remove(&(phase, ordinal, id));
            }
        }
    }

    pub(super) fn edit_spec(&mut self, id: TaskId, change: impl FnOnce(&mut Spec)) {
        edit(&mut self.specs, &id, change);
        if let Some(state) = self.states.get_mut(&id) {
            state.revision = self.version;
        }
    }

    pub(super) fn task_updated(&mut self, event: &TaskUpdated) {
        let changes = &event.changes;
        let role = changes
            .role
            .as_deref()
            .map(|slug| self.resolve_role(slug).ok());
        let length_before = self.length_from(event.task);
        let before = self.specs.get(&event.task).map(Arc::clone);
        self.edit_spec(event.task, |spec| {
            let set = |field: &mut Text, value: &Option<Text>| {
                if let Some(value) = value {
                    *field = Arc::clone(value);
                }
            };
            set(&mut spec.title, &changes.title);
            set(&mut spec.description, &changes.description);
            set(&mut spec.area, &changes.area);
            set(&mut spec.notes, &changes.notes);
            if let Some(role) = role {
                spec.role = role;
            }
            if let Some(priority) = changes.priority {
                spec.priority = priority;
            }
            if let Some(review) = changes.review {
                spec.review = review.stated();
            }
            if changes.estimate.is_some() {
                spec.estimate = changes.estimate;
            }
            if let Some(acceptance) = &changes.acceptance {
                spec.acceptance = acceptance.clone().into();
            }
            if let Some(skills) = &changes.skills {
                spec.skills = skills.clone().into();
            }
            if let Some(alias) = &changes.alias {
                spec.aliases = with(&spec.aliases, alias.as_str().into());
            }
        });
        if let Some(alias) = &changes.alias {
            self.index
                .aliases
                .insert(Text::from(alias.to_lowercase()), event.task);
        }
        if changes.estimate.is_some() {
            self.length_changed(event.task, length_before);
        }
        self.refresh_role(event.task);
        self.reindex(event.task);
        if changes.title.is_some() || changes.area.is_some() {
            self.look_for_rules(event.task, before.as_deref());
        }
    }

    pub(super) fn dependencies_added(&mut self, event: &DependenciesAdded) {
        let id = event.task;
        let Some(spec) = self.specs.get(&id).cloned() else {
            return;
        };
        for on in &event.on {
            let dependency = Dependency {
                on: on.clone(),
                in_force: true,
            };
            self.link(id, spec.phase, spec.ordinal, &dependency);
            self.edit_spec(id, |spec| {
                // One that a file stated and that was not in force comes into force.
                let others = spec
                    .dependencies
                    .iter()
                    .filter(|other| other.on != *on)
                    .cloned();
                spec.dependencies = others.chain([dependency]).collect();
                spec.waived = without(&spec.waived, on);
            });
        }
        self.mark_waivers(id);
        self.reindex(id);
    }

    pub(super) fn dependency_removed(&mut self, event: &DependencyRemoved) {
        let id = event.task;
        let Some(spec) = self.specs.get(&id).cloned() else {
            return;
        };
        self.unlink(id, spec.phase, spec.ordinal, &event.on);
        self.edit_spec(id, |spec| {
            spec.dependencies = spec
                .dependencies
                .iter()
                .filter(|other| other.on != event.on)
                .cloned()
                .collect();
            spec.waived = without(&spec.waived, &event.on);
        });
        self.mark_waivers(id);
        self.reindex(id);
    }

    pub(super) fn dependency_waived(&mut self, event: &DependencyWaived) {
        self.edit_spec(event.task, |spec| {
            spec.waived = with(&spec.waived, event.on.clone())
        });
        self.mark_waivers(event.task);
        self.reindex(event.task);
    }

    fn move_with_reason(&mut self, id: TaskId, status: Status, reason: &Text) {
        if let Some(state) = self.states.get_mut(&id) {
            state.reason = (!reason.is_empty()).then(|| Arc::clone(reason));
        }
        self.set_status(id, status);
    }

    pub(super) fn task_deferred(&mut self, event: &TaskDeferred) {
        let reason: Text = match (event.target.is_empty(), event.reason.is_empty()) {
            (true, _) => Arc::clone(&event.reason),
            (false, true) => format!("to {}", event.target).into(),
            (false, false) => format!("to {}: {}", event.target, event.reason).into(),
        };
        self.move_with_reason(event.task, Status::Deferred, &reason);
    }

    pub(super) fn task_reinstated(&mut self, event: &TaskReinstated) {
        self.move_with_reason(event.task, Status::Planned, &"".into());
    }

    pub(super) fn task_cancelled(&mut self, event: &TaskCancelled) {
        self.forget_revisits(event.task);
        self.move_with_reason(event.task, Status::Cancelled, &event.reason);
    }

    pub(super) fn task_reopened(&mut self, event: &TaskReopened) {
        let id = event.task;
        let done = self.states.get_mut(&id).and_then(|state| {
            state.checks = CheckSet::NONE;
            state.completion.take()
        });
        // Whoever did it owes nothing for work that is to be done again.
        if let Some(name) = done.and_then(|done| done.agent.clone()) {
            self.settle_checks(&name, id);
        }
        self.forget_revisits(id);
        self.move_with_reason(event.task, Status::Planned, &event.reason);
    }
}

fn imported_completion(at: Timestamp, version: u64) -> Completion {
    Completion {
        approval: None,
        at,
        agent: None,
        session: None,
        fence: 0,
        version,
        summary: "".into(),
        verification: "imported".into(),
        evidence: [].into(),
        technologies: [].into(),
        tests_passed_percent: None,
        accepted: [].into(),
        held_ms: 0,
        open_checks: CheckSet::NONE,
    }
}
