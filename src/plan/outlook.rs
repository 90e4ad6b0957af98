//! What is at hand: tasks by where they stand, what each role gets next, and how many tasks could be worked
//! side by side by the agents there are. What comes next is in the order in which claims get it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::id::{PhaseNo, RoleNo, TaskId};
use super::model::{Agent, Status};
use super::question::Nearness;
use super::state::{Class, Plan, TaskView};

/// Kinds of tasks and kinds of agents that are matched with each other at most; with more, what could start
/// is a lower bound.
const KINDS_MAX: usize = 200;

/// A column of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Claimable now.
    Ready,
    /// Planned, and held up by an open blocker or decision.
    Blocked,
    /// Planned, and waiting for other work.
    Waiting,
    /// Held, not started.
    Claimed,
    /// Held and started.
    InProgress,
    /// Under review.
    InReview,
    /// Finished.
    Completed,
    /// Put off.
    Deferred,
    /// Given up.
    Cancelled,
}

impl Column {
    /// Every column, from left to right.
    pub const ALL: [Self; 9] = [
        Self::Ready,
        Self::Waiting,
        Self::Blocked,
        Self::Claimed,
        Self::InProgress,
        Self::InReview,
        Self::Completed,
        Self::Deferred,
        Self::Cancelled,
    ];
}

/// Tasks that stand alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardColumn {
    /// Which they are.
    pub column: Column,
    /// How many there are.
    pub count: u32,
    /// The first of them: the ready ones in claim order, the others in plan order.
    pub tasks: Vec<TaskId>,
}

/// What a role has at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleOutlook {
    /// The role; none for tasks that any role may take.
    pub role: Option<RoleNo>,
    /// Ready tasks that fall to it.
    pub ready: u32,
    /// The first of these, in claim order.
    pub ready_tasks: Vec<TaskId>,
    /// Tasks of it that are held.
    pub held: u32,
    /// Registered agents of the role.
    pub agents: u32,
    /// Those of them that could take another task.
    pub idle: u32,
    /// Its ready tasks that could start at once, given all agents that can stand in and all roles at once.
    pub could_start: u32,
    /// What agents of the role get next to which nothing is assigned, in the order of their claims: tasks of
    /// roles they can stand in for among them. Skills are looked at by each claim.
    pub next: Vec<TaskId>,
}

/// See [`Plan::outlook`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// Ready tasks; none of them waits for another.
    pub ready: u32,
    /// How many of them the agents there are could start at once.
    pub could_start: u32,
    /// The role most of whose ready tasks lie idle for want of an agent; none when none does.
    pub bottleneck: Option<Option<RoleNo>>,
    /// Roles with open tasks or agents, in the order of the catalogue, tasks for any role last.
    pub roles: Vec<RoleOutlook>,
}

/// What makes agents alike: their roles, their skills in order, and that nothing is assigned to them; who looks
/// after something is like nobody else.
type AgentKind<'a> = (&'a [RoleNo], Vec<&'a str>, Option<&'a str>);

/// Ready tasks that the same agents can take.
struct Supply {
    role: Option<RoleNo>,
    left: u32,
    /// Kinds of agents that can take them, the best fit first.
    takers: Vec<usize>,
}

impl Plan {
    /// Tasks by where they stand, with the first `limit` of each column.
    pub fn board(&self, limit: usize) -> Vec<BoardColumn> {
        let total = self.total();
        let is_planned = |view: &TaskView<'_>| view.state.status == Status::Planned;
        let blocked = self.held_up_count(is_planned, |tally| tally.planned);
        let ready = self.workable_phases().map(|no| self.ready_count(no)).sum();
        let mut columns: BTreeMap<Column, BoardColumn> = BTreeMap::new();
        for column in Column::ALL {
            let count = match column {
                Column::Ready => ready,
                Column::Waiting => total.planned.saturating_sub(ready + blocked),
                Column::Blocked => blocked,
                Column::Claimed => total.claimed,
                Column::InProgress => total.in_progress,
                Column::InReview => total.in_review,
                Column::Completed => total.completed,
                Column::Deferred => total.deferred,
                Column::Cancelled => total.cancelled,
            };
            let tasks = match column {
                Column::Ready => self.next_ready(None, limit),
                _ => Vec::new(),
            };
            let column_of = BoardColumn {
                column,
                count,
                tasks,
            };
            columns.insert(column, column_of);
        }
        self.fill_columns(&mut columns, limit);
        let in_order = Column::ALL.iter();
        in_order
            .filter_map(|column| columns.remove(column))
            .collect()
    }

    /// Walks the plan until every column has its first tasks.
    fn fill_columns(&self, columns: &mut BTreeMap<Column, BoardColumn>, limit: usize) {
        let wants = |column: &BoardColumn| column.tasks.len() < limit.min(column.count as usize);
        let mut open = columns.values().filter(|column| wants(column)).count();
        for phase in self.index.phase_order.iter() {
            let tally = self.tally(*phase);
            let holds = columns.values().any(|column| {
                wants(column)
                    && match column.column {
                        Column::Ready | Column::Waiting | Column::Blocked => tally.planned > 0,
                        Column::Claimed => tally.claimed > 0,
                        Column::InProgress => tally.in_progress > 0,
                        Column::InReview => tally.in_review > 0,
                        Column::Completed => tally.completed > 0,
                        Column::Deferred => tally.deferred > 0,
                        Column::Cancelled => tally.cancelled > 0,
                    }
            });
            if !holds {
                continue;
            }
            for view in self.tasks_of(*phase) {
                if open == 0 {
                    return;
                }
                if let Some(column) = columns.get_mut(&self.column_of(&view))
                    && column.column != Column::Ready
                    && wants(column)
                {
                    column.tasks.push(view.id);
                    open -= usize::from(!wants(column));
                }
            }
        }
    }

    fn column_of(&self, view: &TaskView<'_>) -> Column {
        match view.state.status {
            Status::Planned if self.is_held_up(view.id) => Column::Blocked,
            Status::Planned if self.is_ready(view.id) => Column::Ready,
            Status::Planned => Column::Waiting,
            Status::Claimed => Column::Claimed,
            Status::InProgress => Column::InProgress,
            Status::InReview => Column::InReview,
            Status::Completed => Column::Completed,
            Status::Deferred => Column::Deferred,
            Status::Cancelled => Column::Cancelled,
        }
    }

    /// What each role has at hand, with the first `limit` tasks of each list.
    pub fn outlook(&self, limit: usize) -> Outlook {
        let mut rows: BTreeMap<RoleNo, RoleOutlook> = BTreeMap::new();
        let mut any = empty(None);
        let mut registered = BTreeSet::new();
        for agent in self.agents().filter(|agent| !agent.retired) {
            for role in &agent.roles {
                let row = rows.entry(*role).or_insert_with(|| empty(Some(*role)));
                row.agents += 1;
                row.idle += u32::from(room(agent) > 0);
                registered.insert(*role);
            }
        }
        for role in self.index.open_by_role.keys().flatten() {
            rows.entry(*role).or_insert_with(|| empty(Some(*role)));
        }
        for view in self.live() {
            row_of(&mut rows, &mut any, view.state.role).held += 1;
        }
        let phases: Vec<PhaseNo> = self.workable_phases().collect();
        for phase in &phases {
            for class in self.classes_in(*phase) {
                let count = self.index.classes.get(&(*phase, class.clone()));
                row_of(&mut rows, &mut any, class.role).ready += count.copied().unwrap_or(0);
            }
        }
        let could_start = self.matched(&phases);
        for (role, count) in &could_start {
            row_of(&mut rows, &mut any, *role).could_start = *count;
        }
        let shows_any =
            any.ready > 0 || any.held > 0 || self.index.open_by_role.contains_key(&None);
        let mut roles: Vec<RoleOutlook> = rows.into_values().collect();
        roles.extend(shows_any.then_some(any));
        for row in &mut roles {
            row.ready_tasks = self.ready_of_role(row.role, limit);
            if let Some(role) = row.role.filter(|role| registered.contains(role)) {
                row.next = self.next_ready(Some(role), limit);
            }
        }
        let short = |row: &RoleOutlook| row.ready - row.could_start.min(row.ready);
        let worst = roles.iter().map(short).max().unwrap_or(0);
        let bottleneck = roles.iter().find(|row| worst > 0 && short(row) == worst);
        Outlook {
            ready: roles.iter().map(|row| row.ready).sum(),
            could_start: could_start.values().sum(),
            bottleneck: bottleneck.map(|row| row.role),
            roles,
        }
    }

    /// Ready tasks that fall to a role, in claim order.
    fn ready_of_role(&self, role: Option<RoleNo>, limit: usize) -> Vec<TaskId> {
        self.in_claim_order(limit, |_, class| {
            (class.role == role).then_some(Nearness::SAME)
        })
    }

    /// An agent's name, when it looks after something.
    pub(super) fn assigned_name<'a>(&self, agent: &'a Agent) -> Option<&'a str> {
        self.is_assigned(&agent.name).then_some(&*agent.name)
    }

    /// How many ready tasks of each role could start at once: as many as possible, tasks and agents matched
    /// by role and skills, an agent taking as many as it has room for.
    fn matched(&self, phases: &[PhaseNo]) -> BTreeMap<Option<RoleNo>, u32> {
        let mut room_by_kind: BTreeMap<AgentKind<'_>, (&Agent, u32)> = BTreeMap::new();
        for agent in self.agents().filter(|agent| !agent.retired) {
            let mut skills: Vec<&str> = agent.skills.iter().map(|skill| &**skill).collect();
            skills.sort_unstable();
            let kind = room_by_kind
                .entry((&agent.roles, skills, self.assigned_name(agent)))
                .or_insert((agent, 0));
            kind.1 += room(agent);
        }
        let kinds = room_by_kind.into_values().filter(|(_, room)| *room > 0);
        let kinds: Vec<(&Agent, u32)> = kinds.take(KINDS_MAX).collect();
        let mut ready: BTreeMap<&Class, u32> = BTreeMap::new();
        for phase in phases {
            for class in self.classes_in(*phase) {
                let count = self.index.classes.get(&(*phase, class.clone()));
                *ready.entry(class).or_insert(0) += count.copied().unwrap_or(0);
            }
        }
        let supplies = ready.into_iter().take(KINDS_MAX).map(|(class, left)| {
            let able = kinds.iter().enumerate().filter_map(|(kind, (agent, _))| {
                let nearness = self.nearness(agent, None, class)?;
                Some((nearness, kind))
            });
            let mut able: Vec<(Nearness, usize)> = able.collect();
            able.sort_unstable();
            Supply {
                role: class.role,
                left,
                takers: able.into_iter().map(|(_, kind)| kind).collect(),
            }
        });
        let supplies: Vec<Supply> = supplies.collect();
        let rooms: Vec<u32> = kinds.iter().map(|(_, room)| *room).collect();
        let mut matched: BTreeMap<Option<RoleNo>, u32> = BTreeMap::new();
        for (supply, count) in supplies.iter().zip(most(&supplies, rooms)) {
            *matched.entry(supply.role).or_insert(0) += count;
        }
        matched
    }
}

fn empty(role: Option<RoleNo>) -> RoleOutlook {
    RoleOutlook {
        role,
        ready: 0,
        ready_tasks: Vec::new(),
        held: 0,
        agents: 0,
        idle: 0,
        could_start: 0,
        next: Vec::new(),
    }
}

fn row_of<'a>(
    rows: &'a mut BTreeMap<RoleNo, RoleOutlook>,
    any: &'a mut RoleOutlook,
    role: Option<RoleNo>,
) -> &'a mut RoleOutlook {
    match role {
        Some(role) => rows.entry(role).or_insert_with(|| empty(Some(role))),
        None => any,
    }
}

/// How many more tasks an agent may hold.
pub fn room(agent: &Agent) -> u32 {
    let held = u32::try_from(agent.holds.len()).unwrap_or(u32::MAX);
    agent.capacity.saturating_sub(held)
}

/// How many tasks of each supply start when as many as possible do: ways are looked for on which one more
/// starts, others changing their agents along it, until there is none (Ford and Fulkerson).
fn most(supplies: &[Supply], mut rooms: Vec<u32>) -> Vec<u32> {
    let mut given = vec![vec![0_u32; rooms.len()]; supplies.len()];
    for (first, supply) in supplies.iter().enumerate() {
        loop {
            let left = supply.left - given[first].iter().sum::<u32>();
            if left == 0 {
                break;
            }
            let Some(way) = way_to_room(supplies, &given, &rooms, first) else {
                break;
            };
            // The way names, from its end, each kind of agent and the supply that it takes on.
            let (last, _) = way[0];
            let mut amount = left.min(rooms[last]);
            for pair in way.windows(2) {
                let (freed, mover) = (pair[1].0, pair[0].1);
                amount = amount.min(given[mover][freed]);
            }
            rooms[last] -= amount;
            for pair in way.windows(2) {
                given[pair[0].1][pair[1].0] -= amount;
            }
            for (kind, supply) in way {
                given[supply][kind] += amount;
            }
        }
    }
    given.iter().map(|row| row.iter().sum()).collect()
}

/// The shortest way from a supply to agents with room, the last step first.
fn way_to_room(
    supplies: &[Supply],
    given: &[Vec<u32>],
    rooms: &[u32],
    first: usize,
) -> Option<Vec<(usize, usize)>> {
    let mut taken_on_by: Vec<Option<usize>> = vec![None; rooms.len()];
    let mut freed: Vec<Option<usize>> = vec![None; supplies.len()];
    let mut todo = VecDeque::from([first]);
    let mut seen = vec![false; supplies.len()];
    seen[first] = true;
    while let Some(supply) = todo.pop_front() {
        for kind in &supplies[supply].takers {
            if taken_on_by[*kind].is_some() {
                continue;
            }
            taken_on_by[*kind] = Some(supply);
            if rooms[*kind] > 0 {
                let mut way = vec![(*kind, supply)];
                let mut at = supply;
                while let Some(kind) = freed[at] {
                    at = taken_on_by[kind].expect("it was reached from a supply");
                    way.push((kind, at));
                }
                return Some(way);
            }
            for (other, row) in given.iter().enumerate() {
                if !seen[other] && row[*kind] > 0 {
                    seen[other] = true;
                    freed[other] = Some(*kind);
                    todo.push_back(other);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(left: u32, takers: &[usize]) -> Supply {
        Supply {
            role: None,
            left,
            takers: takers.to_vec(),
        }
    }

    #[test]
    fn agents_change_over_so_that_more_can_start() {
        // The first takes the agent that the second needs, and gives it up again.
        let supplies = [supply(1, &[0, 1]), supply(1, &[0])];
        assert_eq!(most(&supplies, vec![1, 1]), [1, 1]);
        // Over several steps.
        let supplies = [supply(2, &[0, 1]), supply(2, &[1, 2]), supply(2, &[0])];
        assert_eq!(most(&supplies, vec![2, 2, 2]), [2, 2, 2]);
        let supplies = [supply(5, &[0]), supply(5, &[0, 1])];
        assert_eq!(most(&supplies, vec![3, 4]), [3, 4]);
        assert_eq!(most(&[supply(5, &[])], vec![3]), [0]);
    }
}
