//! What the commands about registers carry: entries to add and changes of entries, as people write them.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::event::{Due, Level, MilestoneKind, RiskKind};
use super::super::id::DeliverableId;

/// What a deliverable is to belong to, as written; exactly one is stated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct HomeRef {
    /// A phase, by id.
    pub phase: String,
    /// A task, by id or alias.
    pub task: String,
    /// A workflow, in words.
    pub workflow: String,
}

/// A deliverable to add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewDeliverable {
    /// Its name.
    pub name: String,
    /// Where it is to be found.
    pub uri: String,
    /// What it belongs to.
    pub home: HomeRef,
    /// What it must fulfil.
    pub acceptance: Vec<String>,
}

/// Changes of a deliverable; what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct DeliverableChanges {
    /// A new name.
    pub name: Option<String>,
    /// A new address.
    pub uri: Option<String>,
    /// What it belongs to from here on.
    pub home: Option<HomeRef>,
    /// What it must fulfil, in place of what was stated.
    pub acceptance: Option<Vec<String>>,
}

/// What a milestone stands for, as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct LinksRef {
    /// Phases, by id.
    pub phases: Vec<String>,
    /// Tasks, by id or alias.
    pub tasks: Vec<String>,
    /// Deliverables.
    pub deliverables: Vec<DeliverableId>,
}

/// A milestone to add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewMilestone {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: MilestoneKind,
    /// When it is due; none = not said.
    pub due: Option<Due>,
    /// What is to be ticked.
    pub checklist: Vec<String>,
    /// What it stands for.
    pub links: LinksRef,
}

/// Changes of a milestone; what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct MilestoneChanges {
    /// A new name.
    pub name: Option<String>,
    /// Another kind.
    pub kind: Option<MilestoneKind>,
    /// When it is due from here on.
    pub due: Option<Due>,
    /// What is to be ticked beside what there is.
    pub checklist_added: Vec<String>,
    /// What it stands for from here on.
    pub links: Option<LinksRef>,
}

/// A risk to add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewRisk {
    /// What kind.
    pub kind: RiskKind,
    /// What may happen.
    pub text: String,
    /// How much it would cost.
    pub impact: Level,
    /// How many days it would cost; of a schedule risk.
    pub impact_days: Option<u32>,
    /// How likely it is.
    pub likelihood: Level,
    /// What is done about it.
    pub mitigation: String,
    /// Who looks after it.
    pub owner: String,
}

/// Changes of a risk; what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct RiskChanges {
    /// Another kind.
    pub kind: Option<RiskKind>,
    /// What may happen.
    pub text: Option<String>,
    /// How much it would cost.
    pub impact: Option<Level>,
    /// How many days it would cost; 0 = no number.
    pub impact_days: Option<u32>,
    /// How likely it is.
    pub likelihood: Option<Level>,
    /// What is done about it.
    pub mitigation: Option<String>,
    /// Who looks after it.
    pub owner: Option<String>,
}

/// What a risk that came true holds up; nothing named = no blocker is opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct Held {
    /// Tasks, by id or alias.
    pub tasks: Vec<String>,
    /// A phase, by id; empty = none.
    pub phase: String,
}

/// What a rule is to name, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum RuleSideRef {
    /// One task, by id or alias.
    Task(String),
    /// A whole phase, by id; only to be waited for.
    Phase(String),
    /// Every task that a selector names.
    Matching(String),
}
