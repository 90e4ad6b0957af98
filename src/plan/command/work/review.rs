//! Reviews: work handed in instead of finished, looked at by somebody else, finished or given back. Whether a task
//! needs one is said by the task, else by its area, else by the project.

use std::sync::Arc;

use super::super::super::bench::Bench;
use super::super::super::check::CheckSet;
use super::super::super::event::{ChangesRequested, TaskApproved, TaskSubmitted, Text};
use super::super::super::id::TaskId;
use super::super::super::model::{Review, Status};
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::state::{Plan, TaskView};
use super::super::{Complete, session, task, text};
use super::complete::{self, finishing};
use super::nothing_open;

/// Hands work in for review; the lease ends with it.
pub fn submit(bench: &mut Bench<'_>, submitted: &Complete) -> Result<(), Refusal> {
    if let Some(version) = submitted_before(bench, submitted)? {
        bench.repeats = Some(version);
        return Ok(());
    }
    let done = finishing(bench, submitted)?;
    bench.record(TaskSubmitted {
        task: done.task,
        fence: done.fence,
        summary: done.summary,
        verification: done.verification,
        evidence: done.evidence,
        technologies: done.technologies,
        tests_passed_percent: done.tests_passed_percent,
        accepted: done.accepted,
        checked: done.checked,
        open_checks: done.open_checks,
        gate_checks: done.gate_checks,
        held_ms: done.held_ms,
    });
    Ok(())
}

/// The version of the event, when this very fence handed the task in before, whatever became of it since.
fn submitted_before(bench: &Bench<'_>, submitted: &Complete) -> Result<Option<u64>, Refusal> {
    let id = bench.plan.resolve_task(&submitted.task)?;
    let (fence, actor) = (submitted.fence, bench.facts.actor.agent());
    let review = bench.plan.review(id);
    let same = review.filter(|it| fence != 0 && it.fence == fence && actor == Some(&it.author));
    if let Some(review) = same {
        return Ok(Some(review.version));
    }
    let done = complete::completed_under(bench, &submitted.task, fence)?;
    Ok(done.map(|(_, done)| done.version))
}

/// Refuses to finish a task that somebody else must look at first.
pub fn none_needed(plan: &Plan, id: TaskId, fence: u64) -> Result<(), Refusal> {
    if !plan.needs_review(id) {
        return Ok(());
    }
    let message =
        format!("{id} is finished by a review; hand it in, and somebody else looks at it");
    Err(Refusal::new(Reason::ReviewRequired, message)
        .item(id, "must be reviewed")
        .next(complete::finish_command(plan, id, fence)))
}

pub fn approve(bench: &mut Bench<'_>, task: &str, note: &str) -> Result<(), Refusal> {
    let (id, _) = reviewed_by_actor(bench, task, "approved")?;
    nothing_open(&bench.plan, id, "approved")?;
    let note = text::long("note", note)?;
    complete::carry_through(bench, id, |bench| {
        bench.record(TaskApproved {
            task: id,
            note,
            unblocked: Vec::new(),
            unblocked_total: 0,
            phases_opened: Vec::new(),
        });
    });
    Ok(())
}

pub fn request_changes(bench: &mut Bench<'_>, task: &str, reason: &str) -> Result<(), Refusal> {
    let (id, _) = reviewed_by_actor(bench, task, "given back")?;
    let reason = text::required_long("reason", reason)?;
    bench.record(ChangesRequested { task: id, reason });
    Ok(())
}

/// The task and what was handed in, when the actor may judge it.
fn reviewed_by_actor(
    bench: &mut Bench<'_>,
    task: &str,
    step: &str,
) -> Result<(TaskId, Arc<Review>), Refusal> {
    let plan = &bench.plan;
    let id = plan.resolve_task(task)?;
    let Some(review) = plan.reviews.get(&id).map(Arc::clone) else {
        let status = plan.task(id).map(|view| view.state.status);
        let refusal = task::illegal(id, status.unwrap_or(Status::Planned), step);
        return Err(refusal.next("review list"));
    };
    let Some(name) = bench.facts.actor.agent().cloned() else {
        return Ok((id, review));
    };
    let earlier = plan.given_back.get(&id);
    if name == review.author || earlier.is_some_and(|authors| authors.contains(&name)) {
        let (whose, when) = if name == review.author {
            ("own work", "")
        } else {
            ("own work in part", " before")
        };
        let message = format!("{id} is {name}'s {whose}; somebody else must look at it");
        return Err(Refusal::new(Reason::OwnSubmission, message)
            .item(id, format!("was submitted by {name}{when}"))
            .next("claim"));
    }
    let roles = plan
        .project()
        .map_or(&[] as &[String], |it| &it.settings.reviewing_roles);
    let agent = plan.agent(&name);
    let has = |slug: &String| {
        let role = plan.resolve_role(slug).ok();
        agent.is_some_and(|agent| agent.roles.iter().any(|own| Some(*own) == role))
    };
    if !roles.is_empty() && !roles.iter().any(has) {
        let message = format!(
            "{name} does not review here; work is looked at by {} and coordinators",
            roles.join(", ")
        );
        return Err(Refusal::new(Reason::NotAllowed, message)
            .fact("roles", roles.join(", "))
            .next("claim"));
    }
    bench.session = session::current(plan, &name, None)?;
    Ok((id, review))
}

/// What an agent let go of as done: finished, or under review.
pub struct HandedOver<'a> {
    /// Whose work it is; none when a plan file said so.
    pub agent: Option<&'a Text>,
    /// The fence under which it was handed over.
    pub fence: u64,
    /// Post-checks the agent owes.
    pub open_checks: CheckSet,
}

impl Plan {
    /// How a task that is finished or under review was handed over.
    pub fn handed_over(&self, id: TaskId) -> Option<HandedOver<'_>> {
        if let Some(review) = self.review(id) {
            return Some(HandedOver {
                agent: Some(&review.author),
                fence: review.fence,
                open_checks: review.open_checks,
            });
        }
        let done = self.task(id)?.state.completion.as_deref()?;
        Some(HandedOver {
            agent: done.agent.as_ref(),
            fence: done.fence,
            open_checks: done.open_checks,
        })
    }

    /// What was handed in for the review of a task; none while it is not under review.
    pub fn review(&self, id: TaskId) -> Option<&Review> {
        self.reviews.get(&id).map(AsRef::as_ref)
    }

    /// Work under review by task.
    pub fn reviews(&self) -> impl Iterator<Item = (TaskId, &Review)> {
        self.reviews
            .iter()
            .map(|(id, review)| (*id, review.as_ref()))
    }

    /// Whether a task is finished by a review: as it says itself, else its area, else the project.
    pub fn needs_review(&self, id: TaskId) -> bool {
        let (Some(TaskView { spec, .. }), Some(project)) = (self.task(id), self.project()) else {
            return false;
        };
        let settings = &project.settings;
        let of_area = || {
            let area = spec.area.trim().to_lowercase();
            !area.is_empty() && settings.review_areas.contains(&area)
        };
        spec.review.unwrap_or_else(|| of_area() || settings.review)
    }
}
