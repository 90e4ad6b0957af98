//! Milestones: reached by themselves with the last thing they wait for, or on a coordinator's word.

use serde_json::{Value, json};

use crate::contract::fields;
use crate::daemon::{Agent, Daemon};

fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Write it"]).exits(0);
    let begin = ["project", "edit", "--start-date", "2026-11-02", "--json"];
    let project = daemon.cli(&begin).exits(0).json();
    let start = &project["project"]["settings"]["start_date"];
    assert_eq!(start, "2026-11-02", "{project:#}");
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

fn listed(daemon: &Daemon, more: &[&str]) -> Vec<Value> {
    let arguments = [&["milestone", "list", "--json"], more].concat();
    let list = daemon.cli(&arguments).exits(0).json();
    list["milestones"].as_array().expect("a list").clone()
}

#[test]
fn a_milestone_is_reached_by_itself_and_says_when_it_is_due() {
    let (daemon, ann) = shop();
    let add = [
        "milestone",
        "add",
        "Beta",
        "--week",
        "2",
        "--phases",
        "1",
        "--item",
        "tested",
        "--json",
    ];
    let document = daemon.cli(&add).exits(0).json();
    let milestone = &document["milestone"];
    let names = [
        "id",
        "name",
        "kind",
        "status",
        "week",
        "due_date",
        "checklist",
        "phases",
        "tasks",
        "deliverables",
        "settled_by",
        "settled_at",
        "settled_note",
        "revision",
    ];
    fields(milestone, &names);
    assert_eq!(milestone["due_date"], "2026-11-15");
    daemon.cli_as(&ann, &["claim", "--start"]).exits(0);
    let done = ["done", "T-1", "--summary", "s", "--verification", "v"];
    daemon.cli_as(&ann, &done).exits(0);
    assert_eq!(listed(&daemon, &[])[0]["status"], "pending");
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    assert!(inbox.contains("muster milestone tick M-1 1"), "{inbox}");
    daemon.cli(&["milestone", "tick", "M-1", "1"]).exits(0);
    assert_eq!(listed(&daemon, &[]), Vec::<Value>::new());
    assert_eq!(listed(&daemon, &["--all"])[0]["status"], "reached");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("Milestones"), "{standup}");
    daemon.finish();
}

#[test]
fn a_word_settles_a_milestone_for_good() {
    let (daemon, ann) = shop();
    for name in ["Beta", "Launch"] {
        let add = ["milestone", "add", name, "--date", "2026-12-01"];
        daemon.cli(&add).exits(0);
    }
    let reach = ["milestone", "reach", "M-1", "--note", "shown", "--json"];
    let error = daemon.cli_as(&ann, &reach).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED");
    let document = daemon.cli(&reach).exits(0).json();
    assert_eq!(document["milestone"]["settled_note"], "shown");
    let miss = ["milestone", "miss", "M-2", "--reason", "the bank was slow"];
    daemon.cli(&miss).exits(0);
    let again = ["milestone", "edit", "M-2", "--week", "9", "--json"];
    let error = daemon.cli(&again).exits(4).error();
    assert_eq!(error["reason"], "ILLEGAL_TRANSITION");
    let statuses: Vec<Value> = listed(&daemon, &["--all"])
        .iter()
        .map(|milestone| milestone["status"].clone())
        .collect();
    assert_eq!(json!(statuses), json!(["reached", "missed"]));
    daemon.finish();
}

#[test]
fn bad_milestones_are_refused_and_change_nothing() {
    let (daemon, _) = shop();
    let version = daemon.version("shop");
    let cases: [(&[&str], i32, &str); 7] = [
        (
            &["add", "Early", "--date", "2026-11-01"],
            2,
            "INVALID_FIELD",
        ),
        (&["add", "When?", "--date", "soon"], 2, "INVALID_FIELD"),
        (&["add", "Never", "--week", "0"], 2, "INVALID_FIELD"),
        (&["add", "Nowhere", "--phases", "9"], 1, "PHASE_NOT_FOUND"),
        (
            &["add", "Nothing", "--deliverables", "DL-9"],
            1,
            "DELIVERABLE_NOT_FOUND",
        ),
        (&["tick", "M-9", "1"], 1, "MILESTONE_NOT_FOUND"),
        (&["reach", "T-1", "--note", "n"], 2, "INVALID_FIELD"),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["milestone"], words, &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    let backwards = ["project", "edit", "--target-date", "2026-11-01", "--json"];
    let error = daemon.cli(&backwards).exits(2).error();
    assert_eq!(error["reason"], "INVALID_FIELD");
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    daemon.finish();
}
