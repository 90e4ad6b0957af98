//! The only writer. Everything that changes goes through one thread that decides against the newest
//! plan, appends, and only then answers and publishes: nothing is visible before it is durable.

use std::sync::Arc;
use std::time::Duration;

use crate::plan::event::Recorded;
use crate::plan::fact::{Actor, RequestKey};
use crate::plan::id::{SessionId, TaskId};
use crate::plan::{Command, Plan, Refusal};

/// The reserved log of what belongs to no project: principals and token hashes.
pub const DAEMON: &str = "_daemon";

/// Limits of the process, from the configuration.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests that may wait for the writer.
    pub queued_requests: usize,
    /// Claims that may wait for a task.
    pub waiting_claims: usize,
    /// Watchers.
    pub watchers: usize,
    /// Projects.
    pub projects: usize,
    /// Newest events of each project kept in memory for watchers and reports.
    pub recent_events: usize,
    /// Events of a project after which its next snapshot is written, where snapshots are written at all.
    pub snapshot_events: u64,
}

/// One step of a submission: a command for one project (or for `DAEMON`).
#[derive(Debug, Clone)]
pub struct Step {
    /// The project's slug.
    pub project: String,
    /// What is asked.
    pub command: Command,
}

/// What a caller asks of the writer: one step, or several that are recorded together or not at all.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Who asks.
    pub actor: Actor,
    /// The request's id and digest; scoped to actor and first project.
    pub request: Option<RequestKey>,
    /// For a claim that finds nothing: wait so long for a task. A dropped future gives the wait up.
    pub wait: Duration,
}

/// What came of one step.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The plan as it was published with it: durable, with what was recorded together with it too.
    pub plan: Arc<Plan>,
    /// The events that answer it; on a repeat those recorded the first time. When the daemon was
    /// restarted in between, each of several steps in one project has those of all.
    pub events: Vec<Arc<Recorded>>,
    /// It was carried out before.
    pub repeated: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// A rule said no (or there is nothing to claim).
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The request id was used for another body.
    #[error("request id `{0}` was used for another request; take a new one")]
    RequestIdReused(String),
    /// A queue is full.
    #[error("the daemon has too much to do ({what}); try again in a second")]
    Overloaded {
        /// Which limit: `queued_requests`, `waiting_claims`, `watchers`, `past_plans`, `projects`.
        what: &'static str,
    },
    /// The daemon is stopping.
    #[error("the daemon is stopping; try again with the same request id")]
    Draining,
    /// There was no room on the disk; nothing was recorded, and writes go on once there is room.
    #[error(
        "the daemon's disk is full and nothing of this was recorded; reads go on, and so do writes once there is room: free some space and ask again"
    )]
    StoreFull,
    /// The store takes no writes any more.
    #[error(
        "the store takes no writes any more; reads go on: see to the disk, then restart the daemon"
    )]
    StoreReadOnly,
    /// A commit failed in a way that leaves its fate open.
    #[error(
        "it is not known whether this was recorded; ask again with the same request id after the daemon was restarted"
    )]
    OutcomeUnknown,
    /// The log is broken.
    #[error("the log of `{project}` is broken at version {version}; writes stopped")]
    StoreCorrupt {
        /// The project.
        project: String,
        /// The first broken version.
        version: u64,
    },
    /// History cannot be read.
    #[error("the history cannot be read")]
    Unreadable,
    /// A copy is being made already.
    #[error("another backup is being made; wait until it is done")]
    BackupRunning,
    /// The copy of the store would not leave enough of its disk.
    #[error(
        "a backup needs {needed_bytes} bytes on the disk of the data directory while it is made, and \
         {free_bytes} are free; free some space"
    )]
    NoRoomForBackup {
        /// What the copy needs, in bytes, with what must stay free.
        needed_bytes: u64,
        /// What is free, in bytes.
        free_bytes: u64,
    },
}

impl EngineError {
    /// For the log: what came of a submission, without the words of anybody.
    pub fn in_short(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.reason.code().to_owned(),
            other => other.to_string(),
        }
    }
}

/// What a heartbeat is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeatVerdict {
    /// Go on.
    Ok,
    /// The task was cancelled or taken away: stop, do not complete.
    Cancel,
    /// Hold still: the project is paused or a blocker of the task is open.
    Pause,
    /// The lease is lost: stop work.
    LeaseLost,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// What to do.
    pub verdict: BeatVerdict,
    /// Why, for people; empty for `Ok`.
    pub message: String,
    /// How long the lease runs from now, in milliseconds.
    pub remaining_ms: u64,
    /// When to beat again, in milliseconds.
    pub beat_every_ms: u64,
}

/// What is known of a live lease beside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseFact {
    /// The task.
    pub task: TaskId,
    /// The last sign of life by the wall clock, in milliseconds since the epoch.
    pub last_beat_ms: i64,
    /// How long the lease runs from now, in milliseconds.
    pub remaining_ms: u64,
}

/// What a walk over one log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The project's slug, or `_daemon`.
    pub project: String,
    /// The newest version that is sound.
    pub version: u64,
    /// Its hash.
    pub hash: String,
    /// The first broken version and what is wrong with it.
    pub broken: Option<(u64, String)>,
    /// The fingerprint of the plan folded from the log; empty when broken.
    pub fingerprint: String,
}

/// How one project started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartReport {
    /// The project's slug, or `_daemon`.
    pub project: String,
    /// The version of the snapshot it started from; none = the whole log was read.
    pub from_snapshot: Option<u64>,
    /// Events of the log that were taken in.
    pub tail_events: u64,
    /// How long that took.
    pub took: Duration,
}

pub mod handle;
pub mod meter;
pub mod snapshot;
pub mod start;
pub mod watch;

mod backup;
mod beat;
mod board;
mod commit;
mod draft;
mod fold;
mod held;
mod history;
mod intake;
mod lease;
mod look;
mod past;
mod pending;
mod recheck;
mod replay;
mod request;
mod shared;
mod stage;
mod verify;
mod waiting;
mod writer;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

pub use backup::Backup;
pub use handle::EngineHandle;
pub use look::{Look, Seen};
pub use meter::{Counted, Histogram, Meter, Pulse};
pub use start::{Engine, EngineOptions, StartError, StillBusy};
pub use watch::Watch;
