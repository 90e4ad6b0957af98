//! The checks that every section uses. A check never stops at the first problem: it notes it and lets
//! the others run.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::error::Problem;
use super::origin::{Origin, Origins};

/// Collects what is wrong and knows where each value came from.
pub(super) struct Checker<'origins> {
    origins: &'origins Origins,
    pub(super) problems: Vec<Problem>,
}

impl<'origins> Checker<'origins> {
    /// Starts with the problems that the layers already had.
    pub(super) fn new(origins: &'origins Origins, problems: Vec<Problem>) -> Self {
        Self { origins, problems }
    }

    /// Notes that the value of `key` cannot be used.
    pub(super) fn refuse(&mut self, key: &str, message: impl Display) {
        let placed = self.origins.get(key);
        self.problems.push(Problem {
            place: placed
                .filter(|placed| placed.origin != Origin::Default)
                .map(|placed| placed.origin.to_string()),
            message: format!("`{key}` {message}"),
            excerpt: placed.and_then(|placed| placed.excerpt.clone()),
        });
    }

    /// The same where what is written may be a secret: the line is not shown.
    pub(super) fn refuse_unshown(&mut self, key: &str, message: impl Display) {
        self.refuse(key, message);
        if let Some(problem) = self.problems.last_mut() {
            problem.excerpt = None;
        }
    }

    /// Whether somebody wrote a value for `key`.
    pub(super) fn is_written(&self, key: &str) -> bool {
        self.origins.contains_key(key)
    }

    /// Notes a number outside of `range`; `unit` is a plural word.
    pub(super) fn range(&mut self, key: &str, value: u64, range: RangeInclusive<u64>, unit: &str) {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            self.refuse(
                key,
                format_args!("is {value}; it must be between {least} and {most} {unit}"),
            );
        }
    }

    /// Notes a word that is none of `words`.
    pub(super) fn one_of(&mut self, key: &str, value: &str, words: &[&str]) {
        if !words.contains(&value) {
            let known = words.join(", ");
            self.refuse(key, format_args!("is {value:?}; it must be one of {known}"));
        }
    }

    /// Notes a path that a shell would have expanded and that would otherwise name a folder called "~".
    pub(super) fn path(&mut self, key: &str, value: &str) {
        if value == "~" || value.starts_with("~/") {
            self.refuse(
                key,
                format_args!("is {value:?}; \"~\" is not expanded here, write the whole path"),
            );
        }
    }
}
