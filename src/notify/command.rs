//! A command as a channel: what it is handed and what its end means. It runs as those of quality gates do; its
//! standard input is [`Letter::to_json`] and nothing else.

use std::ffi::OsString;

use super::channel::Delivered;
use super::error::DeliveryError;
use super::letter::{Letter, one_line};
use crate::probe::CommandSpec;

/// How much of what a command said last is told on, in characters.
const SAID_CHARS_MAX: usize = 200;

/// The data was wrong, by the convention of `sysexits.h`.
const DATA_ERROR: i32 = 65;
/// Something is set up wrongly, by the same convention.
const CONFIGURATION_ERROR: i32 = 78;

/// A program that is handed letters. Its variables stay out of what is shown: one may be a secret.
#[derive(Clone)]
pub struct CommandOptions {
    /// What is run, where and for how long. No part of it comes from a letter.
    pub spec: CommandSpec,
    /// The variables it sees, beside those that tell of the letter.
    pub environment: Vec<(String, OsString)>,
}

impl std::fmt::Debug for CommandOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.spec.fmt(formatter)
    }
}

/// The channel.
#[derive(Debug)]
pub(super) struct Program(CommandOptions);

impl Program {
    pub fn open(options: CommandOptions) -> Self {
        Self(options)
    }

    pub async fn deliver(&self, letter: &Letter) -> Result<Delivered, DeliveryError> {
        let input = letter.to_json()?;
        let told = environment(letter).into_iter();
        let told = told.map(|(name, value)| (name.to_owned(), OsString::from(value)));
        let environment: Vec<_> = self.0.environment.iter().cloned().chain(told).collect();
        let ended = self.0.spec.run_fed(&environment, Some(input)).await;
        let said = ended.outcome.output.lines().next_back();
        let said = one_line(said.unwrap_or_default(), SAID_CHARS_MAX);
        let words = match said.as_str() {
            "" => ended.outcome.ended.to_string(),
            said => format!("{}, its last words: {said}", ended.outcome.ended),
        };
        judge(ended.code, &words)
    }
}

/// The environment of the command, beside what every command gets: enough to decide without reading the JSON.
pub fn environment(letter: &Letter) -> Vec<(&'static str, String)> {
    vec![
        ("MUSTER_LETTER_ID", letter.id.clone()),
        ("MUSTER_LETTER_PROJECT", letter.project.replace('\0', "")),
        ("MUSTER_LETTER_KIND", letter.kind.to_string()),
        ("MUSTER_LETTER_SEVERITY", letter.severity.to_string()),
    ]
}

/// What the end of the command means: 0 has delivered, 65 (wrong data) and 78 (wrong set-up) never will, and
/// any other end, a signal or a timeout included, is worth another attempt. A command that gets the same id
/// twice must not deliver twice.
///
/// `code` is the exit code, if it ended with one; `ended` how it ended in words.
///
/// # Errors
/// For every end but 0.
pub fn judge(code: Option<i32>, ended: &str) -> Result<Delivered, DeliveryError> {
    match code {
        Some(0) => Ok(Delivered::noting("the command ended with 0")),
        Some(DATA_ERROR | CONFIGURATION_ERROR) => Err(DeliveryError::permanent(format!(
            "the command refused the letter for good: {ended}"
        ))),
        Some(_) | None => Err(DeliveryError::retry(format!("the command failed: {ended}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixture::letter;

    #[test]
    fn the_end_of_a_command_says_whether_another_attempt_may_help() {
        assert!(judge(Some(0), "exit code 0").is_ok());
        let permanent = |code| {
            let judged = judge(code, "…").expect_err("it failed");
            judged.is_permanent()
        };
        assert!(permanent(Some(65)) && permanent(Some(78)));
        assert!(!permanent(Some(1)) && !permanent(Some(75)) && !permanent(None));
    }

    #[test]
    fn no_value_of_the_environment_can_break_it() {
        let mut letter = letter();
        letter.project = "sh\0op".to_owned();
        let environment = environment(&letter);
        assert!(environment.iter().all(|(_, value)| !value.contains('\0')));
        assert!(environment.contains(&("MUSTER_LETTER_PROJECT", "shop".to_owned())));
    }
}
