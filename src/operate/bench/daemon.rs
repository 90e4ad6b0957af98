//! The daemon under measurement: a process of its own, as people run it, with a directory that goes with
//! the bench; or one that runs already, of which only what a client can see is measured.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::cli::Failure;
use crate::clock::{self, Stopwatch};
use crate::operate::failure::{caused, failure};
use crate::operate::wire::Wire;

/// A daemon of our own has this long to be ready; a million tasks may have to be replayed.
const READY_WITHIN: Duration = Duration::from_secs(300);
/// And this long to stop, a snapshot of a million tasks included.
const STOP_WITHIN: Duration = Duration::from_secs(120);
/// Projects, and connections beyond the agents' own, that a run may need.
const SETTINGS: &str = "\
[server]
shutdown_timeout_ms = 60000
[limits]
projects = 100000
connections = 4096
[log]
level = \"warn\"
";

/// A directory of the bench's own; it goes when the bench does.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes one below `parent`.
    pub(super) fn make(parent: &Path) -> Result<Self, Failure> {
        let id = clock::random_id(10).map_err(|error| caused("NO_RANDOM_BYTES", &error))?;
        let path = parent.join(format!("muster-bench-{id}"));
        fs::create_dir(&path)
            .map(|()| Self(path.clone()))
            .map_err(|error| {
                let message = format!(
                    "cannot make {}: {error}; name a folder on a local disk with --dir",
                    path.display()
                );
                failure("NO_DIRECTORY", message)
            })
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the bench's directory stays behind");
        }
    }
}

/// A daemon to measure.
pub(super) struct Daemon {
    pub address: SocketAddr,
    pub token: String,
    /// None for a daemon that was given.
    own: Option<Own>,
}

struct Own {
    child: Child,
    data_dir: PathBuf,
    /// From the start of the process until it said that it listens.
    ready_in: Duration,
}

impl Daemon {
    /// One that runs already.
    pub(super) fn given(address: SocketAddr, token: String) -> Self {
        Self {
            address,
            token,
            own: None,
        }
    }

    /// Starts one on a free port of the loopback.
    pub(super) async fn start(folder: &Folder) -> Result<Self, Failure> {
        let data_dir = folder.path().join("data");
        let settings = folder.path().join("muster.toml");
        fs::write(&settings, SETTINGS).map_err(|error| caused("NO_DIRECTORY", &error))?;
        let program = std::env::current_exe().map_err(|error| caused("START_FAILED", &error))?;
        let watch = Stopwatch::start();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&settings)
            .arg("--data-dir")
            .arg(&data_dir)
            .env_remove("MUSTER_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| caused("START_FAILED", &error))?;
        let address = tokio::time::timeout(READY_WITHIN, listening(&mut child))
            .await
            .unwrap_or(None)
            .ok_or_else(|| failure("START_FAILED", "the daemon under measurement did not start"))?;
        let ready_in = watch.elapsed();
        let token = fs::read_to_string(data_dir.join("coordinator.token"))
            .map_err(|error| caused("TOKEN_UNREADABLE", &error))?;
        Ok(Self {
            address,
            token,
            own: Some(Own {
                child,
                data_dir,
                ready_in,
            }),
        })
    }

    /// A connection for the coordinator.
    pub(super) async fn chief(&self) -> Result<Wire, Failure> {
        Wire::open(self.address, &self.token).await
    }

    /// How long a daemon of our own took from the start of its process until it listened.
    pub(super) fn ready_in(&self) -> Option<Duration> {
        self.own.as_ref().map(|own| own.ready_in)
    }

    /// Its process, when it is our own.
    pub(super) fn pid(&self) -> Option<u32> {
        self.own.as_ref()?.child.id()
    }

    /// Its files, when it is our own.
    pub(super) fn data_dir(&self) -> Option<&Path> {
        self.own.as_ref().map(|own| own.data_dir.as_path())
    }

    /// Stops a daemon of our own as a service manager would, and waits for its end.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        let Some(mut own) = self.own else {
            return Ok(());
        };
        let pid = own.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)
                .map_err(|error| caused("STOP_FAILED", &error))?;
        }
        match tokio::time::timeout(STOP_WITHIN, own.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(failure(
                "STOP_FAILED",
                format!("the daemon under measurement ended with {status}"),
            )),
            Ok(Err(error)) => Err(caused("STOP_FAILED", &error)),
            Err(_) => Err(failure(
                "STOP_FAILED",
                "the daemon under measurement did not stop",
            )),
        }
    }
}

/// The address that a starting daemon prints; none when it ends without.
async fn listening(child: &mut Child) -> Option<SocketAddr> {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(address) = line.strip_prefix("listening on http://") {
            return address.trim().parse().ok();
        }
    }
    None
}
