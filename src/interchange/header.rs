//! The key lines above the phases: the project's name, description and sprint. What is written by hand and
//! can be computed (current phase, progress) is only remembered, to be compared.

use crate::plan::import::DocumentStatus;

use super::block::Text;
use super::book::{Book, Written};
use super::diagnostic::{code, shown};
use super::key::Key;
use super::sprint;

/// Takes one key line that stands outside every phase; `false` when the key is none of the header's.
pub(super) fn take(book: &mut Book, key: Key, value: &Text) -> bool {
    match key {
        Key::Project => {
            let value = book.value(value, "the project's name");
            set(&mut book.plan.header.name, value);
        }
        Key::Description => {
            let value = book.value(value, "the description");
            set(&mut book.plan.header.description, value);
        }
        Key::SprintGoal => sprint::goal(book, value),
        Key::SprintDates => sprint::dates(book, value),
        Key::SprintTasks => sprint::tasks(book, value),
        Key::DocumentStatus => document_status(book, value),
        Key::CurrentPhase => {
            if let Some(text) = book.value(value, "the current phase") {
                book.written.push(Written::CurrentPhase {
                    text,
                    line: value.line,
                });
            }
        }
        Key::Progress => {
            let written = Written::Progress {
                phase: None,
                text: value.flat(),
                line: value.line,
            };
            book.written.push(written);
        }
        Key::Unused => {
            if book.value(value, "a date of the header").is_some() {
                book.notes.add(value.line, code::HEADER_NOT_IMPORTED, || {
                    "start and target dates are not imported; set them on the project".to_owned()
                });
            }
        }
        Key::Goal
        | Key::Status
        | Key::Role
        | Key::Criteria
        | Key::Deliverables
        | Key::Tasks
        | Key::Priority
        | Key::Depends
        | Key::Dependents
        | Key::Estimate
        | Key::Area
        | Key::Notes
        | Key::Legend => return false,
    }
    true
}

/// What the file says of its own standing among its revisions.
fn document_status(book: &mut Book, value: &Text) {
    let Some(text) = book.value(value, "the document's status") else {
        return;
    };
    let status = match text.trim().trim_end_matches('.').to_lowercase().as_str() {
        "draft" | "in review" | "proposed" | "wip" => DocumentStatus::Draft,
        "current" | "active" | "approved" | "final" | "live" => DocumentStatus::Current,
        "superseded" | "obsolete" | "deprecated" | "archived" | "replaced" => {
            DocumentStatus::Superseded
        }
        _ => {
            book.notes.add(value.line, code::UNREADABLE_STATUS, || {
                let shown = shown(&text);
                format!("`{shown}` is no document status; write draft, current or superseded")
            });
            return;
        }
    };
    book.plan.header.document_status.get_or_insert(status);
}

pub(super) fn set(field: &mut Option<String>, value: Option<String>) {
    if field.is_none() {
        *field = value;
    }
}
