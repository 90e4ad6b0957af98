//! The commands of quality gates from the settings, and the task that looks after them.

use tokio::task::JoinHandle;

use std::time::Duration;

use crate::config::{GateCommand, Gates};
use crate::engine::EngineHandle;
use crate::probe::{CommandSpec, Commands, CommandsOptions, Prober};

/// The commands of the settings, with what they see of the daemon's environment.
pub(super) fn commands(gates: &Gates) -> Commands {
    let specs = gates.commands.iter();
    let environment = gates.environment.iter().filter_map(|name| {
        let value = std::env::var_os(name)?;
        Some((name.clone(), value))
    });
    Commands::new(CommandsOptions {
        specs: specs
            .map(|(name, command)| (name.clone(), spec(command)))
            .collect(),
        parallel: gates.parallel,
        environment: environment.collect(),
        commit: (!gates.commit.is_empty()).then(|| gates.commit.clone()),
    })
}

fn spec(command: &GateCommand) -> CommandSpec {
    CommandSpec {
        program: command.program.clone(),
        arguments: command.arguments.clone(),
        working_directory: command.working_directory.clone(),
        timeout: Duration::from_millis(command.timeout_ms),
        output_bytes: command.output_bytes,
        number_after: command.number_after.clone(),
    }
}

/// The prober at work; dropped, it stops and kills what it runs.
pub(super) struct Probing(JoinHandle<()>);

impl Probing {
    pub(super) fn start(engine: EngineHandle, commands: Commands) -> Self {
        Self(tokio::spawn(Prober::new(engine, commands).run()))
    }
}

impl Drop for Probing {
    fn drop(&mut self) {
        self.0.abort();
    }
}
