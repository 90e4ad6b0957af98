//! The doctor: beside a daemon that runs and on the files of one that stopped; what fails decides the exit
//! code, and nothing is changed.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::{listing, text, yard};
use crate::daemon::Daemon;
use crate::process::{Output, bare};

fn checks(output: &Output) -> Vec<(String, String, String)> {
    let document = output.json();
    let checks = document["checks"].as_array().expect("checks").clone();
    let word = |check: &Value, field: &str| check[field].as_str().expect("a word").to_owned();
    checks
        .iter()
        .map(|check| {
            assert!(check["advice"].is_string(), "{check}");
            (
                word(check, "name"),
                word(check, "state"),
                word(check, "found"),
            )
        })
        .collect()
}

fn found<'a>(checks: &'a [(String, String, String)], name: &str) -> (&'a str, &'a str) {
    let check = checks.iter().find(|(known, ..)| known == name);
    let (_, state, found) = check.unwrap_or_else(|| panic!("no check {name}: {checks:#?}"));
    (state, found)
}

fn of_files(daemon: &Daemon) -> Output {
    bare(&["doctor", "--data-dir", text(&daemon.data_dir()), "--json"])
}

#[test]
fn a_daemon_that_is_well_is_said_to_be_running_or_stopped() {
    let (mut daemon, _, _) = yard();
    let before = listing(&daemon.data_dir());
    let data_dir = daemon.data_dir();
    let running = daemon.cli(&["doctor", "--data-dir", text(&data_dir), "--json"]);
    let running = checks(&running.exits(0));
    assert_eq!(listing(&data_dir), before, "nothing is changed");
    for name in [
        "program",
        "settings",
        "daemon",
        "disk",
        "fsync",
        "permissions",
        "write-ahead log",
        "snapshots",
        "database",
        "clock",
        "log _daemon",
        "log yard",
        "server",
        "changes",
        "clock offset",
        "served yard",
    ] {
        assert_ne!(found(&running, name).0, "fail", "{name}");
    }
    assert!(found(&running, "daemon").1.contains("process "));
    let head = found(&running, "log yard").1;
    assert_eq!(found(&running, "served yard").1, head);

    daemon.terminate();
    let stopped = checks(&of_files(&daemon).exits(0));
    assert!(found(&stopped, "daemon").1.contains("none runs"));
    assert_eq!(found(&stopped, "log yard").1, head);
    assert!(stopped.iter().all(|(name, ..)| name != "server"));
    daemon.launch();
    daemon.finish();
}

#[test]
fn what_fails_decides_the_exit_code_and_says_what_to_do() {
    let (mut daemon, _, _) = yard();
    daemon.terminate();
    let token = daemon.data_dir().join("coordinator.token");
    let open = |mode| {
        std::fs::set_permissions(&token, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(0o644);
    let failed = of_files(&daemon).exits(1);
    assert_eq!(found(&checks(&failed), "permissions").0, "fail");
    let data_dir = daemon.data_dir();
    let words = bare(&["doctor", "--data-dir", text(&data_dir)])
        .exits(1)
        .stdout;
    assert!(words.contains("FAIL  permissions"), "{words}");
    assert!(words.contains("do: close it to others"), "{words}");
    assert!(!words.contains('\u{1b}'), "no colour where no terminal is");
    open(0o600);

    let database = rusqlite::Connection::open(daemon.data_dir().join("muster.db")).unwrap();
    let change = |from: &str, to: &str| {
        database
            .execute_batch(&format!(
                "DROP TRIGGER IF EXISTS events_are_not_changed;
                 UPDATE events SET document = replace(document, '{from}', '{to}')
                 WHERE project = 'yard' AND version =
                     (SELECT MAX(version) FROM events WHERE project = 'yard');"
            ))
            .unwrap();
    };
    change("\"bob\"", "\"rob\"");
    let broken = checks(&of_files(&daemon).exits(1));
    let (state, words) = found(&broken, "log yard");
    assert_eq!(state, "fail");
    assert!(words.contains("not what was written"), "{words}");
    change("\"rob\"", "\"bob\"");
    drop(database);
    daemon.launch();

    let nobody = bare(&[
        "doctor",
        "--data-dir",
        text(&daemon.home().join("none")),
        "--json",
    ]);
    assert_eq!(found(&checks(&nobody.exits(0)), "directory").0, "warn");
    daemon.finish();
}
