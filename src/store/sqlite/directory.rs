//! The data directory: made when missing, refused where file locks cannot be trusted, and held by one
//! process at a time with a lock that the kernel drops when the process ends, however it ends.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::store::StoreError;

const LOCK_FILE: &str = "muster.lock";

/// A data directory that no other process works on while this value lives.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Never read: the lock belongs to the open file and goes with it.
    _lock: File,
}

impl Directory {
    /// Takes the directory, making it (0700) when it is missing.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        let missing: Vec<&Path> = path.ancestors().take_while(|part| !part.exists()).collect();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| cannot("create the data directory", path, &error))?;
        for parent in missing.iter().filter_map(|part| part.parent()) {
            sync(parent).map_err(|error| cannot("sync the directory", parent, &error))?;
        }
        Self::take(path)
    }

    /// Takes a directory that is already there.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        refuse_network(path)?;
        let lock_path = path.join(LOCK_FILE);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(|error| cannot("write to the data directory", path, &error))?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(held(path, &mut lock)),
            Err(errno) => return Err(cannot("lock", &lock_path, &errno.into())),
        }
        name_holder(&lock).map_err(|error| cannot("write", &lock_path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The path of a file in the directory.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes a file that its owner alone may read, if it is not there, and its entry durable.
    pub(super) fn create_private(&self, name: &str) -> Result<PathBuf, StoreError> {
        let path = self.file(name);
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .and_then(|_| sync(&self.path))
            .map_err(|error| cannot("create", &path, &error))?;
        Ok(path)
    }
}

/// Writes this process's id into the lock file, for the one that is refused to read.
fn name_holder(lock: &File) -> io::Result<()> {
    let holder = format!("{}\n", std::process::id());
    lock.write_all_at(holder.as_bytes(), 0)?;
    lock.set_len(holder.len() as u64)
}

/// The refusal of a directory that another process holds.
fn held(path: &Path, lock: &mut File) -> StoreError {
    let mut holder = String::new();
    let read = lock.rewind().and_then(|()| {
        let mut start = lock.take(32);
        start.read_to_string(&mut holder)
    });
    let holder = match (read, holder.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) => format!("process {pid}"),
        _ => "another process".to_owned(),
    };
    StoreError::Unopened(format!(
        "{holder} works on the data directory {}; stop it first, or choose another with --data-dir",
        path.display()
    ))
}

/// Makes the entries of a directory durable.
fn sync(directory: &Path) -> io::Result<()> {
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    File::open(directory)?.sync_all()
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unopened(format!(
        "cannot {what} {}: {error}; check the path and who owns it, or choose another data directory \
         with --data-dir",
        path.display()
    ))
}

/// Refuses a network file system, where the lock and the shared memory of WAL cannot be trusted.
/// Asked on Linux only; a FUSE mount does not say what stands behind it and is let through.
#[cfg(target_os = "linux")]
fn refuse_network(path: &Path) -> Result<(), StoreError> {
    let found = rustix::fs::statfs(path)
        .map_err(|errno| cannot("open the data directory", path, &errno.into()))?;
    // The kernel's word is 32 bits wide; a signed one is extended.
    match network_name(found.f_type as u64 & 0xFFFF_FFFF) {
        None => Ok(()),
        Some(name) => Err(StoreError::Unopened(format!(
            "the data directory {} is on a network file system ({name}), where locks cannot be \
             trusted; choose a local disk with --data-dir",
            path.display()
        ))),
    }
}

#[cfg(not(target_os = "linux"))]
fn refuse_network(path: &Path) -> Result<(), StoreError> {
    std::fs::metadata(path)
        .map(|_| ())
        .map_err(|error| cannot("open the data directory", path, &error))
}

/// The name of the network file system that the kernel knows by this number.
#[cfg(target_os = "linux")]
fn network_name(magic: u64) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => Some("SMB"),
        0x0102_1997 => Some("9P"),
        0x00C3_6400 => Some("Ceph"),
        0x5346_414F | 0x6B41_4653 => Some("AFS"),
        0x7375_7245 => Some("Coda"),
        0x0BD0_0BD0 => Some("Lustre"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_told_from_local_ones() {
        let network = [0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997, 0x00C3_6400];
        let local = [0xEF53, 0x9123_683E, 0x5846_5342, 0x0102_1994, 0x6573_5546];
        assert!(network.iter().all(|magic| network_name(*magic).is_some()));
        assert!(local.iter().all(|magic| network_name(*magic).is_none()));
    }

    #[test]
    fn a_lock_file_without_a_process_id_still_gives_a_sentence() {
        let home = tempfile::tempdir().unwrap();
        let first = Directory::create(home.path()).unwrap();
        first._lock.set_len(0).unwrap();

        let refused = Directory::create(home.path()).unwrap_err().to_string();

        assert!(refused.starts_with("another process works on"), "{refused}");
    }
}
