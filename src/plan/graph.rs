//! The dependency graph: tasks and phases together form no circle at any time. A task waits for what it
//! states, and for every task of the phases before its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::event::On;
use super::id::{PhaseNo, TaskId};
use super::refusal::{Reason, Refusal};
use super::state::Plan;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Task(TaskId),
    Phase(PhaseNo),
}

/// What is known during one search for a way back to a task of the phase `home`.
struct Reach {
    home: PhaseNo,
    before: BTreeSet<PhaseNo>,
    leads_home: BTreeMap<PhaseNo, bool>,
    expanded_above: BTreeMap<PhaseNo, u32>,
}

impl Reach {
    fn from(plan: &Plan, home: PhaseNo) -> Self {
        let mut before = plan.phases_before(home);
        before.remove(&home);
        Self {
            home,
            before,
            leads_home: BTreeMap::new(),
            expanded_above: BTreeMap::new(),
        }
    }

    fn leads_home(&mut self, plan: &Plan, phase: PhaseNo) -> bool {
        let home = self.home;
        *self
            .leads_home
            .entry(phase)
            .or_insert_with(|| plan.phase_precedes(home, phase))
    }
}

impl Plan {
    /// Whether `earlier` is before `later` in the phase order, directly or through others.
    pub fn phase_precedes(&self, earlier: PhaseNo, later: PhaseNo) -> bool {
        self.phases_before(later).contains(&earlier)
    }

    /// Every phase before a phase, directly or through others.
    fn phases_before(&self, no: PhaseNo) -> BTreeSet<PhaseNo> {
        let mut before = BTreeSet::new();
        let mut todo = vec![no];
        while let Some(no) = todo.pop() {
            todo.extend(
                self.predecessors(no)
                    .into_iter()
                    .filter(|other| before.insert(*other)),
            );
        }
        before
    }

    /// Refuses an edge from a task to what it would wait for when that waits for the task already; the
    /// circle is spelled out.
    pub(super) fn check_no_cycle(&self, task: TaskId, on: &On) -> Result<(), Refusal> {
        match self.path_back(task, on) {
            None => Ok(()),
            Some(path) => {
                let names: Vec<String> = path.iter().map(|node| self.node_name(*node)).collect();
                let spelled = names.join(" waits for ");
                let mut refusal = Refusal::new(
                    Reason::Cycle,
                    format!("this would close a circle: {task} waits for {spelled}"),
                )
                .fact("cycle", format!("{task} -> {}", names.join(" -> ")));
                for node in path {
                    refusal = match node {
                        Node::Task(id) => refusal.item(id, self.title(id)),
                        Node::Phase(no) => {
                            let name = self.phase(no).map_or("", |phase| &phase.name);
                            refusal.item(self.node_name(node), name)
                        }
                    };
                }
                Err(refusal)
            }
        }
    }

    fn node_name(&self, node: Node) -> String {
        match node {
            Node::Task(id) => id.to_string(),
            Node::Phase(no) => format!("phase {}", self.phase_id(no)),
        }
    }

    /// The shortest way from `on` back to `task` along what waits for what; it ends with `task`.
    fn path_back(&self, task: TaskId, on: &On) -> Option<Vec<Node>> {
        let spec = self.specs.get(&task)?;
        let mut came_from: BTreeMap<Node, Option<Node>> = BTreeMap::new();
        let mut todo = VecDeque::new();
        let mut reach = Reach::from(self, spec.phase);
        let starts: Vec<Node> = match on {
            On::Task(id) => vec![Node::Task(*id)],
            On::Phase(id) => self
                .resolve_phase(id)
                .ok()
                .map(Node::Phase)
                .into_iter()
                .collect(),
            On::AllAbove => self
                .above(spec.phase, 0, spec.ordinal)
                .map(Node::Task)
                .collect(),
        };
        for start in starts {
            came_from.insert(start, None);
            todo.push_back(start);
        }
        while let Some(node) = todo.pop_front() {
            let reached = match node {
                Node::Task(id) if id == task => true,
                Node::Phase(no) => no == spec.phase,
                Node::Task(_) => false,
            };
            if reached {
                return Some(self.walked(node, task, &came_from));
            }
            for next in self.waits_for(node, &mut reach) {
                came_from.entry(next).or_insert_with(|| {
                    todo.push_back(next);
                    Some(node)
                });
            }
        }
        None
    }

    fn walked(
        &self,
        end: Node,
        task: TaskId,
        came_from: &BTreeMap<Node, Option<Node>>,
    ) -> Vec<Node> {
        let mut path = vec![end];
        while let Some(Some(before)) = path.last().and_then(|node| came_from.get(node)) {
            path.push(*before);
        }
        path.reverse();
        if end != Node::Task(task) {
            path.push(Node::Task(task));
        }
        path
    }

    /// Tasks of a phase with an ordinal from `from` up to, not including, `to`.
    fn above(&self, phase: PhaseNo, from: u32, to: u32) -> impl Iterator<Item = TaskId> + '_ {
        let range = (phase, from, TaskId(0))..(phase, to.max(from), TaskId(0));
        self.index.in_phase.range(range).map(|&(_, _, id)| id)
    }

    /// What a node waits for. A task of another phase waits for that phase's predecessors as a whole:
    /// they lead back to the task in question only when its phase is among them.
    fn waits_for(&self, node: Node, reach: &mut Reach) -> Vec<Node> {
        match node {
            Node::Phase(no) => {
                let before = self.predecessors(no).into_iter().map(Node::Phase);
                before
                    .chain(self.above(no, 0, u32::MAX).map(Node::Task))
                    .collect()
            }
            Node::Task(id) => {
                let Some(spec) = self.specs.get(&id) else {
                    return Vec::new();
                };
                // What stands before home is waited for by home and, without a circle, never waits for it.
                if reach.before.contains(&spec.phase) {
                    return Vec::new();
                }
                let mut nodes = Vec::new();
                for dependency in spec
                    .dependencies
                    .iter()
                    .filter(|dependency| dependency.in_force)
                {
                    match &dependency.on {
                        On::Task(on) => nodes.push(Node::Task(*on)),
                        On::Phase(on) => nodes.extend(self.resolve_phase(on).ok().map(Node::Phase)),
                        On::AllAbove => {
                            let from = reach.expanded_above.entry(spec.phase).or_insert(0);
                            nodes.extend(
                                self.above(spec.phase, *from, spec.ordinal).map(Node::Task),
                            );
                            *from = (*from).max(spec.ordinal);
                        }
                    }
                }
                if spec.phase != reach.home && reach.leads_home(self, spec.phase) {
                    nodes.extend(self.predecessors(spec.phase).into_iter().map(Node::Phase));
                }
                nodes
            }
        }
    }

    /// Refuses a phase order in which a phase is before itself, or in which a task would wait for a task
    /// that has to wait for it.
    pub(super) fn check_phase_order(&self, changed: PhaseNo) -> Result<(), Refusal> {
        if self.phase_precedes(changed, changed) {
            let id = self.phase_id(changed);
            return Err(Refusal::new(
                Reason::Cycle,
                format!("this would put phase {id} before itself"),
            )
            .fact("cycle", format!("phase {id} -> … -> phase {id}")));
        }
        for view in self.tasks() {
            for dependency in view
                .spec
                .dependencies
                .iter()
                .filter(|dependency| dependency.in_force)
            {
                self.check_no_cycle(view.id, &dependency.on)?;
            }
        }
        Ok(())
    }
}
