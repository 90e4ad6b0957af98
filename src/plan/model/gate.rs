//! Quality gates, their runs, and the metrics that agents report.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::decimal::Decimal;
use super::super::event::{GateCriterion, GateScope, RunTrigger, Text};
use super::super::fact::Actor;
use super::super::id::{GateId, GateRunId};
use super::super::time::Timestamp;

/// A quality gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Its id.
    pub id: GateId,
    /// Its name.
    pub name: Text,
    /// What it stands in front of.
    pub scope: GateScope,
    /// What it asks for, numbered from 1.
    pub criteria: Arc<[GateCriterion]>,
    /// Its newest runs, the oldest of them first.
    pub runs: Box<[GateRunId]>,
    /// Why it stands in front of nothing any more.
    pub retired: Option<Text>,
    /// Who defined it.
    pub defined_by: Actor,
    /// When.
    pub defined_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

impl Gate {
    /// Its newest run.
    pub fn newest_run(&self) -> Option<GateRunId> {
        self.runs.last().copied()
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Something is still to be said.
    Pending,
    /// What must pass has passed.
    Passed,
    /// Something that must pass has not.
    Failed,
    /// It failed, and a coordinator lets that pass for a while.
    Waived,
}

/// How a criterion came out, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionResult {
    /// Whether it holds.
    pub passed: bool,
    /// The value it was judged by, if a number was.
    pub value: Option<Decimal>,
    /// What shows it.
    pub evidence: Text,
    /// Who said so.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The version that recorded it.
    pub version: u64,
}

/// A failed run that a coordinator lets pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateWaiver {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Text,
    /// Until when.
    pub until: Timestamp,
    /// That time has come.
    pub expired: bool,
}

/// One run of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRun {
    /// Its id.
    pub id: GateRunId,
    /// The gate.
    pub gate: GateId,
    /// What the gate asked for then.
    pub criteria: Arc<[GateCriterion]>,
    /// How each came out; none = nobody has said.
    pub results: Box<[Option<CriterionResult>]>,
    /// Where it stands.
    pub status: RunStatus,
    /// What it was about has changed since: it counts for nothing.
    pub stale: bool,
    /// What made it run.
    pub trigger: RunTrigger,
    /// Who asked; the daemon for one that ran by itself.
    pub asked_by: Actor,
    /// The state of the work it is about.
    pub commit: Text,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// The waiver.
    pub waiver: Option<GateWaiver>,
    /// The version that last touched it.
    pub revision: u64,
}

impl GateRun {
    /// Whether somebody can still say something that counts.
    pub fn is_pending(&self) -> bool {
        self.status == RunStatus::Pending && !self.stale
    }

    /// Whether it lets pass what its gate stands in front of.
    pub fn holds(&self, now: Timestamp) -> bool {
        let waived = || {
            let waiver = self.waiver.as_ref();
            waiver.is_some_and(|waiver| !waiver.expired && now < waiver.until)
        };
        match self.status {
            RunStatus::Pending | RunStatus::Failed => false,
            RunStatus::Passed => !self.stale,
            RunStatus::Waived => !self.stale && waived(),
        }
    }

    /// Its criteria with their numbers and results.
    pub fn each(&self) -> impl Iterator<Item = (u32, &GateCriterion, Option<&CriterionResult>)> {
        let results = self.results.iter().map(Option::as_ref);
        (1..)
            .zip(self.criteria.iter())
            .zip(results)
            .map(|((number, criterion), result)| (number, criterion, result))
    }
}

/// The last value of something that is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub name: Text,
    /// The value.
    pub value: Decimal,
    /// What shows it.
    pub evidence: Text,
    /// Who reported it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}
