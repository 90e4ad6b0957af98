//! `integration …`: where things meet, and whether they work together.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with integration points.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List points that are neither tested nor dropped
    List(List),
    /// Show all that is known about a point
    Show(Show),
    /// State a point: two ends within the project, or a system outside and what needs it
    Add(Add),
    /// Change a point
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Say that the external system is there: it is to be tested from then on
    Confirm(Confirm),
    /// Say that it was tested and works
    Test(Test),
    /// Say that it was tested and does not work; with tasks or a phase it opens a blocker
    Fail(Fail),
    /// Say that nothing is to be tested there any more
    Withdraw(Withdraw),
}

/// Which points.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Tested and dropped ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which point.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The point, such as IP-1
    pub integration: String,
}

/// An end within the project: `T-3` or `phase:2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End(wire::IntegrationEnd);

impl std::str::FromStr for End {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        use wire::integration_end::Of;
        let of = match text.split_once(':') {
            Some((kind, id)) if kind.eq_ignore_ascii_case("phase") && !id.trim().is_empty() => {
                Of::Phase(id.trim().to_owned())
            }
            None if !text.trim().is_empty() => Of::Task(text.trim().to_owned()),
            Some(_) | None => {
                return Err(
                    "is no end; write a task such as T-3, or a phase such as phase:2".into(),
                );
            }
        };
        Ok(Self(wire::IntegrationEnd { of: Some(of) }))
    }
}

/// What meets there.
#[derive(Debug, clap::Args)]
pub struct Sides {
    /// One end: T-3 or phase:2
    #[arg(long, value_name = "END", requires = "to")]
    pub from: Option<End>,
    /// The other end
    #[arg(long, value_name = "END", requires = "from")]
    pub to: Option<End>,
    /// A system outside the project
    #[arg(long, requires = "needed_by", conflicts_with = "from")]
    pub system: Option<String>,
    /// What needs that system: T-3 or phase:2
    #[arg(long, value_name = "END", requires = "system")]
    pub needed_by: Option<End>,
}

impl Sides {
    fn internal(&self) -> Option<wire::InternalSides> {
        let (from, to) = (self.from.clone()?, self.to.clone()?);
        Some(wire::InternalSides {
            from: Some(from.0),
            to: Some(to.0),
        })
    }

    fn external(&self) -> Option<wire::ExternalSides> {
        let (system, needed_by) = (self.system.clone()?, self.needed_by.clone()?);
        Some(wire::ExternalSides {
            system,
            needed_by: Some(needed_by.0),
        })
    }
}

/// What is known of a point beside its name.
#[derive(Debug, clap::Args)]
pub struct Words {
    #[command(flatten)]
    pub sides: Sides,
    /// How they talk to each other
    #[arg(long)]
    pub protocol: Option<String>,
    /// How it is tested
    #[arg(long, value_name = "HOW")]
    pub test_strategy: Option<String>,
    /// The day an external system is due, such as 2026-11-24; an empty one clears it
    #[arg(long, value_name = "DAY")]
    pub due: Option<String>,
    /// Whom to ask about an external system
    #[arg(long)]
    pub contact: Option<String>,
}

/// A new point.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("ends").args(["from", "system"]).required(true))]
pub struct Add {
    /// Its name
    pub name: String,
    #[command(flatten)]
    pub words: Words,
}

/// What changes.
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// The point, such as IP-1
    pub integration: String,
    /// A new name
    #[arg(long)]
    pub name: Option<String>,
    #[command(flatten)]
    pub words: Words,
}

/// That it is there.
#[derive(Debug, clap::Args)]
pub struct Confirm {
    /// The point, such as IP-1
    pub integration: String,
    /// What is to be said about it
    #[arg(long)]
    pub note: Option<String>,
}

/// That it works.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// The point, such as IP-1
    pub integration: String,
    /// What shows it
    #[arg(long)]
    pub evidence: String,
}

/// That it does not.
#[derive(Debug, clap::Args)]
pub struct Fail {
    /// The point, such as IP-1
    pub integration: String,
    /// What does not work
    #[arg(long)]
    pub reason: String,
    /// Tasks that it holds up; opens a blocker
    #[arg(long, value_name = "TASKS", value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// The phase that it holds up; opens a blocker
    #[arg(long)]
    pub phase: Option<String>,
}

/// Why nothing is to be tested.
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    /// The point, such as IP-1
    pub integration: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Show(arguments) => show(arguments, context).await,
        Verb::Add(arguments) => add(arguments, context).await,
        Verb::Edit(arguments) => edit(arguments, context).await,
        Verb::Confirm(arguments) => confirm(arguments, context).await,
        Verb::Test(arguments) => test(arguments, context).await,
        Verb::Fail(arguments) => fail(arguments, context).await,
        Verb::Withdraw(arguments) => withdraw(arguments, context).await,
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let points = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListIntegrationPointsRequest {
            project: context.project.clone(),
            include_settled: arguments.all,
            integration: String::new(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, registers.list_integration_points(request)).await?;
        Ok((page.integrations, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = points.iter().map(documents::integration).collect();
            json!({"integrations": listed})
        },
        || text::integrations(&points, context.out.columns()),
    )
}

async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::ListIntegrationPointsRequest {
        project: context.project.clone(),
        integration: arguments.integration,
        ..wire::ListIntegrationPointsRequest::default()
    };
    let page = call!(&context.client, registers.list_integration_points(request)).await?;
    let point = page.integrations.into_iter().next().unwrap_or_default();
    context.out.either(
        || json!({"integration": documents::integration(&point)}),
        || text::integration(&point),
    )
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    use wire::create_integration_point_request::Sides as Wire;
    let words = arguments.words;
    let internal = words.sides.internal().map(Wire::Internal);
    let request = wire::CreateIntegrationPointRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        name: arguments.name,
        sides: internal.or_else(|| words.sides.external().map(Wire::External)),
        protocol: words.protocol.unwrap_or_default(),
        test_strategy: words.test_strategy.unwrap_or_default(),
        due_date: words.due.unwrap_or_default(),
        contact: words.contact.unwrap_or_default(),
    };
    let answer = call!(&context.client, registers.create_integration_point(request)).await?;
    say(answer.integration, "added", context)
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    use wire::update_integration_point_request::Sides as Wire;
    let words = arguments.words;
    let internal = words.sides.internal().map(Wire::Internal);
    let sides = internal.or_else(|| words.sides.external().map(Wire::External));
    let changes = [
        ("name", arguments.name.is_some()),
        ("sides", sides.is_some()),
        ("protocol", words.protocol.is_some()),
        ("test_strategy", words.test_strategy.is_some()),
        ("due_date", words.due.is_some()),
        ("contact", words.contact.is_some()),
    ];
    let changed = changes.iter().filter(|(_, changed)| *changed);
    let paths: Vec<String> = changed.map(|(path, _)| (*path).to_owned()).collect();
    if paths.is_empty() {
        return Err(Failure::usage("say what changes; see --help"));
    }
    let request = wire::UpdateIntegrationPointRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        integration: arguments.integration,
        name: arguments.name.unwrap_or_default(),
        sides,
        protocol: words.protocol.unwrap_or_default(),
        test_strategy: words.test_strategy.unwrap_or_default(),
        due_date: words.due.unwrap_or_default(),
        contact: words.contact.unwrap_or_default(),
        update_mask: Some(prost_types::FieldMask { paths }),
    };
    let answer = call!(&context.client, registers.update_integration_point(request)).await?;
    say(answer.integration, "changed", context)
}

async fn confirm(arguments: Confirm, context: &Context) -> Result<(), Failure> {
    let request = wire::ConfirmIntegrationPointRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        integration: arguments.integration,
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(
        &context.client,
        registers.confirm_integration_point(request)
    )
    .await?;
    say(answer.integration, "confirmed", context)
}

async fn test(arguments: Test, context: &Context) -> Result<(), Failure> {
    let request = wire::TestIntegrationPointRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        integration: arguments.integration,
        evidence: arguments.evidence,
    };
    let answer = call!(&context.client, registers.test_integration_point(request)).await?;
    say(answer.integration, "tested", context)
}

async fn fail(arguments: Fail, context: &Context) -> Result<(), Failure> {
    let request = wire::FailIntegrationPointRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        integration: arguments.integration,
        reason: arguments.reason,
        blocks_tasks: arguments.tasks,
        blocks_phase: arguments.phase.unwrap_or_default(),
    };
    let answer = call!(&context.client, registers.fail_integration_point(request)).await?;
    say(answer.integration, "tested", context)
}

async fn withdraw(arguments: Withdraw, context: &Context) -> Result<(), Failure> {
    let request = wire::WithdrawIntegrationPointRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        integration: arguments.integration,
        reason: arguments.reason,
    };
    let answer = call!(
        &context.client,
        registers.withdraw_integration_point(request)
    )
    .await?;
    say(answer.integration, "withdrew", context)
}

/// Prints a point after a step, with what was done, how it stands and what comes next.
fn say(
    point: Option<wire::IntegrationPoint>,
    done: &str,
    context: &Context,
) -> Result<(), Failure> {
    let point = point.unwrap_or_default();
    context.out.either(
        || json!({"integration": documents::integration(&point)}),
        || {
            let status = documents::word(point.status().as_str_name(), "INTEGRATION_STATUS_");
            let blocker = match point.blocker.as_str() {
                "" => String::new(),
                blocker => format!(", held up by {blocker}"),
            };
            let next = match point.next.as_str() {
                "" => String::new(),
                next => hint(&text::clean::line(next)),
            };
            let line = format!("{done} {} {}: {status}{blocker}", point.id, point.name);
            format!("{}\n{next}", text::clean::line(&line))
        },
    )
}
