//! The thread that writes snapshots. The writer hands it published plans and never waits for it; what it
//! cannot write is a warning and nothing more.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::keep::Shelf;
use super::read;
use super::write::{CHUNK_BYTES, Draft, WriteError, write};
use crate::clock::Stopwatch;
use crate::engine::request::Recall;
use crate::engine::shared::Shared;
use crate::plan::Plan;
use crate::plan::codec::{self, CodecError};
use crate::store::codec::{Broken, Chain};
use crate::store::{Head as LogHead, StoreError};
use crate::telemetry;

/// So many events of the log are read at a time.
const PAGE_EVENTS: usize = 1_000;

/// What is left free on the disk whatever a snapshot takes, in bytes: the log needs it more.
const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// A plan to be written: published, with the hash of the event at its version.
pub(in crate::engine) struct Order {
    pub project: Arc<str>,
    pub plan: Arc<Plan>,
    pub hash: String,
}

/// Where orders wait: at most one a project, the newest. Dropping it lets the scribe end once all are done.
pub(in crate::engine) struct Desk(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    orders: Mutex<Orders>,
    called: Condvar,
    given_up: AtomicBool,
}

#[derive(Default)]
struct Orders {
    queue: VecDeque<Order>,
    is_closed: bool,
}

impl Waiting {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next order; none once all are done and none will follow.
    fn next(&self) -> Option<Order> {
        let ready = |orders: &mut Orders| orders.queue.is_empty() && !orders.is_closed;
        let waited = self.called.wait_while(self.orders(), ready);
        let mut orders = waited.unwrap_or_else(PoisonError::into_inner);
        if self.given_up.load(Ordering::Relaxed) {
            return None;
        }
        orders.queue.pop_front()
    }
}

impl Desk {
    /// Leaves an order; one of the same project that still waits is replaced. Waits for nothing but the
    /// moment in which another order is taken.
    pub fn put(&self, order: Order) {
        let mut orders = self.0.orders();
        let place = orders
            .queue
            .iter()
            .position(|other| other.project == order.project);
        match place {
            Some(place) => orders.queue[place] = order,
            None => orders.queue.push_back(order),
        }
        drop(orders);
        self.0.called.notify_one();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.0.orders().is_closed = true;
        self.0.called.notify_one();
    }
}

/// The thread, seen from outside.
pub(in crate::engine) struct Scribe {
    waiting: Arc<Waiting>,
    ended: Receiver<()>,
}

impl Scribe {
    /// Starts the thread.
    pub fn start(folder: PathBuf, shared: Arc<Shared>) -> io::Result<(Self, Desk)> {
        let waiting = Arc::new(Waiting::default());
        let (end, ended) = sync_channel(1);
        let hand = Hand {
            folder,
            shared,
            waiting: Arc::clone(&waiting),
            chunk_bytes: CHUNK_BYTES,
        };
        std::thread::Builder::new()
            .name("muster-scribe".to_owned())
            .spawn(move || {
                while let Some(order) = hand.waiting.next() {
                    hand.carry_out(&order);
                }
                // Nobody listens any more when the engine was dropped.
                let _ = end.send(());
            })?;
        let desk = Desk(Arc::clone(&waiting));
        Ok((Self { waiting, ended }, desk))
    }

    /// Writes nothing more, not even what was begun: for an end that is no clean one.
    pub fn give_up(&self) {
        self.waiting.given_up.store(true, Ordering::Relaxed);
    }

    /// Waits at most `timeout` for the last orders, then gives them up: the next start reads more of the
    /// log instead.
    pub fn finish(self, timeout: Duration) {
        if self.ended.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
            self.give_up();
            tracing::warn!(
                "there was no time for the last snapshots; the next start reads more of the log"
            );
        }
    }
}

/// What the thread works with.
struct Hand {
    folder: PathBuf,
    shared: Arc<Shared>,
    waiting: Arc<Waiting>,
    chunk_bytes: usize,
}

/// Why an order came to nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Unwritten(#[from] WriteError),
    #[error("the log cannot be read")]
    Unreadable(#[from] StoreError),
    #[error("the log does not lead to the plan")]
    Broken(#[from] Broken),
    #[error("an event of the log cannot be read")]
    Undecodable(#[from] CodecError),
    #[error("the log has another event at the plan's version")]
    OtherLog,
    #[error("no project has this name")]
    Nameless,
    #[error(
        "the disk has {free} bytes free, and {wanted} must be free before a snapshot is written"
    )]
    NoRoom { free: u64, wanted: u64 },
}

impl Hand {
    fn carry_out(&self, order: &Order) {
        let watch = Stopwatch::start();
        let (project, version) = (&*order.project, order.plan.version());
        match self.write(order) {
            Ok(bytes) => {
                let duration_ms = watch.elapsed().as_secs_f64() * 1e3;
                tracing::info!(
                    project.id = project,
                    version,
                    bytes,
                    duration_ms,
                    "a snapshot of {project} was written"
                );
            }
            Err(Failure::Unwritten(WriteError::GivenUp)) => {}
            Err(error) => {
                let error = telemetry::chain(&error);
                tracing::warn!(
                    error,
                    project.id = project,
                    version,
                    "a snapshot of {project} was not written; the next start reads more of the log"
                );
            }
        }
    }

    fn write(&self, order: &Order) -> Result<u64, Failure> {
        let shelf = Shelf::of(&self.folder, &order.project).ok_or(Failure::Nameless)?;
        shelf.build().map_err(WriteError::from)?;
        self.check_room(&shelf)?;
        let mut plan = Plan::clone(&order.plan);
        plan.settle();
        let requests = self.requests(&shelf, order)?;
        let taken_at_ms = self.shared.clock.now_ms();
        let draft = Draft {
            project: &order.project,
            plan: &plan,
            hash: &order.hash,
            requests: &requests,
            taken_at_ms,
            chunk_bytes: self.chunk_bytes,
        };
        let bytes = write(&shelf, &draft, &self.waiting.given_up)?;
        if let Err(error) = shelf.thin_out(plan.version(), taken_at_ms) {
            let (project, error) = (&*order.project, telemetry::chain(&error));
            tracing::warn!(
                error,
                project.id = project,
                "old snapshots of {project} cannot be removed"
            );
        }
        Ok(bytes)
    }

    /// Whether a snapshot leaves enough of the disk to the log, going by the size of the last one.
    fn check_room(&self, shelf: &Shelf) -> Result<(), Failure> {
        let newest = shelf.snapshots().pop();
        let last = newest.and_then(|one| std::fs::metadata(one.path).ok());
        let wanted = RESERVE_BYTES + 2 * last.map_or(0, |last| last.len());
        let disk = rustix::fs::statvfs(shelf.folder()).map_err(io::Error::from);
        let disk = disk.map_err(WriteError::from)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < wanted {
            return Err(Failure::NoRoom { free, wanted });
        }
        Ok(())
    }

    /// The request memory as the log tells it up to the plan's version: from the newest snapshot that has
    /// it, with what followed.
    fn requests(&self, shelf: &Shelf, order: &Order) -> Result<Recall, Failure> {
        let version = order.plan.version();
        let log = LogHead {
            project: order.project.to_string(),
            version,
            hash: order.hash.clone(),
        };
        let reader = &*self.shared.reader;
        let known = shelf
            .snapshots()
            .into_iter()
            .rev()
            .find_map(|stored| read::requests(&stored, reader, &log).ok());
        let (mut requests, mut chain) = known.unwrap_or_else(|| (Recall::default(), Chain::new()));
        while chain.head().version < version {
            if self.waiting.given_up.load(Ordering::Relaxed) {
                return Err(WriteError::GivenUp.into());
            }
            let page = reader.read(&order.project, chain.head().version, PAGE_EVENTS)?;
            if page.is_empty() {
                return Err(Failure::OtherLog);
            }
            for record in page.iter().filter(|record| record.version <= version) {
                chain.link(record)?;
                let (actor, request) = codec::request_of(&record.document)?;
                if let Some(request) = request {
                    let at = (record.version, record.at_ms);
                    requests.take_request(&order.project, actor, &request, at);
                }
            }
        }
        if chain.head().hash == order.hash {
            Ok(requests)
        } else {
            Err(Failure::OtherLog)
        }
    }
}

/// Carries one order out at once, in chunks of this size.
#[cfg(test)]
pub(super) fn write_for_a_test(
    folder: &std::path::Path,
    shared: &Arc<Shared>,
    order: &Order,
    chunk_bytes: usize,
) -> Result<u64, String> {
    let hand = Hand {
        folder: folder.to_owned(),
        shared: Arc::clone(shared),
        waiting: Arc::default(),
        chunk_bytes,
    };
    hand.write(order).map_err(|error| format!("{error:?}"))
}
