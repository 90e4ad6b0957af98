//! Finds every path a source file mentions, spelled out from its root: what `use` brings in, what stands
//! inline, `self` and `super` resolved, and names that a `use` made short made long again.

use std::collections::BTreeMap;

use crate::lexer::{Kind, Piece, pieces};

/// One mention of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub line: usize,
    /// From the root: `crate::plan::id`, `std::fs::read`, `rusqlite::*`.
    pub path: String,
    pub in_test: bool,
}

/// What one file says.
#[derive(Debug, Default)]
pub struct Source {
    pub mentions: Vec<Mention>,
    /// Modules declared as `#[cfg(test)] mod name;`.
    pub test_modules: Vec<String>,
    /// Lines that belong to test code inside of the file.
    pub test_lines: usize,
}

/// Reads the file at `path` (from the top of the repository).
pub fn read(path: &str, text: &str) -> Source {
    let pieces: Vec<Piece<'_>> = pieces(text)
        .into_iter()
        .filter(|piece| piece.kind != Kind::Comment)
        .collect();
    let mut reader = Reader {
        home: home(path),
        pieces,
        at: 0,
        frames: Vec::new(),
        pending_test: false,
        nesting: 0,
        raw: Vec::new(),
        short: BTreeMap::new(),
        source: Source::default(),
    };
    reader.run();
    reader.finish()
}

/// The module path of a file: `src/plan/id.rs` is `plan::id`.
pub fn home(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut segments: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if matches!(
        segments.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        segments.pop();
    }
    segments
}

struct Frame {
    module: Option<String>,
    in_test: bool,
    line: usize,
}

struct Reader<'text> {
    home: Vec<String>,
    pieces: Vec<Piece<'text>>,
    at: usize,
    frames: Vec<Frame>,
    /// An attribute said that what follows is for tests only.
    pending_test: bool,
    nesting: usize,
    /// Line, segments as written, the module it stands in, whether in a test.
    raw: Vec<(usize, Vec<String>, Vec<String>, bool)>,
    short: BTreeMap<String, Vec<String>>,
    source: Source,
}

impl Reader<'_> {
    fn run(&mut self) {
        while self.at < self.pieces.len() {
            if self.here("#") {
                self.attribute();
            } else if self.here("use") && !self.behind("<") && !self.behind("+") {
                self.at += 1;
                self.use_tree(Vec::new());
            } else if self.here("mod") && self.is_word(1) {
                self.module();
            } else {
                self.other();
            }
        }
    }

    fn here(&self, text: &str) -> bool {
        self.ahead(0, text)
    }

    fn ahead(&self, by: usize, text: &str) -> bool {
        self.pieces
            .get(self.at + by)
            .is_some_and(|piece| piece.is(text))
    }

    fn behind(&self, text: &str) -> bool {
        self.at > 0 && self.pieces[self.at - 1].is(text)
    }

    fn is_word(&self, by: usize) -> bool {
        self.pieces
            .get(self.at + by)
            .is_some_and(|piece| piece.kind == Kind::Word)
    }

    fn word(&self, by: usize) -> String {
        self.pieces
            .get(self.at + by)
            .map_or_else(String::new, |piece| piece.text.to_owned())
    }

    fn in_test(&self) -> bool {
        self.pending_test || self.frames.last().is_some_and(|frame| frame.in_test)
    }

    /// Notes whether an attribute marks a test; the paths in it are read like all others.
    fn attribute(&mut self) {
        self.at += 1;
        if self.here("!") {
            self.at += 1;
        }
        if !self.here("[") {
            return;
        }
        let mut depth = 0_usize;
        let mut words = Vec::new();
        for piece in &self.pieces[self.at..] {
            match piece.text {
                "[" => depth += 1,
                "]" => depth -= 1,
                _ if piece.kind == Kind::Word => words.push(piece.text),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        let of_test = words.first() == Some(&"cfg") && words.contains(&"test");
        let is_test = words.last() == Some(&"test") && !words.contains(&"not");
        if (of_test && !words.contains(&"not")) || (is_test && !words.contains(&"cfg_attr")) {
            self.pending_test = true;
        }
    }

    fn module(&mut self) {
        let name = self.word(1);
        if self.ahead(2, "{") {
            self.at += 2;
            self.open(Some(name));
        } else {
            if self.pending_test {
                self.source.test_modules.push(name);
            }
            self.pending_test = false;
            self.at += 2;
        }
    }

    fn open(&mut self, module: Option<String>) {
        let in_test = self.in_test();
        let line = self.pieces[self.at].line;
        self.pending_test = false;
        self.frames.push(Frame {
            module,
            in_test,
            line,
        });
        self.at += 1;
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop()
            && frame.in_test
            && !self.frames.last().is_some_and(|outer| outer.in_test)
        {
            self.source.test_lines += self.pieces[self.at].line - frame.line + 1;
        }
        self.at += 1;
    }

    fn other(&mut self) {
        if self.here("{") {
            self.open(None);
        } else if self.here("}") {
            self.close();
        } else if self.is_word(0) && self.ahead(1, "::") && !self.behind("::") {
            self.inline();
        } else {
            if self.here("(") || self.here("[") {
                self.nesting += 1;
            } else if self.here(")") || self.here("]") {
                self.nesting = self.nesting.saturating_sub(1);
            } else if self.here(";") && self.nesting == 0 {
                self.pending_test = false;
            }
            self.at += 1;
        }
    }

    fn inline(&mut self) {
        let mut segments = vec![self.word(0)];
        let line = self.pieces[self.at].line;
        self.at += 1;
        while self.here("::") && self.is_word(1) {
            segments.push(self.word(1));
            self.at += 2;
        }
        self.note(line, segments);
    }

    fn note(&mut self, line: usize, segments: Vec<String>) {
        let mut module = self.home.clone();
        module.extend(self.frames.iter().filter_map(|frame| frame.module.clone()));
        let in_test = self.in_test();
        self.raw.push((line, segments, module, in_test));
    }

    /// Reads one branch of a `use`, up to its `,`, `}` or `;`.
    fn use_tree(&mut self, mut segments: Vec<String>) {
        let line = self.pieces.get(self.at).map_or(0, |piece| piece.line);
        while self.at < self.pieces.len() {
            if self.here("::") {
                self.at += 1;
            } else if self.here("{") {
                self.at += 1;
                while self.at < self.pieces.len() && !self.here("}") {
                    self.use_tree(segments.clone());
                    if self.here(",") {
                        self.at += 1;
                    }
                }
                self.at += 1;
                return;
            } else if self.here("as") {
                let name = self.word(1);
                self.at += 2;
                self.bring(line, segments, name);
                return;
            } else if self.here(",") || self.here("}") || self.here(";") {
                let name = segments.last().cloned().unwrap_or_default();
                self.bring(line, segments, name);
                return;
            } else {
                let word = self.word(0);
                if word != "self" || segments.is_empty() {
                    segments.push(word);
                }
                self.at += 1;
            }
        }
    }

    fn bring(&mut self, line: usize, segments: Vec<String>, name: String) {
        if !segments.is_empty() {
            if !matches!(segments[0].as_str(), "self" | "super") {
                self.short.insert(name, segments.clone());
            }
            self.note(line, segments);
        }
    }

    fn finish(mut self) -> Source {
        for (line, segments, module, in_test) in self.raw {
            let path = resolve(&segments, &module, &self.short).join("::");
            self.source.mentions.push(Mention {
                line,
                path,
                in_test,
            });
        }
        self.source
    }
}

fn resolve(
    segments: &[String],
    module: &[String],
    short: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let first = segments[0].as_str();
    match first {
        "self" | "super" => {
            let ups = segments
                .iter()
                .filter(|segment| *segment == "super")
                .count();
            let base = &module[..module.len().saturating_sub(ups)];
            let rest = segments
                .iter()
                .filter(|segment| *segment != "super" && *segment != "self");
            std::iter::once("crate".to_owned())
                .chain(base.iter().cloned())
                .chain(rest.cloned())
                .collect()
        }
        "muster" => std::iter::once("crate".to_owned())
            .chain(segments[1..].iter().cloned())
            .collect(),
        _ => match short.get(first) {
            Some(long) if long[0] != first || long.len() > 1 => long
                .iter()
                .chain(&segments[1..])
                .map(|segment| {
                    if segment == "muster" {
                        "crate".to_owned()
                    } else {
                        segment.clone()
                    }
                })
                .collect(),
            _ => segments.to_vec(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let mut found: Vec<String> = read(path, text)
            .mentions
            .into_iter()
            .filter(|mention| !mention.in_test)
            .map(|mention| mention.path)
            .collect();
        found.sort();
        found.dedup();
        assert_eq!(found, expected, "in {text}");
    }

    #[test]
    fn a_use_tree_is_spelled_out() {
        check(
            "src/plan/id.rs",
            "use std::{fs, time::{self, Instant as Now}, io::*};",
            &["std::fs", "std::io::*", "std::time", "std::time::Instant"],
        );
        check(
            "src/main.rs",
            "use ::rusqlite; use muster::operate;",
            &["crate::operate", "rusqlite"],
        );
    }

    #[test]
    fn a_short_name_is_made_long_again() {
        check(
            "src/plan/id.rs",
            "use jiff::Timestamp; fn f() { let a = Timestamp::now(); }",
            &["jiff::Timestamp", "jiff::Timestamp::now"],
        );
        check(
            "src/x.rs",
            "use crate::engine as e; fn f() { e::run() }",
            &["crate::engine", "crate::engine::run"],
        );
    }

    #[test]
    fn self_and_super_are_resolved_through_inline_modules() {
        check(
            "src/plan/task/state.rs",
            "fn a() { super::x(); super::super::super::store::y() } mod b { use super::c; }",
            &[
                "crate::plan::task::state::c",
                "crate::plan::task::x",
                "crate::store::y",
            ],
        );
        check(
            "src/plan/mod.rs",
            "use self::id::Id;",
            &["crate::plan::id::Id"],
        );
    }

    #[test]
    fn test_code_is_told_apart_and_counted() {
        let text = "use a::b;\n#[cfg(test)]\nmod tests {\n    use c::d;\n}\nuse e::f;\n\
                    #[cfg(test)]\nmod more;\n#[cfg(not(test))]\nuse g::h;\n";
        check("src/x.rs", text, &["a::b", "e::f", "g::h"]);
        let source = read("src/x.rs", text);
        assert_eq!(source.test_modules, ["more"]);
        assert_eq!(source.test_lines, 3);
    }

    #[test]
    fn a_test_function_outside_of_a_module_is_test_code_too() {
        let text = "#[tokio::test]\nasync fn f(a: [u8; 3]) { c::d() }\nfn g() { e::f() }\n";
        let source = read("src/x.rs", text);
        let marked: Vec<(&str, bool)> = source
            .mentions
            .iter()
            .map(|mention| (mention.path.as_str(), mention.in_test))
            .collect();
        assert_eq!(
            marked,
            [("tokio::test", true), ("c::d", true), ("e::f", false)]
        );
    }
}
