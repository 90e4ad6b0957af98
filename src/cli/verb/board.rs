//! `board`: tasks by where they stand.

use muster_proto::v1 as wire;

use crate::cli::as_of::AsOf;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// How much to show.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// At most so many tasks a column (0 to 100)
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub limit: u32,
    /// As it was.
    #[command(flatten)]
    pub as_of: AsOf,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let asked = arguments.as_of.asked(context).await?;
    let request = wire::GetBoardRequest {
        project: context.project.clone(),
        column_limit: arguments.limit,
        as_of_version: asked.version,
        as_of: asked.at,
        ..Default::default()
    };
    let answer = call!(
        &context.client,
        projects.get_board(request),
        asked.timeout()
    )
    .await?;
    context.out.either(
        || documents::board(&answer),
        || {
            let heading = asked.heading(answer.version, answer.recorded_at.as_ref());
            heading + &text::board(&answer, context.out.columns())
        },
    )
}
