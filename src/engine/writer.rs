//! The writer's thread: gathers what waits, decides it as one batch, appends it, and only then answers
//! and publishes. It alone holds the store and is never interrupted between the append and the answers.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use tokio::sync::oneshot;

use super::held::Now;
use super::lease::Due;
use super::pending::{Job, Origin, Pending};
use super::request::RequestMemory;
use super::shared::Shared;
use super::snapshot::{Desk, Order};
use super::stage::{Ground, Log, Stage};
use super::waiting::WaitingRoom;
use super::{EngineError, Step, Submission};
use crate::clock::Stopwatch;
use crate::plan::fact::{Actor, Guards};
use crate::plan::{Command, Plan};
use crate::store::Store;
use crate::telemetry;

/// At most so many submissions are gathered beyond the first.
const GATHERED_MAX: usize = 512;

/// A batch takes no further submission once its documents are larger than this, in bytes.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// With leases to watch, the writer looks at the clock at least so often, in milliseconds.
const WATCHFUL_MS: u64 = 5_000;

/// Without, so often.
const RESTFUL_MS: u64 = 60_000;

/// A plan that many changes left without a claim order gets one after so long without a request, in
/// milliseconds: whoever makes a large plan sends one request after the other.
const SETTLE_AFTER_MS: u64 = 100;

/// The writer was away when it comes so much later than it meant to, in milliseconds; with short terms
/// already sooner.
const STALL_MS: u64 = 5_000;

/// When there was no room, it looks again so often, in milliseconds.
const ROOM_EVERY_MS: u64 = 1_000;

/// When to look whether the store has room again.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Since when there is none and when to look next, on the monotonic clock.
    missing: Option<(u64, u64)>,
}

impl Room {
    /// There was none.
    pub fn closed(&mut self, now_ms: u64) {
        let since_ms = self.missing.map_or(now_ms, |(since_ms, _)| since_ms);
        self.missing = Some((since_ms, now_ms.saturating_add(ROOM_EVERY_MS)));
    }

    /// How long there was none, when it is time to look.
    fn missing_ms(&self, now_ms: u64) -> Option<u64> {
        let (since_ms, look_at_ms) = self.missing?;
        (now_ms >= look_at_ms).then(|| now_ms.saturating_sub(since_ms))
    }
}

/// The only writer.
pub(super) struct Writer {
    pub shared: Arc<Shared>,
    pub store: Box<dyn Store>,
    pub inbox: Receiver<Job>,
    pub guards: Guards,
    pub logs: HashMap<Arc<str>, Log>,
    pub memory: RequestMemory,
    pub waiting: WaitingRoom,
    /// Gathered and not decided yet.
    pub queue: VecDeque<Pending>,
    /// Answered when nothing is left to do.
    pub wakers: Vec<oneshot::Sender<()>>,
    /// Nothing is due on any board before, on the monotonic clock.
    pub look_at_ms: u64,
    /// How long nobody may look without a holder of the shortest term suffering from it.
    pub patience_ms: u64,
    /// Takes plans that nobody needs, to drop them elsewhere.
    pub reaper: SyncSender<Vec<Arc<Plan>>>,
    /// Plans for it; waking it for each would cost more than the plan.
    pub reaped: Vec<Arc<Plan>>,
    /// Takes orders for snapshots.
    pub desk: Option<Desk>,
    /// Something was appended since the store last rested.
    pub restless: bool,
    /// Batches in a row that met another writer's events.
    pub conflicts: u32,
    /// Some published plan's claim order is not up to date.
    pub unsettled: bool,
    /// Callers that the last batch answered, and the one before it.
    pub answered: [usize; 2],
    /// How long a commit takes, on a moving average.
    pub commit_takes: Duration,
    /// Whether the store had no room.
    pub room: Room,
}

impl Writer {
    /// Works until the daemon stops and everything in flight is answered.
    pub fn run(mut self) {
        let crash = Crash::new(&self.shared);
        while self.gather() {
            let began = self.shared.now();
            while !self.queue.is_empty() {
                self.carry_out();
            }
            self.notice_stall(began, 0);
            let waiting = self.waiting.len();
            let meter = &self.shared.meter;
            meter.waiting_claims.store(waiting, Ordering::Relaxed);
        }
        self.close();
        crash.averted();
    }

    /// Fills the queue, waiting if nothing is there; false when all is done.
    fn gather(&mut self) -> bool {
        let mut arrived = Vec::new();
        self.receive(&mut arrived);
        if arrived.is_empty() && !self.waiting.is_hungry() {
            if self.shared.is_draining() {
                // Whoever got into the inbox before the flag was seen is answered as well.
                self.receive(&mut arrived);
                if arrived.is_empty() {
                    return false;
                }
            } else {
                self.rest(&mut arrived);
            }
        }
        self.await_more(&mut arrived);
        self.look_for_room();
        self.look_at_clock();
        let now_ms = self.shared.now().monotonic_ms;
        let mut parked = self.waiting.take_overdue(now_ms, GATHERED_MAX);
        parked.extend(self.waiting.take_hungry(GATHERED_MAX));
        parked.sort_unstable_by_key(|pending| pending.ticket);
        self.queue.extend(parked);
        self.queue.extend(arrived);
        true
    }

    /// Waits a little for as many as the last two batches answered: whoever got an answer asks again at
    /// once, and shares this commit instead of waiting for it and for the next. Never longer than a quarter
    /// of a commit, and for nobody when a single caller was answered.
    fn await_more(&mut self, arrived: &mut Vec<Pending>) {
        let watch = Stopwatch::start();
        let expected: usize = self.answered.iter().sum();
        while !arrived.is_empty()
            && arrived.len() < expected
            && self.answered[0] > 1
            && watch.elapsed() < self.commit_takes / 4
        {
            // The cores belong to those who are waited for.
            std::thread::yield_now();
            self.receive(arrived);
        }
    }

    /// Takes what is in the inbox.
    fn receive(&mut self, arrived: &mut Vec<Pending>) {
        while arrived.len() <= GATHERED_MAX
            && let Ok(job) = self.inbox.try_recv()
        {
            self.accept(job, arrived);
        }
    }

    fn accept(&mut self, job: Job, arrived: &mut Vec<Pending>) {
        if !matches!(job, Job::Stop) {
            self.shared.meter.queued.fetch_sub(1, Ordering::Relaxed);
        }
        match job {
            Job::Submit(pending) => arrived.push(*pending),
            Job::Wake(waker) => self.wakers.push(waker),
            Job::Stop => {}
        }
    }

    /// Waits for the next job or the next deadline.
    fn rest(&mut self, arrived: &mut Vec<Pending>) {
        let before = self.shared.now();
        let wait_ms = self.wait_ms(before);
        if wait_ms == 0 {
            return;
        }
        if std::mem::take(&mut self.restless)
            && let Err(error) = self.store.idle()
        {
            let error = telemetry::chain(&error);
            tracing::warn!(
                error,
                "the store's housekeeping failed; it is tried again later"
            );
        }
        for waker in self.wakers.drain(..) {
            let _ = waker.send(());
        }
        self.shared.meter.rest(true);
        let received = self.inbox.recv_timeout(Duration::from_millis(wait_ms));
        self.shared.meter.rest(false);
        match received {
            // Whoever wakes the writer by hand has moved the clock and means what follows from it.
            Ok(job @ Job::Wake(_)) => return self.accept(job, arrived),
            Ok(job) => self.accept(job, arrived),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                self.notice_stall(before, wait_ms);
                self.reap(1);
                return self.settle();
            }
        }
        self.notice_stall(before, wait_ms);
        self.receive(arrived);
    }

    fn wait_ms(&self, now: Now) -> u64 {
        let watched = self.look_at_ms != u64::MAX;
        let most = if watched {
            WATCHFUL_MS.min(self.patience_ms)
        } else {
            RESTFUL_MS
        };
        let next = self.waiting.next_deadline_ms().unwrap_or(u64::MAX);
        let room = self.room.missing.map_or(u64::MAX, |(_, at_ms)| at_ms);
        let next = next.min(self.look_at_ms).min(room);
        let most = if self.unsettled {
            most.min(SETTLE_AFTER_MS)
        } else {
            most
        };
        next.saturating_sub(now.monotonic_ms).min(most)
    }

    /// Brings the claim order of every plan up to date while nobody asks for anything, so that no claim has
    /// to wait for it.
    fn settle(&mut self) {
        if !std::mem::take(&mut self.unsettled) {
            return;
        }
        let logs = self.logs.iter();
        let behind = logs.filter(|(_, log)| !log.plan.is_settled());
        let behind: Vec<_> = behind.map(|(slug, _)| Arc::clone(slug)).collect();
        for slug in behind {
            let Some(log) = self.logs.get(&slug) else {
                continue;
            };
            let (mut plan, hash) = (Plan::clone(&log.plan), log.hash.clone());
            plan.settle();
            self.take_over(&slug, Arc::new(plan), hash, &[]);
        }
    }

    /// Gives every lease a fresh term when the writer was away: while it could not look, an agent could
    /// perhaps not be heard. A short absence that only short terms feel is not counted.
    fn notice_stall(&self, before: Now, meant_ms: u64) {
        let now = self.shared.now();
        let took_ms = now.monotonic_ms.saturating_sub(before.monotonic_ms);
        let late_ms = took_ms.saturating_sub(meant_ms);
        if late_ms <= STALL_MS.min(self.patience_ms) {
            return;
        }
        if late_ms <= STALL_MS {
            tracing::debug!(late_ms, "the daemon stood still; no lease counts that time");
            for log in self.logs.values() {
                log.board.leases().pass_over(late_ms, now);
            }
            return;
        }
        tracing::warn!(
            duration_ms = late_ms,
            "the daemon stood still for {late_ms} ms; every lease gets a fresh term"
        );
        for log in self.logs.values() {
            log.board.leases().forgive(late_ms, now);
        }
    }

    /// Takes writes again when the store has room again. Who could not report meanwhile has lost nothing:
    /// every lease gets a fresh term.
    fn look_for_room(&mut self) {
        let now = self.shared.now();
        let Some(missing_ms) = self.room.missing_ms(now.monotonic_ms) else {
            return;
        };
        if !self.store.has_room() {
            return self.room.closed(now.monotonic_ms);
        }
        self.room = Room::default();
        for log in self.logs.values() {
            log.board.leases().forgive(missing_ms, now);
        }
        self.look_at_ms = 0;
        if self.shared.set_full(false) {
            tracing::info!(missing_ms, "there is room again; writes go on");
        }
    }

    /// Queues what the clock demands.
    fn look_at_clock(&mut self) {
        let now = self.shared.now();
        if now.monotonic_ms < self.look_at_ms {
            return;
        }
        if self.shared.writable().is_err() {
            // Nothing can be recorded any more, whatever is due.
            self.look_at_ms = u64::MAX;
            return;
        }
        let mut look_at_ms = u64::MAX;
        let mut patience_ms = u64::MAX;
        for (slug, log) in &self.logs {
            let room = GATHERED_MAX.saturating_sub(self.queue.len());
            let mut leases = log.board.leases();
            for due in leases.due(&log.plan, now, room) {
                self.queue.push_back(demand(slug, due));
            }
            look_at_ms = look_at_ms.min(leases.check_at_ms());
            patience_ms = patience_ms.min(leases.patience_ms());
        }
        self.look_at_ms = look_at_ms;
        self.patience_ms = patience_ms;
    }

    /// Decides as much of the queue as fits one batch, and commits it.
    fn carry_out(&mut self) {
        self.shared.meter.step();
        let mut stage = Stage::default();
        let ground = Ground {
            logs: &self.logs,
            memory: &self.memory,
            waiting: &self.waiting,
            limits: &self.shared.limits,
            guards: self.guards,
            now: self.shared.now(),
        };
        if let Err(reason) = self.shared.writable() {
            for pending in self.queue.drain(..).chain(self.waiting.take_all()) {
                pending.answer(Err(reason.clone()));
            }
            return;
        }
        while stage.bytes < BATCH_BYTES_MAX
            && let Some(pending) = self.queue.pop_front()
        {
            stage.take(pending, &ground);
        }
        self.commit(stage);
    }

    /// Hands old plans on to be dropped, once there are so many.
    pub fn reap(&mut self, enough: usize) {
        if self.reaped.len() >= enough {
            // When the reaper is behind, the plans are dropped here.
            let _ = self.reaper.try_send(std::mem::take(&mut self.reaped));
        }
    }

    /// Carries one submission out before the thread runs.
    pub fn carry_out_alone(&mut self, pending: Pending) {
        self.queue.push_back(pending);
        self.carry_out();
    }

    /// Orders a snapshot of every project that is so many events past its last one.
    pub fn order_snapshots(&mut self, events: u64) {
        let Some(desk) = &self.desk else {
            return;
        };
        for (slug, log) in &mut self.logs {
            log.order_snapshot(slug, events, desk);
        }
    }

    /// Ends every wait and every watch, and has the last snapshots written.
    fn close(&mut self) {
        for pending in self.waiting.take_all() {
            pending.answer(Err(EngineError::Draining));
        }
        self.shared.end_watches();
        // On a log that is broken or that takes no writes nothing is built any more.
        if self.shared.writable().is_ok() {
            self.order_snapshots(1);
        }
        if let Err(error) = self.store.idle() {
            let error = telemetry::chain(&error);
            tracing::warn!(error, "the store's housekeeping failed at the end");
        }
    }
}

impl Log {
    /// Orders a snapshot once the plan is so many events past the last one.
    pub fn order_snapshot(&mut self, slug: &Arc<str>, events: u64, desk: &Desk) {
        let version = self.plan.version();
        if version.saturating_sub(self.snapshot_version) < events.max(1) {
            return;
        }
        desk.put(Order {
            project: Arc::clone(slug),
            plan: Arc::clone(&self.plan),
            hash: self.hash.clone(),
        });
        self.snapshot_version = version;
    }
}

/// What the clock demands, as a submission.
fn demand(slug: &Arc<str>, due: Due) -> Pending {
    let command = match due {
        Due::Lease { task, fence, cause } => Command::ExpireLease { task, fence, cause },
        Due::Session(session) => Command::AbandonSession { session },
    };
    Pending {
        submission: Submission {
            steps: vec![Step {
                project: slug.to_string(),
                command,
            }],
            actor: Actor::System,
            request: None,
            wait: Duration::ZERO,
        },
        origin: Origin::Clock(due),
        deadline_ms: 0,
        ticket: None,
    }
}

/// Stops writes for good when the writer's thread ends by a panic, so that nobody waits in vain.
struct Crash {
    shared: Arc<Shared>,
    is_averted: bool,
}

impl Crash {
    fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            is_averted: false,
        }
    }

    /// The writer ended as it should; what it shared is let go, the store's files with it.
    fn averted(mut self) {
        self.is_averted = true;
    }
}

impl Drop for Crash {
    fn drop(&mut self) {
        if self.is_averted {
            return;
        }
        tracing::error!("the writer ended by a fault of its own; writes have stopped");
        self.shared.stop_writes(EngineError::StoreReadOnly);
    }
}
