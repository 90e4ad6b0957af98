//! Standups by day: their windows and the entries that came in. What was published of one is a report and stands in
//! the log as it was; an entry that came after it changes nothing about that.

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::event::{Slots, Text};
use super::super::fact::Actor;
use super::super::id::ReportId;
use super::super::time::Timestamp;

/// What somebody had to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandupEntry {
    /// The role it speaks for, a slug; empty = none.
    pub role: Text,
    /// Who said it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Whether the standup's time for entries was over.
    pub late: bool,
    /// What it says, slot by slot.
    pub slots: Slots,
    /// What else there is to say.
    pub text: Text,
    /// The version of its event.
    pub version: u64,
}

/// The report that tells of a standup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandupReport {
    /// The report.
    pub report: ReportId,
    /// The version of the plan it tells of: entries after that are not in it.
    pub as_of: u64,
    /// When it was published.
    pub at: Timestamp,
}

/// The standup of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standup {
    /// The day.
    pub day: Day,
    /// The schedule that publishes it; empty = none does.
    pub schedule: Text,
    /// Who opened it.
    pub opened_by: Actor,
    /// When.
    pub opened_at: Timestamp,
    /// Until when an entry is on time.
    pub closes_at: Timestamp,
    /// What came in, in the order of that. Somebody who speaks for a role again replaces what they said, but what was
    /// said late never replaces what was said in time.
    pub entries: Box<[StandupEntry]>,
    /// The report that tells of it; none before it is published.
    pub held: Option<StandupReport>,
    /// The version that last touched it.
    pub revision: u64,
}

impl Standup {
    /// Whether an entry that comes in now is late.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.held.is_some() || now >= self.closes_at
    }

    /// Whether the published report tells of an entry.
    pub fn tells_of(&self, entry: &StandupEntry) -> bool {
        let held = self.held.as_ref();
        held.is_some_and(|held| entry.version <= held.as_of)
    }

    /// Where it stands: `open`, `closed` or `published`.
    pub fn status(&self, now: Timestamp) -> &'static str {
        match (self.held.is_some(), self.is_over(now)) {
            (true, _) => "published",
            (false, true) => "closed",
            (false, false) => "open",
        }
    }
}
