//! The order: tasks and phases wait for each other without a circle, and the current phase is the first
//! that is not passed. The way is to take away, again and again, whatever waits for nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::super::event::{GateScope, On};
use super::super::id::{PhaseNo, TaskId};
use super::super::model::PhaseState;
use super::super::order::Node;
use super::super::state::Plan;
use super::Broken;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Begin(PhaseNo),
    Task(TaskId),
    End(PhaseNo),
}

impl Plan {
    /// The phases right before a phase: as stated, else the one in front of it.
    pub(super) fn naive_before(&self, no: PhaseNo) -> Vec<PhaseNo> {
        let stated = self
            .phases
            .get(&no)
            .and_then(|phase| phase.stated_predecessors.as_deref());
        if let Some(stated) = stated {
            return stated.to_vec();
        }
        let in_front = self.index.phase_order.windows(2).find(|pair| pair[1] == no);
        in_front.map(|pair| pair[0]).into_iter().collect()
    }

    /// Tasks of the same phase with a lower ordinal.
    pub(super) fn naive_above(&self, id: TaskId) -> Vec<TaskId> {
        let Some(spec) = self.specs.get(&id) else {
            return Vec::new();
        };
        let above = self
            .specs
            .iter()
            .filter(|(_, other)| other.phase == spec.phase && other.ordinal < spec.ordinal);
        above.map(|(id, _)| *id).collect()
    }

    /// A phase of a written id.
    pub(super) fn naive_phase(&self, id: &str) -> Option<PhaseNo> {
        let mut named = self
            .phases
            .values()
            .filter(|phase| phase.id.to_lowercase() == id.to_lowercase());
        named.next().map(|phase| phase.no)
    }

    /// Whether a phase and all before it hold nothing up.
    pub(super) fn naive_passed(&self) -> BTreeSet<PhaseNo> {
        let filled: BTreeSet<PhaseNo> = self.specs.values().map(|spec| spec.phase).collect();
        let gates = self.gates.values().filter(|gate| gate.retired.is_none());
        let gated = gates.filter_map(|gate| match &gate.scope {
            GateScope::Phase(phase) => self.naive_phase(phase),
            _ => None,
        });
        let gated: BTreeSet<PhaseNo> = gated.collect();
        let mut passed = BTreeSet::new();
        loop {
            let before = passed.len();
            for phase in self.phases.values() {
                let hands_over = self.deliverables.values();
                let hands_over = hands_over.filter(|it| it.phase == Some(phase.no)).count();
                let asked = phase.criteria.iter().filter(|it| it.withdrawn.is_none());
                let empty = asked.count() == 0
                    && !filled.contains(&phase.no)
                    && !gated.contains(&phase.no)
                    && hands_over == 0;
                let over = phase.state != PhaseState::Open || empty;
                let all = self.naive_before(phase.no);
                if over && all.iter().all(|no| passed.contains(no)) {
                    passed.insert(phase.no);
                }
            }
            if passed.len() == before {
                return passed;
            }
        }
    }

    fn waits(&self) -> BTreeMap<Thing, Vec<Thing>> {
        let mut waits: BTreeMap<Thing, Vec<Thing>> = BTreeMap::new();
        for no in self.phases.keys() {
            let before = self.naive_before(*no).into_iter().map(Thing::End);
            waits.insert(Thing::Begin(*no), before.collect());
            waits.insert(Thing::End(*no), vec![Thing::Begin(*no)]);
        }
        for (id, spec) in &self.specs {
            let mut of = vec![Thing::Begin(spec.phase)];
            for dependency in spec.dependencies.iter().filter(|it| it.in_force) {
                match &dependency.on {
                    On::Task(on) => of.push(Thing::Task(*on)),
                    On::Phase(phase) => of.extend(self.naive_phase(phase).map(Thing::End)),
                    On::AllAbove => of.extend(self.naive_above(*id).into_iter().map(Thing::Task)),
                }
            }
            waits.insert(Thing::Task(*id), of);
            if let Some(of_phase) = waits.get_mut(&Thing::End(spec.phase)) {
                of_phase.push(Thing::Task(*id));
            }
        }
        waits
    }

    /// The kept order puts everything behind what it waits for.
    fn check_kept_order(&self, waits: &BTreeMap<Thing, Vec<Thing>>, broken: &mut Broken) {
        let node = |thing: Thing| match thing {
            Thing::Begin(no) => Some(Node::begin(no)),
            Thing::End(no) => Some(Node::end(no)),
            Thing::Task(task) => self.specs.get(&task).map(|spec| Node {
                phase: spec.phase,
                place: spec.ordinal,
                task,
            }),
        };
        let rank = |thing: Thing| node(thing).map(|node| self.index.order.rank(node));
        let mut ranks: BTreeSet<_> = BTreeSet::new();
        for (thing, of) in waits {
            broken.unless(ranks.insert(rank(*thing)), || {
                format!("{thing:?} shares its place in the order")
            });
            for other in of {
                broken.unless(rank(*other) < rank(*thing), || {
                    format!("{thing:?} stands before {other:?} in the order, which it waits for")
                });
            }
        }
        broken.unless(!self.index.order.circular, || {
            "the order is given up as circular".to_owned()
        });
    }

    pub(super) fn check_order(&self, broken: &mut Broken) {
        let waits = self.waits();
        let mut open: BTreeMap<Thing, usize> = BTreeMap::new();
        let mut behind: BTreeMap<Thing, Vec<Thing>> = BTreeMap::new();
        for (thing, of) in &waits {
            open.insert(*thing, of.len());
            for other in of {
                broken.unless(waits.contains_key(other), || {
                    format!("{thing:?} waits for {other:?}, which does not exist")
                });
                behind.entry(*other).or_default().push(*thing);
            }
        }
        let free = open.iter().filter(|(_, count)| **count == 0);
        let mut todo: Vec<Thing> = free.map(|(thing, _)| *thing).collect();
        while let Some(thing) = todo.pop() {
            open.remove(&thing);
            for other in behind.get(&thing).into_iter().flatten() {
                if let Some(count) = open.get_mut(other) {
                    *count -= 1;
                    if *count == 0 {
                        todo.push(*other);
                    }
                }
            }
        }
        broken.unless(open.is_empty(), || {
            format!(
                "these wait in a circle: {:?}",
                open.keys().collect::<Vec<_>>()
            )
        });
        self.check_kept_order(&waits, broken);
        let passed = self.naive_passed();
        let current = self.index.phase_order.iter().copied().find(|no| {
            !passed.contains(no) && self.naive_before(*no).iter().all(|no| passed.contains(no))
        });
        broken.same("current phase", &self.current_phase(), &current);
    }
}
