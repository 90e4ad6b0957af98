//! The dependency graph: tasks and phases together form no circle at any time. A task waits for what it
//! states, and for every task of the phases before its own.
//!
//! An order in which everything stands behind what it waits for is kept along (`order.rs`). A new wait that
//! agrees with it costs a comparison; any other is looked at from both ends among what stands between them.

mod circle;
mod search;

use std::collections::BTreeSet;

use super::event::On;
use super::id::{PhaseNo, TaskId};
use super::order::Node;
use super::refusal::{Reason, Refusal};
use super::state::{NewWait, Plan};
use search::Found;

/// Steps of a circle that are spelled out.
const CIRCLE_NAMED_MAX: usize = 20;
/// Steps that looking at the waits of one command may take before it is refused; a step is a task or a
/// phase looked at, or a wait followed.
pub const STEPS_A_COMMAND_MAX: u64 = 200_000;
/// Steps that keeping the order over one event may take before the order is worked out anew in one pass.
const STEPS_AN_EVENT_MAX: u64 = 1_000_000;

/// The refusal of an edge that takes too many steps to look at. It may well close a circle, and nobody can
/// say: so it begins with how to see that.
fn refuse_unseen(task: TaskId, on: &On) -> Refusal {
    let (named, look) = match on {
        On::Task(on) => (on.to_string(), format!("why {on}")),
        On::Phase(on) => (format!("phase {on}"), "phase list".to_owned()),
        On::AllAbove => ("all above it".to_owned(), "phase list".to_owned()),
    };
    Refusal::new(
        Reason::LimitReached,
        format!(
            "to see whether {task} may wait for {named} takes more than {STEPS_A_COMMAND_MAX} steps along what waits for what; if {named} waits for {task} already, directly or through others, this would close a circle: leave it out; if not, ask for fewer waits at once, put {task} in a later phase, or let it wait for a whole phase"
        ),
    )
    .fact("limit", STEPS_A_COMMAND_MAX)
    .next(format!("task show {task}"))
    .next(look)
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
    /// circle is spelled out. Takes what it used off the steps left to the command.
    pub(super) fn check_no_cycle(
        &self,
        task: TaskId,
        on: &On,
        steps_left: &mut u64,
    ) -> Result<(), Refusal> {
        if self.index.order.circular {
            return self.check_whole();
        }
        let Some(node) = self.node(task) else {
            return Ok(());
        };
        let ahead = match on {
            On::Task(on) => self.node(*on).into_iter().collect(),
            On::Phase(on) => self.phase_no(on).map(Node::end).into_iter().collect(),
            On::AllAbove => self.above_out_of_order(node),
        };
        let (found, spent) = self.look_around(node, &ahead, *steps_left);
        *steps_left = steps_left.saturating_sub(spent);
        match found {
            Found::InOrder | Found::Behind(_) | Found::Before(_) => Ok(()),
            Found::Circle(path) => Err(self.refuse_circle(node, &path)),
            Found::TooFar => Err(refuse_unseen(task, on)),
        }
    }

    /// The refusal of an edge from `first` to what waits for it, the way back spelled out.
    fn refuse_circle(&self, first: Node, path: &[Node]) -> Refusal {
        // Where a phase begins only stands for those before it.
        let path: Vec<Node> = path
            .iter()
            .copied()
            .filter(|node| node.is_task() || node.is_end())
            .collect();
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
        for node in &path {
            refusal = if node.is_task() {
                refusal.item(node.task, self.title(node.task))
            } else {
                let name = self.phase(node.phase).map_or("", |phase| &phase.name);
                refusal.item(self.node_name(*node), name)
            };
        }
        let task = path.iter().find(|node| node.is_task());
        refusal.next(task.map_or("phase list".to_owned(), |node| {
            format!("task show {}", node.task)
        }))
    }

    fn node_name(&self, node: Node) -> String {
        if node.is_task() {
            node.task.to_string()
        } else {
            format!("phase {}", self.phase_id(node.phase))
        }
    }

    /// A task as a node.
    pub(super) fn node(&self, task: TaskId) -> Option<Node> {
        let spec = self.specs.get(&task)?;
        Some(Node {
            phase: spec.phase,
            place: spec.ordinal,
            task,
        })
    }

    /// Tasks of a phase with an ordinal from `from` up to, not including, `to`.
    fn nodes_between(
        &self,
        phase: PhaseNo,
        (from, task): (u32, TaskId),
        to: u32,
    ) -> impl Iterator<Item = Node> + '_ {
        let end = (phase, to, TaskId(0));
        let range = self.index.in_phase.range((phase, from, task)..);
        let range = range.take_while(move |place| **place < end);
        range.map(|&(phase, place, task)| Node { phase, place, task })
    }

    /// The next tasks behind a place that wait for everything above them: they wait for a task there, and
    /// those behind them wait for them. There are several where they are the parts of one.
    pub(super) fn next_all_above(
        &self,
        phase: PhaseNo,
        place: u32,
    ) -> impl Iterator<Item = Node> + '_ {
        let from = (phase, place.saturating_add(1), TaskId(0));
        let range = from..=(phase, u32::MAX, TaskId(u32::MAX));
        let behind = self.index.all_above.range(range);
        let mut next = None;
        behind
            .take_while(move |(_, place, _)| *next.get_or_insert(*place) == *place)
            .map(|&(phase, place, task)| Node { phase, place, task })
    }

    /// The lowest ordinal a task that waits for everything above it waits for directly: those further up are
    /// waited for by the one before it of its kind.
    fn above_from(&self, of: Node) -> u32 {
        let range = (of.phase, 0, TaskId(0))..(of.phase, of.place, TaskId(0));
        let before = self.index.all_above.range(range).next_back();
        before.map_or(0, |&(_, place, _)| place)
    }

    /// Tasks above a task that stand behind it in the kept order.
    fn above_out_of_order(&self, of: Node) -> Vec<Node> {
        let order = &self.index.order;
        let from = self.above_from(of);
        let rank = order.rank(of);
        let behind = |node: &Node| order.rank(*node) >= rank;
        if order.is_moved(of) {
            let all = self.nodes_between(of.phase, (from, TaskId(0)), of.place);
            all.filter(behind).collect()
        } else {
            // Those at their natural places stand before it.
            let moved = order.moved_in(of.phase, from, of.place);
            moved.filter(behind).collect()
        }
    }

    /// Refuses a plan in which something waits for itself, by whatever way: for a new phase order, and for
    /// many new edges at once. It costs nothing unless there is a circle.
    pub(super) fn check_whole(&self) -> Result<(), Refusal> {
        if !self.index.order.circular {
            return Ok(());
        }
        match self.sequence() {
            Ok(_) => Ok(()),
            Err(mut circle) => {
                let Some(first) = circle.first().copied() else {
                    return Ok(());
                };
                circle.rotate_left(1);
                Err(self.refuse_circle(first, &circle))
            }
        }
    }

    /// Takes the new waits into the kept order.
    pub(super) fn keep_order(&mut self) {
        if self.index.new_waits.is_empty() {
            return;
        }
        if self.index.order.circular {
            // A removal may have opened the circle.
            self.work_order_out();
            return;
        }
        let mut steps_left = STEPS_AN_EVENT_MAX;
        for wait in std::mem::take(&mut self.index.new_waits) {
            let Some((node, on)) = self.ends_of(wait) else {
                continue;
            };
            let (found, spent) = self.look_around(node, &on, steps_left);
            steps_left = steps_left.saturating_sub(spent);
            match found {
                Found::InOrder => {}
                Found::Behind(nodes) => {
                    let order = &self.index.order;
                    let last = on.into_iter().max_by_key(|node| order.rank(*node));
                    if let Some(last) = last {
                        self.index.order.put_behind(last, &nodes);
                    }
                }
                Found::Before(nodes) => self.index.order.put_before(node, &nodes),
                Found::Circle(_) => {
                    self.index.order.circular = true;
                    return;
                }
                Found::TooFar => {
                    self.work_order_out();
                    return;
                }
            }
        }
    }

    fn ends_of(&self, wait: NewWait) -> Option<(Node, Vec<Node>)> {
        match wait {
            NewWait::Task(task, on) => Some((self.node(task)?, vec![self.node(on)?])),
            NewWait::Phase(task, on) => Some((self.node(task)?, vec![Node::end(on)])),
            NewWait::Above(task) => {
                let node = self.node(task)?;
                Some((node, self.above_out_of_order(node)))
            }
            NewWait::Between(phase, before) => Some((Node::begin(phase), vec![Node::end(before)])),
            NewWait::Begin(task) => {
                let node = self.node(task)?;
                Some((node, vec![Node::begin(node.phase)]))
            }
            NewWait::End(task) => {
                let node = self.node(task)?;
                Some((Node::end(node.phase), vec![node]))
            }
        }
    }

    /// Works the kept order out anew, in one pass over the whole plan.
    pub(super) fn work_order_out(&mut self) {
        self.index.new_waits.clear();
        match self.sequence() {
            Ok(sequence) => self.index.order.set_all(&sequence),
            Err(_) => self.index.order.circular = true,
        }
    }
}
