//! One project as a start finds it: from its newest snapshot and the events after it, else from the whole
//! log. Both ways lead to the same plan, the same newest events and the same requests.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::StartReport;
use super::board::Recent;
use super::fold::{FoldError, Folding, read_older};
use super::recheck::Unread;
use super::request::Recall;
use super::shared::Shared;
use super::snapshot::{Restored, Shelf, newest_sound};
use super::start::StartError;
use crate::clock::Stopwatch;
use crate::plan::Plan;
use crate::store::Head;
use crate::store::codec::Break;
use crate::telemetry;

/// One project, ready to be put up.
pub(super) struct Opened {
    pub plan: Plan,
    /// The hash of the newest event.
    pub hash: String,
    pub recent: Recent,
    pub requests: Recall,
    /// What was taken from a snapshot and not from the log.
    pub unread: Option<Unread>,
    pub report: StartReport,
}

/// At most so many projects are opened side by side, however many cores there are: each holds a connection
/// to the store and a few batches of its log.
const SIDE_BY_SIDE_MAX: usize = 8;

/// Opens all projects, in the order of `heads`; of several that cannot be opened the first is told. They have
/// nothing to do with each other, so as many are opened side by side as there are cores.
pub(super) fn open_all(
    shared: &Shared,
    heads: &[Head],
    snapshots: Option<&Path>,
) -> Result<Vec<Opened>, StartError> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    // Those that this thread opened. They are taken in order, so whatever stands before one that cannot be
    // opened is under way somewhere when the others stop.
    let work = || {
        let mut opened = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(head) = heads.get(place) else { break };
            let project = open(shared, head, snapshots);
            failed.fetch_or(project.is_err(), Ordering::Relaxed);
            opened.push((place, project));
        }
        opened
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let most = cores.min(heads.len()).min(SIDE_BY_SIDE_MAX);
    let helpers = most.saturating_sub(1);
    let mut opened = thread::scope(|scope| {
        // With fewer threads than asked for it takes longer.
        let spawn = |number| {
            let thread = thread::Builder::new().name(format!("muster-opener-{number}"));
            thread.spawn_scoped(scope, work).ok()
        };
        let threads: Vec<_> = (0..helpers).map_while(spawn).collect();
        let mut opened = work();
        for thread in threads {
            let others = thread.join();
            opened.extend(others.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        opened
    });
    opened.sort_unstable_by_key(|(place, _)| *place);
    opened.into_iter().map(|(_, project)| project).collect()
}

/// Opens a project whose log stands at `head`.
pub(super) fn open(
    shared: &Shared,
    head: &Head,
    snapshots: Option<&Path>,
) -> Result<Opened, StartError> {
    let watch = Stopwatch::start();
    let shelf = snapshots.and_then(|folder| Shelf::of(folder, &head.project));
    let restored = shelf.and_then(|shelf| newest_sound(&shelf, &*shared.reader, head));
    let mut opened = match restored.and_then(|restored| go_on(shared, head, restored)) {
        Some(opened) => opened,
        None => from_the_start(shared, head)?,
    };
    opened.report.took = watch.elapsed();
    let report = &opened.report;
    tracing::debug!(
        project.id = %head.project,
        version = head.version,
        from_snapshot = report.from_snapshot,
        events = report.tail_events,
        duration_ms = report.took.as_secs_f64() * 1e3,
        "{} is ready",
        head.project
    );
    Ok(opened)
}

/// From a snapshot; none when the log does not go on from it as it should. Reading the whole log tells
/// what is wrong with it.
fn go_on(shared: &Shared, head: &Head, restored: Restored) -> Option<Opened> {
    let from = restored.chain.head();
    let folding = Folding::on(restored.plan, restored.chain);
    let mut opened = match fold(shared, head, folding, restored.requests) {
        Ok(opened) => opened,
        Err(error) => {
            doubt(head, from.version, &error);
            return None;
        }
    };
    // With events of the tail dropped again there is no room for older ones.
    let reached = opened
        .recent
        .oldest()
        .is_none_or(|oldest| oldest == from.version + 1);
    let is_empty_tail = head.version == from.version;
    if reached && (is_empty_tail || opened.recent.oldest().is_some()) {
        let read = read_older(&*shared.reader, &head.project, &from, &mut opened.recent);
        if let Err(error) = read {
            doubt(head, from.version, &error);
            return None;
        }
    }
    opened.report.from_snapshot = Some(from.version);
    opened.report.tail_events = head.version - from.version;
    opened.unread = Some(Unread {
        project: head.project.as_str().into(),
        version: from.version,
        hash: from.hash,
    });
    Some(opened)
}

fn doubt(head: &Head, version: u64, error: &FoldError) {
    let error = telemetry::chain(error);
    tracing::warn!(
        error,
        project.id = %head.project,
        version,
        "the log of {} does not go on from its snapshot; all of it is read",
        head.project
    );
}

fn from_the_start(shared: &Shared, head: &Head) -> Result<Opened, StartError> {
    let project = &head.project;
    let broken = |version: u64, why: &Break| StartError::Broken {
        project: project.clone(),
        version,
        why: why.to_string(),
    };
    let opened = fold(shared, head, Folding::new(), Recall::default());
    opened.map_err(|error| match error {
        FoldError::Unreadable(error) => StartError::Unreadable(error),
        FoldError::Broken(break_) => broken(break_.version, &break_.why),
        FoldError::Undecodable { version, source } => StartError::Undecodable {
            project: project.clone(),
            version,
            source,
        },
    })
}

/// Takes in what follows, to the log's head.
fn fold(
    shared: &Shared,
    head: &Head,
    mut folding: Folding,
    mut requests: Recall,
) -> Result<Opened, FoldError> {
    let slug: Arc<str> = head.project.as_str().into();
    let mut recent = Recent::new(shared.limits.recent_events);
    folding.read_on(&*shared.reader, &head.project, |event| {
        requests.take(&slug, &event.0);
        recent.push(event);
    })?;
    if folding.plan.version() != head.version {
        let version = folding.plan.version() + 1;
        let why = Break::Cut;
        return Err(crate::store::codec::Broken { version, why }.into());
    }
    let folded = folding.finish();
    Ok(Opened {
        plan: folded.plan,
        hash: folded.hash,
        recent,
        requests,
        unread: None,
        report: StartReport {
            project: head.project.clone(),
            from_snapshot: None,
            tail_events: head.version,
            took: std::time::Duration::ZERO,
        },
    })
}
