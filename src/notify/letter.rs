//! A letter: one published report on its way to the channels, whole in itself, so that a channel needs nothing
//! else to deliver it, today or a day later.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::error::DeliveryError;

/// How much a letter matters: as much as its report; ordered, so that a filter can ask for at least one of them.
pub use crate::plan::event::Urgency as Severity;

/// The longest id, in bytes.
const ID_BYTES_MAX: usize = 256;
/// Text, markdown and HTML of a letter together, in bytes.
const TEXTS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A letter as JSON, in bytes; what webhooks and commands are handed.
const JSON_BYTES_MAX: usize = 12 * 1024 * 1024;

/// What a letter reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    /// The daily standup.
    Standup,
    /// Who waits for what.
    Blockers,
    /// A checklist for people.
    Checklist,
    /// The week's progress, risks and what comes next.
    WeeklyReview,
    /// Milestones and risks for those outside the team.
    StakeholderUpdate,
    /// What a sprint brought.
    SprintReview,
    /// What the coordinator saw and did.
    Oversight,
    /// Something that somebody should look at now.
    Alert,
}

impl LetterKind {
    /// Every kind, in the order of the enumeration.
    pub const ALL: [Self; 8] = [
        Self::Standup,
        Self::Blockers,
        Self::Checklist,
        Self::WeeklyReview,
        Self::StakeholderUpdate,
        Self::SprintReview,
        Self::Oversight,
        Self::Alert,
    ];

    /// The word used in settings, folders and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standup => "standup",
            Self::Blockers => "blockers",
            Self::Checklist => "checklist",
            Self::WeeklyReview => "weekly-review",
            Self::StakeholderUpdate => "stakeholder-update",
            Self::SprintReview => "sprint-review",
            Self::Oversight => "oversight",
            Self::Alert => "alert",
        }
    }
}

impl fmt::Display for LetterKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A published report, rendered in every form that some channel wants.
///
/// Its JSON is what webhooks and commands receive in `data`; fields are added there, never renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The idempotency key, such as `shop/rep-12/ops`: the same in every attempt, different for each letter and
    /// channel. 1 to 256 bytes without control characters.
    pub id: String,
    /// The project it is about.
    pub project: String,
    /// What it reports.
    pub kind: LetterKind,
    /// How much it matters.
    pub severity: Severity,
    /// Its title, one line of plain text. Line ends in it are read as spaces.
    pub title: String,
    /// The day it is about, as people of the project read it.
    pub date: String,
    /// When it was published, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The roles it is meant for; none = everybody.
    pub roles: Vec<String>,
    /// The name of its files without the ending, such as `2026-11-27`.
    pub file_stem: String,
    /// The report as plain text.
    pub text: String,
    /// The report as markdown.
    pub markdown: String,
    /// The report as HTML, a whole document or the inside of a body, with everything from people escaped.
    pub html: String,
    /// The report as data.
    #[serde(rename = "report")]
    pub json: serde_json::Value,
}

/// What surrounds a letter on its way to a program.
#[derive(Serialize)]
struct Envelope<'a> {
    r#type: EnvelopeType,
    timestamp: String,
    data: &'a Letter,
}

struct EnvelopeType(LetterKind);

impl Serialize for EnvelopeType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("report.{}", self.0))
    }
}

impl Letter {
    /// The letter for a program: `{"type": "report.standup", "timestamp": "2026-11-27T09:00:00Z", "data": {…}}`.
    /// The body of a webhook and the standard input of a command are these bytes; they are the same in each
    /// attempt.
    ///
    /// # Errors
    /// For good when the letter breaks a limit.
    pub fn to_json(&self) -> Result<Vec<u8>, DeliveryError> {
        self.check()?;
        let envelope = Envelope {
            r#type: EnvelopeType(self.kind),
            timestamp: self.instant().to_string(),
            data: self,
        };
        let json = serde_json::to_vec(&envelope).map_err(|error| {
            DeliveryError::permanent(format!("the letter cannot be written as JSON: {error}"))
        })?;
        if json.len() > JSON_BYTES_MAX {
            let bytes = json.len();
            return Err(DeliveryError::permanent(format!(
                "the letter as JSON has {bytes} bytes, more than the {JSON_BYTES_MAX} that are sent; shorten the report"
            )));
        }
        Ok(json)
    }

    /// When it was published; the nearest instant that can be shown.
    pub(super) fn instant(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.at_ms).unwrap_or(if self.at_ms < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// When it was published, as `2026-11-27 09:00 UTC`.
    pub(super) fn time(&self) -> String {
        self.instant().strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// The title as one line of at most so many characters, never empty.
    pub(super) fn title_line(&self, chars_max: usize) -> String {
        let line = one_line(&self.title, chars_max);
        if line.is_empty() {
            self.kind.to_string()
        } else {
            line
        }
    }

    /// Refuses what no channel could deliver.
    pub(super) fn check(&self) -> Result<(), DeliveryError> {
        if self.id.is_empty()
            || self.id.len() > ID_BYTES_MAX
            || self.id.chars().any(char::is_control)
        {
            return Err(DeliveryError::permanent(format!(
                "the letter's id is empty, longer than {ID_BYTES_MAX} bytes or holds control characters; name it like shop/rep-12/ops"
            )));
        }
        let bytes = [&self.text, &self.markdown, &self.html]
            .iter()
            .map(|text| text.len())
            .sum::<usize>();
        if bytes > TEXTS_BYTES_MAX {
            return Err(DeliveryError::permanent(format!(
                "the letter's texts have {bytes} bytes, more than the {TEXTS_BYTES_MAX} that are sent; shorten the report"
            )));
        }
        Ok(())
    }
}

/// Any text as one line without control characters, at most so many characters long; an ellipsis is its last
/// character where something was cut off.
pub(super) fn one_line(text: &str, chars_max: usize) -> String {
    // One more than fits is enough to know that something is cut off, however long the text is.
    let mut line = String::new();
    let mut kept = 0;
    for character in text.chars() {
        let character = if character.is_control() || is_line_end(character) {
            ' '
        } else {
            character
        };
        if character == ' ' && (line.is_empty() || line.ends_with(' ')) {
            continue;
        }
        if kept == chars_max {
            if character == ' ' {
                continue;
            }
            line.pop();
            line.truncate(line.trim_end().len());
            line.push('…');
            return line;
        }
        line.push(character);
        kept += 1;
    }
    line.truncate(line.trim_end().len());
    line
}

/// Separators that are no control characters but end a line for some readers.
fn is_line_end(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// An id as the wire may carry it anywhere: letters, digits, `_`, `-` and `/` as they are, every other byte as
/// `%` with two digits, so that different ids stay different. Longer ones end in a digest.
pub(super) fn wire_id(id: &str) -> String {
    use std::fmt::Write as _;

    use sha2::{Digest as _, Sha256};

    const WIRE_BYTES_MAX: usize = 160;
    let mut wire = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/') {
            wire.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(wire, "%{byte:02X}");
        }
    }
    if wire.len() > WIRE_BYTES_MAX {
        let digest = Sha256::digest(id.as_bytes());
        wire.truncate(WIRE_BYTES_MAX - 65);
        wire.push('-');
        for byte in digest {
            let _ = write!(wire, "{byte:02x}");
        }
    }
    wire
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixture::letter;

    #[test]
    fn the_word_of_a_kind_and_its_json_are_the_same() {
        for kind in LetterKind::ALL {
            let json = serde_json::to_string(&kind).expect("a word");
            assert_eq!(json, format!("\"{kind}\""));
        }
        for severity in [Severity::Info, Severity::Warning, Severity::Critical] {
            let json = serde_json::to_string(&severity).expect("a word");
            assert_eq!(json, format!("\"{severity}\""));
        }
    }

    #[test]
    fn a_program_receives_type_time_and_data_and_the_same_bytes_each_time() {
        let letter = letter();
        let json = letter.to_json().expect("it is sound");
        assert_eq!(letter.to_json().expect("it is sound"), json);
        let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        assert_eq!(value["type"], "report.standup");
        assert_eq!(value["timestamp"], "2026-11-27T09:00:00Z");
        assert_eq!(value["data"]["id"], "shop/rep-12/ops");
        assert_eq!(value["data"]["report"]["done"], 3);
        let back: Letter = serde_json::from_value(value["data"].clone()).expect("a letter");
        assert_eq!(back, letter);
    }

    #[test]
    fn a_line_has_no_line_ends_and_says_when_it_was_cut() {
        assert_eq!(one_line("a\r\nBcc: x\0\u{2028} b ", 50), "a Bcc: x b");
        assert_eq!(one_line("abcdef", 6), "abcdef");
        assert_eq!(one_line("abcdef   ", 6), "abcdef");
        assert_eq!(one_line("abcdefg", 6), "abcde…");
        assert_eq!(one_line("abcd fg", 6), "abcd…");
        assert_eq!(one_line(" \n ", 6), "");
        assert_eq!(one_line(&"ä".repeat(10_000), 150).chars().count(), 150);
    }

    #[test]
    fn different_ids_stay_different_on_the_wire() {
        assert_eq!(wire_id("shop/rep-12/ops"), "shop/rep-12/ops");
        assert_eq!(wire_id("a.b>c%"), "a%2Eb%3Ec%25");
        assert_ne!(wire_id("a.b"), wire_id("a%2Eb"));
        let long = |end: char| wire_id(&format!("{}{end}", "x".repeat(250)));
        assert!(long('a').len() <= 160);
        assert_ne!(long('a'), long('b'));
    }

    #[test]
    fn a_letter_beyond_a_limit_is_refused_for_good() {
        let refused = |change: fn(&mut Letter)| {
            let mut letter = letter();
            change(&mut letter);
            let error = letter.to_json().expect_err("it is beyond a limit");
            assert!(error.is_permanent(), "{error}");
        };
        refused(|letter| letter.id.clear());
        refused(|letter| letter.id = "a\nb".to_owned());
        refused(|letter| letter.id = "x".repeat(ID_BYTES_MAX + 1));
        refused(|letter| letter.html = "x".repeat(TEXTS_BYTES_MAX));
        refused(|letter| letter.json = "x".repeat(JSON_BYTES_MAX).into());
    }

    #[test]
    fn a_time_that_no_calendar_has_is_no_reason_to_fail() {
        let mut letter = letter();
        for at_ms in [i64::MIN, i64::MAX] {
            letter.at_ms = at_ms;
            assert!(letter.to_json().is_ok());
            assert!(letter.time().ends_with("UTC"));
        }
    }
}
