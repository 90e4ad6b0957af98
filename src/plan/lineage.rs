//! Where the work of a task came from and where it went when tasks were split: a task and its parts name
//! each other.

use serde::{Deserialize, Serialize};

use super::id::TaskId;
use super::model::Spec;

/// Where the work of a task came from, and where it went, when tasks were split.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lineage {
    /// The task it is a part of.
    pub split_from: Option<TaskId>,
    /// The parts that stand in its place.
    pub split_into: Box<[TaskId]>,
}

impl Spec {
    /// The task it is a part of.
    pub fn split_from(&self) -> Option<TaskId> {
        self.lineage.as_ref()?.split_from
    }

    /// The parts that stand in its place; none when it was not split.
    pub fn split_into(&self) -> &[TaskId] {
        self.lineage
            .as_ref()
            .map_or(&[], |lineage| &lineage.split_into)
    }
}
