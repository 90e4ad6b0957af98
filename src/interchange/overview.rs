//! The overview table: names, states and goals of phases. It makes no tasks; a phase's own section wins, and
//! what differs is a diagnostic.

use crate::plan::import::{ImportedPhase, ImportedStatus};

use super::block::{Row, Text};
use super::book::{Book, Written};
use super::diagnostic::{code, shown};
use super::phases::{add, numbered, status_of};
use super::{PlanFileError, table};

/// What one row says of its phase.
#[derive(Debug)]
pub(super) struct Overview {
    name: String,
    status: Option<ImportedStatus>,
    goal: Option<String>,
    line: u32,
}

/// Takes the rows of a table of phases.
pub(super) fn rows(book: &mut Book, names: &[String], rows: &[Row]) -> Result<(), PlanFileError> {
    let place = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&name.as_str()))
    };
    let name_column = place(&["name", "title", "phase name"]);
    let status_column = place(&["status", "state"]);
    let goal_column = place(&["goal", "description", "purpose", "focus", "objective"]);
    let counts = (
        place(&["tasks", "total", "total tasks"]),
        place(&["completed", "done"]),
    );
    for row in rows {
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| row.cells.get(column))
                .cloned()
                .unwrap_or_default()
        };
        let (id, fallback) = numbered(&cell(Some(0)).flat());
        if id.is_none() && (name_column.is_none() || cell(name_column).flat().is_empty()) {
            book.notes.add(row.line, code::ROW_NOT_IMPORTED, || {
                format!("`{}` names no phase by its number", shown(&fallback))
            });
            continue;
        }
        let name_text = match name_column {
            Some(_) => cell(name_column),
            None => Text {
                text: fallback,
                ..cell(Some(0))
            },
        };
        let name = book.title(&name_text, "a phase's name");
        let status = status_column.and_then(|_| {
            let text = cell(status_column);
            status_of(book, &text, "the phase")
        });
        let goal = book.value(&cell(goal_column), "a phase's goal");
        let phase = known_or_new(book, id, &name, row.line)?;
        if let (Some(_), Some(_)) = counts {
            let (all, done) = (cell(counts.0).flat(), cell(counts.1).flat());
            if done.parse::<u32>().is_ok() {
                let text = format!("{done}/{all}");
                book.written.push(Written::Progress {
                    phase: Some(phase),
                    text,
                    line: row.line,
                });
            }
        }
        book.phases.overview.push((
            phase,
            Overview {
                name,
                status,
                goal,
                line: row.line,
            },
        ));
    }
    Ok(())
}

fn known_or_new(
    book: &mut Book,
    id: Option<String>,
    name: &str,
    line: u32,
) -> Result<usize, PlanFileError> {
    let known = match &id {
        Some(id) => book.phases.by_id.get(&id.to_lowercase()),
        None => book.phases.by_name.get(&table::name(name)),
    };
    match known {
        Some(place) => Ok(*place),
        None => {
            let phase = ImportedPhase {
                id,
                name: name.to_owned(),
                line,
                ..ImportedPhase::default()
            };
            add(book, phase, false)
        }
    }
}

/// Settles what the overview adds, and says where it and the phase's own section differ.
pub(super) fn settle(book: &mut Book) {
    for (place, overview) in std::mem::take(&mut book.phases.overview) {
        let stated = book.phases.stated[place];
        let phase = &mut book.plan.phases[place];
        if table::name(&phase.name) != table::name(&overview.name) {
            let name = shown(&phase.name);
            book.notes
                .add(overview.line, code::PHASE_NAME_MISMATCH, || {
                    format!(
                        "the overview says `{}`, the heading `{name}`, which is kept",
                        shown(&overview.name)
                    )
                });
        }
        match overview.status {
            Some(status) if !stated => {
                phase.status = status;
                book.phases.stated[place] = true;
            }
            Some(status) if status != phase.status => {
                let own = phase.status;
                book.notes.add(overview.line, code::PHASE_STATUS_MISMATCH, || {
                    format!("the overview says {status:?}, the phase's own section {own:?}, which is kept")
                });
            }
            Some(_) | None => {}
        }
        match (overview.goal, &phase.goal) {
            (Some(goal), None) => phase.goal = Some(goal),
            (Some(goal), Some(own)) if goal.trim_end_matches('.') != own.trim_end_matches('.') => {
                book.notes
                    .add(overview.line, code::OVERVIEW_GOAL_NOT_TAKEN, || {
                        format!(
                            "the phase's own section states another goal than `{}`",
                            shown(&goal)
                        )
                    });
            }
            (Some(_) | None, _) => {}
        }
    }
}
