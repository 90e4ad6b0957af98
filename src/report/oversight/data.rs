//! The oversight digest as data. Field names are stable; lists are cut at
//! [`LISTED_MAX`](crate::report::data::LISTED_MAX) and stand beside their totals.

use serde::{Deserialize, Serialize};

use crate::plan::id::DiscoveredId;
use crate::report::data::{Head, Moment, ProjectRef, TaskRef};
use crate::report::marks::Marks;
use crate::report::standup::data::SilentAgent;
use crate::report::waiting::{InboxEntry, OpenBlocker};

/// The oversight digest. One of a quiet time is a valid report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OversightDigest {
    /// The project.
    pub project: ProjectRef,
    /// Whom it is for: a role's slug.
    pub role: String,
    /// The role's name for people.
    pub role_title: String,
    /// The start of the window, itself outside.
    pub since: Moment,
    /// The end of the window.
    pub now: Moment,
    /// The window's length in milliseconds.
    pub window_ms: u64,
    /// What needs the role's word now, the oldest first.
    pub needs: Vec<InboxEntry>,
    /// How many such things.
    pub needs_total: u32,
    /// What was decided, waived, overridden and revoked within the window, in the order of that.
    pub acts: Vec<Act>,
    /// How many such acts.
    pub acts_total: u32,
    /// Open blockers that were escalated or are older than two hours, the oldest first.
    pub blockers: Vec<OpenBlocker>,
    /// How many such blockers.
    pub blockers_total: u32,
    /// All open blockers by how long they stand.
    pub blocker_ages: BlockerAges,
    /// Tasks whose attempts failed, the most strikes first.
    pub failing: Vec<FailingTask>,
    /// How many such tasks.
    pub failing_total: u32,
    /// Agents without a sign of life, the longest silent first.
    pub silent: Vec<SilentAgent>,
    /// How many agents are silent.
    pub silent_total: u32,
    /// Silence was judged with what is known of leases beside the log.
    pub with_beats: bool,
    /// What people should know, as the plan holds it.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
    /// Discovered tasks that wait for triage.
    pub discovered: DiscoveredQueue,
    /// How much waits for a person in all.
    pub inbox_total: u32,
    /// The event the report reaches up to.
    pub head: Head,
}

/// What somebody did that others may want to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// A question was decided.
    Decided,
    /// A decision holds no more.
    Deprecated,
    /// A gate's failed run may pass for a while, or a task need not wait for another.
    Waived,
    /// A waiver has run out.
    WaiverExpired,
    /// A phase was opened before its predecessors were complete.
    Overridden,
    /// A phase was left out.
    Skipped,
    /// A task was taken away from its holder.
    Revoked,
    /// A risk is lived with.
    RiskAccepted,
    /// A deliverable was accepted.
    Accepted,
    /// A deliverable was rejected, or work given back.
    Rejected,
    /// Reviewed work was found good.
    Approved,
    /// A rule, a gate or an integration point is asked for no more.
    Withdrawn,
}

/// One such act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// What kind.
    pub kind: ActKind,
    /// The id of what it is about.
    pub id: String,
    /// Its title or name now.
    pub title: String,
    /// Why or how; empty when nothing was said.
    pub detail: String,
}

/// Open blockers by how long they stand; each counts in every line it fits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockerAges {
    /// All.
    pub open: u32,
    /// Those that are critical.
    pub critical: u32,
    /// Those that were escalated.
    pub escalated: u32,
    /// Older than two hours.
    pub over_2h: u32,
    /// Older than a day.
    pub over_24h: u32,
    /// Older than three days.
    pub over_3d: u32,
}

/// A task whose attempts failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingTask {
    /// The task.
    pub task: TaskRef,
    /// Failed attempts since it was last unparked.
    pub strikes: u8,
    /// Attempts so far.
    pub attempts: u32,
    /// It is parked: never handed out before its blocker is settled.
    pub parked: bool,
    /// Who held it last; empty when nobody did.
    pub last_agent: String,
    /// The last thing said; empty when nothing was.
    pub last_note: String,
}

/// Discovered tasks that wait for triage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveredQueue {
    /// How many.
    pub total: u32,
    /// How many of them are older than a day.
    pub over_24h: u32,
    /// The one that waits longest.
    pub oldest: Option<OldestDiscovered>,
}

/// The discovered task that waits longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldestDiscovered {
    /// Its id.
    pub id: DiscoveredId,
    /// Its title.
    pub title: String,
    /// Since when.
    pub since: Moment,
    /// Milliseconds from `since` to the report.
    pub age_ms: u64,
}
