//! The walk over a file's blocks: headings open phases and sections, and every row and box is handed to the
//! one file that knows it, or becomes a diagnostic.

use std::collections::HashMap;

use crate::plan::import::{ImportedPlan, ImportedStatus};

use super::block::{self, Block, Row, Text};
use super::bytes::Prepared;
use super::diagnostic::{Diagnostics, code, shown};
use super::heading::{self, Kind};
use super::key::{self, Key};
use super::phases::{self, PhaseIndex};
use super::placeholder::{self, Holds};
use super::resolve::{self, Resolver};
use super::section::{self, Section};
use super::table::{self, Column};
use super::vocabulary::{self, Legend};
use super::{PlanFileError, blocked, compare, decision, discovered, header, sprint, tasks};

/// The highest session number that is counted on from.
const MAX_SESSION: u32 = 1_000_000;

/// The name of the phase that holds a flat list.
const DEFAULT_PHASE: &str = "Tasks";

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
                self.note_placeholder(text, &flat, || format!("{what} holds a placeholder"));
                Some(flat)
            }
            Holds::Only => {
                self.note_placeholder(text, &flat, || {
                    format!("{what} is a placeholder and dropped")
                });
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
            format!("{what} is a placeholder, kept without brackets")
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
            self.note_placeholder(text, &flat, || {
                format!("{what} is a placeholder and left out")
            });
            return None;
        }
        Some(flat)
    }

    fn note_placeholder(&mut self, text: &Text, flat: &str, message: impl FnOnce() -> String) {
        let shown = shown(flat);
        self.notes.add(text.line, code::PLACEHOLDER, || {
            format!("{}: `{shown}`", message())
        });
    }
}

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
    finish(walk)
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
struct Frame {
    level: u8,
    section: Section,
    phase: Option<usize>,
    task: Option<usize>,
    text: Text,
    /// A numbered heading that is a task unless it turns out to group tasks.
    maybe: Option<heading::TaskHeading>,
    /// The key lines of such a heading.
    keys: Vec<(Key, Text)>,
    tasks_before: usize,
}

/// What an open list item was taken as.
enum Role {
    Task(usize),
    Other,
}

struct Walk {
    book: Book,
    kind: Option<Kind>,
    frames: Vec<Frame>,
    /// The key line that the next list belongs to.
    list_key: Option<Key>,
    items: Vec<(usize, Role)>,
    /// Boxes and rows that look like tasks and stand where none are read.
    boxes: usize,
    bullets: usize,
    tables: usize,
    arrows: usize,
}

fn walk(blocks: &[Block], kind: Option<Kind>, prepared: &Prepared) -> Result<Walk, PlanFileError> {
    let mut walk = Walk {
        book: Book::default(),
        kind,
        frames: Vec::new(),
        list_key: None,
        items: Vec::new(),
        boxes: 0,
        bullets: 0,
        tables: 0,
        arrows: 0,
    };
    walk.book.legend = legend(blocks);
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

/// What the file says its signs mean, wherever it says so.
fn legend(blocks: &[Block]) -> Legend {
    let mut legend = Legend::default();
    let mut in_legend = false;
    for block in blocks {
        match block {
            Block::Heading { text, .. } => {
                in_legend = section::of_heading(&text.flat(), false) == Some(Section::Legend);
            }
            Block::Paragraph(lines) => {
                let mut list_follows = false;
                for line in lines {
                    if let Some((Key::Legend, value)) = key::split(&line.text) {
                        legend.learn_line(&line.text[value..]);
                        list_follows = true;
                    } else if in_legend {
                        legend.learn_line(&line.text);
                    }
                }
                in_legend |= list_follows;
            }
            Block::Item { lines, .. } if in_legend => {
                for line in lines {
                    legend.learn_line(&line.text);
                }
            }
            Block::Table { header, rows } => {
                let names = table::names(header);
                if table::kind(&names, &[], Section::Plain) == table::Kind::Legend {
                    for row in rows {
                        if let [signs, words, ..] = row.cells.as_slice() {
                            legend.learn(&signs.text, &words.text);
                        }
                    }
                }
            }
            Block::Item { .. } | Block::Code { .. } | Block::Html { .. } => {}
        }
    }
    legend
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

    fn section(&self) -> Section {
        self.frames
            .last()
            .map_or(Section::Plain, |frame| frame.section)
    }

    fn phase(&self) -> Option<usize> {
        self.frames.last().and_then(|frame| frame.phase)
    }

    /// The phase for a task that stands here; by headings, the phase is made when its first task comes.
    fn phase_for_task(&mut self, line: u32) -> Result<Option<usize>, PlanFileError> {
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
        } else if let Some(section) = section::of_heading(&flat, outer_phase.is_some()) {
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

    fn paragraph(&mut self, lines: &[Text]) {
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

    fn key_line(&mut self, key: Key, value: &Text) {
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

    fn item(&mut self, depth: usize, line: u32, lines: &[Text]) -> Result<(), PlanFileError> {
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
            table::Kind::Overview => phases::overview(&mut self.book, &names, rows),
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

    fn code(&mut self, line: u32, fenced: bool, yaml: bool, text: &str) {
        let numbered = |index: usize| line.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
        if !fenced {
            self.unread_boxes(line, text);
        } else if yaml
            && text
                .lines()
                .any(|line| line.trim_end().ends_with("_tasks:"))
        {
            for (index, entry) in text.lines().enumerate() {
                if let Some(id) = entry.trim_start().strip_prefix("- id:") {
                    self.book
                        .notes
                        .add(numbered(index + 1), code::YAML_TASK_NOT_IMPORTED, || {
                            format!(
                                "the YAML task `{}` is not imported; write it as a row or a box",
                                shown(id.trim())
                            )
                        });
                }
            }
        } else if self.section() == Section::Dependencies {
            for (index, _) in text
                .lines()
                .enumerate()
                .filter(|(_, line)| line.contains(['→', '⇒']))
            {
                self.arrows += 1;
                self.book
                    .notes
                    .add(numbered(index + 1), code::ARROW_NOT_IMPORTED, || {
                        "a line of arrows is not read; state dependencies in a `Depends On` column"
                            .to_owned()
                    });
            }
        }
    }

    fn html(&mut self, line: u32, text: &str) {
        let mut outside = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find("<!--") {
            outside.push_str(&rest[..open]);
            let comment = &rest[open..];
            let end = comment.find("-->").map(|end| end + 3);
            if end.is_none() {
                self.book.notes.add(line, code::COMMENT_NOT_CLOSED, || {
                    "the comment is never closed; everything after it is part of it".to_owned()
                });
            }
            let end = end.unwrap_or(comment.len());
            outside.extend(comment[..end].chars().filter(|next| *next == '\n'));
            rest = &comment[end..];
        }
        outside.push_str(rest);
        self.unread_boxes(line, &outside);
    }

    /// Rows and boxes in a place that markdown does not read as a list or a table.
    fn unread_boxes(&mut self, line: u32, text: &str) {
        for (index, unread) in text.lines().enumerate() {
            let trimmed = unread.trim_start();
            let bullet = trimmed.strip_prefix(['-', '*', '+']).map(str::trim_start);
            let is_box = bullet.is_some_and(|text| vocabulary::split_box(text).is_some());
            let is_row = trimmed.starts_with('|') && trimmed.len() > 1;
            if is_box || is_row {
                let number = line.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
                self.book.notes.add(number, code::HTML_NOT_READ, || {
                    format!(
                        "`{}` stands inside HTML or indented code and is not read",
                        shown(trimmed)
                    )
                });
            }
        }
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

/// The value of a key line, with its code spans moved along.
fn value_of(text: &Text, start: usize) -> Text {
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
    let imported = crate::plan::import::ImportedTask {
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
        ..crate::plan::import::ImportedTask::default()
    };
    tasks::add(book, imported, Pending::default())
}

fn finish(mut walk: Walk) -> Result<ImportedPlan, PlanFileError> {
    let mut reasons = Vec::new();
    if walk.book.plan.tasks.is_empty() {
        reasons = reasons_for_no_task(&walk);
    }
    let book = &mut walk.book;
    phases::settle_overview(book);
    phases::settle_order(book);
    let resolver = Resolver::new(book);
    resolve::dependencies(book, &resolver);
    blocked::link(book, &resolver);
    decision::link(book, &resolver);
    compare::written(book, &resolver);
    let mut plan = std::mem::take(&mut book.plan);
    let diagnostics = std::mem::take(&mut book.notes).finish();
    if plan.tasks.is_empty() {
        return Err(PlanFileError::NoTasks {
            phases: plan.phases.len(),
            reasons,
            diagnostics,
        });
    }
    plan.diagnostics = diagnostics;
    Ok(plan)
}

fn reasons_for_no_task(walk: &Walk) -> Vec<String> {
    let mut reasons = Vec::new();
    if walk.book.plan.phases.is_empty() {
        reasons.push("no heading names a phase (`## Phase 1: …`)".to_owned());
    }
    let mut counted = |count: usize, sentence: &str| {
        if count > 0 {
            reasons.push(format!("{count} {sentence}"));
        }
    };
    counted(
        walk.boxes,
        "boxes or rows stand outside every phase, or in a register that is not imported",
    );
    counted(
        walk.bullets,
        "plain bullets stand under phases; write them as boxes (`- [ ] …`) to make them tasks",
    );
    counted(walk.tables, "tables have no column that names tasks");
    counted(walk.arrows, "lines of arrows are not read");
    counted(
        walk.book.notes.count(code::YAML_TASK_NOT_IMPORTED),
        "tasks are written as YAML, which is not read",
    );
    counted(
        walk.book.notes.count(code::DELIVERABLE_NOT_IMPORTED),
        "deliverables are not imported",
    );
    if reasons.is_empty() {
        reasons.push("the phases hold no table of tasks and no boxes".to_owned());
    }
    reasons
}
