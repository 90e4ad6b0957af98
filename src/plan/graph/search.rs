//! The search a new wait costs: from both of its ends at once, only among what stands between them in the
//! kept order, for as many steps as are granted. It finds a circle exactly when there is one.

use std::collections::{BTreeMap, VecDeque};

use super::super::event::On;
use super::super::id::{PhaseNo, TaskId};
use super::super::order::{Node, Rank};
use super::super::state::Plan;

/// Steps after which a shorter way of spelling a circle out is given up.
const SHORTEST_STEPS_MAX: u64 = 20_000;

/// What a search came to.
pub enum Found {
    /// The order holds already.
    InOrder,
    /// No circle. These stand before what they wait for now, each behind what it waits for among them; they
    /// go behind the last of the new predecessors.
    Behind(Vec<Node>),
    /// No circle. These stand behind what waits for them now; they go before the task.
    Before(Vec<Node>),
    /// The way from a new predecessor back to the task.
    Circle(Vec<Node>),
    /// More steps would be needed than were granted.
    TooFar,
}

/// What a side has still to look at.
enum Todo {
    /// Everything next to a node.
    Around(Node),
    /// Tasks of a phase: from a place on, the parts of a split task one by one, up to an ordinal.
    Tasks {
        of: Node,
        from: (u32, TaskId),
        to: u32,
    },
    /// Tasks that name a task.
    Dependents { of: Node, after: TaskId },
    /// Tasks that name a phase.
    OfPhase { of: Node, after: TaskId },
    /// The nth thing that a task states.
    Stated { of: Node, nth: usize },
}

/// One end of the search: with `up`, from the task to all that waits for it, depth first; else from its new
/// predecessors to all they wait for, breadth first. In a plan of layers the two meet soon.
struct Side<'a> {
    plan: &'a Plan,
    up: bool,
    bound: Rank,
    /// What was reached, and from where.
    seen: BTreeMap<Node, Option<Node>>,
    todo: VecDeque<Todo>,
    fresh: Vec<Node>,
    spent: u64,
    behind: Option<BTreeMap<PhaseNo, Vec<PhaseNo>>>,
}

impl<'a> Side<'a> {
    fn from(plan: &'a Plan, starts: &[Node], up: bool, bound: Rank) -> Self {
        let mut side = Self {
            plan,
            up,
            bound,
            seen: BTreeMap::new(),
            todo: VecDeque::new(),
            fresh: Vec::new(),
            spent: 0,
            behind: None,
        };
        for start in starts {
            side.seen.insert(*start, None);
            side.todo.push_back(Todo::Around(*start));
            side.fresh.push(*start);
        }
        side
    }

    /// Goes one step on; false when nothing is left to look at.
    fn step(&mut self) -> bool {
        let next = if self.up {
            self.todo.pop_back()
        } else {
            self.todo.pop_front()
        };
        let Some(next) = next else { return false };
        self.spent += 1;
        match next {
            Todo::Around(node) if self.up => self.around_up(node),
            Todo::Around(node) => self.around_down(node),
            Todo::Tasks { of, from, to } => self.one_task(of, from, to),
            Todo::Dependents { of, after } => {
                let next = self.plan.dependents_after(of.task, after).next();
                if let Some(id) = next {
                    self.put_back(Todo::Dependents { of, after: id });
                    self.reach_task(id, of);
                }
            }
            Todo::OfPhase { of, after } => {
                let next = self.plan.phase_dependents_after(of.phase, after).next();
                if let Some(id) = next {
                    self.put_back(Todo::OfPhase { of, after: id });
                    self.reach_task(id, of);
                }
            }
            Todo::Stated { of, nth } => self.one_stated(of, nth),
        }
        true
    }

    /// What is not done with is gone on with first.
    fn put_back(&mut self, todo: Todo) {
        if self.up {
            self.todo.push_back(todo);
        } else {
            self.todo.push_front(todo);
        }
    }

    fn reach(&mut self, node: Node, from: Node) {
        let rank = self.plan.index.order.rank(node);
        let within = if self.up {
            rank <= self.bound
        } else {
            rank >= self.bound
        };
        if within && !self.seen.contains_key(&node) {
            self.seen.insert(node, Some(from));
            self.fresh.push(node);
            self.todo.push_back(Todo::Around(node));
        }
    }

    fn reach_task(&mut self, id: TaskId, from: Node) {
        if let Some(node) = self.plan.node(id) {
            self.reach(node, from);
        }
    }

    /// What waits for a node.
    fn around_up(&mut self, of: Node) {
        let phase = of.phase;
        if of.is_task() {
            self.reach(Node::end(phase), of);
            for next in self.plan.next_all_above(phase, of.place) {
                self.reach(next, of);
            }
            let after = TaskId(0);
            self.todo.push_back(Todo::Dependents { of, after });
        } else if of.is_end() {
            let plan = self.plan;
            let behind = self.behind.get_or_insert_with(|| plan.phases_behind());
            let behind = behind.get(&phase).cloned().unwrap_or_default();
            for other in behind {
                self.reach(Node::begin(other), of);
            }
            let after = TaskId(0);
            self.todo.push_back(Todo::OfPhase { of, after });
        } else {
            self.reach(Node::end(phase), of);
            let (from, to) = ((0, TaskId(0)), u32::MAX);
            self.todo.push_back(Todo::Tasks { of, from, to });
        }
    }

    /// What a node waits for.
    fn around_down(&mut self, of: Node) {
        let phase = of.phase;
        if of.is_task() {
            self.reach(Node::begin(phase), of);
            self.todo.push_back(Todo::Stated { of, nth: 0 });
        } else if of.is_end() {
            self.reach(Node::begin(phase), of);
            let (from, to) = ((0, TaskId(0)), u32::MAX);
            self.todo.push_back(Todo::Tasks { of, from, to });
        } else {
            for before in self.plan.predecessors(phase) {
                self.reach(Node::end(before), of);
            }
        }
    }

    fn one_task(&mut self, of: Node, from: (u32, TaskId), to: u32) {
        let next = self.plan.nodes_between(of.phase, from, to).next();
        if let Some(node) = next {
            let from = (node.place, TaskId(node.task.0.saturating_add(1)));
            self.put_back(Todo::Tasks { of, from, to });
            self.reach(node, of);
        }
    }

    fn one_stated(&mut self, of: Node, nth: usize) {
        let plan = self.plan;
        let Some(spec) = plan.specs.get(&of.task) else {
            return;
        };
        let Some(dependency) = spec.dependencies.get(nth) else {
            return;
        };
        self.put_back(Todo::Stated { of, nth: nth + 1 });
        if !dependency.in_force {
            return;
        }
        match &dependency.on {
            On::Task(on) => self.reach_task(*on, of),
            On::Phase(on) => {
                if let Some(no) = plan.phase_no(on) {
                    self.reach(Node::end(no), of);
                }
            }
            On::AllAbove => {
                let from = (plan.above_from(of), TaskId(0));
                let to = of.place;
                self.todo.push_back(Todo::Tasks { of, from, to });
            }
        }
    }

    /// The steps from where this side began to a node, the node first.
    fn way(&self, to: Node) -> Vec<Node> {
        let mut way = vec![to];
        while let Some(Some(from)) = way.last().and_then(|node| self.seen.get(node)) {
            way.push(*from);
        }
        way
    }

    /// All that was reached, in the kept order.
    fn in_order(self) -> Vec<Node> {
        let order = &self.plan.index.order;
        let mut nodes: Vec<Node> = self.seen.into_keys().collect();
        nodes.sort_by_cached_key(|node| order.rank(*node));
        nodes
    }
}

impl Plan {
    /// What it takes for a task to wait for these as well. Predecessors that stand before it in the kept
    /// order need nothing.
    pub(super) fn look_around(&self, task: Node, on: &[Node], steps_max: u64) -> (Found, u64) {
        let order = &self.index.order;
        let low = order.rank(task);
        let ahead: Vec<Node> = on
            .iter()
            .copied()
            .filter(|node| order.rank(*node) >= low)
            .collect();
        let Some(high) = ahead.iter().map(|node| order.rank(*node)).max() else {
            return (Found::InOrder, 0);
        };
        let mut up = Side::from(self, &[task], true, high);
        let mut down = Side::from(self, &ahead, false, low);
        loop {
            for (side, other) in [(&up, &down), (&down, &up)] {
                let met = side
                    .fresh
                    .iter()
                    .find(|node| other.seen.contains_key(*node));
                if let Some(met) = met.copied() {
                    let mut way = down.way(met);
                    way.reverse();
                    way.extend(up.way(met).into_iter().skip(1));
                    let shortest = self.shortest(task, &ahead, low);
                    return (
                        Found::Circle(shortest.unwrap_or(way)),
                        up.spent + down.spent,
                    );
                }
            }
            up.fresh.clear();
            down.fresh.clear();
            let spent = up.spent + down.spent;
            if spent >= steps_max {
                return (Found::TooFar, spent);
            }
            if up.spent <= down.spent {
                if !up.step() {
                    return (Found::Behind(up.in_order()), spent);
                }
            } else if !down.step() {
                return (Found::Before(down.in_order()), spent);
            }
        }
    }

    /// The shortest way from one of these to the task, if it is soon found.
    fn shortest(&self, task: Node, on: &[Node], low: Rank) -> Option<Vec<Node>> {
        let mut down = Side::from(self, on, false, low);
        while down.spent < SHORTEST_STEPS_MAX && !down.seen.contains_key(&task) {
            if !down.step() {
                return None;
            }
        }
        down.seen.contains_key(&task).then(|| {
            let mut way = down.way(task);
            way.reverse();
            way
        })
    }
}
