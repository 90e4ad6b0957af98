//! What a daemon holds and how it comes back: its memory at rest and with a large plan, a start from
//! snapshots held against reading their files, and a start that replays every event.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use muster_proto::v1 as wire;
use sha2::{Digest as _, Sha256};

use super::crowd::per_second;
use super::daemon::{Daemon, Folder};
use super::field::Field;
use super::figures::rounded;
use super::machine;
use crate::cli::Failure;
use crate::clock::Stopwatch;
use crate::operate::failure::caused;
use crate::operate::wire::refused;

/// A daemon that was just started has come to rest after this.
const REST: Duration = Duration::from_millis(500);
/// Snapshots of a stopped daemon lie below its data directory here.
const SNAPSHOTS: &str = "snapshots";
const MIB: f64 = 1024.0 * 1024.0;

/// The words of the largest plans, to be taken off what the daemon holds for them.
#[derive(Debug, Default)]
pub(super) struct Words {
    tasks: usize,
    bytes: usize,
}

impl Words {
    pub(super) fn note(&mut self, field: &Field, tasks: usize) {
        self.tasks += tasks;
        self.bytes += field.text_bytes;
    }
}

/// What a start from snapshots showed.
pub(super) struct Found {
    pub ratio: Option<f64>,
    pub bytes_per_task: Option<f64>,
}

/// Memory of a daemon of our own without a project.
pub(super) async fn idle_mib(daemon: &Daemon) -> Option<f64> {
    tokio::time::sleep(REST).await;
    let bytes = machine::resident_bytes(daemon.pid()?)?;
    Some(rounded(float(bytes) / MIB, 1))
}

/// Starts again without snapshots: events taken in by a second.
pub(super) async fn replay(
    daemon: Daemon,
    folder: &Folder,
) -> Result<(Daemon, Option<f64>), Failure> {
    let events = events(&daemon).await?;
    let Some(data_dir) = daemon.data_dir().map(Path::to_path_buf) else {
        return Ok((daemon, None));
    };
    daemon.stop().await?;
    forget(&data_dir)?;
    let again = Daemon::start(folder).await?;
    let rate = again.ready_in().map(|took| per_second(events, took));
    Ok((again, rate.map(|rate| rounded(rate, 0))))
}

/// Starts again from the snapshots that a clean stop leaves.
pub(super) async fn from_snapshots(
    daemon: Daemon,
    folder: &Folder,
    words: &Words,
) -> Result<(Daemon, Found), Failure> {
    let nothing = Found {
        ratio: None,
        bytes_per_task: None,
    };
    let Some(data_dir) = daemon.data_dir().map(Path::to_path_buf) else {
        return Ok((daemon, nothing));
    };
    daemon.stop().await?;
    let reading = read_all(&data_dir.join(SNAPSHOTS)).map_err(|error| caused("BENCH", &error))?;
    let again = Daemon::start(folder).await?;
    let ready_in = again.ready_in();
    tokio::time::sleep(REST).await;
    let held = again.pid().and_then(machine::resident_bytes);
    let per_task = held.filter(|_| words.tasks > 0).map(|held| {
        let beyond = held.saturating_sub(u64::try_from(words.bytes).unwrap_or(u64::MAX));
        rounded(float(beyond) / float(words.tasks as u64), 0)
    });
    let ratio = reading
        .zip(ready_in)
        .map(|(reading, ready_in)| rounded(ready_in.as_secs_f64() / reading.as_secs_f64(), 2));
    Ok((
        again,
        Found {
            ratio,
            bytes_per_task: per_task,
        },
    ))
}

/// Events of all projects.
async fn events(daemon: &Daemon) -> Result<u64, Failure> {
    let chief = daemon.chief().await?;
    let mut request = wire::ListProjectsRequest {
        page_size: 1_000,
        ..Default::default()
    };
    let mut events = 0;
    loop {
        let page = chief.projects().list_projects(request.clone()).await;
        let page = page
            .map_err(|status| refused("the bench", "ListProjects", &status))?
            .into_inner();
        events += page
            .projects
            .iter()
            .map(|project| project.version)
            .sum::<u64>();
        if page.next_page_token.is_empty() {
            return Ok(events);
        }
        request.page_token = page.next_page_token;
    }
}

fn forget(data_dir: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(data_dir.join(SNAPSHOTS)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(caused("NO_DIRECTORY", &error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// How long it takes to read the newest snapshot of every project and to compute its sum; none where there
/// is none.
fn read_all(folder: &Path) -> std::io::Result<Option<Duration>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut newest: Vec<PathBuf> = Vec::new();
    for project in fs::read_dir(folder)? {
        let mut files: Vec<PathBuf> = Vec::new();
        for file in fs::read_dir(project?.path())? {
            files.push(file?.path());
        }
        let taken = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).ok();
        files.sort_by_key(taken);
        newest.extend(files.pop());
    }
    let watch = Stopwatch::start();
    for path in &newest {
        std::hint::black_box(Sha256::digest(fs::read(path)?));
    }
    Ok((!newest.is_empty()).then(|| watch.elapsed()))
}

fn float(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
    let bytes = bytes as f64;
    bytes
}
