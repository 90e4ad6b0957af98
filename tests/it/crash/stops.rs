//! Processes that stand still: an agent stopped past its lease is told that it lost it, a daemon stopped
//! past all leases takes none from anybody.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use muster::plan::event::Event;
use muster_proto::v1;
use rustix::process::Signal;

use super::fleet::{add_plain_tasks, make_project, port_apart, register};
use super::leases::{and_start, claim, claim_at_last, complete};
use super::random::Random;
use crate::api::{Caller, reason};
use crate::daemon::Daemon;
use crate::process::{clean, signal_child, spawn, wait};

const AGENT: &str = "MUSTER_TEST_AGENT";
const TOKEN: &str = "MUSTER_TEST_AGENT_TOKEN";
const GO: &str = "MUSTER_TEST_AGENT_GO";
const LEASE_MS: u64 = 2_000;

/// The agent's process as the test holds it; it does not outlive a failed test.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The agent's process: claims, beats until the file is there, completes, and says what it was told.
async fn work(url: &str) {
    let variable = |name| std::env::var(name).expect("the parent says so");
    let (token, go) = (variable(TOKEN), variable(GO));
    let caller = Caller::new(url, Some(&token));
    let answer = caller.work().claim_task(and_start()).await;
    let outcome = answer.expect("the claim is answered").into_inner().outcome;
    let Some(v1::claim_task_response::Outcome::Claim(held)) = outcome else {
        panic!("nothing was claimed: {outcome:?}");
    };
    println!("holds {}", held.fence);
    while !Path::new(&go).exists() {
        let beat = v1::HeartbeatRequest {
            project: String::new(),
            task: "T-1".to_owned(),
            fence: held.fence,
        };
        // It goes on whatever it is told, as an agent does that does not listen.
        let _ = caller.work().heartbeat(beat).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    match caller.work().complete_task(complete(held.fence)).await {
        Ok(_) => println!("told DONE"),
        Err(status) => println!("told {}", reason(&status)),
    }
}

#[test]
fn an_agent_stopped_past_its_lease_has_lost_it_and_the_next_ones_result_stands() {
    const THIS: &str = "crash::stops::\
        an_agent_stopped_past_its_lease_has_lost_it_and_the_next_ones_result_stands";
    if let Ok(url) = std::env::var(AGENT) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
        return runtime.block_on(work(&url));
    }
    let mut daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, LEASE_MS);
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    let [ann, bob] = ["ann", "bob"].map(|name| register(&daemon, "yard", name));
    let go = daemon.home().join("go");
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut command = clean(Command::new(program));
    command
        .args([THIS, "--exact", "--nocapture", "--test-threads=1"])
        .env(AGENT, daemon.url())
        .env(TOKEN, &ann.token)
        .env(GO, &go)
        .stdout(Stdio::piped());
    let mut agent = Agent(spawn(&mut command));
    let said = BufReader::new(agent.0.stdout.take().expect("stdout is piped"));
    let mut said = said.lines().map(|line| line.expect("a line is text"));
    let mut hear = |word: &str| {
        let found = said.find_map(|line| line.split_once(word).map(|(_, rest)| rest.to_owned()));
        found.unwrap_or_else(|| panic!("the agent never says {word:?}"))
    };
    let fence: u64 = hear("holds ").trim().parse().expect("a fence is a number");
    // It beats, so the task stays its own beyond the term.
    std::thread::sleep(Duration::from_millis(LEASE_MS + LEASE_MS / 2));

    signal_child(&agent.0, Signal::STOP);
    let caller = daemon.caller(Some(&bob.token));
    let taken = claim_at_last(&daemon, &caller);
    assert_eq!(taken.attempt, 2, "the first attempt lasted until the stop");
    assert!(taken.fence > fence, "{taken:?}");
    let done = daemon.block_on(caller.work().complete_task(complete(taken.fence)));
    done.expect("the second agent completes it");
    let version = daemon.version("yard");

    std::fs::write(&go, "").expect("the file can be made");
    signal_child(&agent.0, Signal::CONT);
    assert_eq!(hear("told ").trim(), "LEASE_LOST");
    let ended = wait(&mut agent.0, Duration::from_secs(30)).expect("the agent ends");
    assert!(ended.success());
    assert_eq!(
        daemon.version("yard"),
        version,
        "a late write changes nothing"
    );
    daemon.terminate();
    let log = daemon.log("yard");
    let done: Vec<_> = log
        .iter()
        .filter(|one| matches!(one.event, Event::TaskCompleted(_)))
        .map(|one| one.actor.name())
        .collect();
    assert_eq!(done, ["bob"]);
    daemon.launch();
    daemon.finish();
}

#[test]
fn a_daemon_stopped_past_all_leases_takes_none_and_gives_fresh_terms() {
    let log = stopped_for(2_000, 12_000);
    assert!(log.contains("stood still"), "{log}");
}

#[test]
fn a_daemon_stopped_for_a_moment_that_is_longer_than_the_terms_takes_none_either() {
    stopped_for(1_200, 4_000);
}

/// Stops a daemon whose leases have this term for so long; nobody loses a task. The daemon's own log.
fn stopped_for(lease_ms: u64, stopped_ms: u64) -> String {
    let mut random = Random::from_seed_of_the_run();
    let mut daemon = Daemon::prepared_on(port_apart(&mut random), None);
    daemon.launch();
    make_project(&daemon, "yard", 1_000, lease_ms);
    let titles = ["Lay the keel", "Raise the mast", "Cut the sails"];
    add_plain_tasks(&daemon, "yard", &titles);
    let holders = ["ann", "bob", "cid"].map(|name| {
        let caller = daemon.caller(Some(&register(&daemon, "yard", name).token));
        let held = claim(&daemon, &caller, and_start());
        (caller, held)
    });
    // Somebody waits for whatever comes free.
    let eve = daemon.caller(Some(&register(&daemon, "yard", "eve").token));
    let waits = v1::ClaimTaskRequest {
        wait_ms: 50_000,
        ..v1::ClaimTaskRequest::default()
    };
    let waiting = daemon.spawn(async move { eve.work().claim_task(waits).await });
    // Whoever holds something beats, as its client does, and gets no answer meanwhile.
    let beating = holders.clone().map(|(caller, held)| {
        daemon.spawn(async move {
            loop {
                let beat = v1::HeartbeatRequest {
                    project: String::new(),
                    task: held
                        .task
                        .as_ref()
                        .map_or_else(String::new, |task| task.id.clone()),
                    fence: held.fence,
                };
                let _ = caller.work().heartbeat(beat).await;
                tokio::time::sleep(Duration::from_millis(lease_ms / 4)).await;
            }
        })
    });
    std::thread::sleep(Duration::from_millis(500));

    daemon.signal(Signal::STOP);
    std::thread::sleep(Duration::from_millis(stopped_ms));
    daemon.signal(Signal::CONT);
    std::thread::sleep(Duration::from_millis(2 * lease_ms));

    assert!(!waiting.is_finished(), "nothing came free");
    for (caller, held) in &holders {
        let task = held.task.as_ref().expect("a claim names its task");
        let request = v1::CompleteTaskRequest {
            task: task.id.clone(),
            ..complete(held.fence)
        };
        let done = daemon.block_on(caller.work().complete_task(request));
        done.expect("the fence still works");
    }
    for beat in &beating {
        beat.abort();
    }
    let nothing = daemon.block_on(waiting).expect("the wait does not fail");
    let outcome = nothing.expect("the wait is answered").into_inner().outcome;
    assert!(
        matches!(outcome, Some(v1::claim_task_response::Outcome::Nothing(_))),
        "{outcome:?}"
    );
    daemon.terminate();
    let claimed = |event: &Event| matches!(event, Event::TaskClaimed(_));
    let expired = |event: &Event| matches!(event, Event::LeaseExpired(_));
    let log = daemon.log("yard");
    let count = |is: fn(&Event) -> bool| log.iter().filter(|one| is(&one.event)).count();
    assert_eq!(count(expired), 0, "no lease was taken");
    assert_eq!(count(claimed), titles.len(), "and none given twice");
    let said = daemon.log_text();
    daemon.launch();
    daemon.finish();
    said
}
