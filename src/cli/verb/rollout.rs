//! `rollout …`: what goes out, step by step, and how it is taken back.

use muster_proto::v1 as wire;
use serde_json::json;

use super::gate::measure;
use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, text};

/// What can be done with rollouts.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List rollouts that are not over
    List(List),
    /// Show a rollout with its steps and what it lacks
    Show(Show),
    /// Plan a rollout
    Create(Create),
    /// Change a rollout that has not begun
    #[command(visible_alias = "update")]
    Edit(Edit),
    /// Say that the rollback was tested as it is planned
    RollbackTested(RollbackTested),
    /// Let it roll, once nothing stands in its way
    Start(Show),
    /// Say that the next step is done
    Step(Step),
    /// Say that it succeeded: every step is done and every success metric is met
    Succeed(Succeed),
    /// Say that it was taken back
    RollBack(RollBack),
    /// Say that it failed; with tasks or a phase it opens a blocker
    Fail(Fail),
}

/// Which rollouts.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those that are over too
    #[arg(long)]
    pub all: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which rollout.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The rollout, such as RO-1
    pub rollout: String,
}

/// What is known of a rollout beside its name.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// How it goes out, such as canary or blue-green
    #[arg(long)]
    pub approach: Option<String>,
    /// The deployment whose gates hold it [default: every gate in front of a deployment]
    #[arg(long, value_name = "NAME")]
    pub deployment: Option<String>,
    /// A step, in order; may be given several times
    #[arg(long = "step", value_name = "TEXT")]
    pub steps: Vec<String>,
    /// How it is taken back
    #[arg(long, value_name = "PLAN")]
    pub rollback: Option<String>,
    /// What it must come to: `NAME: METRIC >= NUMBER` (or <, <=, >, =), or a name that you vouch for; may be
    /// given several times
    #[arg(long, value_name = "METRIC", value_parser = success)]
    pub success: Vec<wire::SuccessMetric>,
}

/// A new rollout.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Its name
    pub name: String,
    #[command(flatten)]
    pub words: Words,
}

/// What changes; steps and success metrics take the place of all there were.
#[derive(Debug, clap::Args)]
pub struct Edit {
    /// The rollout, such as RO-1
    pub rollout: String,
    /// A new name
    #[arg(long)]
    pub name: Option<String>,
    #[command(flatten)]
    pub words: Words,
}

/// What shows it.
#[derive(Debug, clap::Args)]
pub struct RollbackTested {
    /// The rollout, such as RO-1
    pub rollout: String,
    /// What shows it
    #[arg(long)]
    pub evidence: String,
}

/// Which step.
#[derive(Debug, clap::Args)]
pub struct Step {
    /// The rollout, such as RO-1
    pub rollout: String,
    /// The step's number, from 1 [default: the one that comes next]
    pub step: Option<u32>,
    /// What is to be said about it
    #[arg(long)]
    pub note: Option<String>,
}

/// What it came to.
#[derive(Debug, clap::Args)]
pub struct Succeed {
    /// The rollout, such as RO-1
    pub rollout: String,
    /// Numbers of success metrics that you vouch for
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        requires = "evidence"
    )]
    pub attest: Vec<u32>,
    /// What shows it
    #[arg(long)]
    pub evidence: Option<String>,
}

/// Why it was taken back.
#[derive(Debug, clap::Args)]
pub struct RollBack {
    /// The rollout, such as RO-1
    pub rollout: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Why it failed.
#[derive(Debug, clap::Args)]
pub struct Fail {
    /// The rollout, such as RO-1
    pub rollout: String,
    /// Why
    #[arg(long)]
    pub reason: String,
    /// Tasks that it holds up; opens a blocker
    #[arg(long, value_name = "TASKS", value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// The phase that it holds up; opens a blocker
    #[arg(long)]
    pub phase: Option<String>,
}

/// Reads a success metric; a name alone is vouched for.
fn success(text: &str) -> Result<wire::SuccessMetric, String> {
    let (name, measured) = match text.split_once(": ") {
        None => (text.trim(), None),
        Some((name, how)) => {
            let Some(measured) = measure(how) else {
                return Err(format!(
                    "`{how}` is no measure; write such as `Errors: error-rate < 1`, or a name alone"
                ));
            };
            (name.trim(), Some(measured))
        }
    };
    if name.is_empty() {
        return Err(
            "a success metric begins with its name; write such as `Errors: error-rate < 1`".into(),
        );
    }
    Ok(wire::SuccessMetric {
        name: name.to_owned(),
        measure: measured,
        ..wire::SuccessMetric::default()
    })
}

pub async fn run(verb: Verb, context: &Context) -> Result<(), Failure> {
    use wire::RolloutStatus;
    let end = |rollout, to: RolloutStatus, note| wire::EndRolloutRequest {
        rollout,
        to: to.into(),
        note,
        ..wire::EndRolloutRequest::default()
    };
    let request = match verb {
        Verb::List(arguments) => return list(arguments, context).await,
        Verb::Show(arguments) => return show(arguments, context).await,
        Verb::Create(arguments) => return create(arguments, context).await,
        Verb::Edit(arguments) => return edit(arguments, context).await,
        Verb::RollbackTested(arguments) => return rollback_tested(arguments, context).await,
        Verb::Start(arguments) => return start(arguments, context).await,
        Verb::Step(arguments) => return step(arguments, context).await,
        Verb::Succeed(it) => wire::EndRolloutRequest {
            attested: it.attest,
            ..end(
                it.rollout,
                RolloutStatus::Succeeded,
                it.evidence.unwrap_or_default(),
            )
        },
        Verb::RollBack(it) => end(it.rollout, RolloutStatus::RolledBack, it.reason),
        Verb::Fail(it) => wire::EndRolloutRequest {
            blocks_tasks: it.tasks,
            blocks_phase: it.phase.unwrap_or_default(),
            ..end(it.rollout, RolloutStatus::Failed, it.reason)
        },
    };
    let request = wire::EndRolloutRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        ..request
    };
    let answer = call!(&context.client, registers.end_rollout(request)).await?;
    say(answer.rollout, "ended", context)
}

async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let rollouts = pages::all(arguments.limit, |page_size, page_token| async move {
        let request = wire::ListRolloutsRequest {
            project: context.project.clone(),
            include_ended: arguments.all,
            rollout: String::new(),
            page_size,
            page_token,
        };
        let page = call!(&context.client, registers.list_rollouts(request)).await?;
        Ok((page.rollouts, page.next_page_token))
    })
    .await?;
    context.out.either(
        || json!({"rollouts": rollouts.iter().map(documents::rollout).collect::<Vec<_>>()}),
        || text::rollouts(&rollouts, context.out.columns()),
    )
}

async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::ListRolloutsRequest {
        project: context.project.clone(),
        rollout: arguments.rollout,
        ..wire::ListRolloutsRequest::default()
    };
    let page = call!(&context.client, registers.list_rollouts(request)).await?;
    let rollout = page.rollouts.into_iter().next().unwrap_or_default();
    context.out.either(
        || json!({"rollout": documents::rollout(&rollout)}),
        || text::rollout(&rollout),
    )
}

async fn create(arguments: Create, context: &Context) -> Result<(), Failure> {
    let words = arguments.words;
    let request = wire::CreateRolloutRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        name: arguments.name,
        approach: words.approach.unwrap_or_default(),
        deployment: words.deployment.unwrap_or_default(),
        steps: words.steps,
        rollback_plan: words.rollback.unwrap_or_default(),
        success: words.success,
    };
    let answer = call!(&context.client, registers.create_rollout(request)).await?;
    say(answer.rollout, "planned", context)
}

async fn edit(arguments: Edit, context: &Context) -> Result<(), Failure> {
    let words = arguments.words;
    let changes = [
        ("name", arguments.name.is_some()),
        ("approach", words.approach.is_some()),
        ("deployment", words.deployment.is_some()),
        ("steps", !words.steps.is_empty()),
        ("rollback_plan", words.rollback.is_some()),
        ("success", !words.success.is_empty()),
    ];
    let changed = changes.iter().filter(|(_, changed)| *changed);
    let paths: Vec<String> = changed.map(|(path, _)| (*path).to_owned()).collect();
    if paths.is_empty() {
        return Err(Failure::usage("say what changes; see --help"));
    }
    let request = wire::UpdateRolloutRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        rollout: arguments.rollout,
        name: arguments.name.unwrap_or_default(),
        approach: words.approach.unwrap_or_default(),
        deployment: words.deployment.unwrap_or_default(),
        steps: words.steps,
        rollback_plan: words.rollback.unwrap_or_default(),
        success: words.success,
        update_mask: Some(prost_types::FieldMask { paths }),
    };
    let answer = call!(&context.client, registers.update_rollout(request)).await?;
    say(answer.rollout, "changed", context)
}

async fn rollback_tested(arguments: RollbackTested, context: &Context) -> Result<(), Failure> {
    let request = wire::TestRollbackRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        rollout: arguments.rollout,
        evidence: arguments.evidence,
    };
    let answer = call!(&context.client, registers.test_rollback(request)).await?;
    say(answer.rollout, "tested the rollback of", context)
}

async fn start(arguments: Show, context: &Context) -> Result<(), Failure> {
    let request = wire::StartRolloutRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        rollout: arguments.rollout,
    };
    let answer = call!(&context.client, registers.start_rollout(request)).await?;
    say(answer.rollout, "started", context)
}

async fn step(arguments: Step, context: &Context) -> Result<(), Failure> {
    let request = wire::TickRolloutStepRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        rollout: arguments.rollout,
        step: arguments.step.unwrap_or_default(),
        note: arguments.note.unwrap_or_default(),
    };
    let answer = call!(&context.client, registers.tick_rollout_step(request)).await?;
    say(answer.rollout, "did a step of", context)
}

/// Prints a rollout after a step, with what was done, how it stands, what it lacks and what comes next.
fn say(rollout: Option<wire::Rollout>, done: &str, context: &Context) -> Result<(), Failure> {
    let rollout = rollout.unwrap_or_default();
    context.out.either(
        || json!({"rollout": documents::rollout(&rollout)}),
        || {
            let status = documents::word(rollout.status().as_str_name(), "ROLLOUT_STATUS_");
            let ticked = rollout.steps.iter().filter(|step| step.done).count();
            let steps = format!("{ticked} of {} steps done", rollout.steps.len());
            let status = status.replace('_', " ");
            let line = format!("{done} {} {}: {status}, {steps}", rollout.id, rollout.name);
            let mut said = format!("{}\n", text::clean::line(&line));
            for lack in &rollout.lacks {
                let lack = format!("lacks {}: {}", lack.subject, lack.description);
                said.push_str(&format!("{}\n", text::clean::line(&lack)));
            }
            if !rollout.next.is_empty() {
                said.push_str(&hint(&text::clean::line(&rollout.next)));
            }
            said
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_metric_is_measured_or_vouched_for() {
        let calm = success("Support is calm").expect("a name");
        assert_eq!((&*calm.name, calm.measure), ("Support is calm", None));
        let errors = success("Errors: error-rate < 1").expect("a measure");
        let measured = errors.measure.expect("a measure");
        assert_eq!(errors.name, "Errors");
        assert_eq!(
            (&*measured.metric, &*measured.threshold),
            ("error-rate", "1")
        );
        for text in ["", " ", ": x < 1", "Errors: rather few"] {
            assert!(success(text).is_err(), "{text}");
        }
    }
}
