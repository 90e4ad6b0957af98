//! A circle anywhere in the whole plan, found in one walk that takes time linear in the plan's size; for
//! changes that touch more edges than it pays to follow one by one.

use std::collections::BTreeMap;

use super::super::event::On;
use super::super::id::{PhaseNo, TaskId};
use super::super::model::Spec;
use super::super::state::Plan;
use super::Node;

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
        Self {
            plan,
            tasks,
            places,
            phases,
            phase_places,
            starts,
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
            let place = node - count;
            let (_, _, phase) = self.tasks[place];
            let above = place.checked_sub(1)?;
            let inside = above >= self.starts[phase];
            return match nth {
                0 if inside => Some(above),
                1 if inside => Some(count + above),
                _ => None,
            };
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

    fn name(&self, node: usize) -> Option<Node> {
        let count = self.tasks.len();
        if node < count {
            return Some(Node::Task(self.tasks[node].0));
        }
        let phase = node.checked_sub(2 * count)? % self.phases.len();
        Some(Node::Phase(self.phases[phase].0))
    }
}

impl Plan {
    /// A circle of tasks and phases that wait for each other, each named once, in the order of waiting.
    pub(super) fn circle(&self) -> Option<Vec<Node>> {
        let numbered = Numbered::of(self);
        let mut colours = vec![NEW; numbered.count()];
        for start in 0..numbered.count() {
            if colours[start] != NEW {
                continue;
            }
            colours[start] = UNDER_WAY;
            let mut stack = vec![(start, 0)];
            while let Some((node, nth)) = stack.last_mut() {
                let Some(next) = numbered.waits_for(*node, *nth) else {
                    colours[*node] = DONE;
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
                        let mut named: Vec<Node> =
                            circle.filter_map(|node| numbered.name(node)).collect();
                        named.dedup();
                        return Some(named);
                    }
                    _ => {}
                }
            }
        }
        None
    }
}
