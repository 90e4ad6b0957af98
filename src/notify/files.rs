//! Letters as files, `DIR/PROJECT/KIND/STEM.md|html|txt|json`, and the newest as `latest.*`. A reader finds an old
//! file or a new one and never half of one, and nothing outside of the folder is ever written.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::channel::Delivered;
use super::error::{ChannelError, DeliveryError};
use super::html::page;
use super::letter::Letter;

/// The longest part of a path that is taken from a letter, in bytes, without the ending.
const NAME_BYTES_MAX: usize = 100;
/// How much of a file is read to see which letter it is; more than any letter has.
const READ_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How long the files of a letter may take; a folder on a network may hang for ever.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// The name of the newest letter.
const LATEST: &str = "latest";

/// Files in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesOptions {
    /// The folder, absolute. Made when it is missing; it may be a link, what is inside may not.
    pub dir: PathBuf,
}

/// The channel.
#[derive(Debug)]
pub(super) struct Files {
    dir: Arc<Path>,
    /// Held while files are written. A write that hangs keeps it, so that no second thread hangs beside it.
    writing: Arc<Mutex<()>>,
}

impl Files {
    pub fn open(options: FilesOptions) -> Result<Self, ChannelError> {
        let wrong = |problem: String| Err(ChannelError::new("dir", problem));
        let dir = options.dir;
        if !dir.is_absolute() {
            return wrong(format!("{} is not an absolute path", dir.display()));
        }
        if let Err(error) = std::fs::create_dir_all(&dir) {
            return wrong(format!("{} cannot be made: {error}", dir.display()));
        }
        Ok(Self {
            dir: dir.into(),
            writing: Arc::default(),
        })
    }

    pub async fn deliver(&self, letter: &Letter) -> Result<Delivered, DeliveryError> {
        let (dir, writing) = (Arc::clone(&self.dir), Arc::clone(&self.writing));
        let forms = Forms::of(letter)?;
        let writing = tokio::task::spawn_blocking(move || {
            let _writing = match writing.try_lock() {
                Ok(guard) => guard,
                // Whatever panicked there left whole files and perhaps one that is replaced now.
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    return Err(DeliveryError::retry(
                        "an earlier letter is still being written; is the folder's disk reachable?",
                    ));
                }
            };
            write(&dir, &forms).map_err(|error| judge(&dir, &error))
        });
        match tokio::time::timeout(WRITE_TIMEOUT, writing).await {
            Ok(Ok(written)) => written.map(Delivered::noting),
            Ok(Err(_)) => Err(DeliveryError::retry("writing the files was broken off")),
            Err(_) => Err(DeliveryError::retry(format!(
                "the files were not written within {} s; is the folder's disk reachable?",
                WRITE_TIMEOUT.as_secs()
            ))),
        }
    }
}

/// Whether trying again helps: nearly everything about a disk can be mended within a day.
fn judge(dir: &Path, error: &io::Error) -> DeliveryError {
    let dir = dir.display();
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    match errno {
        Some(Errno::NOSPC | Errno::DQUOT) => DeliveryError::retry(format!(
            "there is no room for the letter's files in {dir}: {error}; make some"
        )),
        Some(Errno::LOOP | Errno::NOTDIR | Errno::ISDIR) => DeliveryError::permanent(format!(
            "something else stands where a folder or file of {dir} belongs, such as a link, which is not followed: {error}; move it away"
        )),
        Some(_) | None => DeliveryError::retry(format!(
            "the letter's files cannot be written in {dir}: {error}"
        )),
    }
}

/// What is written of a letter, taken out of it so that a thread may keep it.
struct Forms {
    id: String,
    at_ms: i64,
    project: String,
    kind: &'static str,
    stem: String,
    endings: [(&'static str, Vec<u8>); 4],
}

impl Forms {
    fn of(letter: &Letter) -> Result<Self, DeliveryError> {
        let mut json = letter.to_json()?;
        json.push(b'\n');
        let title = letter.title_line(200);
        let html = page(&title, &letter.html, &letter.text);
        // JSON is last: where it is, the others are.
        let endings = [
            ("md", letter.markdown.clone().into_bytes()),
            ("html", html.into_bytes()),
            ("txt", letter.text.clone().into_bytes()),
            ("json", json),
        ];
        Ok(Self {
            id: letter.id.clone(),
            at_ms: letter.at_ms,
            project: file_name(&letter.project),
            kind: letter.kind.as_str(),
            stem: file_name(&letter.file_stem),
            endings,
        })
    }
}

/// Writes the files and says where.
fn write(dir: &Path, forms: &Forms) -> io::Result<String> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(dir, flags, Mode::empty())?;
    let project = folder(root.as_fd(), &forms.project)?;
    let kind = folder(project.as_fd(), forms.kind)?;
    let kind = kind.as_fd();
    let stem = match seen(kind, &forms.stem) {
        // Two letters of one day keep their files both.
        Some(seen) if seen.id != forms.id => {
            format!("{}-{}", forms.stem, digest(&forms.id))
        }
        Some(_) | None => forms.stem.clone(),
    };
    replace_all(kind, &stem, forms)?;
    // A letter that comes late does not take the place of one published after it.
    let is_late = seen(kind, LATEST).is_some_and(|latest| latest.at_ms > forms.at_ms);
    if !is_late {
        replace_all(kind, LATEST, forms)?;
    }
    Ok(format!(
        "written to {}/{}/{stem}.*",
        forms.project, forms.kind
    ))
}

/// Opens a folder inside another, made when it is missing. A link is not followed.
fn folder(parent: BorrowedFd<'_>, name: &str) -> io::Result<OwnedFd> {
    match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755)) {
        Ok(()) => rustix::fs::fsync(parent)?,
        Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno.into()),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(parent, name, flags, Mode::empty())?)
}

/// Which letter a JSON file holds.
#[derive(Deserialize)]
struct Seen {
    id: String,
    at_ms: i64,
}

/// The letter whose files have that stem; none when there is none that can be read.
fn seen(folder: BorrowedFd<'_>, stem: &str) -> Option<Seen> {
    #[derive(Deserialize)]
    struct Envelope {
        data: Seen,
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let name = format!("{stem}.json");
    let file = File::from(rustix::fs::openat(folder, name, flags, Mode::empty()).ok()?);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(READ_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let envelope: Envelope = serde_json::from_slice(&bytes).ok()?;
    Some(envelope.data)
}

/// Replaces the four files of a stem, each at once, and makes that durable.
fn replace_all(folder: BorrowedFd<'_>, stem: &str, forms: &Forms) -> io::Result<()> {
    for (ending, bytes) in &forms.endings {
        replace(folder, &format!("{stem}.{ending}"), &forms.id, bytes)?;
    }
    Ok(rustix::fs::fsync(folder)?)
}

/// Replaces a file: a new one beside it, on the disk as a whole, takes its name. A link of that name is
/// replaced itself, not what it leads to.
fn replace(folder: BorrowedFd<'_>, name: &str, id: &str, bytes: &[u8]) -> io::Result<()> {
    // The name is the letter's own, so a crash leaves one that the next attempt removes.
    let draft = format!(".{name}.{}.tmp", digest(id));
    remove(folder, &draft)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o644);
    let mut file = File::from(rustix::fs::openat(folder, &draft, flags, mode)?);
    let replaced = fill(&mut file, bytes)
        .and_then(|()| Ok(rustix::fs::renameat(folder, &draft, folder, name)?));
    if replaced.is_err() {
        // The first error is the one to tell.
        let _ = remove(folder, &draft);
    }
    replaced
}

fn fill(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove(folder: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// A text as one part of a path: letters, digits, `-`, `_` and inner dots. What had to be changed ends in a
/// digest of the text, so that different texts stay different.
fn file_name(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        let kept = character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
        let character = if kept { character } else { '-' };
        if name.len() + character.len_utf8() > NAME_BYTES_MAX {
            break;
        }
        name.push(character);
    }
    let name = name.trim_matches('.');
    if name == text && !name.is_empty() && name != LATEST {
        return name.to_owned();
    }
    let name = if name.is_empty() { "letter" } else { name };
    format!("{name}-{}", digest(text))
}

/// The first digits of a digest of a text.
fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().take(6).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

#[cfg(test)]
mod tests;
