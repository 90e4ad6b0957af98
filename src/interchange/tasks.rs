//! Tasks from rows and from boxes: their words are taken as written, their dependencies are kept as text
//! until every task is known.

use std::collections::hash_map::Entry;

use crate::plan::import::{ImportedStatus, ImportedTask};
use crate::plan::time::Estimate;

use super::block::{Row, Text};
use super::book::{Book, Pending};
use super::diagnostic::{code, shown};
use super::key::Key;
use super::phases::status_of;
use super::table::Column;
use super::vocabulary::{self, Priority};
use super::{MAX_TASKS, PlanFileError, heading};

/// Adds a task; a second use of an id keeps the task and drops the id.
pub(super) fn add(
    book: &mut Book,
    mut task: ImportedTask,
    pending: Pending,
) -> Result<usize, PlanFileError> {
    if book.plan.tasks.len() >= MAX_TASKS {
        return Err(PlanFileError::TooMany {
            what: "tasks",
            limit: MAX_TASKS,
        });
    }
    let place = book.plan.tasks.len();
    if let Some(id) = &task.external_id {
        match book.ids.entry(id.to_lowercase()) {
            Entry::Vacant(free) => {
                free.insert(task.line);
            }
            Entry::Occupied(taken) => {
                let (first, id, line) = (*taken.get(), shown(id), task.line);
                book.notes.add(line, code::DUPLICATE_EXTERNAL_ID, || {
                    format!("the id `{id}` stands at line {first} and at line {line}; the later task keeps none")
                });
                task.external_id = None;
            }
        }
    }
    note_conditions(book, task.notes.as_deref(), task.line);
    book.plan.tasks.push(task);
    book.pending.push(pending);
    Ok(place)
}

/// "ADR required before starting" and its like: something to decide before the work.
fn note_conditions(book: &mut Book, notes: Option<&str>, line: u32) {
    let Some(notes) = notes else { return };
    let lower = notes.to_lowercase();
    let asked = ["required", "needed", "must be decided", "pending"]
        .iter()
        .any(|word| lower.contains(word));
    let before = ["before start", "before begin", "before work", "first"]
        .iter()
        .any(|word| lower.contains(word));
    let decision = ["adr", "decision", "sign-off", "approval"]
        .iter()
        .any(|subject| {
            lower
                .split(|next: char| !(next.is_alphanumeric() || next == '-'))
                .any(|word| word == *subject)
        });
    if asked && (before || decision) && (decision || lower.contains("before start")) {
        book.notes.add(line, code::NOTE_ASKS_FOR_DECISION, || {
            format!(
                "`{}` asks for a decision before the task starts; open one if it is due",
                shown(notes)
            )
        });
    }
}

/// Takes one row of a table of tasks.
pub(super) fn row(
    book: &mut Book,
    names: &[String],
    columns: &[Column],
    row: &Row,
    phase: usize,
) -> Result<(), PlanFileError> {
    let line = row.line;
    let mut task = ImportedTask {
        phase,
        line,
        ..ImportedTask::default()
    };
    let mut pending = Pending::default();
    let mut extra = Vec::new();
    let mut struck = false;
    let empty = Text {
        line,
        ..Text::default()
    };
    for (index, column) in columns.iter().enumerate() {
        let cell = row.cells.get(index).unwrap_or(&empty);
        match column {
            Column::Title => {
                struck |= cell.struck;
                task.title = book.title(cell, "a task's title");
            }
            Column::Id => task.external_id = id_of(book, cell),
            Column::Label => pending.label = Some(cell.flat()).filter(|label| !label.is_empty()),
            Column::Status => task.status = status_of(book, cell, "the task").unwrap_or_default(),
            Column::Priority => task.priority = priority_of(book, cell),
            Column::Area => task.area = book.value(cell, "an area"),
            Column::Estimate => task.estimate = estimate_of(book, cell),
            Column::Depends => pending.depends = names_of(book, cell),
            Column::Dependents => pending.dependents = names_of(book, cell),
            Column::Role => task.role = book.value(cell, "a role"),
            Column::Notes => extra.extend(book.value(cell, "notes")),
            Column::Acceptance => {
                let criteria = book.value(cell, "acceptance criteria");
                task.acceptance.extend(
                    criteria
                        .iter()
                        .flat_map(|text| super::phases::sentences(text)),
                );
            }
            Column::Phase => {}
            Column::Other => {
                let value = book.value(cell, "a cell");
                extra.extend(value.map(|value| format!("{}: {value}", names[index])));
            }
        }
    }
    if task.title.is_empty() {
        match task.external_id.take() {
            Some(id) => task.title = id,
            None => {
                book.notes.add(line, code::EMPTY_ROW, || {
                    "a row without a title is no task".to_owned()
                });
                return Ok(());
            }
        }
    }
    if struck {
        task.status = ImportedStatus::Cancelled;
    }
    task.notes = (!extra.is_empty()).then(|| extra.join("; "));
    add(book, task, pending)?;
    Ok(())
}

fn id_of(book: &mut Book, cell: &Text) -> Option<String> {
    let id = book.value(cell, "an id")?;
    Some(id.trim_matches(['[', ']', '`']).to_owned()).filter(|id| !id.is_empty())
}

/// The text of a dependency cell, with line feeds kept as separators and placeholders dropped.
fn names_of(book: &mut Book, cell: &Text) -> Option<(String, u32)> {
    book.value(cell, "a dependency")?;
    Some((cell.text.trim().to_owned(), cell.line))
}

/// Reads a priority cell.
pub(super) fn priority_of(book: &mut Book, cell: &Text) -> Option<u8> {
    let text = book.value(cell, "a priority")?;
    match vocabulary::priority(&text) {
        Priority::Empty => None,
        Priority::Is(priority) => Some(priority),
        Priority::Lower => {
            book.notes.add(cell.line, code::PRIORITY_RAISED, || {
                format!(
                    "`{}` is below P3, the lowest priority; it comes in as P3",
                    shown(&text)
                )
            });
            Some(3)
        }
        Priority::Unreadable => {
            book.notes.add(cell.line, code::UNREADABLE_PRIORITY, || {
                format!(
                    "`{}` is no priority; write P0 to P3, or High, Medium, Low",
                    shown(&text)
                )
            });
            None
        }
    }
}

fn estimate_of(book: &mut Book, cell: &Text) -> Option<Estimate> {
    let text = book.value(cell, "an estimate")?;
    match text.trim_start_matches(['~', '≈', ' ']).parse() {
        Ok(estimate) => Some(estimate),
        Err(error) => {
            book.notes.add(cell.line, code::UNREADABLE_ESTIMATE, || {
                let error: crate::plan::time::BadEstimate = error;
                error.to_string()
            });
            None
        }
    }
}

/// Takes a box as a task: its id, markers and inline dependencies are read off its text.
pub(super) fn from_box(
    book: &mut Book,
    status: ImportedStatus,
    text: &Text,
    phase: usize,
) -> Result<Option<usize>, PlanFileError> {
    let line = text.line;
    let mut task = ImportedTask {
        phase,
        line,
        status,
        ..ImportedTask::default()
    };
    let mut pending = Pending::default();
    let mut rest = text.text.trim();
    let mut notes = Vec::new();
    if let Some((id, after)) = leading_id(rest) {
        task.external_id = Some(id.to_owned());
        rest = after;
    }
    while let Some((marker, after)) = leading_marker(rest) {
        notes.push(marker.to_owned());
        rest = after;
    }
    if let Some((before, sha)) = trailing_commit(rest) {
        notes.push(format!("commit {sha}"));
        rest = before;
    }
    let mut title = rest.to_owned();
    if let Some((before, names, after)) = inline_dependencies(rest) {
        pending.depends = Some((names.to_owned(), line));
        title = format!("{} {}", before.trim_end(), after.trim_start());
    }
    let code = text.code.clone();
    let kept_code = if text.text.starts_with(&title) {
        code
    } else {
        Vec::new()
    };
    let title_text = Text {
        text: title,
        code: kept_code,
        line,
        ..Text::default()
    };
    task.title = book.title(&title_text, "a task's title");
    if task.title.is_empty() {
        match task.external_id.take() {
            Some(id) => task.title = id,
            None => {
                book.notes.add(line, code::EMPTY_ROW, || {
                    "a box without a text is no task".to_owned()
                });
                return Ok(None);
            }
        }
    }
    if text.struck {
        task.status = ImportedStatus::Cancelled;
    }
    task.notes = (!notes.is_empty()).then(|| notes.join("; "));
    add(book, task, pending).map(Some)
}

/// "T001 …", "SETUP-01: …", "1.2 …", "Task 3: …" as an id and the rest.
fn leading_id(text: &str) -> Option<(&str, &str)> {
    let separators =
        |next: char| next.is_whitespace() || matches!(next, ':' | '-' | '–' | '—' | '.' | ')');
    let (word, rest) = text.split_once(char::is_whitespace)?;
    if word.eq_ignore_ascii_case("task") || word.eq_ignore_ascii_case("story") {
        let (id, rest) = heading::number(rest)?;
        let rest = rest.trim_start_matches(separators);
        return (!rest.is_empty() && id.starts_with(|next: char| next.is_ascii_digit()))
            .then_some((id, rest));
    }
    let id = word.trim_end_matches([':', '.', ')']);
    let dotted = id.contains('.')
        && id.len() <= 12
        && id
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let rest = rest.trim_start_matches(separators);
    ((dotted || heading::is_prefixed_id(id)) && !rest.is_empty()).then_some((id, rest))
}

/// "[P]" and "[US1]": markers of the task, not of its title.
fn leading_marker(text: &str) -> Option<(&str, &str)> {
    let end = text.strip_prefix('[')?.find(']')? + 1;
    let inner = &text[1..end];
    let story = inner
        .strip_prefix("US")
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    (inner == "P" || story).then(|| (&text[..=end], text[end + 1..].trim_start()))
}

/// A commit at the end, "[7cf9cc3]".
fn trailing_commit(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix(']')?;
    let open = inner.rfind('[')?;
    let sha = &inner[open + 1..];
    let is_sha = (7..=40).contains(&sha.len())
        && sha.bytes().all(|byte| byte.is_ascii_hexdigit())
        && sha.bytes().any(|byte| byte.is_ascii_digit());
    is_sha.then(|| (text[..open].trim_end(), sha))
}

/// "Title (depends on T012, T013)" as what stands before, the names, and what stands after.
fn inline_dependencies(text: &str) -> Option<(&str, &str, &str)> {
    for (open, _) in text.match_indices('(').take(16) {
        let inner = &text[open + 1..];
        for words in ["depends on", "blocked by", "requires"] {
            let head = inner.get(..words.len());
            if head.is_some_and(|head| head.eq_ignore_ascii_case(words)) {
                let names = &inner[words.len()..];
                let close = names.find(')')?;
                let names_only = names[..close].trim_start_matches(':').trim();
                return Some((&text[..open], names_only, &names[close + 1..]));
            }
        }
    }
    None
}

/// Takes one key line that stands below a task; `false` when the key is none of a task's.
pub(super) fn take_key(book: &mut Book, task: usize, key: Key, value: &Text) -> bool {
    match key {
        Key::Status => {
            if let Some(status) = status_of(book, value, "the task") {
                book.plan.tasks[task].status = status;
            }
        }
        Key::Priority => book.plan.tasks[task].priority = priority_of(book, value),
        Key::Estimate => book.plan.tasks[task].estimate = estimate_of(book, value),
        Key::Role => book.plan.tasks[task].role = book.value(value, "a role"),
        Key::Area => book.plan.tasks[task].area = book.value(value, "an area"),
        Key::Depends => {
            let names = names_of(book, value);
            book.pending[task].depends = names;
        }
        Key::Dependents => {
            let names = names_of(book, value);
            book.pending[task].dependents = names;
        }
        Key::Criteria => {
            if let Some(criteria) = book.value(value, "acceptance criteria") {
                book.plan.tasks[task]
                    .acceptance
                    .extend(super::phases::sentences(&criteria));
            }
        }
        Key::Goal | Key::Description | Key::Notes => add_note(book, task, value),
        Key::Project
        | Key::SprintGoal
        | Key::SprintDates
        | Key::SprintTasks
        | Key::DocumentStatus
        | Key::CurrentPhase
        | Key::Progress
        | Key::Unused
        | Key::Deliverables
        | Key::Tasks
        | Key::Legend => return false,
    }
    true
}

/// Adds a line to a task's notes.
pub(super) fn add_note(book: &mut Book, task: usize, text: &Text) {
    let Some(text) = book.value(text, "notes") else {
        return;
    };
    match &mut book.plan.tasks[task].notes {
        Some(notes) => {
            notes.push_str("; ");
            notes.push_str(&text);
        }
        None => book.plan.tasks[task].notes = Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_markers_commits_and_dependencies_are_read_off_a_box() {
        assert_eq!(leading_id("T001 [P] Build"), Some(("T001", "[P] Build")));
        assert_eq!(leading_id("1.2 Build"), Some(("1.2", "Build")));
        assert_eq!(leading_id("Task 3: Build"), Some(("3", "Build")));
        assert_eq!(leading_id("Build the API"), None);
        assert_eq!(leading_id("2 Build"), None);
        assert_eq!(leading_marker("[US1] x"), Some(("[US1]", "x")));
        assert_eq!(leading_marker("[Name] x"), None);
        assert_eq!(
            trailing_commit("Build it [7cf9cc3]"),
            Some(("Build it", "7cf9cc3"))
        );
        assert_eq!(trailing_commit("Build it [deadbeef]"), None);
        assert_eq!(
            inline_dependencies("Build (depends on T012, T013) now"),
            Some(("Build ", "T012, T013", " now"))
        );
    }
}
