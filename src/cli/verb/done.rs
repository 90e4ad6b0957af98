//! `done`: a held task is finished, with what was done and how it was shown to work.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{hint, request_id};
use crate::cli::client::{GATED_CALL_TIMEOUT, call};
use crate::cli::fence::FenceFlag;
use crate::cli::{Context, Failure, parse, text};

const LISTED_MAX: usize = 10;

/// What shows that it is finished.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// What was done
    #[arg(long)]
    pub summary: Option<String>,
    /// How it was shown to work
    #[arg(long)]
    pub verification: Option<String>,
    /// A reference that shows it: a commit, a file, a page; "test: …", "review: …", "commit: …" and "document: …" say
    /// what it is; may be given several times
    #[arg(long, value_name = "REFERENCE")]
    pub evidence: Vec<String>,
    /// Technologies used
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub technologies: Vec<String>,
    /// Tests passed, in percent
    #[arg(long, value_name = "PERCENT", value_parser = parse::percent)]
    pub tests_passed: Option<u32>,
    /// Acceptance criteria that hold: their numbers, such as 1,3, or all
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = parse::accepted)]
    pub accept: Vec<parse::Accepted>,
    /// Post-checks you attest: their names, or all
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub checked: Vec<String>,
    /// Complete it although post-checks are missing; attest them before your next claim
    #[arg(long)]
    pub checks_later: bool,
    /// Complete the plans that the task refers to with it
    #[arg(long)]
    pub plans_completed: bool,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let (accepted, accept_all) = parse::acceptance(&arguments.accept);
    let request = wire::CompleteTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: arguments.task,
        fence: fence.number,
        summary: arguments.summary.unwrap_or_default(),
        verification: arguments.verification.unwrap_or_default(),
        evidence: arguments.evidence,
        technologies: arguments.technologies,
        tests_passed_percent: arguments.tests_passed,
        accepted,
        accept_all,
        checked: arguments.checked,
        checks_later: arguments.checks_later,
        plans_completed: arguments.plans_completed,
    };
    let answer = call!(
        &context.client,
        work.complete_task(request),
        GATED_CALL_TIMEOUT
    )
    .await?;
    context.out.either(
        || fence.mark(document(&answer)),
        || said(&answer, fence.number),
    )
}

fn document(answer: &wire::CompleteTaskResponse) -> Value {
    json!({
        "task": answer.task.as_ref().map(|task| task.id.as_str()),
        "unblocked": answer.unblocked,
        "unblocked_total": answer.unblocked_total,
        "phases_opened": answer.phases_opened,
        "open_checks": answer.open_checks,
    })
}

fn said(answer: &wire::CompleteTaskResponse, fence: u64) -> String {
    let task = answer.task.clone().unwrap_or_default();
    let mut said = format!(
        "completed {} {}\n",
        text::clean::line(&task.id),
        text::clean::line(&task.title)
    );
    let shown = &answer.unblocked[..answer.unblocked.len().min(LISTED_MAX)];
    if !shown.is_empty() {
        let total = usize::try_from(answer.unblocked_total).unwrap_or(usize::MAX);
        let more = match total.saturating_sub(shown.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        said.push_str(&format!(
            "now ready: {}{more}\n",
            text::clean::line(&shown.join(", "))
        ));
    }
    if !answer.phases_opened.is_empty() {
        said.push_str(&format!(
            "now open: phase {}\n",
            text::clean::line(&answer.phases_opened.join(", phase "))
        ));
    }
    if answer.open_checks.is_empty() {
        said.push_str(&hint("claim"));
        return said;
    }
    let open = text::clean::line(&answer.open_checks.join(","));
    said.push_str(&format!(
        "open before your next claim: {}\n{}",
        open.replace(',', ", "),
        hint(&format!(
            "attest {} --fence {fence} --checked {open}",
            text::clean::line(&task.id)
        ))
    ));
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> wire::CompleteTaskResponse {
        wire::CompleteTaskResponse {
            task: Some(wire::Task {
                id: "T-1".to_owned(),
                title: "Write the schema".to_owned(),
                ..wire::Task::default()
            }),
            unblocked: (2..=12).map(|number| format!("T-{number}")).collect(),
            unblocked_total: 70,
            phases_opened: vec!["2".to_owned()],
            open_checks: Vec::new(),
        }
    }

    #[test]
    fn the_document_has_the_fields_that_scripts_rely_on() {
        let document = document(&answer());
        assert_eq!(document["task"], "T-1");
        assert_eq!(document["unblocked"].as_array().map(Vec::len), Some(11));
        assert_eq!(document["unblocked_total"], 70);
        assert_eq!(document["phases_opened"], json!(["2"]));
    }

    #[test]
    fn people_are_told_what_became_ready() {
        insta::assert_snapshot!(said(&answer(), 7), @r"
        completed T-1 Write the schema
        now ready: T-2, T-3, T-4, T-5, T-6, T-7, T-8, T-9, T-10, T-11 and 60 more
        now open: phase 2
        next: muster claim
        ");
    }

    #[test]
    fn what_is_owed_comes_before_the_next_claim() {
        let answer = wire::CompleteTaskResponse {
            unblocked: Vec::new(),
            unblocked_total: 0,
            phases_opened: Vec::new(),
            open_checks: vec!["coverage_met".to_owned(), "docs_updated".to_owned()],
            ..answer()
        };
        insta::assert_snapshot!(said(&answer, 7), @r"
        completed T-1 Write the schema
        open before your next claim: coverage_met, docs_updated
        next: muster attest T-1 --fence 7 --checked coverage_met,docs_updated
        ");
        let owed = &document(&answer)["open_checks"];
        assert_eq!(*owed, json!(["coverage_met", "docs_updated"]));
    }
}
