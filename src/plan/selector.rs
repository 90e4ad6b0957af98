//! Selectors: tasks named by what they are about instead of one by one ("All API endpoints", `area:API`,
//! `phase:2 tests`). A task added later is looked at by the same words; nothing but its title, its area and its
//! phase decides.

use std::collections::BTreeSet;

use super::id::PhaseNo;
use super::model::Spec;
use super::refusal::Refusal;
use super::state::Plan;

/// The longest selector, in characters.
pub const SELECTOR_CHARS_MAX: usize = 200;
/// Words that one selector may have.
const WORDS_MAX: usize = 10;

const FILLERS: &[&str] = &[
    "the", "an", "of", "for", "and", "to", "on", "in", "with", "task", "tasks", "is", "are", "by",
];

/// The words of a text, free of case and ending: the first five letters decide. Words that say nothing are left
/// out.
pub fn stems(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|next: char| !next.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .filter_map(|word| {
            let lower = word.to_lowercase();
            // A capital A is a name, as in "Feature A".
            if word == "a" || FILLERS.contains(&lower.as_str()) {
                return None;
            }
            let count = lower.chars().count();
            let singular = lower
                .strip_suffix('s')
                .filter(|rest| count > 3 && !rest.ends_with('s'));
            Some(singular.unwrap_or(&lower).chars().take(5).collect())
        })
}

/// A selector that was read: which tasks it names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// All of these are among the words of the title or of the area.
    words: Vec<String>,
    /// The area, in lower case.
    area: Option<String>,
    /// The phase.
    phase: Option<PhaseNo>,
}

impl Selector {
    /// The phase that it is narrowed to.
    pub fn phase(&self) -> Option<PhaseNo> {
        self.phase
    }

    /// Whether it names a task.
    pub fn takes(&self, spec: &Spec) -> bool {
        self.phase.is_none_or(|phase| phase == spec.phase)
            && self
                .area
                .as_ref()
                .is_none_or(|area| spec.area.trim().to_lowercase() == *area)
            && self.has_words_of(spec)
    }

    fn has_words_of(&self, spec: &Spec) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let theirs: BTreeSet<String> = stems(&spec.title).chain(stems(&spec.area)).collect();
        self.words.iter().all(|word| theirs.contains(word))
    }
}

/// A piece of a selector: a key before a colon, if it has one, and the rest.
fn pieces(text: &str) -> Vec<(String, String)> {
    let mut pieces = Vec::new();
    let (mut key, mut word) = (String::new(), String::new());
    let mut quoted = false;
    for next in text.chars().chain([' ']) {
        match next {
            '"' => quoted = !quoted,
            ':' if !quoted && key.is_empty() && is_key(&word) => {
                key = std::mem::take(&mut word).to_lowercase();
            }
            next if next.is_whitespace() && !quoted => {
                if !word.is_empty() || !key.is_empty() {
                    pieces.push((std::mem::take(&mut key), std::mem::take(&mut word)));
                }
            }
            next => word.push(next),
        }
    }
    // An open quotation ends with the text.
    if quoted && (!word.trim().is_empty() || !key.is_empty()) {
        pieces.push((key, word.trim_end().to_owned()));
    }
    pieces
}

fn is_key(word: &str) -> bool {
    word.eq_ignore_ascii_case("area") || word.eq_ignore_ascii_case("phase")
}

impl Plan {
    /// Reads a selector: words that title or area must have, `area:NAME` and `phase:ID`, all of which must hold.
    ///
    /// # Errors
    /// INVALID_FIELD for one that is too long or names nothing to go by, PHASE_NOT_FOUND for an unknown phase.
    pub fn selector(&self, field: &str, text: &str) -> Result<Selector, Refusal> {
        let text = text.trim();
        if text.chars().count() > SELECTOR_CHARS_MAX {
            let description = format!("is longer than {SELECTOR_CHARS_MAX} characters");
            return Err(Refusal::field(field, description).fact("limit", SELECTOR_CHARS_MAX));
        }
        let mut selector = Selector::default();
        let mut first = true;
        for (key, word) in pieces(text) {
            match key.as_str() {
                "area" => selector.area = Some(word.trim().to_lowercase()),
                "phase" => selector.phase = Some(self.resolve_phase(&word)?),
                _ if first && is_all(&word) => {}
                _ => selector.words.extend(stems(&word)),
            }
            first = false;
        }
        selector.words.sort_unstable();
        selector.words.dedup();
        if selector.words.len() > WORDS_MAX {
            let description = format!("has more than {WORDS_MAX} words");
            return Err(Refusal::field(field, description).fact("limit", WORDS_MAX));
        }
        let area = selector.area.as_deref();
        if area == Some("")
            || selector.words.is_empty() && area.is_none() && selector.phase.is_none()
        {
            let description = "names no word, area or phase to go by; write it like \"All API endpoints\", area:API or phase:2";
            return Err(Refusal::field(field, description));
        }
        Ok(selector)
    }
}

fn is_all(word: &str) -> bool {
    ["all", "every", "each", "any"]
        .iter()
        .any(|all| word.eq_ignore_ascii_case(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_read_in_pieces() {
        let read = |text: &str| -> Vec<(String, String)> { pieces(text) };
        let pair = |key: &str, word: &str| (key.to_owned(), word.to_owned());
        assert_eq!(
            read("All API endpoints"),
            [pair("", "All"), pair("", "API"), pair("", "endpoints")]
        );
        assert_eq!(
            read("Area:\"Data access\" phase:2 tests"),
            [
                pair("area", "Data access"),
                pair("phase", "2"),
                pair("", "tests")
            ]
        );
        assert_eq!(read("note: this"), [pair("", "note:"), pair("", "this")]);
        assert_eq!(read("area:\"open"), [pair("area", "open")]);
        assert_eq!(read("  "), []);
    }

    #[test]
    fn words_are_free_of_case_and_ending() {
        let words: Vec<String> = stems("Write the API Endpoints for Feature A").collect();
        assert_eq!(words, ["write", "api", "endpo", "featu", "a"]);
    }
}
