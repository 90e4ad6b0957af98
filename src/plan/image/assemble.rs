//! Portions put together to a plan. Every map is built from one run in order; what is out of order, twice
//! there or missing is no plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::super::event::Text;
use super::super::id::{BlockerId, DecisionId, DiscoveredId, PhaseNo, SessionId, TaskId};
use super::super::model::{
    Blocker, Decision, Discovered, Phase, Session, SessionStatus, Spec, State,
};
use super::super::order::{Node, Order};
use super::super::state::{Index, Plan};
use super::bytes::Malformed;
use super::portion::{Moved, Place, Portion};

/// Runs two pieces of work that have nothing to do with each other, at the same time if it can.
pub type Both<'a> = &'a dyn Fn(&mut (dyn FnMut() + Send), &mut (dyn FnMut() + Send));

/// One list of each portion, in order.
type Runs<T> = Vec<Vec<T>>;

/// Puts a plan together from all its portions, in the order they were written.
///
/// # Errors
/// They are not those of one plan.
pub fn assemble(portions: Vec<Portion>, both: Both<'_>) -> Result<Plan, Malformed> {
    let mut plan = Plan::default();
    let mut loose = Loose::default();
    let mut seen_frame = false;
    for mut portion in portions {
        if let Some(frame) = portion.frame.take() {
            if std::mem::replace(&mut seen_frame, true) {
                return Err(Malformed);
            }
            plan.version = frame.version;
            plan.last_at = frame.last_at;
            plan.fence = frame.fence;
            plan.project = frame.project;
            plan.sprints = frame.sprints;
            plan.highest_task = frame.highest_task;
            plan.highest_session = frame.highest_session;
            plan.index.phase_order = frame.phase_order;
            plan.index.open_phases = frame.open_phases;
            plan.index.passed = set(vec![frame.passed])?;
            plan.index.chains_stale = frame.chains_stale;
            plan.index.wakes = frame.wakes;
            plan.index.order.circular = frame.circular;
        }
        loose.add(portion);
    }
    if !seen_frame {
        return Err(Malformed);
    }
    loose.tie(plan, both)
}

/// The portions' lists, kind by kind.
#[derive(Default)]
struct Loose {
    few: Portion,
    specs: Runs<(TaskId, Arc<Spec>)>,
    states: Runs<(TaskId, State)>,
    chains: Runs<(TaskId, u32)>,
    places: Runs<Place>,
    finished: Vec<Place>,
    dependents: Runs<(TaskId, TaskId)>,
}

impl Loose {
    fn add(&mut self, portion: Portion) {
        let few = &mut self.few;
        few.phases.extend(portion.phases);
        few.agents.extend(portion.agents);
        few.sessions.extend(portion.sessions);
        few.tokens.extend(portion.tokens);
        few.blockers.extend(portion.blockers);
        few.discovered.extend(portion.discovered);
        few.decisions.extend(portion.decisions);
        few.gates.extend(portion.gates);
        few.gate_runs.extend(portion.gate_runs);
        few.metrics.extend(portion.metrics);
        few.authors.extend(portion.authors);
        few.all_above.extend(portion.all_above);
        few.all_above_waived.extend(portion.all_above_waived);
        few.aliases.extend(portion.aliases);
        few.behind_phases.extend(portion.behind_phases);
        few.live.extend(portion.live);
        few.ready.extend(portion.ready);
        few.claimed_in.extend(portion.claimed_in);
        few.completed_in.extend(portion.completed_in);
        few.moved.extend(portion.moved);
        for (phase, tally) in &portion.tallies {
            few.tallies.entry(*phase).or_default().add(tally);
        }
        for (role, count) in portion.open_by_role {
            *few.open_by_role.entry(role).or_insert(0) += count;
        }
        self.specs.push(portion.specs);
        self.states.push(portion.states);
        self.chains.push(portion.chains);
        self.places.push(portion.places);
        self.finished.extend(portion.finished);
        self.dependents.push(portion.dependents);
    }

    /// The large maps in two halves of about the same work: the tasks, and what is looked up by them with
    /// the rest.
    fn tie(self, mut plan: Plan, both: Both<'_>) -> Result<Plan, Malformed> {
        let mut tasks = Some((self.specs, self.states, self.chains));
        let mut rest = Some((self.few, self.places, self.finished, self.dependents));
        let (mut one, mut other) = (Err(Malformed), Err(Malformed));
        both(
            &mut || {
                if let Some((few, places, finished, dependents)) = rest.take() {
                    one = tie_places(&mut plan.index, places, finished)
                        .and_then(|()| tie_few(&mut plan, few))
                        .and_then(|()| set(dependents));
                }
            },
            &mut || {
                if let Some((specs, states, chains)) = tasks.take() {
                    other = tie_tasks(specs, states, chains);
                }
            },
        );
        plan.index.dependents = one?;
        (plan.specs, plan.states, plan.index.chains) = other?;
        Ok(plan)
    }
}

/// Words, states and chains by task.
type Tasks = (
    OrdMap<TaskId, Arc<Spec>>,
    OrdMap<TaskId, State>,
    OrdMap<TaskId, u32>,
);

fn tie_tasks(
    specs: Runs<(TaskId, Arc<Spec>)>,
    states: Runs<(TaskId, State)>,
    chains: Runs<(TaskId, u32)>,
) -> Result<Tasks, Malformed> {
    Ok((map(specs)?, map(states)?, map(chains)?))
}

/// A map of entries that come in order, each key once.
fn map<K: Ord + Clone, V: Clone>(runs: Runs<(K, V)>) -> Result<OrdMap<K, V>, Malformed> {
    let mut map = OrdMap::new();
    let mut newest: Option<K> = None;
    for (key, value) in runs.into_iter().flatten() {
        if newest.is_some_and(|newest| newest >= key) {
            return Err(Malformed);
        }
        newest = Some(key.clone());
        map.insert(key, value);
    }
    Ok(map)
}

/// A set of entries that come in order, each once.
fn set<T: Ord + Clone>(runs: Runs<T>) -> Result<OrdSet<T>, Malformed> {
    let mut set = OrdSet::new();
    let mut newest: Option<T> = None;
    for entry in runs.into_iter().flatten() {
        if newest.is_some_and(|newest| newest >= entry) {
            return Err(Malformed);
        }
        newest = Some(entry.clone());
        set.insert(entry);
    }
    Ok(set)
}

/// The same of entries in any order.
fn sorted<T: Ord + Clone>(mut entries: Vec<T>) -> Result<OrdSet<T>, Malformed> {
    // Tasks mostly stand in the order of their ids, which this sort makes use of.
    entries.sort();
    set(vec![entries])
}

fn tie_places(
    index: &mut Index,
    places: Runs<Place>,
    mut finished: Vec<Place>,
) -> Result<(), Malformed> {
    let mut places: Vec<Place> = places.into_iter().flatten().collect();
    places.sort();
    finished.sort();
    if finished.len() * 2 <= places.len() {
        // Both sets share what they have in common.
        index.in_phase = set(vec![places])?;
        index.unfinished = index.in_phase.clone();
        for place in &finished {
            index.unfinished.remove(place);
        }
        return Ok(());
    }
    let mut done = finished.iter().peekable();
    let unfinished = places
        .iter()
        .filter(|place| done.next_if(|done| done == place).is_none());
    index.unfinished = set(vec![unfinished.copied().collect()])?;
    index.in_phase = set(vec![places])?;
    Ok(())
}

fn tie_few(plan: &mut Plan, few: Portion) -> Result<(), Malformed> {
    let index = &mut plan.index;
    for (no, phase) in &few.phases {
        index.phase_ids.insert(phase.id.to_lowercase().into(), *no);
    }
    for (text, id) in few.aliases {
        index.aliases.insert(text, id);
    }
    let behind = few.behind_phases.into_iter();
    let behind = behind.filter_map(|(phase, id)| Some((*index.phase_ids.get(&phase)?, id)));
    // A task may name one phase in two ways.
    let behind: BTreeSet<(PhaseNo, TaskId)> = behind.collect();
    index.phase_dependents = set(vec![behind.into_iter().collect()])?;
    index.all_above = sorted(few.all_above)?;
    index.all_above_waived = sorted(few.all_above_waived)?;
    index.order = order(index, &few.moved)?;
    index.live = set(vec![few.live])?;
    for key in &few.ready {
        *index
            .classes
            .entry((key.phase, key.class.clone()))
            .or_insert(0) += 1;
    }
    let keys = few.ready.iter().map(|key| (key.task, key.clone()));
    index.ready_keys = map(vec![keys.collect()])?;
    index.ready = sorted(few.ready)?;
    index.tallies = few.tallies.into_iter().collect();
    index.open_by_role = few.open_by_role.into_iter().collect();
    index.claimed_in = set(vec![few.claimed_in])?;
    index.completed_in = set(vec![few.completed_in])?;
    tie_blockers(index, &few.blockers);
    tie_decisions(index, &few.decisions);
    index.untriaged = untriaged(&few.discovered);
    index.open_sessions = open_sessions(&few.sessions);
    plan.phases = map::<PhaseNo, Arc<Phase>>(vec![few.phases])?;
    plan.agents = map::<Text, _>(vec![few.agents])?;
    plan.sessions = map(vec![few.sessions])?;
    plan.tokens = map(vec![few.tokens])?;
    plan.blockers = map(vec![few.blockers])?;
    plan.discovered = map(vec![few.discovered])?;
    plan.decisions = map(vec![few.decisions])?;
    plan.gates = map(vec![few.gates])?;
    plan.gate_runs = map(vec![few.gate_runs])?;
    plan.metrics = map(vec![few.metrics])?;
    plan.authors = map(vec![few.authors])?;
    plan.tie_gates();
    Ok(())
}

/// The kept order: what is not named stands at its natural place.
fn order(index: &Index, moved: &[Moved]) -> Result<Order, Malformed> {
    let spots = moved.iter().map(|it| {
        let node = Node {
            phase: it.phase,
            place: it.place,
            task: it.task,
        };
        let beside = Node {
            phase: it.beside_phase,
            place: it.beside_place,
            task: it.beside_task,
        };
        (node, (beside, it.fine))
    });
    let spots: Vec<_> = spots.collect();
    let in_order = spots.windows(2).all(|two| two[0].0 < two[1].0);
    let apart: BTreeSet<_> = spots.iter().map(|(_, spot)| spot).collect();
    if !in_order || apart.len() != spots.len() {
        return Err(Malformed);
    }
    let mut order = Order::restored(&index.phase_order, spots);
    order.circular = index.order.circular;
    Ok(order)
}

fn tie_blockers(index: &mut Index, blockers: &[(BlockerId, Arc<Blocker>)]) {
    let mut of: BTreeMap<TaskId, Vec<BlockerId>> = BTreeMap::new();
    for (id, blocker) in blockers {
        for task in &blocker.tasks {
            let ids = of.entry(*task).or_default();
            // A blocker may name a task twice.
            if ids.last() != Some(id) {
                ids.push(*id);
            }
        }
        if !blocker.status.is_open() {
            continue;
        }
        index.open_blockers.insert(*id);
        if let Some(on) = blocker.waits_for {
            index.settled_by.insert((on, *id));
        }
        if let Some(phase) = blocker.phase {
            *index.phase_blockers.entry(phase).or_insert(0) += 1;
        }
    }
    index.blockers_of = boxed(of);
}

fn boxed<K: Ord + Clone, V: Clone>(lists: BTreeMap<K, Vec<V>>) -> OrdMap<K, Box<[V]>> {
    let lists = lists.into_iter();
    lists
        .map(|(key, list)| (key, list.into_boxed_slice()))
        .collect()
}

fn tie_decisions(index: &mut Index, decisions: &[(DecisionId, Arc<Decision>)]) {
    let mut of: BTreeMap<TaskId, Vec<DecisionId>> = BTreeMap::new();
    for (id, decision) in decisions {
        for task in &decision.blocks {
            let ids = of.entry(*task).or_default();
            if ids.last() != Some(id) {
                ids.push(*id);
            }
        }
    }
    index.decisions_of = boxed(of);
}

fn untriaged(discovered: &[(DiscoveredId, Arc<Discovered>)]) -> OrdSet<DiscoveredId> {
    let untriaged = discovered
        .iter()
        .filter(|(_, found)| found.triage.is_none());
    untriaged.map(|(id, _)| *id).collect()
}

fn open_sessions(sessions: &[(SessionId, Arc<Session>)]) -> OrdSet<SessionId> {
    let open = sessions
        .iter()
        .filter(|(_, session)| session.status == SessionStatus::Open);
    open.map(|(id, _)| *id).collect()
}
