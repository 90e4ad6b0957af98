//! Portions of a plan: runs of entities of one kind, each readable without the others. What follows from
//! a run alone is worked out as it is read, so that several can be read at a time.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::day::Day;
use super::super::event::{MarkKind, On, Text};
use super::super::id::{
    AssignmentId, BlockerId, ChecklistId, DecisionId, DeliverableId, DiscoveredId, GateId,
    GateRunId, IntegrationId, MilestoneId, PhaseNo, ReportId, RiskId, RoleNo, RolloutId, RuleId,
    SessionId, SprintId, TaskId, WorkflowRunId,
};
use super::super::import::ImportedSprint;
use super::super::model::{
    Agent, Assignees, Assignment, Blocker, Checklist, ChecklistRun, Decision, Deliverable,
    Discovered, Gate, GateRun, IntegrationPoint, Mark, Metric, Milestone, Phase, Project, Report,
    Review, Risk, RoleWindow, Rollout, Rule, Schedule, Session, Spec, Sprint, Standup, State,
    Status, Tally, TaskReferences, Token, Workflow, WorkflowRun,
};
use super::super::runs::Run;
use super::super::state::{Class, ReadyKey};
use super::super::time::Timestamp;
use super::bytes::{Bytes, Malformed, Part, part};
use super::kind::Kind;

/// The plan's own values, and of its index what does not follow from the entities.
pub(super) struct Frame {
    pub version: u64,
    pub last_at: Timestamp,
    pub fence: u64,
    pub project: Option<Arc<Project>>,
    pub sprint_history: Arc<[ImportedSprint]>,
    pub sprint_sessions: Vec<SessionId>,
    pub role_windows: Arc<[RoleWindow]>,
    pub highest_task: u32,
    pub highest_session: u32,
    pub highest_job_run: u32,
    pub checklist: Option<Arc<Checklist>>,
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
        version, last_at, fence, project, sprint_history, sprint_sessions, role_windows,
        highest_task, highest_session, highest_job_run, checklist, phase_order, open_phases, passed, chains_stale, circular, wakes,
    }
    struct Moved { phase, place, task, beside_phase, beside_place, beside_task, fine }
}

/// Whether and how a task stands in the claim index; all that does not follow from the task alone.
#[derive(Default)]
pub(super) struct Ready {
    is_ready: bool,
    in_sprint: bool,
    /// Neither its priority nor what waits for it counts.
    is_plain: bool,
    assignees: Option<Arc<Assignees>>,
}

impl Ready {
    /// As a key says; none = it stands nowhere.
    pub fn of(key: Option<&ReadyKey>) -> Self {
        let Some(key) = key else {
            return Self::default();
        };
        Self {
            is_ready: true,
            in_sprint: key.class.in_sprint,
            is_plain: key.priority == 0 && key.chain == Reverse(0),
            assignees: key.class.assignees.clone(),
        }
    }
}

/// One byte says most of it.
impl Part for Ready {
    fn put(&self, out: &mut Vec<u8>) {
        let bits = [
            self.is_ready,
            self.in_sprint,
            self.is_plain,
            self.assignees.is_some(),
        ];
        let bits = (0..).zip(bits).map(|(place, bit)| u8::from(bit) << place);
        bits.sum::<u8>().put(out);
        if let Some(assignees) = &self.assignees {
            assignees.put(out);
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let bits = u8::take(from)?;
        if bits > 15 || (bits > 0 && bits & 1 == 0) {
            return Err(Malformed);
        }
        let assigned = bits & 8 != 0;
        let assignees = assigned.then(|| Part::take(from)).transpose()?;
        Ok(Self {
            is_ready: bits & 1 != 0,
            in_sprint: bits & 2 != 0,
            is_plain: bits & 4 != 0,
            assignees,
        })
    }
}

/// A task's place: phase, ordinal, id.
pub(super) type Place = (PhaseNo, u32, TaskId);

/// A portion read back, with what follows from it alone.
#[derive(Default)]
pub struct Portion {
    pub(super) frame: Option<Frame>,
    pub(super) phases: Run<PhaseNo, Arc<Phase>>,
    pub(super) agents: Run<Text, Arc<Agent>>,
    pub(super) sessions: Run<SessionId, Arc<Session>>,
    pub(super) tokens: Run<Text, Arc<Token>>,
    pub(super) blockers: Run<BlockerId, Arc<Blocker>>,
    pub(super) discovered: Run<DiscoveredId, Arc<Discovered>>,
    pub(super) decisions: Run<DecisionId, Arc<Decision>>,
    pub(super) specs: Run<TaskId, Arc<Spec>>,
    pub(super) states: Run<TaskId, State>,
    pub(super) chains: Run<TaskId, u32>,
    pub(super) in_phase: Run<Place>,
    pub(super) unfinished: Run<Place>,
    pub(super) deliverables: Run<DeliverableId, Arc<Deliverable>>,
    pub(super) milestones: Run<MilestoneId, Arc<Milestone>>,
    pub(super) risks: Run<RiskId, Arc<Risk>>,
    pub(super) schedules: Run<Text, Arc<Schedule>>,
    pub(super) checklist_runs: Run<ChecklistId, Arc<ChecklistRun>>,
    pub(super) standups: Run<Day, Arc<Standup>>,
    pub(super) marks: Run<(MarkKind, Text), Arc<Mark>>,
    pub(super) reports: Run<ReportId, Arc<Report>>,
    pub(super) rules: Run<RuleId, Arc<Rule>>,
    pub(super) reviews: Run<TaskId, Arc<Review>>,
    pub(super) given_back: Run<TaskId, Arc<[Text]>>,
    pub(super) integrations: Run<IntegrationId, Arc<IntegrationPoint>>,
    pub(super) rollouts: Run<RolloutId, Arc<Rollout>>,
    pub(super) references: Run<TaskId, Arc<TaskReferences>>,
    pub(super) gates: Run<GateId, Arc<Gate>>,
    pub(super) gate_runs: Run<GateRunId, Arc<GateRun>>,
    pub(super) metrics: Run<Text, Arc<Metric>>,
    pub(super) authors: Run<(PhaseNo, Text), u64>,
    pub(super) sprints: Run<SprintId, Arc<Sprint>>,
    pub(super) workflows: Run<Text, Arc<Workflow>>,
    pub(super) workflow_runs: Run<WorkflowRunId, Arc<WorkflowRun>>,
    pub(super) assignments: Run<AssignmentId, Arc<Assignment>>,
    pub(super) all_above: Vec<Place>,
    pub(super) all_above_waived: Vec<Place>,
    pub(super) aliases: Vec<(Text, TaskId)>,
    pub(super) behind_phases: Vec<(Text, TaskId)>,
    pub(super) live: Run<TaskId>,
    pub(super) ready: Run<ReadyKey>,
    pub(super) ready_keys: Run<TaskId, ReadyKey>,
    pub(super) classes: BTreeMap<(PhaseNo, Class), u32>,
    pub(super) tallies: BTreeMap<PhaseNo, Tally>,
    pub(super) open_by_role: BTreeMap<Option<RoleNo>, u32>,
    pub(super) dependents: Run<(TaskId, TaskId)>,
    pub(super) claimed_in: Run<(SessionId, TaskId)>,
    pub(super) completed_in: Run<(SessionId, TaskId)>,
    pub(super) moved: Vec<Moved>,
    loose: Loose,
}

/// What is gathered of the tasks of a portion until all of them are read.
#[derive(Default)]
struct Loose {
    places: Vec<Place>,
    finished: Vec<Place>,
    ready: Vec<ReadyKey>,
}

impl Portion {
    /// Reads a portion.
    ///
    /// # Errors
    /// The bytes are none, or some are left over.
    pub fn read(kind: Kind, bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Bytes::new(bytes);
        let mut portion = Self::default();
        match kind {
            // Each is a step from the one before.
            Kind::Dependents => {
                take_pairs(&mut from, &mut portion.dependents, |on, task| {
                    (TaskId(on), TaskId(task))
                })?;
            }
            Kind::Claimed => take_pairs(&mut from, &mut portion.claimed_in, in_session)?,
            Kind::Completed => take_pairs(&mut from, &mut portion.completed_in, in_session)?,
            _ => {
                while !from.is_empty() {
                    portion.take(kind, &mut from)?;
                }
            }
        }
        portion.tie()?;
        Ok(portion)
    }

    fn take(&mut self, kind: Kind, from: &mut Bytes<'_>) -> Result<(), Malformed> {
        match kind {
            Kind::Frame if self.frame.is_none() => self.frame = Some(Part::take(from)?),
            Kind::Frame | Kind::Dependents | Kind::Claimed | Kind::Completed => {
                return Err(Malformed);
            }
            Kind::Phases => {
                let phase = Phase::take(from)?;
                put(&mut self.phases, phase.no, Arc::new(phase))?;
            }
            Kind::Agents => {
                let agent = Agent::take(from)?;
                put(&mut self.agents, Arc::clone(&agent.name), Arc::new(agent))?;
            }
            Kind::Sessions => {
                let session = Session::take(from)?;
                put(&mut self.sessions, session.id, Arc::new(session))?;
            }
            Kind::Tokens => {
                let token = Token::take(from)?;
                put(&mut self.tokens, Arc::clone(&token.id), Arc::new(token))?;
            }
            Kind::Blockers => {
                let blocker = Blocker::take(from)?;
                put(&mut self.blockers, blocker.id, Arc::new(blocker))?;
            }
            Kind::Discovered => {
                let found = Discovered::take(from)?;
                put(&mut self.discovered, found.id, Arc::new(found))?;
            }
            Kind::Decisions => {
                let decision = Decision::take(from)?;
                put(&mut self.decisions, decision.id, Arc::new(decision))?;
            }
            Kind::Gates => {
                let gate = Gate::take(from)?;
                put(&mut self.gates, gate.id, Arc::new(gate))?;
            }
            Kind::GateRuns => {
                let run = GateRun::take(from)?;
                if run.results.len() != run.criteria.len() {
                    return Err(Malformed);
                }
                put(&mut self.gate_runs, run.id, Arc::new(run))?;
            }
            Kind::Metrics => {
                let metric = Metric::take(from)?;
                put(
                    &mut self.metrics,
                    Arc::clone(&metric.name),
                    Arc::new(metric),
                )?;
            }
            Kind::Authors => {
                let author = Author::take(from)?;
                put(
                    &mut self.authors,
                    (author.phase, author.agent),
                    author.version,
                )?;
            }
            Kind::Tasks => self.take_task(from)?,
            Kind::Moved => self.moved.push(Part::take(from)?),
            Kind::Milestones => {
                let milestone = Milestone::take(from)?;
                put(&mut self.milestones, milestone.id, Arc::new(milestone))?;
            }
            Kind::Risks => {
                let risk = Risk::take(from)?;
                put(&mut self.risks, risk.id, Arc::new(risk))?;
            }
            Kind::Schedules => {
                let schedule = Schedule::take(from)?;
                put(
                    &mut self.schedules,
                    Arc::clone(&schedule.name),
                    Arc::new(schedule),
                )?;
            }
            Kind::ChecklistRuns => {
                let run = ChecklistRun::take(from)?;
                put(&mut self.checklist_runs, run.id, Arc::new(run))?;
            }
            Kind::Standups => {
                let standup = Standup::take(from)?;
                put(&mut self.standups, standup.day, Arc::new(standup))?;
            }
            Kind::Marks => {
                let mark = Mark::take(from)?;
                let key = (mark.kind, Arc::clone(&mark.subject));
                put(&mut self.marks, key, Arc::new(mark))?;
            }
            Kind::Reports => {
                let report = Report::take(from)?;
                put(&mut self.reports, report.id, Arc::new(report))?;
            }
            Kind::Reviews => {
                let (task, review) = Part::take(from)?;
                put(&mut self.reviews, task, Arc::new(review))?;
            }
            Kind::GivenBack => {
                let (task, authors): (TaskId, Box<[Text]>) = Part::take(from)?;
                put(&mut self.given_back, task, authors.into())?;
            }
            Kind::Rules => {
                let rule = Rule::take(from)?;
                put(&mut self.rules, rule.id, Arc::new(rule))?;
            }
            Kind::Integrations => {
                let point = IntegrationPoint::take(from)?;
                put(&mut self.integrations, point.id, Arc::new(point))?;
            }
            Kind::Rollouts => {
                let rollout = Rollout::take(from)?;
                put(&mut self.rollouts, rollout.id, Arc::new(rollout))?;
            }
            Kind::References => {
                let entry = TaskReferences::take(from)?;
                put(&mut self.references, entry.task, Arc::new(entry))?;
            }
            Kind::Sprints => {
                let sprint = Sprint::take(from)?;
                put(&mut self.sprints, sprint.id, Arc::new(sprint))?;
            }
            Kind::Workflows => {
                let workflow = Workflow::take(from)?;
                let slug = Arc::clone(&workflow.slug);
                put(&mut self.workflows, slug, Arc::new(workflow))?;
            }
            Kind::WorkflowRuns => {
                let run = WorkflowRun::take(from)?;
                let asked = (&run.definition.criteria, &run.definition.sign_offs);
                if (asked.0.len(), asked.1.len()) != (run.attested.len(), run.signatures.len()) {
                    return Err(Malformed);
                }
                put(&mut self.workflow_runs, run.id, Arc::new(run))?;
            }
            Kind::Assignments => {
                let assignment = Assignment::take(from)?;
                put(&mut self.assignments, assignment.id, Arc::new(assignment))?;
            }
            Kind::Deliverables => {
                let deliverable = Deliverable::take(from)?;
                put(
                    &mut self.deliverables,
                    deliverable.id,
                    Arc::new(deliverable),
                )?;
            }
        }
        Ok(())
    }

    fn take_task(&mut self, from: &mut Bytes<'_>) -> Result<(), Malformed> {
        let id = TaskId::take(from)?;
        let spec = Spec::take(from)?;
        let state = State::take(from)?;
        let ready = Ready::take(from)?;
        let chain = u32::take(from)?;
        let place = (spec.phase, spec.ordinal, id);
        self.loose.places.push(place);
        // Nobody waits for a task whose parts stand in its place.
        if state.status == Status::Completed || !spec.split_into().is_empty() {
            self.loose.finished.push(place);
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
            put(&mut self.live, id, ())?;
        }
        if ready.is_ready {
            let key = ready_key(id, &spec, &state, (chain, ready));
            let class = (key.phase, key.class.clone());
            *self.classes.entry(class).or_insert(0) += 1;
            put(&mut self.ready_keys, id, key.clone())?;
            self.loose.ready.push(key);
        }
        *self.tallies.entry(spec.phase).or_default().of(state.status) += 1;
        if !state.status.is_terminal() {
            *self.open_by_role.entry(state.role).or_insert(0) += 1;
        }
        if chain > 0 {
            put(&mut self.chains, id, chain)?;
        }
        put(&mut self.specs, id, Arc::new(spec))?;
        put(&mut self.states, id, state)
    }

    /// Makes runs of what was gathered.
    fn tie(&mut self) -> Result<(), Malformed> {
        let Loose {
            mut places,
            mut finished,
            mut ready,
        } = std::mem::take(&mut self.loose);
        // Tasks mostly stand in the order of their ids, which these sorts make use of.
        places.sort();
        finished.sort();
        ready.sort();
        for place in places {
            put(&mut self.in_phase, place, ())?;
        }
        self.unfinished = self.in_phase.without(&finished);
        for key in ready {
            put(&mut self.ready, key, ())?;
        }
        Ok(())
    }
}

/// What does not stand behind the entry before is not what was written.
fn put<K: Ord, V>(run: &mut Run<K, V>, key: K, value: V) -> Result<(), Malformed> {
    run.push(key, value).map_err(|_| Malformed)
}

fn ready_key(id: TaskId, spec: &Spec, state: &State, (chain, ready): (u32, Ready)) -> ReadyKey {
    let mut skills = spec.skills.to_vec();
    skills.sort();
    let (priority, chain) = if ready.is_plain {
        (0, 0)
    } else {
        (spec.priority, chain)
    };
    ReadyKey {
        phase: spec.phase,
        class: Class {
            role: state.role,
            skills: skills.into(),
            in_sprint: ready.in_sprint,
            assignees: ready.assignees,
        },
        priority,
        chain: Reverse(chain),
        ordinal: spec.ordinal,
        task: id,
    }
}

fn in_session(session: u32, task: u32) -> (SessionId, TaskId) {
    (SessionId(session), TaskId(task))
}

/// Pairs are written as steps from the one before, the first of a portion from nothing.
fn take_pairs<T: Ord>(
    from: &mut Bytes<'_>,
    run: &mut Run<T>,
    pair: impl Fn(u32, u32) -> T,
) -> Result<(), Malformed> {
    let (mut first, mut second) = (0_u32, 0_u32);
    while !from.is_empty() {
        let step = u32::take(from)?;
        let base = if step == 0 { second } else { 0 };
        second = base.checked_add(u32::take(from)?).ok_or(Malformed)?;
        first = first.checked_add(step).ok_or(Malformed)?;
        put(run, pair(first, second), ())?;
    }
    Ok(())
}
