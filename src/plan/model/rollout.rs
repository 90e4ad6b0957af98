//! Rollouts: what goes out, in which steps, how it is taken back, and what it must come to.

use serde::{Deserialize, Serialize};

use super::super::event::{MetricMet, RolloutStatus, RolloutWords};
use super::super::fact::Actor;
use super::super::id::{BlockerId, RolloutId};
use super::super::time::Timestamp;
use super::Judgement;

/// How a rollout ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutEnd {
    /// Why, and on whose word.
    pub said: Judgement,
    /// How its success metrics came out; of one that succeeded.
    pub metrics: Box<[MetricMet]>,
    /// The blocker that was opened when it failed.
    pub blocker: Option<BlockerId>,
}

/// Something that goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// Its id.
    pub id: RolloutId,
    /// Its words.
    pub words: RolloutWords,
    /// Where it stands.
    pub status: RolloutStatus,
    /// Who tested the rollback, as it is planned now.
    pub rollback_tested: Option<Judgement>,
    /// Who began it, and when.
    pub started: Option<(Actor, Timestamp)>,
    /// The steps done, in order: what was said, by whom and when.
    pub done: Box<[Judgement]>,
    /// How it ended; none while it has not.
    pub end: Option<RolloutEnd>,
    /// When it last became what it is.
    pub since: Timestamp,
    /// Who stated it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

impl Rollout {
    /// The number of the step that comes next, and the step; none when all are done.
    pub fn next_step(&self) -> Option<(u32, &str)> {
        let step = self.words.steps.get(self.done.len())?;
        let number = u32::try_from(self.done.len() + 1).ok()?;
        Some((number, step))
    }
}
