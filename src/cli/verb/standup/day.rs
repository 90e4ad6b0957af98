//! `standup submit`, `standup show` and `standup list`: what agents and people say at the day's standup.

use muster_proto::v1 as wire;
use serde_json::json;

use super::super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, parse, text};

/// What can be done with standups by day.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Say what there is to say at the day's standup
    Submit(Box<Submit>),
    /// Show the standup of a day: its window, its entries, the report that tells of it
    Show(Show),
    /// List standups, the newest first
    List(List),
}

/// What is said; what is left out is derived from what happened.
#[derive(Debug, clap::Args)]
pub struct Submit {
    /// What else there is to say
    #[arg(required_unless_present_any = [
        "built", "next", "shipped", "tests_passed", "metrics", "deployed", "monitoring", "blockers", "changes",
    ])]
    pub text: Option<String>,
    /// What was built
    #[arg(long)]
    pub built: Option<String>,
    /// What is next
    #[arg(long)]
    pub next: Option<String>,
    /// What was shipped
    #[arg(long)]
    pub shipped: Option<String>,
    /// Tests that pass, in percent
    #[arg(long, value_name = "PERCENT", value_parser = parse::percent)]
    pub tests_passed: Option<u32>,
    /// What is tracked
    #[arg(long)]
    pub metrics: Option<String>,
    /// What version is deployed
    #[arg(long, value_name = "VERSION")]
    pub deployed: Option<String>,
    /// How what is deployed fares
    #[arg(long)]
    pub monitoring: Option<String>,
    /// What stands in the way
    #[arg(long)]
    pub blockers: Option<String>,
    /// What has to change
    #[arg(long)]
    pub changes: Option<String>,
    /// The role it speaks for [default: the agent's main role, or the coordinator]
    #[arg(long)]
    pub role: Option<String>,
    /// The day of the standup, such as 2026-11-24 [default: the one at hand]
    #[arg(long, value_name = "DAY")]
    pub date: Option<String>,
}

/// Which standup.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The day of the standup, such as 2026-11-24 [default: the one at hand]
    #[arg(long, value_name = "DAY")]
    pub date: Option<String>,
}

/// Which standups.
#[derive(Debug, clap::Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Submit(arguments) => submit(*arguments, context).await,
        Verb::Show(arguments) => show(arguments, context).await,
        Verb::List(arguments) => list(arguments, context).await,
    }
}

async fn submit(arguments: Submit, context: &Context) -> Result<(), Failure> {
    let said = |slot: Option<String>| slot.unwrap_or_default();
    let request = wire::SubmitStandupRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        day: said(arguments.date),
        role: said(arguments.role),
        slots: Some(wire::StandupSlots {
            built: said(arguments.built),
            next: said(arguments.next),
            shipped: said(arguments.shipped),
            tests_passed_percent: arguments.tests_passed,
            metrics: said(arguments.metrics),
            version: said(arguments.deployed),
            monitoring: said(arguments.monitoring),
            blockers: said(arguments.blockers),
            changes: said(arguments.changes),
        }),
        text: said(arguments.text),
    };
    let answer = call!(&context.client, ceremonies.submit_standup(request)).await?;
    let standup = answer.standup.unwrap_or_default();
    context.out.either(
        || json!({"standup": documents::standup(&standup), "late": answer.late}),
        || text::standup_entered(&standup, answer.late),
    )
}

async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::GetStandupDayRequest {
        project: context.project.clone(),
        day: arguments.date.unwrap_or_default(),
    };
    let answer = call!(&context.client, ceremonies.get_standup_day(request)).await?;
    let standup = answer.standup.unwrap_or_default();
    context.out.either(
        || documents::standup(&standup),
        || {
            let next = match standup.report.as_str() {
                "" => hint("standup submit --next …"),
                report => hint(&format!("report show {report}")),
            };
            format!("{}{next}", text::standup(&standup, context.out.columns()))
        },
    )
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let standups = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListStandupDaysRequest {
            project: context.project.clone(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, ceremonies.list_standup_days(request)).await?;
        Ok((page.standups, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"standups": standups.iter().map(documents::standup).collect::<Vec<_>>()}),
        || text::standups(&standups, context.out.columns()),
    )
}
