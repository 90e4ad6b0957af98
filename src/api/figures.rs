//! What the daemon shows of itself in numbers, gathered when it is asked for: counts kept by the engine and
//! the interface, and what the published plans say. Costs nothing while nobody asks.

use std::sync::atomic::Ordering::Relaxed;

use super::Api;
use super::meter::CallFigures;
use crate::engine::Counted;
use crate::plan::Plan;
use crate::plan::model::{ProjectStatus, Tally};

/// The project under which those beyond the limit are added up; no slug begins like this.
pub const OTHERS: &str = "_others";

/// Everything at one moment, but not in one: counts move on while they are read.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Methods that were called.
    pub calls: Vec<CallFigures>,
    /// Calls that were not carried out, by reason.
    pub refusals: Vec<(&'static str, u64)>,
    /// Open connections.
    pub connections: usize,
    /// Submissions that wait for the writer.
    pub queued: usize,
    /// Claims that wait for a task.
    pub waiting_claims: usize,
    /// Open watches.
    pub watchers: usize,
    /// Limits of these four and of projects, by name; none is unlimited.
    pub limits: Vec<(&'static str, usize)>,
    /// How long commits took, in microseconds.
    pub commit_micros: Counted,
    /// Events of each commit.
    pub commit_events: Counted,
    /// Bytes of all documents committed.
    pub committed_bytes: u64,
    /// Leases that ended without their holder's doing, by cause.
    pub expiries: [(&'static str, u64); 2],
    /// Whether the store takes writes.
    pub writable: bool,
    /// Projects by status.
    pub projects: Vec<(&'static str, u64)>,
    /// The first projects by slug; the last may be `OTHERS`.
    pub plans: Vec<PlanFigures>,
}

/// One project, or several added up.
#[derive(Debug, Clone, Default)]
pub struct PlanFigures {
    /// Its slug.
    pub slug: String,
    /// Tasks by status.
    pub tasks: Tally,
    /// Tasks that could be claimed right now.
    pub ready: u64,
    /// Tasks with a live lease.
    pub live_leases: u64,
    /// Open blockers.
    pub open_blockers: u64,
    /// Events in its log.
    pub events: u64,
}

impl PlanFigures {
    fn add(&mut self, plan: &Plan) {
        self.tasks.add(&plan.total());
        self.ready += plan.ready_total();
        self.live_leases += plan.live_count() as u64;
        self.open_blockers += plan.open_blocker_count() as u64;
        self.events += plan.version();
    }

    /// Tasks by the name of their status.
    pub fn tasks_by_status(&self) -> [(&'static str, u32); 7] {
        let tasks = &self.tasks;
        [
            ("planned", tasks.planned),
            ("claimed", tasks.claimed),
            ("in_progress", tasks.in_progress),
            ("in_review", tasks.in_review),
            ("completed", tasks.completed),
            ("deferred", tasks.deferred),
            ("cancelled", tasks.cancelled),
        ]
    }
}

impl Api {
    /// The figures now; at most `plans_max` projects stand alone. Looks once at each phase of each project.
    pub fn figures(&self, plans_max: usize) -> Figures {
        let meter = self.engine.meter();
        let limits = self.engine.limits();
        let (projects, plans) = self.plan_figures(plans_max);
        Figures {
            calls: self.meter.calls(),
            refusals: self.meter.refusals(),
            connections: self.meter.connections.load(Relaxed),
            queued: meter.queued.load(Relaxed),
            waiting_claims: meter.waiting_claims.load(Relaxed),
            watchers: self.engine.watchers(),
            limits: vec![
                ("projects", limits.projects),
                ("queued_requests", limits.queued_requests),
                ("waiting_claims", limits.waiting_claims),
                ("watchers", limits.watchers),
            ],
            commit_micros: meter.commit_micros.counted(),
            commit_events: meter.commit_events.counted(),
            committed_bytes: meter.committed_bytes.load(Relaxed),
            expiries: [
                ("silence", meter.silences.load(Relaxed)),
                ("hard_limit", meter.hard_limits.load(Relaxed)),
            ],
            writable: self.engine.writable().is_ok(),
            projects,
            plans,
        }
    }

    fn plan_figures(&self, plans_max: usize) -> (Vec<(&'static str, u64)>, Vec<PlanFigures>) {
        let mut statuses = [
            ("draft", 0),
            ("active", 0),
            ("paused", 0),
            ("archived", 0),
            ("completed", 0),
        ];
        let mut plans: Vec<PlanFigures> = Vec::new();
        for slug in self.engine.projects() {
            let Some(plan) = self.engine.plan(&slug) else {
                continue;
            };
            if let Some(project) = plan.project() {
                let place = match project.status {
                    ProjectStatus::Draft => 0,
                    ProjectStatus::Active => 1,
                    ProjectStatus::Paused => 2,
                    ProjectStatus::Archived => 3,
                    ProjectStatus::Completed => 4,
                };
                statuses[place].1 += 1;
            }
            let slug = if plans.len() < plans_max {
                slug
            } else {
                OTHERS.to_owned()
            };
            match plans.last_mut() {
                Some(last) if last.slug == slug => last.add(&plan),
                Some(_) | None => {
                    let mut figures = PlanFigures {
                        slug,
                        ..PlanFigures::default()
                    };
                    figures.add(&plan);
                    plans.push(figures);
                }
            }
        }
        (statuses.to_vec(), plans)
    }

    /// Why the daemon should be sent no calls for now, as a sentence; none when it may.
    pub fn unready(&self) -> Option<String> {
        if self.engine.is_draining() {
            return Some("the daemon is stopping".to_owned());
        }
        self.engine.writable().err().map(|error| error.to_string())
    }
}
