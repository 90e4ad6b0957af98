//! A published report as it stands in the log, and whom a report is addressed to when it is published.

use std::sync::Arc;

use crate::engine::{EngineError, EngineHandle};
use crate::plan::command::NewReport;
use crate::plan::event::{Event, Recorded};
use crate::plan::model::Report;

/// Says where reports go. What it says is written into the log with the report: a channel that is configured later
/// gets none of those published before.
pub trait Addressing: Send + Sync {
    /// The channels that want a report of a project, by name.
    fn channels_for(&self, project: &str, report: &NewReport) -> Vec<String>;
}

/// Addresses nothing to anybody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nowhere;

impl Addressing for Nowhere {
    fn channels_for(&self, _project: &str, _report: &NewReport) -> Vec<String> {
        Vec::new()
    }
}

/// What the log holds of a published report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// What was known beside the log, as one JSON document; empty = nothing.
    pub facts: String,
    /// The report as one JSON document.
    pub document: String,
}

/// Why a published report cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// The log cannot be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The log does not hold it where the plan says.
    #[error("a published report is not in the log")]
    Missing,
}

/// Reads the document of a published report, part by part.
///
/// # Errors
/// The log cannot be read, or does not hold it.
pub async fn published(
    engine: &EngineHandle,
    project: &str,
    report: &Report,
) -> Result<Published, PublishedError> {
    let parts = usize::try_from(report.more_parts).map_err(|_| PublishedError::Missing)? + 1;
    let mut after = report.version.saturating_sub(1);
    let mut published = Published {
        facts: String::new(),
        document: String::new(),
    };
    let mut found = 0;
    while found < parts {
        let page: Vec<Arc<Recorded>> = engine.history(project, after, parts - found).await?;
        for recorded in &page {
            let part = match &recorded.event {
                Event::ReportPublished(it) if it.report == report.id => {
                    published.facts = it.facts.to_string();
                    &it.document
                }
                Event::ReportContinued(it) if it.report == report.id => &it.document,
                _ => return Err(PublishedError::Missing),
            };
            published.document.push_str(part);
            found += 1;
        }
        after = page.last().ok_or(PublishedError::Missing)?.version;
    }
    Ok(published)
}
