//! Reading a plan: agents, sessions, queues, tokens and roles by id and by name.

use std::sync::Arc;

use super::day::Day;
use super::event::{On, Text};
use super::id::{
    AssignmentId, BlockerId, DecisionId, DeliverableId, DiscoveredId, MilestoneId, PhaseNo, RiskId,
    RoleNo, RuleId, SessionId, SprintId, TaskId,
};
use super::import::ImportedSprint;
use super::model::{
    Agent, Assignment, Blocker, Decision, Deliverable, Discovered, Milestone, Risk, Rule, Session,
    Spec, Sprint, Status, Token,
};
use super::refusal::{Reason, Refusal};
use super::role::{self, RoleSpec};
use super::state::{Link, Plan, TaskView, clipped};

/// Of a part, how far up what holds for its wholes is looked for; parts of parts go no deeper in practice.
pub(super) const LINE_MAX: usize = 100;

impl Plan {
    /// The length of a session in minutes.
    pub fn session_minutes(&self) -> u32 {
        self.project()
            .map_or(60, |project| project.settings.session_minutes)
    }

    /// Tasks with a live lease.
    pub fn live(&self) -> impl Iterator<Item = TaskView<'_>> {
        self.index.live.iter().filter_map(|&id| self.task(id))
    }

    /// Tasks that state a dependency on this one.
    pub fn dependents(&self, id: TaskId) -> impl Iterator<Item = TaskId> {
        self.dependents_after(id, TaskId(0))
    }

    /// Those of them with a higher id than `after`.
    pub(super) fn dependents_after(
        &self,
        id: TaskId,
        after: TaskId,
    ) -> impl Iterator<Item = TaskId> {
        let range = (id, TaskId(after.0.saturating_add(1)))..=(id, TaskId(u32::MAX));
        self.index
            .dependents
            .range(range)
            .map(|&(_, dependent)| dependent)
    }

    /// Tasks that state a dependency on a whole phase.
    pub fn phase_dependents(&self, no: PhaseNo) -> impl Iterator<Item = TaskId> {
        self.phase_dependents_after(no, TaskId(0))
    }

    /// Those of them with a higher id than `after`.
    pub(super) fn phase_dependents_after(
        &self,
        no: PhaseNo,
        after: TaskId,
    ) -> impl Iterator<Item = TaskId> {
        let range = (no, TaskId(after.0.saturating_add(1)))..=(no, TaskId(u32::MAX));
        self.index
            .phase_dependents
            .range(range)
            .map(|&(_, dependent)| dependent)
    }

    /// Tasks claimed or adopted in a session, by id.
    pub fn claimed_in(&self, id: SessionId) -> impl Iterator<Item = TaskId> {
        let range = (id, TaskId(0))..=(id, TaskId(u32::MAX));
        self.index.claimed_in.range(range).map(|&(_, task)| task)
    }

    /// Tasks completed in a session, by id.
    pub fn completed_in(&self, id: SessionId) -> impl Iterator<Item = TaskId> {
        let range = (id, TaskId(0))..=(id, TaskId(u32::MAX));
        self.index.completed_in.range(range).map(|&(_, task)| task)
    }

    /// Agents by name, retired ones too.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values().map(Arc::as_ref)
    }

    /// An agent.
    pub fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents.get(name).map(Arc::as_ref)
    }

    /// Sessions by number.
    pub fn sessions(&self) -> impl DoubleEndedIterator<Item = &Session> {
        self.sessions.values().map(Arc::as_ref)
    }

    /// A session.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id).map(Arc::as_ref)
    }

    /// Open sessions by number.
    pub fn open_sessions(&self) -> impl Iterator<Item = &Session> {
        self.index
            .open_sessions
            .iter()
            .filter_map(|id| self.session(*id))
    }

    /// Blockers by number, settled ones too.
    pub fn blockers(&self) -> impl Iterator<Item = &Blocker> {
        self.blockers.values().map(Arc::as_ref)
    }

    /// Open blockers by number.
    pub fn open_blockers(&self) -> impl Iterator<Item = &Blocker> {
        self.index
            .open_blockers
            .iter()
            .filter_map(|id| self.blocker(*id))
    }

    /// A blocker.
    pub fn blocker(&self, id: BlockerId) -> Option<&Blocker> {
        self.blockers.get(&id).map(Arc::as_ref)
    }

    /// Blockers that name a task, settled ones too.
    pub fn blockers_of(&self, id: TaskId) -> impl Iterator<Item = &Blocker> {
        let ids = self
            .index
            .blockers_of
            .get(&id)
            .map_or(&[] as &[_], |ids| ids);
        ids.iter().filter_map(|id| self.blocker(*id))
    }

    /// Discovered tasks by number, triaged ones too.
    pub fn discovered(&self) -> impl Iterator<Item = &Discovered> {
        self.discovered.values().map(Arc::as_ref)
    }

    /// A discovered task.
    pub fn discovered_task(&self, id: DiscoveredId) -> Option<&Discovered> {
        self.discovered.get(&id).map(Arc::as_ref)
    }

    /// Untriaged discovered tasks by number.
    pub fn untriaged(&self) -> impl Iterator<Item = &Discovered> {
        self.index
            .untriaged
            .iter()
            .filter_map(|id| self.discovered_task(*id))
    }

    /// Decisions by number, decided ones too.
    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.values().map(Arc::as_ref)
    }

    /// A decision.
    pub fn decision(&self, id: DecisionId) -> Option<&Decision> {
        self.decisions.get(&id).map(Arc::as_ref)
    }

    /// Decisions that name a task, decided ones too.
    pub fn decisions_of(&self, id: TaskId) -> impl Iterator<Item = &Decision> {
        let ids = self
            .index
            .decisions_of
            .get(&id)
            .map_or(&[] as &[_], |ids| ids);
        ids.iter().filter_map(|id| self.decision(*id))
    }

    /// Deliverables by number.
    pub fn deliverables(&self) -> impl Iterator<Item = &Deliverable> {
        self.deliverables.values().map(Arc::as_ref)
    }

    /// A deliverable.
    pub fn deliverable(&self, id: DeliverableId) -> Option<&Deliverable> {
        self.deliverables.get(&id).map(Arc::as_ref)
    }

    /// The deliverables of a phase by number, those of its tasks too.
    pub fn deliverables_of(&self, no: PhaseNo) -> impl Iterator<Item = &Deliverable> {
        let range = (no, DeliverableId(0))..=(no, DeliverableId(u32::MAX));
        let ids = self.index.deliverables_of.range(range);
        ids.filter_map(|(_, id)| self.deliverable(*id))
    }

    /// Those of them that are not accepted.
    pub fn unaccepted_of(&self, no: PhaseNo) -> impl Iterator<Item = &Deliverable> {
        let range = (no, DeliverableId(0))..=(no, DeliverableId(u32::MAX));
        let ids = self.index.unaccepted.range(range);
        ids.filter_map(|(_, id)| self.deliverable(*id))
    }

    /// Deliverables that wait to be accepted or rejected, by number.
    pub fn submitted(&self) -> impl Iterator<Item = &Deliverable> {
        let ids = self.index.submitted.iter();
        ids.filter_map(|id| self.deliverable(*id))
    }

    /// Milestones by number.
    pub fn milestones(&self) -> impl Iterator<Item = &Milestone> {
        self.milestones.values().map(Arc::as_ref)
    }

    /// A milestone.
    pub fn milestone(&self, id: MilestoneId) -> Option<&Milestone> {
        self.milestones.get(&id).map(Arc::as_ref)
    }

    /// Milestones that are neither reached nor missed, by number.
    pub fn milestones_ahead(&self) -> impl Iterator<Item = &Milestone> {
        let ids = self.index.milestones_ahead.iter();
        ids.filter_map(|id| self.milestone(*id))
    }

    /// Those of them that wait for this.
    pub(super) fn milestones_on(&self, link: Link) -> impl Iterator<Item = MilestoneId> {
        let range = (link, MilestoneId(0))..=(link, MilestoneId(u32::MAX));
        let found = self.index.milestones_on.range(range);
        found.map(|(_, id)| *id)
    }

    /// Rules by number, ended ones too.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values().map(Arc::as_ref)
    }

    /// A rule.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(&id).map(Arc::as_ref)
    }

    /// Risks by number.
    pub fn risks(&self) -> impl Iterator<Item = &Risk> {
        self.risks.values().map(Arc::as_ref)
    }

    /// A risk.
    pub fn risk(&self, id: RiskId) -> Option<&Risk> {
        self.risks.get(&id).map(Arc::as_ref)
    }

    /// The day the project begins; none when nothing is said.
    pub fn start_date(&self) -> Option<Day> {
        self.project()?.settings.start_date
    }

    /// Sprints by number.
    pub fn sprints(&self) -> impl Iterator<Item = &Sprint> {
        self.sprints.values().map(Arc::as_ref)
    }

    /// A sprint.
    pub fn sprint(&self, id: SprintId) -> Option<&Sprint> {
        self.sprints.get(&id).map(Arc::as_ref)
    }

    /// The sprint that is active.
    pub fn active_sprint(&self) -> Option<&Sprint> {
        self.sprint(self.index.active_sprint?)
    }

    /// A task, what it is a part of, what that is a part of, and so on.
    pub(super) fn line_of(&self, id: TaskId) -> impl Iterator<Item = TaskId> {
        std::iter::successors(Some(id), |id| self.specs.get(id)?.split_from())
    }

    /// Whether a task is committed in the active sprint.
    pub fn is_committed(&self, id: TaskId) -> bool {
        self.index.committed.contains(&id)
    }

    /// Of a sprint's tasks, how many are open and how many completed.
    pub fn progress_of(&self, sprint: &Sprint) -> (u32, u32) {
        let count = |wanted: &dyn Fn(TaskId) -> bool| {
            let found = sprint.tasks.iter().filter(|task| wanted(**task));
            u32::try_from(found.count()).unwrap_or(u32::MAX)
        };
        let open = count(&|task| self.is_open(task));
        (open, count(&|task| self.is_completed(task)))
    }

    /// Assignments by number, ended ones too.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.values().map(Arc::as_ref)
    }

    /// An assignment.
    pub fn assignment(&self, id: AssignmentId) -> Option<&Assignment> {
        self.assignments.get(&id).map(Arc::as_ref)
    }

    /// What an agent looks after.
    pub fn in_force_of(&self, agent: &str) -> impl Iterator<Item = &Assignment> {
        let first = (Text::from(agent), AssignmentId(0));
        let of_agent = self.index.assignments_of.range(first.clone()..);
        let of_agent = of_agent.take_while(move |(name, _)| *name == first.0);
        of_agent.filter_map(|(_, id)| self.assignment(*id))
    }

    /// Whether an agent looks after something.
    pub fn is_assigned(&self, agent: &str) -> bool {
        !self.index.assignments_of.is_empty() && self.in_force_of(agent).next().is_some()
    }

    /// Sprint rows of plan files, kept as history.
    pub fn sprint_history(&self) -> &[ImportedSprint] {
        &self.sprint_history
    }

    /// Tokens by id (`_daemon` only).
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values().map(Arc::as_ref)
    }

    /// A token by its public part (`_daemon` only).
    pub fn token(&self, id: &str) -> Option<&Token> {
        self.tokens.get(id).map(Arc::as_ref)
    }

    /// The role catalogue; a role's number is its place.
    pub fn roles(&self) -> &[RoleSpec] {
        self.project()
            .map_or(&[], |project| &project.settings.roles)
    }

    /// A role.
    pub fn role(&self, no: RoleNo) -> Option<&RoleSpec> {
        self.roles().get(usize::from(no.0))
    }

    /// A role's slug; `any` for none.
    pub fn role_slug(&self, no: Option<RoleNo>) -> &str {
        no.and_then(|no| self.role(no))
            .map_or("any", |role| &role.slug)
    }

    /// The role a written name means.
    pub fn resolve_role(&self, text: &str) -> Result<RoleNo, Refusal> {
        if let Some((place, _)) = role::find(self.roles(), text) {
            let no = u16::try_from(place).map_err(|_| Refusal::field("role", "is out of range"))?;
            return Ok(RoleNo(no));
        }
        let known: Vec<&str> = self.roles().iter().map(|role| role.slug.as_str()).collect();
        Err(Refusal::new(
            Reason::UnknownRole,
            format!(
                "no role `{}` in this project; it has {}",
                clipped(text),
                known.join(", ")
            ),
        )
        .next("agent roles"))
    }

    /// A counter that rises whenever a task may have become claimable.
    pub fn wakes(&self) -> u64 {
        self.index.wakes
    }

    /// How many tasks could be claimed right now by agents that match them; costs a look at each class of
    /// each phase, not at each task.
    pub fn ready_total(&self) -> u64 {
        let counts = self.workable_phases().map(|no| self.ready_count(no));
        counts.map(u64::from).sum()
    }

    /// How many tasks have a live lease.
    pub fn live_count(&self) -> usize {
        self.index.live.len()
    }

    /// How many blockers are open.
    pub fn open_blocker_count(&self) -> usize {
        self.index.open_blockers.len()
    }

    /// Whether a task is completed.
    pub fn is_completed(&self, id: TaskId) -> bool {
        self.states
            .get(&id)
            .is_some_and(|state| state.status == Status::Completed)
    }

    /// Whether a predecessor was waived for a task.
    pub(super) fn is_waived(spec: &Spec, on: &On) -> bool {
        spec.waived.contains(on)
    }
}
