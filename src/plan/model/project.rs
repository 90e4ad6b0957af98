//! The project itself: its words, its settings and where it came from.

use serde::{Deserialize, Serialize};

use super::super::event::Text;
use super::super::import::{Diagnostic, Source};
use super::super::settings::Settings;
use super::super::time::Timestamp;
use super::Judgement;

/// Where a project stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectStatus {
    /// Being prepared; nothing is claimable.
    Draft,
    /// Under way.
    Active,
    /// No new claims for now.
    Paused,
    /// Done, as a coordinator said; nothing is handed out.
    Completed,
    /// Closed for good.
    Archived,
}

/// The project itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its slug.
    pub slug: Text,
    /// Its name.
    pub name: Text,
    /// What it is about.
    pub description: Text,
    /// Where it stands.
    pub status: ProjectStatus,
    /// Why it is paused or archived, or what was said when it was completed.
    pub status_reason: Text,
    /// Every setting a rule depends on.
    pub settings: Settings,
    /// The files it came from.
    pub sources: Vec<Source>,
    /// What was not taken as written, with the name of the file.
    pub diagnostics: Vec<(Text, Diagnostic)>,
    /// The goal of the current sprint, as a file stated it.
    pub sprint_goal: Text,
    /// Who said that it is completed, and when; none while it is not.
    pub completed: Option<Judgement>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}
