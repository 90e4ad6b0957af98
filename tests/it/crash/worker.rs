//! One agent that works a plan down over an unreliable daemon and writes down what it was told. It keeps
//! a request's id until it knows what came of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use muster::plan::id::TaskId;
use muster_proto::v1;
use tonic::Status;

use super::fleet::{PROJECT, Shared};
use super::random::Random;
use crate::api::{Caller, reason};
use crate::history::{Call, Operation, Outcome};

/// A call that takes longer has no answer.
const CALL_LIMIT: Duration = Duration::from_secs(5);
const SHORT_LEASE_MS: u64 = 1_000;

/// How often, in percent of the attempts, an agent does something out of the ordinary.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Takes its task out again and then writes with the fence it had before.
    pub writes_late: u64,
    /// Sends a request again although it was answered.
    pub repeats: u64,
    /// Sleeps beyond its lease and then goes on as if nothing had happened.
    pub oversleeps: u64,
    /// Gives its task back.
    pub gives_back: u64,
}

impl Habits {
    pub fn mixed() -> Self {
        Self {
            writes_late: 10,
            repeats: 15,
            oversleeps: 4,
            gives_back: 6,
        }
    }

    pub fn plain() -> Self {
        Self {
            writes_late: 0,
            repeats: 10,
            oversleeps: 0,
            gives_back: 0,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
struct Ask {
    call: Call,
    task: Option<TaskId>,
    fence: u64,
    /// For claims: take a held task out again.
    resume: bool,
    /// For claims: begin at once.
    start: bool,
    /// For claims: the term; 0 is the project's own.
    lease_ms: u64,
}

/// A task that is held, as far as the agent knows.
#[derive(Debug, Clone, Copy)]
struct Held {
    task: TaskId,
    fence: u64,
    is_started: bool,
}

impl Held {
    fn ask(self, call: Call) -> Ask {
        let task = Some(self.task);
        Ask {
            call,
            task,
            fence: self.fence,
            resume: false,
            start: false,
            lease_ms: 0,
        }
    }
}

pub struct Worker {
    name: String,
    caller: Caller,
    shared: Arc<Shared>,
    habits: Habits,
    random: Random,
    requests: u64,
    is_plan_complete: bool,
    history: Vec<Operation>,
}

impl Worker {
    pub fn new(
        name: &str,
        caller: Caller,
        shared: Arc<Shared>,
        habits: Habits,
        random: Random,
    ) -> Self {
        let name = name.to_owned();
        let (requests, is_plan_complete, history) = (0, false, Vec::new());
        Self {
            name,
            caller,
            shared,
            habits,
            random,
            requests,
            is_plan_complete,
            history,
        }
    }

    /// Works until the plan is complete.
    pub async fn run(mut self) -> Vec<Operation> {
        while !self.is_plan_complete && self.shared.goes_on() {
            if let Some(held) = self.claim(false).await {
                self.work(held).await;
            } else {
                self.rest(30).await;
            }
        }
        self.history
    }

    async fn claim(&mut self, resume: bool) -> Option<Held> {
        let oversleeps = self.random.percent(self.habits.oversleeps);
        let start = self.random.percent(50);
        let ask = Ask {
            call: Call::Claim,
            task: None,
            fence: 0,
            resume,
            start,
            lease_ms: if oversleeps { SHORT_LEASE_MS } else { 0 },
        };
        match self.ask(ask).await {
            Outcome::Granted { task, fence, .. } => {
                // A resumed task keeps its state; starting it again is refused, and that is fine.
                let held = Held {
                    task,
                    fence,
                    is_started: start,
                };
                if oversleeps {
                    tokio::time::sleep(Duration::from_millis(SHORT_LEASE_MS + 400)).await;
                }
                Some(held)
            }
            // A claim whose answer never came left a task with this agent.
            Outcome::Refused(why) if why == "AT_CAPACITY" && !resume => {
                Box::pin(self.claim(true)).await
            }
            _ => None,
        }
    }

    /// Takes a held task to some end.
    async fn work(&mut self, held: Held) {
        let mut held = held;
        if self.random.percent(self.habits.writes_late) {
            let Some(again) = self.claim(true).await else {
                return;
            };
            self.ask(held.ask(Call::Progress)).await;
            self.ask(held.ask(Call::Release)).await;
            held = again;
        }
        // Whether or not it was started before, it is now; or the lease is lost, which the next call says.
        if !held.is_started {
            self.ask(held.ask(Call::Start)).await;
        }
        for _ in 0..self.random.below(3) {
            if self.ask(held.ask(Call::Progress)).await != Outcome::Done {
                return;
            }
            self.rest(10).await;
        }
        let gives_back = self.random.percent(self.habits.gives_back);
        let last = if gives_back {
            Call::Release
        } else {
            Call::Complete
        };
        if self.ask(held.ask(last)).await == Outcome::Done && last == Call::Complete {
            self.shared.completed.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn rest(&mut self, at_most_ms: u64) {
        let ms = self.random.below(at_most_ms);
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// Asks until it is known what came of it, always under the same request id.
    async fn ask(&mut self, ask: Ask) -> Outcome {
        self.requests += 1;
        let request = format!("{}-{}", self.name, self.requests);
        loop {
            let outcome = self.ask_once(ask, &request).await;
            if outcome == Outcome::Unknown && self.shared.goes_on() {
                self.rest(80).await;
                continue;
            }
            let is_good = matches!(outcome, Outcome::Done | Outcome::Granted { .. });
            if is_good && self.random.percent(self.habits.repeats) {
                self.ask_once(ask, &request).await;
            }
            return outcome;
        }
    }

    async fn ask_once(&mut self, ask: Ask, request: &str) -> Outcome {
        let invoked_us = self.now_us();
        let sent = tokio::time::timeout(CALL_LIMIT, self.send(ask, request)).await;
        let outcome = match sent {
            Ok(Ok((outcome, is_plan_complete))) => {
                self.is_plan_complete |= is_plan_complete;
                outcome
            }
            Ok(Err(status)) => told(&status),
            Err(_) => Outcome::Unknown,
        };
        self.history.push(Operation {
            agent: self.name.clone(),
            request: request.to_owned(),
            call: ask.call,
            task: ask.task,
            fence: ask.fence,
            invoked_us,
            answered_us: self.now_us(),
            outcome: outcome.clone(),
        });
        outcome
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.shared.clock.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// One call; also says whether the plan is complete.
    async fn send(&self, ask: Ask, request: &str) -> Result<(Outcome, bool), Status> {
        let mut work = self.caller.work();
        let project = PROJECT.to_owned();
        let request_id = request.to_owned();
        let task = ask.task.map_or_else(String::new, |task| task.to_string());
        let fence = ask.fence;
        match ask.call {
            Call::Claim => {
                let request = v1::ClaimTaskRequest {
                    project,
                    request_id,
                    resume: ask.resume,
                    start: ask.start,
                    lease_ms: ask.lease_ms,
                    wait_ms: 300,
                    ..v1::ClaimTaskRequest::default()
                };
                return Ok(claimed(work.claim_task(request).await?.into_inner()));
            }
            Call::Start => {
                let request = v1::StartTaskRequest {
                    project,
                    request_id,
                    task,
                    fence,
                    ..v1::StartTaskRequest::default()
                };
                work.start_task(request).await?;
            }
            Call::Progress => {
                let note = format!("said in {request}");
                let request = v1::ReportProgressRequest {
                    project,
                    request_id,
                    task,
                    fence,
                    note,
                    ..v1::ReportProgressRequest::default()
                };
                work.report_progress(request).await?;
            }
            Call::Complete => {
                let request = v1::CompleteTaskRequest {
                    project,
                    request_id,
                    task,
                    fence,
                    summary: "done".to_owned(),
                    verification: "looked at".to_owned(),
                    ..v1::CompleteTaskRequest::default()
                };
                work.complete_task(request).await?;
            }
            Call::Release => {
                let request = v1::ReleaseTaskRequest {
                    project,
                    request_id,
                    task,
                    fence,
                    failed: false,
                    reason: String::new(),
                };
                work.release_task(request).await?;
            }
        }
        Ok((Outcome::Done, false))
    }
}

fn claimed(answer: v1::ClaimTaskResponse) -> (Outcome, bool) {
    use v1::claim_task_response::Outcome as Answer;
    match answer
        .outcome
        .expect("a claim's answer says one of two things")
    {
        Answer::Claim(claim) => {
            let task = claim.task.expect("a claim names its task").id;
            let task = task.parse().expect("a task's id");
            let (attempt, fence) = (claim.attempt, claim.fence);
            (
                Outcome::Granted {
                    task,
                    attempt,
                    fence,
                },
                false,
            )
        }
        Answer::Nothing(nothing) => {
            let is_complete = nothing.reason() == v1::NothingReason::PlanComplete;
            (Outcome::Nothing, is_complete)
        }
    }
}

/// What a status says about the call: a rule said no, or nobody knows.
fn told(status: &Status) -> Outcome {
    use tonic::Code;
    let why = reason(status);
    match status.code() {
        Code::FailedPrecondition
        | Code::InvalidArgument
        | Code::PermissionDenied
        | Code::NotFound
        | Code::AlreadyExists
        | Code::Aborted
            if !why.is_empty() =>
        {
            Outcome::Refused(why)
        }
        Code::Unauthenticated => panic!("a good token is refused: {status:?}"),
        _ => Outcome::Unknown,
    }
}
