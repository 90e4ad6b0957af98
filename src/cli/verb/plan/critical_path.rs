//! `plan critical-path`: the chain of open tasks that takes longest.

use muster_proto::v1 as wire;

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// How much to show.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Also show so many tasks with their slack, the least first (at most 1000)
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub slack: u32,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::GetCriticalPathRequest {
        project: context.project.clone(),
        slack_limit: arguments.slack,
    };
    let answer = call!(&context.client, projects.get_critical_path(request)).await?;
    context.out.either(
        || documents::critical_path(&answer),
        || text::critical_path(&answer, context.out.columns()),
    )
}
