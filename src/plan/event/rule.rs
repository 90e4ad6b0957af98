//! Events of rules: waits that are stated for every task a selector names.

use serde::{Deserialize, Serialize};

use super::super::id::{DecisionId, RuleId, TaskId};
use super::Text;

/// What a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleSide {
    /// One task.
    Task(TaskId),
    /// A whole phase, by its id; nothing but a phase's end is waited for.
    Phase(Text),
    /// Every task that a selector names, those added later too.
    Matching(Text),
}

impl std::fmt::Display for RuleSide {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Task(id) => id.fmt(formatter),
            Self::Phase(id) => write!(formatter, "phase {id}"),
            Self::Matching(selector) => write!(formatter, "\"{selector}\""),
        }
    }
}

/// See [`Event::RuleAdded`](super::Event::RuleAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleAdded {
    /// The rule.
    pub rule: RuleId,
    /// What waits.
    pub waiting: RuleSide,
    /// What it waits for.
    pub on: RuleSide,
    /// Why; empty when nothing is said.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::RuleEnded`](super::Event::RuleEnded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleEnded {
    /// The rule.
    pub rule: RuleId,
    /// Why.
    pub reason: Text,
}

/// See [`Event::DecisionExtended`](super::Event::DecisionExtended).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionExtended {
    /// The open decision.
    pub decision: DecisionId,
    /// Tasks that its selectors name and that wait for it from here on.
    pub tasks: Vec<TaskId>,
}
