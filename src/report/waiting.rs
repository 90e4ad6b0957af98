//! What stands in the way of work or waits for a person, as the reports list it: open blockers and
//! decisions oldest first, phases that only wait for a word, the inbox.

use serde::{Deserialize, Serialize};

use super::data::{Moment, PhaseRef, TaskRef};
use super::words::DAY_MS;
use crate::plan::event::{BlockerKind, Severity};
use crate::plan::id::{BlockerId, DecisionId, DeliverableId};
use crate::plan::inbox::WaitKind;
use crate::plan::model::{BlockerStatus, DeliverableStatus};

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
            Self::Stale => ", stale",
            Self::VeryStale => ", very stale",
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
    /// What stands in the way, or the question: the first 1,000 characters, as of what follows.
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
    /// How many open tasks wait for it: those it names, and all that wait for them, directly or through
    /// others.
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
    /// How many open tasks wait for it: those it names, and all that wait for them, directly or through
    /// others.
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

/// A deliverable nobody has accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingDeliverable {
    /// Its id.
    pub id: DeliverableId,
    /// Its name.
    pub name: String,
    /// Where it stands: `pending`, `submitted`, `rejected`.
    pub status: DeliverableStatus,
}

/// Something that a quality gate waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingOfGate {
    /// The gate or its criterion: `criterion 2 of G-1`.
    pub subject: String,
    /// What is missing.
    pub text: String,
    /// Who must give it: `coordinator`, roles by slug, or `muster` for what the daemon does by itself.
    pub who: String,
    /// The command line that gives it, without the program's name; empty when nobody need do anything.
    pub command: String,
}

/// A phase whose tasks are all terminal and that is not closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatingPhase {
    /// The phase.
    pub phase: PhaseRef,
    /// Criteria that are not met.
    pub missing: Vec<MissingCriterion>,
    /// What its quality gates wait for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<MissingOfGate>,
    /// How many criteria it has.
    pub criteria: u32,
    /// Deliverables that are not accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliverables: Vec<MissingDeliverable>,
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
    /// What kind of thing: `criterion`, `question`, `decision`, `revisit`, `discovered`, `parked`, `blocker`,
    /// `role_without_agent`, `phase_to_close`, `deliverable`, `milestone`, `gate`, `sprint`,
    /// `workflow`, `mark`.
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
        WaitKind::Revisit => "revisit",
        WaitKind::Discovered => "discovered",
        WaitKind::Parked => "parked",
        WaitKind::Blocker => "blocker",
        WaitKind::RoleWithoutAgent => "role_without_agent",
        WaitKind::PhaseToClose => "phase_to_close",
        WaitKind::Deliverable => "deliverable",
        WaitKind::Milestone => "milestone",
        WaitKind::Gate => "gate",
        WaitKind::Sprint => "sprint",
        WaitKind::Review => "review",
        WaitKind::Integration => "integration",
        WaitKind::Rollout => "rollout",
        WaitKind::References => "references",
        WaitKind::Workflow => "workflow",
        WaitKind::OverdueMilestone => "overdue_milestone",
        WaitKind::SkillWithoutAgent => "skill_without_agent",
        WaitKind::Checklist => "checklist",
        WaitKind::Mark => "mark",
        WaitKind::ProjectToComplete => "project_to_complete",
    }
}
