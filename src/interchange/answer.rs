//! The answer to a file once it is walked: names resolved, numbers compared, or the reasons why it holds no
//! task.

use crate::plan::import::ImportedPlan;

use super::diagnostic::code;
use super::reader::Walk;
use super::resolve::Resolver;
use super::{PlanFileError, blocked, compare, decision, edges, overview, phases, sprint};

/// Settles what needs the whole file.
pub(super) fn finish(mut walk: Walk) -> Result<ImportedPlan, PlanFileError> {
    let mut reasons = Vec::new();
    if walk.book.plan.tasks.is_empty() {
        reasons = reasons_for_no_task(&walk);
    }
    let book = &mut walk.book;
    overview::settle(book);
    phases::settle_order(book);
    let resolver = Resolver::new(book);
    edges::resolve(book, &resolver);
    blocked::link(book, &resolver);
    decision::link(book, &resolver);
    sprint::link(book, &resolver);
    compare::written(book, &resolver);
    let mut plan = std::mem::take(&mut book.plan);
    let diagnostics = std::mem::take(&mut book.notes).finish();
    if plan.tasks.is_empty() {
        return Err(PlanFileError::NoTasks {
            phases: plan.phases.len(),
            reasons,
            diagnostics,
        });
    }
    plan.diagnostics = diagnostics;
    Ok(plan)
}

fn reasons_for_no_task(walk: &Walk) -> Vec<String> {
    let mut reasons = Vec::new();
    if walk.book.plan.phases.is_empty() {
        reasons.push("no heading names a phase (`## Phase 1: …`)".to_owned());
    }
    let mut counted = |count: usize, sentence: &str| {
        if count > 0 {
            reasons.push(format!("{count} {sentence}"));
        }
    };
    counted(
        walk.boxes,
        "boxes or rows stand outside every phase, or in a register that is not imported",
    );
    counted(
        walk.bullets,
        "plain bullets stand under phases; write them as boxes (`- [ ] …`) to make them tasks",
    );
    counted(walk.tables, "tables have no column that names tasks");
    counted(walk.arrows, "lines of arrows are not read");
    counted(
        walk.book.notes.count(code::YAML_TASK_NOT_IMPORTED),
        "tasks are written as YAML, which is not read",
    );
    counted(
        walk.book.notes.count(code::DELIVERABLE_NOT_IMPORTED),
        "deliverables are not imported",
    );
    if reasons.is_empty() {
        reasons.push("the phases hold no table of tasks and no boxes".to_owned());
    }
    reasons
}
