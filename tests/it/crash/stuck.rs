//! A store whose appends can be made to hang, as those of a dying disk do: they wait while a file named
//! `hang` lies in the data directory, and `hangs` appears there once one does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use muster::store::sqlite::{SqliteOptions, SqliteStore};
use muster::store::{Append, Outcome, Reader, Store, StoreError};

/// While it is there, appends hang.
pub const HANG: &str = "hang";
/// It is there once an append hangs.
pub const HANGS: &str = "hangs";

struct Hanging {
    inner: SqliteStore,
    data_dir: PathBuf,
}

/// The store of a data directory.
pub fn store(data_dir: &Path) -> Box<dyn Store> {
    let inner = SqliteStore::open(data_dir, SqliteOptions::default());
    Box::new(Hanging {
        inner: inner.expect("the store opens"),
        data_dir: data_dir.to_owned(),
    })
}

impl Store for Hanging {
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        while self.data_dir.join(HANG).exists() {
            std::fs::write(self.data_dir.join(HANGS), "").expect("the directory takes files");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.inner.append(batch)
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        self.inner.idle()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }
}
