//! What other modules hold of the engine: cheap to clone, asks the writer or reads what is published.

use std::sync::Arc;

use super::{Answer, Beat, EngineError, LeaseFact, SessionId, Submission, TaskId};
use crate::plan::Plan;
use crate::plan::event::Recorded;

/// A handle on the running engine.
#[derive(Clone)]
pub struct EngineHandle {}

impl EngineHandle {
    /// Carries a submission out; answers once it is durable, one answer per step.
    pub async fn submit(&self, submission: Submission) -> Result<Vec<Answer>, EngineError> {
        let _ = submission;
        todo!()
    }

    /// The published plan of a project; none when there is no such project.
    pub fn plan(&self, project: &str) -> Option<Arc<Plan>> {
        let _ = project;
        todo!()
    }

    /// Slugs of all projects, in order; without `_daemon`.
    pub fn projects(&self) -> Vec<String> {
        todo!()
    }

    /// The plan of `_daemon`: tokens.
    pub fn registry(&self) -> Arc<Plan> {
        todo!()
    }

    /// A sign of life of a task's holder. Not logged.
    pub fn beat(
        &self,
        project: &str,
        task: TaskId,
        fence: u64,
        agent: &str,
    ) -> Result<Beat, EngineError> {
        let _ = (project, task, fence, agent);
        todo!()
    }

    /// An authenticated call of an agent: renews the leases of its session (none: of all its sessions)
    /// and keeps its sessions from being abandoned.
    pub fn touch(&self, project: &str, agent: &str, session: Option<SessionId>) {
        let _ = (project, agent, session);
        todo!()
    }

    /// What is known beside the log of a project's live leases.
    pub fn lease_facts(&self, project: &str) -> Vec<LeaseFact> {
        let _ = project;
        todo!()
    }

    /// Up to `limit` (at most 10,000) events with a version above `after`, in order. Blocking work is
    /// done off the async threads.
    pub async fn history(
        &self,
        project: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, EngineError> {
        let _ = (project, after, limit);
        todo!()
    }

    /// Events recorded at or after `since_ms` (wall clock), at most `limit` newest ones, in order.
    pub async fn history_since(
        &self,
        project: &str,
        since_ms: i64,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, EngineError> {
        let _ = (project, since_ms, limit);
        todo!()
    }

    /// Follows a project from a version: yields every later event once and in order, first from
    /// history, then live. Ends with an error when the daemon stops.
    pub fn watch(&self, project: &str, after: u64) -> Result<super::Watch, EngineError> {
        let _ = (project, after);
        todo!()
    }

    /// The wall clock, in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        todo!()
    }

    /// Walks the whole log of a project (none: of all, `_daemon` too), checking the chain; blocking work
    /// is done off the async threads.
    pub async fn verify(&self, project: Option<&str>) -> Result<Vec<super::Verified>, EngineError> {
        let _ = project;
        todo!()
    }

    /// False once writes have stopped (disk full, failed commit, broken log), with the reason.
    pub fn writable(&self) -> Result<(), EngineError> {
        todo!()
    }
}
