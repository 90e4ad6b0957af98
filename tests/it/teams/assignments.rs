//! Assignments from outside: what they change in claims, and how they are listed.

use serde_json::json;

use crate::contract::fields;
use crate::daemon::{Agent, Daemon};

/// Two developers and three tasks, the last of the area "billing".
fn shop() -> (Daemon, Agent, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Write it"]).exits(0);
    daemon.cli(&["task", "add", "Read it"]).exits(0);
    let bill = ["task", "add", "Bill it", "--area", "Billing"];
    daemon.cli(&bill).exits(0);
    let ann = daemon.agent("ann", "developer");
    let bob = daemon.agent("bob", "developer");
    (daemon, ann, bob)
}

fn claimed(daemon: &Daemon, agent: &Agent) -> String {
    let claim = daemon.cli_as(agent, &["claim", "--json"]).exits(0).json();
    let id = claim["task"]["id"].as_str().unwrap_or_default();
    id.to_owned()
}

#[test]
fn an_agents_claims_prefer_what_it_looks_after_and_others_leave_it_to_the_end() {
    let (daemon, ann, bob) = shop();
    let add = ["assignment", "add", "bob", "--area", "billing", "--json"];
    let assignment = &daemon.cli(&add).exits(0).json()["assignment"];
    let names = [
        "id", "agent", "duty", "area", "task", "ended", "added_by", "revision",
    ];
    fields(assignment, &names);
    assert_eq!(assignment["id"], json!("AS-1"));
    assert_eq!(assignment["duty"], json!("primary"));
    assert_eq!(claimed(&daemon, &bob), "T-3");
    assert_eq!(claimed(&daemon, &ann), "T-1");
    let shown = daemon
        .cli(&["agent", "show", "bob", "--json"])
        .exits(0)
        .json();
    assert_eq!(shown["agent"]["primary_of"], json!(["area billing"]));
    assert_eq!(shown["agent"]["room"], json!(0));
    let text = daemon.cli(&["agent", "list"]).exits(0);
    assert!(text.stdout.contains("1 of 1"), "{}", text.stdout);
    assert!(text.stdout.contains("area billing"), "{}", text.stdout);
    daemon.finish();
}

#[test]
fn an_assignment_is_changed_ended_and_kept() {
    let (daemon, ann, _) = shop();
    let add = ["assignment", "add", "ann", "--task", "T-2", "--backup"];
    daemon.cli(&add).exits(0);
    daemon.cli(&add).exits(4);
    daemon
        .cli(&["assignment", "update", "AS-1", "--primary"])
        .exits(0);
    assert_eq!(claimed(&daemon, &ann), "T-2");
    let remove = ["assignment", "remove", "AS-1", "--reason", "she moved on"];
    daemon.cli(&remove).exits(0);
    daemon.cli(&remove).exits(4);
    let listed = |arguments: &[&str]| {
        let list = [&["assignment", "list", "--json"], arguments].concat();
        daemon.cli(&list).exits(0).json()["assignments"].clone()
    };
    assert_eq!(listed(&[]), json!([]));
    let all = listed(&["--all", "--agent", "ann"]);
    assert_eq!(all[0]["ended_reason"], json!("she moved on"));
    assert_eq!(listed(&["--all", "--agent", "bob"]), json!([]));
    daemon
        .cli(&["assignment", "add", "nobody", "--area", "api"])
        .exits(1);
    daemon.cli(&["assignment", "remove", "AS-9"]).exits(1);
    daemon
        .cli_as(&ann, &["assignment", "add", "ann", "--area", "api"])
        .exits(7);
    daemon.finish();
}
