//! What the daemon asks of commands of its configuration: runs of quality gates and tasks that are being
//! finished. Nothing else waits while they run, and nothing of a request decides what is run.

mod checklist;
mod command;
mod errands;
pub mod github;
mod look;
mod number;
mod prober;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;

pub use checklist::{Checker, Sources, Watched};
pub use command::{CommandSpec, Ended};
pub use prober::Prober;

use crate::plan::command::CommandOutcome;

/// The commands of the configuration, and the room in which they run.
#[derive(Debug, Clone)]
pub struct Commands {
    specs: Arc<BTreeMap<String, CommandSpec>>,
    room: Arc<Semaphore>,
    environment: Arc<[(String, std::ffi::OsString)]>,
    commit: Option<Arc<str>>,
}

/// What commands are made of.
#[derive(Debug, Clone)]
pub struct CommandsOptions {
    /// The commands by name.
    pub specs: BTreeMap<String, CommandSpec>,
    /// How many run at one time, at least 1.
    pub parallel: usize,
    /// The variables they see.
    pub environment: Vec<(String, std::ffi::OsString)>,
    /// The command that names the state of the work.
    pub commit: Option<String>,
}

impl Default for Commands {
    /// A configuration without commands.
    fn default() -> Self {
        Self::new(CommandsOptions {
            specs: BTreeMap::new(),
            parallel: 1,
            environment: Vec::new(),
            commit: None,
        })
    }
}

impl Commands {
    /// The commands of a configuration.
    pub fn new(options: CommandsOptions) -> Self {
        Self {
            specs: Arc::new(options.specs),
            room: Arc::new(Semaphore::new(options.parallel.max(1))),
            environment: options.environment.into(),
            commit: options.commit.map(Into::into),
        }
    }

    /// Whether the configuration has a command of this name.
    pub fn knows(&self, name: &str) -> bool {
        self.specs.contains_key(name)
    }

    /// Runs a command once there is room for it. Dropping the future kills it and all it started.
    pub async fn run(&self, name: &str) -> CommandOutcome {
        let Some(spec) = self.specs.get(name) else {
            return CommandOutcome {
                succeeded: false,
                ended: format!(
                    "no command `{name}` is configured; add [gates.commands.{name}] to the daemon's settings"
                )
                .into(),
                number: None,
                output: "".into(),
            };
        };
        // The room is never closed; without it a command would run all the same.
        let _room = self.room.acquire().await;
        spec.run(&self.environment).await
    }

    /// The state of the work, from the command that names it; empty when there is none or it fails.
    pub async fn commit(&self) -> String {
        let Some(name) = &self.commit else {
            return String::new();
        };
        let outcome = self.run(name).await;
        if !outcome.succeeded {
            tracing::warn!(
                command = &**name,
                ended = &*outcome.ended,
                "the state of the work is not known"
            );
            return String::new();
        }
        let line = outcome.output.lines().next().unwrap_or_default();
        let shown = line
            .trim()
            .chars()
            .filter(|character| !character.is_control());
        shown.take(COMMIT_CHARS_MAX).collect()
    }
}

/// Characters that the state of the work may take.
const COMMIT_CHARS_MAX: usize = 200;
