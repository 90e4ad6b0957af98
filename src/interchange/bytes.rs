//! From bytes to lines of markdown: size, encoding, line ends, front matter and nesting are settled here, so
//! that everything after sees bounded text whose line numbers are those of the file.

use std::collections::HashMap;

use super::PlanFileError;

/// The most bytes a plan file may have.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most containers (quotes, list markers) that may open on one line.
const MAX_MARKERS_PER_LINE: usize = 12;

/// The deepest indentation that is kept, in bytes; what is deeper is moved left to it.
const MAX_INDENT: usize = 64;

/// The most lines that front matter may have.
const MAX_FRONT_MATTER_LINES: usize = 500;

/// Text that is ready to be read as markdown, line for line the file.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// The markdown, with the front matter blanked.
    pub markdown: String,
    /// The simple `key: value` lines of the front matter, keys in lower case.
    pub front_matter: Vec<(String, String)>,
    /// Lines that were blanked because they nest too deep.
    pub too_deep: Vec<u32>,
}

impl Prepared {
    /// Whether the front matter says that the file is a template.
    pub fn is_template(&self) -> bool {
        self.front_matter
            .iter()
            .any(|(key, value)| key == "document_type" && value.eq_ignore_ascii_case("template"))
    }
}

/// The text of a file with `\n` as its only line end and no byte order mark.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<String, PlanFileError> {
    if bytes.len() > MAX_BYTES {
        return Err(PlanFileError::TooLarge {
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            limit: u64::try_from(MAX_BYTES).unwrap_or(u64::MAX),
        });
    }
    let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let binary = bytes[..valid]
        .iter()
        .position(|byte| *byte < b' ' && !b"\t\n\r\x0c".contains(byte));
    if let Some(offset) = binary.or((valid < bytes.len()).then_some(valid)) {
        let line = bytes[..offset]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        return Err(PlanFileError::NotText {
            offset,
            line: u32::try_from(line).unwrap_or(u32::MAX),
        });
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(format) = structured_format(name, text) {
        return Err(PlanFileError::UnsupportedFormat { format });
    }
    Ok(if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    })
}

fn structured_format(name: &str, text: &str) -> Option<&'static str> {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("yaml" | "yml") => Some("YAML"),
        Some("json" | "jsonl") => Some("JSON"),
        Some("toml") => Some("TOML"),
        Some("csv" | "tsv") => Some("CSV"),
        _ => text.trim_start().starts_with('{').then_some("JSON"),
    }
}

/// Blanks the front matter and what nests too deep, and protects pipes inside code spans of table rows.
pub(super) fn prepare(text: &str) -> Prepared {
    let mut prepared = Prepared {
        markdown: String::with_capacity(text.len() + 1),
        ..Prepared::default()
    };
    let front_lines = front_matter(text, &mut prepared.front_matter);
    for (index, line) in text.split('\n').enumerate() {
        if index >= front_lines {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            match nesting(line) {
                Nesting::Fine => push_line(line, &mut prepared.markdown),
                Nesting::OnlyMarkers => {}
                Nesting::TooDeep => prepared.too_deep.push(number),
            }
        }
        prepared.markdown.push('\n');
    }
    prepared
}

/// How many lines the front matter takes, its fences included; 0 when there is none.
fn front_matter(text: &str, pairs: &mut Vec<(String, String)>) -> usize {
    let mut lines = text.split('\n');
    if lines.next().map(str::trim_end) != Some("---") {
        return 0;
    }
    let mut found = Vec::new();
    for (index, line) in lines.take(MAX_FRONT_MATTER_LINES).enumerate() {
        if matches!(line.trim_end(), "---" | "...") {
            *pairs = found;
            return index + 2;
        }
        if let Some((key, value)) = line.trim().split_once(':') {
            let value = value.trim().trim_matches(['"', '\'']).trim();
            found.push((key.trim().to_ascii_lowercase(), value.to_owned()));
        }
    }
    0
}

enum Nesting {
    Fine,
    OnlyMarkers,
    TooDeep,
}

fn nesting(line: &str) -> Nesting {
    let mut rest = line;
    for _ in 0..=MAX_MARKERS_PER_LINE {
        rest = rest.trim_start();
        match after_marker(rest) {
            Some(after) => rest = after,
            None => return Nesting::Fine,
        }
    }
    if rest.bytes().all(|byte| b" \t>-*+_".contains(&byte)) {
        Nesting::OnlyMarkers
    } else {
        Nesting::TooDeep
    }
}

fn after_marker(text: &str) -> Option<&str> {
    if let Some(after) = text.strip_prefix('>') {
        return Some(after);
    }
    let digits = text.bytes().take(9).take_while(u8::is_ascii_digit).count();
    let marker = if digits > 0 {
        [b'.', b')'].as_slice()
    } else {
        b"-*+".as_slice()
    };
    let after = text.get(digits + 1..)?;
    (marker.contains(text.as_bytes().get(digits)?)
        && (after.is_empty() || after.starts_with([' ', '\t'])))
    .then_some(after)
}

fn push_line(line: &str, out: &mut String) {
    let trimmed = line.trim_start_matches([' ', '\t']);
    let indent = line.len() - trimmed.len();
    let line = if indent > MAX_INDENT {
        &line[indent - MAX_INDENT..]
    } else {
        line
    };
    if trimmed.starts_with('|') && line.contains('`') {
        push_with_code_pipes_escaped(line, out);
    } else {
        out.push_str(line);
    }
}

/// Markdown splits a row at every bare pipe, also inside a code span; people do not.
fn push_with_code_pipes_escaped(line: &str, out: &mut String) {
    let runs = backtick_runs(line);
    let mut next_of_length: HashMap<usize, usize> = HashMap::new();
    let mut closing = vec![None; runs.len()];
    for (index, (_, length)) in runs.iter().enumerate().rev() {
        closing[index] = next_of_length.insert(*length, index);
    }
    let (mut index, mut written) = (0, 0);
    while index < runs.len() {
        let (start, length) = runs[index];
        match closing[index] {
            Some(close) => {
                let (end, _) = runs[close];
                out.push_str(&line[written..start + length]);
                let mut before = ' ';
                for character in line[start + length..end].chars() {
                    if character == '|' && before != '\\' {
                        out.push('\\');
                    }
                    out.push(character);
                    before = character;
                }
                written = end;
                index = close + 1;
            }
            None => index += 1,
        }
    }
    out.push_str(&line[written..]);
}

fn backtick_runs(line: &str) -> Vec<(usize, usize)> {
    let bytes = line.as_bytes();
    let (mut runs, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            at += 2;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at] == b'`' {
            at += 1;
        }
        if at > start {
            runs.push((start, at - start));
        } else {
            at += 1;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<String, PlanFileError> {
        decode("PLAN.md", bytes)
    }

    #[test]
    fn line_ends_and_the_byte_order_mark_do_not_matter() {
        assert_eq!(
            decoded(b"\xef\xbb\xbfa\r\nb\rc\n"),
            Ok("a\nb\nc\n".to_owned())
        );
    }

    #[test]
    fn the_first_bad_byte_is_named_with_its_line() {
        for bytes in [b"ab\ncd\xffef".as_slice(), b"ab\ncd\x00\xff"] {
            assert_eq!(
                decoded(bytes),
                Err(PlanFileError::NotText { offset: 5, line: 2 })
            );
        }
    }

    #[test]
    fn a_file_over_the_limit_is_refused_with_the_limit_in_the_sentence() {
        let error = decoded(&vec![b'a'; MAX_BYTES + 1]).expect_err("too large");
        assert!(error.to_string().contains("16 MiB"), "{error}");
        assert!(decoded(&vec![b'a'; MAX_BYTES]).is_ok());
    }

    #[test]
    fn structured_formats_are_refused_by_name_or_by_their_first_character() {
        for (name, text) in [
            ("a.yaml", "x: 1"),
            ("tasks.JSON", "[]"),
            ("a.md", " {\"a\": 1}"),
        ] {
            let error = decode(name, text.as_bytes()).expect_err("structured");
            assert!(
                matches!(error, PlanFileError::UnsupportedFormat { .. }),
                "{name}: {error}"
            );
        }
    }

    #[test]
    fn front_matter_is_read_and_blanked_line_for_line() {
        let prepared =
            prepare("---\ntitle: \"A plan\"\ncustom:\n  document_type: template\n---\n# A\n");
        assert!(prepared.is_template());
        assert_eq!(
            prepared.front_matter[0],
            ("title".to_owned(), "A plan".to_owned())
        );
        assert_eq!(prepared.markdown, "\n\n\n\n\n# A\n\n");
        assert_eq!(prepare("---\n\nno end\n").markdown, "---\n\nno end\n\n");
    }

    #[test]
    fn pipes_inside_code_spans_of_a_row_are_protected() {
        for (line, expected) in [
            ("| `a | b` | c |", "| `a \\| b` | c |"),
            ("| ``a ` | b`` | c", "| ``a ` \\| b`` | c"),
            ("| `a \\| b` |", "| `a \\| b` |"),
            ("| a ` | b |", "| a ` | b |"),
            ("text `a | b`", "text `a | b`"),
        ] {
            assert_eq!(prepare(line).markdown.trim_end_matches('\n'), expected);
        }
    }

    #[test]
    fn a_line_that_nests_too_deep_is_blanked_and_named() {
        let prepared = prepare(&format!("a\n{}x\n{}\n", "> ".repeat(500), "- ".repeat(500)));
        assert_eq!(prepared.too_deep, [2]);
        assert_eq!(prepared.markdown, "a\n\n\n\n");
    }
}
