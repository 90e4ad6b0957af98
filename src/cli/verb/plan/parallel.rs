//! `plan parallel`: what could be worked side by side now, and which role holds it up.

use muster_proto::v1 as wire;

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// How much to show.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name at most so many ready tasks of each role (1 to 100)
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: u32,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::GetBoardRequest {
        project: context.project.clone(),
        next_limit: arguments.limit,
        ..Default::default()
    };
    let answer = call!(&context.client, projects.get_board(request)).await?;
    context.out.either(
        || documents::parallel(&answer),
        || text::parallel(&answer, context.out.columns()),
    )
}
