//! Work under review: handed in by its author, who holds it no more, and waiting for somebody else.

use serde::{Deserialize, Serialize};

use super::super::check::CheckSet;
use super::super::event::{CompletionCheck, Text};
use super::super::fact::Actor;
use super::super::id::SessionId;
use super::super::time::Timestamp;

/// What was handed in for review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Whose work it is.
    pub author: Text,
    /// The session it was done in.
    pub session: SessionId,
    /// The attempt.
    pub attempt: u32,
    /// The fence under which it was handed in.
    pub fence: u64,
    /// When.
    pub at: Timestamp,
    /// The version of the event.
    pub version: u64,
    /// What was done.
    pub summary: Text,
    /// How it was shown to work.
    pub verification: Text,
    /// References that show it.
    pub evidence: Box<[Text]>,
    /// Technologies used.
    pub technologies: Box<[Text]>,
    /// Tests passed, in percent, when its author said so.
    pub tests_passed_percent: Option<u8>,
    /// The acceptance criteria its author ticked, numbered from 1.
    pub accepted: Box<[u32]>,
    /// The commands that gates asked for and how they came out.
    pub gate_checks: Box<[CompletionCheck]>,
    /// Time held over all attempts, in milliseconds.
    pub held_ms: u64,
    /// Post-checks its author owes.
    pub open_checks: CheckSet,
}

/// That somebody looked at work and found it good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: Actor,
    /// What was said of it; empty when nothing.
    pub note: Text,
    /// When it had been handed in.
    pub submitted_at: Timestamp,
}
