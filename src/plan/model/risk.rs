//! Risks: what may happen, and what became of it.

use serde::{Deserialize, Serialize};

use super::super::event::{RiskStatus, RiskWords, Text};
use super::super::fact::Actor;
use super::super::id::{BlockerId, RiskId};
use super::super::time::Timestamp;

/// The last step of a risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskStep {
    /// What was said.
    pub note: Text,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Something that may happen and would cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Its id.
    pub id: RiskId,
    /// Its words.
    pub words: RiskWords,
    /// Where it stands.
    pub status: RiskStatus,
    /// The step that brought it there; none while it is as it was stated.
    pub step: Option<RiskStep>,
    /// The blocker that was opened when it came true.
    pub blocker: Option<BlockerId>,
    /// Who stated it.
    pub added_by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}
