//! Rollouts: what stops them, and how they end.

use serde_json::{Value, json};

use crate::contract::fields;
use crate::daemon::{Agent, Daemon};

fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Write it"]).exits(0);
    let agent = daemon.agent("olga", "devops");
    (daemon, agent)
}

fn create(daemon: &Daemon, more: &[&str]) -> Value {
    let words = [
        "rollout",
        "create",
        "Release 2",
        "--approach",
        "canary",
        "--step",
        "one host",
        "--step",
        "all of them",
        "--rollback",
        "start the old one",
    ];
    let arguments = [&words[..], more, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()["rollout"].clone()
}

fn rollout(daemon: &Daemon, words: &[&str]) -> Value {
    let arguments = [&["rollout"], words, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()["rollout"].clone()
}

#[test]
fn a_rollout_waits_for_its_gates_then_rolls_step_by_step_and_succeeds() {
    let (daemon, olga) = shop();
    let define = [
        "gate",
        "define",
        "Before live",
        "--deployment",
        "live",
        "--criterion",
        "Scan: vulnerabilities = 0",
        "--criterion",
        "Runbook: attested by devops",
    ];
    daemon.cli(&define).exits(0);
    let success = ["--success", "Errors: error-rate < 1", "--success", "Calm"];
    let made = create(&daemon, &[&["--deployment", "live"], &success[..]].concat());
    let names = [
        "id",
        "name",
        "approach",
        "deployment",
        "steps",
        "rollback_plan",
        "rollback_evidence",
        "rollback_tested_by",
        "success",
        "status",
        "gates",
        "lacks",
        "next",
        "started_by",
        "ending",
        "ended_at",
        "blocker",
        "revision",
    ];
    fields(&made, &names);
    assert_eq!(
        (&made["status"], &made["gates"]),
        (&json!("draft"), &json!(["G-1"]))
    );
    let start = ["rollout", "start", "RO-1", "--json"];
    let error = daemon.cli(&start).exits(4).error();
    assert_eq!(error["reason"], "ROLLOUT_NOT_READY");
    let items = error["details"]["items"].to_string();
    assert!(
        items.contains("rollback") && items.contains("G-1"),
        "{items}"
    );
    let tested = ["rollout", "rollback-tested", "RO-1", "--evidence", "twice"];
    daemon.cli_as(&olga, &tested).exits(0);
    daemon.cli_as(&olga, &["gate", "run", "G-1"]).exits(0);
    let error = daemon.cli(&start).exits(4).error();
    let items = error["details"]["items"].to_string();
    assert!(
        items.contains("vulnerabilities") && items.contains("from devops"),
        "{items}"
    );
    daemon
        .cli_as(&olga, &["gate", "metric", "vulnerabilities", "0"])
        .exits(0);
    let attest = ["gate", "attest", "G-1", "2", "--evidence", "read it"];
    daemon.cli_as(&olga, &attest).exits(0);
    assert_eq!(rollout(&daemon, &["show", "RO-1"])["status"], "ready");
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    assert!(inbox.contains("muster rollout start RO-1"), "{inbox}");
    daemon.cli_as(&olga, &start).exits(7);
    assert_eq!(rollout(&daemon, &["start", "RO-1"])["status"], "rolling");
    let wrong = ["rollout", "step", "RO-1", "2", "--json"];
    daemon.cli_as(&olga, &wrong).exits(4);
    daemon
        .cli_as(&olga, &["rollout", "step", "RO-1", "1"])
        .exits(0);
    let succeed = [
        "rollout",
        "succeed",
        "RO-1",
        "--attest",
        "2",
        "--evidence",
        "asked them",
        "--json",
    ];
    let error = daemon.cli(&succeed).exits(4).error();
    assert_eq!(error["reason"], "ROLLOUT_UNFINISHED");
    assert_eq!(error["details"]["items"][0]["subject"], "step 2");
    daemon.cli_as(&olga, &["rollout", "step", "RO-1"]).exits(0);
    daemon
        .cli_as(&olga, &["gate", "metric", "error-rate", "0.5"])
        .exits(0);
    let over = &daemon.cli(&succeed).exits(0).json()["rollout"];
    assert_eq!(over["status"], "succeeded");
    assert_eq!(over["success"][0]["value"], "0.5");
    assert_eq!(over["steps"][0]["done_by"], "agent:olga");
    let shown = daemon.cli(&["rollout", "show", "RO-1"]).exits(0).stdout;
    assert!(shown.contains("[x] 2. all of them"), "{shown}");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("RO-1"), "{standup}");
    let list = daemon.cli(&["rollout", "list"]).exits(0).stdout;
    assert!(list.contains("no rollouts"), "{list}");
    let list = daemon.cli(&["rollout", "list", "--all"]).exits(0).stdout;
    assert!(list.contains("2/2"), "{list}");
    daemon.finish();
}

#[test]
fn a_failed_rollout_may_hold_a_task_up_and_another_may_roll_then() {
    let (daemon, _) = shop();
    for id in ["RO-1", "RO-2"] {
        assert_eq!(create(&daemon, &[])["id"], id);
        rollout(&daemon, &["rollback-tested", id, "--evidence", "twice"]);
    }
    rollout(&daemon, &["start", "RO-1"]);
    let second = ["rollout", "start", "RO-2", "--json"];
    let error = daemon.cli(&second).exits(4).error();
    assert_eq!(error["details"]["items"][0]["subject"], "RO-1");
    let fail = ["fail", "RO-1", "--reason", "it hangs", "--tasks", "T-1"];
    let failed = rollout(&daemon, &fail);
    assert_eq!(
        (&failed["status"], &failed["blocker"]),
        (&json!("failed"), &json!("B-1"))
    );
    daemon.cli(&second).exits(0);
    let back = rollout(&daemon, &["roll-back", "RO-2", "--reason", "too slow"]);
    assert_eq!(
        (&back["status"], &back["next"]),
        (&json!("rolled_back"), &json!(null))
    );
    daemon.finish();
}

#[test]
fn bad_rollouts_are_refused_and_change_nothing() {
    let (daemon, olga) = shop();
    let version = daemon.version("shop");
    let many = ["--step", "x"].repeat(51);
    let many = [&["create", "R"], &many[..]].concat();
    let cases: [(&[&str], i32, &str); 6] = [
        (&["show", "RO-9"], 1, "ROLLOUT_NOT_FOUND"),
        (&["start", "RO-9"], 1, "ROLLOUT_NOT_FOUND"),
        (&["create", "R", "--deployment", "moon"], 2, "INVALID_FIELD"),
        (
            &["create", "R", "--success", "E: e < few"],
            2,
            "INVALID_FIELD",
        ),
        (&["create", " "], 2, "INVALID_FIELD"),
        (&many, 4, "LIMIT_REACHED"),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["rollout"], words, &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    daemon
        .cli(&["rollout", "create", "R", "--success", "E: few"])
        .exits(2);
    daemon.cli(&["rollout", "edit", "RO-1"]).exits(2);
    daemon.cli_as(&olga, &["rollout", "create", "R"]).exits(7);
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    daemon.finish();
}
