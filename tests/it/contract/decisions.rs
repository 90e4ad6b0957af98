//! Decisions from outside: proposed by an agent, decided by the coordinator, and given up for another.

use serde_json::Value;

use super::{fields, harbour};
use crate::daemon::Daemon;

fn asked(daemon: &Daemon, arguments: &[&str]) -> Value {
    let arguments = [&["decision"], arguments, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()
}

#[test]
fn a_decision_is_proposed_made_and_gives_way_to_another() {
    let (daemon, ann) = harbour();
    let opened = asked(
        &daemon,
        &["open", "Which crane?", "--blocks", "T-1", "--phases", "1"],
    );
    let decision = &opened["decision"];
    fields(
        decision,
        &[
            "id",
            "question",
            "options",
            "blocks",
            "opened_by",
            "opened_at",
            "decided",
            "answer",
            "rationale",
            "record_uri",
            "decided_by",
            "decided_at",
            "status",
            "phases",
            "selectors",
            "proposals",
            "consequences",
            "supersedes",
            "superseded_by",
            "deprecated_because",
            "revisit",
            "revision",
        ],
    );
    assert_eq!(
        (&decision["status"], &decision["phases"][0]),
        (&"open".into(), &"1".into())
    );
    let id = decision["id"].as_str().expect("an id").to_owned();
    daemon.cli_as(&ann, &["claim"]).exits(3);
    let why = daemon.cli(&["why", "T-1", "--json"]).exits(0).json();
    let codes: Vec<&str> = why["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter_map(|reason| reason["code"].as_str())
        .collect();
    assert!(
        codes.contains(&"PHASE_BLOCKED") && codes.contains(&"DECISION_OPEN"),
        "{codes:?}"
    );

    let propose = [
        "decision",
        "propose",
        &id,
        "--answer",
        "The blue one",
        "--json",
    ];
    let proposed = daemon.cli_as(&ann, &propose).exits(0).json();
    assert_eq!(proposed["decision"]["status"], "proposed");
    assert_eq!(
        proposed["decision"]["proposals"][0]["proposed_by"],
        "agent:ann"
    );
    let decide = ["decision", "decide", &id, "--answer", "The blue one"];
    daemon.cli_as(&ann, &decide).exits(7);
    daemon.cli(&decide).exits(0);
    daemon.cli(&decide).exits(4);

    daemon
        .cli_as(&ann, &["claim", "--task", "T-1", "--start"])
        .exits(0);
    let answer = [
        "supersede",
        &id,
        "--answer",
        "The red one",
        "--rationale",
        "the blue one broke",
    ];
    let superseded = asked(&daemon, &answer);
    assert_eq!(superseded["superseded"]["status"], "superseded");
    assert_eq!(superseded["decision"]["revisit"][0], "T-1");
    let new = superseded["decision"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    let settle = format!("decision revisit {new} T-1 --note");
    assert!(inbox.contains(&settle), "{inbox}");
    let looked = asked(
        &daemon,
        &["revisit", &new, "T-1", "--note", "it still fits"],
    );
    assert_eq!(
        looked["decision"]["revisit"].as_array().map(Vec::len),
        Some(0)
    );
    daemon
        .cli(&["decision", "revisit", &new, "T-1", "--note", "again"])
        .exits(4);
    let gone = asked(&daemon, &["deprecate", &new, "--reason", "no crane at all"]);
    assert_eq!(gone["decision"]["status"], "deprecated");
    daemon.finish();
}
