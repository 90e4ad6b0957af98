//! A log read back: every event is checked against the one before it, decoded and applied in one pass,
//! so that no plan is ever built from a log that is not whole.

use std::ops::Range;
use std::sync::Arc;

use super::board::{Recent, Weighed};
use super::intake;
pub(super) use super::intake::FoldError;
use crate::plan::Plan;
use crate::plan::codec;
use crate::plan::event::Recorded;
use crate::store::codec::{Break, Broken, Chain, Verified};
use crate::store::{Reader, Record};

/// A plan and the hash its log goes on from.
pub(super) struct Folded {
    pub plan: Plan,
    pub hash: String,
}

/// Takes records in on top of a plan.
pub(super) struct Folding {
    pub plan: Plan,
    chain: Chain,
}

impl Folding {
    /// From nothing.
    pub fn new() -> Self {
        Self {
            plan: Plan::default(),
            chain: Chain::new(),
        }
    }

    /// From a plan and the hash of its newest event.
    pub fn after(plan: Plan, hash: &str) -> Self {
        let chain = Chain::after(plan.version(), hash);
        Self { plan, chain }
    }

    /// From a plan and a chain that stands at its newest event.
    pub fn on(plan: Plan, chain: Chain) -> Self {
        Self { plan, chain }
    }

    /// Takes one record in and hands its event back.
    #[cfg(test)]
    pub fn take(&mut self, record: &Record) -> Result<Weighed, FoldError> {
        let event = intake::take(&mut self.chain, record)?;
        self.plan.apply(&event.0);
        Ok(event)
    }

    /// Reads on to the end of the log, handing every event to `each`.
    pub fn read_on(
        &mut self,
        reader: &dyn Reader,
        project: &str,
        mut each: impl FnMut(Weighed),
    ) -> Result<(), FoldError> {
        let plan = &mut self.plan;
        intake::read_on(reader, project, &mut self.chain, |batch| {
            for event in batch {
                plan.apply(&event.0);
                each(event);
            }
        })
    }

    /// Where the chain stands: the newest sound version and its hash.
    pub fn head(&self) -> (u64, String) {
        let head = self.chain.head();
        (head.version, head.hash)
    }

    /// What was folded; settled, so that it compares equal to any other way to the same version.
    pub fn finish(mut self) -> Folded {
        self.plan.settle();
        let (_, hash) = self.head();
        Folded {
            plan: self.plan,
            hash,
        }
    }
}

/// So many events are read at a time when a log is read backwards.
const BACKWARDS_EVENTS: u64 = 128;

/// Fills `recent` with the events up to `newest`, whose hash is known, as far as there is room: what
/// taking in the whole log would have left there.
pub(super) fn read_older(
    reader: &dyn Reader,
    project: &str,
    newest: &Verified,
    recent: &mut Recent,
) -> Result<(), FoldError> {
    let mut head = newest.clone();
    while head.version > 0 {
        let after = head.version.saturating_sub(BACKWARDS_EVENTS);
        let records = read_between(reader, project, after, head.version)?;
        // The event in front of them is known by its hash alone, which the next round compares.
        let before = match after {
            0 => String::new(),
            _ => hash_at(reader, project, after)?,
        };
        let mut chain = Chain::after(after, &before);
        for record in &records {
            chain.link(record)?;
        }
        if chain.head() != head {
            let (version, why) = (head.version, Break::Altered);
            return Err(Broken { version, why }.into());
        }
        for record in records.iter().rev() {
            if !recent.has_room_for(record.document.len()) {
                return Ok(());
            }
            let version = record.version;
            let event = codec::decode(&record.document)
                .map_err(|source| FoldError::Undecodable { version, source })?;
            recent.push_older((Arc::new(event), record.document.len()));
        }
        head = Verified {
            version: after,
            hash: before,
        };
    }
    Ok(())
}

fn hash_at(reader: &dyn Reader, project: &str, version: u64) -> Result<String, FoldError> {
    let found = reader.read(project, version.saturating_sub(1), 1);
    let found = found.map_err(FoldError::Unreadable)?.into_iter().next();
    found.map(|record| record.hash).ok_or_else(|| {
        let why = Break::Cut;
        Broken { version, why }.into()
    })
}

/// The records with versions above `after` and up to `until`.
pub(super) fn read_between(
    reader: &dyn Reader,
    project: &str,
    after: u64,
    until: u64,
) -> Result<Vec<Record>, FoldError> {
    let mut records: Vec<Record> = Vec::new();
    let mut read = after;
    while read < until {
        let limit = usize::try_from(until - read).unwrap_or(usize::MAX);
        let page = reader
            .read(project, read, limit)
            .map_err(FoldError::Unreadable)?;
        let Some(last) = page.last() else { break };
        read = last.version;
        records.extend(page);
    }
    Ok(records)
}

/// The first page of a bounded read holds so many events; each further one twice as many as the one before.
const FIRST_PAGE_EVENTS: usize = 4;

/// Up to `limit` events with versions above the range's start and up to its end, decoded. No page is read
/// any more once their documents are larger than `bytes_max`; the pages begin small, so that large events
/// do not take much more than that.
pub(super) fn read_events(
    reader: &dyn Reader,
    project: &str,
    versions: Range<u64>,
    limit: usize,
    bytes_max: usize,
) -> Result<Vec<Arc<Recorded>>, FoldError> {
    let mut events = Vec::new();
    let (mut after, until) = (versions.start, versions.end);
    let mut bytes = 0;
    let mut page_events = FIRST_PAGE_EVENTS;
    while events.len() < limit && after < until && bytes <= bytes_max {
        let page = reader
            .read(project, after, page_events.min(limit - events.len()))
            .map_err(FoldError::Unreadable)?;
        page_events = page_events.saturating_mul(2);
        let Some(last) = page.last() else { break };
        after = last.version;
        for record in page.iter().filter(|record| record.version <= until) {
            let version = record.version;
            bytes += record.document.len();
            let event = codec::decode(&record.document)
                .map_err(|source| FoldError::Undecodable { version, source })?;
            events.push(Arc::new(event));
        }
    }
    Ok(events)
}
