//! An agent of the demo: a client like any other. It claims, works under a lease that it renews, says what
//! it did, and stops when the daemon says that the plan is complete. What it holds counts only as long as
//! the daemon says so.

use std::time::Duration;

use muster_proto::v1 as wire;
use muster_proto::v1::claim_task_response::Outcome as Claimed;
use tokio::time::{Instant, sleep, sleep_until};
use tonic::{Code, Status};

use super::pace::Pace;
use super::plan::{Member, Trait, outcome};
use crate::cli::Failure;
use crate::operate::failure::failure;
use crate::operate::wire::{Wire, refused, request_id};

/// How long a claim waits at the daemon for a task.
const CLAIM_WAIT_MS: u64 = 2_000;

/// How an agent's day ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Day {
    /// The plan is complete.
    Finished,
    /// Its process died while it held this task.
    Died {
        /// The task.
        task: String,
    },
}

/// How one claimed task went.
enum Work {
    Completed,
    Blocked,
    LeaseLost,
    Died,
}

/// An agent at work.
pub(super) struct Agent {
    member: Member,
    wire: Wire,
    pace: Pace,
    first_phase: String,
    completed: u32,
    did_discover: bool,
}

impl Agent {
    pub(super) fn new(member: Member, wire: Wire, pace: Pace, first_phase: String) -> Self {
        Self {
            member,
            wire,
            pace,
            first_phase,
            completed: 0,
            did_discover: false,
        }
    }

    /// Works until the plan is complete, or dies.
    pub(super) async fn run(mut self) -> Result<Day, Failure> {
        self.start_session().await?;
        loop {
            match self.claim().await? {
                Claimed::Claim(claim) => {
                    let task = task_of(&claim).id.clone();
                    match self.work(&claim).await? {
                        Work::Completed => self.completed += 1,
                        Work::Blocked | Work::LeaseLost => {}
                        // The connection goes with us: no farewell, no release, no beat.
                        Work::Died => return Ok(Day::Died { task }),
                    }
                }
                Claimed::Nothing(nothing) => match nothing.reason() {
                    wire::NothingReason::PlanComplete => break,
                    _ => sleep(self.pace.glance()).await,
                },
            }
        }
        self.end_session().await?;
        Ok(Day::Finished)
    }

    async fn start_session(&self) -> Result<(), Failure> {
        let request = wire::StartSessionRequest {
            request_id: request_id()?,
            scope: format!("Work as {}", self.member.role),
            model: "demo".to_owned(),
            ..Default::default()
        };
        let started = self.wire.work().start_session(request).await;
        started.map_err(|status| self.refused("StartSession", &status))?;
        Ok(())
    }

    async fn end_session(&self) -> Result<(), Failure> {
        let request = wire::EndSessionRequest {
            request_id: request_id()?,
            summary: Some(wire::SessionSummary {
                done: match self.completed {
                    1 => "1 task".to_owned(),
                    count => format!("{count} tasks"),
                },
                next: "The plan is complete".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let ended = self.wire.work().end_session(request).await;
        ended.map_err(|status| self.refused("EndSession", &status))?;
        Ok(())
    }

    async fn claim(&self) -> Result<Claimed, Failure> {
        let request = wire::ClaimTaskRequest {
            request_id: request_id()?,
            lease_ms: self.pace.lease_ms(),
            wait_ms: CLAIM_WAIT_MS,
            ..Default::default()
        };
        let claimed = self.wire.work().claim_task(request).await;
        let answer = claimed.map_err(|status| self.refused("ClaimTask", &status))?;
        let outcome = answer.into_inner().outcome;
        outcome.ok_or_else(|| failure("EMPTY_ANSWER", "a claim was answered with nothing"))
    }

    async fn work(&mut self, claim: &wire::TaskClaim) -> Result<Work, Failure> {
        match self.try_work(claim).await {
            Ok(work) => Ok(work),
            Err(Stopped::Lost) => Ok(Work::LeaseLost),
            Err(Stopped::Failure(failed)) => Err(failed),
        }
    }

    async fn try_work(&mut self, claim: &wire::TaskClaim) -> Result<Work, Stopped> {
        let task = task_of(claim);
        self.start(claim).await?;
        let half = self.pace.work(task.estimate_minutes) / 2;
        self.toil(claim, half).await?;
        self.progress(claim).await?;
        if self.member.part == Trait::Dies && task.phase != self.first_phase {
            return Ok(Work::Died);
        }
        self.discover(task).await?;
        if let Some(question) = self.question(claim) {
            self.ask(claim, question).await?;
            return Ok(Work::Blocked);
        }
        self.toil(claim, half).await?;
        self.complete(claim).await?;
        Ok(Work::Completed)
    }

    /// Spends time on the task and beats as often as the daemon asks for.
    async fn toil(&self, claim: &wire::TaskClaim, time: Duration) -> Result<(), Stopped> {
        let until = Instant::now() + time;
        let mut beat_every = Duration::from_millis(claim.beat_every_ms.max(1));
        loop {
            let beat_at = Instant::now() + beat_every;
            if beat_at >= until {
                sleep_until(until).await;
                return Ok(());
            }
            sleep_until(beat_at).await;
            let request = wire::HeartbeatRequest {
                task: task_of(claim).id.clone(),
                fence: claim.fence,
                ..Default::default()
            };
            let beaten = self.wire.work().heartbeat(request).await;
            let beat = beaten.map_err(|status| self.stopped("Heartbeat", &status))?;
            let beat = beat.into_inner();
            match beat.verdict() {
                wire::HeartbeatVerdict::LeaseLost | wire::HeartbeatVerdict::Cancel => {
                    return Err(Stopped::Lost);
                }
                wire::HeartbeatVerdict::Ok
                | wire::HeartbeatVerdict::Pause
                | wire::HeartbeatVerdict::Unspecified => {
                    beat_every = Duration::from_millis(beat.beat_every_ms.max(1));
                }
            }
        }
    }

    async fn start(&self, claim: &wire::TaskClaim) -> Result<(), Stopped> {
        let request = wire::StartTaskRequest {
            request_id: request_id()?,
            task: task_of(claim).id.clone(),
            fence: claim.fence,
            ..Default::default()
        };
        let started = self.wire.work().start_task(request).await;
        started.map_err(|status| self.stopped("StartTask", &status))?;
        Ok(())
    }

    async fn progress(&self, claim: &wire::TaskClaim) -> Result<(), Stopped> {
        let task = task_of(claim);
        let request = wire::ReportProgressRequest {
            request_id: request_id()?,
            task: task.id.clone(),
            fence: claim.fence,
            note: outcome(&task.title).progress.to_owned(),
            percent: Some(50),
            ..Default::default()
        };
        let reported = self.wire.work().report_progress(request).await;
        reported.map_err(|status| self.stopped("ReportProgress", &status))?;
        Ok(())
    }

    async fn discover(&mut self, task: &wire::Task) -> Result<(), Stopped> {
        let Trait::Discovers {
            on,
            title,
            notes,
            phase,
        } = self.member.part
        else {
            return Ok(());
        };
        if self.did_discover || task.title != on {
            return Ok(());
        }
        let request = wire::ReportDiscoveredRequest {
            request_id: request_id()?,
            title: title.to_owned(),
            notes: notes.to_owned(),
            priority: Some(1),
            area: task.area.clone(),
            found_on: task.id.clone(),
            suggested_phase: phase.to_owned(),
            ..Default::default()
        };
        let filed = self.wire.work().report_discovered(request).await;
        filed.map_err(|status| self.stopped("ReportDiscovered", &status))?;
        self.did_discover = true;
        Ok(())
    }

    /// The question that has to be answered first, if the brief does not answer it already.
    fn question(&self, claim: &wire::TaskClaim) -> Option<&'static str> {
        let Trait::Asks { on, question } = self.member.part else {
            return None;
        };
        (task_of(claim).title == on && answer_in(claim).is_none()).then_some(question)
    }

    async fn ask(&self, claim: &wire::TaskClaim, question: &str) -> Result<(), Stopped> {
        let request = wire::ReportBlockerRequest {
            request_id: request_id()?,
            task: task_of(claim).id.clone(),
            fence: claim.fence,
            kind: wire::BlockerKind::Input.into(),
            reason: question.to_owned(),
            ..Default::default()
        };
        let asked = self.wire.work().report_blocker(request).await;
        asked.map_err(|status| self.stopped("ReportBlocker", &status))?;
        Ok(())
    }

    async fn complete(&self, claim: &wire::TaskClaim) -> Result<(), Stopped> {
        let task = task_of(claim);
        let words = outcome(&task.title);
        let request = wire::CompleteTaskRequest {
            request_id: request_id()?,
            task: task.id.clone(),
            fence: claim.fence,
            summary: format!("{}{}", words.summary, from_brief(claim)),
            verification: words.verification.to_owned(),
            tests_passed_percent: Some(100),
            ..Default::default()
        };
        let done = self.wire.work().complete_task(request).await;
        done.map_err(|status| self.stopped("CompleteTask", &status))?;
        Ok(())
    }

    fn refused(&self, what: &str, status: &Status) -> Failure {
        refused(self.member.name, what, status)
    }

    /// A lost lease ends the work on the task; anything else ends the demo.
    fn stopped(&self, what: &str, status: &Status) -> Stopped {
        if status.code() == Code::FailedPrecondition && reason_of(status) == "LEASE_LOST" {
            return Stopped::Lost;
        }
        Stopped::Failure(self.refused(what, status))
    }
}

/// Why work on a task stopped early.
enum Stopped {
    Lost,
    Failure(Failure),
}

impl From<Failure> for Stopped {
    fn from(failed: Failure) -> Self {
        Self::Failure(failed)
    }
}

fn reason_of(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    status
        .get_details_error_info()
        .map_or_else(String::new, |info| info.reason)
}

/// The claimed task; a claim without one is answered by an empty id, which the daemon will not know.
fn task_of(claim: &wire::TaskClaim) -> &wire::Task {
    static NONE: std::sync::LazyLock<wire::Task> = std::sync::LazyLock::new(wire::Task::default);
    claim.task.as_ref().unwrap_or(&NONE)
}

/// The first answer that the brief carries.
fn answer_in(claim: &wire::TaskClaim) -> Option<&wire::AnsweredQuestion> {
    claim.brief.as_ref()?.answers.first()
}

/// What the brief had to say that changed the work, for the summary.
fn from_brief(claim: &wire::TaskClaim) -> String {
    let mut words = String::new();
    if let Some(answer) = answer_in(claim) {
        words.push_str(&format!(" ({}: {})", answer.id, answer.answer));
    }
    if let Some(earlier) = claim
        .brief
        .as_ref()
        .and_then(|brief| brief.earlier.as_ref())
    {
        words.push_str(&format!(
            " (went on from what {} left: {})",
            earlier.agent, earlier.note
        ));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_says_what_the_brief_brought() {
        let claim = wire::TaskClaim {
            brief: Some(wire::Brief {
                answers: vec![wire::AnsweredQuestion {
                    id: "B-1".to_owned(),
                    answer: "net".to_owned(),
                    ..Default::default()
                }],
                earlier: Some(wire::EarlierAttempt {
                    attempt: 1,
                    agent: "ben".to_owned(),
                    ending: "expired".to_owned(),
                    note: "half of it stands".to_owned(),
                }),
                ..Default::default()
            }),
            ..Default::default()
        };
        assert_eq!(
            from_brief(&claim),
            " (B-1: net) (went on from what ben left: half of it stands)"
        );
        assert_eq!(from_brief(&wire::TaskClaim::default()), "");
    }
}
