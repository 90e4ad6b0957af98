//! `report …`: reports as of now, those that were published, and how a written report is printed.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{hint, request_id};
use crate::cli::client::{LONG_CALL_TIMEOUT, call};
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with reports.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List published reports, the newest first
    List(List),
    /// Show a published report as it was published
    Show(Show),
    /// Publish a report as of now: it is kept and listed
    Run(Run),
    /// What is blocked, for how long, and what it holds up, as of now
    Blockers(Arguments),
    /// Progress, velocity, milestones, risks and what comes next, as of now
    WeeklyReview(Arguments),
    /// Milestones and risks for those outside the team, as of now
    StakeholderUpdate(Arguments),
    /// What the last sprint came to, as of now
    SprintReview(Arguments),
    /// What a role has to look after, as of now
    Oversight(Oversight),
}

impl Default for Verb {
    /// The list.
    fn default() -> Self {
        Self::List(List::default())
    }
}

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Who did what, who is held up, what changed.
    Standup,
    /// What is blocked, for how long, and what it holds up.
    Blockers,
    /// Progress, velocity, milestones, risks and what comes next.
    WeeklyReview,
    /// Milestones and risks for those outside the team.
    StakeholderUpdate,
    /// What the last sprint came to.
    SprintReview,
    /// What a role has to look after.
    Oversight,
}

impl From<Kind> for wire::ReportKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Standup => Self::Standup,
            Kind::Blockers => Self::Blockers,
            Kind::WeeklyReview => Self::WeeklyReview,
            Kind::StakeholderUpdate => Self::StakeholderUpdate,
            Kind::SprintReview => Self::SprintReview,
            Kind::Oversight => Self::Oversight,
        }
    }
}

/// Which reports.
#[derive(Debug, Default, clap::Args)]
pub struct List {
    /// Only those of a kind
    #[arg(long)]
    pub kind: Option<Kind>,
    /// Only those of a schedule
    #[arg(long, value_name = "NAME")]
    pub schedule: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which report, and how to write it.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The report, such as REP-12 [default: the newest]
    pub report: Option<String>,
    #[command(flatten)]
    pub form: Arguments,
    /// Make it again from the log, and say whether it comes out the same
    #[arg(long)]
    pub reproduce: bool,
}

/// Which report.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Which report
    pub kind: Kind,
    /// The role it is for [default: the coordinator]
    #[arg(long)]
    pub role: Option<String>,
}

/// For whom, and how to write it.
#[derive(Debug, clap::Args)]
pub struct Oversight {
    /// The role it is for [default: the coordinator]
    #[arg(long)]
    pub role: Option<String>,
    #[command(flatten)]
    pub form: Arguments,
}

/// How to write it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Write a fragment of HTML
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub html: bool,
}

impl Arguments {
    fn form(&self) -> Form {
        match (self.markdown, self.html) {
            (true, _) => Form::Markdown,
            (_, true) => Form::Html,
            _ => Form::Text,
        }
    }
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    let (kind, form, role) = match verb {
        Verb::List(arguments) => return list(arguments, context).await,
        Verb::Show(arguments) => return show(arguments, context).await,
        Verb::Run(arguments) => return publish(arguments, context).await,
        Verb::Blockers(form) => (Kind::Blockers, form, None),
        Verb::WeeklyReview(form) => (Kind::WeeklyReview, form, None),
        Verb::StakeholderUpdate(form) => (Kind::StakeholderUpdate, form, None),
        Verb::SprintReview(form) => (Kind::SprintReview, form, None),
        Verb::Oversight(it) => (Kind::Oversight, it.form, it.role),
    };
    let request = wire::GenerateReportRequest {
        project: context.project.clone(),
        kind: wire::ReportKind::from(kind).into(),
        columns: columns(context),
        role: role.unwrap_or_default(),
    };
    let answer = call!(
        &context.client,
        ceremonies.generate_report(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    let written = Written {
        data_json: answer.data_json,
        markdown: answer.markdown,
        text: answer.text,
        html: answer.html,
    };
    written.print(form.form(), context)
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let kind = arguments
        .kind
        .map_or(0, |kind| wire::ReportKind::from(kind).into());
    let schedule = arguments.schedule.unwrap_or_default();
    let reports = pages::all(arguments.limit, |page_size, page_token| {
        let schedule = schedule.clone();
        async move {
            let request = wire::ListReportsRequest {
                project: context.project.clone(),
                kind,
                schedule,
                page_size,
                page_token,
            };
            let page = call!(&context.client, ceremonies.list_reports(request)).await?;
            Ok((page.reports, page.next_page_token))
        }
    })
    .await?;
    context.out.either(
        || json!({"reports": reports.iter().map(documents::report).collect::<Vec<_>>()}),
        || text::reports(&reports, context.out.columns()),
    )
}

async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::GetReportRequest {
        project: context.project.clone(),
        report: arguments.report.unwrap_or_default(),
        columns: columns(context),
        reproduce: arguments.reproduce,
    };
    let answer = call!(
        &context.client,
        ceremonies.get_report(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    if let Some(reproduced) = answer.reproduced {
        let report = answer.report.unwrap_or_default();
        return context.out.either(
            || json!({"report": documents::report(&report), "reproduced": reproduced}),
            || {
                let how = if reproduced {
                    "the same"
                } else {
                    "not the same"
                };
                format!("{} made again from the log is {how}", report.id)
            },
        );
    }
    let written = Written {
        data_json: answer.data_json,
        markdown: answer.markdown,
        text: answer.text,
        html: answer.html,
    };
    written.print(arguments.form.form(), context)
}

async fn publish(arguments: Run, context: &Context) -> Result<(), Failure> {
    let request = wire::PublishReportRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        kind: wire::ReportKind::from(arguments.kind).into(),
        role: arguments.role.unwrap_or_default(),
    };
    let answer = call!(
        &context.client,
        ceremonies.publish_report(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    let report = answer.report.unwrap_or_default();
    context.out.either(
        || json!({"report": documents::report(&report)}),
        || {
            let line = format!("published {} {}", report.id, report.title);
            let next = hint(&format!("report show {}", report.id));
            format!("{}\n{next}", text::clean::line(&line))
        },
    )
}

/// The width a report is laid out for; 0 leaves it to the daemon.
pub fn columns(context: &Context) -> u32 {
    context
        .out
        .columns()
        .map_or(0, |columns| u32::from(columns).clamp(40, 400))
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    Text,
    /// For a chat or a file.
    Markdown,
    /// For a page or a mail.
    Html,
}

/// A report in all its dresses.
pub struct Written {
    /// As one JSON document.
    pub data_json: String,
    /// As markdown.
    pub markdown: String,
    /// As plain text.
    pub text: String,
    /// As a fragment of HTML.
    pub html: String,
}

impl Written {
    /// Prints the dress that was asked for.
    pub fn print(&self, form: Form, context: &Context) -> Result<(), Failure> {
        if context.out.as_json() {
            // Read and written again, so that it stands on one line and cannot steer a terminal.
            let document: Value = serde_json::from_str(&self.data_json).map_err(|_| {
                Failure::new(
                    crate::cli::Exit::Other,
                    "MALFORMED_ANSWER",
                    "the daemon's report is no JSON document; it may be of another release",
                )
            })?;
            context.out.document(&document)
        } else {
            let written = match form {
                Form::Text => &self.text,
                Form::Markdown => &self.markdown,
                Form::Html => &self.html,
            };
            context.out.text(&text::clean::lines(written))
        }
    }
}
