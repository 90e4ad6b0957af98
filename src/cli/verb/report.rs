//! `report …`: reports as of now, and how a written report is printed.

use muster_proto::v1 as wire;
use serde_json::Value;

use crate::cli::client::{LONG_CALL_TIMEOUT, call};
use crate::cli::{Context, Failure, text};

/// Which report.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// What is blocked, for how long, and what it holds up
    Blockers(Arguments),
}

/// How to write it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    let (kind, arguments) = match verb {
        Verb::Blockers(arguments) => (wire::ReportKind::Blockers, arguments),
    };
    let request = wire::GenerateReportRequest {
        project: context.project.clone(),
        kind: kind.into(),
        columns: columns(context),
    };
    let answer = call!(
        &context.client,
        ceremonies.generate_report(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    let written = Written {
        data_json: answer.data_json,
        markdown: answer.markdown,
        text: answer.text,
    };
    written.print(arguments.markdown, context)
}

/// The width a report is laid out for; 0 leaves it to the daemon.
pub fn columns(context: &Context) -> u32 {
    context
        .out
        .columns()
        .map_or(0, |columns| u32::from(columns).clamp(40, 400))
}

/// A report in its three dresses.
pub struct Written {
    /// As one JSON document.
    pub data_json: String,
    /// As markdown.
    pub markdown: String,
    /// As plain text.
    pub text: String,
}

impl Written {
    /// Prints the dress that was asked for.
    pub fn print(&self, as_markdown: bool, context: &Context) -> Result<(), Failure> {
        if context.out.as_json() {
            // Read and written again, so that it stands on one line and cannot steer a terminal.
            let document: Value = serde_json::from_str(&self.data_json).map_err(|_| {
                Failure::new(
                    crate::cli::Exit::Other,
                    "MALFORMED_ANSWER",
                    "the daemon's report is no JSON document; it may be of another release",
                )
            })?;
            context.out.document(&document)
        } else if as_markdown {
            context.out.text(&text::clean::lines(&self.markdown))
        } else {
            context.out.text(&text::clean::lines(&self.text))
        }
    }
}
