//! Those who follow and those who wait: a watch goes on over a restart without a gap or a repeat, a
//! waiting claim is granted when a task comes free, and nobody is granted one who has gone.

use std::time::Duration;

use muster_proto::v1;
use tonic::Code;

use super::fleet::{add_plain_tasks, make_project, register};
use super::leases::claim;
use crate::api::{Caller, refused};
use crate::daemon::Daemon;

/// Reads a watch up to a version; also says how it ended when that came first.
async fn follow(caller: &Caller, seen: &mut Vec<u64>, until: u64) -> Option<tonic::Status> {
    let after_version = seen.last().copied().unwrap_or(0);
    let request = v1::WatchEventsRequest {
        after_version,
        ..v1::WatchEventsRequest::default()
    };
    let stream = caller.events().watch_events(request).await;
    let mut stream = stream.expect("the watch opens").into_inner();
    while seen.last().copied().unwrap_or(0) < until {
        match stream.message().await {
            Ok(Some(page)) => {
                assert!(!page.events.is_empty(), "a page holds events");
                seen.extend(page.events.iter().map(|event| event.version));
            }
            Ok(None) => return None,
            Err(status) => return Some(status),
        }
    }
    None
}

fn pause_and_resume(daemon: &Daemon) {
    let mut projects = daemon.coordinator().projects();
    let pause = v1::PauseProjectRequest {
        reason: "lunch".to_owned(),
        ..Default::default()
    };
    daemon
        .block_on(projects.pause_project(pause))
        .expect("the project pauses");
    let resume = v1::ResumeProjectRequest::default();
    daemon
        .block_on(projects.resume_project(resume))
        .expect("the project goes on");
}

#[test]
fn a_watch_goes_on_over_a_restart_without_gap_or_repeat() {
    let mut daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    pause_and_resume(&daemon);
    let token = daemon.coordinator_token();
    let mut seen = Vec::new();
    let version = daemon.version("yard");
    let caller = daemon.caller(Some(&token));
    let ended = daemon.block_on(follow(&caller, &mut seen, version));
    assert!(ended.is_none(), "{ended:?}");

    // A watch that stands open while the daemon stops is told so.
    let open = daemon.spawn(async move {
        let mut live = vec![version];
        let ended = follow(&caller, &mut live, u64::MAX).await;
        (live, ended)
    });
    pause_and_resume(&daemon);
    std::thread::sleep(Duration::from_millis(200));
    daemon.terminate();
    daemon.launch();
    let (live, ended) = daemon.block_on(open).expect("the watch does not fail");
    let ended = ended.expect("a watch that the daemon ends is told why");
    assert_eq!(ended.code(), Code::Unavailable, "{ended:?}");
    seen.extend(&live[1..]);

    daemon.kill9();
    daemon.launch();
    pause_and_resume(&daemon);
    let version = daemon.version("yard");
    let caller = daemon.caller(Some(&token));
    daemon.block_on(follow(&caller, &mut seen, version));
    let all: Vec<u64> = (1..=version).collect();
    assert_eq!(seen, all);
    daemon.finish();
}

#[test]
fn a_watch_ahead_of_the_log_is_no_way_to_skip_events() {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    let caller = daemon.coordinator();
    let version = daemon.version("yard");
    let mut seen = vec![version];
    daemon.block_on(async {
        let following = follow(&caller, &mut seen, version + 2);
        let acting = tokio::time::timeout(Duration::from_secs(30), following);
        let mut projects = caller.projects();
        let (followed, paused) = tokio::join!(acting, async {
            let pause = v1::PauseProjectRequest::default();
            projects
                .pause_project(pause)
                .await
                .expect("the project pauses");
            projects
                .resume_project(v1::ResumeProjectRequest::default())
                .await
        });
        followed.expect("both events come");
        paused.expect("the project goes on");
    });
    assert_eq!(seen, [version, version + 1, version + 2]);
    daemon.finish();
}

#[test]
fn a_waiting_claim_is_granted_when_a_task_comes_free_and_not_to_who_has_gone() {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    let callers = ["ann", "bob", "cid"]
        .map(|name| daemon.caller(Some(&register(&daemon, "yard", name).token)));
    let [ann, bob, cid] = callers;
    let held = claim(&daemon, &ann, v1::ClaimTaskRequest::default());

    // Somebody waits, and goes away.
    let waits = v1::ClaimTaskRequest {
        wait_ms: 40_000,
        ..v1::ClaimTaskRequest::default()
    };
    let gone = daemon.spawn({
        let waits = waits.clone();
        async move { bob.work().claim_task(waits).await }
    });
    std::thread::sleep(Duration::from_millis(300));
    gone.abort();
    let ended = daemon.block_on(gone);
    assert!(ended.is_err(), "the wait was cut off: {ended:?}");

    // Somebody else waits behind, and stays.
    let stays = daemon.spawn(async move { cid.work().claim_task(waits).await });
    std::thread::sleep(Duration::from_millis(300));
    assert!(!stays.is_finished(), "the claim waits");
    let release = v1::ReleaseTaskRequest {
        task: "T-1".to_owned(),
        fence: held.fence,
        ..v1::ReleaseTaskRequest::default()
    };
    daemon
        .block_on(ann.work().release_task(release))
        .expect("the task is given back");
    let granted = daemon
        .block_on(stays)
        .expect("the waiting claim does not fail");
    let outcome = granted
        .expect("the waiting claim is answered")
        .into_inner()
        .outcome;
    let Some(v1::claim_task_response::Outcome::Claim(granted)) = outcome else {
        panic!("the waiting claim gets nothing: {outcome:?}");
    };
    let holder = granted
        .task
        .and_then(|task| task.holder)
        .expect("the task is held");
    assert_eq!((holder.agent.as_str(), holder.attempt), ("cid", 2));
    daemon.finish();
}

#[test]
fn a_wait_ends_with_an_answer_and_with_the_daemon() {
    let mut daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    let [ann, bob] =
        ["ann", "bob"].map(|name| daemon.caller(Some(&register(&daemon, "yard", name).token)));
    claim(&daemon, &ann, v1::ClaimTaskRequest::default());

    let short = v1::ClaimTaskRequest {
        wait_ms: 200,
        ..v1::ClaimTaskRequest::default()
    };
    let answer = daemon
        .block_on(bob.work().claim_task(short))
        .expect("the wait is answered");
    let outcome = answer.into_inner().outcome;
    let Some(v1::claim_task_response::Outcome::Nothing(nothing)) = outcome else {
        panic!("there is something to claim: {outcome:?}");
    };
    assert_eq!(nothing.reason(), v1::NothingReason::WaitingOnWork);
    assert_eq!(nothing.waiting_on, ["T-1"]);

    let long = v1::ClaimTaskRequest {
        wait_ms: 50_000,
        ..v1::ClaimTaskRequest::default()
    };
    let waiting = daemon.spawn(async move { bob.work().claim_task(long).await });
    std::thread::sleep(Duration::from_millis(300));
    daemon.terminate();
    let ended = daemon
        .block_on(waiting)
        .expect("the waiting claim does not fail");
    // What it waited for may still have come to nothing in time; that is an answer as well.
    if let Err(status) = ended {
        refused(Err::<(), _>(status), Code::Unavailable, "DRAINING");
    }
    daemon.launch();
    daemon.finish();
}
