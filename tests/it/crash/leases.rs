//! Leases over crashes and silence: the daemon's downtime costs an agent nothing, its own silence does.

use std::time::Duration;

use muster_proto::v1;
use tonic::Code;

use super::fleet::{add_plain_tasks, make_project, register};
use crate::api::{Caller, refused};
use crate::daemon::{Agent, Daemon};

/// A project with one task and two agents, whose leases last so long.
fn one_task(lease_ms: u64) -> (Daemon, Agent, Agent) {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, lease_ms);
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    let (first, second) = (
        register(&daemon, "yard", "ann"),
        register(&daemon, "yard", "bob"),
    );
    (daemon, first, second)
}

pub fn claim(daemon: &Daemon, caller: &Caller, request: v1::ClaimTaskRequest) -> v1::TaskClaim {
    let answer = daemon.block_on(caller.work().claim_task(request));
    match answer.expect("the claim is answered").into_inner().outcome {
        Some(v1::claim_task_response::Outcome::Claim(claim)) => claim,
        other => panic!("nothing was claimed: {other:?}"),
    }
}

/// Waits for a task whose holder is silent. A machine that does many other things gives it more time.
pub fn claim_at_last(daemon: &Daemon, caller: &Caller) -> v1::TaskClaim {
    for _ in 0..4 {
        let request = v1::ClaimTaskRequest {
            wait_ms: 30_000,
            lease_ms: 60_000,
            ..and_start()
        };
        let answer = daemon.block_on(caller.work().claim_task(request));
        let outcome = answer.expect("the claim is answered").into_inner().outcome;
        if let Some(v1::claim_task_response::Outcome::Claim(claim)) = outcome {
            return claim;
        }
    }
    panic!("the silent holder keeps its task");
}

pub fn complete(fence: u64) -> v1::CompleteTaskRequest {
    v1::CompleteTaskRequest {
        task: "T-1".to_owned(),
        fence,
        summary: "done".to_owned(),
        verification: "looked at".to_owned(),
        ..v1::CompleteTaskRequest::default()
    }
}

pub fn and_start() -> v1::ClaimTaskRequest {
    v1::ClaimTaskRequest {
        start: true,
        ..v1::ClaimTaskRequest::default()
    }
}

#[test]
fn a_crash_longer_than_the_lease_does_not_cost_it() {
    let (mut daemon, ann, _) = one_task(1_500);
    let claimed = claim(&daemon, &daemon.caller(Some(&ann.token)), and_start());

    daemon.kill9();
    std::thread::sleep(Duration::from_millis(2_000));
    daemon.launch();

    let caller = daemon.caller(Some(&ann.token));
    let done = daemon.block_on(caller.work().complete_task(complete(claimed.fence)));
    let task = done.expect("the fence still works").into_inner().task;
    assert_eq!(
        task.expect("the task is answered").status(),
        v1::TaskStatus::Completed
    );
    daemon.finish();
}

#[test]
fn a_silent_agents_task_goes_to_another_and_its_late_done_is_lost() {
    let (daemon, ann, bob) = one_task(1_000);
    let late = claim(&daemon, &daemon.caller(Some(&ann.token)), and_start());

    let waiting = daemon.caller(Some(&bob.token));
    let taken = claim_at_last(&daemon, &waiting);
    assert_eq!(taken.attempt, late.attempt + 1);
    assert!(taken.fence > late.fence, "{taken:?}");

    let version = daemon.version("yard");
    let caller = daemon.caller(Some(&ann.token));
    let done = daemon.block_on(caller.work().complete_task(complete(late.fence)));
    let status = refused(done, Code::FailedPrecondition, "LEASE_LOST");
    assert!(
        status.message().contains("bob"),
        "it says who holds the task now: {status:?}"
    );
    assert_eq!(
        daemon.version("yard"),
        version,
        "a late write changes nothing"
    );

    let done = daemon.block_on(waiting.work().complete_task(complete(taken.fence)));
    done.expect("the new holder completes it");
    daemon.finish();
}

#[test]
fn an_answer_lost_in_a_crash_is_given_again() {
    let (mut daemon, ann, _) = one_task(60_000);
    let caller = daemon.caller(Some(&ann.token));
    let request = v1::ClaimTaskRequest {
        request_id: "c-1".to_owned(),
        ..and_start()
    };
    let claimed = claim(&daemon, &caller, request.clone());
    let version = daemon.version("yard");
    daemon.kill9();
    daemon.launch();
    let caller = daemon.caller(Some(&ann.token));
    let again = claim(&daemon, &caller, request);
    assert_eq!(
        (again.fence, again.attempt, &again.session),
        (claimed.fence, claimed.attempt, &claimed.session)
    );
    assert_eq!(daemon.version("yard"), version);

    let request = v1::CompleteTaskRequest {
        request_id: "d-1".to_owned(),
        ..complete(claimed.fence)
    };
    let done = daemon.block_on(caller.work().complete_task(request.clone()));
    let done = done.expect("it is completed").into_inner();
    let version = daemon.version("yard");
    daemon.kill9();
    daemon.launch();
    let caller = daemon.caller(Some(&ann.token));
    let again = daemon.block_on(caller.work().complete_task(request));
    let again = again.expect("the repeat is answered").into_inner();
    assert_eq!(again.unblocked, done.unblocked);
    assert_eq!(
        again.task.map(|task| task.revision),
        done.task.map(|task| task.revision)
    );
    assert_eq!(daemon.version("yard"), version, "a repeat records nothing");
    daemon.finish();
}
