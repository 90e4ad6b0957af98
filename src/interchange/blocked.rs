//! The blocked queue: each row is linked to the one task that its name reaches, or says that it reaches none.

use std::collections::HashSet;

use crate::plan::import::{ImportedBlocker, ImportedStatus};

use super::block::{Row, Text};
use super::book::Book;
use super::diagnostic::{code, shown};
use super::resolve::Resolver;
use super::{MAX_TASKS, PlanFileError, edges};

fn add(book: &mut Book, entry: ImportedBlocker) -> Result<(), PlanFileError> {
    if book.plan.blockers.len() >= MAX_TASKS {
        return Err(PlanFileError::TooMany {
            what: "blocked tasks",
            limit: MAX_TASKS,
        });
    }
    book.plan.blockers.push(entry);
    Ok(())
}

/// Takes the rows of the table.
pub(super) fn table(book: &mut Book, names: &[String], rows: &[Row]) -> Result<(), PlanFileError> {
    let place = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&name.as_str()))
    };
    let task = place(&["task", "title", "item", "what"]).unwrap_or(0);
    let reason = place(&["blocked by", "blocker", "reason", "why"]);
    let since = place(&["since", "blocked since", "date"]);
    let path = place(&[
        "resolution path",
        "resolution",
        "next step",
        "action",
        "unblock",
    ]);
    for row in rows {
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| row.cells.get(column))
                .cloned()
                .unwrap_or_default()
        };
        let Some(task_text) = book.entry_name(&cell(Some(task)), row.line, "a blocked task") else {
            continue;
        };
        let entry = ImportedBlocker {
            task_text,
            task: None,
            reason: book
                .value(&cell(reason), "what blocks it")
                .unwrap_or_default(),
            since: book.whole_value(&cell(since), "since when it is blocked"),
            resolution_path: book.value(&cell(path), "the resolution path"),
            line: row.line,
        };
        add(book, entry)?;
    }
    Ok(())
}

/// Takes one entry of a list: "Task: reason".
pub(super) fn item(book: &mut Book, text: &Text) -> Result<(), PlanFileError> {
    let Some(whole) = book.entry_name(text, text.line, "a blocked task") else {
        return Ok(());
    };
    let parted = [" — ", " – ", " - ", ": "]
        .iter()
        .find_map(|mark| whole.split_once(mark));
    let (task_text, reason) = parted.unwrap_or((whole.as_str(), ""));
    let (task_text, reason) = (task_text.trim().to_owned(), reason.trim().to_owned());
    add(
        book,
        ImportedBlocker {
            task_text,
            reason,
            line: text.line,
            ..ImportedBlocker::default()
        },
    )
}

/// Links every row to its task.
pub(super) fn link(book: &mut Book, resolver: &Resolver) {
    for place in 0..book.plan.blockers.len() {
        let blocker = &book.plan.blockers[place];
        let (tasks, lost) = edges::clause(resolver, &blocker.task_text);
        if let ([task], true) = (tasks.as_slice(), lost.is_empty()) {
            book.plan.blockers[place].task = Some(*task);
        } else {
            let (line, text) = (blocker.line, shown(&blocker.task_text));
            let count = tasks.len();
            book.notes
                .add(line, code::BLOCKER_WITHOUT_TASK, || match count {
                    0 => format!(
                        "`{text}` names no task; it blocks nothing until it is linked to one"
                    ),
                    _ => format!(
                        "`{text}` names no single task; it blocks nothing until it is linked to one"
                    ),
                });
        }
    }
    let linked: HashSet<usize> = book
        .plan
        .blockers
        .iter()
        .filter_map(|blocker| blocker.task)
        .collect();
    for (place, task) in book.plan.tasks.iter().enumerate() {
        let (code, said) = match task.status {
            ImportedStatus::InProgress => (code::IN_PROGRESS_AS_PLANNED, "in progress"),
            ImportedStatus::InReview => (code::IN_REVIEW_AS_PLANNED, "in review"),
            ImportedStatus::Blocked if !linked.contains(&place) => {
                (code::BLOCKED_AS_PLANNED, "blocked")
            }
            ImportedStatus::Blocked
            | ImportedStatus::Planned
            | ImportedStatus::Completed
            | ImportedStatus::Deferred
            | ImportedStatus::Cancelled => continue,
        };
        book.notes.add(task.line, code, || {
            format!("`{}` is {said} and comes in as planned", shown(&task.title))
        });
    }
}
