//! `decision …`: questions that must be decided before tasks may go on.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with decisions.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List open decisions
    List(List),
    /// Ask a question that tasks may wait for
    Open(Open),
    /// Decide an open question
    Decide(Decide),
}

/// Which decisions.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Decided ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// The question.
#[derive(Debug, clap::Args)]
pub struct Open {
    /// The question
    pub question: String,
    /// A known option; may be given several times
    #[arg(long = "option", value_name = "OPTION")]
    pub options: Vec<String>,
    /// The tasks that wait for it
    #[arg(long, value_name = "TASKS", value_delimiter = ',')]
    pub blocks: Vec<String>,
}

/// The answer.
#[derive(Debug, clap::Args)]
pub struct Decide {
    /// The decision, such as DEC-1
    pub decision: String,
    /// The answer
    #[arg(long)]
    pub answer: String,
    /// Why
    #[arg(long, visible_alias = "reason")]
    pub rationale: Option<String>,
    /// Where it is written up
    #[arg(long, value_name = "URI")]
    pub record: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Open(arguments) => open(arguments, context).await,
        Verb::Decide(arguments) => decide(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let decisions = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListDecisionsRequest {
            project: context.project.clone(),
            include_decided: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, queues.list_decisions(request)).await?;
        Ok((page.decisions, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = decisions.iter().map(documents::decision).collect();
            json!({"decisions": listed})
        },
        || text::decisions(&decisions, context.out.columns()),
    )
}

async fn open(arguments: Open, context: &Context) -> Result<(), Failure> {
    let request = wire::OpenDecisionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        question: arguments.question,
        options: arguments.options,
        blocks: arguments.blocks,
    };
    let answer = call!(&context.client, queues.open_decision(request)).await?;
    let decision = answer.decision.unwrap_or_default();
    context.out.either(
        || json!({"decision": documents::decision(&decision)}),
        || {
            let id = text::clean::line(&decision.id);
            format!(
                "opened {id}\n{}",
                hint(&format!("decision decide {id} --answer …"))
            )
        },
    )
}

async fn decide(arguments: Decide, context: &Context) -> Result<(), Failure> {
    let request = wire::DecideRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        decision: arguments.decision,
        answer: arguments.answer,
        rationale: arguments.rationale.unwrap_or_default(),
        record_uri: arguments.record.unwrap_or_default(),
    };
    let answer = call!(&context.client, queues.decide(request)).await?;
    let decision = answer.decision.unwrap_or_default();
    context.out.either(
        || json!({"decision": documents::decision(&decision)}),
        || {
            let id = text::clean::line(&decision.id);
            let blocked = if decision.blocks.is_empty() {
                String::new()
            } else {
                let waiting = text::clean::line(&decision.blocks.join(", "));
                format!("; it no longer holds up {waiting}")
            };
            format!(
                "decided {id}: {}{blocked}\n",
                text::clean::line(&decision.answer)
            )
        },
    )
}
