//! Sprints as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::{View, count, texts, time};
use crate::plan::import::ImportedSprint;
use crate::plan::model::{ScopeChange, Sprint, SprintResult};
use crate::plan::time::Timestamp;
use crate::report::sprint::burndown;

impl View<'_> {
    /// The sprint that is active; none when none is.
    pub(super) fn active_sprint(&self) -> Option<wire::ActiveSprint> {
        let sprint = self.plan.active_sprint()?;
        let (open, completed) = self.plan.progress_of(sprint);
        Some(wire::ActiveSprint {
            id: sprint.id.to_string(),
            goal: sprint.goal.to_string(),
            start_date: sprint.start.to_string(),
            end_date: sprint.end.to_string(),
            tasks: count(sprint.tasks.len()),
            completed,
            open,
        })
    }

    /// A sprint.
    pub(in super::super) fn sprint(&self, sprint: &Sprint) -> wire::Sprint {
        let commitment = sprint.commitment.as_ref();
        let result = sprint.result.as_ref();
        let (open, completed) = match result {
            Some(result) => (count(result.carried_over.len()), result.completed),
            None => self.plan.progress_of(sprint),
        };
        let newest = self.plan.last_at().0;
        let days = burndown(self.plan, sprint, Timestamp(self.now_ms.max(newest)));
        let days = days.into_iter().map(|day| wire::BurndownDay {
            date: day.day.to_string(),
            open: day.open,
        });
        let target = result.and_then(|result| result.carried_to);
        wire::Sprint {
            id: sprint.id.to_string(),
            number: sprint.id.0,
            goal: sprint.goal.to_string(),
            start_date: sprint.start.to_string(),
            end_date: sprint.end.to_string(),
            status: enums::sprint_status(sprint.status).into(),
            tasks: texts(&sprint.tasks),
            open,
            completed,
            committed: commitment.map_or(0, |it| it.tasks),
            warning: commitment.map_or_else(String::new, |it| it.warning.to_string()),
            scope_changes: sprint.scope_changes.iter().map(scope_change).collect(),
            burndown: days.collect(),
            carried_over: result.map_or_else(Vec::new, |it| texts(&it.carried_over)),
            carried_to: target.map_or_else(String::new, |it| it.to_string()),
            sessions_used: result.map_or(0, |it| it.sessions),
            velocity: result.map_or_else(String::new, |it| velocity(it)),
            planned_by: sprint.planned_by.to_string(),
            planned_at: Some(time(sprint.planned_at)),
            committed_by: commitment.map_or_else(String::new, |it| it.by.to_string()),
            committed_at: commitment.map(|it| time(it.at)),
            closed_by: result.map_or_else(String::new, |it| it.by.to_string()),
            closed_at: result.map(|it| time(it.at)),
            revision: sprint.revision,
            withdrawn_reason: sprint
                .withdrawn
                .as_ref()
                .map_or_else(String::new, |it| it.text.to_string()),
        }
    }
}

/// Completed tasks a session with two decimals; `n/a` when no session was used.
fn velocity(result: &SprintResult) -> String {
    let hundredths = result.velocity().hundredths();
    hundredths.map_or_else(
        || "n/a".to_owned(),
        |it| format!("{}.{:02}", it / 100, it % 100),
    )
}

fn scope_change(change: &ScopeChange) -> wire::SprintScopeChange {
    wire::SprintScopeChange {
        added: texts(&change.added),
        removed: texts(&change.removed),
        reason: change.reason.to_string(),
        by: change.by.to_string(),
        at: Some(time(change.at)),
    }
}

/// A row of a plan file's sprint history.
pub(in super::super) fn history_row(row: &ImportedSprint) -> wire::SprintHistoryRow {
    wire::SprintHistoryRow {
        sprint: row.sprint.clone(),
        dates: row.dates.clone().unwrap_or_default(),
        goal: row.goal.clone().unwrap_or_default(),
        committed: row.committed,
        completed: row.completed,
        velocity: row.velocity.clone().unwrap_or_default(),
    }
}
