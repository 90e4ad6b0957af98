//! Brings published reports to the channels they were addressed to. What waits stands in the published plans, so
//! after a restart it simply goes on. A letter is recorded as delivered only after the channel took it: whoever
//! dies in between delivers it again, under the same id.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::backoff::{ATTEMPTS_MAX, backoff};
use super::channel::Attempt;
use super::error::FailureKind;
use super::outgoing::{Channels, Configured, Unwritten, letter};
use crate::engine::{EngineError, EngineHandle};
use crate::plan::command::{Command, Delivering, Timing};
use crate::plan::id::ReportId;
use crate::plan::model::Report;
use crate::plan::time::Timestamp;
use crate::schedule::PublishedError;

/// The longest between two looks: clocks jump, and machines sleep.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How long to wait before something is read or recorded again that could not be.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// What a letter whose outcome is refused waits like: one that failed so often.
const UNRECORDED_ATTEMPTS: u32 = 10;

/// Delivers what waits, until it is dropped.
pub struct Outbox {
    engine: EngineHandle,
    channels: Channels,
}

impl Outbox {
    /// An outbox of a running engine.
    pub fn new(engine: EngineHandle, channels: Channels) -> Self {
        Self { engine, channels }
    }

    /// Works until the engine takes no more writes. Each channel has a courier of its own, so one that hangs
    /// delays no other.
    pub async fn run(self) {
        let called: Vec<(Courier, Arc<Notify>)> = self
            .couriers()
            .map(|courier| (courier, Arc::new(Notify::new())))
            .collect();
        let calls: Vec<Arc<Notify>> = called.iter().map(|(_, call)| Arc::clone(call)).collect();
        let mut couriers = JoinSet::new();
        for (courier, call) in called {
            couriers.spawn(courier.run(call));
        }
        loop {
            tokio::select! {
                biased;
                ended = couriers.join_next() => match ended {
                    // A courier ends when the engine takes no more; without any there is nothing to do.
                    None | Some(Ok(())) => return,
                    Some(Err(error)) => {
                        let error = error.to_string();
                        tracing::error!(error, "a channel gets no more letters until the daemon starts again");
                    }
                },
                () = self.engine.letters() => calls.iter().for_each(|call| call.notify_one()),
            }
        }
    }

    /// A courier for each channel.
    pub(super) fn couriers(&self) -> impl Iterator<Item = Courier> {
        self.channels.names().filter_map(|name| {
            Some(Courier {
                engine: self.engine.clone(),
                name: name.to_owned(),
                channel: self.channels.get(name)?,
                tries: None,
                outcome: None,
            })
        })
    }
}

/// A letter by where it comes from, in the order of delivery.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    published_at: Timestamp,
    project: String,
    report: ReportId,
}

/// What was tried of the letter at the head of a channel's line.
#[derive(Debug, Clone)]
struct Tries {
    key: Key,
    attempts: u32,
    failed_ms: i64,
    not_before_ms: i64,
}

/// Delivers to one channel, one letter at a time, in the order of publication.
pub(super) struct Courier {
    engine: EngineHandle,
    name: String,
    channel: Arc<Configured>,
    /// Of the first letter alone: while it waits for its next attempt, those behind it wait too.
    tries: Option<Tries>,
    /// What came of a delivery and could not be recorded yet. The letter is not delivered again for that.
    outcome: Option<(Key, Delivering)>,
}

impl Courier {
    async fn run(mut self, call: Arc<Notify>) {
        while !self.engine.is_draining() {
            let pause = self.look().await;
            tokio::select! {
                biased;
                () = call.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Delivers what is due; says how long nothing else will be.
    pub(super) async fn look(&mut self) -> Duration {
        loop {
            if self.engine.is_draining() {
                return LOOK_AGAIN;
            }
            if let Some(pause) = self.step().await {
                return pause;
            }
        }
    }

    /// One attempt at the first letter, or how long there is none to be made.
    async fn step(&mut self) -> Option<Duration> {
        if let Some((key, delivering)) = self.outcome.take()
            && !self.record(key, delivering).await
        {
            return Some(TRY_AGAIN);
        }
        let Some((key, report)) = self.first() else {
            self.tries = None;
            return Some(LOOK_AGAIN);
        };
        // What was tried of another letter says nothing of this one.
        self.tries = self.tries.take().filter(|tries| tries.key == key);
        if let Some(tries) = &self.tries {
            let now_ms = self.engine.now_ms();
            // A clock that was set back makes nobody wait for longer than was said.
            if (tries.failed_ms..tries.not_before_ms).contains(&now_ms) {
                let left_ms = u64::try_from(tries.not_before_ms.saturating_sub(now_ms));
                let left = Duration::from_millis(left_ms.unwrap_or(0));
                return Some(left.min(LOOK_AGAIN));
            }
        }
        self.attempt(key, &report).await
    }

    /// The letter that was published first of all that wait.
    fn first(&self) -> Option<(Key, Arc<Report>)> {
        let projects = self.engine.projects().into_iter();
        let first = projects.filter_map(|project| {
            let plan = self.engine.plan(&project)?;
            let report = plan.report(plan.waiting_letters(&self.name).next()?)?;
            let key = Key {
                published_at: report.published_at,
                project,
                report: report.id,
            };
            Some((key, Arc::new(report.clone())))
        });
        first.min_by(|(one, _), (other, _)| one.cmp(other))
    }

    async fn attempt(&mut self, key: Key, report: &Report) -> Option<Duration> {
        let attempts = self.tries.as_ref().map_or(0, |tries| tries.attempts) + 1;
        let letter = match letter(&self.engine, &key.project, report, &self.name).await {
            Ok(letter) => letter,
            // What is not in the log, or cannot be read, comes back with no attempt.
            Err(error @ (Unwritten::Unreadable | Unwritten::Log(PublishedError::Missing))) => {
                let dead = self.dead(&key, attempts, error.to_string());
                return self.settle(key, dead).await;
            }
            Err(Unwritten::Log(PublishedError::Engine(error))) => {
                let error = error.to_string();
                tracing::warn!(
                    project.id = key.project,
                    channel = self.name,
                    error,
                    "a report that is to be delivered cannot be read; it is tried again"
                );
                return Some(TRY_AGAIN);
            }
        };
        let attempt = Attempt {
            now_ms: self.engine.now_ms(),
            is_last: attempts >= ATTEMPTS_MAX,
        };
        match self.channel.channel.deliver(&letter, attempt).await {
            Ok(delivered) => {
                for warning in &delivered.warnings {
                    tracing::warn!(
                        project.id = key.project,
                        channel = self.name,
                        report = %key.report,
                        why = ?warning,
                        "a letter was delivered, but not as it should be"
                    );
                }
                let mut note = delivered.note;
                for warning in delivered.warnings {
                    note.push('\n');
                    note.push_str(&warning);
                }
                let taken = Delivering::Delivered {
                    report: key.report,
                    channel: self.name.clone(),
                    attempts,
                    note: kept(&note),
                };
                self.settle(key, taken).await
            }
            Err(error) => {
                let failed_ms = self.engine.now_ms();
                self.channel.failed(&error, failed_ms);
                match error.kind {
                    FailureKind::Retry { after_ms } if !attempt.is_last => {
                        self.fails(key, attempts, failed_ms, after_ms, error.sentence());
                        None
                    }
                    FailureKind::Retry { .. } | FailureKind::Permanent => {
                        let dead = self.dead(&key, attempts, error.sentence().to_owned());
                        self.settle(key, dead).await
                    }
                }
            }
        }
    }

    /// Lets the letter wait for its next attempt.
    fn fails(
        &mut self,
        key: Key,
        attempts: u32,
        failed_ms: i64,
        after_ms: Option<u64>,
        sentence: &str,
    ) {
        let wait = backoff(attempts, self.seed(&key));
        let wait = wait.max(Duration::from_millis(after_ms.unwrap_or(0)));
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        tracing::info!(
            project.id = key.project,
            channel = self.name,
            report = %key.report,
            attempts,
            why = ?sentence,
            "a letter was not delivered; it is tried again"
        );
        self.tries = Some(Tries {
            key,
            attempts,
            failed_ms,
            not_before_ms: failed_ms.saturating_add(wait_ms),
        });
    }

    fn dead(&self, key: &Key, attempts: u32, reason: String) -> Delivering {
        tracing::warn!(
            project.id = key.project,
            channel = self.name,
            report = %key.report,
            attempts,
            why = ?reason,
            "a letter was given up; muster channel retry delivers it again"
        );
        Delivering::Undelivered {
            report: key.report,
            channel: self.name.clone(),
            attempts,
            reason: kept(&reason),
        }
    }

    /// Records what came of a letter; kept in mind where that is not possible now.
    async fn settle(&mut self, key: Key, delivering: Delivering) -> Option<Duration> {
        self.tries = None;
        if self.record(key, delivering).await {
            None
        } else {
            Some(TRY_AGAIN)
        }
    }

    async fn record(&mut self, key: Key, delivering: Delivering) -> bool {
        let command = Command::Time(Timing::Deliver(delivering.clone()));
        match self.engine.order(&key.project, command).await {
            Ok(_) => true,
            // Somebody else settled it, or the project is gone.
            Err(EngineError::Refused(refusal)) => {
                tracing::debug!(
                    project.id = key.project,
                    channel = self.name,
                    outcome = refusal.reason.code(),
                    "what came of a letter was not recorded"
                );
                self.rests_unrecorded(key);
                true
            }
            Err(error) => {
                tracing::warn!(
                    project.id = key.project,
                    channel = self.name,
                    outcome = %error,
                    "what came of a letter could not be recorded; it is tried again"
                );
                self.outcome = Some((key, delivering));
                false
            }
        }
    }

    /// A letter that waits on although it was delivered must not be delivered without end.
    fn rests_unrecorded(&mut self, key: Key) {
        if self.first().is_none_or(|(first, _)| first != key) {
            return;
        }
        let failed_ms = self.engine.now_ms();
        let why = "what came of it is refused";
        self.fails(key, UNRECORDED_ATTEMPTS, failed_ms, None, why);
    }

    /// A number of the letter's own, so that many do not come back at one time.
    fn seed(&self, key: &Key) -> u64 {
        let id = format!("{}/{}/{}", key.project, key.report, self.name);
        let digest = Sha256::digest(id.as_bytes());
        let first = digest.iter().take(8);
        first.fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
    }
}

/// A note as the log takes it: what comes from outside may be of any length.
fn kept(note: &str) -> String {
    const CHARS_MAX: usize = 2_000;
    let shown = note
        .chars()
        .filter(|it| !it.is_control() || *it == '\n')
        .take(CHARS_MAX);
    let shown: String = shown.collect();
    if shown.trim().is_empty() {
        return "no reason was given".to_owned();
    }
    shown
}

#[cfg(test)]
mod tests;
