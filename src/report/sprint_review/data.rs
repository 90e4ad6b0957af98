//! The sprint review as data. Field names are stable; lists are cut at
//! [`LISTED_MAX`](crate::report::data::LISTED_MAX) and stand beside their totals.

use serde::{Deserialize, Serialize};

use crate::plan::event::Severity;
use crate::plan::id::{BlockerId, SprintId};
use crate::plan::model::SprintStatus;
use crate::report::data::{Head, Moment, ProjectRef, TaskRef};

/// The sprint review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SprintReview {
    /// The project.
    pub project: ProjectRef,
    /// The instant it was made for.
    pub now: Moment,
    /// The sprint; none when there is none.
    pub sprint: Option<SprintFacts>,
    /// The last sprints that are over, the oldest first, those that plan files tell of before those closed here.
    pub history: Vec<SprintRow>,
    /// How many sprints are over.
    pub history_total: u32,
    /// Open blockers of the project that are critical.
    pub blockers_critical: u32,
    /// The event the report reaches up to.
    pub head: Head,
}

/// A sprint and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SprintFacts {
    /// Its id.
    pub id: SprintId,
    /// What it was to reach.
    pub goal: String,
    /// Where it stands.
    pub status: SprintStatus,
    /// Its first day.
    pub start_date: String,
    /// Its last day.
    pub end_date: String,
    /// Its last day has passed and it is not closed.
    pub overdue: bool,
    /// When it was committed; none before.
    pub committed_at: Option<Moment>,
    /// When it was closed; none before.
    pub closed_at: Option<Moment>,
    /// How many tasks were committed then.
    pub committed: u32,
    /// That this was more than the sprints before it got done; empty when it was not.
    pub warning: String,
    /// Its tasks now.
    pub tasks_total: u32,
    /// Of its tasks, those completed.
    pub completed: Vec<TaskRef>,
    /// How many; of a closed sprint as it was when it was closed.
    pub completed_total: u32,
    /// Integer percent of its tasks that are completed, rounded half up; none when it has none.
    pub completion_percent: Option<u32>,
    /// Tasks that were not finished when it was closed; of an active sprint those that are open.
    pub carried_over: Vec<TaskRef>,
    /// How many.
    pub carried_over_total: u32,
    /// The sprint they went into; none when they were only named.
    pub carried_to: Option<SprintId>,
    /// Committed tasks that were taken out, put off or given up.
    pub withdrawn: Vec<WithdrawnTask>,
    /// How many.
    pub withdrawn_total: u32,
    /// How its scope changed after the commitment, in the order of that.
    pub scope_changes: Vec<ScopeStep>,
    /// How many times.
    pub scope_changes_total: u32,
    /// Sessions that claimed something while it was active; of an active sprint those that worked since its
    /// commitment, as far as the plan tells.
    pub sessions: u32,
    /// Tasks a session in hundredths, rounded half up; none when no session was used.
    pub hundredths: Option<u32>,
    /// Open tasks at the end of each day from the commitment on.
    pub burndown: Vec<DayEnd>,
    /// Days planned from the commitment to the last day, both inside.
    pub planned_days: u32,
    /// What held its tasks up.
    pub blockers: Vec<SprintBlocker>,
    /// How many such blockers.
    pub blockers_total: u32,
    /// How its estimates came out.
    pub estimates: EstimateAccuracy,
}

/// A committed task that is not to be done in the sprint any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawnTask {
    /// The task.
    pub task: TaskRef,
    /// `taken_out`, `deferred` or `cancelled`.
    pub how: String,
    /// Why; empty when nothing was said.
    pub reason: String,
}

/// A change of what was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeStep {
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: String,
    /// Tasks that came in.
    pub added: Vec<TaskRef>,
    /// How many.
    pub added_total: u32,
    /// Tasks that were taken out.
    pub removed: Vec<TaskRef>,
    /// How many.
    pub removed_total: u32,
    /// Why.
    pub reason: String,
}

/// The end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayEnd {
    /// The day in the project's time zone.
    pub day: String,
    /// Committed tasks that were open at its end.
    pub open: u32,
}

/// Something that held a task of the sprint up while it was active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SprintBlocker {
    /// Its id.
    pub id: BlockerId,
    /// What stood in the way.
    pub reason: String,
    /// How bad it was.
    pub severity: Severity,
    /// The tasks of the sprint that it named.
    pub tasks: Vec<TaskRef>,
    /// How many.
    pub tasks_total: u32,
    /// Since when.
    pub since: Moment,
    /// When it was settled; none while it is open.
    pub settled: Option<Moment>,
    /// How long it stood in the way, in milliseconds; of one that is open until now.
    pub duration_ms: u64,
    /// How it was settled; empty while it is open.
    pub resolution: String,
}

/// How estimates came out, of completed tasks of which an estimate and the time held are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateAccuracy {
    /// How many such tasks there are.
    pub tasks: u32,
    /// What they were thought to take, in minutes.
    pub estimated_minutes: u64,
    /// How long they were held, in minutes rounded half up.
    pub actual_minutes: u64,
    /// Actual by estimated in integer percent, rounded half up; none of no task.
    pub percent: Option<u32>,
    /// Those that are furthest off, the furthest first, at most 5.
    pub furthest: Vec<EstimatedTask>,
}

/// A task with its estimate and what it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimatedTask {
    /// The task.
    pub task: TaskRef,
    /// What it was thought to take, in minutes.
    pub estimated_minutes: u64,
    /// How long it was held, in minutes rounded half up.
    pub actual_minutes: u64,
}

/// A sprint that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SprintRow {
    /// Its id, or what a file called it.
    pub sprint: String,
    /// Its days, as a file wrote them where one did; empty when nothing is known.
    pub dates: String,
    /// What it was to reach; empty when nothing is known.
    pub goal: String,
    /// Tasks committed; none when nothing is known.
    pub committed: Option<u32>,
    /// Tasks completed; none when nothing is known.
    pub completed: Option<u32>,
    /// Tasks a session in hundredths; none when nothing is known.
    pub hundredths: Option<u32>,
    /// Velocity as a file wrote it; empty otherwise.
    pub velocity_text: String,
}
