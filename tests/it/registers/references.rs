//! What tasks refer to: required before a start, and plans that keep up.

use serde_json::json;

use crate::daemon::{Agent, Daemon};

fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Write it"]).exits(0);
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

#[test]
fn a_plan_keeps_up_with_its_task_from_start_to_done() {
    let (daemon, ann) = shop();
    let add = [
        "task",
        "ref",
        "add",
        "T-1",
        "iplan",
        "IPLAN-03",
        "--uri",
        "docs/plan.md",
        "--json",
    ];
    let task = &daemon.cli(&add).exits(0).json()["task"];
    let reference = json!({
        "kind": "iplan", "name": "IPLAN-03", "uri": "docs/plan.md", "status": "not_started",
    });
    assert_eq!(task["references"], json!([reference]));
    let claim = ["claim", "--start", "--json"];
    let claim = daemon.cli_as(&ann, &claim).exits(0).json();
    let line = "IPLAN IPLAN-03 in_progress docs/plan.md";
    assert_eq!(claim["brief"]["references"], json!([line]), "{claim:#}");
    let done = [
        "done",
        "T-1",
        "--summary",
        "s",
        "--verification",
        "v",
        "--json",
    ];
    let error = daemon.cli_as(&ann, &done).exits(4).error();
    assert_eq!(error["reason"], "PLAN_LAGS");
    assert_eq!(error["details"]["items"][0]["subject"], "IPLAN-03");
    let next = error["next"].to_string();
    assert!(next.contains("--plans-completed"), "{error:#}");
    let behind = [
        "task",
        "ref",
        "status",
        "T-1",
        "IPLAN-03",
        "not-started",
        "--json",
    ];
    let error = daemon.cli_as(&ann, &behind).exits(4).error();
    assert_eq!(error["reason"], "PLAN_LAGS");
    let whole = [&done[..], &["--plans-completed"]].concat();
    daemon.cli_as(&ann, &whole).exits(0);
    let list = daemon.cli(&["task", "ref", "list", "T-1"]).exits(0).stdout;
    assert!(list.contains("completed"), "{list}");
    let shown = daemon.cli(&["task", "show", "T-1"]).exits(0).stdout;
    assert!(shown.contains("IPLAN-03 (completed)"), "{shown}");
    daemon.finish();
}

#[test]
fn a_task_that_lacks_what_is_required_is_not_started() {
    let (daemon, ann) = shop();
    let require = [
        "project",
        "edit",
        "--required-references",
        "req,iplan",
        "--json",
    ];
    let project = daemon.cli(&require).exits(0).json();
    let settings = &project["project"]["settings"];
    assert_eq!(settings["required_references"], json!(["req", "iplan"]));
    let why = daemon.cli(&["why", "T-1", "--json"]).exits(0).json();
    assert_eq!(
        (&why["ready"], &why["reasons"][0]["code"]),
        (&json!(true), &json!("REFERENCES_MISSING"))
    );
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    assert!(
        inbox.contains("muster task ref add T-1 req NAME"),
        "{inbox}"
    );
    daemon.cli_as(&ann, &["claim"]).exits(0);
    let start = ["start", "T-1", "--json"];
    let error = daemon.cli_as(&ann, &start).exits(4).error();
    assert_eq!(error["reason"], "REFERENCES_MISSING");
    assert_eq!(error["details"]["items"][1]["subject"], "IPLAN");
    for (kind, name) in [("req", "REQ-1"), ("iplan", "IPLAN-1")] {
        daemon
            .cli(&["task", "ref", "add", "T-1", kind, name])
            .exits(0);
    }
    daemon.cli_as(&ann, &start).exits(0);
    let none = ["project", "edit", "--required-references", "none"];
    daemon.cli(&none).exits(0);
    let policy = ["project", "policy", "required_references", "req spec"];
    daemon.cli(&policy).exits(0);
    daemon.finish();
}

#[test]
fn bad_references_are_refused_and_change_nothing() {
    let (daemon, ann) = shop();
    daemon
        .cli(&["task", "ref", "add", "T-1", "spec", "SPEC-1"])
        .exits(0);
    let version = daemon.version("shop");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["add", "T-1", "req", "spec-1"], 4, "REFERENCE_EXISTS"),
        (&["add", "T-9", "req", "REQ-1"], 1, "TASK_NOT_FOUND"),
        (&["add", "T-1", "req", " "], 2, "INVALID_FIELD"),
        (&["remove", "T-1", "SPEC-2"], 1, "REFERENCE_NOT_FOUND"),
        (
            &["status", "T-1", "SPEC-2", "completed"],
            1,
            "REFERENCE_NOT_FOUND",
        ),
        (&["list", "T-9"], 1, "TASK_NOT_FOUND"),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["task", "ref"], words, &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    daemon
        .cli(&["task", "ref", "add", "T-1", "novel", "N-1"])
        .exits(2);
    let mine = ["task", "ref", "add", "T-1", "req", "REQ-1"];
    daemon.cli_as(&ann, &mine).exits(7);
    let status = [
        "task",
        "ref",
        "status",
        "T-1",
        "SPEC-1",
        "completed",
        "--json",
    ];
    let error = daemon.cli_as(&ann, &status).exits(2).error();
    assert_eq!(
        error["reason"], "INVALID_FIELD",
        "who holds nothing has no fence"
    );
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    daemon.finish();
}
