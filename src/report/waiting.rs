//! What stands in the way of work or waits for a person, as the reports list it: open blockers and
//! decisions oldest first, phases that only wait for a word, the inbox.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::data::{LISTED_MAX, Moment, PhaseRef, TaskRef};
use super::words::DAY_MS;
use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::event::{BlockerKind, Severity};
use crate::plan::id::{BlockerId, DecisionId, TaskId};
use crate::plan::inbox::{WaitKind, Waiting};
use crate::plan::model::{Blocker, BlockerStatus, Decision, Phase, PhaseStatus};
use crate::plan::time::Timestamp;

/// How long something has been waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Staleness {
    /// At most 24 hours.
    Fresh,
    /// More than 24 hours.
    Stale,
    /// More than three days.
    VeryStale,
}

impl Staleness {
    pub(super) fn of(age_ms: u64) -> Self {
        if age_ms > 3 * DAY_MS {
            Self::VeryStale
        } else if age_ms > DAY_MS {
            Self::Stale
        } else {
            Self::Fresh
        }
    }

    /// The mark shown behind an age; empty when it is fresh.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Fresh => "",
            Self::Stale => " !",
            Self::VeryStale => " !!",
        }
    }
}

/// An open blocker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenBlocker {
    /// Its id.
    pub id: BlockerId,
    /// Its kind.
    pub kind: BlockerKind,
    /// `open` or `escalated`.
    pub status: BlockerStatus,
    /// How bad it is.
    pub severity: Severity,
    /// The tasks it names.
    pub tasks: Vec<TaskRef>,
    /// The phase it names.
    pub phase: Option<PhaseRef>,
    /// What stands in the way, or the question.
    pub blocked_by: String,
    /// The task that must be finished again.
    pub waits_for: Option<TaskRef>,
    /// Since when: as a file wrote it when that is a date, else when it was opened here.
    pub since: Moment,
    /// Since when, as a file wrote it; empty when no file did.
    pub since_text: String,
    /// Milliseconds from `since` to the report.
    pub age_ms: u64,
    /// How stale that is.
    pub staleness: Staleness,
    /// Who should settle it.
    pub owner: String,
    /// How it can be settled; empty when nobody said.
    pub resolution_path: String,
    /// Why it was escalated; empty when it was not.
    pub escalation: String,
    /// Who opened it.
    pub opened_by: String,
    /// How many open tasks it names itself; of a phase, its open tasks.
    pub blocks: u32,
    /// How many more open tasks wait for those, directly or through others.
    pub holds_up: u32,
    /// The command line that settles it, without the program's name; empty when only work does.
    pub command: String,
}

/// An open decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDecision {
    /// Its id.
    pub id: DecisionId,
    /// The question.
    pub question: String,
    /// Options, if some are known.
    pub options: Vec<String>,
    /// The tasks that wait for it.
    pub tasks: Vec<TaskRef>,
    /// Since when it is open.
    pub since: Moment,
    /// Milliseconds from `since` to the report.
    pub age_ms: u64,
    /// How stale that is.
    pub staleness: Staleness,
    /// Who asked.
    pub opened_by: String,
    /// How many more open tasks wait for its tasks, directly or through others.
    pub holds_up: u32,
    /// The command line that decides it, without the program's name.
    pub command: String,
}

/// A criterion nobody has confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingCriterion {
    /// Its number within the phase, from 1.
    pub number: u32,
    /// What must hold.
    pub text: String,
}

/// A phase whose tasks are all terminal and that is not closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatingPhase {
    /// The phase.
    pub phase: PhaseRef,
    /// What is missing; empty = only the closing itself.
    pub missing: Vec<MissingCriterion>,
    /// How many criteria it has.
    pub criteria: u32,
    /// Who must give what is missing.
    pub who: String,
    /// How many open tasks wait for it, directly or through others.
    pub holds_up: u32,
    /// The command lines that settle it, without the program's name.
    pub commands: Vec<String>,
}

/// One thing that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxEntry {
    /// What kind of thing: `criterion`, `question`, `decision`, `discovered`, `parked`, `blocker`,
    /// `role_without_agent`, `phase_to_close`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// Since when.
    pub since: Moment,
    /// Milliseconds from `since` to the report.
    pub age_ms: u64,
    /// How many open tasks wait for it, directly or through others.
    pub holds_up: u32,
    /// The command line that settles it, without the program's name.
    pub command: String,
}

/// The name of a kind of inbox entry in a report's data.
pub(super) fn kind_name(kind: WaitKind) -> &'static str {
    match kind {
        WaitKind::Criterion => "criterion",
        WaitKind::Question => "question",
        WaitKind::Decision => "decision",
        WaitKind::Discovered => "discovered",
        WaitKind::Parked => "parked",
        WaitKind::Blocker => "blocker",
        WaitKind::RoleWithoutAgent => "role_without_agent",
        WaitKind::PhaseToClose => "phase_to_close",
    }
}

/// Everything that waits, found in one look at a plan.
pub(super) struct Waits<'a> {
    plan: &'a Plan,
    zone: &'a Zone,
    now: Timestamp,
    inbox: Vec<Waiting>,
}

impl<'a> Waits<'a> {
    pub(super) fn of(plan: &'a Plan, zone: &'a Zone, now: Timestamp) -> Self {
        let inbox = plan.inbox();
        Self {
            plan,
            zone,
            now,
            inbox,
        }
    }

    /// Open blockers, the oldest first, and how many there are.
    pub(super) fn blockers(&self) -> (Vec<OpenBlocker>, u32) {
        let mut open: Vec<(Timestamp, &Blocker)> = self
            .plan
            .open_blockers()
            .map(|blocker| (self.known_since(blocker), blocker))
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
        let (blocks, holds_up) = match blocker.phase {
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
            blocked_by: blocker.reason.to_string(),
            waits_for: blocker.waits_for.map(|task| TaskRef::new(plan, task)),
            since: self.zone.moment(since),
            since_text: blocker.since_text.to_string(),
            age_ms,
            staleness: Staleness::of(age_ms),
            owner: match &*blocker.owner {
                "" => "coordinator".to_owned(),
                owner => owner.to_owned(),
            },
            resolution_path: blocker.resolution_path.to_string(),
            escalation: blocker
                .escalated
                .as_ref()
                .map_or_else(String::new, |(_, why)| why.to_string()),
            opened_by: blocker.opened_by.name().to_owned(),
            blocks,
            holds_up,
            command: commands
                .get(id.as_str())
                .map_or_else(String::new, |&command| command.to_owned()),
        }
    }

    /// Open decisions that block tasks, the oldest first, and how many there are.
    pub(super) fn decisions(&self) -> (Vec<OpenDecision>, u32) {
        let mut open: Vec<&Decision> = self
            .plan
            .decisions()
            .filter(|decision| decision.answer.is_none() && self.open_among(&decision.blocks) > 0)
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
                holds_up: self.plan.holds_up(&decision.blocks),
                command: commands
                    .get(id.as_str())
                    .map_or_else(String::new, |&command| command.to_owned()),
            }
        });
        (listed.collect(), total)
    }

    /// Phases that only wait for criteria or for being closed, in plan order.
    pub(super) fn gating(&self) -> Vec<GatingPhase> {
        self.plan
            .phases()
            .filter(|phase| self.plan.phase_status(phase.no) == PhaseStatus::Gating)
            .map(|phase| self.gating_phase(phase))
            .collect()
    }

    fn gating_phase(&self, phase: &Phase) -> GatingPhase {
        let missing = (1..)
            .zip(phase.criteria.iter())
            .filter(|(_, criterion)| criterion.met.is_none())
            .map(|(number, criterion)| MissingCriterion {
                number,
                text: criterion.text.to_string(),
            });
        let commands = self.inbox.iter().filter(|waiting| {
            matches!(waiting.kind, WaitKind::Criterion | WaitKind::PhaseToClose)
                && *waiting.id == *phase.id
        });
        GatingPhase {
            phase: PhaseRef::new(self.plan, phase.no),
            missing: missing.collect(),
            criteria: u32::try_from(phase.criteria.len()).unwrap_or(u32::MAX),
            who: "coordinator".to_owned(),
            holds_up: self.plan.phase_holds_up(phase.no),
            commands: commands.map(|waiting| waiting.command.clone()).collect(),
        }
    }

    /// Everything that waits for a person, oldest first.
    pub(super) fn inbox(&self) -> Vec<InboxEntry> {
        let entry = |waiting: &Waiting| InboxEntry {
            kind: kind_name(waiting.kind).to_owned(),
            id: waiting.id.clone(),
            title: waiting.title.clone(),
            since: self.zone.moment(waiting.since),
            age_ms: self.now.since_ms(waiting.since),
            holds_up: waiting.holds_up,
            command: waiting.command.clone(),
        };
        self.inbox.iter().map(entry).collect()
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
            | WaitKind::Discovered
            | WaitKind::RoleWithoutAgent
            | WaitKind::PhaseToClose => false,
        };
        self.inbox
            .iter()
            .filter(by_short_id)
            .map(|waiting| (waiting.id.as_str(), waiting.command.as_str()))
            .collect()
    }
}
