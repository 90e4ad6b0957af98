//! What the writer and the handles have in common: the boards, the inbox and whether writes go on.
//! Once writes have stopped they never start again in this process; for want of room they only pause.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use imbl::OrdMap;

use super::board::Board;
use super::held::Now;
use super::meter::Meter;
use super::past::Past;
use super::pending::Job;
use super::stage::not_found;
use super::{EngineError, Limits, StartReport};
use crate::clock::Clock;
use crate::store::Reader;

/// What the writer and the handles share.
pub(super) struct Shared {
    pub clock: Arc<dyn Clock>,
    pub limits: Limits,
    pub reader: Box<dyn Reader>,
    pub watchers: AtomicUsize,
    pub meter: Meter,
    pub backing_up: AtomicBool,
    /// Told when runs of gates wait for other commands than before, or other waivers are in force.
    pub gate_work: tokio::sync::Notify,
    /// Told when schedules were set, go on or fired.
    pub timetable: tokio::sync::Notify,
    /// Told when a run of a checklist began, or is looked at once more.
    pub checklists: tokio::sync::Notify,
    /// Told when a blocker became urgent.
    pub urgent: tokio::sync::Notify,
    /// Told when a report was addressed to a channel.
    pub letters: tokio::sync::Notify,
    pub past: Past,
    boards: ArcSwap<OrdMap<Arc<str>, Arc<Board>>>,
    inbox: SyncSender<Job>,
    draining: AtomicBool,
    stopped: OnceLock<EngineError>,
    full: AtomicBool,
    started: OnceLock<Vec<StartReport>>,
}

impl Shared {
    pub fn new(
        clock: Arc<dyn Clock>,
        limits: Limits,
        reader: Box<dyn Reader>,
        inbox: SyncSender<Job>,
    ) -> Self {
        Self {
            clock,
            limits,
            reader,
            watchers: AtomicUsize::new(0),
            meter: Meter::new(),
            backing_up: AtomicBool::new(false),
            gate_work: tokio::sync::Notify::new(),
            timetable: tokio::sync::Notify::new(),
            checklists: tokio::sync::Notify::new(),
            urgent: tokio::sync::Notify::new(),
            letters: tokio::sync::Notify::new(),
            past: Past::new(),
            boards: ArcSwap::default(),
            inbox,
            draining: AtomicBool::new(false),
            stopped: OnceLock::new(),
            full: AtomicBool::new(false),
            started: OnceLock::new(),
        }
    }

    pub fn now(&self) -> Now {
        Now::of(&*self.clock)
    }

    /// All boards by slug, `_daemon` too.
    pub fn boards(&self) -> Arc<OrdMap<Arc<str>, Arc<Board>>> {
        self.boards.load_full()
    }

    pub fn board(&self, project: &str) -> Option<Arc<Board>> {
        self.boards.load().get(project).cloned()
    }

    /// The board of a project, or the refusal that there is none.
    pub fn known(&self, project: &str) -> Result<Arc<Board>, EngineError> {
        self.board(project).ok_or_else(|| not_found(project).into())
    }

    /// Puts a new project up; the writer alone does.
    pub fn put_up(&self, board: Arc<Board>) {
        let boards = self.boards.load();
        let more = boards.update(Arc::clone(board.slug()), board);
        self.boards.store(Arc::new(more));
    }

    /// Hands a job to the writer without waiting for room.
    pub fn send(&self, job: Job) -> Result<(), EngineError> {
        // Counted before the writer can see it, or it could be taken off before it was put on.
        self.meter.queued.fetch_add(1, Ordering::Relaxed);
        self.inbox.try_send(job).map_err(|error| {
            self.meter.queued.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => EngineError::Overloaded {
                    what: "queued_requests",
                },
                TrySendError::Disconnected(_) => self.gone(),
            }
        })
    }

    /// Keeps how each project started.
    pub fn note_start(&self, reports: Vec<StartReport>) {
        let _ = self.started.set(reports);
    }

    /// How each project started, by slug.
    pub fn start_reports(&self) -> &[StartReport] {
        self.started.get().map_or(&[], Vec::as_slice)
    }

    /// No submissions from here on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        // A full inbox wakes the writer as well.
        let _ = self.inbox.try_send(Job::Stop);
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Tells every watcher that nothing follows.
    pub fn end_watches(&self) {
        for board in self.boards().values() {
            board.end();
        }
    }

    /// No writes from here on; the first reason stays.
    pub fn stop_writes(&self, reason: EngineError) {
        let _ = self.stopped.set(reason);
    }

    /// The store has no room, or has some again; says whether that is news.
    pub fn set_full(&self, full: bool) -> bool {
        self.full.swap(full, Ordering::SeqCst) != full
    }

    /// Why writes have stopped or pause, if they do.
    pub fn writable(&self) -> Result<(), EngineError> {
        match self.stopped.get() {
            Some(reason) => Err(reason.clone()),
            None if self.full.load(Ordering::SeqCst) => Err(EngineError::StoreFull),
            None => Ok(()),
        }
    }

    /// What a submission is told that the writer will never see.
    fn gone(&self) -> EngineError {
        self.writable().err().unwrap_or(EngineError::Draining)
    }

    /// What a submission is told whose answer was lost with the writer: after a clean stop it was never
    /// looked at, after a crash nobody knows. A crash may be heard of here before writes are stopped, but
    /// only a daemon that drains stops cleanly.
    pub fn unanswered(&self) -> EngineError {
        match self.writable() {
            Ok(()) if self.is_draining() => EngineError::Draining,
            Ok(()) | Err(_) => EngineError::OutcomeUnknown,
        }
    }
}
