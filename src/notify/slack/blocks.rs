//! A letter as the blocks of a Slack message, within Slack's limits. What does not fit is left out at the end,
//! and a line says so.

use serde_json::{Value, json};

use super::mrkdwn::{Piece, escaped, pieces};
use crate::notify::letter::{Letter, Severity, one_line};

/// Slack's limit for a header.
const HEADER_CHARS_MAX: usize = 150;
/// Slack's limit for the text of a section.
const SECTION_CHARS_MAX: usize = 3_000;
/// Slack's limit for the blocks of a message.
const BLOCKS_MAX: usize = 50;
/// Header, context and the line that says what was left out.
const OWN_BLOCKS: usize = 3;
/// What a code block has around its lines.
const FENCES_CHARS: usize = 8;

/// The message, ready to be posted.
pub(super) fn message(letter: &Letter) -> Value {
    let sign = match letter.severity {
        Severity::Info => "",
        Severity::Warning => "⚠️ ",
        Severity::Critical => "🚨 ",
    };
    let mut title = letter.title_line(HEADER_CHARS_MAX - size(sign));
    if size(&title) > HEADER_CHARS_MAX - size(sign) {
        // Signs that take two places each.
        title = letter.title_line((HEADER_CHARS_MAX - size(sign)) / 2);
    }
    let header = format!("{sign}{title}");
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": header, "emoji": true } }),
        context(&about(letter)),
    ];
    let (parts, left_out) = parts(&letter_pieces(letter));
    blocks.extend(parts.iter().map(Part::block));
    if left_out > 0 {
        let lines = if left_out == 1 {
            "line does"
        } else {
            "lines do"
        };
        blocks.push(context(&format!(
            "_{left_out} more {lines} not fit into a message; the whole report is in {}._",
            escaped(&one_line(&letter.project, 100))
        )));
    }
    // Shown in notifications and by what cannot show blocks.
    let fallback = format!("{sign}{}: {}", one_line(&letter.project, 100), title);
    json!({ "text": escaped(&fallback), "blocks": blocks })
}

fn letter_pieces(letter: &Letter) -> Vec<Piece> {
    let mut pieces = pieces(&letter.markdown);
    // The header has said it.
    if let Some(Piece::Heading(heading)) = pieces.first()
        && heading.trim_matches('*') == escaped(letter.title.trim())
    {
        pieces.remove(0);
    }
    if pieces.is_empty() && !letter.text.trim().is_empty() {
        pieces.push(Piece::Text(escaped(letter.text.trim_end())));
    }
    pieces
}

fn about(letter: &Letter) -> String {
    let mut about = vec![
        one_line(&letter.project, 100),
        letter.kind.to_string(),
        one_line(&letter.date, 100),
        letter.time(),
    ];
    if letter.severity != Severity::Info {
        about.push(letter.severity.to_string());
    }
    about.retain(|word| !word.is_empty());
    escaped(&about.join(" · "))
}

fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": text }] })
}

/// A block of the message that the report fills.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Section(String),
    Divider,
}

impl Part {
    fn block(&self) -> Value {
        match self {
            Self::Section(text) => {
                json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
            }
            Self::Divider => json!({ "type": "divider" }),
        }
    }
}

/// The blocks, and how many lines found no room. Headings begin a block of their own while there are enough.
fn parts(pieces: &[Piece]) -> (Vec<Part>, usize) {
    let room = BLOCKS_MAX - OWN_BLOCKS;
    let mut parts = packed(pieces, true);
    if parts.len() > room {
        parts = packed(pieces, false);
    }
    let left_out = parts.split_off(parts.len().min(room));
    let lines = left_out.iter().map(|part| match part {
        Part::Section(text) => text
            .lines()
            .filter(|line| !line.trim().is_empty() && *line != "```")
            .count(),
        Part::Divider => 0,
    });
    let lines = lines.sum();
    (parts, lines)
}

fn packed(pieces: &[Piece], by_heading: bool) -> Vec<Part> {
    let mut packer = Packer::default();
    for piece in pieces {
        match piece {
            Piece::Heading(text) => {
                if by_heading {
                    packer.close();
                }
                packer.add_text(text);
            }
            Piece::Text(text) => packer.add_text(text),
            Piece::Code(lines) => packer.add_code(lines),
            Piece::Rule if by_heading => {
                packer.close();
                if !packer.parts.is_empty() {
                    packer.parts.push(Part::Divider);
                }
            }
            // Where blocks are short, a line across is a luxury.
            Piece::Rule => {}
        }
    }
    packer.close();
    packer.parts
}

#[derive(Default)]
struct Packer {
    parts: Vec<Part>,
    section: String,
}

impl Packer {
    fn close(&mut self) {
        let section = std::mem::take(&mut self.section);
        if !section.trim().is_empty() {
            self.parts.push(Part::Section(section));
        }
    }

    /// Adds what belongs together, in this section or the next.
    fn add(&mut self, text: &str) {
        let between = if self.section.is_empty() { "" } else { "\n" };
        if size(&self.section) + between.len() + size(text) > SECTION_CHARS_MAX {
            self.close();
            self.section.push_str(text);
        } else {
            self.section.push_str(between);
            self.section.push_str(text);
        }
    }

    fn add_text(&mut self, text: &str) {
        if size(text) <= SECTION_CHARS_MAX {
            self.add(text);
            return;
        }
        for line in text.lines() {
            for part in split(line, SECTION_CHARS_MAX) {
                self.add(part);
            }
        }
    }

    fn add_code(&mut self, lines: &[String]) {
        let room = SECTION_CHARS_MAX - FENCES_CHARS;
        let mut code = String::new();
        let lines = lines.iter().flat_map(|line| split(line, room));
        for line in lines {
            if !code.is_empty() && size(&code) + 1 + size(line) > room {
                self.add(&format!("```\n{code}\n```"));
                code.clear();
            }
            if !code.is_empty() {
                code.push('\n');
            }
            code.push_str(line);
        }
        if !code.is_empty() {
            self.add(&format!("```\n{code}\n```"));
        }
    }
}

/// The length of a text as Slack may count it: never less than characters.
fn size(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A line in parts of at most so many characters, broken between words where there are any, never inside an
/// escaped character or a link.
fn split(line: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line;
    loop {
        let end = cut_anywhere(rest, most);
        if end == rest.len() {
            break;
        }
        let end = whole(rest, end);
        let (part, after) = rest.split_at(end);
        parts.push(part.trim_end());
        rest = after.trim_start();
    }
    parts.push(rest);
    parts
}

/// The last place up to `most` where a line may be broken.
fn whole(line: &str, most: usize) -> usize {
    let head = &line[..most];
    let mut end = most;
    if let Some(entity) = head.rfind('&')
        && !head[entity..].contains(';')
    {
        end = entity;
    }
    if let Some(link) = head.rfind('<')
        && !head[link..].contains('>')
    {
        end = end.min(link);
    }
    let head = &line[..end];
    // A space far back would leave half of the room empty.
    match head.rfind(' ') {
        Some(space) if space > end / 2 && !is_in_link(head, space) => space,
        // A link longer than a section has no better place.
        _ if end == 0 => most,
        _ => end,
    }
}

fn is_in_link(head: &str, place: usize) -> bool {
    let before = &head[..place];
    before
        .rfind('<')
        .is_some_and(|link| !before[link..].contains('>'))
}

/// Where a line is broken that may be broken anywhere.
fn cut_anywhere(line: &str, most: usize) -> usize {
    let mut used = 0;
    let over = line.char_indices().find(|(_, character)| {
        used += character.len_utf16();
        used > most
    });
    over.map_or(line.len(), |(position, _)| position)
}

#[cfg(test)]
mod tests;
