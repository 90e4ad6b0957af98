//! A plan file as a flat run of blocks in source order, each with its line. Nothing nests, so no reader can
//! recurse; markup is gone and only what it means (struck out, code, a link's text) is kept.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// One line of text without its markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// The text; a `<br>` is a line feed.
    pub text: String,
    /// Whether all of it is struck out.
    pub struck: bool,
    /// Where code spans stand, in bytes.
    pub code: Vec<Range<usize>>,
    /// Its line, from 1.
    pub line: u32,
    /// Whether its line starts at the margin, so that below an item it may be no part of it.
    pub at_margin: bool,
}

impl Text {
    /// The text on one line, trimmed.
    pub fn flat(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// A row of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub line: u32,
    pub cells: Vec<Text>,
    /// Whether it has cells beyond the header's, which are lost to markdown.
    pub extra_cells: bool,
}

/// A block of the file.
#[derive(Debug, Clone)]
pub(super) enum Block {
    Heading {
        level: u8,
        text: Text,
    },
    Paragraph(Vec<Text>),
    Item {
        depth: usize,
        line: u32,
        lines: Vec<Text>,
    },
    Table {
        header: Row,
        rows: Vec<Row>,
    },
    Code {
        line: u32,
        fenced: bool,
        yaml: bool,
        text: String,
    },
    Html {
        line: u32,
        text: String,
    },
}

/// Reads markdown into blocks.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let mut builder = Builder::new(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        builder.event(event, range);
    }
    builder.finish_paragraph();
    builder.blocks
}

struct Builder<'a> {
    source: &'a str,
    line_starts: Vec<usize>,
    blocks: Vec<Block>,
    /// The open items, by their place in `blocks`.
    items: Vec<usize>,
    /// The open text and what of it is struck out.
    text: Text,
    open: bool,
    struck_depth: usize,
    unstruck: bool,
    paragraph: Vec<Text>,
    rows: Vec<Row>,
    code: Option<(u32, bool, bool)>,
    html: Option<u32>,
    raw: String,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(
                source
                    .bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .collect();
        Self {
            source,
            line_starts,
            blocks: Vec::new(),
            items: Vec::new(),
            text: Text::default(),
            open: false,
            struck_depth: 0,
            unstruck: false,
            paragraph: Vec::new(),
            rows: Vec::new(),
            code: None,
            html: None,
            raw: String::new(),
        }
    }

    fn line_of(&self, offset: usize) -> u32 {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.code.is_some() => self.raw.push_str(&text),
            Event::Text(text) => self.push(&text, range.start),
            Event::Code(text) => {
                let start = self.text.text.len();
                self.push(&text, range.start);
                let start = start.min(self.text.text.len());
                self.text.code.push(start..self.text.text.len());
            }
            Event::Html(text) => self.raw.push_str(&text),
            Event::InlineHtml(text) => self.inline_html(&text, range.start),
            Event::SoftBreak | Event::HardBreak => self.finish_line(),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.push(&text, range.start);
            }
            Event::Rule | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        let line = self.line_of(range.start);
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::TableCell => self.reset_text(line),
            Tag::Item => {
                self.finish_line();
                self.items.push(self.blocks.len());
                let depth = self.items.len() - 1;
                self.blocks.push(Block::Item {
                    depth,
                    line,
                    lines: Vec::new(),
                });
                self.reset_text(line);
            }
            Tag::List(_) | Tag::BlockQuote(_) => self.finish_line(),
            Tag::Table(_) => self.rows.clear(),
            Tag::TableHead | Tag::TableRow => {
                let extra_cells = self.cells_written(range) > self.columns();
                self.rows.push(Row {
                    line,
                    cells: Vec::new(),
                    extra_cells,
                });
            }
            Tag::CodeBlock(kind) => {
                self.finish_line();
                let (fenced, yaml) = match kind {
                    CodeBlockKind::Fenced(info) => (true, info.trim_start().starts_with("y")),
                    CodeBlockKind::Indented => (false, false),
                };
                self.raw.clear();
                self.code = Some((line, fenced, yaml));
            }
            Tag::HtmlBlock => {
                self.finish_line();
                self.raw.clear();
                self.html = Some(line);
            }
            Tag::Strikethrough => self.struck_depth += 1,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                self.finish_line();
                self.finish_paragraph();
            }
            TagEnd::Heading(level) => {
                let text = self.take_text();
                self.blocks.push(Block::Heading {
                    level: level as u8,
                    text,
                });
            }
            TagEnd::Item => {
                self.finish_line();
                self.items.pop();
            }
            TagEnd::TableCell => {
                let text = self.take_text();
                if let Some(row) = self.rows.last_mut() {
                    row.cells.push(text);
                }
            }
            TagEnd::Table => {
                let mut rows = std::mem::take(&mut self.rows);
                if !rows.is_empty() {
                    let header = rows.remove(0);
                    self.blocks.push(Block::Table { header, rows });
                }
            }
            TagEnd::CodeBlock => {
                if let Some((line, fenced, yaml)) = self.code.take() {
                    let text = std::mem::take(&mut self.raw);
                    self.blocks.push(Block::Code {
                        line,
                        fenced,
                        yaml,
                        text,
                    });
                }
            }
            TagEnd::HtmlBlock => {
                if let Some(line) = self.html.take() {
                    let text = std::mem::take(&mut self.raw);
                    self.blocks.push(Block::Html { line, text });
                }
            }
            TagEnd::Strikethrough => self.struck_depth = self.struck_depth.saturating_sub(1),
            _ => {}
        }
    }

    fn columns(&self) -> usize {
        self.rows
            .first()
            .map_or(usize::MAX, |header| header.cells.len())
    }

    fn cells_written(&self, range: Range<usize>) -> usize {
        let row = self.source.get(range).unwrap_or_default().trim();
        let mut escaped = false;
        let mut pipes = 0_usize;
        for byte in row.bytes() {
            pipes += usize::from(byte == b'|' && !escaped);
            escaped = byte == b'\\' && !escaped;
        }
        let closed = row.ends_with('|') && !row.ends_with("\\|");
        let edges = usize::from(row.starts_with('|')) + usize::from(closed);
        (pipes + 1).saturating_sub(edges)
    }

    fn reset_text(&mut self, line: u32) {
        self.text = Text {
            line,
            ..Text::default()
        };
        self.open = false;
        self.unstruck = false;
    }

    fn push(&mut self, text: &str, offset: usize) {
        if !self.open {
            self.open = true;
            self.text.line = self.line_of(offset);
            let start = self.line_starts[self.text.line as usize - 1];
            let first = self.source.as_bytes().get(start);
            self.text.at_margin = first.is_some_and(|byte| !matches!(byte, b' ' | b'\t' | b'>'));
        }
        self.unstruck |= self.struck_depth == 0 && text.chars().any(char::is_alphanumeric);
        self.text.struck |= self.struck_depth > 0;
        let kept = |character: &char| !matches!(character, '\u{fe0e}' | '\u{fe0f}' | '\u{200b}');
        self.text.text.extend(text.chars().filter(kept));
    }

    fn inline_html(&mut self, html: &str, offset: usize) {
        if html.starts_with("<!--") {
            return;
        }
        match super::placeholder::html_element(html) {
            Some("br") => self.push("\n", offset),
            Some(_) => {}
            None => self.push(html, offset),
        }
    }

    fn take_text(&mut self) -> Text {
        let mut text = std::mem::take(&mut self.text);
        text.struck &= !self.unstruck;
        let line = text.line;
        self.reset_text(line);
        text
    }

    fn finish_line(&mut self) {
        if !self.open {
            return;
        }
        let text = self.take_text();
        match self
            .items
            .last()
            .and_then(|item| self.blocks.get_mut(*item))
        {
            Some(Block::Item { lines, .. }) => lines.push(text),
            _ => self.paragraph.push(text),
        }
    }

    fn finish_paragraph(&mut self) {
        if !self.paragraph.is_empty() {
            self.blocks
                .push(Block::Paragraph(std::mem::take(&mut self.paragraph)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_their_lines_and_lose_their_markup() {
        let text =
            "# A **b**\n\n**Key:** v `x|y`\nnext\n\n- [ ] one\n  two\n  - ~~three~~\n- four\n";
        let read = blocks(text);
        let mut seen = Vec::new();
        for block in &read {
            match block {
                Block::Heading { text, .. } => seen.push((text.line, text.flat())),
                Block::Paragraph(lines) => {
                    seen.extend(lines.iter().map(|text| (text.line, text.flat())));
                }
                Block::Item { depth, lines, .. } => seen.extend(
                    lines
                        .iter()
                        .map(|text| (text.line, format!("{depth} {}", text.flat()))),
                ),
                _ => {}
            }
        }
        let expected = [
            (1, "A b"),
            (3, "Key: v x|y"),
            (4, "next"),
            (6, "0 [ ] one"),
            (7, "0 two"),
            (8, "1 three"),
            (9, "0 four"),
        ];
        assert_eq!(seen, expected.map(|(line, text)| (line, text.to_owned())));
        assert!(matches!(&read[3], Block::Item { lines, .. } if lines[0].struck));
    }

    #[test]
    fn a_table_keeps_rows_escapes_and_unknown_tags() {
        let read = blocks("| A | B |\n|---|---|\n| x \\| y | <Name> |\n| `p \\| q` | 1 | 2 |\n");
        let Block::Table { rows, .. } = &read[0] else {
            panic!("no table")
        };
        assert_eq!(rows[0].cells[0].flat(), "x | y");
        assert_eq!(rows[0].cells[1].flat(), "<Name>");
        assert_eq!(rows[1].cells[0].flat(), "p | q");
        assert_eq!((rows[0].line, rows[0].extra_cells), (3, false));
        assert!(rows[1].extra_cells);
    }

    #[test]
    fn comments_and_fenced_examples_are_no_text() {
        let read = blocks("a <!-- - [ ] no --> b\n\n<!-- x\n- [ ] no\n-->\n\n```\n- [ ] no\n```\n");
        assert!(!read.iter().any(|block| matches!(block, Block::Item { .. })));
        assert!(matches!(&read[0], Block::Paragraph(lines) if lines[0].flat() == "a b"));
    }
}
