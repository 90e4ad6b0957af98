//! Reading history beside the writer: a few read-only connections, each read short and bounded, so that
//! no reader keeps the write-ahead log from being used again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::copy;
use super::directory::Directory;
use super::failure::unreadable;
use crate::store::tips::Tip;
use crate::store::{Copied, Head, MAX_READ_BYTES, MAX_READ_EVENTS, Reader, Record, StoreError};

/// How many connections read at a time; further readers wait for one.
const MAX_CONNECTIONS: usize = 4;

/// How long a read waits for the moment in which another process recovers the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A read begins with room for so many events at most; larger ones make more as they go.
const ROOM_AT_FIRST: usize = 256;

/// Leaps from project to project over the index, so that the length of the logs does not matter.
const SELECT_HEADS: &str = "
    WITH RECURSIVE names(project) AS (
        SELECT MIN(project) FROM events
        UNION ALL
        SELECT (SELECT MIN(project) FROM events WHERE project > names.project)
            FROM names WHERE names.project IS NOT NULL
    )
    SELECT events.project, events.version, events.hash, events.at_ms
        FROM names CROSS JOIN events ON events.project = names.project
            AND events.version = (SELECT MAX(version) FROM events WHERE project = names.project)";

const SELECT_EVENTS: &str = "SELECT version, at_ms, kind, document, hash FROM events
    WHERE project = ?1 AND version > ?2 ORDER BY version LIMIT ?3";

const SELECT_NEWEST: &str = "SELECT MAX(version) FROM events WHERE project = ?1";

const SELECT_TIME: &str = "SELECT at_ms FROM events WHERE project = ?1 AND version = ?2";

/// The ends of all logs, as the writer keeps them.
pub(super) fn tips(connection: &Connection) -> rusqlite::Result<HashMap<String, Tip>> {
    let mut statement = connection.prepare_cached(SELECT_HEADS)?;
    let rows = statement.query_map([], |row| {
        let tip = Tip {
            version: version(row, 1)?,
            at_ms: row.get(3)?,
        };
        Ok((row.get(0)?, tip))
    })?;
    rows.collect()
}

/// The newest version of a log; 0 when there is none.
pub(super) fn newest(connection: &Connection, project: &str) -> rusqlite::Result<u64> {
    let mut newest = connection.prepare_cached(SELECT_NEWEST)?;
    let newest: Option<i64> = newest.query_row([project], |row| row.get(0))?;
    Ok(newest.map_or(0, i64::unsigned_abs))
}

/// The head of every log, ordered by project.
pub(super) fn heads(connection: &Connection) -> rusqlite::Result<Vec<Head>> {
    let mut statement = connection.prepare_cached(SELECT_HEADS)?;
    let rows = statement.query_map([], |row| {
        Ok(Head {
            project: row.get(0)?,
            version: version(row, 1)?,
            hash: row.get(2)?,
        })
    })?;
    rows.collect()
}

/// The reading connections of one database.
#[derive(Debug)]
pub(super) struct Pool {
    path: PathBuf,
    state: Mutex<Idle>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Connection>,
    in_use: usize,
}

impl Pool {
    /// A pool without connections yet.
    pub(super) fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            path,
            state: Mutex::default(),
            returned: Condvar::new(),
        })
    }

    /// How many connections are free, and how many in use.
    #[cfg(test)]
    pub(super) fn open_connections(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.connections.len(), state.in_use)
    }

    /// Runs one read on a free connection. One that failed is closed and not used again.
    fn run<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let lease = Lease::new(self);
        let connection = match lease.taken() {
            Some(connection) => connection,
            None => connect(&self.path).map_err(unreadable)?,
        };
        let answer = read(&connection).map_err(unreadable)?;
        lease.give_back(connection);
        Ok(answer)
    }
}

/// One of the places in the pool; freed when dropped, also when a read fails.
struct Lease<'a>(&'a Pool);

impl<'a> Lease<'a> {
    /// Waits for a place.
    fn new(pool: &'a Pool) -> Self {
        let state = pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = pool
            .returned
            .wait_while(state, |state| state.in_use >= MAX_CONNECTIONS)
            .unwrap_or_else(PoisonError::into_inner);
        state.in_use += 1;
        Self(pool)
    }

    fn taken(&self) -> Option<Connection> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.connections.pop()
    }

    fn give_back(&self, connection: Connection) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.connections.push(connection);
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.in_use -= 1;
        drop(state);
        self.0.returned.notify_one();
    }
}

pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}

/// Reads over the pool; with a directory, nobody else opens that while this value lives.
pub(super) struct SqliteReader {
    pub(super) pool: Arc<Pool>,
    /// Never read: it keeps the directory locked for a reader that stands alone.
    pub(super) _directory: Option<Directory>,
}

impl Reader for SqliteReader {
    fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.pool.run(heads)
    }

    fn read(&self, project: &str, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let limit = limit.min(MAX_READ_EVENTS);
        let Ok(after) = i64::try_from(after) else {
            return Ok(Vec::new());
        };
        self.pool.run(|connection| {
            let mut statement = connection.prepare_cached(SELECT_EVENTS)?;
            // MAX_READ_EVENTS fits any integer.
            let mut rows = statement.query(params![project, after, limit as i64])?;
            let mut records = Vec::with_capacity(limit.min(ROOM_AT_FIRST));
            let mut bytes = 0;
            while bytes < MAX_READ_BYTES
                && let Some(row) = rows.next()?
            {
                let record = record(row)?;
                bytes += record.document.len();
                records.push(record);
            }
            Ok(records)
        })
    }

    fn version_at(&self, project: &str, at_ms: i64) -> Result<u64, StoreError> {
        self.pool.run(|connection| {
            let mut newest = connection.prepare_cached(SELECT_NEWEST)?;
            let newest: Option<i64> = newest.query_row([project], |row| row.get(0))?;
            let mut time = connection.prepare_cached(SELECT_TIME)?;
            // Every version up to `within` was recorded by then, none from `beyond` on.
            let (mut within, mut beyond) = (0, newest.unwrap_or(0).saturating_add(1));
            while beyond - within > 1 {
                let middle = within + (beyond - within) / 2;
                let found: Option<i64> = time
                    .query_row(params![project, middle], |row| row.get(0))
                    .optional()?;
                match found {
                    Some(found) if found <= at_ms => within = middle,
                    // A row that is missing was not recorded; the chain's check reports it.
                    _ => beyond = middle,
                }
            }
            Ok(within.unsigned_abs())
        })
    }

    fn copy(&self, go_on: &dyn Fn() -> bool) -> Result<Copied, StoreError> {
        // A copy takes long and keeps a connection of its own: the others are for short reads.
        copy::copy(&self.pool.path, go_on)
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        version: version(row, 0)?,
        at_ms: row.get(1)?,
        kind: row.get(2)?,
        document: row.get(3)?,
        hash: row.get(4)?,
    })
}

/// A version in column `column`; the table's check keeps it above 0.
fn version(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let version: i64 = row.get(column)?;
    u64::try_from(version).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, version))
}
