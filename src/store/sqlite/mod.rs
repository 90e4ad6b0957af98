//! The embedded store: one SQLite file, one connection that writes. What an append answers is on the
//! disk (WAL, `synchronous=FULL`, asserted), and after any failure but want of room nothing is written
//! again.

mod copy;
mod directory;
mod failure;
mod migrate;
mod read;
mod remove;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi, params};

use self::directory::Directory;
use self::failure::{is_full, is_taken, unwritable};
use self::read::{Pool, SqliteReader};
use super::tips::{Judgement, Tips};
use super::{Append, Outcome, Reader, Store, StoreError};
use crate::failpoint::{self, Point};

pub use copy::{database, free_bytes, open_backup, place};
pub use directory::{FileSystem, Held, Holder, file_system, hold, holder};

/// How many forms of the database this release knows; the newest one is the one it writes.
pub const STEPS_KNOWN: usize = migrate::STEPS.len();

const DATABASE_FILE: &str = "muster.db";

/// The oldest SQLite without the fault that can lose a write-ahead log's reset.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long a commit waits for another program's lock on the file before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The length of the write-ahead log is looked at so often while it grows to its bound.
const LOOKS_PER_CHECKPOINT: u64 = 16;

/// A commit writes about so many pages beyond its documents: the table's last page, the index's, their
/// parents.
const PAGES_PER_COMMIT: u64 = 3;
/// Written and taken away again to see whether the disk has room.
const ROOM_FILE: &str = "muster.room";

/// After the disk was full, writes are not tried before it has room for so much more than the batch that
/// did not fit, in bytes: what a few commits and a checkpoint's beginning need.
const ROOM_BYTES: usize = 512 * 1024;

const INSERT: &str = "INSERT INTO events (project, version, at_ms, kind, document, hash)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// When the write-ahead log is brought into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteOptions {
    /// When nothing waits, or the store is opened, and this many bytes of it are not in the database yet.
    pub idle_checkpoint_bytes: u64,
    /// At once, when it is this many bytes long.
    pub forced_checkpoint_bytes: u64,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            idle_checkpoint_bytes: 8 * 1024 * 1024,
            forced_checkpoint_bytes: 256 * 1024 * 1024,
        }
    }
}

/// The store in `muster.db` of one data directory.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    pool: Arc<Pool>,
    tips: Tips,
    options: SqliteOptions,
    page_bytes: u64,
    /// About how much the write-ahead log has grown since its length was last looked at, in bytes.
    unlooked_bytes: u64,
    /// Set by the first failure; nothing is written after it.
    refused: Option<String>,
    /// The documents of the batch that last found no room, in bytes.
    unstored_bytes: usize,
    /// Last, so that the files are closed before another process may open them.
    directory: Directory,
}

impl SqliteStore {
    /// Opens the store of a data directory, which is made when it is missing. Fails with a sentence that
    /// says what to do when another process holds the directory, when it may not be written or is on a
    /// network file system, and when the database is a newer release's.
    pub fn open(data_dir: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        let directory = Directory::create(data_dir)?;
        let path = directory.create_private(DATABASE_FILE)?;
        copy::clear(data_dir).map_err(|error| {
            StoreError::Unopened(format!(
                "cannot clear unfinished copies from {}: {error}; check who owns it",
                data_dir.display()
            ))
        })?;
        let unopened = |error| cannot_open(&path, &error);
        let mut connection = connect(&path).map_err(unopened)?;
        migrate::check(&connection)?;
        make_durable(&connection)?;
        migrate::migrate(&mut connection)?;
        let tips = read::tips(&connection).map_err(unopened)?;
        let page_bytes = connection
            .pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0))
            .map_err(unopened)?;
        let mut store = Self {
            connection,
            pool: Pool::new(path),
            tips: Tips::new(tips),
            options,
            page_bytes: page_bytes.into(),
            unlooked_bytes: 0,
            refused: None,
            unstored_bytes: 0,
            directory,
        };
        store.bring_in_what_was_left();
        Ok(store)
    }

    /// Brings in what a process that died has left in the write-ahead log, if it is much. Of a log that is
    /// read anew nothing counts as brought in, so that it goes on at its end: without this it would grow
    /// with every process that dies before it has written much.
    fn bring_in_what_was_left(&mut self) {
        // Whatever fails here closes the store to writes or waits for room; the log can be read as before.
        if let Err(error) = self.checkpoint_if_waiting() {
            self.refuse(&unkept(error));
        }
    }

    /// Fails when an earlier failure has closed the store to writes.
    fn check_writable(&self) -> Result<(), StoreError> {
        match &self.refused {
            None => Ok(()),
            Some(reason) => Err(StoreError::Unwritable {
                reason: reason.clone(),
                source: None,
            }),
        }
    }

    /// Closes the store to writes. A page that a failed fsync lost must not reach the database either,
    /// so closing the file will not bring the write-ahead log in; the next start does, from the disk.
    fn refuse(&mut self, error: &StoreError) {
        let reason = match error {
            StoreError::Unwritable { reason, .. } | StoreError::Unreadable { reason, .. } => reason,
            StoreError::Unopened(reason) => reason,
            // Want of room closes nothing.
            StoreError::Full { .. } => return,
            // Only copies fail like this, and they leave the store as it is.
            StoreError::NoRoom { .. } | StoreError::GivenUp => return,
        };
        self.refused = Some(reason.clone());
        // What can be done about a failure has been done by refusing.
        let _ = self
            .connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    fn try_append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        let judgement = self.tips.judge(batch)?;
        let judgement = match write(&self.connection, &judgement) {
            Ok(()) => judgement,
            Err(error) if is_taken(&error) => self.append_from_disk(batch)?,
            Err(error) => return Err(self.unwritten(batch, error)),
        };
        self.tips.advance(&judgement);
        Ok(judgement.outcomes)
    }

    /// Judges a batch again by what the database says, after another writer has moved a log.
    fn append_from_disk<'a>(&mut self, batch: &'a [Append]) -> Result<Judgement<'a>, StoreError> {
        self.tips = Tips::new(read::tips(&self.connection).map_err(unwritable)?);
        let judgement = self.tips.judge(batch)?;
        write(&self.connection, &judgement).map_err(|error| self.unwritten(batch, error))?;
        Ok(judgement)
    }

    /// What a failed write means. Want of room is definite only when the transaction is rolled back and
    /// the database still ends where it did before.
    fn unwritten(&self, batch: &[Append], error: rusqlite::Error) -> StoreError {
        let is_undone = || {
            self.connection.is_autocommit()
                && batch.iter().all(|append| {
                    let newest = read::newest(&self.connection, &append.project);
                    newest.is_ok_and(|newest| newest == self.tips.version(&append.project))
                })
        };
        if is_full(&error) && is_undone() {
            let source = Some(error.into());
            return StoreError::Full { source };
        }
        unwritable(error)
    }

    /// Whether a file of this size can be written beside the database.
    fn has_room_for(&self, bytes: usize) -> bool {
        let path = self.directory.file(ROOM_FILE);
        let written = std::fs::write(&path, vec![0_u8; bytes]);
        // It is made again and cut at the next look.
        let _ = std::fs::remove_file(&path);
        written.is_ok()
    }

    /// The length of the write-ahead log, and how much of it is not in the database yet, in bytes.
    fn log_bytes(&self) -> rusqlite::Result<(u64, u64)> {
        self.checkpoint_pragma("PRAGMA wal_checkpoint(NOOP)")
    }

    /// Brings the write-ahead log into the database as far as no reader needs it; what is left is for
    /// the next time. The file is kept and written again from its start.
    fn checkpoint(&self) -> rusqlite::Result<()> {
        failpoint::hit(Point::CheckpointBegin).map_err(injected)?;
        self.checkpoint_pragma("PRAGMA wal_checkpoint(PASSIVE)")?;
        Ok(())
    }

    /// Does so when much of it is not in the database yet.
    fn checkpoint_if_waiting(&self) -> rusqlite::Result<()> {
        let (_, waiting) = self.log_bytes()?;
        if waiting < self.options.idle_checkpoint_bytes {
            return Ok(());
        }
        self.checkpoint()
    }

    fn checkpoint_pragma(&self, sql: &str) -> rusqlite::Result<(u64, u64)> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let (pages, done) = statement.query_row([], |row| {
            Ok((row.get::<_, i64>(1)?.max(0), row.get::<_, i64>(2)?.max(0)))
        })?;
        let bytes = |pages: i64| pages.unsigned_abs() * self.page_bytes;
        Ok((bytes(pages), bytes((pages - done).max(0))))
    }

    /// Keeps the write-ahead log within its bound under a load that never pauses. Asking for its length
    /// takes several system calls, so that it is asked for now and then.
    fn checkpoint_if_forced(&mut self, batch: &[Append]) -> rusqlite::Result<()> {
        let records = batch.iter().flat_map(|append| &append.records);
        let bytes = records.map(|record| record.document.len() as u64);
        self.unlooked_bytes += bytes.sum::<u64>() + PAGES_PER_COMMIT * self.page_bytes;
        if self.unlooked_bytes < self.options.forced_checkpoint_bytes / LOOKS_PER_CHECKPOINT {
            return Ok(());
        }
        self.unlooked_bytes = 0;
        let (length, waiting) = self.log_bytes()?;
        // A reader can keep a log that is wholly brought in from being used again; doing it once more
        // would only cost.
        if length >= self.options.forced_checkpoint_bytes
            && waiting >= self.options.idle_checkpoint_bytes
        {
            self.checkpoint()?;
        }
        Ok(())
    }
}

impl Store for SqliteStore {
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        self.check_writable()?;
        let outcomes = self.try_append(batch).inspect_err(|error| {
            let records = batch.iter().flat_map(|append| &append.records);
            self.unstored_bytes = records.map(|record| record.document.len()).sum();
            self.refuse(error);
        })?;
        // The batch is durable whatever becomes of the checkpoint.
        if let Err(error) = self.checkpoint_if_forced(batch) {
            self.refuse(&unkept(error));
        }
        Ok(outcomes)
    }

    fn has_room(&mut self) -> bool {
        self.has_room_for(self.unstored_bytes.saturating_add(ROOM_BYTES))
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        self.check_writable()?;
        if self.unlooked_bytes < self.options.idle_checkpoint_bytes / LOOKS_PER_CHECKPOINT {
            return Ok(());
        }
        self.unlooked_bytes = 0;
        self.checkpoint_if_waiting()
            .map_err(unkept)
            .inspect_err(|error| self.refuse(error))
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader {
            pool: Arc::clone(&self.pool),
            _directory: None,
        }))
    }
}

/// Opens the files of a stopped daemon for reading only. Holds the data directory while the reader
/// lives, so no daemon starts meanwhile; fails with a sentence while one runs.
pub fn open_read_only(data_dir: &Path) -> Result<Box<dyn Reader>, StoreError> {
    if !data_dir.join(DATABASE_FILE).is_file() {
        return Err(StoreError::Unopened(format!(
            "{} holds no {DATABASE_FILE}; name the data directory of a daemon with --data-dir",
            data_dir.display()
        )));
    }
    let directory = Directory::take(data_dir)?;
    let path = directory.file(DATABASE_FILE);
    let connection = read::connect(&path).map_err(|error| cannot_open(&path, &error))?;
    if migrate::check(&connection)? < migrate::STEPS.len() {
        return Err(StoreError::Unopened(format!(
            "{} was written by an older release; start the daemon once to bring it up to date",
            path.display()
        )));
    }
    Ok(Box::new(SqliteReader {
        pool: Pool::new(path),
        _directory: Some(directory),
    }))
}

/// Opens the files of a daemon that may be running, for reading only and for a moment: it holds nothing, so
/// a daemon may start or stop meanwhile.
pub fn open_beside(data_dir: &Path) -> Result<Box<dyn Reader>, StoreError> {
    let path = database(data_dir);
    let connection = read::connect(&path).map_err(|error| cannot_open(&path, &error))?;
    migrate::check(&connection)?;
    Ok(Box::new(SqliteReader {
        pool: Pool::new(path),
        _directory: None,
    }))
}

/// The version of SQLite in this program.
pub fn library_version() -> &'static str {
    rusqlite::version()
}

/// Stores what was accepted in one transaction; leaves none open.
fn write(connection: &Connection, judgement: &Judgement<'_>) -> rusqlite::Result<()> {
    if judgement.accepted.is_empty() {
        return Ok(());
    }
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let written = insert(connection, &judgement.accepted)
        .and_then(|()| failpoint::hit(Point::AppendStored).map_err(injected))
        .and_then(|()| connection.prepare_cached("COMMIT")?.execute([]).map(drop));
    if written.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute([])?;
    }
    written
}

fn insert(connection: &Connection, accepted: &[&Append]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(INSERT)?;
    for append in accepted {
        for record in &append.records {
            let version = i64::try_from(record.version)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            statement.execute(params![
                append.project,
                version,
                record.at_ms,
                record.kind,
                record.document,
                record.hash
            ])?;
        }
    }
    Ok(())
}

/// A failed checkpoint. One that found no room has taken nothing out of the write-ahead log, and the next
/// one copies everything again.
fn unkept(error: rusqlite::Error) -> StoreError {
    if is_full(&error) {
        let source = Some(error.into());
        return StoreError::Full { source };
    }
    unwritable(error)
}

/// An error that a failpoint asks for, as the driver would report it.
fn injected(error: std::io::Error) -> rusqlite::Error {
    let code = ffi::Error::new(ffi::SQLITE_IOERR);
    rusqlite::Error::SqliteFailure(code, Some(error.to_string()))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Sets what durability rests on and asks back, since a pragma that is not understood says nothing.
fn make_durable(connection: &Connection) -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::Unopened(format!(
            "this build holds SQLite {}, which can lose committed data; build with 3.51.3 or newer",
            rusqlite::version()
        )));
    }
    let settings = || {
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = -1;
             PRAGMA trusted_schema = OFF;",
        )?;
        let journal = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        let synchronous = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        let automatic = connection.query_row("PRAGMA wal_autocheckpoint", [], |row| row.get(0))?;
        Ok((journal, synchronous, automatic))
    };
    let found: (String, i64, i64) = settings().map_err(|error: rusqlite::Error| {
        StoreError::Unopened(format!(
            "the database cannot be prepared for writing: {error}"
        ))
    })?;
    if found == ("wal".to_owned(), 2, 0) {
        return Ok(());
    }
    Err(StoreError::Unopened(format!(
        "the database does not take the settings that make commits durable (journal {}, synchronous \
         {}); is another program using it?",
        found.0, found.1
    )))
}

fn cannot_open(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Unopened(format!(
        "cannot open {}: {error}; if it is damaged, restore a backup",
        path.display()
    ))
}
