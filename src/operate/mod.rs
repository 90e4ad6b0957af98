//! What owns a daemon or its files: serve, demo, bench, config, audit, backup, restore, delete, doctor. The
//! only module that the command line's root uses beside `cli`.

mod audit;
mod backup;
mod bench;
mod config;
mod delete;
mod demo;
mod doctor;
mod failure;
mod progress;
mod restore;
mod serve;
mod settings;
mod signal;
mod table;
mod wire;

use std::pin::Pin;

use crate::cli::output::Output;
use crate::cli::{self, Failure, Globals};

use failure::caused;

/// The operator's commands.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Run the daemon until it is told to stop
    Serve(serve::Serve),
    /// Watch five agents work a small plan down, in under a minute and without any set-up
    Demo(demo::Demo),
    /// Measure how many agents this machine carries, against what it allows
    Bench(bench::Bench),
    /// Show the settings in force, or check them
    #[command(subcommand)]
    Config(config::ConfigVerb),
    /// Check what was recorded
    #[command(subcommand)]
    Audit(audit::AuditVerb),
    /// Copy everything into one file, while work goes on
    Backup(backup::Backup),
    /// Make a new data directory from a backup
    Restore(restore::Restore),
    /// Look whether this machine, the files and the daemon are as they should be
    Doctor(doctor::Doctor),
}

/// Takes memory in small pages; to be called before anything else is done. In pages of 2 MiB, which the
/// allocator asks for, an idle daemon holds twice as much and clearing them delays whoever touches one first.
#[cfg(target_os = "linux")]
pub fn take_small_pages() {
    // Where the system does not take the wish, it decides.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// Elsewhere the system decides.
#[cfg(not(target_os = "linux"))]
pub fn take_small_pages() {}

/// Removes a project from the files of a stopped daemon.
///
/// # Errors
/// Whatever kept it from being done; `Failure::exit` is the program's exit code.
pub fn delete(delete: &cli::Delete, globals: &Globals) -> Result<(), Failure> {
    delete::run(delete, Output::new(globals))
}

/// Runs a command.
///
/// # Errors
/// Whatever kept it from being done; `Failure::exit` is the program's exit code.
pub fn run(
    verb: Verb,
    globals: &Globals,
) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + '_>> {
    // Behind a pointer all this is compiled once, and not for each way in which a runtime looks at it.
    Box::pin(carry_out(verb, globals))
}

async fn carry_out(verb: Verb, globals: &Globals) -> Result<(), Failure> {
    let output = Output::new(globals);
    match verb {
        Verb::Serve(serve) => serve::run(serve, output).await,
        Verb::Demo(demo) => demo::run(demo, output).await,
        Verb::Bench(bench) => bench::run(bench, globals, output).await,
        Verb::Config(config) => config::run(config, output),
        Verb::Audit(audit::AuditVerb::Verify(verify)) => match verify.data_dir {
            Some(data_dir) => {
                let walk = move || audit::verify_files(&data_dir, output);
                let walked = tokio::task::spawn_blocking(walk).await;
                walked.map_err(|error| caused("INTERNAL", &error))?
            }
            None => cli::audit::verify(globals).await,
        },
        Verb::Backup(backup) => backup::run(backup, globals, output).await,
        Verb::Restore(restore) => restore::run(restore, output).await,
        Verb::Doctor(doctor) => doctor::run(doctor, globals, output).await,
    }
}
