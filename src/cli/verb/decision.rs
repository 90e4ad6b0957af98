//! `decision …`: questions that must be decided before tasks may go on.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id, stated};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with decisions.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List open decisions
    List(List),
    /// Ask a question that tasks may wait for
    Open(Open),
    /// Change an open question, or what waits for it
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Propose an answer to an open question
    Propose(Propose),
    /// Decide an open question
    Decide(Decide),
    /// Decide anew what was decided before
    Supersede(Supersede),
    /// Say that a decision holds no more, without another in its place
    Deprecate(Deprecate),
    /// Say that a task was looked at again which relied on what holds no more
    Revisit(Revisit),
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
    /// The phases that wait for it
    #[arg(long, value_name = "PHASES", value_delimiter = ',')]
    pub phases: Vec<String>,
    /// Tasks that wait for it by a selector, those to come too; may be given several times
    #[arg(long = "matching", value_name = "SELECTOR")]
    pub selectors: Vec<String>,
}

/// What changes.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct Edit {
    /// The decision, such as DEC-1
    pub decision: String,
    /// The question
    #[arg(long, group = "change")]
    pub question: Option<String>,
    /// An option in place of the old ones; may be given several times, one empty text clears them
    #[arg(
        long = "option",
        visible_alias = "options",
        group = "change",
        value_name = "OPTION"
    )]
    pub options: Vec<String>,
    /// Tasks that wait for it from here on too
    #[arg(long, group = "change", value_name = "TASKS", value_delimiter = ',')]
    pub block_tasks: Vec<String>,
    /// Tasks that wait for it no more
    #[arg(long, group = "change", value_name = "TASKS", value_delimiter = ',')]
    pub unblock_tasks: Vec<String>,
    /// Phases that wait for it from here on too
    #[arg(long, group = "change", value_name = "PHASES", value_delimiter = ',')]
    pub block_phases: Vec<String>,
    /// Phases that wait for it no more
    #[arg(long, group = "change", value_name = "PHASES", value_delimiter = ',')]
    pub unblock_phases: Vec<String>,
}

/// The answer proposed.
#[derive(Debug, clap::Args)]
pub struct Propose {
    /// The decision, such as DEC-1
    pub decision: String,
    /// The answer
    #[arg(long)]
    pub answer: String,
    /// Why
    #[arg(long, visible_alias = "reason")]
    pub rationale: Option<String>,
}

/// The answer that takes the other's place.
#[derive(Debug, clap::Args)]
pub struct Supersede {
    #[command(flatten)]
    pub decide: Decide,
    /// The question, when it is another than before
    #[arg(long)]
    pub question: Option<String>,
}

/// Which decision.
#[derive(Debug, clap::Args)]
pub struct Deprecate {
    /// The decision, such as DEC-1
    pub decision: String,
    /// Why it holds no more
    #[arg(long)]
    pub reason: String,
}

/// Which task.
#[derive(Debug, clap::Args)]
pub struct Revisit {
    /// The decision under which the task is listed
    pub decision: String,
    /// The task
    pub task: String,
    /// What was found
    #[arg(long)]
    pub note: String,
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
    /// What follows from it
    #[arg(long, value_name = "TEXT")]
    pub consequences: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Open(arguments) => open(arguments, context).await,
        Verb::Edit(arguments) => edit(arguments, context).await,
        Verb::Propose(arguments) => propose(arguments, context).await,
        Verb::Decide(arguments) => decide(arguments, context).await,
        Verb::Supersede(arguments) => supersede(arguments, context).await,
        Verb::Deprecate(arguments) => deprecate(arguments, context).await,
        Verb::Revisit(arguments) => revisit(arguments, context).await,
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
        phases: arguments.phases,
        selectors: arguments.selectors,
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

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let request = wire::UpdateDecisionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        decision: arguments.decision,
        update_mask: stated(&[
            (arguments.question.is_some(), "question"),
            (!arguments.options.is_empty(), "options"),
            (!arguments.block_tasks.is_empty(), "tasks_added"),
            (!arguments.unblock_tasks.is_empty(), "tasks_removed"),
            (!arguments.block_phases.is_empty(), "phases_added"),
            (!arguments.unblock_phases.is_empty(), "phases_removed"),
        ]),
        question: arguments.question.unwrap_or_default(),
        options: match &arguments.options[..] {
            [one] if one.is_empty() => Vec::new(),
            _ => arguments.options,
        },
        tasks_added: arguments.block_tasks,
        tasks_removed: arguments.unblock_tasks,
        phases_added: arguments.block_phases,
        phases_removed: arguments.unblock_phases,
    };
    let answer = call!(&context.client, queues.update_decision(request)).await?;
    let decision = answer.decision.unwrap_or_default();
    context.out.either(
        || json!({"decision": documents::decision(&decision)}),
        || {
            let phases = decision.phases.iter().map(|id| format!("phase {id}"));
            let waiting: Vec<String> = decision.blocks.iter().cloned().chain(phases).collect();
            let held = match waiting.is_empty() {
                true => String::new(),
                false => format!("; it holds up {}", text::clean::line(&waiting.join(", "))),
            };
            format!("changed {}{held}\n", text::clean::line(&decision.id))
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
        consequences: arguments.consequences.unwrap_or_default(),
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

async fn propose(arguments: Propose, context: &Context) -> Result<(), Failure> {
    let request = wire::ProposeDecisionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        decision: arguments.decision,
        answer: arguments.answer,
        rationale: arguments.rationale.unwrap_or_default(),
    };
    let answer = call!(&context.client, queues.propose_decision(request)).await?;
    let decision = answer.decision.unwrap_or_default();
    context.out.either(
        || json!({"decision": documents::decision(&decision)}),
        || {
            let id = text::clean::line(&decision.id);
            let proposed = text::count(decision.proposals.len(), "answer");
            format!("{proposed} proposed for {id}\n")
        },
    )
}

async fn supersede(arguments: Supersede, context: &Context) -> Result<(), Failure> {
    let ruling = arguments.decide;
    let request = wire::SupersedeDecisionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        decision: ruling.decision,
        question: arguments.question.unwrap_or_default(),
        answer: ruling.answer,
        rationale: ruling.rationale.unwrap_or_default(),
        record_uri: ruling.record.unwrap_or_default(),
        consequences: ruling.consequences.unwrap_or_default(),
    };
    let answer = call!(&context.client, queues.supersede_decision(request)).await?;
    let decision = answer.decision.unwrap_or_default();
    let before = answer.superseded.unwrap_or_default();
    context.out.either(
        || {
            json!({
                "decision": documents::decision(&decision),
                "superseded": documents::decision(&before),
            })
        },
        || {
            let id = text::clean::line(&decision.id);
            let before = text::clean::line(&before.id);
            format!(
                "decided {id} in place of {before}: {}\n{}",
                text::clean::line(&decision.answer),
                to_revisit(&decision)
            )
        },
    )
}

async fn deprecate(arguments: Deprecate, context: &Context) -> Result<(), Failure> {
    let request = wire::DeprecateDecisionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        decision: arguments.decision,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, queues.deprecate_decision(request)).await?;
    let decision = answer.decision.unwrap_or_default();
    context.out.either(
        || json!({"decision": documents::decision(&decision)}),
        || {
            let id = text::clean::line(&decision.id);
            format!("{id} holds no more\n{}", to_revisit(&decision))
        },
    )
}

async fn revisit(arguments: Revisit, context: &Context) -> Result<(), Failure> {
    let task = text::clean::line(&arguments.task);
    let request = wire::RevisitTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        decision: arguments.decision,
        task: arguments.task,
        note: arguments.note,
    };
    let answer = call!(&context.client, queues.revisit_task(request)).await?;
    let decision = answer.decision.unwrap_or_default();
    context.out.either(
        || json!({"decision": documents::decision(&decision)}),
        || format!("{task} was looked at\n{}", to_revisit(&decision)),
    )
}

/// What is to be looked at again, with the command that says that it was.
fn to_revisit(decision: &wire::Decision) -> String {
    let Some(first) = decision.revisit.first() else {
        return String::new();
    };
    format!(
        "to be looked at again: {}\n{}",
        text::clean::line(&decision.revisit.join(", ")),
        hint(&text::clean::line(&format!(
            "decision revisit {} {first} --note …",
            decision.id
        )))
    )
}
