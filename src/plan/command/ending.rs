//! The end of a project: said by a coordinator once nothing is missing, and kept until it is resumed. Gates
//! of the whole project run by themselves when its last open task becomes terminal.

use super::super::bench::Bench;
use super::super::event::{GateScope, ProjectCompleted, RunTrigger};
use super::super::model::ProjectStatus;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::gate;
use super::text;

pub fn complete(bench: &mut Bench<'_>, note: &str) -> Result<(), Refusal> {
    let note = text::long("note", note)?;
    let status = bench.plan.project().map(|project| project.status);
    if status != Some(ProjectStatus::Active) {
        let (word, next) = match status {
            Some(ProjectStatus::Completed) => ("completed already", "plan show"),
            Some(ProjectStatus::Draft) => ("a draft; let it begin first", "resume"),
            _ => ("paused; let it go on first", "resume"),
        };
        return Err(
            Refusal::new(Reason::IllegalTransition, format!("the project is {word}")).next(next),
        );
    }
    let lacks = bench.plan.end_lacks(bench.now());
    if lacks.is_empty() {
        bench.record(ProjectCompleted { note });
        return Ok(());
    }
    let mut refusal = Refusal::new(
        Reason::ProjectUnfinished,
        "the project cannot be completed yet; it lacks what is listed",
    );
    for lack in lacks {
        refusal = refusal.item(lack.subject, lack.description);
        if !lack.next.is_empty() {
            refusal = refusal.next(lack.next);
        }
    }
    Err(refusal)
}

/// Refuses what would change the gates in front of an end that was reached behind them.
pub fn before_the_end(plan: &Plan, scope: &GateScope) -> Result<(), Refusal> {
    if *scope != GateScope::Project || !plan.has_ended() {
        return Ok(());
    }
    Err(over("its gates"))
}

/// Refuses what would leave something to be done in a completed project.
pub fn stays_completed(plan: &Plan) -> Result<(), Refusal> {
    if !plan.has_ended() || !plan.has_work_ahead() {
        return Ok(());
    }
    Err(over("its tasks and phases"))
}

/// What is refused of a completed project.
pub fn over(what: &str) -> Refusal {
    Refusal::new(
        Reason::ProjectCompleted,
        format!("the project is completed, and {what} stay as they are; resume it first"),
    )
    .next("resume")
}

/// Runs the gates of the whole project that were not run since its last task became terminal, when that was
/// in this command or one of them came to stand there in it.
pub fn run_project_gates(bench: &mut Bench<'_>, was_open: bool) {
    if !(was_open || bench.end_touched) || !bench.plan.is_worked_off() {
        return;
    }
    let plan = &bench.plan;
    let due = |id: &_| {
        let run = plan.gate(*id).and_then(|gate| plan.newest_run(gate));
        run.is_none_or(|run| run.stale)
    };
    let mut gates = plan.project_gates();
    gates.retain(due);
    for id in gates {
        gate::begin(bench, id, RunTrigger::ProjectDone, "".into());
    }
}
