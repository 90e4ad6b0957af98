//! Workflows: defined and retired, started, supplied with what they ask for, signed, ended; and what follows by
//! itself in the append of the last thing that was missing.

mod advance;
mod define;
mod run;
mod say;

pub use advance::advance;
pub use define::{define, retire};
pub use run::{end, finish, start};
pub use say::{attest, provide, sign};

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::event::WorkflowDefinition;
use super::NewMeasure;

/// A workflow to define, as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewWorkflow {
    /// Its slug; one that is known is defined anew.
    pub workflow: String,
    /// What it is, roles, phases and the next workflow as people write them; its gates and criteria stand
    /// beside it.
    pub words: WorkflowDefinition,
    /// Gates in front of its completion, by id or name.
    pub gates: Vec<String>,
    /// What must hold.
    pub criteria: Vec<NewSuccess>,
}

/// A success criterion, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewSuccess {
    /// What must hold, in words.
    pub name: String,
    /// How it is judged.
    pub check: NewSuccessCheck,
}

/// How a success criterion is judged, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum NewSuccessCheck {
    /// A metric is compared.
    Measured(NewMeasure),
    /// Somebody says so; an empty role = a coordinator alone.
    Attested {
        /// The role whose agents may say so too.
        role: String,
    },
}

/// Something supplied to a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct InputToProvide {
    /// The run, or a workflow's slug for its newest.
    pub run: String,
    /// The input's name.
    pub input: String,
    /// What is supplied.
    pub value: String,
}

/// Whether a success criterion of a run holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct CriterionToAttest {
    /// The run, or a workflow's slug for its newest.
    pub run: String,
    /// The criterion, a number from 1 or its name.
    pub criterion: String,
    /// Whether it holds.
    pub holds: bool,
    /// What shows it.
    pub evidence: String,
}

/// A signature under a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct RunToSign {
    /// The run, or a workflow's slug for its newest.
    pub run: String,
    /// The role that is signed for; empty = the only one the actor may sign for.
    pub role: String,
    /// Whether it is signed off.
    pub approved: bool,
    /// What was looked at, or what is missing.
    pub note: String,
}

/// The end of a run on a coordinator's word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct RunToEnd {
    /// The run, or a workflow's slug for its newest.
    pub run: String,
    /// It failed, instead of being given up.
    pub failed: bool,
    /// Why.
    pub reason: String,
}
