//! Places that hold no list and no table for markdown: what looks like a row, a box, a YAML task or an arrow
//! there is said, and never read.

use super::diagnostic::{code, shown};
use super::reader::Walk;
use super::section::Section;
use super::vocabulary;

impl Walk {
    /// Takes a block of code.
    pub(super) fn code(&mut self, line: u32, fenced: bool, yaml: bool, text: &str) {
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

    /// Takes a block of HTML.
    pub(super) fn html(&mut self, line: u32, text: &str) {
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
