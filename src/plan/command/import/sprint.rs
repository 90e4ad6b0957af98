//! The sprint that a file's header states: planned with its goal, its days and its tasks, unless one is ahead.

use super::super::super::id::TaskId;
use super::super::super::import::{Diagnostic, ImportedPlan, ImportedStatus};
use super::super::super::state::Plan;
use super::super::sprint::{SPRINTS_MAX, TASKS_MAX};
use super::super::{NewSprint, text};
use super::{clip_line, diagnose};

/// The sprint to be planned; none when the header states none, or when one is ahead already. What is left out of
/// it is a diagnostic.
pub fn stated(
    plan: &Plan,
    file: &ImportedPlan,
    ids: &[TaskId],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<NewSprint> {
    let header = &file.header;
    let (start, end) = header.sprint_days.filter(|(start, end)| start <= end)?;
    let goal = clip_line(header.sprint_goal.as_deref()?, text::LINE_CHARS_MAX);
    if goal.is_empty() {
        return None;
    }
    let line = header.sprint_line;
    if let Some(ahead) = plan.sprints().find(|sprint| sprint.status.is_ahead()) {
        let message = format!(
            "the sprint of the header is not planned: {} is {}",
            ahead.id,
            ahead.status.as_str()
        );
        diagnose(diagnostics, line, "sprint_not_planned", message);
        return None;
    }
    if plan.sprints().count() >= SPRINTS_MAX {
        let message =
            format!("the sprint of the header is not planned: {SPRINTS_MAX} are the limit");
        diagnose(diagnostics, line, "sprint_not_planned", message);
        return None;
    }
    let is_over = |place: usize| {
        let status = file.tasks.get(place).map(|task| task.status);
        matches!(
            status,
            None | Some(
                ImportedStatus::Completed | ImportedStatus::Deferred | ImportedStatus::Cancelled
            )
        )
    };
    let named = header.sprint_tasks.iter().copied();
    let open = named.filter(|place| !is_over(*place));
    let mut tasks: Vec<String> = open
        .filter_map(|place| ids.get(place).map(TaskId::to_string))
        .collect();
    let over = header.sprint_tasks.len() - tasks.len();
    if over > 0 {
        let message = format!("{over} tasks of the sprint are over and not in it");
        diagnose(diagnostics, line, "sprint_task_over", message);
    }
    if tasks.len() > TASKS_MAX {
        let more = tasks.len() - TASKS_MAX;
        let message = format!("{more} more tasks of the sprint are not taken into it");
        diagnose(diagnostics, line, "sprint_tasks_cut", message);
        tasks.truncate(TASKS_MAX);
    }
    Some(NewSprint {
        goal,
        start,
        end,
        tasks,
    })
}
