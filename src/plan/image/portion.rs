//! Portions of a plan: runs of entities of one kind, each readable without the others. What follows from
//! a run alone is worked out as it is read, so that several can be read at a time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::event::{On, Text};
use super::super::id::{
    BlockerId, DecisionId, DiscoveredId, GateId, GateRunId, PhaseNo, RoleNo, SessionId, TaskId,
};
use super::super::import::ImportedSprint;
use super::super::model::{
    Agent, Blocker, Decision, Discovered, Gate, GateRun, Metric, Phase, Project, Session, Spec,
    State, Status, Tally, Token,
};
use super::super::state::{Class, ReadyKey};
use super::super::time::Timestamp;
use super::bytes::{Bytes, Malformed, Part, part};

/// What a portion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The plan's own values and what does not follow from its entities.
    Frame = 1,
    /// Phases.
    Phases = 2,
    /// Agents.
    Agents = 3,
    /// Sessions.
    Sessions = 4,
    /// Tokens.
    Tokens = 5,
    /// Blockers.
    Blockers = 6,
    /// Discovered tasks.
    Discovered = 7,
    /// Decisions.
    Decisions = 8,
    /// Tasks.
    Tasks = 9,
    /// Who states a dependency on whom.
    Dependents = 10,
    /// Which tasks were claimed in which session.
    Claimed = 11,
    /// Which tasks were completed in which session.
    Completed = 12,
    /// What the kept order holds outside its natural place.
    Moved = 13,
    /// Quality gates.
    Gates = 14,
    /// Runs of quality gates.
    GateRuns = 15,
    /// Metrics.
    Metrics = 16,
    /// Who completed tasks of which phase.
    Authors = 17,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::Frame,
        Self::Phases,
        Self::Agents,
        Self::Sessions,
        Self::Tokens,
        Self::Blockers,
        Self::Discovered,
        Self::Decisions,
        Self::Tasks,
        Self::Dependents,
        Self::Claimed,
        Self::Completed,
        Self::Moved,
        Self::Gates,
        Self::GateRuns,
        Self::Metrics,
        Self::Authors,
    ];

    /// The kind of a number.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// The plan's own values, and of its index what does not follow from the entities.
pub(super) struct Frame {
    pub version: u64,
    pub last_at: Timestamp,
    pub fence: u64,
    pub project: Option<Arc<Project>>,
    pub sprints: Arc<[ImportedSprint]>,
    pub highest_task: u32,
    pub highest_session: u32,
    pub phase_order: Arc<[PhaseNo]>,
    pub open_phases: Arc<[PhaseNo]>,
    pub passed: Vec<PhaseNo>,
    pub chains_stale: bool,
    pub circular: bool,
    pub wakes: u64,
}

/// Something outside its natural place in the kept order, and how far it stands from which place.
pub(super) struct Moved {
    pub phase: PhaseNo,
    pub place: u32,
    pub task: TaskId,
    pub beside_phase: PhaseNo,
    pub beside_place: u32,
    pub beside_task: TaskId,
    pub fine: i64,
}

/// An agent that completed a task of a phase, and at which version for the first time.
pub(super) struct Author {
    pub phase: PhaseNo,
    pub agent: Text,
    pub version: u64,
}

part! {
    struct Author { phase, agent, version }
    struct Frame {
        version, last_at, fence, project, sprints, highest_task, highest_session, phase_order,
        open_phases, passed, chains_stale, circular, wakes,
    }
    struct Moved { phase, place, task, beside_phase, beside_place, beside_task, fine }
}

/// A task's place: phase, ordinal, id.
pub(super) type Place = (PhaseNo, u32, TaskId);

/// A portion read back, with what follows from it alone.
#[derive(Default)]
pub struct Portion {
    pub(super) frame: Option<Frame>,
    pub(super) phases: Vec<(PhaseNo, Arc<Phase>)>,
    pub(super) agents: Vec<(Text, Arc<Agent>)>,
    pub(super) sessions: Vec<(SessionId, Arc<Session>)>,
    pub(super) tokens: Vec<(Text, Arc<Token>)>,
    pub(super) blockers: Vec<(BlockerId, Arc<Blocker>)>,
    pub(super) discovered: Vec<(DiscoveredId, Arc<Discovered>)>,
    pub(super) decisions: Vec<(DecisionId, Arc<Decision>)>,
    pub(super) gates: Vec<(GateId, Arc<Gate>)>,
    pub(super) gate_runs: Vec<(GateRunId, Arc<GateRun>)>,
    pub(super) metrics: Vec<(Text, Arc<Metric>)>,
    pub(super) authors: Vec<((PhaseNo, Text), u64)>,
    pub(super) specs: Vec<(TaskId, Arc<Spec>)>,
    pub(super) states: Vec<(TaskId, State)>,
    pub(super) chains: Vec<(TaskId, u32)>,
    pub(super) places: Vec<Place>,
    pub(super) finished: Vec<Place>,
    pub(super) all_above: Vec<Place>,
    pub(super) all_above_waived: Vec<Place>,
    pub(super) aliases: Vec<(Text, TaskId)>,
    pub(super) behind_phases: Vec<(Text, TaskId)>,
    pub(super) live: Vec<TaskId>,
    pub(super) ready: Vec<ReadyKey>,
    pub(super) tallies: BTreeMap<PhaseNo, Tally>,
    pub(super) open_by_role: BTreeMap<Option<RoleNo>, u32>,
    pub(super) dependents: Vec<(TaskId, TaskId)>,
    pub(super) claimed_in: Vec<(SessionId, TaskId)>,
    pub(super) completed_in: Vec<(SessionId, TaskId)>,
    pub(super) moved: Vec<Moved>,
}

impl Portion {
    /// Reads a portion.
    ///
    /// # Errors
    /// The bytes are none, or some are left over.
    pub fn read(kind: Kind, bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Bytes::new(bytes);
        let mut portion = Self::default();
        while !from.is_empty() {
            portion.take(kind, &mut from)?;
        }
        Ok(portion)
    }

    fn take(&mut self, kind: Kind, from: &mut Bytes<'_>) -> Result<(), Malformed> {
        match kind {
            Kind::Frame if self.frame.is_none() => self.frame = Some(Part::take(from)?),
            Kind::Frame => return Err(Malformed),
            Kind::Phases => {
                let phase = Phase::take(from)?;
                self.phases.push((phase.no, Arc::new(phase)));
            }
            Kind::Agents => {
                let agent = Agent::take(from)?;
                self.agents.push((Arc::clone(&agent.name), Arc::new(agent)));
            }
            Kind::Sessions => {
                let session = Session::take(from)?;
                self.sessions.push((session.id, Arc::new(session)));
            }
            Kind::Tokens => {
                let token = Token::take(from)?;
                self.tokens.push((Arc::clone(&token.id), Arc::new(token)));
            }
            Kind::Blockers => {
                let blocker = Blocker::take(from)?;
                self.blockers.push((blocker.id, Arc::new(blocker)));
            }
            Kind::Discovered => {
                let found = Discovered::take(from)?;
                self.discovered.push((found.id, Arc::new(found)));
            }
            Kind::Decisions => {
                let decision = Decision::take(from)?;
                self.decisions.push((decision.id, Arc::new(decision)));
            }
            Kind::Gates => {
                let gate = Gate::take(from)?;
                self.gates.push((gate.id, Arc::new(gate)));
            }
            Kind::GateRuns => {
                let run = GateRun::take(from)?;
                if run.results.len() != run.criteria.len() {
                    return Err(Malformed);
                }
                self.gate_runs.push((run.id, Arc::new(run)));
            }
            Kind::Metrics => {
                let metric = Metric::take(from)?;
                self.metrics
                    .push((Arc::clone(&metric.name), Arc::new(metric)));
            }
            Kind::Authors => {
                let author = Author::take(from)?;
                self.authors
                    .push(((author.phase, author.agent), author.version));
            }
            Kind::Tasks => self.take_task(from)?,
            Kind::Dependents => {
                let before = self.dependents.last().map(|(on, task)| (on.0, task.0));
                let (on, task) = take_pair(before, from)?;
                self.dependents.push((TaskId(on), TaskId(task)));
            }
            Kind::Claimed => take_session(&mut self.claimed_in, from)?,
            Kind::Completed => take_session(&mut self.completed_in, from)?,
            Kind::Moved => self.moved.push(Part::take(from)?),
        }
        Ok(())
    }

    fn take_task(&mut self, from: &mut Bytes<'_>) -> Result<(), Malformed> {
        let id = TaskId::take(from)?;
        let spec = Spec::take(from)?;
        let state = State::take(from)?;
        let ready = bool::take(from)?;
        let chain = u32::take(from)?;
        let place = (spec.phase, spec.ordinal, id);
        self.places.push(place);
        // Nobody waits for a task whose parts stand in its place.
        if state.status == Status::Completed || !spec.split_into().is_empty() {
            self.finished.push(place);
        }
        for alias in &spec.aliases {
            self.aliases.push((alias.to_lowercase().into(), id));
        }
        for dependency in spec.dependencies.iter().filter(|it| it.in_force) {
            match &dependency.on {
                // The dependents are written by themselves.
                On::Task(_) => {}
                On::Phase(phase) => self.behind_phases.push((phase.to_lowercase().into(), id)),
                // A file may state it twice.
                On::AllAbove if self.all_above.last() == Some(&place) => {}
                On::AllAbove => {
                    self.all_above.push(place);
                    if !spec.waived.is_empty() {
                        self.all_above_waived.push(place);
                    }
                }
            }
        }
        if state.lease.is_some() {
            self.live.push(id);
        }
        if ready {
            self.ready.push(ready_key(id, &spec, &state, chain));
        }
        *self.tallies.entry(spec.phase).or_default().of(state.status) += 1;
        if !state.status.is_terminal() {
            *self.open_by_role.entry(state.role).or_insert(0) += 1;
        }
        if chain > 0 {
            self.chains.push((id, chain));
        }
        self.specs.push((id, Arc::new(spec)));
        self.states.push((id, state));
        Ok(())
    }
}

fn ready_key(id: TaskId, spec: &Spec, state: &State, chain: u32) -> ReadyKey {
    let mut skills = spec.skills.to_vec();
    skills.sort();
    ReadyKey {
        phase: spec.phase,
        class: Class {
            role: state.role,
            skills: skills.into(),
        },
        priority: spec.priority,
        chain: Reverse(chain),
        ordinal: spec.ordinal,
        task: id,
    }
}

/// Pairs are written as steps from the one before, the first of a portion from nothing.
fn take_pair(before: Option<(u32, u32)>, from: &mut Bytes<'_>) -> Result<(u32, u32), Malformed> {
    let (first, second) = before.unwrap_or_default();
    let step = u32::take(from)?;
    let base = if step == 0 { second } else { 0 };
    let second = base.checked_add(u32::take(from)?).ok_or(Malformed)?;
    let first = first.checked_add(step).ok_or(Malformed)?;
    Ok((first, second))
}

fn take_session(
    pairs: &mut Vec<(SessionId, TaskId)>,
    from: &mut Bytes<'_>,
) -> Result<(), Malformed> {
    let before = pairs.last().map(|(session, task)| (session.0, task.0));
    let (session, task) = take_pair(before, from)?;
    pairs.push((SessionId(session), TaskId(task)));
    Ok(())
}
