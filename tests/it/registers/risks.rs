//! Risks: what may happen, and what became of it.

use serde_json::Value;

use crate::contract::fields;
use crate::daemon::Daemon;

fn shop() -> Daemon {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Write it"]).exits(0);
    daemon
}

fn risk(daemon: &Daemon, words: &[&str]) -> Value {
    let arguments = [&["risk"], words, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()["risk"].clone()
}

#[test]
fn a_risk_goes_its_way_and_may_hold_a_task_up() {
    let daemon = shop();
    let words = [
        "add",
        "The bank is slow",
        "--kind",
        "schedule",
        "--impact",
        "high",
        "--impact-days",
        "5",
        "--mitigation",
        "ask another",
        "--owner",
        "ann",
    ];
    let added = risk(&daemon, &words);
    let names = [
        "id",
        "kind",
        "text",
        "impact",
        "impact_days",
        "likelihood",
        "mitigation",
        "owner",
        "status",
        "note",
        "moved_by",
        "moved_at",
        "blocker",
        "revision",
    ];
    fields(&added, &names);
    assert_eq!(
        (&added["status"], &added["impact_days"]),
        (&"active".into(), &5.into())
    );
    let occurred = risk(
        &daemon,
        &["occur", "R-1", "--note", "it is", "--tasks", "T-1"],
    );
    assert_eq!(occurred["blocker"], "B-1");
    let why = daemon.cli(&["why", "T-1", "--json"]).exits(0).json();
    assert_eq!(why["reasons"][0]["code"], "TASK_BLOCKED");
    risk(&daemon, &["close", "R-1"]);
    let open = daemon.cli(&["risk", "list", "--json"]).exits(0).json();
    assert_eq!(open["risks"], serde_json::json!([]));
    let all = ["risk", "list", "--all"];
    let text = daemon.cli(&all).exits(0).stdout;
    assert!(
        text.contains("closed") && text.contains("high, 5 d"),
        "{text}"
    );
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("Risks"), "{standup}");
    daemon.finish();
}

#[test]
fn bad_steps_with_a_risk_are_refused_and_change_nothing() {
    let daemon = shop();
    risk(&daemon, &["add", "The bank is slow"]);
    let version = daemon.version("shop");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["close", "R-1"], 4, "ILLEGAL_TRANSITION"),
        (&["mitigate", "R-9", "--note", "n"], 1, "RISK_NOT_FOUND"),
        (&["accept", "R-1", "--note", " "], 2, "INVALID_FIELD"),
        (
            &["occur", "R-1", "--note", "n", "--tasks", "T-9"],
            1,
            "TASK_NOT_FOUND",
        ),
        (&["add", "Broken", "--impact-days", "3"], 2, "INVALID_FIELD"),
        (&["edit", "R-1", "--impact-days", "3"], 2, "INVALID_FIELD"),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["risk"], words, &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    let ann = daemon.agent("ann", "developer");
    let add = ["risk", "add", "Mine", "--json"];
    let error = daemon.cli_as(&ann, &add).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED");
    daemon.finish();
}
