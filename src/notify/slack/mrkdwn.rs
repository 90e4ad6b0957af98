//! Markdown as Slack's own markup. Whatever people wrote stays text: no name of theirs calls a channel, and no
//! link leads anywhere but to the web or a mailbox.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::table::Table;

/// The longest address of a link, in bytes.
const LINK_BYTES_MAX: usize = 1_000;
/// How deep a list is indented at most.
const DEPTH_MAX: usize = 6;

/// A part of a message, its text escaped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A heading; what follows belongs to it.
    Heading(String),
    /// Markup.
    Text(String),
    /// Lines of a fixed pitch.
    Code(Vec<String>),
    /// A line across.
    Rule,
}

/// Escapes the three characters that Slack's markup is made of.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The parts of a markdown text.
pub(super) fn pieces(markdown: &str) -> Vec<Piece> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut writer = Writer::default();
    for event in Parser::new_ext(markdown, options) {
        writer.take(event);
    }
    writer.flush();
    writer.pieces
}

#[derive(Default)]
struct Writer {
    pieces: Vec<Piece>,
    /// The text of the part that is being written.
    text: String,
    /// The lists around: the next number, if it has numbers.
    lists: Vec<Option<u64>>,
    quotes: usize,
    in_heading: bool,
    code: Option<String>,
    table: Option<Table>,
    /// The links around: whether each was opened as one.
    links: Vec<bool>,
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.put(&text),
            Event::Code(code) => {
                // The mark of code cannot be escaped inside of it.
                self.mark("`");
                self.put(&code.replace('`', "'"));
                self.mark("`");
            }
            // A comment is for whoever edits the source.
            Event::Html(html) | Event::InlineHtml(html)
                if html.trim_start().starts_with("<!--") => {}
            Event::Html(html) | Event::InlineHtml(html) => self.put(&html),
            Event::SoftBreak => self.put(" "),
            Event::HardBreak => self.line(),
            Event::Rule => {
                self.flush();
                self.pieces.push(Piece::Rule);
            }
            Event::TaskListMarker(done) => self.put(if done { "☑ " } else { "☐ " }),
            Event::FootnoteReference(name) => self.put(&name),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.put(&text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.flush();
                self.in_heading = true;
            }
            Tag::BlockQuote(_) => {
                self.block();
                self.quotes += 1;
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.flush();
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::TableCell => self.text.clear(),
            Tag::Emphasis => self.mark("_"),
            Tag::Strong => self.mark("*"),
            Tag::Strikethrough => self.mark("~"),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.link(&dest_url),
            Tag::Paragraph if self.lists.is_empty() => self.block(),
            Tag::HtmlBlock => self.block(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.in_heading = false;
                let text = std::mem::take(&mut self.text);
                if !text.trim().is_empty() {
                    self.pieces
                        .push(Piece::Heading(format!("*{}*", text.trim())));
                }
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                let lines: Vec<String> = code.lines().map(code_line).collect();
                if !lines.is_empty() {
                    self.pieces.push(Piece::Code(lines));
                }
            }
            // What follows inside the same item or quotation begins a line.
            TagEnd::Paragraph if self.quotes > 0 || !self.lists.is_empty() => self.line(),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::TableCell => {
                let cell = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
                self.text.clear();
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.end_table(),
            TagEnd::Emphasis => self.mark("_"),
            TagEnd::Strong => self.mark("*"),
            TagEnd::Strikethrough => self.mark("~"),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    fn end_table(&mut self) {
        let table = self.table.take().unwrap_or_default();
        if let Some(lines) = table.in_columns() {
            let lines = lines.iter().map(|line| code_line(line)).collect();
            self.pieces.push(Piece::Code(lines));
            return;
        }
        for row in table.in_pairs() {
            let cells = row.iter().map(|(name, cell)| match *name {
                "" => escaped(cell),
                name => format!("{}: {}", escaped(name), escaped(cell)),
            });
            self.line();
            self.text.push_str("• ");
            self.text.push_str(&cells.collect::<Vec<_>>().join(" · "));
        }
        self.flush();
    }

    /// Opens a link where it leads to the web or a mailbox; elsewhere its text stays.
    fn link(&mut self, address: &str) {
        let known = ["https://", "http://", "mailto:"];
        let is_known = known.iter().any(|begin| address.starts_with(begin));
        let is_sound = address.len() <= LINK_BYTES_MAX
            && !address
                .chars()
                .any(|character| character.is_control() || character == ' ');
        let opens = is_known && is_sound && self.table.is_none() && !self.links.contains(&true);
        if opens {
            self.begin_line();
            self.text.push('<');
            self.text.push_str(&escaped(address).replace('|', "%7C"));
            self.text.push('|');
        }
        self.links.push(opens);
    }

    fn end_link(&mut self) {
        if self.links.pop() == Some(true) {
            self.text.push('>');
        }
    }

    fn item(&mut self) {
        self.line();
        let depth = self.lists.len().saturating_sub(1).min(DEPTH_MAX);
        self.begin_line();
        self.text.push_str(&"    ".repeat(depth));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.text.push_str(&format!("{number}. "));
                *number = number.saturating_add(1);
            }
            Some(None) | None => self.text.push_str("• "),
        }
    }

    /// Text of somebody.
    fn put(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
        } else if self.table.is_some() {
            self.text.push_str(text);
        } else {
            self.begin_line();
            self.text.push_str(&escaped(text).replace('\n', " "));
        }
    }

    /// Markup of our own.
    fn mark(&mut self, mark: &str) {
        // A heading is bold as a whole, and what stands in columns has no weight.
        if self.table.is_none() && !(self.in_heading && mark == "*") {
            self.begin_line();
            self.text.push_str(mark);
        }
    }

    fn begin_line(&mut self) {
        if self.quotes > 0 && (self.text.is_empty() || self.text.ends_with('\n')) {
            self.text.push_str("> ");
        }
    }

    fn line(&mut self) {
        if self.table.is_some() || self.in_heading {
            self.text.push(' ');
        } else if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Begins a paragraph or a list that stands by itself.
    fn block(&mut self) {
        if self.quotes > 0 || !self.lists.is_empty() {
            self.line();
        } else {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim_end();
        if !text.trim().is_empty() {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
    }
}

/// A line of code: the mark that would end the code is changed, tabs are spaces.
fn code_line(line: &str) -> String {
    escaped(line).replace("```", "'''").replace('\t', "    ")
}
