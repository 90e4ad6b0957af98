//! What a daemon holds and how it comes back: its memory at rest and with large plans, a start from
//! snapshots held against reading their files, and a start that replays every event.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use muster_proto::v1 as wire;

use super::crowd::per_second;
use super::daemon::{Daemon, Folder};
use super::field::Field;
use super::figures::{float, rounded};
use super::machine;
use crate::cli::Failure;
use crate::clock::Stopwatch;
use crate::engine::snapshot::{self, SnapshotInfo};
use crate::operate::failure::caused;
use crate::operate::wire::refused;

/// A daemon that was just started has come to rest after this.
const REST: Duration = Duration::from_millis(500);
pub(super) const MIB: f64 = 1024.0 * 1024.0;

/// The words of plans, to be taken off what the daemon holds for them.
#[derive(Debug, Default)]
pub(super) struct Words {
    tasks: usize,
    bytes: usize,
}

impl Words {
    pub(super) fn note(&mut self, field: &Field) {
        self.tasks += field.tasks;
        self.bytes += field.text_bytes;
    }
}

/// What a start from snapshots showed.
pub(super) struct Found {
    /// Its time over reading the snapshots and checking their sums.
    pub ratio: Option<f64>,
    held_bytes: Option<u64>,
}

impl Found {
    /// Memory by task, without what an idle daemon holds and without the tasks' words.
    pub(super) fn bytes_per_task(&self, idle_bytes: f64, words: &Words) -> Option<f64> {
        let held = float(self.held_bytes.filter(|_| words.tasks > 0)?);
        let beyond = held - idle_bytes - float(words.bytes as u64);
        Some(rounded(beyond.max(0.0) / float(words.tasks as u64), 0))
    }
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
) -> Result<(Daemon, Found), Failure> {
    let Some(data_dir) = daemon.data_dir().map(Path::to_path_buf) else {
        let nothing = Found {
            ratio: None,
            held_bytes: None,
        };
        return Ok((daemon, nothing));
    };
    daemon.stop().await?;
    let reading = read_all(&data_dir).map_err(|error| caused("BENCH", &error))?;
    let again = Daemon::start(folder).await?;
    let ready_in = again.ready_in();
    tokio::time::sleep(REST).await;
    let held_bytes = again.pid().and_then(machine::resident_bytes);
    let ratio = reading
        .zip(ready_in)
        .map(|(reading, ready_in)| rounded(ready_in.as_secs_f64() / reading.as_secs_f64(), 2));
    Ok((again, Found { ratio, held_bytes }))
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
        let versions = page.projects.iter().map(|project| project.version);
        events += versions.sum::<u64>();
        if page.next_page_token.is_empty() {
            return Ok(events);
        }
        request.page_token = page.next_page_token;
    }
}

fn forget(data_dir: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(snapshot::folder(data_dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(caused("NO_DIRECTORY", &error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// How long it takes to read the newest snapshot of every project and to check its sums; none where there is
/// none.
fn read_all(data_dir: &Path) -> std::io::Result<Option<Duration>> {
    let mut newest: BTreeMap<String, SnapshotInfo> = BTreeMap::new();
    for found in snapshot::list(data_dir)? {
        let newer = newest
            .get(&found.project)
            .is_none_or(|other| other.version < found.version);
        if newer {
            newest.insert(found.project.clone(), found);
        }
    }
    let watch = Stopwatch::start();
    for found in newest.values() {
        snapshot::read_and_check(&found.path)?;
    }
    Ok((!newest.is_empty()).then(|| watch.elapsed()))
}
