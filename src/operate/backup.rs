//! `backup`: one file that holds every log as of one moment. It gets its name only when all its bytes are
//! on the disk and every chain in it was walked; until then it is called `.part`, and a failure leaves
//! nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::audit::{self, LogReport};
use super::failure::{caused, failure, unusable};
use super::progress::Progress;
use super::signal::Signals;
use super::table::{size, table};
use crate::cli::backup::{Download, Piece};
use crate::cli::output::Output;
use crate::cli::{Failure, Globals};
use crate::plan::hexadecimal::hexadecimal;
use crate::store::Head;
use crate::store::sqlite::{open_backup, open_read_only};

/// What is read from a copy at a time, in bytes.
const CHUNK_BYTES: usize = 256 * 1024;

/// Where to.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The file to write; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data directory of a stopped daemon; without it the running daemon is asked
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Written {
    path: String,
    bytes: u64,
    sha256: String,
    heads: Vec<LogHead>,
}

/// Where one log of the backup ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct LogHead {
    project: String,
    version: u64,
    hash: String,
}

impl From<Head> for LogHead {
    fn from(head: Head) -> Self {
        Self {
            project: head.project,
            version: head.version,
            hash: head.hash,
        }
    }
}

/// Makes a backup.
pub(super) async fn run(backup: Backup, globals: &Globals, output: Output) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let writing = write(backup, globals);
    let written = tokio::select! {
        biased;
        () = signals.next() => return Err(failure(
            "INTERRUPTED",
            "the backup was interrupted; nothing was kept of it",
        )),
        written = writing => written?,
    };
    output.either(|| json!(written), || text(&written))
}

async fn write(backup: Backup, globals: &Globals) -> Result<Written, Failure> {
    if fs::symlink_metadata(&backup.file).is_ok() {
        return Err(unusable(
            "FILE_EXISTS",
            format!(
                "{} is there already; choose another name for the backup",
                backup.file.display()
            ),
        ));
    }
    let mut part = Part::create(&backup.file)?;
    let (heads, promised) = match &backup.data_dir {
        Some(data_dir) => (of_files(data_dir, &mut part, &backup.file)?, None),
        None => {
            let (heads, sha256) = of_daemon(globals, &mut part).await?;
            (heads, Some(sha256))
        }
    };
    let (part, bytes, sha256) = part.finish()?;
    if promised.is_some_and(|promised| promised != sha256) {
        return Err(failure(
            "BACKUP_DAMAGED",
            "what arrived is not what the daemon sent; ask for the backup again",
        ));
    }
    // Reading a whole log blocks.
    let path = part.0.clone();
    let checked = tokio::task::spawn_blocking(move || check(&path, &heads).map(|()| heads));
    let heads = checked
        .await
        .map_err(|error| caused("INTERNAL", &error))??;
    part.rename(&backup.file)?;
    Ok(Written {
        path: backup.file.display().to_string(),
        bytes,
        sha256,
        heads,
    })
}

/// Takes the copy that a running daemon makes; its heads and the digest it names.
async fn of_daemon(globals: &Globals, part: &mut Part) -> Result<(Vec<LogHead>, String), Failure> {
    let mut download = Download::begin(globals).await?;
    let heads = std::mem::take(&mut download.heads);
    let heads = heads.into_iter().map(|head| LogHead {
        project: head.project,
        version: head.version,
        hash: head.hash,
    });
    let heads = heads.collect();
    let mut progress = Progress::over(download.bytes);
    loop {
        match download.next().await? {
            Piece::Chunk(bytes) => {
                part.write(&bytes)?;
                progress.add(bytes.len() as u64);
            }
            Piece::End(sha256) => return Ok((heads, sha256)),
        }
    }
}

/// Copies the files of a stopped daemon; the heads of the copy.
fn of_files(data_dir: &Path, part: &mut Part, file: &Path) -> Result<Vec<LogHead>, Failure> {
    let unread = |error| caused("STORE_UNREADABLE", &error);
    let reader = open_read_only(data_dir)
        .map_err(|error| unread(error).next(format!("backup {}", file.display())))?;
    let mut copied = reader.copy(&|| true).map_err(unread)?;
    let mut progress = Progress::over(copied.bytes);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = copied.file.read(&mut chunk);
        let read = read.map_err(|error| caused("STORE_UNREADABLE", &error))?;
        if read == 0 {
            return Ok(copied.heads.into_iter().map(LogHead::from).collect());
        }
        part.write(&chunk[..read])?;
        progress.add(read as u64);
    }
}

/// Opens what was written and walks every log in it; each must end where it was said to.
fn check(path: &Path, promised: &[LogHead]) -> Result<(), Failure> {
    let damaged = |why: String| {
        failure(
            "BACKUP_DAMAGED",
            format!("the backup is not sound and was not kept: {why}"),
        )
    };
    let reader = open_backup(path).map_err(|error| damaged(error.to_string()))?;
    let logs = audit::walk_all(&*reader).map_err(|error| damaged(error.to_string()))?;
    if let Some(why) = logs.iter().find_map(LogReport::fault) {
        return Err(damaged(why));
    }
    let found = logs.into_iter().map(|log| LogHead {
        project: log.project,
        version: log.version,
        hash: log.hash,
    });
    if found.eq(promised.iter().cloned()) {
        return Ok(());
    }
    Err(damaged("its logs end elsewhere than was said".to_owned()))
}

/// A file that is not complete yet.
struct Part {
    path: PartPath,
    file: File,
    digest: Sha256,
    bytes: u64,
}

/// Its path; the file goes when this value does, unless it was renamed.
struct PartPath(PathBuf);

impl Part {
    fn create(file: &Path) -> Result<Self, Failure> {
        let mut name = file.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        let created = created.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => unusable(
                "FILE_EXISTS",
                format!(
                    "{} is there: another backup is being written, or one was cut off; choose another name",
                    path.display()
                ),
            ),
            _ => unusable(
                "PATH_INVALID",
                format!("{} cannot be written: {error}", path.display()),
            ),
        })?;
        Ok(Self {
            path: PartPath(path),
            file: created,
            digest: Sha256::new(),
            bytes: 0,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| self.path.unwritten(&error))?;
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Brings it to the disk; its path, length and digest.
    fn finish(self) -> Result<(PartPath, u64, String), Failure> {
        let synced = self.file.sync_all();
        synced.map_err(|error| self.path.unwritten(&error))?;
        Ok((self.path, self.bytes, hexadecimal(&self.digest.finalize())))
    }
}

impl PartPath {
    fn unwritten(&self, error: &io::Error) -> Failure {
        let path = self.0.display();
        failure(
            "BACKUP_UNWRITTEN",
            format!("{path} cannot be written: {error}"),
        )
    }

    /// Gives it its name, for good.
    fn rename(self, file: &Path) -> Result<(), Failure> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let renamed = fs::rename(&self.0, file).and_then(|()| File::open(folder)?.sync_all());
        renamed.map_err(|error| self.unwritten(&error))
    }
}

impl Drop for PartPath {
    fn drop(&mut self) {
        // It is not there any more once it has its name.
        let _ = fs::remove_file(&self.0);
    }
}

fn text(written: &Written) -> String {
    let rows = written.heads.iter().map(|head| {
        [
            head.project.clone(),
            head.version.to_string(),
            head.hash.clone(),
        ]
    });
    format!(
        "{}: {}, every log walked and sound\nsha256  {}\n\n{}\n\nnext: muster restore {} --data-dir \
         NEW-DIRECTORY\n",
        written.path,
        size(written.bytes),
        written.sha256,
        table(["LOG", "VERSION", "HEAD"], rows),
        written.path,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operate::failure::words;

    #[test]
    fn a_file_gets_its_name_whole_or_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("b.db");
        let mut part = Part::create(&file).unwrap();
        part.write(b"half").unwrap();
        let twice = Part::create(&file).err().unwrap();
        assert!(words(&twice).contains("b.db.part is there"), "{twice:?}");
        drop(part);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);

        let mut part = Part::create(&file).unwrap();
        part.write(b"abc").unwrap();
        let (part, bytes, sha256) = part.finish().unwrap();
        part.rename(&file).unwrap();
        assert_eq!(bytes, 3);
        assert!(sha256.starts_with("ba7816bf"), "{sha256}");
        assert_eq!(fs::read(&file).unwrap(), b"abc");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_backup_is_never_called_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x");
        fs::write(
            &path,
            b"no database at all, but long enough to look like one".repeat(99),
        )
        .unwrap();
        let failed = check(&path, &[]).unwrap_err();
        assert!(words(&failed).contains("no database"), "{failed:?}");
    }

    #[test]
    fn the_answer_names_every_log_and_the_next_step() {
        let written = Written {
            path: "monday.db".to_owned(),
            bytes: 73_728,
            sha256: "5e0f".to_owned(),
            heads: vec![
                LogHead {
                    project: "_daemon".to_owned(),
                    version: 3,
                    hash: "e194".to_owned(),
                },
                LogHead {
                    project: "shop".to_owned(),
                    version: 120,
                    hash: "b529".to_owned(),
                },
            ],
        };
        insta::assert_snapshot!(text(&written), @r"
        monday.db: 72.0 KiB, every log walked and sound
        sha256  5e0f

        LOG      VERSION  HEAD
        _daemon  3        e194
        shop     120      b529

        next: muster restore monday.db --data-dir NEW-DIRECTORY
        ");
    }
}
