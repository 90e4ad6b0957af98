//! `project …`: the projects a daemon serves.

use std::path::PathBuf;

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with projects.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List projects
    List(List),
    /// Make an empty project
    Create(Create),
    /// Change a project's words or what its completions must bring
    Edit(Edit),
    /// Show the policies of a project, or set one
    Policy(PolicyArguments),
    /// Say that the project is completed, once nothing is left to be done in it
    Complete(Complete),
    /// Close a project for good; reads go on
    Archive(Archive),
    /// Remove a stopped daemon's project with all its history, so that no byte of it is left
    Delete(Delete),
}

/// Which project, of which files. It is not done by a client: no daemon removes what it recorded.
#[derive(Debug, clap::Args)]
pub struct Delete {
    /// The project's slug
    pub slug: String,
    /// The data directory of the stopped daemon
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The slug once more; without it you are told what would be removed
    #[arg(long, value_name = "SLUG")]
    pub confirm: Option<String>,
    /// Name the backups in this folder that still hold the project
    #[arg(long, value_name = "DIR")]
    pub backups: Vec<PathBuf>,
}

/// How much of the list.
#[derive(Debug, clap::Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// What a completion must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Policy {
    /// Nothing beyond the lease.
    Relaxed,
    /// A start before, a summary and a verification with it.
    Standard,
    /// Also checks attested before and after, and every acceptance criterion ticked.
    Strict,
}

impl From<Policy> for wire::CompletionPolicy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Relaxed => Self::Relaxed,
            Policy::Standard => Self::Standard,
            Policy::Strict => Self::Strict,
        }
    }
}

/// What happens when a sprint commits more than the last three completed on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Guard {
    /// It is committed, with a warning.
    Warn,
    /// It is refused.
    Refuse,
    /// It is committed.
    Off,
}

impl From<Guard> for wire::CommitmentGuard {
    fn from(guard: Guard) -> Self {
        match guard {
            Guard::Warn => Self::Warn,
            Guard::Refuse => Self::Refuse,
            Guard::Off => Self::Off,
        }
    }
}

/// What happens to a workflow that is started while agents of the roles it needs are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Staffing {
    /// It waits until they are registered.
    Refuse,
    /// It runs, and says who is missing.
    Warn,
}

impl From<Staffing> for wire::StaffingPolicy {
    fn from(staffing: Staffing) -> Self {
        match staffing {
            Staffing::Refuse => Self::Refuse,
            Staffing::Warn => Self::Warn,
        }
    }
}

/// A new project.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Its name
    pub name: String,
    /// Its slug: a-z, 0-9 and hyphens [default: made from the name]
    #[arg(long)]
    pub slug: Option<String>,
    /// What it is about
    #[arg(long)]
    pub description: Option<String>,
    /// Hand nothing out until `resume`
    #[arg(long)]
    pub draft: bool,
    /// What a completion must bring [default: the daemon's]
    #[arg(long)]
    pub policy: Option<Policy>,
    /// The time zone of its dates, such as Europe/Berlin [default: the daemon's]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
}

/// What changes.
#[derive(Debug, clap::Args)]
#[group(id = "changes", required = true, multiple = true, args = ["name", "description", "policy", "accepting_roles", "start_date", "target_date", "commitment_guard", "sprint_only", "required_references", "staffing"])]
pub struct Edit {
    /// A new name
    #[arg(long)]
    pub name: Option<String>,
    /// A new description; an empty one clears it
    #[arg(long)]
    pub description: Option<String>,
    /// What a completion must bring from here on
    #[arg(long)]
    pub policy: Option<Policy>,
    /// The roles whose agents accept deliverables beside the coordinators; `none` for none
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    pub accepting_roles: Vec<String>,
    /// The day the project begins, such as 2026-11-02; an empty one clears it
    #[arg(long, value_name = "DAY")]
    pub start_date: Option<String>,
    /// The day the project is to be done; an empty one clears it
    #[arg(long, value_name = "DAY")]
    pub target_date: Option<String>,
    /// What happens when a sprint commits more than the last three completed on average
    #[arg(long, value_name = "GUARD")]
    pub commitment_guard: Option<Guard>,
    /// Whether only tasks of the active sprint are handed out
    #[arg(long, value_name = "YES")]
    pub sprint_only: Option<bool>,
    /// What happens to a workflow that is started while agents of the roles it needs are missing
    #[arg(long, value_name = "STAFFING")]
    pub staffing: Option<Staffing>,
    /// Kinds of documents a task must refer to before it is started, such as req,iplan; `none` for none
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = required_reference)]
    pub required_references: Vec<Option<wire::ReferenceKind>>,
}

/// A kind of document; none for the word `none`.
fn required_reference(text: &str) -> Result<Option<wire::ReferenceKind>, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let name = format!("REFERENCE_KIND_{}", text.to_ascii_uppercase());
    let kind = wire::ReferenceKind::from_str_name(&name);
    let kind = kind.filter(|kind| *kind != wire::ReferenceKind::Unspecified);
    kind.map(Some)
        .ok_or_else(|| "is none of req, spec, tasks, iplan, adr, other".to_owned())
}

/// Which policy, and what to set it to.
#[derive(Debug, clap::Args)]
pub struct PolicyArguments {
    /// Only this one
    pub name: Option<String>,
    /// Set it to this; an empty one for nothing, where it may be that
    #[arg(requires = "name")]
    pub value: Option<String>,
}

/// What there is to say.
#[derive(Debug, clap::Args)]
pub struct Complete {
    /// What there is to say about it
    #[arg(long)]
    pub note: Option<String>,
}

/// Which project.
#[derive(Debug, clap::Args)]
pub struct Archive {
    /// The project's slug; named here so that nobody archives by leaving it out
    pub slug: String,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Create(arguments) => create(arguments, context).await,
        Verb::Edit(arguments) => edit(arguments, context).await,
        Verb::Policy(arguments) => policy(arguments, context).await,
        Verb::Complete(arguments) => complete(arguments, context).await,
        Verb::Archive(arguments) => archive(arguments, context).await,
        Verb::Delete(_) => Err(Failure::usage(
            "a project is deleted from the files of a stopped daemon, not by asking a running one",
        )),
    }
}

async fn policy(arguments: PolicyArguments, context: &Context) -> Result<(), Failure> {
    let policies = match (&arguments.name, &arguments.value) {
        (Some(name), Some(value)) => {
            let request = wire::SetPolicyRequest {
                project: context.project.clone(),
                request_id: request_id()?,
                name: name.clone(),
                value: value.clone(),
            };
            let answer = call!(&context.client, projects.set_policy(request)).await?;
            answer.policy.into_iter().collect()
        }
        (wanted, _) => {
            let request = wire::GetPoliciesRequest {
                project: context.project.clone(),
            };
            let answer = call!(&context.client, projects.get_policies(request)).await?;
            let mut policies = answer.policies;
            if let Some(wanted) = wanted {
                policies.retain(|policy| policy.name == *wanted);
                if policies.is_empty() {
                    let shown = text::clean::line(wanted);
                    let message =
                        format!("`{shown}` is no policy; `muster project policy` lists them");
                    return Err(Failure::usage(message));
                }
            }
            policies
        }
    };
    context.out.either(
        || {
            let listed: Vec<_> = policies.iter().map(documents::policy).collect();
            json!({"policies": listed})
        },
        || text::policies(&policies, context.out.columns()),
    )
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let projects = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListProjectsRequest {
            page_size,
            page_token,
        };
        let page = call!(&context.client, projects.list_projects(request)).await?;
        Ok((page.projects, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"projects": projects.iter().map(documents::project).collect::<Vec<_>>()}),
        || text::projects(&projects, context.out.columns()),
    )
}

async fn create(arguments: Create, context: &Context) -> Result<(), Failure> {
    let policy = arguments
        .policy
        .map_or(wire::CompletionPolicy::Unspecified, Into::into);
    let request = wire::CreateProjectRequest {
        request_id: request_id()?,
        slug: arguments.slug.unwrap_or_default(),
        name: arguments.name,
        description: arguments.description.unwrap_or_default(),
        draft: arguments.draft,
        settings: Some(wire::ProjectSettings {
            policy: policy.into(),
            time_zone: arguments.time_zone.unwrap_or_default(),
            ..wire::ProjectSettings::default()
        }),
        template: String::new(),
    };
    let answer = call!(&context.client, projects.create_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    context.out.either(
        || json!({"project": documents::project(&project)}),
        || {
            let slug = text::clean::line(&project.slug);
            format!(
                "created {slug}\n{}",
                hint(&format!("phase add NAME --project {slug}"))
            )
        },
    )
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let changes = [
        ("name", arguments.name.is_some()),
        ("description", arguments.description.is_some()),
        ("settings.policy", arguments.policy.is_some()),
        (
            "settings.accepting_roles",
            !arguments.accepting_roles.is_empty(),
        ),
        ("settings.start_date", arguments.start_date.is_some()),
        ("settings.target_date", arguments.target_date.is_some()),
        (
            "settings.commitment_guard",
            arguments.commitment_guard.is_some(),
        ),
        ("settings.sprint_only", arguments.sprint_only.is_some()),
        (
            "settings.required_references",
            !arguments.required_references.is_empty(),
        ),
        ("settings.staffing", arguments.staffing.is_some()),
    ];
    let changed = changes.iter().filter(|(_, changed)| *changed);
    let policy = arguments
        .policy
        .map_or(wire::CompletionPolicy::Unspecified, Into::into);
    let request = wire::UpdateProjectRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        name: arguments.name.unwrap_or_default(),
        description: arguments.description.unwrap_or_default(),
        settings: Some(wire::ProjectSettings {
            policy: policy.into(),
            accepting_roles: arguments
                .accepting_roles
                .into_iter()
                .filter(|role| role != "none")
                .collect(),
            start_date: arguments.start_date.unwrap_or_default(),
            target_date: arguments.target_date.unwrap_or_default(),
            commitment_guard: arguments
                .commitment_guard
                .map_or(wire::CommitmentGuard::Unspecified, Into::into)
                .into(),
            sprint_only: arguments.sprint_only.unwrap_or_default(),
            required_references: arguments
                .required_references
                .into_iter()
                .flatten()
                .map(Into::into)
                .collect(),
            staffing: arguments
                .staffing
                .map_or(wire::StaffingPolicy::Unspecified, Into::into)
                .into(),
            ..wire::ProjectSettings::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: changed.map(|(path, _)| (*path).to_owned()).collect(),
        }),
    };
    let answer = call!(&context.client, projects.update_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    context.out.either(
        || json!({"project": documents::project(&project)}),
        || format!("changed {}\n", text::clean::line(&project.slug)),
    )
}

async fn complete(arguments: Complete, context: &Context) -> Result<(), Failure> {
    let request = wire::CompleteProjectRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(&context.client, projects.complete_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    context.out.either(
        || json!({"project": documents::project(&project)}),
        || {
            let slug = text::clean::line(&project.slug);
            format!("{slug} is completed\n{}", hint("standup"))
        },
    )
}

async fn archive(arguments: Archive, context: &Context) -> Result<(), Failure> {
    let request = wire::ArchiveProjectRequest {
        project: arguments.slug,
        request_id: request_id()?,
        reason: arguments.reason.unwrap_or_default(),
    };
    let answer = call!(&context.client, projects.archive_project(request)).await?;
    let project = answer.project.unwrap_or_default();
    context.out.either(
        || json!({"project": documents::project(&project)}),
        || {
            format!(
                "{} is archived; it can still be read\n",
                text::clean::line(&project.slug)
            )
        },
    )
}
