//! The stored form of an event: one JSON document with its envelope and the hash of the event before
//! it. This file alone knows how events were written by earlier releases.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
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

/// A document read back.
#[derive(Debug, PartialEq)]
pub struct Opened<'a> {
    /// The event.
    pub recorded: Recorded,
    /// The hash of the event before it, as the document says; none when it does not say.
    pub prev: Option<Cow<'a, str>>,
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
    open(document).map(|opened| opened.recorded)
}

/// Reads a document back in one pass, with what binds it to its log.
pub fn open(document: &str) -> Result<Opened<'_>, CodecError> {
    let fields: Fields<'_> = serde_json::from_str(document).map_err(CodecError::Malformed)?;
    let unknown = || CodecError::Unknown {
        kind: fields.kind.to_owned(),
        schema: fields.schema,
    };
    if fields.schema > SCHEMA {
        return Err(unknown());
    }
    let event = match fields.data {
        Data::Read(event) => event.ok_or_else(unknown)?,
        Data::Raw(data) => Event::from_data(fields.kind, data.get())
            .ok_or_else(unknown)?
            .map_err(CodecError::Malformed)?,
    };
    let recorded = Recorded {
        version: fields.version,
        at: fields.at,
        actor: fields.actor,
        session: fields.session,
        request: fields.request,
        event,
    };
    let prev = fields.prev.map(|prev| prev.0);
    Ok(Opened { recorded, prev })
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

/// A document's fields, as far as this release knows them.
struct Fields<'a> {
    version: u64,
    prev: Option<Prev<'a>>,
    at: Timestamp,
    actor: Actor,
    session: Option<SessionId>,
    request: Option<RequestKey>,
    kind: &'a str,
    schema: u32,
    data: Data<'a>,
}

/// Within an option, text is borrowed only by a type of its own.
#[derive(Deserialize)]
#[serde(transparent)]
struct Prev<'a>(#[serde(borrow)] Cow<'a, str>);

/// An event's own data: read at once where type and schema stand before it, as they do in every document
/// that was written here, else looked at once they are known.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives on the stack for one document; a box would be an allocation for each event"
)]
enum Data<'a> {
    /// None for an unknown type.
    Read(Option<Event>),
    Raw(&'a RawValue),
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Version,
    Prev,
    At,
    Actor,
    Session,
    Request,
    Type,
    Schema,
    Data,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor(PhantomData))
    }
}

struct FieldsVisitor<'a>(PhantomData<&'a str>);

impl<'de: 'a, 'a> Visitor<'de> for FieldsVisitor<'a> {
    type Value = Fields<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a stored event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'a>, A::Error> {
        let (mut version, mut prev, mut at, mut actor) = (None, None, None, None);
        let (mut session, mut request) = (None, None);
        let (mut kind, mut schema, mut data) = (None, None, None);
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Version => fill(&mut version, "version", &mut map)?,
                Field::Prev => fill(&mut prev, "prev", &mut map)?,
                Field::At => fill(&mut at, "at", &mut map)?,
                Field::Actor => fill(&mut actor, "actor", &mut map)?,
                Field::Session => fill(&mut session, "session", &mut map)?,
                Field::Request => fill(&mut request, "request", &mut map)?,
                Field::Type => fill(&mut kind, "type", &mut map)?,
                Field::Schema => fill(&mut schema, "schema", &mut map)?,
                Field::Data if data.is_some() => return Err(A::Error::duplicate_field("data")),
                Field::Data => {
                    data = Some(match (kind, schema) {
                        (Some(kind), Some(schema)) if schema <= SCHEMA => {
                            Data::Read(map.next_value_seed(OfKind(kind))?)
                        }
                        _ => Data::Raw(map.next_value()?),
                    });
                }
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Fields {
            version: there(version, "version")?,
            prev: prev.flatten(),
            at: there(at, "at")?,
            actor: there(actor, "actor")?,
            session: session.flatten(),
            request: request.flatten(),
            kind: there(kind, "type")?,
            schema: there(schema, "schema")?,
            data: there(data, "data")?,
        })
    }
}

/// Reads a field that may stand in a document once.
fn fill<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    field: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if field.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *field = Some(map.next_value()?);
    Ok(())
}

/// A field that must stand in a document.
fn there<T, E: Error>(field: Option<T>, name: &'static str) -> Result<T, E> {
    field.ok_or_else(|| E::missing_field(name))
}

/// Reads the data of this event type.
struct OfKind<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for OfKind<'_> {
    type Value = Option<Event>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Event::deserialize_data(self.0, deserializer)
    }
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
    fn fields_may_stand_in_any_order_and_others_beside_them() {
        let before = recorded(
            TaskStarted {
                task: TaskId(3),
                fence: 9,
                checked: CheckSet::NONE,
            }
            .into(),
        );
        let document = encode(&before, "00ff").expect("an event is JSON");
        let data = r#","data":{"task":"T-3","fence":9}"#;
        let moved = document.replace(data, "").replacen(
            '{',
            &format!("{{{},\"later\":[{{}}],", &data[1..]),
            1,
        );
        let escaped = document.replace("00ff", "\\u0030\\u0030ff");
        for same in [&document, &moved, &escaped] {
            let opened = open(same).expect("the same event");
            assert_eq!(opened.recorded, before, "{same}");
            assert_eq!(opened.prev.as_deref(), Some("00ff"), "{same}");
        }
        for (from, to) in [
            (data, ""),
            ("\"at\":1700000000000,", ""),
            ("\"schema\":1", "\"schema\":1,\"schema\":1"),
            (data, &format!("{data}{data}")),
            ("\"fence\":9", "\"fence\":\"9\""),
            ("\"fence\":9", "\"fence\":9,\"fence\":9"),
        ] {
            let damaged = document.replacen(from, to, 1);
            assert_ne!(damaged, document);
            assert!(
                matches!(open(&damaged), Err(CodecError::Malformed(_))),
                "{damaged}"
            );
        }
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
        let moved = document
            .replace(",\"schema\":1", "")
            .replace("}}", "},\"schema\":2}");
        for newer in [
            document.replace("TaskStarted", "TaskTeleported"),
            document.replace("\"schema\":1", "\"schema\":2"),
            // Whatever its data looks like then.
            document
                .replace("\"schema\":1", "\"schema\":2")
                .replace("fence", "fences"),
            moved.replace("fence", "fences"),
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
