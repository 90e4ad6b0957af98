//! Why a task is not ready: every reason at once, each with what it waits for and who can change it.

use serde::Serialize;

use super::id::TaskId;
use super::state::Plan;

/// One reason why a task is not ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// A stable code: NOT_PLANNED, DEPENDENCY_UNMET, DEPENDENCY_DROPPED, PHASE_LOCKED, PHASE_GATING,
    /// PHASE_CLOSED, PHASE_BLOCKED, TASK_BLOCKED, TASK_PARKED, DECISION_OPEN, PROJECT_PAUSED; and the
    /// remark NO_AGENT_FOR_ROLE, which does not make a task unready.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
    /// The ids it waits for.
    pub refs: Vec<String>,
    /// Who can change it: `coordinator`, an agent's name, or a role's slug.
    pub who: String,
    /// A command line that settles it, without the program's name; empty when only work does.
    pub next: String,
}

impl Plan {
    /// Every reason why the task is not ready; remarks last.
    pub fn explain(&self, id: TaskId) -> Vec<Cause> {
        let _ = id;
        todo!()
    }
}
