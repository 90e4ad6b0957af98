//! Portions of a plan: runs of entities of one kind, each readable without the others. What follows from
//! a run alone is worked out as it is read, so that several can be read at a time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::event::{On, Text};
use super::super::id::{BlockerId, DecisionId, DiscoveredId, PhaseNo, RoleNo, SessionId, TaskId};
use super::super::import::ImportedSprint;
use super::super::model::{
    Agent, Blocker, Decision, Discovered, Phase, Project, Session, Spec, State, Status, Tally,
    Token,
};
use super::super::state::{Class, Index, Plan, ReadyKey};
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
}

impl Kind {
    const ALL: [Self; 12] = [
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
    ];

    /// The kind of a number.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// A portion as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// What it holds.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How much of the plan's tasks is written with it, in percent.
    pub percent: u8,
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
    pub wakes: u64,
}

part! {
    struct Frame {
        version, last_at, fence, project, sprints, highest_task, highest_session, phase_order,
        open_phases, passed, chains_stale, wakes,
    }
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
    pub(super) specs: Vec<(TaskId, Arc<Spec>)>,
    pub(super) states: Vec<(TaskId, State)>,
    pub(super) chains: Vec<(TaskId, u32)>,
    pub(super) places: Vec<Place>,
    pub(super) completed: Vec<Place>,
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
            Kind::Tasks => self.take_task(from)?,
            Kind::Dependents => {
                let before = self.dependents.last().map(|(on, task)| (on.0, task.0));
                let (on, task) = take_pair(before, from)?;
                self.dependents.push((TaskId(on), TaskId(task)));
            }
            Kind::Claimed => take_session(&mut self.claimed_in, from)?,
            Kind::Completed => take_session(&mut self.completed_in, from)?,
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
        if state.status == Status::Completed {
            self.completed.push(place);
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

/// Gathers bytes and hands them over portion by portion.
struct Pieces<F> {
    bytes: Vec<u8>,
    /// A portion is handed over once it is so large.
    enough: usize,
    percent: u8,
    each: F,
}

impl<E, F: FnMut(Piece<'_>) -> Result<(), E>> Pieces<F> {
    /// Hands over what was gathered once it is enough.
    fn hand_over_enough(&mut self, kind: Kind) -> Result<bool, E> {
        let enough = self.bytes.len() >= self.enough;
        if enough {
            self.hand_over(kind)?;
        }
        Ok(enough)
    }

    /// Hands over what was gathered.
    fn hand_over(&mut self, kind: Kind) -> Result<(), E> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let (bytes, percent) = (self.bytes.as_slice(), self.percent);
        (self.each)(Piece {
            kind,
            bytes,
            percent,
        })?;
        self.bytes.clear();
        Ok(())
    }

    fn all<'a, T: Part + 'a>(
        &mut self,
        kind: Kind,
        entities: impl Iterator<Item = &'a T>,
    ) -> Result<(), E> {
        for entity in entities {
            entity.put(&mut self.bytes);
            self.hand_over_enough(kind)?;
        }
        self.hand_over(kind)
    }

    fn pairs(&mut self, kind: Kind, pairs: impl Iterator<Item = (u32, u32)>) -> Result<(), E> {
        let mut before = (0, 0);
        for (first, second) in pairs {
            let step = first - before.0;
            let base = if step == 0 { before.1 } else { 0 };
            step.put(&mut self.bytes);
            (second - base).put(&mut self.bytes);
            before = (first, second);
            if self.hand_over_enough(kind)? {
                before = (0, 0);
            }
        }
        self.hand_over(kind)
    }
}

impl Plan {
    /// Writes the whole plan in a fixed order, portion by portion; one ends with the entity that makes it
    /// `portion_bytes` or larger. Settle the plan before.
    ///
    /// # Errors
    /// What `each` fails with, at once.
    pub fn write_image<E>(
        &self,
        portion_bytes: usize,
        each: impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // Both name all they have, so that what they gain is not forgotten.
        let Self {
            version,
            last_at,
            fence,
            project,
            phases,
            specs: _,
            states: _,
            agents,
            sessions,
            blockers,
            discovered,
            decisions,
            sprints,
            tokens,
            highest_task,
            highest_session,
            index,
        } = self;
        let Index {
            phase_order,
            phase_ids: _,
            open_phases,
            passed,
            aliases: _,
            in_phase: _,
            unfinished: _,
            all_above: _,
            all_above_waived: _,
            dependents,
            phase_dependents: _,
            tallies: _,
            open_by_role: _,
            ready: _,
            ready_keys: _,
            classes: _,
            chains: _,
            chains_stale,
            live: _,
            blockers_of: _,
            open_blockers: _,
            settled_by: _,
            phase_blockers: _,
            decisions_of: _,
            untriaged: _,
            claimed_in,
            completed_in,
            open_sessions: _,
            wakes,
        } = index;
        let mut pieces = Pieces {
            bytes: Vec::new(),
            enough: portion_bytes,
            percent: 0,
            each,
        };
        let frame = Frame {
            version: *version,
            last_at: *last_at,
            fence: *fence,
            project: project.clone(),
            sprints: Arc::clone(sprints),
            highest_task: *highest_task,
            highest_session: *highest_session,
            phase_order: Arc::clone(phase_order),
            open_phases: Arc::clone(open_phases),
            passed: passed.iter().copied().collect(),
            chains_stale: *chains_stale,
            wakes: *wakes,
        };
        pieces.all(Kind::Frame, std::iter::once(&frame))?;
        pieces.all(Kind::Phases, phases.values())?;
        pieces.all(Kind::Agents, agents.values())?;
        pieces.all(Kind::Sessions, sessions.values())?;
        pieces.all(Kind::Tokens, tokens.values())?;
        pieces.all(Kind::Blockers, blockers.values())?;
        pieces.all(Kind::Discovered, discovered.values())?;
        pieces.all(Kind::Decisions, decisions.values())?;
        self.write_tasks(&mut pieces)?;
        let numbers = |(first, second): &(TaskId, TaskId)| (first.0, second.0);
        pieces.pairs(Kind::Dependents, dependents.iter().map(numbers))?;
        let numbers = |(first, second): &(SessionId, TaskId)| (first.0, second.0);
        pieces.pairs(Kind::Claimed, claimed_in.iter().map(numbers))?;
        pieces.pairs(Kind::Completed, completed_in.iter().map(numbers))
    }

    fn write_tasks<E, F: FnMut(Piece<'_>) -> Result<(), E>>(
        &self,
        pieces: &mut Pieces<F>,
    ) -> Result<(), E> {
        let mut ready = self.index.ready_keys.keys().peekable();
        let mut chains = self.index.chains.iter().peekable();
        let total = self.specs.len();
        let tasks = self.specs.iter().zip(self.states.values());
        for (place, ((id, spec), state)) in tasks.enumerate() {
            id.put(&mut pieces.bytes);
            spec.put(&mut pieces.bytes);
            state.put(&mut pieces.bytes);
            ready.next_if_eq(&id).is_some().put(&mut pieces.bytes);
            let chain = chains.next_if(|(other, _)| *other == id);
            chain.map_or(0, |(_, chain)| *chain).put(&mut pieces.bytes);
            pieces.percent = u8::try_from((place + 1) * 100 / total).unwrap_or(100);
            pieces.hand_over_enough(Kind::Tasks)?;
        }
        pieces.percent = 100;
        pieces.hand_over(Kind::Tasks)
    }
}
