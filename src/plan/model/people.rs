//! Agents, their sessions, and the tokens that speak for them; no secret is kept.

use serde::{Deserialize, Serialize};

use super::super::event::{Principal, SessionSummary, Text};
use super::super::id::{RoleNo, SessionId, TaskId};
use super::super::time::Timestamp;

/// A registered agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its name.
    pub name: Text,
    /// Its roles, the main one first.
    pub roles: Box<[RoleNo]>,
    /// Its skills.
    pub skills: Box<[Text]>,
    /// How many tasks it may hold at once.
    pub capacity: u32,
    /// Its model.
    pub model: Text,
    /// It left.
    pub retired: bool,
    /// The tasks it holds.
    pub holds: Box<[TaskId]>,
    /// The tasks it completed whose post-checks it left open.
    pub owes: Box<[TaskId]>,
    /// Its open sessions, oldest first.
    pub open_sessions: Box<[SessionId]>,
    /// Its newest event in the log.
    pub last_event_at: Timestamp,
    /// When it registered.
    pub registered_at: Timestamp,
    /// Its last session was closed because it fell silent, and it has begun none since.
    pub fell_silent: bool,
    /// The version that last touched it.
    pub revision: u64,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Under way.
    Open,
    /// Ended by its agent.
    Closed,
    /// Fell silent.
    Abandoned,
}

/// A working session of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Its agent.
    pub agent: Text,
    /// Where it stands.
    pub status: SessionStatus,
    /// What it is meant to do.
    pub scope: Text,
    /// The model that works in it.
    pub model: Text,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it left behind.
    pub summary: SessionSummary,
    /// Tasks whose leases wait for the agent's next session.
    pub carried: Box<[TaskId]>,
    /// The version that last touched it.
    pub revision: u64,
}

/// An issued token (`_daemon` only). The secret itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The public part.
    pub id: Text,
    /// SHA-256 of the secret part, in hexadecimal.
    pub secret_hash: Text,
    /// Whom it speaks for.
    pub principal: Principal,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
