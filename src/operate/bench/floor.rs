//! What the machine itself allows, measured in the same run: an empty call over the same connections, a
//! commit by bare SQLite, and the CPU time of each. A row is held against these, so that its ratio says
//! something on any machine.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::task::JoinSet;
use tonic_health::pb::HealthCheckRequest;

use super::crowd::{Crowd, per_second};
use super::machine;
use crate::cli::Failure;
use crate::clock::Stopwatch;
use crate::operate::failure::caused;
use crate::operate::wire::refused;

/// How long each floor is measured.
const EMPTY_CALLS_FOR: Duration = Duration::from_millis(1_000);
const COMMITS_FOR: Duration = Duration::from_millis(500);
const SYNCS_FOR: Duration = Duration::from_millis(200);
/// What a commit waits for beyond its own fsync when it arrives while another one is under way.
const SHARED_COMMIT: f64 = 1.5;
/// A row as large as the document of a claim or completion, in bytes.
const ROW_BYTES: usize = 560;
/// Rows that go into the write-ahead log before it is used again from its start.
const ROWS_TO_FILL: usize = 2_000;

/// What an empty call costs with so many under way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EmptyCalls {
    pub per_s: f64,
    /// From the call to its answer.
    pub latency: Duration,
    /// CPU time of client and server together; none where the server's cannot be seen.
    pub cpu: Option<Duration>,
}

/// What SQLite takes for rows as large as an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Commits {
    /// One commit of one row.
    pub latency: Duration,
    /// CPU time of a row appended in batches of as many as there are agents.
    pub row_cpu: Option<Duration>,
}

/// The floors for a number of agents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Floor {
    pub agents: usize,
    pub cores: usize,
    pub empty: EmptyCalls,
    pub commits: Commits,
}

impl Floor {
    /// Measures the floors over a crowd's connections; SQLite's in `folder`.
    pub(super) async fn measure(crowd: &Crowd, folder: &Path) -> Result<Self, Failure> {
        let agents = crowd.connections.len();
        let empty = empty_calls(crowd).await?;
        let path = folder.join("floor.db");
        let measuring = tokio::task::spawn_blocking(move || commits(&path, agents));
        let commits = measuring
            .await
            .map_err(|error| caused("INTERNAL", &error))?
            .map_err(|error| caused("BENCH_SQLITE", &error))?;
        Ok(Self {
            agents,
            cores: machine::cores(),
            empty,
            commits,
        })
    }

    /// Acknowledged durable writes that this machine allows in a second: bound by waiting for an answer
    /// and a commit, or by the CPU time of a call and a row, whichever is less.
    pub(super) fn writes_per_s(&self) -> f64 {
        let share = if self.agents == 1 { 1.0 } else { SHARED_COMMIT };
        let waited = self.empty.latency.as_secs_f64() + share * self.commits.latency.as_secs_f64();
        let by_waiting = small(self.agents) / waited;
        match (self.empty.cpu, self.commits.row_cpu) {
            (Some(call), Some(row)) => {
                by_waiting.min(small(self.cores) / (call + row).as_secs_f64())
            }
            _ => by_waiting,
        }
    }
}

fn small(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Every connection makes one empty call after the other.
async fn empty_calls(crowd: &Crowd) -> Result<EmptyCalls, Failure> {
    let mut callers = JoinSet::new();
    let (before, watch) = (crowd.cpu(), Stopwatch::start());
    for connection in &crowd.connections {
        let mut health = connection.health();
        callers.spawn(async move {
            let mut calls = 0_u64;
            while watch.elapsed() < EMPTY_CALLS_FOR {
                let answer = health.check(HealthCheckRequest::default()).await;
                answer.map_err(|status| refused("the bench", "Health.Check", &status))?;
                calls += 1;
            }
            Ok::<u64, Failure>(calls)
        });
    }
    let mut calls = 0;
    while let Some(done) = callers.join_next().await {
        calls += done.map_err(|error| caused("INTERNAL", &error))??;
    }
    let (took, after) = (watch.elapsed(), crowd.cpu());
    let per_s = per_second(calls, took);
    let each = |time: Duration| time.div_f64(per_s.max(1.0) * took.as_secs_f64());
    Ok(EmptyCalls {
        per_s,
        latency: Duration::from_secs_f64(small(crowd.connections.len()) / per_s.max(1.0)),
        cpu: before
            .zip(after)
            .map(|(before, after)| each(after.saturating_sub(before))),
    })
}

/// Bare SQLite with the pragmas of the store, its log in use again as in a daemon that runs for long.
fn commits(path: &Path, batch: usize) -> rusqlite::Result<Commits> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         DROP TABLE IF EXISTS rows;
         CREATE TABLE rows (
            project TEXT NOT NULL, version INTEGER NOT NULL, at_ms INTEGER NOT NULL,
            kind TEXT NOT NULL, document TEXT NOT NULL, hash TEXT NOT NULL,
            UNIQUE (project, version)) STRICT;",
    )?;
    let document = "x".repeat(ROW_BYTES);
    let mut version = 0_i64;
    let mut append = |rows: usize| -> rusqlite::Result<()> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut insert =
            connection.prepare_cached("INSERT INTO rows VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for _ in 0..rows {
            version += 1;
            let hash = &document[..64];
            insert.execute(params![
                "bench",
                version,
                0,
                "TaskCompleted",
                document,
                hash
            ])?;
        }
        connection.prepare_cached("COMMIT")?.execute([]).map(drop)
    };
    append(ROWS_TO_FILL)?;
    connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
    let mut single = 0_u32;
    let watch = Stopwatch::start();
    while watch.elapsed() < COMMITS_FOR {
        append(1)?;
        single += 1;
    }
    let latency = watch.elapsed() / single.max(1);
    let (before, watch, mut rows) = (machine::own_cpu(), Stopwatch::start(), 0_u32);
    while watch.elapsed() < COMMITS_FOR {
        append(batch.max(1))?;
        rows = rows.saturating_add(u32::try_from(batch.max(1)).unwrap_or(u32::MAX));
    }
    let spent = before.zip(machine::own_cpu());
    let row_cpu = spent.map(|(before, after)| after.saturating_sub(before) / rows.max(1));
    Ok(Commits { latency, row_cpu })
}

/// How long the disk takes to make 4 KiB durable: the median of many writes in place.
pub(super) fn fsync_latency(folder: &Path) -> Result<Duration, Failure> {
    let measure = || -> std::io::Result<Duration> {
        let path = folder.join("floor.sync");
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(path)?;
        let mut took = Vec::new();
        let whole = Stopwatch::start();
        while whole.elapsed() < SYNCS_FOR || took.is_empty() {
            file.write_all_at(&[b'x'; 4_096], 0)?;
            let watch = Stopwatch::start();
            file.sync_data()?;
            took.push(watch.elapsed());
        }
        took.sort_unstable();
        Ok(took[took.len() / 2])
    };
    measure().map_err(|error| caused("NO_DIRECTORY", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(agents: usize, latency_us: u64, cpu_us: Option<u64>, expected: f64) {
        let floor = Floor {
            agents,
            cores: 2,
            empty: EmptyCalls {
                per_s: 0.0,
                latency: Duration::from_micros(latency_us),
                cpu: cpu_us.map(Duration::from_micros),
            },
            commits: Commits {
                latency: Duration::from_micros(400),
                row_cpu: Some(Duration::from_micros(10)),
            },
        };
        let found = floor.writes_per_s();
        assert!((found - expected).abs() < 1.0, "{found} is not {expected}");
    }

    #[test]
    fn the_floor_is_the_tighter_of_waiting_and_working() {
        check(1, 100, Some(90), 2_000.0);
        check(8, 400, Some(90), 8_000.0);
        check(128, 6_000, Some(90), 19_394.0);
        check(128, 6_000, Some(190), 10_000.0);
        check(128, 6_000, None, 19_394.0);
    }

    #[test]
    fn sqlite_and_the_disk_are_really_asked() {
        let folder = tempfile::tempdir().unwrap();
        let found = commits(&folder.path().join("floor.db"), 8).unwrap();
        assert!(found.latency > Duration::ZERO);
        assert!(fsync_latency(folder.path()).unwrap() > Duration::ZERO);
    }
}
