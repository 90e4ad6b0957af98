//! Events of phases.

use serde::{Deserialize, Serialize};

use super::super::window::Window;
use super::Text;

/// The order in which the tasks of a phase are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseOrdering {
    /// By priority, then by how well they fit, then by the longest chain behind them.
    #[default]
    Priority,
    /// As they are written, from top to bottom.
    Table,
}

impl PhaseOrdering {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Table => "table",
        }
    }

    fn is_priority(&self) -> bool {
        *self == Self::Priority
    }
}

/// When a role works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleTime {
    /// Whenever there is work; in a phase this sets aside what the project says.
    Always,
    /// In these days or weeks.
    During(Window),
}

/// See [`Event::PhasesAdded`](super::Event::PhasesAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhasesAdded {
    /// The phases, each placed after the one before it unless `after` says otherwise.
    pub phases: Vec<AddedPhase>,
}

/// A phase as it comes in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AddedPhase {
    /// Its written id: "0", "2.1", "A".
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its goal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub goal: String,
    /// The role that leads it, by slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_role: Option<String>,
    /// Its success criteria.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<String>,
    /// The ids of the phases before it; none = the phase in front of it in plan order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessors: Option<Vec<String>>,
    /// The id of the phase it stands behind in plan order; none = at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// It comes in completed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub completed: bool,
    /// The days or weeks it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The order in which its tasks are handed out.
    #[serde(default, skip_serializing_if = "PhaseOrdering::is_priority")]
    pub ordering: PhaseOrdering,
}

/// See [`Event::PhaseUpdated`](super::Event::PhaseUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PhaseUpdated {
    /// The phase's id.
    pub phase: String,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A new goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// The slug of the role that leads it from here on; empty = none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_role: Option<String>,
    /// Criteria added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria_added: Vec<String>,
    /// New predecessors, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessors: Option<Vec<String>>,
    /// A new window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// It has no window any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub window_dropped: bool,
    /// Another order of its tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordering: Option<PhaseOrdering>,
}

/// See [`Event::RoleWindowSet`](super::Event::RoleWindowSet).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleWindowSet {
    /// The role, by slug.
    pub role: String,
    /// The phase it is said of, by id; none = of the whole project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// When it works there; none = nothing is said of it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<RoleTime>,
}

/// See [`Event::CriterionMet`](super::Event::CriterionMet).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriterionMet {
    /// The phase's id.
    pub phase: String,
    /// The criterion's number within the phase, from 1.
    pub criterion: u32,
    /// What shows it.
    pub evidence: String,
}

/// See [`Event::CriterionChanged`](super::Event::CriterionChanged). It is not met from here on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CriterionChanged {
    /// The phase's id.
    pub phase: String,
    /// The criterion's number within the phase, from 1; it stays the same.
    pub criterion: u32,
    /// Its new words; none = as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// It is asked for no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// Why; empty when its words changed.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub reason: Text,
}

/// See [`Event::PhaseOrderOverridden`](super::Event::PhaseOrderOverridden).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseOrderOverridden {
    /// The phase's id.
    pub phase: String,
    /// Why.
    pub reason: String,
}

/// See [`Event::PhaseCompleted`](super::Event::PhaseCompleted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseCompleted {
    /// The phase's id.
    pub phase: String,
}

/// See [`Event::PhaseReopened`](super::Event::PhaseReopened).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseReopened {
    /// The phase's id.
    pub phase: String,
    /// Why.
    pub reason: String,
}

/// See [`Event::PhaseSkipped`](super::Event::PhaseSkipped).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseSkipped {
    /// The phase's id.
    pub phase: String,
    /// Why.
    pub reason: String,
}
