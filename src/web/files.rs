//! How large the store's files are, and how old its snapshots. Files that are not there have no figure.

use std::path::Path;
use std::time::UNIX_EPOCH;

/// A folder of snapshots is looked at for at most so many entries.
const ENTRIES_MAX: usize = 1_000;

/// Figures of a data directory.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Files {
    /// The database, in bytes.
    pub database_bytes: Option<u64>,
    /// Its write-ahead log, in bytes.
    pub wal_bytes: Option<u64>,
    /// What the file system has left for the daemon, in bytes.
    pub free_bytes: Option<u64>,
}

impl Files {
    /// The figures now.
    pub(super) fn look(data_dir: &Path) -> Self {
        let length = |name: &str| {
            let metadata = std::fs::metadata(data_dir.join(name)).ok()?;
            metadata.is_file().then_some(metadata.len())
        };
        let free = rustix::fs::statvfs(data_dir).ok();
        Self {
            database_bytes: length("muster.db"),
            wal_bytes: length("muster.db-wal"),
            free_bytes: free.map(|found| found.f_bavail.saturating_mul(found.f_frsize)),
        }
    }
}

/// When a project's newest snapshot was written, in seconds since the Unix epoch.
pub(super) fn newest_snapshot_seconds(data_dir: &Path, project: &str) -> Option<f64> {
    let folder = data_dir.join("snapshots").join(project);
    let written = std::fs::read_dir(folder).ok()?.take(ENTRIES_MAX);
    let times = written.filter_map(|entry| {
        let metadata = entry.ok()?.metadata().ok()?;
        let modified = metadata.is_file().then(|| metadata.modified().ok())??;
        Some(modified.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
    });
    times.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_has_a_size_and_what_is_not_has_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("muster.db"), [0; 100]).unwrap();
        let found = Files::look(folder.path());
        assert_eq!(found.database_bytes, Some(100));
        assert_eq!(found.wal_bytes, None);
        assert!(found.free_bytes.is_some());
        assert_eq!(Files::look(&folder.path().join("gone")), Files::default());
    }

    #[test]
    fn the_newest_snapshot_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest_snapshot_seconds(folder.path(), "shop"), None);
        let snapshots = folder.path().join("snapshots/shop");
        std::fs::create_dir_all(&snapshots).unwrap();
        assert_eq!(newest_snapshot_seconds(folder.path(), "shop"), None);
        for (name, seconds) in [("old", 1_000), ("new", 2_000)] {
            let file = std::fs::File::create(snapshots.join(name)).unwrap();
            let at = UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            file.set_modified(at).unwrap();
        }
        let newest = newest_snapshot_seconds(folder.path(), "shop");
        assert_eq!(newest, Some(2_000.0));
        assert_eq!(newest_snapshot_seconds(folder.path(), "other"), None);
    }
}
