//! What an edit changed, in words.

use crate::plan::event::{ImportCounts, On, ProjectUpdated, TaskChanges};
use crate::plan::id::TaskId;
use crate::report::words::count;

/// What a dependency points at.
pub(super) fn named(on: &On) -> String {
    match on {
        On::Task(task) => task.to_string(),
        On::Phase(id) => format!("phase {id}"),
        On::AllAbove => "all above".to_owned(),
    }
}

/// Which of a project's words changed.
pub(super) fn updated(event: &ProjectUpdated) -> String {
    let changed = [
        (event.name.is_some(), "name"),
        (event.description.is_some(), "description"),
        (event.settings.is_some(), "settings"),
    ];
    format!("{} changed", those(&changed))
}

/// Which of a task's words changed.
pub(super) fn edited(changes: &TaskChanges) -> String {
    let changed = [
        (changes.title.is_some(), "title"),
        (changes.description.is_some(), "description"),
        (changes.area.is_some(), "area"),
        (changes.role.is_some(), "role"),
        (changes.priority.is_some(), "priority"),
        (changes.estimate.is_some(), "estimate"),
        (changes.notes.is_some(), "notes"),
        (changes.acceptance.is_some(), "acceptance"),
        (changes.skills.is_some(), "skills"),
        (changes.alias.is_some(), "alias"),
        (changes.review.is_some(), "review"),
    ];
    those(&changed)
}

/// What a blocker or a decision holds up from here on, and what no more.
pub(super) fn held_up(added: &[TaskId], removed: &[TaskId]) -> String {
    let named = |tasks: &[TaskId]| {
        let ids: Vec<String> = tasks.iter().map(ToString::to_string).collect();
        ids.join(", ")
    };
    match (added.is_empty(), removed.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("holds up {}", named(added)),
        (true, false) => format!("lets {} go on", named(removed)),
        (false, false) => format!("holds up {}, lets {} go on", named(added), named(removed)),
    }
}

fn those(changed: &[(bool, &str)]) -> String {
    let names = changed.iter().filter(|(is, _)| *is).map(|(_, name)| *name);
    names.collect::<Vec<_>>().join(", ")
}

/// What a plan file states.
pub(super) fn stated(counts: ImportCounts) -> String {
    let stated = [
        (counts.phases, "phase", "phases"),
        (counts.tasks, "task", "tasks"),
        (counts.blockers, "blocker", "blockers"),
        (counts.discovered, "discovered task", "discovered tasks"),
        (counts.decisions, "decision", "decisions"),
    ];
    stated
        .into_iter()
        .filter(|(number, _, _)| *number > 0)
        .map(|(number, one, many)| count(number, one, many))
        .collect::<Vec<_>>()
        .join(", ")
}
