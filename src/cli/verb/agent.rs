//! `agent …`: agents and the roles they fill.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with agents.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Register an agent and issue its token
    Register(Register),
    /// List agents
    List(List),
    /// Show an agent, what it holds and what it looks after
    Show(Show),
    /// Let an agent go: its claims and tokens are revoked
    Retire(Retire),
    /// List the roles of the project
    Roles,
    /// Add a role to the project
    AddRole(AddRole),
    /// Change a role's title or tier
    EditRole(EditRole),
}

/// A new agent.
#[derive(Debug, clap::Args)]
pub struct Register {
    /// Its name, unique in the project
    pub name: String,
    /// Its roles, the main one first; may be given several times
    #[arg(
        long = "role",
        value_name = "ROLE",
        value_delimiter = ',',
        required = true
    )]
    pub roles: Vec<String>,
    /// A skill of it; may be given several times
    #[arg(long = "skill", value_name = "SKILL", value_delimiter = ',')]
    pub skills: Vec<String>,
    /// How many tasks it may hold at once [default: 1]
    #[arg(long, value_name = "N")]
    pub capacity: Option<u32>,
    /// Its model
    #[arg(long)]
    pub model: Option<String>,
}

/// Which agents.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those that left too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which agent.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The agent's name
    pub name: String,
}

/// Who leaves.
#[derive(Debug, clap::Args)]
pub struct Retire {
    /// The agent's name
    pub name: String,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

/// A new role.
#[derive(Debug, clap::Args)]
pub struct AddRole {
    /// Its name, lower case, such as devops
    pub slug: String,
    /// Its name for people
    #[arg(long)]
    pub title: Option<String>,
    /// Another word for it; may be given several times
    #[arg(long = "alias", value_name = "WORD", value_delimiter = ',')]
    pub aliases: Vec<String>,
    /// The more general role
    #[arg(long, value_name = "ROLE")]
    pub parent: Option<String>,
    /// A role it stands in for; may be given several times
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    pub backs_up: Vec<String>,
    /// Its tier, as workflows ask for one
    #[arg(long, value_name = "N")]
    pub tier: Option<u32>,
}

/// What changes about a role.
#[derive(Debug, clap::Args)]
#[group(id = "role_changes", required = true, multiple = true, args = ["title", "tier", "no_tier"])]
pub struct EditRole {
    /// The role, by any of its names
    pub role: String,
    /// A new name for people
    #[arg(long)]
    pub title: Option<String>,
    /// A new tier
    #[arg(long, value_name = "N", conflicts_with = "no_tier")]
    pub tier: Option<u32>,
    /// Say nothing of its tier
    #[arg(long)]
    pub no_tier: bool,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::Register(arguments) => register(arguments, context).await,
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Show(arguments) => show(arguments, context).await,
        Verb::Retire(arguments) => retire(arguments, context).await,
        Verb::Roles => roles(context).await,
        Verb::AddRole(arguments) => add_role(arguments, context).await,
        Verb::EditRole(arguments) => edit_role(arguments, context).await,
    }
}

async fn register(arguments: Register, context: &Context) -> Result<(), Failure> {
    let request = wire::RegisterAgentRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        name: arguments.name,
        roles: arguments.roles,
        skills: arguments.skills,
        capacity: arguments.capacity.unwrap_or_default(),
        model: arguments.model.unwrap_or_default(),
    };
    let answer = call!(&context.client, agents.register_agent(request)).await?;
    let agent = answer.agent.unwrap_or_default();
    let name = text::clean::line(&agent.name);
    context.out.either(
        || json!({"agent": agent.name, "token": answer.token, "roles": agent.roles}),
        || {
            if answer.token.is_empty() {
                // The daemon had registered the agent already when the call was repeated.
                let next = hint(&format!("token create --agent {name}"));
                return format!("registered {name}; its token was shown before\n{next}");
            }
            let token = text::clean::line(&answer.token);
            format!(
                "registered {name}; its token is shown this once:\n\n  export MUSTER_TOKEN={token}\n\n{}",
                hint("claim")
            )
        },
    )
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let agents = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListAgentsRequest {
            project: context.project.clone(),
            include_retired: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, agents.list_agents(request)).await?;
        Ok((page.agents, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"agents": agents.iter().map(documents::agent).collect::<Vec<_>>()}),
        || text::agents(&agents, context.out.columns()),
    )
}

async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::GetAgentRequest {
        project: context.project.clone(),
        agent: arguments.name,
    };
    let answer = call!(&context.client, agents.get_agent(request)).await?;
    let agent = answer.agent.unwrap_or_default();
    context.out.either(
        || json!({"agent": documents::agent(&agent)}),
        || text::agent(&agent),
    )
}

async fn retire(arguments: Retire, context: &Context) -> Result<(), Failure> {
    let request = wire::RetireAgentRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        agent: arguments.name,
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, agents.retire_agent(request)).await?;
    let agent = answer.agent.unwrap_or_default();
    context.out.either(
        || json!({"agent": documents::agent(&agent)}),
        || {
            let name = text::clean::line(&agent.name);
            format!("{name} is retired; its claims and tokens are revoked\n")
        },
    )
}

async fn roles(context: &Context) -> Result<(), Failure> {
    let request = wire::ListRolesRequest {
        project: context.project.clone(),
    };
    let answer = call!(&context.client, agents.list_roles(request)).await?;
    context.out.either(
        || json!({"roles": answer.roles.iter().map(documents::role).collect::<Vec<_>>()}),
        || text::roles(&answer.roles, context.out.columns()),
    )
}

async fn add_role(arguments: AddRole, context: &Context) -> Result<(), Failure> {
    let request = wire::AddRoleRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        role: Some(wire::Role {
            slug: arguments.slug,
            title: arguments.title.unwrap_or_default(),
            aliases: arguments.aliases,
            parent: arguments.parent.unwrap_or_default(),
            backs_up: arguments.backs_up,
            tier: arguments.tier,
            ..wire::Role::default()
        }),
    };
    let answer = call!(&context.client, agents.add_role(request)).await?;
    let role = answer.role.unwrap_or_default();
    context.out.either(
        || json!({"role": documents::role(&role)}),
        || {
            let slug = text::clean::line(&role.slug);
            let next = hint(&format!("agent register NAME --role {slug}"));
            format!("added the role {slug}\n{next}")
        },
    )
}

async fn edit_role(arguments: EditRole, context: &Context) -> Result<(), Failure> {
    let changes = [
        ("title", arguments.title.is_some()),
        ("tier", arguments.tier.is_some() || arguments.no_tier),
    ];
    let paths = changes.into_iter().filter(|(_, is)| *is);
    let request = wire::UpdateRoleRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        role: arguments.role,
        title: arguments.title.unwrap_or_default(),
        tier: arguments.tier,
        update_mask: Some(prost_types::FieldMask {
            paths: paths.map(|(path, _)| path.to_owned()).collect(),
        }),
    };
    let answer = call!(&context.client, agents.update_role(request)).await?;
    let role = answer.role.unwrap_or_default();
    context.out.either(
        || json!({"role": documents::role(&role)}),
        || {
            let slug = text::clean::line(&role.slug);
            let tier = role
                .tier
                .map_or_else(|| "no tier".to_owned(), |tier| format!("tier {tier}"));
            format!("{slug}: {}, {tier}\n", text::clean::line(&role.title))
        },
    )
}
