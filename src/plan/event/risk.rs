//! Events of risks.

use serde::{Deserialize, Serialize};

use super::super::id::{BlockerId, RiskId};
use super::Text;

/// What kind of risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskKind {
    /// Something may not work.
    Technical,
    /// Something may come late.
    Schedule,
    /// Anything else.
    #[default]
    Other,
}

/// How much, in three steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Little.
    Low,
    /// Some.
    #[default]
    Medium,
    /// Much.
    High,
}

/// Where a risk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskStatus {
    /// It may come true.
    Active,
    /// Something was done about it.
    Mitigated,
    /// It is lived with.
    Accepted,
    /// It came true.
    Occurred,
    /// Over.
    Closed,
}

impl RiskStatus {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Mitigated => "mitigated",
            Self::Accepted => "accepted",
            Self::Occurred => "occurred",
            Self::Closed => "closed",
        }
    }
}

/// The words of a risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskWords {
    /// What kind.
    #[serde(default)]
    pub kind: RiskKind,
    /// What may happen.
    pub text: Text,
    /// How much it would cost.
    pub impact: Level,
    /// How many days it would cost; of a schedule risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_days: Option<u32>,
    /// How likely it is.
    pub likelihood: Level,
    /// What is done about it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub mitigation: Text,
    /// Who looks after it; empty = the coordinator.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub owner: Text,
}

/// See [`Event::RiskAdded`](super::Event::RiskAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskAdded {
    /// The risk.
    pub risk: RiskId,
    /// Its words.
    #[serde(flatten)]
    pub words: RiskWords,
}

/// See [`Event::RiskUpdated`](super::Event::RiskUpdated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskUpdated {
    /// The risk.
    pub risk: RiskId,
    /// All its words from here on.
    #[serde(flatten)]
    pub words: RiskWords,
}

/// See [`Event::RiskMoved`](super::Event::RiskMoved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskMoved {
    /// The risk.
    pub risk: RiskId,
    /// Where it stands from here on.
    pub to: RiskStatus,
    /// Why, or how.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
    /// The blocker that was opened for it in the same append.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocker: Option<BlockerId>,
}
