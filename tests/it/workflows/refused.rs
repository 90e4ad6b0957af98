//! What makes no workflow, and what is missing.

use serde_json::json;

use super::{build, define, missing, shop};

#[test]
fn bad_workflows_are_refused_and_change_nothing() {
    let (daemon, ann, _) = shop();
    let define_simple = ["workflow", "define", "sell", "--objective", "Sell it"];
    daemon.cli(&define_simple).exits(0);
    let version = daemon.version("shop");
    let more = |words: &[&'static str]| [&define_simple[1..], words].concat();
    let cases: [(Vec<&str>, i32, &str); 14] = [
        (more(&["--role", "wizard"]), 2, "UNKNOWN_ROLE"),
        (more(&["--role", "qa:0"]), 2, "INVALID_FIELD"),
        (more(&["--sign-off", "wizard"]), 2, "UNKNOWN_ROLE"),
        (more(&["--phases", "9"]), 1, "PHASE_NOT_FOUND"),
        (more(&["--gate", "G-9"]), 1, "GATE_NOT_FOUND"),
        (more(&["--next", "rest"]), 1, "WORKFLOW_NOT_FOUND"),
        (more(&["--next", "sell"]), 4, "CYCLE"),
        (more(&["--duration", "soon"]), 2, "INVALID_FIELD"),
        (more(&["--effort", "much"]), 2, "INVALID_FIELD"),
        (more(&["--elicit"]), 2, "INVALID_FIELD"),
        (
            more(&["--criterion", "Users: users >= many"]),
            2,
            "INVALID_FIELD",
        ),
        (vec!["start", "rest"], 1, "WORKFLOW_NOT_FOUND"),
        (vec!["show", "WR-9"], 1, "WORKFLOW_NOT_FOUND"),
        (
            vec!["cancel", "sell", "--reason", "enough"],
            1,
            "WORKFLOW_NOT_FOUND",
        ),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["workflow"], &words[..], &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    let usage = more(&["--criterion", "Users: users about 100"]);
    let usage = [&["workflow"], &usage[..]].concat();
    let complaint = daemon.cli(&usage).exits(2).stderr;
    assert!(complaint.contains("METRIC >= NUMBER"), "{complaint}");
    let missing = [
        "workflow",
        "define",
        "--file",
        "/nowhere/at/all.json",
        "--json",
    ];
    let error = daemon.cli(&missing).exits(2).error();
    assert_eq!(error["reason"], "UNREADABLE_FILE");
    let start = ["workflow", "start", "sell", "--json"];
    let error = daemon.cli_as(&ann, &start).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED");
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    daemon.finish();
}

#[test]
fn a_run_waits_for_agents_unless_the_project_goes_without() {
    let (daemon, _, _) = shop();
    let mut document = build();
    document["inputs"] = json!([]);
    document["next"] = json!(null);
    document["roles"] = json!([{"role": "devops", "count": 2}]);
    define(&daemon, "build.json", &document);
    let start = ["workflow", "start", "build-execution", "--json"];
    let waiting = daemon.cli(&start).exits(0).json()["run"].clone();
    assert_eq!(waiting["status"], "waiting_input");
    assert_eq!(missing(&waiting), ["role devops"]);
    let warn = ["project", "edit", "--staffing", "warn"];
    daemon.cli(&warn).exits(0);
    let shown = daemon.cli(&["workflow", "show", "WR-1"]).exits(0).stdout;
    let warning = "role devops: 0 of 2 agents are registered";
    assert!(
        shown.contains("running") && shown.contains(warning),
        "{shown}"
    );
    let cancel = [
        "workflow", "cancel", "WR-1", "--reason", "not now", "--json",
    ];
    let cancelled = daemon.cli(&cancel).exits(0).json()["run"].clone();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["reason"], "not now");
    daemon.finish();
}
