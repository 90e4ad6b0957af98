//! The policy `strict` and splitting, tried from outside: what is asked for, told all at once and in the
//! very commands that settle it.

use serde_json::{Value, json};

use super::{fields, ids, task_named};
use crate::daemon::{Agent, Daemon};

const WORDS: [&str; 4] = ["--summary", "built", "--verification", "tried"];

/// A strict project with two tasks, the first with three criteria.
fn strict() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    let create = ["project", "create", "Shop", "--policy", "strict"];
    daemon.cli(&create).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    let add = [
        "task",
        "add",
        "Take payments",
        "--acceptance",
        "cards work",
        "--acceptance",
        "cash works",
        "--acceptance",
        "refunds work",
    ];
    daemon.cli(&add).exits(0);
    daemon.cli(&["task", "add", "Ship goods"]).exits(0);
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

/// A refused call's reason, the subjects of what is missing, and the commands that settle it.
fn refused(
    daemon: &Daemon,
    agent: &Agent,
    arguments: &[&str],
) -> (String, Vec<String>, Vec<String>) {
    let arguments = [arguments, &["--json"]].concat();
    let error = daemon.cli_as(agent, &arguments).exits(4).error();
    let reason = error["reason"].as_str().expect("a reason").to_owned();
    let items = error["details"]["items"]
        .as_array()
        .expect("what is missing");
    let subjects = items.iter().filter_map(|item| item["subject"].as_str());
    (
        reason,
        subjects.map(str::to_owned).collect(),
        ids(&error["next"]),
    )
}

/// A command as it was told, for the program itself.
fn told(command: &str) -> Vec<&str> {
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some("muster"), "{command}");
    words.collect()
}

#[test]
fn a_strict_project_asks_for_checks_and_says_how_they_are_given() {
    let (daemon, ann) = strict();
    let (reason, missing, _) = refused(&daemon, &ann, &["claim", "--start"]);
    assert_eq!((reason.as_str(), missing.len()), ("CHECKS_MISSING", 5));

    let claim = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    let brief = &claim["brief"];
    for name in [
        "verified_req",
        "reviewed_upstream",
        "docs_updated",
        "--accept all",
    ] {
        let checks = brief["checks"].to_string();
        assert!(checks.contains(name), "{name} is not in {checks}");
    }
    let (reason, missing, next) = refused(&daemon, &ann, &["start", "T-1"]);
    assert_eq!(reason, "CHECKS_MISSING");
    assert_eq!(
        missing,
        [
            "verified_req",
            "verified_tasks",
            "confirmed_arch",
            "checked_gaps",
            "reviewed_upstream"
        ]
    );
    let started = [&told(&next[0])[..], &["--json"]].concat();
    let started = daemon.cli_as(&ann, &started).exits(0).json();
    assert_eq!(started["status"], "in_progress");

    let bare = ["done", "T-1", "--summary", "built", "--accept", "1,3"];
    let (reason, missing, next) = refused(&daemon, &ann, &bare);
    assert_eq!(reason, "CHECKS_MISSING");
    assert_eq!(
        missing,
        [
            "verification",
            "criterion 2",
            "tests_passing",
            "coverage_met",
            "docs_updated"
        ]
    );
    assert!(next[0].ends_with("--accept all --checked all"), "{next:?}");
    daemon.cli_as(&ann, &told(&next[0])).exits(0);
    daemon
        .cli_as(&ann, &["claim", "--start", "--checked", "all"])
        .exits(0);
    let shown = daemon
        .cli(&["task", "show", "T-1", "--json"])
        .exits(0)
        .json();
    let checks = &shown["task"]["checks"];
    assert_eq!(checks.as_array().map(Vec::len), Some(9), "{shown:#}");
    daemon.finish();
}

#[test]
fn a_check_left_open_stands_before_the_next_claim_until_it_is_attested() {
    let (daemon, ann) = strict();
    daemon.cli_as(&ann, &["claim"]).exits(0);
    daemon
        .cli_as(&ann, &["start", "T-1", "--checked", "all"])
        .exits(0);
    let done = [
        &["done", "T-1"],
        &WORDS[..],
        &["--accept", "all", "--checked", "tests_passing"],
        &["--checks-later", "--json"],
    ]
    .concat();
    let done = daemon.cli_as(&ann, &done).exits(0).json();
    fields(&done, &["task", "unblocked", "phases_opened"]);
    assert_eq!(done["open_checks"], json!(["coverage_met", "docs_updated"]));

    let (reason, missing, next) = refused(&daemon, &ann, &["claim"]);
    assert_eq!(reason, "CHECKS_OPEN");
    assert_eq!(missing, ["T-1", "T-1"]);
    let why = daemon.cli(&["why", "T-1", "--json"]).exits(0).json();
    assert!(why.to_string().contains("yet to attest"), "{why:#}");
    let standup = daemon.cli(&["standup", "--json"]).exits(0).json();
    let owed = "to attest: coverage_met, docs_updated of T-1";
    assert!(standup.to_string().contains(owed), "{standup:#}");
    // Without a fence it is looked up, for the agent that completed the task and no other.
    let some = ["attest", "T-1", "--checked", "docs_updated", "--json"];
    let bob = daemon.agent("bob", "developer");
    daemon.cli_as(&bob, &some).exits(5);
    let said = daemon.cli_as(&ann, &some).exits(0).json();
    assert_eq!(said["open_checks"], json!(["coverage_met"]));
    assert_eq!(said["fence_looked_up"], true);
    daemon.cli_as(&ann, &told(&next[0])).exits(0);
    daemon.cli_as(&ann, &["claim"]).exits(0);
    daemon.finish();
}

#[test]
fn checks_that_are_none_are_wrong_arguments() {
    let (daemon, ann) = strict();
    daemon.cli_as(&ann, &["claim"]).exits(0);
    for checked in ["docs_updated", "verified", "session_log_date"] {
        let start = ["start", "T-1", "--checked", checked, "--json"];
        let error = daemon.cli_as(&ann, &start).exits(2).error();
        assert_eq!(error["reason"], "INVALID_FIELD");
        let message = error["message"].as_str().expect("a sentence");
        assert!(
            message.contains("verified_req, verified_tasks"),
            "{message}"
        );
    }
    daemon
        .cli_as(&ann, &["start", "T-1", "--checked", "all"])
        .exits(0);
    let done = [&["done", "T-1"], &WORDS[..], &["--accept", "4"]].concat();
    daemon.cli_as(&ann, &done).exits(2);
    let done = [&["done", "T-1"], &WORDS[..], &["--accept", "first"]].concat();
    daemon.cli_as(&ann, &done).exits(2);
    daemon.cli_as(&ann, &["claim", "--checked", "all"]).exits(2);
    daemon.finish();
}

#[test]
fn a_project_becomes_strict_and_lax_again() {
    let (daemon, ann) = super::harbour();
    daemon.cli(&["project", "edit"]).exits(2);
    let edit = ["project", "edit", "--policy", "strict", "--json"];
    let project = daemon.cli(&edit).exits(0).json();
    assert_eq!(project["project"]["settings"]["policy"], "strict");
    let (reason, _, _) = refused(&daemon, &ann, &["claim", "--start"]);
    assert_eq!(reason, "CHECKS_MISSING");
    daemon
        .cli(&["project", "edit", "--policy", "standard"])
        .exits(0);
    daemon.cli_as(&ann, &["claim", "--start"]).exits(0);
    daemon.finish();
}

fn titles(daemon: &Daemon) -> Vec<String> {
    let list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    let tasks = list["tasks"].as_array().expect("tasks").clone();
    let open = tasks.iter().filter(|task| task["status"] != "cancelled");
    open.map(|task| task["title"].as_str().expect("a title").to_owned())
        .collect()
}

#[test]
fn a_task_is_split_and_its_parts_stand_in_its_place() {
    let (daemon, ann) = super::harbour();
    let whole = task_named(&daemon, "Lay out the berth grid");
    let split = [
        "task",
        "split",
        &whole,
        "--into",
        "Lay out the north row",
        "--into",
        "Lay out the south row",
        "--chain",
        "--json",
    ];
    let said = daemon.cli(&split).exits(0).json();
    let parts = ids(&said["parts"]);
    assert_eq!(said["task"]["status"], "cancelled");
    assert_eq!(said["task"]["split_into"], json!(parts));
    assert_eq!(said["parts"][0]["split_from"], json!(whole));
    assert_eq!(
        titles(&daemon)[..2],
        ["Lay out the north row", "Lay out the south row"]
    );

    let rules = task_named(&daemon, "Write the mooring rules");
    let shown = daemon
        .cli(&["task", "show", &rules, "--json"])
        .exits(0)
        .json();
    let waits = shown["task"]["dependencies"].to_string();
    assert!(
        waits.contains(&parts[1]) && !waits.contains(&format!("\"{whole}\"")),
        "{waits}"
    );
    let claim = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    assert_eq!(claim["task"]["id"], json!(parts[0]));
    daemon.finish();
}

#[test]
fn what_cannot_be_split_is_refused_and_nothing_changes() {
    let (daemon, ann) = super::harbour();
    let whole = task_named(&daemon, "Lay out the berth grid");
    let before = titles(&daemon);
    let two: [&str; 4] = ["--into", "North", "--into", "South"];
    let split = |task: &str, more: &[&str]| {
        let all = [&["task", "split", task, "--json"], more].concat();
        daemon.cli(&all)
    };
    assert_eq!(
        split(&whole, &["--into", "All"]).exits(2).error()["reason"],
        "INVALID_FIELD"
    );
    let wrong = [&two[..], &["--criteria", "3=1"]].concat();
    split(&whole, &wrong).exits(2);
    let wrong = [&two[..], &["--criteria", "1=99"]].concat();
    assert_eq!(
        split(&whole, &wrong).exits(2).error()["reason"],
        "INVALID_FIELD"
    );
    let wrong = [&two[..], &["--role", "sailor"]].concat();
    assert_eq!(
        split(&whole, &wrong).exits(2).error()["reason"],
        "UNKNOWN_ROLE"
    );
    assert_eq!(
        split("T-999", &two).exits(1).error()["reason"],
        "TASK_NOT_FOUND"
    );
    let by_agent = [&["task", "split", &whole], &two[..]].concat();
    daemon.cli_as(&ann, &by_agent).exits(7);
    daemon.cli_as(&ann, &["claim", "--task", &whole]).exits(0);
    let error: Value = split(&whole, &two).exits(4).error();
    assert_eq!(error["reason"], "TASK_HELD");
    assert_eq!(titles(&daemon), before);
    daemon.finish();
}
