//! Phases: from headings, from the overview table, from the headings that tasks stand under. One number is
//! one phase; the phase's own section wins over the overview, and what differs is a diagnostic.

use std::collections::HashMap;

use crate::plan::import::{ImportedPhase, ImportedStatus};

use super::block::Text;
use super::book::{Book, Written};
use super::diagnostic::{code, shown};
use super::heading::{self, PhaseHeading};
use super::key::Key;
use super::overview::Overview;
use super::vocabulary::{self, Reading};
use super::{MAX_PHASES, PlanFileError, table};

/// What is remembered of each phase while the file is read.
#[derive(Debug, Default)]
pub(super) struct PhaseIndex {
    pub(super) by_id: HashMap<String, usize>,
    pub(super) by_name: HashMap<String, usize>,
    /// What the rows of overviews say of a phase, in the order written.
    pub(super) overview: Vec<(usize, Overview)>,
    /// Whether the phase has a heading of its own.
    headed: Vec<bool>,
    /// Whether its section states a status.
    pub(super) stated: Vec<bool>,
}

impl PhaseIndex {
    /// Whether any phase came from an overview and not from a heading.
    pub fn has_unheaded(&self) -> bool {
        self.headed.iter().any(|headed| !headed)
    }
}

/// Adds a phase; `headed` when it has a heading of its own.
pub(super) fn add(
    book: &mut Book,
    phase: ImportedPhase,
    headed: bool,
) -> Result<usize, PlanFileError> {
    if book.plan.phases.len() >= MAX_PHASES {
        return Err(PlanFileError::TooMany {
            what: "phases",
            limit: MAX_PHASES,
        });
    }
    let place = book.plan.phases.len();
    if let Some(id) = &phase.id {
        book.phases.by_id.insert(id.to_lowercase(), place);
    }
    book.phases
        .by_name
        .entry(table::name(&phase.name))
        .or_insert(place);
    book.phases.headed.push(headed);
    book.phases.stated.push(false);
    book.plan.phases.push(phase);
    Ok(place)
}

/// Opens the phase that a heading names: a new one, or the one it names again.
pub(super) fn open(
    book: &mut Book,
    found: PhaseHeading,
    text: &Text,
) -> Result<usize, PlanFileError> {
    let line = text.line;
    let name = book.title(
        &Text {
            text: found.name,
            ..text.clone()
        },
        "a phase's name",
    );
    if let Some(remark) = found.remark {
        book.notes.add(line, code::HEADING_REMARK_NOT_IMPORTED, || {
            format!(
                "`{}` after the phase's name is not imported",
                shown(&remark)
            )
        });
    }
    let known = match &found.id {
        Some(id) => book.phases.by_id.get(&id.to_lowercase()).copied(),
        None => book.phases.by_name.get(&table::name(&name)).copied(),
    };
    let place = match known {
        Some(place) if !book.phases.headed[place] => {
            book.phases.headed[place] = true;
            let phase = &mut book.plan.phases[place];
            phase.name = name;
            phase.line = line;
            place
        }
        Some(place) if table::name(&book.plan.phases[place].name) == table::name(&name) => place,
        Some(place) => {
            let first = book.plan.phases[place].line;
            let id = found.id.unwrap_or_default();
            book.notes.add(line, code::DUPLICATE_PHASE_ID, || {
                format!(
                    "phase number {id} is taken by the phase at line {first}; this one keeps none"
                )
            });
            add(
                book,
                ImportedPhase {
                    name,
                    line,
                    ..ImportedPhase::default()
                },
                true,
            )?
        }
        None => add(
            book,
            ImportedPhase {
                id: found.id,
                name,
                line,
                ..ImportedPhase::default()
            },
            true,
        )?,
    };
    if found.window.is_some() {
        book.plan.phases[place].window = found.window;
    }
    if let Some(status) = found.status {
        book.plan.phases[place].status = status;
        book.phases.stated[place] = true;
    }
    Ok(place)
}

/// Finds the phase that a cell names, or makes it.
pub(super) fn of_cell(book: &mut Book, cell: &Text) -> Result<Option<usize>, PlanFileError> {
    let flat = cell.flat();
    if vocabulary::is_none(&flat) {
        return Ok(None);
    }
    let (id, name) = numbered(&flat);
    let known = match &id {
        Some(id) => book.phases.by_id.get(&id.to_lowercase()),
        None => book.phases.by_name.get(&table::name(&name)),
    };
    if let Some(place) = known {
        return Ok(Some(*place));
    }
    let name = book.title(
        &Text {
            text: name,
            ..cell.clone()
        },
        "a phase's name",
    );
    let phase = ImportedPhase {
        id,
        name,
        line: cell.line,
        ..ImportedPhase::default()
    };
    add(book, phase, true).map(Some)
}

/// "1", "Phase 1: Setup" and "1. Setup" as a number and a name.
pub(super) fn numbered(text: &str) -> (Option<String>, String) {
    let body = heading::phase_word(text).map_or(text, |(_, rest)| rest);
    match heading::number(body) {
        Some((id, rest)) => {
            let name = rest.trim_start_matches(|next: char| {
                next.is_whitespace() || matches!(next, ':' | '.' | '-' | '–' | '—' | ')')
            });
            let name = if name.is_empty() {
                format!("Phase {id}")
            } else {
                name.to_owned()
            };
            (Some(id.to_owned()), name)
        }
        None => (None, text.to_owned()),
    }
}

/// Reads a status and says so when it is doubtful or unreadable.
pub(super) fn status_of(book: &mut Book, text: &Text, of: &str) -> Option<ImportedStatus> {
    if text.struck {
        return Some(ImportedStatus::Cancelled);
    }
    let flat = text.flat();
    match vocabulary::status(&flat, &book.legend) {
        Reading::Empty => None,
        Reading::Is(status) => Some(status),
        Reading::Perhaps(status) => {
            book.notes.add(text.line, code::AMBIGUOUS_STATUS, || {
                format!(
                    "`{}` has several meanings and the file no legend; read as {status:?}",
                    shown(&flat)
                )
            });
            Some(status)
        }
        Reading::Unreadable => {
            let mut text = text.clone();
            text.text = flat.clone();
            if super::placeholder::find(&text) == super::placeholder::Holds::Only {
                book.value(&text, "a status");
            } else {
                book.notes.add(text.line, code::UNREADABLE_STATUS, || {
                    format!("`{}` is no status; {of} counts as planned", shown(&flat))
                });
            }
            None
        }
    }
}

/// Takes one key line of a phase's own section; `false` when the key is none of a phase's.
pub(super) fn take_key(book: &mut Book, phase: usize, key: Key, value: &Text) -> bool {
    match key {
        Key::Goal | Key::Description => {
            if let Some(goal) = book.value(value, "a phase's goal") {
                book.plan.phases[phase].goal.get_or_insert(goal);
            }
        }
        Key::Status => {
            if let Some(status) = status_of(book, value, "the phase") {
                book.plan.phases[phase].status = status;
                book.phases.stated[phase] = true;
            }
        }
        Key::Role => {
            if let Some(role) = book.value(value, "a phase's role") {
                book.plan.phases[phase].lead_role.get_or_insert(role);
            }
        }
        Key::Criteria => {
            if let Some(criteria) = book.value(value, "success criteria") {
                book.plan.phases[phase]
                    .criteria
                    .extend(sentences(&criteria));
            }
        }
        Key::Progress => {
            let text = value.flat();
            book.written.push(Written::Progress {
                phase: Some(phase),
                text,
                line: value.line,
            });
        }
        Key::Depends => {
            if book.value(value, "a phase's dependencies").is_some() {
                book.notes.add(value.line, code::PHASE_DEPENDENCY_NOT_IMPORTED, || {
                    "phases wait for the one before them; other dependencies of a phase are set by hand"
                        .to_owned()
                });
            }
        }
        Key::Project
        | Key::SprintGoal
        | Key::SprintDates
        | Key::SprintTasks
        | Key::DocumentStatus
        | Key::CurrentPhase
        | Key::Unused
        | Key::Deliverables
        | Key::Tasks
        | Key::Priority
        | Key::Dependents
        | Key::Estimate
        | Key::Area
        | Key::Notes
        | Key::Legend => return false,
    }
    true
}

/// Criteria written as one text, a sentence each; an abbreviation or a version does not end one.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, mark) in text
        .char_indices()
        .filter(|(_, mark)| matches!(mark, '.' | '!' | '?' | ';'))
    {
        let end = at + mark.len_utf8();
        let rest = &text[end..];
        let next = rest.trim_start().chars().next();
        let abbreviation = ["e.g.", "i.e.", "vs.", "etc.", "approx.", "No."]
            .iter()
            .any(|short| text[start..end].ends_with(short));
        let opens = next.is_some_and(|next| !next.is_lowercase()) || mark == ';';
        if rest.starts_with(' ') && opens && !abbreviation {
            found.push(text[start..end].trim_end_matches(';').trim().to_owned());
            start = end;
        }
    }
    found.push(text[start..].trim().to_owned());
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// Puts the phases in the order of their numbers when an overview stated some without a section; else the
/// order written is the plan's.
pub(super) fn settle_order(book: &mut Book) {
    let numbers: Option<Vec<Vec<u32>>> = book
        .plan
        .phases
        .iter()
        .map(|phase| {
            phase
                .id
                .as_deref()?
                .split('.')
                .map(|part| part.parse().ok())
                .collect()
        })
        .collect();
    let Some(numbers) = numbers.filter(|_| book.phases.has_unheaded()) else {
        return;
    };
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|left, right| numbers[*left].cmp(&numbers[*right]));
    let mut place_of = vec![0; order.len()];
    for (place, old) in order.iter().enumerate() {
        place_of[*old] = place;
    }
    let mut phases: Vec<Option<ImportedPhase>> = std::mem::take(&mut book.plan.phases)
        .into_iter()
        .map(Some)
        .collect();
    book.plan.phases = order.iter().filter_map(|old| phases[*old].take()).collect();
    for task in &mut book.plan.tasks {
        task.phase = place_of[task.phase];
    }
    for written in &mut book.written {
        if let Written::Progress {
            phase: Some(phase), ..
        } = written
        {
            *phase = place_of[*phase];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_split_in_sentences() {
        let text = "Runs locally. CI/CD is green, e.g. On main; p95 < 0.2 s. Version 1.2 is out";
        assert_eq!(
            sentences(text),
            [
                "Runs locally.",
                "CI/CD is green, e.g. On main",
                "p95 < 0.2 s.",
                "Version 1.2 is out"
            ]
        );
        assert!(sentences("").is_empty());
    }
}
