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

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    version: u64,
    #[serde(borrow)]
    prev: std::borrow::Cow<'a, str>,
    at: Timestamp,
    actor: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    let data = recorded.event.to_data().map_err(CodecError::Malformed)?;
    let data = RawValue::from_string(data).map_err(CodecError::Malformed)?;
    let envelope = Envelope {
        version: recorded.version,
        prev: prev.into(),
        at: recorded.at,
        actor: recorded.actor.clone(),
        session: recorded.session,
        request: recorded.request.clone(),
        kind: recorded.event.kind(),
        schema: SCHEMA,
        data: &data,
    };
    serde_json::to_string(&envelope).map_err(CodecError::Malformed)
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
    fn what_a_newer_release_wrote_stops_the_reader() {
        let event = recorded(
            TaskStarted {
                task: TaskId(3),
                fence: 9,
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
