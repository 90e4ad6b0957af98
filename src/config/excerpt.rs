//! Shows a person the spot in a settings file: the line, with carets below.

use std::ops::Range;

const LINE_LENGTH_MAX: usize = 200;

/// Line and column of a byte offset, both from 1, the column in characters.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

/// The line in which the span begins, with a caret below each of its characters; `None` for a line too
/// long to be read.
pub(super) fn excerpt(text: &str, span: Range<usize>) -> Option<String> {
    let (line, column) = position(text, span.start);
    let shown = text.lines().nth(line - 1).unwrap_or_default();
    if shown.len() > LINE_LENGTH_MAX {
        return None;
    }
    let marked = text
        .get(span)
        .and_then(|spanned| spanned.lines().next())
        .map_or(1, |spanned| spanned.chars().count().max(1));
    // A tab is as wide as the terminal likes; one space for each keeps the caret in its column.
    let shown = shown.replace('\t', " ");
    let margin = " ".repeat(line.to_string().len());
    let indent = " ".repeat(column - 1);
    let carets = "^".repeat(marked);
    Some(format!(
        "  {margin} |\n  {line} | {shown}\n  {margin} | {indent}{carets}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, span: Range<usize>, expected: &str) {
        assert_eq!(excerpt(text, span).as_deref(), Some(expected));
    }

    #[test]
    fn the_carets_stand_below_the_spanned_characters() {
        check(
            "a = 1\nbé = 22\n",
            12..14,
            "    |\n  2 | bé = 22\n    |      ^^",
        );
        check("x = 5", 0..1, "    |\n  1 | x = 5\n    | ^");
    }

    #[test]
    fn a_span_past_the_end_or_over_lines_is_no_trouble() {
        check("ab", 2..9, "    |\n  1 | ab\n    |   ^");
        check("ab\ncd", 1..5, "    |\n  1 | ab\n    |  ^");
        check("", 0..0, "    |\n  1 | \n    | ^");
    }

    #[test]
    fn a_line_too_long_to_read_is_left_out() {
        assert_eq!(excerpt(&"x".repeat(LINE_LENGTH_MAX + 1), 3..4), None);
    }
}
