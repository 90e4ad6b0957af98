//! Where an agent's commands take the fence from, and what each wrong one is answered with.

use serde_json::Value;

use super::{harbour, task_named};
use crate::daemon::{Agent, Daemon};
use crate::process::Output;

/// A developer who has started the first task.
fn at_work() -> (Daemon, Agent, String, u64) {
    let (daemon, ann) = harbour();
    let claim = daemon
        .cli_as(&ann, &["claim", "--start", "--json"])
        .exits(0)
        .json();
    let task = claim["task"]["id"].as_str().expect("a task").to_owned();
    let fence = claim["fence"].as_u64().expect("a fence");
    (daemon, ann, task, fence)
}

fn with_variable(daemon: &Daemon, agent: &Agent, fence: &str, arguments: &[&str]) -> Output {
    let mut command = daemon.cli_command(arguments);
    command
        .env("MUSTER_TOKEN", &agent.token)
        .env("MUSTER_FENCE", fence);
    Output::of(command)
}

#[test]
fn a_fence_comes_from_the_flag_else_the_variable_else_it_is_looked_up() {
    let (daemon, ann, task, fence) = at_work();
    let progress = ["progress", task.as_str(), "--note", "half", "--json"];
    let live = fence.to_string();
    let flagged = [&progress[..], &["--fence", &live]].concat();

    // The flag goes before the variable.
    let said = with_variable(&daemon, &ann, "999999", &flagged)
        .exits(0)
        .json();
    assert_ne!(said["fence_looked_up"], true);
    let said = with_variable(&daemon, &ann, &live, &progress)
        .exits(0)
        .json();
    assert_ne!(said["fence_looked_up"], true);
    let error = with_variable(&daemon, &ann, "999999", &progress)
        .exits(5)
        .error();
    assert_eq!(error["reason"], "LEASE_LOST");

    let said = daemon.cli_as(&ann, &progress).exits(0);
    assert_eq!(said.json()["fence_looked_up"], true, "{said:#?}");
    assert_eq!(said.stderr, "", "with --json it is said in the document");
    let said = daemon.cli_as(&ann, &progress[..4]).exits(0);
    assert!(
        said.stderr.contains(&live),
        "it is said on stderr: {said:#?}"
    );
    daemon.finish();
}

#[test]
fn a_look_up_that_finds_nothing_is_a_lost_lease() {
    let (daemon, ann, task, _) = at_work();
    let bob = daemon.agent("bob", "developer");
    let others = daemon
        .cli_as(&bob, &["progress", &task, "--note", "x", "--json"])
        .exits(5)
        .error();
    assert_eq!(others["reason"], "LEASE_LOST");
    assert!(
        others["message"].as_str().unwrap().contains("ann"),
        "who holds it now: {others:#}"
    );
    let free = task_named(&daemon, "Write the mooring rules");
    for verb in ["start", "beat", "release"] {
        let error = daemon
            .cli_as(&ann, &[verb, &free, "--json"])
            .exits(5)
            .error();
        assert_eq!(error["reason"], "LEASE_LOST", "{verb}");
    }
    daemon.finish();
}

#[test]
fn only_its_own_agent_is_shown_a_live_fence() {
    let (daemon, ann, task, fence) = at_work();
    let bob = daemon.agent("bob", "developer");
    let shown = |caller: &crate::api::Caller| {
        let request = muster_proto::v1::GetTaskRequest {
            task: task.clone(),
            ..Default::default()
        };
        let answer = daemon
            .block_on(caller.tasks().get_task(request))
            .expect("it is shown");
        answer
            .into_inner()
            .task
            .and_then(|task| task.holder)
            .expect("it is held")
            .fence
    };
    assert_eq!(shown(&daemon.caller(Some(&ann.token))), fence);
    assert_eq!(shown(&daemon.caller(Some(&bob.token))), 0);
    assert_eq!(shown(&daemon.coordinator()), 0);
    daemon.finish();
}

#[test]
fn every_wrong_fence_has_its_exit_code() {
    let (daemon, ann, task, fence) = at_work();
    let bob = daemon.agent("bob", "developer");
    let version = daemon.version("");
    let verbs: &[&[&str]] = &[
        &["start"],
        &["progress", "--note", "x"],
        &["done", "--summary", "s", "--verification", "v"],
        &["release"],
        &["block", "--reason", "no wood"],
    ];
    for verb in verbs {
        for (agent, fence, code, reason) in [
            (&ann, fence + 1, 5, "LEASE_LOST"),
            (&bob, fence, 7, "NOT_HOLDER"),
            (&bob, fence + 1, 5, "LEASE_LOST"),
        ] {
            let fence = fence.to_string();
            let mut arguments = vec![verb[0], &task];
            arguments.extend(&verb[1..]);
            arguments.extend(["--fence", &fence, "--json"]);
            let error = daemon.cli_as(agent, &arguments).exits(code).error();
            assert_eq!(error["reason"], reason, "{arguments:?}");
        }
        let mut none = vec![verb[0], &task];
        none.extend(&verb[1..]);
        none.extend(["--fence", "0", "--json"]);
        daemon.cli_as(&ann, &none).exits(2).error();
    }
    assert_eq!(daemon.version(""), version);
    daemon.finish();
}

#[test]
fn a_completion_repeated_with_its_fence_is_answered_again_and_records_nothing() {
    let (daemon, ann, task, fence) = at_work();
    let fence = fence.to_string();
    let done = [
        "done",
        &task,
        "--fence",
        &fence,
        "--summary",
        "s",
        "--verification",
        "v",
        "--json",
    ];
    let first: Value = daemon.cli_as(&ann, &done).exits(0).json();
    let version = daemon.version("");
    let again = daemon.cli_as(&ann, &done).exits(0).json();
    assert_eq!(first, again);
    // Still, when others have gone on with what it freed.
    let bob = daemon.agent("bob", "developer");
    daemon.cli_as(&bob, &["claim", "--json"]).exits(0);
    let later = daemon.version("");
    assert!(later > version);
    assert_eq!(daemon.cli_as(&ann, &done).exits(0).json(), first);
    assert_eq!(daemon.version(""), later);
    // Another fence did not complete it.
    let other = [
        "done",
        &task,
        "--fence",
        "999",
        "--summary",
        "s",
        "--verification",
        "v",
        "--json",
    ];
    let error = daemon.cli_as(&ann, &other).exits(5).error();
    assert_eq!(error["reason"], "LEASE_LOST");
    daemon.finish();
}

#[test]
fn a_standard_plan_wants_a_start_a_summary_and_a_verification() {
    let (daemon, ann) = harbour();
    let claim = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    let (task, fence) = (
        claim["task"]["id"].as_str().unwrap(),
        claim["fence"].to_string(),
    );
    let done = |more: &[&str]| {
        let arguments = [&["done", task, "--fence", &fence, "--json"], more].concat();
        daemon.cli_as(&ann, &arguments)
    };
    let error = done(&["--summary", "s", "--verification", "v"])
        .exits(4)
        .error();
    assert_eq!(error["reason"], "NOT_STARTED");
    daemon
        .cli_as(&ann, &["start", task, "--fence", &fence, "--json"])
        .exits(0)
        .json();
    let output = done(&["--summary", "s", "--verification", ""]);
    assert!(matches!(output.code, Some(2 | 4)), "{output:#?}");
    output.error();
    let beat = daemon
        .cli_as(&ann, &["beat", task, "--fence", &fence, "--json"])
        .exits(0)
        .json();
    assert_eq!(
        beat["verdict"].as_str().map(str::to_lowercase).as_deref(),
        Some("ok"),
        "{beat:#}"
    );
    done(&["--summary", "s", "--verification", "v"]).exits(0);
    daemon.finish();
}
