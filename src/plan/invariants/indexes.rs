//! The indexes, each worked out anew from the entities and compared with what the plan keeps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::event::{On, PhaseOrdering};
use super::super::id::{BlockerId, DecisionId, PhaseNo, RoleNo, TaskId};
use super::super::model::{
    DeliverableStatus, MilestoneStatus, SessionStatus, Spec, SprintStatus, Status,
};
use super::super::runs::{RunMap, RunSet};
use super::super::state::{Class, Index, Link, Plan, ReadyKey};
use super::Broken;
use super::ready::HeldUp;

impl Plan {
    pub(super) fn check_indexes(&self, broken: &mut Broken) {
        let fresh = self.worked_out();
        let kept = &self.index;
        let order: BTreeSet<PhaseNo> = kept.phase_order.iter().copied().collect();
        let known: BTreeSet<PhaseNo> = self.phases.keys().copied().collect();
        broken.same("phases in order", &order, &known);
        broken.same("phases ordered", &kept.phase_order.len(), &known.len());
        broken.same("phase ids", &kept.phase_ids, &fresh.phase_ids);
        broken.same("passed phases", &kept.passed, &fresh.passed);
        broken.same("open phases", &kept.open_phases, &fresh.open_phases);
        broken.same("aliases", &kept.aliases, &fresh.aliases);
        broken.same("tasks in phases", &kept.in_phase, &fresh.in_phase);
        broken.same("unfinished tasks", &kept.unfinished, &fresh.unfinished);
        broken.same("waits for all above", &kept.all_above, &fresh.all_above);
        broken.same(
            "waived waits",
            &kept.all_above_waived,
            &fresh.all_above_waived,
        );
        broken.same("dependents", &kept.dependents, &fresh.dependents);
        broken.same(
            "phase dependents",
            &kept.phase_dependents,
            &fresh.phase_dependents,
        );
        broken.same("tallies", &kept.tallies, &fresh.tallies);
        broken.same(
            "open tasks by role",
            &kept.open_by_role,
            &fresh.open_by_role,
        );
        broken.same("ready tasks", &kept.ready, &fresh.ready);
        broken.same("ready keys", &kept.ready_keys, &fresh.ready_keys);
        broken.same("ready classes", &kept.classes, &fresh.classes);
        broken.same("live tasks", &kept.live, &fresh.live);
        broken.same("blockers by task", &kept.blockers_of, &fresh.blockers_of);
        broken.same("open blockers", &kept.open_blockers, &fresh.open_blockers);
        broken.same("blockers that settle", &kept.settled_by, &fresh.settled_by);
        broken.same(
            "phase blockers",
            &kept.phase_blockers,
            &fresh.phase_blockers,
        );
        broken.same("decisions by task", &kept.decisions_of, &fresh.decisions_of);
        let deliverables = (&kept.deliverables_of, &kept.unaccepted, &kept.submitted);
        let found = (&fresh.deliverables_of, &fresh.unaccepted, &fresh.submitted);
        broken.same("deliverables", &deliverables, &found);
        let milestones = (&kept.milestones_ahead, &kept.milestones_on);
        let found = (&fresh.milestones_ahead, &fresh.milestones_on);
        broken.same("milestones", &milestones, &found);
        let sprint = (&kept.active_sprint, &kept.committed);
        broken.same(
            "committed tasks",
            &sprint,
            &(&fresh.active_sprint, &fresh.committed),
        );
        let assigned = (&kept.assignees, &kept.assignments_of);
        let found = (&fresh.assignees, &fresh.assignments_of);
        broken.same("assignments", &assigned, &found);
        broken.same("untriaged", &kept.untriaged, &fresh.untriaged);
        broken.same("open sessions", &kept.open_sessions, &fresh.open_sessions);
    }

    fn worked_out(&self) -> Index {
        let mut index = Index::default();
        let held_up = self.naive_held_up();
        self.index_phases(&held_up, &mut index);
        for (id, spec) in &self.specs {
            self.index_words(*id, spec, &mut index);
            self.index_standing(*id, spec, &held_up, &mut index);
        }
        self.index_queues(&mut index);
        index
    }

    fn index_phases(&self, held_up: &HeldUp, index: &mut Index) {
        for phase in self.phases.values() {
            index
                .phase_ids
                .insert(phase.id.to_lowercase().into(), phase.no);
        }
        let open = self.index.phase_order.iter().copied();
        let open = open.filter(|no| self.naive_open(*no, &held_up.passed));
        index.open_phases = open.collect();
        index.passed = held_up.passed.iter().copied().collect();
    }

    fn index_words(&self, id: TaskId, spec: &Spec, index: &mut Index) {
        let place = (spec.phase, spec.ordinal, id);
        index.in_phase.insert(place);
        for alias in &spec.aliases {
            index.aliases.insert(alias.to_lowercase().into(), id);
        }
        for dependency in spec.dependencies.iter().filter(|it| it.in_force) {
            match &dependency.on {
                On::Task(on) => {
                    index.dependents.insert((*on, id));
                }
                On::Phase(phase) => {
                    let no = self.naive_phase(phase);
                    index.phase_dependents.extend(no.map(|no| (no, id)));
                }
                On::AllAbove => {
                    index.all_above.insert(place);
                    if !spec.waived.is_empty() {
                        index.all_above_waived.insert(place);
                    }
                }
            }
        }
    }

    fn naive_role(&self, spec: &Spec) -> Option<RoleNo> {
        let slug = self
            .project()
            .and_then(|project| project.settings.areas.get(&spec.area.to_lowercase()));
        let of_area = slug.and_then(|slug| self.resolve_role(slug).ok());
        let lead = self
            .phases
            .get(&spec.phase)
            .and_then(|phase| phase.lead_role);
        spec.role.or(of_area).or(lead)
    }

    fn index_standing(&self, id: TaskId, spec: &Spec, held_up: &HeldUp, index: &mut Index) {
        let Some(state) = self.states.get(&id) else {
            return;
        };
        let role = self.naive_role(spec);
        *index
            .tallies
            .entry(spec.phase)
            .or_default()
            .of(state.status) += 1;
        if !state.status.is_terminal() {
            *index.open_by_role.entry(role).or_insert(0) += 1;
        }
        if state.status != Status::Completed && !self.naive_was_split(id) {
            index.unfinished.insert((spec.phase, spec.ordinal, id));
        }
        if state.lease.is_some() {
            index.live.insert(id);
        }
        if self.naive_own_conditions(id, held_up) {
            let mut skills = spec.skills.to_vec();
            skills.sort();
            let class = Class {
                role,
                skills: skills.into(),
                in_sprint: self.naive_in_sprint(id),
                assignees: self.naive_assignees(id, spec),
            };
            let chain = self.index.chains.get(&id).copied().unwrap_or(0);
            let phase = self.phases.get(&spec.phase);
            let by_table = phase.is_some_and(|it| it.ordering == PhaseOrdering::Table);
            let key = ReadyKey {
                phase: spec.phase,
                class: class.clone(),
                priority: if by_table { 0 } else { spec.priority },
                chain: Reverse(if by_table { 0 } else { chain }),
                ordinal: spec.ordinal,
                task: id,
            };
            index.ready.insert(key.clone());
            index.ready_keys.insert(id, key);
            *index.classes.entry((spec.phase, class)).or_insert(0) += 1;
        }
    }

    fn index_queues(&self, index: &mut Index) {
        let mut blockers: BTreeMap<TaskId, Vec<BlockerId>> = BTreeMap::new();
        for (id, blocker) in &self.blockers {
            for task in &blocker.tasks {
                blockers.entry(*task).or_default().push(*id);
            }
            if blocker.status.is_open() {
                index.open_blockers.insert(*id);
                index
                    .settled_by
                    .extend(blocker.waits_for.map(|on| (on, *id)));
                if let Some(phase) = blocker.phase {
                    *index.phase_blockers.entry(phase).or_insert(0) += 1;
                }
            }
        }
        let mut decisions: BTreeMap<TaskId, Vec<DecisionId>> = BTreeMap::new();
        for (id, decision) in &self.decisions {
            for task in &decision.blocks {
                decisions.entry(*task).or_default().push(*id);
            }
            for phase in decision.phases.iter().filter(|_| decision.answer.is_none()) {
                *index.phase_blockers.entry(*phase).or_insert(0) += 1;
            }
        }
        index.blockers_of = boxed(blockers);
        index.decisions_of = boxed(decisions);
        for (id, deliverable) in &self.deliverables {
            let open = deliverable.status != DeliverableStatus::Accepted;
            let phase = deliverable.phase.map(|no| (no, *id));
            index.deliverables_of.extend(phase);
            index.unaccepted.extend(phase.filter(|_| open));
            if deliverable.status == DeliverableStatus::Submitted {
                index.submitted.insert(*id);
            }
        }
        let ahead = self.milestones.values();
        for milestone in ahead.filter(|it| it.status == MilestoneStatus::Pending) {
            let id = milestone.id;
            index.milestones_ahead.insert(id);
            let phases = milestone.phases.iter().map(|no| Link::Phase(*no));
            index.milestones_on.extend(phases.map(|link| (link, id)));
            let tasks = milestone.tasks.iter().map(|task| Link::Task(*task));
            index.milestones_on.extend(tasks.map(|link| (link, id)));
            let handed_over = milestone.deliverables.iter();
            let handed_over = handed_over.map(|it| (Link::Deliverable(*it), id));
            index.milestones_on.extend(handed_over);
        }
        let mut sprints = self.sprints.values();
        if let Some(active) = sprints.find(|it| it.status == SprintStatus::Active) {
            index.active_sprint = Some(active.id);
            index.committed.extend(active.tasks.iter().copied());
        }
        self.index_assignments(index);
        let untriaged = self.discovered.values().filter(|it| it.triage.is_none());
        index.untriaged = untriaged.map(|found| found.id).collect();
        let open = self.sessions.values();
        let open = open.filter(|session| session.status == SessionStatus::Open);
        index.open_sessions = open.map(|session| session.id).collect::<RunSet<_>>();
    }

    /// The chains, once they are settled: the longest sum of estimates of tasks that wait by name.
    pub(super) fn check_chains(&self, broken: &mut Broken) {
        if !self.is_settled() {
            return;
        }
        let session = self
            .project()
            .map_or(60, |project| project.settings.session_minutes);
        let mut chains: BTreeMap<TaskId, u32> = BTreeMap::new();
        // Each round carries every chain one step further; without a circle it comes to rest.
        for _ in 0..=self.specs.len() {
            let before = chains.clone();
            for (id, spec) in &self.specs {
                let own = spec.estimate.map_or(session, |it| it.minutes(session));
                let length = own.saturating_add(chains.get(id).copied().unwrap_or(0));
                for dependency in spec.dependencies.iter().filter(|it| it.in_force) {
                    if let On::Task(on) = dependency.on {
                        let chain = chains.entry(on).or_insert(0);
                        *chain = (*chain).max(length);
                    }
                }
            }
            if chains == before {
                break;
            }
        }
        let kept: BTreeMap<TaskId, u32> = self.index.chains.iter().map(|(k, v)| (*k, *v)).collect();
        broken.same("chains", &kept, &chains);
    }
}

fn boxed<K: Ord + Clone, V: Clone>(lists: BTreeMap<K, Vec<V>>) -> RunMap<K, Box<[V]>> {
    let lists = lists.into_iter();
    lists
        .map(|(key, list)| (key, list.into_boxed_slice()))
        .collect()
}
