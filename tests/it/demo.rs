//! The demo from outside: its exit code is a promise, so everything it says is looked for, and what it
//! leaves behind is walked by the audit.

use std::path::PathBuf;

use serde_json::Value;

use crate::process::{Output, bare, muster};

/// A quick demo whose files go into a directory of the test.
fn demo(home: &tempfile::TempDir, arguments: &[&str]) -> Output {
    let mut command = muster();
    command
        .env("TMPDIR", home.path())
        .args(["demo", "--speed", "20"])
        .args(arguments);
    Output::of(command)
}

fn left_in(home: &tempfile::TempDir) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home.path()).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_demo_shows_what_it_promises_and_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let output = demo(&home, &[]).exits(0);
    for words in [
        "a daemon listens on http://127.0.0.1:",
        "imported PROJECT_PLAN.md: 3 phases, 15 tasks",
        "omar discovered D-2: Back up the order database every night",
        "coordinator made D-2 the task T-16",
        "coordinator put D-1 off",
        "dana opened B-1",
        "coordinator settled B-1: They are net",
        "(B-1: They are net",
        "coordinator decided DEC-1: Mollie",
        "ended the lease of the silent ben",
        "what ben left",
        "completed phase 3",
        "Standup",
        "No open blockers.",
        "16 of 16 done in 3 phases, 1 of them discovered on the way",
        "every chain of hashes is whole",
        "the plan served and the plan watched are equal",
        "muster serve",
    ] {
        assert!(
            output.stdout.contains(words),
            "{words:?} is missing: {output:#?}"
        );
    }
    assert!(
        !output.stdout.contains('\u{1b}'),
        "no terminal, no commands for one"
    );
    assert_eq!(output.stderr, "");
    assert_eq!(left_in(&home), [""; 0].map(PathBuf::from));
}

#[test]
fn what_a_kept_demo_left_is_sound_and_says_the_same() {
    let home = tempfile::tempdir().unwrap();
    let summary = demo(&home, &["--keep", "--json"]).exits(0).json();
    assert_eq!(summary["missing"], Value::Array(Vec::new()));
    assert_eq!(
        (&summary["tasks"], &summary["tasks_done"]),
        (&16.into(), &16.into())
    );
    assert_eq!(summary["rescued"][0]["from"], "ben");
    assert_ne!(summary["rescued"][0]["by"], "ben");

    let left = left_in(&home);
    let [folder] = left.as_slice() else {
        panic!("one directory is kept: {left:?}");
    };
    let folder = folder.to_str().unwrap();
    let audit = bare(&["audit", "verify", "--data-dir", folder, "--json"]);
    let audit = audit.exits(0).json();
    let logs = audit["logs"].as_array().unwrap();
    let log = logs
        .iter()
        .find(|log| log["project"] == summary["project"])
        .unwrap();
    assert_eq!(log["hash"], summary["head"]);
    assert_eq!(log["fingerprint"], summary["fingerprint"]);
    assert_eq!(log["version"], summary["events"]);
}

#[test]
fn a_demo_that_cannot_start_says_why() {
    let home = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let output = demo(&home, &["--port", &address.port().to_string()]).exits(1);
    assert!(output.stderr.contains(&address.to_string()), "{output:#?}");
    assert_eq!(left_in(&home).len(), 0);
    bare(&["demo", "--speed", "0"]).exits(2);
}
