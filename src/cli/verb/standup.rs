//! `standup`: what happened, what is under way, what stands in the way.

use muster_proto::v1 as wire;

use super::report;
use crate::cli::client::{LONG_CALL_TIMEOUT, call};
use crate::cli::parse::{self, Since};
use crate::cli::{Context, Failure};
use crate::clock::{Clock as _, SystemClock};

/// From when on, and how to write it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// From when on: an instant, a date, or how long ago (24h, 2d) [default: 24h]
    #[arg(long, value_name = "T", value_parser = parse::since)]
    pub since: Option<Since>,
    /// Write markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let since = match &arguments.since {
        Some(since) => Some(beginning(since, context).await?),
        None => None,
    };
    let request = wire::GetStandupRequest {
        project: context.project.clone(),
        since,
        columns: report::columns(context),
    };
    let answer = call!(
        &context.client,
        ceremonies.get_standup(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    let written = report::Written {
        data_json: answer.data_json,
        markdown: answer.markdown,
        text: answer.text,
    };
    written.print(arguments.markdown, context)
}

/// The instant; only a date needs the project's time zone, and with it a second call.
async fn beginning(since: &Since, context: &Context) -> Result<prost_types::Timestamp, Failure> {
    let now_ms = SystemClock::new().now_ms();
    let time_zone = match since {
        Since::Day(_) => {
            let request = wire::GetProjectRequest {
                project: context.project.clone(),
            };
            let answer = call!(&context.client, projects.get_project(request)).await?;
            let settings = answer.project.and_then(|project| project.settings);
            settings
                .map(|settings| settings.time_zone)
                .filter(|zone| !zone.is_empty())
                .unwrap_or_else(|| "UTC".to_owned())
        }
        Since::At(_) | Since::Ago(_) => String::new(),
    };
    since.instant_in(now_ms, &time_zone).map_err(Failure::usage)
}
