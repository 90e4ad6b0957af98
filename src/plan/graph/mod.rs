//! The dependency graph: tasks and phases together form no circle at any time. A task waits for what it
//! states, and for every task of the phases before its own.

mod circle;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::event::On;
use super::id::{PhaseNo, TaskId};
use super::model::Spec;
use super::refusal::{Reason, Refusal};
use super::state::Plan;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Task(TaskId),
    Phase(PhaseNo),
}

/// Steps of a circle that are spelled out.
const CIRCLE_NAMED_MAX: usize = 20;
/// New edges that are followed one by one; with more, one walk over the whole plan costs less.
const EDGES_FOLLOWED_MAX: usize = 8;

/// What is known during one search for a way back to a task of the phase `home`.
struct Reach {
    home: PhaseNo,
    before: BTreeSet<PhaseNo>,
    expanded_above: BTreeMap<PhaseNo, u32>,
}

impl Reach {
    fn from(plan: &Plan, home: PhaseNo) -> Self {
        let mut before = plan.phases_before(home);
        before.remove(&home);
        Self {
            home,
            before,
            expanded_above: BTreeMap::new(),
        }
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
            Some(path) => Err(self.refuse_circle(Node::Task(task), &path)),
        }
    }

    /// The refusal of an edge from `first` to what waits for it, the way back spelled out.
    fn refuse_circle(&self, first: Node, path: &[Node]) -> Refusal {
        let named = path.iter().take(CIRCLE_NAMED_MAX);
        let mut names: Vec<String> = named.map(|node| self.node_name(*node)).collect();
        if path.len() > CIRCLE_NAMED_MAX {
            names.push("…".to_owned());
            names.extend(path.last().map(|node| self.node_name(*node)));
        }
        let first = self.node_name(first);
        let spelled = names.join(" waits for ");
        let mut refusal = Refusal::new(
            Reason::Cycle,
            format!(
                "this would close a circle: {first} waits for {spelled}; leave one of these waits out"
            ),
        )
        .fact("cycle", format!("{first} -> {}", names.join(" -> ")));
        for node in path {
            refusal = match node {
                Node::Task(id) => refusal.item(id, self.title(*id)),
                Node::Phase(no) => {
                    let name = self.phase(*no).map_or("", |phase| &phase.name);
                    refusal.item(self.node_name(*node), name)
                }
            };
        }
        let task = path.iter().find_map(|node| match node {
            Node::Task(id) => Some(*id),
            Node::Phase(_) => None,
        });
        refusal.next(task.map_or("phase list".to_owned(), |id| format!("task show {id}")))
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
            On::Phase(id) => self.phase_no(id).map(Node::Phase).into_iter().collect(),
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

    /// What a node waits for. A task of another phase waits for that phase's predecessors as a whole.
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
                        On::Phase(on) => nodes.extend(self.phase_no(on).map(Node::Phase)),
                        On::AllAbove => {
                            let from = reach.expanded_above.entry(spec.phase).or_insert(0);
                            nodes.extend(
                                self.above(spec.phase, *from, spec.ordinal).map(Node::Task),
                            );
                            *from = (*from).max(spec.ordinal);
                        }
                    }
                }
                if spec.phase != reach.home {
                    nodes.extend(self.predecessors(spec.phase).into_iter().map(Node::Phase));
                }
                nodes
            }
        }
    }

    /// Refuses a plan in which something waits for itself, by whatever way: for a new phase order, and for
    /// many new edges at once.
    pub(super) fn check_whole(&self) -> Result<(), Refusal> {
        match self.circle() {
            None => Ok(()),
            Some(mut circle) => {
                let Some(first) = circle.first().copied() else {
                    return Ok(());
                };
                circle.rotate_left(1);
                Err(self.refuse_circle(first, &circle))
            }
        }
    }

    /// Refuses tasks that have just come in when one of their edges closes a circle.
    pub(super) fn check_added(&self, ids: &[TaskId]) -> Result<(), Refusal> {
        let mut edges = Vec::new();
        for view in ids.iter().filter_map(|id| self.task(*id)) {
            let in_force = view.spec.dependencies.iter().filter(|edge| edge.in_force);
            edges.extend(in_force.map(|edge| (view.id, view.spec, &edge.on)));
        }
        let linear = self
            .phases()
            .all(|phase| phase.stated_predecessors.is_none());
        if linear && self.is_plainly_behind(&edges) {
            return Ok(());
        }
        if edges.len() > EDGES_FOLLOWED_MAX {
            return self.check_whole();
        }
        for (id, _, on) in edges {
            self.check_no_cycle(id, on)?;
        }
        Ok(())
    }

    /// Whether each edge leads from a new task to one before it in plan order or to an earlier phase. With
    /// the phases in a row, and new tasks being the last of their phases, these can close no circle, for
    /// nothing that was there before waits for a new task but what stands in later phases.
    fn is_plainly_behind(&self, edges: &[(TaskId, &Spec, &On)]) -> bool {
        let places: BTreeMap<PhaseNo, usize> = self
            .phases()
            .enumerate()
            .map(|(place, phase)| (phase.no, place))
            .collect();
        let place_of = |no: PhaseNo| places.get(&no).copied();
        edges.iter().all(|(_, spec, on)| {
            let home = place_of(spec.phase);
            match on {
                On::AllAbove => true,
                On::Phase(phase) => self.phase_no(phase).and_then(place_of) < home,
                On::Task(on) => self.specs.get(on).is_some_and(|other| {
                    (place_of(other.phase), other.ordinal) < (home, spec.ordinal)
                }),
            }
        })
    }
}
