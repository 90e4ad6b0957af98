//! Holds what clients were told against the log that is left: nothing acknowledged is lost, nothing is
//! done twice, and no rule of the work was broken on the way. It keeps its own idea of the rules and asks
//! the plan's code for nothing.

mod answers;
mod rules;

#[cfg(test)]
mod tests;

use std::fmt;

use muster::plan::event::{Event, Recorded};
use muster::plan::id::TaskId;

/// What a client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Claim,
    Start,
    Progress,
    Complete,
    Release,
}

/// What it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds the task now; the answer to a claim.
    Granted {
        task: TaskId,
        attempt: u32,
        fence: u64,
    },
    /// It is done; the answer to everything else.
    Done,
    /// There was nothing to claim.
    Nothing,
    /// A rule said no, with this reason.
    Refused(String),
    /// No answer came, so nobody knows.
    Unknown,
}

/// One call over the wire, from its start to its answer. A repeat has the same request id.
#[derive(Debug, Clone)]
pub struct Operation {
    pub agent: String,
    pub request: String,
    pub call: Call,
    /// The task it was for; none for a claim of any.
    pub task: Option<TaskId>,
    /// The fence it carried; 0 for a claim.
    pub fence: u64,
    /// When it began and ended, on one clock for all clients.
    pub invoked_us: u64,
    pub answered_us: u64,
    pub outcome: Outcome,
}

/// Something that must never happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// Versions leave a gap or repeat.
    VersionGap { expected: u64, found: u64 },
    /// Recorded time fell.
    TimeFell { version: u64 },
    /// Somebody was told that it is done, and the log does not know.
    LostAcknowledgement { request: String },
    /// One request left its effect more than once.
    DoneTwice { request: String, versions: Vec<u64> },
    /// What the log says is not what the client was told.
    AnswerNotRecorded { request: String, version: u64 },
    /// A request was refused although it took effect.
    RefusedAfterEffect { request: String, version: u64 },
    /// The same request was answered differently.
    AnswersDiffer { request: String },
    /// What was acknowledged before another call began stands behind it.
    OutOfOrder { request: String, version: u64 },
    /// A task was claimed while somebody held it.
    TwoLiveLeases { task: TaskId, version: u64 },
    /// A write was taken under a fence that was not the live one.
    StaleWrite { task: TaskId, version: u64 },
    /// A fence did not rise.
    FenceNotRisen { version: u64, fence: u64 },
    /// Attempts of a task do not count up one by one.
    AttemptOutOfCount { task: TaskId, version: u64 },
    /// Somebody judged what they had handed in themselves, in this round or an earlier one.
    OwnWorkApproved { task: TaskId, version: u64 },
    /// A task was handed out that is complete.
    ClaimedWhenComplete { task: TaskId, version: u64 },
    /// A task was handed out before one it waits for was complete.
    DependencyUnmet {
        task: TaskId,
        on: TaskId,
        version: u64,
    },
    /// A task was handed out before the phase in front of its own was complete.
    PhaseLocked { task: TaskId, version: u64 },
    /// A task was handed out, or a phase closed, although a criterion in front of it was not met.
    GateBypassed { phase: String, version: u64 },
    /// A task was handed out to an agent of another role.
    OutsideRoles { task: TaskId, version: u64 },
    /// Something happened to a task that nobody ever added.
    UnknownTask { task: TaskId, version: u64 },
    /// A watcher was sent another version than the next one, or was left behind.
    WatchBroken { expected: u64, found: Option<u64> },
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

/// Everything that is wrong with a history and the log it left.
pub fn violations(history: &[Operation], log: &[Recorded]) -> Vec<Violation> {
    let mut found = Vec::new();
    rules::check(log, &mut found);
    answers::check(history, log, &mut found);
    found
}

/// What is wrong with what a watcher was sent that asked for all after a version, and that had time to
/// read until another one.
pub fn watched(after: u64, seen: &[u64], until: u64) -> Vec<Violation> {
    let mut expected = after + 1;
    for found in seen {
        if *found != expected {
            let found = Some(*found);
            return vec![Violation::WatchBroken { expected, found }];
        }
        expected += 1;
    }
    if expected <= until {
        let found = None;
        return vec![Violation::WatchBroken { expected, found }];
    }
    Vec::new()
}

/// What an event says about the work on a task: which call records it, on which task, under which fence.
fn work_of(event: &Event) -> Option<(Call, TaskId, u64)> {
    match event {
        Event::TaskClaimed(claimed) => Some((Call::Claim, claimed.task, claimed.fence)),
        Event::TaskStarted(started) => Some((Call::Start, started.task, started.fence)),
        Event::ProgressReported(said) => Some((Call::Progress, said.task, said.fence)),
        Event::TaskCompleted(done) => Some((Call::Complete, done.task, done.fence)),
        Event::TaskReleased(given) => Some((Call::Release, given.task, given.fence)),
        _ => None,
    }
}
