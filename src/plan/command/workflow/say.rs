//! What people say about a run: what they supply, whether a criterion holds, that it is signed off.

use super::super::super::bench::Bench;
use super::super::super::event::{
    SuccessCheck, Text, WorkflowCriterionAttested, WorkflowInputProvided, WorkflowSigned,
};
use super::super::super::fact::Actor;
use super::super::super::model::{WorkflowRun, WorkflowRunStatus};
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::state::{Plan, clipped};
use super::super::super::workflow::COORDINATOR;
use super::super::queue::settle_session;
use super::super::text;
use super::run::{illegal, open_run};
use super::{CriterionToAttest, InputToProvide, RunToSign};

pub fn provide(bench: &mut Bench<'_>, provided: &InputToProvide) -> Result<(), Refusal> {
    let run = open_run(&bench.plan, &provided.run, "supplied with anything")?;
    let wanted = provided.input.trim().to_lowercase();
    let mut inputs = run.definition.inputs.iter();
    let Some(input) = inputs.find(|input| input.name.to_lowercase() == wanted) else {
        let known: Vec<&str> = run.definition.inputs.iter().map(|it| &*it.name).collect();
        let words = match &known[..] {
            [] => format!("is asked for by nothing: {} has no inputs", run.workflow),
            known => format!(
                "`{}` is none that {} asks for; it has {}",
                clipped(provided.input.trim()),
                run.workflow,
                known.join(", ")
            ),
        };
        return Err(Refusal::field("input", words).next(format!("workflow show {}", run.workflow)));
    };
    if run.status == WorkflowRunStatus::Gating {
        return Err(illegal(
            run,
            "its work is done, and nothing is supplied to it",
        ));
    }
    let event = WorkflowInputProvided {
        run: run.id,
        input: input.name.clone(),
        value: text::required_long("value", &provided.value)?,
        carried: false,
    };
    bench.record(event);
    Ok(())
}

fn not_allowed(message: String) -> Refusal {
    Refusal::new(Reason::NotAllowed, message)
}

pub fn attest(bench: &mut Bench<'_>, said: &CriterionToAttest) -> Result<(), Refusal> {
    let run = open_run(&bench.plan, &said.run, "judged")?;
    let evidence = text::required_long("evidence", &said.evidence)?;
    let wanted = said.criterion.trim();
    let by_number = wanted.parse::<u32>().ok();
    let found = run.each_criterion().find(|(number, criterion, _)| {
        by_number == Some(*number) || criterion.name.to_lowercase() == wanted.to_lowercase()
    });
    let Some((number, criterion, _)) = found else {
        return Err(Refusal::new(
            Reason::CriterionNotFound,
            format!(
                "{} has {} success criteria, and no `{}`",
                run.workflow,
                run.definition.criteria.len(),
                clipped(wanted)
            ),
        )
        .next(format!("workflow show {}", run.workflow)));
    };
    let role = match &criterion.check {
        SuccessCheck::Attested(role) => role,
        SuccessCheck::Measured(measure) => {
            return Err(Refusal::new(
                Reason::IllegalTransition,
                format!(
                    "criterion {number} ({}) of {} is measured; report the metric",
                    criterion.name, run.workflow
                ),
            )
            .next(format!("gate metric {} VALUE", measure.metric)));
        }
    };
    if !matches!(
        run.status,
        WorkflowRunStatus::Running | WorkflowRunStatus::Gating
    ) {
        return Err(illegal(run, "what it reached is judged once it runs"));
    }
    if let Some(agent) = bench.facts.actor.agent() {
        let may = role
            .as_ref()
            .is_some_and(|role| bench.plan.has_role(agent, role));
        if !may {
            let whom = role.as_deref().map_or_else(
                || "a coordinator alone".to_owned(),
                |role| format!("a coordinator or an agent of the role {role}"),
            );
            return Err(not_allowed(format!(
                "criterion {number} of {} is attested by {whom}; ask one",
                run.workflow
            )));
        }
    }
    let event = WorkflowCriterionAttested {
        run: run.id,
        criterion: number,
        holds: said.holds,
        evidence,
    };
    settle_session(bench);
    bench.record(event);
    Ok(())
}

pub fn sign(bench: &mut Bench<'_>, said: &RunToSign) -> Result<(), Refusal> {
    let run = open_run(&bench.plan, &said.run, "signed")?;
    let note = if said.approved {
        text::long("note", &said.note)?
    } else {
        text::required_long("note", &said.note)?
    };
    let actor = &bench.facts.actor;
    let role = role_to_sign(&bench.plan, run, actor, &said.role)?;
    if run.status != WorkflowRunStatus::Gating {
        return Err(illegal(run, "it is signed once its work is done"));
    }
    let signed = run.each_signature().find(|(asked, _)| **asked == role);
    if signed.is_some_and(|(_, signature)| signature.is_some_and(|it| it.approved)) {
        let why = format!("it is signed for {role} already");
        return Err(illegal(run, &why));
    }
    if bench.plan.worked_in(run, actor) {
        return Err(not_allowed(format!(
            "you worked in {} of {}; somebody who did not must sign it",
            run.id, run.workflow
        )));
    }
    let event = WorkflowSigned {
        run: run.id,
        role,
        approved: said.approved,
        note,
    };
    settle_session(bench);
    bench.record(event);
    Ok(())
}

/// The role that the actor signs for: as written, else the first it may sign for that nobody signed for.
fn role_to_sign(
    plan: &Plan,
    run: &WorkflowRun,
    actor: &Actor,
    written: &str,
) -> Result<Text, Refusal> {
    let may = |role: &Text| match actor.agent() {
        Some(agent) => plan.has_role(agent, role),
        None => **role == *COORDINATOR,
    };
    let roles = &run.definition.sign_offs;
    if roles.is_empty() {
        return Err(illegal(run, "nobody signs it"));
    }
    let listed = roles.join(", ");
    if written.trim().is_empty() {
        let own: Vec<(&Text, bool)> = run
            .each_signature()
            .filter(|(role, _)| may(role))
            .map(|(role, signature)| (role, signature.is_some_and(|it| it.approved)))
            .collect();
        let open = own.iter().find(|(_, signed)| !signed).or(own.first());
        return open.map(|(role, _)| (*role).clone()).ok_or_else(|| {
            not_allowed(format!(
                "{} is signed by an agent of {listed}; ask one",
                run.workflow
            ))
        });
    }
    let role: Text = plan.role_slug(Some(plan.resolve_role(written)?)).into();
    if !roles.contains(&role) {
        let words = format!(
            "is {role}, which does not sign {}; {listed} do",
            run.workflow
        );
        return Err(Refusal::field("role", words));
    }
    if !may(&role) {
        let who = if *role == *COORDINATOR {
            "a coordinator".to_owned()
        } else {
            format!("an agent of the role {role}")
        };
        return Err(not_allowed(format!(
            "{} is signed for {role} by {who}; ask one",
            run.workflow
        )));
    }
    Ok(role)
}
