//! `rule …`: waits stated once for every task that a selector names.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with rules.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List the rules that are followed
    List(List),
    /// State a wait for every task that a selector names, those to come too
    Add(Add),
    /// Follow a rule no more; the dependencies it led to stay
    End(End),
}

/// Which rules.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Ended ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// What waits.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Waiting {
    /// The tasks that wait, by a selector such as "All API endpoints", area:API or "phase:2 tests"
    #[arg(long, value_name = "SELECTOR")]
    pub tasks: Option<String>,
    /// The one task that waits
    #[arg(long, value_name = "TASK")]
    pub task: Option<String>,
}

/// What is waited for.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct After {
    /// The one task that they wait for
    #[arg(long, value_name = "TASK")]
    pub after: Option<String>,
    /// The tasks that they wait for, by a selector
    #[arg(long, value_name = "SELECTOR")]
    pub after_tasks: Option<String>,
    /// The phase that they wait for
    #[arg(long, value_name = "PHASE")]
    pub after_phase: Option<String>,
}

/// A new rule.
#[derive(Debug, clap::Args)]
pub struct Add {
    #[command(flatten)]
    pub waiting: Waiting,
    #[command(flatten)]
    pub after: After,
    /// Why
    #[arg(long)]
    pub note: Option<String>,
}

/// Which rule.
#[derive(Debug, clap::Args)]
pub struct End {
    /// The rule, such as RU-1
    pub rule: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Add(arguments) => add(arguments, context).await,
        Verb::End(arguments) => end(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let rules = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListRulesRequest {
            project: context.project.clone(),
            include_ended: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, rules.list_rules(request)).await?;
        Ok((page.rules, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"rules": rules.iter().map(documents::rule).collect::<Vec<_>>()}),
        || text::rules(&rules, context.out.columns()),
    )
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    use wire::rule_side::Side;
    let Waiting { tasks, task } = arguments.waiting;
    let After {
        after,
        after_tasks,
        after_phase,
    } = arguments.after;
    let waiting = tasks.map(Side::Matching).or(task.map(Side::Task));
    let on = after.map(Side::Task);
    let on = on.or(after_tasks.map(Side::Matching));
    let on = on.or(after_phase.map(Side::Phase));
    let request = wire::AddRuleRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        waiting: Some(wire::RuleSide { side: waiting }),
        on: Some(wire::RuleSide { side: on }),
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(&context.client, rules.add_rule(request)).await?;
    let rule = answer.rule.unwrap_or_default();
    let added = answer.dependencies_added;
    context.out.either(
        || json!({"rule": documents::rule(&rule), "dependencies_added": added}),
        || {
            let noun = if added == 1 {
                "dependency"
            } else {
                "dependencies"
            };
            let line = format!("added {}: {}", rule.id, text::rule_sentence(&rule));
            let line = text::clean::line(&line);
            format!(
                "{line}\n{added} {noun} added at once\n{}",
                hint("rule list")
            )
        },
    )
}

async fn end(arguments: End, context: &Context) -> Result<(), Failure> {
    let request = wire::EndRuleRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        rule: arguments.rule,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, rules.end_rule(request)).await?;
    let rule = answer.rule.unwrap_or_default();
    context.out.either(
        || json!({"rule": documents::rule(&rule)}),
        || format!("ended {}; the dependencies it led to stay\n", rule.id),
    )
}
