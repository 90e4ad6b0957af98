//! The log as a collector reads it: every line one JSON object with the documented fields, a line for each
//! request, and never a word of what agents, people or their tokens say.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value};

use crate::daemon::Daemon;

/// Words that must never be in the log; each stands in a place where somebody writes.
const SECRETS: &[&str] = &[
    "swordfish-title",
    "swordfish-progress",
    "swordfish-summary",
    "swordfish-verification",
    "swordfish-discovery",
    "swordfish-blocker",
    "swordfish-reason",
    "swordfish-refused",
    "swordfish-argument",
];

const PLAN: &str = "# Vault\n\n## Phase 1: Base\n\n- [ ] swordfish-title one\n- [ ] swordfish-title two\n\
    - [ ] swordfish-title three\n";

/// The fields that docs/LOGGING.md lists.
fn documented() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/LOGGING.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    let (_, table) = page.split_once("| field |").expect("a table of fields");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split('`').nth(1))
        .map(str::to_owned)
        .collect()
}

fn lines(daemon: &Daemon) -> Vec<Map<String, Value>> {
    let log = daemon.log_text();
    let read = |line: &str| match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object,
        other => panic!("this is no JSON object ({other:?}): {line}"),
    };
    log.lines().map(read).collect()
}

#[test]
fn every_line_is_an_object_of_known_fields_and_tells_nobodys_words() {
    let mut daemon = Daemon::prepared_in(|home| {
        let path = home.join("muster.toml");
        std::fs::write(&path, "[log]\nformat = \"json\"\nlevel = \"debug\"\n")
            .expect("a settings file can be written");
        vec![
            "--config".to_owned(),
            path.to_str().expect("plain").to_owned(),
        ]
    });
    daemon.launch();
    daemon.import("vault.md", PLAN);
    let ann = daemon.agent("ann", "developer");
    let run = |arguments: &[&str], code: i32| daemon.cli_as(&ann, arguments).exits(code);
    let claimed = run(&["claim", "--start", "--json"], 0).json();
    let task = claimed["task"]["id"].as_str().expect("a task").to_owned();
    let fence = claimed["fence"].to_string();
    let held = ["--fence", fence.as_str()];
    let with = |words: &[&str], more: &[&str]| [words, more].concat().join("\u{1f}");
    for (words, code) in [
        (
            with(&["progress", &task, "--note", "swordfish-progress"], &held),
            0,
        ),
        (with(&["discover", "swordfish-discovery"], &[]), 0),
        (
            with(
                &["progress", &task, "--note", "swordfish-refused"],
                &["--fence", "99999"],
            ),
            5,
        ),
        (with(&["pause", "--reason", "swordfish-reason"], &[]), 7),
        (
            with(
                &["done", &task, "--summary", "swordfish-summary"],
                &[
                    "--verification",
                    "swordfish-verification",
                    "--fence",
                    &fence,
                ],
            ),
            0,
        ),
        (with(&["why", "swordfish-argument"], &[]), 1),
    ] {
        let words: Vec<&str> = words.split('\u{1f}').collect();
        run(&words, code);
    }
    let claimed = run(&["claim", "--start", "--json"], 0).json();
    let task = claimed["task"]["id"].as_str().expect("a task").to_owned();
    let fence = claimed["fence"].to_string();
    run(
        &[
            "block",
            &task,
            "--reason",
            "swordfish-blocker",
            "--fence",
            &fence,
        ],
        0,
    );
    let stranger = "muster_Ab12Cd34Ef56_swordfishswordfishswordfishswordfishswordfish";
    daemon.cli_with(stranger, &["task", "list"]).exits(7);
    let tokens = [daemon.coordinator_token(), ann.token.clone()];
    let log = daemon.log_text();
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert!(
        !log.contains("swordfish"),
        "a stranger's token is in the log"
    );
    for token in &tokens {
        let secret = token.rsplit('_').next().expect("a last part");
        assert!(secret.len() > 20, "that is no secret");
        assert!(!log.contains(secret), "a token is in the log");
    }
    check_fields(&lines(&daemon));
    daemon.finish();
}

fn check_fields(lines: &[Map<String, Value>]) {
    let documented = documented();
    assert!(documented.len() > 10, "{documented:?}");
    for line in lines {
        for field in ["timestamp", "level", "target", "message"] {
            assert!(line[field].is_string(), "{field} is missing: {line:?}");
        }
        let span = line.get("span").and_then(Value::as_object);
        let fields = line.keys().chain(span.into_iter().flat_map(Map::keys));
        for field in fields {
            assert!(
                documented.contains(field),
                "docs/LOGGING.md does not know {field}: {line:?}"
            );
        }
    }
    let answered: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .collect();
    assert_eq!(answered.len(), 12, "a line for each request");
    let of = |method: &str, outcome: &str| {
        let mut found = answered.iter().filter(|line| {
            let path = line["span"]["method"].as_str().unwrap_or_default();
            path.ends_with(method) && line["outcome"] == outcome
        });
        let line = found.next();
        line.unwrap_or_else(|| panic!("no {method} with {outcome}: {answered:?}"))
    };
    for line in &answered {
        assert_eq!(line["level"], "DEBUG");
        assert!(line["code"].is_string() && line["duration_ms"].is_number());
    }
    for (method, outcome) in [
        ("/CompleteTask", "OK"),
        ("/ReportProgress", "LEASE_LOST"),
        ("/ReportDiscovered", "OK"),
    ] {
        let line = of(method, outcome);
        let span = &line["span"];
        assert_eq!(span["project.id"], "vault", "{line:?}");
        assert_eq!(span["actor.id"], "agent:ann", "{line:?}");
        assert_eq!(span["request.id"].as_str().map(str::len), Some(36));
    }
    let denied = of("/PauseProject", "NOT_ALLOWED");
    assert_eq!(denied["code"], "PERMISSION_DENIED");
    let nobody = of("/ListTasks", "UNAUTHENTICATED");
    assert!(nobody["span"].get("actor.id").is_none(), "{nobody:?}");
}
