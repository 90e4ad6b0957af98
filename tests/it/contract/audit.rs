//! The audit: exit code 0 and the head of each chain, or 1 and the first broken version; of a daemon that
//! runs and of the files of one that stopped.

use rusqlite::Connection;

use super::{GARDEN, harbour};
use crate::process::bare;

/// Heads by project.
fn heads(document: &serde_json::Value) -> Vec<(String, u64)> {
    let logs = document["logs"]
        .as_array()
        .unwrap_or_else(|| panic!("no logs: {document:#}"));
    logs.iter()
        .map(|log| {
            let project = log["project"].as_str().expect("a project").to_owned();
            (project, log["version"].as_u64().expect("a version"))
        })
        .collect()
}

#[test]
fn a_sound_log_is_said_to_be_with_the_head_of_each_chain() {
    let (mut daemon, _) = harbour();
    daemon.import("garden.md", GARDEN);
    let (harbour, garden) = (daemon.version("harbour-booking"), daemon.version("garden"));
    let running = daemon.cli(&["audit", "verify", "--json"]).exits(0).json();
    let found = heads(&running);
    assert!(
        found.contains(&("harbour-booking".to_owned(), harbour)),
        "{running:#}"
    );
    assert!(
        found.contains(&("garden".to_owned(), garden)),
        "{running:#}"
    );
    assert!(
        found.iter().any(|(project, _)| project == "_daemon"),
        "{running:#}"
    );
    let data_dir = daemon.data_dir();
    let data_dir = data_dir.to_str().unwrap();

    // Beside a daemon that runs, its files are held.
    let refused = bare(&["audit", "verify", "--data-dir", data_dir, "--json"]);
    assert_ne!(refused.code, Some(0), "{refused:#?}");
    daemon.terminate();
    let stopped = bare(&["audit", "verify", "--data-dir", data_dir, "--json"])
        .exits(0)
        .json();
    assert_eq!(heads(&stopped), found);
    daemon.launch();
    daemon.finish();
}

#[test]
fn a_break_behind_a_running_daemons_back_is_found_and_stops_writes_alone() {
    let (daemon, ann) = harbour();
    let path = daemon.data_dir().join("muster.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "DROP TRIGGER events_are_not_changed;
             UPDATE events SET document = replace(document, 'berth', 'earth')
             WHERE project = 'harbour-booking' AND document LIKE '%Lay out the berth grid%';",
        )
        .unwrap();
    let version: i64 = connection
        .query_row(
            "SELECT min(version) FROM events WHERE document LIKE '%Lay out the earth grid%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let output = daemon.cli(&["audit", "verify", "--json"]).exits(1);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(
        said.contains("harbour-booking") && said.contains(&version.to_string()),
        "{said}"
    );
    // Reads go on, writes do not.
    daemon.cli(&["task", "list", "--json"]).exits(0);
    let error = daemon.cli_as(&ann, &["claim", "--json"]).exits(6).error();
    assert_eq!(error["reason"], "STORE_CORRUPT");
    daemon.finish_unserved();
}
