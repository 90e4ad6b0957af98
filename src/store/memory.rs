//! A store that keeps the same promises in memory, but for surviving the process; for tests and trials.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::tips::Tips;
use super::{
    Append, Copied, Head, MAX_READ_BYTES, MAX_READ_EVENTS, Outcome, Reader, Record, Store,
    StoreError,
};

/// Keeps every log in memory, shared with its readers.
#[derive(Debug, Default)]
pub struct MemoryStore {
    shared: Arc<RwLock<Shared>>,
    refused: Option<String>,
}

#[derive(Debug, Default)]
struct Shared {
    logs: BTreeMap<String, Vec<Record>>,
    tips: Tips,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another handle on the same logs, in the state a restart would find; drop the first one before
    /// writing, as a process would.
    pub fn reopen(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            refused: None,
        }
    }

    fn try_append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        let judgement = shared.tips.judge(batch)?;
        for append in &judgement.accepted {
            let log = shared.logs.entry(append.project.clone()).or_default();
            log.extend(append.records.iter().cloned());
        }
        shared.tips.advance(&judgement);
        Ok(judgement.outcomes)
    }
}

impl Store for MemoryStore {
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        if let Some(reason) = &self.refused {
            return Err(StoreError::Unwritable {
                reason: reason.clone(),
                source: None,
            });
        }
        let answer = self.try_append(batch);
        if let Err(StoreError::Unwritable { reason, .. }) = &answer {
            self.refused = Some(reason.clone());
        }
        answer
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(MemoryReader {
            shared: Arc::clone(&self.shared),
        }))
    }
}

struct MemoryReader {
    shared: Arc<RwLock<Shared>>,
}

impl MemoryReader {
    fn shared(&self) -> RwLockReadGuard<'_, Shared> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader for MemoryReader {
    fn heads(&self) -> Result<Vec<Head>, StoreError> {
        let head = |(project, log): (&String, &Vec<Record>)| {
            log.last().map(|newest| Head {
                project: project.clone(),
                version: newest.version,
                hash: newest.hash.clone(),
            })
        };
        Ok(self.shared().logs.iter().filter_map(head).collect())
    }

    fn read(&self, project: &str, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let shared = self.shared();
        let log = shared.logs.get(project).map_or(&[][..], Vec::as_slice);
        let start = usize::try_from(after).unwrap_or(usize::MAX).min(log.len());
        let mut bytes = 0;
        let fits = |record: &&Record| {
            let room = bytes < MAX_READ_BYTES;
            bytes += record.document.len();
            room
        };
        let page = log[start..].iter().take(limit.min(MAX_READ_EVENTS));
        Ok(page.take_while(fits).cloned().collect())
    }

    fn version_at(&self, project: &str, at_ms: i64) -> Result<u64, StoreError> {
        let shared = self.shared();
        let log = shared.logs.get(project).map_or(&[][..], Vec::as_slice);
        Ok(log.partition_point(|record| record.at_ms <= at_ms) as u64)
    }

    fn copy(&self, _go_on: &dyn Fn() -> bool) -> Result<Copied, StoreError> {
        Err(StoreError::Unopened(
            "a store in memory has no files to copy; keep the logs in a data directory".to_owned(),
        ))
    }
}
