//! The guard of a commitment, and what makes no sprint.

use super::life::{finish, plan, shop};

#[test]
fn a_commitment_above_what_was_done_before_warns_or_is_refused() {
    let (daemon, ann) = shop();
    plan(&daemon, "Begin", "T-1");
    daemon.cli(&["sprint", "commit", "SP-1"]).exits(0);
    finish(&daemon, &ann, "T-1");
    daemon.cli(&["sprint", "close", "SP-1"]).exits(0);
    plan(&daemon, "Go on", "T-2,T-3");
    let guard = ["project", "edit", "--commitment-guard", "refuse"];
    daemon.cli(&guard).exits(0);
    let commit = ["sprint", "commit", "SP-2"];
    let error = daemon
        .cli(&[&commit[..], &["--json"]].concat())
        .exits(4)
        .error();
    assert_eq!(error["reason"], "OVER_COMMITTED");
    let guard = ["project", "edit", "--commitment-guard", "warn"];
    daemon.cli(&guard).exits(0);
    let said = daemon.cli(&commit).exits(0).stdout;
    let warning = "warning: 2 tasks are more than the 1.00 that the last sprint completed";
    assert!(said.contains(warning), "{said}");
    let shown = daemon.cli(&["sprint", "show", "SP-2"]).exits(0).stdout;
    assert!(shown.contains("2 tasks are more than the 1.00"), "{shown}");
    // Its last day has passed or not: the inbox says so to whoever looks.
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    assert!(!inbox.contains("SP-1"), "{inbox}");
    daemon.finish();
}

#[test]
fn bad_sprints_are_refused_and_change_nothing() {
    let (daemon, ann) = shop();
    plan(&daemon, "Begin", "T-1");
    let version = daemon.version("shop");
    let days = ["--start", "2026-11-15", "--end", "2026-11-02"];
    let soon = ["--start", "soon", "--end", "2026-11-02"];
    let backwards = [&["plan", "Back"], &days[..]].concat();
    let when = [&["plan", "When?"], &soon[..]].concat();
    let cases: [(&[&str], i32, &str); 7] = [
        (&backwards, 2, "INVALID_FIELD"),
        (&when, 2, "INVALID_FIELD"),
        (&["commit", "SP-9"], 1, "SPRINT_NOT_FOUND"),
        (&["show", "SP-9"], 1, "SPRINT_NOT_FOUND"),
        (&["commit", "SP-1", "T-9"], 1, "TASK_NOT_FOUND"),
        (&["close", "SP-1"], 4, "ILLEGAL_TRANSITION"),
        (&["add", "T-1", "T-2"], 2, "INVALID_FIELD"),
    ];
    for (words, exit, reason) in cases {
        let arguments = [&["sprint"], words, &["--json"]].concat();
        let error = daemon.cli(&arguments).exits(exit).error();
        assert_eq!(error["reason"], reason, "{words:?}: {error:#}");
    }
    let commit = ["sprint", "commit", "SP-1", "--json"];
    let error = daemon.cli_as(&ann, &commit).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED");
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    daemon.finish();
}
