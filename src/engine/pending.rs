//! A submission on its way through the writer, and the answer on its way back. The answer is only sent
//! once what it tells is durable.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::lease::Due;
use super::request::{Scope, Span};
use super::{EngineError, Submission};
use crate::plan::Plan;
use crate::plan::command::{Claim, Command};
use crate::plan::event::Recorded;

/// What is put into the writer's inbox.
pub(super) enum Job {
    /// Carry this out.
    Submit(Box<Pending>),
    /// Look at the clock; answered when what was due is recorded.
    Wake(oneshot::Sender<()>),
    /// Look whether the daemon stops.
    Stop,
}

/// What came of one step, as the writer leaves it.
pub(super) struct Came {
    /// The project's slug.
    pub project: Arc<str>,
    /// Its events.
    pub found: Found,
}

/// Where the events of a step are.
pub(super) enum Found {
    /// Recorded just now.
    Fresh(Vec<Arc<Recorded>>),
    /// In the log since an earlier time.
    Before(Span),
}

/// The writer's verdict on a submission, before it is known to be durable.
pub(super) type Reply = Result<Vec<Came>, EngineError>;

/// The writer's answer: what came of each step, with the plan published after it.
pub(super) type Told = Result<Vec<(Came, Arc<Plan>)>, EngineError>;

/// Who waits for the answer.
pub(super) enum Origin {
    /// A caller; gone when it dropped its end.
    Caller(oneshot::Sender<Told>),
    /// The engine itself.
    Clock(Due),
}

/// A submission in the writer's hands.
pub(super) struct Pending {
    /// What is asked.
    pub submission: Submission,
    /// Who waits for it.
    pub origin: Origin,
    /// A claim may wait for a task until then, on the monotonic clock.
    pub deadline_ms: u64,
    /// Its place among the waiting claims, once it waited.
    pub ticket: Option<u64>,
}

impl Pending {
    /// The claim, when that is all it asks for.
    pub fn claim(&self) -> Option<&Claim> {
        match self.submission.steps.as_slice() {
            [step] => match &step.command {
                Command::ClaimTask(claim) => Some(claim),
                _ => None,
            },
            _ => None,
        }
    }

    /// The project of its first step.
    pub fn project(&self) -> &str {
        self.submission
            .steps
            .first()
            .map_or("", |step| step.project.as_str())
    }

    /// Its request's scope, when it carries an id.
    pub fn scope(&self) -> Option<Scope> {
        Scope::of(&self.submission)
    }

    /// Nobody would take the answer.
    pub fn is_abandoned(&self) -> bool {
        match &self.origin {
            Origin::Caller(reply) => reply.is_closed(),
            Origin::Clock(_) => false,
        }
    }

    /// Answers; a caller that is gone is no loss.
    pub fn answer(self, told: Told) {
        if let Origin::Caller(caller) = self.origin {
            let _ = caller.send(told);
        }
    }
}
