//! `task …`: tasks listed, shown, added and changed.

mod add;
mod dependency;
mod edit;
mod list;
mod reference;
mod split;
mod step;

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::verb::hint;
use crate::cli::{Context, Failure, json as documents, text};

/// What can be done with tasks.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List tasks in plan order
    List(list::List),
    /// Show all that is known about a task
    Show(list::Show),
    /// Add a task
    Add(add::Arguments),
    /// Change a task's words
    Edit(edit::Arguments),
    /// Split a task into several that stand in its place
    Split(split::Arguments),
    /// Put a task off
    Defer(step::Defer),
    /// Plan a deferred task again
    Reinstate(step::Plain),
    /// Give a task up
    Cancel(step::Cancel),
    /// Plan a completed task again; its phase reopens
    Reopen(step::WithReason),
    /// Take a task away from its holder
    Revoke(step::WithReason),
    /// Let a task wait for others
    Depend(dependency::Depend),
    /// Let a task no longer wait for another
    Undepend(dependency::Undepend),
    /// Let a task go ahead without one it waits for
    Waive(dependency::Waive),
    /// The documents a task refers to
    #[command(subcommand, visible_alias = "reference", arg_required_else_help = true)]
    Ref(reference::Verb),
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list::list(arguments, context).await,
        Verb::Show(arguments) => list::show(arguments, context).await,
        Verb::Add(arguments) => add::run(arguments, context).await,
        Verb::Edit(arguments) => edit::run(arguments, context).await,
        Verb::Split(arguments) => split::run(arguments, context).await,
        Verb::Defer(arguments) => step::defer(arguments, context).await,
        Verb::Reinstate(arguments) => step::reinstate(arguments, context).await,
        Verb::Cancel(arguments) => step::cancel(arguments, context).await,
        Verb::Reopen(arguments) => step::reopen(arguments, context).await,
        Verb::Revoke(arguments) => step::revoke(arguments, context).await,
        Verb::Depend(arguments) => dependency::depend(arguments, context).await,
        Verb::Undepend(arguments) => dependency::undepend(arguments, context).await,
        Verb::Waive(arguments) => dependency::waive(arguments, context).await,
        Verb::Ref(verb) => reference::run(verb, context).await,
    }
}

/// Prints a task after a change: what was done, and where to look next.
fn say(task: Option<wire::Task>, done: &str, context: &Context) -> Result<(), Failure> {
    let task = task.unwrap_or_default();
    context.out.either(
        || json!({"task": documents::task(&task)}),
        || {
            let id = text::clean::line(&task.id);
            let title = text::clean::line(&task.title);
            let next = if task.ready {
                hint(&format!("task show {id}"))
            } else {
                hint(&format!("why {id}"))
            };
            let size = match task.too_large {
                true => "warning: more than one session; split it\n",
                false => "",
            };
            format!("{done} {id} {title}\n{size}{next}")
        },
    )
}
