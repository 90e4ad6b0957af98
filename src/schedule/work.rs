//! What a run of a schedule does. Whatever happens in the middle of it, it can be begun again: the run ends in the
//! same append as its report is published, and a sprint that is closed is not closed twice.

use super::compose::{Ask, compose};
use super::{command, in_words, may_pass, submit};
use crate::engine::{EngineError, EngineHandle};
use crate::plan::Plan;
use crate::plan::command::{CarryTo, Checking, Command, Timing};
use crate::plan::day::Day;
use crate::plan::event::{Job, ReportKind};
use crate::plan::model::{Firing, Schedule};
use crate::plan::time::Timestamp;

/// Carries a run out. What may pass by itself is left under way; anything else ends it.
pub(super) async fn carry_out(
    engine: &EngineHandle,
    project: &str,
    schedule: &Schedule,
    firing: &Firing,
) {
    let done = match schedule.spec.job {
        Job::Standup => report(engine, project, schedule, firing, ReportKind::Standup).await,
        Job::Blockers => report(engine, project, schedule, firing, ReportKind::Blockers).await,
        Job::WeeklyReview => {
            report(engine, project, schedule, firing, ReportKind::WeeklyReview).await
        }
        Job::StakeholderUpdate => {
            let kind = ReportKind::StakeholderUpdate;
            report(engine, project, schedule, firing, kind).await
        }
        Job::Oversight => report(engine, project, schedule, firing, ReportKind::Oversight).await,
        Job::SprintClose => close_sprint(engine, project, schedule, firing).await,
        Job::Checklist => start_checklist(engine, project, schedule, firing).await,
        Job::Reminder => end(engine, project, schedule, firing, (false, "")).await,
    };
    let Err(error) = done else { return };
    let (name, run) = (&*schedule.name, firing.run);
    tracing::warn!(
        project.id = project,
        schedule.name = name,
        schedule.run = run,
        outcome = %short(&error),
        "a run of a schedule did not come to its end"
    );
    if may_pass(&error) {
        return;
    }
    let why = match &error {
        EngineError::Refused(refusal) => in_words(refusal),
        other => other.to_string(),
    };
    // Where not even this is recorded, the next look finds the run as it is.
    let ended = end(engine, project, schedule, firing, (true, &why)).await;
    if let Err(error) = ended {
        tracing::debug!(
            project.id = project,
            schedule.name = name,
            outcome = %short(&error),
            "the end of a run is not recorded"
        );
    }
}

/// What came of a submission, without the words of anybody.
fn short(error: &EngineError) -> String {
    match error {
        EngineError::Refused(refusal) => refusal.reason.code().to_owned(),
        other => other.to_string(),
    }
}

async fn end(
    engine: &EngineHandle,
    project: &str,
    schedule: &Schedule,
    firing: &Firing,
    (failed, note): (bool, &str),
) -> Result<(), EngineError> {
    let end = Timing::End {
        schedule: schedule.name.to_string(),
        run: firing.run,
        failed,
        note: note.to_owned(),
    };
    submit(engine, project, end).await.map(|_| ())
}

/// Starts the checklist; whoever gives its items their results goes on from there.
async fn start_checklist(
    engine: &EngineHandle,
    project: &str,
    schedule: &Schedule,
    firing: &Firing,
) -> Result<(), EngineError> {
    let start = Command::Check(Checking::Start {
        run: Some((schedule.name.to_string(), firing.run)),
    });
    command(engine, project, start).await.map(|_| ())
}

/// Publishes the report of the plan as it stood when the schedule fired.
async fn report(
    engine: &EngineHandle,
    project: &str,
    schedule: &Schedule,
    firing: &Firing,
    kind: ReportKind,
) -> Result<(), EngineError> {
    let ask = Ask {
        kind,
        role: schedule.spec.role.to_string(),
        as_of: Some((firing.version, firing.fired_at)),
    };
    publish(engine, project, schedule, firing, ask, "").await
}

async fn publish(
    engine: &EngineHandle,
    project: &str,
    schedule: &Schedule,
    firing: &Firing,
    ask: Ask,
    note: &str,
) -> Result<(), EngineError> {
    let composed = compose(engine, project, ask).await?;
    let mut report = composed.new_report()?;
    report.run = Some((schedule.name.to_string(), firing.run));
    report.note = note.to_owned();
    let publish = Timing::Publish(Box::new(report));
    submit(engine, project, publish).await.map(|_| ())
}

/// Closes the sprint whose last day has come, and publishes its review; what is unfinished goes into the next one
/// when one is planned.
async fn close_sprint(
    engine: &EngineHandle,
    project: &str,
    schedule: &Schedule,
    firing: &Firing,
) -> Result<(), EngineError> {
    let Some(plan) = engine.plan(project) else {
        return Ok(());
    };
    let today = local_day(&plan, schedule, firing.due_at);
    let closed_by_this = plan.sprints().any(|sprint| {
        let result = sprint.result.as_ref();
        result.is_some_and(|result| result.at >= firing.fired_at)
    });
    if !closed_by_this {
        let sprint = plan.active_sprint();
        let due = sprint.filter(|sprint| today.is_some_and(|today| sprint.end <= today));
        let Some(sprint) = due.map(|sprint| sprint.id) else {
            let note = match plan.active_sprint() {
                None => "no sprint is active".to_owned(),
                Some(sprint) => format!("{} ends on {}", sprint.id, sprint.end),
            };
            return end(engine, project, schedule, firing, (false, &note)).await;
        };
        let is_next = plan.next_sprint().is_some();
        let carry_to = if is_next {
            CarryTo::Next
        } else {
            CarryTo::Nowhere
        };
        let close = Command::CloseSprint { sprint, carry_to };
        command(engine, project, close).await?;
    }
    let ask = Ask {
        kind: ReportKind::SprintReview,
        role: schedule.spec.role.to_string(),
        as_of: None,
    };
    publish(engine, project, schedule, firing, ask, "").await
}

/// The day that the schedule's clock shows at an instant.
fn local_day(plan: &Plan, schedule: &Schedule, at: Timestamp) -> Option<Day> {
    let zone = plan.zone_of(schedule).ok()?;
    zone.local(at.0).map(|local| local.day)
}
