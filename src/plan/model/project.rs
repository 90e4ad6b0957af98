//! The project itself: its words, its settings and where it came from.

use serde::{Deserialize, Serialize};

use super::super::event::Text;
use super::super::import::{Diagnostic, DocumentStatus, Source};
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
    /// What was not taken as written, with the name of the file; only added to, so that each keeps its number.
    pub diagnostics: Vec<(Text, Diagnostic)>,
    /// Which of them are settled, by number from 1, how, by whom and when.
    pub settled: Vec<(u32, Judgement)>,
    /// The goal of the current sprint, as a file stated it.
    pub sprint_goal: Text,
    /// Who said that it is completed, and when; none while it is not.
    pub completed: Option<Judgement>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

impl Project {
    /// Where a file stands among its revisions, by its place: superseded once a later one of its name came in, else
    /// as it says itself.
    pub fn source_status(&self, place: usize) -> Option<DocumentStatus> {
        let source = self.sources.get(place)?;
        let mut later = self.sources.iter().skip(place + 1);
        if later.any(|other| other.name == source.name) {
            return Some(DocumentStatus::Superseded);
        }
        source.status
    }

    /// What was not taken as written, by number from 1, with the name of the file.
    pub fn diagnostic(&self, number: u32) -> Option<&(Text, Diagnostic)> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.diagnostics.get(place)
    }

    /// How a diagnostic was settled; none while it is not.
    pub fn settled_diagnostic(&self, number: u32) -> Option<&Judgement> {
        let place = self.settled.binary_search_by_key(&number, |(at, _)| *at);
        place.ok().map(|place| &self.settled[place].1)
    }

    /// All diagnostics with their numbers, and how they were settled.
    pub fn each_diagnostic(
        &self,
    ) -> impl Iterator<Item = (u32, &(Text, Diagnostic), Option<&Judgement>)> {
        (1..)
            .zip(self.diagnostics.iter())
            .map(|(number, one)| (number, one, self.settled_diagnostic(number)))
    }

    /// How many diagnostics nobody has settled.
    pub fn open_diagnostics(&self) -> usize {
        self.diagnostics.len().saturating_sub(self.settled.len())
    }
}
