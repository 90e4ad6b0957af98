//! Phases: from headings, from the overview table, from the headings that tasks stand under. One number is
//! one phase; the phase's own section wins over the overview, and what differs is a diagnostic.

use std::collections::HashMap;

use crate::plan::import::{ImportedPhase, ImportedStatus};

use super::block::{Row, Text};
use super::book::{Book, Written};
use super::diagnostic::{code, shown};
use super::heading::{self, PhaseHeading};
use super::key::Key;
use super::vocabulary::{self, Reading};
use super::{MAX_PHASES, PlanFileError, table};

/// What is remembered of each phase while the file is read.
#[derive(Debug, Default)]
pub(super) struct PhaseIndex {
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// What the overview says, by the phase's place.
    overview: HashMap<usize, Overview>,
    /// Whether the phase has a heading of its own.
    headed: Vec<bool>,
    /// Whether its section states a status.
    stated: Vec<bool>,
}

#[derive(Debug)]
struct Overview {
    name: String,
    status: Option<ImportedStatus>,
    goal: Option<String>,
    line: u32,
}

impl PhaseIndex {
    /// Whether any phase came from an overview and not from a heading.
    pub fn has_unheaded(&self) -> bool {
        self.headed.iter().any(|headed| !headed)
    }
}

fn add(book: &mut Book, phase: ImportedPhase, headed: bool) -> Result<usize, PlanFileError> {
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
fn numbered(text: &str) -> (Option<String>, String) {
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

/// Takes the rows of a table of phases.
pub(super) fn overview(
    book: &mut Book,
    names: &[String],
    rows: &[Row],
) -> Result<(), PlanFileError> {
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
        book.phases.overview.insert(
            phase,
            Overview {
                name,
                status,
                goal,
                line: row.line,
            },
        );
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

/// Settles what the overview adds, and says where it and the phase's own section differ.
pub(super) fn settle_overview(book: &mut Book) {
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
            Some(status) if !stated => phase.status = status,
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
