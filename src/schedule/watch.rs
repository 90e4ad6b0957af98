//! Watches projects between two reports: looks for what people should know and has the change recorded. What stands
//! is in the published plans, so after a restart nothing is told twice; of the watcher's own there are only forecasts,
//! which are made anew.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::compose::{beats, forecast};
use crate::engine::{EngineError, EngineHandle};
use crate::plan::Plan;
use crate::plan::command::{Command, FOUND_MAX, Watching};
use crate::plan::event::RaisedMark;
use crate::plan::forecast::Forecast;
use crate::plan::time::Timestamp;
use crate::report::watch::{MarkInput, present};

/// How long a forecast is good for: it is dear, and days move slowly.
const FORECAST_AGAIN_MS: i64 = 60 * 60 * 1_000;
/// Runs of such a forecast.
const FORECAST_RUNS: u32 = 200;

/// A forecast of a project.
struct Foretold {
    /// When it was made, or was to be made in vain.
    at: Timestamp,
    /// None of a plan of which none is made.
    forecast: Option<Arc<Forecast>>,
}

/// Watches all projects.
pub struct Watcher {
    engine: EngineHandle,
    interval: Duration,
    foretold: BTreeMap<String, Foretold>,
}

impl Watcher {
    /// A watcher of a running engine that looks once in an interval.
    pub fn new(engine: EngineHandle, interval: Duration) -> Self {
        Self {
            engine,
            interval,
            foretold: BTreeMap::new(),
        }
    }

    /// Looks at every project, one after the other; says how long to wait for the next look.
    pub async fn look(&mut self) -> Duration {
        if self.engine.writable().is_err() {
            return self.interval;
        }
        let projects = self.engine.projects();
        // The engine names them in order.
        self.foretold
            .retain(|project, _| projects.binary_search(project).is_ok());
        for project in projects {
            if self.engine.is_draining() {
                break;
            }
            let Some(plan) = self.engine.plan(&project) else {
                continue;
            };
            // What rests or is over keeps nobody waiting.
            if plan.keeps_time() {
                self.escalate(&project, &plan).await;
                self.mark(&project, plan).await;
            }
        }
        self.interval
    }

    /// Escalates what is open for longer than the project allows, all of it before anybody is told.
    async fn escalate(&self, project: &str, plan: &Arc<Plan>) {
        let mut plan = Arc::clone(plan);
        while plan
            .to_escalate(Timestamp(self.engine.now_ms()))
            .next()
            .is_some()
        {
            let before = plan.version();
            let escalate = Command::Watch(Watching::Escalate);
            match self.engine.order(project, escalate).await {
                Ok(after) if after.version() > before => plan = after,
                Ok(_) | Err(EngineError::Draining) => return,
                Err(error) => {
                    tracing::warn!(
                        project.id = project,
                        outcome = error.in_short(),
                        "blockers were not escalated; the next look tries again"
                    );
                    return;
                }
            }
            tracing::info!(project.id = project, "blockers were escalated");
        }
    }

    async fn mark(&mut self, project: &str, plan: Arc<Plan>) {
        let now = Timestamp(self.engine.now_ms()).max(plan.last_at());
        self.foretell(project, &plan, now).await;
        let foretold = self.foretold.get(project);
        let forecast = foretold.and_then(|it| Some((it.forecast.clone()?, it.at)));
        let beats = beats(&self.engine, project, now);
        let looked = Arc::clone(&plan);
        let found = aside(move || {
            let forecast = forecast.as_ref().map(|(it, at)| (&**it, *at));
            let found = present(MarkInput {
                plan: &looked,
                now,
                beats: &beats,
                forecast,
            });
            looked.marks_after(&found).map(|_| found)
        });
        let Some(Some(found)) = found.await else {
            return;
        };
        self.record(project, found).await;
    }

    async fn record(&self, project: &str, mut found: Vec<RaisedMark>) {
        // Far more than may stand; a look with more would be refused whole.
        found.truncate(FOUND_MAX);
        let mark = Command::Watch(Watching::Mark(found));
        match self.engine.order(project, mark).await {
            Ok(_) => {}
            Err(EngineError::Draining) => {}
            Err(error) => tracing::warn!(
                project.id = project,
                outcome = error.in_short(),
                "marks were not recorded; the next look tries again"
            ),
        }
    }

    /// Makes a forecast where one is needed and the one at hand is old.
    async fn foretell(&mut self, project: &str, plan: &Arc<Plan>, now: Timestamp) {
        if !asks_for_a_forecast(plan) {
            self.foretold.remove(project);
            return;
        }
        let fresh = self.foretold.get(project).is_some_and(|foretold| {
            // A clock that was set back makes it void.
            (0..FORECAST_AGAIN_MS).contains(&(now.0 - foretold.at.0))
        });
        if fresh {
            return;
        }
        let plan = Arc::clone(plan);
        let made = aside(move || forecast(&plan, now, FORECAST_RUNS).map(Arc::new)).await;
        let foretold = Foretold {
            at: now,
            forecast: made.flatten(),
        };
        self.foretold.insert(project.to_owned(), foretold);
    }
}

/// Whether a forecast says something about a milestone that has a day.
fn asks_for_a_forecast(plan: &Plan) -> bool {
    let mut ahead = plan.milestones_ahead();
    ahead.any(|milestone| milestone.is_linked() && plan.due_day(milestone).is_some())
}

/// Does what may take a while off the async threads; none when it could not be done.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Some(done),
        Err(error) => {
            tracing::warn!(outcome = %error, "a look at a project was cut off");
            None
        }
    }
}
