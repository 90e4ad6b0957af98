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

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use crate::engine::{EngineError, EngineHandle};
use crate::plan::Plan;
use crate::plan::command::{Command, Timing};
use crate::plan::model::Schedule;
use crate::plan::recurrence::Slot;

pub use compose::{Ask, Composed, Told, beats, compose, forecast, reproduce};
pub use published::{Addressing, Nowhere, Published, PublishedError, published};
pub use urgent::Herald;
pub use watch::Watcher;

/// The longest between two looks: clocks jump, and machines sleep.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How long to wait before something is tried again that there was no room for.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// The shortest: a clock that stands still keeps nobody busy.
const LOOK_SOON: Duration = Duration::from_millis(10);

/// Projects that are looked after at one time: a report that takes its time holds up those of few others.
const AT_ONCE: usize = 4;

/// When the schedules of a project are due next, as long as nothing about them changes.
struct Ahead {
    revision: u64,
    next_ms: Option<i64>,
    /// The clock when this was worked out; one set back makes it void.
    looked_ms: i64,
}

impl Ahead {
    /// Leaves a project alone for a while, unless something about its schedules has changed or does so meanwhile.
    fn resting(revision: u64, looked_ms: i64, pause: Duration) -> Self {
        let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        Self {
            revision,
            next_ms: Some(looked_ms.saturating_add(pause_ms)),
            looked_ms,
        }
    }
}

/// A project that was looked after, and what is ahead of it; nothing when it is gone.
type Looked = (String, Option<Ahead>);

/// Looks after the schedules of all projects, a few side by side, each by one task at a time.
pub struct Scheduler {
    engine: EngineHandle,
    addressing: Arc<dyn Addressing>,
    ahead: BTreeMap<String, Ahead>,
    tasks: JoinSet<Looked>,
    /// The projects that are looked after now, by the task that does.
    busy: HashMap<Id, String>,
    /// The project that got the last task. The next one goes to one behind it, so that nobody waits for long.
    last: String,
}

impl Scheduler {
    /// A scheduler of a running engine.
    pub fn new(engine: EngineHandle) -> Self {
        Self {
            engine,
            addressing: Arc::new(Nowhere),
            ahead: BTreeMap::new(),
            tasks: JoinSet::new(),
            busy: HashMap::new(),
            last: String::new(),
        }
    }

    /// The same; what it publishes goes where `addressing` says.
    pub fn addressing(mut self, addressing: Arc<dyn Addressing>) -> Self {
        self.addressing = addressing;
        self
    }

    /// Begins to look after every project that something is due of, as far as there is room; says how long nothing
    /// else will be. Those that are looked after already are left to whoever does. Must be called within a tokio
    /// runtime.
    pub fn look(&mut self) -> Duration {
        let mut pause = LOOK_AGAIN;
        // The engine has said so; whatever were tried would be tried in vain.
        if self.engine.writable().is_err() {
            return pause;
        }
        let projects = self.engine.projects();
        // The engine names them in order.
        self.ahead
            .retain(|project, _| projects.binary_search(project).is_ok());
        let behind = projects.partition_point(|project| *project <= self.last);
        let (before, after) = projects.split_at(behind);
        for project in after.iter().chain(before) {
            if self.engine.is_draining() {
                break;
            }
            if self.busy.values().any(|busy| busy == project) {
                continue;
            }
            match self.left(project) {
                Some(left) => pause = pause.min(left),
                // Whoever ends first makes room.
                None if self.busy.len() >= AT_ONCE => {}
                None => self.begin(project),
            }
        }
        pause
    }

    /// Waits until a project was looked after, after which there may be more to do; for ever while there is none.
    pub async fn looked_after(&mut self) {
        let Some(ended) = self.tasks.join_next_with_id().await else {
            return std::future::pending().await;
        };
        match ended {
            Ok((id, (project, ahead))) => {
                self.busy.remove(&id);
                match ahead {
                    Some(ahead) => self.ahead.insert(project, ahead),
                    None => self.ahead.remove(&project),
                };
            }
            Err(error) => {
                let Some(project) = self.busy.remove(&error.id()) else {
                    return;
                };
                let error = error.to_string();
                tracing::error!(
                    project.id = project,
                    error,
                    "the schedules of a project could not be looked after; it is tried again"
                );
                if let Some(plan) = self.engine.plan(&project) {
                    let (revision, now_ms) = (plan.timetable_revision(), self.engine.now_ms());
                    let ahead = Ahead::resting(revision, now_ms, LOOK_AGAIN);
                    self.ahead.insert(project, ahead);
                }
            }
        }
    }

    /// How long nothing is due of a project; none when something may be.
    fn left(&self, project: &str) -> Option<Duration> {
        let Some(plan) = self.engine.plan(project) else {
            return Some(LOOK_AGAIN);
        };
        let now_ms = self.engine.now_ms();
        let ahead = self.ahead.get(project)?;
        let is_idle = ahead.revision == plan.timetable_revision()
            && ahead.looked_ms <= now_ms
            && ahead.next_ms.is_none_or(|next_ms| next_ms > now_ms);
        if !is_idle {
            return None;
        }
        let left = ahead.next_ms.map(|next_ms| next_ms.saturating_sub(now_ms));
        let left = left.and_then(|left| u64::try_from(left).ok());
        Some(left.map_or(LOOK_AGAIN, |left| {
            Duration::from_millis(left).max(LOOK_SOON)
        }))
    }

    fn begin(&mut self, project: &str) {
        let looking = Looking {
            engine: self.engine.clone(),
            addressing: Arc::clone(&self.addressing),
            project: project.to_owned(),
        };
        let task = self.tasks.spawn(looking.look_after());
        self.busy.insert(task.id(), project.to_owned());
        project.clone_into(&mut self.last);
    }

    /// Looks, and waits for all that was begun.
    #[cfg(test)]
    async fn look_and_wait(&mut self) {
        self.look();
        while !self.busy.is_empty() {
            self.looked_after().await;
        }
    }
}

/// One project that is looked after.
struct Looking {
    engine: EngineHandle,
    addressing: Arc<dyn Addressing>,
    project: String,
}

impl Looking {
    async fn look_after(self) -> Looked {
        let Some(plan) = self.engine.plan(&self.project) else {
            return (self.project, None);
        };
        let now_ms = self.engine.now_ms();
        let revision = plan.timetable_revision();
        let ahead = if self.turn_to(&plan, now_ms).await {
            Ahead {
                revision,
                next_ms: next_ms(&plan, now_ms),
                looked_ms: now_ms,
            }
        } else {
            // What fired is looked at again with the plan it left; what was tried in vain waits for better times.
            Ahead::resting(revision, self.engine.now_ms(), TRY_AGAIN)
        };
        (self.project, Some(ahead))
    }

    /// Does what is to be done in a project; false when it is to be looked at again soon.
    async fn turn_to(&self, plan: &Arc<Plan>, now_ms: i64) -> bool {
        let (engine, project) = (&self.engine, self.project.as_str());
        let mut whole = true;
        for schedule in plan.schedules() {
            if let Some(firing) = &schedule.under_way {
                work::carry_out(engine, &*self.addressing, project, schedule, firing).await;
                whole = false;
            }
            let Some(turn) = plan.turn(schedule, now_ms) else {
                continue;
            };
            let newest = turn.fire.or(turn.missed.map(|missed| missed.last));
            if let Some(due) = newest {
                fire(engine, project, schedule, due.slot).await;
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
