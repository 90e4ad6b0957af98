//! Marks as they stand: what people should know until it is no more.

use serde::{Deserialize, Serialize};

use super::super::event::{MarkKind, Text};
use super::super::time::Timestamp;

/// The most marks of a project that stand at one time; what is found beyond them is left out.
pub const MARKS_MAX: usize = 200;

/// Something that people should know. Kind and subject are its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is about.
    pub kind: MarkKind,
    /// The task, phase, milestone or agent, by id.
    pub subject: Text,
    /// What there is to say, in a line.
    pub detail: Text,
    /// Since when it stands.
    pub since: Timestamp,
}
