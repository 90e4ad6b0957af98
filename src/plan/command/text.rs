//! What may stand in a text field: how long, and no control characters that could fool a terminal.

use std::sync::Arc;

use super::super::event::Text;
use super::super::refusal::Refusal;

/// Characters of a title, a name or another line.
pub const LINE_CHARS_MAX: usize = 500;
/// Characters of an id, a name of an agent, a role or an area.
pub const NAME_CHARS_MAX: usize = 64;
/// Characters of a longer text.
pub const TEXT_CHARS_MAX: usize = 16_384;
/// Entries of a list of texts.
pub const LIST_MAX: usize = 100;

fn check(field: &str, text: &str, max: usize, lines: bool) -> Result<Text, Refusal> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars > max {
        let long = format!("is {chars} characters long; at most {max} are taken");
        return Err(Refusal::field(field, long).fact("limit", max));
    }
    let forbidden = |character: char| {
        character.is_control() && !(lines && matches!(character, '\n' | '\t' | '\r'))
    };
    if text.chars().any(forbidden) {
        return Err(Refusal::field(
            field,
            "has a control character; leave it out",
        ));
    }
    Ok(Arc::from(text))
}

/// One line, possibly empty.
pub fn line(field: &str, text: &str) -> Result<Text, Refusal> {
    check(field, text, LINE_CHARS_MAX, false)
}

/// One line that must not be empty.
pub fn required_line(field: &str, text: &str) -> Result<Text, Refusal> {
    required(field, line(field, text)?)
}

/// A short name that must not be empty.
pub fn name(field: &str, text: &str) -> Result<Text, Refusal> {
    required(field, check(field, text, NAME_CHARS_MAX, false)?)
}

/// Several lines, possibly none.
pub fn long(field: &str, text: &str) -> Result<Text, Refusal> {
    check(field, text, TEXT_CHARS_MAX, true)
}

/// Several lines, at least one.
pub fn required_long(field: &str, text: &str) -> Result<Text, Refusal> {
    required(field, long(field, text)?)
}

/// A list of lines, none of them empty.
pub fn list(field: &str, texts: &[String]) -> Result<Vec<Text>, Refusal> {
    if texts.len() > LIST_MAX {
        let long = format!("has {} entries; at most {LIST_MAX} are taken", texts.len());
        return Err(Refusal::field(field, long).fact("limit", LIST_MAX));
    }
    texts
        .iter()
        .map(|text| required_line(field, text))
        .collect()
}

fn required(field: &str, text: Text) -> Result<Text, Refusal> {
    if text.is_empty() {
        return Err(Refusal::field(field, "is missing or empty"));
    }
    Ok(text)
}

/// A text that is only there when something stands in it.
pub fn some(text: Text) -> Option<Text> {
    (!text.is_empty()).then_some(text)
}

/// An agent's, phase's or authored id: a name without spaces at its ends and without slashes, commas
/// and colons, so that it can stand in lists and in the log.
pub fn id(field: &str, text: &str) -> Result<Text, Refusal> {
    let id = name(field, text)?;
    if id.contains(['/', ',', ':', '\\', '"', '`']) || id.chars().any(char::is_whitespace) {
        return Err(Refusal::field(
            field,
            "may not hold spaces, slashes, commas, colons or quotes",
        ));
    }
    Ok(id)
}

/// A priority from 0 (P0) to 3 (P3).
pub fn priority(given: Option<u8>) -> Result<u8, Refusal> {
    match given {
        None => Ok(2),
        Some(priority @ 0..=3) => Ok(priority),
        Some(_) => Err(Refusal::field("priority", "is none of P0, P1, P2, P3")),
    }
}
