//! What the commands about integration points, rollouts and references carry, as people write them.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::event::{ReferenceKind, ReferenceStatus, RolloutStatus};
use super::super::id::RolloutId;
use super::{Held, NewMeasure};

/// An end of an integration point, as written; exactly one is stated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct EndRef {
    /// A task, by id or alias.
    pub task: String,
    /// A phase, by id.
    pub phase: String,
}

/// What meets at an integration point, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum SidesRef {
    /// Two ends within the project.
    Internal {
        /// One of them.
        from: EndRef,
        /// The other.
        to: EndRef,
    },
    /// A system outside the project.
    External {
        /// The system.
        system: String,
        /// What needs it.
        needed_by: EndRef,
    },
}

/// An integration point to add.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewIntegration {
    /// Its name.
    pub name: String,
    /// What meets there.
    pub sides: SidesRef,
    /// How they talk to each other.
    pub protocol: String,
    /// How it is tested.
    pub test_strategy: String,
    /// The day an external system is due.
    pub due: Option<Day>,
    /// Whom to ask about an external system.
    pub contact: String,
}

/// Changes of an integration point; what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct IntegrationChanges {
    /// A new name.
    pub name: Option<String>,
    /// What meets there from here on; nothing that was said about it holds any more.
    pub sides: Option<SidesRef>,
    /// How they talk to each other.
    pub protocol: Option<String>,
    /// How it is tested.
    pub test_strategy: Option<String>,
    /// The day an external system is due from here on.
    pub due: Option<Day>,
    /// Nothing is said any more about the day it is due.
    pub due_unsaid: bool,
    /// Whom to ask about an external system.
    pub contact: Option<String>,
}

/// A success metric, as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewSuccessMetric {
    /// Its name within the rollout.
    pub name: String,
    /// What a reported metric must be; none = a coordinator vouches for it.
    pub measure: Option<NewMeasure>,
}

/// A rollout to plan, or changes of one; what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct RolloutChanges {
    /// Its name.
    pub name: Option<String>,
    /// How it goes out, in words.
    pub approach: Option<String>,
    /// The deployment whose gates hold it; empty = every gate in front of a deployment does.
    pub deployment: Option<String>,
    /// What is done, in order.
    pub steps: Option<Vec<String>>,
    /// How it is taken back.
    pub rollback_plan: Option<String>,
    /// What it must come to.
    pub success: Option<Vec<NewSuccessMetric>>,
}

/// How a rollout ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct RolloutEnding {
    /// The rollout.
    pub rollout: RolloutId,
    /// How: it succeeds, is rolled back or fails.
    pub to: RolloutStatus,
    /// Why, or what shows it.
    pub note: String,
    /// Success metrics, by number from 1, that a coordinator vouches for.
    pub attested: Vec<u32>,
    /// What it holds up; of one that failed.
    pub holds: Held,
}

/// A document that a task is to refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewReference {
    /// What kind of document.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: String,
    /// Where it is to be found.
    pub uri: String,
    /// Where it stands; none = a plan is as far as its task, of others nothing is said.
    pub status: Option<ReferenceStatus>,
}
