//! The plan as far as it is read, with what waits for the whole file; the one place where placeholders are
//! dropped or lose their brackets.

use std::collections::HashMap;

use crate::plan::import::ImportedPlan;

use super::block::Text;
use super::diagnostic::{Diagnostics, code, shown};
use super::phases::PhaseIndex;
use super::placeholder::{self, Holds};
use super::vocabulary::{self, Legend};

/// What a task's row says that waits for the other tasks.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The number of its row, when that is no id.
    pub label: Option<String>,
    /// The names it depends on, and their line.
    pub depends: Option<(String, u32)>,
    /// The names that depend on it, and their line.
    pub dependents: Option<(String, u32)>,
}

/// A number written by hand that follows from the rows.
#[derive(Debug)]
pub(super) enum Written {
    Progress {
        phase: Option<usize>,
        text: String,
        line: u32,
    },
    CurrentPhase {
        text: String,
        line: u32,
    },
}

/// The plan as far as it is read.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub plan: ImportedPlan,
    pub notes: Diagnostics,
    pub legend: Legend,
    pub phases: PhaseIndex,
    /// Beside each task of the plan.
    pub pending: Vec<Pending>,
    /// Beside each decision of the plan: what it says it blocks.
    pub clauses: Vec<Option<String>>,
    /// The ids taken, in lower case, with the line of their task.
    pub ids: HashMap<String, u32>,
    pub written: Vec<Written>,
    /// The line of the sprint dates in the header.
    pub sprint_dates_line: u32,
    /// The names of the sprint's tasks, and their line.
    pub sprint_tasks: Option<(String, u32)>,
    /// How many dependencies are stated.
    pub stated: usize,
}

impl Book {
    /// A value as written; none when empty, a none-word or nothing but a placeholder.
    pub fn value(&mut self, text: &Text, what: &str) -> Option<String> {
        let flat = text.flat();
        if vocabulary::is_none(&flat) {
            return None;
        }
        match placeholder::find(text) {
            Holds::Nothing => Some(flat),
            Holds::Some => {
                self.note_placeholder(text, &flat, || format!("{what}: holds a placeholder"));
                Some(flat)
            }
            Holds::Only => {
                self.note_placeholder(text, &flat, || format!("{what}: a placeholder, dropped"));
                None
            }
        }
    }

    /// A value that is worth nothing with a placeholder anywhere in it, such as a date.
    pub fn whole_value(&mut self, text: &Text, what: &str) -> Option<String> {
        let holds = placeholder::find(text) == Holds::Nothing;
        self.value(text, what).filter(|_| holds)
    }

    /// A task's title or a phase's name: kept, without the brackets of placeholders.
    pub fn title(&mut self, text: &Text, what: &str) -> String {
        let flat = text.flat();
        if placeholder::find(text) == Holds::Nothing {
            return flat;
        }
        self.note_placeholder(text, &flat, || {
            format!("{what}: a placeholder, kept without brackets")
        });
        placeholder::without_brackets(text)
    }

    /// The name of an entry of a queue or register; a placeholder or an empty name is a diagnostic and no
    /// entry.
    pub fn entry_name(&mut self, text: &Text, line: u32, what: &str) -> Option<String> {
        let flat = text.flat();
        if flat.is_empty() {
            self.notes
                .add(line, code::EMPTY_ROW, || format!("{what} has no name"));
            return None;
        }
        if placeholder::find(text) == Holds::Only {
            self.note_placeholder(text, &flat, || format!("{what}: a placeholder, left out"));
            return None;
        }
        Some(flat)
    }

    /// Says that a text is a placeholder.
    pub fn note_placeholder(&mut self, text: &Text, flat: &str, message: impl FnOnce() -> String) {
        let shown = shown(flat);
        self.notes.add(text.line, code::PLACEHOLDER, || {
            format!("{}: `{shown}`", message())
        });
    }
}
