//! What the standup tells of registers, sprints and assignments: one line for each step of an entry.

use super::data::ChangeKind;
use crate::plan::Plan;
use crate::plan::event::{Event, RoleTime, RunStep};
use crate::plan::id::{
    AssignmentId, DeliverableId, IntegrationId, MilestoneId, RiskId, RolloutId, SprintId,
    WorkflowRunId,
};

/// The kind, id, title and detail of a step of an entry; none for what is no step the day is told of.
pub(super) fn entry(plan: &Plan, event: &Event) -> Option<(ChangeKind, String, String, String)> {
    let deliverable = |id: DeliverableId, detail: String| {
        let name = plan.deliverable(id).map_or("", |it| &it.name);
        (
            ChangeKind::Deliverable,
            id.to_string(),
            name.to_owned(),
            detail,
        )
    };
    let milestone = |id: MilestoneId, detail: String| {
        let name = plan.milestone(id).map_or("", |it| &it.name);
        (
            ChangeKind::Milestone,
            id.to_string(),
            name.to_owned(),
            detail,
        )
    };
    let sprint = |id: SprintId, detail: String| {
        let goal = plan.sprint(id).map_or("", |it| &it.goal);
        (ChangeKind::Sprint, id.to_string(), goal.to_owned(), detail)
    };
    let assignment = |id: AssignmentId, detail: String| {
        let told = plan
            .assignment(id)
            .map_or_else(String::new, |it| format!("{} for {}", it.agent, it.subject));
        (ChangeKind::Assignment, id.to_string(), told, detail)
    };
    let risk = |id: RiskId, detail: String| {
        let text = plan.risk(id).map_or("", |it| &it.words.text);
        (ChangeKind::Risk, id.to_string(), text.to_owned(), detail)
    };
    let workflow = |slug: &str, id: String, detail: String| {
        let title = plan.workflow(slug).map_or("", |it| &it.definition.title);
        (ChangeKind::Workflow, id, title.to_owned(), detail)
    };
    let run = |id: WorkflowRunId, detail: String| {
        let slug = plan.workflow_run(id).map_or("", |run| &run.workflow);
        workflow(slug, id.to_string(), detail)
    };
    Some(match event {
        Event::WorkflowDefined(event) => {
            let slug = &event.workflow;
            workflow(slug, slug.to_string(), "defined".to_owned())
        }
        Event::WorkflowRetired(event) => {
            let (slug, reason) = (&event.workflow, &event.reason);
            workflow(slug, slug.to_string(), format!("retired: {reason}"))
        }
        Event::WorkflowRunStarted(event) => run(event.run, "opened".to_owned()),
        Event::WorkflowRunMoved(event) => {
            let word = match event.to {
                RunStep::WaitingInput => "waits for what it needs",
                RunStep::Running => "running",
                RunStep::Gating => "its work is done",
                RunStep::Failed => "failed",
                RunStep::Cancelled => "cancelled",
            };
            match &*event.note {
                "" => run(event.run, word.to_owned()),
                note => run(event.run, format!("{word}: {note}")),
            }
        }
        Event::WorkflowRunCompleted(event) => run(event.run, "completed".to_owned()),
        Event::DeliverableAdded(event) => deliverable(event.deliverable, "added".to_owned()),
        Event::DeliverableSubmitted(event) => {
            deliverable(event.deliverable, format!("submitted: {}", event.artefact))
        }
        Event::DeliverableAccepted(event) => deliverable(event.deliverable, "accepted".to_owned()),
        Event::DeliverableRejected(event) => {
            deliverable(event.deliverable, format!("rejected: {}", event.reason))
        }
        Event::MilestoneAdded(event) => milestone(event.milestone, "added".to_owned()),
        Event::MilestoneUpdated(event) if event.due.is_some() => {
            let found = plan.milestone(event.milestone);
            let day = found.and_then(|it| plan.due_day(it));
            let day = day.map_or_else(String::new, |day| format!(", due {day}"));
            milestone(event.milestone, format!("moved{day}"))
        }
        Event::MilestoneReached(event) => match &*event.note {
            "" => milestone(event.milestone, "reached".to_owned()),
            note => milestone(event.milestone, format!("reached: {note}")),
        },
        Event::MilestoneMissed(event) => {
            milestone(event.milestone, format!("missed: {}", event.reason))
        }
        Event::SprintPlanned(event) => sprint(
            event.sprint,
            format!("planned from {} to {}", event.start, event.end),
        ),
        Event::SprintCommitted(event) => {
            let committed = format!("{} committed", counted(event.tasks.len()));
            match &*event.warning {
                "" => sprint(event.sprint, committed),
                warning => sprint(event.sprint, format!("{committed}: {warning}")),
            }
        }
        Event::SprintScopeChanged(event) => {
            let (added, removed) = (event.added.len(), event.removed.len());
            let changed = format!("{} added, {} taken out", counted(added), counted(removed));
            match &*event.reason {
                "" => sprint(event.sprint, changed),
                reason => sprint(event.sprint, format!("{changed}: {reason}")),
            }
        }
        Event::SprintClosed(event) => {
            let (done, left) = (event.completed, event.carried_over.len());
            let closed = format!("closed with {done} completed and {left} left over");
            sprint(event.sprint, closed)
        }
        Event::SprintUpdated(event) => {
            let found = plan.sprint(event.sprint);
            let days = found.map_or_else(String::new, |it| format!("{} to {}", it.start, it.end));
            sprint(event.sprint, format!("changed: {days}"))
        }
        Event::SprintWithdrawn(event) => {
            sprint(event.sprint, format!("withdrawn: {}", event.reason))
        }
        Event::AssignmentAdded(event) => {
            assignment(event.assignment, event.duty.as_str().to_owned())
        }
        Event::AssignmentUpdated(event) => {
            assignment(event.assignment, format!("now {}", event.duty.as_str()))
        }
        Event::AssignmentEnded(event) => match &*event.reason {
            "" => assignment(event.assignment, "ended".to_owned()),
            reason => assignment(event.assignment, format!("ended: {reason}")),
        },
        Event::RoleWindowSet(event) => {
            let place = event.phase.as_ref();
            let place = place.map_or_else(String::new, |phase| format!("phase {phase}"));
            let time = match event.time {
                Some(RoleTime::Always) => "always".to_owned(),
                Some(RoleTime::During(window)) => window.to_string(),
                None => "nothing is said any more".to_owned(),
            };
            (ChangeKind::RoleTime, event.role.clone(), place, time)
        }
        Event::RiskAdded(event) => risk(event.risk, "added".to_owned()),
        Event::RiskMoved(event) => {
            let status = event.to.as_str();
            match &*event.note {
                "" => risk(event.risk, status.to_owned()),
                note => risk(event.risk, format!("{status}: {note}")),
            }
        }
        _ => return of_a_point(plan, event),
    })
}

/// The same of integration points and rollouts.
fn of_a_point(plan: &Plan, event: &Event) -> Option<(ChangeKind, String, String, String)> {
    let point = |id: IntegrationId, detail: String| {
        let name = plan.integration(id).map_or("", |it| &it.words.name);
        let kind = ChangeKind::Integration;
        Some((kind, id.to_string(), name.to_owned(), detail))
    };
    let rollout = |id: RolloutId, detail: String| {
        let name = plan.rollout(id).map_or("", |it| &it.words.name);
        let kind = ChangeKind::Rollout;
        Some((kind, id.to_string(), name.to_owned(), detail))
    };
    match event {
        Event::IntegrationAdded(event) => {
            point(event.integration, format!("added: {}", event.words.sides))
        }
        Event::IntegrationConfirmed(event) => {
            point(event.integration, "the external system is there".to_owned())
        }
        Event::IntegrationTested(event) => {
            point(event.integration, format!("tested: {}", event.evidence))
        }
        Event::IntegrationFailed(event) => {
            point(event.integration, format!("failed: {}", event.reason))
        }
        Event::IntegrationWithdrawn(event) => {
            point(event.integration, format!("withdrawn: {}", event.reason))
        }
        Event::RolloutCreated(event) => rollout(event.rollout, "planned".to_owned()),
        Event::RollbackTested(event) => rollout(
            event.rollout,
            format!("rollback tested: {}", event.evidence),
        ),
        Event::RolloutReadied(event) => rollout(event.rollout, "may roll".to_owned()),
        Event::RolloutHeldBack(event) => {
            rollout(event.rollout, format!("held back: {}", event.reason))
        }
        Event::RolloutStarted(event) => rollout(event.rollout, "rolling".to_owned()),
        Event::RolloutStepDone(event) => {
            let found = plan.rollout(event.rollout);
            let place = (event.step as usize).saturating_sub(1);
            let step = found.and_then(|it| it.words.steps.get(place));
            let step = step.map_or("", |step| step);
            rollout(event.rollout, format!("step {} done: {step}", event.step))
        }
        Event::RolloutEnded(event) => {
            let how = event.to.as_str().replace('_', " ");
            match &*event.note {
                "" => rollout(event.rollout, how),
                note => rollout(event.rollout, format!("{how}: {note}")),
            }
        }
        _ => None,
    }
}

fn counted(tasks: usize) -> String {
    let noun = if tasks == 1 { "task" } else { "tasks" };
    format!("{tasks} {noun}")
}
