//! From an event to the plan after it. Never refuses and never asks the world: what was recorded happened.

use super::event::Recorded;
use super::state::Plan;

impl Plan {
    /// Takes one event in.
    pub fn apply(&mut self, recorded: &Recorded) {
        let _ = recorded;
        todo!()
    }

    /// Brings what is computed in one pass up to date; call it before a claim is decided and before two
    /// plans are compared.
    pub fn settle(&mut self) {
        todo!()
    }
}
