//! How runs go on by themselves, in the append of the last thing they waited for.

use super::super::super::bench::Bench;
use super::super::super::event::{
    Event, RunStep, RunTrigger, WorkflowRunCompleted, WorkflowRunMoved,
};
use super::super::super::id::{GateId, WorkflowRunId};
use super::super::super::model::{WorkflowRun, WorkflowRunStatus};
use super::super::super::state::Plan;
use super::super::gate::begin;
use super::run::open;

/// Whether an event may be what a run waited for.
fn concerns_runs(event: &Event) -> bool {
    matches!(
        event,
        Event::WorkflowRunStarted(_)
            | Event::WorkflowRunConfirmed(_)
            | Event::WorkflowInputProvided(_)
            | Event::WorkflowRunMoved(_)
            | Event::WorkflowCriterionAttested(_)
            | Event::WorkflowSigned(_)
            | Event::AgentRegistered(_)
            | Event::SessionStarted(_)
            | Event::ProjectUpdated(_)
            | Event::PhaseCompleted(_)
            | Event::PhaseSkipped(_)
            | Event::PhaseReopened(_)
            | Event::DeliverableAccepted(_)
            | Event::GateDefined(_)
            | Event::GateRetired(_)
            | Event::GateRunSettled(_)
            | Event::GateWaived(_)
            | Event::MetricReported(_)
    )
}

/// Records, in the same append, where the open runs go with what was recorded.
pub fn advance(bench: &mut Bench<'_>) {
    if bench.plan.index.open_workflow_runs.is_empty() {
        return;
    }
    if !bench.events.iter().any(|it| concerns_runs(&it.event)) {
        return;
    }
    // A run that one brings about stands behind it.
    let mut after = WorkflowRunId(0);
    while let Some(id) = next_open(&bench.plan, after) {
        while step(bench, id) {}
        after = id;
    }
}

fn next_open(plan: &Plan, after: WorkflowRunId) -> Option<WorkflowRunId> {
    let behind = WorkflowRunId(after.0.saturating_add(1))..=WorkflowRunId(u32::MAX);
    plan.index.open_workflow_runs.range(behind).next().copied()
}

/// Takes a run one step on; whether it could.
fn step(bench: &mut Bench<'_>, id: WorkflowRunId) -> bool {
    let Some(run) = bench.plan.workflow_runs.get(&id).cloned() else {
        return false;
    };
    match run.status {
        WorkflowRunStatus::Pending | WorkflowRunStatus::WaitingInput => begin_run(bench, &run),
        WorkflowRunStatus::Running => {
            let done = bench.plan.work_is_done(&run);
            if done {
                go(bench, id, RunStep::Gating, "");
            }
            done
        }
        WorkflowRunStatus::Gating => gate_run(bench, &run),
        WorkflowRunStatus::Completed | WorkflowRunStatus::Failed | WorkflowRunStatus::Cancelled => {
            false
        }
    }
}

fn go(bench: &mut Bench<'_>, run: WorkflowRunId, to: RunStep, note: &str) {
    bench.record(WorkflowRunMoved {
        run,
        to,
        note: note.into(),
    });
}

fn begin_run(bench: &mut Bench<'_>, run: &WorkflowRun) -> bool {
    if !run.confirmed {
        return false;
    }
    if bench.plan.start_lacks(run).is_empty() {
        let missing = bench.plan.staff_lacks(run).into_iter();
        let missing = missing.map(|lack| format!("{}: {}", lack.subject, lack.description));
        let missing: Vec<String> = missing.collect();
        go(bench, run.id, RunStep::Running, &missing.join("; "));
        return true;
    }
    let moves = run.status == WorkflowRunStatus::Pending;
    if moves {
        go(bench, run.id, RunStep::WaitingInput, "");
    }
    moves
}

fn gate_run(bench: &mut Bench<'_>, run: &WorkflowRun) -> bool {
    if bench.plan.work_is_open(run) {
        go(bench, run.id, RunStep::Running, "its work is open again");
        return true;
    }
    let gates = bench.plan.gates_of_run(run);
    let due = gates.filter(|gate| bench.plan.newest_run(gate).is_none_or(|run| run.stale));
    let due: Vec<GateId> = due.map(|gate| gate.id).collect();
    for gate in due {
        begin(bench, gate, RunTrigger::WorkDone, "".into());
    }
    if !bench.plan.gating_lacks(run, bench.now()).is_empty() {
        return false;
    }
    let values = bench.plan.measured_values(run);
    bench.record(WorkflowRunCompleted {
        run: run.id,
        values,
    });
    go_on_after(bench, run);
    false
}

/// Opens a run of the workflow that comes next, unless one is open already.
fn go_on_after(bench: &mut Bench<'_>, run: &WorkflowRun) {
    let Some(next) = run.definition.next.clone() else {
        return;
    };
    let Some(workflow) = bench.plan.workflow(&next) else {
        return;
    };
    let newest = workflow
        .newest_run
        .and_then(|run| bench.plan.workflow_run(run));
    let is_open = newest.is_some_and(|run| run.status.is_open());
    if workflow.retired.is_none() && !is_open {
        open(bench, &next, Some(run.id), run.definition.next_by_itself);
    }
}
