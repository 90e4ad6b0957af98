//! `risk …`: what may happen, and what became of it.

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with risks.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List risks that are not closed
    List(List),
    /// State a risk
    Add(Add),
    /// Change a risk that is not closed
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Say what was done about it
    Mitigate(Step),
    /// Say that it is lived with
    Accept(Step),
    /// Say that it came true; with tasks or a phase it opens a blocker
    Occur(Occur),
    /// Say that it is over
    Close(Close),
}

/// What kind of risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Something may not work.
    Technical,
    /// Something may come late.
    Schedule,
    /// Anything else.
    Other,
}

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Level {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

impl From<Kind> for i32 {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Technical => wire::RiskKind::Technical,
            Kind::Schedule => wire::RiskKind::Schedule,
            Kind::Other => wire::RiskKind::Other,
        }
        .into()
    }
}

impl From<Level> for i32 {
    fn from(level: Level) -> Self {
        match level {
            Level::Low => wire::RiskLevel::Low,
            Level::Medium => wire::RiskLevel::Medium,
            Level::High => wire::RiskLevel::High,
        }
        .into()
    }
}

/// Which risks.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Closed ones too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// What is known of a risk beside its text.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// What kind [default: other]
    #[arg(long)]
    pub kind: Option<Kind>,
    /// How much it would cost [default: medium]
    #[arg(long, value_name = "LEVEL")]
    pub impact: Option<Level>,
    /// How many days it would cost; of a schedule risk
    #[arg(long, value_name = "DAYS")]
    pub impact_days: Option<u32>,
    /// How likely it is [default: medium]
    #[arg(long, value_name = "LEVEL")]
    pub likelihood: Option<Level>,
    /// What is done about it
    #[arg(long)]
    pub mitigation: Option<String>,
    /// Who looks after it
    #[arg(long)]
    pub owner: Option<String>,
}

/// A new risk.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// What may happen
    pub text: String,
    #[command(flatten)]
    pub words: Words,
}

/// What changes.
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// The risk, such as R-1
    pub risk: String,
    /// What may happen
    #[arg(long)]
    pub text: Option<String>,
    #[command(flatten)]
    pub words: Words,
}

/// How it was met.
#[derive(Debug, clap::Args)]
pub struct Step {
    /// The risk, such as R-1
    pub risk: String,
    /// Why, or how
    #[arg(long)]
    pub note: String,
}

/// How it came true.
#[derive(Debug, clap::Args)]
pub struct Occur {
    /// The risk, such as R-1
    pub risk: String,
    /// What happened
    #[arg(long)]
    pub note: String,
    /// Tasks that it holds up; opens a blocker
    #[arg(long, value_name = "TASKS", value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// The phase that it holds up; opens a blocker
    #[arg(long)]
    pub phase: Option<String>,
}

/// What is over.
#[derive(Debug, clap::Args)]
pub struct Close {
    /// The risk, such as R-1
    pub risk: String,
    /// What is to be said about it
    #[arg(long)]
    pub note: Option<String>,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    use wire::RiskStatus;
    let step = |risk, to: RiskStatus, note| wire::MoveRiskRequest {
        risk,
        to: to.into(),
        note,
        ..wire::MoveRiskRequest::default()
    };
    let request = match verb {
        Verb::List(arguments) => return list(arguments, context).await,
        Verb::Add(arguments) => return add(arguments, context).await,
        Verb::Edit(arguments) => return edit(arguments, context).await,
        Verb::Mitigate(it) => step(it.risk, RiskStatus::Mitigated, it.note),
        Verb::Accept(it) => step(it.risk, RiskStatus::Accepted, it.note),
        Verb::Occur(it) => wire::MoveRiskRequest {
            blocks_tasks: it.tasks,
            blocks_phase: it.phase.unwrap_or_default(),
            ..step(it.risk, RiskStatus::Occurred, it.note)
        },
        Verb::Close(it) => step(it.risk, RiskStatus::Closed, it.note.unwrap_or_default()),
    };
    let request = wire::MoveRiskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        ..request
    };
    let answer = call!(&context.client, registers.move_risk(request)).await?;
    say(answer.risk, "moved", context)
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let risks = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListRisksRequest {
            project: context.project.clone(),
            include_closed: arguments.all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, registers.list_risks(request)).await?;
        Ok((page.risks, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"risks": risks.iter().map(documents::risk).collect::<Vec<_>>()}),
        || text::risks(&risks, context.out.columns()),
    )
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    let words = arguments.words;
    let request = wire::CreateRiskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        text: arguments.text,
        kind: words.kind.map_or(0, Into::into),
        impact: words.impact.map_or(0, Into::into),
        impact_days: words.impact_days,
        likelihood: words.likelihood.map_or(0, Into::into),
        mitigation: words.mitigation.unwrap_or_default(),
        owner: words.owner.unwrap_or_default(),
    };
    let answer = call!(&context.client, registers.create_risk(request)).await?;
    say(answer.risk, "added", context)
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let words = arguments.words;
    let changes = [
        ("text", arguments.text.is_some()),
        ("kind", words.kind.is_some()),
        ("impact", words.impact.is_some()),
        ("impact_days", words.impact_days.is_some()),
        ("likelihood", words.likelihood.is_some()),
        ("mitigation", words.mitigation.is_some()),
        ("owner", words.owner.is_some()),
    ];
    let changed = changes.iter().filter(|(_, changed)| *changed);
    let paths: Vec<String> = changed.map(|(path, _)| (*path).to_owned()).collect();
    if paths.is_empty() {
        return Err(Failure::usage("say what changes; see --help"));
    }
    let request = wire::UpdateRiskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        risk: arguments.risk,
        text: arguments.text.unwrap_or_default(),
        kind: words.kind.map_or(0, Into::into),
        impact: words.impact.map_or(0, Into::into),
        impact_days: words.impact_days,
        likelihood: words.likelihood.map_or(0, Into::into),
        mitigation: words.mitigation.unwrap_or_default(),
        owner: words.owner.unwrap_or_default(),
        update_mask: Some(prost_types::FieldMask { paths }),
    };
    let answer = call!(&context.client, registers.update_risk(request)).await?;
    say(answer.risk, "changed", context)
}

/// Prints a risk after a step, with what was done, how it stands and what comes next.
fn say(risk: Option<wire::Risk>, done: &str, context: &Context) -> Result<(), Failure> {
    let risk = risk.unwrap_or_default();
    context.out.either(
        || json!({"risk": documents::risk(&risk)}),
        || {
            let id = &risk.id;
            let status = documents::word(risk.status().as_str_name(), "RISK_STATUS_");
            let blocker = match risk.blocker.as_str() {
                "" => String::new(),
                blocker => format!(", held up by {blocker}"),
            };
            let next = match risk.status() {
                wire::RiskStatus::Active => hint(&format!("risk mitigate {id} --note …")),
                wire::RiskStatus::Closed | wire::RiskStatus::Unspecified => String::new(),
                wire::RiskStatus::Mitigated
                | wire::RiskStatus::Accepted
                | wire::RiskStatus::Occurred => hint(&format!("risk close {id}")),
            };
            let line = format!("{done} {id} {}: {status}{blocker}", risk.text);
            format!("{}\n{next}", text::clean::line(&line))
        },
    )
}
