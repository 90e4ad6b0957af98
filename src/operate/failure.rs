//! Failures of the operator's commands, in the command line's own words. Here nobody reads a log beside, so
//! the causes of an error stand in the message.

use std::error::Error;
use std::fmt::Display;

use crate::cli::{Exit, Failure};

pub(super) use crate::telemetry::chain;

/// Ends with exit code 1. `reason` is the stable word that scripts read.
pub(super) fn failure(reason: &str, message: impl Display) -> Failure {
    Failure::new(Exit::Other, reason, message.to_string())
}

/// The same with the whole chain of causes as the message.
pub(super) fn caused(reason: &str, error: &dyn Error) -> Failure {
    failure(reason, chain(error))
}

/// Ends with exit code 2: what was given cannot be used.
pub(super) fn unusable(reason: &str, message: impl Display) -> Failure {
    Failure::new(Exit::Usage, reason, message.to_string())
}

/// What a failure says, for tests.
#[cfg(test)]
pub(super) fn words(failure: &Failure) -> String {
    match failure {
        Failure::Said(fault) => fault.message.clone(),
        Failure::Answered(exit) => format!("answered, {exit:?}"),
        Failure::StdoutClosed => "stdout closed".to_owned(),
    }
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
        let text = cause.to_string();
        let failure = caused("START_FAILED", &Outer(Middle(cause)));
        assert_eq!(words(&failure), format!("the start failed: {text}"));
        assert_eq!(failure.exit(), Exit::Other);
        assert_eq!(unusable("CONFIG_INVALID", "two").exit(), Exit::Usage);
    }
}
