//! `gate run`, `attest`, `approve`, `waive`, `metric` and `retire`.

use std::time::Duration;

use muster_proto::v1 as wire;
use serde_json::json;

use super::say_run;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure, json as documents, parse, text};
use crate::clock::{Clock as _, SystemClock};

/// What is run.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// The gate, by id or name
    pub gate: String,
    /// The state of the work it is about
    #[arg(long, value_name = "COMMIT")]
    pub commit: Option<String>,
}

/// What holds.
#[derive(Debug, clap::Args)]
pub struct Attest {
    /// The gate, by id or name, or a pending run such as GR-3
    pub gate: String,
    /// The criterion, by number or name
    pub criterion: String,
    /// It does not hold
    #[arg(long)]
    pub fails: bool,
    /// What shows it
    #[arg(long)]
    pub evidence: String,
}

/// What is signed.
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// The gate, by id or name, or a pending run such as GR-3
    pub gate: String,
    /// The criterion, by number or name
    pub criterion: String,
    /// Refuse to sign
    #[arg(long, requires = "evidence")]
    pub reject: bool,
    /// What was looked at
    #[arg(long, visible_alias = "reason")]
    pub evidence: Option<String>,
}

/// What may pass.
#[derive(Debug, clap::Args)]
pub struct Waive {
    /// The gate, by id or name, or a failed run such as GR-3
    pub gate: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// For how long, such as 48h or 7d
    #[arg(long = "for", value_name = "DURATION", value_parser = parse::duration)]
    pub lasting: Duration,
}

/// What was measured.
#[derive(Debug, clap::Args)]
pub struct Metric {
    /// Its name
    pub metric: String,
    /// Its value, a decimal number
    #[arg(allow_negative_numbers = true)]
    pub value: String,
    /// What shows it
    #[arg(long)]
    pub evidence: Option<String>,
}

/// What is no longer asked for.
#[derive(Debug, clap::Args)]
pub struct Retire {
    /// The gate, by id or name
    pub gate: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

pub async fn run(arguments: Run, context: &Context) -> Result<(), Failure> {
    let request = wire::RunGateRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        gate: arguments.gate,
        commit: arguments.commit.unwrap_or_default(),
    };
    let answer = call!(&context.client, gates.run_gate(request)).await?;
    let gate = answer.gate.unwrap_or_default();
    let run = answer.run.unwrap_or_default();
    context.out.either(
        || json!({"run": documents::gate_run(&run), "gate": documents::gate(&gate)}),
        || text::gate(&gate),
    )
}

pub async fn attest(arguments: Attest, context: &Context) -> Result<(), Failure> {
    let request = wire::SubmitResultRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        gate: arguments.gate,
        criterion: arguments.criterion,
        fails: arguments.fails,
        evidence: arguments.evidence,
    };
    let answer = call!(&context.client, gates.submit_result(request)).await?;
    say_run(answer.run, context)
}

pub async fn approve(arguments: Approve, context: &Context) -> Result<(), Failure> {
    let request = wire::SignOffRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        gate: arguments.gate,
        criterion: arguments.criterion,
        rejects: arguments.reject,
        evidence: arguments.evidence.unwrap_or_default(),
    };
    let answer = call!(&context.client, gates.sign_off(request)).await?;
    say_run(answer.run, context)
}

pub async fn waive(arguments: Waive, context: &Context) -> Result<(), Failure> {
    let lasting_ms = i64::try_from(arguments.lasting.as_millis()).unwrap_or(i64::MAX);
    let until_ms = SystemClock::new().now_ms().saturating_add(lasting_ms);
    let until = jiff::Timestamp::from_millisecond(until_ms)
        .map_err(|_| Failure::usage("--for is longer than any waiver"))?;
    let request = wire::WaiveGateRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        gate: arguments.gate,
        reason: arguments.reason,
        until: Some(prost_types::Timestamp {
            seconds: until.as_second(),
            nanos: until.subsec_nanosecond(),
        }),
    };
    let answer = call!(&context.client, gates.waive_gate(request)).await?;
    say_run(answer.run, context)
}

pub async fn metric(arguments: Metric, context: &Context) -> Result<(), Failure> {
    let request = wire::ReportMetricRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        metric: arguments.metric,
        value: arguments.value,
        evidence: arguments.evidence.unwrap_or_default(),
    };
    let answer = call!(&context.client, gates.report_metric(request)).await?;
    let metric = answer.metric.unwrap_or_default();
    context.out.either(
        || json!({"metric": documents::metric(&metric)}),
        || {
            format!(
                "{} is {}\n",
                text::clean::line(&metric.name),
                text::clean::line(&metric.value)
            )
        },
    )
}

pub async fn retire(arguments: Retire, context: &Context) -> Result<(), Failure> {
    let request = wire::RetireGateRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        gate: arguments.gate,
        reason: arguments.reason,
    };
    let answer = call!(&context.client, gates.retire_gate(request)).await?;
    let gate = answer.gate.unwrap_or_default();
    context.out.either(
        || json!({"gate": documents::gate(&gate)}),
        || format!("retired {}\n", text::clean::line(&gate.id)),
    )
}
