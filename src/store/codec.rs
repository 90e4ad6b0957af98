//! The hash chain over a log's documents: each names the hash before it, so that no event can be
//! changed, dropped or slipped in without a break. Knows the envelope's `prev` and `version`, no types.

use std::borrow::Cow;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::plan::hexadecimal::hexadecimal;

use super::{MAX_READ_EVENTS, Pages, Reader, Record, StoreError};

/// The end of a chain that was checked up to here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The newest version checked; 0 for an empty log.
    pub version: u64,
    /// The hash of the event at that version; empty for an empty log.
    pub hash: String,
}

/// The first place where a log is not what was written.
#[derive(Debug, thiserror::Error)]
#[error("the log is broken at version {version}: {why}")]
pub struct Broken {
    /// The first version that cannot be trusted.
    pub version: u64,
    /// What is wrong there.
    pub why: Break,
}

/// What is wrong with an event.
#[derive(Debug, thiserror::Error)]
pub enum Break {
    /// The versions leave a gap.
    #[error("the event is missing; the next one found is version {found}")]
    Missing {
        /// The version found in its place.
        found: u64,
    },
    /// The log ends before an event that is known to have been written.
    #[error("the event is missing; the log ends before it")]
    Cut,
    /// The stored hash is not the document's.
    #[error("the document does not have the hash that is stored with it")]
    Altered,
    /// The document is no JSON object with `prev` and `version`.
    #[error("the document is no event")]
    Unparsable(#[source] serde_json::Error),
    /// The document names another version.
    #[error("the document says that it is version {stated}")]
    Misnumbered {
        /// The version in the document.
        stated: u64,
    },
    /// The document does not name the hash of the event before it.
    #[error("the document does not continue the event before it")]
    Unchained,
    /// The event was recorded before the one it follows.
    #[error("the event is older than the one before it")]
    Earlier,
    /// The row cannot be read.
    #[error(transparent)]
    Unreadable(StoreError),
}

/// Checks events one by one as they are read, each against the one before it.
#[derive(Debug, Clone)]
pub struct Chain {
    version: u64,
    at_ms: i64,
    hash: String,
}

/// What every document says of its place in its log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Stated<'a> {
    /// The version it says that it is.
    pub version: u64,
    /// The hash of the document before it; empty for the first.
    #[serde(borrow)]
    pub prev: Cow<'a, str>,
}

impl Chain {
    /// A chain from the first event on.
    pub fn new() -> Self {
        Self::after(0, "")
    }

    /// A chain from the event after `version`, whose hash is known.
    pub fn after(version: u64, hash: &str) -> Self {
        Self {
            version,
            at_ms: i64::MIN,
            hash: hash.to_owned(),
        }
    }

    /// The chain at a head known from elsewhere (`version` at least 1), once the event stored there
    /// proves to be the same.
    ///
    /// # Errors
    /// There is no such event, or its document or its stored hash is another.
    pub fn known(
        reader: &dyn Reader,
        project: &str,
        version: u64,
        hash: &str,
    ) -> Result<Self, Broken> {
        let broken = |why| Broken { version, why };
        let found = reader
            .read(project, version.saturating_sub(1), 1)
            .map_err(|error| broken(Break::Unreadable(error)))?;
        match found.first() {
            Some(record) if record.version != version => Err(broken(Break::Missing {
                found: record.version,
            })),
            Some(record) if record.hash != hash || hash_of(&record.document) != hash => {
                Err(broken(Break::Altered))
            }
            Some(record) => Ok(Self {
                at_ms: record.at_ms,
                ..Self::after(version, hash)
            }),
            None => Err(broken(Break::Cut)),
        }
    }

    /// Checks the next event and takes it in; a chain that has broken stays where it was.
    pub fn link(&mut self, record: &Record) -> Result<(), Broken> {
        let read = || serde_json::from_str(&record.document).map_err(Break::Unparsable);
        self.take(record, read)
    }

    /// The same for a document that was read already and states its place as given.
    pub fn link_read(&mut self, record: &Record, stated: Stated<'_>) -> Result<(), Broken> {
        self.take(record, || Ok(stated))
    }

    fn take<'a>(
        &mut self,
        record: &Record,
        stated: impl FnOnce() -> Result<Stated<'a>, Break>,
    ) -> Result<(), Broken> {
        let version = self.version.saturating_add(1);
        self.check(version, record, stated)
            .map_err(|why| Broken { version, why })?;
        self.version = version;
        self.at_ms = record.at_ms;
        self.hash.clone_from(&record.hash);
        Ok(())
    }

    /// The newest version checked; 0 at the start of a log.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Where the chain stands.
    pub fn head(&self) -> Verified {
        Verified {
            version: self.version,
            hash: self.hash.clone(),
        }
    }

    fn check<'a>(
        &self,
        version: u64,
        record: &Record,
        stated: impl FnOnce() -> Result<Stated<'a>, Break>,
    ) -> Result<(), Break> {
        if record.version != version {
            let found = record.version;
            return Err(Break::Missing { found });
        }
        if digits_of(&Sha256::digest(&record.document).into()) != *record.hash.as_bytes() {
            return Err(Break::Altered);
        }
        let stated = stated()?;
        if stated.version != version {
            let stated = stated.version;
            return Err(Break::Misnumbered { stated });
        }
        if stated.prev != self.hash {
            return Err(Break::Unchained);
        }
        if record.at_ms < self.at_ms {
            return Err(Break::Earlier);
        }
        Ok(())
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// The SHA-256 of a document in lower-case hexadecimal.
pub fn hash_of(document: &str) -> String {
    hexadecimal(&Sha256::digest(document))
}

/// A hash in lower-case hexadecimal without memory of its own: every event is compared with one.
fn digits_of(hash: &[u8; 32]) -> [u8; 64] {
    let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(hash) {
        pair[0] = digit(byte >> 4);
        pair[1] = digit(byte & 15);
    }
    digits
}

/// Walks a project's log and checks that it is whole: numbered without gaps, each event as it was
/// hashed, bound to the one before it, never going back in time. With `from_head`, a version and the
/// hash it is known to have, the event there is compared and only what follows it is walked. Events
/// missing from the end cannot be told from events never written: compare the answer with a known head.
pub fn verify_chain(
    reader: &dyn Reader,
    project: &str,
    from_head: Option<(u64, &str)>,
) -> Result<Verified, Broken> {
    let mut chain = match from_head {
        Some((version, hash)) if version > 0 => Chain::known(reader, project, version, hash)?,
        _ => Chain::new(),
    };
    for page in Pages::new(reader, project, chain.version) {
        match page {
            Ok(records) => records.iter().try_for_each(|record| chain.link(record))?,
            Err(error) => return Err(pinpoint(reader, project, chain, error)),
        }
    }
    Ok(chain.head())
}

/// Finds the event that makes a page unreadable by reading it again one by one.
fn pinpoint(reader: &dyn Reader, project: &str, mut chain: Chain, error: StoreError) -> Broken {
    let mut error = error;
    for _ in 0..MAX_READ_EVENTS {
        match reader.read(project, chain.version, 1) {
            Ok(records) => match records.first().map(|record| chain.link(record)) {
                Some(Ok(())) => {}
                Some(Err(broken)) => return broken,
                None => break,
            },
            Err(closer) => {
                error = closer;
                break;
            }
        }
    }
    Broken {
        version: chain.version.saturating_add(1),
        why: Break::Unreadable(error),
    }
}

#[cfg(test)]
mod tests;
