//! How criteria come out that need nobody: metrics that are known, what the plan tells, commands that ended.

use super::super::super::event::{
    CriterionCheck, CriterionOutcome, Derived, GateCriterion, GateScope, Measure, Severity, Text,
};
use super::super::super::id::PhaseNo;
use super::super::super::model::DeliverableStatus;
use super::super::super::state::Plan;
use super::CommandOutcome;
use super::define::phase_of;

/// What can be said of a criterion at once; none when somebody or a command must say it.
pub(super) fn at_once(
    plan: &Plan,
    scope: &GateScope,
    number: u32,
    criterion: &GateCriterion,
) -> Option<CriterionOutcome> {
    match &criterion.check {
        CriterionCheck::Metric(measure) => by_metric(plan, number, measure),
        CriterionCheck::Derived(derived) => {
            let (passed, evidence) = derive(plan, phase_of(plan, scope), *derived);
            Some(CriterionOutcome {
                criterion: number,
                passed,
                value: None,
                evidence: evidence.into(),
            })
        }
        CriterionCheck::Attested(_)
        | CriterionCheck::Command { .. }
        | CriterionCheck::Approval(_) => None,
    }
}

/// How a metric stands to its threshold; none while it was never reported.
pub(super) fn by_metric(plan: &Plan, number: u32, measure: &Measure) -> Option<CriterionOutcome> {
    let metric = plan.metric(&measure.metric)?;
    let passed = measure.comparison.holds(&metric.value, &measure.threshold);
    Some(CriterionOutcome {
        criterion: number,
        passed,
        value: Some(metric.value.clone()),
        evidence: compared(measure, metric.value.as_str(), passed),
    })
}

fn compared(measure: &Measure, value: &str, passed: bool) -> Text {
    let verb = if passed { "is" } else { "is not" };
    let (sign, threshold) = (measure.comparison.sign(), &measure.threshold);
    format!(
        "{} = {value}, which {verb} {sign} {threshold}",
        measure.metric
    )
    .into()
}

/// How a command's end judges a criterion that asked for it.
pub fn judge_command(
    number: u32,
    measure: Option<&Measure>,
    outcome: &CommandOutcome,
) -> CriterionOutcome {
    let compared = measure.map(|measure| match &outcome.number {
        Some(value) => {
            let passed = measure.comparison.holds(value, &measure.threshold);
            (passed, compared(measure, value.as_str(), passed))
        }
        None => (
            false,
            format!("no number for {} was found in its output", measure.metric).into(),
        ),
    });
    let passed = outcome.succeeded && compared.as_ref().is_none_or(|(passed, _)| *passed);
    let mut evidence = outcome.ended.to_string();
    if let Some((_, words)) = compared {
        evidence = format!("{evidence}; {words}");
    }
    if !outcome.output.is_empty() {
        evidence = format!("{evidence}\n{}", outcome.output);
    }
    CriterionOutcome {
        criterion: number,
        passed,
        value: measure.and_then(|_| outcome.number.clone()),
        evidence: evidence.into(),
    }
}

/// What the plan tells, of a phase or of the whole project, and what shows it.
fn derive(plan: &Plan, phase: Option<PhaseNo>, derived: Derived) -> (bool, String) {
    match derived {
        Derived::NoCriticalBlocker => open_blockers(plan, phase, true),
        Derived::NoOpenBlocker => open_blockers(plan, phase, false),
        Derived::AllTasksCompleted => {
            let tally = phase.map_or_else(|| plan.total(), |no| plan.tally(no));
            let (open, deferred) = (tally.open(), tally.deferred);
            let words = format!(
                "{} completed, {open} open, {deferred} deferred",
                tally.completed
            );
            (open == 0 && deferred == 0, words)
        }
        Derived::NothingUntriaged => {
            let of_phase = |no: PhaseNo| {
                plan.untriaged().find(|found| {
                    let found_in = found.found_on.and_then(|task| plan.task(task));
                    found.suggested_phase == Some(no)
                        || found_in.is_some_and(|view| view.spec.phase == no)
                })
            };
            let waiting = phase.map_or_else(|| plan.untriaged().next(), of_phase);
            let words = |id| format!("{id} waits for triage");
            match waiting {
                None => (true, "nothing waits for triage".to_owned()),
                Some(found) => (false, words(found.id)),
            }
        }
        Derived::AllDeliverablesAccepted => {
            let mut lacking = plan
                .deliverables()
                .filter(|found| phase.is_none() || found.phase == phase)
                .filter(|found| found.status != DeliverableStatus::Accepted);
            match lacking.next() {
                None => (true, "every deliverable is accepted".to_owned()),
                Some(found) => (false, format!("{} is {}", found.id, found.standing())),
            }
        }
        Derived::AllIntegrationTested => match plan.untested_point(phase) {
            None => (true, "every integration point is tested".to_owned()),
            Some((point, status)) => {
                let (id, name) = (point.id, &point.words.name);
                (false, format!("{id} ({name}) is {}", status.as_str()))
            }
        },
        Derived::AllCriteriaMet => {
            let unmet = plan
                .phases()
                .filter(|found| phase.is_none_or(|no| found.no == no))
                .find(|found| {
                    found
                        .criteria
                        .iter()
                        .any(|criterion| criterion.met.is_none())
                });
            match unmet {
                None => (true, "every criterion is met".to_owned()),
                Some(phase) => (
                    false,
                    format!("phase {} has criteria that are not met", phase.id),
                ),
            }
        }
    }
}

fn open_blockers(plan: &Plan, phase: Option<PhaseNo>, critical: bool) -> (bool, String) {
    let in_phase = |no: PhaseNo, blocker: &super::super::super::model::Blocker| {
        let of_phase = |task| plan.task(task).is_some_and(|view| view.spec.phase == no);
        blocker.phase == Some(no) || blocker.tasks.iter().copied().any(of_phase)
    };
    let found = plan.open_blockers().find(|blocker| {
        (!critical || blocker.severity == Severity::Critical)
            && phase.is_none_or(|no| in_phase(no, blocker))
    });
    let kind = if critical {
        "critical blocker"
    } else {
        "blocker"
    };
    match found {
        None => (true, format!("no {kind} is open")),
        Some(blocker) => (false, format!("{} is open: {}", blocker.id, blocker.reason)),
    }
}
