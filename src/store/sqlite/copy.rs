//! Whole copies of the database: made by SQLite's own backup interface while the writer goes on, and read
//! back later. A copy is one file that stands alone, with neither a write-ahead log nor a name in the
//! data directory that could be left behind.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::failure::unreadable;
use super::migrate::{self, Form};
use super::read::{self, Pool, SqliteReader};
use super::{BUSY_TIMEOUT, DATABASE_FILE, STEPS_KNOWN};
use crate::store::{Copied, Reader, StoreError};

/// The file a copy is made in, until it is complete; SQLite may put others beside it that begin alike.
const PART_FILE: &str = "backup.part";

/// Pages that are copied before `go_on` is asked again: some 4 MiB.
const PAGES_AT_ONCE: i32 = 1_024;

/// Room that a copy leaves on the disk, in bytes: a daemon whose disk is full can write no more.
const ROOM_LEFT_BYTES: u64 = 64 * 1024 * 1024;

/// How long a copy waits when the database is locked for a moment.
const LOCKED_PAUSE: Duration = Duration::from_millis(20);

/// Takes away what a copy left behind whose process was killed.
pub(super) fn clear(data_dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        let is_part = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(PART_FILE));
        if is_part && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Takes the part file away whatever happens.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next start.
        if let Some(data_dir) = self.0.parent() {
            let _ = clear(data_dir);
        }
    }
}

/// Copies the database at `path`.
pub(super) fn copy(path: &Path, go_on: &dyn Fn() -> bool) -> Result<Copied, StoreError> {
    let data_dir = path.parent().unwrap_or(Path::new("."));
    clear(data_dir).map_err(|error| uncopied(data_dir, &error))?;
    let from = read::connect(path).map_err(unreadable)?;
    // One read transaction over all of it: the writer goes on, and the copy need not begin anew.
    from.execute_batch("BEGIN").map_err(unreadable)?;
    let heads = read::heads(&from).map_err(unreadable)?;
    refuse_without_room(&from, data_dir)?;
    let part = Part(data_dir.join(PART_FILE));
    create(&part.0).map_err(|error| uncopied(&part.0, &error))?;
    fill(&from, &part.0, go_on)?;
    drop(from);
    stand_alone(&part.0).map_err(|error| of_copy(error, data_dir))?;
    let opened = File::open(&part.0).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (bytes, file) = opened.map_err(|error| uncopied(&part.0, &error))?;
    Ok(Copied { file, bytes, heads })
}

/// Copies a backup into the database file `into`, which must not be there yet.
pub fn place(backup: &Path, into: &Path) -> Result<(), StoreError> {
    let from = read::connect(backup).map_err(unreadable)?;
    from.execute_batch("BEGIN").map_err(unreadable)?;
    read::heads(&from).map_err(unreadable)?;
    create(into).map_err(|error| uncopied(into, &error))?;
    fill(&from, into, &|| true)?;
    stand_alone(into).map_err(|error| of_copy(error, into))?;
    let synced = File::open(into).and_then(|file| file.sync_all());
    synced.map_err(|error| uncopied(into, &error))
}

/// Opens a backup for reading only; fails with a sentence when it is none of ours, or a newer release's.
/// Nothing is changed, and no other file is looked for.
pub fn open_backup(path: &Path) -> Result<Box<dyn Reader>, StoreError> {
    let refused = |why: String| StoreError::Unopened(format!("{} {why}", path.display()));
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(refused("is no file; name a backup file".to_owned())),
        Err(error) => return Err(refused(format!("cannot be read: {error}"))),
    }
    let form = read::connect(path).and_then(|connection| migrate::form(&connection));
    match form {
        Ok(Form::Ours(step)) if step > 0 => Ok(Box::new(SqliteReader {
            pool: Pool::new(path.to_owned()),
            _directory: None,
        })),
        Ok(Form::Ours(_) | Form::Foreign) => Err(refused(
            "is no backup of Muster: it is another program's database, or empty".to_owned(),
        )),
        Ok(Form::Newer(form)) => Err(refused(format!(
            "has form {form}, written by a newer release (this one reads up to {STEPS_KNOWN}); use \
             that release"
        ))),
        Err(error) => Err(refused(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => "is no backup of Muster: it is no database".to_owned(),
            _ => format!("cannot be read: {error}"),
        })),
    }
}

/// Makes an empty file that its owner alone may read.
fn create(path: &Path) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

fn fill(from: &Connection, into: &Path, go_on: &dyn Fn() -> bool) -> Result<(), StoreError> {
    let failed = |error| of_copy(error, into);
    let mut copy = open(into).map_err(failed)?;
    // Until it is complete it is worth nothing, so nothing is kept to take back and nothing is synced.
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        .map_err(failed)?;
    let backup = Backup::new(from, &mut copy).map_err(failed)?;
    loop {
        if !go_on() {
            return Err(StoreError::GivenUp);
        }
        match backup.step(PAGES_AT_ONCE).map_err(failed)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked => std::thread::sleep(LOCKED_PAUSE),
            _ => {}
        }
    }
}

/// Takes the mark of a write-ahead log out of a copy, so that one file is all of it.
fn stand_alone(path: &Path) -> rusqlite::Result<()> {
    let connection = open(path)?;
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE;")?;
    let mode: String =
        connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode == "delete" {
        return Ok(());
    }
    Err(rusqlite::Error::InvalidQuery)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

fn refuse_without_room(from: &Connection, data_dir: &Path) -> Result<(), StoreError> {
    let number = |name| from.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count").map_err(unreadable)?;
    let page_bytes = number("page_size").map_err(unreadable)?;
    let bytes = pages
        .unsigned_abs()
        .saturating_mul(page_bytes.unsigned_abs());
    let needed_bytes = bytes.saturating_add(ROOM_LEFT_BYTES);
    let free_bytes = free_bytes(data_dir).map_err(|error| uncopied(data_dir, &error))?;
    if free_bytes < needed_bytes {
        return Err(StoreError::NoRoom {
            needed_bytes,
            free_bytes,
        });
    }
    Ok(())
}

/// What a process without special rights may still write to the disk of a directory, in bytes.
pub fn free_bytes(directory: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(directory)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

fn of_copy(error: rusqlite::Error, beside: &Path) -> StoreError {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => format!("the disk of {} is full", beside.display()),
        _ => format!("the copy at {} cannot be written", beside.display()),
    };
    StoreError::Unreadable {
        reason,
        source: Some(Box::new(error)),
    }
}

fn uncopied(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unreadable {
        reason: format!("{}: {error}", path.display()),
        source: None,
    }
}

/// The database file of a data directory.
pub fn database(data_dir: &Path) -> PathBuf {
    data_dir.join(DATABASE_FILE)
}
