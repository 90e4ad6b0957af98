//! A sprint from its plan to its row of history, and what is handed out meanwhile.

use serde_json::json;

use crate::contract::fields;
use crate::daemon::{Agent, Daemon};

pub(super) fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    for title in ["Write it", "Read it", "Sell it", "Ship it"] {
        daemon.cli(&["task", "add", title]).exits(0);
    }
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

pub(super) fn plan(daemon: &Daemon, goal: &str, tasks: &str) {
    let days = ["--start", "2026-11-02", "--end", "2026-11-15"];
    let plan = [&["sprint", "plan", goal], &days[..], &["--tasks", tasks]].concat();
    daemon.cli(&plan).exits(0);
}

pub(super) fn finish(daemon: &Daemon, agent: &Agent, task: &str) {
    let claim = ["claim", "--task", task, "--start"];
    daemon.cli_as(agent, &claim).exits(0);
    let done = ["done", task, "--summary", "s", "--verification", "v"];
    daemon.cli_as(agent, &done).exits(0);
}

#[test]
fn a_sprint_ends_with_its_row_of_history_and_hands_on_what_is_left() {
    let (daemon, ann) = shop();
    plan(&daemon, "Sell something", "T-3,T-4");
    plan(&daemon, "Sell more", "T-1");
    let commit = ["sprint", "commit", "SP-1", "T-2", "--json"];
    let sprint = &daemon.cli(&commit).exits(0).json()["sprint"];
    let names = [
        "id",
        "number",
        "goal",
        "start_date",
        "end_date",
        "status",
        "tasks",
        "open",
        "completed",
        "committed",
        "warning",
        "scope_changes",
        "burndown",
        "carried_over",
        "carried_to",
        "sessions_used",
        "velocity",
        "planned_by",
        "committed_at",
        "closed_at",
        "revision",
    ];
    fields(sprint, &names);
    assert_eq!(sprint["tasks"], json!(["T-3", "T-4", "T-2"]));
    let first = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    assert_eq!(
        first["task"]["id"], "T-2",
        "committed tasks come first: {first:#}"
    );
    daemon.cli_as(&ann, &["release", "T-2"]).exits(0);
    finish(&daemon, &ann, "T-3");
    let project = daemon.cli(&["plan", "show"]).exits(0).stdout;
    assert!(
        project.contains("SP-1 to 2026-11-15, 1/3 tasks completed"),
        "{project}"
    );
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(
        standup.contains("Sell something. 1/3 tasks completed, 2 open"),
        "{standup}"
    );
    let change = ["sprint", "remove", "SP-1", "T-4"];
    daemon.cli(&change).exits(2);
    let change = [&change[..], &["--reason", "the bank is slow"]].concat();
    daemon.cli(&change).exits(0);
    let shown = daemon.cli(&["sprint", "show", "SP-1"]).exits(0).stdout;
    assert!(shown.contains("-T-4  the bank is slow"), "{shown}");
    assert!(shown.contains('█'), "{shown}");
    let close = ["sprint", "close", "SP-1", "--carry-to", "next", "--json"];
    let closed = &daemon.cli(&close).exits(0).json()["sprint"];
    assert_eq!(closed["carried_over"], json!(["T-2"]));
    assert_eq!(closed["carried_to"], "SP-2");
    assert_eq!(
        (&closed["sessions_used"], &closed["velocity"]),
        (&json!(1), &json!("1.00"))
    );
    let list = daemon.cli(&["sprint", "list", "--all", "--json"]).exits(0);
    let list = list.json();
    assert_eq!(list["sprints"][1]["tasks"], json!(["T-1", "T-2"]));
    assert_eq!(list["sprints"][0]["status"], "closed");
    let open = daemon.cli(&["sprint", "list"]).exits(0).stdout;
    assert!(open.contains("SP-2") && !open.contains("SP-1"), "{open}");
    daemon.finish();
}

#[test]
fn where_only_the_sprint_is_handed_out_claims_and_why_say_so() {
    let (daemon, ann) = shop();
    let only = ["project", "edit", "--sprint-only", "true", "--json"];
    let project = daemon.cli(&only).exits(0).json();
    assert_eq!(project["project"]["settings"]["sprint_only"], true);
    let empty = daemon.cli_as(&ann, &["claim", "--json"]).exits(3).json();
    assert_eq!(empty["reason"], "WAITING_ON_COORDINATOR", "{empty:#}");
    let why = daemon.cli(&["why", "T-1", "--json"]).exits(0).json();
    assert_eq!(why["reasons"][0]["code"], "NOT_IN_SPRINT", "{why:#}");
    plan(&daemon, "Sell something", "T-2");
    daemon.cli(&["sprint", "commit", "SP-1"]).exits(0);
    let named = ["claim", "--task", "T-1", "--json"];
    let error = daemon.cli_as(&ann, &named).exits(4).error();
    assert_eq!(error["reason"], "NOT_IN_SPRINT");
    let claimed = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    assert_eq!(claimed["task"]["id"], "T-2", "{claimed:#}");
    daemon.finish();
}

#[test]
fn a_sprint_that_is_only_planned_is_moved_or_withdrawn() {
    let (daemon, ann) = shop();
    plan(&daemon, "Sell something", "T-1");
    plan(&daemon, "Sell more", "T-2");
    let edit = [
        "sprint",
        "edit",
        "SP-1",
        "--goal",
        "Sell one",
        "--end",
        "2026-11-20",
        "--json",
    ];
    let sprint = &daemon.cli(&edit).exits(0).json()["sprint"];
    assert_eq!(
        (&sprint["goal"], &sprint["end_date"], &sprint["start_date"]),
        (
            &json!("Sell one"),
            &json!("2026-11-20"),
            &json!("2026-11-02")
        )
    );
    let early = ["sprint", "edit", "SP-1", "--end", "2026-11-01", "--json"];
    let error = daemon.cli(&early).exits(2).error();
    assert_eq!(error["reason"], "INVALID_FIELD", "{error:#}");
    daemon.cli(&["sprint", "edit", "SP-1"]).exits(2);
    let withdraw = [
        "sprint",
        "withdraw",
        "SP-2",
        "--reason",
        "nobody buys",
        "--json",
    ];
    let sprint = &daemon.cli(&withdraw).exits(0).json()["sprint"];
    assert_eq!(
        (&sprint["status"], &sprint["withdrawn_reason"]),
        (&json!("withdrawn"), &json!("nobody buys"))
    );
    let listed = daemon.cli(&["sprint", "list", "--json"]).exits(0).json();
    assert_eq!(listed["sprints"].as_array().map(Vec::len), Some(1));
    let shown = daemon.cli(&["sprint", "show", "SP-2"]).exits(0).stdout;
    assert!(shown.contains("nobody buys"), "{shown}");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("withdrawn: nobody buys"), "{standup}");
    daemon.cli_as(&ann, &withdraw).exits(7);
    daemon.finish();
}

#[test]
fn whoever_begins_a_session_or_a_task_reads_of_the_sprint() {
    let (daemon, ann) = shop();
    plan(&daemon, "Sell something", "T-1");
    daemon.cli(&["sprint", "commit", "SP-1"]).exits(0);
    let begin = ["session", "start", "--json"];
    let begun = daemon.cli_as(&ann, &begin).exits(0).json();
    let names = [
        "phase",
        "sprint",
        "last_session",
        "holds",
        "next",
        "blockers",
        "blockers_total",
        "discovered",
        "discovered_total",
        "decisions",
        "decisions_total",
    ];
    fields(&begun["brief"], &names);
    let line = "SP-1: Sell something (0 of 1 tasks completed, until 2026-11-15)";
    assert_eq!(begun["brief"]["sprint"], line, "{begun:#}");
    assert_eq!(begun["brief"]["next"][0]["id"], "T-1");
    let said = [
        "session",
        "end",
        "--done",
        "read the plan",
        "--next",
        "write it",
    ];
    daemon.cli_as(&ann, &said).exits(0);
    let again = daemon.cli_as(&ann, &["session", "start"]).exits(0).stdout;
    for words in [
        line,
        "read the plan; next: write it",
        "next for you",
        "muster claim",
    ] {
        assert!(again.contains(words), "{words}: {again}");
    }
    let claimed = daemon.cli_as(&ann, &["claim"]).exits(0).stdout;
    assert!(claimed.contains(line), "{claimed}");
    daemon.finish();
}
