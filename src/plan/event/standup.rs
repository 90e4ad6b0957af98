//! Events of a day's standup: its window opens, entries come in, and the report that tells of them is published.

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::id::ReportId;
use super::super::time::Timestamp;
use super::Text;

/// What an entry says, slot by slot (requirement 58); an empty slot was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Slots {
    /// What was built.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub built: Text,
    /// What is next.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub next: Text,
    /// What was shipped.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub shipped: Text,
    /// Tests that pass, in percent, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests_passed_percent: Option<u8>,
    /// What is tracked.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub metrics: Text,
    /// What version is deployed.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub version: Text,
    /// How what is deployed fares.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub monitoring: Text,
    /// What stands in the way.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub blockers: Text,
    /// What has to change.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub changes: Text,
}

impl Slots {
    /// The slots of words, by name, in the order of the format.
    pub fn words(&self) -> [(&'static str, &Text); 8] {
        [
            ("built", &self.built),
            ("shipped", &self.shipped),
            ("metrics", &self.metrics),
            ("version", &self.version),
            ("monitoring", &self.monitoring),
            ("next", &self.next),
            ("blockers", &self.blockers),
            ("changes", &self.changes),
        ]
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.tests_passed_percent.is_none() && self.words().iter().all(|(_, said)| said.is_empty())
    }
}

/// See [`Event::StandupOpened`](super::Event::StandupOpened).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandupOpened {
    /// The day, as the project's clock shows it.
    pub day: Day,
    /// Until when an entry is on time.
    pub closes_at: Timestamp,
    /// The schedule that publishes it then; empty = none does.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub schedule: Text,
}

/// See [`Event::StandupEntered`](super::Event::StandupEntered).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandupEntered {
    /// The day of the standup.
    pub day: Day,
    /// The role it speaks for, a slug; empty = none.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub role: Text,
    /// Whether its time was over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// What it says, slot by slot.
    #[serde(flatten)]
    pub slots: Slots,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub text: Text,
}

/// See [`Event::StandupHeld`](super::Event::StandupHeld).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandupHeld {
    /// The day of the standup.
    pub day: Day,
    /// The report that tells of it.
    pub report: ReportId,
}
