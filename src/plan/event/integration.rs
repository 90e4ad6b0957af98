//! Events of integration points.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::id::{BlockerId, IntegrationId, TaskId};
use super::Text;

/// What stands at an end of an integration point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointEnd {
    /// A task.
    Task(TaskId),
    /// A phase, by its written id.
    Phase(Text),
}

impl fmt::Display for PointEnd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(task) => write!(formatter, "{task}"),
            Self::Phase(phase) => write!(formatter, "phase {phase}"),
        }
    }
}

/// What meets at an integration point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// Two ends within the project.
    Internal {
        /// One of them.
        from: PointEnd,
        /// The other.
        to: PointEnd,
    },
    /// A system outside the project.
    External {
        /// The system.
        system: Text,
        /// What needs it.
        needed_by: PointEnd,
    },
}

impl Sides {
    /// The ends within the project.
    pub fn ends(&self) -> impl Iterator<Item = &PointEnd> {
        let (one, other) = match self {
            Self::Internal { from, to } => (from, Some(to)),
            Self::External { needed_by, .. } => (needed_by, None),
        };
        std::iter::once(one).chain(other)
    }
}

impl fmt::Display for Sides {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal { from, to } => write!(formatter, "{from} and {to}"),
            Self::External { system, needed_by } => write!(formatter, "{needed_by} and {system}"),
        }
    }
}

/// The words of an integration point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationWords {
    /// Its name.
    pub name: Text,
    /// What meets there.
    pub sides: Sides,
    /// How they talk to each other.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub protocol: Text,
    /// How it is tested.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub test_strategy: Text,
    /// The day an external system is due; none = not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// Whom to ask about an external system.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub contact: Text,
}

/// See [`Event::IntegrationAdded`](super::Event::IntegrationAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationAdded {
    /// The integration point.
    pub integration: IntegrationId,
    /// Its words.
    #[serde(flatten)]
    pub words: IntegrationWords,
}

/// See [`Event::IntegrationUpdated`](super::Event::IntegrationUpdated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationUpdated {
    /// The integration point.
    pub integration: IntegrationId,
    /// All its words from here on; with other sides nothing that was said about it holds any more.
    #[serde(flatten)]
    pub words: IntegrationWords,
}

/// See [`Event::IntegrationConfirmed`](super::Event::IntegrationConfirmed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationConfirmed {
    /// The integration point.
    pub integration: IntegrationId,
    /// What was said.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::IntegrationTested`](super::Event::IntegrationTested).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationTested {
    /// The integration point.
    pub integration: IntegrationId,
    /// What shows it.
    pub evidence: Text,
}

/// See [`Event::IntegrationFailed`](super::Event::IntegrationFailed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationFailed {
    /// The integration point.
    pub integration: IntegrationId,
    /// What does not work.
    pub reason: Text,
    /// The blocker that was opened for it in the same append.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocker: Option<BlockerId>,
}

/// See [`Event::IntegrationWithdrawn`](super::Event::IntegrationWithdrawn).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrationWithdrawn {
    /// The integration point.
    pub integration: IntegrationId,
    /// Why.
    pub reason: Text,
}
