//! `phase criterion …`: criteria in other words, withdrawn, or not met after all.

use muster_proto::v1 as wire;
use muster_proto::v1::update_criterion_request::Change;

use super::step::say;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure};

/// What changes of a criterion.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Give it other words; if it was met, it is to be met anew
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Ask for it no more; the others keep their numbers
    #[command(visible_alias = "withdraw")]
    Remove(WithReason),
    /// Say that it is not met after all
    Unmeet(WithReason),
}

/// Which criterion, and its words.
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// The phase, by id or name
    pub phase: String,
    /// The criterion's number within the phase, from 1
    pub criterion: u32,
    /// What must hold
    #[arg(long)]
    pub text: String,
}

/// Which criterion, and why.
#[derive(Debug, clap::Args)]
pub struct WithReason {
    /// The phase, by id or name
    pub phase: String,
    /// The criterion's number within the phase, from 1
    pub criterion: u32,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    let (phase, criterion, change, done) = match verb {
        Verb::Edit(Edit {
            phase,
            criterion,
            text,
        }) => {
            let change = Change::Reword(wire::RewordCriterion { text });
            (phase, criterion, change, "a criterion is reworded:")
        }
        Verb::Remove(WithReason {
            phase,
            criterion,
            reason,
        }) => {
            let change = Change::Withdraw(wire::WithdrawCriterion { reason });
            (phase, criterion, change, "a criterion is withdrawn:")
        }
        Verb::Unmeet(WithReason {
            phase,
            criterion,
            reason,
        }) => {
            let change = Change::Unmeet(wire::UnmeetCriterion { reason });
            (
                phase,
                criterion,
                change,
                "a criterion is not met after all:",
            )
        }
    };
    let request = wire::UpdateCriterionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        phase,
        criterion,
        change: Some(change),
    };
    let answer = call!(&context.client, phases.update_criterion(request)).await?;
    say(answer.phase, done, context)
}
