//! Questions reports and pages ask of a plan that need a walk: what is ready next for a role, how much
//! a thing holds up, a digest of everything.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::event::{Duty, On, Text};
use super::hexadecimal::hexadecimal;
use super::id::{PhaseNo, RoleNo, TaskId};
use super::model::{Agent, Spec};
use super::settings::SizePolicy;
use super::state::{Class, Plan, ReadyKey, TaskView};

/// What an agent has to do with a task beside its roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bond {
    /// It looks after it.
    Primary,
    /// It stands in for who does.
    Backup,
    /// Nobody looks after it.
    Free,
    /// Others do.
    Foreign,
}

/// How near a task is to an agent: who looks after it, then how well the role fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nearness {
    pub bond: Bond,
    pub fit: Fit,
}

impl Nearness {
    /// What is all the same to whoever asks.
    pub const SAME: Self = Self {
        bond: Bond::Free,
        fit: Fit::Own,
    };
}

/// How well a role fits a task: the agent's own before its parents and children before those it backs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// A role of its own, or a task for any role.
    Own,
    /// A parent or a child of one.
    Kin,
    /// One it stands in for.
    Backup,
    /// None of its own: the task is assigned to it.
    Assigned,
}

/// A ready task's place in the order in which an agent's claims get it, within a phase; those committed in
/// the active sprint and the others are ordered by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ClaimRank {
    priority: u8,
    nearness: Nearness,
    chain: std::cmp::Reverse<u32>,
    ordinal: u32,
    task: TaskId,
}

fn claim_rank(key: &ReadyKey, nearness: Nearness) -> ClaimRank {
    ClaimRank {
        priority: key.priority,
        nearness,
        chain: key.chain,
        ordinal: key.ordinal,
        task: key.task,
    }
}

impl Plan {
    /// How well `role` fits a task of `wanted`; none when it does not.
    pub(super) fn fit(&self, role: RoleNo, wanted: Option<RoleNo>) -> Option<Fit> {
        let Some(wanted) = wanted else {
            return Some(Fit::Own);
        };
        if role == wanted {
            return Some(Fit::Own);
        }
        let (mine, theirs) = (self.role(role)?, self.role(wanted)?);
        let is = |parent: &Option<String>, slug: &str| parent.as_deref() == Some(slug);
        if is(&mine.parent, &theirs.slug) || is(&theirs.parent, &mine.slug) {
            return Some(Fit::Kin);
        }
        mine.backs_up.contains(&theirs.slug).then_some(Fit::Backup)
    }

    /// The best fit of any of an agent's roles, narrowed to `only` when given.
    pub(super) fn agent_fit(
        &self,
        agent: &Agent,
        only: Option<RoleNo>,
        wanted: Option<RoleNo>,
    ) -> Option<Fit> {
        let roles = agent
            .roles
            .iter()
            .filter(|role| only.is_none_or(|only| only == **role));
        roles.filter_map(|role| self.fit(*role, wanted)).min()
    }

    /// How near the tasks of a class are to an agent, its roles narrowed to `only` when given; none when it
    /// may not claim them. Who looks after a task may claim it whatever its role is, but not without the
    /// skills it needs.
    pub(super) fn nearness(
        &self,
        agent: &Agent,
        only: Option<RoleNo>,
        class: &Class,
    ) -> Option<Nearness> {
        if !Self::has_skills(agent, class) {
            return None;
        }
        let assignees = class.assignees.as_deref();
        let duty = assignees.and_then(|assignees| assignees.duty_of(&agent.name));
        let bond = match duty {
            Some(Duty::Primary) => Bond::Primary,
            Some(Duty::Backup) => Bond::Backup,
            None if assignees.is_some() => Bond::Foreign,
            None => Bond::Free,
        };
        let by_duty = duty.filter(|_| only.is_none()).map(|_| Fit::Assigned);
        let fit = self.agent_fit(agent, only, class.role).or(by_duty)?;
        Some(Nearness { bond, fit })
    }

    /// The same for an agent of a role that looks after nothing and has every skill.
    fn nearness_to_role(&self, role: RoleNo, class: &Class) -> Option<Nearness> {
        let fit = self.fit(role, class.role)?;
        let bond = match class.assignees {
            Some(_) => Bond::Foreign,
            None => Bond::Free,
        };
        Some(Nearness { bond, fit })
    }

    /// Whether an agent has every skill a class asks for.
    fn has_skills(agent: &Agent, class: &Class) -> bool {
        class
            .skills
            .iter()
            .all(|skill| agent.skills.contains(skill))
    }

    /// Classes of a phase's claimable tasks; where only the active sprint is handed out, of those in it.
    pub(super) fn classes_in(&self, phase: PhaseNo) -> impl Iterator<Item = &Class> {
        let lowest = Class {
            role: None,
            skills: [].into(),
            in_sprint: false,
            assignees: None,
        };
        let sprint_only = self.is_sprint_only();
        let classes = self.index.classes.range((phase, lowest)..);
        classes
            .map(|((no, class), _)| (no, class))
            .take_while(move |(no, _)| **no == phase)
            .map(|(_, class)| class)
            .filter(move |class| class.in_sprint || !sprint_only)
    }

    /// The claimable tasks of one class, in claim order.
    pub(super) fn ready_of<'a>(
        &'a self,
        phase: PhaseNo,
        class: &Class,
    ) -> impl Iterator<Item = &'a ReadyKey> + use<'a> {
        let from = ReadyKey {
            phase,
            class: class.clone(),
            priority: 0,
            chain: std::cmp::Reverse(u32::MAX),
            ordinal: 0,
            task: TaskId(0),
        };
        let class = class.clone();
        self.index
            .ready
            .range(from..)
            .take_while(move |key| key.phase == phase && key.class == class)
    }

    /// Tasks of a phase whose own conditions hold, by class.
    pub(super) fn ready_in(&self, phase: PhaseNo) -> impl Iterator<Item = TaskId> + '_ {
        let classes: Vec<Class> = self.classes_in(phase).cloned().collect();
        classes
            .into_iter()
            .flat_map(move |class| self.ready_of(phase, &class))
            .map(|key| key.task)
    }

    /// How many they are.
    pub(super) fn ready_count(&self, phase: PhaseNo) -> u32 {
        self.classes_in(phase)
            .filter_map(|class| self.index.classes.get(&(phase, class.clone())))
            .sum()
    }

    /// Open phases that no open blocker of their own holds up, in plan order.
    pub(super) fn workable_phases(&self) -> impl Iterator<Item = PhaseNo> + '_ {
        let blocked = |no: &PhaseNo| self.index.phase_blockers.contains_key(no);
        self.index
            .open_phases
            .iter()
            .copied()
            .filter(move |no| self.hands_out() && !blocked(no))
    }

    /// Tasks that state a wait for this one, by name or by waiting for everything above them.
    pub(super) fn waiting_on(&self, id: TaskId) -> Vec<TaskId> {
        let mut waiting: BTreeSet<TaskId> = self.dependents(id).collect();
        if let Some(spec) = self.specs.get(&id) {
            waiting.extend(self.all_above_between(spec.phase, spec.ordinal, u32::MAX));
        }
        waiting.into_iter().collect()
    }

    /// Tasks of a phase that wait for everything above them, behind one ordinal and not behind another.
    fn all_above_between(
        &self,
        phase: PhaseNo,
        behind: u32,
        to: u32,
    ) -> impl Iterator<Item = TaskId> + '_ {
        let from = behind.saturating_add(1);
        let range = (phase, from, TaskId(0))..=(phase, to.max(from), TaskId(u32::MAX));
        let found = self.index.all_above.range(range);
        found
            .filter(move |(_, ordinal, _)| *ordinal <= to)
            .map(|&(_, _, other)| other)
    }

    /// Up to `limit` ready tasks that an agent of this role may claim (none: of any role), in claim order.
    pub fn next_ready(&self, role: Option<RoleNo>, limit: usize) -> Vec<TaskId> {
        self.in_claim_order(limit, |_, class| {
            role.map_or(Some(Nearness::SAME), |role| {
                self.nearness_to_role(role, class)
            })
        })
    }

    /// Up to `limit` ready tasks of those classes of a phase that are near, in claim order: committed in the
    /// active sprint, phase order, priority, nearness, longest chain, ordinal, id. In a phase that goes by its
    /// table only ordinal and id count.
    pub(super) fn in_claim_order(
        &self,
        limit: usize,
        near: impl Fn(PhaseNo, &Class) -> Option<Nearness>,
    ) -> Vec<TaskId> {
        let mut found = Vec::new();
        if self.index.active_sprint.is_some() {
            self.add_in_claim_order(limit, true, &near, &mut found);
        }
        if !self.is_sprint_only() {
            self.add_in_claim_order(limit, false, &near, &mut found);
        }
        found
    }

    /// Those of them that are in the active sprint, or those that are not.
    fn add_in_claim_order(
        &self,
        limit: usize,
        in_sprint: bool,
        near: &impl Fn(PhaseNo, &Class) -> Option<Nearness>,
        found: &mut Vec<TaskId>,
    ) {
        if found.len() == limit {
            return;
        }
        for phase in self.workable_phases() {
            let wanted = limit - found.len();
            let classes = self.classes_in(phase);
            let classes = classes.filter(|class| class.in_sprint == in_sprint);
            let by_table = self.goes_by_table(phase);
            let classes = classes.filter_map(|class| {
                let nearness = near(phase, class)?;
                let counted = if by_table { Nearness::SAME } else { nearness };
                Some((class, counted))
            });
            let first = classes.flat_map(|(class, nearness)| {
                let keys = self.ready_of(phase, class).take(wanted);
                keys.map(move |key| claim_rank(key, nearness))
            });
            if wanted == 1 {
                found.extend(first.min().map(|rank| rank.task));
            } else {
                let mut ranks: Vec<ClaimRank> = first.collect();
                ranks.sort_unstable();
                found.extend(ranks.into_iter().take(wanted).map(|rank| rank.task));
            }
            if found.len() == limit {
                break;
            }
        }
    }

    /// How many open tasks wait for any of these, directly or through others; the tasks themselves are
    /// not counted.
    pub fn holds_up(&self, tasks: &[TaskId]) -> u32 {
        self.waiting_behind(tasks.to_vec(), Vec::new(), &tasks.iter().copied().collect())
    }

    /// How many open tasks wait for a phase to complete, directly or through others; its own tasks are
    /// not counted.
    pub fn phase_holds_up(&self, phase: PhaseNo) -> u32 {
        let own: BTreeSet<TaskId> = self.tasks_of(phase).map(|view| view.id).collect();
        self.waiting_behind(Vec::new(), vec![phase], &own)
    }

    /// How many open tasks there are behind these tasks and phases. A phase with an unfinished task holds
    /// up every phase behind it.
    fn waiting_behind(
        &self,
        mut tasks: Vec<TaskId>,
        mut phases: Vec<PhaseNo>,
        uncounted: &BTreeSet<TaskId>,
    ) -> u32 {
        let behind = self.phases_behind();
        let mut seen: BTreeSet<TaskId> = tasks.iter().copied().collect();
        let mut seen_phases: BTreeSet<PhaseNo> = phases.iter().copied().collect();
        // Down to which ordinal of a phase those who wait for everything above them were taken in.
        let mut taken_down_to: BTreeMap<PhaseNo, u32> = BTreeMap::new();
        loop {
            let next: Vec<TaskId> = if let Some(id) = tasks.pop() {
                let mut next: Vec<TaskId> = self.dependents(id).collect();
                if let Some(spec) = self.specs.get(&id) {
                    phases.extend(Some(spec.phase).filter(|no| seen_phases.insert(*no)));
                    let taken = taken_down_to.entry(spec.phase).or_insert(u32::MAX);
                    if spec.ordinal < *taken {
                        next.extend(self.all_above_between(spec.phase, spec.ordinal, *taken));
                        *taken = spec.ordinal;
                    }
                }
                next
            } else if let Some(no) = phases.pop() {
                let behind = behind.get(&no).map_or(&[] as &[_], Vec::as_slice);
                let new = behind.iter().copied();
                phases.extend(new.filter(|other| seen_phases.insert(*other)));
                let inside = behind
                    .iter()
                    .flat_map(|other| self.tasks_of(*other).map(|view| view.id));
                inside.chain(self.phase_dependents(no)).collect()
            } else {
                break;
            };
            let open = |id: &TaskId| {
                self.states
                    .get(id)
                    .is_some_and(|state| !state.status.is_terminal())
            };
            tasks.extend(next.into_iter().filter(|id| open(id) && seen.insert(*id)));
        }
        let count = seen.iter().filter(|id| !uncounted.contains(id)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The phases right behind each phase.
    pub(super) fn phases_behind(&self) -> BTreeMap<PhaseNo, Vec<PhaseNo>> {
        let mut behind: BTreeMap<PhaseNo, Vec<PhaseNo>> = BTreeMap::new();
        let mut in_front: Option<PhaseNo> = None;
        for phase in self.phases() {
            let before = phase.stated_predecessors.as_deref();
            for no in before.unwrap_or(in_front.as_slice()) {
                behind.entry(*no).or_default().push(phase.no);
            }
            in_front = Some(phase.no);
        }
        behind
    }

    /// Whether a registered agent can fill the role (its own, its parent's or child's, one it backs up).
    pub fn can_fill(&self, role: RoleNo) -> bool {
        self.agents()
            .filter(|agent| !agent.retired)
            .any(|agent| self.agent_fit(agent, None, Some(role)).is_some())
    }

    /// Whether some agent may claim the tasks of a class.
    pub(super) fn can_be_taken(&self, class: &Class) -> bool {
        let mut agents = self.agents().filter(|agent| !agent.retired);
        agents.any(|agent| self.nearness(agent, None, class).is_some())
    }

    /// The class of a task of a role, ready or not.
    pub(super) fn class_of(&self, id: TaskId, spec: &Spec, role: Option<RoleNo>) -> Class {
        let mut skills = spec.skills.to_vec();
        skills.sort();
        Class {
            role,
            skills: skills.into(),
            in_sprint: self.is_committed(id),
            assignees: self.assignees_of(id, spec),
        }
    }

    /// What stands in the way of everybody, of skills that a task needs: those that no registered agent has, else
    /// all of them when no agent that fits has them together. Empty when that is not what is missing.
    pub(super) fn missing_skills(&self, class: &Class) -> Vec<Text> {
        if class.skills.is_empty() || self.can_be_taken(class) {
            return Vec::new();
        }
        let unskilled = Class {
            skills: [].into(),
            ..class.clone()
        };
        if !self.can_be_taken(&unskilled) {
            return Vec::new();
        }
        let known = |skill: &Text| {
            let mut agents = self.agents().filter(|agent| !agent.retired);
            agents.any(|agent| agent.skills.contains(skill))
        };
        let unknown = class.skills.iter().filter(|skill| !known(skill)).cloned();
        let unknown: Vec<Text> = unknown.collect();
        if unknown.is_empty() {
            class.skills.to_vec()
        } else {
            unknown
        }
    }

    /// Skills that ready tasks wait for because no registered agent that fits has them, and how many do.
    pub fn skills_without_agent(&self) -> Vec<(String, u32)> {
        let mut missing: BTreeMap<String, u32> = BTreeMap::new();
        for phase in self.workable_phases() {
            for class in self.classes_in(phase) {
                let skills = self.missing_skills(class);
                if !skills.is_empty() {
                    let count = self.index.classes.get(&(phase, class.clone()));
                    let waiting = missing.entry(skills.join(", ")).or_insert(0);
                    *waiting += count.copied().unwrap_or(0);
                }
            }
        }
        missing.into_iter().collect()
    }

    /// Roles with open tasks that no registered agent can fill, with how many tasks wait.
    pub fn roles_without_agent(&self) -> Vec<(RoleNo, u32)> {
        let open = self.index.open_by_role.iter();
        let open = open.filter_map(|(role, count)| role.map(|role| (role, *count)));
        open.filter(|(role, _)| !self.can_fill(*role)).collect()
    }

    /// Remarks that follow from the plan as it stands: tasks larger than a session, and tasks that wait
    /// for something put off or given up. At most `limit`.
    pub fn remarks(&self, limit: usize) -> Vec<(TaskId, &'static str, String)> {
        let dropped = self.dropped_tasks();
        let mut remarks = Vec::new();
        for view in self.tasks().filter(|view| !view.state.status.is_terminal()) {
            if remarks.len() >= limit {
                break;
            }
            if let Some(estimate) = view.spec.estimate.filter(|_| self.is_too_large(view.spec)) {
                let message = format!(
                    "{} is estimated at {estimate}, more than one session; split it",
                    view.id
                );
                remarks.push((view.id, "larger_than_a_session", message));
            }
            let in_force = view.spec.dependencies.iter();
            let in_force = in_force.filter(|dependency| dependency.in_force);
            for on in in_force.filter_map(|it| self.dropped_by(&view, &it.on, &dropped)) {
                let word = self
                    .states
                    .get(&on)
                    .map_or("gone", |before| before.status.as_str());
                let message = format!(
                    "{} waits for {on}, which is {word}; waive or re-point it",
                    view.id
                );
                remarks.push((view.id, "waits_for_dropped_task", message));
            }
        }
        remarks
    }

    /// Whether a task is estimated at more than one session (requirement 99); nobody asks where the size policy
    /// is off.
    pub fn is_too_large(&self, spec: &Spec) -> bool {
        let session = self.session_minutes();
        let asks = self
            .project()
            .is_some_and(|project| project.settings.size_policy != SizePolicy::Off);
        asks && spec
            .estimate
            .is_some_and(|estimate| estimate.minutes(session) > session)
    }

    /// Tasks put off or given up, by phase and ordinal.
    fn dropped_tasks(&self) -> BTreeSet<(PhaseNo, u32, TaskId)> {
        let unfinished = self.index.unfinished.iter().copied();
        let dropped = |id: &TaskId| {
            self.states
                .get(id)
                .is_some_and(|state| state.status.is_terminal())
        };
        unfinished.filter(|(_, _, id)| dropped(id)).collect()
    }

    /// The first dropped task that this wait of a task is for.
    fn dropped_by(
        &self,
        view: &TaskView<'_>,
        on: &On,
        dropped: &BTreeSet<(PhaseNo, u32, TaskId)>,
    ) -> Option<TaskId> {
        let phase = view.spec.phase;
        let counts = |id: &TaskId| !Self::is_waived(view.spec, &On::Task(*id));
        match on {
            On::Task(on) => {
                let state = self.states.get(on)?;
                let gone = state.status.is_terminal() && !self.is_completed(*on);
                Some(*on).filter(|on| gone && counts(on))
            }
            On::AllAbove if !Self::is_waived(view.spec, on) => dropped
                .range((phase, 0, TaskId(0))..(phase, view.spec.ordinal, TaskId(0)))
                .map(|&(_, _, id)| id)
                .find(counts),
            On::AllAbove | On::Phase(_) => None,
        }
    }

    /// SHA-256 over everything the plan holds, in hexadecimal: equal plans have equal fingerprints.
    pub fn fingerprint(&self) -> String {
        struct Hashing(Sha256);
        impl std::io::Write for Hashing {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.update(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut hashing = Hashing(Sha256::new());
        // Writing into a hash cannot fail, and every key of the plan's maps is a string or a number.
        let written = serde_json::to_writer(&mut hashing, self);
        let digest = hashing.0.finalize();
        match written {
            Ok(()) => hexadecimal(&digest),
            Err(error) => format!("unprintable: {error}"),
        }
    }
}
