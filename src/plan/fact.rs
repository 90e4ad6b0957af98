//! What the core is told and cannot know by itself: the time, who acts, under which request.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time::Timestamp;

/// Who acts; always taken from credentials, never from a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A person who coordinates, or an agent trusted as one.
    Coordinator(Arc<str>),
    /// A registered agent of this project.
    Agent(Arc<str>),
    /// Somebody who only reads.
    Observer(Arc<str>),
    /// The daemon itself: expiry, abandonment, start.
    System,
}

impl Actor {
    /// The agent's name, when an agent acts.
    pub fn agent(&self) -> Option<&Arc<str>> {
        match self {
            Self::Agent(name) => Some(name),
            Self::Coordinator(_) | Self::Observer(_) | Self::System => None,
        }
    }

    /// Whether a coordinator (or the daemon itself) acts.
    pub fn coordinates(&self) -> bool {
        matches!(self, Self::Coordinator(_) | Self::System)
    }

    /// The name alone, for reports.
    pub fn name(&self) -> &str {
        match self {
            Self::Coordinator(name) | Self::Agent(name) | Self::Observer(name) => name,
            Self::System => "muster",
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coordinator(name) => write!(formatter, "coordinator:{name}"),
            Self::Agent(name) => write!(formatter, "agent:{name}"),
            Self::Observer(name) => write!(formatter, "observer:{name}"),
            Self::System => formatter.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("coordinator", name)) => Ok(Self::Coordinator(name.into())),
            Some(("agent", name)) => Ok(Self::Agent(name.into())),
            Some(("observer", name)) => Ok(Self::Observer(name.into())),
            None if text == "system" => Ok(Self::System),
            Some(_) | None => Err(format!("`{text}` names no actor")),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Actor;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Actor, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visit)
    }
}

/// Reads shared text straight into its place: by itself it would be made as an owned text first. For the
/// fields of events that there are many of.
pub(super) fn shared_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Arc<str>, D::Error> {
    struct Visit;
    impl Visitor<'_> for Visit {
        type Value = Arc<str>;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string")
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Arc<str>, E> {
            Ok(text.into())
        }
    }
    deserializer.deserialize_str(Visit)
}

/// The mutating request a command came in: its id and a digest of its body, so that a repeat can be
/// told from a reuse.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestKey {
    /// The caller's request id.
    #[serde(deserialize_with = "shared_text")]
    pub id: Arc<str>,
    /// A digest of the request's body.
    #[serde(deserialize_with = "shared_text")]
    pub digest: Arc<str>,
}

/// The safety checks of `decide` and the engine. All on; a test alone can make one without a check, to
/// show that its absence is caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guards {
    fence_check: bool,
    request_memory: bool,
    durable_first: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            fence_check: true,
            request_memory: true,
            durable_first: true,
        }
    }
}

impl Guards {
    /// For the negative control of a test: a late holder's write is taken as if it still held the task.
    #[doc(hidden)]
    pub fn without_fence_check_for_a_negative_control() -> Self {
        Self {
            fence_check: false,
            ..Self::default()
        }
    }

    /// For the negative control of a test: a repeated request is carried out again.
    #[doc(hidden)]
    pub fn without_request_memory_for_a_negative_control() -> Self {
        Self {
            request_memory: false,
            ..Self::default()
        }
    }

    /// For the negative control of a test: an answer is given before what it tells is durable.
    #[doc(hidden)]
    pub fn without_durability_before_answers_for_a_negative_control() -> Self {
        Self {
            durable_first: false,
            ..Self::default()
        }
    }

    /// Whether a holder's write must carry the live fence.
    pub fn fence_check(self) -> bool {
        self.fence_check
    }

    /// Whether a repeated request is answered from what it did the first time.
    pub fn request_memory(self) -> bool {
        self.request_memory
    }

    /// Whether what an answer tells is durable before it is given.
    pub fn durable_first(self) -> bool {
        self.durable_first
    }
}

/// Everything handed to `decide` beside the plan and the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The wall clock; recorded time never falls within a project, whatever this says.
    pub now: Timestamp,
    /// Who acts.
    pub actor: Actor,
    /// The request, when it carried an id.
    pub request: Option<RequestKey>,
    /// The safety checks.
    pub guards: Guards,
}
