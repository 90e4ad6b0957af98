//! Publishes a blocker report at once when a blocker became urgent. What is untold follows from the published plan, and
//! the core takes each report only while it tells of something that no other has, so a restart tells nothing twice.

use std::sync::Arc;
use std::time::Duration;

use super::compose::{Ask, compose};
use super::published::{Addressing, Nowhere};
use super::{LOOK_AGAIN, LOOK_SOON, TRY_AGAIN, may_pass};
use crate::engine::{EngineError, EngineHandle};
use crate::plan::command::{Command, Watching};
use crate::plan::event::ReportKind;
use crate::plan::refusal::Reason;
use crate::plan::time::Timestamp;

/// Tells of urgent blockers in all projects.
pub struct Herald {
    engine: EngineHandle,
    addressing: Arc<dyn Addressing>,
}

impl Herald {
    /// A herald of a running engine.
    pub fn new(engine: EngineHandle) -> Self {
        Self {
            engine,
            addressing: Arc::new(Nowhere),
        }
    }

    /// The same; what it publishes goes where `addressing` says.
    pub fn addressing(mut self, addressing: Arc<dyn Addressing>) -> Self {
        self.addressing = addressing;
        self
    }

    /// Tells what is untold; says how long nothing else will be as long as no blocker becomes urgent.
    pub async fn look(&self) -> Duration {
        let mut pause = LOOK_AGAIN;
        if self.engine.writable().is_err() {
            return pause;
        }
        for project in self.engine.projects() {
            if self.engine.is_draining() {
                break;
            }
            pause = pause.min(self.look_after(&project).await);
        }
        pause
    }

    async fn look_after(&self, project: &str) -> Duration {
        let Some(plan) = self.engine.plan(project) else {
            return LOOK_AGAIN;
        };
        let Some(untold) = plan.untold() else {
            return LOOK_AGAIN;
        };
        let now = Timestamp(self.engine.now_ms());
        if let Some(until) = plan.quiet_until(now) {
            return Duration::from_millis(until.since_ms(now)).max(LOOK_SOON);
        }
        let role = untold.schedule.spec.role.to_string();
        match self.tell(project, role).await {
            Ok(()) => {
                tracing::info!(project.id = project, "an urgent blocker was told of");
                LOOK_AGAIN
            }
            // Another report was first.
            Err(EngineError::Refused(refusal)) if refusal.reason == Reason::SlotNotDue => {
                tracing::debug!(
                    project.id = project,
                    outcome = refusal.reason.code(),
                    "an urgent blocker was not told of"
                );
                LOOK_AGAIN
            }
            Err(error) => {
                tracing::warn!(
                    project.id = project,
                    outcome = error.in_short(),
                    "an urgent blocker could not be told of; it is tried again"
                );
                if may_pass(&error) {
                    TRY_AGAIN
                } else {
                    LOOK_AGAIN
                }
            }
        }
    }

    async fn tell(&self, project: &str, role: String) -> Result<(), EngineError> {
        let ask = Ask {
            kind: ReportKind::Blockers,
            role,
            as_of: None,
        };
        let composed = compose(&self.engine, project, ask).await?;
        let mut report = composed.new_report()?;
        report.channels = self.addressing.channels_for(project, &report);
        let tell = Command::Watch(Watching::Tell(Box::new(report)));
        self.engine.order(project, tell).await.map(|_| ())
    }
}
