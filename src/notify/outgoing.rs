//! The channels of a daemon: which of them want a report, and the letter that a published report becomes. A letter's
//! id follows from the report and the channel alone, so it is the same in every attempt and after every restart.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::channel::{Attempt, Channel, Delivered};
use super::error::DeliveryError;
use super::filter::Filter;
use super::letter::{Letter, LetterKind, Severity};
use crate::engine::EngineHandle;
use crate::plan::command::NewReport;
use crate::plan::event::ReportKind;
use crate::plan::model::Report;
use crate::report::document::Document;
use crate::schedule::{Addressing, PublishedError, published};

/// How wide the plain text of a letter is.
const TEXT_COLUMNS: usize = 100;

/// The channels by name; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Channels(Arc<BTreeMap<String, Arc<Configured>>>);

/// A channel of the settings.
#[derive(Debug)]
pub(super) struct Configured {
    pub channel: Channel,
    filter: Filter,
    last_error: Mutex<Option<LastError>>,
}

/// What went wrong last, since the daemon started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastError {
    /// A sentence without secrets.
    pub sentence: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// A test letter did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum NotDelivered {
    /// There is nothing to send it to.
    #[error(transparent)]
    NoSuchChannel(#[from] NoSuchChannel),
    /// The channel did not take it.
    #[error(transparent)]
    Failed(#[from] DeliveryError),
}

/// The settings have no channel of a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no channel `{0}` is configured; add [channels.{0}] to the daemon's settings")]
pub struct NoSuchChannel(pub String);

impl Configured {
    /// Remembers what went wrong, to be shown.
    pub fn failed(&self, error: &DeliveryError, at_ms: i64) {
        let mut last = self
            .last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last = Some(LastError {
            sentence: error.sentence().to_owned(),
            at_ms,
        });
    }
}

impl Channels {
    /// Channels with what each wants.
    pub fn new(channels: impl IntoIterator<Item = (String, Channel, Filter)>) -> Self {
        let channels = channels.into_iter().map(|(name, channel, filter)| {
            let configured = Configured {
                channel,
                filter,
                last_error: Mutex::new(None),
            };
            (name, Arc::new(configured))
        });
        Self(Arc::new(channels.collect()))
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The kind of a channel and what it wants, in words; none when it is not configured.
    pub fn described(&self, name: &str) -> Option<(&'static str, String)> {
        let it = self.0.get(name)?;
        Some((it.channel.kind(), it.filter.in_words()))
    }

    /// What went wrong last with a channel, since the daemon started.
    pub fn last_error(&self, name: &str) -> Option<LastError> {
        let last = self.0.get(name)?.last_error.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a channel a letter that says that it is a test, whatever the channel wants; once, and now. The key
    /// makes its id: the same key, the same letter to whoever receives it.
    ///
    /// # Errors
    /// There is no such channel, or it did not take the letter.
    pub async fn test(
        &self,
        name: &str,
        project: &str,
        key: &str,
        now_ms: i64,
    ) -> Result<Delivered, NotDelivered> {
        let it = self
            .get(name)
            .ok_or_else(|| NoSuchChannel(name.to_owned()))?;
        let attempt = Attempt {
            now_ms,
            is_last: true,
        };
        let letter = test(name, project, key, now_ms);
        let delivered = it.channel.deliver(&letter, attempt).await;
        delivered.map_err(|error| {
            it.failed(&error, now_ms);
            error.into()
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<Configured>> {
        self.0.get(name).map(Arc::clone)
    }
}

impl Addressing for Channels {
    fn channels_for(&self, project: &str, report: &NewReport) -> Vec<String> {
        let kind = kind(report.kind);
        let roles = roles(&report.role);
        let wanting = self.0.iter();
        wanting
            .filter(|(_, it)| it.filter.wants(project, kind, report.urgency, &roles))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

fn kind(kind: ReportKind) -> LetterKind {
    match kind {
        ReportKind::Standup => LetterKind::Standup,
        ReportKind::Blockers => LetterKind::Blockers,
        ReportKind::WeeklyReview => LetterKind::WeeklyReview,
        ReportKind::StakeholderUpdate => LetterKind::StakeholderUpdate,
        ReportKind::SprintReview => LetterKind::SprintReview,
        ReportKind::Oversight => LetterKind::Oversight,
    }
}

/// A report that names no role is for everybody.
fn roles(role: &str) -> Vec<String> {
    let named = (!role.is_empty()).then(|| role.to_owned());
    named.into_iter().collect()
}

/// Why a report cannot become a letter.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritten {
    /// The log cannot be read for now.
    #[error(transparent)]
    Log(#[from] PublishedError),
    /// This release cannot read what another published.
    #[error("the published report cannot be read")]
    Unreadable,
}

/// Makes the letter of a published report for a channel.
pub(super) async fn letter(
    engine: &EngineHandle,
    project: &str,
    report: &Report,
    channel: &str,
) -> Result<Letter, Unwritten> {
    let json = published(engine, project, report).await?.document;
    let mut letter = Letter {
        id: format!("{project}/{}/{channel}", report.id),
        project: project.to_owned(),
        kind: kind(report.kind),
        severity: report.urgency,
        title: report.title.to_string(),
        date: String::new(),
        at_ms: report.published_at.0,
        roles: roles(&report.role),
        file_stem: String::new(),
        text: String::new(),
        markdown: String::new(),
        html: String::new(),
        json: serde_json::Value::Null,
    };
    let writing = tokio::task::spawn_blocking(move || {
        let document = Document::from_json(&json).map_err(|_| Unwritten::Unreadable)?;
        // `Tue 2026-11-24 09:00`, by the project's clock.
        let local = &document.now().local;
        let day = local
            .rsplit_once(' ')
            .map_or(local.as_str(), |(day, _)| day);
        day.clone_into(&mut letter.date);
        let stem = day.rsplit(' ').next().unwrap_or(day);
        stem.clone_into(&mut letter.file_stem);
        letter.text = document.text(TEXT_COLUMNS);
        letter.markdown = document.markdown();
        letter.html = document.html();
        letter.json = serde_json::from_str(&json).map_err(|_| Unwritten::Unreadable)?;
        Ok(letter)
    });
    writing.await.unwrap_or(Err(Unwritten::Unreadable))
}

fn test(name: &str, project: &str, key: &str, now_ms: i64) -> Letter {
    let words = format!(
        "This is a test of channel {name}. Whoever reads it gets the reports of project {project} that the channel wants."
    );
    let shown = words.replace('&', "&amp;").replace('<', "&lt;");
    Letter {
        id: format!("{project}/test-{key}/{name}"),
        project: project.to_owned(),
        kind: LetterKind::Alert,
        severity: Severity::Info,
        title: format!("Test of channel {name}"),
        date: String::new(),
        at_ms: now_ms,
        roles: Vec::new(),
        file_stem: "test".to_owned(),
        text: format!("{words}\n"),
        markdown: format!("# Test of channel {name}\n\n{words}\n"),
        html: format!("<section><p>{shown}</p></section>"),
        json: serde_json::json!({ "test": true }),
    }
}
