//! Runs: opened by a coordinator or by the run before, found done where no phases tell, ended by hand.

use super::super::super::bench::Bench;
use super::super::super::event::{
    DeliverableAdded, Home, RunStep, WorkflowInputProvided, WorkflowRunConfirmed, WorkflowRunMoved,
    WorkflowRunStarted,
};
use super::super::super::id::{DeliverableId, WorkflowRunId};
use super::super::super::model::{DeliverableStatus, WorkflowRun, WorkflowRunStatus};
use super::super::super::refusal::{Reason, Refusal};
use super::super::super::state::Plan;
use super::super::{deliverable, text};
use super::RunToEnd;

/// Runs a project may have.
const RUNS_MAX: usize = 10_000;

pub fn start(bench: &mut Bench<'_>, written: &str, restart: bool) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let workflow = plan.resolve_workflow(written)?;
    let slug = workflow.slug.clone();
    let newest = workflow.newest_run.and_then(|run| plan.workflow_run(run));
    if let Some(run) = newest.filter(|run| run.status.is_open()) {
        // Whoever asks again is told of the run there is.
        let (id, version) = (run.id, run.opened_version);
        if run.confirmed {
            bench.repeats = Some(version);
        } else {
            bench.record(WorkflowRunConfirmed { run: id });
        }
        return Ok(());
    }
    if workflow.retired.is_some() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{slug} was retired; define it again before it is started"),
        )
        .next("workflow list"));
    }
    let completed = newest.filter(|run| run.status == WorkflowRunStatus::Completed);
    if let Some(run) = completed.filter(|_| !restart) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!(
                "{slug} was completed as {}; say that it is to run once more if that is meant",
                run.id
            ),
        )
        .item(run.id, "completed")
        .next(format!("workflow start {slug} --restart")));
    }
    if plan.workflow_runs.len() >= RUNS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the project has {RUNS_MAX} runs of workflows, which is the limit"),
        )
        .fact("limit", RUNS_MAX));
    }
    deliverable::room_for(plan, workflow.definition.outputs.len())?;
    open(bench, &slug, None, true);
    Ok(())
}

/// Opens a run with a deliverable for each output. What the run before it left unaccepted stands for the
/// output of the same name.
pub(super) fn open(
    bench: &mut Bench<'_>,
    slug: &str,
    after: Option<WorkflowRunId>,
    confirmed: bool,
) {
    let Some(workflow) = bench.plan.workflows.get(slug).cloned() else {
        return;
    };
    let left = workflow
        .newest_run
        .and_then(|run| bench.plan.workflow_run(run));
    let left: Vec<DeliverableId> = left.map_or_else(Vec::new, |run| run.outputs.to_vec());
    let mut outputs = Vec::new();
    for output in &workflow.definition.outputs {
        let again = left.iter().copied().find(|id| {
            bench.plan.deliverable(*id).is_some_and(|it| {
                it.name == output.name
                    && it.status != DeliverableStatus::Accepted
                    && it.workflow == workflow.slug
                    && it.acceptance[..] == output.acceptance[..]
            })
        });
        let id = again.unwrap_or_else(|| {
            let id = deliverable::next_id(&bench.plan);
            bench.record(DeliverableAdded {
                deliverable: id,
                name: output.name.clone(),
                uri: "".into(),
                home: Home {
                    workflow: workflow.slug.clone(),
                    ..Home::default()
                },
                acceptance: output.acceptance.clone(),
            });
            id
        });
        outputs.push(id);
    }
    let run = next_run(&bench.plan);
    bench.record(WorkflowRunStarted {
        run,
        workflow: workflow.slug.clone(),
        after,
        confirmed,
        outputs,
    });
    carry_over(bench, run);
}

fn next_run(plan: &Plan) -> WorkflowRunId {
    WorkflowRunId(plan.workflow_runs.last().map_or(1, |(id, _)| id.0 + 1))
}

/// Inputs that are called like an output of the run before are supplied by it.
fn carry_over(bench: &mut Bench<'_>, id: WorkflowRunId) {
    let plan = &bench.plan;
    let Some(run) = plan.workflow_run(id) else {
        return;
    };
    let Some(before) = run.after.and_then(|before| plan.workflow_run(before)) else {
        return;
    };
    let mut carried = Vec::new();
    for input in &run.definition.inputs {
        let outputs = before.outputs.iter().filter_map(|id| plan.deliverable(*id));
        let mut outputs = outputs.filter(|it| it.name.to_lowercase() == input.name.to_lowercase());
        let Some(output) = outputs.next() else {
            continue;
        };
        let submission = output.submission.as_ref();
        let artefact = submission.map_or("", |submission| &submission.artefact);
        carried.push(WorkflowInputProvided {
            run: id,
            input: input.name.clone(),
            value: format!("{} of {}: {artefact}", output.id, before.id).into(),
            carried: true,
        });
    }
    for input in carried {
        bench.record(input);
    }
}

/// The run, while it can still go on.
pub(super) fn open_run<'a>(
    plan: &'a Plan,
    written: &str,
    step: &str,
) -> Result<&'a WorkflowRun, Refusal> {
    let run = plan.resolve_workflow_run(written)?;
    if run.status.is_open() {
        return Ok(run);
    }
    let status = run.status.as_str();
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!(
            "{} of {} is {status} and can no longer be {step}",
            run.id, run.workflow
        ),
    )
    .item(run.id, status)
    .next(format!("workflow show {}", run.workflow)))
}

/// The step does not exist from where an open run stands.
pub(super) fn illegal(run: &WorkflowRun, why: &str) -> Refusal {
    let status = run.status.as_str();
    Refusal::new(
        Reason::IllegalTransition,
        format!("{} of {} is {status}; {why}", run.id, run.workflow),
    )
    .item(run.id, status)
    .next(format!("workflow show {}", run.workflow))
}

/// Says that the work of a run is done which names no phases.
pub fn finish(bench: &mut Bench<'_>, written: &str, note: &str) -> Result<(), Refusal> {
    let run = open_run(&bench.plan, written, "finished")?;
    let note = text::required_long("note", note)?;
    let id = run.id;
    if !run.definition.phases.is_empty() {
        let phases = run.definition.phases.join(", ");
        let why = format!("its work is done with phase {phases}, and not on a word");
        return Err(illegal(run, &why));
    }
    if run.status != WorkflowRunStatus::Running {
        return Err(illegal(run, "its work is found done while it is running"));
    }
    bench.record(WorkflowRunMoved {
        run: id,
        to: RunStep::Gating,
        note,
    });
    Ok(())
}

pub fn end(bench: &mut Bench<'_>, end: &RunToEnd) -> Result<(), Refusal> {
    let step = if end.failed { "failed" } else { "cancelled" };
    let id = open_run(&bench.plan, &end.run, step)?.id;
    let note = text::required_long("reason", &end.reason)?;
    bench.record(WorkflowRunMoved {
        run: id,
        to: if end.failed {
            RunStep::Failed
        } else {
            RunStep::Cancelled
        },
        note,
    });
    Ok(())
}
