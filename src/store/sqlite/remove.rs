//! One project's log taken out for good, so that no byte of it stays in the files. The one place where
//! events are removed: the guards of the table are lifted and put back within one transaction, which also
//! records in the daemon's own log that it happened.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::unwritable;
use super::{SqliteStore, insert};
use crate::store::{Append, StoreError};

const GUARD: &str = "events_are_not_removed";

impl SqliteStore {
    /// Removes every event of `project` and records `note` in the same commit, then rewrites the file
    /// without what was removed. Consumes the store: whoever goes on opens the files anew. After an
    /// error of the first part nothing has changed; after one of [`scrub`](Self::scrub) the events are
    /// gone and their bytes may still be there.
    pub fn remove_project(mut self, project: &str, note: &Append) -> Result<(), StoreError> {
        self.check_writable()?;
        let batch = std::slice::from_ref(note);
        let judgement = self.tips.judge(batch)?;
        if judgement.accepted.is_empty() {
            return Err(StoreError::Unwritable {
                reason: "the daemon's own log was moved meanwhile; try again".to_owned(),
                source: None,
            });
        }
        // What is removed is overwritten in its pages; the log that would still hold them is emptied first.
        self.connection
            .execute_batch("PRAGMA secure_delete = ON;")
            .map_err(unwritable)?;
        empty_log(&self.connection)?;
        let transaction = self.connection.transaction().map_err(unwritable)?;
        take_out(&transaction, project)
            .and_then(|()| insert(&transaction, &judgement.accepted))
            .and_then(|()| transaction.commit())
            .map_err(unwritable)?;
        self.scrub()
    }

    /// Rewrites the database without the pages that hold nothing any more, and empties the write-ahead
    /// log: what was removed earlier is in no file afterwards. Needs the database's size on the disk
    /// twice over for a moment. Consumes the store.
    pub fn scrub(self) -> Result<(), StoreError> {
        empty_log(&self.connection)?;
        self.connection
            .execute_batch("VACUUM")
            .map_err(unwritable)?;
        empty_log(&self.connection)
    }
}

fn take_out(connection: &Connection, project: &str) -> rusqlite::Result<()> {
    let guard: Option<String> = connection
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?1",
            [GUARD],
            |row| row.get(0),
        )
        .optional()?;
    connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {GUARD}"))?;
    connection.execute("DELETE FROM events WHERE project = ?1", params![project])?;
    guard.map_or(Ok(()), |sql| connection.execute_batch(&sql))
}

/// Brings the write-ahead log into the database and cuts it to nothing.
fn empty_log(connection: &Connection) -> Result<(), StoreError> {
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(unwritable)?;
    if busy == 0 {
        return Ok(());
    }
    Err(StoreError::Unwritable {
        reason: "another program reads the database; end it and try again".to_owned(),
        source: None,
    })
}
