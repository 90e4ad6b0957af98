//! Defining gates and retiring them. None exists unless somebody defined it.

use super::super::super::bench::Bench;
use super::super::super::decimal::Decimal;
use super::super::super::event::{
    CriterionCheck, GateCriterion, GateDefined, GateRetired, GateScope, Measure, Selection, Text,
};
use super::super::super::id::GateId;
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::state::Plan;
use super::super::ending::before_the_end;
use super::super::phase::open_phase;
use super::super::text;
use super::{NewCheck, NewCriterion, NewGate, NewMeasure, NewScope};

/// Gates a project may have, retired ones too.
const GATES_MAX: usize = 500;
/// Criteria of a gate.
const CRITERIA_MAX: usize = 50;
/// Commands that all gates together may ask for before a task is completed: what they say is kept with the
/// completion.
const COMPLETION_COMMANDS_MAX: usize = 40;
/// Tasks that a gate may name.
const TASKS_MAX: usize = 1_000;

pub fn define(bench: &mut Bench<'_>, new: &NewGate) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let known = match new.gate.trim() {
        "" => None,
        written => Some(plan.resolve_gate(written)?),
    };
    let before = known.and_then(|id| plan.gate(id));
    if let Some(gate) = before.filter(|gate| gate.retired.is_some()) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{} was retired; define another gate", gate.id),
        )
        .next("gate define …"));
    }
    if known.is_none() && plan.gates.len() >= GATES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the project has {GATES_MAX} gates, which is the limit; nothing can be added"),
        )
        .fact("limit", GATES_MAX));
    }
    let name = match before {
        Some(gate) if new.name.trim().is_empty() => gate.name.clone(),
        Some(_) | None => text::required_line("name", &new.name)?,
    };
    let scope = match (&new.scope, before) {
        (Some(scope), _) => scope_of(plan, scope)?,
        (None, Some(gate)) => gate.scope.clone(),
        (None, None) => {
            return Err(Refusal::field(
                "scope",
                "is missing; say what it stands in front of",
            ));
        }
    };
    let old_scope = before.map(|gate| &gate.scope);
    for scope in [Some(&scope), old_scope].into_iter().flatten() {
        if let GateScope::Phase(phase) = scope {
            open_phase(plan, plan.resolve_phase(phase)?)?;
        }
        before_the_end(plan, scope)?;
    }
    let criteria = match before {
        Some(gate) if new.criteria.is_empty() => gate.criteria.to_vec(),
        Some(_) | None => criteria_of(plan, &new.criteria)?,
    };
    check_completion(plan, known, &scope, &criteria)?;
    let gate = known.unwrap_or_else(|| next_gate(plan));
    let old_phase = old_scope.and_then(|scope| phase_of(plan, scope));
    let phase = phase_of(plan, &scope);
    bench.end_touched |= scope == GateScope::Project;
    bench.record(GateDefined {
        gate,
        name,
        scope,
        criteria,
    });
    for phase in [old_phase, phase].into_iter().flatten() {
        bench.touch(phase);
    }
    Ok(())
}

fn next_gate(plan: &Plan) -> GateId {
    GateId(plan.gates.last().map_or(1, |(id, _)| id.0 + 1))
}

/// The phase whose closing a gate stands in front of.
pub(super) fn phase_of(plan: &Plan, scope: &GateScope) -> Option<super::super::super::id::PhaseNo> {
    match scope {
        GateScope::Phase(phase) => plan.phase_no(phase),
        GateScope::Deployment(_)
        | GateScope::Workflow(_)
        | GateScope::Project
        | GateScope::Daily
        | GateScope::Completion(_) => None,
    }
}

fn scope_of(plan: &Plan, scope: &NewScope) -> Result<GateScope, Refusal> {
    Ok(match scope {
        NewScope::Phase(phase) => {
            let no = plan.resolve_phase(phase)?;
            GateScope::Phase(plan.phase_id(no).into())
        }
        NewScope::Deployment(name) => GateScope::Deployment(text::name("deployment", name)?),
        NewScope::Workflow(name) => GateScope::Workflow(text::name("workflow", name)?),
        NewScope::Project => GateScope::Project,
        NewScope::Daily => GateScope::Daily,
        NewScope::Completion {
            phase,
            area,
            role,
            tasks,
        } => GateScope::Completion(selection(plan, phase, area, role, tasks)?),
    })
}

fn selection(
    plan: &Plan,
    phase: &str,
    area: &str,
    role: &str,
    tasks: &[String],
) -> Result<Selection, Refusal> {
    if tasks.len() > TASKS_MAX {
        let long = format!("names more than {TASKS_MAX} tasks; select them by phase, area or role");
        return Err(Refusal::field("tasks", long).fact("limit", TASKS_MAX));
    }
    let phase = match phase.trim() {
        "" => None,
        phase => Some(plan.phase_id(plan.resolve_phase(phase)?).into()),
    };
    let area = match area.trim() {
        "" => None,
        area => Some(text::name("area", area)?),
    };
    let role = match role.trim() {
        "" => None,
        role => Some(slug(plan, role)?),
    };
    let mut named = Vec::new();
    for task in tasks {
        let id = plan.resolve_task(task)?;
        if !named.contains(&id) {
            named.push(id);
        }
    }
    Ok(Selection {
        phase,
        area,
        role,
        tasks: named,
    })
}

fn slug(plan: &Plan, role: &str) -> Result<Text, Refusal> {
    let role = plan.resolve_role(role)?;
    Ok(plan.role_slug(Some(role)).into())
}

fn criteria_of(plan: &Plan, written: &[NewCriterion]) -> Result<Vec<GateCriterion>, Refusal> {
    if written.is_empty() {
        return Err(Refusal::field(
            "criteria",
            "is empty; a gate that asks for nothing holds nothing up",
        ));
    }
    if written.len() > CRITERIA_MAX {
        let long = format!(
            "has {} entries; at most {CRITERIA_MAX} are taken",
            written.len()
        );
        return Err(Refusal::field("criteria", long).fact("limit", CRITERIA_MAX));
    }
    let mut criteria: Vec<GateCriterion> = Vec::new();
    for criterion in written {
        let name = text::required_line("criteria.name", &criterion.name)?;
        let twice = |other: &GateCriterion| other.name.to_lowercase() == name.to_lowercase();
        if criteria.iter().any(twice) {
            let words = format!("`{name}` stands there twice; name each criterion once");
            return Err(Refusal::field("criteria.name", words));
        }
        criteria.push(GateCriterion {
            name,
            must_pass: !criterion.advisory,
            check: check_of(plan, &criterion.check)?,
        });
    }
    Ok(criteria)
}

fn check_of(plan: &Plan, check: &NewCheck) -> Result<CriterionCheck, Refusal> {
    Ok(match check {
        NewCheck::Attested { role } => CriterionCheck::Attested(match role.trim() {
            "" => None,
            role => Some(slug(plan, role)?),
        }),
        NewCheck::Metric(measure) => CriterionCheck::Metric(measure_of(measure)?),
        NewCheck::Command { command, measure } => CriterionCheck::Command {
            command: text::id("command", command)?,
            measure: measure.as_ref().map(measure_of).transpose()?,
        },
        NewCheck::Approval { may_approve } => {
            let roles = text::list("may_approve", may_approve)?;
            let mut slugs: Vec<Text> = Vec::new();
            for role in roles {
                let role = slug(plan, &role)?;
                if !slugs.contains(&role) {
                    slugs.push(role);
                }
            }
            CriterionCheck::Approval(slugs)
        }
        NewCheck::Derived(derived) => CriterionCheck::Derived(*derived),
    })
}

/// A metric and what it must be.
pub fn measure_of(measure: &NewMeasure) -> Result<Measure, Refusal> {
    Ok(Measure {
        metric: metric_name(&measure.metric)?,
        comparison: measure.comparison,
        threshold: number("threshold", &measure.threshold)?,
    })
}

/// A metric's name: an id in lower case.
pub(super) fn metric_name(written: &str) -> Result<Text, Refusal> {
    Ok(text::id("metric", written)?.to_lowercase().into())
}

/// A decimal number.
pub(super) fn number(field: &str, written: &str) -> Result<Decimal, Refusal> {
    if written.trim().is_empty() {
        return Err(Refusal::field(field, "is missing or empty"));
    }
    written
        .parse()
        .map_err(|error: super::super::super::decimal::NotANumber| {
            Refusal::field(field, error.to_string())
        })
}

/// Before a completion only commands can be run; they must fit into the completion's event.
fn check_completion(
    plan: &Plan,
    known: Option<GateId>,
    scope: &GateScope,
    criteria: &[GateCriterion],
) -> Result<(), Refusal> {
    if !matches!(scope, GateScope::Completion(_)) {
        return Ok(());
    }
    let is_command =
        |criterion: &GateCriterion| matches!(criterion.check, CriterionCheck::Command { .. });
    if let Some(other) = criteria.iter().find(|criterion| !is_command(criterion)) {
        let words = format!(
            "`{}` is no command; a gate in front of completions asks for commands alone",
            other.name
        );
        return Err(Refusal::field("criteria", words));
    }
    let others = plan.index.completion_gates.iter();
    let others = others.filter(|id| known != Some(**id));
    let others = others.filter_map(|id| plan.gate(*id));
    let count = others.map(|gate| gate.criteria.len()).sum::<usize>() + criteria.len();
    if count > COMPLETION_COMMANDS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "gates in front of completions may ask for {COMPLETION_COMMANDS_MAX} commands in all, \
                 not {count}; put some into one"
            ),
        )
        .fact("limit", COMPLETION_COMMANDS_MAX));
    }
    Ok(())
}

pub fn retire(bench: &mut Bench<'_>, gate: &str, reason: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_gate(gate)?;
    let reason = text::required_long("reason", reason)?;
    let gate = bench.plan.gate(id);
    if gate.is_some_and(|gate| gate.retired.is_some()) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} is retired already; there is nothing to do"),
        )
        .next("gate list"));
    }
    let phase = gate.and_then(|gate| phase_of(&bench.plan, &gate.scope));
    bench.record(GateRetired { gate: id, reason });
    if let Some(phase) = phase {
        bench.touch(phase);
    }
    Ok(())
}
