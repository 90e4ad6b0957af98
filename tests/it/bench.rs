//! The bench from outside: a short run of it gives every figure that scripts rely on, leaves nothing
//! behind, and what cannot be measured is refused with what to do.

use serde_json::Value;

use crate::daemon::Daemon;
use crate::process::{Output, muster};

fn bench(home: &tempfile::TempDir, arguments: &[&str]) -> Output {
    let mut command = muster();
    command
        .args(["bench", "--json", "--dir"])
        .arg(home.path())
        .args(arguments);
    Output::of(command)
}

fn document(output: &Output) -> Value {
    output.json()
}

const SHORT: [&str; 6] = ["--seconds", "0.5", "--tasks", "1000", "--agents", "1,4"];

#[test]
fn a_short_run_has_a_row_for_each_number_of_agents_and_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let figures = document(&bench(&home, &SHORT).exits(0));
    let rows = figures["rows"].as_array().unwrap();
    let agents: Vec<u64> = rows
        .iter()
        .filter_map(|row| row["agents"].as_u64())
        .collect();
    assert_eq!(agents, [1, 4], "{figures}");
    for row in rows {
        assert_eq!(row["tasks"], 1_000);
        for figure in [
            "writes_per_s",
            "loops_per_s",
            "p50_ms",
            "p99_ms",
            "floor_per_s",
        ] {
            assert!(row[figure].as_f64().unwrap() > 0.0, "{figure} of {row}");
        }
        let (writes, floor) = (&row["writes_per_s"], &row["floor_per_s"]);
        let ratio = writes.as_f64().unwrap() / floor.as_f64().unwrap();
        let said = row["ratio_to_floor"].as_f64().unwrap();
        assert!((ratio - said).abs() < 0.01, "{row}");
    }
    let floors = &figures["floors"];
    assert_eq!(floors["by_agents"].as_array().unwrap().len(), 2);
    assert!(floors["fsync_ms"].as_f64().is_some(), "{floors}");
    for whole in [
        "claim_p99_ratio_1m_to_1k",
        "claim_p99_ratio_phase_open",
        "bytes_per_task",
        "start_ratio",
        "replay_events_per_s",
    ] {
        assert_eq!(figures.get(whole), Some(&Value::Null), "{whole}");
    }
    assert!(figures.get("idle_rss_mib").is_some());
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_daemon_that_runs_already_is_measured_and_keeps_no_open_project() {
    let daemon = Daemon::start();
    let home = tempfile::tempdir().unwrap();
    let token = daemon.coordinator_token();
    let against = ["--against", daemon.address(), "--token", &token];
    let arguments: Vec<&str> = SHORT.iter().chain(&against).copied().collect();
    let figures = document(&bench(&home, &arguments).exits(0));
    assert_eq!(figures["rows"].as_array().unwrap().len(), 2);
    assert_eq!(
        figures["floors"]["by_agents"][0]["empty_rpc_cpu_us"],
        Value::Null
    );
    let listed = document(&daemon.cli(&["project", "list", "--json"]).exits(0));
    let projects = listed["projects"].as_array().unwrap();
    assert!(!projects.is_empty());
    for project in projects {
        assert_eq!(project["status"], "archived", "{project}");
    }
    daemon.finish();
}

#[test]
fn what_cannot_be_measured_is_refused_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], code: i32, words: &str| {
        let mut command = muster();
        command.arg("bench").arg("--json").args(arguments);
        let refused = Output::of(command).exits(code);
        assert!(refused.stderr.contains(words), "{refused:?}");
        assert_eq!(refused.stdout, "");
    };
    let path = home.path().to_str().unwrap();
    let small = ["--agents", "600", "--tasks", "1000", "--dir", path];
    check(&small, 2, "larger plans with --tasks");
    check(
        &["--against", "127.0.0.1:1", "--token", "x", "--dir", path],
        1,
        "CANNOT_CONNECT",
    );
    check(
        &["--dir", "/no/such/folder"],
        1,
        "name a folder on a local disk with --dir",
    );
    check(&["--agents", "none"], 2, "none");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
