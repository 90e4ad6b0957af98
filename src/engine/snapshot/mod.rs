//! Snapshots: a plan at one version of its log as a local file, so that a start need not read the whole
//! log. A snapshot is a cache: at any doubt it is passed over, and it can be deleted at any time.

mod form;
mod keep;
mod read;
mod scribe;
mod write;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

pub(super) use keep::{Shelf, sweep};
pub use keep::{SnapshotInfo, forget, list};
pub(super) use read::{Restored, newest_sound, newest_sound_up_to};
pub(super) use scribe::{Desk, Order, Scribe};

/// The folder of all snapshots in a data directory.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("snapshots")
}

/// Reads a snapshot from its first byte to its last and checks every checksum, on one thread and without
/// taking anything in; answers with its size in bytes. What a start could not do without.
///
/// # Errors
/// The file cannot be read, or it is not whole.
pub fn read_and_check(path: &Path) -> io::Result<u64> {
    let mut chunks = form::Chunks::open(path).map_err(io::Error::other)?;
    let mut spare = Vec::new();
    while let Some(chunk) = chunks.next(spare).map_err(io::Error::other)? {
        chunk.check().map_err(io::Error::other)?;
        spare = chunk.payload;
    }
    Ok(chunks.length())
}
