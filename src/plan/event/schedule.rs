//! Events of schedules, of their turns, and of the reports that are published.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::id::ReportId;
use super::super::recurrence::{CATCH_UP_WINDOW_MS, Recurrence, Slot};
use super::super::time::Timestamp;
use super::Text;

/// What a schedule does when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Publishes the standup.
    Standup,
    /// Publishes the blocker report.
    Blockers,
    /// Publishes the weekly review.
    WeeklyReview,
    /// Publishes what those outside the team want to know.
    StakeholderUpdate,
    /// Publishes what a role oversees.
    Oversight,
    /// Closes the sprint whose last day it is, and publishes what it came to.
    SprintClose,
    /// Reminds of something: the slot is recorded, and that is all.
    Reminder,
    /// Starts the checklist.
    Checklist,
}

impl Job {
    /// Every job, in the order of the enumeration.
    pub const ALL: [Self; 8] = [
        Self::Standup,
        Self::Blockers,
        Self::WeeklyReview,
        Self::StakeholderUpdate,
        Self::Oversight,
        Self::SprintClose,
        Self::Reminder,
        Self::Checklist,
    ];

    /// The word for machines and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standup => "standup",
            Self::Blockers => "blockers",
            Self::WeeklyReview => "weekly-review",
            Self::StakeholderUpdate => "stakeholder-update",
            Self::Oversight => "oversight",
            Self::SprintClose => "sprint-close",
            Self::Reminder => "reminder",
            Self::Checklist => "checklist",
        }
    }

    /// Whether it is done as soon as its slot is recorded.
    pub fn is_done_at_once(self) -> bool {
        self == Self::Reminder
    }
}

/// What a report tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// Who did what, who is held up, what changed.
    Standup,
    /// Who waits for what.
    Blockers,
    /// The week's progress, risks and what comes next.
    WeeklyReview,
    /// Milestones and risks for those outside the team.
    StakeholderUpdate,
    /// What a sprint brought.
    SprintReview,
    /// What a role has to look after.
    Oversight,
}

impl ReportKind {
    /// Every kind, in the order of the enumeration.
    pub const ALL: [Self; 6] = [
        Self::Standup,
        Self::Blockers,
        Self::WeeklyReview,
        Self::StakeholderUpdate,
        Self::SprintReview,
        Self::Oversight,
    ];

    /// The word for machines and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standup => "standup",
            Self::Blockers => "blockers",
            Self::WeeklyReview => "weekly-review",
            Self::StakeholderUpdate => "stakeholder-update",
            Self::SprintReview => "sprint-review",
            Self::Oversight => "oversight",
        }
    }
}

/// How much a report matters.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Good to know.
    #[default]
    Info,
    /// Somebody should look at it today.
    Warning,
    /// Somebody should look at it now.
    Critical,
}

impl Urgency {
    /// The word for machines and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Urgency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

fn usual_catch_up() -> u64 {
    CATCH_UP_WINDOW_MS
}

fn is_usual_catch_up(ms: &u64) -> bool {
    *ms == CATCH_UP_WINDOW_MS
}

/// What a schedule does, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSpec {
    /// What it does.
    pub job: Job,
    /// When it is due.
    pub when: Recurrence,
    /// The time zone of its clock, an IANA name; empty = the project's.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub zone: Text,
    /// The role it is addressed to, a slug; empty = the coordinator.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub role: Text,
    /// What it reminds of, or is for.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
    /// How old a slot may be to be caught up on, in milliseconds.
    #[serde(default = "usual_catch_up", skip_serializing_if = "is_usual_catch_up")]
    pub catch_up_ms: u64,
}

/// A schedule with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSchedule {
    /// Its name.
    pub schedule: Text,
    /// What it does, and when.
    #[serde(flatten)]
    pub spec: ScheduleSpec,
}

/// See [`Event::SchedulesSet`](super::Event::SchedulesSet).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchedulesSet {
    /// The schedules as they are from here on.
    pub schedules: Vec<NamedSchedule>,
}

/// See [`Event::ScheduleRemoved`](super::Event::ScheduleRemoved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduleRemoved {
    /// The schedule.
    pub schedule: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}

/// See [`Event::SchedulePaused`](super::Event::SchedulePaused).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchedulePaused {
    /// The schedule.
    pub schedule: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}

/// See [`Event::ScheduleResumed`](super::Event::ScheduleResumed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduleResumed {
    /// The schedule.
    pub schedule: Text,
}

/// Why a schedule fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FiringCause {
    /// It was due.
    OnTime,
    /// It was due while nobody looked, a while ago.
    CaughtUp,
    /// Somebody asked for it.
    Asked,
}

impl FiringCause {
    /// The word for machines, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnTime => "on_time",
            Self::CaughtUp => "caught_up",
            Self::Asked => "asked",
        }
    }
}

/// See [`Event::SlotFired`](super::Event::SlotFired).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotFired {
    /// The schedule.
    pub schedule: Text,
    /// What it does, as it stands at this time.
    pub job: Job,
    /// The run's number in the project, from 1.
    pub run: u32,
    /// The slot; none when somebody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// When it was due.
    pub due_at: Timestamp,
    /// Why it fired.
    pub cause: FiringCause,
}

/// See [`Event::SlotsMissed`](super::Event::SlotsMissed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotsMissed {
    /// The schedule.
    pub schedule: Text,
    /// The earliest slot.
    pub first: Slot,
    /// The latest.
    pub last: Slot,
    /// When that was due.
    pub last_due_at: Timestamp,
    /// How many there were.
    pub count: u64,
}

/// Why a slot that was due brought nothing about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipCause {
    /// The run before was still under way.
    Overlap,
    /// A slot of this name, or a later one, had its turn before the schedule or its zone changed.
    HadItsTurn,
}

impl SkipCause {
    /// The words for people.
    pub fn as_words(self) -> &'static str {
        match self {
            Self::Overlap => "the run before was still under way",
            Self::HadItsTurn => "its date and time had their turn before",
        }
    }
}

/// See [`Event::SlotSkipped`](super::Event::SlotSkipped).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotSkipped {
    /// The schedule.
    pub schedule: Text,
    /// The slot.
    pub slot: Slot,
    /// When it was due.
    pub due_at: Timestamp,
    /// Why.
    pub cause: SkipCause,
}

/// See [`Event::SlotEnded`](super::Event::SlotEnded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotEnded {
    /// The schedule.
    pub schedule: Text,
    /// The run's number.
    pub run: u32,
    /// Whether it could not be carried out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
    /// The report it published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportId>,
}

/// See [`Event::ReportPublished`](super::Event::ReportPublished).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportPublished {
    /// The report.
    pub report: ReportId,
    /// What it tells.
    pub kind: ReportKind,
    /// Its title.
    pub title: Text,
    /// How much it matters.
    #[serde(default)]
    pub urgency: Urgency,
    /// The role it is addressed to; empty = the coordinator.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub role: Text,
    /// The schedule that it was published for; empty = somebody asked.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub schedule: Text,
    /// The slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// It is published at once, because a blocker became urgent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
    /// Where the time it tells of begins.
    pub since: Timestamp,
    /// Where it ends.
    pub until: Timestamp,
    /// The version of the plan it tells of.
    pub as_of: u64,
    /// What was known beside the log, as one JSON document; empty = nothing.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub facts: Text,
    /// The report as one JSON document: its first part.
    pub document: Text,
    /// How many parts follow, in the events right behind this one.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more_parts: u32,
    /// The channels it is delivered to, each once, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Text>,
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

/// See [`Event::ReportContinued`](super::Event::ReportContinued).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportContinued {
    /// The report.
    pub report: ReportId,
    /// The next part of its document.
    pub document: Text,
}
