//! Assignments: an agent looks after an area or a task, comes first there or stands in, and does so no more.

use super::super::bench::Bench;
use super::super::event::{
    AssignmentAdded, AssignmentEnded, AssignmentUpdated, Duty, Subject, Text,
};
use super::super::id::AssignmentId;
use super::super::model::Assignment;
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Plan, clipped};
use super::{NewAssignment, task, text};

/// Assignments a project may have, ended ones too.
const ASSIGNMENTS_MAX: usize = 10_000;
/// Agents that may look after one thing.
const ASSIGNEES_MAX: usize = 20;

pub fn add(bench: &mut Bench<'_>, new: &NewAssignment) -> Result<(), Refusal> {
    let plan = &bench.plan;
    if plan.assignments.len() >= ASSIGNMENTS_MAX {
        let message = format!(
            "the project has {ASSIGNMENTS_MAX} assignments, which is the limit; nothing can be added"
        );
        return Err(Refusal::new(Reason::LimitReached, message).fact("limit", ASSIGNMENTS_MAX));
    }
    let agent = active_agent(plan, &new.agent)?;
    let subject = subject(plan, new)?;
    let same = plan.in_force_of(&agent).find(|it| it.subject == subject);
    if let Some(other) = same {
        let (id, word) = (other.id, other.duty.as_str());
        return Err(Refusal::new(
            Reason::AssignmentExists,
            format!("{agent} is {word} of {subject} already by {id}; change that one"),
        )
        .item(id, format!("{word} of {subject}"))
        .next(format!("assignment update {id} --primary")));
    }
    let assignees = plan.index.assignees.get(&subject);
    if assignees.is_some_and(|it| it.all().count() >= ASSIGNEES_MAX) {
        let message = format!(
            "{subject} has {ASSIGNEES_MAX} agents that look after it, which is the limit; end one first"
        );
        return Err(Refusal::new(Reason::LimitReached, message)
            .fact("limit", ASSIGNEES_MAX)
            .next("assignment list"));
    }
    let newest = plan.assignments.last();
    let event = AssignmentAdded {
        assignment: AssignmentId(newest.map_or(1, |(id, _)| id.0 + 1)),
        agent,
        subject,
        duty: new.duty,
    };
    bench.record(event);
    Ok(())
}

fn active_agent(plan: &Plan, written: &str) -> Result<Text, Refusal> {
    let written = written.trim();
    if written.is_empty() {
        return Err(Refusal::field(
            "agent",
            "is missing; name a registered agent",
        ));
    }
    let Some(agent) = plan.agent(written) else {
        let message = format!("no agent `{}` in this project", clipped(written));
        return Err(Refusal::new(Reason::AgentNotFound, message).next("agent list"));
    };
    if agent.retired {
        let message = format!(
            "agent `{}` has left the project; name one that is there",
            agent.name
        );
        return Err(Refusal::new(Reason::AgentRetired, message).next("agent list"));
    }
    Ok(Text::clone(&agent.name))
}

/// The area or the open task that is to be looked after; exactly one is named.
fn subject(plan: &Plan, new: &NewAssignment) -> Result<Subject, Refusal> {
    match (new.area.trim(), new.task.trim()) {
        ("", "") => Err(Refusal::field(
            "subject",
            "is missing; name an area or a task",
        )),
        (area, "") => {
            let area = text::name("area", area)?;
            Ok(Subject::Area(area.to_lowercase().into()))
        }
        ("", written) => {
            let id = plan.resolve_task(written)?;
            let status = plan.task(id).map(|view| view.state.status);
            if let Some(status) = status.filter(|status| status.is_terminal()) {
                return Err(task::illegal(id, status, "assigned"));
            }
            Ok(Subject::Task(id))
        }
        _ => Err(Refusal::field(
            "subject",
            "names an area and a task; assign each by itself",
        )),
    }
}

/// That there is no such assignment.
pub fn not_found(id: AssignmentId) -> Refusal {
    Refusal::new(
        Reason::AssignmentNotFound,
        format!("no assignment {id} in this project"),
    )
    .item(id, "does not exist")
    .next("assignment list --all")
}

/// The assignment, while it is in force.
fn in_force(plan: &Plan, id: AssignmentId) -> Result<&Assignment, Refusal> {
    let assignment = plan.assignment(id).ok_or_else(|| not_found(id))?;
    if assignment.end.is_none() {
        return Ok(assignment);
    }
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("{id} has ended; add another assignment instead"),
    )
    .item(id, "has ended")
    .next("assignment list --all"))
}

pub fn update(bench: &mut Bench<'_>, id: AssignmentId, duty: Duty) -> Result<(), Refusal> {
    let assignment = in_force(&bench.plan, id)?;
    if assignment.duty == duty {
        let same = format!("is {} already", duty.as_str());
        return Err(Refusal::field("duty", same).item(id, "stays as it is"));
    }
    bench.record(AssignmentUpdated {
        assignment: id,
        duty,
    });
    Ok(())
}

pub fn end(bench: &mut Bench<'_>, id: AssignmentId, reason: &str) -> Result<(), Refusal> {
    in_force(&bench.plan, id)?;
    bench.record(AssignmentEnded {
        assignment: id,
        reason: text::long("reason", reason)?,
    });
    Ok(())
}
