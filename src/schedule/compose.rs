//! Reports made of a plan, its log and what is known beside it. The same plan, window and facts give the same
//! document, byte for byte, today or a year later.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::engine::{EngineError, EngineHandle};
use crate::plan::Plan;
use crate::plan::command::NewReport;
use crate::plan::event::{Recorded, ReportKind};
use crate::plan::forecast::Forecast;
use crate::plan::id::TaskId;
use crate::plan::model::Report;
use crate::plan::time::Timestamp;
use crate::report::blockers::{self, BlockerInput};
use crate::report::data::Head;
use crate::report::document::Document;
use crate::report::oversight::{self, OversightInput};
use crate::report::sprint_review::{self, SprintReviewInput};
use crate::report::stakeholder_update::{self, StakeholderInput};
use crate::report::standup::{self, BeatFact, BeatFacts, StandupInput};
use crate::report::weekly_review::{self, WeeklyInput};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// A report never tells of more than this.
const WINDOW_MAX_MS: i64 = 31 * DAY_MS;
/// Open tasks of a plan of which a forecast is made for a report.
const OPEN_TASKS_MAX: u32 = 5_000;
/// Runs of such a forecast.
const FORECAST_RUNS: u32 = 1_000;
/// Leases whose signs of life are kept with a report.
const LEASES_MAX: usize = 500;

/// Which report.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What it tells.
    pub kind: ReportKind,
    /// The role it is for, by slug; empty = the coordinator.
    pub role: String,
    /// The version of the plan and the instant it is made for; none = as it is now.
    pub as_of: Option<(u64, Timestamp)>,
}

/// What was known beside the log, as it is kept with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Beside {
    at_ms: i64,
    /// Task, last sign of life and time left of each live lease, in milliseconds.
    leases: Vec<(TaskId, i64, u64)>,
}

impl Beside {
    fn of(engine: &EngineHandle, project: &str) -> Self {
        let leases = engine.lease_facts(project).into_iter().take(LEASES_MAX);
        Self {
            at_ms: engine.now_ms(),
            leases: leases
                .map(|fact| (fact.task, fact.last_beat_ms, fact.remaining_ms))
                .collect(),
        }
    }

    fn beats(&self) -> BeatFacts {
        let leases = self.leases.iter();
        BeatFacts {
            at: Timestamp(self.at_ms),
            leases: leases
                .map(|(task, last_beat_ms, remaining_ms)| BeatFact {
                    task: *task,
                    last_beat: Timestamp(*last_beat_ms),
                    remaining_ms: *remaining_ms,
                })
                .collect(),
        }
    }
}

/// What is known beside the log of a project's live leases, as of an instant.
pub fn beats(engine: &EngineHandle, project: &str, at: Timestamp) -> BeatFacts {
    let leases = engine.lease_facts(project).into_iter();
    BeatFacts {
        at,
        leases: leases
            .map(|fact| BeatFact {
                task: fact.task,
                last_beat: Timestamp(fact.last_beat_ms),
                remaining_ms: fact.remaining_ms,
            })
            .collect(),
    }
}

/// What a report is made of, beside the plan.
#[derive(Debug, Clone)]
pub struct Told {
    kind: ReportKind,
    role: String,
    since: Timestamp,
    until: Timestamp,
    beside: Option<Beside>,
}

/// A report that was made.
#[derive(Debug, Clone)]
pub struct Composed {
    /// The report.
    pub document: Document,
    /// The version of the plan it tells of.
    pub as_of: u64,
    told: Told,
}

impl Composed {
    /// The report as it is published.
    ///
    /// # Errors
    /// What was known beside the log has no JSON.
    pub fn new_report(&self) -> Result<NewReport, EngineError> {
        let facts = match &self.told.beside {
            None => String::new(),
            Some(beside) => serde_json::to_string(beside).map_err(|_| EngineError::Unreadable)?,
        };
        Ok(NewReport {
            kind: self.told.kind,
            title: self.document.title(),
            urgency: self.document.urgency(),
            role: self.told.role.clone(),
            run: None,
            since: self.told.since,
            until: self.told.until,
            as_of: self.as_of,
            facts,
            document: self.document.to_json(),
            note: String::new(),
            channels: Vec::new(),
        })
    }
}

/// Makes a report of a project.
///
/// # Errors
/// There is no such project, or its history cannot be read.
pub async fn compose(
    engine: &EngineHandle,
    project: &str,
    ask: Ask,
) -> Result<Composed, EngineError> {
    let (plan, until) = match ask.as_of {
        Some((version, at)) => (engine.plan_at(project, version).await?, at),
        None => {
            let plan = engine.known_plan(project)?;
            // Recorded time never falls, so the newest event may be ahead of the clock.
            let now = Timestamp(engine.now_ms()).max(plan.last_at());
            (plan, now)
        }
    };
    let beside = looks_beside(ask.kind).then(|| Beside::of(engine, project));
    let told = Told {
        kind: ask.kind,
        since: since(&plan, &ask, until),
        role: ask.role,
        until,
        beside,
    };
    make(engine, project, plan, told).await
}

/// Makes a published report again, of the log up to its version and the facts kept with it.
///
/// # Errors
/// The history cannot be read.
pub async fn reproduce(
    engine: &EngineHandle,
    project: &str,
    report: &Report,
    facts: &str,
) -> Result<Composed, EngineError> {
    let beside = match facts {
        "" => None,
        facts => Some(serde_json::from_str(facts).map_err(|_| EngineError::Unreadable)?),
    };
    let plan = engine.plan_at(project, report.as_of).await?;
    let told = Told {
        kind: report.kind,
        role: report.role.to_string(),
        since: report.since,
        until: report.until,
        beside,
    };
    make(engine, project, plan, told).await
}

/// Whether a report tells of signs of life.
fn looks_beside(kind: ReportKind) -> bool {
    matches!(kind, ReportKind::Standup | ReportKind::Oversight)
}

/// Where the time begins that a report tells of: where the one before it ended, else a day or a week ago.
fn since(plan: &Plan, ask: &Ask, until: Timestamp) -> Timestamp {
    let before = plan.reports().rev().find(|report| {
        report.kind == ask.kind && *report.role == *ask.role && report.until <= until
    });
    let usual_ms = match ask.kind {
        ReportKind::Standup | ReportKind::Blockers | ReportKind::Oversight => DAY_MS,
        ReportKind::WeeklyReview | ReportKind::StakeholderUpdate | ReportKind::SprintReview => {
            7 * DAY_MS
        }
    };
    let usual = Timestamp(until.0.saturating_sub(usual_ms));
    let earliest = Timestamp(until.0.saturating_sub(WINDOW_MAX_MS));
    before.map_or(usual, |report| report.until).max(earliest)
}

async fn make(
    engine: &EngineHandle,
    project: &str,
    plan: Arc<Plan>,
    told: Told,
) -> Result<Composed, EngineError> {
    let version = plan.version();
    let events = match told.kind {
        // They tell how things stand, and of no window.
        ReportKind::Blockers | ReportKind::SprintReview => Vec::new(),
        ReportKind::Standup
        | ReportKind::WeeklyReview
        | ReportKind::StakeholderUpdate
        | ReportKind::Oversight => engine.window(project, told.since, version).await?,
    };
    let hash = engine.hash(project, version).await?;
    let head = Head { version, hash };
    let making = tokio::task::spawn_blocking(move || {
        let document = build(&plan, &events, &told, head);
        Composed {
            document,
            as_of: version,
            told,
        }
    });
    making.await.map_err(|_| EngineError::Unreadable)
}

/// A forecast of a plan of moderate size, from a seed that follows from its version; none of a larger one, or while
/// nothing is open.
pub fn forecast(plan: &Arc<Plan>, now: Timestamp, runs: u32) -> Option<Forecast> {
    let open = plan.total().open();
    if open == 0 || open > OPEN_TASKS_MAX {
        return None;
    }
    plan.forecast(now, plan.version(), runs).ok()
}

fn build(plan: &Arc<Plan>, events: &[Arc<Recorded>], told: &Told, head: Head) -> Document {
    let Told {
        kind,
        role,
        since,
        until: now,
        beside,
    } = told;
    let (since, now) = (*since, *now);
    let beats = beside.as_ref().map(Beside::beats);
    match kind {
        ReportKind::Standup => Document::Standup(Box::new(standup::build(StandupInput {
            plan,
            events,
            since,
            now,
            beats,
            head,
        }))),
        ReportKind::Blockers => {
            let input = BlockerInput { plan, now, head };
            Document::Blockers(Box::new(blockers::build(input)))
        }
        ReportKind::WeeklyReview => {
            let forecast = forecast(plan, now, FORECAST_RUNS);
            let input = WeeklyInput {
                plan,
                events,
                since,
                now,
                forecast: forecast.as_ref(),
                attendees: &[],
                head,
            };
            Document::WeeklyReview(Box::new(weekly_review::build(input)))
        }
        ReportKind::StakeholderUpdate => {
            let forecast = forecast(plan, now, FORECAST_RUNS);
            let input = StakeholderInput {
                plan,
                events,
                since,
                now,
                forecast: forecast.as_ref(),
                head,
            };
            Document::StakeholderUpdate(Box::new(stakeholder_update::build(input)))
        }
        ReportKind::SprintReview => {
            let input = SprintReviewInput {
                plan,
                sprint: None,
                now,
                head,
            };
            Document::SprintReview(Box::new(sprint_review::build(input)))
        }
        ReportKind::Oversight => {
            let input = OversightInput {
                plan,
                events,
                since,
                now,
                beats,
                role,
                head,
            };
            Document::Oversight(Box::new(oversight::build(input)))
        }
    }
}
