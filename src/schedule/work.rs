//! What a run of a schedule does. Whatever happens in the middle of it, it can be begun again: the run ends in the
//! same append as its report is published, and a sprint that is closed is not closed twice.

use super::compose::{Ask, compose};
use super::published::Addressing;
use super::{may_pass, submit};
use crate::engine::{EngineError, EngineHandle};
use crate::plan::Plan;
use crate::plan::command::{CarryTo, Checking, Command, Timing};
use crate::plan::day::Day;
use crate::plan::event::{Job, ReportKind};
use crate::plan::model::{Firing, Schedule};
use crate::plan::time::Timestamp;

/// How long after it fired a run tells of the plan as it stands, in milliseconds.
const RECENT_MS: u64 = 60_000;

/// Carries a run out. What may pass by itself is left under way; anything else ends it.
pub(super) async fn carry_out(
    engine: &EngineHandle,
    addressing: &dyn Addressing,
    project: &str,
    schedule: &Schedule,
    firing: &Firing,
) {
    let run = Run {
        engine,
        addressing,
        project,
        schedule,
        firing,
    };
    let done = match schedule.spec.job {
        Job::Standup => run.report(ReportKind::Standup).await,
        Job::Blockers => run.report(ReportKind::Blockers).await,
        Job::WeeklyReview => run.report(ReportKind::WeeklyReview).await,
        Job::StakeholderUpdate => run.report(ReportKind::StakeholderUpdate).await,
        Job::Oversight => run.report(ReportKind::Oversight).await,
        Job::SprintClose => run.close_sprint().await,
        Job::Checklist => run.start_checklist().await,
        // Done as soon as it fired; nothing is left to do.
        Job::Reminder => run.end(false, "").await,
    };
    let Err(error) = done else { return };
    let name = &*schedule.name;
    tracing::warn!(
        project.id = project,
        schedule.name = name,
        schedule.run = firing.run,
        outcome = error.in_short(),
        "a run of a schedule did not come to its end"
    );
    if may_pass(&error) {
        return;
    }
    let why = match &error {
        EngineError::Refused(refusal) => refusal.message.clone(),
        other => other.to_string(),
    };
    // Where not even this is recorded, the next look finds the run as it is.
    if let Err(error) = run.end(true, &why).await {
        tracing::debug!(
            project.id = project,
            schedule.name = name,
            outcome = error.in_short(),
            "the end of a run is not recorded"
        );
    }
}

/// A run that is carried out.
#[derive(Clone, Copy)]
struct Run<'a> {
    engine: &'a EngineHandle,
    addressing: &'a dyn Addressing,
    project: &'a str,
    schedule: &'a Schedule,
    firing: &'a Firing,
}

impl Run<'_> {
    /// Starts the checklist; whoever gives its items their results goes on from there.
    async fn start_checklist(self) -> Result<(), EngineError> {
        let start = Command::Check(Checking::Start {
            run: Some((self.schedule.name.to_string(), self.firing.run)),
        });
        self.engine.order(self.project, start).await.map(|_| ())
    }

    /// Ends it without a report.
    async fn end(self, failed: bool, note: &str) -> Result<(), EngineError> {
        let end = Timing::End {
            schedule: self.schedule.name.to_string(),
            run: self.firing.run,
            failed,
            note: note.to_owned(),
        };
        submit(self.engine, self.project, end).await.map(|_| ())
    }

    /// Publishes the report of the plan as it stands, or, when the run was cut off a while ago, as it stood when the
    /// schedule fired.
    async fn report(self, kind: ReportKind) -> Result<(), EngineError> {
        let fired_at = self.firing.fired_at;
        // A plan that has moved on would have to be folded anew from its whole log.
        let is_recent = self.engine.now_ms().abs_diff(fired_at.0) <= RECENT_MS;
        let ask = Ask {
            kind,
            role: self.schedule.spec.role.to_string(),
            as_of: (!is_recent).then_some((self.firing.version, fired_at)),
        };
        self.publish(ask).await
    }

    async fn publish(self, ask: Ask) -> Result<(), EngineError> {
        let composed = compose(self.engine, self.project, ask).await?;
        let mut report = composed.new_report()?;
        report.run = Some((self.schedule.name.to_string(), self.firing.run));
        report.channels = self.addressing.channels_for(self.project, &report);
        let publish = Timing::Publish(Box::new(report));
        submit(self.engine, self.project, publish).await.map(|_| ())
    }

    /// Closes the sprint whose last day has come, and publishes its review; what is unfinished goes into the next
    /// one when one is planned.
    async fn close_sprint(self) -> Result<(), EngineError> {
        let Self {
            engine,
            project,
            schedule,
            firing,
            ..
        } = self;
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
                return self.end(false, &note).await;
            };
            let is_next = plan.next_sprint().is_some();
            let carry_to = if is_next {
                CarryTo::Next
            } else {
                CarryTo::Nowhere
            };
            let close = Command::CloseSprint { sprint, carry_to };
            engine.order(project, close).await?;
        }
        let ask = Ask {
            kind: ReportKind::SprintReview,
            role: schedule.spec.role.to_string(),
            as_of: None,
        };
        self.publish(ask).await
    }
}

/// The day that the schedule's clock shows at an instant.
fn local_day(plan: &Plan, schedule: &Schedule, at: Timestamp) -> Option<Day> {
    let zone = plan.zone_of(schedule).ok()?;
    zone.local(at.0).map(|local| local.day)
}
