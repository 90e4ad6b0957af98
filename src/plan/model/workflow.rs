//! Workflows and their runs. A run keeps the definition it began with, whatever becomes of the workflow.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::event::{MeasuredValue, SuccessCriterion, Text, WorkflowDefinition};
use super::super::fact::Actor;
use super::super::id::{DeliverableId, WorkflowRunId};
use super::super::time::Timestamp;

/// Work with an objective that can be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// Its slug.
    pub slug: Text,
    /// All that it is.
    pub definition: Arc<WorkflowDefinition>,
    /// How often it was defined.
    pub definitions: u32,
    /// Its newest run.
    pub newest_run: Option<WorkflowRunId>,
    /// Why it is started no more.
    pub retired: Option<Text>,
    /// Who defined it last.
    pub defined_by: Actor,
    /// When.
    pub defined_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowRunStatus {
    /// It waits for a coordinator's word to go on.
    Pending,
    /// It waits for inputs or for people.
    WaitingInput,
    /// Its work is under way.
    Running,
    /// Its work is done; outputs, gates, signatures or criteria are missing.
    Gating,
    /// It reached all it was for.
    Completed,
    /// It did not, as a coordinator said.
    Failed,
    /// A coordinator gave it up.
    Cancelled,
}

impl WorkflowRunStatus {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::WaitingInput => "waiting_input",
            Self::Running => "running",
            Self::Gating => "gating",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it can still go on.
    pub fn is_open(self) -> bool {
        match self {
            Self::Pending | Self::WaitingInput | Self::Running | Self::Gating => true,
            Self::Completed | Self::Failed | Self::Cancelled => false,
        }
    }
}

/// Something that was supplied to a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvidedInput {
    /// The input's name.
    pub input: Text,
    /// What was supplied.
    pub value: Text,
    /// It is an output of the run before.
    pub carried: bool,
    /// Who supplied it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What somebody said about an attested criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessAttestation {
    /// Whether it holds.
    pub holds: bool,
    /// What shows it.
    pub evidence: Text,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A signature under a run, or the refusal of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whether it is signed off.
    pub approved: bool,
    /// What was looked at, or what is missing.
    pub note: Text,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The version that recorded it.
    pub version: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    /// By whom: who did the last thing it waited for, or the coordinator who said so.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why a coordinator said so; empty of one that is completed.
    pub reason: Text,
    /// What its measured criteria stood at.
    pub values: Box<[MeasuredValue]>,
}

/// One run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowRun {
    /// Its id.
    pub id: WorkflowRunId,
    /// The workflow, by slug.
    pub workflow: Text,
    /// The workflow as it was when the run began.
    pub definition: Arc<WorkflowDefinition>,
    /// Which of its definitions that was, from 1.
    pub definition_number: u32,
    /// The run whose completion brought it about.
    pub after: Option<WorkflowRunId>,
    /// Where it stands.
    pub status: WorkflowRunStatus,
    /// It need not be confirmed any more.
    pub confirmed: bool,
    /// The deliverables that its outputs are, in the order of the definition.
    pub outputs: Box<[DeliverableId]>,
    /// What was supplied.
    pub inputs: Box<[ProvidedInput]>,
    /// What was said about each criterion.
    pub attested: Box<[Option<SuccessAttestation>]>,
    /// The signature of each role that signs.
    pub signatures: Box<[Option<Signature>]>,
    /// What is to be known about how it began, such as who is missing.
    pub warning: Text,
    /// What was said when its work was found done, of a run that names no phases.
    pub finished: Text,
    /// Who opened it.
    pub opened_by: Actor,
    /// When.
    pub opened_at: Timestamp,
    /// At which version.
    pub opened_version: u64,
    /// When its work began for the first time.
    pub started_at: Option<Timestamp>,
    /// Since when it stands where it stands.
    pub since: Timestamp,
    /// How it ended.
    pub end: Option<RunEnd>,
    /// The version that last touched it.
    pub revision: u64,
}

/// A day in milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How far a run is on the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunDay {
    /// The day it is in, from 1.
    pub day: u32,
    /// How many days were planned; none when nothing was.
    pub of: Option<u32>,
}

impl RunDay {
    /// Whether it takes longer than was planned.
    pub fn is_overdue(self) -> bool {
        self.of.is_some_and(|of| self.day > of)
    }
}

impl WorkflowRun {
    /// What was supplied for an input.
    pub fn input(&self, name: &str) -> Option<&ProvidedInput> {
        self.inputs.iter().find(|input| &*input.input == name)
    }

    /// In which day of its work it is at an instant; none before its work began. One that has ended stands
    /// still.
    pub fn day(&self, now: Timestamp) -> Option<RunDay> {
        let until = self.end.as_ref().map_or(now, |end| end.at);
        let passed = until.since_ms(self.started_at?) / DAY_MS;
        Some(RunDay {
            day: u32::try_from(passed).unwrap_or(u32::MAX).saturating_add(1),
            of: self.definition.duration.map(|span| span.days()),
        })
    }

    /// Its criteria with their numbers and what was said about them.
    pub fn each_criterion(
        &self,
    ) -> impl Iterator<Item = (u32, &SuccessCriterion, Option<&SuccessAttestation>)> {
        let said = self.attested.iter().map(Option::as_ref);
        let numbered = (1..).zip(self.definition.criteria.iter()).zip(said);
        numbered.map(|((number, criterion), said)| (number, criterion, said))
    }

    /// The roles that sign it off, each with its signature.
    pub fn each_signature(&self) -> impl Iterator<Item = (&Text, Option<&Signature>)> {
        let signatures = self.signatures.iter().map(Option::as_ref);
        self.definition.sign_offs.iter().zip(signatures)
    }
}
