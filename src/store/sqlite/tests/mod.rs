//! What the SQLite store promises beyond the common suite: who may open it and how, that a failure closes
//! it, and that damage in the file is found.

mod copying;
mod damage;
mod opening;
mod writing;

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::store::Record;
use crate::store::suite::{append, following};

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn data_dir(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.data_dir(), SqliteOptions::default()).unwrap()
    }

    fn refusal(&self) -> String {
        refusal(&self.data_dir())
    }

    /// Another program's connection to the same file.
    fn stranger(&self) -> Connection {
        Connection::open(self.data_dir().join(DATABASE_FILE)).unwrap()
    }

    /// A closed store that holds `count` events of "web".
    fn with_events(count: usize) -> (Self, Vec<Record>) {
        let home = Self::new();
        let events = following(&[], count, "a note");
        home.open().append(&[append("web", &events)]).unwrap();
        (home, events)
    }
}

fn refusal(data_dir: &Path) -> String {
    let refused = SqliteStore::open(data_dir, SqliteOptions::default()).unwrap_err();
    assert!(matches!(refused, StoreError::Unopened(_)));
    refused.to_string()
}
