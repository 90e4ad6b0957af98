//! What agents bring with a claim and with the end of a task, as they write it.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::id::SessionId;
use super::CompletionResult;

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct Claim {
    /// The task wanted; empty = the next one.
    pub task: String,
    /// Only tasks of this role; empty = of all the agent's roles.
    pub role: String,
    /// The session to hold it in; none = the agent's open one, else a new one.
    pub session: Option<SessionId>,
    /// The term asked for in milliseconds; 0 = the project's default.
    pub lease_ms: u64,
    /// Start it in the same step.
    pub start: bool,
    /// Hand a held task out again to its holder.
    pub resume: bool,
    /// Shown in a session this claim opens.
    pub model: String,
    /// Pre-checks attested for the start.
    pub checked: Vec<String>,
    /// The day it is where the project is; the daemon brings it, never a request, and only where it counts.
    #[cfg_attr(test, serde(default))]
    pub today: Option<Day>,
}

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct Complete {
    /// The task.
    pub task: String,
    /// The attempt's fence.
    pub fence: u64,
    /// What was done.
    pub summary: String,
    /// How it was shown to work.
    pub verification: String,
    /// References that show it.
    pub evidence: Vec<String>,
    /// Technologies used.
    pub technologies: Vec<String>,
    /// Tests passed, in percent.
    pub tests_passed_percent: Option<u8>,
    /// Acceptance criteria ticked, numbered from 1.
    pub accepted: Vec<u32>,
    /// All of them are.
    pub accept_all: bool,
    /// Post-checks attested.
    pub checked: Vec<String>,
    /// Post-checks that are missing are owed until the next claim rather than refused.
    pub checks_later: bool,
    /// Plans of the task that are not completed are, with it.
    #[cfg_attr(test, serde(default))]
    pub plans_completed: bool,
    /// How the commands ended that gates ask for; the daemon brings them, never a request.
    #[cfg_attr(test, serde(default))]
    pub gate_results: Vec<CompletionResult>,
}
