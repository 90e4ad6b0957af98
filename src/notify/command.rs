//! A command as a channel: what it is handed and what its end means. Running it is left to whoever runs the
//! other commands; its standard input is [`Letter::to_json`] and nothing else.

use super::channel::Delivered;
use super::error::DeliveryError;
use super::letter::Letter;

/// The data was wrong, by the convention of `sysexits.h`.
const DATA_ERROR: i32 = 65;
/// Something is set up wrongly, by the same convention.
const CONFIGURATION_ERROR: i32 = 78;

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
            "the command refused the letter for good ({ended}); see its output"
        ))),
        Some(_) | None => Err(DeliveryError::retry(format!(
            "the command failed ({ended}); see its output"
        ))),
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
