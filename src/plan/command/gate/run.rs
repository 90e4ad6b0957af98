//! Runs of gates: begun by somebody or by a phase's last task, settled when all that must pass is said,
//! waived for a while by a coordinator who did not ask for them.

use super::super::super::bench::Bench;
use super::super::super::event::{
    CriterionCheck, GateRunSettled, GateRunStarted, GateScope, GateWaived, GateWaiverExpired,
    RunTrigger, Text,
};
use super::super::super::id::{GateId, GateRunId, PhaseNo};
use super::super::super::model::{GateRun, RunStatus};
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::state::Plan;
use super::super::super::time::Timestamp;
use super::super::ending::before_the_end;
use super::super::phase::open_phase;
use super::super::text;
use super::define::phase_of;
use super::judge;

/// The longest that a failed run may be let pass.
const WAIVER_MS_MAX: i64 = 366 * 24 * 60 * 60 * 1000;

pub fn run(bench: &mut Bench<'_>, gate: &str, commit: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_gate(gate)?;
    let commit = text::line("commit", commit)?;
    let Some(gate) = bench.plan.gate(id) else {
        return Err(Refusal::new(Reason::GateNotFound, format!("no gate {id}")));
    };
    if gate.retired.is_some() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} was retired; it stands in front of nothing any more"),
        )
        .next("gate list"));
    }
    if matches!(gate.scope, GateScope::Completion(_)) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} is run whenever a task it selects is finished, and never by itself"),
        )
        .next(format!("gate show {id}")));
    }
    if let Some(no) = phase_of(&bench.plan, &gate.scope) {
        open_phase(&bench.plan, no)?;
    }
    before_the_end(&bench.plan, &gate.scope)?;
    begin(bench, id, RunTrigger::Asked, commit);
    Ok(())
}

/// Runs the gates of a phase whose tasks are all terminal and that were not run since.
pub fn run_phase_gates(bench: &mut Bench<'_>, no: PhaseNo) {
    if !bench.plan.index.phase_gates.contains_key(&no) {
        return;
    }
    let tally = bench.plan.tally(no);
    let is_open = open_phase(&bench.plan, no).is_ok();
    if tally.open() > 0 || tally.all() == 0 || !is_open {
        return;
    }
    let gates = bench.plan.gates_of_phase(no);
    let due: Vec<GateId> = gates
        .filter(|gate| bench.plan.newest_run(gate).is_none_or(|run| run.stale))
        .map(|gate| gate.id)
        .collect();
    for gate in due {
        begin(bench, gate, RunTrigger::PhaseDone, "".into());
    }
}

/// Begins a run of a gate, and settles it when all is known at once.
pub fn begin(bench: &mut Bench<'_>, id: GateId, trigger: RunTrigger, commit: Text) {
    let Some(gate) = bench.plan.gate(id) else {
        return;
    };
    let numbered = (1..).zip(gate.criteria.iter());
    let outcomes = numbered
        .filter_map(|(number, criterion)| {
            judge::at_once(&bench.plan, &gate.scope, number, criterion)
        })
        .collect();
    let run = next_run(&bench.plan);
    bench.record(GateRunStarted {
        run,
        gate: id,
        trigger,
        commit,
        outcomes,
    });
    settle(bench, run);
}

fn next_run(plan: &Plan) -> GateRunId {
    GateRunId(plan.gate_runs.last().map_or(1, |(id, _)| id.0 + 1))
}

/// Settles a run when all that decides it is said: commands are always waited for, people only while
/// nothing that must pass has failed.
pub(super) fn settle(bench: &mut Bench<'_>, id: GateRunId) {
    let Some(run) = bench.plan.gate_run(id).filter(|run| run.is_pending()) else {
        return;
    };
    let Some(passed) = decided(run) else { return };
    let gate = bench.plan.gate(run.gate);
    let phase = gate.and_then(|gate| phase_of(&bench.plan, &gate.scope));
    bench.record(GateRunSettled { run: id, passed });
    if let Some(phase) = phase {
        bench.touch(phase);
    }
}

fn decided(run: &GateRun) -> Option<bool> {
    let mut waits = false;
    let mut failed = false;
    for (_, criterion, result) in run.each() {
        match (result, &criterion.check) {
            (None, CriterionCheck::Command { .. }) => return None,
            (None, _) => waits |= criterion.must_pass,
            (Some(result), _) => failed |= criterion.must_pass && !result.passed,
        }
    }
    (failed || !waits).then_some(!failed)
}

/// The run, when something can still be said that counts.
pub(super) fn pending(plan: &Plan, id: GateRunId) -> Result<&GateRun, Refusal> {
    let Some(run) = plan.gate_run(id) else {
        return Err(Refusal::new(
            Reason::GateNotFound,
            format!("no gate run {id} is kept; the newest of each gate are"),
        )
        .next("gate list"));
    };
    if run.is_pending() {
        return Ok(run);
    }
    let word = match run.status {
        _ if run.stale => "stale: what it is about changed, or a newer run began",
        RunStatus::Passed => "settled: it passed",
        RunStatus::Failed => "settled: it failed",
        RunStatus::Waived => "settled: it is waived",
        RunStatus::Pending => "stale",
    };
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is {word}; run {} again", run.gate),
    )
    .item(id, word)
    .next(format!("gate run {}", run.gate)))
}

pub fn waive(
    bench: &mut Bench<'_>,
    written: &str,
    reason: &str,
    until: Timestamp,
) -> Result<(), Refusal> {
    let id = bench.plan.resolve_run(written)?;
    let reason = text::required_long("reason", reason)?;
    let now = bench.facts.now.max(bench.plan.last_at());
    let Some(run) = bench.plan.gate_run(id) else {
        return Err(Refusal::new(
            Reason::GateNotFound,
            format!("no gate run {id}"),
        ));
    };
    if run.stale || run.status != RunStatus::Failed {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} did not fail, or counts for nothing any more; only the newest run of a gate is waived, once it failed"),
        )
        .next(format!("gate show {}", run.gate)));
    }
    // Nobody asks for a run that begins by itself.
    if run.trigger == RunTrigger::Asked && run.asked_by == bench.facts.actor {
        return Err(Refusal::new(
            Reason::NotAllowed,
            format!("you asked for {id}; another coordinator must waive it"),
        )
        .fact("asked_by", &run.asked_by));
    }
    if until <= now {
        return Err(Refusal::field(
            "until",
            "is not in the future; say until when it may pass",
        ));
    }
    if until.0.saturating_sub(now.0) > WAIVER_MS_MAX {
        return Err(Refusal::field("until", "is more than a year away"));
    }
    let gate = bench.plan.gate(run.gate);
    let phase = gate.and_then(|gate| phase_of(&bench.plan, &gate.scope));
    bench.record(GateWaived {
        run: id,
        reason,
        until,
    });
    if let Some(phase) = phase {
        bench.touch(phase);
    }
    Ok(())
}

/// Says that a waiver's time is over (the daemon).
pub fn expire_waiver(bench: &mut Bench<'_>, id: GateRunId) -> Result<(), Refusal> {
    let now = bench.facts.now.max(bench.plan.last_at());
    let run = bench.plan.gate_run(id).filter(|run| !run.stale);
    let waiver = run.filter(|run| run.status == RunStatus::Waived);
    let until = waiver
        .and_then(|run| run.waiver.as_ref())
        .map(|it| it.until);
    if until.is_none_or(|until| now < until) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} has no waiver whose time is over; there is nothing to do"),
        ));
    }
    bench.record(GateWaiverExpired { run: id });
    Ok(())
}
