//! What is wrong with the settings, for the person who must mend them: every problem at once, each with
//! its place.

use std::fmt;

/// The settings cannot be used. The text lists every problem.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// The problems in the order they were found; at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [only] => write!(formatter, "the settings cannot be used: {only}"),
            many => {
                write!(
                    formatter,
                    "the settings cannot be used, {} problems:",
                    many.len()
                )?;
                for problem in many {
                    write!(formatter, "\n- {problem}")?;
                }
                Ok(())
            }
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `FILE:LINE:COLUMN`, a variable, a flag; `None` when it is about the whole.
    pub place: Option<String>,
    /// What is wrong and what would be right, as a sentence without a full stop.
    pub message: String,
    /// The line of the file with a caret below the spot.
    pub excerpt: Option<String>,
}

impl Problem {
    pub(super) fn anywhere(message: String) -> Self {
        Self {
            place: None,
            message,
            excerpt: None,
        }
    }

    pub(super) fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: Some(place.into()),
            message: message.into(),
            excerpt: None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(formatter, "{place}: ")?;
        }
        formatter.write_str(&self.message)?;
        if let Some(excerpt) = &self.excerpt {
            write!(formatter, "\n{excerpt}")?;
        }
        Ok(())
    }
}
