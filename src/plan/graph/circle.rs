//! The whole plan in one walk that takes time linear in its size: either an order in which everything stands
//! behind what it waits for, or a circle.

use std::collections::BTreeMap;

use super::super::event::On;
use super::super::id::{PhaseNo, TaskId};
use super::super::model::Spec;
use super::super::order::Node;
use super::super::state::Plan;

/// The plan as numbered nodes. With n tasks and p phases: the tasks in plan order from 0, "everything
/// above task i" at n + i, the begin of a phase at 2n + its place, its end at 2n + p + its place.
struct Numbered<'a> {
    plan: &'a Plan,
    tasks: Vec<(TaskId, &'a Spec, usize)>,
    places: BTreeMap<TaskId, usize>,
    phases: Vec<(PhaseNo, Vec<usize>)>,
    phase_places: BTreeMap<PhaseNo, usize>,
    /// Where a phase's tasks begin; one more entry at the end.
    starts: Vec<usize>,
    /// For each task the first with its ordinal: the parts of a split task share one, and none of them is
    /// above another.
    firsts: Vec<usize>,
}

const NEW: u8 = 0;
const UNDER_WAY: u8 = 1;
const DONE: u8 = 2;

impl<'a> Numbered<'a> {
    fn of(plan: &'a Plan) -> Self {
        let order: Vec<PhaseNo> = plan.phases().map(|phase| phase.no).collect();
        let phase_places: BTreeMap<PhaseNo, usize> = order
            .iter()
            .enumerate()
            .map(|(place, no)| (*no, place))
            .collect();
        let mut tasks = Vec::with_capacity(plan.task_count());
        let mut starts = Vec::with_capacity(order.len() + 1);
        let mut phases = Vec::with_capacity(order.len());
        for (place, no) in order.iter().enumerate() {
            starts.push(tasks.len());
            tasks.extend(plan.tasks_of(*no).map(|view| (view.id, view.spec, place)));
            let stated = plan
                .phase(*no)
                .and_then(|it| it.stated_predecessors.as_ref());
            let before: Vec<usize> = match stated {
                Some(stated) => stated
                    .iter()
                    .filter_map(|no| phase_places.get(no).copied())
                    .collect(),
                None => place.checked_sub(1).into_iter().collect(),
            };
            phases.push((*no, before));
        }
        starts.push(tasks.len());
        let places = tasks
            .iter()
            .enumerate()
            .map(|(place, (id, _, _))| (*id, place))
            .collect();
        let mut firsts: Vec<usize> = Vec::with_capacity(tasks.len());
        for (place, (_, spec, _)) in tasks.iter().enumerate() {
            let before = place.checked_sub(1).map(|before| (before, tasks[before].1));
            let first =
                before.filter(|(_, it)| (it.phase, it.ordinal) == (spec.phase, spec.ordinal));
            firsts.push(first.map_or(place, |(before, _)| firsts[before]));
        }
        Self {
            plan,
            tasks,
            places,
            phases,
            phase_places,
            starts,
            firsts,
        }
    }

    fn begin(&self, phase: usize) -> usize {
        2 * self.tasks.len() + phase
    }

    fn end(&self, phase: usize) -> usize {
        2 * self.tasks.len() + self.phases.len() + phase
    }

    fn count(&self) -> usize {
        2 * self.tasks.len() + 2 * self.phases.len()
    }

    /// The `nth` thing a node waits for; none past the last.
    fn waits_for(&self, node: usize, nth: usize) -> Option<usize> {
        let count = self.tasks.len();
        if node < count {
            return self.task_waits_for(node, nth);
        }
        if node < 2 * count {
            return self.above_waits_for(node - count, nth);
        }
        let phase = node - 2 * count;
        if phase < self.phases.len() {
            let (_, before) = &self.phases[phase];
            return before.get(nth).map(|other| self.end(*other));
        }
        let phase = phase - self.phases.len();
        match nth.checked_sub(1) {
            None => Some(self.begin(phase)),
            Some(nth) => {
                let place = self.starts[phase] + nth;
                (place < self.starts[phase + 1]).then_some(place)
            }
        }
    }

    /// What "everything above a task" stands for: the tasks right above it, and everything above those.
    fn above_waits_for(&self, place: usize, nth: usize) -> Option<usize> {
        let count = self.tasks.len();
        let first = self.firsts[place];
        if first != place {
            return (nth == 0).then_some(count + first);
        }
        let (_, _, phase) = self.tasks[place];
        let last_above = place
            .checked_sub(1)
            .filter(|it| *it >= self.starts[phase])?;
        let first_above = self.firsts[last_above];
        let wanted = first_above + nth;
        if wanted <= last_above {
            return Some(wanted);
        }
        (wanted == last_above + 1).then_some(count + first_above)
    }

    fn task_waits_for(&self, place: usize, nth: usize) -> Option<usize> {
        let (_, spec, phase) = self.tasks[place];
        let begin = self.begin(phase);
        let Some(nth) = nth.checked_sub(1) else {
            return Some(begin);
        };
        let dependency = spec.dependencies.get(nth)?;
        // What is not in force stands for the begin once more, which adds nothing.
        let wanted = match &dependency.on {
            _ if !dependency.in_force => None,
            On::Task(on) => self.places.get(on).copied(),
            On::Phase(on) => {
                let no = self.plan.phase_no(on);
                no.and_then(|no| self.phase_places.get(&no))
                    .map(|phase| self.end(*phase))
            }
            On::AllAbove => Some(self.tasks.len() + place),
        };
        Some(wanted.unwrap_or(begin))
    }

    /// What a number stands for; none for "everything above".
    fn node(&self, node: usize) -> Option<Node> {
        let count = self.tasks.len();
        if let Some((task, spec, _)) = self.tasks.get(node) {
            return Some(Node {
                phase: spec.phase,
                place: spec.ordinal,
                task: *task,
            });
        }
        let phase = node.checked_sub(2 * count)?;
        match phase.checked_sub(self.phases.len()) {
            None => Some(Node::begin(self.phases[phase].0)),
            Some(phase) => Some(Node::end(self.phases[phase].0)),
        }
    }

    /// Every number in the natural order.
    fn natural(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.phases.len()).flat_map(|phase| {
            let tasks = self.starts[phase]..self.starts[phase + 1];
            let begin = std::iter::once(self.begin(phase));
            begin.chain(tasks).chain([self.end(phase)])
        })
    }
}

impl Plan {
    /// Everything behind what it waits for and as far as that allows in the natural order; or a circle of
    /// tasks and phases that wait for each other, in the order of waiting.
    pub(super) fn sequence(&self) -> Result<Vec<Node>, Vec<Node>> {
        let numbered = Numbered::of(self);
        let mut colours = vec![NEW; numbered.count()];
        let mut sequence = Vec::with_capacity(self.task_count() + 2 * numbered.phases.len());
        for start in numbered.natural() {
            if colours[start] != NEW {
                continue;
            }
            colours[start] = UNDER_WAY;
            let mut stack = vec![(start, 0)];
            while let Some((node, nth)) = stack.last_mut() {
                let Some(next) = numbered.waits_for(*node, *nth) else {
                    colours[*node] = DONE;
                    sequence.extend(numbered.node(*node));
                    stack.pop();
                    continue;
                };
                *nth += 1;
                match colours[next] {
                    NEW => {
                        colours[next] = UNDER_WAY;
                        stack.push((next, 0));
                    }
                    UNDER_WAY => {
                        let on_way = stack.iter().map(|(node, _)| *node);
                        let circle = on_way.skip_while(|node| *node != next);
                        return Err(circle.filter_map(|node| numbered.node(node)).collect());
                    }
                    _ => {}
                }
            }
        }
        Ok(sequence)
    }
}
