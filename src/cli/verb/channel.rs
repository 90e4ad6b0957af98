//! `channel …`: where published reports are delivered, and what became of them.

use muster_proto::v1 as wire;
use serde_json::json;

use super::request_id;
use crate::cli::client::{LONG_CALL_TIMEOUT, call};
use crate::cli::{Context, Exit, Failure, json as documents, text};

/// What can be done with channels.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List channels, with what became of the project's reports
    List,
    /// Send a channel a test letter now; exit code 1 when it does not take it
    Test(Test),
    /// Deliver a report that was given up after all
    Retry(Retry),
}

impl Default for Verb {
    /// The list.
    fn default() -> Self {
        Self::List
    }
}

/// Which channel.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Its name
    pub channel: String,
}

/// Which report, and where to.
#[derive(Debug, clap::Args)]
pub struct Retry {
    /// The report, such as REP-12
    pub report: String,
    /// The channel it was given up for
    #[arg(long, value_name = "NAME")]
    pub channel: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List => list(context).await,
        Verb::Test(arguments) => test(arguments, context).await,
        Verb::Retry(arguments) => retry(arguments, context).await,
    }
}

async fn list(context: &Context) -> Result<(), Failure> {
    let request = wire::ListChannelsRequest {
        project: context.project.clone(),
    };
    let channels = call!(&context.client, ceremonies.list_channels(request))
        .await?
        .channels;
    context.out.either(
        || json!({"channels": channels.iter().map(documents::channel).collect::<Vec<_>>()}),
        || text::channels(&channels, context.out.columns()),
    )
}

async fn test(arguments: Test, context: &Context) -> Result<(), Failure> {
    let request = wire::TestChannelRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        channel: arguments.channel.clone(),
    };
    let answer = call!(
        &context.client,
        ceremonies.test_channel(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    let name = &arguments.channel;
    context.out.either(
        || {
            json!({
                "channel": name,
                "delivered": answer.delivered,
                "note": answer.note,
                "warnings": answer.warnings,
            })
        },
        || {
            let came = if answer.delivered {
                "took the test"
            } else {
                "did not take the test"
            };
            let lines = std::iter::once(format!("{name} {came}: {}", answer.note));
            let lines = lines.chain(answer.warnings.iter().cloned());
            let lines: Vec<String> = lines.map(|line| text::clean::line(&line)).collect();
            lines.join("\n")
        },
    )?;
    if answer.delivered {
        Ok(())
    } else {
        Err(Failure::Answered(Exit::Other))
    }
}

async fn retry(arguments: Retry, context: &Context) -> Result<(), Failure> {
    let request = wire::RedeliverReportRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        report: arguments.report,
        channel: arguments.channel.clone(),
    };
    let answer = call!(&context.client, ceremonies.redeliver_report(request)).await?;
    let report = answer.report.unwrap_or_default();
    context.out.either(
        || json!({"report": documents::report(&report)}),
        || {
            let line = format!("{} waits for {} again", report.id, arguments.channel);
            text::clean::line(&line)
        },
    )
}
