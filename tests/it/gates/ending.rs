//! The end of a project behind a gate of its own, from its last task to the day it is resumed.

use super::{done, started, two_phases};
use crate::daemon::Daemon;

#[test]
fn a_project_is_completed_behind_its_gate_and_begins_again_when_it_is_resumed() {
    let daemon = Daemon::start();
    let ann = two_phases(&daemon);
    let define = ["gate", "define", "Release", "--whole-project"];
    let define = [&define[..], &["--criterion", "Runbook: attested"]].concat();
    daemon.cli(&define).exits(0);
    let complete = ["project", "complete", "--note", "handed over"];
    let as_json = [&complete[..], &["--json"]].concat();
    let early = daemon.cli(&as_json).exits(4).error();
    assert_eq!(early["reason"], "PROJECT_UNFINISHED");
    assert_eq!(early["details"]["items"][0]["subject"], "T-1");
    for task in ["T-1", "T-2"] {
        let fence = started(&daemon, &ann);
        daemon.cli_as(&ann, &done(task, &fence)).exits(0);
    }
    let nothing = daemon.cli_as(&ann, &["claim", "--json"]).exits(3).json();
    assert_eq!(nothing["reason"], "WAITING_ON_COORDINATOR");
    let message = nothing["message"].as_str().unwrap_or_default();
    assert!(message.contains("criterion 1 of G-1"), "{message}");
    let attest = ["gate", "attest", "G-1", "1", "--evidence", "read it"];
    daemon.cli(&attest).exits(0);
    let inbox = daemon.cli(&["inbox", "--json"]).exits(0).json();
    assert_eq!(inbox["items"][0]["kind"], "project_to_complete");
    assert_eq!(inbox["items"][0]["command"], "muster project complete");
    let completed = daemon.cli(&as_json).exits(0).json();
    assert_eq!(completed["project"]["status"], "completed");
    assert_eq!(
        completed["project"]["completed_by"],
        "coordinator:coordinator"
    );
    assert!(completed["project"]["completed_at"].is_string());
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    let said = "The project is completed (handed over): no task is handed out.";
    assert!(standup.contains(said), "{standup}");
    let shown = daemon.cli(&["plan", "show"]).exits(0).stdout;
    assert!(shown.contains("completed (handed over)"), "{shown}");
    let nothing = daemon.cli_as(&ann, &["claim", "--json"]).exits(3).json();
    assert_eq!(nothing["reason"], "PLAN_COMPLETE");
    let add = ["task", "add", "One more", "--phase", "2"];
    let refused = daemon.cli(&add).exits(4);
    assert!(
        refused.stderr.contains("muster resume"),
        "{}",
        refused.stderr
    );
    daemon.cli(&["resume"]).exits(0);
    let gate = daemon
        .cli(&["gate", "show", "G-1", "--json"])
        .exits(0)
        .json();
    assert_eq!(gate["gate"]["newest_run"]["stale"], true);
    let reopen = ["phase", "reopen", "2", "--reason", "one more"];
    daemon.cli(&reopen).exits(0);
    daemon.cli(&add).exits(0);
    daemon.finish();
}
