//! What a plan file states, as the importer hands it to the core: names already resolved to places in
//! these lists, every row kept. What a file says is a fact, not a transition.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::day::Day;
use super::time::Estimate;
use super::window::Window;

/// A whole plan file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedPlan {
    /// Where it came from.
    pub source: Source,
    /// What the header says.
    pub header: ImportedHeader,
    /// Phases in plan order.
    pub phases: Vec<ImportedPhase>,
    /// Tasks in the order written.
    pub tasks: Vec<ImportedTask>,
    /// The discovered queue.
    pub discovered: Vec<ImportedDiscovered>,
    /// The blocked queue.
    pub blockers: Vec<ImportedBlocker>,
    /// Decisions needed.
    pub decisions: Vec<ImportedDecision>,
    /// Sprint rows, kept as history.
    pub sprints: Vec<ImportedSprint>,
    /// Everything that was not taken as written, by line.
    pub diagnostics: Vec<Diagnostic>,
    /// The highest session number seen; the project's counter goes on after it. 0 when none.
    pub highest_session: u32,
}

impl ImportedPlan {
    /// How many dependencies the file states: a name that stands for several tasks counts once.
    pub fn stated_dependencies(&self) -> usize {
        let mut stated: HashSet<(usize, u32, &str)> = HashSet::new();
        for (task, imported) in self.tasks.iter().enumerate() {
            for dependency in &imported.dependencies {
                stated.insert((task, dependency.line, &dependency.text));
            }
        }
        stated.len()
    }
}

/// The identity of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Source {
    /// The file's name without its folders.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Where it says that it stands among its revisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<DocumentStatus>,
}

/// Where a document stands among its revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// Being written.
    Draft,
    /// In force.
    Current,
    /// Another revision took its place.
    Superseded,
}

/// The key lines above the first section.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedHeader {
    /// The project's name, unless it is a placeholder.
    pub name: Option<String>,
    /// A description or scope.
    pub description: Option<String>,
    /// "Sprint goal", as written.
    pub sprint_goal: Option<String>,
    /// "Sprint dates", as written.
    pub sprint_dates: Option<String>,
    /// The first and the last day of these.
    #[serde(default)]
    pub sprint_days: Option<(Day, Day)>,
    /// The tasks of the sprint, by their places in `ImportedPlan::tasks`.
    #[serde(default)]
    pub sprint_tasks: Vec<usize>,
    /// The line of the sprint's goal, from 1.
    #[serde(default)]
    pub sprint_line: u32,
    /// "Document status".
    #[serde(default)]
    pub document_status: Option<DocumentStatus>,
}

/// What a status word or sign means, after the vocabulary of requirement F.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportedStatus {
    /// Not begun.
    #[default]
    Planned,
    /// Begun; comes in as planned, with a diagnostic.
    InProgress,
    /// Said to be blocked; comes in as planned, with a diagnostic or a blocker.
    Blocked,
    /// Said to be under review; comes in as planned, with a diagnostic.
    InReview,
    /// Finished.
    Completed,
    /// Put off.
    Deferred,
    /// Given up.
    Cancelled,
}

/// A phase as stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedPhase {
    /// Its written number as text: "0", "2.1", "A"; none when the file gives none.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its goal.
    pub goal: Option<String>,
    /// Its success criteria, one sentence each.
    pub criteria: Vec<String>,
    /// The role that leads it, as written.
    pub lead_role: Option<String>,
    /// The days or weeks it is meant for.
    #[serde(default)]
    pub window: Option<Window>,
    /// Its status.
    pub status: ImportedStatus,
    /// The line of its heading, from 1.
    pub line: u32,
}

/// A task as stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedTask {
    /// The place of its phase in `ImportedPlan::phases`.
    pub phase: usize,
    /// Its title.
    pub title: String,
    /// An authored id (SETUP-01, T001, T-21).
    pub external_id: Option<String>,
    /// Its area.
    pub area: Option<String>,
    /// Its role, as written.
    pub role: Option<String>,
    /// 0 (P0) to 3 (P3).
    pub priority: Option<u8>,
    /// Its estimate.
    pub estimate: Option<Estimate>,
    /// Its notes.
    pub notes: Option<String>,
    /// Acceptance criteria.
    pub acceptance: Vec<String>,
    /// What it depends on.
    pub dependencies: Vec<ImportedDependency>,
    /// Its status.
    pub status: ImportedStatus,
    /// Its line, from 1.
    pub line: u32,
}

/// A stated dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedDependency {
    /// As written.
    pub text: String,
    /// What it names. An unresolved one is a diagnostic and not listed here.
    pub target: ImportedTarget,
    /// Its line, from 1.
    pub line: u32,
}

/// What a stated dependency names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportedTarget {
    /// A task, by its place in `ImportedPlan::tasks`.
    Task(usize),
    /// A whole phase, by its place in `ImportedPlan::phases`.
    Phase(usize),
    /// Every earlier task of the same phase.
    AllAbove,
}

/// A row of the discovered queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedDiscovered {
    /// Its title.
    pub title: String,
    /// "Discovered In", as written.
    pub found_in: Option<String>,
    /// 0 (P0) to 3 (P3).
    pub priority: Option<u8>,
    /// Its line, from 1.
    pub line: u32,
}

/// A row of the blocked queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedBlocker {
    /// The task's name as written.
    pub task_text: String,
    /// The one task it reaches, by its place in `ImportedPlan::tasks`; none is a diagnostic.
    pub task: Option<usize>,
    /// "Blocked By".
    pub reason: String,
    /// "Since", as written, unless a placeholder.
    pub since: Option<String>,
    /// "Resolution Path".
    pub resolution_path: Option<String>,
    /// Its line, from 1.
    pub line: u32,
}

/// An entry of "decisions needed".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedDecision {
    /// The question.
    pub question: String,
    /// Options when the text lists some ("Kafka vs. SQS").
    pub options: Vec<String>,
    /// The tasks its "(blocks …)" clause reaches uniquely, by place in `ImportedPlan::tasks`.
    pub blocks: Vec<usize>,
    /// Ticked in the file.
    pub decided: bool,
    /// Its line, from 1.
    pub line: u32,
}

/// A row of the sprint history, kept as written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportedSprint {
    /// The sprint's number or name.
    pub sprint: String,
    /// Its dates, unless placeholders.
    pub dates: Option<String>,
    /// Its goal.
    pub goal: Option<String>,
    /// Tasks committed.
    pub committed: Option<u32>,
    /// Tasks completed.
    pub completed: Option<u32>,
    /// Velocity, as written.
    pub velocity: Option<String>,
    /// Its line, from 1.
    pub line: u32,
}

/// Something in a file that was not taken as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The line, from 1.
    pub line: u32,
    /// A stable code in lower snake case, such as `unresolved_dependency`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}
