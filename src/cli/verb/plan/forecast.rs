//! `plan forecast`: when open work will be done, how sure that is, and what would change it.

use muster_proto::v1 as wire;

use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, text};

/// How often the plan is run through.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// So many runs through the plan (at most 100000) [default: 10000]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub runs: u32,
    /// The same seed gives the same forecast of the same plan [default: the project's version]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub seed: u64,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = wire::GetForecastRequest {
        project: context.project.clone(),
        runs: arguments.runs,
        seed: arguments.seed,
    };
    let answer = call!(&context.client, projects.get_forecast(request)).await?;
    context.out.either(
        || documents::forecast(&answer),
        || text::forecast(&answer, context.out.columns()),
    )
}
