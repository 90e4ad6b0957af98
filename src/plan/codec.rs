//! The stored form of an event: one JSON document with its envelope and the hash of the event before
//! it. This file alone knows how events were written by earlier releases.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::event::{Event, Recorded};
use super::fact::{Actor, RequestKey};
use super::id::SessionId;
use super::time::Timestamp;

/// The schema version that this release writes.
pub const SCHEMA: u32 = 1;

/// At most so many bytes a stored event.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// A document as it is written, in one pass.
#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    prev: &'a str,
    at: Timestamp,
    actor: &'a Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a RequestKey>,
    #[serde(rename = "type")]
    kind: &'a str,
    schema: u32,
    #[serde(serialize_with = "Event::serialize_data")]
    data: &'a Event,
}

/// A document as it is read: the event's own data is looked at once its type is known.
#[derive(Deserialize)]
struct Envelope<'a> {
    version: u64,
    at: Timestamp,
    actor: Actor,
    #[serde(default)]
    session: Option<SessionId>,
    #[serde(default)]
    request: Option<RequestKey>,
    #[serde(rename = "type")]
    kind: &'a str,
    schema: u32,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// A stored event that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The document is not what this release or an earlier one wrote.
    #[error("the stored event is not readable")]
    Malformed(#[source] serde_json::Error),
    /// A later release wrote it.
    #[error(
        "the stored event has type `{kind}` in schema {schema}; a newer release wrote it, run that one"
    )]
    Unknown {
        /// The event's type.
        kind: String,
        /// Its schema version.
        schema: u32,
    },
}

/// Writes an event as its document; `prev` is the hash of the event before it, empty for the first.
pub fn encode(recorded: &Recorded, prev: &str) -> Result<String, CodecError> {
    let document = Written {
        version: recorded.version,
        prev,
        at: recorded.at,
        actor: &recorded.actor,
        session: recorded.session,
        request: recorded.request.as_ref(),
        kind: recorded.event.kind(),
        schema: SCHEMA,
        data: &recorded.event,
    };
    serde_json::to_string(&document).map_err(CodecError::Malformed)
}

/// Reads a document back.
pub fn decode(document: &str) -> Result<Recorded, CodecError> {
    let envelope: Envelope<'_> = serde_json::from_str(document).map_err(CodecError::Malformed)?;
    let unknown = || CodecError::Unknown {
        kind: envelope.kind.to_owned(),
        schema: envelope.schema,
    };
    if envelope.schema > SCHEMA {
        return Err(unknown());
    }
    let event = Event::from_data(envelope.kind, envelope.data.get())
        .ok_or_else(unknown)?
        .map_err(CodecError::Malformed)?;
    Ok(Recorded {
        version: envelope.version,
        at: envelope.at,
        actor: envelope.actor,
        session: envelope.session,
        request: envelope.request,
        event,
    })
}

/// What a document says of the request it came in: who asked, and the request's key when it had an id.
/// Costs less than reading all of it.
pub fn request_of(document: &str) -> Result<(Actor, Option<RequestKey>), CodecError> {
    #[derive(Deserialize)]
    struct Asked {
        actor: Actor,
        #[serde(default)]
        request: Option<RequestKey>,
    }
    let asked: Asked = serde_json::from_str(document).map_err(CodecError::Malformed)?;
    Ok((asked.actor, asked.request))
}

#[cfg(test)]
mod tests {
    use super::super::check::CheckSet;
    use super::super::event::{ProjectPaused, TaskStarted};
    use super::super::id::TaskId;
    use super::*;

    fn recorded(event: Event) -> Recorded {
        Recorded {
            version: 7,
            at: Timestamp(1_700_000_000_000),
            actor: Actor::Agent("dev-\"1\"".into()),
            session: Some(SessionId(2)),
            request: Some(RequestKey {
                id: "r".into(),
                digest: "d".into(),
            }),
            event,
        }
    }

    #[test]
    fn an_event_reads_back_as_it_was_written() {
        for event in [
            Event::from(TaskStarted {
                task: TaskId(3),
                fence: 9,
                checked: CheckSet::NONE,
            }),
            Event::from(ProjectPaused {
                reason: "holiday \u{1F334}".to_owned(),
            }),
        ] {
            let before = recorded(event);
            let document = encode(&before, "00ff").expect("an event is JSON");
            assert_eq!(decode(&document).expect("its own document"), before);
            let asked = request_of(&document).expect("its own document");
            assert_eq!(asked, (before.actor, before.request));
            assert!(document.contains("\"prev\":\"00ff\""), "{document}");
        }
    }

    #[test]
    fn what_was_written_before_checks_were_known_reads_as_without_any() {
        let started = recorded(
            TaskStarted {
                task: TaskId(3),
                fence: 9,
                checked: CheckSet::NONE,
            }
            .into(),
        );
        let document = encode(&started, "").expect("an event is JSON");
        assert!(
            document.contains(r#""data":{"task":"T-3","fence":9}"#),
            "{document}"
        );
        assert_eq!(decode(&document).expect("its own document"), started);
        let data = r#"{"task":"T-3","fence":9,"held_ms":5}"#;
        let done = Event::from_data("TaskCompleted", data).expect("a known type");
        let Ok(Event::TaskCompleted(done)) = done else {
            panic!("{done:?}");
        };
        assert!(done.checked.is_empty() && done.open_checks.is_empty());
        assert!(done.accepted.is_empty());
    }

    #[test]
    fn what_a_newer_release_wrote_stops_the_reader() {
        let event = recorded(
            TaskStarted {
                task: TaskId(3),
                fence: 9,
                checked: CheckSet::NONE,
            }
            .into(),
        );
        let document = encode(&event, "").expect("an event is JSON");
        for newer in [
            document.replace("TaskStarted", "TaskTeleported"),
            document.replace("\"schema\":1", "\"schema\":2"),
        ] {
            assert!(
                matches!(decode(&newer), Err(CodecError::Unknown { .. })),
                "{newer}"
            );
        }
    }

    #[test]
    fn a_damaged_document_is_malformed_and_never_a_panic() {
        let event = recorded(
            TaskStarted {
                task: TaskId(3),
                fence: 9,
                checked: CheckSet::NONE,
            }
            .into(),
        );
        let document = encode(&event, "").expect("an event is JSON");
        for cut in 0..document.len() {
            let Some(damaged) = document.get(..cut) else {
                continue;
            };
            assert!(decode(damaged).is_err(), "{damaged}");
        }
    }
}
