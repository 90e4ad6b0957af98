//! Where each log ends, kept in memory so that an append needs no read, and the one judgement every
//! store shares: what fits is taken, what comes from another version is a conflict, and a batch that
//! breaks the numbering or goes back in time is refused whole.

use std::collections::HashMap;

use super::{Append, Outcome, Record, StoreError};

/// The end of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tip {
    /// The newest version; 0 while the log is empty.
    pub version: u64,
    /// When the newest event was recorded, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// The end of a log that has no event yet.
const NOTHING: Tip = Tip {
    version: 0,
    at_ms: i64::MIN,
};

/// The ends of all logs.
#[derive(Debug, Default)]
pub(super) struct Tips(HashMap<String, Tip>);

/// What is to be stored of a batch, and what to answer once it is.
#[derive(Debug)]
pub(super) struct Judgement<'a> {
    /// One per append, in order.
    pub outcomes: Vec<Outcome>,
    /// The appends that fit and hold records, in order.
    pub accepted: Vec<&'a Append>,
    moved: HashMap<&'a str, Tip>,
}

impl Tips {
    /// The ends found in a store.
    pub(super) fn new(found: HashMap<String, Tip>) -> Self {
        Self(found)
    }

    /// The newest version of a project; 0 when it has none.
    pub(super) fn version(&self, project: &str) -> u64 {
        self.0
            .get(project)
            .map_or(NOTHING.version, |tip| tip.version)
    }

    /// Judges a batch without changing anything. Fails when an append is not numbered as promised.
    pub(super) fn judge<'a>(&self, batch: &'a [Append]) -> Result<Judgement<'a>, StoreError> {
        let mut judgement = Judgement {
            outcomes: Vec::with_capacity(batch.len()),
            accepted: Vec::with_capacity(batch.len()),
            moved: HashMap::new(),
        };
        for append in batch {
            let project = append.project.as_str();
            let tip = match judgement.moved.get(project) {
                Some(moved) => *moved,
                None => self.0.get(project).copied().unwrap_or(NOTHING),
            };
            if append.expected_version != tip.version {
                judgement.outcomes.push(Outcome::Conflict {
                    actual: tip.version,
                });
                continue;
            }
            let end =
                follow(tip, &append.records).map_err(|fault| malformed(&append.project, &fault))?;
            if !append.records.is_empty() {
                judgement.accepted.push(append);
                judgement.moved.insert(project, end);
            }
            judgement.outcomes.push(Outcome::Appended {
                version: end.version,
            });
        }
        Ok(judgement)
    }

    /// Moves the ends to where a batch that is now stored left them.
    pub(super) fn advance(&mut self, judgement: &Judgement<'_>) {
        for (project, end) in &judgement.moved {
            match self.0.get_mut(*project) {
                Some(tip) => *tip = *end,
                None => {
                    self.0.insert((*project).to_owned(), *end);
                }
            }
        }
    }
}

/// The end after `records`, or what is wrong with their numbers or times.
fn follow(mut tip: Tip, records: &[Record]) -> Result<Tip, String> {
    for record in records {
        if tip.version.checked_add(1) != Some(record.version) {
            return Err(format!(
                "event {} came after version {}",
                record.version, tip.version
            ));
        }
        if record.at_ms < tip.at_ms {
            return Err(format!(
                "event {} was recorded before the one it follows",
                record.version
            ));
        }
        tip = Tip {
            version: record.version,
            at_ms: record.at_ms,
        };
    }
    Ok(tip)
}

fn malformed(project: &str, fault: &str) -> StoreError {
    StoreError::Unwritable {
        reason: format!("the writer lost count in {project}: {fault}"),
        source: None,
    }
}
