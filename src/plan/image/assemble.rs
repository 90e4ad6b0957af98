//! Portions put together to a plan. Every map is laid over the runs of its portions, which stand one behind the
//! other; what is out of order, twice there or missing is no plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::apply::links_of;
use super::super::event::{Duty, Subject, Text};
use super::super::id::{BlockerId, DecisionId, PhaseNo, TaskId};
use super::super::model::{
    Assignees, DeliverableStatus, MilestoneStatus, SessionStatus, SprintStatus,
};
use super::super::order::{Node, Order};
use super::super::runs::{Run, RunMap, RunSet};
use super::super::state::{Index, Plan};
use super::bytes::Malformed;
use super::portion::{Frame, Moved, Place, Portion};

/// Puts a plan together from all its portions, in the order they were written.
///
/// # Errors
/// They are not those of one plan.
pub fn assemble(mut portions: Vec<Portion>) -> Result<Plan, Malformed> {
    let mut plan = Plan::default();
    let mut frames = portions
        .iter_mut()
        .filter_map(|portion| portion.frame.take());
    let (Some(frame), None) = (frames.next(), frames.next()) else {
        return Err(Malformed);
    };
    drop(frames);
    hang(&mut plan, frame)?;
    let portions = &mut portions;
    plan.phases = map(portions, |it| &mut it.phases)?;
    plan.agents = map(portions, |it| &mut it.agents)?;
    plan.sessions = map(portions, |it| &mut it.sessions)?;
    plan.tokens = map(portions, |it| &mut it.tokens)?;
    plan.blockers = map(portions, |it| &mut it.blockers)?;
    plan.discovered = map(portions, |it| &mut it.discovered)?;
    plan.decisions = map(portions, |it| &mut it.decisions)?;
    plan.deliverables = map(portions, |it| &mut it.deliverables)?;
    plan.milestones = map(portions, |it| &mut it.milestones)?;
    plan.risks = map(portions, |it| &mut it.risks)?;
    plan.rules = map(portions, |it| &mut it.rules)?;
    plan.reviews = map(portions, |it| &mut it.reviews)?;
    plan.given_back = map(portions, |it| &mut it.given_back)?;
    plan.integrations = map(portions, |it| &mut it.integrations)?;
    plan.rollouts = map(portions, |it| &mut it.rollouts)?;
    plan.references = map(portions, |it| &mut it.references)?;
    plan.gates = map(portions, |it| &mut it.gates)?;
    plan.gate_runs = map(portions, |it| &mut it.gate_runs)?;
    plan.metrics = map(portions, |it| &mut it.metrics)?;
    plan.authors = map(portions, |it| &mut it.authors)?;
    plan.sprints = map(portions, |it| &mut it.sprints)?;
    plan.workflows = map(portions, |it| &mut it.workflows)?;
    plan.workflow_runs = map(portions, |it| &mut it.workflow_runs)?;
    plan.schedules = map(portions, |it| &mut it.schedules)?;
    plan.checklist_runs = map(portions, |it| &mut it.checklist_runs)?;
    plan.standups = map(portions, |it| &mut it.standups)?;
    plan.marks = map(portions, |it| &mut it.marks)?;
    plan.reports = map(portions, |it| &mut it.reports)?;
    plan.assignments = map(portions, |it| &mut it.assignments)?;
    plan.specs = map(portions, |it| &mut it.specs)?;
    plan.states = map(portions, |it| &mut it.states)?;
    let index = &mut plan.index;
    index.chains = map(portions, |it| &mut it.chains)?;
    index.dependents = set(portions, |it| &mut it.dependents)?;
    index.claimed_in = set(portions, |it| &mut it.claimed_in)?;
    index.completed_in = set(portions, |it| &mut it.completed_in)?;
    index.live = set(portions, |it| &mut it.live)?;
    index.ready_keys = map(portions, |it| &mut it.ready_keys)?;
    // These do not stand in the order of the tasks.
    index.in_phase = mixed(portions, |it| &mut it.in_phase)?;
    index.unfinished = mixed(portions, |it| &mut it.unfinished)?;
    index.ready = mixed(portions, |it| &mut it.ready)?;
    tie_words(&mut plan, portions)?;
    tie_places(&mut plan.index, portions)?;
    count(&mut plan.index, portions);
    tie_queues(&mut plan);
    tie_registers(&mut plan);
    plan.tie_gates();
    plan.tie_rules();
    tie_assignments(&mut plan);
    for report in plan.reports.values() {
        plan.index.count_deliveries(report);
    }
    Ok(plan)
}

/// Takes over the plan's own values.
fn hang(plan: &mut Plan, frame: Frame) -> Result<(), Malformed> {
    plan.version = frame.version;
    plan.last_at = frame.last_at;
    plan.fence = frame.fence;
    plan.project = frame.project;
    plan.sprint_history = frame.sprint_history;
    plan.sprint_sessions = sorted(frame.sprint_sessions)?;
    plan.role_windows = frame.role_windows;
    plan.highest_task = frame.highest_task;
    plan.highest_session = frame.highest_session;
    plan.highest_job_run = frame.highest_job_run;
    plan.checklist = frame.checklist;
    plan.index.phase_order = frame.phase_order;
    plan.index.open_phases = frame.open_phases;
    plan.index.passed = sorted(frame.passed)?;
    plan.index.chains_stale = frame.chains_stale;
    plan.index.wakes = frame.wakes;
    plan.index.order.circular = frame.circular;
    Ok(())
}

/// The runs of one kind, of each portion in order.
fn runs<K, V>(
    portions: &mut [Portion],
    of: impl Fn(&mut Portion) -> &mut Run<K, V>,
) -> impl Iterator<Item = Run<K, V>> {
    portions
        .iter_mut()
        .map(move |portion| std::mem::take(of(portion)))
}

fn map<K: Ord + Clone, V>(
    portions: &mut [Portion],
    of: impl Fn(&mut Portion) -> &mut Run<K, V>,
) -> Result<RunMap<K, V>, Malformed> {
    RunMap::of_runs(runs(portions, of)).ok_or(Malformed)
}

fn set<K: Ord + Clone>(
    portions: &mut [Portion],
    of: impl Fn(&mut Portion) -> &mut Run<K>,
) -> Result<RunSet<K>, Malformed> {
    RunSet::of_runs(runs(portions, of)).ok_or(Malformed)
}

/// A set of runs that do not stand one behind the other.
fn mixed<K: Ord + Clone>(
    portions: &mut [Portion],
    of: impl Fn(&mut Portion) -> &mut Run<K>,
) -> Result<RunSet<K>, Malformed> {
    RunSet::of_any(runs(portions, of).collect()).ok_or(Malformed)
}

/// A set of entries that are in order, each once.
fn sorted<K: Ord + Clone>(entries: Vec<K>) -> Result<RunSet<K>, Malformed> {
    RunSet::of_sorted(entries).ok_or(Malformed)
}

/// The same list of every portion.
fn lists<T>(portions: &mut [Portion], of: impl Fn(&mut Portion) -> &mut Vec<T>) -> Vec<T> {
    let mut all = Vec::new();
    for portion in portions {
        all.append(of(portion));
    }
    all
}

/// What tasks and phases are called, and who waits for a phase by its name.
fn tie_words(plan: &mut Plan, portions: &mut [Portion]) -> Result<(), Malformed> {
    let index = &mut plan.index;
    for (no, phase) in &plan.phases {
        index.phase_ids.insert(phase.id.to_lowercase().into(), *no);
    }
    let mut aliases: Vec<(Text, TaskId)> = lists(portions, |it| &mut it.aliases);
    // Of two with one name the later stays.
    aliases.sort_by(|(one, _), (other, _)| one.cmp(other));
    index.aliases = aliases.into_iter().collect();
    let behind = lists(portions, |it| &mut it.behind_phases).into_iter();
    let behind = behind.filter_map(|(phase, id)| Some((*index.phase_ids.get(&phase)?, id)));
    // A task may name one phase in two ways.
    let behind: BTreeSet<(PhaseNo, TaskId)> = behind.collect();
    index.phase_dependents = sorted(behind.into_iter().collect())?;
    Ok(())
}

/// Who waits for everything above, and what is out of its place.
fn tie_places(index: &mut Index, portions: &mut [Portion]) -> Result<(), Malformed> {
    let mut all_above: Vec<Place> = lists(portions, |it| &mut it.all_above);
    let mut waived: Vec<Place> = lists(portions, |it| &mut it.all_above_waived);
    all_above.sort();
    waived.sort();
    index.all_above = sorted(all_above)?;
    index.all_above_waived = sorted(waived)?;
    index.order = order(index, &lists(portions, |it| &mut it.moved))?;
    Ok(())
}

fn count(index: &mut Index, portions: &[Portion]) {
    for portion in portions {
        for (phase, tally) in &portion.tallies {
            index.tallies.entry(*phase).or_default().add(tally);
        }
        for (role, count) in &portion.open_by_role {
            *index.open_by_role.entry(*role).or_insert(0) += count;
        }
        for (class, count) in &portion.classes {
            *index.classes.entry(class.clone()).or_insert(0) += count;
        }
    }
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

/// What follows from blockers, decisions, discovered tasks and sessions.
fn tie_queues(plan: &mut Plan) {
    let index = &mut plan.index;
    let mut blockers: BTreeMap<TaskId, Vec<BlockerId>> = BTreeMap::new();
    for (id, blocker) in &plan.blockers {
        for task in &blocker.tasks {
            list_once(&mut blockers, *task, *id);
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
    index.blockers_of = boxed(blockers);
    let mut decisions: BTreeMap<TaskId, Vec<DecisionId>> = BTreeMap::new();
    for (id, decision) in &plan.decisions {
        for task in &decision.blocks {
            list_once(&mut decisions, *task, *id);
        }
        if decision.answer.is_none() {
            for phase in &decision.phases {
                *index.phase_blockers.entry(*phase).or_insert(0) += 1;
            }
        }
    }
    index.decisions_of = boxed(decisions);
    let discovered = plan.discovered.iter();
    let untriaged = discovered.filter(|(_, found)| found.triage.is_none());
    index.untriaged = untriaged.map(|(id, _)| *id).collect();
    let sessions = plan.sessions.iter();
    let open = sessions.filter(|(_, session)| session.status == SessionStatus::Open);
    index.open_sessions = open.map(|(id, _)| *id).collect();
}

/// One may name a task twice.
fn list_once<T: PartialEq>(lists: &mut BTreeMap<TaskId, Vec<T>>, task: TaskId, id: T) {
    let ids = lists.entry(task).or_default();
    if ids.last() != Some(&id) {
        ids.push(id);
    }
}

fn boxed<K: Ord + Clone, V: Clone>(lists: BTreeMap<K, Vec<V>>) -> RunMap<K, Box<[V]>> {
    let lists = lists.into_iter();
    lists
        .map(|(key, list)| (key, list.into_boxed_slice()))
        .collect()
}

/// What follows from deliverables, milestones, sprints and runs of workflows.
fn tie_registers(plan: &mut Plan) {
    let index = &mut plan.index;
    for (id, deliverable) in &plan.deliverables {
        if let Some(phase) = deliverable.phase {
            index.deliverables_of.insert((phase, *id));
            if deliverable.status != DeliverableStatus::Accepted {
                index.unaccepted.insert((phase, *id));
            }
        }
        if deliverable.status == DeliverableStatus::Submitted {
            index.submitted.insert(*id);
        }
    }
    let milestones = plan.milestones.iter();
    for (id, milestone) in milestones.filter(|(_, it)| it.status == MilestoneStatus::Pending) {
        index.milestones_ahead.insert(*id);
        for link in links_of(milestone) {
            index.milestones_on.insert((link, *id));
        }
    }
    let mut sprints = plan.sprints.iter();
    if let Some((id, sprint)) = sprints.find(|(_, it)| it.status == SprintStatus::Active) {
        index.active_sprint = Some(*id);
        index.committed = sprint.tasks.iter().copied().collect();
    }
    let runs = plan.workflow_runs.values();
    let open = runs.filter(|run| run.status.is_open());
    index.open_workflow_runs = open.map(|run| run.id).collect();
}

/// Who looks after what.
fn tie_assignments(plan: &mut Plan) {
    let mut assignees: BTreeMap<Subject, (Vec<Text>, Vec<Text>)> = BTreeMap::new();
    for (id, assignment) in plan.assignments.iter().filter(|(_, it)| it.end.is_none()) {
        let agent = &assignment.agent;
        plan.index.assignments_of.insert((Arc::clone(agent), *id));
        let (primary, backups) = assignees.entry(assignment.subject.clone()).or_default();
        let names = match assignment.duty {
            Duty::Primary => primary,
            Duty::Backup => backups,
        };
        names.push(Arc::clone(agent));
    }
    for (subject, (mut primary, mut backups)) in assignees {
        primary.sort_unstable();
        backups.sort_unstable();
        let named = Assignees {
            primary: primary.into(),
            backups: backups.into(),
        };
        plan.index.assignees.insert(subject, Arc::new(named));
    }
}
