//! Rollouts: planned, let roll once nothing stands in the way, done step by step, and ended for good.

use super::super::bench::Bench;
use super::super::event::{
    BlockerKind, Event, GateScope, RollbackTested, RolloutCreated, RolloutEnded, RolloutHeldBack,
    RolloutReadied, RolloutStarted, RolloutStatus, RolloutStepDone, RolloutUpdated, RolloutWords,
    SuccessMetric, Text,
};
use super::super::id::{GateId, RolloutId};
use super::super::model::Rollout;
use super::super::refusal::{Reason, Refusal};
use super::super::rolling::named;
use super::super::state::Plan;
use super::gate::measure_of;
use super::integration::open_for;
use super::{Held, NewSuccessMetric, RolloutChanges, RolloutEnding, text};

/// Rollouts a project may have.
const ROLLOUTS_MAX: usize = 1_000;
/// Steps of a rollout.
const STEPS_MAX: usize = 50;
/// Success metrics of a rollout.
const SUCCESS_MAX: usize = 50;

pub fn create(bench: &mut Bench<'_>, new: &RolloutChanges) -> Result<(), Refusal> {
    let known = &bench.plan.rollouts;
    if known.len() >= ROLLOUTS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {ROLLOUTS_MAX} rollouts, which is the limit; nothing can be added"
            ),
        )
        .fact("limit", ROLLOUTS_MAX));
    }
    let rollout = RolloutId(known.last().map_or(1, |(id, _)| id.0 + 1));
    let empty = RolloutWords {
        name: "".into(),
        approach: "".into(),
        deployment: "".into(),
        steps: Vec::new(),
        rollback_plan: "".into(),
        success: Vec::new(),
    };
    let mut named = new.clone();
    named.name.get_or_insert_default();
    let words = changed(&bench.plan, empty, &named)?;
    bench.record(RolloutCreated { rollout, words });
    Ok(())
}

/// The words with what is stated in place of what was.
fn changed(
    plan: &Plan,
    before: RolloutWords,
    changes: &RolloutChanges,
) -> Result<RolloutWords, Refusal> {
    let mut words = before;
    if let Some(written) = &changes.name {
        words.name = text::required_line("name", written)?;
    }
    if let Some(written) = &changes.approach {
        words.approach = text::line("approach", written)?;
    }
    if let Some(written) = &changes.deployment {
        words.deployment = deployment(plan, written)?;
    }
    if let Some(written) = &changes.steps {
        at_most("steps", written.len(), STEPS_MAX)?;
        words.steps = text::list("steps", written)?;
    }
    if let Some(written) = &changes.rollback_plan {
        words.rollback_plan = text::long("rollback_plan", written)?;
    }
    if let Some(written) = &changes.success {
        at_most("success", written.len(), SUCCESS_MAX)?;
        words.success = written.iter().map(success).collect::<Result<_, _>>()?;
    }
    Ok(words)
}

fn at_most(field: &str, count: usize, limit: usize) -> Result<(), Refusal> {
    if count <= limit {
        return Ok(());
    }
    let many = format!("has {count} entries; a rollout has at most {limit}");
    Err(
        Refusal::new(Reason::LimitReached, format!("`{field}` {many}"))
            .item(field, many)
            .fact("limit", limit),
    )
}

/// A deployment that some gate stands in front of: a name that none knows would let everything pass.
fn deployment(plan: &Plan, written: &str) -> Result<Text, Refusal> {
    if written.trim().is_empty() {
        return Ok("".into());
    }
    let name = text::name("deployment", written)?;
    if plan.gates_of_rollout(&name).next().is_none() {
        return Err(Refusal::field(
            "deployment",
            format!(
                "is `{name}`, and no gate stands in front of a deployment of that name; define one, \
                 or leave it out: then every gate in front of a deployment holds the rollout"
            ),
        )
        .next("gate list"));
    }
    Ok(name)
}

fn success(written: &NewSuccessMetric) -> Result<SuccessMetric, Refusal> {
    Ok(SuccessMetric {
        name: text::required_line("success.name", &written.name)?,
        measure: written.measure.as_ref().map(measure_of).transpose()?,
    })
}

/// The refusal of a rollout that does not exist.
pub fn not_found(id: RolloutId) -> Refusal {
    Refusal::new(
        Reason::RolloutNotFound,
        format!("no rollout {id} in this project"),
    )
    .item(id, "does not exist")
    .next("rollout list --all")
}

fn found(plan: &Plan, id: RolloutId) -> Result<&Rollout, Refusal> {
    plan.rollout(id).ok_or_else(|| not_found(id))
}

fn illegal(plan: &Plan, rollout: &Rollout, step: &str) -> Refusal {
    let (id, status) = (rollout.id, rollout.status.as_str().replace('_', " "));
    let next = plan.rollout_next(rollout);
    let refusal = Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is {status} and cannot be {step}"),
    )
    .item(id, status);
    refusal.next(if next.is_empty() {
        "rollout create NAME".to_owned()
    } else {
        next
    })
}

/// A rollout that has not begun.
fn ahead<'a>(plan: &'a Plan, id: RolloutId, step: &str) -> Result<&'a Rollout, Refusal> {
    let rollout = found(plan, id)?;
    if rollout.status.is_ahead() {
        return Ok(rollout);
    }
    Err(illegal(plan, rollout, step))
}

/// A rollout that is under way.
fn under_way<'a>(plan: &'a Plan, id: RolloutId, step: &str) -> Result<&'a Rollout, Refusal> {
    let rollout = found(plan, id)?;
    if rollout.status == RolloutStatus::Rolling {
        return Ok(rollout);
    }
    Err(illegal(plan, rollout, step))
}

pub fn update(
    bench: &mut Bench<'_>,
    id: RolloutId,
    changes: &RolloutChanges,
) -> Result<(), Refusal> {
    let rollout = ahead(&bench.plan, id, "changed")?;
    let words = changed(&bench.plan, rollout.words.clone(), changes)?;
    if words == rollout.words {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    bench.record(RolloutUpdated { rollout: id, words });
    Ok(())
}

pub fn test_rollback(bench: &mut Bench<'_>, id: RolloutId, evidence: &str) -> Result<(), Refusal> {
    let rollout = ahead(&bench.plan, id, "tested")?;
    if rollout.words.rollback_plan.is_empty() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} has no rollback plan that could be tested; state one first"),
        )
        .item(id, "has no rollback plan")
        .next(format!("rollout edit {id} --rollback …")));
    }
    let evidence = text::required_long("evidence", evidence)?;
    bench.record(RollbackTested {
        rollout: id,
        evidence,
    });
    Ok(())
}

pub fn start(bench: &mut Bench<'_>, id: RolloutId) -> Result<(), Refusal> {
    let rollout = ahead(&bench.plan, id, "started")?;
    // A waiver may have ended a moment ago.
    let lacks = bench.plan.rollout_lacks(rollout, bench.now());
    if rollout.status != RolloutStatus::Ready || !lacks.is_empty() {
        let refusal = Refusal::new(
            Reason::RolloutNotReady,
            format!("{id} may not roll: it still lacks {}", counted(lacks.len())),
        );
        return Err(named(refusal, &lacks).next(format!("rollout show {id}")));
    }
    if let Some(other) = bench.plan.rolling() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "{} ({}) is rolling, and one rolls at a time; end it first",
                other.id, other.words.name
            ),
        )
        .item(other.id, "is rolling")
        .next(bench.plan.rollout_next(other)));
    }
    bench.record(RolloutStarted { rollout: id });
    Ok(())
}

fn counted(things: usize) -> String {
    let noun = if things == 1 { "thing" } else { "things" };
    format!("{things} {noun}")
}

pub fn step(bench: &mut Bench<'_>, id: RolloutId, step: u32, note: &str) -> Result<(), Refusal> {
    let rollout = under_way(&bench.plan, id, "taken a step on")?;
    let note = text::long("note", note)?;
    let Some((next, words)) = rollout.next_step() else {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("every step of {id} is done; say what it came to"),
        )
        .next(format!("rollout succeed {id}")));
    };
    if step != 0 && step != next {
        let count = rollout.words.steps.len();
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "step {next} of {id} comes next, not step {step}; its {count} steps go in order"
            ),
        )
        .item(format!("step {next}"), words)
        .next(format!("rollout step {id} {next}")));
    }
    bench.record(RolloutStepDone {
        rollout: id,
        step: next,
        note,
    });
    Ok(())
}

pub fn end(bench: &mut Bench<'_>, ending: &RolloutEnding) -> Result<(), Refusal> {
    let (id, to) = (ending.rollout, ending.to);
    let rollout = under_way(&bench.plan, id, "ended")?;
    let mut metrics = Vec::new();
    let note = match to {
        RolloutStatus::Draft | RolloutStatus::Ready | RolloutStatus::Rolling => {
            return Err(Refusal::field(
                "to",
                "is no end; a rollout succeeds, is rolled back or fails",
            ));
        }
        RolloutStatus::Succeeded => {
            let evidence = text::long("note", &ending.note)?;
            check_attested(rollout, ending, &evidence)?;
            let (lacks, met) = bench.plan.success_of(rollout, &ending.attested, &evidence);
            if !lacks.is_empty() {
                let refusal = Refusal::new(
                    Reason::RolloutUnfinished,
                    format!(
                        "{id} has not succeeded: it still lacks {}",
                        counted(lacks.len())
                    ),
                );
                return Err(named(refusal, &lacks));
            }
            metrics = met;
            evidence
        }
        RolloutStatus::RolledBack | RolloutStatus::Failed => {
            if !ending.attested.is_empty() {
                return Err(Refusal::field(
                    "attested",
                    "goes with a rollout that succeeds",
                ));
            }
            text::required_long("note", &ending.note)?
        }
    };
    if to != RolloutStatus::Failed && ending.holds != Held::default() {
        return Err(Refusal::field(
            "blocks_tasks",
            "goes with a rollout that failed; only then something is held up",
        ));
    }
    let way_out = rollout.words.rollback_plan.to_string();
    let what = format!("{id} failed: {note}");
    let way_out = (String::new(), way_out);
    let blocker = open_for(bench, &ending.holds, BlockerKind::Other, what, way_out)?;
    bench.record(RolloutEnded {
        rollout: id,
        to,
        note,
        metrics,
        blocker,
    });
    Ok(())
}

/// Only what nobody measures is vouched for, and with a word.
fn check_attested(
    rollout: &Rollout,
    ending: &RolloutEnding,
    evidence: &Text,
) -> Result<(), Refusal> {
    for number in &ending.attested {
        let place = (*number as usize).checked_sub(1);
        let metric = place.and_then(|place| rollout.words.success.get(place));
        match metric {
            None => {
                let count = rollout.words.success.len();
                let words = format!("names number {number}; there are {count} success metrics");
                return Err(Refusal::field("attested", words));
            }
            Some(metric) if metric.measure.is_some() => {
                let words = format!("names number {number}, which is measured; report its metric");
                return Err(Refusal::field("attested", words));
            }
            Some(_) => {}
        }
    }
    if !ending.attested.is_empty() && evidence.is_empty() {
        return Err(Refusal::field(
            "note",
            "is missing; say what shows that it is met",
        ));
    }
    Ok(())
}

/// Records, in the same append, which rollouts may roll from here on and which no longer.
pub fn settle_readiness(bench: &mut Bench<'_>) {
    if bench.plan.rollouts.is_empty() || !bench.events.iter().any(|it| concerns(bench, &it.event)) {
        return;
    }
    let ahead: Vec<RolloutId> = bench
        .plan
        .rollouts()
        .filter(|it| it.status.is_ahead())
        .map(|it| it.id)
        .collect();
    for id in ahead {
        let Some(rollout) = bench.plan.rollout(id) else {
            continue;
        };
        let is_ready = rollout.status == RolloutStatus::Ready;
        let lacks = bench.plan.rollout_lacks(rollout, bench.now());
        match lacks.first() {
            None if !is_ready => bench.record(RolloutReadied { rollout: id }),
            Some(first) if is_ready => {
                let reason = format!("{}: {}", first.subject, first.description).into();
                bench.record(RolloutHeldBack {
                    rollout: id,
                    reason,
                });
            }
            None | Some(_) => {}
        }
    }
}

/// Whether an event may let a rollout roll, or hold it back.
fn concerns(bench: &Bench<'_>, event: &Event) -> bool {
    let of_deployment = |gate: GateId| {
        let gate = bench.plan.gate(gate);
        gate.is_some_and(|gate| matches!(gate.scope, GateScope::Deployment(_)))
    };
    let run = match event {
        Event::RolloutCreated(_) | Event::RolloutUpdated(_) | Event::RollbackTested(_) => {
            return true;
        }
        // It may have stood in front of a deployment before.
        Event::GateDefined(_) | Event::GateRetired(_) => return true,
        Event::GateRunStarted(event) => return of_deployment(event.gate),
        Event::GateRunSettled(event) => event.run,
        Event::GateWaived(event) => event.run,
        Event::GateWaiverExpired(event) => event.run,
        _ => return false,
    };
    let run = bench.plan.gate_run(run);
    run.is_some_and(|run| of_deployment(run.gate))
}
