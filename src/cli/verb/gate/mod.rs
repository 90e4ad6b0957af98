//! `gate …`: quality gates, their runs and the metrics they are judged by.

mod criterion;
mod define;
mod list;
mod say;

pub use criterion::{FORMS_OF_MEASURES, measure};

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::{Context, Failure, json as documents, text};

/// What can be done with quality gates.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Define a gate, or define one anew
    Define(define::Define),
    /// List gates
    List(list::List),
    /// Show a gate and its newest run, or one run
    Show(list::Show),
    /// Run a gate
    Run(say::Run),
    /// Say that a criterion of a pending run holds, or does not
    Attest(say::Attest),
    /// Sign a criterion of a pending run, or refuse to
    Approve(say::Approve),
    /// Let a failed run pass for a while
    Waive(say::Waive),
    /// Say what was measured
    Metric(say::Metric),
    /// List what was measured last
    Metrics(list::Metrics),
    /// Take a gate away from what it stands in front of
    Retire(say::Retire),
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Define(arguments) => define::run(arguments, context).await,
        Verb::List(arguments) => list::gates(arguments, context).await,
        Verb::Show(arguments) => list::show(arguments, context).await,
        Verb::Run(arguments) => say::run(arguments, context).await,
        Verb::Attest(arguments) => say::attest(arguments, context).await,
        Verb::Approve(arguments) => say::approve(arguments, context).await,
        Verb::Waive(arguments) => say::waive(arguments, context).await,
        Verb::Metric(arguments) => say::metric(arguments, context).await,
        Verb::Metrics(arguments) => list::metrics(arguments, context).await,
        Verb::Retire(arguments) => say::retire(arguments, context).await,
    }
}

/// Shows a run after something was done with it.
fn say_run(run: Option<wire::GateRun>, context: &Context) -> Result<(), Failure> {
    let run = run.unwrap_or_default();
    context.out.either(
        || json!({"run": documents::gate_run(&run)}),
        || text::gate_run(&run),
    )
}
