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

/// A data directory held for as long as this value lives: nobody else opens it meanwhile.
#[derive(Debug)]
pub struct Held {
    _directory: Directory,
}

/// Holds a data directory, made (0700) when it is missing; fails with a sentence while another process
/// works on it.
pub fn hold(path: &Path) -> Result<Held, StoreError> {
    let directory = Directory::create(path)?;
    Ok(Held {
        _directory: directory,
    })
}

/// Who works on a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// A process, by its id where the lock file names it.
    Process(Option<u32>),
}

/// Says who works on a data directory, without writing to it.
pub fn holder(path: &Path) -> io::Result<Holder> {
    let mut lock = match File::open(path.join(LOCK_FILE)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Holder::Nobody),
        Err(error) => return Err(error),
    };
    // A shared lock meets the exclusive one of a daemon, and two who ask do not meet each other.
    match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(Holder::Nobody),
        Err(Errno::WOULDBLOCK) => Ok(Holder::Process(named_holder(&mut lock))),
        Err(errno) => Err(errno.into()),
    }
}

/// The process id that the lock file names.
fn named_holder(lock: &mut File) -> Option<u32> {
    let mut holder = String::new();
    lock.rewind().ok()?;
    lock.take(32).read_to_string(&mut holder).ok()?;
    holder.trim().parse().ok()
}

/// Writes this process's id into the lock file, for the one that is refused to read.
fn name_holder(lock: &File) -> io::Result<()> {
    let holder = format!("{}\n", std::process::id());
    lock.write_all_at(holder.as_bytes(), 0)?;
    lock.set_len(holder.len() as u64)
}

/// The refusal of a directory that another process holds.
fn held(path: &Path, lock: &mut File) -> StoreError {
    let holder = named_holder(lock).map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    );
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

/// The file system of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSystem {
    /// Its name for people, such as `ext4`; its number where the name is not known.
    pub name: String,
    /// The name of the network file system it is; none for a local one, and where nobody can tell.
    pub network: Option<&'static str>,
}

/// Says what file system a directory is on.
#[cfg(target_os = "linux")]
pub fn file_system(path: &Path) -> io::Result<FileSystem> {
    // The kernel's word is 32 bits wide; a signed one is extended.
    let magic = rustix::fs::statfs(path)?.f_type as u64 & 0xFFFF_FFFF;
    let network = network_name(magic);
    let local = match magic {
        0xEF53 => Some("ext4"),
        0x9123_683E => Some("Btrfs"),
        0x5846_5342 => Some("XFS"),
        0x2FC1_2FC1 => Some("ZFS"),
        0xF2F5_2010 => Some("F2FS"),
        0xCA45_1A4E => Some("bcachefs"),
        0x0102_1994 => Some("tmpfs"),
        0x794C_7630 => Some("overlayfs"),
        0x6573_5546 => Some("FUSE"),
        _ => None,
    };
    let name = network.or(local);
    Ok(FileSystem {
        name: name.map_or_else(|| format!("kind {magic:#x}"), str::to_owned),
        network,
    })
}

/// Says what file system a directory is on, as far as this system tells.
#[cfg(not(target_os = "linux"))]
pub fn file_system(path: &Path) -> io::Result<FileSystem> {
    std::fs::metadata(path).map(|_| FileSystem {
        name: "not known on this system".to_owned(),
        network: None,
    })
}

/// Refuses a network file system, where the lock and the shared memory of WAL cannot be trusted.
/// Asked on Linux only; a FUSE mount does not say what stands behind it and is let through.
#[cfg(target_os = "linux")]
fn refuse_network(path: &Path) -> Result<(), StoreError> {
    let found =
        file_system(path).map_err(|error| cannot("open the data directory", path, &error))?;
    match found.network {
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
