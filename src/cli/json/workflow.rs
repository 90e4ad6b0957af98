//! Workflows and their runs as documents. A definition is what `workflow define --file` takes.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};
use crate::cli::text::measure;

/// A workflow.
pub fn workflow(workflow: &wire::Workflow) -> Value {
    json!({
        "slug": workflow.slug,
        "definition": definition(&workflow.slug, workflow.definition.as_ref()),
        "definitions": workflow.definitions,
        "newest_run": workflow.newest_run.as_ref().map(workflow_run),
        "retired": workflow.retired,
        "retired_reason": text(&workflow.retired_reason),
        "defined_by": text(&workflow.defined_by),
        "defined_at": instant(workflow.defined_at.as_ref()),
        "revision": workflow.revision,
    })
}

fn definition(slug: &str, definition: Option<&wire::WorkflowDefinition>) -> Value {
    let Some(definition) = definition else {
        return Value::Null;
    };
    let roles = definition.roles.iter();
    let roles =
        roles.map(|it| json!({"role": it.role, "count": it.count, "stream": text(&it.stream)}));
    let oversight = definition.oversight.iter().map(|it| {
        let cadence = word(it.cadence().as_str_name(), "OVERSIGHT_CADENCE_");
        json!({"role": it.role, "cadence": cadence})
    });
    let inputs = definition.inputs.iter().map(|it| {
        json!({"name": it.name, "description": text(&it.description), "required": it.required})
    });
    let outputs = definition.outputs.iter();
    let outputs = outputs.map(|it| json!({"name": it.name, "acceptance": it.acceptance}));
    json!({
        "workflow": slug,
        "title": definition.title,
        "number": definition.number,
        "tier": definition.tier,
        "objective": definition.objective,
        "duration": text(&definition.duration),
        "effort": text(&definition.effort),
        "elicit": definition.elicit,
        "roles": roles.collect::<Vec<_>>(),
        "oversight": oversight.collect::<Vec<_>>(),
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
        "gates": definition.gates,
        "sign_offs": definition.sign_offs,
        "criteria": definition.criteria.iter().map(criterion).collect::<Vec<_>>(),
        "phases": definition.phases,
        "next": text(&definition.next),
        "next_by_itself": definition.next_by_itself,
    })
}

/// A criterion as it is defined: measured, attested by a role, or attested by a coordinator alone.
fn criterion(criterion: &wire::SuccessCriterion) -> Value {
    use wire::success_criterion::Check;
    let (measured, attested_by) = match &criterion.check {
        Some(Check::Measured(asked)) => (json!(measure(asked)), Value::Null),
        Some(Check::Attested(attested)) => (Value::Null, text(&attested.role)),
        None => (Value::Null, Value::Null),
    };
    json!({"name": criterion.name, "measured": measured, "attested_by": attested_by})
}

/// A run.
pub fn workflow_run(run: &wire::WorkflowRun) -> Value {
    let inputs = run.inputs.iter().map(|it| {
        json!({
            "input": it.input,
            "value": it.value,
            "carried": it.carried,
            "by": it.by,
            "at": instant(it.at.as_ref()),
        })
    });
    let criteria = run.criteria.iter().map(|it| {
        json!({
            "number": it.criterion.as_ref().map(|criterion| criterion.number),
            "criterion": it.criterion.as_ref().map(criterion),
            "holds": it.holds,
            "value": text(&it.value),
            "evidence": text(&it.evidence),
            "by": text(&it.by),
            "at": instant(it.at.as_ref()),
        })
    });
    let signatures = run.signatures.iter().map(|it| {
        json!({
            "role": it.role,
            "approved": it.approved,
            "refused": it.refused,
            "note": text(&it.note),
            "by": text(&it.by),
            "at": instant(it.at.as_ref()),
        })
    });
    let staffing = run.staffing.iter();
    let staffing = staffing
        .map(|it| json!({"role": it.role, "needed": it.needed, "registered": it.registered, "silent": it.silent, "other_tier": it.other_tier}));
    let lacks = run.lacks.iter().map(|it| {
        json!({
            "subject": it.subject,
            "description": it.description,
            "who": it.who,
            "next": text(&it.next),
        })
    });
    json!({
        "id": run.id,
        "workflow": run.workflow,
        "definition": definition(&run.workflow, run.definition.as_ref()),
        "definition_number": run.definition_number,
        "status": word(run.status().as_str_name(), "WORKFLOW_RUN_STATUS_"),
        "after": text(&run.after),
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": run.outputs,
        "criteria": criteria.collect::<Vec<_>>(),
        "signatures": signatures.collect::<Vec<_>>(),
        "staffing": staffing.collect::<Vec<_>>(),
        "lacks": lacks.collect::<Vec<_>>(),
        "warning": text(&run.warning),
        "day": (run.day > 0).then_some(run.day),
        "planned_days": (run.planned_days > 0).then_some(run.planned_days),
        "overdue": run.overdue,
        "finished": text(&run.finished),
        "reason": text(&run.reason),
        "opened_by": run.opened_by,
        "opened_at": instant(run.opened_at.as_ref()),
        "started_at": instant(run.started_at.as_ref()),
        "since": instant(run.since.as_ref()),
        "ended_by": text(&run.ended_by),
        "ended_at": instant(run.ended_at.as_ref()),
        "revision": run.revision,
    })
}
