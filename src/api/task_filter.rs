//! Which tasks a list is narrowed to.

use muster_proto::v1 as wire;
use tonic::Status;

use super::{enums, status};
use crate::plan::id::{PhaseNo, RoleNo};
use crate::plan::selector::Selector;
use crate::plan::{Plan, TaskView};

/// Which tasks a list is narrowed to.
pub(super) struct TaskFilter {
    phase: Option<PhaseNo>,
    statuses: Vec<wire::TaskStatus>,
    /// None = all; the inner none = tasks that fall to no role.
    role: Option<Option<RoleNo>>,
    ready: Option<bool>,
    blocked: Option<bool>,
    agent: String,
    matching: Option<Selector>,
}

impl TaskFilter {
    /// Reads what a list request says of it.
    pub(super) fn read(plan: &Plan, request: &wire::ListTasksRequest) -> Result<Self, Status> {
        let phase = match request.phase.trim() {
            "" => None,
            phase => Some(plan.resolve_phase(phase)),
        };
        let role = match request.role.trim() {
            "" => None,
            any if any.eq_ignore_ascii_case("any") => Some(Ok(None)),
            role => Some(plan.resolve_role(role).map(Some)),
        };
        let matching = match request.matching.trim() {
            "" => None,
            text => Some(plan.selector("matching", text)),
        };
        Ok(Self {
            phase: phase
                .transpose()
                .map_err(|refusal| status::refused(&refusal))?,
            statuses: enums::task_statuses("statuses", &request.statuses)?,
            role: role
                .transpose()
                .map_err(|refusal| status::refused(&refusal))?,
            ready: request.ready,
            blocked: request.blocked,
            agent: request.agent.clone(),
            matching: matching
                .transpose()
                .map_err(|refusal| status::refused(&refusal))?,
        })
    }

    /// Whether only tasks are asked for that are held up.
    pub(super) fn asks_for_blocked(&self) -> bool {
        self.blocked == Some(true)
    }

    /// Whether a task is one of them.
    pub(super) fn takes(&self, plan: &Plan, task: &TaskView<'_>) -> bool {
        let TaskView { id, spec, state } = *task;
        let status = enums::task_status(state.status);
        let holder = || state.lease.as_ref().map_or("", |lease| &lease.agent);
        self.phase.is_none_or(|phase| spec.phase == phase)
            && (self.statuses.is_empty() || self.statuses.contains(&status))
            && self.role.is_none_or(|role| state.role == role)
            && self.ready.is_none_or(|ready| plan.is_ready(id) == ready)
            && self
                .blocked
                .is_none_or(|blocked| plan.is_held_up(id) == blocked)
            && (self.agent.is_empty() || holder() == self.agent)
            && self.matching.as_ref().is_none_or(|it| it.takes(spec))
    }
}
