//! What every file looks like: a header that says what it is for, a length a person can read, no notes to
//! oneself, and no name at the top that nobody expects.

use std::collections::BTreeSet;

use crate::lexer::{Kind, pieces};
use crate::paths;

const LINES_MAX: usize = 600;

/// All that may stand at the top.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "build.rs",
    "clippy.toml",
    "config",
    "deploy",
    "docs",
    "examples",
    "proto",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "src",
    "tests",
];

/// A source file opens with a sentence on what it is for.
pub fn header(path: &str, text: &str) -> Vec<String> {
    let opening = text.lines().next().unwrap_or_default();
    let said = opening.strip_prefix("//! ").unwrap_or_default();
    if said.trim().is_empty() {
        vec![format!(
            "{path}:1: a file opens with `//!` and what it is for"
        )]
    } else {
        Vec::new()
    }
}

/// A source file is short enough to be read; tests inside of it do not count.
pub fn length(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count() - paths::read(path, text).test_lines;
    if lines > LINES_MAX {
        vec![format!(
            "{path}: {lines} lines, more than {LINES_MAX}; split it by what it does"
        )]
    } else {
        Vec::new()
    }
}

/// No stub, no lint silenced without a reason, no test that is never run.
pub fn stubs(path: &str, text: &str) -> Vec<String> {
    let pieces: Vec<_> = pieces(text)
        .into_iter()
        .filter(|piece| piece.kind != Kind::Comment)
        .collect();
    let mut problems = Vec::new();
    let mut brackets_of_attribute = 0_usize;
    for (at, piece) in pieces.iter().enumerate() {
        let next_is = |text: &str| pieces.get(at + 1).is_some_and(|next| next.is(text));
        let mut complain = |what: &str| problems.push(format!("{path}:{}: `{what}`", piece.line));
        if piece.is("#") && (next_is("[") || next_is("!")) {
            brackets_of_attribute = 0;
        } else if piece.is("[") {
            let before = |by: usize, sign: &str| at >= by && pieces[at - by].is(sign);
            let opens = before(1, "#") || (before(1, "!") && before(2, "#"));
            if opens || brackets_of_attribute > 0 {
                brackets_of_attribute += 1;
            }
        } else if piece.is("]") {
            brackets_of_attribute = brackets_of_attribute.saturating_sub(1);
        } else if brackets_of_attribute > 0 && (piece.is("allow") || piece.is("ignore")) {
            complain(&format!("#[{}]", piece.text));
        } else if (piece.is("todo") || piece.is("unimplemented")) && next_is("!") {
            complain(&format!("{}!", piece.text));
        }
    }
    problems
}

/// No note to oneself is left in a comment. What a test or a text calls a plan's status is no comment.
pub fn notes(path: &str, text: &str) -> Vec<String> {
    // Put together here, so that this file does not hold what it looks for.
    let markers = [["TO", "DO"], ["FIX", "ME"], ["X", "XX"]].map(|parts| parts.concat());
    let mut problems = Vec::new();
    let mut search = |line: usize, text: &str| {
        for (offset, piece) in text.split('\n').enumerate() {
            let outside_code: String = piece.split('`').step_by(2).collect();
            let mut words = outside_code.split(|character: char| !character.is_alphanumeric());
            if words.any(|word| markers.iter().any(|marker| marker == word)) {
                problems.push(format!("{path}:{}: a note to oneself", line + offset));
            }
        }
    };
    if path.ends_with(".rs") {
        for piece in pieces(text) {
            if piece.kind == Kind::Comment {
                search(piece.line, piece.text);
            }
        }
    } else if !path.starts_with("tests/") {
        search(1, text);
    }
    problems
}

/// No file speaks of what a reader of the project does not have before them.
pub fn words(path: &str, text: &str) -> Vec<String> {
    let forbidden =
        [["issue", " #"], ["blue", "print"], ["seed", " 00"]].map(|parts| parts.concat());
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.to_lowercase();
        for word in &forbidden {
            if line.contains(word) {
                problems.push(format!("{path}:{}: {word:?}", index + 1));
            }
        }
    }
    problems
}

/// Nothing unknown lies at the top.
pub fn top_level(paths: &BTreeSet<String>) -> Vec<String> {
    let names: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| path.split('/').next())
        .collect();
    names
        .into_iter()
        .filter(|name| !TOP_LEVEL.contains(name))
        .map(|name| format!("{name}: nothing of this name belongs at the top"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds the number of problems that a check finds in a text.
    fn check(by: fn(&str, &str) -> Vec<String>, path: &str, text: &str, expected: usize) {
        let problems = by(path, text);
        assert_eq!(problems.len(), expected, "{text:?}: {problems:?}");
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        check(header, "src/x.rs", "use a;\n", 1);
        check(header, "src/x.rs", "//!\nuse a;\n", 1);
        check(header, "src/x.rs", "", 1);
        check(header, "src/x.rs", "//! Keeps x.\nuse a;\n", 0);
    }

    #[test]
    fn a_file_too_long_is_found_and_its_tests_do_not_count() {
        let long = "fn f() {}\n".repeat(LINES_MAX + 1);
        check(length, "src/x.rs", &long, 1);
        let tested = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
        check(length, "src/x.rs", &tested, 0);
    }

    #[test]
    fn stubs_silenced_lints_and_skipped_tests_are_found() {
        check(stubs, "src/x.rs", "fn f() { todo!() }", 1);
        check(stubs, "src/x.rs", "fn f() { unimplemented!(\"x\") }", 1);
        check(stubs, "src/x.rs", "#[allow(dead_code)]\nfn f() {}", 1);
        check(stubs, "src/x.rs", "#![allow(dead_code)]\n", 1);
        check(
            stubs,
            "src/x.rs",
            "#[cfg_attr(miri, ignore)]\n#[test]\nfn f() {}",
            1,
        );
        check(
            stubs,
            "src/x.rs",
            "#[test]\n#[ignore = \"slow\"]\nfn f() {}",
            1,
        );
        check(
            stubs,
            "src/x.rs",
            "// todo!()\nlet ignore = vec![allow]; let todo = 1;",
            0,
        );
        check(
            stubs,
            "src/x.rs",
            "#[expect(dead_code, reason = \"allow\")]\nfn f() {}",
            0,
        );
    }

    #[test]
    fn a_note_to_oneself_is_found_in_comments_only() {
        let marker = ["TO", "DO"].concat();
        check(notes, "src/x.rs", &format!("// {marker}: later\n"), 1);
        check(notes, "src/x.rs", &format!("/* a\n {marker}(me) */"), 1);
        check(notes, "deploy/x.service", &format!("# {marker} x"), 1);
        check(
            notes,
            "src/x.rs",
            &format!("const A: &str = \"{marker}\"; // todo, `{marker}`"),
            0,
        );
        check(
            notes,
            "tests/plans/a.md",
            &format!("{marker}: a plan's own word"),
            0,
        );
    }

    #[test]
    fn a_word_of_the_workshop_is_found() {
        check(words, "docs/a.md", &["see the blue", "print\n"].concat(), 1);
        check(words, "src/x.rs", &["// Issue", " #12\n"].concat(), 1);
        check(words, "src/x.rs", "// an issue of its own\n", 0);
    }

    #[test]
    fn an_unknown_name_at_the_top_is_found() {
        let paths = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            top_level(&paths(&["src/a.rs", "notes.md", "tmp/x"])).len(),
            2
        );
        assert_eq!(top_level(&paths(&["Cargo.toml", "docs/a.md"])).len(), 0);
    }
}
