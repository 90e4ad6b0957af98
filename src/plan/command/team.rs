//! What the commands about who does what and when carry, as people write it.

use serde::{Deserialize, Serialize};

use super::super::event::{Duty, PhaseOrdering};
use super::super::window::Window;

/// An assignment to add; an area or a task is named, not both.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewAssignment {
    /// The agent.
    pub agent: String,
    /// An area.
    pub area: String,
    /// A task, by id or alias.
    pub task: String,
    /// How it looks after it.
    pub duty: Duty,
}

/// When a phase has its time, and in which order its tasks are handed out; what is none stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct PhaseTiming {
    /// A window.
    pub window: Option<Window>,
    /// It has none any more.
    pub drop_window: bool,
    /// An order.
    pub ordering: Option<PhaseOrdering>,
}

/// What becomes of live leases when a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeldLeases {
    /// Ending is refused while there are some.
    Refuse,
    /// The tasks are given back.
    Release,
    /// They pass to the agent's next session, keeping attempt and fence.
    Carry,
}
