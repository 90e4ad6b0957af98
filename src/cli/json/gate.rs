//! Quality gates, their runs and metrics as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

/// A gate.
pub fn gate(gate: &wire::Gate) -> Value {
    let lacks = gate.lacks.iter().map(|lack| {
        json!({
            "subject": lack.subject,
            "description": lack.description,
            "who": lack.who,
            "next": text(&lack.next),
        })
    });
    json!({
        "id": gate.id,
        "name": gate.name,
        "scope": scope(gate.scope.as_ref()),
        "criteria": gate.criteria.iter().map(criterion).collect::<Vec<_>>(),
        "newest_run": gate.newest_run.as_ref().map(gate_run),
        "open": gate.open,
        "lacks": lacks.collect::<Vec<_>>(),
        "retired": gate.retired,
        "retired_reason": text(&gate.retired_reason),
        "defined_by": text(&gate.defined_by),
        "defined_at": instant(gate.defined_at.as_ref()),
        "revision": gate.revision,
    })
}

fn scope(scope: Option<&wire::GateScope>) -> Value {
    use wire::gate_scope::Scope;
    match scope.and_then(|scope| scope.scope.as_ref()) {
        Some(Scope::Phase(phase)) => json!({"phase": phase}),
        Some(Scope::Deployment(name)) => json!({"deployment": name}),
        Some(Scope::Workflow(name)) => json!({"workflow": name}),
        Some(Scope::Project(_)) => json!({"project": true}),
        Some(Scope::Daily(_)) => json!({"daily": true}),
        Some(Scope::Completion(selection)) => json!({"completion": {
            "phase": text(&selection.phase),
            "area": text(&selection.area),
            "role": text(&selection.role),
            "tasks": selection.tasks,
        }}),
        None => Value::Null,
    }
}

fn criterion(criterion: &wire::GateCriterion) -> Value {
    use wire::gate_criterion::Check;
    let (kind, detail) = match &criterion.check {
        Some(Check::Attested(attested)) => ("attested", json!({"role": text(&attested.role)})),
        Some(Check::Metric(asked)) => ("metric", measure(asked)),
        Some(Check::Command(asked)) => (
            "command",
            json!({
                "command": asked.command,
                "measure": asked.measure.as_ref().map(measure),
            }),
        ),
        Some(Check::Approval(approval)) => {
            ("approval", json!({"may_approve": approval.may_approve}))
        }
        Some(Check::Derived(derived)) => {
            let derived = wire::DerivedCheck::try_from(*derived).unwrap_or_default();
            (
                "derived",
                json!({"check": word(derived.as_str_name(), "DERIVED_CHECK_")}),
            )
        }
        None => ("", Value::Null),
    };
    json!({
        "number": criterion.number,
        "name": criterion.name,
        "advisory": criterion.advisory,
        "kind": kind,
        "asks": detail,
    })
}

fn measure(measure: &wire::Measure) -> Value {
    json!({
        "metric": measure.metric,
        "comparison": word(measure.comparison().as_str_name(), "COMPARISON_"),
        "threshold": measure.threshold,
    })
}

/// A run of a gate.
pub fn gate_run(run: &wire::GateRun) -> Value {
    let results = run.results.iter().map(|result| {
        json!({
            "criterion": result.criterion.as_ref().map(criterion),
            "passed": result.judged.then_some(result.passed),
            "value": text(&result.value),
            "evidence": text(&result.evidence),
            "by": text(&result.by),
            "at": instant(result.at.as_ref()),
        })
    });
    json!({
        "id": run.id,
        "gate": run.gate,
        "status": word(run.status().as_str_name(), "GATE_RUN_STATUS_"),
        "stale": run.stale,
        "results": results.collect::<Vec<_>>(),
        "asked_by": text(&run.asked_by),
        "by_itself": run.by_itself,
        "commit": text(&run.commit),
        "started_at": instant(run.started_at.as_ref()),
        "settled_at": instant(run.settled_at.as_ref()),
        "waiver_reason": text(&run.waiver_reason),
        "waived_by": text(&run.waived_by),
        "waived_until": instant(run.waived_until.as_ref()),
        "waiver_expired": run.waiver_expired,
        "revision": run.revision,
    })
}

/// A metric.
pub fn metric(metric: &wire::Metric) -> Value {
    json!({
        "name": metric.name,
        "value": metric.value,
        "evidence": text(&metric.evidence),
        "by": text(&metric.by),
        "at": instant(metric.at.as_ref()),
        "revision": metric.revision,
    })
}
