//! `standup …`: what happened, what is under way, what stands in the way; and what is said at the day's standup.

mod day;

use muster_proto::v1 as wire;
use serde_json::Value;

use super::report;
use crate::cli::as_of::{self, AsOf, Asked};
use crate::cli::client::{LONG_CALL_TIMEOUT, call};
use crate::cli::parse::{self, Since};
use crate::cli::{Context, Failure};
use crate::clock::{Clock as _, SystemClock};

/// From when on, and how to write it; or what to do with the day's standup.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do with the day's standup.
    #[command(subcommand)]
    pub verb: Option<day::Verb>,
    /// From when on: an instant, a date, or how long ago (24h, 2d) [default: 24h]
    #[arg(long, value_name = "T", value_parser = parse::since)]
    pub since: Option<Since>,
    /// As it was.
    #[command(flatten)]
    pub as_of: AsOf,
    /// Write markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Write a fragment of HTML
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub html: bool,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    if let Some(verb) = arguments.verb {
        return day::run(verb, context).await;
    }
    let asked = arguments.as_of.asked(context).await?;
    let since = match &arguments.since {
        Some(since) => Some(beginning(since, asked, context).await?),
        None => None,
    };
    let request = wire::GetStandupRequest {
        project: context.project.clone(),
        since,
        columns: report::columns(context),
        as_of_version: asked.version,
        as_of: asked.at,
    };
    let answer = call!(
        &context.client,
        ceremonies.get_standup(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    let heading = asked.heading(version(&answer.data_json), answer.until.as_ref());
    let written = report::Written {
        data_json: answer.data_json,
        markdown: answer.markdown,
        text: heading + &answer.text,
        html: answer.html,
    };
    let form = match (arguments.markdown, arguments.html) {
        (true, _) => report::Form::Markdown,
        (false, true) => report::Form::Html,
        (false, false) => report::Form::Text,
    };
    written.print(form, context)
}

/// The version that a standup reaches up to, as its document says.
fn version(data_json: &str) -> u64 {
    let document: Option<Value> = serde_json::from_str(data_json).ok();
    let version = document.and_then(|document| document["head"]["version"].as_u64());
    version.unwrap_or_default()
}

/// The instant; only a date needs the project's time zone, and with it another call. What is so long ago is
/// so long before what the standup is as of.
async fn beginning(
    since: &Since,
    asked: Asked,
    context: &Context,
) -> Result<prost_types::Timestamp, Failure> {
    let (now_ms, zone) = match since {
        Since::At(_) => (0, String::new()),
        Since::Ago(_) => (end_ms(asked, context).await?, String::new()),
        Since::Day(_) => (0, as_of::time_zone(context).await?),
    };
    since.instant_in(now_ms, &zone).map_err(Failure::usage)
}

/// Where the stretch ends, in Unix milliseconds; of a version only the daemon knows when that was.
async fn end_ms(asked: Asked, context: &Context) -> Result<i64, Failure> {
    let at = match (asked.version, asked.at) {
        (None, None) => return Ok(SystemClock::new().now_ms()),
        (None, Some(at)) => at,
        (Some(_), _) => {
            let request = wire::GetProjectRequest {
                project: context.project.clone(),
                as_of_version: asked.version,
                ..Default::default()
            };
            let answer = call!(
                &context.client,
                projects.get_project(request),
                asked.timeout()
            )
            .await?;
            let project = answer.project.unwrap_or_default();
            project.changed_at.unwrap_or_default()
        }
    };
    Ok(at.seconds.saturating_mul(1_000) + i64::from(at.nanos) / 1_000_000)
}
