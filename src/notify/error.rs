//! Why a letter was not delivered, in the one way that decides what happens next: try again or give up.
//! Sentences are for people and for logs, so no secret and no address that could be one is ever in them.

use std::time::Duration;

/// The longest wait that a receiver may ask for, in milliseconds: a day.
const AFTER_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// Characters of a sentence.
const SENTENCE_CHARS_MAX: usize = 600;

/// What to do with a letter that was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Trying again may help.
    Retry {
        /// How long the receiver asked to wait at least, in milliseconds, at most a day; none = as
        /// [`backoff`](super::backoff::backoff) says.
        after_ms: Option<u64>,
    },
    /// Trying again does not help until somebody changes something.
    Permanent,
}

/// A letter was not delivered, or nobody knows that it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct DeliveryError {
    /// What to do next.
    pub kind: FailureKind,
    sentence: String,
}

impl DeliveryError {
    /// One that trying again may mend.
    pub fn retry(sentence: impl Into<String>) -> Self {
        Self::new(FailureKind::Retry { after_ms: None }, sentence.into())
    }

    /// One for which the receiver asked to wait; more than a day is a day.
    pub fn retry_after(after: Option<Duration>, sentence: impl Into<String>) -> Self {
        let after_ms = after.map(|after| {
            u64::try_from(after.as_millis()).map_or(AFTER_MS_MAX, |ms| ms.min(AFTER_MS_MAX))
        });
        Self::new(FailureKind::Retry { after_ms }, sentence.into())
    }

    /// One that trying again does not mend.
    pub fn permanent(sentence: impl Into<String>) -> Self {
        Self::new(FailureKind::Permanent, sentence.into())
    }

    fn new(kind: FailureKind, sentence: String) -> Self {
        let sentence = super::letter::one_line(&sentence, SENTENCE_CHARS_MAX);
        Self { kind, sentence }
    }

    /// Whether trying again does not help.
    pub fn is_permanent(&self) -> bool {
        self.kind == FailureKind::Permanent
    }

    /// What happened and what to do, one line.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

/// A channel cannot be set up as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct ChannelError {
    /// The option that is wrong, such as `url`.
    pub field: &'static str,
    /// What is wrong about it and what to write instead; never the value of a secret.
    pub problem: String,
}

impl ChannelError {
    pub(super) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { field, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_makes_a_letter_wait_for_longer_than_a_day() {
        let after = |seconds| {
            DeliveryError::retry_after(Some(Duration::from_secs(seconds)), "not now").kind
        };
        let wait = |after_ms| FailureKind::Retry {
            after_ms: Some(after_ms),
        };
        assert_eq!(after(90), wait(90_000));
        assert_eq!(after(86_401), wait(86_400_000));
        assert_eq!(after(u64::MAX), wait(86_400_000));
    }

    #[test]
    fn a_sentence_is_one_line_however_long_its_cause() {
        let error = DeliveryError::permanent(format!("a\nb\u{1b}[31m{}", "x".repeat(5_000)));
        assert!(error.sentence().starts_with("a b [31mx"));
        assert_eq!(error.sentence().chars().count(), SENTENCE_CHARS_MAX);
    }
}
