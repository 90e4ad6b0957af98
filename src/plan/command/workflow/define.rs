//! Defining workflows and retiring them. Everything a definition names must be there, and no chain of `next`
//! may come back to where it began.

use super::super::super::bench::Bench;
use super::super::super::event::{
    GateScope, Oversight, RequiredRole, SuccessCheck, SuccessCriterion, Text, WorkflowDefined,
    WorkflowDefinition, WorkflowInput, WorkflowOutput, WorkflowRetired,
};
use super::super::super::id::GateId;
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::state::Plan;
use super::super::gate::measure_of;
use super::super::text;
use super::{NewSuccess, NewSuccessCheck, NewWorkflow};

/// Workflows a project may have, retired ones too.
const WORKFLOWS_MAX: usize = 500;
/// Entries of each list of a definition.
const ENTRIES_MAX: usize = 50;
/// Agents that may be asked for of one role.
const COUNT_MAX: u32 = 1_000;
/// The largest number and the highest tier.
const NUMBER_MAX: u32 = 9_999;
/// Bytes of JSON of a whole definition, well below the limit of a stored event.
const DEFINITION_BYTES_MAX: usize = 192 * 1024;

pub fn define(bench: &mut Bench<'_>, new: &NewWorkflow) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let workflow = slug_of(&new.workflow)?;
    if plan.workflow(&workflow).is_none() && plan.workflows.len() >= WORKFLOWS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {WORKFLOWS_MAX} workflows, which is the limit; nothing can be added"
            ),
        )
        .fact("limit", WORKFLOWS_MAX));
    }
    let words = &new.words;
    let title = text::line("title", &words.title)?;
    let next = next_of(plan, &workflow, words.next.as_deref())?;
    if next.is_none() && words.next_by_itself {
        return Err(Refusal::field(
            "next_by_itself",
            "is stated, and no next workflow is named",
        ));
    }
    let definition = WorkflowDefinition {
        title: if title.is_empty() {
            workflow.clone()
        } else {
            title
        },
        number: at_most("number", words.number)?,
        tier: at_most("tier", words.tier)?,
        objective: text::required_long("objective", &words.objective)?,
        duration: words.duration,
        effort: words.effort,
        elicit: words.elicit,
        roles: roles_of(plan, &words.roles)?,
        oversight: oversight_of(plan, &words.oversight)?,
        inputs: inputs_of(words)?,
        outputs: outputs_of(&words.outputs)?,
        gates: gates_of(plan, &workflow, &new.gates)?,
        sign_offs: sign_offs_of(plan, &words.sign_offs)?,
        criteria: criteria_of(plan, &new.criteria)?,
        phases: phases_of(plan, &words.phases)?,
        next,
        next_by_itself: words.next_by_itself,
    };
    let bytes = serde_json::to_string(&definition).map_or(usize::MAX, |json| json.len());
    if bytes > DEFINITION_BYTES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the definition holds {bytes} bytes of text; {DEFINITION_BYTES_MAX} are the limit; shorten it"
            ),
        )
        .fact("limit", DEFINITION_BYTES_MAX));
    }
    bench.record(WorkflowDefined {
        workflow,
        definition,
    });
    Ok(())
}

/// A slug: lower case, without what would need quotes on a command line.
fn slug_of(written: &str) -> Result<Text, Refusal> {
    let slug = text::name("workflow", written)?.to_lowercase();
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let names_a_run = slug
        .parse::<super::super::super::id::WorkflowRunId>()
        .is_ok();
    if !slug.chars().all(plain) || slug.starts_with('-') || names_a_run {
        return Err(Refusal::field(
            "workflow",
            "is to be a slug of letters, digits and hyphens, such as `build-execution`, and no id of a run",
        ));
    }
    Ok(slug.into())
}

fn at_most(field: &str, number: Option<u32>) -> Result<Option<u32>, Refusal> {
    if let Some(number) = number.filter(|number| *number > NUMBER_MAX) {
        let words = format!("is {number}; at most {NUMBER_MAX} is taken");
        return Err(Refusal::field(field, words).fact("limit", NUMBER_MAX));
    }
    Ok(number)
}

fn check_length(field: &str, entries: usize) -> Result<(), Refusal> {
    if entries > ENTRIES_MAX {
        let long = format!("has {entries} entries; at most {ENTRIES_MAX} are taken");
        return Err(Refusal::field(field, long).fact("limit", ENTRIES_MAX));
    }
    Ok(())
}

/// Refuses a name that stands in a list already, whatever its case.
fn check_once<'a>(
    field: &str,
    name: &str,
    mut before: impl Iterator<Item = &'a Text>,
) -> Result<(), Refusal> {
    if before.any(|other| other.to_lowercase() == name.to_lowercase()) {
        let words = format!("`{name}` stands there twice; name it once");
        return Err(Refusal::field(field, words));
    }
    Ok(())
}

fn role_of(plan: &Plan, written: &str) -> Result<Text, Refusal> {
    let role = plan.resolve_role(written)?;
    Ok(plan.role_slug(Some(role)).into())
}

fn roles_of(plan: &Plan, written: &[RequiredRole]) -> Result<Vec<RequiredRole>, Refusal> {
    check_length("roles", written.len())?;
    let mut roles: Vec<RequiredRole> = Vec::new();
    for needed in written {
        let role = role_of(plan, &needed.role)?;
        check_once("roles", &role, roles.iter().map(|it| &it.role))?;
        if !(1..=COUNT_MAX).contains(&needed.count) {
            let words = format!("is {}; 1 to {COUNT_MAX} are taken", needed.count);
            return Err(Refusal::field("roles.count", words).fact("limit", COUNT_MAX));
        }
        roles.push(RequiredRole {
            role,
            count: needed.count,
            stream: text::line("roles.stream", &needed.stream)?,
        });
    }
    Ok(roles)
}

fn oversight_of(plan: &Plan, written: &[Oversight]) -> Result<Vec<Oversight>, Refusal> {
    check_length("oversight", written.len())?;
    let mut oversight: Vec<Oversight> = Vec::new();
    for rule in written {
        let role = role_of(plan, &rule.role)?;
        check_once("oversight", &role, oversight.iter().map(|it| &it.role))?;
        oversight.push(Oversight {
            role,
            cadence: rule.cadence,
        });
    }
    Ok(oversight)
}

fn inputs_of(words: &WorkflowDefinition) -> Result<Vec<WorkflowInput>, Refusal> {
    check_length("inputs", words.inputs.len())?;
    if words.elicit && words.inputs.is_empty() {
        return Err(Refusal::field(
            "inputs",
            "is empty; a workflow that elicits names what a person is to supply",
        ));
    }
    let mut inputs: Vec<WorkflowInput> = Vec::new();
    for input in &words.inputs {
        let name = text::required_line("inputs.name", &input.name)?;
        check_once("inputs.name", &name, inputs.iter().map(|it| &it.name))?;
        inputs.push(WorkflowInput {
            name,
            description: text::line("inputs.description", &input.description)?,
            required: input.required,
        });
    }
    Ok(inputs)
}

fn outputs_of(written: &[WorkflowOutput]) -> Result<Vec<WorkflowOutput>, Refusal> {
    check_length("outputs", written.len())?;
    let mut outputs: Vec<WorkflowOutput> = Vec::new();
    for output in written {
        let name = text::required_line("outputs.name", &output.name)?;
        check_once("outputs.name", &name, outputs.iter().map(|it| &it.name))?;
        let acceptance: Vec<String> = output.acceptance.iter().map(ToString::to_string).collect();
        outputs.push(WorkflowOutput {
            name,
            acceptance: text::list("outputs.acceptance", &acceptance)?,
        });
    }
    Ok(outputs)
}

/// The gates a definition names; each must stand in front of this workflow.
fn gates_of(plan: &Plan, workflow: &str, written: &[String]) -> Result<Vec<GateId>, Refusal> {
    check_length("gates", written.len())?;
    let mut gates: Vec<GateId> = Vec::new();
    for gate in written {
        let id = plan.resolve_gate(gate)?;
        let Some(gate) = plan.gate(id) else { continue };
        if gate.retired.is_some() {
            let words = format!("names {id}, which was retired");
            return Err(Refusal::field("gates", words).next("gate list"));
        }
        let is_own =
            matches!(&gate.scope, GateScope::Workflow(name) if name.to_lowercase() == workflow);
        if !is_own {
            let words = format!("names {id}, which does not stand in front of workflow {workflow}");
            let next = format!("gate define --gate {id} --workflow {workflow}");
            return Err(Refusal::field("gates", words).next(next));
        }
        if !gates.contains(&id) {
            gates.push(id);
        }
    }
    Ok(gates)
}

fn sign_offs_of(plan: &Plan, written: &[Text]) -> Result<Vec<Text>, Refusal> {
    check_length("sign_offs", written.len())?;
    let mut roles: Vec<Text> = Vec::new();
    for role in written {
        let role = role_of(plan, role)?;
        check_once("sign_offs", &role, roles.iter())?;
        roles.push(role);
    }
    Ok(roles)
}

fn criteria_of(plan: &Plan, written: &[NewSuccess]) -> Result<Vec<SuccessCriterion>, Refusal> {
    check_length("criteria", written.len())?;
    let mut criteria: Vec<SuccessCriterion> = Vec::new();
    for criterion in written {
        let name = text::required_line("criteria.name", &criterion.name)?;
        check_once("criteria.name", &name, criteria.iter().map(|it| &it.name))?;
        let check = match &criterion.check {
            NewSuccessCheck::Measured(measure) => SuccessCheck::Measured(measure_of(measure)?),
            NewSuccessCheck::Attested { role } => SuccessCheck::Attested(match role.trim() {
                "" => None,
                role => Some(role_of(plan, role)?),
            }),
        };
        criteria.push(SuccessCriterion { name, check });
    }
    Ok(criteria)
}

fn phases_of(plan: &Plan, written: &[Text]) -> Result<Vec<Text>, Refusal> {
    check_length("phases", written.len())?;
    let mut phases: Vec<Text> = Vec::new();
    for phase in written {
        let id: Text = plan.phase_id(plan.resolve_phase(phase)?).into();
        if !phases.contains(&id) {
            phases.push(id);
        }
    }
    Ok(phases)
}

/// The workflow that comes after this one: there, not retired, and with no way back to this one.
fn next_of(plan: &Plan, workflow: &Text, written: Option<&str>) -> Result<Option<Text>, Refusal> {
    let written = written.map_or("", str::trim);
    if written.is_empty() {
        return Ok(None);
    }
    let itself = written.to_lowercase() == **workflow;
    let next = if itself {
        workflow.clone()
    } else {
        let found = plan.resolve_workflow(written)?;
        if found.retired.is_some() {
            let words = format!("names {}, which was retired", found.slug);
            return Err(Refusal::field("next", words).next("workflow list"));
        }
        found.slug.clone()
    };
    let mut line = vec![workflow.clone()];
    let mut ahead = Some(next.clone());
    // Those that are defined form no circle, so that this comes to an end.
    while let Some(slug) = ahead {
        line.push(slug.clone());
        if slug == *workflow {
            let circle = line.join(" -> ");
            return Err(Refusal::new(
                Reason::Cycle,
                format!("workflows would come after themselves: {circle}; leave one of these out"),
            )
            .item("next", circle));
        }
        ahead = plan
            .workflow(&slug)
            .and_then(|workflow| workflow.definition.next.clone());
    }
    Ok(Some(next))
}

pub fn retire(bench: &mut Bench<'_>, workflow: &str, reason: &str) -> Result<(), Refusal> {
    let found = bench.plan.resolve_workflow(workflow)?;
    let slug = found.slug.clone();
    let reason = text::required_long("reason", reason)?;
    if found.retired.is_some() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{slug} is retired already; there is nothing to do"),
        )
        .next("workflow list"));
    }
    let newest = found
        .newest_run
        .and_then(|run| bench.plan.workflow_run(run));
    if let Some(run) = newest.filter(|run| run.status.is_open()) {
        let status = run.status.as_str();
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{} of {slug} is {status}; it must end before", run.id),
        )
        .item(run.id, status)
        .next(format!("workflow show {slug}")));
    }
    bench.record(WorkflowRetired {
        workflow: slug,
        reason,
    });
    Ok(())
}
