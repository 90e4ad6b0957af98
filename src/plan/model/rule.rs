//! Rules: waits stated once for all tasks that a selector names. What a rule led to are ordinary dependencies.

use serde::{Deserialize, Serialize};

use super::super::event::{RuleSide, Text};
use super::super::fact::Actor;
use super::super::id::RuleId;
use super::super::time::Timestamp;
use super::Settled;

/// A wait that is stated for every task a selector names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What waits.
    pub waiting: RuleSide,
    /// What it waits for.
    pub on: RuleSide,
    /// Why; empty when nothing is said.
    pub note: Text,
    /// Who stated it.
    pub added_by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// How it ended; none while it is looked at when tasks are added.
    pub ended: Option<Settled>,
    /// The version that last touched it.
    pub revision: u64,
}
