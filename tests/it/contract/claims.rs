//! What an agent is handed: the claim's document, the answer when there is nothing, the refusal at
//! capacity with its two ways on, and the completion.

use serde_json::{Value, json};

use super::{fields, harbour, ids, task_named};
use crate::daemon::{Agent, Daemon};

fn claim(daemon: &Daemon, agent: &Agent, more: &[&str]) -> Value {
    let arguments = [&["claim", "--json"], more].concat();
    daemon.cli_as(agent, &arguments).exits(0).json()
}

fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    document[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is no text: {document:#}"))
}

fn finish_task(daemon: &Daemon, agent: &Agent, claim: &Value) -> Value {
    let fence = claim["fence"].to_string();
    let task = text(&claim["task"], "id");
    let done = [
        "done",
        task,
        "--fence",
        &fence,
        "--summary",
        "built",
        "--verification",
        "tried",
        "--json",
    ];
    daemon.cli_as(agent, &done).exits(0).json()
}

#[test]
fn a_claim_hands_out_the_task_the_session_and_the_brief() {
    let (daemon, ann) = harbour();
    let claim = claim(&daemon, &ann, &[]);
    let top = [
        "task",
        "session",
        "attempt",
        "fence",
        "lease_ms",
        "beat_every_ms",
        "expires_at",
        "resumed",
        "brief",
    ];
    fields(&claim, &top);
    fields(
        &claim["task"],
        &["id", "title", "phase", "phase_name", "role", "priority"],
    );
    assert_eq!(
        claim["task"]["title"], "Lay out the berth grid",
        "the first in claim order"
    );
    assert_eq!(
        (&claim["task"]["phase"], &claim["task"]["phase_name"]),
        (&json!("1"), &json!("Quay"))
    );
    assert_eq!(claim["task"]["role"], "developer");
    assert_eq!(
        (&claim["attempt"], &claim["resumed"]),
        (&json!(1), &json!(false))
    );
    assert!(claim["task"]["priority"].is_u64(), "{claim:#}");
    assert!(
        claim["fence"]
            .as_u64()
            .is_some_and(|fence| (1..1 << 53).contains(&fence))
    );
    let (lease, beat) = (
        claim["lease_ms"].as_u64().unwrap(),
        claim["beat_every_ms"].as_u64().unwrap(),
    );
    assert!(beat > 0 && beat < lease, "{claim:#}");
    assert_eq!(lease, 30 * 60_000, "a bare call is granted half an hour");
    assert!(text(&claim, "session").starts_with("S-"));
    assert!(text(&claim, "expires_at").contains('T'), "{claim:#}");
    // The brief says what comes next, with the fence filled in.
    let fence = claim["fence"].to_string();
    let brief = claim["brief"].to_string();
    assert!(brief.contains(&format!("--fence {fence}")), "{brief}");
    assert!(
        brief.contains("Twelve berths in two rows"),
        "the notes are in it: {brief}"
    );

    let asked = daemon.agent("bob", "devops");
    let short = self::claim(&daemon, &asked, &["--lease", "45m"]);
    assert_eq!(short["lease_ms"], 45 * 60_000);
    daemon.finish();
}

#[test]
fn a_completion_says_what_it_freed() {
    let (daemon, ann) = harbour();
    let first = claim(&daemon, &ann, &["--start"]);
    let done = finish_task(&daemon, &ann, &first);
    fields(
        &done,
        &["task", "unblocked", "unblocked_total", "phases_opened"],
    );
    let mut unblocked = ids(&done["unblocked"]);
    unblocked.sort();
    let mut expected = ["Write the mooring rules", "Publish the tide table"]
        .map(|title| task_named(&daemon, title));
    expected.sort();
    assert_eq!(unblocked, expected);
    assert_eq!(
        (&done["unblocked_total"], &done["phases_opened"]),
        (&json!(2), &json!([]))
    );

    let second = claim(&daemon, &ann, &["--start"]);
    assert!(
        second["brief"].to_string().contains("built"),
        "what was done before is handed on"
    );
    finish_task(&daemon, &ann, &second);
    let third = claim(&daemon, &ann, &["--start"]);
    finish_task(&daemon, &ann, &third);
    let bob = daemon.agent("bob", "devops");
    let last = claim(&daemon, &bob, &["--start"]);
    let done = finish_task(&daemon, &bob, &last);
    assert_eq!(done["phases_opened"], json!(["2"]), "{done:#}");
    daemon.finish();
}

#[test]
fn nothing_to_claim_is_an_answer_with_a_reason() {
    let (daemon, ann) = harbour();
    let names = ["task", "reason", "message", "waiting_on", "retry_after_ms"];
    let nothing = |agent: &Agent, reason: &str| {
        let answer = daemon.cli_as(agent, &["claim", "--json"]).exits(3).json();
        fields(&answer, &names);
        assert_eq!(
            (&answer["task"], &answer["reason"]),
            (&Value::Null, &json!(reason)),
            "{answer:#}"
        );
        assert!(answer["retry_after_ms"].is_u64() && answer["message"].is_string());
        assert!(ids(&answer["waiting_on"]).len() <= 5);
        answer
    };
    // Another developer waits for what is under way.
    let first = claim(&daemon, &ann, &["--start"]);
    let second = daemon.agent("eve", "developer");
    let answer = nothing(&second, "WAITING_ON_WORK");
    assert_eq!(ids(&answer["waiting_on"]), [text(&first["task"], "id")]);
    // Nothing in the plan is for a designer.
    nothing(&daemon.agent("dan", "designer"), "NO_TASK_FOR_ROLE");
    daemon.cli(&["pause", "--json"]).exits(0);
    nothing(&second, "PAUSED");
    daemon.cli(&["resume", "--json"]).exits(0);

    // Everything is done but what only the coordinator can settle.
    finish_task(&daemon, &ann, &first);
    for _ in 0..2 {
        let next = claim(&daemon, &ann, &["--start"]);
        finish_task(&daemon, &ann, &next);
    }
    let bob = daemon.agent("bob", "devops");
    let lights = claim(&daemon, &bob, &["--start"]);
    finish_task(&daemon, &bob, &lights);
    let ferries = claim(&daemon, &ann, &["--start"]);
    finish_task(&daemon, &ann, &ferries);
    let answer = nothing(&ann, "WAITING_ON_COORDINATOR");
    assert!(!ids(&answer["waiting_on"]).is_empty(), "{answer:#}");

    let dues = task_named(&daemon, "Charge harbour dues");
    daemon
        .cli(&[
            "task",
            "cancel",
            &dues,
            "--reason",
            "free for all",
            "--json",
        ])
        .exits(0);
    nothing(&ann, "PLAN_COMPLETE");
    daemon.finish();
}

#[test]
fn at_capacity_a_claim_is_refused_with_its_two_ways_on() {
    let (daemon, ann) = harbour();
    let first = claim(&daemon, &ann, &["--start"]);
    let task = text(&first["task"], "id").to_owned();
    let version = daemon.version("");
    let error = daemon.cli_as(&ann, &["claim", "--json"]).exits(4).error();
    assert_eq!(error["reason"], "AT_CAPACITY");
    assert!(
        error["message"].as_str().unwrap().contains(&task),
        "{error:#}"
    );
    let next = ids(&error["next"]).join("\n");
    assert!(
        next.contains("claim --resume") && next.contains(&format!("release {task}")),
        "{next}"
    );
    assert_eq!(daemon.version(""), version);

    // One way on: the same task again, its state kept, under a new attempt and fence.
    let again = claim(&daemon, &ann, &["--resume"]);
    assert_eq!(
        (&again["resumed"], &again["attempt"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(again["task"]["id"], first["task"]["id"]);
    assert!(again["fence"].as_u64() > first["fence"].as_u64());
    let list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    assert_eq!(
        list["tasks"][0]["status"], "in_progress",
        "what was started stays started"
    );
    // The older fence is good for nothing from here on.
    let late = [
        "done",
        &task,
        "--fence",
        &first["fence"].to_string(),
        "--summary",
        "s",
        "--verification",
        "v",
        "--json",
    ];
    let error = daemon.cli_as(&ann, &late).exits(5).error();
    assert_eq!(error["reason"], "LEASE_LOST");

    // The other way on: give it back.
    let fence = again["fence"].to_string();
    daemon
        .cli_as(&ann, &["release", &task, "--fence", &fence, "--json"])
        .exits(0)
        .json();
    let list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    assert_eq!(list["tasks"][0]["status"], "planned");
    // With nothing held, a resume is an ordinary claim.
    let fresh = claim(&daemon, &ann, &["--resume"]);
    assert_eq!(
        (&fresh["resumed"], &fresh["attempt"]),
        (&json!(false), &json!(3))
    );
    daemon.finish();
}

#[test]
fn a_task_asked_for_by_name_that_cannot_be_claimed_is_a_refusal() {
    let (daemon, ann) = harbour();
    for (title, reason) in [
        ("Write the mooring rules", "DEPENDENCY_UNMET"),
        ("Wire the quay lights", "ROLE_MISMATCH"),
        ("Assign berths to ferries", "PHASE_LOCKED"),
    ] {
        let task = task_named(&daemon, title);
        let error = daemon
            .cli_as(&ann, &["claim", "--task", &task, "--json"])
            .exits(4)
            .error();
        assert_eq!(error["reason"], reason, "{title}: {error:#}");
    }
    let error = daemon
        .cli_as(&ann, &["claim", "--task", "T-99", "--json"])
        .exits(1)
        .error();
    assert_eq!(error["reason"], "TASK_NOT_FOUND");
    let named = task_named(&daemon, "Lay out the berth grid");
    let claim = claim(&daemon, &ann, &["--task", &named]);
    assert_eq!(claim["task"]["id"], named);
    let bob = daemon.agent("bob", "developer");
    let error = daemon
        .cli_as(&bob, &["claim", "--task", &named, "--json"])
        .exits(4)
        .error();
    assert_eq!(error["reason"], "TASK_HELD");
    assert!(
        error["message"].as_str().unwrap().contains("ann"),
        "{error:#}"
    );
    daemon.finish();
}

#[test]
fn the_first_claim_opens_a_session_and_the_next_stays_in_it() {
    let (daemon, ann) = harbour();
    let first = claim(&daemon, &ann, &["--start"]);
    finish_task(&daemon, &ann, &first);
    let second = claim(&daemon, &ann, &["--start"]);
    assert_eq!(first["session"], second["session"]);
    let end = [
        "session",
        "end",
        "--done",
        "the grid",
        "--release",
        "--json",
    ];
    let output = daemon.cli_as(&ann, &end);
    assert_eq!(output.code, Some(0), "{output:#?}");
    let third = claim(&daemon, &ann, &[]);
    assert_ne!(first["session"], third["session"]);
    daemon.finish();
}
