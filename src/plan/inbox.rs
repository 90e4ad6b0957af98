//! What waits for a person: criteria, questions, decisions, discovered work, parked tasks, other open
//! blockers and roles without an agent, oldest first, each with the command that settles it.

use serde::Serialize;

use super::state::Plan;
use super::time::Timestamp;

/// What kind of thing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// A phase criterion nobody has confirmed, of a phase whose tasks are all terminal.
    Criterion,
    /// A question of an agent.
    Question,
    /// An open decision.
    Decision,
    /// An untriaged discovered task.
    Discovered,
    /// A task parked after failed attempts.
    Parked,
    /// Another open blocker.
    Blocker,
    /// A role with open tasks that no registered agent can fill.
    RoleWithoutAgent,
    /// A phase whose conditions hold, to be closed by hand.
    PhaseToClose,
}

/// One thing that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// What kind of thing.
    pub kind: WaitKind,
    /// Its id: `B-2`, `DEC-1`, `D-5`, a phase's id, a role's slug.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// Since when.
    pub since: Timestamp,
    /// How many open tasks wait for it, directly or not.
    pub holds_up: u32,
    /// The command line that settles it, without the program's name.
    pub command: String,
}

impl Plan {
    /// Everything that waits for a person, oldest first.
    pub fn inbox(&self) -> Vec<Waiting> {
        todo!()
    }
}
