//! Schedules as they stand, and the reports that were published. What a report says is in the log.

use serde::{Deserialize, Serialize};

use super::super::event::{FiringCause, ReportKind, ScheduleSpec, Text, Urgency};
use super::super::id::ReportId;
use super::super::recurrence::Slot;
use super::super::time::Timestamp;
use super::{Delivery, Judgement};

/// A run of a schedule that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firing {
    /// Its number in the project.
    pub run: u32,
    /// The slot; none when somebody asked.
    pub slot: Option<Slot>,
    /// When it was due.
    pub due_at: Timestamp,
    /// Why it fired.
    pub cause: FiringCause,
    /// When it fired.
    pub fired_at: Timestamp,
    /// The version of that event: what the run tells of ends there.
    pub version: u64,
}

/// How the last turn of a schedule ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnEnding {
    /// It was carried out.
    Done,
    /// It could not be carried out.
    Failed,
    /// It was due and left out.
    Skipped,
    /// Nobody looked when it was due, or soon enough after it.
    Missed,
}

impl TurnEnding {
    /// The word for machines and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
        }
    }
}

/// The last turn of a schedule that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastTurn {
    /// The slot; none when somebody asked.
    pub slot: Option<Slot>,
    /// How it ended.
    pub ending: TurnEnding,
    /// What there is to say about it.
    pub note: Text,
    /// The report it published.
    pub report: Option<ReportId>,
    /// When it ended.
    pub at: Timestamp,
}

/// Something that is due again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its name.
    pub name: Text,
    /// What it does, and when.
    pub spec: ScheduleSpec,
    /// What was due until then is not its business: when it was set, or went on.
    pub since: Timestamp,
    /// Until when its slots are handled.
    pub handled: Option<Timestamp>,
    /// The newest slot that had its turn; none before it does.
    pub newest_slot: Option<Slot>,
    /// The run that is under way.
    pub under_way: Option<Firing>,
    /// The turn that ended last.
    pub last: Option<LastTurn>,
    /// Slots that fired.
    pub fired: u64,
    /// Slots that were missed.
    pub missed: u64,
    /// Slots that were skipped.
    pub skipped: u64,
    /// Why it is paused, who said so, and when.
    pub paused: Option<Judgement>,
    /// The version that last touched it.
    pub revision: u64,
}

/// A report that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// What it tells.
    pub kind: ReportKind,
    /// Its title.
    pub title: Text,
    /// How much it matters.
    pub urgency: Urgency,
    /// The role it is addressed to; empty = the coordinator.
    pub role: Text,
    /// The schedule it was published for; empty = somebody asked.
    pub schedule: Text,
    /// The slot.
    pub slot: Option<Slot>,
    /// It was published at once, because a blocker became urgent.
    pub at_once: bool,
    /// Where the time it tells of begins.
    pub since: Timestamp,
    /// Where it ends.
    pub until: Timestamp,
    /// The version of the plan it tells of.
    pub as_of: u64,
    /// The version of the event with the first part of its document.
    pub version: u64,
    /// How many parts follow it.
    pub more_parts: u32,
    /// When it was published.
    pub published_at: Timestamp,
    /// How far it has come on its way to each channel it was addressed to, by the channel's name.
    pub deliveries: Box<[(Text, Delivery)]>,
}
