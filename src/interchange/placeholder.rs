//! Placeholders of templates: `[…]`, `<…>`, YYYY-MM-DD, NNN, High/Med/Low. What is one is never taken for
//! a value; a title keeps its words without the brackets.

use super::block::Text;
use super::vocabulary;

/// The most bytes between the brackets of a placeholder.
const LONGEST: usize = 200;

/// The HTML elements that are markup when written inline; every other tag is text.
const ELEMENTS: &[&str] = &[
    "a", "abbr", "b", "br", "center", "cite", "code", "del", "details", "div", "dl", "dt", "dd",
    "em", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i",
    "img", "input", "ins", "kbd", "label", "li", "mark", "nav", "ol", "p", "picture", "pre", "q",
    "s", "samp", "section", "small", "source", "span", "strike", "strong", "sub", "summary", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "tt", "u", "ul", "var", "video",
];

/// The known element that a tag opens or closes.
pub(super) fn html_element(tag: &str) -> Option<&'static str> {
    let inner = tag.strip_prefix('<')?.trim_start_matches('/');
    let end = inner.find(|character: char| !character.is_ascii_alphanumeric())?;
    let name = inner[..end].to_ascii_lowercase();
    ELEMENTS.iter().find(|element| **element == name).copied()
}

/// What a text holds of placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holds {
    /// None.
    Nothing,
    /// Some, beside words of its own.
    Some,
    /// Nothing but placeholders.
    Only,
}

/// Looks for placeholders, outside code spans.
pub(super) fn find(text: &Text) -> Holds {
    if is_choice(&text.text) {
        return Holds::Only;
    }
    let brackets = bracketed(text);
    let mut rest = String::with_capacity(text.text.len());
    let mut from = 0;
    for (open, close) in &brackets {
        rest.push_str(&text.text[from..*open]);
        rest.push(' ');
        from = close + 1;
    }
    rest.push_str(&text.text[from..]);
    let mut stamps = false;
    let mut words = false;
    for word in rest.split(|character: char| !character.is_alphanumeric()) {
        match word {
            "YYYY" | "NNN" => stamps = true,
            "" | "MM" | "DD" | "to" | "Session" => {}
            _ => words = true,
        }
    }
    match (brackets.is_empty() && !stamps, words) {
        (true, _) => Holds::Nothing,
        (false, true) => Holds::Some,
        (false, false) => Holds::Only,
    }
}

/// The text with the brackets of its placeholders taken away.
pub(super) fn without_brackets(text: &Text) -> String {
    let mut kept = String::with_capacity(text.text.len());
    let mut from = 0;
    for (open, close) in bracketed(text) {
        kept.push_str(&text.text[from..open]);
        kept.push_str(&text.text[open + 1..close]);
        from = close + 1;
    }
    kept.push_str(&text.text[from..]);
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The opening and closing places of every bracketed placeholder, in order, never overlapping.
fn bracketed(text: &Text) -> Vec<(usize, usize)> {
    let source = text.text.as_str();
    let bytes = source.as_bytes();
    let in_code = |at: usize| {
        let after = text.code.partition_point(|span| span.start <= at);
        after
            .checked_sub(1)
            .is_some_and(|span| text.code[span].end > at)
    };
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let close_byte = match bytes[at] {
            b'[' => b']',
            b'<' => b'>',
            _ => {
                at += 1;
                continue;
            }
        };
        let glued = source[..at]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric);
        let close = bytes[at + 1..]
            .iter()
            .take(LONGEST)
            .position(|byte| *byte == close_byte || *byte == bytes[at] || *byte == b'\n')
            .map(|length| at + 1 + length)
            .filter(|close| bytes[*close] == close_byte);
        match close {
            Some(close) if !glued && !in_code(at) && is_bracketed(&source[at + 1..close]) => {
                found.push((at, close));
                at = close + 1;
            }
            _ => at += 1,
        }
    }
    found
}

fn is_bracketed(inner: &str) -> bool {
    inner.chars().nth(1).is_some()
        && inner.trim() == inner
        && inner.chars().any(char::is_alphabetic)
        && !inner.contains("://")
}

/// `High/Med/Low`, `Active/Mitigated`: a choice that nobody made.
fn is_choice(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 80
        && text.contains('/')
        && text
            .split('/')
            .all(|part| vocabulary::is_level_or_state(part.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, holds: Holds, kept: &str) {
        let text = Text {
            text: text.to_owned(),
            ..Text::default()
        };
        assert_eq!(find(&text), holds, "{}", text.text);
        assert_eq!(without_brackets(&text), kept);
    }

    #[test]
    fn brackets_stamps_and_choices_are_placeholders() {
        check("[Your Project Name]", Holds::Only, "Your Project Name");
        check("<Database Schema>", Holds::Only, "Database Schema");
        check("<A → B>", Holds::Only, "A → B");
        check(
            "YYYY-MM-DD to YYYY-MM-DD",
            Holds::Only,
            "YYYY-MM-DD to YYYY-MM-DD",
        );
        check(
            "YYYY-MM-DD (Session NNN)",
            Holds::Only,
            "YYYY-MM-DD (Session NNN)",
        );
        check("High/Med/Low", Holds::Only, "High/Med/Low");
        check("Active/Mitigated", Holds::Only, "Active/Mitigated");
        check(
            "Build [Service Name] now",
            Holds::Some,
            "Build Service Name now",
        );
    }

    #[test]
    fn what_people_write_is_none() {
        for text in [
            "[x]",
            "p95 < 200ms and > 10",
            "Vec<String>",
            "array[index]",
            "read/write path",
            "API/UI",
            "a <= b",
            "[ ]",
            "",
            "[12]",
        ] {
            check(text, Holds::Nothing, text);
        }
    }

    #[test]
    fn code_spans_hold_no_placeholders() {
        let span = 0..8;
        let text = Text {
            text: "<String>".to_owned(),
            code: vec![span],
            ..Text::default()
        };
        assert_eq!(find(&text), Holds::Nothing);
    }

    #[test]
    fn only_known_elements_are_markup() {
        assert_eq!(html_element("<br/>"), Some("br"));
        assert_eq!(html_element("</Details>"), Some("details"));
        assert_eq!(html_element("<Name>"), None);
    }
}
