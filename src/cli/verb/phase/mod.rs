//! `phase …`: phases, their criteria, opening and closing.

mod criterion;
mod edit;
mod list;
mod step;

pub use list::all;

use crate::cli::{Context, Failure};

/// What can be done with phases.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List phases with their progress
    List(list::List),
    /// Show a phase with its criteria
    Show(list::Show),
    /// Add a phase
    Add(edit::Add),
    /// Change a phase
    Edit(edit::Edit),
    /// Say that a criterion is met
    Meet(step::Meet),
    /// Reword or withdraw a criterion, or say that it is not met after all
    #[command(subcommand, arg_required_else_help = true)]
    Criterion(criterion::Verb),
    /// Close a phase by hand
    Close(step::Close),
    /// Open a closed phase again
    Reopen(step::WithReason),
    /// Leave a phase out; its open tasks are deferred
    Skip(step::WithReason),
    /// Open a phase before its turn
    Override(step::WithReason),
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list::list(arguments, context).await,
        Verb::Show(arguments) => list::show(arguments, context).await,
        Verb::Add(arguments) => edit::add(arguments, context).await,
        Verb::Edit(arguments) => edit::edit(arguments, context).await,
        Verb::Meet(arguments) => step::meet(arguments, context).await,
        Verb::Criterion(verb) => criterion::run(verb, context).await,
        Verb::Close(arguments) => step::close(arguments, context).await,
        Verb::Reopen(arguments) => step::reopen(arguments, context).await,
        Verb::Skip(arguments) => step::skip(arguments, context).await,
        Verb::Override(arguments) => step::override_order(arguments, context).await,
    }
}
