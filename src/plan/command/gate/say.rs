//! What is said about a pending run: by people who attest or sign, by metrics, by commands of the daemon.

use super::super::super::bench::Bench;
use super::super::super::event::{
    CriterionCheck, CriterionOutcome, GateCriterion, GateResultRecorded, MetricReported, Text,
};
use super::super::super::fact::Actor;
use super::super::super::id::GateRunId;
use super::super::super::model::GateRun;
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::state::{Plan, clipped};
use super::super::text;
use super::define::{metric_name, number};
use super::run::{pending, settle};
use super::{CommandOutcome, judge};

/// The role that coordinators sign as.
const COORDINATOR: &str = "coordinator";
/// Metrics a project may have.
const METRICS_MAX: usize = 1_000;

/// The criterion of a pending run that a written number or name means, when nobody has judged it.
fn open_criterion<'a>(
    run: &'a GateRun,
    written: &str,
) -> Result<(u32, &'a GateCriterion), Refusal> {
    let wanted = written.trim();
    let by_number = wanted.parse::<u32>().ok();
    let found = run.each().find(|(number, criterion, _)| {
        by_number == Some(*number) || criterion.name.to_lowercase() == wanted.to_lowercase()
    });
    match found {
        None => Err(Refusal::new(
            Reason::CriterionNotFound,
            format!(
                "{} has {} criteria, and no `{}`",
                run.gate,
                run.criteria.len(),
                clipped(wanted)
            ),
        )
        .next(format!("gate show {}", run.gate))),
        Some((number, criterion, Some(_))) => Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "criterion {number} ({}) of {} is judged already; run the gate again to judge it anew",
                criterion.name, run.id
            ),
        )
        .next(format!("gate run {}", run.gate))),
        Some((number, criterion, None)) => Ok((number, criterion)),
    }
}

fn other_kind(run: &GateRun, number: u32, criterion: &GateCriterion) -> Refusal {
    let (how, next) = match &criterion.check {
        CriterionCheck::Attested(_) => {
            ("is attested", format!("gate attest {} {number}", run.gate))
        }
        CriterionCheck::Metric(measure) => (
            "is judged by a metric",
            format!("gate metric {} VALUE", measure.metric),
        ),
        CriterionCheck::Command { .. } => (
            "is judged by a command that the daemon runs",
            format!("gate show {}", run.gate),
        ),
        CriterionCheck::Approval(_) => ("is signed", format!("gate approve {} {number}", run.gate)),
        CriterionCheck::Derived(_) => ("follows from the plan", format!("gate run {}", run.gate)),
    };
    Refusal::new(
        Reason::IllegalTransition,
        format!(
            "criterion {number} ({}) of {} {how}",
            criterion.name, run.gate
        ),
    )
    .next(next)
}

fn record(bench: &mut Bench<'_>, run: GateRunId, outcome: CriterionOutcome, commit: Text) {
    bench.record(GateResultRecorded {
        run,
        outcome,
        commit,
    });
    settle(bench, run);
}

/// Whether an agent has one of these roles as its own.
fn has_role(plan: &Plan, agent: &str, roles: &[Text]) -> bool {
    plan.agent(agent).is_some_and(|agent| {
        let own = agent.roles.iter().map(|role| plan.role_slug(Some(*role)));
        own.into_iter()
            .any(|slug| roles.iter().any(|role| &**role == slug))
    })
}

fn not_allowed(message: String) -> Refusal {
    Refusal::new(Reason::NotAllowed, message)
}

pub fn attest(
    bench: &mut Bench<'_>,
    gate: &str,
    criterion: &str,
    holds: bool,
    evidence: &str,
) -> Result<(), Refusal> {
    let id = bench.plan.resolve_run(gate)?;
    let evidence = text::required_long("evidence", evidence)?;
    let run = pending(&bench.plan, id)?;
    let (number, criterion) = open_criterion(run, criterion)?;
    let CriterionCheck::Attested(role) = &criterion.check else {
        return Err(other_kind(run, number, criterion));
    };
    if let Some(agent) = bench.facts.actor.agent() {
        let roles = role.as_slice();
        if !has_role(&bench.plan, agent, roles) {
            let whom = role.as_deref().map_or_else(
                || "a coordinator alone".to_owned(),
                |role| format!("a coordinator or an agent of the role {role}"),
            );
            return Err(not_allowed(format!(
                "criterion {number} of {id} is attested by {whom}; ask one"
            )));
        }
    }
    let outcome = CriterionOutcome {
        criterion: number,
        passed: holds,
        value: None,
        evidence,
    };
    record(bench, id, outcome, "".into());
    Ok(())
}

pub fn approve(
    bench: &mut Bench<'_>,
    gate: &str,
    criterion: &str,
    approved: bool,
    evidence: &str,
) -> Result<(), Refusal> {
    let id = bench.plan.resolve_run(gate)?;
    let evidence = if approved {
        text::long("evidence", evidence)?
    } else {
        text::required_long("evidence", evidence)?
    };
    let run = pending(&bench.plan, id)?;
    let (number, criterion) = open_criterion(run, criterion)?;
    let CriterionCheck::Approval(roles) = &criterion.check else {
        return Err(other_kind(run, number, criterion));
    };
    match &bench.facts.actor {
        Actor::Agent(agent) => may_sign(&bench.plan, run, agent, roles)?,
        // A signature is the role's (requirement 48); where none is named it is the coordinator's.
        _ if roles.is_empty() || roles.iter().any(|role| &**role == COORDINATOR) => {}
        _ => {
            let whom = roles.join(", ");
            let message = format!("{id} is signed by {whom}, not by coordinators; ask one of them");
            return Err(not_allowed(message).next(format!("gate waive {id} --reason … --for 7d")));
        }
    }
    let outcome = CriterionOutcome {
        criterion: number,
        passed: approved,
        value: None,
        evidence,
    };
    record(bench, id, outcome, "".into());
    Ok(())
}

/// An agent signs when one of its roles may, it did none of the work and did not ask for the run.
fn may_sign(plan: &Plan, run: &GateRun, agent: &Text, roles: &[Text]) -> Result<(), Refusal> {
    let id = run.id;
    if !has_role(plan, agent, roles) {
        let listed = if roles.is_empty() {
            "a coordinator alone".to_owned()
        } else {
            format!("an agent of {}", roles.join(", "))
        };
        return Err(not_allowed(format!("{id} is signed by {listed}; ask one")));
    }
    if run.asked_by.agent() == Some(agent) {
        return Err(not_allowed(format!(
            "you asked for {id}; somebody else must sign it"
        )));
    }
    let scope = plan.gate(run.gate).map(|gate| &gate.scope);
    if scope.is_some_and(|scope| plan.author_since(scope, agent).is_some()) {
        return Err(not_allowed(format!(
            "you completed work that {id} is about; somebody who did not must sign it"
        )));
    }
    Ok(())
}

pub fn report_metric(
    bench: &mut Bench<'_>,
    metric: &str,
    value: &str,
    evidence: &str,
) -> Result<(), Refusal> {
    let metric = metric_name(metric)?;
    let value = number("value", value)?;
    let evidence = text::long("evidence", evidence)?;
    let known = bench.plan.metrics.contains_key(&metric);
    if !known && bench.plan.metrics.len() >= METRICS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {METRICS_MAX} metrics, which is the limit; nothing can be added"
            ),
        )
        .fact("limit", METRICS_MAX));
    }
    bench.record(MetricReported {
        metric: metric.clone(),
        value,
        evidence,
    });
    look_at_metric(bench, &metric);
    Ok(())
}

/// Judges what waited for a metric.
fn look_at_metric(bench: &mut Bench<'_>, metric: &Text) {
    let plan = &bench.plan;
    let newest = plan.gates().filter_map(|gate| plan.newest_run(gate));
    let mut found = Vec::new();
    for run in newest.filter(|run| run.is_pending()) {
        for (number, criterion, result) in run.each() {
            if let (CriterionCheck::Metric(measure), None) = (&criterion.check, result)
                && measure.metric == *metric
            {
                found.extend(judge::by_metric(plan, number, measure).map(|it| (run.id, it)));
            }
        }
    }
    for (run, outcome) in found {
        record(bench, run, outcome, "".into());
    }
}

/// Takes in how a command of a pending run ended (the daemon).
pub fn command_result(
    bench: &mut Bench<'_>,
    id: GateRunId,
    number: u32,
    outcome: &CommandOutcome,
    commit: &str,
) -> Result<(), Refusal> {
    let commit = text::line("commit", commit)?;
    let run = pending(&bench.plan, id)?;
    let (number, criterion) = open_criterion(run, &number.to_string())?;
    let CriterionCheck::Command { measure, .. } = &criterion.check else {
        return Err(other_kind(run, number, criterion));
    };
    let measure = measure.clone();
    let judged = judge::judge_command(number, measure.as_ref(), outcome);
    text::long("output", &judged.evidence)?;
    let commit = if run.commit.is_empty() {
        commit
    } else {
        "".into()
    };
    let read = measure.zip(outcome.number.clone());
    record(bench, id, judged, commit);
    if let Some((measure, value)) = read {
        let known = bench.plan.metrics.contains_key(&measure.metric);
        if known || bench.plan.metrics.len() < METRICS_MAX {
            bench.record(MetricReported {
                metric: measure.metric.clone(),
                value,
                evidence: format!("read by {id}").into(),
            });
            look_at_metric(bench, &measure.metric);
        }
    }
    Ok(())
}
