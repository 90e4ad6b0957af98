//! The driver's errors in the store's words: a short reason for people, the driver's own for the log.

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

/// A failed write or commit.
pub(super) fn unwritable(error: Error) -> StoreError {
    StoreError::Unwritable {
        reason: reason(&error).to_owned(),
        source: Some(Box::new(error)),
    }
}

/// A batch for which the disk, or the size the database may have, gave no room. The driver says so of
/// writes alone, never of an fsync.
pub(super) fn is_full(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// A failed read.
pub(super) fn unreadable(error: Error) -> StoreError {
    StoreError::Unreadable {
        reason: reason(&error).to_owned(),
        source: Some(Box::new(error)),
    }
}

/// Whether the error says that a row with this project and version is already there.
pub(super) fn is_taken(error: &Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE)
}

fn reason(error: &Error) -> &'static str {
    let Some(error) = error.sqlite_error() else {
        return "an event is not stored in the form it should have";
    };
    match (error.code, error.extended_code) {
        (ErrorCode::DiskFull, _) => "the disk is full; free some space",
        (_, ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC) => {
            "the disk did not confirm a write (fsync failed)"
        }
        (ErrorCode::SystemIoFailure, _) => "the disk reports an input or output error",
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => {
            "the database is damaged; restore a backup"
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => {
            "another program keeps the database locked"
        }
        (ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => {
            "the database file may not be written"
        }
        (ErrorCode::CannotOpen, _) => "the database file cannot be opened",
        (ErrorCode::OutOfMemory, _) => "there is no memory left",
        (ErrorCode::ConstraintViolation, _) => "the database refuses the event",
        _ => "the database reports an error",
    }
}
