//! Many at once: thousands of watchers and connections, and readers that never read, cost the daemon a
//! bounded amount each and take nothing from those who work.

use std::time::Duration;

use muster::clock::Stopwatch;
use muster_proto::v1;
use tonic::transport::Endpoint;
use tonic::{Code, Streaming};

use super::fleet::{add_plain_tasks, make_project, port_apart, register};
use super::leases::{and_start, claim, complete};
use super::random::Random;
use crate::api::{Caller, refused};
use crate::daemon::Daemon;
use crate::history::{Violation, watched};

const CONNECTIONS: usize = 100;
const WATCHERS_OF_A_CONNECTION: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

type Follow = Streaming<v1::WatchEventsResponse>;

/// A daemon with a project and tasks, on a port that no connection of the crowd is given.
fn yard() -> Daemon {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // The crowd lives in this process; the daemon sees to its own limit.
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).expect("the limit can be raised to what is permitted");
    let mut random = Random::from_seed_of_the_run();
    let mut daemon = Daemon::prepared_on(port_apart(&mut random), None);
    daemon.launch();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel", "Raise the mast"]);
    daemon
}

/// What the process holds in memory, in bytes.
fn resident_bytes(daemon: &Daemon) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id()));
    let status = status.expect("the process can be looked at");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.expect("a size is a number") * 1024
}

fn open_files(daemon: &Daemon) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", daemon.id()));
    files.expect("the process can be looked at").count()
}

/// Waits until something holds.
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let watch = Stopwatch::start();
    while !holds() {
        assert!(watch.elapsed() < PATIENCE, "it does not come: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Somebody claims a task and completes it.
fn work_goes_on(daemon: &Daemon, name: &str) {
    let caller = daemon.caller(Some(&register(daemon, "yard", name).token));
    let held = claim(daemon, &caller, and_start());
    let request = v1::CompleteTaskRequest {
        task: held.task.map_or_else(String::new, |task| task.id),
        ..complete(held.fence)
    };
    let done = daemon.block_on(caller.work().complete_task(request));
    done.expect("the task is completed");
}

async fn follow(caller: &Caller, after_version: u64) -> Result<Follow, tonic::Status> {
    let request = v1::WatchEventsRequest {
        after_version,
        ..v1::WatchEventsRequest::default()
    };
    Ok(caller.events().watch_events(request).await?.into_inner())
}

/// The versions a watcher is sent up to `until`.
async fn seen(mut stream: Follow, until: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last| *last < until) {
        let page = stream.message().await.expect("the watch goes on");
        let page = page.expect("the watch goes on");
        seen.extend(page.events.iter().map(|event| event.version));
    }
    seen
}

#[test]
fn ten_thousand_watchers_cost_little_and_each_is_told_everything_once() {
    let daemon = yard();
    let before_bytes = resident_bytes(&daemon);
    let after = daemon.version("yard");
    let token = daemon.coordinator_token();
    let callers: Vec<Caller> = (0..CONNECTIONS)
        .map(|_| daemon.caller(Some(&token)))
        .collect();
    let opening: Vec<_> = callers
        .iter()
        .cloned()
        .map(|caller| {
            daemon.spawn(async move {
                let mut streams = Vec::new();
                for _ in 0..WATCHERS_OF_A_CONNECTION {
                    streams.push(follow(&caller, after).await.expect("the watch opens"));
                }
                streams
            })
        })
        .collect();
    let mut streams = Vec::new();
    for opened in opening {
        streams.extend(daemon.block_on(opened).expect("opening does not fail"));
    }
    let grown = resident_bytes(&daemon).saturating_sub(before_bytes);
    let each = grown / streams.len() as u64;
    println!("{} watchers, {each} bytes each", streams.len());
    assert!(each < 64 * 1024, "{each} bytes for one idle watcher");
    let one_more = daemon.block_on(follow(&callers[0], after)).map(drop);
    refused(one_more, Code::ResourceExhausted, "OVERLOADED");

    work_goes_on(&daemon, "ann");
    let version = daemon.version("yard");
    let reading: Vec<_> = streams
        .into_iter()
        .map(|stream| daemon.spawn(seen(stream, version)))
        .collect();
    for read in reading {
        let seen = daemon.block_on(read).expect("reading does not fail");
        assert_eq!(watched(after, &seen, version), Vec::<Violation>::new());
    }
    until("room for watchers", || {
        daemon.block_on(follow(&callers[0], after)).is_ok()
    });
    daemon.finish();
}

#[test]
fn two_thousand_connections_are_taken_and_let_go() {
    let daemon = yard();
    let before_bytes = resident_bytes(&daemon);
    let token = daemon.coordinator_token();
    let callers: Vec<Caller> = (0..2_000).map(|_| daemon.caller(Some(&token))).collect();
    for some in callers.chunks(100) {
        let asking: Vec<_> = some
            .iter()
            .cloned()
            .map(|caller| {
                daemon.spawn(async move {
                    let request = v1::GetStatusRequest::default();
                    caller.admin().get_status(request).await.map(drop)
                })
            })
            .collect();
        for asked in asking {
            let answer = daemon.block_on(asked).expect("asking does not fail");
            answer.expect("everybody is answered");
        }
    }
    let files = open_files(&daemon);
    assert!(files >= callers.len(), "{files}");
    let grown = resident_bytes(&daemon).saturating_sub(before_bytes);
    println!("{files} open files, {} bytes a connection", grown / 2_000);
    assert!(grown < 2_000 * 128 * 1024, "{grown} bytes");
    work_goes_on(&daemon, "ann");
    drop(callers);
    until("the connections go", || open_files(&daemon) < 200);
    work_goes_on(&daemon, "bob");
    daemon.finish();
}

/// A connection that takes little before it is read from.
fn narrow(daemon: &Daemon, token: &str) -> Caller {
    let endpoint = Endpoint::from_shared(daemon.url().to_owned()).expect("the address is a URL");
    let endpoint = endpoint
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(65_535);
    let channel = daemon.block_on(async { endpoint.connect_lazy() });
    Caller::over(channel, Some(token))
}

/// Adds much to the log.
fn add_words(daemon: &Daemon, round: usize) {
    let task = |number: usize| v1::NewTask {
        title: format!("Plank {number} of round {round}"),
        description: "x".repeat(16_000),
        ..v1::NewTask::default()
    };
    let request = v1::BatchCreateTasksRequest {
        project: "yard".to_owned(),
        request_id: format!("round-{round}"),
        tasks: (0..12).map(task).collect(),
    };
    let mut tasks = daemon.coordinator().tasks();
    let added = daemon.block_on(tasks.batch_create_tasks(request));
    added.expect("the tasks are added");
}

#[test]
fn readers_that_never_read_hold_up_nobody_and_cost_a_bounded_amount() {
    const READERS: usize = 100;
    const ROUNDS: usize = 100;
    let daemon = yard();
    let token = daemon.coordinator_token();
    // What the log itself costs in memory comes first.
    for round in 0..ROUNDS {
        add_words(&daemon, round);
    }
    let before_bytes = resident_bytes(&daemon);
    let readers: Vec<(Caller, Follow)> = (0..READERS)
        .map(|_| {
            let caller = narrow(&daemon, &token);
            let stream = daemon
                .block_on(follow(&caller, 0))
                .expect("the watch opens");
            (caller, stream)
        })
        .collect();
    for round in ROUNDS..ROUNDS + 5 {
        add_words(&daemon, round);
    }
    work_goes_on(&daemon, "ann");
    std::thread::sleep(Duration::from_secs(2));
    let grown = resident_bytes(&daemon).saturating_sub(before_bytes);
    let each = grown / READERS as u64;
    println!("{READERS} readers that never read, {each} bytes each");
    // The log holds some 20 MB by now; a reader holds a page and two messages of it.
    assert!(each < 6 * 1024 * 1024, "{each} bytes for one reader");

    // One that begins to read has missed nothing.
    let version = daemon.version("yard");
    let (_caller, stream) = readers.into_iter().next().expect("there are readers");
    let seen = daemon.block_on(seen(stream, version));
    assert_eq!(watched(0, &seen, version), Vec::<Violation>::new());
    work_goes_on(&daemon, "bob");
    daemon.finish();
}
