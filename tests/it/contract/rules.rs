//! Rules from outside: a wait stated once for all tasks that a selector names, followed by those added later.

use serde_json::{Value, json};

use super::fields;
use crate::daemon::Daemon;

fn shop() -> Daemon {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    for title in ["Authentication", "Order API endpoint", "Start page"] {
        daemon.cli(&["task", "add", title]).exits(0);
    }
    daemon
}

/// What a command prints for people.
#[track_caller]
fn says(daemon: &Daemon, arguments: &[&str], words: &str) {
    let output = daemon.cli(arguments).exits(0);
    assert!(output.stdout.contains(words), "{output:#?}");
}

fn waits(daemon: &Daemon, task: &str) -> Value {
    let shown = daemon
        .cli(&["task", "show", task, "--json"])
        .exits(0)
        .json();
    shown["task"]["dependencies"].clone()
}

#[test]
fn a_rule_is_stated_followed_by_new_tasks_and_ended() {
    let daemon = shop();
    let add = [
        "rule",
        "add",
        "--tasks",
        "All API endpoints",
        "--after",
        "T-1",
        "--note",
        "they sign in first",
        "--json",
    ];
    let added = daemon.cli(&add).exits(0).json();
    assert_eq!(added["dependencies_added"], 1, "{added:#}");
    let names = [
        "id",
        "waiting",
        "on",
        "note",
        "waiting_tasks",
        "on_tasks",
        "added_by",
        "added_at",
        "ended",
        "ended_because",
        "revision",
    ];
    fields(&added["rule"], &names);
    assert_eq!(
        added["rule"]["waiting"],
        json!({"matching": "All API endpoints"})
    );
    assert_eq!(added["rule"]["on"], json!({"task": "T-1"}));

    let new = ["task", "add", "Endpoints of the basket", "--area", "API"];
    daemon.cli(&new).exits(0);
    assert_eq!(waits(&daemon, "T-2"), waits(&daemon, "T-4"));
    assert_eq!(waits(&daemon, "T-3"), json!([]));
    let named = ["task", "list", "--matching", "api endpoint", "--json"];
    let named = daemon.cli(&named).exits(0).json();
    let ids: Vec<&Value> = named["tasks"]
        .as_array()
        .expect("tasks")
        .iter()
        .map(|task| &task["id"])
        .collect();
    assert_eq!(ids, ["T-2", "T-4"]);

    says(&daemon, &["rule", "list"], "\"All API endpoints\"");
    let end = ["rule", "end", "RU-1", "--reason", "all can sign in"];
    daemon.cli(&end).exits(0);
    says(&daemon, &["rule", "list"], "no rules");
    says(&daemon, &["rule", "list", "--all"], "ended");
    daemon
        .cli(&["task", "add", "Payment API endpoint"])
        .exits(0);
    assert_eq!(waits(&daemon, "T-5"), json!([]));
    daemon.finish();
}

#[test]
fn a_decision_may_name_tasks_by_what_they_are_about() {
    let daemon = shop();
    let open = [
        "decision",
        "open",
        "REST or RPC?",
        "--matching",
        "All API endpoints",
        "--json",
    ];
    let opened = daemon.cli(&open).exits(0).json();
    assert_eq!(opened["decision"]["blocks"], json!(["T-2"]), "{opened:#}");
    daemon.cli(&["task", "add", "Refund API endpoint"]).exits(0);
    says(&daemon, &["why", "T-4"], "REST or RPC?");
    let decide = ["decision", "decide", "DEC-1", "--answer", "REST"];
    daemon.cli(&decide).exits(0);
    says(&daemon, &["why", "T-4"], "ready");
    daemon.finish();
}

#[test]
fn a_rule_that_makes_no_sense_is_refused_with_its_field_or_the_circle() {
    let daemon = shop();
    let vague = ["rule", "add", "--tasks", "All", "--after", "T-1", "--json"];
    let error = daemon.cli(&vague).exits(2).error();
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|it| it.contains("waiting")),
        "{error:#}"
    );
    let single = ["rule", "add", "--task", "T-2", "--after", "T-1"];
    daemon.cli(&single).exits(2);
    let nothing = ["rule", "add", "--tasks", "page"];
    daemon.cli(&nothing).exits(2);
    let depend = ["task", "depend", "T-1", "T-3"];
    daemon.cli(&depend).exits(0);
    let circle = ["rule", "add", "--tasks", "page", "--after", "T-1", "--json"];
    let error = daemon.cli(&circle).exits(4).error();
    assert_eq!(error["reason"], "CYCLE", "{error:#}");
    says(&daemon, &["rule", "list"], "no rules");
    let end = ["rule", "end", "RU-7", "--reason", "gone", "--json"];
    assert_eq!(
        daemon.cli(&end).exits(1).error()["reason"],
        "RULE_NOT_FOUND"
    );
    daemon.finish();
}
