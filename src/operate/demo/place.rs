//! Where the demo happens: a daemon in this process on a loopback port, with a data directory of its own
//! that goes when the demo does, unless it is to be kept.

use std::fs::{self, DirBuilder};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::pace::Pace;
use crate::cli::Failure;
use crate::clock;
use crate::config::{LoadOptions, Settings};
use crate::daemon::{Daemon, DaemonOptions, Running};
use crate::operate::failure::{caused, failure, unusable};
use crate::operate::settings::{flags, path_text};

const STOP_WITHIN: Duration = Duration::from_secs(5);

/// A daemon and its directory.
pub(super) struct Place {
    running: Running,
    folder: Folder,
}

impl Place {
    /// Makes the directory and starts the daemon; `port` 0 takes a free one.
    pub(super) async fn open(port: u16, pace: Pace, is_kept: bool) -> Result<Self, Failure> {
        let folder = Folder::make(is_kept)?;
        let settings = settings(&folder.path, port, pace)?;
        let started = Daemon::start(DaemonOptions::new(settings)).await;
        let running = started.map_err(|error| caused("START_FAILED", &error))?;
        Ok(Self { running, folder })
    }

    /// Where the daemon listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// The data directory.
    pub(super) fn path(&self) -> &Path {
        &self.folder.path
    }

    /// The coordinator's token, read from where every daemon leaves it.
    pub(super) fn token(&self) -> Result<String, Failure> {
        let path = &self.running.token_file;
        fs::read_to_string(path).map_err(|error| {
            failure(
                "TOKEN_UNREADABLE",
                format!("cannot read {}: {error}", path.display()),
            )
        })
    }

    /// Stops the daemon; the directory goes unless it is kept.
    pub(super) async fn close(self) -> Result<(), Failure> {
        let stopped = self.running.stop(STOP_WITHIN).await;
        stopped.map_err(|error| caused("STOP_FAILED", &error))
    }
}

/// The settings of the demo's daemon: the defaults, and leases short enough to see one run out. The
/// environment stays outside, so that the demo is the same everywhere.
fn settings(data_dir: &Path, port: u16, pace: Pace) -> Result<Settings, Failure> {
    let flags = flags([
        ("server.listen", Some(format!("127.0.0.1:{port}"))),
        ("server.data_dir", Some(path_text(data_dir.to_path_buf())?)),
        ("project.lease_min_ms", Some(Pace::LEASE_MIN_MS.to_string())),
        (
            "project.lease_default_ms",
            Some(pace.lease_ms().to_string()),
        ),
    ]);
    let options = LoadOptions {
        flags,
        ..LoadOptions::default()
    };
    Settings::load(options).map_err(|error| unusable("CONFIG_INVALID", error))
}

/// A directory of the demo's own.
struct Folder {
    path: PathBuf,
    is_kept: bool,
}

impl Folder {
    fn make(is_kept: bool) -> Result<Self, Failure> {
        let id = clock::random_id(10).map_err(|error| caused("NO_RANDOM_BYTES", &error))?;
        let path = std::env::temp_dir().join(format!("muster-demo-{id}"));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| {
            failure(
                "NO_DIRECTORY",
                format!(
                    "cannot make {}: {error}; set TMPDIR to a folder on a local disk",
                    path.display()
                ),
            )
        })?;
        Ok(Self { path, is_kept })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "the demo's directory stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_directory_is_its_owners_alone_and_goes_unless_it_is_kept() {
        let gone = Folder::make(false).unwrap();
        let path = gone.path.clone();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(gone);
        assert!(!path.exists());

        let kept = Folder::make(true).unwrap();
        let path = kept.path.clone();
        drop(kept);
        assert!(path.exists());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn the_demos_settings_are_sound_at_every_speed() {
        for speed in [*Pace::RANGE.start(), 1.0, *Pace::RANGE.end()] {
            let settings = settings(Path::new("/tmp/x"), 0, Pace::new(speed)).unwrap();
            assert!(settings.server.listen.ip().is_loopback());
            assert_eq!(settings.project.lease_min_ms, Pace::LEASE_MIN_MS);
        }
    }
}
