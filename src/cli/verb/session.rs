//! `session …`: the working sessions of agents.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with sessions.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Begin a session
    Start(Start),
    /// End a session and say what it leaves behind
    End(End),
    /// List sessions, newest first
    List(List),
    /// Show a session with its log: what became of each task held in it
    Show(Show),
}

/// What it is for.
#[derive(Debug, clap::Args)]
pub struct Start {
    /// What it is meant to do
    #[arg(long)]
    pub scope: Option<String>,
    /// The model that works in it
    #[arg(long)]
    pub model: Option<String>,
    /// Open one although another one is open
    #[arg(long)]
    pub another: bool,
}

/// What it leaves behind.
#[derive(Debug, clap::Args)]
pub struct End {
    /// The session, such as S-3 [default: your only open one]
    pub session: Option<String>,
    /// What was done
    #[arg(long, visible_alias = "summary")]
    pub done: Option<String>,
    /// Technologies used
    #[arg(long)]
    pub technologies: Option<String>,
    /// Blockers met
    #[arg(long)]
    pub blockers: Option<String>,
    /// How the work was verified
    #[arg(long)]
    pub verification: Option<String>,
    /// What should come next
    #[arg(long)]
    pub next: Option<String>,
    /// Give held tasks back
    #[arg(long)]
    pub release: bool,
    /// Hand held tasks on to your next session
    #[arg(long, conflicts_with = "release")]
    pub carry: bool,
}

/// Which sessions.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only sessions of this agent
    #[arg(long)]
    pub agent: Option<String>,
    /// Only open ones
    #[arg(long)]
    pub open: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which session.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The session, such as S-3
    pub session: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Start(arguments) => start(arguments, context).await,
        Verb::End(arguments) => end(arguments, context).await,
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Show(arguments) => show(arguments, context).await,
    }
}

async fn start(arguments: Start, context: &Context) -> Result<(), Failure> {
    let request = wire::StartSessionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        scope: arguments.scope.unwrap_or_default(),
        model: arguments.model.unwrap_or_default(),
        another: arguments.another,
    };
    let answer = call!(&context.client, work.start_session(request)).await?;
    let session = answer.session.unwrap_or_default();
    context.out.either(
        || {
            let brief = answer.brief.as_ref().map(documents::session_brief);
            json!({"session": documents::session(&session), "brief": brief})
        },
        || {
            let brief = answer.brief.as_ref().map(text::session_brief);
            format!(
                "began session {}\n{}{}",
                text::clean::line(&session.id),
                brief.unwrap_or_default(),
                hint("claim")
            )
        },
    )
}

async fn end(arguments: End, context: &Context) -> Result<(), Failure> {
    let held_leases = match (arguments.release, arguments.carry) {
        (true, _) => wire::HeldLeases::Release,
        (false, true) => wire::HeldLeases::Carry,
        (false, false) => wire::HeldLeases::Unspecified,
    };
    let request = wire::EndSessionRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        session: arguments.session.unwrap_or_default(),
        summary: Some(wire::SessionSummary {
            done: arguments.done.unwrap_or_default(),
            technologies: arguments.technologies.unwrap_or_default(),
            blockers: arguments.blockers.unwrap_or_default(),
            verification: arguments.verification.unwrap_or_default(),
            next: arguments.next.unwrap_or_default(),
        }),
        held_leases: held_leases.into(),
    };
    let answer = call!(&context.client, work.end_session(request)).await?;
    let session = answer.session.unwrap_or_default();
    context.out.either(
        || json!({"session": documents::session(&session)}),
        || format!("ended session {}", text::session(&session)),
    )
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let agent = &arguments.agent;
    let sessions = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListSessionsRequest {
            project: context.project.clone(),
            agent: agent.clone().unwrap_or_default(),
            open_only: arguments.open,
            page_size,
            page_token,
        };
        let page = call!(&context.client, agents.list_sessions(request)).await?;
        Ok((page.sessions, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"sessions": sessions.iter().map(documents::session).collect::<Vec<_>>()}),
        || text::sessions(&sessions, context.out.columns()),
    )
}

async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::GetSessionRequest {
        project: context.project.clone(),
        session: arguments.session,
    };
    let answer = call!(&context.client, agents.get_session(request)).await?;
    let session = answer.session.clone().unwrap_or_default();
    context.out.either(
        || {
            let tasks = answer.tasks.iter().map(documents::session_task);
            json!({
                "session": documents::session(&session),
                "tasks": tasks.collect::<Vec<_>>(),
                "truncated": answer.truncated,
            })
        },
        || {
            let log = text::session_log(&answer, context.out.columns());
            format!("{}{log}", text::session(&session))
        },
    )
}
