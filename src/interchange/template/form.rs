//! The form in which built-in templates are written: names and words only, so that whoever knows plans can write
//! one. A key that is not known is a mistake.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::plan::event::{Comparison, Derived, Level, RiskKind, WorkflowDefinition};

/// A template as its file states it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// What it is called.
    pub title: String,
    /// What it is for, in a sentence or two.
    pub about: String,
    /// Settings, in the words that set a policy.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Phases in plan order.
    pub phases: Vec<Phase>,
    #[serde(default)]
    pub gates: Vec<Gate>,
    #[serde(default)]
    pub milestones: Vec<Milestone>,
    #[serde(default)]
    pub risks: Vec<Risk>,
    #[serde(default)]
    pub rules: Vec<Rule>,
    #[serde(default)]
    pub decisions: Vec<Decision>,
    #[serde(default)]
    pub workflows: Vec<Workflow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub goal: String,
    /// The role that leads it.
    #[serde(default)]
    pub lead: String,
    #[serde(default)]
    pub criteria: Vec<String>,
    /// The phases in front of it; none = the one written before it.
    pub after: Option<Vec<String>>,
    /// Its first and last day of the project.
    pub days: Option<[u32; 2]>,
    /// Its first and last week of the project.
    pub weeks: Option<[u32; 2]>,
    #[serde(default)]
    pub tasks: Vec<Task>,
    #[serde(default)]
    pub deliverables: Vec<Deliverable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub title: String,
    /// Another name for it, by which others wait for it.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub area: String,
    #[serde(default)]
    pub role: String,
    pub priority: Option<u8>,
    #[serde(default)]
    pub estimate: String,
    #[serde(default)]
    pub notes: String,
    #[serde(default)]
    pub acceptance: Vec<String>,
    /// Ids of tasks, `phase ID`, or `all above`.
    #[serde(default)]
    pub after: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliverable {
    pub name: String,
    #[serde(default)]
    pub uri: String,
    #[serde(default)]
    pub acceptance: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    pub name: String,
    pub before: Before,
    pub criteria: Vec<Criterion>,
}

/// What a gate stands in front of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// The closing of a phase, by id.
    Phase(String),
    /// A deployment, by name.
    Deployment(String),
    /// A workflow, by name.
    Workflow(String),
    Project,
    Daily,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    pub name: String,
    #[serde(default)]
    pub advisory: bool,
    pub by: By,
}

/// How a criterion is judged.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Somebody of a role says so; empty = a coordinator alone.
    Word(String),
    /// Somebody of these roles signs.
    Signature(Vec<String>),
    /// What was measured.
    Metric(String, Comparison, String),
    /// What the plan tells.
    Plan(Derived),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Its slug.
    pub name: String,
    /// What it is, as a workflow states it; its gates and criteria stand beside it.
    pub definition: WorkflowDefinition,
    /// Gates in front of its completion, by name.
    #[serde(default)]
    pub gates: Vec<String>,
    /// Success criteria: measured, or by somebody's word.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    pub name: String,
    /// The week at whose end it is due.
    pub week: Option<u32>,
    #[serde(default)]
    pub launch: bool,
    #[serde(default)]
    pub items: Vec<String>,
    #[serde(default)]
    pub phases: Vec<String>,
    #[serde(default)]
    pub tasks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    pub text: String,
    #[serde(default)]
    pub kind: RiskKind,
    #[serde(default)]
    pub impact: Level,
    pub days: Option<u32>,
    #[serde(default)]
    pub likelihood: Level,
    #[serde(default)]
    pub mitigation: String,
    #[serde(default)]
    pub owner: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The selector of what waits.
    pub tasks: String,
    /// What it waits for: a task's id, `phase ID`, or a selector in quotation marks.
    pub after: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub question: String,
    #[serde(default)]
    pub options: Vec<String>,
    #[serde(default)]
    pub blocks: Vec<String>,
    #[serde(default)]
    pub matching: Vec<String>,
}
