//! `done` behind gates: the commands run first, the lease lives on meanwhile, and a failure leaves the task
//! with its holder.

use super::{done, started, two_phases, with_commands};

fn on_completion(command: &str) -> Vec<String> {
    let words = [
        "gate",
        "define",
        "Before done",
        "--on-completion",
        "--of-phase",
        "1",
        "--criterion",
    ];
    let mut words: Vec<String> = words.map(str::to_owned).into();
    words.push(format!("Tests: command {command}"));
    words
}

#[test]
fn a_failing_command_leaves_the_task_with_its_holder() {
    let script = "test -e fixed || { echo 3 failed; exit 1; }";
    let daemon = with_commands(&[("tests", script, "")]);
    let ann = two_phases(&daemon);
    let define = on_completion("tests");
    let define: Vec<&str> = define.iter().map(String::as_str).collect();
    daemon.cli(&define).exits(0);
    let fence = started(&daemon, &ann);
    let refused = daemon.cli_as(&ann, &done("T-1", &fence)).exits(4).error();
    assert_eq!(refused["reason"], "GATE_FAILED");
    let item = &refused["details"]["items"][0];
    assert_eq!(item["subject"], "tests of G-1 (Tests)");
    let said = item["description"].as_str().expect("what it said");
    assert_eq!(said, "exit code 1\n3 failed");
    let task = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    assert_eq!(task["tasks"][0]["status"], "in_progress");
    std::fs::write(daemon.home().join("fixed"), "").expect("a file can be written");
    let finished = daemon.cli_as(&ann, &done("T-1", &fence)).exits(0).json();
    assert_eq!(finished["unblocked"][0], "T-2");
    // The same fence again: the first answer, without a run.
    std::fs::remove_file(daemon.home().join("fixed")).expect("it can be removed");
    daemon.cli_as(&ann, &done("T-1", &fence)).exits(0);
    // Other tasks are not asked for it.
    let fence = started(&daemon, &ann);
    daemon.cli_as(&ann, &done("T-2", &fence)).exits(0);
    let log = daemon.cli(&["log"]).exits(0);
    assert!(
        log.stdout.contains("1 of 1 commands of gates passed"),
        "{}",
        log.stdout
    );
    daemon.finish();
}

#[test]
fn what_is_missing_otherwise_is_told_before_any_command_runs() {
    let daemon = with_commands(&[("tests", "touch ran", "")]);
    let ann = two_phases(&daemon);
    let define = on_completion("tests");
    let define: Vec<&str> = define.iter().map(String::as_str).collect();
    daemon.cli(&define).exits(0);
    let fence = started(&daemon, &ann);
    let bare = ["done", "T-1", "--fence", &fence, "--json"];
    let refused = daemon.cli_as(&ann, &bare).exits(4).error();
    assert_eq!(refused["reason"], "EVIDENCE_MISSING");
    assert!(!daemon.home().join("ran").exists());
    daemon.finish();
}

#[test]
fn the_lease_outlives_a_command_that_takes_longer_than_its_term() {
    let daemon = with_commands(&[("slow", "sleep 17", "")]);
    let ann = two_phases(&daemon);
    let define = on_completion("slow");
    let define: Vec<&str> = define.iter().map(String::as_str).collect();
    daemon.cli(&define).exits(0);
    let claim = daemon.cli_as(&ann, &["claim", "--start", "--lease", "15s", "--json"]);
    let claim = claim.exits(0).json();
    assert_eq!(claim["lease_ms"], 15_000);
    let fence = claim["fence"].to_string();
    daemon.cli_as(&ann, &done("T-1", &fence)).exits(0);
    daemon.finish();
}
