//! What the evidence of finished work is of: said by a word in front of it, "test: cargo test", so that evidence
//! stays a list of lines whoever writes it. A line without such a word is evidence of no kind.

use serde::{Deserialize, Serialize};

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Tests and how they came out.
    Test,
    /// Somebody's look at the work.
    Review,
    /// A commit or a merge.
    Commit,
    /// A document.
    Document,
}

impl EvidenceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Test, Self::Review, Self::Commit, Self::Document];

    /// The word in front of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Review => "review",
            Self::Commit => "commit",
            Self::Document => "document",
        }
    }

    /// The kind that a line of evidence states; none when it states none, or nothing behind it.
    pub fn of(line: &str) -> Option<Self> {
        let (word, rest) = line.split_once(':')?;
        let word = word.trim();
        let mut kinds = Self::ALL.into_iter();
        let kind = kinds.find(|kind| word.eq_ignore_ascii_case(kind.as_str()))?;
        (!rest.trim().is_empty()).then_some(kind)
    }

    /// Those of the kinds asked for that no line states.
    pub fn missing<T: AsRef<str>>(asked: &[Self], lines: &[T]) -> Vec<Self> {
        let stated: Vec<Self> = lines
            .iter()
            .filter_map(|line| Self::of(line.as_ref()))
            .collect();
        let missing = asked.iter().filter(|kind| !stated.contains(kind));
        missing.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_of_the_kind_whose_word_it_begins_with() {
        for (line, kind) in [
            ("test: cargo test, 40 passed", Some(EvidenceKind::Test)),
            ("Commit : 4f2a", Some(EvidenceKind::Commit)),
            ("REVIEW: https://example.org/1", Some(EvidenceKind::Review)),
            ("document:docs/a.md", Some(EvidenceKind::Document)),
            ("https://example.org/test: 1", None),
            ("tests: all of them", None),
            ("test:", None),
            ("4f2a", None),
            ("", None),
        ] {
            assert_eq!(EvidenceKind::of(line), kind, "{line}");
        }
        for kind in EvidenceKind::ALL {
            let json = serde_json::to_string(&kind).expect("a kind is JSON");
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
    }

    #[test]
    fn what_no_line_states_is_missing() {
        use EvidenceKind::{Commit, Test};
        let lines = ["test: all", "4f2a"];
        assert_eq!(EvidenceKind::missing(&[Test, Commit], &lines), [Commit]);
        assert_eq!(EvidenceKind::missing(&[], &lines), []);
    }
}
