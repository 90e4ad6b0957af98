//! A plan file read from disk, never more of it than a plan may have.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::cli::{Exit, Failure};
use crate::interchange::MAX_BYTES;

/// The bytes of a plan file and its name without folders.
pub struct PlanFile {
    /// Its name without folders.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Reads a plan file.
///
/// # Errors
/// It cannot be read, is larger than a plan file may be, or is no text: exit code 2.
pub fn read(path: &Path) -> Result<PlanFile, Failure> {
    let shown = path.display();
    let unreadable = |why: String| Failure::new(Exit::Usage, "UNREADABLE_FILE", why);
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut content))
        .map_err(|error| unreadable(format!("{shown} cannot be read: {error}")))?;
    if content.len() > MAX_BYTES {
        return Err(unreadable(format!(
            "{shown} is larger than a plan file may be (16 MiB); split the plan"
        )));
    }
    if content.contains(&0) && !has_wide_mark(&content) {
        return Err(unreadable(format!(
            "{shown} is no text file; give the plan as UTF-8 markdown"
        )));
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(PlanFile { name, content })
}

/// Whether the bytes begin as UTF-16 text does, which holds zero bytes and may be readable.
fn has_wide_mark(content: &[u8]) -> bool {
    content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8]) -> Result<PlanFile, Exit> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("PLAN.md");
        std::fs::write(&path, content).unwrap();
        read(&path).map_err(|failure| failure.exit())
    }

    #[test]
    fn a_text_file_is_read_with_its_name() {
        let file = check("# Plan ä\n".as_bytes()).unwrap();
        assert_eq!(file.name, "PLAN.md");
        assert_eq!(file.content, "# Plan ä\n".as_bytes());
    }

    #[test]
    fn a_file_that_is_missing_binary_or_too_large_is_wrong_usage() {
        assert_eq!(check(b"a\0b").err(), Some(Exit::Usage));
        let large = vec![b'x'; MAX_BYTES + 1];
        assert_eq!(check(&large).err(), Some(Exit::Usage));
        let missing = read(Path::new("/nowhere/at/all.md"));
        assert_eq!(
            missing.err().map(|failure| failure.exit()),
            Some(Exit::Usage)
        );
        let folder = tempfile::tempdir().unwrap();
        let failure = read(folder.path()).err().map(|failure| failure.exit());
        assert_eq!(failure, Some(Exit::Usage), "a folder is no file");
    }
}
