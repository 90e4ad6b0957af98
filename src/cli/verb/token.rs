//! `token …`: bearer tokens.

use muster_proto::v1 as wire;
use serde_json::json;

use super::request_id;
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with tokens.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Issue a token
    Create(Create),
    /// List tokens, never their secrets
    List(List),
    /// Revoke a token
    Revoke(Revoke),
}

/// Whom it speaks for.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("principal").required(true))]
pub struct Create {
    /// A coordinator: everything, in all projects
    #[arg(long, group = "principal", value_name = "NAME")]
    pub coordinator: Option<String>,
    /// A registered agent of the project
    #[arg(long, group = "principal", value_name = "NAME")]
    pub agent: Option<String>,
    /// An observer: reads in the project
    #[arg(long, group = "principal", value_name = "NAME")]
    pub observer: Option<String>,
    /// Let an observer read in all projects
    #[arg(long, requires = "observer", conflicts_with_all = ["agent", "coordinator"])]
    pub all_projects: bool,
}

/// Which tokens.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Revoked ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which token.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    // Named apart from the flag --token, or clap takes the id for the caller's own token.
    /// The token's id, as `token list` shows it
    #[arg(id = "revoked", value_name = "TOKEN")]
    pub token: String,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Create(arguments) => create(arguments, context).await,
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Revoke(arguments) => revoke(arguments, context).await,
    }
}

async fn create(arguments: Create, context: &Context) -> Result<(), Failure> {
    let (kind, name, project) = if let Some(name) = arguments.coordinator {
        (wire::PrincipalKind::Coordinator, name, String::new())
    } else if let Some(name) = arguments.agent {
        (wire::PrincipalKind::Agent, name, context.project.clone())
    } else {
        let project = if arguments.all_projects {
            String::new()
        } else {
            the_project(context).await?
        };
        let name = arguments.observer.unwrap_or_default();
        (wire::PrincipalKind::Observer, name, project)
    };
    let request = wire::CreateTokenRequest {
        project,
        request_id: request_id()?,
        kind: kind.into(),
        name,
    };
    let answer = call!(&context.client, admin.create_token(request)).await?;
    let info = answer.info.unwrap_or_default();
    context.out.either(
        || json!({"token": answer.token, "info": documents::token(&info)}),
        || {
            let (id, name) = (text::clean::line(&info.id), text::clean::line(&info.name));
            if answer.token.is_empty() {
                return format!("issued token {id} for {name}; it was shown before\n");
            }
            let token = text::clean::line(&answer.token);
            format!("issued token {id} for {name}; it is shown this once:\n\n  export MUSTER_TOKEN={token}\n")
        },
    )
}

/// The slug of the project that is meant: on the wire an empty one would mean all of them here.
async fn the_project(context: &Context) -> Result<String, Failure> {
    if !context.project.is_empty() {
        return Ok(context.project.clone());
    }
    let request = wire::GetProjectRequest::default();
    let answer = call!(&context.client, projects.get_project(request)).await?;
    Ok(answer.project.unwrap_or_default().slug)
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let tokens = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListTokensRequest {
            include_revoked: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, admin.list_tokens(request)).await?;
        Ok((page.tokens, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"tokens": tokens.iter().map(documents::token).collect::<Vec<_>>()}),
        || text::tokens(&tokens, context.out.columns()),
    )
}

async fn revoke(arguments: Revoke, context: &Context) -> Result<(), Failure> {
    let request = wire::RevokeTokenRequest {
        request_id: request_id()?,
        token: arguments.token,
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, admin.revoke_token(request)).await?;
    let info = answer.info.unwrap_or_default();
    context.out.either(
        || json!({"token": documents::token(&info)}),
        || format!("revoked token {}\n", text::clean::line(&info.id)),
    )
}
