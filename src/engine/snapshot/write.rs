//! Writes one snapshot: under a name of its own until all of it is on the disk, so that a file with a
//! snapshot's name is whole or was damaged later.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::form::{CODE, END, HEAD, Head, MARK, REQUESTS, frame};
use super::keep::Shelf;
use crate::engine::request::Recall;
use crate::failpoint::{self, Point};
use crate::plan::Plan;
use crate::plan::image::Part;

/// A chunk ends with the entity that makes it so large, in bytes.
pub(super) const CHUNK_BYTES: usize = 512 * 1024;

/// So much is written between two syncs, so that the log's own never wait for much at once.
const SYNC_EVERY_BYTES: u64 = 8 * 1024 * 1024;

/// Why a snapshot was not written. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// The disk said no.
    #[error("it cannot be written")]
    Unwritable(#[from] io::Error),
    /// An entity is larger than a chunk may be.
    #[error("one of its entities is too large")]
    TooLarge,
    /// The daemon stops and waits no longer.
    #[error("the daemon stops before it is done")]
    GivenUp,
}

/// What is to be written.
pub(super) struct Draft<'a> {
    pub project: &'a str,
    /// Settled.
    pub plan: &'a Plan,
    /// The hash of the event at the plan's version.
    pub hash: &'a str,
    /// The request memory as the log tells it up to there.
    pub requests: &'a Recall,
    pub taken_at_ms: i64,
    /// A chunk ends with the entity that makes it so large.
    pub chunk_bytes: usize,
}

/// Writes a snapshot to the shelf; its size in bytes.
pub(super) fn write(
    shelf: &Shelf,
    draft: &Draft<'_>,
    given_up: &AtomicBool,
) -> Result<u64, WriteError> {
    shelf.build()?;
    let version = draft.plan.version();
    let (unfinished, finished) = shelf.names(version, draft.taken_at_ms);
    // Whoever fails to write it leaves nothing behind.
    let mut file = Unfinished::begin(&unfinished)?;
    file.write(&MARK)?;
    let head = Head {
        code: CODE.to_owned(),
        project: draft.project.to_owned(),
        version,
        hash: draft.hash.to_owned(),
    };
    file.value(HEAD, &head)?;
    let mut is_halfway = false;
    draft.plan.write_image(draft.chunk_bytes, |piece| {
        if given_up.load(Ordering::Relaxed) {
            return Err(WriteError::GivenUp);
        }
        file.chunk(piece.kind as u8, piece.bytes)?;
        if !is_halfway && piece.percent >= 50 {
            is_halfway = true;
            // About half of the chunks are written, none is durable for certain.
            failpoint::hit(Point::SnapshotHalfway)?;
        }
        Ok(())
    })?;
    write_requests(&mut file, draft)?;
    let chunks = file.chunks;
    file.value(END, &chunks)?;
    let bytes = file.bytes;
    file.finish(&finished)?;
    shelf.sync()?;
    Ok(bytes)
}

fn write_requests(file: &mut Unfinished, draft: &Draft<'_>) -> Result<(), WriteError> {
    let mut bytes = Vec::new();
    for request in draft.requests.records() {
        request.put(&mut bytes);
        if bytes.len() >= draft.chunk_bytes {
            file.chunk(REQUESTS, &bytes)?;
            bytes.clear();
        }
    }
    if bytes.is_empty() {
        return Ok(());
    }
    file.chunk(REQUESTS, &bytes)
}

/// A file that is removed again unless it is finished.
struct Unfinished {
    file: File,
    path: PathBuf,
    chunks: u32,
    bytes: u64,
    unsynced: u64,
    is_finished: bool,
}

impl Unfinished {
    fn begin(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        Ok(Self {
            file: options
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)?,
            path: path.to_owned(),
            chunks: 0,
            bytes: 0,
            unsynced: 0,
            is_finished: false,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        let count = bytes.len() as u64;
        self.bytes += count;
        self.unsynced += count;
        if self.unsynced >= SYNC_EVERY_BYTES {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(())
    }

    fn chunk(&mut self, kind: u8, payload: &[u8]) -> Result<(), WriteError> {
        let (before, after) = frame(self.chunks, kind, payload).ok_or(WriteError::TooLarge)?;
        self.chunks += 1;
        self.write(&before)?;
        self.write(payload)?;
        self.write(&after)?;
        Ok(())
    }

    fn value(&mut self, kind: u8, value: &impl Part) -> Result<(), WriteError> {
        let mut payload = Vec::new();
        value.put(&mut payload);
        self.chunk(kind, &payload)
    }

    /// Makes it durable and gives it its name.
    fn finish(mut self, name: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, name)?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            // What cannot be removed now is swept at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}
