//! The discovered queue: work found along the way, kept apart from the tasks until it is triaged.

use crate::plan::import::ImportedDiscovered;

use super::block::{Row, Text};
use super::book::Book;
use super::diagnostic::{code, shown};
use super::tasks::priority_of;
use super::{MAX_TASKS, PlanFileError};

fn add(book: &mut Book, entry: ImportedDiscovered) -> Result<(), PlanFileError> {
    if book.plan.discovered.len() >= MAX_TASKS {
        return Err(PlanFileError::TooMany {
            what: "discovered tasks",
            limit: MAX_TASKS,
        });
    }
    book.plan.discovered.push(entry);
    Ok(())
}

/// Takes the rows of the table.
pub(super) fn table(book: &mut Book, names: &[String], rows: &[Row]) -> Result<(), PlanFileError> {
    let place = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&name.as_str()))
    };
    let title = place(&["task", "title", "item", "what", "description"]).unwrap_or(0);
    let found_in = place(&[
        "discovered in",
        "found in",
        "source",
        "session",
        "discovered",
    ]);
    let priority = place(&["priority", "prio"]);
    let sprint = place(&["added to sprint", "in sprint"]);
    for row in rows {
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| row.cells.get(column))
                .cloned()
                .unwrap_or_default()
        };
        let Some(title) = book.entry_name(&cell(Some(title)), row.line, "a discovered task") else {
            continue;
        };
        let entry = ImportedDiscovered {
            title,
            found_in: book.value(&cell(found_in), "where it was found"),
            priority: priority_of(book, &cell(priority)),
            line: row.line,
        };
        let in_sprint = cell(sprint).flat().to_lowercase();
        if in_sprint.starts_with('y')
            || in_sprint.starts_with("sprint")
            || in_sprint.starts_with('✅')
        {
            book.notes.add(row.line, code::DISCOVERED_IN_SPRINT, || {
                format!(
                    "`{}` says it is in a sprint; it comes in untriaged",
                    shown(&entry.title)
                )
            });
        }
        add(book, entry)?;
    }
    Ok(())
}

/// Takes one entry of a list.
pub(super) fn item(book: &mut Book, text: &Text) -> Result<(), PlanFileError> {
    let Some(title) = book.entry_name(text, text.line, "a discovered task") else {
        return Ok(());
    };
    add(
        book,
        ImportedDiscovered {
            title,
            line: text.line,
            ..ImportedDiscovered::default()
        },
    )
}
