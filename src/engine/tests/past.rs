//! The past: a plan as of a version is what the first so many events lead to, from a snapshot or not, and
//! asking for it is bounded.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::engine::past::CALLS_MAX;
use crate::engine::snapshot::folder;
use crate::plan::codec;
use crate::plan::tests::model::check_random_logs;
use crate::store::codec::hash_of;
use crate::store::{Copied, Head, Record};

fn stored(log: &[Recorded]) -> MemoryStore {
    let mut hash = String::new();
    let records = log.iter().map(|recorded| {
        let document = codec::encode(recorded, &hash).unwrap();
        hash = hash_of(&document);
        Record {
            version: recorded.version,
            at_ms: recorded.at.0,
            kind: recorded.event.kind().to_owned(),
            document,
            hash: hash.clone(),
        }
    });
    let append = Append {
        project: "shop".to_owned(),
        expected_version: 0,
        epoch: 0,
        records: records.collect(),
    };
    let mut store = MemoryStore::new();
    store.append(&[append]).unwrap();
    store
}

/// An engine on a log, at the time of the log's newest event.
fn on(log: &[Recorded], data_dir: Option<&tempfile::TempDir>) -> Rig {
    let logs = stored(log);
    let clock = Arc::new(ManualClock::at(log.last().unwrap().at.0));
    let options = EngineOptions {
        snapshots: data_dir.map(|dir| folder(dir.path())),
        ..options(logs.reopen(), &clock)
    };
    Rig::with(options, clock, logs)
}

/// Every few versions of a log, looked back to.
async fn check(rig: &Rig, log: &[Recorded]) -> Result<(), String> {
    let mut expected = Plan::default();
    for recorded in log {
        expected.apply(recorded);
        let version = recorded.version;
        if version % 5 != 1 && version + 3 < log.len() as u64 {
            continue;
        }
        let mut expected = expected.clone();
        expected.settle();
        let found = rig.handle.plan_at("shop", version).await;
        let mut found = Plan::clone(&*found.map_err(|error| error.to_string())?);
        found.settle();
        if found != expected || found.fingerprint() != expected.fingerprint() {
            return Err(format!("another plan at version {version}"));
        }
    }
    Ok(())
}

#[test]
fn a_plan_of_the_past_is_what_the_first_events_lead_to() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    check_random_logs(8, |log| {
        runtime.block_on(check(&on(log, None), log))?;
        // A snapshot of an earlier time, and one of now.
        let data_dir = tempfile::tempdir().unwrap();
        let earlier = on(&log[..log.len().div_ceil(2)], Some(&data_dir));
        earlier.engine.stop(Duration::from_secs(60)).unwrap();
        let now = on(log, Some(&data_dir));
        now.engine.stop(Duration::from_secs(60)).unwrap();
        runtime.block_on(check(&on(log, Some(&data_dir)), log))
    });
}

#[tokio::test]
async fn the_newest_version_is_the_published_plan_and_there_is_none_beyond_it() {
    let rig = Rig::new().staffed(2, 1).await;
    let published = rig.plan();
    let newest = published.version();
    let found = rig.handle.plan_at("web", newest).await.unwrap();
    assert!(Arc::ptr_eq(&found, &published));
    for version in [0, newest + 1, u64::MAX] {
        let asked = rig.handle.plan_at("web", version).await;
        assert_eq!(reason(asked), Reason::InvalidField, "{version}");
    }
    let asked = rig.handle.plan_at("nowhere", 1).await;
    assert_eq!(reason(asked), Reason::ProjectNotFound);
    let once = rig.handle.plan_at("web", 2).await.unwrap();
    let again = rig.handle.plan_at("web", 2).await.unwrap();
    assert!(Arc::ptr_eq(&once, &again), "it was kept");
}

/// A store whose reads wait while it is shut.
struct Shut {
    inner: MemoryStore,
    shut: Arc<AtomicBool>,
}

impl Store for Shut {
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        self.inner.append(batch)
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        self.inner.idle()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        let (inner, shut) = (self.inner.reader()?, Arc::clone(&self.shut));
        Ok(Box::new(ShutReader { inner, shut }))
    }
}

struct ShutReader {
    inner: Box<dyn Reader>,
    shut: Arc<AtomicBool>,
}

impl Reader for ShutReader {
    fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.inner.heads()
    }

    fn read(&self, project: &str, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        while self.shut.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.inner.read(project, after, limit)
    }

    fn version_at(&self, project: &str, at_ms: i64) -> Result<u64, StoreError> {
        self.inner.version_at(project, at_ms)
    }

    fn copy(&self, go_on: &dyn Fn() -> bool) -> Result<Copied, StoreError> {
        self.inner.copy(go_on)
    }
}

#[tokio::test]
async fn more_than_a_few_wait_in_line_and_who_gives_up_leaves_it() {
    let logs = MemoryStore::new();
    let shut = Arc::new(AtomicBool::new(false));
    let store = Shut {
        inner: logs.reopen(),
        shut: Arc::clone(&shut),
    };
    let rig = Rig::on(store, logs).staffed(2, 30).await;
    shut.store(true, Ordering::Relaxed);
    let ask = |version: u64| {
        let handle = rig.handle.clone();
        tokio::spawn(async move { handle.plan_at("web", version).await })
    };
    let mut calls: Vec<_> = (1..=CALLS_MAX as u64).map(ask).collect();
    tokio::task::yield_now().await;
    let is_full = |asked: Result<Arc<Plan>, EngineError>| {
        matches!(asked, Err(EngineError::Overloaded { what: "past_plans" }))
    };
    assert!(is_full(rig.handle.plan_at("web", 20).await));
    rig.plan();
    rig.register("web", "dev-31").await;

    // The first of those that fold, and the last of those that wait.
    for place in [0, CALLS_MAX - 2] {
        let call = calls.remove(place);
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        calls.push(ask(21));
        tokio::task::yield_now().await;
        assert!(is_full(rig.handle.plan_at("web", 20).await));
    }
    shut.store(false, Ordering::Relaxed);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    rig.handle.plan_at("web", 20).await.unwrap();
}
