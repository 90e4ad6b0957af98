//! What people and metrics say, and what a phase waits for meanwhile.

use super::{done, settles, shown, started, two_phases};
use crate::daemon::Daemon;

#[test]
fn a_phase_waits_for_its_gate_and_says_for_whom() {
    let daemon = Daemon::start();
    let ann = two_phases(&daemon);
    let qa = daemon.agent("quinn", "qa");
    let define = [
        "gate",
        "define",
        "Solid",
        "--phase",
        "1",
        "--criterion",
        "Coverage: coverage > 80",
        "--criterion",
        "Review: signed by qa",
        "--criterion",
        "~Docs: attested",
        "--json",
    ];
    let defined = daemon.cli(&define).exits(0).json();
    assert_eq!(defined["gate"]["id"], "G-1");
    let fence = started(&daemon, &ann);
    daemon
        .cli_as(&ann, &["gate", "metric", "coverage", "80.0"])
        .exits(0);
    daemon.cli_as(&ann, &done("T-1", &fence)).exits(0);
    // Exactly 80 is not above 80.
    let gate = settles(&daemon, "Solid", "failed");
    assert_eq!(gate["newest_run"]["by_itself"], true);
    let close = daemon
        .cli(&["phase", "close", "1", "--json"])
        .exits(4)
        .error();
    assert_eq!(close["reason"], "PHASE_UNFINISHED");
    assert_eq!(
        close["details"]["items"][0]["subject"],
        "criterion 1 of G-1"
    );
    daemon
        .cli_as(&ann, &["gate", "metric", "coverage", "80.01"])
        .exits(0);
    daemon
        .cli_as(&ann, &["gate", "run", "G-1", "--commit", "0a1b2c"])
        .exits(0);
    let why = daemon.cli(&["why", "T-2", "--json"]).exits(0).json();
    assert_eq!(why["reasons"][0]["code"], "PHASE_GATING");
    let nothing = daemon.cli_as(&ann, &["claim", "--json"]).exits(3).json();
    assert_eq!(nothing["reason"], "WAITING_ON_COORDINATOR");
    let inbox = daemon.cli(&["inbox"]).exits(0);
    assert!(
        inbox.stdout.contains("nobody has signed (from qa)"),
        "{}",
        inbox.stdout
    );
    let standup = daemon.cli(&["standup"]).exits(0);
    assert!(
        standup.stdout.contains("nobody has signed"),
        "{}",
        standup.stdout
    );
    let refused = daemon.cli_as(&ann, &["gate", "approve", "G-1", "Review", "--json"]);
    assert_eq!(refused.exits(7).error()["reason"], "NOT_ALLOWED");
    daemon
        .cli_as(&qa, &["gate", "approve", "G-1", "Review"])
        .exits(0);
    assert_eq!(shown(&daemon, "G-1")["open"], true);
    daemon.cli_as(&ann, &["claim"]).exits(0);
    daemon.finish();
}

#[test]
fn a_waiver_is_given_by_another_coordinator_and_runs_out() {
    let daemon = Daemon::start();
    two_phases(&daemon);
    let other = daemon.cli(&["token", "create", "--coordinator", "bea", "--json"]);
    let token = other.json()["token"].as_str().map(str::to_owned);
    let bea = token.expect("a token");
    let define = [
        "gate",
        "define",
        "Calm",
        "--whole-project",
        "--criterion",
        "Docs: attested",
    ];
    daemon.cli(&define).exits(0);
    daemon.cli(&["gate", "run", "Calm"]).exits(0);
    let fails = [
        "gate",
        "attest",
        "Calm",
        "1",
        "--fails",
        "--evidence",
        "none there",
    ];
    daemon.cli(&fails).exits(0);
    let waive = [
        "gate",
        "waive",
        "Calm",
        "--reason",
        "the fair is near",
        "--for",
        "3s",
        "--json",
    ];
    let refused = daemon.cli(&waive).exits(7).error();
    assert_eq!(refused["reason"], "NOT_ALLOWED");
    daemon.cli_with(&bea, &waive).exits(0);
    assert_eq!(shown(&daemon, "Calm")["open"], true);
    let gate = settles(&daemon, "Calm", "failed");
    assert_eq!(gate["newest_run"]["waiver_expired"], true);
    assert_eq!(gate["open"], false);
    daemon.finish();
}

#[test]
fn what_is_no_number_is_refused_with_its_field() {
    let daemon = Daemon::start();
    two_phases(&daemon);
    let define = [
        "gate",
        "define",
        "Odd",
        "--daily",
        "--criterion",
        "Coverage: coverage >= 80%",
        "--json",
    ];
    let refused = daemon.cli(&define).exits(2).error();
    assert_eq!(refused["reason"], "INVALID_FIELD");
    assert_eq!(refused["details"]["items"][0]["subject"], "threshold");
    let refused = daemon
        .cli(&["gate", "metric", "coverage", "high", "--json"])
        .exits(2)
        .error();
    assert_eq!(refused["details"]["items"][0]["subject"], "value");
    daemon.finish();
}
