//! Assignments: which agent looks after which area or task. They say who comes first and keep nobody out.

use serde::{Deserialize, Serialize};

use super::super::event::{Duty, Subject, Text};
use super::super::fact::Actor;
use super::super::id::AssignmentId;
use super::super::time::Timestamp;

/// How an assignment ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentEnd {
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why; empty when nothing was said.
    pub reason: Text,
}

/// An agent and what it looks after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// The agent.
    pub agent: Text,
    /// What it looks after.
    pub subject: Subject,
    /// How.
    pub duty: Duty,
    /// How it ended; none while it is in force.
    pub end: Option<AssignmentEnd>,
    /// Who added it.
    pub added_by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

/// Everybody who looks after one thing, by name; never nobody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Assignees {
    /// Who comes first.
    pub primary: Box<[Text]>,
    /// Who stands in.
    pub backups: Box<[Text]>,
}

impl Assignees {
    /// How an agent looks after it; none when it does not.
    pub fn duty_of(&self, agent: &str) -> Option<Duty> {
        let named = |names: &[Text]| names.iter().any(|name| **name == *agent);
        if named(&self.primary) {
            return Some(Duty::Primary);
        }
        named(&self.backups).then_some(Duty::Backup)
    }

    /// All names.
    pub fn all(&self) -> impl Iterator<Item = &Text> {
        self.primary.iter().chain(&self.backups)
    }
}
