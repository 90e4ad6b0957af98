//! What workflows and their runs do to a plan. What was said about the work of a run holds no more once that
//! work is open again.

use std::sync::Arc;

use super::super::event::{
    MeasuredValue, RunStep, Text, WorkflowCriterionAttested, WorkflowDefined,
    WorkflowInputProvided, WorkflowRetired, WorkflowRunCompleted, WorkflowRunConfirmed,
    WorkflowRunMoved, WorkflowRunStarted, WorkflowSigned,
};
use super::super::fact::Actor;
use super::super::id::{GateRunId, WorkflowRunId};
use super::super::model::{
    ProvidedInput, RunEnd, Signature, SuccessAttestation, Workflow, WorkflowRun, WorkflowRunStatus,
};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

impl Plan {
    pub(super) fn workflow_defined(
        &mut self,
        event: &WorkflowDefined,
        at: Timestamp,
        actor: &Actor,
    ) {
        let before = self.workflows.get(&event.workflow);
        let workflow = Workflow {
            slug: Arc::clone(&event.workflow),
            definition: Arc::new(event.definition.clone()),
            definitions: before.map_or(0, |before| before.definitions) + 1,
            newest_run: before.and_then(|before| before.newest_run),
            retired: None,
            defined_by: actor.clone(),
            defined_at: at,
            revision: self.version,
        };
        self.workflows
            .insert(Arc::clone(&event.workflow), Arc::new(workflow));
    }

    pub(super) fn workflow_retired(&mut self, event: &WorkflowRetired) {
        let version = self.version;
        edit(&mut self.workflows, &event.workflow, |workflow| {
            workflow.retired = Some(Arc::clone(&event.reason));
            workflow.revision = version;
        });
    }

    pub(super) fn workflow_run_started(
        &mut self,
        event: &WorkflowRunStarted,
        at: Timestamp,
        actor: &Actor,
    ) {
        let Some(workflow) = self.workflows.get(&event.workflow).cloned() else {
            return;
        };
        let definition = Arc::clone(&workflow.definition);
        let run = WorkflowRun {
            id: event.run,
            workflow: Arc::clone(&event.workflow),
            definition_number: workflow.definitions,
            after: event.after,
            status: WorkflowRunStatus::Pending,
            confirmed: event.confirmed,
            outputs: event.outputs.clone().into(),
            inputs: Box::default(),
            attested: vec![None; definition.criteria.len()].into(),
            signatures: vec![None; definition.sign_offs.len()].into(),
            warning: "".into(),
            finished: "".into(),
            opened_by: actor.clone(),
            opened_at: at,
            opened_version: self.version,
            started_at: None,
            since: at,
            end: None,
            revision: self.version,
            definition,
        };
        self.workflow_runs.insert(event.run, Arc::new(run));
        self.index.open_workflow_runs.insert(event.run);
        let version = self.version;
        edit(&mut self.workflows, &event.workflow, |workflow| {
            workflow.newest_run = Some(event.run);
            workflow.revision = version;
        });
    }

    fn edit_workflow_run(&mut self, id: WorkflowRunId, change: impl FnOnce(&mut WorkflowRun)) {
        let version = self.version;
        edit(&mut self.workflow_runs, &id, |run| {
            run.revision = version;
            change(run);
        });
    }

    pub(super) fn workflow_run_confirmed(&mut self, event: &WorkflowRunConfirmed) {
        self.edit_workflow_run(event.run, |run| run.confirmed = true);
    }

    pub(super) fn workflow_input_provided(
        &mut self,
        event: &WorkflowInputProvided,
        at: Timestamp,
        actor: &Actor,
    ) {
        let provided = ProvidedInput {
            input: Arc::clone(&event.input),
            value: Arc::clone(&event.value),
            carried: event.carried,
            by: actor.clone(),
            at,
        };
        self.edit_workflow_run(event.run, |run| {
            let others = run.inputs.iter().filter(|it| it.input != event.input);
            run.inputs = others.cloned().chain([provided]).collect();
        });
    }

    pub(super) fn workflow_run_moved(
        &mut self,
        event: &WorkflowRunMoved,
        at: Timestamp,
        actor: &Actor,
    ) {
        let was_gating = self
            .workflow_runs
            .get(&event.run)
            .is_some_and(|run| run.status == WorkflowRunStatus::Gating);
        let status = match event.to {
            RunStep::WaitingInput => WorkflowRunStatus::WaitingInput,
            RunStep::Running => WorkflowRunStatus::Running,
            RunStep::Gating => WorkflowRunStatus::Gating,
            RunStep::Failed => WorkflowRunStatus::Failed,
            RunStep::Cancelled => WorkflowRunStatus::Cancelled,
        };
        let run = self
            .workflow_runs
            .get(&event.run)
            .filter(|_| !status.is_open());
        let values = run.map_or_else(Vec::new, |run| self.measured_values(run));
        self.edit_workflow_run(event.run, |run| {
            run.status = status;
            run.since = at;
            match event.to {
                RunStep::WaitingInput => {}
                RunStep::Running if was_gating => {
                    // What was signed is no longer what there is.
                    run.signatures = vec![None; run.signatures.len()].into();
                }
                RunStep::Running => {
                    run.started_at = Some(at);
                    run.warning = Arc::clone(&event.note);
                }
                RunStep::Gating => run.finished = Arc::clone(&event.note),
                RunStep::Failed | RunStep::Cancelled => {
                    run.end = Some(ended(at, actor, &event.note, &values));
                }
            }
        });
        if was_gating || event.to == RunStep::Gating {
            self.workflow_gates_are_stale(event.run);
        }
        if !status.is_open() {
            self.index.open_workflow_runs.remove(&event.run);
        }
    }

    /// What the gates of a run were judged by has changed.
    fn workflow_gates_are_stale(&mut self, id: WorkflowRunId) {
        let Some(run) = self.workflow_runs.get(&id).cloned() else {
            return;
        };
        let newest = self.gates_of_run(&run).filter_map(|gate| gate.newest_run());
        let newest: Vec<GateRunId> = newest.collect();
        for gate_run in newest {
            self.run_is_stale(Some(gate_run));
        }
    }

    pub(super) fn workflow_criterion_attested(
        &mut self,
        event: &WorkflowCriterionAttested,
        at: Timestamp,
        actor: &Actor,
    ) {
        let place = (event.criterion as usize).saturating_sub(1);
        let attestation = SuccessAttestation {
            holds: event.holds,
            evidence: Arc::clone(&event.evidence),
            by: actor.clone(),
            at,
        };
        self.edit_workflow_run(event.run, |run| {
            if let Some(slot) = run.attested.get_mut(place) {
                *slot = Some(attestation);
            }
        });
    }

    pub(super) fn workflow_signed(&mut self, event: &WorkflowSigned, at: Timestamp, actor: &Actor) {
        let signature = Signature {
            approved: event.approved,
            note: Arc::clone(&event.note),
            by: actor.clone(),
            at,
            version: self.version,
        };
        self.edit_workflow_run(event.run, |run| {
            let roles = &run.definition.sign_offs;
            let place = roles.iter().position(|role| *role == event.role);
            if let Some(slot) = place.and_then(|place| run.signatures.get_mut(place)) {
                *slot = Some(signature);
            }
        });
    }

    pub(super) fn workflow_run_completed(
        &mut self,
        event: &WorkflowRunCompleted,
        at: Timestamp,
        actor: &Actor,
    ) {
        self.edit_workflow_run(event.run, |run| {
            run.status = WorkflowRunStatus::Completed;
            run.since = at;
            run.end = Some(ended(at, actor, &"".into(), &event.values));
        });
        self.index.open_workflow_runs.remove(&event.run);
    }
}

fn ended(at: Timestamp, actor: &Actor, reason: &Text, values: &[MeasuredValue]) -> RunEnd {
    RunEnd {
        by: actor.clone(),
        at,
        reason: Arc::clone(reason),
        values: values.into(),
    }
}
