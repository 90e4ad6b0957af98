//! `plan …`: plan files in, the plan out.

pub mod check;
mod critical_path;
mod diagnostics;
mod file;
mod forecast;
mod import;
mod init;
mod next;
mod parallel;
mod show;

use crate::cli::{Context, Failure};

/// What can be done with plans.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Take a plan file in: a new project, or the one it is known to
    Import(import::Arguments),
    /// Make a project that begins with a built-in template
    Init(init::Arguments),
    /// List the built-in templates
    Templates,
    /// Read a plan file without a daemon and say what it holds
    Check(check::Arguments),
    /// Show the project, its phases and their progress
    Show(show::Arguments),
    /// Show the chain of open tasks that takes longest, with times and slack
    CriticalPath(critical_path::Arguments),
    /// Say when the plan will be done, how sure that is, and what would change it
    Forecast(forecast::Arguments),
    /// Show what could be worked side by side now, and which role holds it up
    Parallel(parallel::Arguments),
    /// Show what each role gets next, in the order of claims
    Next(next::Arguments),
    /// List what was not taken as written from the plan files
    Diagnostics(diagnostics::Arguments),
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Import(arguments) => import::run(arguments, context).await,
        Verb::Init(arguments) => init::run(arguments, context).await,
        Verb::Templates => init::list(context).await,
        Verb::Check(arguments) => check::run(&arguments, context.out),
        Verb::Show(arguments) => show::run(arguments, context).await,
        Verb::CriticalPath(arguments) => critical_path::run(arguments, context).await,
        Verb::Forecast(arguments) => forecast::run(arguments, context).await,
        Verb::Parallel(arguments) => parallel::run(arguments, context).await,
        Verb::Next(arguments) => next::run(arguments, context).await,
        Verb::Diagnostics(arguments) => diagnostics::run(arguments, context).await,
    }
}
