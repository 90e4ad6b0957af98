//! Integration points: where parts of the project meet each other or a system outside, and what their test
//! came to. Whether one can be tested follows from its ends.

use serde::{Deserialize, Serialize};

use super::super::event::{IntegrationWords, Sides};
use super::super::fact::Actor;
use super::super::id::{BlockerId, IntegrationId};
use super::super::time::Timestamp;
use super::Judgement;

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointTest {
    /// It works.
    pub passed: bool,
    /// What shows it, or what does not work.
    pub said: Judgement,
    /// The blocker that was opened when it failed.
    pub blocker: Option<BlockerId>,
}

/// A place where things meet and must be tested together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationPoint {
    /// Its id.
    pub id: IntegrationId,
    /// Its words.
    pub words: IntegrationWords,
    /// A coordinator said that the external system is there.
    pub confirmed: Option<Judgement>,
    /// The last test since its ends were completed; none = untested.
    pub test: Option<PointTest>,
    /// Why nothing is to be tested there any more, and who said so; none when it was not withdrawn.
    pub withdrawn: Option<Judgement>,
    /// Who stated it.
    pub added_by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

impl IntegrationPoint {
    /// Whether a system outside the project is at one of its sides.
    pub fn is_external(&self) -> bool {
        matches!(self.words.sides, Sides::External { .. })
    }
}

/// Where an integration point stands; derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegrationStatus {
    /// Not everything that meets there is done.
    Pending,
    /// It is to be tested.
    Ready,
    /// Tested, and it works.
    Tested,
    /// Tested, and it does not work; it may be tested again.
    Failed,
    /// Something that was to meet there was given up, or the point was withdrawn: nothing is to be tested.
    Dropped,
}

impl IntegrationStatus {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Tested => "tested",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}
