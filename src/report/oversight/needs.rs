//! What needs the word of a role: of what waits for a person, that which this role may settle. A coordinator may
//! settle everything.

use crate::plan::Plan;
use crate::plan::inbox::{WaitKind, Waiting};
use crate::plan::model::DeliverableStatus;
use crate::plan::workflow::COORDINATOR;
use crate::report::waits::Waits;

/// What of the inbox needs a role's word; blockers, discovered tasks and marks of the coordinator stand in sections of
/// their own.
pub(super) fn needs<'a>(plan: &Plan, waits: &'a Waits<'_>, role: &str) -> Vec<&'a Waiting> {
    let settles = |waiting: &&Waiting| match role {
        COORDINATOR => !matches!(
            waiting.kind,
            WaitKind::Blocker | WaitKind::Discovered | WaitKind::Mark
        ),
        role => concerns(plan, waiting, role),
    };
    waits.waiting().iter().filter(settles).collect()
}

fn concerns(plan: &Plan, waiting: &Waiting, role: &str) -> bool {
    // The inbox was put together as of then.
    let now = plan.last_at();
    let settings = plan.project().map(|project| &project.settings);
    let named = |roles: &[String]| roles.iter().any(|slug| slug == role);
    match waiting.kind {
        WaitKind::Review => settings.is_some_and(|settings| {
            settings.reviewing_roles.is_empty() || named(&settings.reviewing_roles)
        }),
        WaitKind::Deliverable => {
            let id = waiting.id.parse().ok();
            let submitted = id.and_then(|id| plan.deliverable(id));
            submitted.is_some_and(|it| it.status == DeliverableStatus::Submitted)
                && settings.is_some_and(|settings| named(&settings.accepting_roles))
        }
        WaitKind::Gate => {
            let gate = waiting.id.parse().ok().and_then(|id| plan.gate(id));
            let lacks = gate.map_or_else(Vec::new, |gate| plan.lacks_of(gate, now));
            lacks.iter().any(|lack| {
                let same = lack.next == waiting.command && waiting.title.contains(&lack.subject);
                same && asks(&lack.who, role)
            })
        }
        WaitKind::Workflow => {
            let run = waiting.id.parse().ok();
            let run = run.and_then(|id| plan.workflow_run(id));
            let lacks = run.map_or_else(Vec::new, |run| plan.workflow_lacks(run, now));
            lacks.iter().any(|lack| {
                let same = lack.next == waiting.command && waiting.title.contains(&lack.subject);
                same && asks(&lack.who, role)
            })
        }
        WaitKind::Question | WaitKind::Parked | WaitKind::Blocker => {
            let blocker = waiting.id.parse().ok().and_then(|id| plan.blocker(id));
            blocker.is_some_and(|blocker| is_of(plan, &blocker.owner, role))
        }
        WaitKind::Criterion
        | WaitKind::Decision
        | WaitKind::Revisit
        | WaitKind::Discovered
        | WaitKind::RoleWithoutAgent
        | WaitKind::PhaseToClose
        | WaitKind::Milestone
        | WaitKind::Sprint
        | WaitKind::Integration
        | WaitKind::Rollout
        | WaitKind::References
        | WaitKind::OverdueMilestone
        | WaitKind::SkillWithoutAgent
        | WaitKind::Checklist
        | WaitKind::Mark
        | WaitKind::ProjectToComplete => false,
    }
}

/// Whether a role is among those who must give something.
fn asks(who: &str, role: &str) -> bool {
    who.split(", ").any(|one| one == role)
}

/// Whether an owner is the role itself or an agent that has it.
fn is_of(plan: &Plan, owner: &str, role: &str) -> bool {
    let agent = plan.agent(owner).filter(|agent| !agent.retired);
    owner == role
        || agent.is_some_and(|agent| {
            let mut roles = agent.roles.iter();
            roles.any(|no| plan.role_slug(Some(*no)) == role)
        })
}
