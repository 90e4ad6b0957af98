//! A list of commands as text, a JSON document a line: how a failure is printed, and how the corpus keeps
//! it.

use serde::{Deserialize, Serialize};

use crate::plan::Command;
use crate::plan::fact::Actor;

/// One command with the facts that go with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The wall clock, in milliseconds.
    pub now_ms: i64,
    /// Who asks.
    pub actor: Actor,
    /// What is asked.
    pub command: Command,
    /// The plan is settled afterwards, as the engine does when it publishes.
    pub settle: bool,
}

/// The text of a list.
pub fn print(list: &[Asked]) -> String {
    let line = |asked| serde_json::to_string(asked).expect("a command is JSON");
    list.iter().map(|asked| line(asked) + "\n").collect()
}

/// The list that a text holds; lines that begin with `#` are for people.
pub fn read(text: &str) -> Vec<Asked> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
        .map(|(place, line)| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("line {}: {error}", place + 1))
        })
        .collect()
}
