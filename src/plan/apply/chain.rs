//! The longest chain of tasks that wait for a task, by estimate: the tie-break of the claim order. A change is
//! carried along at once, only as far as it changes something and each task once, in the kept order; one that
//! changes very much leaves it to one linear pass before the next claim. Whole-phase and all-above
//! dependencies lengthen chains alike and are left out.

use std::collections::BTreeMap;

use super::super::event::On;
use super::super::id::TaskId;
use super::super::model::Spec;
use super::super::order::Rank;
use super::super::place::Places;
use super::super::runs::RunMap;
use super::super::state::{ChainEdit, Plan};

/// Steps that carrying the changes of one event along may take in any plan before it is left to the linear
/// pass.
const STEPS_MIN: usize = 10_000;
/// Tasks of a plan for each further step: a step costs more than a task does in the linear pass.
const TASKS_A_STEP: usize = 16;

/// What is known of a task whose chain may change: when those behind it are done with, the rest follows.
#[derive(Default)]
struct Change {
    /// At least so long now.
    raised: u32,
    /// What made it as long as it was is gone.
    lost: bool,
    /// It waits for more than before.
    waits_more: bool,
}

impl Plan {
    /// A task's estimate in minutes; a session when it has none.
    pub(in super::super) fn minutes_of(&self, spec: &Spec) -> u32 {
        let session = self.session_minutes();
        spec.estimate
            .map_or(session, |estimate| estimate.minutes(session))
    }

    /// The longest chain of tasks that wait for it, in minutes.
    pub(in super::super) fn chain(&self, id: TaskId) -> u32 {
        self.index.chains.get(&id).copied().unwrap_or(0)
    }

    /// The chain from a task on, its own estimate included: what it makes of those it waits for.
    pub(super) fn length_from(&self, id: TaskId) -> u32 {
        let own = self.specs.get(&id).map_or(0, |spec| self.minutes_of(spec));
        own.saturating_add(self.chain(id))
    }

    /// A wait of this length for a task is gone.
    pub(super) fn may_shorten(&mut self, on: TaskId, length: u32) {
        if self.chain(on) == length {
            self.index.chain_edits.push(ChainEdit::Shortens(on));
        }
    }

    /// A task's own estimate changed.
    pub(super) fn length_changed(&mut self, id: TaskId, before: u32) {
        let Some(spec) = self.specs.get(&id).cloned() else {
            return;
        };
        if self.length_from(id) < before {
            for on in waited_for(&spec) {
                self.may_shorten(on, before);
            }
        } else {
            self.index.chain_edits.push(ChainEdit::Lengthens(id));
        }
    }

    /// Carries what an event changed along to all it changes.
    pub(super) fn keep_chains(&mut self) {
        if self.index.chain_edits.is_empty() {
            return;
        }
        let edits = std::mem::take(&mut self.index.chain_edits);
        if self.index.chains_stale {
            return;
        }
        let mut work: BTreeMap<(Rank, TaskId), Change> = BTreeMap::new();
        let steps_max = STEPS_MIN + self.task_count() / TASKS_A_STEP;
        let mut steps = 0;
        for edit in edits {
            match edit {
                ChainEdit::Shortens(on) => work.entry(self.place_of(on)).or_default().lost = true,
                ChainEdit::Lengthens(id) => {
                    work.entry(self.place_of(id)).or_default().waits_more = true;
                }
            }
        }
        // Whoever waits comes before what it waits for, so each is looked at once.
        while let Some(((_, id), change)) = work.pop_last() {
            if steps > steps_max {
                self.index.chains_stale = true;
                return;
            }
            steps += 1 + self.carry(id, &change, &mut work);
        }
    }

    fn place_of(&self, id: TaskId) -> (Rank, TaskId) {
        let rank = self.node(id).map(|node| self.index.order.rank(node));
        (rank.unwrap_or(Rank::LOWEST), id)
    }

    /// Notes for all that a task waits for that they have a chain of this length at least; how many.
    fn raise(&self, id: TaskId, length: u32, work: &mut BTreeMap<(Rank, TaskId), Change>) -> usize {
        let Some(spec) = self.specs.get(&id) else {
            return 0;
        };
        for on in waited_for(spec) {
            if self.chain(on) < length {
                let change = work.entry(self.place_of(on)).or_default();
                change.raised = change.raised.max(length);
            }
        }
        spec.dependencies.len()
    }

    /// Gives a task its chain and notes what follows for those it waits for; how many were looked at.
    fn carry(
        &mut self,
        id: TaskId,
        change: &Change,
        work: &mut BTreeMap<(Rank, TaskId), Change>,
    ) -> usize {
        let before = self.chain(id);
        let mut steps = 0;
        let after = if change.lost {
            let mut longest = 0;
            for dependent in self.dependents(id) {
                steps += 1;
                longest = longest.max(self.length_from(dependent));
                // One that is as long as before settles it, unless another has grown.
                if longest == before && change.raised <= before {
                    break;
                }
            }
            longest
        } else {
            before.max(change.raised)
        };
        if after == before {
            if change.waits_more {
                steps += self.raise(id, self.length_from(id), work);
            }
            return steps;
        }
        let length_before = self.length_from(id);
        if after == 0 {
            self.index.chains.remove(&id);
        } else {
            self.index.chains.insert(id, after);
        }
        self.reindex(id);
        let length = self.length_from(id);
        if length > length_before || change.waits_more {
            steps += self.raise(id, length, work);
        }
        if length > length_before {
            return steps;
        }
        let Some(spec) = self.specs.get(&id) else {
            return steps;
        };
        for on in waited_for(spec) {
            steps += 1;
            if self.chain(on) == length_before {
                work.entry(self.place_of(on)).or_default().lost = true;
            }
        }
        steps
    }

    /// Works every chain out anew in one pass from the tasks nobody waits for.
    pub(super) fn recompute_chains(&mut self) {
        let places = Places::of(self);
        let mut waiting = vec![0_u32; places.count()];
        for spec in self.specs.values() {
            for place in waited_for(spec).filter_map(|on| places.get(on)) {
                waiting[place] += 1;
            }
        }
        let mut chains = vec![0_u32; places.count()];
        let numbered = places.ids().iter().zip(&waiting);
        let mut todo: Vec<TaskId> = numbered
            .filter(|(_, waiting)| **waiting == 0)
            .map(|(id, _)| *id)
            .collect();
        while let Some(id) = todo.pop() {
            let (Some(spec), Some(own)) = (self.specs.get(&id), places.get(id)) else {
                continue;
            };
            let length = self.minutes_of(spec).saturating_add(chains[own]);
            for on in waited_for(spec) {
                let Some(place) = places.get(on) else {
                    continue;
                };
                chains[place] = chains[place].max(length);
                waiting[place] -= 1;
                if waiting[place] == 0 {
                    todo.push(on);
                }
            }
        }
        let numbered = places.ids().iter().zip(&chains);
        self.index.chains = numbered
            .filter(|(_, chain)| **chain > 0)
            .map(|(id, chain)| (*id, *chain))
            .collect::<RunMap<_, _>>();
        self.index.chains_stale = false;
        let wakes = self.index.wakes;
        let ready: Vec<TaskId> = self.index.ready_keys.keys().copied().collect();
        for id in ready {
            self.reindex(id);
        }
        // A new order makes nothing claimable that was not.
        self.index.wakes = wakes;
    }
}

/// The tasks a task waits for by name.
fn waited_for(spec: &Spec) -> impl Iterator<Item = TaskId> + '_ {
    spec.dependencies
        .iter()
        .filter(|dependency| dependency.in_force)
        .filter_map(|dependency| match dependency.on {
            On::Task(on) => Some(on),
            On::Phase(_) | On::AllAbove => None,
        })
}
