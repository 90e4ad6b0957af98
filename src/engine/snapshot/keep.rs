//! Which snapshots there are and which are kept: the newest three, and the newest of each day for thirty
//! days. Whatever does not have a snapshot's name is left alone.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::folder;
use crate::engine::DAEMON;
use crate::telemetry;

/// So many of the newest are kept.
const NEWEST: usize = 3;

/// For so many days the newest of each is kept.
const DAYS: i64 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const ENDING: &str = ".snapshot";

/// What a file is called that is still being written.
const UNFINISHED: &str = ".unfinished";

/// A snapshot on disk, as its name says; nothing of it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// The project's slug, or `_daemon`.
    pub project: String,
    /// The version of its plan.
    pub version: u64,
    /// When it was taken, in milliseconds since the Unix epoch.
    pub taken_at_ms: i64,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its file.
    pub path: PathBuf,
}

/// All snapshots in a data directory, by project, then version; none when there is no folder of them.
///
/// # Errors
/// The folder cannot be read.
pub fn list(data_dir: &Path) -> io::Result<Vec<SnapshotInfo>> {
    let mut found = Vec::new();
    for project in subfolders(&folder(data_dir))? {
        let shelf = Shelf::of(&folder(data_dir), &project);
        for one in shelf.iter().flat_map(Shelf::snapshots) {
            // One that was removed in between is not there any more.
            let Ok(metadata) = fs::metadata(&one.path) else {
                continue;
            };
            found.push(SnapshotInfo {
                project: project.clone(),
                version: one.version,
                taken_at_ms: one.taken_at_ms,
                bytes: metadata.len(),
                path: one.path,
            });
        }
    }
    found.sort_by(|one, other| {
        (&one.project, one.version, one.taken_at_ms).cmp(&(
            &other.project,
            other.version,
            other.taken_at_ms,
        ))
    });
    Ok(found)
}

/// Removes every snapshot of a project in a data directory, so that nothing it held is left in them.
///
/// # Errors
/// Some of them cannot be removed.
pub fn forget(data_dir: &Path, project: &str) -> io::Result<()> {
    let Some(shelf) = Shelf::of(&folder(data_dir), project) else {
        return Ok(());
    };
    match fs::remove_dir_all(&shelf.folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes what an interrupted daemon left unfinished.
pub(in crate::engine) fn sweep(folder: &Path) {
    let swept = subfolders(folder).and_then(|projects| {
        for project in projects {
            for entry in fs::read_dir(folder.join(project))? {
                let path = entry?.path();
                if path.to_string_lossy().ends_with(UNFINISHED) {
                    fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    });
    if let Err(error) = swept {
        let error = telemetry::chain(&error);
        tracing::warn!(error, path = %folder.display(), "unfinished snapshots cannot be removed");
    }
}

fn subfolders(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

/// The folder of one project's snapshots.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Shelf {
    folder: PathBuf,
}

/// One file on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub path: PathBuf,
    pub version: u64,
    pub taken_at_ms: i64,
}

impl Shelf {
    /// The shelf of a project; none for a name that no project has, as it becomes the name of a folder.
    pub fn of(folder: &Path, project: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = project == DAEMON || (!project.is_empty() && project.bytes().all(plain));
        good.then(|| Self {
            folder: folder.join(project),
        })
    }

    /// What is on it, by version and time; nothing when it cannot be read.
    pub(super) fn snapshots(&self) -> Vec<Stored> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut found: Vec<Stored> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_name()?.to_str()?.strip_suffix(ENDING)?;
                let (version, taken_at_ms) = name.split_once('-')?;
                let (version, taken_at_ms) = (version.parse().ok()?, taken_at_ms.parse().ok()?);
                Some(Stored {
                    path,
                    version,
                    taken_at_ms,
                })
            })
            .collect();
        found.sort_by_key(|one| (one.version, one.taken_at_ms));
        found
    }

    /// Makes the folder and the one of all shelves, open to their owner alone. The data directory itself
    /// must be there: one that was removed does not come back.
    pub(super) fn build(&self) -> io::Result<()> {
        let of_all = self.folder.parent().into_iter();
        for folder in of_all.chain([self.folder.as_path()]) {
            match DirBuilder::new().mode(0o700).create(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What a snapshot of a version is called while it is written, and after.
    pub(super) fn names(&self, version: u64, taken_at_ms: i64) -> (PathBuf, PathBuf) {
        // Numbers of one length sort as they count.
        let name = format!("{version:020}-{taken_at_ms}{ENDING}");
        let unfinished = self.folder.join(format!("{name}{UNFINISHED}"));
        (unfinished, self.folder.join(name))
    }

    /// Makes the names in the folder durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }

    /// Removes what need not be kept at `now_ms`, when the newest snapshot is of `version`. What is beyond
    /// that is of another history, such as one before a backup was put back.
    pub(super) fn thin_out(&self, version: u64, now_ms: i64) -> io::Result<()> {
        let found = self.snapshots();
        let of_this = found.partition_point(|one| one.version <= version);
        let kept = kept(&found[..of_this], now_ms);
        for one in found.iter().filter(|one| !kept.contains(&one.path)) {
            match fs::remove_file(&one.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Which of a project's snapshots, ordered by version, are kept at `now_ms`.
fn kept(found: &[Stored], now_ms: i64) -> BTreeSet<PathBuf> {
    let mut kept = BTreeSet::new();
    let mut days = BTreeSet::new();
    for (place, one) in found.iter().rev().enumerate() {
        let day = one.taken_at_ms.div_euclid(DAY_MS);
        let is_recent = day > now_ms.div_euclid(DAY_MS) - DAYS;
        if place < NEWEST || (is_recent && !days.contains(&day)) {
            kept.insert(one.path.clone());
            days.insert(day);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Given snapshots of these days (version is the place), which are left on the last day?
    fn check(days: &[i64], expected: &[usize]) {
        let stored = |(place, day): (usize, &i64)| Stored {
            path: PathBuf::from(format!("{place:03}")),
            version: place as u64,
            taken_at_ms: day * DAY_MS + place as i64,
        };
        let found: Vec<Stored> = days.iter().enumerate().map(stored).collect();
        let today = days.last().copied().unwrap_or(0);
        let kept = kept(&found, today * DAY_MS + 1_000);
        let expected: BTreeSet<PathBuf> = expected
            .iter()
            .map(|place| PathBuf::from(format!("{place:03}")))
            .collect();
        assert_eq!(kept, expected, "of {days:?}");
    }

    #[test]
    fn the_newest_three_are_kept_however_old_they_are() {
        check(&[], &[]);
        check(&[7], &[0]);
        check(&[7, 7, 7, 7, 7], &[2, 3, 4]);
        check(&[1, 2, 3, 500], &[1, 2, 3]);
    }

    #[test]
    fn the_newest_of_each_day_is_kept_for_thirty_days() {
        check(&[10, 10, 11, 11, 12, 12, 12, 12], &[1, 3, 5, 6, 7]);
        let days: Vec<i64> = (0..60).collect();
        let expected: Vec<usize> = (30..60).collect();
        check(&days, &expected);
    }

    #[test]
    fn a_name_that_no_project_has_gets_no_folder() {
        for name in ["", "..", "a/b", "A", ".hidden", "a\0b"] {
            assert!(Shelf::of(Path::new("/x"), name).is_none(), "{name:?}");
        }
        assert!(Shelf::of(Path::new("/x"), "web-2").is_some());
        assert!(Shelf::of(Path::new("/x"), DAEMON).is_some());
    }
}
