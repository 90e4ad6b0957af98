//! The first half of taking a log in: events are read, checked against the chain and decoded, and handed
//! over in order, a batch at a time. Where a log is long and there are cores for it, this half runs ahead on
//! a thread of its own; what is handed over, and what stops it, is the same either way.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::board::Weighed;
use crate::plan::codec::{self, Opened};
use crate::store::codec::{Break, Broken, Chain, Stated};
use crate::store::{Reader, Record, StoreError};

/// The first events of a log are taken in where they are wanted: most logs are short, and a thread for each
/// would cost more than it saves.
const FIRST_PAGE_EVENTS: usize = if cfg!(test) { 2 } else { 32 };

/// So many events are read at a time from there on; few enough that their documents stay in the caches
/// between being read, checked and decoded.
const PAGE_EVENTS: usize = if cfg!(test) { 3 } else { 256 };

/// A batch is handed over once its documents are larger than this, in bytes.
const BATCH_BYTES: usize = 1024 * 1024;

/// At most so many batches wait to be taken. With the one being made, the one being taken and the page being
/// read ([`MAX_READ_BYTES`](crate::store::MAX_READ_BYTES)) they are all that is held of a log at a time.
const BATCHES_MAX: usize = 4;

/// Why a log cannot be folded.
#[derive(Debug, thiserror::Error)]
pub(super) enum FoldError {
    /// The store did not answer.
    #[error("the log cannot be read")]
    Unreadable(#[source] StoreError),
    /// An event is not what was written.
    #[error(transparent)]
    Broken(Broken),
    /// A document that is whole cannot be taken in.
    #[error("the event at version {version} cannot be taken in")]
    Undecodable {
        version: u64,
        #[source]
        source: codec::CodecError,
    },
}

impl From<Broken> for FoldError {
    fn from(broken: Broken) -> Self {
        match broken.why {
            Break::Unreadable(error) => Self::Unreadable(error),
            _ => Self::Broken(broken),
        }
    }
}

/// Checks one record and decodes its event.
pub(super) fn take(chain: &mut Chain, record: &Record) -> Result<Weighed, FoldError> {
    let opened = codec::open(&record.document);
    // What is no event may still say where it stands: what is wrong with the chain is told first.
    let opened = match opened {
        Ok(Opened {
            recorded,
            prev: Some(prev),
        }) => {
            let version = recorded.version;
            chain.link_read(record, Stated { version, prev })?;
            Ok(recorded)
        }
        other => {
            chain.link(record)?;
            other.map(|opened| opened.recorded)
        }
    };
    let version = record.version;
    let recorded = opened.map_err(|source| FoldError::Undecodable { version, source })?;
    Ok((Arc::new(recorded), record.document.len()))
}

/// What a page showed of the log's end.
enum Reached {
    /// As many events as were asked for.
    More,
    /// Fewer events: the end, or a page full of bytes.
    Few,
    End,
}

/// A log on its way in.
struct Intake<'a> {
    reader: &'a dyn Reader,
    project: &'a str,
    chain: &'a mut Chain,
}

/// Reads the log of `project` on from where the chain stands, handing its events over in order. Where this
/// fails, every event before the failure was handed over, and the chain stands where it broke.
pub(super) fn read_on(
    reader: &dyn Reader,
    project: &str,
    chain: &mut Chain,
    mut each: impl FnMut(Vec<Weighed>),
) -> Result<(), FoldError> {
    let mut intake = Intake {
        reader,
        project,
        chain,
    };
    let mut here = |batch| {
        each(batch);
        true
    };
    loop {
        match intake.page(FIRST_PAGE_EVENTS, &mut here)? {
            Reached::End => return Ok(()),
            Reached::Few => {}
            Reached::More => break,
        }
    }
    let has_cores = thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    let ended = has_cores.then(|| intake.run_ahead(&mut each)).flatten();
    ended.unwrap_or_else(|| {
        intake.run(|batch| {
            each(batch);
            true
        })
    })
}

impl Intake<'_> {
    /// Runs on a thread of its own; none when the system gives no thread, and then nothing was read.
    fn run_ahead(&mut self, each: &mut impl FnMut(Vec<Weighed>)) -> Option<Result<(), FoldError>> {
        let (send, batches) = sync_channel(BATCHES_MAX);
        thread::scope(|scope| {
            // Whoever takes the batches may be gone by a panic: then there is nothing to go on for.
            let run = move || self.run(|batch| send.send(batch).is_ok());
            let thread = thread::Builder::new().name("muster-intake".to_owned());
            let thread = thread.spawn_scoped(scope, run).ok()?;
            batches.into_iter().for_each(each);
            let ended = thread.join();
            Some(ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    /// Reads to the end of the log, or until nobody takes what is handed over.
    fn run(&mut self, mut hand_over: impl FnMut(Vec<Weighed>) -> bool) -> Result<(), FoldError> {
        while !matches!(self.page(PAGE_EVENTS, &mut hand_over)?, Reached::End) {}
        Ok(())
    }

    /// Reads one page.
    fn page(
        &mut self,
        events: usize,
        hand_over: &mut impl FnMut(Vec<Weighed>) -> bool,
    ) -> Result<Reached, FoldError> {
        let after = self.chain.version();
        let page = self
            .reader
            .read(self.project, after, events)
            .map_err(FoldError::Unreadable)?;
        if page.is_empty() {
            return Ok(Reached::End);
        }
        let mut batch = Vec::with_capacity(page.len());
        let mut bytes = 0;
        let mut failed = None;
        for record in &page {
            match take(self.chain, record) {
                Ok(event) => batch.push(event),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
            bytes += record.document.len();
            if bytes > BATCH_BYTES {
                bytes = 0;
                if !hand_over(std::mem::take(&mut batch)) {
                    return Ok(Reached::End);
                }
            }
        }
        let wanted = hand_over(batch);
        match failed {
            Some(error) => Err(error),
            None if !wanted => Ok(Reached::End),
            None if page.len() < events => Ok(Reached::Few),
            None => Ok(Reached::More),
        }
    }
}

#[cfg(test)]
mod tests;
