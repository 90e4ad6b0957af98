//! How far a published report has come on its way to a channel.

use serde::{Deserialize, Serialize};

use super::super::event::Text;
use super::super::time::Timestamp;

/// Where a report stands on its way to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is to be delivered.
    Waiting,
    /// The channel took it.
    Delivered,
    /// It was given up; nothing happens until somebody asks for it again.
    Dead,
}

impl DeliveryState {
    /// The word for machines and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// A report on its way to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Where it stands.
    pub state: DeliveryState,
    /// The attempts that brought it there; none while it waits.
    pub attempts: u32,
    /// Since when it stands there.
    pub at: Timestamp,
    /// What the other side said, or why it was given up; empty while it waits.
    pub note: Text,
}

impl Delivery {
    /// One that is to be delivered from an instant on.
    pub fn waiting(at: Timestamp) -> Self {
        Self {
            state: DeliveryState::Waiting,
            attempts: 0,
            at,
            note: "".into(),
        }
    }
}
