//! What goes wrong between the daemon and GitHub, in two voices: a sentence for people with the next step,
//! and a detail for the log. Neither holds the token.

use std::fmt;

use super::repository::Repository;
use crate::secret::Secret;

/// Characters of a detail.
const DETAIL_CHARS_MAX: usize = 500;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The settings or the question do not say enough, or say something that cannot be used.
    NotConfigured,
    /// The token is missing or not valid.
    Unauthorized,
    /// The token is valid and may not read this.
    Forbidden,
    /// There is no such repository for this token, or it has the feature switched off.
    NotFound,
    /// GitHub did not accept the question.
    Refused,
    /// GitHub takes no requests before a point in time.
    RateLimited {
        /// When it takes requests again, in milliseconds since the epoch.
        until_ms: i64,
    },
    /// It cannot be reached, or does not work.
    Unavailable,
    /// The answer is longer than what is read.
    TooLarge,
    /// The answer is not what GitHub answers.
    BadAnswer,
    /// The whole call took too long.
    Deadline,
}

/// Why GitHub could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct GitHubError {
    kind: Kind,
    sentence: String,
    detail: String,
}

impl GitHubError {
    /// What kind of thing went wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// For the log: which request, and what was answered. One line, without the token.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    pub(super) fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            sentence: sentence.into(),
            detail: String::new(),
        }
    }

    pub(super) fn not_configured(sentence: impl Into<String>) -> Self {
        Self::new(Kind::NotConfigured, sentence)
    }

    pub(super) fn bad_answer(what: impl fmt::Display) -> Self {
        Self::new(
            Kind::BadAnswer,
            format!(
                "the answer {what}, which is not what GitHub answers; check the base address and any proxy on the way"
            ),
        )
    }

    /// With a detail, from which the token is taken out in case it came back in an answer.
    pub(super) fn with_detail(mut self, detail: &str, token: Option<&Secret>) -> Self {
        let detail = match token {
            Some(token) => token.hide_in(detail),
            None => detail.to_owned(),
        };
        self.detail = super::text::line(&detail, DETAIL_CHARS_MAX);
        self
    }

    pub(super) fn limited(until_ms: i64, has_token: bool) -> Self {
        let until = jiff::Timestamp::from_millisecond(until_ms)
            .map(|until| until.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
            .unwrap_or_else(|_| format!("{until_ms} ms"));
        let advice = match has_token {
            true => "ask again then",
            false => "ask again then, or set a token, which allows many more",
        };
        Self::new(
            Kind::RateLimited { until_ms },
            format!("GitHub takes no more requests until {until}; {advice}"),
        )
    }

    pub(super) fn deadline(call_ms: u128) -> Self {
        Self::new(
            Kind::Deadline,
            format!(
                "GitHub did not answer everything within {call_ms} ms; try again later, or allow more time"
            ),
        )
    }
}

/// Puts statuses into sentences.
pub(super) struct Refusals<'a> {
    pub(super) repository: &'a Repository,
    /// Where the operator sets the token.
    pub(super) setting: &'a str,
    pub(super) has_token: bool,
    /// Whether GitHub asks for single sign-on.
    pub(super) sign_on: bool,
}

impl Refusals<'_> {
    /// The error of a status that is neither success nor a rate limit.
    pub(super) fn of(&self, status: u16) -> GitHubError {
        let Self {
            repository,
            setting,
            has_token,
            sign_on,
        } = self;
        let (kind, sentence) = match (status, has_token) {
            (401, true) => (
                Kind::Unauthorized,
                format!("GitHub refused the token (401); set a valid one in {setting}"),
            ),
            (401, false) => (
                Kind::Unauthorized,
                format!("GitHub asks for a token (401); set one in {setting}"),
            ),
            (403, true) if *sign_on => (
                Kind::Forbidden,
                format!(
                    "the owner of {repository} asks for single sign-on (403); authorise the token for it on GitHub"
                ),
            ),
            (403, true) => (
                Kind::Forbidden,
                format!(
                    "the token may not read this of {repository} (403); give it read access to issues, pull requests, checks and statuses, or set another one in {setting}"
                ),
            ),
            (403, false) => (
                Kind::Forbidden,
                format!(
                    "GitHub does not show {repository} to everyone (403); set a token in {setting}"
                ),
            ),
            (404, true) => (
                Kind::NotFound,
                format!(
                    "GitHub shows no repository {repository} to this token (404); check the name and what the token may read"
                ),
            ),
            (404, false) => (
                Kind::NotFound,
                format!(
                    "GitHub shows no repository {repository} to everyone (404); check the name, or set a token in {setting}"
                ),
            ),
            (410, _) => (
                Kind::NotFound,
                format!(
                    "{repository} has this switched off on GitHub (410); switch it on there, or use another source"
                ),
            ),
            (451, _) => (
                Kind::NotFound,
                format!(
                    "GitHub may not show {repository} for legal reasons (451); use another source"
                ),
            ),
            (422, _) => (
                Kind::Refused,
                format!(
                    "GitHub did not accept the question about {repository} (422); check labels and milestone"
                ),
            ),
            (500.., _) => (
                Kind::Unavailable,
                format!("GitHub does not work at the moment ({status}); try again later"),
            ),
            (status, _) => (
                Kind::Refused,
                format!(
                    "GitHub refused the question about {repository} ({status}); check the base address and any proxy on the way"
                ),
            ),
        };
        GitHubError::new(kind, sentence)
    }
}
