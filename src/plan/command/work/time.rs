//! Claims of tasks whose roles do not work today: what is held back, and why an agent gets nothing for it.

use super::super::super::id::{RoleNo, TaskId};
use super::super::super::model::Agent;
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::settings::RoleWindowPolicy;
use super::super::super::state::Plan;
use super::super::Claim;
use super::claim::{answer, listed};

/// That a named task is not held back because its role does not work today.
pub fn in_time(plan: &Plan, id: TaskId, claim: &Claim) -> Result<(), Refusal> {
    let out = plan.task_out_of_time(id, claim.today);
    let out = out.filter(|_| plan.role_window_policy() == RoleWindowPolicy::Refuse);
    let Some(out) = out else { return Ok(()) };
    let message = format!("{id} is not handed out today: {}", plan.told(&out));
    Err(Refusal::new(Reason::OutsideWindow, message)
        .item(id, "its role does not work today")
        .fact("window", out.window)
        .fact("today", out.today)
        .next("window list"))
}

/// That ready tasks for an agent are held back because their roles do not work today.
pub fn held_back(
    plan: &Plan,
    agent: &Agent,
    only: Option<RoleNo>,
    claim: &Claim,
) -> Option<Refusal> {
    if plan.role_window_policy() != RoleWindowPolicy::Refuse {
        return None;
    }
    let ready = plan.in_claim_order(1, |_, class| plan.nearness(agent, only, class));
    let first = *ready.first()?;
    let out = plan.task_out_of_time(first, claim.today)?;
    let message = format!(
        "{first} is ready and held back: {}; the coordinator may change `window list`",
        plan.told(&out)
    );
    let refusal = answer(Reason::WaitingOnCoordinator, message, 60_000);
    Some(listed(refusal, vec![first.to_string()]))
}
