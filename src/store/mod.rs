//! What storage promises: appends that are durable before they are answered, and reads by version.
//! Small and synchronous, so that any engine with a unique key on (project, version) can keep it.

pub mod codec;
pub mod faulty;
pub mod memory;
pub mod sqlite;

mod pages;
mod tips;

#[cfg(test)]
mod suite;

pub use pages::Pages;

/// The most events one read answers, whatever limit was asked for.
pub const MAX_READ_EVENTS: usize = 10_000;

/// A read ends after the event that takes its documents past this size, in bytes.
pub const MAX_READ_BYTES: usize = 16 * 1024 * 1024;

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The project's event count after this event, from 1, without gaps.
    pub version: u64,
    /// When it was recorded, in milliseconds since the Unix epoch; never falls within a project.
    pub at_ms: i64,
    /// The event's type, such as `TaskCompleted`.
    pub kind: String,
    /// The whole event as one JSON document.
    pub document: String,
    /// SHA-256 of the document, which itself names the hash before it, in lower-case hexadecimal.
    pub hash: String,
}

/// What is to be added to one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The project's slug, or `_daemon`.
    pub project: String,
    /// The version the project must be at.
    pub expected_version: u64,
    /// The owner's epoch; 0 where one process owns the store.
    pub epoch: u64,
    /// Events with versions `expected_version + 1`, `+ 2`, ….
    pub records: Vec<Record>,
}

/// What became of one `Append`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Durable; the project's new version.
    Appended {
        /// The version now.
        version: u64,
    },
    /// Nothing of this append was stored: the project is at another version.
    Conflict {
        /// The version found.
        actual: u64,
    },
}

/// Where a project's log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The project's slug, or `_daemon`.
    pub project: String,
    /// Its newest version.
    pub version: u64,
    /// The newest event's hash.
    pub hash: String,
}

/// A copy of a whole store, consistent at one moment, as one SQLite file that stands alone.
#[derive(Debug)]
pub struct Copied {
    /// The file, open at its start. It has no name any more: it is gone when it is closed.
    pub file: std::fs::File,
    /// Its length in bytes.
    pub bytes: u64,
    /// The head of every log in it, ordered by project.
    pub heads: Vec<Head>,
}

/// Why storage said no. The sentence is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There was no room for the batch. Nothing of it is stored, no write to the disk failed but for want
    /// of room, and the store takes the next batch as if this one had never been.
    #[error("the store has no room left")]
    Full {
        /// The driver's error.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The store cannot take writes any more (a failed fsync, an I/O error). Nothing of the batch may be
    /// taken as stored or as not stored.
    #[error("the store can no longer be written: {reason}")]
    Unwritable {
        /// In a few words.
        reason: String,
        /// The driver's error.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// A read failed.
    #[error("the store cannot be read: {reason}")]
    Unreadable {
        /// In a few words.
        reason: String,
        /// The driver's error.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The store cannot be opened at all; the message says what to do.
    #[error("{0}")]
    Unopened(String),
    /// There is no room for a copy beside the store, with some left for the store itself.
    #[error(
        "a copy needs {needed_bytes} bytes on the disk of the data directory, {free_bytes} are free"
    )]
    NoRoom {
        /// What the copy needs, in bytes, with what is left for the store.
        needed_bytes: u64,
        /// What is free, in bytes.
        free_bytes: u64,
    },
    /// Whoever asked for a copy no longer wants it.
    #[error("the copy was given up")]
    GivenUp,
}

/// The only handle that writes; owned by the engine's writer.
pub trait Store: Send {
    /// Adds to several projects in one durable commit, with an outcome per append in order. An append
    /// whose expected version does not match stores nothing and does not hinder the others; an append
    /// without records only compares versions. Two appends to one project are taken in order.
    ///
    /// After [`StoreError::Full`] nothing of the batch is stored and the store can go on. After any other
    /// error the batch's fate is unknown until the store is opened again, and so every later call is
    /// refused. Records that are not numbered from the expected version on, or that go back in
    /// time, are such an error: a writer that lost count must not go on.
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError>;

    /// Whether there is room again after [`StoreError::Full`], as far as can be told without an append.
    /// Costs little, so that it can be asked every second.
    fn has_room(&mut self) -> bool {
        true
    }

    /// Called when nothing waits: housekeeping such as a checkpoint.
    fn idle(&mut self) -> Result<(), StoreError>;

    /// A handle for reading history beside the writer.
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;
}

/// Reads history; bounded reads only.
pub trait Reader: Send + Sync {
    /// The head of every log, ordered by project.
    fn heads(&self) -> Result<Vec<Head>, StoreError>;

    /// Up to `limit` events of `project` with a version above `after`, in order. Fewer come back when
    /// they are many ([`MAX_READ_EVENTS`]) or large ([`MAX_READ_BYTES`]): only an empty answer means the
    /// end, and [`Pages`] follows them to it.
    fn read(&self, project: &str, after: u64, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// The highest version whose event was recorded at or before `at_ms`; 0 when none.
    fn version_at(&self, project: &str, at_ms: i64) -> Result<u64, StoreError>;

    /// Copies the whole store as it is at one moment, while it is written. `go_on` is asked again and
    /// again; the copy is given up once it says no. Takes room on the store's disk until the copy is
    /// closed; fails without having taken any where there is too little. One copy at a time: whoever
    /// shares a store sees to it.
    fn copy(&self, go_on: &dyn Fn() -> bool) -> Result<Copied, StoreError>;
}
