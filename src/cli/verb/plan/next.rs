//! `plan next`: what each role gets next, in the order in which claims get it.

use muster_proto::v1 as wire;

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// For whom, and how much.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only for this role
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// At most so many tasks a role (1 to 100)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub limit: u32,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::GetBoardRequest {
        project: context.project.clone(),
        next_limit: arguments.limit,
        role: arguments.role.unwrap_or_default(),
        ..Default::default()
    };
    let answer = call!(&context.client, projects.get_board(request)).await?;
    context.out.either(
        || documents::next(&answer),
        || text::next(&answer, context.out.columns()),
    )
}
