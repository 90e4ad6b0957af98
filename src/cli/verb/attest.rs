//! `attest`: post-checks of a started task, or of one that was finished or handed in and left some open.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::fence::FenceFlag;
use crate::cli::{Context, Failure, json as documents, text};

/// Of which task, and what.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// Post-checks you attest: their names, or all
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    pub checked: Vec<String>,
    /// What shows it
    #[arg(long)]
    pub note: Option<String>,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments
        .fence
        .resolve_last(context, &arguments.task)
        .await?;
    let request = wire::ReportProgressRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        fence: fence.number,
        note: arguments.note.unwrap_or_default(),
        percent: None,
        checked: arguments.checked,
    };
    let answer = call!(&context.client, work.report_progress(request)).await?;
    let task = answer.task.unwrap_or_default();
    let open = documents::open_checks(&task);
    context.out.either(
        || {
            fence.mark(json!({
                "task": task.id,
                "status": documents::task_status(task.status()),
                "checks": task.checks,
                "open_checks": open,
            }))
        },
        || said(&task, open, fence.number),
    )
}

fn said(task: &wire::Task, open: &[String], fence: u64) -> String {
    let id = text::clean::line(&task.id);
    let said = format!(
        "attested of {id}: {}\n",
        text::clean::line(&task.checks.join(", "))
    );
    let next = match (task.completion.is_some() || task.review.is_some(), open) {
        (true, []) => "claim".to_owned(),
        (true, open) => format!(
            "attest {id} --fence {fence} --checked {}",
            text::clean::line(&open.join(","))
        ),
        (false, _) => return said,
    };
    said + &hint(&next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(completed: bool) -> wire::Task {
        wire::Task {
            id: "T-1".to_owned(),
            checks: vec!["verified_req".to_owned(), "tests_passing".to_owned()],
            completion: completed.then(wire::Completion::default),
            ..wire::Task::default()
        }
    }

    #[test]
    fn what_is_still_open_is_the_next_thing_to_attest() {
        let open = ["coverage_met".to_owned(), "docs_updated".to_owned()];
        insta::assert_snapshot!(said(&task(true), &open, 7), @r"
        attested of T-1: verified_req, tests_passing
        next: muster attest T-1 --fence 7 --checked coverage_met,docs_updated
        ");
    }

    #[test]
    fn with_nothing_open_the_next_thing_is_a_claim() {
        insta::assert_snapshot!(said(&task(true), &[], 7), @r"
        attested of T-1: verified_req, tests_passing
        next: muster claim
        ");
        insta::assert_snapshot!(said(&task(false), &[], 7), @"attested of T-1: verified_req, tests_passing");
    }
}
