//! Sprints: the one in the header, with its goal, its days and its tasks as far as they can be read, and the
//! history, whose rows are kept as written, numbers read where they are numbers.

use crate::plan::import::ImportedSprint;

use super::block::{Row, Text};
use super::book::Book;
use super::dates::{self, Unread};
use super::diagnostic::{code, shown};
use super::header::set;
use super::resolve::Resolver;
use super::{MAX_TASKS, PlanFileError, edges, vocabulary};

/// Takes the goal in the header.
pub(super) fn goal(book: &mut Book, value: &Text) {
    let goal = book.value(value, "the sprint goal");
    if goal.is_some() && book.plan.header.sprint_goal.is_none() {
        book.plan.header.sprint_line = value.line;
    }
    set(&mut book.plan.header.sprint_goal, goal);
}

/// Takes the days in the header; those that make no sprint are a diagnostic.
pub(super) fn dates(book: &mut Book, value: &Text) {
    let Some(text) = book.whole_value(value, "the sprint dates") else {
        return;
    };
    if book.plan.header.sprint_dates.is_some() {
        return;
    }
    match dates::span(&text) {
        Ok(days) => book.plan.header.sprint_days = Some(days),
        Err(Unread::Unknown) => book.notes.add(value.line, code::UNREADABLE_DATES, || {
            let shown = shown(&text);
            format!("`{shown}` is no span of days; write 2026-11-02 to 2026-11-15")
        }),
        Err(Unread::OutOfOrder(first, last)) => {
            book.notes.add(value.line, code::DATES_OUT_OF_ORDER, || {
                format!("the sprint ends on {last}, before it begins on {first}; none is planned")
            });
        }
    }
    book.plan.header.sprint_dates = Some(text);
    book.sprint_dates_line = value.line;
}

/// Takes the names of the sprint's tasks, to be looked up once all tasks are known.
pub(super) fn tasks(book: &mut Book, value: &Text) {
    if let Some(text) = book.value(value, "the sprint's tasks") {
        book.sprint_tasks.get_or_insert((text, value.line));
    }
}

/// Finds the tasks of the sprint in the header, and says what of it is left out.
pub(super) fn link(book: &mut Book, resolver: &Resolver) {
    let header = &book.plan.header;
    let is_planned = header.sprint_goal.is_some() && header.sprint_days.is_some();
    if header.sprint_days.is_some() && !is_planned {
        let line = book.sprint_dates_line;
        book.notes.add(line, code::HEADER_NOT_IMPORTED, || {
            "sprint dates without a sprint goal plan no sprint".to_owned()
        });
    }
    let Some((names, line)) = book.sprint_tasks.take() else {
        return;
    };
    if !is_planned {
        book.notes.add(line, code::HEADER_NOT_IMPORTED, || {
            "the sprint's tasks are left out: no sprint is planned without a goal and dates"
                .to_owned()
        });
        return;
    }
    let (tasks, lost) = edges::clause(resolver, &names);
    if !lost.is_empty() {
        book.notes.add(line, code::UNRESOLVED_SPRINT_TASK, || {
            let names = shown(&lost.join(", "));
            format!("`{names}` names no single task; the sprint is planned without it")
        });
    }
    book.plan.header.sprint_tasks = tasks;
}

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
