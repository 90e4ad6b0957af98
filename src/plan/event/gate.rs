//! Events of quality gates and of the metrics they are judged by.

use serde::{Deserialize, Serialize};

use super::super::decimal::Decimal;
use super::super::id::{GateId, GateRunId, TaskId};
use super::super::time::Timestamp;
use super::Text;

/// What a gate stands in front of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateScope {
    /// The closing of a phase, by its written id.
    Phase(Text),
    /// A deployment, by a name of its own.
    Deployment(Text),
    /// A workflow, by a name of its own.
    Workflow(Text),
    /// The project as a whole.
    Project,
    /// Nothing; it is run every day.
    Daily,
    /// The completion of the tasks it selects.
    Completion(Selection),
}

/// Which tasks: those that fit everything that is stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// Of this phase, by its written id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Text>,
    /// Of this area, whatever its case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Text>,
    /// That fall to this role, by slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
    /// One of these; none = any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskId>,
}

/// How a number must stand to its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Below it.
    Lt,
    /// Below it or equal.
    Le,
    /// Above it.
    Gt,
    /// Above it or equal.
    Ge,
    /// Equal to it.
    Eq,
}

impl Comparison {
    /// Whether a value stands so to the threshold.
    pub fn holds(self, value: &Decimal, threshold: &Decimal) -> bool {
        match self {
            Self::Lt => value < threshold,
            Self::Le => value <= threshold,
            Self::Gt => value > threshold,
            Self::Ge => value >= threshold,
            Self::Eq => value == threshold,
        }
    }

    /// The sign people write.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Eq => "=",
        }
    }
}

/// A metric and what it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The metric's name.
    pub metric: Text,
    /// How it must stand to the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: Decimal,
}

/// What the plan itself can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Derived {
    /// No open blocker is critical.
    NoCriticalBlocker,
    /// No blocker is open.
    NoOpenBlocker,
    /// Every task is completed or cancelled; none is deferred.
    AllTasksCompleted,
    /// No discovered task waits for triage.
    NothingUntriaged,
    /// Every success criterion of the phases is met.
    AllCriteriaMet,
    /// Every deliverable is accepted.
    AllDeliverablesAccepted,
    /// Every integration point is tested, or was dropped with what was to meet there.
    AllIntegrationTested,
}

impl Derived {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NoCriticalBlocker,
        Self::NoOpenBlocker,
        Self::AllTasksCompleted,
        Self::NothingUntriaged,
        Self::AllCriteriaMet,
        Self::AllDeliverablesAccepted,
        Self::AllIntegrationTested,
    ];
}

/// How a criterion is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CriterionCheck {
    /// A coordinator says so, or an agent of the role if one is named (by slug).
    Attested(Option<Text>),
    /// A reported metric is compared.
    Metric(Measure),
    /// A command of the daemon's configuration ends with exit code 0; a number read from its output is
    /// compared too where something is asked of it.
    Command {
        /// Its name in the configuration.
        command: Text,
        /// What is asked of the number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measure: Option<Measure>,
    },
    /// An agent of one of these roles (by slug) signs, or a coordinator; never an author.
    Approval(Vec<Text>),
    /// The plan tells.
    Derived(Derived),
}

/// One thing that a gate asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateCriterion {
    /// Its name within the gate.
    pub name: Text,
    /// The gate does not pass without it.
    pub must_pass: bool,
    /// How it is judged.
    pub check: CriterionCheck,
}

/// See [`Event::GateDefined`](super::Event::GateDefined).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateDefined {
    /// The gate; one that is known is defined anew.
    pub gate: GateId,
    /// Its name.
    pub name: Text,
    /// What it stands in front of.
    pub scope: GateScope,
    /// What it asks for, numbered from 1.
    pub criteria: Vec<GateCriterion>,
}

/// See [`Event::GateRetired`](super::Event::GateRetired).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRetired {
    /// The gate.
    pub gate: GateId,
    /// Why.
    pub reason: Text,
}

/// What made a gate run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunTrigger {
    /// Somebody asked.
    Asked,
    /// The last task of its phase became terminal.
    PhaseDone,
    /// The work of a workflow's run is done.
    WorkDone,
    /// The last open task of the project became terminal.
    ProjectDone,
}

/// How one criterion came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionOutcome {
    /// The criterion's number within the gate, from 1.
    pub criterion: u32,
    /// Whether it holds.
    pub passed: bool,
    /// The value it was judged by, if a number was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub evidence: Text,
}

/// See [`Event::GateRunStarted`](super::Event::GateRunStarted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRunStarted {
    /// The run.
    pub run: GateRunId,
    /// The gate.
    pub gate: GateId,
    /// What made it run.
    pub trigger: RunTrigger,
    /// The state of the work it is about, as whoever asked named it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub commit: Text,
    /// What was known at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<CriterionOutcome>,
}

/// See [`Event::GateResultRecorded`](super::Event::GateResultRecorded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateResultRecorded {
    /// The run.
    pub run: GateRunId,
    /// How the criterion came out.
    pub outcome: CriterionOutcome,
    /// The state of the work, as a command read it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub commit: Text,
}

/// See [`Event::GateRunSettled`](super::Event::GateRunSettled).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRunSettled {
    /// The run.
    pub run: GateRunId,
    /// Whether the gate passed.
    pub passed: bool,
}

/// See [`Event::GateWaived`](super::Event::GateWaived).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateWaived {
    /// The run.
    pub run: GateRunId,
    /// Why it may be.
    pub reason: Text,
    /// Until when it holds.
    pub until: Timestamp,
}

/// See [`Event::GateWaiverExpired`](super::Event::GateWaiverExpired).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateWaiverExpired {
    /// The run.
    pub run: GateRunId,
}

/// See [`Event::MetricReported`](super::Event::MetricReported).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricReported {
    /// The metric's name.
    pub metric: Text,
    /// Its value.
    pub value: Decimal,
    /// What shows it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub evidence: Text,
}

/// A command that ran before a task was completed, and how it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionCheck {
    /// The gate that asks for it.
    pub gate: GateId,
    /// The command's name.
    pub command: Text,
    /// How it came out.
    pub outcome: CriterionOutcome,
}
