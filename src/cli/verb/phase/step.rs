//! `phase meet`, `close`, `reopen`, `skip` and `override`: the steps a coordinator takes with a phase.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure, json as documents, text};

/// Which criterion, and what shows it.
#[derive(Debug, clap::Args)]
pub struct Meet {
    /// The phase, by id or name
    pub phase: String,
    /// The criterion's number within the phase, from 1
    pub criterion: u32,
    /// What shows it
    #[arg(long)]
    pub evidence: Option<String>,
}

/// Which phase.
#[derive(Debug, clap::Args)]
pub struct Close {
    /// The phase, by id or name
    pub phase: String,
}

/// Which phase, and why.
#[derive(Debug, clap::Args)]
pub struct WithReason {
    /// The phase, by id or name
    pub phase: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn meet(arguments: Meet, context: &Context) -> Result<(), Failure> {
    let request = wire::MeetCriterionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        phase: arguments.phase,
        criterion: arguments.criterion,
        evidence: arguments.evidence.unwrap_or_default(),
    };
    let answer = call!(&context.client, phases.meet_criterion(request)).await?;
    say(answer.phase, "a criterion is met:", context)
}

pub async fn close(arguments: Close, context: &Context) -> Result<(), Failure> {
    let request = wire::ClosePhaseRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        phase: arguments.phase,
    };
    let answer = call!(&context.client, phases.close_phase(request)).await?;
    say(answer.phase, "closed", context)
}

pub async fn reopen(arguments: WithReason, context: &Context) -> Result<(), Failure> {
    let request = wire::ReopenPhaseRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        phase: arguments.phase,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, phases.reopen_phase(request)).await?;
    say(answer.phase, "reopened", context)
}

pub async fn skip(arguments: WithReason, context: &Context) -> Result<(), Failure> {
    let request = wire::SkipPhaseRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        phase: arguments.phase,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, phases.skip_phase(request)).await?;
    say(answer.phase, "skipped", context)
}

pub async fn override_order(arguments: WithReason, context: &Context) -> Result<(), Failure> {
    let request = wire::OverridePhaseOrderRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        phase: arguments.phase,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, phases.override_phase_order(request)).await?;
    say(answer.phase, "opened before its turn:", context)
}

/// Prints a phase after a step, with what was done.
pub fn say(phase: Option<wire::Phase>, done: &str, context: &Context) -> Result<(), Failure> {
    let phase = phase.unwrap_or_default();
    context.out.either(
        || json!({"phase": documents::phase(&phase)}),
        || format!("{done} {}", text::phase(&phase)),
    )
}
