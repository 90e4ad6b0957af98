//! Open work as a forecast runs through it: who can take what, in which order, and what waits for what.
//! Begins and ends of phases, and "everything above", are marks in the net that take no time themselves.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::id::{MilestoneId, PhaseNo, RoleNo, TaskId};
use super::super::model::{Agent, Status};
use super::super::question::Fit;
use super::super::refusal::{Reason, Refusal};
use super::super::schedule::{Schedule, Wait};
use super::super::state::{Class, Plan};
use super::super::time::Timestamp;
use super::chance::Experience;

/// A forecast is of so many open tasks at most; a run tells a million apart.
pub const TASKS_MAX: usize = 200_000;
/// What tasks may wait for together, after "everything above" is counted once a place.
const LINKS_MAX: usize = 4_000_000;
/// So many milestones are looked at.
const MILESTONES_MAX: usize = 200;
/// So many kinds of agents, and of tasks, are told apart; agents of further kinds are not counted, tasks
/// of further kinds ask for no skill.
const KINDS_MAX: usize = 100;

/// An open task.
pub(super) struct Work {
    pub task: TaskId,
    /// What it is thought to take.
    pub minutes: u32,
    /// How long it has been worked on.
    pub spent_minutes: u32,
    /// Its class.
    pub class: usize,
    /// Somebody holds it, or it waits for a review.
    pub is_held: bool,
    /// The kind of agent that does, when it is told apart.
    pub held_by: Option<usize>,
}

/// Agents that can take the same tasks.
#[derive(Clone)]
pub(super) struct Kind {
    /// Tasks they can hold together.
    pub room: u32,
    /// A role without an agent is thought to have one.
    pub supposed: bool,
}

/// The whole net.
#[derive(Default)]
pub(super) struct Network {
    /// Open tasks in plan order; they are the first nodes.
    pub tasks: Vec<Work>,
    /// Tasks in the order in which claims get them.
    pub in_claim_order: Vec<u32>,
    /// The place of each task in that order.
    pub ranks: Vec<u32>,
    /// How much each node waits for.
    pub waits: Vec<u32>,
    /// Where the nodes that wait for each node begin in `behind`; one more at the end.
    pub behind_from: Vec<u32>,
    pub behind: Vec<u32>,
    /// The mark at the end of each phase, and the phase, for phases that are not passed.
    pub phase_ends: Vec<(u32, PhaseNo)>,
    /// Milestones that are ahead, and the nodes they are reached with.
    pub milestones: Vec<(MilestoneId, Vec<u32>)>,
    /// The role of each class of tasks.
    pub class_roles: Vec<Option<RoleNo>>,
    /// Kinds of agents that can take each class, the best first.
    pub takers: Vec<Vec<usize>>,
    pub kinds: Vec<Kind>,
}

impl Network {
    /// The net of a plan's open work at an instant.
    pub fn of(plan: &Plan, experience: &Experience, now: Timestamp) -> Result<Self, Refusal> {
        let schedule = Schedule::of(plan);
        if schedule.tasks.len() > TASKS_MAX {
            return Err(too_large("open tasks", schedule.tasks.len(), TASKS_MAX));
        }
        let mut network = Self::default();
        network.take_work(plan, &schedule, experience, now);
        network.put_in_claim_order(plan, &schedule);
        network.link(plan, &schedule)?;
        network.take_milestones(plan, &schedule);
        Ok(network)
    }

    fn take_work(
        &mut self,
        plan: &Plan,
        schedule: &Schedule<'_>,
        experience: &Experience,
        now: Timestamp,
    ) {
        let session_minutes = plan.session_minutes();
        let mut agents = Agents::of(plan);
        let mut classes: BTreeMap<Class, usize> = BTreeMap::new();
        for open in &schedule.tasks {
            let Some(view) = plan.task(open.node.task) else {
                continue;
            };
            let mut class = Class {
                role: view.state.role,
                skills: view.spec.skills.iter().cloned().collect(),
                // Which task comes first is in the order, not in who can take it.
                in_sprint: false,
                assignees: plan.assignees_of(view.id, view.spec),
            };
            if classes.len() >= KINDS_MAX && !classes.contains_key(&class) {
                class.skills = [].into();
                class.assignees = None;
            }
            let next = classes.len();
            let class = *classes.entry(class).or_insert(next);
            let lease = view.state.lease.as_deref();
            let since_ms = lease.map_or(0, |lease| now.since_ms(lease.claimed_at));
            let spent_minutes = (view.state.held_ms + since_ms) / 60_000;
            let in_review = view.state.status == Status::InReview;
            let whole = open
                .spec
                .estimate
                .map_or(experience.minutes_without_estimate, |estimate| {
                    estimate.minutes(session_minutes)
                });
            self.tasks.push(Work {
                task: view.id,
                // The work is done; a look at it takes next to nothing, and no agent that does tasks.
                minutes: if in_review { 0 } else { whole },
                spent_minutes: u32::try_from(spent_minutes).unwrap_or(u32::MAX),
                class,
                is_held: lease.is_some() || in_review,
                held_by: lease.and_then(|lease| agents.kind_of(plan, plan.agent(&lease.agent)?)),
            });
        }
        let mut in_order: Vec<(Class, usize)> = classes.into_iter().collect();
        in_order.sort_by_key(|(_, place)| *place);
        for (class, _) in in_order {
            self.takers.push(agents.takers(plan, &class));
            self.class_roles.push(class.role);
        }
        self.kinds = agents.kinds;
    }

    fn put_in_claim_order(&mut self, plan: &Plan, schedule: &Schedule<'_>) {
        let phases = schedule.phases.iter();
        let by_table: Vec<bool> = phases.map(|no| plan.goes_by_table(*no)).collect();
        let mut order: Vec<u32> = (0..small(self.tasks.len())).collect();
        order.sort_by_key(|place| {
            let open = &schedule.tasks[*place as usize];
            let (priority, chain) = if by_table[open.phase] {
                (0, 0)
            } else {
                (open.spec.priority, plan.chain(open.node.task))
            };
            (
                !plan.is_committed(open.node.task),
                open.phase,
                priority,
                Reverse(chain),
                open.node.place,
                open.node.task,
            )
        });
        self.ranks = vec![0; order.len()];
        for (rank, task) in order.iter().enumerate() {
            self.ranks[*task as usize] = small(rank);
        }
        self.in_claim_order = order;
    }

    fn link(&mut self, plan: &Plan, schedule: &Schedule<'_>) -> Result<(), Refusal> {
        let tasks = schedule.tasks.len();
        let begin = |phase: usize| small(tasks + 2 * phase);
        let end = |phase: usize| small(tasks + 2 * phase + 1);
        let mut links: Vec<(u32, u32)> = Vec::new();
        for (phase, before) in schedule.before.iter().enumerate() {
            links.push((begin(phase), end(phase)));
            if !schedule.overridden[phase] {
                links.extend(before.iter().map(|before| (end(*before), begin(phase))));
            }
            if !plan.is_passed(schedule.phases[phase]) {
                self.phase_ends.push((end(phase), schedule.phases[phase]));
            }
        }
        let mut nodes = tasks + 2 * schedule.phases.len();
        // A mark behind the first so many tasks of a phase, made when somebody waits for them.
        let mut above: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for (task, open) in schedule.tasks.iter().enumerate() {
            links.push((begin(open.phase), small(task)));
            links.push((small(task), end(open.phase)));
            let mut waits = Vec::new();
            schedule.waits(task, |wait, _| waits.push(wait));
            for wait in waits {
                match wait {
                    Wait::Task(on) => links.push((small(on), small(task))),
                    Wait::Phase(on) => links.push((end(on), small(task))),
                    Wait::Slots(0, to) => {
                        let mark = *above.entry((open.phase, to)).or_insert_with(|| {
                            nodes += 1;
                            small(nodes - 1)
                        });
                        links.push((mark, small(task)));
                    }
                    Wait::Slots(from, to) => {
                        let first = schedule.starts[open.phase];
                        links.extend((first + from..first + to).map(|on| (small(on), small(task))));
                    }
                }
                if links.len() > LINKS_MAX {
                    return Err(too_large("waits", links.len(), LINKS_MAX));
                }
            }
        }
        let mut before: Option<(usize, usize, u32)> = None;
        for ((phase, to), mark) in above {
            // Each mark stands behind the one before it and the tasks in between.
            let reached = before.filter(|(other, ..)| *other == phase);
            let from = reached.map_or(0, |(_, from, _)| from);
            links.extend(reached.map(|(.., earlier)| (earlier, mark)));
            let first = schedule.starts[phase];
            links.extend((first + from..first + to).map(|on| (small(on), mark)));
            before = Some((phase, to, mark));
        }
        self.lay_out(nodes, links);
        Ok(())
    }

    /// Milestones that stand for open tasks or phases; a deliverable is thought to come with its phase.
    fn take_milestones(&mut self, plan: &Plan, schedule: &Schedule<'_>) {
        let tasks = (0..).zip(&schedule.tasks);
        let tasks: BTreeMap<TaskId, u32> =
            tasks.map(|(place, open)| (open.node.task, place)).collect();
        let ends: BTreeMap<PhaseNo, u32> = self
            .phase_ends
            .iter()
            .map(|(mark, no)| (*no, *mark))
            .collect();
        for milestone in plan.milestones_ahead().take(MILESTONES_MAX) {
            let deliverables = milestone.deliverables.iter();
            let phases = deliverables.filter_map(|id| plan.deliverable(*id)?.phase);
            let phases = milestone.phases.iter().copied().chain(phases);
            let phases = phases.filter_map(|no| ends.get(&no));
            // The parts of a split task stand in its place.
            let mut nodes: Vec<u32> = phases.copied().collect();
            let mut todo = milestone.tasks.to_vec();
            while let Some(id) = todo.pop() {
                nodes.extend(tasks.get(&id));
                let view = plan.task(id);
                todo.extend(view.iter().flat_map(|view| view.spec.split_into()));
            }
            if milestone.is_linked() {
                self.milestones.push((milestone.id, nodes));
            }
        }
    }

    fn lay_out(&mut self, nodes: usize, mut links: Vec<(u32, u32)>) {
        links.sort_unstable();
        self.waits = vec![0; nodes];
        self.behind_from = vec![0; nodes + 1];
        for (from, to) in &links {
            self.waits[*to as usize] += 1;
            self.behind_from[*from as usize + 1] += 1;
        }
        for node in 0..nodes {
            self.behind_from[node + 1] += self.behind_from[node];
        }
        self.behind = links.into_iter().map(|(_, to)| to).collect();
    }

    /// What waits for a node.
    pub fn behind(&self, node: usize) -> &[u32] {
        &self.behind[self.behind_from[node] as usize..self.behind_from[node + 1] as usize]
    }

    /// The kinds of agents, with one agent more that can take what `role` can.
    pub fn with_one_more(&self, plan: &Plan, role: RoleNo) -> (Vec<Kind>, Vec<Vec<usize>>) {
        let mut kinds = self.kinds.clone();
        let mut takers = self.takers.clone();
        let newcomer = kinds.len();
        kinds.push(Kind {
            room: 1,
            supposed: true,
        });
        for (class, takers) in takers.iter_mut().enumerate() {
            match plan.fit(role, self.class_roles[class]) {
                Some(Fit::Own) => takers.insert(0, newcomer),
                Some(Fit::Kin | Fit::Backup | Fit::Assigned) => takers.push(newcomer),
                None => {}
            }
        }
        (kinds, takers)
    }
}

/// Agents by kind.
struct Agents<'a> {
    numbers: BTreeMap<AgentKey<'a>, usize>,
    examples: Vec<&'a Agent>,
    kinds: Vec<Kind>,
    /// The agent that a role without any is thought to have.
    supposed: BTreeMap<Option<RoleNo>, usize>,
}

impl<'a> Agents<'a> {
    fn of(plan: &'a Plan) -> Self {
        let mut agents = Self {
            numbers: BTreeMap::new(),
            examples: Vec::new(),
            kinds: Vec::new(),
            supposed: BTreeMap::new(),
        };
        for agent in plan.agents().filter(|agent| !agent.retired) {
            let next = agents.kinds.len();
            let number = match agents.numbers.entry(key(plan, agent)) {
                std::collections::btree_map::Entry::Occupied(known) => *known.get(),
                std::collections::btree_map::Entry::Vacant(_) if next >= KINDS_MAX => continue,
                std::collections::btree_map::Entry::Vacant(new) => {
                    agents.examples.push(agent);
                    agents.kinds.push(Kind {
                        room: 0,
                        supposed: false,
                    });
                    *new.insert(next)
                }
            };
            agents.kinds[number].room += agent.capacity;
        }
        agents
    }

    fn kind_of(&self, plan: &Plan, agent: &'a Agent) -> Option<usize> {
        self.numbers.get(&key(plan, agent)).copied()
    }

    /// The kinds that can take a class, the best fit first; one is supposed when there is none.
    fn takers(&mut self, plan: &Plan, class: &Class) -> Vec<usize> {
        let able = self
            .examples
            .iter()
            .enumerate()
            .filter_map(|(kind, agent)| {
                let nearness = plan.nearness(agent, None, class)?;
                // Who can do more is kept for what others cannot.
                Some((nearness, agent.roles.len(), kind))
            });
        let mut able: Vec<_> = able.collect();
        able.sort_unstable();
        if able.is_empty() {
            let next = self.kinds.len();
            let kind = *self.supposed.entry(class.role).or_insert(next);
            if kind == next {
                self.kinds.push(Kind {
                    room: 1,
                    supposed: true,
                });
            }
            return vec![kind];
        }
        able.into_iter().map(|(.., kind)| kind).collect()
    }
}

/// Roles, skills in order, and the name of who looks after something.
type AgentKey<'a> = (&'a [RoleNo], Vec<&'a str>, Option<&'a str>);

fn key<'a>(plan: &Plan, agent: &'a Agent) -> AgentKey<'a> {
    let mut skills: Vec<&str> = agent.skills.iter().map(|skill| &**skill).collect();
    skills.sort_unstable();
    (&agent.roles, skills, plan.assigned_name(agent))
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn too_large(what: &str, found: usize, most: usize) -> Refusal {
    let message = format!("a forecast takes at most {most} {what}; this plan has {found}");
    Refusal::new(Reason::LimitReached, message)
        .fact("limit", most)
        .fact("found", found)
        .next("plan critical-path")
}
