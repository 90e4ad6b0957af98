//! `deliverable …`: what phases hand over before they close.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with deliverables.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List deliverables that are not accepted
    List(List),
    /// State a deliverable of a phase, a task or a workflow
    Add(Add),
    /// Change a deliverable that is not accepted
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Hand a deliverable in (agents and coordinators)
    Submit(Submit),
    /// Accept what somebody else submitted
    Accept(Accept),
    /// Reject what somebody else submitted; it can be submitted again
    Reject(Reject),
}

/// Which deliverables.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Accepted ones too
    #[arg(long)]
    pub all: bool,
    /// Only those of this phase and its tasks
    #[arg(long)]
    pub phase: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// What a deliverable belongs to.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub struct Home {
    /// The phase that does not close without it
    #[arg(long)]
    pub phase: Option<String>,
    /// The task that makes it; its phase does not close without it
    #[arg(long)]
    pub task: Option<String>,
    /// The workflow it is an output of, in words
    #[arg(long, value_name = "NAME")]
    pub workflow: Option<String>,
}

impl Home {
    fn stated(self) -> Option<wire::DeliverableHome> {
        use wire::deliverable_home::Of;
        let of = match (self.phase, self.task, self.workflow) {
            (Some(phase), _, _) => Of::Phase(phase),
            (None, Some(task), _) => Of::Task(task),
            (None, None, Some(workflow)) => Of::Workflow(workflow),
            (None, None, None) => return None,
        };
        Some(wire::DeliverableHome { of: Some(of) })
    }
}

/// A new deliverable.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Its name
    pub name: String,
    #[command(flatten)]
    pub home: Home,
    /// Where it is to be found
    #[arg(long)]
    pub uri: Option<String>,
    /// What it must fulfil; may be given several times
    #[arg(long = "acceptance", value_name = "TEXT")]
    pub acceptance: Vec<String>,
}

/// What changes.
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// The deliverable, such as DL-1
    pub deliverable: String,
    /// A new name
    #[arg(long)]
    pub name: Option<String>,
    #[command(flatten)]
    pub home: Home,
    /// A new address; an empty one clears it
    #[arg(long)]
    pub uri: Option<String>,
    /// What it must fulfil, in place of what was stated; may be given several times
    #[arg(long = "acceptance", value_name = "TEXT")]
    pub acceptance: Vec<String>,
}

/// What is handed in.
#[derive(Debug, clap::Args)]
pub struct Submit {
    /// The deliverable, such as DL-1
    pub deliverable: String,
    /// The artefact: a path, an address, a commit
    #[arg(long, value_name = "REFERENCE")]
    pub artefact: String,
    /// What is to be said about it
    #[arg(long)]
    pub note: Option<String>,
}

/// What is accepted.
#[derive(Debug, clap::Args)]
pub struct Accept {
    /// The deliverable, such as DL-1
    pub deliverable: String,
    /// What is to be said about it
    #[arg(long)]
    pub note: Option<String>,
}

/// What is rejected.
#[derive(Debug, clap::Args)]
pub struct Reject {
    /// The deliverable, such as DL-1
    pub deliverable: String,
    /// What is missing
    #[arg(long)]
    pub reason: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Add(arguments) => add(arguments, context).await,
        Verb::Edit(arguments) => edit(arguments, context).await,
        Verb::Submit(arguments) => submit(arguments, context).await,
        Verb::Accept(arguments) => accept(arguments, context).await,
        Verb::Reject(arguments) => reject(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let phase = arguments.phase.unwrap_or_default();
    let deliverables = pages::all(arguments.limit, |page_size, page_token| {
        let phase = phase.clone();
        async move {
            let request = wire::ListDeliverablesRequest {
                project: context.project.clone(),
                phase,
                include_accepted: arguments.all,
                page_size,
                page_token,
            };
            let page = call!(&context.client, registers.list_deliverables(request)).await?;
            Ok((page.deliverables, page.next_page_token))
        }
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = deliverables.iter().map(documents::deliverable).collect();
            json!({"deliverables": listed})
        },
        || text::deliverables(&deliverables, context.out.columns()),
    )
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    let home = arguments.home.stated();
    if home.is_none() {
        return Err(Failure::usage(
            "say what it belongs to: --phase, --task or --workflow",
        ));
    }
    let request = wire::CreateDeliverableRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        name: arguments.name,
        uri: arguments.uri.unwrap_or_default(),
        home,
        acceptance: arguments.acceptance,
    };
    let answer = call!(&context.client, registers.create_deliverable(request)).await?;
    say(answer.deliverable, "added", context)
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let home = arguments.home.stated();
    let changes = [
        ("name", arguments.name.is_some()),
        ("home", home.is_some()),
        ("uri", arguments.uri.is_some()),
        ("acceptance", !arguments.acceptance.is_empty()),
    ];
    let changed = changes.iter().filter(|(_, changed)| *changed);
    let paths: Vec<String> = changed.map(|(path, _)| (*path).to_owned()).collect();
    if paths.is_empty() {
        return Err(Failure::usage("say what changes; see --help"));
    }
    let request = wire::UpdateDeliverableRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        deliverable: arguments.deliverable,
        name: arguments.name.unwrap_or_default(),
        uri: arguments.uri.unwrap_or_default(),
        home,
        acceptance: arguments.acceptance,
        update_mask: Some(prost_types::FieldMask { paths }),
    };
    let answer = call!(&context.client, registers.update_deliverable(request)).await?;
    say(answer.deliverable, "changed", context)
}

async fn submit(arguments: Submit, context: &Context) -> Result<(), Failure> {
    let request = wire::SubmitDeliverableRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        deliverable: arguments.deliverable,
        artefact: arguments.artefact,
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(&context.client, registers.submit_deliverable(request)).await?;
    say(answer.deliverable, "submitted", context)
}

async fn accept(arguments: Accept, context: &Context) -> Result<(), Failure> {
    let request = wire::AcceptDeliverableRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        deliverable: arguments.deliverable,
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(&context.client, registers.accept_deliverable(request)).await?;
    say(answer.deliverable, "accepted", context)
}

async fn reject(arguments: Reject, context: &Context) -> Result<(), Failure> {
    let request = wire::RejectDeliverableRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        deliverable: arguments.deliverable,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, registers.reject_deliverable(request)).await?;
    say(answer.deliverable, "rejected", context)
}

/// Prints a deliverable after a step, with what was done and what comes next.
fn say(
    deliverable: Option<wire::Deliverable>,
    done: &str,
    context: &Context,
) -> Result<(), Failure> {
    use wire::DeliverableStatus as Status;
    let deliverable = deliverable.unwrap_or_default();
    context.out.either(
        || json!({"deliverable": documents::deliverable(&deliverable)}),
        || {
            let id = text::clean::line(&deliverable.id);
            let name = text::clean::line(&deliverable.name);
            let next = match deliverable.status() {
                Status::Pending | Status::Rejected => {
                    hint(&format!("deliverable submit {id} --artefact …"))
                }
                Status::Submitted => hint(&format!("deliverable accept {id}")),
                Status::Accepted | Status::Unspecified => String::new(),
            };
            format!("{done} {id} {name}\n{next}")
        },
    )
}
