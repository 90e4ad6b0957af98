//! A plan as it was at an earlier version: folded from the log with every check of a start, on a thread
//! that may block and never the writer's. A few are folded at a time, and those asked last are kept.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Semaphore;

use super::EngineError;
use super::board::Board;
use super::fold::{FoldError, Folding};
use super::shared::Shared;
use super::snapshot::{Shelf, newest_sound_up_to};
use super::verify;
use crate::plan::{Plan, Refusal};
use crate::store::{Copied, Head, Reader, Record, StoreError};
use crate::telemetry;

/// At most so many plans are folded at a time; each may become as large as the project.
const FOLDS_MAX: usize = 2;

/// At most so many calls wait for a turn.
const WAITING_MAX: usize = 16;

/// So many calls fold or wait; more are turned away.
pub(super) const CALLS_MAX: usize = FOLDS_MAX + WAITING_MAX;

/// At most so many plans are kept.
const KEPT_PLANS_MAX: usize = 4;

/// And together at most so many tasks; a plan of more is not kept at all.
const KEPT_TASKS_MAX: usize = 100_000;

/// What folding the past needs.
pub(super) struct Past {
    /// The folder of the snapshots, where there are any.
    snapshots: OnceLock<PathBuf>,
    /// A place for each call that folds or waits.
    line: Semaphore,
    folds: Arc<Semaphore>,
    kept: Mutex<Kept>,
}

impl Past {
    pub fn new() -> Self {
        Self {
            snapshots: OnceLock::new(),
            line: Semaphore::new(CALLS_MAX),
            folds: Arc::new(Semaphore::new(FOLDS_MAX)),
            kept: Mutex::default(),
        }
    }

    /// Folds begin from snapshots in this folder from now on.
    pub fn begin_from(&self, snapshots: PathBuf) {
        let _ = self.snapshots.set(snapshots);
    }

    fn kept(&self, project: &str, version: u64) -> Option<Arc<Plan>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.find(project, version)
    }

    fn keep(&self, project: &Arc<str>, plan: &Arc<Plan>) {
        let tasks = usize::try_from(plan.total().all()).unwrap_or(usize::MAX);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let let_go = kept.put(Asked {
            project: Arc::clone(project),
            version: plan.version(),
            tasks,
            plan: Arc::clone(plan),
        });
        // A large plan takes its time to go, and others wait for the lock.
        drop(kept);
        drop(let_go);
    }
}

/// A plan that was asked for.
struct Asked {
    project: Arc<str>,
    version: u64,
    tasks: usize,
    plan: Arc<Plan>,
}

/// The plans asked last, the newest last.
#[derive(Default)]
struct Kept(VecDeque<Asked>);

impl Kept {
    fn find(&mut self, project: &str, version: u64) -> Option<Arc<Plan>> {
        let is_it = |asked: &Asked| &*asked.project == project && asked.version == version;
        let place = self.0.iter().position(is_it)?;
        let asked = self.0.remove(place)?;
        let plan = Arc::clone(&asked.plan);
        self.0.push_back(asked);
        Some(plan)
    }

    /// Keeps a plan, if there may be room for it; hands back those that had to go.
    fn put(&mut self, asked: Asked) -> Vec<Asked> {
        let is_known = self.find(&asked.project, asked.version).is_some();
        if is_known || asked.tasks > KEPT_TASKS_MAX {
            return vec![asked];
        }
        self.0.push_back(asked);
        let mut let_go = Vec::new();
        while self.0.len() > KEPT_PLANS_MAX || self.tasks() > KEPT_TASKS_MAX {
            let_go.extend(self.0.pop_front());
        }
        let_go
    }

    fn tasks(&self) -> usize {
        self.0.iter().map(|asked| asked.tasks).sum()
    }
}

/// The plan of a project as of a version of it. A call that is dropped gives its place back, and the fold
/// made for it ends.
pub(super) async fn plan_at(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    version: u64,
) -> Result<Arc<Plan>, EngineError> {
    let published = board.plan();
    let newest = published.version();
    if version == newest {
        return Ok(published);
    }
    if !(1..newest).contains(&version) {
        let description = format!("is {version}; the project's versions are 1 to {newest}");
        return Err(Refusal::field("as_of_version", description).into());
    }
    drop(published);
    if let Some(plan) = shared.past.kept(board.slug(), version) {
        return Ok(plan);
    }
    let full = |_| EngineError::Overloaded { what: "past_plans" };
    let _place = shared.past.line.try_acquire().map_err(full)?;
    let folds = Arc::clone(&shared.past.folds);
    let turn = folds.acquire_owned().await;
    let turn = turn.map_err(|_| EngineError::Unreadable)?;
    let caller = Caller::default();
    let given_up = Arc::clone(&caller.gone);
    let (shared, slug) = (Arc::clone(shared), Arc::clone(board.slug()));
    let work = move || {
        // Held until the fold has ended, also when nobody waits for it any more.
        let _turn = turn;
        // Another call may have waited for the same plan.
        if let Some(plan) = shared.past.kept(&slug, version) {
            return Ok(plan);
        }
        let plan = Arc::new(fold(&shared, &slug, version, &given_up)?);
        shared.past.keep(&slug, &plan);
        Ok(plan)
    };
    let folded = tokio::task::spawn_blocking(work).await;
    folded.unwrap_or(Err(EngineError::Unreadable))
}

/// Tells the fold when whoever asked for it has gone.
#[derive(Default)]
struct Caller {
    gone: Arc<AtomicBool>,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

/// Folds a log up to a version, from the newest sound snapshot that is not beyond it, else from its start.
fn fold(
    shared: &Shared,
    slug: &Arc<str>,
    version: u64,
    given_up: &AtomicBool,
) -> Result<Plan, EngineError> {
    let head = Head {
        project: slug.to_string(),
        version,
        hash: String::new(),
    };
    let folder = shared.past.snapshots.get();
    let shelf = folder.and_then(|folder| Shelf::of(folder, slug));
    let restored = shelf.and_then(|shelf| newest_sound_up_to(&shelf, &*shared.reader, &head));
    let mut folding = match restored {
        Some(restored) => Folding::on(restored.plan, restored.chain),
        None => Folding::new(),
    };
    let until = Until {
        reader: &*shared.reader,
        version,
        given_up,
    };
    let broken = |version: u64, why: &str| verify::stop_writes(shared, slug, version, why);
    match folding.read_on(&until, slug, |_| {}) {
        Ok(()) if folding.plan.version() == version => Ok(folding.finish().plan),
        // Nobody is there to hear of it.
        Ok(()) if given_up.load(Ordering::Relaxed) => Err(EngineError::Unreadable),
        Ok(()) => Err(broken(folding.plan.version() + 1, verify::MISSING)),
        Err(FoldError::Broken(found)) => Err(broken(found.version, &found.why.to_string())),
        Err(FoldError::Undecodable { version, source }) => {
            Err(broken(version, &source.to_string()))
        }
        Err(FoldError::Unreadable(error)) => {
            let error = telemetry::chain(&error);
            tracing::error!(error, project.id = %slug, "the log of {slug} cannot be read");
            Err(EngineError::Unreadable)
        }
    }
}

/// A store as if its logs ended at a version, or wherever a reader is once it is given up.
struct Until<'a> {
    reader: &'a dyn Reader,
    version: u64,
    given_up: &'a AtomicBool,
}

impl Reader for Until<'_> {
    fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.reader.heads()
    }

    fn read(&self, project: &str, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let left = self.version.saturating_sub(after);
        if left == 0 || self.given_up.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let limit = limit.min(usize::try_from(left).unwrap_or(usize::MAX));
        self.reader.read(project, after, limit)
    }

    fn version_at(&self, project: &str, at_ms: i64) -> Result<u64, StoreError> {
        let version = self.reader.version_at(project, at_ms)?;
        Ok(version.min(self.version))
    }

    fn copy(&self, go_on: &dyn Fn() -> bool) -> Result<Copied, StoreError> {
        self.reader.copy(go_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(version: u64, tasks: usize) -> Asked {
        Asked {
            project: "web".into(),
            version,
            tasks,
            plan: Arc::default(),
        }
    }

    fn versions(kept: &Kept) -> Vec<u64> {
        kept.0.iter().map(|asked| asked.version).collect()
    }

    #[test]
    fn those_asked_last_are_kept_within_both_bounds() {
        let mut kept = Kept::default();
        for version in 1..=5 {
            kept.put(asked(version, 10));
        }
        assert_eq!(versions(&kept), [2, 3, 4, 5]);
        assert!(kept.find("web", 2).is_some());
        assert!(kept.find("web", 1).is_none() && kept.find("shop", 3).is_none());
        kept.put(asked(6, 10));
        assert_eq!(versions(&kept), [4, 5, 2, 6], "2 was asked for again");
        kept.put(asked(6, 10));
        assert_eq!(versions(&kept), [4, 5, 2, 6], "known already");
        let large = kept.put(asked(7, KEPT_TASKS_MAX + 1));
        assert_eq!((large.len(), kept.0.len()), (1, 4), "too large to be kept");
        let let_go = kept.put(asked(8, KEPT_TASKS_MAX - 10));
        assert_eq!((let_go.len(), versions(&kept)), (3, vec![6, 8]));
    }
}
