//! Watching between two reports, from outside: what is urgent is told at once and once, and marks come and go.

use std::time::Duration;

use serde_json::Value;

use crate::daemon::Daemon;

/// How often it is asked whether something has come, ten times a second.
const ASKED_MAX: u32 = 300;

/// A daemon that looks ten times a second.
fn shop() -> Daemon {
    let mut daemon = Daemon::prepared(&[]);
    daemon.set_variable("MUSTER__WATCH__INTERVAL_MS", Some("100".to_owned()));
    daemon.launch();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Open the doors"]).exits(0);
    daemon
}

/// Asks again and again until the answer is the one that is waited for.
#[track_caller]
fn waits_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..ASKED_MAX {
        if let Some(found) = ask() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no {what}");
}

fn listed(daemon: &Daemon, arguments: &[&str], key: &str) -> Vec<Value> {
    let answer = daemon.cli(arguments).exits(0).json();
    answer[key].as_array().expect("a list").clone()
}

fn reports(daemon: &Daemon) -> Vec<Value> {
    listed(daemon, &["report", "list", "--json"], "reports")
}

fn marks(daemon: &Daemon) -> Vec<Value> {
    let mut items = listed(daemon, &["inbox", "--json"], "items");
    items.retain(|item| item["kind"] == "mark");
    items
}

/// A schedule that tells of blockers once a year, and a critical one.
fn press(daemon: &Daemon) {
    let schedule = [
        "schedule",
        "add",
        "--job",
        "blockers",
        "--cron",
        "0 12 1 1 *",
    ];
    daemon.cli(&schedule).exits(0);
    let block = [
        "blockers",
        "open",
        "--task",
        "T-1",
        "--reason",
        "the bank is closed",
        "--severity",
        "critical",
    ];
    daemon.cli(&block).exits(0);
}

#[test]
fn a_critical_blocker_is_told_of_at_once_and_not_again_after_a_restart() {
    let mut daemon = shop();
    press(&daemon);
    let report = waits_for("report", || reports(&daemon).pop());
    assert_eq!(report["kind"], "blockers", "{report:#}");
    assert_eq!(report["urgency"], "critical", "{report:#}");
    assert_eq!(report["schedule"], "blockers", "{report:#}");
    assert!(report["slot"].is_null(), "{report:#}");
    let log = daemon.cli(&["log"]).exits(0).stdout;
    assert!(log.contains("published REP-1 at once"), "{log}");
    let version = daemon.version("");
    daemon.restart();
    // A few looks later nothing has happened.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(reports(&daemon).len(), 1);
    assert_eq!(daemon.version(""), version);
    daemon.finish();
}

#[test]
fn a_daemon_that_does_not_watch_tells_nothing_by_itself() {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Open the doors"]).exits(0);
    press(&daemon);
    for number in 1..=6 {
        let title = format!("Found {number}");
        daemon.cli(&["discover", &title]).exits(0);
    }
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(reports(&daemon), Vec::<Value>::new());
    assert_eq!(marks(&daemon), Vec::<Value>::new());
    daemon.finish();
}

#[test]
fn a_mark_waits_in_the_inbox_with_the_command_that_helps_and_goes_when_it_is_over() {
    let daemon = shop();
    for number in 1..=5 {
        let title = format!("Found {number}");
        daemon.cli(&["discover", &title]).exits(0);
    }
    let mark = waits_for("mark", || marks(&daemon).pop());
    assert_eq!(mark["id"], "discovered", "{mark:#}");
    assert_eq!(mark["command"], "muster triage", "{mark:#}");
    let title = mark["title"].as_str().expect("a title");
    assert!(title.starts_with("the queue grows"), "{title}");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("Marks (1)"), "{standup}");
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    assert!(inbox.contains("the queue grows"), "{inbox}");
    daemon.cli(&["triage", "D-1", "--reject"]).exits(0);
    waits_for("end of the mark", || {
        marks(&daemon).is_empty().then_some(())
    });
    let log = daemon.cli(&["log"]).exits(0).stdout;
    for line in [
        "marked that the discovered queue grows",
        "took back that the discovered queue grows",
    ] {
        assert!(log.contains(line), "{log}");
    }
    daemon.finish();
}

#[test]
fn how_long_a_blocker_may_be_open_is_a_policy_with_a_limit() {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    let name = "escalate_after_minutes";
    let shown = || {
        let shown = daemon.cli(&["project", "policy", name, "--json"]);
        shown.exits(0).json()["policies"][0]["value"].clone()
    };
    assert_eq!(shown(), "120");
    daemon.cli(&["project", "policy", name, "0"]).exits(0);
    assert_eq!(shown(), "0");
    let refused = daemon.cli(&["project", "policy", name, "10081"]);
    assert!(refused.exits(2).stderr.contains(name));
    assert_eq!(shown(), "0");
    daemon.finish();
}
