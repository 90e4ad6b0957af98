//! When open work can begin and end at the earliest and at the latest, by estimates and with an agent for
//! each task, and the chain that takes longest. Ties go to what stands first in the plan.

mod tree;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::event::On;
use super::explain::Cause;
use super::id::{PhaseNo, TaskId};
use super::model::Spec;
use super::order::{Node, Rank};
use super::place::Places;
use super::state::Plan;
use tree::{Highest, Lowest};

/// Why a step of the critical path begins no earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// Nothing: it can begin now.
    Nothing,
    /// It waits for the step before by name.
    Dependency,
    /// It waits for everything above it, the step before among that.
    AllAbove,
    /// It waits for the whole phase of the step before, by name.
    Phase,
    /// The phase of the step before comes before its own.
    PhaseOrder,
}

/// An open task in time. All times are minutes of work from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// The task.
    pub task: TaskId,
    /// Its estimate; a session when it has none.
    pub minutes: u32,
    /// When it can begin at the earliest.
    pub earliest_start: u64,
    /// When it can be done at the earliest.
    pub earliest_finish: u64,
    /// How much later it may be done without the whole taking longer.
    pub slack: u64,
    /// Why it begins no earlier.
    pub after: After,
}

/// See [`Plan::critical_path`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CriticalPath {
    /// How long all open work takes at the least.
    pub total_minutes: u64,
    /// How many tasks are open.
    pub open: u32,
    /// How many of them have no slack.
    pub critical: u32,
    /// The longest chain, from what can begin now to the end; empty when nothing is open.
    pub path: Vec<Slot>,
    /// Why the first step is neither ready nor under way; empty when it is either.
    pub waits_for: Vec<Cause>,
    /// The tasks with the least slack first, as many as asked for.
    pub tightest: Vec<Slot>,
}

/// What a task or a phase waits for longest: until when, and the open task that ends then.
#[derive(Debug, Clone, Copy)]
struct Latest {
    at: u64,
    task: Option<usize>,
    after: After,
}

impl Latest {
    const NOW: Self = Self {
        at: 0,
        task: None,
        after: After::Nothing,
    };
}

/// An open task.
pub(super) struct Open<'a> {
    pub node: Node,
    pub spec: &'a Spec,
    /// The place of its phase.
    pub phase: usize,
    /// Its place among the open tasks of its phase.
    slot: usize,
    minutes: u32,
}

/// One step of the walk in the kept order.
#[derive(Clone, Copy)]
enum Stop {
    Begin(usize),
    Task(usize),
    End(usize),
}

/// What a task waits for, all of it open.
#[derive(Clone, Copy)]
pub(super) enum Wait {
    Task(usize),
    Phase(usize),
    /// The open tasks in these slots of its own phase.
    Slots(usize, usize),
}

/// Open work and what it waits for.
pub(super) struct Schedule<'a> {
    plan: &'a Plan,
    pub phases: Vec<PhaseNo>,
    /// The phases in front of each phase that are not passed.
    pub before: Vec<Vec<usize>>,
    /// Whether it was opened out of order, so that its tasks wait for none of these.
    pub overridden: Vec<bool>,
    pub tasks: Vec<Open<'a>>,
    /// Where the open tasks of each phase begin; one more at the end.
    pub starts: Vec<usize>,
    numbers: Places,
    /// The place of each open task, by its number.
    places: Vec<u32>,
    stops: Vec<Stop>,
    early: Vec<Latest>,
    late: Vec<u64>,
}

const CLOSED: u32 = u32::MAX;

impl<'a> Schedule<'a> {
    pub fn of(plan: &'a Plan) -> Self {
        let phases: Vec<PhaseNo> = plan.phases().map(|phase| phase.no).collect();
        let numbers: BTreeMap<PhaseNo, usize> = phases
            .iter()
            .enumerate()
            .map(|(place, no)| (*no, place))
            .collect();
        let overridden = plan
            .phases()
            .map(|phase| phase.override_reason.is_some())
            .collect();
        let mut in_front = None;
        let mut before = Vec::with_capacity(phases.len());
        for phase in plan.phases() {
            let stated = phase.stated_predecessors.as_deref();
            let wanted = stated.unwrap_or(in_front.as_slice()).iter();
            let wanted = wanted.filter(|no| !plan.is_passed(**no));
            before.push(wanted.filter_map(|no| numbers.get(no).copied()).collect());
            in_front = Some(phase.no);
        }
        let numbers = Places::of(plan);
        let mut schedule = Self {
            plan,
            before,
            overridden,
            tasks: Vec::new(),
            starts: Vec::with_capacity(phases.len() + 1),
            places: vec![CLOSED; numbers.count()],
            numbers,
            stops: Vec::new(),
            early: Vec::new(),
            late: Vec::new(),
            phases,
        };
        schedule.take_tasks();
        schedule.put_in_order();
        schedule
    }

    fn take_tasks(&mut self) {
        let plan = self.plan;
        for (phase, no) in self.phases.iter().enumerate() {
            let start = self.tasks.len();
            self.starts.push(start);
            // What is put off or given up takes no time; it is among the unfinished all the same.
            let all = (*no, 0, TaskId(0))..=(*no, u32::MAX, TaskId(u32::MAX));
            let unfinished = plan.index.unfinished.range(all);
            let views = unfinished.filter_map(|&(_, _, id)| plan.task(id));
            for view in views.filter(|view| !view.state.status.is_terminal()) {
                if let Some(number) = self.numbers.get(view.id) {
                    self.places[number] = u32::try_from(self.tasks.len()).unwrap_or(CLOSED);
                }
                self.tasks.push(Open {
                    node: Node {
                        phase: *no,
                        place: view.spec.ordinal,
                        task: view.id,
                    },
                    spec: view.spec,
                    phase,
                    slot: self.tasks.len() - start,
                    minutes: plan.minutes_of(view.spec),
                });
            }
        }
        self.starts.push(self.tasks.len());
    }

    fn put_in_order(&mut self) {
        let mut stops: Vec<(Rank, Stop)> =
            Vec::with_capacity(self.tasks.len() + 2 * self.phases.len());
        let order = &self.plan.index.order;
        for (phase, no) in self.phases.iter().enumerate() {
            stops.push((order.rank(Node::begin(*no)), Stop::Begin(phase)));
            for task in self.starts[phase]..self.starts[phase + 1] {
                stops.push((order.rank(self.tasks[task].node), Stop::Task(task)));
            }
            stops.push((order.rank(Node::end(*no)), Stop::End(phase)));
        }
        stops.sort_by_key(|(rank, _)| *rank);
        self.stops = stops.into_iter().map(|(_, stop)| stop).collect();
    }

    fn open_task(&self, id: TaskId) -> Option<usize> {
        let place = self.places[self.numbers.get(id)?];
        (place != CLOSED).then_some(place as usize)
    }

    /// Every wait of a task that is not met, and its code.
    pub fn waits(&self, task: usize, mut each: impl FnMut(Wait, After)) {
        let Open {
            node,
            spec,
            phase,
            slot,
            ..
        } = self.tasks[task];
        for dependency in &spec.dependencies {
            if self.plan.is_met(node.task, spec, dependency) {
                continue;
            }
            match &dependency.on {
                On::Task(on) => {
                    if let Some(on) = self.open_task(*on) {
                        each(Wait::Task(on), After::Dependency);
                    }
                }
                On::Phase(on) => {
                    let no = self.plan.phase_no(on);
                    let place = self.phases.iter().position(|other| Some(*other) == no);
                    if let Some(place) = place {
                        each(Wait::Phase(place), After::Phase);
                    }
                }
                On::AllAbove => {
                    let waived = spec.waived.iter().filter_map(|on| match on {
                        On::Task(on) => self.open_task(*on),
                        On::Phase(_) | On::AllAbove => None,
                    });
                    // The parts of a split task share an ordinal, and none of them is above another.
                    let beside = self.tasks[..task].iter().rev();
                    let beside = beside
                        .take_while(|it| it.phase == phase && it.node.place == node.place)
                        .count();
                    let top = slot - beside;
                    let mut waived: Vec<usize> = waived
                        .filter(|other| self.tasks[*other].phase == phase)
                        .map(|other| self.tasks[other].slot)
                        .filter(|other| *other < top)
                        .collect();
                    waived.sort_unstable();
                    let mut from = 0;
                    for waived in waived.into_iter().chain([top]) {
                        if from < waived {
                            each(Wait::Slots(from, waived), After::AllAbove);
                        }
                        from = waived + 1;
                    }
                }
            }
        }
    }

    /// The later of two; at the same time, what ends in the task that stands first in the plan.
    fn later(&self, one: Latest, other: Latest) -> Latest {
        let key = |latest: &Latest| (latest.at, Reverse(latest.task.unwrap_or(usize::MAX)));
        if key(&other) > key(&one) { other } else { one }
    }

    fn finish(&self, task: usize) -> u64 {
        self.early[task].at + u64::from(self.tasks[task].minutes)
    }

    /// When everything can begin and end at the earliest.
    fn forward(&mut self) {
        let mut begin = vec![Latest::NOW; self.phases.len()];
        let mut end = vec![Latest::NOW; self.phases.len()];
        let mut ended: Vec<Option<Highest>> = self.all_above_phases(Highest::of);
        self.early = vec![Latest::NOW; self.tasks.len()];
        for stop in std::mem::take(&mut self.stops) {
            match stop {
                Stop::Begin(phase) => {
                    if !self.overridden[phase] {
                        for before in &self.before[phase] {
                            begin[phase] = self.later(begin[phase], end[*before]);
                        }
                    }
                    end[phase] = self.later(end[phase], begin[phase]);
                }
                Stop::End(_) => {}
                Stop::Task(task) => {
                    let phase = self.tasks[task].phase;
                    let mut latest = Latest::NOW;
                    self.waits(task, |wait, after| {
                        let (at, other) = match wait {
                            Wait::Task(on) => (self.finish(on), Some(on)),
                            Wait::Phase(on) => (end[on].at, end[on].task),
                            Wait::Slots(from, to) => {
                                let highest = ended[phase].as_ref();
                                let (at, slot) = highest.map_or((0, None), |it| it.over(from, to));
                                (at, slot.map(|slot| self.starts[phase] + slot))
                            }
                        };
                        let wait = Latest {
                            at,
                            task: other,
                            after,
                        };
                        latest = self.later(latest, wait);
                    });
                    let order = Latest {
                        after: After::PhaseOrder,
                        ..begin[phase]
                    };
                    latest = self.later(latest, order);
                    self.early[task] = latest;
                    let finish = self.finish(task);
                    let done = Latest {
                        at: finish,
                        task: Some(task),
                        after: After::Nothing,
                    };
                    end[phase] = self.later(end[phase], done);
                    if let Some(highest) = &mut ended[phase] {
                        highest.set(self.tasks[task].slot, finish);
                    }
                }
            }
            self.stops.push(stop);
        }
    }

    /// When everything must end at the latest for the whole to take no longer.
    fn backward(&mut self, total: u64) {
        let mut begin = vec![total; self.phases.len()];
        let mut end = vec![total; self.phases.len()];
        let mut above: Vec<Option<Lowest>> = self.all_above_phases(|size| Lowest::of(size, total));
        let mut late = vec![total; self.tasks.len()];
        for stop in self.stops.iter().rev().copied() {
            match stop {
                Stop::End(phase) => begin[phase] = begin[phase].min(end[phase]),
                Stop::Begin(phase) => {
                    if !self.overridden[phase] {
                        for before in &self.before[phase] {
                            end[*before] = end[*before].min(begin[phase]);
                        }
                    }
                }
                Stop::Task(task) => {
                    let Open { phase, slot, .. } = self.tasks[task];
                    let lowest = above[phase].as_ref().map_or(total, |it| it.at(slot));
                    late[task] = late[task].min(lowest).min(end[phase]);
                    let start = late[task].saturating_sub(u64::from(self.tasks[task].minutes));
                    begin[phase] = begin[phase].min(start);
                    self.waits(task, |wait, _| match wait {
                        Wait::Task(on) => late[on] = late[on].min(start),
                        Wait::Phase(on) => end[on] = end[on].min(start),
                        Wait::Slots(from, to) => {
                            if let Some(lowest) = &mut above[phase] {
                                lowest.lower(from, to, start);
                            }
                        }
                    });
                }
            }
        }
        self.late = late;
    }

    /// Something for each phase in which a task waits for everything above it.
    fn all_above_phases<T>(&self, make: impl Fn(usize) -> T) -> Vec<Option<T>> {
        let phases = self.phases.iter().enumerate();
        let made = phases.map(|(phase, no)| {
            let all = (*no, 0, TaskId(0))..=(*no, u32::MAX, TaskId(u32::MAX));
            let any = self.plan.index.all_above.range(all).next().is_some();
            any.then(|| make(self.starts[phase + 1] - self.starts[phase]))
        });
        made.collect()
    }

    fn slot(&self, task: usize) -> Slot {
        let Open { node, minutes, .. } = self.tasks[task];
        let early = self.early[task];
        let finish = self.finish(task);
        Slot {
            task: node.task,
            minutes,
            earliest_start: early.at,
            earliest_finish: finish,
            slack: self.late[task].saturating_sub(finish),
            after: early.task.map_or(After::Nothing, |_| early.after),
        }
    }
}

impl Plan {
    /// The longest chain of open tasks by estimate, through dependencies and phase order, and how tight the
    /// `tightest` tightest tasks are. Waits that are met, waived or not in force, and work that was put off
    /// or given up, take no time; so does what a phase asks for beside its tasks.
    pub fn critical_path(&self, tightest: usize) -> CriticalPath {
        let mut schedule = Schedule::of(self);
        schedule.forward();
        let tasks = 0..schedule.tasks.len();
        let last = tasks
            .clone()
            .max_by_key(|task| (schedule.finish(*task), Reverse(*task)));
        let total = last.map_or(0, |last| schedule.finish(last));
        schedule.backward(total);
        let mut path = Vec::new();
        let mut step = last;
        // A log that somebody bent may hold a circle; a path does not go round in it.
        while let Some(task) = step.filter(|_| path.len() < schedule.tasks.len()) {
            path.push(schedule.slot(task));
            step = schedule.early[task].task;
        }
        path.reverse();
        let mut slots: Vec<Slot> = tasks.map(|task| schedule.slot(task)).collect();
        let critical = slots.iter().filter(|slot| slot.slack == 0).count();
        let open = slots.len();
        slots.sort_by_key(|slot| (slot.slack, slot.earliest_start));
        slots.truncate(tightest);
        CriticalPath {
            total_minutes: total,
            open: u32::try_from(open).unwrap_or(u32::MAX),
            critical: u32::try_from(critical).unwrap_or(u32::MAX),
            waits_for: path
                .first()
                .map_or_else(Vec::new, |first| self.held_up_by(first.task)),
            path,
            tightest: slots,
        }
    }

    /// Why an open task is neither ready nor under way.
    fn held_up_by(&self, id: TaskId) -> Vec<Cause> {
        let under_way = self.task(id).is_some_and(|view| view.state.lease.is_some());
        if under_way {
            return Vec::new();
        }
        self.explain(id)
    }
}
