//! `task add`.

use muster_proto::v1 as wire;

use super::say;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure, parse};

/// A new task.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Its title
    pub title: String,
    /// Its phase [default: the only one, or the current one]
    #[arg(long)]
    pub phase: Option<String>,
    /// Its role [default: by area or phase]
    #[arg(long)]
    pub role: Option<String>,
    /// Its area
    #[arg(long)]
    pub area: Option<String>,
    /// Its priority, P0 (most urgent) to P3 [default: P2]
    #[arg(long, value_parser = parse::priority)]
    pub priority: Option<u32>,
    /// Its estimate, such as "2 sessions", "30 min" or "4h"
    #[arg(long)]
    pub estimate: Option<String>,
    /// What it waits for: T-3, phase:2 or all-above
    #[arg(long, value_name = "ON", value_delimiter = ',', value_parser = parse::target)]
    pub depends_on: Vec<wire::DependencyTarget>,
    /// Another name accepted wherever its id is
    #[arg(long, value_name = "NAME")]
    pub id: Option<String>,
    /// What it is about
    #[arg(long)]
    pub description: Option<String>,
    /// Notes
    #[arg(long)]
    pub notes: Option<String>,
    /// An acceptance criterion; may be given several times
    #[arg(long, value_name = "TEXT")]
    pub acceptance: Vec<String>,
    /// A skill an agent needs for it; may be given several times
    #[arg(long = "skill", value_name = "SKILL", value_delimiter = ',')]
    pub skills: Vec<String>,
    /// A question that a person must answer before anybody works on it
    #[arg(long, value_name = "QUESTION")]
    pub elicit: Option<String>,
    /// Whether it is finished by a review [default: as its area or the project says]
    #[arg(long, value_name = "YES")]
    pub review: Option<bool>,
}

/// What a task is to say about its review.
pub(super) fn review_need(review: Option<bool>) -> i32 {
    match review {
        None => wire::ReviewNeed::Unspecified,
        Some(true) => wire::ReviewNeed::Required,
        Some(false) => wire::ReviewNeed::NotNeeded,
    }
    .into()
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let task = wire::NewTask {
        title: arguments.title,
        phase: arguments.phase.unwrap_or_default(),
        external_id: arguments.id.unwrap_or_default(),
        description: arguments.description.unwrap_or_default(),
        area: arguments.area.unwrap_or_default(),
        role: arguments.role.unwrap_or_default(),
        priority: arguments.priority,
        estimate: arguments.estimate.unwrap_or_default(),
        notes: arguments.notes.unwrap_or_default(),
        acceptance: arguments.acceptance,
        skills: arguments.skills,
        dependencies: arguments.depends_on,
        review: review_need(arguments.review),
        elicit: arguments.elicit.unwrap_or_default(),
    };
    let request = wire::CreateTaskRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        task: Some(task),
    };
    let answer = call!(&context.client, tasks.create_task(request)).await?;
    say(answer.task, "added", context)
}
