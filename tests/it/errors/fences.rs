//! Late holders and repeated requests: an older fence changes nothing, a request id stands for one body.

use muster_proto::v1;
use tonic::{Code, Status};

use crate::api::{Caller, refused};
use crate::crash::{add_plain_tasks, claim, make_project, register};
use crate::daemon::Daemon;

/// A project with two tasks, and two agents.
fn two_tasks() -> (Daemon, Caller, Caller) {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel", "Raise the mast"]);
    let [ann, bob] =
        ["ann", "bob"].map(|name| daemon.caller(Some(&register(&daemon, "yard", name).token)));
    (daemon, ann, bob)
}

fn wanting(task: &str) -> v1::ClaimTaskRequest {
    v1::ClaimTaskRequest {
        task: task.to_owned(),
        ..v1::ClaimTaskRequest::default()
    }
}

/// Every write of a holder to T-1 under a fence, by name.
async fn writes(caller: &Caller, fence: u64) -> Vec<(&'static str, Result<(), Status>)> {
    let task = || "T-1".to_owned();
    let mut work = caller.work();
    let start = v1::StartTaskRequest {
        task: task(),
        fence,
        ..Default::default()
    };
    let said = v1::ReportProgressRequest {
        task: task(),
        fence,
        note: "half".to_owned(),
        ..Default::default()
    };
    let done = v1::CompleteTaskRequest {
        task: task(),
        fence,
        summary: "done".to_owned(),
        verification: "seen".to_owned(),
        ..Default::default()
    };
    let given = v1::ReleaseTaskRequest {
        task: task(),
        fence,
        ..Default::default()
    };
    let blocked = v1::ReportBlockerRequest {
        task: task(),
        fence,
        reason: "no wood".to_owned(),
        ..Default::default()
    };
    let unclear = v1::RaiseInconsistencyRequest {
        task: task(),
        fence,
        question: "oak or pine?".to_owned(),
        ..Default::default()
    };
    vec![
        ("StartTask", work.start_task(start).await.map(drop)),
        ("ReportProgress", work.report_progress(said).await.map(drop)),
        ("CompleteTask", work.complete_task(done).await.map(drop)),
        ("ReleaseTask", work.release_task(given).await.map(drop)),
        (
            "ReportBlocker",
            work.report_blocker(blocked).await.map(drop),
        ),
        (
            "RaiseInconsistency",
            work.raise_inconsistency(unclear).await.map(drop),
        ),
    ]
}

/// Every write under this fence is refused, and nothing changes.
#[track_caller]
fn check(daemon: &Daemon, caller: &Caller, fence: u64, code: Code, why: &str) {
    let version = daemon.version("yard");
    for (name, outcome) in daemon.block_on(writes(caller, fence)) {
        println!("{name} with fence {fence}");
        refused(outcome, code, why);
    }
    assert_eq!(
        daemon.version("yard"),
        version,
        "a refused write changes nothing"
    );
}

#[test]
fn an_older_twin_can_change_nothing_after_a_resume() {
    let (daemon, ann, _) = two_tasks();
    let older = claim(&daemon, &ann, wanting("T-1"));
    let newer = claim(
        &daemon,
        &ann,
        v1::ClaimTaskRequest {
            resume: true,
            ..wanting("")
        },
    );
    assert!(newer.resumed && newer.fence > older.fence && newer.attempt == older.attempt + 1);

    check(
        &daemon,
        &ann,
        older.fence,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    let beat = v1::HeartbeatRequest {
        task: "T-1".to_owned(),
        fence: older.fence,
        ..Default::default()
    };
    let verdict = match daemon.block_on(ann.work().heartbeat(beat)) {
        Ok(answer) => answer.into_inner().verdict(),
        Err(status) => panic!("a heartbeat is answered with a verdict: {status:?}"),
    };
    assert_eq!(verdict, v1::HeartbeatVerdict::LeaseLost);
    let beat = v1::HeartbeatRequest {
        task: "T-1".to_owned(),
        fence: newer.fence,
        ..Default::default()
    };
    let answer = daemon
        .block_on(ann.work().heartbeat(beat))
        .expect("the live fence beats");
    assert_eq!(answer.get_ref().verdict(), v1::HeartbeatVerdict::Ok);
    assert!(answer.get_ref().remaining_ms > 0 && answer.get_ref().beat_every_ms > 0);
    daemon.finish();
}

#[test]
fn any_fence_but_the_live_one_is_lost_none_is_invalid_and_anothers_is_denied() {
    let (daemon, ann, bob) = two_tasks();
    let held = claim(&daemon, &ann, wanting("T-1"));
    check(
        &daemon,
        &ann,
        held.fence + 1_000,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    check(
        &daemon,
        &ann,
        u64::MAX,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    check(&daemon, &ann, 0, Code::InvalidArgument, "INVALID_FIELD");
    check(
        &daemon,
        &bob,
        held.fence,
        Code::PermissionDenied,
        "NOT_HOLDER",
    );
    check(
        &daemon,
        &bob,
        held.fence + 1,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    daemon.finish();
}

#[test]
fn a_fence_taken_away_by_the_coordinator_is_lost() {
    let (daemon, ann, _) = two_tasks();
    let held = claim(&daemon, &ann, wanting("T-1"));
    let revoke = v1::RevokeClaimRequest {
        task: "T-1".to_owned(),
        reason: "other plans".to_owned(),
        ..Default::default()
    };
    let mut tasks = daemon.coordinator().tasks();
    daemon
        .block_on(tasks.revoke_claim(revoke))
        .expect("the claim is revoked");
    check(
        &daemon,
        &ann,
        held.fence,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    daemon.finish();
}

#[test]
fn a_request_id_stands_for_one_body() {
    let (daemon, ann, bob) = two_tasks();
    let held = claim(&daemon, &ann, wanting("T-1"));
    let say = |note: &str| v1::ReportProgressRequest {
        task: "T-1".to_owned(),
        fence: held.fence,
        request_id: "r-1".to_owned(),
        note: note.to_owned(),
        ..Default::default()
    };
    let mut work = ann.work();
    let first = daemon
        .block_on(work.report_progress(say("half")))
        .expect("it is recorded");
    let version = daemon.version("yard");
    let again = daemon
        .block_on(work.report_progress(say("half")))
        .expect("it is answered");
    assert_eq!(
        first.into_inner().task.map(|task| task.revision),
        again.into_inner().task.map(|task| task.revision)
    );
    let other = daemon.block_on(work.report_progress(say("two thirds")));
    refused(other, Code::InvalidArgument, "REQUEST_ID_REUSED");
    // The same id for another method is another body as well.
    let release = v1::ReleaseTaskRequest {
        task: "T-1".to_owned(),
        fence: held.fence,
        request_id: "r-1".to_owned(),
        ..Default::default()
    };
    let other = daemon.block_on(work.release_task(release));
    refused(other, Code::InvalidArgument, "REQUEST_ID_REUSED");
    assert_eq!(daemon.version("yard"), version);

    // Another caller's id has nothing to do with it.
    let request = v1::ClaimTaskRequest {
        request_id: "r-1".to_owned(),
        ..wanting("T-2")
    };
    claim(&daemon, &bob, request);

    for bad in ["x".repeat(129), "new\nline".to_owned(), "ümlaut".to_owned()] {
        let request = v1::ReportProgressRequest {
            request_id: bad,
            ..say("x")
        };
        let outcome = daemon.block_on(ann.work().report_progress(request));
        refused(outcome, Code::InvalidArgument, "INVALID_FIELD");
    }
    daemon.finish();
}

#[test]
fn a_refused_request_is_not_remembered() {
    let (daemon, ann, _) = two_tasks();
    let early = v1::CompleteTaskRequest {
        task: "T-1".to_owned(),
        request_id: "d-1".to_owned(),
        summary: "done".to_owned(),
        verification: "seen".to_owned(),
        ..Default::default()
    };
    let held = claim(&daemon, &ann, wanting("T-1"));
    let early = v1::CompleteTaskRequest {
        fence: held.fence,
        ..early
    };
    let outcome = daemon.block_on(ann.work().complete_task(early.clone()));
    refused(outcome, Code::FailedPrecondition, "NOT_STARTED");
    let start = v1::StartTaskRequest {
        task: "T-1".to_owned(),
        fence: held.fence,
        ..Default::default()
    };
    daemon
        .block_on(ann.work().start_task(start))
        .expect("it starts");
    let outcome = daemon.block_on(ann.work().complete_task(early));
    outcome.expect("what was refused is decided anew");
    daemon.finish();
}
