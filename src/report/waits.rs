//! Finds what stands in the way of work and what waits for a person, in one look at a plan.

use std::collections::BTreeMap;

use super::data::{LISTED_MAX, PhaseRef, TaskRef};
use super::waiting::{
    GatingPhase, InboxEntry, MissingCriterion, MissingDeliverable, MissingOfGate, OpenBlocker,
    OpenDecision, Staleness, kind_name,
};
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::id::TaskId;
use crate::plan::inbox::{WaitKind, Waiting};
use crate::plan::model::{Blocker, Decision, Phase, PhaseStatus};
use crate::plan::time::Timestamp;

/// The longest words of a blocker that a report keeps, in characters.
const WORDS_CHARS_MAX: usize = 1_000;

/// Everything that waits, found in one look at a plan.
pub(super) struct Waits<'a> {
    plan: &'a Plan,
    zone: &'a Zone,
    now: Timestamp,
    inbox: Vec<Waiting>,
}

/// What a report keeps of words that may be long: with a thousand of them it has to fit.
fn kept(words: &str) -> String {
    words.chars().take(WORDS_CHARS_MAX).collect()
}

impl<'a> Waits<'a> {
    pub(super) fn of(plan: &'a Plan, zone: &'a Zone, now: Timestamp) -> Self {
        let inbox = super::sprint::inbox(plan, now);
        Self {
            plan,
            zone,
            now,
            inbox,
        }
    }

    /// Open blockers, the oldest first, and how many there are.
    pub(super) fn blockers(&self) -> (Vec<OpenBlocker>, u32) {
        self.blockers_where(|_, _| true)
    }

    /// Those of them that are asked for, by how long each stands in milliseconds.
    pub(super) fn blockers_where(
        &self,
        wanted: impl Fn(&Blocker, u64) -> bool,
    ) -> (Vec<OpenBlocker>, u32) {
        let mut open: Vec<(Timestamp, &Blocker)> = self
            .plan
            .open_blockers()
            .map(|blocker| (self.known_since(blocker), blocker))
            .filter(|(since, blocker)| wanted(blocker, self.now.since_ms(*since)))
            .collect();
        open.sort_by_key(|(since, blocker)| (*since, blocker.id));
        let total = u32::try_from(open.len()).unwrap_or(u32::MAX);
        let commands = self.commands();
        let listed = open
            .into_iter()
            .take(LISTED_MAX)
            .map(|(since, blocker)| self.blocker(blocker, since, &commands));
        (listed.collect(), total)
    }

    /// Since when a blocker stands: a file's date counts unless it is later than the log's.
    fn known_since(&self, blocker: &Blocker) -> Timestamp {
        self.zone
            .start_of_day(&blocker.since_text)
            .map_or(blocker.since, |written| written.min(blocker.since))
    }

    fn blocker(
        &self,
        blocker: &Blocker,
        since: Timestamp,
        commands: &BTreeMap<&str, &str>,
    ) -> OpenBlocker {
        let plan = self.plan;
        let age_ms = self.now.since_ms(since);
        let (blocks, behind) = match blocker.phase {
            Some(phase) => (plan.tally(phase).open(), plan.phase_holds_up(phase)),
            None => (
                self.open_among(&blocker.tasks),
                plan.holds_up(&blocker.tasks),
            ),
        };
        let id = blocker.id.to_string();
        OpenBlocker {
            id: blocker.id,
            kind: blocker.kind,
            status: blocker.status,
            severity: blocker.severity,
            tasks: TaskRef::all(plan, &blocker.tasks),
            phase: blocker.phase.map(|phase| PhaseRef::new(plan, phase)),
            blocked_by: kept(&blocker.reason),
            waits_for: blocker.waits_for.map(|task| TaskRef::new(plan, task)),
            since: self.zone.moment(since),
            since_text: blocker.since_text.to_string(),
            age_ms,
            staleness: Staleness::of(age_ms),
            owner: match &*blocker.owner {
                "" => "coordinator".to_owned(),
                owner => owner.to_owned(),
            },
            resolution_path: kept(&blocker.resolution_path),
            escalation: blocker
                .escalated
                .as_ref()
                .map_or_else(String::new, |(_, why)| kept(why)),
            opened_by: blocker.opened_by.name().to_owned(),
            blocks,
            holds_up: blocks.saturating_add(behind),
            command: commands
                .get(id.as_str())
                .map_or_else(String::new, |&command| command.to_owned()),
        }
    }

    /// Open decisions that block tasks, the oldest first, and how many there are.
    pub(super) fn decisions(&self) -> (Vec<OpenDecision>, u32) {
        self.decisions_where(|decision| self.open_among(&decision.blocks) > 0)
    }

    /// Open decisions that are asked for, the oldest first, and how many there are.
    pub(super) fn decisions_where(
        &self,
        wanted: impl Fn(&Decision) -> bool,
    ) -> (Vec<OpenDecision>, u32) {
        let mut open: Vec<&Decision> = self
            .plan
            .decisions()
            .filter(|decision| decision.answer.is_none() && wanted(decision))
            .collect();
        open.sort_by_key(|decision| (decision.opened_at, decision.id));
        let total = u32::try_from(open.len()).unwrap_or(u32::MAX);
        let commands = self.commands();
        let listed = open.into_iter().take(LISTED_MAX).map(|decision| {
            let age_ms = self.now.since_ms(decision.opened_at);
            let id = decision.id.to_string();
            OpenDecision {
                id: decision.id,
                question: decision.question.to_string(),
                options: decision.options.iter().map(ToString::to_string).collect(),
                tasks: TaskRef::all(self.plan, &decision.blocks),
                since: self.zone.moment(decision.opened_at),
                age_ms,
                staleness: Staleness::of(age_ms),
                opened_by: decision.opened_by.name().to_owned(),
                holds_up: self
                    .open_among(&decision.blocks)
                    .saturating_add(self.plan.holds_up(&decision.blocks)),
                command: commands
                    .get(id.as_str())
                    .map_or_else(String::new, |&command| command.to_owned()),
            }
        });
        (listed.collect(), total)
    }

    /// Phases that only wait for criteria, deliverables or for being closed, in plan order.
    pub(super) fn gating(&self) -> Vec<GatingPhase> {
        self.plan
            .phases()
            .filter(|phase| self.plan.phase_status(phase.no) == PhaseStatus::Gating)
            .map(|phase| self.gating_phase(phase))
            .collect()
    }

    fn gating_phase(&self, phase: &Phase) -> GatingPhase {
        let missing = phase.unmet();
        let missing = missing.map(|(number, criterion)| MissingCriterion {
            number,
            text: criterion.text.to_string(),
        });
        let deliverables = self.plan.unaccepted_of(phase.no);
        let deliverables = deliverables.map(|deliverable| MissingDeliverable {
            id: deliverable.id,
            name: deliverable.name.to_string(),
            status: deliverable.status,
        });
        let deliverables: Vec<MissingDeliverable> = deliverables.collect();
        let commands = self.inbox.iter().filter(|waiting| match waiting.kind {
            WaitKind::Criterion | WaitKind::PhaseToClose => {
                let id = waiting.id.strip_prefix("phase ").unwrap_or(&waiting.id);
                *id == *phase.id
            }
            WaitKind::Deliverable => deliverables
                .iter()
                .any(|missing| waiting.id.parse() == Ok(missing.id)),
            WaitKind::Question
            | WaitKind::Decision
            | WaitKind::Revisit
            | WaitKind::Discovered
            | WaitKind::Parked
            | WaitKind::Blocker
            | WaitKind::RoleWithoutAgent
            | WaitKind::Gate
            | WaitKind::Milestone
            | WaitKind::Sprint
            | WaitKind::Review
            | WaitKind::Integration
            | WaitKind::Rollout
            | WaitKind::References
            | WaitKind::Workflow
            | WaitKind::OverdueMilestone
            | WaitKind::SkillWithoutAgent
            | WaitKind::Checklist
            | WaitKind::Mark
            | WaitKind::ProjectToComplete => false,
        });
        let commands: Vec<String> = commands.map(|waiting| waiting.command.clone()).collect();
        let lacks = self.plan.phase_gate_lacks(phase.no, self.now).into_iter();
        let gates = lacks.map(|lack| MissingOfGate {
            subject: lack.subject,
            text: lack.description,
            who: lack.who,
            command: lack.next,
        });
        GatingPhase {
            phase: PhaseRef::new(self.plan, phase.no),
            missing: missing.collect(),
            gates: gates.collect(),
            criteria: u32::try_from(phase.asked().count()).unwrap_or(u32::MAX),
            who: "coordinator".to_owned(),
            holds_up: self.plan.phase_holds_up(phase.no),
            deliverables,
            commands,
        }
    }

    /// Everything that waits for a person, oldest first.
    pub(super) fn inbox(&self) -> Vec<InboxEntry> {
        self.inbox.iter().map(|it| self.entry(it)).collect()
    }

    /// One thing that waits, as reports list it.
    pub(super) fn entry(&self, waiting: &Waiting) -> InboxEntry {
        InboxEntry {
            kind: kind_name(waiting.kind).to_owned(),
            id: waiting.id.clone(),
            title: waiting.title.clone(),
            since: self.zone.moment(waiting.since),
            age_ms: self.now.since_ms(waiting.since),
            holds_up: waiting.holds_up,
            command: waiting.command.clone(),
        }
    }

    /// How long a blocker stands, in milliseconds.
    pub(super) fn age_ms(&self, blocker: &Blocker) -> u64 {
        self.now.since_ms(self.known_since(blocker))
    }

    /// The inbox as the plan gives it.
    pub(super) fn waiting(&self) -> &[Waiting] {
        &self.inbox
    }

    /// Roles with open tasks that no registered agent can fill, by slug.
    pub(super) fn roles_without_agent(&self) -> Vec<&str> {
        self.inbox
            .iter()
            .filter(|waiting| waiting.kind == WaitKind::RoleWithoutAgent)
            .map(|waiting| waiting.id.as_str())
            .collect()
    }

    fn open_among(&self, tasks: &[TaskId]) -> u32 {
        let open = tasks.iter().filter(|&&id| {
            self.plan
                .task(id)
                .is_some_and(|task| !task.state.status.is_terminal())
        });
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }

    /// The commands that settle blockers and decisions, by id; a phase's id may look like one of theirs.
    fn commands(&self) -> BTreeMap<&str, &str> {
        let by_short_id = |waiting: &&Waiting| match waiting.kind {
            WaitKind::Question | WaitKind::Decision | WaitKind::Parked | WaitKind::Blocker => true,
            WaitKind::Criterion
            | WaitKind::Revisit
            | WaitKind::Discovered
            | WaitKind::RoleWithoutAgent
            | WaitKind::PhaseToClose
            | WaitKind::Deliverable
            | WaitKind::Gate
            | WaitKind::Milestone
            | WaitKind::Sprint
            | WaitKind::Review
            | WaitKind::Integration
            | WaitKind::Rollout
            | WaitKind::References
            | WaitKind::Workflow
            | WaitKind::OverdueMilestone
            | WaitKind::SkillWithoutAgent
            | WaitKind::Checklist
            | WaitKind::Mark
            | WaitKind::ProjectToComplete => false,
        };
        self.inbox
            .iter()
            .filter(by_short_id)
            .map(|waiting| (waiting.id.as_str(), waiting.command.as_str()))
            .collect()
    }
}
