//! Why an operator's command did not do its work: one sentence with the next step, and the exit code.

use std::error::Error;
use std::fmt;

use crate::cli::{Exit, Failure};

/// A start that failed, a log that is broken, a demo that went wrong.
const GENERAL: u8 = 1;

/// Settings that cannot be used.
const USAGE: u8 = 2;

/// The reason for which nobody reads stdout any more.
pub(super) const OUTPUT_CLOSED: &str = "OUTPUT_CLOSED";

/// Why an operator's command ended without what it is for.
#[derive(Debug)]
pub struct Failed {
    exit_code: u8,
    reason: &'static str,
    message: String,
    next: Vec<String>,
}

impl Failed {
    /// Ends with exit code 1. `reason` is the stable word that scripts read.
    pub fn new(reason: &'static str, message: impl fmt::Display) -> Self {
        Self {
            exit_code: GENERAL,
            reason,
            message: message.to_string(),
            next: Vec::new(),
        }
    }

    /// The same with the whole chain of causes in the message, since nobody sees a log here.
    pub fn caused(reason: &'static str, error: &dyn Error) -> Self {
        Self::new(reason, chain(error))
    }

    /// Ends with exit code 2: what was given cannot be used.
    pub fn usage(reason: &'static str, message: impl fmt::Display) -> Self {
        Self {
            exit_code: USAGE,
            ..Self::new(reason, message)
        }
    }

    /// Adds a command line that may help, without the program's name.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// The stable word that scripts read.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// Command lines that may help, without the program's name.
    pub fn next_commands(&self) -> &[String] {
        &self.next
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for Failed {}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        if failed.reason == OUTPUT_CLOSED {
            return Self::StdoutClosed;
        }
        let exit = match failed.exit_code {
            USAGE => Exit::Usage,
            _ => Exit::Other,
        };
        let failure = Self::new(exit, failed.reason, failed.message);
        failed.next.into_iter().fold(failure, Self::next)
    }
}

/// An error and its causes in one sentence.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // A transparent error shows its cause as itself; nobody wants to read it twice.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the start failed")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Middle(std::num::ParseIntError);

    #[test]
    fn a_chain_of_causes_reads_as_one_sentence_without_repeats() {
        let cause = "x".parse::<i32>().unwrap_err();
        let words = cause.to_string();
        let failed = Failed::caused("START_FAILED", &Outer(Middle(cause)));
        assert_eq!(failed.to_string(), format!("the start failed: {words}"));
        assert_eq!(failed.exit_code(), 1);
    }

    #[test]
    fn unusable_input_has_an_exit_code_of_its_own() {
        let failed = Failed::usage("CONFIG_INVALID", "two problems").next("config show");
        assert_eq!((failed.exit_code(), failed.reason()), (2, "CONFIG_INVALID"));
        assert_eq!(failed.next_commands(), ["config show"]);
        assert_eq!(Failure::from(failed).exit(), Exit::Usage);
    }
}
