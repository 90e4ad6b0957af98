//! Splits Rust source into the few kinds of piece the checks need, so that no check mistakes a word in a
//! comment or a string for code.

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    Sign,
    Literal,
    Comment,
}

/// One piece of source with the line it begins on, from 1.
#[derive(Debug, Clone)]
pub struct Piece<'text> {
    pub kind: Kind,
    pub text: &'text str,
    pub line: usize,
}

impl Piece<'_> {
    pub fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Sign)
    }
}

/// All pieces of `text` in order.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let rest = &text[at..];
        let (kind, length) = next(rest);
        if let Some(kind) = kind {
            pieces.push(Piece {
                kind,
                text: &rest[..length],
                line,
            });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    pieces
}

/// Kind (none for space) and length in bytes of the piece at the start of `rest`, which is not empty.
fn next(rest: &str) -> (Option<Kind>, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    if rest.starts_with("//") {
        (Some(Kind::Comment), rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        (Some(Kind::Comment), block_comment(rest))
    } else if let Some(length) = text_literal(rest) {
        (Some(Kind::Literal), length)
    } else if first == '\'' {
        quote(rest)
    } else if first.is_alphabetic() || first == '_' {
        (Some(Kind::Word), word(rest))
    } else if first.is_ascii_digit() {
        (Some(Kind::Literal), word(rest))
    } else if first.is_whitespace() {
        (None, first.len_utf8())
    } else if rest.starts_with("::") {
        (Some(Kind::Sign), 2)
    } else {
        (Some(Kind::Sign), first.len_utf8())
    }
}

fn word(rest: &str) -> usize {
    rest.find(|character: char| !character.is_alphanumeric() && character != '_')
        .unwrap_or(rest.len())
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Length of a string of any prefix, or `None` where none begins here.
fn text_literal(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        rest.strip_prefix(prefix).is_some_and(|after| {
            let hashes = after.trim_start_matches('#');
            hashes.starts_with('"') && (prefix.ends_with('r') || hashes.len() == after.len())
        })
    })?;
    let after = &rest[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let body = prefix.len() + hashes + 1;
        let close = rest[body..]
            .find(&end)
            .map(|found| body + found + end.len());
        return Some(close.unwrap_or(rest.len()));
    }
    let body = prefix.len() + 1;
    Some(closed_by(rest, body, '"'))
}

fn closed_by(rest: &str, body: usize, quote: char) -> usize {
    let mut escaped = false;
    for (offset, character) in rest[body..].char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return body + offset + 1;
        }
    }
    rest.len()
}

/// A character literal or a lifetime: only the former has a closing quote right after.
fn quote(rest: &str) -> (Option<Kind>, usize) {
    let mut characters = rest[1..].chars();
    let is_character = match characters.next() {
        Some('\\') => true,
        Some(_) => characters.next() == Some('\''),
        None => false,
    };
    if is_character {
        (Some(Kind::Literal), closed_by(rest, 1, '\''))
    } else {
        (Some(Kind::Literal), 1 + word(&rest[1..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: Kind, expected: &[&str]) {
        let found: Vec<&str> = pieces(text)
            .into_iter()
            .filter(|piece| piece.kind == kind)
            .map(|piece| piece.text)
            .collect();
        assert_eq!(found, expected, "in {text}");
    }

    #[test]
    fn words_in_comments_and_strings_are_not_code() {
        let text = "let a = \"std::fs \\\" x\"; // tokio\n/* b /* c */ d */ r#\"e\"f\"# br\"g\" h";
        check(text, Kind::Word, &["let", "a", "h"]);
        check(text, Kind::Comment, &["// tokio", "/* b /* c */ d */"]);
    }

    #[test]
    fn a_quote_opens_a_character_or_a_lifetime() {
        check(
            "fn f<'a>(b: &'a str) { '{' '\\'' 'é' x }",
            Kind::Sign,
            &["<", ">", "(", ":", "&", ")", "{", "}"],
        );
        check("'a' 'b \"c\" d", Kind::Word, &["d"]);
    }

    #[test]
    fn lines_are_counted_through_everything() {
        let text = "a\n\"x\ny\"\n/*\n*/ b";
        let last = pieces(text).pop().map(|piece| (piece.text, piece.line));
        assert_eq!(last, Some(("b", 5)));
    }
}
