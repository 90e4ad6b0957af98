//! Start and stop of the engine. It starts from what the logs say and only from a log that is whole; it
//! stops after everything in flight is answered.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::board::Board;
use super::lease::Leases;
use super::pending::{Origin, Pending};
use super::recheck;
use super::replay::open_all;
use super::request::{REMEMBERED_MS, rebuild};
use super::shared::Shared;
use super::snapshot::{Scribe, sweep};
use super::stage::Log;
use super::waiting::WaitingRoom;
use super::writer::{Room, Writer};
use super::{DAEMON, EngineError, EngineHandle, Limits, Step, Submission};
use crate::clock::{Clock, Stopwatch};
use crate::plan::codec::CodecError;
use crate::plan::fact::{Actor, Guards};
use crate::plan::settings::Settings;
use crate::plan::{Command, Plan};
use crate::store::{Store, StoreError};

/// Handfuls of plans that wait to be dropped off the writer's thread.
const REAPED_MAX: usize = 32;

/// What an engine is made of.
pub struct EngineOptions {
    /// Where the logs are.
    pub store: Box<dyn Store>,
    /// What the time is.
    pub clock: Arc<dyn Clock>,
    /// Limits of the process.
    pub limits: Limits,
    /// The safety checks; all on but in a test's negative control.
    pub guards: Guards,
    /// The folder of the snapshots (see [`snapshot::folder`](super::snapshot::folder)); none = the whole
    /// log is read at every start.
    pub snapshots: Option<PathBuf>,
}

/// Why the engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be read.
    #[error("the logs cannot be read")]
    Unreadable(#[source] StoreError),
    /// A log is not what was written.
    #[error(
        "the log of `{project}` is broken at version {version}: {why}. `muster audit verify --data-dir \
         DIR` shows where every log stands; put the newest backup of the data directory in a new place \
         and serve that"
    )]
    Broken {
        /// The project's slug.
        project: String,
        /// The first broken version.
        version: u64,
        /// What is wrong there.
        why: String,
    },
    /// A log holds an event that this release does not know.
    #[error("the log of `{project}` cannot be taken in at version {version}")]
    Undecodable {
        /// The project's slug.
        project: String,
        /// The event's version.
        version: u64,
        /// What about it.
        #[source]
        source: CodecError,
    },
    /// The daemon's own log cannot be begun.
    #[error("the daemon's own log cannot be begun")]
    Unbegun(#[source] EngineError),
    /// The system gives no thread.
    #[error("the engine's threads cannot be started")]
    Thread(#[source] std::io::Error),
}

/// The writer did not end within the time given; it goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the writer is still busy; what is in flight is not answered yet")]
pub struct StillBusy;

/// The running engine. Dropping it asks it to stop and does not wait.
pub struct Engine {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
    ended: Receiver<()>,
    scribe: Option<Scribe>,
}

impl Engine {
    /// Reads every log, checking it, from its newest sound snapshot on, else from its start, and begins
    /// to work. Blocks while it reads. How each project started is in [`EngineHandle::start_reports`].
    pub fn start(options: EngineOptions) -> Result<(EngineHandle, Self), StartError> {
        let (mut writer, scribe) = prepare(options)?;
        if !writer.logs.contains_key(DAEMON) {
            begin_own_log(&mut writer)?;
        }
        let shared = Arc::clone(&writer.shared);
        let (end, ended) = sync_channel(1);
        let run = move || {
            writer.run();
            // Nobody listens any more when the engine was dropped.
            let _ = end.send(());
        };
        let thread = std::thread::Builder::new().name("muster-writer".to_owned());
        let engine = Self {
            writer: Some(thread.spawn(run).map_err(StartError::Thread)?),
            ended,
            scribe,
            shared,
        };
        Ok((EngineHandle::new(Arc::clone(&engine.shared)), engine))
    }

    /// Takes no more submissions, answers those in flight, ends waits and watches, and waits for the
    /// writer at most `timeout`; what is left of that, for the last snapshots. Blocks: not for an async
    /// thread.
    pub fn stop(mut self, timeout: Duration) -> Result<(), StillBusy> {
        let watch = Stopwatch::start();
        self.shared.drain();
        let ended = self.ended.recv_timeout(timeout);
        // A writer that is stuck, or ended by a fault of its own, ends no watches.
        self.shared.end_watches();
        if ended == Err(RecvTimeoutError::Timeout) {
            return Err(StillBusy);
        }
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        if let Some(scribe) = self.scribe.take() {
            scribe.finish(timeout.saturating_sub(watch.elapsed()));
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Whoever does not wait for the end may take the files away.
        if let Some(scribe) = &self.scribe {
            scribe.give_up();
        }
        self.shared.drain();
    }
}

/// Opens all projects and puts their boards up.
fn prepare(options: EngineOptions) -> Result<(Writer, Option<Scribe>), StartError> {
    let EngineOptions {
        store,
        clock,
        limits,
        guards,
        snapshots,
    } = options;
    let reader = store.reader().map_err(StartError::Unreadable)?;
    let heads = reader.heads().map_err(StartError::Unreadable)?;
    let (send, inbox) = sync_channel(limits.queued_requests.max(1));
    let shared = Arc::new(Shared::new(clock, limits.clone(), reader, send));
    if let Some(folder) = &snapshots {
        sweep(folder);
        shared.past.begin_from(folder.clone());
    }
    let watch = Stopwatch::start();
    let now = shared.now();
    let since_ms = now.wall_ms.saturating_sub(REMEMBERED_MS);
    let (mut requests, mut unread, mut reports) = (Vec::new(), Vec::new(), Vec::new());
    let mut logs = HashMap::new();
    for opened in open_all(&shared, &heads, snapshots.as_deref())? {
        let slug: Arc<str> = opened.report.project.as_str().into();
        requests.extend(opened.requests.finish(since_ms));
        unread.extend(opened.unread);
        let snapshot_version = opened.report.from_snapshot.unwrap_or(0);
        reports.push(opened.report);
        let plan = Arc::new(opened.plan);
        let leases = Leases::restored(&plan, now);
        let board = Board::new(Arc::clone(&slug), Arc::clone(&plan), opened.recent, leases);
        let board = Arc::new(board);
        shared.put_up(Arc::clone(&board));
        let log = Log {
            board,
            plan,
            hash: opened.hash,
            snapshot_version,
        };
        logs.insert(slug, log);
    }
    let duration_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        projects = reports.len(),
        from_snapshots = unread.len(),
        events = reports.iter().map(|report| report.tail_events).sum::<u64>(),
        duration_ms,
        "the logs are read"
    );
    shared.note_start(reports);
    recheck::start(&shared, unread).map_err(StartError::Thread)?;
    let scribe = snapshots.map(|folder| Scribe::start(folder, Arc::clone(&shared)));
    let (scribe, desk) = scribe.transpose().map_err(StartError::Thread)?.unzip();
    let mut writer = Writer {
        store,
        inbox,
        guards,
        logs,
        memory: rebuild(requests, now.wall_ms),
        waiting: WaitingRoom::new(limits.waiting_claims),
        queue: VecDeque::new(),
        wakers: Vec::new(),
        look_at_ms: 0,
        patience_ms: u64::MAX,
        reaper: reaper()?,
        desk,
        restless: false,
        conflicts: 0,
        unsettled: true,
        answered: [0; 2],
        reaped: Vec::new(),
        commit_takes: Duration::ZERO,
        room: Room::default(),
        shared,
    };
    writer.order_snapshots(limits.snapshot_events);
    Ok((writer, scribe))
}

/// A thread that drops old plans: a plan whose last holder lets it go may be large.
fn reaper() -> Result<SyncSender<Vec<Arc<Plan>>>, StartError> {
    let (send, plans) = sync_channel::<Vec<Arc<Plan>>>(REAPED_MAX);
    std::thread::Builder::new()
        .name("muster-reaper".to_owned())
        .spawn(move || plans.into_iter().for_each(drop))
        .map_err(StartError::Thread)?;
    Ok(send)
}

/// Records the first event of the daemon's own log.
fn begin_own_log(writer: &mut Writer) -> Result<(), StartError> {
    let command = Command::CreateProject {
        slug: DAEMON.to_owned(),
        name: "The daemon itself".to_owned(),
        description: String::new(),
        settings: Box::new(Settings::default()),
        draft: false,
    };
    let (reply, mut answer) = oneshot::channel();
    writer.carry_out_alone(Pending {
        submission: Submission {
            steps: vec![Step {
                project: DAEMON.to_owned(),
                command,
            }],
            actor: Actor::System,
            request: None,
            wait: Duration::ZERO,
        },
        origin: Origin::Caller(reply),
        deadline_ms: 0,
        ticket: None,
    });
    let answer = answer
        .try_recv()
        .unwrap_or(Err(EngineError::OutcomeUnknown));
    answer.map(|_| ()).map_err(StartError::Unbegun)
}
