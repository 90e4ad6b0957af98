//! What is read: lists in plan order and in full, reasons, blockers, standups.

use serde_json::{Value, json};

use super::{fields, harbour, ids, task_named};
use crate::daemon::Daemon;

const STATUSES: [&str; 7] = [
    "planned",
    "claimed",
    "in_progress",
    "in_review",
    "completed",
    "deferred",
    "cancelled",
];

fn tasks(daemon: &Daemon, more: &[&str]) -> Vec<Value> {
    let arguments = [&["task", "list", "--json"], more].concat();
    let list = daemon.cli(&arguments).exits(0).json();
    list["tasks"].as_array().expect("a list").clone()
}

#[test]
fn tasks_are_listed_in_plan_order_with_their_state() {
    let (daemon, ann) = harbour();
    daemon.cli_as(&ann, &["claim", "--json"]).exits(0);
    let listed = tasks(&daemon, &[]);
    for task in &listed {
        let names = [
            "id",
            "title",
            "phase",
            "phase_name",
            "status",
            "role",
            "ready",
            "blocked",
        ];
        fields(task, &names);
        assert!(task["ready"].is_boolean() && task["blocked"].is_boolean());
        assert!(
            STATUSES.contains(&task["status"].as_str().unwrap()),
            "{task:#}"
        );
    }
    let seen: Vec<(&str, &str, &str)> = listed
        .iter()
        .map(|task| {
            let text = |name: &str| task[name].as_str().unwrap();
            (text("title"), text("phase_name"), text("status"))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("Lay out the berth grid", "Quay", "claimed"),
            ("Write the mooring rules", "Quay", "planned"),
            ("Publish the tide table", "Quay", "planned"),
            ("Wire the quay lights", "Quay", "planned"),
            ("Assign berths to ferries", "Traffic", "planned"),
            ("Charge harbour dues", "Traffic", "planned"),
        ]
    );
    let flags: Vec<(bool, bool)> = listed
        .iter()
        .map(|task| (task["ready"] == true, task["blocked"] == true))
        .collect();
    assert!(flags[3].0, "nothing stands before the lights");
    assert!(!flags[0].0 && !flags[1].0 && !flags[4].0);
    assert_eq!(
        flags.iter().map(|flag| flag.1).collect::<Vec<_>>()[..5],
        [false; 5]
    );
    assert!(flags[5].1, "the dues are blocked");
    let roles: Vec<&str> = listed
        .iter()
        .map(|task| task["role"].as_str().unwrap())
        .collect();
    assert_eq!(
        roles,
        [
            "developer",
            "developer",
            "backend",
            "devops",
            "developer",
            "developer"
        ]
    );
    daemon.finish();
}

#[test]
fn a_list_longer_than_a_page_is_followed_to_its_end_unless_limited() {
    let daemon = Daemon::start();
    let mut text = String::from("## Phase 1: Many\n\n");
    for number in 1..=1_234 {
        text.push_str(&format!("- [ ] Step {number}\n"));
    }
    daemon.import("many.md", &text);
    let listed = tasks(&daemon, &[]);
    let titles: Vec<&str> = listed
        .iter()
        .map(|task| task["title"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = (1..=1_234).map(|number| format!("Step {number}")).collect();
    assert_eq!(titles, expected);
    assert_eq!(tasks(&daemon, &["--limit", "7"]), listed[..7]);
    daemon.finish();
}

#[test]
fn why_gives_every_reason_at_once() {
    let (daemon, _) = harbour();
    let why = |task: &str| daemon.cli(&["why", task, "--json"]).exits(0).json();
    let ready = why(&task_named(&daemon, "Lay out the berth grid"));
    assert_eq!(ready["ready"], true, "{ready:#}");
    let dues = why(&task_named(&daemon, "Charge harbour dues"));
    assert_eq!(dues["ready"], false);
    let reasons = dues["reasons"].as_array().expect("a list");
    let codes: Vec<&str> = reasons
        .iter()
        .map(|reason| reason["code"].as_str().unwrap())
        .collect();
    for code in [
        "PHASE_LOCKED",
        "DEPENDENCY_UNMET",
        "TASK_BLOCKED",
        "DECISION_OPEN",
    ] {
        assert!(codes.contains(&code), "{code} is missing: {dues:#}");
    }
    for reason in reasons {
        fields(reason, &["code", "message", "refs"]);
        assert!(reason["message"].as_str().unwrap().len() > 5 && reason["refs"].is_array());
    }
    let unmet = reasons
        .iter()
        .find(|reason| reason["code"] == "DEPENDENCY_UNMET")
        .unwrap();
    assert_eq!(
        ids(&unmet["refs"]),
        [task_named(&daemon, "Write the mooring rules")]
    );
    // A remark does not make a task unready.
    let lights = why(&task_named(&daemon, "Wire the quay lights"));
    assert_eq!(lights["ready"], true);
    let remarks = lights["reasons"].as_array().expect("a list");
    assert_eq!(remarks.len(), 1, "{lights:#}");
    assert_eq!(remarks[0]["code"], "NO_AGENT_FOR_ROLE");
    daemon.finish();
}

#[test]
fn blockers_are_listed_and_a_reported_one_is_among_them() {
    let (daemon, ann) = harbour();
    let list = || daemon.cli(&["blockers", "--json"]).exits(0).json();
    let before = list();
    let blockers = before["blockers"].as_array().expect("a list");
    assert_eq!(blockers.len(), 1, "{before:#}");
    assert!(
        blockers[0]
            .to_string()
            .contains("The council has not set a tariff"),
        "{before:#}"
    );

    let claim = daemon
        .cli_as(&ann, &["claim", "--start", "--json"])
        .exits(0)
        .json();
    let (task, fence) = (
        claim["task"]["id"].as_str().unwrap(),
        claim["fence"].to_string(),
    );
    let block = [
        "block",
        task,
        "--fence",
        &fence,
        "--reason",
        "no stakes",
        "--json",
    ];
    daemon.cli_as(&ann, &block).exits(0).json();
    let after = list();
    assert_eq!(
        after["blockers"].as_array().map(Vec::len),
        Some(2),
        "{after:#}"
    );
    assert!(after.to_string().contains("no stakes"), "{after:#}");
    let why = daemon.cli(&["why", task, "--json"]).exits(0).json();
    assert_eq!(why["ready"], false);
    // It was given back with it.
    let listed = tasks(&daemon, &[]);
    assert_eq!(
        (&listed[0]["status"], &listed[0]["blocked"]),
        (&json!("planned"), &json!(true))
    );
    daemon.finish();
}

#[test]
fn a_standup_tells_what_really_happened() {
    let (daemon, ann) = harbour();
    let claim = daemon
        .cli_as(&ann, &["claim", "--start", "--json"])
        .exits(0)
        .json();
    let (task, fence) = (
        claim["task"]["id"].as_str().unwrap(),
        claim["fence"].to_string(),
    );
    let done = [
        "done",
        task,
        "--fence",
        &fence,
        "--summary",
        "twelve berths",
        "--verification",
        "walked the quay",
        "--json",
    ];
    daemon.cli_as(&ann, &done).exits(0);
    let standup = daemon.cli(&["standup", "--json"]).exits(0).json();
    assert!(standup.is_object());
    let said = standup.to_string();
    assert!(
        said.contains(task) && said.contains("Lay out the berth grid"),
        "{standup:#}"
    );
    let markdown = daemon.cli(&["standup", "--markdown"]).exits(0).stdout;
    assert!(
        markdown.contains("Lay out the berth grid") && markdown.contains('#'),
        "{markdown}"
    );
    let plain = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(plain.contains("Lay out the berth grid"), "{plain}");
    assert!(
        !plain.contains('\u{1b}'),
        "no colour where there is no terminal"
    );
    // Nothing happened since tomorrow.
    let bad = daemon.cli(&["standup", "--since", "the day before", "--json"]);
    bad.exits(2).error();
    daemon.finish();
}

#[test]
fn what_was_found_on_the_way_is_filed_and_never_handed_out() {
    let (daemon, ann) = harbour();
    let filed = daemon
        .cli_as(&ann, &["discover", "Count the gulls", "--json"])
        .exits(0)
        .json();
    let id = filed["discovered"]
        .as_str()
        .or(filed["discovered"]["id"].as_str());
    assert!(id.is_some_and(|id| id.starts_with("D-")), "{filed:#}");
    let titles: Vec<Value> = tasks(&daemon, &[])
        .iter()
        .map(|task| task["title"].clone())
        .collect();
    assert_eq!(titles.len(), 6);
    assert!(!titles.contains(&json!("Count the gulls")));
    let inbox = daemon.cli(&["inbox", "--json"]).exits(0).stdout;
    assert!(inbox.contains("Count the gulls"), "{inbox}");
    daemon.finish();
}
