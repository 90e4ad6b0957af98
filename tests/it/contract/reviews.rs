//! Reviews from outside: handed in by one agent, approved or given back by another.

use serde_json::json;

use super::harbour;
use crate::daemon::{Agent, Daemon};

fn handed_in(daemon: &Daemon, agent: &Agent) -> serde_json::Value {
    let claim = ["claim", "--start", "--json"];
    let claimed = daemon.cli_as(agent, &claim).exits(0).json();
    let fence = claimed["fence"].to_string();
    let task = claimed["task"]["id"].as_str().expect("a task").to_owned();
    let done = [
        "done",
        &task,
        "--fence",
        &fence,
        "--summary",
        "built",
        "--verification",
        "tested",
        "--json",
    ];
    let error = daemon.cli_as(agent, &done).exits(4).error();
    assert_eq!(error["reason"], "REVIEW_REQUIRED", "{error:#}");
    let next = error["next"][0].as_str().expect("a next step");
    assert!(
        next.contains(&format!("submit {task} --fence {fence}")),
        "{next}"
    );
    let mut submit = done;
    submit[0] = "submit";
    let submitted = daemon.cli_as(agent, &submit).exits(0).json();
    assert_eq!(submitted["task"]["status"], "in_review", "{submitted:#}");
    let again = daemon.cli_as(agent, &submit).exits(0).json();
    assert_eq!(again["task"]["revision"], submitted["task"]["revision"]);
    claimed
}

#[test]
fn work_is_handed_in_given_back_and_approved_by_somebody_else() {
    let (daemon, ann) = harbour();
    let policy = ["project", "policy", "review", "true"];
    daemon.cli(&policy).exits(0);
    let bob = daemon.agent("bob", "developer");
    let claimed = handed_in(&daemon, &ann);
    let task = claimed["task"]["id"].as_str().expect("a task");

    let own = ["review", "approve", task, "--json"];
    let error = daemon.cli_as(&ann, &own).exits(7).error();
    assert_eq!(error["reason"], "OWN_SUBMISSION", "{error:#}");
    let listed = daemon.cli(&["review", "list", "--json"]).exits(0).json();
    assert_eq!(listed["tasks"][0]["review"]["author"], "ann", "{listed:#}");
    assert_eq!(listed["tasks"][0]["review"]["summary"], "built");
    let table = daemon.cli(&["review", "list"]).exits(0);
    assert!(table.stdout.contains("built"), "{table:#?}");
    let inbox = daemon.cli(&["inbox", "--json"]).exits(0).json();
    let waits = inbox["items"].as_array().expect("items").iter();
    let mut waits = waits.filter(|item| item["kind"] == "review");
    assert_eq!(
        waits.next().map(|item| &item["id"]),
        Some(&json!(task)),
        "{inbox:#}"
    );

    let back = [
        "review",
        "changes",
        task,
        "--reason",
        "name the limits",
        "--json",
    ];
    let back = daemon.cli_as(&bob, &back).exits(0).json();
    assert_eq!(back["task"]["status"], "planned");
    let again = handed_in(&daemon, &ann);
    assert_eq!(again["task"]["id"], task);
    let brief = again["brief"].to_string();
    assert!(brief.contains("name the limits"), "{brief}");

    let approve = ["review", "approve", task, "--note", "good", "--json"];
    let approved = daemon.cli_as(&bob, &approve).exits(0).json();
    assert_eq!(approved["task"]["status"], "completed", "{approved:#}");
    let completion = &approved["task"]["completion"];
    assert_eq!(
        (&completion["agent"], &completion["approved_by"]),
        (&json!("ann"), &json!("agent:bob"))
    );
    daemon.cli(&own).exits(4);
    // An answer that was lost is asked for again, also after the approval.
    let fence = again["fence"].to_string();
    let submit = [
        "submit",
        task,
        "--fence",
        &fence,
        "--summary",
        "built",
        "--verification",
        "tested",
        "--json",
    ];
    let repeated = daemon.cli_as(&ann, &submit).exits(0).json();
    assert_eq!(repeated["task"]["status"], "completed", "{repeated:#}");
    daemon.cli(&["standup"]).exits(0);
    daemon.finish();
}

#[test]
fn checks_left_open_are_attested_while_the_work_is_under_review() {
    let (daemon, ann) = harbour();
    for policy in [["review", "true"], ["policy", "strict"]] {
        let [name, value] = policy;
        daemon.cli(&["project", "policy", name, value]).exits(0);
    }
    let claimed = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    let fence = claimed["fence"].to_string();
    let task = claimed["task"]["id"].as_str().expect("a task");
    let start = ["start", task, "--fence", &fence, "--checked", "all"];
    daemon.cli_as(&ann, &start).exits(0);
    let submit = [
        "submit",
        task,
        "--fence",
        &fence,
        "--summary",
        "built",
        "--verification",
        "tested",
        "--evidence",
        "commit 1a2b",
        "--technologies",
        "rust",
        "--tests-passed",
        "98",
        "--accept",
        "all",
        "--checks-later",
    ];
    daemon.cli_as(&ann, &submit).exits(0);
    let standup = daemon.cli(&["standup"]).exits(0);
    assert!(
        standup.stdout.contains("Waiting for a review"),
        "{standup:#?}"
    );
    let shown = daemon.cli(&["task", "show", task]).exits(0);
    for words in ["handed in", "commit 1a2b", "98 % passed"] {
        assert!(shown.stdout.contains(words), "{words}: {shown:#?}");
    }
    let error = daemon.cli_as(&ann, &["claim", "--json"]).exits(4).error();
    assert_eq!(error["reason"], "CHECKS_OPEN", "{error:#}");
    let attest = ["attest", task, "--checked", "all"];
    daemon.cli_as(&ann, &attest).exits(0);
    let task = daemon
        .cli(&["task", "show", task, "--json"])
        .exits(0)
        .json();
    assert_eq!(task["task"]["review"]["open_checks"], json!([]), "{task:#}");
    let claim = daemon.cli_as(&ann, &["claim", "--json"]);
    assert!(!claim.stdout.contains("CHECKS_OPEN"), "{claim:#?}");
    daemon.finish();
}
