//! Quality gates: defined and retired, run, judged by what people, metrics, commands and the plan say,
//! waived for a while. What was said about a settled run is never taken.

mod define;
mod judge;
mod run;
mod say;

pub use define::{define, measure_of, retire};
pub use judge::judge_command;
pub use run::{begin, expire_waiver, run, run_phase_gates, waive};
pub use say::{approve, attest, command_result, report_metric};

use super::super::decimal::Decimal;
use super::super::event::{Comparison, Derived, Text};
use super::super::id::GateId;

#[cfg(test)]
use serde::{Deserialize, Serialize};

/// A gate to define, as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewGate {
    /// The gate to define anew, by id or name; empty = a new one.
    pub gate: String,
    /// Its name; empty with `gate` = as it was.
    pub name: String,
    /// What it stands in front of; none with `gate` = as it was.
    pub scope: Option<NewScope>,
    /// What it asks for.
    pub criteria: Vec<NewCriterion>,
}

/// What a gate stands in front of, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum NewScope {
    /// The closing of a phase.
    Phase(String),
    /// A deployment.
    Deployment(String),
    /// A workflow.
    Workflow(String),
    /// The project.
    Project,
    /// Nothing; it is run every day.
    Daily,
    /// The completion of tasks: of a phase, an area, a role, or named; empty = any.
    Completion {
        /// The phase.
        phase: String,
        /// The area.
        area: String,
        /// The role.
        role: String,
        /// The tasks.
        tasks: Vec<String>,
    },
}

/// A criterion, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewCriterion {
    /// Its name within the gate.
    pub name: String,
    /// The gate may pass without it.
    pub advisory: bool,
    /// How it is judged.
    pub check: NewCheck,
}

/// How a criterion is judged, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum NewCheck {
    /// Somebody says so; empty = a coordinator alone.
    Attested {
        /// The role whose agents may say so too.
        role: String,
    },
    /// A metric is compared.
    Metric(NewMeasure),
    /// A command is run, and a number of its output compared.
    Command {
        /// Its name in the daemon's configuration.
        command: String,
        /// What is asked of the number.
        measure: Option<NewMeasure>,
    },
    /// Somebody of these roles signs, or a coordinator.
    Approval {
        /// The roles.
        may_approve: Vec<String>,
    },
    /// The plan tells.
    Derived(Derived),
}

/// A metric and what it must be, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewMeasure {
    /// The metric's name.
    pub metric: String,
    /// How it must stand to the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: String,
}

/// How a command of the daemon's configuration ended: a fact that the daemon brings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct CommandOutcome {
    /// It ended with exit code 0.
    pub succeeded: bool,
    /// How it ended, in words: `exit code 1`, `killed after 60000 ms`.
    pub ended: Text,
    /// The number read from its output, if one was looked for and found.
    pub number: Option<Decimal>,
    /// The end of its output.
    pub output: Text,
}

/// A command that was run for a completion.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct CompletionResult {
    /// The gate that asks for it.
    pub gate: GateId,
    /// The criterion's number within the gate, from 1.
    pub criterion: u32,
    /// The command that was run.
    pub command: Text,
    /// How it ended.
    pub outcome: CommandOutcome,
}
