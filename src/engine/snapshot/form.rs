//! The form of a snapshot's file: a mark, then chunks, each with its kind, its length and its checksum, the
//! last of them the end. No byte is outside of the mark or of a checksum, and a chunk that is lost, moved or
//! repeated does not fit its checksum.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::plan::image::{Bytes, Malformed, Part, part};

/// What every snapshot begins with; the last byte is the version of the form.
pub(super) const MARK: [u8; 16] = *b"muster snapshot\x01";

/// The code that folds plans and writes their snapshots: other code may understand the same bytes in
/// another way.
pub(super) const CODE: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("MUSTER_PLAN_CODE"));

/// The largest chunk, in bytes; the memory that reading takes is in proportion to it.
pub(super) const CHUNK_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The kind of the chunk that says what the snapshot is of.
pub(super) const HEAD: u8 = 0;

/// The kind of a chunk of the request memory.
pub(super) const REQUESTS: u8 = 100;

/// The kind of the last chunk.
pub(super) const END: u8 = 255;

const SUM_BYTES: usize = 32;

/// What a snapshot is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The code that wrote it.
    pub code: String,
    /// The project's slug.
    pub project: String,
    /// The plan's version.
    pub version: u64,
    /// The hash of the event at that version.
    pub hash: String,
}

part! {
    struct Head { code, project, version, hash }
}

/// Why a snapshot is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Doubt {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Unreadable(#[source] io::Error),
    /// It does not begin as snapshots of this form do.
    #[error("it has a form that this release does not know")]
    Unknown,
    /// It ends before its end.
    #[error("it is cut off in chunk {0}")]
    Cut(u32),
    /// A chunk says that it is larger than any.
    #[error("chunk {0} is too large")]
    TooLarge(u32),
    /// A checksum does not fit.
    #[error("chunk {0} does not have its checksum")]
    Altered(u32),
    /// Something follows its end.
    #[error("it goes on after its end")]
    Trailing,
    /// A chunk is whole and holds something else than it should.
    #[error("chunk {0} holds what this release does not write")]
    Malformed(u32),
    /// Other code wrote it.
    #[error("it was written by other code ({0})")]
    OtherCode(String),
    /// It is of another project or version than its name says.
    #[error("it is not what its name says")]
    Misnamed,
    /// The log ends before it.
    #[error("the log ends at version {0}, before it")]
    BeyondLog(u64),
    /// The log has another event at its version.
    #[error("the log does not agree with it: {0}")]
    NotInLog(#[source] crate::store::codec::Broken),
    /// Its chunks make no plan of its version.
    #[error("its chunks make no plan")]
    NoPlan,
}

/// A chunk as it was read; not to be trusted before it was checked.
pub(super) struct Chunk {
    /// Its place in the file, from 0.
    pub index: u32,
    /// What it holds.
    pub kind: u8,
    /// Its bytes.
    pub payload: Vec<u8>,
    sum: [u8; SUM_BYTES],
}

impl Chunk {
    /// Whether it is what was written.
    pub fn check(&self) -> Result<(), Doubt> {
        if sum(self.index, self.kind, &self.payload) == self.sum {
            Ok(())
        } else {
            Err(Doubt::Altered(self.index))
        }
    }

    /// Reads the one value it holds.
    pub fn value<T: Part>(&self) -> Result<T, Doubt> {
        let mut from = Bytes::new(&self.payload);
        match T::take(&mut from) {
            Ok(value) if from.is_empty() => Ok(value),
            Ok(_) | Err(Malformed) => Err(Doubt::Malformed(self.index)),
        }
    }
}

fn sum(index: u32, kind: u8, payload: &[u8]) -> [u8; SUM_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(index.to_le_bytes());
    hasher.update([kind]);
    hasher.update((payload.len() as u64).to_le_bytes());
    hasher.update(payload);
    hasher.finalize().into()
}

/// The bytes of a chunk around its payload: before it and after it.
pub(super) fn frame(index: u32, kind: u8, payload: &[u8]) -> Option<([u8; 5], [u8; SUM_BYTES])> {
    let length = u32::try_from(payload.len()).ok()?;
    if payload.len() > CHUNK_BYTES_MAX {
        return None;
    }
    let [a, b, c, d] = length.to_le_bytes();
    Some(([kind, a, b, c, d], sum(index, kind, payload)))
}

/// The chunks of a file, one after the other.
pub(super) struct Chunks<R = File> {
    from: R,
    length: u64,
    left: u64,
    next: u32,
    ended: bool,
}

impl Chunks {
    /// Opens a file and reads its mark.
    pub fn open(path: &Path) -> Result<Self, Doubt> {
        let file = File::open(path).map_err(Doubt::Unreadable)?;
        let length = file.metadata().map_err(Doubt::Unreadable)?.len();
        Self::new(file, length)
    }
}

impl<R: Read> Chunks<R> {
    /// Reads the mark of a snapshot of `length` bytes.
    pub fn new(from: R, length: u64) -> Result<Self, Doubt> {
        let mut chunks = Self {
            from,
            length,
            left: length,
            next: 0,
            ended: false,
        };
        let mut mark = [0; MARK.len()];
        match chunks.fill(&mut mark) {
            Ok(()) if mark == MARK => Ok(chunks),
            Ok(()) | Err(Doubt::Cut(_)) => Err(Doubt::Unknown),
            Err(doubt) => Err(doubt),
        }
    }

    /// The size of the whole file in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Doubt> {
        let wanted = bytes.len() as u64;
        self.left = self.left.checked_sub(wanted).ok_or(Doubt::Cut(self.next))?;
        match self.from.read_exact(bytes) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Doubt::Cut(self.next))
            }
            Err(error) => Err(Doubt::Unreadable(error)),
        }
    }

    /// The next chunk, unchecked, in the room of a spare payload; none after the end, which is checked here.
    pub fn next(&mut self, spare: Vec<u8>) -> Result<Option<Chunk>, Doubt> {
        if self.ended {
            return Ok(None);
        }
        let index = self.next;
        let mut before = [0; 5];
        self.fill(&mut before)?;
        let [kind, length @ ..] = before;
        let length = u32::from_le_bytes(length) as usize;
        if length > CHUNK_BYTES_MAX {
            return Err(Doubt::TooLarge(index));
        }
        if length as u64 > self.left {
            return Err(Doubt::Cut(index));
        }
        let mut payload = spare;
        payload.resize(length, 0);
        let mut chunk = Chunk {
            index,
            kind,
            payload,
            sum: [0; SUM_BYTES],
        };
        self.fill(&mut chunk.payload)?;
        self.fill(&mut chunk.sum)?;
        self.next = index.checked_add(1).ok_or(Doubt::TooLarge(index))?;
        if kind != END {
            return Ok(Some(chunk));
        }
        chunk.check()?;
        if chunk.value::<u32>()? != index {
            return Err(Doubt::Malformed(index));
        }
        if self.left > 0 {
            return Err(Doubt::Trailing);
        }
        self.ended = true;
        Ok(None)
    }

    /// The first chunk, checked: what the snapshot is of.
    pub fn head(&mut self) -> Result<Head, Doubt> {
        let chunk = self.next(Vec::new())?.ok_or(Doubt::NoPlan)?;
        chunk.check()?;
        if chunk.kind != HEAD {
            return Err(Doubt::Malformed(chunk.index));
        }
        chunk.value()
    }
}
