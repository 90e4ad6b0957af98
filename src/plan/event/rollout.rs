//! Events of rollouts.

use serde::{Deserialize, Serialize};

use super::super::decimal::Decimal;
use super::super::id::{BlockerId, RolloutId};
use super::{Measure, Text};

/// Where a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutStatus {
    /// It lacks something before it may roll.
    Draft,
    /// It may roll.
    Ready,
    /// Under way.
    Rolling,
    /// Over: every step is done and every success metric is met.
    Succeeded,
    /// Over: it was taken back.
    RolledBack,
    /// Over: it did not work.
    Failed,
}

impl RolloutStatus {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ready => "ready",
            Self::Rolling => "rolling",
            Self::Succeeded => "succeeded",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
        }
    }

    /// Whether it has not begun to roll.
    pub fn is_ahead(self) -> bool {
        matches!(self, Self::Draft | Self::Ready)
    }

    /// Whether it is over.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::RolledBack | Self::Failed)
    }
}

/// What a rollout must come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessMetric {
    /// Its name within the rollout.
    pub name: Text,
    /// What a reported metric must be; none = a coordinator says whether it is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
}

/// The words of a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutWords {
    /// Its name.
    pub name: Text,
    /// How it goes out, in words.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub approach: Text,
    /// The deployment whose gates hold it; empty = every gate in front of a deployment does.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub deployment: Text,
    /// What is done, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Text>,
    /// How it is taken back.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub rollback_plan: Text,
    /// What it must come to, numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success: Vec<SuccessMetric>,
}

/// How a success metric came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricMet {
    /// Its number within the rollout, from 1.
    pub metric: u32,
    /// The value it was judged by, if a number was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub evidence: Text,
}

/// See [`Event::RolloutCreated`](super::Event::RolloutCreated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutCreated {
    /// The rollout.
    pub rollout: RolloutId,
    /// Its words.
    #[serde(flatten)]
    pub words: RolloutWords,
}

/// See [`Event::RolloutUpdated`](super::Event::RolloutUpdated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutUpdated {
    /// The rollout.
    pub rollout: RolloutId,
    /// All its words from here on; with other steps or another rollback plan the rollback is untested.
    #[serde(flatten)]
    pub words: RolloutWords,
}

/// See [`Event::RollbackTested`](super::Event::RollbackTested).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollbackTested {
    /// The rollout.
    pub rollout: RolloutId,
    /// What shows it.
    pub evidence: Text,
}

/// See [`Event::RolloutReadied`](super::Event::RolloutReadied).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutReadied {
    /// The rollout.
    pub rollout: RolloutId,
}

/// See [`Event::RolloutHeldBack`](super::Event::RolloutHeldBack).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutHeldBack {
    /// The rollout.
    pub rollout: RolloutId,
    /// The first thing it lacks.
    pub reason: Text,
}

/// See [`Event::RolloutStarted`](super::Event::RolloutStarted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutStarted {
    /// The rollout.
    pub rollout: RolloutId,
}

/// See [`Event::RolloutStepDone`](super::Event::RolloutStepDone).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutStepDone {
    /// The rollout.
    pub rollout: RolloutId,
    /// The step's number, from 1.
    pub step: u32,
    /// What was said.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::RolloutEnded`](super::Event::RolloutEnded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutEnded {
    /// The rollout.
    pub rollout: RolloutId,
    /// How it ended.
    pub to: RolloutStatus,
    /// Why, or what was said.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
    /// How its success metrics came out; of one that succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricMet>,
    /// The blocker that was opened for it in the same append.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocker: Option<BlockerId>,
}
