//! A letter as a mail: text and HTML beside each other, and headers by which programs know what it is. Whatever a
//! title holds, it stays one line of one header.

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};

use crate::notify::error::DeliveryError;
use crate::notify::html::page;
use crate::notify::letter::{Letter, Severity, one_line, wire_id};

/// Characters of a title in the subject.
const TITLE_CHARS_MAX: usize = 180;
/// Characters of the project in the subject.
const PROJECT_CHARS_MAX: usize = 60;

/// The mail as it goes over the wire; the same bytes for the same letter.
pub(super) fn compose(
    letter: &Letter,
    from: &Mailbox,
    to: &[Mailbox],
) -> Result<Vec<u8>, DeliveryError> {
    let title = letter.title_line(TITLE_CHARS_MAX);
    let project = one_line(&letter.project, PROJECT_CHARS_MAX);
    let domain = from.email.domain();
    let mut builder = Message::builder()
        .from(from.clone())
        .subject(format!("[{project}] {title}"))
        .date(sent_at(letter))
        .message_id(Some(format!("<{}@{domain}>", wire_id(&letter.id))))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned())?)
        .raw_header(header("List-Id", list_id(letter, domain))?)
        .raw_header(header("X-Muster-Letter", wire_id(&letter.id))?);
    if letter.severity == Severity::Critical {
        builder = builder.raw_header(header("Importance", "high".to_owned())?);
    }
    for to in to {
        builder = builder.to(to.clone());
    }
    let text = if letter.text.trim().is_empty() {
        &letter.markdown
    } else {
        &letter.text
    };
    let parts = MultiPart::alternative()
        .boundary(boundary(letter))
        .singlepart(SinglePart::plain(text.clone()))
        .singlepart(SinglePart::html(page(&title, &letter.html, text)));
    let mail = builder.multipart(parts).map_err(|error| {
        DeliveryError::permanent(format!("the letter cannot be made a mail: {error}"))
    })?;
    Ok(mail.formatted())
}

fn header(name: &'static str, value: String) -> Result<HeaderValue, DeliveryError> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| {
        DeliveryError::permanent(format!("the letter cannot be made a mail: {error}"))
    })?;
    Ok(HeaderValue::new(name, value))
}

/// When it was published; before 1970 and after the year 9999, which mail cannot say, the nearest time.
fn sent_at(letter: &Letter) -> SystemTime {
    const LAST_SECONDS: u64 = 253_402_300_799;
    let seconds = u64::try_from(letter.at_ms / 1_000).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECONDS))
}

/// The list a letter belongs to, by which readers sort: `<standup.shop.muster.example.com>`.
fn list_id(letter: &Letter, domain: &str) -> String {
    let project = letter.project.chars().map(|character| match character {
        'A'..='Z' => character.to_ascii_lowercase(),
        'a'..='z' | '0'..='9' | '-' => character,
        _ => '-',
    });
    let project: String = project.take(60).collect();
    let project = project.trim_matches('-');
    let project = if project.is_empty() {
        "project"
    } else {
        project
    };
    format!("<{}.{project}.muster.{domain}>", letter.kind)
}

/// What stands between the parts: nothing that a letter could hold, as it depends on all of it.
fn boundary(letter: &Letter) -> String {
    let mut hash = Sha256::new();
    for part in [&letter.id, &letter.text, &letter.markdown, &letter.html] {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digits = hash.finalize();
    let digits = digits.iter().take(20).map(|byte| format!("{byte:02x}"));
    format!("muster-{}", digits.collect::<String>())
}
