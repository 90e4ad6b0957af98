//! The plan itself: every entity by id, and the indexes derived from them. Persistent maps, so a clone
//! costs nothing and shares everything; only `apply` changes a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::day::Day;
use super::event::{MarkKind, Subject, Text};
use super::id::{
    AssignmentId, BlockerId, ChecklistId, DecisionId, DeliverableId, DiscoveredId, GateId,
    GateRunId, IntegrationId, MilestoneId, PhaseNo, ReportId, RiskId, RoleNo, RolloutId, RuleId,
    SessionId, SprintId, TaskId, WorkflowRunId,
};
use super::import::ImportedSprint;
pub use super::keys::Side;
pub(super) use super::keys::{ChainEdit, Class, Link, Match, NewWait, ReadyKey};
use super::model::{
    Agent, Assignees, Assignment, Blocker, Checklist, ChecklistRun, Decision, Deliverable,
    Discovered, Gate, GateRun, IntegrationPoint, Mark, Metric, Milestone, Phase, PhaseState,
    PhaseStatus, Project, Report, Review, Risk, RoleWindow, Rollout, Rule, Schedule, Session, Spec,
    Sprint, Standup, State, Tally, TaskReferences, Token, Workflow, WorkflowRun,
};
use super::order::Order;
use super::refusal::{Reason, Refusal};
use super::runs::{RunMap, RunSet};
use super::selector::Selector;
use super::time::Timestamp;

/// A plan as it stands at one version of its log.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Plan {
    pub(super) version: u64,
    pub(super) last_at: Timestamp,
    pub(super) fence: u64,
    pub(super) project: Option<Arc<Project>>,
    pub(super) phases: RunMap<PhaseNo, Arc<Phase>>,
    pub(super) specs: RunMap<TaskId, Arc<Spec>>,
    pub(super) states: RunMap<TaskId, State>,
    pub(super) agents: RunMap<Text, Arc<Agent>>,
    pub(super) sessions: RunMap<SessionId, Arc<Session>>,
    pub(super) blockers: RunMap<BlockerId, Arc<Blocker>>,
    pub(super) discovered: RunMap<DiscoveredId, Arc<Discovered>>,
    pub(super) decisions: RunMap<DecisionId, Arc<Decision>>,
    pub(super) deliverables: RunMap<DeliverableId, Arc<Deliverable>>,
    pub(super) milestones: RunMap<MilestoneId, Arc<Milestone>>,
    pub(super) risks: RunMap<RiskId, Arc<Risk>>,
    pub(super) rules: RunMap<RuleId, Arc<Rule>>,
    /// Work under review.
    pub(super) reviews: RunMap<TaskId, Arc<Review>>,
    /// Whose work on a task was given back, each once.
    pub(super) given_back: RunMap<TaskId, Arc<[Text]>>,
    pub(super) integrations: RunMap<IntegrationId, Arc<IntegrationPoint>>,
    pub(super) rollouts: RunMap<RolloutId, Arc<Rollout>>,
    /// What tasks refer to; a task without any has no entry.
    pub(super) references: RunMap<TaskId, Arc<TaskReferences>>,
    pub(super) gates: RunMap<GateId, Arc<Gate>>,
    pub(super) gate_runs: RunMap<GateRunId, Arc<GateRun>>,
    pub(super) metrics: RunMap<Text, Arc<Metric>>,
    /// Who ever completed a task of a phase, and at which version for the first time.
    #[serde(serialize_with = "as_pairs")]
    pub(super) authors: RunMap<(PhaseNo, Text), u64>,
    pub(super) sprints: RunMap<SprintId, Arc<Sprint>>,
    /// Sessions that claimed something since the active sprint was committed.
    pub(super) sprint_sessions: RunSet<SessionId>,
    pub(super) sprint_history: Arc<[ImportedSprint]>,
    pub(super) workflows: RunMap<Text, Arc<Workflow>>,
    pub(super) workflow_runs: RunMap<WorkflowRunId, Arc<WorkflowRun>>,
    pub(super) assignments: RunMap<AssignmentId, Arc<Assignment>>,
    /// When roles work: of the project first, then phase by phase.
    pub(super) role_windows: Arc<[RoleWindow]>,
    pub(super) tokens: RunMap<Text, Arc<Token>>,
    pub(super) schedules: RunMap<Text, Arc<Schedule>>,
    pub(super) reports: RunMap<ReportId, Arc<Report>>,
    pub(super) highest_job_run: u32,
    /// What runs of the checklist look at; none = the usual.
    pub(super) checklist: Option<Arc<Checklist>>,
    pub(super) checklist_runs: RunMap<ChecklistId, Arc<ChecklistRun>>,
    pub(super) standups: RunMap<Day, Arc<Standup>>,
    /// What people should know.
    #[serde(serialize_with = "as_pairs")]
    pub(super) marks: RunMap<(MarkKind, Text), Arc<Mark>>,
    pub(super) highest_task: u32,
    pub(super) highest_session: u32,
    #[serde(skip)]
    pub(super) index: Index,
}

/// As a list, for a document's keys are texts and numbers.
fn as_pairs<K: Ord + Serialize, V: Serialize, S: Serializer>(
    map: &RunMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.iter())
}

/// What follows from the entities; kept so that no question costs a walk over all tasks.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Index {
    /// Phases in plan order.
    pub phase_order: Arc<[PhaseNo]>,
    /// Phases by lower-case id.
    pub phase_ids: RunMap<Text, PhaseNo>,
    /// Phases whose predecessors are passed and that are not closed, in plan order.
    pub open_phases: Arc<[PhaseNo]>,
    /// Phases that hold nothing up any more: closed or no barrier, and all before them passed too.
    pub passed: RunSet<PhaseNo>,
    /// Aliases, lower case.
    pub aliases: RunMap<Text, TaskId>,
    /// Tasks in the order written, by phase.
    pub in_phase: RunSet<(PhaseNo, u32, TaskId)>,
    /// Those of them that are not completed.
    pub unfinished: RunSet<(PhaseNo, u32, TaskId)>,
    /// Tasks that wait for everything above them.
    pub all_above: RunSet<(PhaseNo, u32, TaskId)>,
    /// Those of them that need not wait for some of it.
    pub all_above_waived: RunSet<(PhaseNo, u32, TaskId)>,
    /// Who states a dependency on a task: (predecessor, dependent).
    pub dependents: RunSet<(TaskId, TaskId)>,
    /// Who states a dependency on a phase.
    pub phase_dependents: RunSet<(PhaseNo, TaskId)>,
    /// Counts by phase.
    pub tallies: RunMap<PhaseNo, Tally>,
    /// Open (not terminal) tasks by the role they fall to.
    pub open_by_role: RunMap<Option<RoleNo>, u32>,
    /// Tasks whose own conditions hold, in claim order within phase and class.
    pub ready: RunSet<ReadyKey>,
    /// The key under which a task stands in `ready`.
    pub ready_keys: RunMap<TaskId, ReadyKey>,
    /// How many tasks of a class are in `ready`, by phase.
    pub classes: RunMap<(PhaseNo, Class), u32>,
    /// The longest chain of tasks that wait for a task, in minutes.
    pub chains: RunMap<TaskId, u32>,
    /// The chains must be computed anew before a claim is decided.
    pub chains_stale: bool,
    /// What may have changed chains and was not carried along yet; empty between events.
    pub chain_edits: Vec<ChainEdit>,
    /// The order in which everything stands behind what it waits for.
    pub order: Order,
    /// Waits the order does not know yet; empty between events.
    pub new_waits: Vec<NewWait>,
    /// Tasks with a live lease.
    pub live: RunSet<TaskId>,
    /// Blockers, settled ones too, by task.
    pub blockers_of: RunMap<TaskId, Box<[BlockerId]>>,
    /// Open blockers.
    pub open_blockers: RunSet<BlockerId>,
    /// Open blockers that settle by themselves when a task is completed again.
    pub settled_by: RunSet<(TaskId, BlockerId)>,
    /// Open blockers and decisions of phases.
    pub phase_blockers: RunMap<PhaseNo, u32>,
    /// Decisions, decided ones too, by task.
    pub decisions_of: RunMap<TaskId, Box<[DecisionId]>>,
    /// Deliverables by phase.
    pub deliverables_of: RunSet<(PhaseNo, DeliverableId)>,
    /// Those of them that are not accepted.
    pub unaccepted: RunSet<(PhaseNo, DeliverableId)>,
    /// Deliverables that wait to be accepted or rejected.
    pub submitted: RunSet<DeliverableId>,
    /// Milestones that are neither reached nor missed.
    pub milestones_ahead: RunSet<MilestoneId>,
    /// Those of them by what they wait for.
    pub milestones_on: RunSet<(Link, MilestoneId)>,
    /// Selectors of the rules in force, as read.
    pub selectors: RunMap<(RuleId, Side), Arc<Selector>>,
    /// The tasks that rules in force name.
    pub rule_members: RunSet<(RuleId, Side, TaskId)>,
    /// Selectors of the open decisions, as read.
    pub decision_selectors: RunMap<DecisionId, Arc<[Selector]>>,
    /// What came to be named by the event at hand; empty between events.
    pub matches: Vec<Match>,
    /// The sprint that is active.
    pub active_sprint: Option<SprintId>,
    /// Its tasks.
    pub committed: RunSet<TaskId>,
    /// Runs of workflows that can still go on.
    pub open_workflow_runs: RunSet<WorkflowRunId>,
    /// Who looks after what.
    pub assignees: RunMap<Subject, Arc<Assignees>>,
    /// The assignments in force of each agent.
    pub assignments_of: RunSet<(Text, AssignmentId)>,
    /// Untriaged discovered tasks.
    pub untriaged: RunSet<DiscoveredId>,
    /// Tasks claimed or adopted, by session.
    pub claimed_in: RunSet<(SessionId, TaskId)>,
    /// Tasks completed, by session.
    pub completed_in: RunSet<(SessionId, TaskId)>,
    /// Open sessions.
    pub open_sessions: RunSet<SessionId>,
    /// Gates in front of the closing of phases.
    pub phase_gates: RunMap<PhaseNo, Box<[GateId]>>,
    /// Gates in front of the completion of tasks.
    pub completion_gates: RunSet<GateId>,
    /// Runs that wait for commands of the daemon.
    pub commanded_runs: RunSet<GateRunId>,
    /// Waivers in force, by the time they end.
    pub waivers: RunSet<(Timestamp, GateRunId)>,
    /// Reports that wait for a channel.
    pub waiting_letters: RunSet<(Text, ReportId)>,
    /// Reports that were given up for one.
    pub dead_letters: RunSet<(Text, ReportId)>,
    /// How many reports a channel took.
    pub delivered_letters: RunMap<Text, u32>,
    /// Rises whenever a task may have become claimable.
    pub wakes: u64,
}

/// A task with both its halves.
#[derive(Debug, Clone, Copy)]
pub struct TaskView<'a> {
    /// Its id.
    pub id: TaskId,
    /// Its words.
    pub spec: &'a Spec,
    /// Its state.
    pub state: &'a State,
}

impl Plan {
    /// The project's event count.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When the newest event was recorded.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// The newest fencing token.
    pub fn fence(&self) -> u64 {
        self.fence
    }

    /// The project; none before its first event.
    pub fn project(&self) -> Option<&Project> {
        self.project.as_deref()
    }

    /// A task.
    pub fn task(&self, id: TaskId) -> Option<TaskView<'_>> {
        let spec = self.specs.get(&id)?;
        let state = self.states.get(&id)?;
        Some(TaskView { id, spec, state })
    }

    /// How many tasks there are.
    pub fn task_count(&self) -> usize {
        self.specs.len()
    }

    /// All tasks in plan order: phase order, then ordinal.
    pub fn tasks(&self) -> impl Iterator<Item = TaskView<'_>> {
        self.index
            .phase_order
            .iter()
            .flat_map(|&phase| self.tasks_of(phase))
    }

    /// A phase's tasks by ordinal.
    pub fn tasks_of(&self, phase: PhaseNo) -> impl Iterator<Item = TaskView<'_>> {
        let all = (phase, 0, TaskId(0))..=(phase, u32::MAX, TaskId(u32::MAX));
        self.index
            .in_phase
            .range(all)
            .filter_map(|&(_, _, id)| self.task(id))
    }

    /// Tasks after `after` in plan order (after = none: from the start); for paging.
    pub fn tasks_after(&self, after: Option<TaskId>) -> impl Iterator<Item = TaskView<'_>> {
        let place = after.and_then(|id| {
            self.specs
                .get(&id)
                .map(|spec| (spec.phase, spec.ordinal, id))
        });
        let skip = place.map_or(0, |(phase, _, _)| {
            self.index
                .phase_order
                .iter()
                .position(|&no| no == phase)
                .unwrap_or(0)
        });
        self.index
            .phase_order
            .iter()
            .skip(skip)
            .flat_map(move |&phase| {
                let from = match place {
                    Some((no, ordinal, id)) if no == phase => {
                        (no, ordinal, TaskId(id.0.saturating_add(1)))
                    }
                    Some(_) | None => (phase, 0, TaskId(0)),
                };
                let range = from..=(phase, u32::MAX, TaskId(u32::MAX));
                self.index
                    .in_phase
                    .range(range)
                    .filter_map(|&(_, _, id)| self.task(id))
            })
    }

    /// The task a written id or alias means.
    pub fn resolve_task(&self, text: &str) -> Result<TaskId, Refusal> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Refusal::field(
                "task",
                "is missing; give a task's id, such as T-12",
            ));
        }
        let short = trimmed
            .parse::<TaskId>()
            .ok()
            .filter(|id| self.specs.contains_key(id));
        let alias = self
            .index
            .aliases
            .get(trimmed.to_lowercase().as_str())
            .copied();
        match (short, alias) {
            (Some(id), Some(other)) if id != other => Err(Refusal::new(
                Reason::AmbiguousId,
                format!(
                    "`{trimmed}` means two tasks: {id} and {other}, which was written `{trimmed}`"
                ),
            )
            .item(id, self.title(id))
            .item(other, self.title(other))
            .next(format!("task show {id}"))
            .next(format!("task show {other}"))),
            (Some(id), _) | (None, Some(id)) => Ok(id),
            (None, None) => Err(Refusal::new(
                Reason::TaskNotFound,
                format!("no task `{}` in this project", clipped(trimmed)),
            )
            .next("task list")),
        }
    }

    /// A task's title; empty when there is no such task.
    pub fn title(&self, id: TaskId) -> &str {
        self.specs.get(&id).map_or("", |spec| &spec.title)
    }

    /// Phases in plan order.
    pub fn phases(&self) -> impl Iterator<Item = &Phase> {
        self.index
            .phase_order
            .iter()
            .filter_map(|no| self.phases.get(no).map(Arc::as_ref))
    }

    /// A phase.
    pub fn phase(&self, no: PhaseNo) -> Option<&Phase> {
        self.phases.get(&no).map(Arc::as_ref)
    }

    /// A phase's written id; empty when there is no such phase.
    pub fn phase_id(&self, no: PhaseNo) -> &str {
        self.phases.get(&no).map_or("", |phase| &phase.id)
    }

    /// The phase a written id means ("2", "Phase 2", or its name when unique).
    pub fn resolve_phase(&self, text: &str) -> Result<PhaseNo, Refusal> {
        let wanted = text.trim().to_lowercase();
        let bare = wanted.strip_prefix("phase ").unwrap_or(&wanted).trim();
        if let Some(no) = self.index.phase_ids.get(bare) {
            return Ok(*no);
        }
        let mut named = self
            .phases()
            .filter(|phase| phase.name.to_lowercase() == wanted);
        match (named.next(), named.next()) {
            (Some(phase), None) => Ok(phase.no),
            (Some(one), Some(other)) => Err(Refusal::new(
                Reason::AmbiguousId,
                format!(
                    "`{}` names two phases, {} and {}; give the id of the one you mean",
                    clipped(text.trim()),
                    one.id,
                    other.id
                ),
            )
            .item(format!("phase {}", one.id), &*one.name)
            .item(format!("phase {}", other.id), &*other.name)
            .next("phase list")),
            _ => Err(Refusal::new(
                Reason::PhaseNotFound,
                format!("no phase `{}` in this project", clipped(text.trim())),
            )
            .next("phase list")),
        }
    }

    /// How many of a phase's tasks are in which status.
    pub fn tally(&self, phase: PhaseNo) -> Tally {
        self.index.tallies.get(&phase).copied().unwrap_or_default()
    }

    /// The same over all phases.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.index.tallies.values() {
            total.add(tally);
        }
        total
    }

    /// The phases before a phase: as stated, else the one in front of it in plan order.
    pub fn predecessors(&self, no: PhaseNo) -> Vec<PhaseNo> {
        let Some(phase) = self.phases.get(&no) else {
            return Vec::new();
        };
        if let Some(stated) = &phase.stated_predecessors {
            return stated.to_vec();
        }
        let order = &self.index.phase_order;
        let place = order.iter().position(|&other| other == no).unwrap_or(0);
        order[..place].last().copied().into_iter().collect()
    }

    /// Whether a phase holds up nothing behind it.
    pub(super) fn is_passed(&self, no: PhaseNo) -> bool {
        self.index.passed.contains(&no)
    }

    /// Whether a phase asks for nothing: no tasks, no criteria that are not withdrawn, no deliverables, no gate.
    pub fn is_no_barrier(&self, phase: &Phase) -> bool {
        phase.asked().next().is_none()
            && self.tally(phase.no).all() == 0
            && self.deliverables_of(phase.no).next().is_none()
            && !self.index.phase_gates.contains_key(&phase.no)
    }

    /// Works out which phases are passed: closed, or no barrier, with all phases before them passed too.
    /// One pass: a phase is looked at when the last one before it is passed.
    pub(super) fn passed_phases(&self) -> RunSet<PhaseNo> {
        let mut waits_for: BTreeMap<PhaseNo, usize> = BTreeMap::new();
        let mut behind: BTreeMap<PhaseNo, Vec<PhaseNo>> = BTreeMap::new();
        let mut in_front = None;
        for phase in self.phases() {
            let before: &[PhaseNo] = match &phase.stated_predecessors {
                Some(stated) => stated,
                None => in_front.as_slice(),
            };
            waits_for.insert(phase.no, before.len());
            for no in before {
                behind.entry(*no).or_default().push(phase.no);
            }
            in_front = Some(phase.no);
        }
        let mut passed = RunSet::new();
        let free = waits_for.iter().filter(|(_, count)| **count == 0);
        let mut todo: Vec<PhaseNo> = free.map(|(no, _)| *no).collect();
        while let Some(no) = todo.pop() {
            let holds_nothing_up = self
                .phases
                .get(&no)
                .is_some_and(|phase| phase.state != PhaseState::Open || self.is_no_barrier(phase));
            if !holds_nothing_up {
                continue;
            }
            passed.insert(no);
            for other in behind.get(&no).into_iter().flatten() {
                if let Some(count) = waits_for.get_mut(other) {
                    *count -= 1;
                    if *count == 0 {
                        todo.push(*other);
                    }
                }
            }
        }
        passed
    }

    /// Whether a phase's tasks may be worked on: not closed, and its predecessors passed or overridden.
    pub fn phase_is_open(&self, no: PhaseNo) -> bool {
        self.index.open_phases.contains(&no)
    }

    /// What people are shown as a phase's status.
    pub fn phase_status(&self, no: PhaseNo) -> PhaseStatus {
        let Some(phase) = self.phases.get(&no) else {
            return PhaseStatus::Planned;
        };
        let tally = self.tally(no);
        match phase.state {
            PhaseState::Completed => PhaseStatus::Completed,
            PhaseState::Skipped => PhaseStatus::Skipped,
            PhaseState::Open if self.index.phase_blockers.contains_key(&no) => PhaseStatus::Blocked,
            PhaseState::Open if tally.open() > 0 && phase.started_at.is_some() => {
                PhaseStatus::Active
            }
            PhaseState::Open if tally.open() > 0 && tally.completed > 0 => PhaseStatus::Active,
            PhaseState::Open if tally.open() > 0 => PhaseStatus::Planned,
            PhaseState::Open if tally.all() > 0 => PhaseStatus::Gating,
            PhaseState::Open if self.phase_is_open(no) && !self.is_no_barrier(phase) => {
                PhaseStatus::Gating
            }
            PhaseState::Open => PhaseStatus::Planned,
        }
    }

    /// The lowest phase that is not passed while all before it are; none when every phase is.
    pub fn current_phase(&self) -> Option<PhaseNo> {
        let mut in_front: Option<PhaseNo> = None;
        for phase in self.phases() {
            let before = phase.stated_predecessors.as_deref();
            let before = before.unwrap_or(in_front.as_slice());
            if !self.is_passed(phase.no) && before.iter().all(|no| self.is_passed(*no)) {
                return Some(phase.no);
            }
            in_front = Some(phase.no);
        }
        None
    }

    /// Whether the task could be claimed right now by an agent that matches it.
    pub fn is_ready(&self, id: TaskId) -> bool {
        self.hands_out()
            && self.index.ready_keys.get(&id).is_some_and(|key| {
                self.phase_is_open(key.phase)
                    && !self.index.phase_blockers.contains_key(&key.phase)
                    && (key.class.in_sprint || !self.is_sprint_only())
            })
    }

    /// Whether only tasks of the active sprint are handed out.
    pub fn is_sprint_only(&self) -> bool {
        self.project()
            .is_some_and(|project| project.settings.sprint_only)
    }

    /// Whether an open blocker or decision stands in the task's way.
    pub fn is_blocked(&self, id: TaskId) -> bool {
        self.states.get(&id).is_some_and(|state| {
            !state.status.is_terminal() && (state.open_blockers > 0 || state.open_decisions > 0)
        })
    }

    /// Whether the project hands out work at all.
    pub fn hands_out(&self) -> bool {
        self.project()
            .is_some_and(|project| project.status == super::model::ProjectStatus::Active)
    }
}

/// At most 60 characters of a text, for a message.
pub(super) fn clipped(text: &str) -> String {
    let mut clipped: String = text.chars().take(60).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped
}
