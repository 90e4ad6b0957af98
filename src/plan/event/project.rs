//! Events of projects.

use serde::{Deserialize, Serialize};

use super::super::import::{Diagnostic, ImportedSprint, Source};
use super::super::role::RoleSpec;
use super::super::settings::Settings;
use super::Text;

/// See [`Event::ProjectCreated`](super::Event::ProjectCreated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectCreated {
    /// The project's slug; `_daemon` for the daemon's own log.
    pub project: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Every setting a rule depends on.
    pub settings: Settings,
    /// Created as a draft: nothing is claimable until it is resumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

/// See [`Event::ProjectUpdated`](super::Event::ProjectUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProjectUpdated {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A new description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The settings as they are from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

/// See [`Event::ProjectPaused`](super::Event::ProjectPaused).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectPaused {
    /// Why.
    pub reason: String,
}

/// See [`Event::ProjectResumed`](super::Event::ProjectResumed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectResumed {}

/// See [`Event::ProjectCompleted`](super::Event::ProjectCompleted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectCompleted {
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::ProjectArchived`](super::Event::ProjectArchived).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectArchived {
    /// Why.
    pub reason: String,
}

/// See [`Event::PlanImported`](super::Event::PlanImported).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanImported {
    /// The file.
    pub source: Source,
    /// What the file states, counted.
    pub counts: ImportCounts,
    /// What was not taken as written.
    pub diagnostics: Vec<Diagnostic>,
    /// Sprint rows, kept as history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sprints: Vec<ImportedSprint>,
    /// The goal of the sprint in the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint_goal: Option<String>,
    /// Sessions go on after this number.
    #[serde(default)]
    pub highest_session: u32,
}

/// See [`Event::DiagnosticSettled`](super::Event::DiagnosticSettled).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiagnosticSettled {
    /// The number of what was not taken as written, from 1 over all files of the project.
    pub number: u32,
    /// How it was settled.
    pub note: Text,
}

/// See [`Event::ProjectRestored`](super::Event::ProjectRestored).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectRestored {
    /// The fence counter as the backup has it; fences above it were given out after the backup was made.
    pub fence_before: u64,
    /// The project's fence counter from here on, above whatever was given out.
    pub fence: u64,
    /// Leases that were live in the backup; each is revoked in the same append.
    pub leases_ended: u32,
    /// Sessions that were open in the backup. They stay open: their agents may go on in them, and those
    /// whose agents do not come back are closed as abandoned like any silent session.
    pub open_sessions: u32,
}

/// See [`Event::ProjectDeleted`](super::Event::ProjectDeleted). Nothing of what the project held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectDeleted {
    /// The slug of the project whose log is gone.
    pub project: String,
    /// How many events its log had.
    pub events: u64,
    /// The hash of the newest of them, by which an old copy of the log can be recognised.
    pub last_hash: String,
}

/// What a plan file states, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Phases.
    pub phases: u32,
    /// Tasks.
    pub tasks: u32,
    /// Dependencies as stated; "all above" is one.
    pub dependencies: u32,
    /// Discovered tasks.
    pub discovered: u32,
    /// Blocked rows.
    pub blockers: u32,
    /// Decisions needed.
    pub decisions: u32,
    /// Sprint rows.
    pub sprints: u32,
}

/// See [`Event::RoleAdded`](super::Event::RoleAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleAdded {
    /// The role.
    pub role: RoleSpec,
}
