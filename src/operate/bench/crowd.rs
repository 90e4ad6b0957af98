//! Agents that work at the same time, each over its own connection: claim with start, complete, again. One
//! loop at a time each, so that as many calls are under way as there are agents.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use muster_proto::v1 as wire;
use muster_proto::v1::claim_task_response::Outcome;
use tokio::task::JoinSet;

use super::daemon::Daemon;
use super::field::Field;
use super::figures::float;
use super::machine;
use super::samples::Samples;
use crate::cli::Failure;
use crate::clock::Stopwatch;
use crate::operate::failure::{caused, failure};
use crate::operate::wire::{Wire, refused, request_id};

/// What a crowd did.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    /// Claims and completions, by the time each took.
    pub writes: Samples,
    /// The claims among them.
    pub claims: Samples,
    /// Tasks claimed and completed.
    pub loops: u64,
    /// How long it took, without the making of projects.
    pub took: Duration,
    /// CPU time of client and server meanwhile; none where the server's cannot be seen.
    pub cpu: Option<Duration>,
}

impl Work {
    pub(super) fn join(&mut self, other: Self) {
        self.writes.join(other.writes);
        self.claims.join(other.claims);
        self.loops += other.loops;
        self.took += other.took;
        self.cpu = match (self.cpu, other.cpu) {
            (Some(mine), Some(other)) => Some(mine + other),
            (mine, other) => mine.or(other),
        };
    }

    /// Tasks claimed and completed in a second.
    pub(super) fn loops_per_s(&self) -> f64 {
        per_second(self.loops, self.took)
    }
}

/// A rate; 0 where no time passed.
pub(super) fn per_second(count: u64, took: Duration) -> f64 {
    let seconds = took.as_secs_f64();
    if seconds > 0.0 {
        float(count) / seconds
    } else {
        0.0
    }
}

/// Connections of as many agents; they stay open over projects and rows.
pub(super) struct Crowd {
    pub connections: Vec<Wire>,
    /// The process they lead to, where it is our own.
    server: Option<u32>,
}

impl Crowd {
    pub(super) async fn connect(daemon: &Daemon, agents: usize) -> Result<Self, Failure> {
        let mut connections = Vec::with_capacity(agents);
        for _ in 0..agents {
            connections.push(daemon.chief().await?);
        }
        Ok(Self {
            connections,
            server: daemon.pid(),
        })
    }

    /// CPU time of client and server together so far.
    pub(super) fn cpu(&self) -> Option<Duration> {
        Some(machine::own_cpu()? + machine::cpu(self.server?)?)
    }

    /// Lets everybody work the projects down, one after the other, until the time is over or the last
    /// has too little left. Who leaves a project does so while twice as many tasks are ready as there are
    /// agents, so that nobody ever waits for a task.
    pub(super) async fn work(
        &self,
        fields: &[Arc<Field>],
        time: Duration,
    ) -> Result<Work, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let keep = 2 * self.connections.len();
        let mut agents = JoinSet::new();
        let cpu = self.cpu();
        let watch = Stopwatch::start();
        for (number, connection) in self.connections.iter().enumerate() {
            let agent = Agent {
                connection: connection.clone(),
                number,
                keep,
                stop: Arc::clone(&stop),
                work: Work::default(),
            };
            let fields = fields.to_vec();
            agents.spawn(agent.run(fields));
        }
        let mut all = Work::default();
        let mut timer = std::pin::pin!(tokio::time::sleep(time));
        loop {
            tokio::select! {
                biased;
                () = &mut timer, if !stop.load(Ordering::Relaxed) => stop.store(true, Ordering::Relaxed),
                ended = agents.join_next() => match ended {
                    Some(done) => all.join(done.map_err(|error| caused("INTERNAL", &error))??),
                    None => break,
                },
            }
        }
        all.took = watch.elapsed();
        let spent = cpu.zip(self.cpu());
        all.cpu = spent.map(|(before, after)| after.saturating_sub(before));
        Ok(all)
    }
}

struct Agent {
    connection: Wire,
    number: usize,
    /// A project with fewer tasks ready is left.
    keep: usize,
    stop: Arc<AtomicBool>,
    work: Work,
}

impl Agent {
    async fn run(mut self, fields: Vec<Arc<Field>>) -> Result<Work, Failure> {
        for field in fields {
            let wire = field.agent(&self.connection, self.number)?;
            let mut client = wire.work();
            while field.has_ready(self.keep) && !self.stop.load(Ordering::Relaxed) {
                field.took_one();
                let claim = self.claim(&mut client, "").await?;
                let unblocked = self.complete(&mut client, claim).await?;
                field.became_ready(unblocked);
                self.work.loops += 1;
            }
        }
        Ok(self.work)
    }

    async fn claim(
        &mut self,
        client: &mut WorkClient,
        task: &str,
    ) -> Result<wire::TaskClaim, Failure> {
        let request = wire::ClaimTaskRequest {
            request_id: request_id()?,
            task: task.to_owned(),
            start: true,
            ..Default::default()
        };
        let watch = Stopwatch::start();
        let answer = client.claim_task(request).await;
        let took = watch.elapsed();
        self.work.writes.add(took);
        self.work.claims.add(took);
        let answer = answer.map_err(|status| refused("an agent", "ClaimTask", &status))?;
        match answer.into_inner().outcome {
            Some(Outcome::Claim(claim)) if claim.brief.is_some() => Ok(claim),
            Some(Outcome::Claim(_)) => Err(failure("BENCH", "a claim came without its brief")),
            Some(Outcome::Nothing(nothing)) => Err(failure(
                "BENCH_WAITED",
                format!(
                    "a claim found nothing ({}); the run does not count",
                    nothing.message
                ),
            )),
            None => Err(failure("EMPTY_ANSWER", "a claim was answered with nothing")),
        }
    }

    async fn complete(
        &mut self,
        client: &mut WorkClient,
        claim: wire::TaskClaim,
    ) -> Result<u32, Failure> {
        let request = wire::CompleteTaskRequest {
            request_id: request_id()?,
            task: claim.task.map_or_else(String::new, |task| task.id),
            fence: claim.fence,
            summary: "The part is built and joined to the two before it".to_owned(),
            verification: "its tests and those of its neighbours pass".to_owned(),
            ..Default::default()
        };
        let watch = Stopwatch::start();
        let answer = client.complete_task(request).await;
        self.work.writes.add(watch.elapsed());
        let answer = answer.map_err(|status| refused("an agent", "CompleteTask", &status))?;
        Ok(answer.into_inner().unblocked_total)
    }
}

type WorkClient =
    muster_proto::v1::work_service_client::WorkServiceClient<crate::operate::wire::Service>;

/// Claims and completes one task by name, and says when the completion was sent.
pub(super) async fn finish(wire: &Wire, task: &str) -> Result<(), Failure> {
    let mut agent = Agent {
        connection: wire.clone(),
        number: 0,
        keep: 0,
        stop: Arc::default(),
        work: Work::default(),
    };
    let mut client = wire.work();
    let claim = agent.claim(&mut client, task).await?;
    agent.complete(&mut client, claim).await.map(drop)
}
