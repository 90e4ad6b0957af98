//! `workflow …`: work with an objective that is started, with what it needs, hands over and must prove.

mod define;
mod document;
mod list;
mod say;

use muster_proto::v1 as wire;
use serde_json::json;

use super::hint;
use crate::cli::{Context, Failure, json as documents, text};

/// What can be done with workflows.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Define a workflow, or define one anew
    Define(Box<define::Define>),
    /// List workflows
    List(list::List),
    /// Show a workflow and its newest run, or one run, with everything that is missing
    Show(list::Show),
    /// List runs that are not over
    Runs(list::Runs),
    /// Start a workflow, or let one begin that waits for this word
    Start(say::Start),
    /// Supply something that a run asks for
    Input(say::Input),
    /// Say that a success criterion of a run holds, or does not
    Attest(say::Attest),
    /// Sign a run off whose work is done, or refuse to
    Sign(say::Sign),
    /// Say that the work of a run is done which names no phases
    Finish(say::Finish),
    /// Give a run up, or say that it failed
    Cancel(say::Cancel),
    /// Let a workflow be started no more
    Retire(say::Retire),
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Define(arguments) => define::run(*arguments, context).await,
        Verb::List(arguments) => list::workflows(arguments, context).await,
        Verb::Show(arguments) => list::show(arguments, context).await,
        Verb::Runs(arguments) => list::runs(arguments, context).await,
        Verb::Start(arguments) => say::start(arguments, context).await,
        Verb::Input(arguments) => say::input(arguments, context).await,
        Verb::Attest(arguments) => say::attest(arguments, context).await,
        Verb::Sign(arguments) => say::sign(arguments, context).await,
        Verb::Finish(arguments) => say::finish(arguments, context).await,
        Verb::Cancel(arguments) => say::cancel(arguments, context).await,
        Verb::Retire(arguments) => say::retire(arguments, context).await,
    }
}

/// Shows a run after something was done with it.
fn say_run(run: Option<wire::WorkflowRun>, context: &Context) -> Result<(), Failure> {
    let run = run.unwrap_or_default();
    context.out.either(
        || json!({"run": documents::workflow_run(&run)}),
        || text::workflow_run(&run),
    )
}

/// Says what became of a workflow.
fn say_workflow(
    workflow: Option<wire::Workflow>,
    done: &str,
    next: impl Fn(&str) -> String,
    context: &Context,
) -> Result<(), Failure> {
    let workflow = workflow.unwrap_or_default();
    context.out.either(
        || json!({"workflow": documents::workflow(&workflow)}),
        || {
            let slug = text::clean::line(&workflow.slug);
            format!("{done} {slug}\n{}", hint(&next(&slug)))
        },
    )
}
