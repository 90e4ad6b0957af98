//! `ask`: a question that only the coordinator answers.

use muster_proto::v1 as wire;

use super::{Severity, block, request_id};
use crate::cli::client::call;
use crate::cli::fence::FenceFlag;
use crate::cli::{Context, Failure};

/// The question.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// The question
    pub question: String,
    /// Sources contradict each other
    #[arg(long)]
    pub inconsistency: bool,
    /// How it could be settled
    #[arg(long, value_name = "HOW")]
    pub resolution_path: Option<String>,
    /// How bad it is [default: medium]
    #[arg(long)]
    pub severity: Option<Severity>,
    /// Keep the task; otherwise it is given back
    #[arg(long)]
    pub keep_lease: bool,
    /// The fence.
    #[command(flatten)]
    pub fence: FenceFlag,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let fence = arguments.fence.resolve(context, &arguments.task).await?;
    let severity = arguments.severity.map(i32::from).unwrap_or_default();
    let resolution_path = arguments.resolution_path.unwrap_or_default();
    let (blocker, task) = if arguments.inconsistency {
        let request = wire::RaiseInconsistencyRequest {
            project: context.project.clone(),
            request_id: request_id()?,
            task: arguments.task,
            fence: fence.number,
            question: arguments.question,
            resolution_path,
            severity,
            keep_lease: arguments.keep_lease,
        };
        let answer = call!(&context.client, work.raise_inconsistency(request)).await?;
        (answer.blocker, answer.task)
    } else {
        let request = wire::ReportBlockerRequest {
            project: context.project.clone(),
            request_id: request_id()?,
            task: arguments.task,
            fence: fence.number,
            kind: wire::BlockerKind::Input.into(),
            reason: arguments.question,
            owner: String::new(),
            resolution_path,
            severity,
            keep_lease: arguments.keep_lease,
        };
        let answer = call!(&context.client, work.report_blocker(request)).await?;
        (answer.blocker, answer.task)
    };
    block::say(blocker, task, fence, context)
}
