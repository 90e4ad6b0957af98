//! The sprint history: rows kept as written, numbers read where they are numbers.

use crate::plan::import::ImportedSprint;

use super::block::{Row, Text};
use super::book::Book;
use super::diagnostic::{code, shown};
use super::{MAX_TASKS, PlanFileError, vocabulary};

/// Takes the rows of the table.
pub(super) fn table(book: &mut Book, names: &[String], rows: &[Row]) -> Result<(), PlanFileError> {
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    let velocity = names.iter().position(|name| name.starts_with("velocity"));
    for row in rows {
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| row.cells.get(column))
                .cloned()
                .unwrap_or_default()
        };
        let Some(sprint) = book.entry_name(&cell(Some(0)), row.line, "a sprint") else {
            continue;
        };
        if book.plan.sprints.len() >= MAX_TASKS {
            return Err(PlanFileError::TooMany {
                what: "sprints",
                limit: MAX_TASKS,
            });
        }
        let entry = ImportedSprint {
            sprint,
            dates: book.whole_value(&cell(place("dates")), "the sprint's dates"),
            goal: book.value(&cell(place("goal")), "the sprint's goal"),
            committed: number(book, &cell(place("committed"))),
            completed: number(book, &cell(place("completed"))),
            velocity: book.value(&cell(velocity), "the velocity"),
            line: row.line,
        };
        book.plan.sprints.push(entry);
    }
    Ok(())
}

fn number(book: &mut Book, cell: &Text) -> Option<u32> {
    let text = cell.flat();
    if vocabulary::is_none(&text) {
        return None;
    }
    let number = text.parse().ok();
    if number.is_none() {
        book.notes.add(cell.line, code::UNREADABLE_NUMBER, || {
            format!("`{}` is no number of tasks", shown(&text))
        });
    }
    number
}
