//! Quality gates, their runs and metrics as text, a mark for each criterion.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, fields, named, or_dash, pasted, table, when};

/// A table of gates.
pub fn gates(gates: &[wire::Gate], columns: Option<u16>) -> String {
    if gates.is_empty() {
        return "no gates\n".to_owned();
    }
    let rows = gates.iter().map(|gate| {
        [
            gate.id.clone(),
            scope(gate.scope.as_ref()),
            standing(gate),
            marks(gate),
            gate.name.clone(),
        ]
    });
    table(["id", "for", "status", "criteria", "name"], rows, columns)
}

/// Where a gate stands, in a word or two.
fn standing(gate: &wire::Gate) -> String {
    match &gate.newest_run {
        _ if gate.retired => "retired".to_owned(),
        None => "not run".to_owned(),
        Some(run) => run_standing(run),
    }
}

fn run_standing(run: &wire::GateRun) -> String {
    let status = word(run.status().as_str_name(), "GATE_RUN_STATUS_");
    match (run.stale, run.waiver_expired) {
        (true, _) => format!("{status}, stale"),
        (false, true) => format!("{status}, waiver over"),
        (false, false) => status,
    }
}

/// A mark for each criterion of the newest run.
fn marks(gate: &wire::Gate) -> String {
    match &gate.newest_run {
        Some(run) => run.results.iter().map(mark).collect(),
        None => gate.criteria.iter().map(|_| "·").collect(),
    }
}

/// `✓` holds, `✗` does not, `·` nobody has said.
fn mark(result: &wire::CriterionResult) -> &'static str {
    match (result.judged, result.passed) {
        (false, _) => "·",
        (true, true) => "✓",
        (true, false) => "✗",
    }
}

fn scope(scope: Option<&wire::GateScope>) -> String {
    use wire::gate_scope::Scope;
    match scope.and_then(|scope| scope.scope.as_ref()) {
        Some(Scope::Phase(phase)) => format!("phase {phase}"),
        Some(Scope::Deployment(name)) => format!("deployment {name}"),
        Some(Scope::Workflow(name)) => format!("workflow {name}"),
        Some(Scope::Project(_)) => "project".to_owned(),
        Some(Scope::Daily(_)) => "every day".to_owned(),
        Some(Scope::Completion(selection)) => {
            let parts = [
                ("phase", selection.phase.clone()),
                ("area", selection.area.clone()),
                ("role", selection.role.clone()),
                ("tasks", selection.tasks.join(", ")),
            ];
            let stated = parts.iter().filter(|(_, value)| !value.is_empty());
            let stated: Vec<String> = stated
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            format!(
                "done: {}",
                if stated.is_empty() {
                    "any task".to_owned()
                } else {
                    stated.join(", ")
                }
            )
        }
        None => "-".to_owned(),
    }
}

/// All that is known about a gate.
pub fn gate(gate: &wire::Gate) -> String {
    let mut text = format!("{} {}\n\n", clean::line(&gate.id), clean::line(&gate.name));
    text.push_str(&fields(&[
        ("for", scope(gate.scope.as_ref())),
        ("status", standing(gate)),
        ("retired", gate.retired_reason.clone()),
        (
            "defined",
            format!(
                "{} by {}",
                when(gate.defined_at.as_ref()),
                or_dash(named(&gate.defined_by))
            ),
        ),
    ]));
    match &gate.newest_run {
        Some(run) => {
            text.push('\n');
            text.push_str(&gate_run(run));
        }
        None => {
            text.push_str("\ncriteria:\n");
            for criterion in &gate.criteria {
                text.push_str(&format!("  · {}\n", asked(criterion)));
            }
        }
    }
    if !gate.lacks.is_empty() {
        text.push_str("\nwaits for:\n");
        for lack in &gate.lacks {
            text.push_str(&format!(
                "  {}: {} (from {})\n",
                clean::line(&lack.subject),
                clean::line(&lack.description),
                clean::line(&lack.who)
            ));
        }
        if let Some(lack) = gate.lacks.iter().find(|lack| !lack.next.is_empty()) {
            text.push_str(&format!("next: {}\n", clean::line(&pasted(&lack.next))));
        }
    }
    text
}

/// A criterion and how it is judged, in a line.
fn asked(criterion: &wire::GateCriterion) -> String {
    use wire::gate_criterion::Check;
    let how = match &criterion.check {
        Some(Check::Attested(attested)) if attested.role.is_empty() => "attested".to_owned(),
        Some(Check::Attested(attested)) => format!("attested by {}", attested.role),
        Some(Check::Metric(asked)) => measure(asked),
        Some(Check::Command(asked)) => match &asked.measure {
            Some(asked_of) => format!("command {}, {}", asked.command, measure(asked_of)),
            None => format!("command {}", asked.command),
        },
        Some(Check::Approval(approval)) if approval.may_approve.is_empty() => "signed".to_owned(),
        Some(Check::Approval(approval)) => format!("signed by {}", approval.may_approve.join(", ")),
        Some(Check::Derived(derived)) => {
            let derived = wire::DerivedCheck::try_from(*derived).unwrap_or_default();
            word(derived.as_str_name(), "DERIVED_CHECK_").replace('_', "-")
        }
        None => String::new(),
    };
    let advisory = if criterion.advisory {
        " (advisory)"
    } else {
        ""
    };
    clean::line(&format!(
        "{} {}: {how}{advisory}",
        criterion.number, criterion.name
    ))
}

/// What a metric must be: `coverage >= 80`.
pub fn measure(measure: &wire::Measure) -> String {
    let sign = match measure.comparison() {
        wire::Comparison::Unspecified => "?",
        wire::Comparison::Lt => "<",
        wire::Comparison::Le => "<=",
        wire::Comparison::Gt => ">",
        wire::Comparison::Ge => ">=",
        wire::Comparison::Eq => "=",
    };
    format!("{} {sign} {}", measure.metric, measure.threshold)
}

/// A run with a mark for each criterion.
pub fn gate_run(run: &wire::GateRun) -> String {
    let asked_by = or_dash(named(&run.asked_by));
    let how = if run.by_itself { ", by itself" } else { "" };
    let mut text = format!(
        "{} of {}: {}\n",
        clean::line(&run.id),
        clean::line(&run.gate),
        run_standing(run)
    );
    let waived = if run.waiver_reason.is_empty() {
        String::new()
    } else {
        format!(
            "until {} by {}: {}",
            when(run.waived_until.as_ref()),
            named(&run.waived_by),
            run.waiver_reason
        )
    };
    text.push_str(&fields(&[
        (
            "begun",
            format!("{} by {asked_by}{how}", when(run.started_at.as_ref())),
        ),
        ("commit", run.commit.clone()),
        ("waived", waived),
    ]));
    for result in &run.results {
        let criterion = result.criterion.clone().unwrap_or_default();
        text.push_str(&format!("  {} {}\n", mark(result), asked(&criterion)));
        if result.judged {
            let evidence = clean::lines(&result.evidence);
            let evidence = evidence.trim_end().replace('\n', "\n      ");
            text.push_str(&format!(
                "      {}: {evidence}\n",
                clean::line(named(&result.by))
            ));
        }
    }
    text
}

/// A table of metrics.
pub fn metrics(metrics: &[wire::Metric], columns: Option<u16>) -> String {
    if metrics.is_empty() {
        return "nothing was measured\n".to_owned();
    }
    let rows = metrics.iter().map(|metric| {
        [
            metric.name.clone(),
            metric.value.clone(),
            when(metric.at.as_ref()),
            or_dash(named(&metric.by)),
            or_dash(&metric.evidence),
        ]
    });
    table(["metric", "value", "at", "by", "evidence"], rows, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> wire::GateRun {
        let criterion = |number: u32, name: &str, check| {
            Some(wire::GateCriterion {
                number,
                name: name.to_owned(),
                advisory: number == 3,
                check: Some(check),
            })
        };
        use wire::gate_criterion::Check;
        let coverage = wire::Measure {
            metric: "coverage".to_owned(),
            comparison: wire::Comparison::Gt.into(),
            threshold: "80".to_owned(),
        };
        let approval = wire::ApprovalCheck {
            may_approve: vec!["qa".to_owned()],
        };
        wire::GateRun {
            id: "GR-3".to_owned(),
            gate: "G-1".to_owned(),
            status: wire::GateRunStatus::Pending.into(),
            asked_by: "coordinator:ann".to_owned(),
            results: vec![
                wire::CriterionResult {
                    criterion: criterion(1, "Coverage", Check::Metric(coverage)),
                    judged: true,
                    passed: false,
                    value: "80".to_owned(),
                    evidence: "coverage = 80, which is not > 80\u{7}".to_owned(),
                    by: "coordinator:ann".to_owned(),
                    at: None,
                },
                wire::CriterionResult {
                    criterion: criterion(2, "Review", Check::Approval(approval)),
                    ..wire::CriterionResult::default()
                },
            ],
            ..wire::GateRun::default()
        }
    }

    #[test]
    fn a_run_has_a_mark_for_each_criterion() {
        insta::assert_snapshot!(gate_run(&run()), @r"
        GR-3 of G-1: pending
        begun   - by ann
          ✗ 1 Coverage: coverage > 80
              ann: coverage = 80, which is not > 80
          · 2 Review: signed by qa
        ");
    }

    #[test]
    fn gates_stand_in_a_table() {
        use wire::gate_scope::Scope;
        let gate = |id: &str, scope, newest_run| wire::Gate {
            id: id.to_owned(),
            name: "Ready".to_owned(),
            scope: Some(wire::GateScope { scope: Some(scope) }),
            newest_run,
            ..wire::Gate::default()
        };
        let selection = wire::TaskSelection {
            area: "API".to_owned(),
            ..wire::TaskSelection::default()
        };
        let listed = [
            gate("G-1", Scope::Phase("2".to_owned()), Some(run())),
            gate("G-2", Scope::Completion(selection), None),
        ];
        insta::assert_snapshot!(gates(&listed, None), @r"
        ID   FOR             STATUS   CRITERIA  NAME
        G-1  phase 2         pending  ✗·        Ready
        G-2  done: area API  not run            Ready
        ");
    }
}
