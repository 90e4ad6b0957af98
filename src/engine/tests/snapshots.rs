//! Snapshots of a working engine: written beside the writer and at its end, started from, and never in
//! anybody's way.

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::engine::snapshot::{folder, list};

/// An engine that keeps snapshots in a folder of its own.
struct Kept {
    rig: Rig,
    data_dir: TempDir,
}

fn keeping(options: EngineOptions, data_dir: &TempDir, snapshot_events: u64) -> EngineOptions {
    EngineOptions {
        snapshots: Some(folder(data_dir.path())),
        limits: Limits {
            snapshot_events,
            ..limits()
        },
        ..options
    }
}

impl Kept {
    fn new(snapshot_events: u64) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(1_700_000_000_000));
        let logs = MemoryStore::new();
        let options = keeping(options(logs.reopen(), &clock), &data_dir, snapshot_events);
        let rig = Rig::with(options, clock, logs);
        Self { rig, data_dir }
    }

    /// Some work: one task done, one held, one request that may come again.
    async fn worked(self) -> Self {
        let rig = self.rig.staffed(4, 2).await;
        let held = rig.claim("dev-1").await.unwrap();
        rig.complete("dev-1", &held).await.unwrap();
        let again = under("r-1", one(dev("dev-2"), "web", claim()));
        rig.handle.submit(again).await.unwrap();
        Self { rig, ..self }
    }

    /// Stops it and starts it on the same files, or on other logs.
    fn restart(self, logs: Option<MemoryStore>) -> Self {
        let Self { rig, data_dir } = self;
        rig.engine.stop(Duration::from_secs(60)).unwrap();
        let logs = logs.unwrap_or(rig.logs);
        let options = keeping(options(logs.reopen(), &rig.clock), &data_dir, 1_000);
        let rig = Rig::with(options, rig.clock, logs);
        Self { rig, data_dir }
    }

    /// The version of the snapshot that the project started from.
    fn started_from(&self) -> Option<u64> {
        let reports = self.rig.handle.start_reports();
        let report = reports.iter().find(|report| report.project == "web");
        report.unwrap().from_snapshot
    }

    /// Waits until the newest snapshot of the project is of this version or a later one.
    async fn snapshot_at(&self, version: u64) {
        for _ in 0..1_000 {
            let listed = list(self.data_dir.path()).unwrap();
            let mut of_web = listed.iter().filter(|one| one.project == "web");
            if of_web.any(|one| one.version >= version) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no snapshot was written");
    }
}

#[tokio::test]
async fn an_engine_that_stopped_cleanly_starts_from_its_snapshot_alone() {
    let kept = Kept::new(1_000).worked().await;
    let (plan, version) = (kept.rig.plan(), kept.rig.plan().version());
    let history = kept.rig.handle.history("web", 0, 100).await.unwrap();
    let kept = kept.restart(None);
    assert_eq!(kept.started_from(), Some(version));
    let reports = kept.rig.handle.start_reports();
    assert!(
        reports.iter().all(|report| report.tail_events == 0),
        "{reports:?}"
    );
    let mut before = Plan::clone(&plan);
    before.settle();
    assert_eq!(*kept.rig.plan(), before);
    let again = kept.rig.handle.history("web", 0, 100).await.unwrap();
    assert_eq!(again, history);
}

#[tokio::test]
async fn requests_and_leases_are_known_after_a_start_from_a_snapshot() {
    let kept = Kept::new(1_000).worked().await.restart(None);
    let rig = &kept.rig;
    let again = under("r-1", one(dev("dev-2"), "web", claim()));
    let answers = rig.handle.submit(again).await.unwrap();
    assert!(answers[0].repeated, "the claim is not carried out twice");
    assert_eq!(rig.handle.lease_facts("web").len(), 1);
    rig.pass(TERM_MS).await;
    assert_eq!(
        rig.handle.lease_facts("web").len(),
        0,
        "a lease goes on to run out"
    );
}

#[tokio::test]
async fn work_goes_on_from_a_snapshot_and_the_next_start_agrees() {
    let kept = Kept::new(1_000).worked().await.restart(None);
    let held = kept.rig.claim("dev-1").await.unwrap();
    kept.rig.complete("dev-1", &held).await.unwrap();
    let plan = kept.rig.plan();
    // Without snapshots the whole log is read.
    let Kept { rig, data_dir } = kept;
    let rig = rig.restart();
    assert_eq!(rig.handle.start_reports()[0].from_snapshot, None);
    let mut before = Plan::clone(&plan);
    before.settle();
    assert_eq!(*rig.plan(), before);
    drop(data_dir);
}

#[tokio::test]
async fn a_snapshot_is_written_while_work_goes_on() {
    let kept = Kept::new(5).worked().await;
    kept.snapshot_at(5).await;
    let held = kept.rig.claim("dev-1").await.unwrap();
    kept.rig.complete("dev-1", &held).await.unwrap();
    kept.snapshot_at(10).await;
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_written_harms_nobody() {
    let kept = Kept::new(1);
    let snapshots: PathBuf = folder(kept.data_dir.path());
    std::fs::write(&snapshots, "no folder").unwrap();
    let kept = kept.worked().await;
    kept.rig.handle.writable().unwrap();
    let version = kept.rig.plan().version();
    let kept = kept.restart(None);
    assert_eq!(kept.started_from(), None);
    assert_eq!(kept.rig.plan().version(), version);
}

#[tokio::test]
async fn an_engine_that_is_dropped_writes_no_last_snapshot_and_brings_no_folder_back() {
    let Kept { rig, data_dir } = Kept::new(1_000).worked().await;
    let path = data_dir.path().to_owned();
    let Rig { handle, engine, .. } = rig;
    drop(engine);
    drop(data_dir);
    // The writer has ended once nobody can wake it any more.
    while handle.wake().await.is_ok() {}
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!path.exists());
}

/// The same logs with one letter of one document changed, and its hash with it or not.
fn tampered(logs: &MemoryStore, version: usize) -> MemoryStore {
    let reader = logs.reader().unwrap();
    let mut copy = MemoryStore::new();
    for head in reader.heads().unwrap() {
        let mut records = reader.read(&head.project, 0, 10_000).unwrap();
        if head.project == "web" {
            let document = &mut records[version - 1].document;
            *document = document.replacen("\"at\":17", "\"at\":16", 1);
        }
        let append = Append {
            project: head.project,
            expected_version: 0,
            epoch: 0,
            records,
        };
        copy.append(&[append]).unwrap();
    }
    copy
}

/// Waits until writes have stopped, or until nothing can stop them any more.
async fn stopped(rig: &Rig) -> Option<EngineError> {
    for _ in 0..200 {
        if let Err(reason) = rig.handle.writable() {
            return Some(reason);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    None
}

#[tokio::test]
async fn a_break_in_the_older_log_stops_writes_and_reads_go_on() {
    let mut kept = Kept::new(1_000).worked().await;
    let version = kept.rig.plan().version();
    // Old enough that nothing of a start reads it.
    for number in 0..300 {
        kept.rig.register("web", &format!("more-{number}")).await;
    }
    kept = kept.restart(None);
    assert!(
        stopped(&kept.rig).await.is_none(),
        "a sound log stops nothing"
    );
    let logs = tampered(&kept.rig.logs, 2);
    let kept = kept.restart(Some(logs));
    assert_eq!(kept.started_from(), Some(version + 300));
    let reason = stopped(&kept.rig).await;
    let is_found = matches!(
        &reason,
        Some(EngineError::StoreCorrupt { project, version: 2 }) if project == "web"
    );
    assert!(is_found, "{reason:?}");
    let asked = kept.rig.ask(coordinator(), "web", pause()).await;
    assert!(
        matches!(asked, Err(EngineError::StoreCorrupt { .. })),
        "{asked:?}"
    );
    assert_eq!(kept.rig.plan().version(), version + 300);
}

#[tokio::test]
async fn the_past_is_folded_from_the_snapshot_before_it_with_the_checks_of_a_start() {
    let mut kept = Kept::new(1_000).worked().await;
    let version = kept.rig.plan().version();
    for number in 0..300 {
        kept.rig.register("web", &format!("more-{number}")).await;
    }
    kept = kept.restart(None);
    kept.rig.register("web", "newest").await;
    kept.rig.register("web", "newer").await;
    let logs = tampered(&kept.rig.logs, 2);
    let kept = kept.restart(Some(logs));
    let found = kept.rig.handle.plan_at("web", version + 301).await.unwrap();
    assert_eq!(found.version(), version + 301, "nothing reads before it");
    let found = kept.rig.handle.plan_at("web", version).await;
    let is_found = matches!(&found, Err(EngineError::StoreCorrupt { version: 2, .. }));
    assert!(is_found, "{found:?}");
    assert!(kept.rig.handle.writable().is_err());
}
