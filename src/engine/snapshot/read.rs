//! Reads snapshots back, on several threads when they are large. One is used only when every byte of it
//! is what was written, by this code, and the log has its event; else the next older one is tried.

use std::io::Read;
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::form::{CODE, Chunk, Chunks, Doubt, Head, REQUESTS};
use super::keep::{Shelf, Stored};
use crate::engine::request::{REMEMBERED_MAX, Recall, Remembered};
use crate::plan::Plan;
use crate::plan::image::{Bytes, Kind, Malformed, Part, Portion, assemble};
use crate::store::codec::Chain;
use crate::store::{Head as LogHead, Reader};
use crate::telemetry;

/// A smaller file is read on one thread, in bytes.
const LARGE_BYTES: u64 = if cfg!(test) {
    4 * 1024
} else {
    2 * 1024 * 1024
};

/// At most so many threads read one file.
const THREADS_MAX: usize = 4;

/// A plan as a snapshot has it, and the chain of the log from there.
pub(in crate::engine) struct Restored {
    pub plan: Plan,
    /// Stands at the event of the plan's version.
    pub chain: Chain,
    /// The request memory as the log tells it up to there.
    pub requests: Recall,
}

/// The newest snapshot of a project that is beyond doubt.
pub(in crate::engine) fn newest_sound(
    shelf: &Shelf,
    reader: &dyn Reader,
    log: &LogHead,
) -> Option<Restored> {
    first_sound(shelf.snapshots().into_iter().rev(), reader, log)
}

/// The newest snapshot that is beyond doubt among those up to the version of `log`, a version the project
/// had. Later ones are as they should be.
pub(in crate::engine) fn newest_sound_up_to(
    shelf: &Shelf,
    reader: &dyn Reader,
    log: &LogHead,
) -> Option<Restored> {
    let stored = shelf.snapshots().into_iter().rev();
    let earlier = stored.filter(|stored| stored.version <= log.version);
    first_sound(earlier, reader, log)
}

fn first_sound(
    newest_first: impl Iterator<Item = Stored>,
    reader: &dyn Reader,
    log: &LogHead,
) -> Option<Restored> {
    for stored in newest_first {
        match restore(&stored, reader, log) {
            Ok(restored) => return Some(restored),
            Err(doubt) => pass_over(&stored, &log.project, &doubt),
        }
    }
    None
}

fn pass_over(stored: &Stored, project: &str, doubt: &Doubt) {
    let why = telemetry::chain(doubt);
    let (version, path) = (stored.version, stored.path.display());
    if matches!(doubt, Doubt::OtherCode(_)) {
        tracing::info!(
            project.id = project,
            version,
            why,
            "a snapshot of {project} by another release is passed over"
        );
    } else {
        tracing::warn!(
            project.id = project,
            version,
            why,
            %path,
            "a snapshot of {project} is passed over"
        );
    }
}

/// Opens a snapshot that this code wrote and whose event the log has.
fn open(
    stored: &Stored,
    reader: &dyn Reader,
    log: &LogHead,
) -> Result<(Chunks, Head, Chain), Doubt> {
    let mut chunks = Chunks::open(&stored.path)?;
    let head = chunks.head()?;
    if head.code != CODE {
        return Err(Doubt::OtherCode(head.code));
    }
    if head.project != log.project || head.version != stored.version || head.version == 0 {
        return Err(Doubt::Misnamed);
    }
    if head.version > log.version {
        return Err(Doubt::BeyondLog(log.version));
    }
    let chain = Chain::known(reader, &head.project, head.version, &head.hash);
    let chain = chain.map_err(Doubt::NotInLog)?;
    Ok((chunks, head, chain))
}

fn restore(stored: &Stored, reader: &dyn Reader, log: &LogHead) -> Result<Restored, Doubt> {
    let (chunks, head, chain) = open(stored, reader, log)?;
    let threads = if chunks.length() < LARGE_BYTES {
        1
    } else {
        thread::available_parallelism().map_or(1, |count| count.get().min(THREADS_MAX))
    };
    let mut portions = Vec::new();
    let mut remembered = Vec::new();
    for (_, content) in contents(chunks, threads)? {
        match content {
            Content::Portion(portion) => portions.push(*portion),
            Content::Requests(requests) => remembered.extend(requests),
        }
    }
    let plan = assemble(portions).map_err(|Malformed| Doubt::NoPlan)?;
    let slug = plan.project().map(|project| Arc::clone(&project.slug));
    let is_it = plan.version() == head.version && slug.as_deref() == Some(&*head.project);
    if !is_it || remembered.len() > REMEMBERED_MAX {
        return Err(Doubt::NoPlan);
    }
    Ok(Restored {
        requests: Recall::restored(&head.project.as_str().into(), remembered),
        plan,
        chain,
    })
}

/// The request memory of a snapshot alone, and the chain from there.
pub(super) fn requests(
    stored: &Stored,
    reader: &dyn Reader,
    log: &LogHead,
) -> Result<(Recall, Chain), Doubt> {
    let (mut chunks, head, chain) = open(stored, reader, log)?;
    let mut remembered = Vec::new();
    let mut spare = Vec::new();
    while let Some(chunk) = chunks.next(spare)? {
        chunk.check()?;
        if chunk.kind == REQUESTS {
            remembered.extend(read_requests(&chunk)?);
        }
        spare = chunk.payload;
    }
    let requests = Recall::restored(&head.project.as_str().into(), remembered);
    Ok((requests, chain))
}

/// What a chunk holds.
enum Content {
    Portion(Box<Portion>),
    Requests(Vec<Remembered>),
}

/// What all chunks hold, in order.
fn contents<R: Read + Send>(
    chunks: Chunks<R>,
    threads: usize,
) -> Result<Vec<(u32, Content)>, Doubt> {
    let chunks = Mutex::new(chunks);
    let work = || {
        let mut read = Vec::new();
        let mut spare = Vec::new();
        loop {
            let next = chunks
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next(spare)?;
            let Some(chunk) = next else {
                return Ok(read);
            };
            chunk.check()?;
            read.push((chunk.index, content(&chunk)?));
            spare = chunk.payload;
        }
    };
    let shares: Vec<Result<Vec<(u32, Content)>, Doubt>> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let joined = others.into_iter().map(|other| match other.join() {
            Ok(share) => share,
            Err(fault) => panic::resume_unwind(fault),
        });
        std::iter::once(own).chain(joined).collect()
    });
    let mut all = Vec::new();
    for share in shares {
        all.extend(share?);
    }
    all.sort_unstable_by_key(|(index, _)| *index);
    Ok(all)
}

fn content(chunk: &Chunk) -> Result<Content, Doubt> {
    if chunk.kind == REQUESTS {
        return read_requests(chunk).map(Content::Requests);
    }
    let malformed = || Doubt::Malformed(chunk.index);
    let kind = Kind::of(chunk.kind).ok_or_else(malformed)?;
    let portion = Portion::read(kind, &chunk.payload).map_err(|Malformed| malformed())?;
    Ok(Content::Portion(Box::new(portion)))
}

fn read_requests(chunk: &Chunk) -> Result<Vec<Remembered>, Doubt> {
    let mut from = Bytes::new(&chunk.payload);
    let mut requests = Vec::new();
    while !from.is_empty() {
        let request = Remembered::take(&mut from);
        requests.push(request.map_err(|Malformed| Doubt::Malformed(chunk.index))?);
    }
    Ok(requests)
}

/// Takes in the plan of a snapshot of these bytes, whatever name it has and whatever the log says.
#[cfg(test)]
pub(super) fn plan_in(bytes: &[u8]) -> Result<Plan, Doubt> {
    let mut chunks = Chunks::new(bytes, bytes.len() as u64)?;
    let head = chunks.head()?;
    let contents = contents(chunks, 1)?.into_iter();
    let portions = contents.filter_map(|(_, content)| match content {
        Content::Portion(portion) => Some(*portion),
        Content::Requests(_) => None,
    });
    let plan = assemble(portions.collect()).map_err(|Malformed| Doubt::NoPlan)?;
    if plan.version() == head.version {
        Ok(plan)
    } else {
        Err(Doubt::NoPlan)
    }
}
