//! What the daemon does by itself: fires what is due, carries out what fired, makes the reports. It remembers
//! nothing: what is due and what is under way stands in the published plans, so after a restart it simply goes
//! on, and of two daemons at one store one is refused.

mod compose;
mod published;
#[cfg(test)]
mod tests;
mod urgent;
mod watch;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{EngineError, EngineHandle};
use crate::plan::Plan;
use crate::plan::command::{Command, Timing};
use crate::plan::model::Schedule;
use crate::plan::recurrence::Slot;

pub use compose::{Ask, Composed, Told, compose, forecast, reproduce};
pub use published::{Addressing, Nowhere, Published, PublishedError, published};
pub use urgent::Herald;
pub use watch::Watcher;

/// The longest between two looks: clocks jump, and machines sleep.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How long to wait before something is tried again that there was no room for.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// The shortest: a clock that stands still keeps nobody busy.
const LOOK_SOON: Duration = Duration::from_millis(10);

/// When the schedules of a project are due next, as long as nothing about them changes.
struct Ahead {
    revision: u64,
    next_ms: Option<i64>,
    /// The clock when this was worked out; one set back makes it void.
    looked_ms: i64,
}

/// Looks after the schedules of all projects.
pub struct Scheduler {
    engine: EngineHandle,
    addressing: Arc<dyn Addressing>,
    ahead: BTreeMap<String, Ahead>,
}

impl Scheduler {
    /// A scheduler of a running engine.
    pub fn new(engine: EngineHandle) -> Self {
        Self {
            engine,
            addressing: Arc::new(Nowhere),
            ahead: BTreeMap::new(),
        }
    }

    /// The same; what it publishes goes where `addressing` says.
    pub fn addressing(mut self, addressing: Arc<dyn Addressing>) -> Self {
        self.addressing = addressing;
        self
    }

    /// Fires what is due and carries out what has fired; says how long nothing else will be. One look at a time.
    pub async fn look(&mut self) -> Duration {
        let mut pause = LOOK_AGAIN;
        let projects = self.engine.projects();
        // The engine names them in order.
        self.ahead
            .retain(|project, _| projects.binary_search(project).is_ok());
        for project in projects {
            if self.engine.is_draining() {
                break;
            }
            pause = pause.min(self.look_after(&project).await);
        }
        pause
    }

    async fn look_after(&mut self, project: &str) -> Duration {
        let Some(plan) = self.engine.plan(project) else {
            return LOOK_AGAIN;
        };
        let now_ms = self.engine.now_ms();
        let revision = plan.timetable_revision();
        let idle = self.ahead.get(project).is_some_and(|ahead| {
            ahead.revision == revision
                && ahead.looked_ms <= now_ms
                && ahead.next_ms.is_none_or(|next_ms| next_ms > now_ms)
        });
        if !idle {
            let whole = self.turn_to(project, &plan, now_ms).await;
            // What fired or was tried in vain is looked at again with the plan it left.
            if !whole {
                self.ahead.remove(project);
                return TRY_AGAIN;
            }
            let next_ms = next_ms(&plan, now_ms);
            let ahead = Ahead {
                revision,
                next_ms,
                looked_ms: now_ms,
            };
            self.ahead.insert(project.to_owned(), ahead);
        }
        let next_ms = self.ahead.get(project).and_then(|ahead| ahead.next_ms);
        let left = next_ms.map(|next_ms| next_ms.saturating_sub(now_ms).max(0));
        let left = left.and_then(|left| u64::try_from(left).ok());
        left.map_or(LOOK_AGAIN, |left| {
            Duration::from_millis(left).max(LOOK_SOON)
        })
    }

    /// Does what is to be done in a project; false when it is to be looked at again soon.
    async fn turn_to(&self, project: &str, plan: &Arc<Plan>, now_ms: i64) -> bool {
        let mut whole = true;
        for schedule in plan.schedules() {
            if let Some(firing) = &schedule.under_way {
                work::carry_out(&self.engine, &*self.addressing, project, schedule, firing).await;
                whole = false;
            }
            let Some(turn) = plan.turn(schedule, now_ms) else {
                continue;
            };
            let newest = turn.fire.or(turn.missed.map(|missed| missed.last));
            if let Some(due) = newest {
                fire(&self.engine, project, schedule, due.slot).await;
                whole = false;
            }
        }
        whole
    }
}

/// When the next of a project's schedules is due.
fn next_ms(plan: &Plan, now_ms: i64) -> Option<i64> {
    if !plan.keeps_time() {
        return None;
    }
    let going = plan.schedules().filter(|it| it.paused.is_none());
    let next = |schedule: &Schedule| Some(plan.next_times(schedule, now_ms, 1).first()?.at_ms);
    going.filter_map(next).min()
}

async fn fire(engine: &EngineHandle, project: &str, schedule: &Schedule, slot: Slot) {
    let name = schedule.name.to_string();
    let timing = Timing::Fire {
        schedule: name.clone(),
        slot,
    };
    match submit(engine, project, timing).await {
        Ok(_) => tracing::info!(
            project.id = project,
            schedule.name = name,
            schedule.slot = %slot,
            "a schedule had its turn"
        ),
        // Another daemon was first, or somebody changed the schedule.
        Err(EngineError::Refused(refusal)) => tracing::debug!(
            project.id = project,
            schedule.name = name,
            outcome = refusal.reason.code(),
            "a schedule did not fire"
        ),
        Err(error) => tracing::warn!(
            project.id = project,
            schedule.name = name,
            outcome = %error,
            "a schedule could not fire; it is tried again"
        ),
    }
}

async fn submit(
    engine: &EngineHandle,
    project: &str,
    timing: Timing,
) -> Result<Arc<Plan>, EngineError> {
    engine.order(project, Command::Time(timing)).await
}

/// Whether a failure may pass by itself.
fn may_pass(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Overloaded { .. } | EngineError::StoreFull | EngineError::Draining
    )
}
