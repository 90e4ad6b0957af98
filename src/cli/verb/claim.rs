//! `claim`: the next task of the agent's roles, with all that is needed to work it. A wait longer than
//! the daemon grants at once is made of several.

use std::time::Duration;

use muster_proto::v1 as wire;
use muster_proto::v1::claim_task_response::Outcome;

use super::request_id;
use crate::cli::client::{CALL_TIMEOUT, call};
use crate::cli::{Context, Exit, Failure, json as documents, parse, text};
use crate::clock::Stopwatch;

/// The longest wait the daemon grants at once.
const ROUND_MAX: Duration = Duration::from_millis(50_000);
/// The lease asked for unless --lease says otherwise: nobody beats for a bare command.
const LEASE_DEFAULT: Duration = Duration::from_secs(30 * 60);

/// What to claim, and for how long.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tasks of this role
    #[arg(long)]
    pub role: Option<String>,
    /// Wait so long for a task when there is none, such as 30s or 10m
    #[arg(long, value_name = "TIME", value_parser = parse::duration)]
    pub wait: Option<Duration>,
    /// This task rather than the next one
    #[arg(long)]
    pub task: Option<String>,
    /// Start the task in the same step
    #[arg(long)]
    pub start: bool,
    /// With --start: pre-checks you attest, by their names, or all
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "start")]
    pub checked: Vec<String>,
    /// Take up a task you hold again, under a new attempt and fence
    #[arg(long)]
    pub resume: bool,
    /// The lease to ask for [default: 30m]
    #[arg(long, value_name = "TIME", value_parser = parse::duration)]
    pub lease: Option<Duration>,
    /// The session to hold it in [default: your open one, else a new one]
    #[arg(long)]
    pub session: Option<String>,
    /// The model, for a session that this claim opens
    #[arg(long)]
    pub model: Option<String>,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let wait = arguments.wait.unwrap_or_default();
    let asked = wire::ClaimTaskRequest {
        project: context.project.clone(),
        request_id: String::new(),
        task: arguments.task.unwrap_or_default(),
        role: arguments.role.unwrap_or_default(),
        session: arguments.session.unwrap_or_default(),
        lease_ms: milliseconds(arguments.lease.unwrap_or(LEASE_DEFAULT)),
        start: arguments.start,
        resume: arguments.resume,
        model: arguments.model.unwrap_or_default(),
        wait_ms: 0,
        checked: arguments.checked,
    };
    match claimed(&asked, wait, context).await? {
        Outcome::Claim(claim) => context
            .out
            .either(|| documents::claim(&claim), || text::claim(&claim)),
        Outcome::Nothing(nothing) => {
            context
                .out
                .either(|| documents::nothing(&nothing), || text::nothing(&nothing))?;
            Err(Failure::Answered(Exit::Nothing))
        }
    }
}

/// Claims, in rounds until the wait is over.
async fn claimed(
    asked: &wire::ClaimTaskRequest,
    wait: Duration,
    context: &Context,
) -> Result<Outcome, Failure> {
    let since = Stopwatch::start();
    loop {
        let round = wait.saturating_sub(since.elapsed()).min(ROUND_MAX);
        let request = wire::ClaimTaskRequest {
            // Each round is a request of its own: what it waits differs.
            request_id: request_id()?,
            wait_ms: milliseconds(round),
            ..asked.clone()
        };
        let began = Stopwatch::start();
        let answer = call!(
            &context.client,
            work.claim_task(request),
            CALL_TIMEOUT + round
        )
        .await?;
        let outcome = answer.outcome.ok_or_else(|| {
            Failure::new(
                Exit::Other,
                "MALFORMED_ANSWER",
                "the daemon's answer holds neither a claim nor a reason; it may be of another release",
            )
        })?;
        let Outcome::Nothing(nothing) = &outcome else {
            return Ok(outcome);
        };
        let left = wait.saturating_sub(since.elapsed());
        // Zero says that asking again is of no use.
        if left.is_zero() || nothing.retry_after_ms == 0 {
            return Ok(outcome);
        }
        // A daemon that answered before the round was over is not asked again at once.
        let unspent = round.saturating_sub(began.elapsed());
        let pause = Duration::from_millis(nothing.retry_after_ms);
        tokio::time::sleep(pause.min(unspent).min(left)).await;
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
