//! What other modules hold of the engine: cheap to clone, asks the writer or reads what is published.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;

use super::board::Board;
use super::meter::{Meter, Pulse};
use super::pending::{Came, Found, Job, Origin, Pending};
use super::shared::Shared;
use super::{
    Answer, Beat, DAEMON, EngineError, LeaseFact, Limits, Look, Seen, SessionId, Step, Submission,
    TaskId, Watch, beat, history, look, past, verify,
};
use crate::plan::event::{Event, Recorded};
use crate::plan::fact::Actor;
use crate::plan::refusal::Reason;
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, Refusal};

/// A handle on the running engine.
#[derive(Clone)]
pub struct EngineHandle {
    shared: Arc<Shared>,
}

impl EngineHandle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Carries a submission out; answers once it is durable, one answer per step.
    pub async fn submit(&self, submission: Submission) -> Result<Vec<Answer>, EngineError> {
        if self.shared.is_draining() {
            return Err(EngineError::Draining);
        }
        self.shared.writable()?;
        let is_claim = |command: &Command| matches!(command, Command::ClaimTask(_));
        let steps = submission.steps.iter();
        let claims: Vec<bool> = steps.map(|step| is_claim(&step.command)).collect();
        let wait_ms = u64::try_from(submission.wait.as_millis()).unwrap_or(u64::MAX);
        let (reply, answer) = oneshot::channel();
        self.shared.send(Job::Submit(Box::new(Pending {
            deadline_ms: self.shared.clock.monotonic_ms().saturating_add(wait_ms),
            submission,
            origin: Origin::Caller(reply),
            ticket: None,
        })))?;
        let came = match answer.await {
            Ok(reply) => reply?,
            Err(_) => return Err(self.shared.unanswered()),
        };
        let mut answers = Vec::with_capacity(came.len());
        for ((came, plan), claim) in came.into_iter().zip(claims) {
            let answer = self.complete(came, plan).await?;
            if claim && answer.repeated {
                still_held(&answer)?;
            }
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Carries one command out for the daemon itself; answers with the plan it left, once that is durable.
    pub async fn order(&self, project: &str, command: Command) -> Result<Arc<Plan>, EngineError> {
        let submission = Submission {
            steps: vec![Step {
                project: project.to_owned(),
                command,
            }],
            actor: Actor::System,
            request: None,
            wait: Duration::ZERO,
        };
        let answers = self.submit(submission).await?;
        let plan = answers.into_iter().next_back().map(|answer| answer.plan);
        plan.ok_or(EngineError::OutcomeUnknown)
    }

    /// Finds the events of a step that was carried out before.
    async fn complete(&self, came: Came, plan: Arc<Plan>) -> Result<Answer, EngineError> {
        let (events, repeated) = match came.found {
            Found::Fresh(events) => (events, false),
            Found::Before(span) => {
                let board = self.shared.known(&came.project)?;
                (history::span(&self.shared, &board, span).await?, true)
            }
        };
        Ok(Answer {
            plan,
            events,
            repeated,
        })
    }

    /// The published plan of a project; none when there is no such project.
    pub fn plan(&self, project: &str) -> Option<Arc<Plan>> {
        self.shared.board(project).map(|board| board.plan())
    }

    /// The same, or that there is no such project.
    pub fn known_plan(&self, project: &str) -> Result<Arc<Plan>, EngineError> {
        self.shared.known(project).map(|board| board.plan())
    }

    /// The plan of a project as of a version of it, from 1 to the newest: what its first events lead to. An
    /// older one is folded from the log off the async threads, and a few of those asked last are kept.
    pub async fn plan_at(&self, project: &str, version: u64) -> Result<Arc<Plan>, EngineError> {
        let board = self.shared.known(project)?;
        past::plan_at(&self.shared, &board, version).await
    }

    /// Slugs of all projects, in order; without `_daemon`.
    pub fn projects(&self) -> Vec<String> {
        let boards = self.shared.boards();
        let projects = boards.keys().filter(|slug| ***slug != *DAEMON);
        projects.map(ToString::to_string).collect()
    }

    /// The plan of `_daemon`: tokens.
    pub fn registry(&self) -> Arc<Plan> {
        self.plan(DAEMON).unwrap_or_default()
    }

    /// A sign of life of a task's holder. Not logged.
    pub fn beat(
        &self,
        project: &str,
        task: TaskId,
        fence: u64,
        agent: &str,
    ) -> Result<Beat, EngineError> {
        let board = self.shared.known(project)?;
        beat::beat(&board, task, fence, agent, self.shared.now())
    }

    /// An authenticated call of an agent: renews the leases of its session (none: of all its sessions)
    /// and keeps its sessions from being abandoned.
    pub fn touch(&self, project: &str, agent: &str, session: Option<SessionId>) {
        if let Some(board) = self.shared.board(project) {
            let mut leases = board.leases();
            leases.touch(&board.plan(), agent, session, self.shared.now());
        }
    }

    /// What is known beside the log of a project's live leases.
    pub fn lease_facts(&self, project: &str) -> Vec<LeaseFact> {
        let facts = |board: Arc<Board>| {
            let leases = board.leases();
            leases.facts(&board.plan(), self.shared.now())
        };
        self.shared.board(project).map_or_else(Vec::new, facts)
    }

    /// What is known beside the log of one task's live lease; costs the same however many there are.
    pub fn lease_fact(&self, project: &str, task: TaskId) -> Option<LeaseFact> {
        let board = self.shared.board(project)?;
        let leases = board.leases();
        leases.fact(task, &board.plan(), self.shared.now())
    }

    /// Up to `limit` (at most 10,000) events with a version above `after`, in order; fewer when they are
    /// large, so only an empty answer is the end. Blocking work is done off the async threads.
    pub async fn history(
        &self,
        project: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, EngineError> {
        let board = self.shared.known(project)?;
        history::after(&self.shared, &board, after, limit, history::PAGE_BYTES_MAX).await
    }

    /// Looks through the log for events that name something, at no more than 10,000 events a call; the answer
    /// says where to go on. Blocking work is done off the async threads, and the writer is not asked.
    pub async fn look(&self, project: &str, look: Look) -> Result<Seen, EngineError> {
        let board = self.shared.known(project)?;
        look::through(&self.shared, &board, look).await
    }

    /// The newest version recorded before `since_ms` (wall clock): what came since is above it. 0 when
    /// nothing is older.
    pub async fn version_before(&self, project: &str, since_ms: i64) -> Result<u64, EngineError> {
        let board = self.shared.known(project)?;
        history::version_before(&self.shared, &board, since_ms).await
    }

    /// What was recorded at or after an instant and up to a version, in order, however often the log must be asked
    /// for it; of a stretch of more than 200,000 events the newest.
    pub async fn window(
        &self,
        project: &str,
        since: Timestamp,
        newest: u64,
    ) -> Result<Vec<Arc<Recorded>>, EngineError> {
        let before = self.version_before(project, since.0).await?;
        let mut after = before.max(newest.saturating_sub(history::WINDOW_EVENTS_MAX));
        let mut events = Vec::new();
        while after < newest {
            let page = self.history(project, after, history::EVENTS_MAX).await?;
            // Large events make a short page, so only an empty one is the end.
            let Some(last) = page.last() else { break };
            after = last.version;
            let until = page.partition_point(|event| event.version <= newest);
            events.extend(page.into_iter().take(until));
        }
        Ok(events)
    }

    /// The hash of a published event, in hexadecimal; empty for version 0. Blocking work is done off the
    /// async threads.
    pub async fn hash(&self, project: &str, version: u64) -> Result<String, EngineError> {
        let board = self.shared.known(project)?;
        history::hash(&self.shared, &board, version).await
    }

    /// Follows a project from a version: yields every later event once and in order, first from
    /// history, then live. Ends with an error when the daemon stops.
    pub fn watch(&self, project: &str, after: u64) -> Result<Watch, EngineError> {
        Watch::new(&self.shared, project, after)
    }

    /// The wall clock, in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    /// Walks the whole log of a project (none: of all, `_daemon` too), checking the chain; blocking work
    /// is done off the async threads. A broken log stops writes.
    pub async fn verify(&self, project: Option<&str>) -> Result<Vec<super::Verified>, EngineError> {
        verify::verify(&self.shared, project).await
    }

    /// Takes the turn to make a copy of all logs; refused while another is being made.
    pub fn begin_backup(&self) -> Result<super::Backup, EngineError> {
        super::Backup::begin(&self.shared)
    }

    /// False once writes have stopped (disk full, failed commit, broken log), with the reason.
    pub fn writable(&self) -> Result<(), EngineError> {
        self.shared.writable()
    }

    /// What the engine counted of itself.
    pub fn meter(&self) -> &Meter {
        &self.shared.meter
    }

    /// Feels from now on whether the writer gets on.
    pub fn pulse(&self) -> Pulse {
        Pulse::new(&self.shared)
    }

    /// The limits of the process.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Waits until runs of gates wait for other commands than before, or other waivers are in force; what
    /// happened since the last call is not missed.
    pub async fn gate_work(&self) {
        self.shared.gate_work.notified().await;
    }

    /// Waits until schedules were set, go on or fired; what happened since the last call is not missed.
    pub async fn timetable(&self) {
        self.shared.timetable.notified().await;
    }

    /// Waits until a run of a checklist began or is looked at once more; what happened since the last call is not
    /// missed.
    pub async fn checklist_work(&self) {
        self.shared.checklists.notified().await;
    }

    /// Waits until a blocker became urgent; what happened since the last call is not missed.
    pub async fn urgent(&self) {
        self.shared.urgent.notified().await;
    }

    /// Waits until a report was addressed to a channel; what happened since the last call is not missed.
    pub async fn letters(&self) {
        self.shared.letters.notified().await;
    }

    /// Open watches over all projects.
    pub fn watchers(&self) -> usize {
        self.shared.watchers.load(Ordering::Relaxed)
    }

    /// Whether no submissions are taken any more.
    pub fn is_draining(&self) -> bool {
        self.shared.is_draining()
    }

    /// How each project started, `_daemon` too, by slug; projects made since are not among them.
    pub fn start_reports(&self) -> &[super::StartReport] {
        self.shared.start_reports()
    }

    /// Makes the writer look at the clock and waits until it has nothing left to do. Time that passes
    /// by itself needs no such call; a test that moves a clock by hand asks before and after it does, as
    /// a writer that finds more time gone than it slept takes it that the daemon stood still, and gives
    /// every lease a fresh term.
    pub async fn wake(&self) -> Result<(), EngineError> {
        let (waker, woken) = oneshot::channel();
        self.shared.send(Job::Wake(waker))?;
        woken.await.map_err(|_| self.shared.unanswered())
    }
}

/// Refuses to answer a repeated claim whose lease has gone since.
fn still_held(answer: &Answer) -> Result<(), Refusal> {
    let claimed = answer
        .events
        .iter()
        .rev()
        .find_map(|recorded| match &recorded.event {
            Event::TaskClaimed(claimed) => Some(claimed),
            _ => None,
        });
    let Some(claimed) = claimed else {
        return Ok(());
    };
    let Some(view) = answer.plan.task(claimed.task) else {
        return Ok(());
    };
    let live = view.state.lease.as_ref();
    if live.is_some_and(|lease| lease.fence == claimed.fence) {
        return Ok(());
    }
    Err(Refusal::new(Reason::LeaseLost, beat::lost(view))
        .item(claimed.task, view.spec.title.as_ref())
        .next("claim"))
}
