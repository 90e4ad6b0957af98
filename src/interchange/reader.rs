//! The walk over a file's blocks: headings open phases and sections, and every row and box is handed to the
//! one file that knows it, or becomes a diagnostic.

use crate::plan::import::{ImportedPlan, ImportedStatus, ImportedTask};

use super::block::{self, Block, Row, Text};
use super::book::{Book, Pending};
use super::bytes::Prepared;
use super::diagnostic::{code, shown};
use super::heading::{self, Kind};
use super::items::value_of;
use super::key::{self, Key};
use super::phases;
use super::placeholder::{self, Holds};
use super::section::{self, Section};
use super::table::{self, Column};
use super::vocabulary::Legend;
use super::{
    PlanFileError, answer, blocked, decision, discovered, header, legend, overview, sprint, tasks,
};

/// The highest session number that is counted on from.
const MAX_SESSION: u32 = 1_000_000;

/// The name of the phase that holds a flat list.
const DEFAULT_PHASE: &str = "Tasks";

/// Reads a prepared file.
pub(super) fn read(prepared: &Prepared) -> Result<ImportedPlan, PlanFileError> {
    let blocks = block::blocks(&prepared.markdown);
    let kind = strongest_kind(&blocks);
    let mut walk = walk(&blocks, kind, prepared)?;
    // Phases that hold nothing while tasks stand elsewhere: read by the headings that tasks stand under.
    if kind.is_some() && walk.book.plan.tasks.is_empty() && walk.boxes > 0 {
        let by_headings = self::walk(&blocks, None, prepared)?;
        if !by_headings.book.plan.tasks.is_empty() {
            walk = by_headings;
        }
    }
    answer::finish(walk)
}

/// The strongest kind of word that makes headings of this file phases.
fn strongest_kind(blocks: &[Block]) -> Option<Kind> {
    let legend = Legend::default();
    let mut register: Option<u8> = None;
    let mut strongest: Option<Kind> = None;
    for block in blocks {
        let Block::Heading { level, text } = block else {
            continue;
        };
        if register.is_some_and(|outer| *level <= outer) {
            register = None;
        }
        if let Some(found) = heading::phase(&text.flat(), &legend) {
            if register.is_none() || found.kind == Kind::Phase {
                strongest = Some(strongest.map_or(found.kind, |known| known.min(found.kind)));
            }
        } else if register.is_none()
            && *level > 1
            && matches!(
                section::of_heading(&text.flat(), false),
                Some(
                    Section::Register(_) | Section::Criteria | Section::Sprints | Section::Overview
                )
            )
        {
            register = Some(*level);
        }
    }
    strongest
}

/// An open heading.
pub(super) struct Frame {
    pub(super) level: u8,
    pub(super) section: Section,
    pub(super) phase: Option<usize>,
    pub(super) task: Option<usize>,
    pub(super) text: Text,
    /// A numbered heading that is a task unless it turns out to group tasks.
    pub(super) maybe: Option<heading::TaskHeading>,
    /// The key lines of such a heading.
    pub(super) keys: Vec<(Key, Text)>,
    pub(super) tasks_before: usize,
}

/// What an open list item was taken as.
pub(super) enum Role {
    Task(usize),
    Other,
}

pub(super) struct Walk {
    pub(super) book: Book,
    pub(super) kind: Option<Kind>,
    pub(super) frames: Vec<Frame>,
    /// Whether the document has had its title.
    pub(super) titled: bool,
    /// The key line that the next list belongs to.
    pub(super) list_key: Option<Key>,
    pub(super) items: Vec<(usize, Role)>,
    /// Boxes and rows that look like tasks and stand where none are read.
    pub(super) boxes: usize,
    pub(super) bullets: usize,
    pub(super) tables: usize,
    pub(super) arrows: usize,
}

fn walk(blocks: &[Block], kind: Option<Kind>, prepared: &Prepared) -> Result<Walk, PlanFileError> {
    let mut walk = Walk {
        book: Book::default(),
        kind,
        frames: Vec::new(),
        titled: false,
        list_key: None,
        items: Vec::new(),
        boxes: 0,
        bullets: 0,
        tables: 0,
        arrows: 0,
    };
    walk.book.legend = legend::read(blocks);
    for line in &prepared.too_deep {
        walk.book.notes.add(*line, code::NESTING_TOO_DEEP, || {
            "the line nests deeper than plans do and is not read".to_owned()
        });
    }
    if prepared.is_template() {
        walk.book.notes.add(1, code::TEMPLATE, || {
            "the front matter says `document_type: template`; read because it was allowed"
                .to_owned()
        });
    }
    let project = prepared
        .front_matter
        .iter()
        .find(|(key, _)| key == "project");
    if let Some((_, value)) = project {
        let text = Text {
            text: value.clone(),
            line: 1,
            ..Text::default()
        };
        header::take(&mut walk.book, Key::Project, &text);
    }
    for block in blocks {
        walk.block(block)?;
    }
    walk.close_frames(0)?;
    Ok(walk)
}

impl Walk {
    fn block(&mut self, block: &Block) -> Result<(), PlanFileError> {
        match block {
            Block::Heading { level, text } => {
                self.items.clear();
                self.list_key = None;
                self.see(text);
                self.heading(*level, text)
            }
            Block::Paragraph(lines) => {
                self.items.clear();
                self.list_key = None;
                self.paragraph(lines);
                Ok(())
            }
            Block::Item { depth, line, lines } => {
                lines.iter().for_each(|text| self.see(text));
                self.item(*depth, *line, lines)
            }
            Block::Table { header, rows } => {
                self.items.clear();
                rows.iter()
                    .flat_map(|row| &row.cells)
                    .for_each(|cell| self.see(cell));
                self.table(header, rows)
            }
            Block::Code {
                line,
                fenced,
                yaml,
                text,
            } => {
                self.code(*line, *fenced, *yaml, text);
                Ok(())
            }
            Block::Html { line, text } => {
                self.html(*line, text);
                Ok(())
            }
        }
    }

    /// Notes the session numbers of a text.
    fn see(&mut self, text: &Text) {
        let bytes = text.text.as_bytes();
        for at in after_session(bytes) {
            let rest = text.text[at..].trim_start_matches(['s', ' ', '#', '-']);
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                continue;
            }
            match rest[..digits].parse::<u32>() {
                Ok(number) if number <= MAX_SESSION => {
                    self.book.plan.highest_session = self.book.plan.highest_session.max(number);
                }
                Ok(_) | Err(_) => {
                    let number = shown(&rest[..digits]);
                    self.book
                        .notes
                        .add(text.line, code::SESSION_NUMBER_TOO_HIGH, || {
                            format!(
                                "session {number} is beyond {MAX_SESSION}; the counter ignores it"
                            )
                        });
                }
            }
        }
    }

    pub(super) fn section(&self) -> Section {
        self.frames
            .last()
            .map_or(Section::Plain, |frame| frame.section)
    }

    pub(super) fn phase(&self) -> Option<usize> {
        self.frames.last().and_then(|frame| frame.phase)
    }

    /// The phase for a task that stands here; by headings, the phase is made when its first task comes.
    pub(super) fn phase_for_task(&mut self, line: u32) -> Result<Option<usize>, PlanFileError> {
        if let Some(phase) = self.phase() {
            return Ok(Some(phase));
        }
        if self.kind.is_some() {
            return Ok(None);
        }
        let nearest = self
            .frames
            .iter()
            .rposition(|frame| matches!(frame.level, 2 | 3));
        let text = match nearest {
            Some(frame) => self.frames[frame].text.clone(),
            None => Text {
                text: DEFAULT_PHASE.to_owned(),
                line,
                ..Text::default()
            },
        };
        let found = heading::implicit(&text.flat(), &self.book.legend);
        let phase = phases::open(&mut self.book, found, &text)?;
        for frame in &mut self.frames[nearest.unwrap_or(0)..] {
            frame.phase = Some(phase);
        }
        Ok(Some(phase))
    }

    fn close_frames(&mut self, level: u8) -> Result<(), PlanFileError> {
        while self.frames.last().is_some_and(|frame| frame.level >= level) {
            let Some(frame) = self.frames.pop() else {
                break;
            };
            let (Some(task), Some(phase)) = (frame.maybe, frame.phase) else {
                continue;
            };
            if self.book.plan.tasks.len() == frame.tasks_before {
                let task = add_heading_task(&mut self.book, &task, &frame.text, phase)?;
                for (key, value) in frame.keys {
                    tasks::take_key(&mut self.book, task, key, &value);
                }
            }
        }
        Ok(())
    }

    fn heading(&mut self, level: u8, text: &Text) -> Result<(), PlanFileError> {
        // The first heading of level 1 names the document and says nothing of its sections.
        let is_title = level == 1 && !self.titled;
        self.titled |= level == 1;
        self.close_frames(level)?;
        let flat = text.flat();
        let parent = self.frames.last();
        let (outer_section, parent_phase) =
            parent.map_or((Section::Plain, None), |frame| (frame.section, frame.phase));
        // Without phase words the nearest heading is the phase, so an outer one is not handed down.
        let by_headings = self.kind.is_none() && matches!(level, 2 | 3);
        let outer_phase = parent_phase.filter(|_| !by_headings);
        let mut frame = Frame {
            level,
            section: outer_section,
            phase: outer_phase,
            task: None,
            text: text.clone(),
            maybe: None,
            keys: Vec::new(),
            tasks_before: self.book.plan.tasks.len(),
        };
        let in_register = matches!(outer_section, Section::Register(_) | Section::Criteria);
        let found = heading::phase(&flat, &self.book.legend).filter(|found| {
            self.kind == Some(found.kind) && (!in_register || found.kind == Kind::Phase)
        });
        if let Some(found) = found {
            frame.phase = Some(phases::open(&mut self.book, found, text)?);
            frame.section = Section::Plain;
        } else if let Some(section) = section::of_heading(&flat, outer_phase.is_some())
            && !is_title
        {
            frame.section = section;
            let of_phase = matches!(section, Section::Criteria | Section::Deliverables);
            frame.phase = frame.phase.or(parent_phase.filter(|_| of_phase));
        } else if let (Some(phase), Section::Plain, Some(task)) =
            (outer_phase, outer_section, heading::task(&flat))
        {
            if task.certain {
                frame.task = Some(add_heading_task(&mut self.book, &task, text, phase)?);
            } else {
                frame.maybe = Some(task);
            }
        } else if let Some(outer) = self.frames.last() {
            frame.task = outer.task;
        }
        self.frames.push(frame);
        Ok(())
    }

    pub(super) fn paragraph(&mut self, lines: &[Text]) {
        let mut at = 0;
        while at < lines.len() {
            self.see(&lines[at]);
            let Some((key, value)) = key::split(&lines[at].text) else {
                at += 1;
                continue;
            };
            let mut text = value_of(&lines[at], value);
            at += 1;
            // A sentence goes on to the next key line, or to the end of its paragraph.
            while at < lines.len() && key::split(&lines[at].text).is_none() && !text.text.is_empty()
            {
                if !is_prose(key) || lines[at].text.contains(": ") {
                    break;
                }
                self.see(&lines[at]);
                text.text.push(' ');
                text.text.push_str(&lines[at].text);
                at += 1;
            }
            self.key_line(key, &text);
        }
    }

    pub(super) fn key_line(&mut self, key: Key, value: &Text) {
        self.list_key = Some(key);
        if let Some(frame) = self.frames.last_mut()
            && frame.maybe.is_some()
        {
            frame.keys.push((key, value.clone()));
            return;
        }
        let Some(frame) = self.frames.last() else {
            header::take(&mut self.book, key, value);
            return;
        };
        let task = frame.task;
        // Only the phase's own heading carries its key lines; a heading below speaks of something else.
        let own = frame.phase.filter(|phase| {
            let outer = self
                .frames
                .len()
                .checked_sub(2)
                .and_then(|outer| self.frames[outer].phase);
            outer != Some(*phase) && frame.section == Section::Plain
        });
        match (task, own) {
            (Some(task), _) => {
                tasks::take_key(&mut self.book, task, key, value);
            }
            (None, Some(phase)) => {
                phases::take_key(&mut self.book, phase, key, value);
            }
            (None, _) if frame.phase.is_none() && frame.section != Section::Legend => {
                header::take(&mut self.book, key, value);
            }
            (None, _) => {}
        }
    }

    fn table(&mut self, header: &Row, rows: &[Row]) -> Result<(), PlanFileError> {
        let names = table::names(header);
        let columns = table::columns(&names, rows);
        let section = match self.list_key {
            Some(Key::Deliverables) => Section::Deliverables,
            _ => self.section(),
        };
        let kind = table::kind(&names, &columns, section);
        for row in rows
            .iter()
            .filter(|row| row.extra_cells && kind != table::Kind::Unknown)
        {
            self.book.notes.add(row.line, code::EXTRA_CELLS, || {
                "the row has more cells than its table has columns; the last ones are lost (write `\\|` for \
                 a pipe in a cell)"
                    .to_owned()
            });
        }
        match kind {
            table::Kind::Tasks => self.task_table(&names, &columns, rows),
            table::Kind::Discovered => discovered::table(&mut self.book, &names, rows),
            table::Kind::Blocked => blocked::table(&mut self.book, &names, rows),
            table::Kind::Decisions => decision::table(&mut self.book, &names, rows),
            table::Kind::Sprints => sprint::table(&mut self.book, &names, rows),
            table::Kind::Overview => overview::rows(&mut self.book, &names, rows),
            table::Kind::Legend => Ok(()),
            table::Kind::Register(register) => {
                for row in rows {
                    let first = row.cells.first().cloned().unwrap_or_default();
                    let name = first.flat();
                    if placeholder::find(&first) == Holds::Only {
                        self.book.note_placeholder(&first, &name, || {
                            format!(
                                "a row of the {register} register is a placeholder and left out"
                            )
                        });
                        continue;
                    }
                    self.book.notes.add(row.line, code::ROW_NOT_IMPORTED, || {
                        format!(
                            "`{}` belongs to the {register} register and is not imported",
                            shown(&name)
                        )
                    });
                }
                Ok(())
            }
            table::Kind::Unknown => {
                self.tables += 1;
                self.book.notes.add(header.line, code::TABLE_NOT_READ, || {
                    format!(
                        "a table of {} rows names no tasks and is not read",
                        rows.len()
                    )
                });
                Ok(())
            }
        }
    }

    fn task_table(
        &mut self,
        names: &[String],
        columns: &[Column],
        rows: &[Row],
    ) -> Result<(), PlanFileError> {
        let phase_column = columns.iter().position(|column| *column == Column::Phase);
        for row in rows {
            let named = match phase_column.and_then(|column| row.cells.get(column)) {
                Some(cell) => phases::of_cell(&mut self.book, cell)?,
                None => None,
            };
            let phase = match named {
                Some(phase) => Some(phase),
                None => self.phase_for_task(row.line)?,
            };
            match phase {
                Some(phase) => tasks::row(&mut self.book, names, columns, row, phase)?,
                None => {
                    self.boxes += 1;
                    let title = columns.iter().position(|column| *column == Column::Title);
                    let title = title.and_then(|title| row.cells.get(title)).map(Text::flat);
                    self.book.notes.add(row.line, code::ROW_OUTSIDE_PHASE, || {
                        format!(
                            "`{}` stands outside every phase",
                            shown(&title.unwrap_or_default())
                        )
                    });
                }
            }
        }
        Ok(())
    }
}

/// Whether a key's value may go on over several lines.
fn is_prose(key: Key) -> bool {
    matches!(
        key,
        Key::Goal | Key::Description | Key::Criteria | Key::Notes | Key::SprintGoal
    )
}

/// Where "session" ends in a text, whatever its case.
fn after_session(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    const WORD: &[u8] = b"session";
    bytes
        .windows(WORD.len())
        .enumerate()
        .filter(|(_, window)| window.eq_ignore_ascii_case(WORD))
        .map(|(at, _)| at + WORD.len())
}

fn add_heading_task(
    book: &mut Book,
    task: &heading::TaskHeading,
    text: &Text,
    phase: usize,
) -> Result<usize, PlanFileError> {
    let found = heading::implicit(&task.title, &book.legend);
    let title = Text {
        text: found.name,
        line: text.line,
        ..Text::default()
    };
    let imported = ImportedTask {
        phase,
        title: book.title(&title, "a task's title"),
        external_id: Some(task.id.clone()),
        notes: found.remark,
        status: if text.struck {
            ImportedStatus::Cancelled
        } else {
            found.status.unwrap_or_default()
        },
        line: text.line,
        ..ImportedTask::default()
    };
    tasks::add(book, imported, Pending::default())
}
