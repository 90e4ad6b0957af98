//! Questions reports and pages ask of a plan that need a walk: what is ready next for a role, how much
//! a thing holds up, a digest of everything.

use super::id::{RoleNo, TaskId};
use super::state::Plan;

impl Plan {
    /// Up to `limit` ready tasks that an agent of this role may claim (none: of any role), in claim order.
    pub fn next_ready(&self, role: Option<RoleNo>, limit: usize) -> Vec<TaskId> {
        let _ = (role, limit);
        todo!()
    }

    /// How many open tasks wait for any of these, directly or through others; the tasks themselves are
    /// not counted.
    pub fn holds_up(&self, tasks: &[TaskId]) -> u32 {
        let _ = tasks;
        todo!()
    }

    /// How many open tasks wait for a phase to complete, directly or through others.
    pub fn phase_holds_up(&self, phase: super::id::PhaseNo) -> u32 {
        let _ = phase;
        todo!()
    }

    /// Whether a registered agent can fill the role (its own, its parent's or child's, one it backs up).
    pub fn can_fill(&self, role: RoleNo) -> bool {
        let _ = role;
        todo!()
    }

    /// SHA-256 over everything the plan holds, in hexadecimal: equal plans have equal fingerprints.
    pub fn fingerprint(&self) -> String {
        todo!()
    }
}
