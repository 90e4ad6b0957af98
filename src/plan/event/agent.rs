//! Events of agents and tokens.

use serde::{Deserialize, Serialize};

use super::Text;

/// See [`Event::AgentRegistered`](super::Event::AgentRegistered).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRegistered {
    /// The agent's name, unique in the project.
    pub agent: Text,
    /// Its roles, by slug, the main one first.
    pub roles: Vec<String>,
    /// Its skills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Text>,
    /// How many tasks it may hold at once.
    pub capacity: u32,
    /// Its model.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub model: Text,
}

/// See [`Event::AgentRetired`](super::Event::AgentRetired).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRetired {
    /// The agent.
    pub agent: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}

/// Whom a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Principal {
    /// Everything, in all projects.
    Coordinator {
        /// Whose it is.
        name: Text,
    },
    /// One agent of one project.
    Agent {
        /// The agent.
        name: Text,
        /// The project's slug.
        project: Text,
    },
    /// Reads, in one project or in all.
    Observer {
        /// Whose it is.
        name: Text,
        /// The project's slug; none = all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<Text>,
    },
}

impl Principal {
    /// The slug of the one project it is bound to; none = all.
    pub fn project(&self) -> Option<&Text> {
        match self {
            Self::Coordinator { .. } => None,
            Self::Agent { project, .. } => Some(project),
            Self::Observer { project, .. } => project.as_ref(),
        }
    }
}

/// See [`Event::TokenIssued`](super::Event::TokenIssued).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// The public part of the token.
    pub token: Text,
    /// SHA-256 of the secret part, in hexadecimal.
    pub secret_hash: Text,
    /// Whom it speaks for.
    pub principal: Principal,
}

/// See [`Event::TokenRevoked`](super::Event::TokenRevoked).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// The public part of the token.
    pub token: Text,
    /// Why.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}
