//! Deliverables: what a phase hands over before it closes.

use serde_json::Value;

use crate::contract::fields;
use crate::daemon::{Agent, Daemon};

/// Two phases with a task each; the first hands over a manual.
fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    for (phase, id, task) in [("Foundation", "1", "Write it"), ("Sale", "2", "Sell it")] {
        daemon.cli(&["phase", "add", phase]).exits(0);
        daemon.cli(&["task", "add", task, "--phase", id]).exits(0);
    }
    let add = ["deliverable", "add", "The manual", "--phase", "1"];
    daemon.cli(&add).exits(0);
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

fn finish_task(daemon: &Daemon, agent: &Agent) {
    daemon.cli_as(agent, &["claim", "--start"]).exits(0);
    let done = ["done", "T-1", "--summary", "s", "--verification", "v"];
    daemon.cli_as(agent, &done).exits(0);
}

fn listed(daemon: &Daemon, more: &[&str]) -> Vec<Value> {
    let arguments = [&["deliverable", "list", "--json"], more].concat();
    let list = daemon.cli(&arguments).exits(0).json();
    list["deliverables"].as_array().expect("a list").clone()
}

#[test]
fn a_phase_closes_with_its_last_deliverable_and_says_until_then_what_it_lacks() {
    let (daemon, ann) = shop();
    finish_task(&daemon, &ann);
    let why = daemon.cli(&["why", "T-2", "--json"]).exits(0).json();
    assert_eq!(why["reasons"][0]["code"], "PHASE_GATING");
    let next = "muster deliverable submit DL-1 --artefact …";
    assert_eq!(why["reasons"][0]["next"], next);
    let empty = daemon.cli_as(&ann, &["claim", "--json"]).exits(3).json();
    assert_eq!(empty["waiting_on"], serde_json::json!(["DL-1"]));
    let close = ["phase", "close", "1", "--json"];
    let error = daemon.cli(&close).exits(4).error();
    assert_eq!(error["details"]["items"][0]["subject"], "DL-1");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("lacks 1 deliverable"), "{standup}");

    let submit = ["deliverable", "submit", "DL-1", "--artefact", "manual.md"];
    daemon.cli_as(&ann, &submit).exits(0);
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    assert!(inbox.contains("muster deliverable accept DL-1"), "{inbox}");
    let accept = ["deliverable", "accept", "DL-1", "--json"];
    let document = daemon.cli(&accept).exits(0).json();
    let names = [
        "id",
        "name",
        "uri",
        "phase",
        "task",
        "workflow",
        "acceptance",
        "status",
        "artefact",
        "submitted_by",
        "submitted_at",
        "judgement",
        "judged_by",
        "judged_at",
        "revision",
    ];
    fields(&document["deliverable"], &names);
    assert_eq!(document["deliverable"]["status"], "accepted");
    assert_eq!(document["deliverable"]["submitted_by"], "agent:ann");
    assert!(listed(&daemon, &[]).is_empty(), "what is accepted is done");
    assert_eq!(listed(&daemon, &["--all", "--phase", "1"]).len(), 1);
    daemon.cli_as(&ann, &["claim", "--task", "T-2"]).exits(0);
    daemon.finish();
}

#[test]
fn bad_steps_with_a_deliverable_are_refused_and_change_nothing() {
    let (daemon, ann) = shop();
    let version = daemon.version("shop");
    let cases: [(&[&str], i32, &str); 7] = [
        (
            &["submit", "DL-9", "--artefact", "a"],
            1,
            "DELIVERABLE_NOT_FOUND",
        ),
        (&["submit", "M-1", "--artefact", "a"], 2, "INVALID_FIELD"),
        (&["submit", "DL-1", "--artefact", " "], 2, "INVALID_FIELD"),
        (&["accept", "DL-1"], 4, "ILLEGAL_TRANSITION"),
        (
            &["reject", "DL-1", "--reason", "r"],
            4,
            "ILLEGAL_TRANSITION",
        ),
        (&["add", "Another", "--phase", "9"], 1, "PHASE_NOT_FOUND"),
        (&["edit", "DL-1", "--task", "T-9"], 1, "TASK_NOT_FOUND"),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["deliverable"], words, &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    daemon.cli(&["deliverable", "add", "Another"]).exits(2);
    daemon.cli(&["deliverable", "edit", "DL-1"]).exits(2);
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    let add = ["deliverable", "add", "Mine", "--task", "T-1", "--json"];
    let error = daemon.cli_as(&ann, &add).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED");
    daemon.finish();
}

#[test]
fn who_submitted_does_not_accept_and_a_role_may_be_let_in() {
    let (daemon, ann) = shop();
    let bob = daemon.agent("bob", "qa");
    let submit = ["deliverable", "submit", "DL-1", "--artefact", "manual.md"];
    let accept = ["deliverable", "accept", "DL-1", "--json"];
    daemon.cli_as(&ann, &submit).exits(0);
    let error = daemon.cli_as(&bob, &accept).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED");
    let allow = ["project", "edit", "--accepting-roles", "qa,developer"];
    daemon.cli(&allow).exits(0);
    let error = daemon.cli_as(&ann, &accept).exits(7).error();
    assert_eq!(error["reason"], "OWN_SUBMISSION");
    let reject = ["deliverable", "reject", "DL-1", "--reason", "no examples"];
    daemon.cli_as(&bob, &reject).exits(0);
    daemon.cli(&submit).exits(0);
    let error = daemon.cli(&accept).exits(7).error();
    assert_eq!(error["reason"], "OWN_SUBMISSION", "coordinators too");
    let document = daemon.cli_as(&bob, &accept).exits(0).json();
    assert_eq!(document["deliverable"]["judged_by"], "agent:bob");
    daemon.finish();
}

#[test]
fn a_brief_names_what_its_task_hands_over() {
    let (daemon, ann) = shop();
    let add = ["deliverable", "add", "The index", "--task", "T-1"];
    daemon.cli(&add).exits(0);
    let claim = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    let owed = &claim["brief"]["deliverables"];
    assert_eq!(owed[0]["id"], "DL-2", "{claim:#}");
    let next = claim["brief"]["next"].to_string();
    assert!(next.contains("muster deliverable submit DL-2"), "{next}");
    daemon.finish();
}
