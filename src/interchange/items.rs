//! List items by the place they stand in: boxes and bullets become tasks, criteria or entries of a queue, or
//! say that they do not.

use crate::plan::import::ImportedStatus;

use super::block::Text;
use super::diagnostic::{code, shown};
use super::key::{self, Key};
use super::reader::{Role, Walk};
use super::section::Section;
use super::{PlanFileError, blocked, decision, discovered, tasks, vocabulary};

impl Walk {
    /// Takes an item with its lines.
    pub(super) fn item(
        &mut self,
        depth: usize,
        line: u32,
        lines: &[Text],
    ) -> Result<(), PlanFileError> {
        while self.items.last().is_some_and(|(open, _)| *open >= depth) {
            self.items.pop();
        }
        // A key line at the margin below an item belongs to the section, whatever markdown makes of it.
        let is_key = |text: &Text| text.at_margin && key::split(&text.text).is_some();
        let own = (1..lines.len())
            .find(|index| is_key(&lines[*index]))
            .unwrap_or(lines.len());
        let (lines, section_lines) = lines.split_at(own);
        let (text, rest) = joined(line, lines);
        let parent = self.items.iter().rev().find_map(|(_, role)| match role {
            Role::Task(task) => Some(*task),
            Role::Other => None,
        });
        let ticked = vocabulary::split_box(&text.text);
        let role = match (ticked, parent) {
            (Some((status, title)), Some(task)) => {
                let text = value_after(&text, title);
                self.box_below_task(task, status, &text);
                Role::Other
            }
            (Some((status, title)), None) => {
                let text = value_after(&text, title);
                self.place_box(status, &text)?
            }
            (None, Some(task)) => {
                self.bullet_below_task(task, &text);
                Role::Other
            }
            (None, None) => {
                self.place_bullet(depth, &text)?;
                Role::Other
            }
        };
        if let Role::Task(task) = role {
            for text in rest {
                self.bullet_below_task(task, text);
            }
        }
        self.items.push((depth, role));
        if !section_lines.is_empty() {
            self.items.clear();
            self.paragraph(section_lines);
        }
        Ok(())
    }

    fn box_below_task(&mut self, task: usize, status: ImportedStatus, text: &Text) {
        let title = self.book.title(text, "a box below a task");
        if title.is_empty() {
            self.book.notes.add(text.line, code::EMPTY_ROW, || {
                "a box without a text".to_owned()
            });
            return;
        }
        let parent = self.book.plan.tasks[task].status;
        if status != parent && status == ImportedStatus::Completed {
            self.book.notes.add(text.line, code::TICK_NOT_IMPORTED, || {
                format!(
                    "`{}` is ticked below an open task; it comes in as an open criterion",
                    shown(&title)
                )
            });
        }
        self.book.plan.tasks[task].acceptance.push(title);
    }

    fn bullet_below_task(&mut self, task: usize, text: &Text) {
        if let Some((key, value)) = key::split(&text.text)
            && tasks::take_key(&mut self.book, task, key, &value_of(text, value))
        {
            return;
        }
        tasks::add_note(&mut self.book, task, text);
    }

    /// Takes a box by its section and the key line above its list.
    fn place_box(&mut self, status: ImportedStatus, text: &Text) -> Result<Role, PlanFileError> {
        let section = match self.list_key {
            Some(Key::Deliverables) => Section::Deliverables,
            Some(Key::Criteria) => Section::Criteria,
            Some(Key::Tasks) => Section::Plain,
            _ => self.section(),
        };
        match section {
            Section::Discovered => discovered::item(&mut self.book, text)?,
            Section::Blocked => blocked::item(&mut self.book, text)?,
            Section::Decisions => decision::item(&mut self.book, Some(status), text)?,
            Section::Criteria => self.criterion(Some(status), text),
            Section::Deliverables => self.deliverable(text),
            Section::Register(register) => self.left_out(text, register),
            Section::Sprints | Section::Legend => self.left_out(text, "list"),
            Section::Plain | Section::Dependencies | Section::Overview => {
                if let Some(task) = self.frames.last().and_then(|frame| frame.task) {
                    self.box_below_task(task, status, text);
                    return Ok(Role::Other);
                }
                let Some(phase) = self.phase_for_task(text.line)? else {
                    self.boxes += 1;
                    self.book.notes.add(text.line, code::BOX_NOT_IMPORTED, || {
                        format!("`{}` stands outside every phase", shown(&text.text))
                    });
                    return Ok(Role::Other);
                };
                let task = tasks::from_box(&mut self.book, status, text, phase)?;
                return Ok(task.map_or(Role::Other, Role::Task));
            }
        }
        Ok(Role::Other)
    }

    /// Takes a plain bullet: an entry of a queue, a criterion, or text.
    fn place_bullet(&mut self, depth: usize, text: &Text) -> Result<(), PlanFileError> {
        if text.text.trim().is_empty() {
            return Ok(());
        }
        match (self.list_key, self.section()) {
            (Some(Key::Criteria), _) if self.phase().is_some() => self.criterion(None, text),
            (Some(Key::Deliverables), _) if self.phase().is_some() => self.deliverable(text),
            (Some(Key::Tasks), _) => {
                self.bullets += 1;
                self.book.notes.add(text.line, code::BULLET_NOT_A_TASK, || {
                    format!(
                        "`{}` is no box; write `- [ ] …` to make it a task",
                        shown(&text.text)
                    )
                });
            }
            (_, Section::Discovered) if depth == 0 => discovered::item(&mut self.book, text)?,
            (_, Section::Blocked) if depth == 0 => blocked::item(&mut self.book, text)?,
            (_, Section::Decisions) if depth == 0 => decision::item(&mut self.book, None, text)?,
            (_, Section::Criteria) if self.phase().is_some() => self.criterion(None, text),
            (_, Section::Plain) => {
                if let Some((key, value)) = key::split(&text.text) {
                    let value = value_of(text, value);
                    let outer = self.list_key;
                    self.key_line(key, &value);
                    self.list_key = if value.text.is_empty() {
                        self.list_key
                    } else {
                        outer
                    };
                } else if self.phase().is_some() {
                    self.bullets += 1;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn criterion(&mut self, status: Option<ImportedStatus>, text: &Text) {
        let Some(criterion) = self.book.value(text, "a criterion") else {
            if text.text.trim().is_empty() {
                self.book.notes.add(text.line, code::EMPTY_ROW, || {
                    "a box without a text".to_owned()
                });
            }
            return;
        };
        if let Some(task) = self.frames.last().and_then(|frame| frame.task) {
            self.book.plan.tasks[task].acceptance.push(criterion);
            return;
        }
        let Some(phase) = self.phase() else {
            self.book
                .notes
                .add(text.line, code::CRITERION_NOT_IMPORTED, || {
                    format!(
                        "`{}` belongs to no phase; project gates are set by hand",
                        shown(&criterion)
                    )
                });
            return;
        };
        if status == Some(ImportedStatus::Completed) {
            self.book.notes.add(text.line, code::TICK_NOT_IMPORTED, || {
                format!(
                    "`{}` is ticked; it comes in open, to be attested",
                    shown(&criterion)
                )
            });
        }
        self.book.plan.phases[phase].criteria.push(criterion);
    }

    fn deliverable(&mut self, text: &Text) {
        self.book
            .notes
            .add(text.line, code::DELIVERABLE_NOT_IMPORTED, || {
                format!("the deliverable `{}` is not imported", shown(&text.text))
            });
    }

    fn left_out(&mut self, text: &Text, register: &str) {
        self.boxes += 1;
        self.book.notes.add(text.line, code::BOX_NOT_IMPORTED, || {
            format!(
                "`{}` belongs to a {register} and is not imported",
                shown(&text.text)
            )
        });
    }
}

/// The value of a key line, with its code spans moved along.
pub(super) fn value_of(text: &Text, start: usize) -> Text {
    let value = &text.text[start..];
    value_after(text, value.trim_start())
}

/// The text that is left of a line, with its code spans moved along.
fn value_after(text: &Text, rest: &str) -> Text {
    let start = text.text.find(rest).unwrap_or(0);
    let end = start + rest.len();
    let code = text
        .code
        .iter()
        .filter(|span| span.start >= start && span.end <= end)
        .map(|span| span.start - start..span.end - start)
        .collect();
    Text {
        text: rest.to_owned(),
        struck: text.struck,
        code,
        line: text.line,
        ..Text::default()
    }
}

/// An item's first paragraph as one line, and what follows it.
fn joined(line: u32, lines: &[Text]) -> (Text, &[Text]) {
    let Some((first, rest)) = lines.split_first() else {
        return (
            Text {
                line,
                ..Text::default()
            },
            &[],
        );
    };
    let mut text = first.clone();
    let mut taken = 0;
    for (index, next) in rest.iter().enumerate() {
        let expected = first.line + u32::try_from(index).unwrap_or(u32::MAX - first.line) + 1;
        if next.line != expected || key::split(&next.text).is_some() {
            break;
        }
        let base = text.text.len() + 1;
        text.text.push(' ');
        text.text.push_str(&next.text);
        text.code.extend(
            next.code
                .iter()
                .map(|span| span.start + base..span.end + base),
        );
        text.struck &= next.struck;
        taken = index + 1;
    }
    (text, &rest[taken..])
}
