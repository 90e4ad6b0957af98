//! `submit`: a held task is handed in for review, with all that `done` asks for.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{done, hint, request_id};
use crate::cli::client::{GATED_CALL_TIMEOUT, call};
use crate::cli::{Context, Failure, json as documents, parse, text};

pub async fn run(arguments: done::Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let (accepted, accept_all) = parse::acceptance(&arguments.accept);
    let request = wire::SubmitForReviewRequest {
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
        work.submit_for_review(request),
        GATED_CALL_TIMEOUT
    )
    .await?;
    let task = answer.task.unwrap_or_default();
    context.out.either(
        || fence.mark(json!({"task": documents::task(&task)})),
        || {
            let line = format!("handed in {} {} for review", task.id, task.title);
            format!("{}\n{}", text::clean::line(&line), hint("claim"))
        },
    )
}
