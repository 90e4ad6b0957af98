//! A secret: read from the environment or from a file that others cannot read, and shown by nothing but
//! [`Secret::expose`].

use std::ffi::OsString;
use std::fmt;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest secret, in bytes.
const SECRET_BYTES_MAX: usize = 4096;
/// What stands where a secret would be shown.
const HIDDEN: &str = "[secret]";

/// A text that must not be shown: a password, a key, an address that lets its holder write.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The environment variable of that name.
    Environment(String),
    /// A file of at most 4 KiB that others cannot read. Links are followed: that is how orchestrators mount.
    File(PathBuf),
}

/// A secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set; set it for the daemon")]
    Unset(String),
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is named is no file.
    #[error("{} is no regular file; name a file that holds the secret alone", .0.display())]
    NotAFile(PathBuf),
    /// Everybody on the machine can read the file.
    #[error("{} can be read by others (mode {mode:04o}); close it: chmod o-rwx {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is empty.
    #[error("the secret in {0} is empty")]
    Empty(String),
    /// It is longer than a secret may be.
    #[error("the secret in {0} has more than 4096 bytes; is it the right one?")]
    Long(String),
    /// It is not one line of text.
    #[error("the secret in {0} is not one line of UTF-8 text")]
    NotALine(String),
}

impl Secret {
    /// Takes a text for a secret.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A text from outside without this secret in it, should it hold it.
    pub fn hide_in(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(&*self.0, HIDDEN)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(HIDDEN)
    }
}

impl SecretSource {
    /// Reads the secret. One trailing line end is not part of it.
    ///
    /// # Errors
    /// When there is none, others can read it, or it is not one line of at most 4 KiB.
    pub fn read(&self) -> Result<Secret, SecretError> {
        match self {
            Self::Environment(name) => from_variable(name, std::env::var_os(name)),
            Self::File(path) => from_file(path),
        }
    }
}

fn from_variable(name: &str, value: Option<OsString>) -> Result<Secret, SecretError> {
    let value = value.ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    from_bytes(name, value.into_encoded_bytes())
}

fn from_file(path: &Path) -> Result<Secret, SecretError> {
    let unreadable = |source| SecretError::Unreadable {
        path: path.to_owned(),
        source,
    };
    // Opening a pipe waits for a writer unless told not to.
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.cast_signed())
        .open(path)
        .map_err(unreadable)?;
    // Asked of the open file: the one at the path may be another by now.
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SecretError::NotAFile(path.to_owned()));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o007 != 0 {
        let path = path.to_owned();
        return Err(SecretError::Open { path, mode });
    }
    let mut bytes = Vec::new();
    // Room for the line end and for one byte that shows there is more.
    let most = SECRET_BYTES_MAX as u64 + 3;
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    from_bytes(&path.display().to_string(), bytes)
}

fn from_bytes(place: &str, bytes: Vec<u8>) -> Result<Secret, SecretError> {
    let place = || place.to_owned();
    let text = String::from_utf8(bytes).map_err(|_| SecretError::NotALine(place()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(SecretError::Empty(place()));
    }
    if text.len() > SECRET_BYTES_MAX {
        return Err(SecretError::Long(place()));
    }
    if text.chars().any(char::is_control) {
        return Err(SecretError::NotALine(place()));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// What reading a file of that content and mode gives.
    fn read(content: &[u8], mode: u32) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, content).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its mode");
        let secret = SecretSource::File(path).read();
        secret
            .map(|secret| secret.expose().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_is_shown_nowhere() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "[secret] [secret]");
        assert_eq!(format!("{:?}", Some(&secret)), "Some([secret])");
        assert_eq!(
            secret.hide_in("535 hunter2 is wrong"),
            "535 [secret] is wrong"
        );
    }

    #[test]
    fn one_line_end_is_stripped_and_nothing_else() {
        for (content, secret) in [
            ("abc", "abc"),
            ("abc\n", "abc"),
            ("abc\r\n", "abc"),
            (" a b ", " a b "),
        ] {
            assert_eq!(read(content.as_bytes(), 0o600), Ok(secret.to_owned()));
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_command_that_closes_it() {
        for mode in [0o644, 0o604, 0o602, 0o601] {
            let error = read(b"abc", mode).expect_err("it is open");
            assert!(error.contains("chmod o-rwx "), "{error}");
            assert!(error.contains(&format!("{mode:04o}")), "{error}");
            assert!(!error.contains("abc"), "{error}");
        }
        // A group may be how the service's account reads it.
        assert!(read(b"abc", 0o640).is_ok());
    }

    #[test]
    fn what_is_no_single_line_of_text_is_refused() {
        for content in [&b""[..], b"\n", b"a\nb", b"a\0b", b"a\n\n", b"\xff\xfe"] {
            assert!(read(content, 0o600).is_err(), "{content:?}");
        }
        assert!(read(&[b'x'; SECRET_BYTES_MAX], 0o600).is_ok());
        let error = read(&[b'x'; SECRET_BYTES_MAX + 1], 0o600);
        assert!(error.is_err_and(|error| error.contains("more than 4096 bytes")));
        assert!(read(&vec![b'x'; 1 << 20], 0o600).is_err());
    }

    #[test]
    fn a_folder_or_a_pipe_is_no_secret_and_nobody_waits_for_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let of = |path: &Path| SecretSource::File(path.to_owned()).read();
        assert!(matches!(of(folder.path()), Err(SecretError::NotAFile(_))));
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .expect("a pipe");
        assert!(matches!(of(&pipe), Err(SecretError::NotAFile(_))));
        let missing = of(&folder.path().join("missing"));
        assert!(matches!(missing, Err(SecretError::Unreadable { .. })));
    }

    #[test]
    fn a_variable_is_read_like_a_file() {
        let unset = from_variable("MUSTER_MAIL_PASSWORD", None);
        let sentence = unset.map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(
            sentence,
            Err(
                "the environment variable MUSTER_MAIL_PASSWORD is not set; set it for the daemon"
                    .to_owned()
            )
        );
        let set = from_variable("X", Some("abc\n".into())).expect("it is set");
        assert_eq!(set.expose(), "abc");
        assert!(from_variable("X", Some("".into())).is_err());
        let path = SecretSource::Environment("PATH".to_owned()).read();
        assert!(path.is_ok());
    }
}
