//! Integration points: what meets, and whether it was tested.

use serde_json::{Value, json};

use crate::contract::fields;
use crate::daemon::{Agent, Daemon};

fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    for title in ["Write the shop", "Write the till"] {
        daemon.cli(&["task", "add", title]).exits(0);
    }
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

fn finish(daemon: &Daemon, agent: &Agent, task: &str) {
    let claim = ["claim", "--task", task, "--start"];
    daemon.cli_as(agent, &claim).exits(0);
    let done = ["done", task, "--summary", "s", "--verification", "v"];
    daemon.cli_as(agent, &done).exits(0);
}

fn point(daemon: &Daemon, words: &[&str]) -> Value {
    let arguments = [&["integration"], words, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()["integration"].clone()
}

#[test]
fn a_point_is_to_be_tested_with_its_second_end_and_waits_in_inbox_and_standup() {
    let (daemon, ann) = shop();
    let words = ["add", "Shop and till", "--from", "T-1", "--to", "T-2"];
    let more = ["--protocol", "gRPC", "--test-strategy", "sell one thing"];
    let added = point(&daemon, &[&words[..], &more].concat());
    let names = [
        "id",
        "name",
        "kind",
        "from",
        "to",
        "system",
        "needed_by",
        "protocol",
        "test_strategy",
        "due_date",
        "contact",
        "status",
        "overdue",
        "confirmed_by",
        "result",
        "tested_by",
        "tested_at",
        "blocker",
        "next",
        "revision",
    ];
    fields(&added, &names);
    assert_eq!(
        (&added["status"], &added["from"]),
        (&"pending".into(), &"T-1".into())
    );
    let test = ["integration", "test", "IP-1", "--evidence", "sold it"];
    let early = daemon.cli(&[&test[..], &["--json"]].concat());
    assert_eq!(early.exits(4).error()["reason"], "ILLEGAL_TRANSITION");
    finish(&daemon, &ann, "T-1");
    finish(&daemon, &ann, "T-2");
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    assert!(inbox.contains("muster integration test IP-1"), "{inbox}");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("IP-1"), "{standup}");
    let why = daemon.cli(&["why", "T-1", "--json"]).exits(0).json();
    assert_eq!(why["reasons"][1]["code"], "INTEGRATION_UNTESTED");
    daemon.cli_as(&ann, &test).exits(0);
    let shown = point(&daemon, &["show", "IP-1"]);
    assert_eq!(shown["status"], "tested");
    assert_eq!(shown["tested_by"], "agent:ann");
    let open = daemon.cli(&["integration", "list"]).exits(0).stdout;
    assert!(open.contains("no integration points"), "{open}");
    let all = daemon
        .cli(&["integration", "list", "--all"])
        .exits(0)
        .stdout;
    assert!(all.contains("T-1 → T-2"), "{all}");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("IP-1 Shop and till (tested:"), "{standup}");
    let log = daemon.cli(&["log"]).exits(0).stdout;
    assert!(log.contains("tested IP-1: it works"), "{log}");
    daemon.finish();
}

#[test]
fn an_overdue_system_is_in_the_inbox_with_the_command_that_opens_its_blocker() {
    let (daemon, ann) = shop();
    let words = ["add", "Pay", "--system", "The bank", "--needed-by", "T-2"];
    let more = ["--due", "2020-01-02", "--contact", "the desk"];
    let added = point(&daemon, &[&words[..], &more].concat());
    assert_eq!(added["overdue"], true);
    let inbox = daemon.cli(&["inbox", "--json"]).exits(0).json();
    let item = &inbox["items"][0];
    assert_eq!(item["kind"], "integration", "{inbox:#}");
    let command =
        "muster blockers open --task T-2 --kind external --reason \"IP-1 was due on 2020-01-02\"";
    assert_eq!(item["command"], command);
    let reason = "IP-1 was due on 2020-01-02";
    let open = [
        "blockers", "open", "--task", "T-2", "--kind", "external", "--reason", reason,
    ];
    daemon.cli(&open).exits(0);
    let inbox = daemon.cli(&["inbox", "--json"]).exits(0).json();
    assert_eq!(inbox["items"][0]["kind"], "blocker", "{inbox:#}");
    let confirm = ["integration", "confirm", "IP-1", "--json"];
    let refused = daemon.cli_as(&ann, &confirm).exits(7).error();
    assert_eq!(refused["reason"], "NOT_ALLOWED");
    let there = point(&daemon, &["confirm", "IP-1"]);
    assert_eq!(
        (&there["status"], &there["overdue"]),
        (&"ready".into(), &false.into())
    );
    let fail = ["fail", "IP-1", "--reason", "no key", "--tasks", "T-1"];
    let failed = point(&daemon, &fail);
    assert_eq!(
        (&failed["status"], &failed["blocker"]),
        (&"failed".into(), &"B-2".into())
    );
    daemon.finish();
}

#[test]
fn bad_points_are_refused_and_change_nothing() {
    let (daemon, _) = shop();
    let version = daemon.version("shop");
    let cases: [(&[&str], i32, &str); 7] = [
        (
            &["add", "Pay", "--from", "T-1", "--to", "T-9"],
            1,
            "TASK_NOT_FOUND",
        ),
        (
            &["add", "Pay", "--from", "T-1", "--to", "T-1"],
            2,
            "INVALID_FIELD",
        ),
        (
            &["add", "Pay", "--from", "T-1", "--to", "phase:9"],
            1,
            "PHASE_NOT_FOUND",
        ),
        (
            &[
                "add",
                "Pay",
                "--from",
                "T-1",
                "--to",
                "T-2",
                "--due",
                "2026-11-24",
            ],
            2,
            "INVALID_FIELD",
        ),
        (
            &[
                "add",
                "Pay",
                "--system",
                "b",
                "--needed-by",
                "T-1",
                "--due",
                "soon",
            ],
            2,
            "INVALID_FIELD",
        ),
        (&["show", "IP-9"], 1, "INTEGRATION_NOT_FOUND"),
        (&["confirm", "T-1"], 2, "INVALID_FIELD"),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["integration"], words, &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    daemon.cli(&["integration", "add", "Pay"]).exits(2);
    daemon.cli(&["integration", "edit", "IP-1"]).exits(2);
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    daemon
        .cli(&["project", "edit", "--start-date", "2026-11-02"])
        .exits(0);
    let early = [
        "integration",
        "add",
        "Pay",
        "--system",
        "b",
        "--needed-by",
        "T-1",
        "--due",
        "2026-11-01",
        "--json",
    ];
    let error = daemon.cli(&early).exits(2).error();
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|it| it.contains("before the project begins")),
        "{error:#}"
    );
    daemon.finish();
}

#[test]
fn a_point_that_is_withdrawn_waits_for_nobody() {
    let (daemon, ann) = shop();
    point(
        &daemon,
        &["add", "Shop and till", "--from", "T-1", "--to", "T-2"],
    );
    let withdraw = [
        "integration",
        "withdraw",
        "IP-1",
        "--reason",
        "no till",
        "--json",
    ];
    daemon.cli_as(&ann, &withdraw).exits(7);
    let point = &daemon.cli(&withdraw).exits(0).json()["integration"];
    assert_eq!(
        (&point["status"], &point["withdrawn_reason"]),
        (&json!("dropped"), &json!("no till"))
    );
    let error = daemon.cli(&withdraw).exits(4).error();
    assert_eq!(error["reason"], "ILLEGAL_TRANSITION", "{error:#}");
    let listed = daemon
        .cli(&["integration", "list", "--json"])
        .exits(0)
        .json();
    assert_eq!(listed["integrations"], json!([]), "{listed:#}");
    daemon.finish();
}
