//! What is shown of tasks, phases and projects beside what was written of them: what holds them up, the stages of
//! a task, what its evidence is of, when and by whom they were changed last.

use serde_json::{Value, json};

use super::{HARBOUR, harbour, ids};
use crate::daemon::{Agent, Daemon};

fn document(daemon: &Daemon, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()
}

/// A project with two phases of two tasks, and a developer.
fn shop(policy: &str) -> (Daemon, Agent) {
    let daemon = Daemon::start();
    let create = ["project", "create", "Shop", "--policy", policy];
    daemon.cli(&create).exits(0);
    for phase in ["Foundation", "Trade"] {
        daemon.cli(&["phase", "add", phase]).exits(0);
    }
    for (title, phase) in [("Dig", "1"), ("Build", "1"), ("Sell", "2"), ("Ship", "2")] {
        daemon
            .cli(&["task", "add", title, "--phase", phase])
            .exits(0);
    }
    let ann = daemon.agent("ann", "developer");
    (daemon, ann)
}

#[test]
fn tasks_of_a_blocked_phase_are_listed_as_blocked() {
    let (daemon, _) = shop("standard");
    let blocked = |limit: &[&str]| {
        let list = [&["task", "list", "--blocked"], limit].concat();
        ids(&document(&daemon, &list)["tasks"])
    };
    assert_eq!(blocked(&[]), Vec::<String>::new());
    let one = ["blockers", "open", "--task", "T-1", "--reason", "no spade"];
    daemon.cli(&one).exits(0);
    let phase = ["blockers", "open", "--phase", "2", "--reason", "no licence"];
    daemon.cli(&phase).exits(0);
    assert_eq!(blocked(&[]), ["T-1", "T-3", "T-4"]);
    assert_eq!(blocked(&["--limit", "2"]), ["T-1", "T-3"]);
    assert_eq!(blocked(&["--phase", "2"]), ["T-3", "T-4"]);
    let sell = &document(&daemon, &["task", "show", "T-3"])["task"];
    assert_eq!(
        (&sell["blocked"], &sell["phase_blocked"]),
        (&json!(true), &json!(true))
    );
    let shown = daemon.cli(&["task", "list"]).exits(0).stdout;
    assert!(shown.contains("planned, phase blocked"), "{shown}");
    let board = document(&daemon, &["board"]);
    let column = board["columns"].as_array().and_then(|columns| {
        columns
            .iter()
            .find(|column| column["column"] == "blocked")
            .cloned()
    });
    assert_eq!(
        column.map(|it| it["count"].clone()),
        Some(json!(3)),
        "{board:#}"
    );
    daemon
        .cli(&["blockers", "resolve", "B-2", "--resolution", "it is there"])
        .exits(0);
    assert_eq!(blocked(&[]), ["T-1"]);
    daemon.finish();
}

#[test]
fn a_task_is_shown_with_its_stages_under_policy_strict_alone() {
    let (daemon, ann) = shop("strict");
    let stages = || document(&daemon, &["task", "show", "T-1"])["task"]["stages"].clone();
    assert_eq!(stages()["pre_check"], "pending");
    let claim = ["claim", "--task", "T-1", "--start", "--checked", "all"];
    daemon.cli_as(&ann, &claim).exits(0);
    let shown = stages();
    assert_eq!(
        (&shown["pre_check"], &shown["work"], &shown["post_check"]),
        (&json!("done"), &json!("in_progress"), &json!("pending"))
    );
    assert_eq!(shown["post_missing"].as_array().map(Vec::len), Some(3));
    let text = daemon.cli(&["task", "show", "T-1"]).exits(0).stdout;
    assert!(text.contains("work in progress"), "{text}");
    daemon
        .cli(&["project", "edit", "--policy", "standard"])
        .exits(0);
    assert_eq!(stages(), Value::Null);
    daemon.finish();
}

#[test]
fn work_is_finished_with_the_kinds_of_evidence_that_a_project_asks_for() {
    let (daemon, ann) = shop("standard");
    let set = ["project", "policy", "required_evidence", "test commit"];
    daemon.cli(&set).exits(0);
    let project = document(&daemon, &["plan", "show"]);
    let asked = &project["project"]["settings"]["required_evidence"];
    assert_eq!(asked, &json!(["test", "commit"]));
    daemon
        .cli_as(&ann, &["claim", "--task", "T-1", "--start"])
        .exits(0);
    let words = ["done", "T-1", "--summary", "s", "--verification", "v"];
    let half = [&words[..], &["--evidence", "test: 40 passed", "--json"]].concat();
    let error = daemon.cli_as(&ann, &half).exits(4).error();
    assert_eq!(error["reason"], "EVIDENCE_MISSING", "{error:#}");
    let told = error["message"].as_str().unwrap_or_default();
    assert!(told.contains("the kind commit"), "{error:#}");
    let evidence = [
        "--evidence",
        "test: 40 passed",
        "--evidence",
        "commit: 4f2a",
    ];
    let whole = [&words[..], &evidence, &["--evidence", "a film"]].concat();
    daemon.cli_as(&ann, &whole).exits(0);
    let done = &document(&daemon, &["task", "show", "T-1"])["task"]["completion"];
    assert_eq!(done["evidence_kinds"], json!(["test", "commit", null]));
    let text = daemon.cli(&["task", "show", "T-1"]).exits(0).stdout;
    assert!(text.contains("evidence (commit): 4f2a"), "{text}");
    daemon.finish();
}

#[test]
fn what_is_shown_by_itself_says_when_and_by_whom_it_was_changed_last() {
    let (daemon, ann) = shop("standard");
    daemon.cli_as(&ann, &["claim", "--task", "T-1"]).exits(0);
    let by = |arguments: &[&str], kind: &str| {
        let shown = document(&daemon, arguments)[kind].clone();
        assert!(shown["updated_at"].is_string(), "{shown:#}");
        shown["updated_by"].clone()
    };
    let coordinator = json!("coordinator:coordinator");
    assert_eq!(by(&["task", "show", "T-1"], "task"), "agent:ann");
    assert_eq!(by(&["task", "show", "T-2"], "task"), coordinator);
    assert_eq!(by(&["phase", "show", "Trade"], "phase"), coordinator);
    assert_eq!(by(&["plan", "show"], "project"), coordinator);
    assert_eq!(by(&["agent", "show", "ann"], "agent"), coordinator);
    assert_eq!(by(&["session", "show", "S-1"], "session"), "agent:ann");
    for shown in [["task", "show", "T-1"], ["phase", "show", "1"]] {
        let text = daemon.cli(&shown).exits(0).stdout;
        assert!(text.contains("updated"), "{text}");
    }
    let unknown = ["phase", "show", "9", "--json"];
    let error = daemon.cli(&unknown).error();
    assert_eq!(error["reason"], "PHASE_NOT_FOUND", "{error:#}");
    daemon.finish();
}

#[test]
fn a_role_has_a_tier_from_whoever_says_so() {
    let (daemon, ann) = harbour();
    let add = ["agent", "add-role", "pilot", "--tier", "2"];
    assert_eq!(document(&daemon, &add)["role"]["tier"], 2);
    let edit = ["agent", "edit-role", "Dev", "--tier", "3"];
    let role = &document(&daemon, &edit)["role"];
    assert_eq!(
        (&role["slug"], &role["tier"]),
        (&json!("developer"), &json!(3))
    );
    let titled = ["agent", "edit-role", "pilot", "--title", "Harbour pilot"];
    let role = &document(&daemon, &titled)["role"];
    assert_eq!(
        (&role["title"], &role["tier"]),
        (&json!("Harbour pilot"), &json!(2))
    );
    let none = ["agent", "edit-role", "pilot", "--no-tier"];
    assert_eq!(document(&daemon, &none)["role"]["tier"], Value::Null);
    daemon.cli(&["agent", "edit-role", "pilot"]).exits(2);
    daemon.cli_as(&ann, &edit).exits(7);
    let listed = daemon.cli(&["agent", "roles"]).exits(0).stdout;
    assert!(listed.contains("TIER"), "{listed}");
    daemon.finish();
}

#[test]
fn a_header_with_a_goal_and_days_plans_a_sprint_and_says_how_the_document_stands() {
    let daemon = Daemon::start();
    let goal = "**Sprint goal:** Boats find a berth";
    let dated = format!(
        "**Document Status:** Draft\n{goal}\n**Sprint dates:** 2026-11-02 to 2026-11-15\n**Sprint tasks:** Wire the quay lights"
    );
    assert!(HARBOUR.contains(goal));
    daemon.import("harbour.md", &HARBOUR.replace(goal, &dated));
    daemon.import("harbour.md", &HARBOUR.replace(goal, &dated));
    let sprints = document(&daemon, &["sprint", "list"])["sprints"].clone();
    assert_eq!(sprints.as_array().map(Vec::len), Some(1), "{sprints:#}");
    let sprint = &sprints[0];
    assert_eq!(sprint["status"], "planned");
    assert_eq!(sprint["goal"], "Boats find a berth");
    assert_eq!(
        (&sprint["start_date"], &sprint["end_date"]),
        (&json!("2026-11-02"), &json!("2026-11-15"))
    );
    assert_eq!(
        sprint["tasks"].as_array().map(Vec::len),
        Some(1),
        "{sprint:#}"
    );
    let project = &document(&daemon, &["plan", "show"])["project"];
    assert_eq!(project["sources"][0]["status"], "draft");
    let text = daemon.cli(&["plan", "show"]).exits(0).stdout;
    assert!(text.contains("harbour.md (draft)"), "{text}");
    daemon.finish();
}

#[test]
fn windows_are_counted_from_what_the_project_says() {
    let (daemon, _) = shop("standard");
    for command in [
        &["project", "edit", "--start-date", "2026-11-02"][..],
        &["phase", "edit", "1", "--days", "1-3"],
        &[
            "sprint",
            "plan",
            "Dig",
            "--start",
            "2026-12-01",
            "--end",
            "2026-12-14",
            "--tasks",
            "T-1",
        ],
        &["sprint", "commit", "SP-1"],
    ] {
        daemon.cli(command).exits(0);
    }
    let first = || document(&daemon, &["phase", "show", "1"])["phase"]["window_start_date"].clone();
    assert_eq!(first(), "2026-11-02");
    daemon
        .cli(&["project", "policy", "windows_from", "sprint"])
        .exits(0);
    assert_eq!(first(), "2026-12-01");
    let policy = document(&daemon, &["project", "policy", "windows_from"]);
    assert_eq!(policy["policies"][0]["value"], "sprint");
    daemon.finish();
}
