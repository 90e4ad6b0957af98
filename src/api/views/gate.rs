//! Quality gates, their runs and metrics as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::{View, texts, time};
use crate::plan::event::{
    CriterionCheck, GateCriterion, GateScope, Measure, RunTrigger, Selection,
};
use crate::plan::id::{GateId, GateRunId};
use crate::plan::model::{CriterionResult, Gate, GateRun, Metric};

impl View<'_> {
    /// A gate; none when there is no such gate.
    pub(in super::super) fn gate_named(&self, id: GateId) -> Option<wire::Gate> {
        self.plan.gate(id).map(|gate| self.gate(gate))
    }

    /// A gate with its newest run.
    pub(in super::super) fn gate(&self, gate: &Gate) -> wire::Gate {
        let run = self.plan.newest_run(gate);
        // What is recorded tells, not the clock of whoever reads.
        let now = self.plan.last_at();
        let in_force = gate.retired.is_none();
        let lacks = if in_force && !matches!(gate.scope, GateScope::Completion(_)) {
            self.plan.lacks_of(gate, now)
        } else {
            Vec::new()
        };
        let lacks = lacks.into_iter().map(|lack| wire::GateLack {
            subject: lack.subject,
            description: lack.description,
            who: lack.who,
            next: lack.next,
        });
        wire::Gate {
            id: gate.id.to_string(),
            name: gate.name.to_string(),
            scope: Some(scope(&gate.scope)),
            criteria: (1..)
                .zip(gate.criteria.iter())
                .map(|(number, asked)| criterion(number, asked))
                .collect(),
            newest_run: run.map(|run| self.gate_run(run)),
            open: in_force && run.is_some_and(|run| run.holds(now)),
            lacks: lacks.collect(),
            retired: !in_force,
            retired_reason: gate.retired.as_deref().unwrap_or_default().to_owned(),
            defined_by: gate.defined_by.to_string(),
            defined_at: Some(time(gate.defined_at)),
            revision: gate.revision,
        }
    }

    /// A run; none when it is not kept.
    pub(in super::super) fn gate_run_named(&self, id: GateRunId) -> Option<wire::GateRun> {
        self.plan.gate_run(id).map(|run| self.gate_run(run))
    }

    /// A run.
    pub(in super::super) fn gate_run(&self, run: &GateRun) -> wire::GateRun {
        let waiver = run.waiver.as_ref();
        wire::GateRun {
            id: run.id.to_string(),
            gate: run.gate.to_string(),
            status: enums::gate_run_status(run.status).into(),
            stale: run.stale,
            results: run
                .each()
                .map(|(number, asked, result)| judged(number, asked, result))
                .collect(),
            asked_by: run.asked_by.to_string(),
            by_itself: run.trigger != RunTrigger::Asked,
            commit: run.commit.to_string(),
            started_at: Some(time(run.started_at)),
            settled_at: run.settled_at.map(time),
            waiver_reason: waiver.map_or_else(String::new, |it| it.reason.to_string()),
            waived_by: waiver.map_or_else(String::new, |it| it.by.to_string()),
            waived_until: waiver.map(|it| time(it.until)),
            waiver_expired: waiver.is_some_and(|it| it.expired),
            revision: run.revision,
        }
    }
}

/// A metric.
pub(in super::super) fn metric(metric: &Metric) -> wire::Metric {
    wire::Metric {
        name: metric.name.to_string(),
        value: metric.value.to_string(),
        evidence: metric.evidence.to_string(),
        by: metric.by.to_string(),
        at: Some(time(metric.at)),
        revision: metric.revision,
    }
}

fn judged(
    number: u32,
    asked: &GateCriterion,
    result: Option<&CriterionResult>,
) -> wire::CriterionResult {
    let value = result.and_then(|result| result.value.as_ref());
    wire::CriterionResult {
        criterion: Some(criterion(number, asked)),
        judged: result.is_some(),
        passed: result.is_some_and(|result| result.passed),
        value: value.map_or_else(String::new, ToString::to_string),
        evidence: result.map_or_else(String::new, |result| result.evidence.to_string()),
        by: result.map_or_else(String::new, |result| result.by.to_string()),
        at: result.map(|result| time(result.at)),
    }
}

fn criterion(number: u32, asked: &GateCriterion) -> wire::GateCriterion {
    use wire::gate_criterion::Check;
    let check = match &asked.check {
        CriterionCheck::Attested(role) => Check::Attested(wire::AttestedCheck {
            role: role.as_deref().unwrap_or_default().to_owned(),
        }),
        CriterionCheck::Metric(asked) => Check::Metric(measure(asked)),
        CriterionCheck::Command {
            command,
            measure: asked,
        } => Check::Command(wire::CommandCheck {
            command: command.to_string(),
            measure: asked.as_ref().map(measure),
        }),
        CriterionCheck::Approval(roles) => Check::Approval(wire::ApprovalCheck {
            may_approve: texts(roles),
        }),
        CriterionCheck::Derived(derived) => Check::Derived(enums::derived_check(*derived).into()),
    };
    wire::GateCriterion {
        number,
        name: asked.name.to_string(),
        advisory: !asked.must_pass,
        check: Some(check),
    }
}

pub(super) fn measure(asked: &Measure) -> wire::Measure {
    wire::Measure {
        metric: asked.metric.to_string(),
        comparison: enums::comparison(asked.comparison).into(),
        threshold: asked.threshold.to_string(),
    }
}

fn scope(scope: &GateScope) -> wire::GateScope {
    use wire::gate_scope::Scope;
    let scope = match scope {
        GateScope::Phase(phase) => Scope::Phase(phase.to_string()),
        GateScope::Deployment(name) => Scope::Deployment(name.to_string()),
        GateScope::Workflow(name) => Scope::Workflow(name.to_string()),
        GateScope::Project => Scope::Project(true),
        GateScope::Daily => Scope::Daily(true),
        GateScope::Completion(selection) => Scope::Completion(selected(selection)),
    };
    wire::GateScope { scope: Some(scope) }
}

fn selected(selection: &Selection) -> wire::TaskSelection {
    let text =
        |part: &Option<crate::plan::event::Text>| part.as_deref().unwrap_or_default().to_owned();
    wire::TaskSelection {
        phase: text(&selection.phase),
        area: text(&selection.area),
        role: text(&selection.role),
        tasks: texts(&selection.tasks),
    }
}
