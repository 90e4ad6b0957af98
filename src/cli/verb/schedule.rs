//! `schedule …`: what the daemon does by itself, and when.

use std::time::Duration;

use muster_proto::v1 as wire;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// How often the end of a run is looked for.
const LOOK: Duration = Duration::from_millis(200);
/// How many times it is, before the run is left to itself.
const LOOKS_MAX: u32 = 100;

/// What can be done with schedules.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List schedules
    List(List),
    /// Set a schedule: a new one, or one of that name anew
    #[command(visible_alias = "set")]
    Add(Add),
    /// Show a schedule
    Show(Named),
    /// List the next times at which it is due
    Next(Next),
    /// Let it rest
    Pause(Because),
    /// Let it go on; what was due meanwhile stays undone
    Resume(Named),
    /// Fire it at once, and wait until it has ended
    Run(Run),
    /// Take it away
    Remove(Because),
}

impl Default for Verb {
    /// The list.
    fn default() -> Self {
        Self::List(List { limit: None })
    }
}

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Job {
    /// Publish the standup.
    Standup,
    /// Publish the blocker report.
    Blockers,
    /// Publish the weekly review.
    WeeklyReview,
    /// Publish milestones and risks for those outside the team.
    StakeholderUpdate,
    /// Publish what a role has to look after.
    Oversight,
    /// Close the sprint whose last day it is, and publish its review.
    SprintClose,
    /// Start the checklist.
    Checklist,
    /// Record the time for watchers, and that is all.
    Reminder,
}

impl From<Job> for i32 {
    fn from(job: Job) -> Self {
        match job {
            Job::Standup => wire::ScheduleJob::Standup,
            Job::Blockers => wire::ScheduleJob::Blockers,
            Job::WeeklyReview => wire::ScheduleJob::WeeklyReview,
            Job::StakeholderUpdate => wire::ScheduleJob::StakeholderUpdate,
            Job::Oversight => wire::ScheduleJob::Oversight,
            Job::SprintClose => wire::ScheduleJob::SprintClose,
            Job::Checklist => wire::ScheduleJob::Checklist,
            Job::Reminder => wire::ScheduleJob::Reminder,
        }
        .into()
    }
}

/// Which schedules.
#[derive(Debug, clap::Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// A schedule.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Its name; the name of a job says what it does
    #[arg(long, value_name = "NAME")]
    pub job: String,
    /// When: five crontab fields, or words such as "weekdays at 09:00"
    #[arg(long, visible_alias = "when", value_name = "WHEN")]
    pub cron: String,
    /// The IANA time zone of its clock [default: the project's]
    #[arg(long)]
    pub zone: Option<String>,
    /// What it does [default: what its name says, else reminder]
    #[arg(long = "does", value_name = "JOB")]
    pub does: Option<Job>,
    /// Only the project's working days count
    #[arg(long)]
    pub working_days: bool,
    /// The role it is addressed to [default: the coordinator]
    #[arg(long)]
    pub role: Option<String>,
    /// What it reminds of, or is for
    #[arg(long)]
    pub note: Option<String>,
    /// How many minutes after its time it is still caught up on [default: 240]
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=10_080))]
    pub catch_up: Option<u32>,
}

/// Which schedule.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// Its name
    pub schedule: String,
}

/// Which schedule, and why.
#[derive(Debug, clap::Args)]
pub struct Because {
    /// Its name
    pub schedule: String,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

/// Which schedule, and how far ahead.
#[derive(Debug, clap::Args)]
pub struct Next {
    /// Its name
    pub schedule: String,
    /// How many times
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(i32).range(1..=1_000))]
    pub count: i32,
}

/// Which schedule.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Its name
    pub schedule: String,
    /// Do not wait until it has ended
    #[arg(long)]
    pub no_wait: bool,
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list(arguments, context).await,
        Verb::Add(arguments) => add(arguments, context).await,
        Verb::Show(named) => {
            let schedule = show(&named.schedule, context).await?;
            context.out.either(
                || json!({"schedule": documents::schedule(&schedule)}),
                || text::schedule(&schedule),
            )
        }
        Verb::Next(arguments) => next(arguments, context).await,
        Verb::Pause(it) => {
            let request = wire::PauseScheduleRequest {
                project: context.project.clone(),
                request_id: request_id()?,
                schedule: it.schedule,
                reason: it.reason.unwrap_or_default(),
            };
            let answer = call!(&context.client, ceremonies.pause_schedule(request)).await?;
            say(answer.schedule, "paused", context)
        }
        Verb::Resume(it) => {
            let request = wire::ResumeScheduleRequest {
                project: context.project.clone(),
                request_id: request_id()?,
                schedule: it.schedule,
            };
            let answer = call!(&context.client, ceremonies.resume_schedule(request)).await?;
            say(answer.schedule, "resumed", context)
        }
        Verb::Run(arguments) => fire(arguments, context).await,
        Verb::Remove(it) => {
            let request = wire::RemoveScheduleRequest {
                project: context.project.clone(),
                request_id: request_id()?,
                schedule: it.schedule.clone(),
                reason: it.reason.unwrap_or_default(),
            };
            call!(&context.client, ceremonies.remove_schedule(request)).await?;
            context.out.either(
                || json!({"removed": it.schedule.to_lowercase()}),
                || text::clean::line(&format!("removed {}", it.schedule.to_lowercase())),
            )
        }
    }
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let schedules = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListSchedulesRequest {
            project: context.project.clone(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, ceremonies.list_schedules(request)).await?;
        Ok((page.schedules, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"schedules": schedules.iter().map(documents::schedule).collect::<Vec<_>>()}),
        || text::schedules(&schedules, context.out.columns()),
    )
}

async fn add(arguments: Add, context: &Context) -> Result<(), Failure> {
    let request = wire::SetScheduleRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        name: arguments.job,
        job: arguments.does.map_or(0, Into::into),
        when: arguments.cron,
        zone: arguments.zone.unwrap_or_default(),
        working_days_only: arguments.working_days,
        role: arguments.role.unwrap_or_default(),
        note: arguments.note.unwrap_or_default(),
        catch_up_ms: arguments
            .catch_up
            .map(|minutes| u64::from(minutes) * 60_000),
    };
    let answer = call!(&context.client, ceremonies.set_schedule(request)).await?;
    let done = if answer.created { "added" } else { "changed" };
    say(answer.schedule, done, context)
}

async fn show(name: &str, context: &Context) -> Result<wire::Schedule, Failure> {
    let request = wire::GetScheduleRequest {
        project: context.project.clone(),
        schedule: name.to_owned(),
    };
    let answer = call!(&context.client, ceremonies.get_schedule(request)).await?;
    Ok(answer.schedule.unwrap_or_default())
}

async fn next(arguments: Next, context: &Context) -> Result<(), Failure> {
    let request = wire::ListScheduleTimesRequest {
        project: context.project.clone(),
        schedule: arguments.schedule.clone(),
        count: arguments.count,
    };
    let answer = call!(&context.client, ceremonies.list_schedule_times(request)).await?;
    let times = answer.times.iter().map(|time| time.local.as_str());
    context.out.either(
        || json!({"times": times.clone().collect::<Vec<_>>()}),
        || {
            let mut lines: String = times.clone().map(|time| format!("{time}\n")).collect();
            if lines.is_empty() {
                lines = "it is due no more\n".to_owned();
            }
            lines
        },
    )
}

async fn fire(arguments: Run, context: &Context) -> Result<(), Failure> {
    let request = wire::RunScheduleRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        schedule: arguments.schedule.clone(),
    };
    let answer = call!(&context.client, ceremonies.run_schedule(request)).await?;
    let run = answer.run;
    let is_this = |schedule: &wire::Schedule| {
        let under_way = schedule.under_way.as_ref();
        under_way.is_some_and(|it| it.number == run)
    };
    let mut schedule = answer.schedule.unwrap_or_default();
    let mut looks = 0;
    while !arguments.no_wait && is_this(&schedule) && looks < LOOKS_MAX {
        tokio::time::sleep(LOOK).await;
        schedule = show(&arguments.schedule, context).await?;
        looks += 1;
    }
    context.out.either(
        || json!({"schedule": documents::schedule(&schedule), "run": run}),
        || {
            let name = &schedule.name;
            let last = schedule.last_turn.as_ref();
            match last.filter(|_| !is_this(&schedule)) {
                None => format!(
                    "{}\n{}",
                    text::clean::line(&format!("run {run} of {name} is under way")),
                    hint(&format!("schedule show {name}"))
                ),
                Some(last) => {
                    let ending = documents::word(last.ending().as_str_name(), "TURN_ENDING_");
                    let note = match last.note.as_str() {
                        "" => String::new(),
                        note => format!(": {note}"),
                    };
                    let line = format!("run {run} of {name} is {ending}{note}");
                    let next = match last.report.as_str() {
                        "" => String::new(),
                        report => hint(&format!("report show {report}")),
                    };
                    format!("{}\n{next}", text::clean::line(&line))
                }
            }
        },
    )
}

/// Prints a schedule after a step, with when it is due next.
fn say(schedule: Option<wire::Schedule>, done: &str, context: &Context) -> Result<(), Failure> {
    let schedule = schedule.unwrap_or_default();
    context.out.either(
        || {
            let created = done == "added";
            json!({"schedule": documents::schedule(&schedule), "created": created})
        },
        || {
            let name = &schedule.name;
            let rests = schedule.paused_at.is_some();
            let due = match schedule.next_local.as_str() {
                _ if rests => "it is not due until it is resumed".to_owned(),
                "" => "it is not due".to_owned(),
                next => format!("it is due next at {next}"),
            };
            let line = format!("{done} {name}, {}: {due}", schedule.when);
            let verb = if rests { "resume" } else { "next" };
            let next = hint(&format!("schedule {verb} {name}"));
            format!("{}\n{next}", text::clean::line(&line))
        },
    )
}
