//! What lies ahead, from outside: the board, what comes next, what could be worked side by side, and the
//! critical path; documents field by field, and in step with what claims get.

use serde_json::Value;

use super::{fields, harbour};
use crate::daemon::Daemon;

fn document(daemon: &Daemon, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()
}

fn titles(tasks: &Value) -> Vec<&str> {
    let tasks = tasks.as_array().expect("a list of tasks");
    let title = |task: &'_ Value| task["title"].as_str().map(str::to_owned);
    assert!(tasks.iter().all(|task| title(task).is_some()), "{tasks:?}");
    tasks
        .iter()
        .filter_map(|task| task["title"].as_str())
        .collect()
}

fn role<'a>(document: &'a Value, role: &str) -> &'a Value {
    let roles = document["roles"].as_array().expect("roles");
    let found = roles.iter().find(|row| row["role"] == role);
    found.unwrap_or_else(|| panic!("no role {role}: {document:#}"))
}

#[test]
fn what_comes_next_for_a_role_is_what_its_claim_gets() {
    let (daemon, ann) = harbour();
    let next = document(&daemon, &["plan", "next", "--role", "developer"]);
    fields(&next, &["version", "roles"]);
    let listed = titles(&role(&next, "developer")["tasks"]);
    assert_eq!(listed, ["Lay out the berth grid"]);
    let claim = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    assert_eq!(claim["task"]["title"], listed[0]);
    let next = document(&daemon, &["plan", "next"]);
    assert!(titles(&role(&next, "developer")["tasks"]).is_empty());
    daemon
        .cli(&["plan", "next", "--role", "astronaut"])
        .exits(2);
    daemon.cli(&["plan", "next", "--limit", "101"]).exits(2);
    daemon.finish();
}

#[test]
fn the_board_counts_every_task_once() {
    let (daemon, ann) = harbour();
    daemon.cli_as(&ann, &["claim", "--json"]).exits(0);
    let board = document(&daemon, &["board"]);
    fields(&board, &["version", "columns"]);
    let columns = board["columns"].as_array().expect("columns");
    let seen: Vec<(&str, u64)> = columns
        .iter()
        .map(|column| {
            fields(column, &["column", "count", "tasks"]);
            let name = column["column"].as_str().expect("a name");
            (name, column["count"].as_u64().expect("a count"))
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(
        seen,
        [("ready", 1), ("waiting", 3), ("blocked", 1), ("claimed", 1)]
    );
    let held = columns.iter().find(|column| column["column"] == "claimed");
    let held = &held.expect("a column")["tasks"][0];
    let names = [
        "id", "title", "phase", "role", "priority", "status", "ready", "blocked", "holder",
        "skills",
    ];
    fields(held, &names);
    assert_eq!(held["holder"], "ann");
    let text = daemon.cli(&["board"]).exits(0);
    assert!(
        text.stdout.contains("Wire the quay lights"),
        "{}",
        text.stdout
    );
    daemon.finish();
}

#[test]
fn a_role_without_an_agent_is_the_bottleneck() {
    let (daemon, _ann) = harbour();
    let parallel = document(&daemon, &["plan", "parallel"]);
    let names = [
        "version",
        "ready",
        "could_start",
        "bottleneck_role",
        "roles",
    ];
    fields(&parallel, &names);
    assert_eq!(parallel["ready"], 2);
    assert_eq!(parallel["could_start"], 1);
    assert_eq!(parallel["bottleneck_role"], "devops");
    let row = role(&parallel, "devops");
    fields(
        row,
        &[
            "role",
            "ready",
            "held",
            "agents",
            "idle",
            "could_start",
            "tasks",
        ],
    );
    assert_eq!(titles(&row["tasks"]), ["Wire the quay lights"]);
    daemon.agent("dot", "devops");
    let parallel = document(&daemon, &["plan", "parallel"]);
    assert_eq!(parallel["could_start"], 2);
    assert_eq!(parallel["bottleneck_role"], Value::Null);
    daemon.finish();
}

#[test]
fn the_critical_path_goes_through_dependencies_and_phases() {
    let (daemon, _ann) = harbour();
    let path = document(&daemon, &["plan", "critical-path", "--slack", "2"]);
    let names = [
        "version",
        "total_minutes",
        "open_tasks",
        "critical_tasks",
        "path",
        "path_total",
        "waits_for",
        "tightest",
    ];
    fields(&path, &names);
    let steps = path["path"].as_array().expect("steps");
    let seen: Vec<(&str, &str)> = steps
        .iter()
        .map(|step| {
            let names = [
                "task",
                "minutes",
                "earliest_start_minutes",
                "earliest_finish_minutes",
                "slack_minutes",
                "link",
            ];
            fields(step, &names);
            let title = step["task"]["title"].as_str().expect("a title");
            (title, step["link"].as_str().expect("a word"))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("Lay out the berth grid", "none"),
            ("Write the mooring rules", "dependency"),
            ("Assign berths to ferries", "phase"),
        ]
    );
    assert_eq!(path["total_minutes"], steps[2]["earliest_finish_minutes"]);
    assert_eq!(path["tightest"].as_array().map(Vec::len), Some(2));
    let text = daemon.cli(&["plan", "critical-path"]).exits(0);
    assert!(text.stdout.contains("3 tasks in a row"), "{}", text.stdout);
    daemon
        .cli(&["plan", "critical-path", "--slack", "1001"])
        .exits(2);
    daemon.finish();
}
