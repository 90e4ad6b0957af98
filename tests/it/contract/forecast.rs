//! `plan forecast` from outside: its document field by field, the same for the same seed, and dates that the
//! project works on.

use serde_json::Value;

use super::{fields, harbour};
use crate::daemon::Daemon;

fn forecast(daemon: &Daemon, arguments: &[&str]) -> Value {
    let arguments = [&["plan", "forecast", "--runs", "500", "--json"], arguments].concat();
    daemon.cli(&arguments).exits(0).json()
}

#[test]
fn a_forecast_names_dates_by_how_sure_they_are() {
    let (daemon, _ann) = harbour();
    let found = forecast(&daemon, &["--seed", "7"]);
    fields(
        &found,
        &[
            "version",
            "as_of",
            "seed",
            "runs",
            "open_tasks",
            "finish",
            "target",
            "phases",
            "milestones",
            "critical_path",
            "decisive",
            "roles",
            "bars",
            "seen_tasks",
            "velocity",
            "minutes_without_estimate",
            "supposed_roles",
            "unsettled",
        ],
    );
    assert_eq!(
        (found["runs"].as_u64(), found["seed"].as_u64()),
        (Some(500), Some(7))
    );
    let finish = &found["finish"];
    let names = [
        "p50",
        "p85",
        "p95",
        "p50_minutes",
        "p85_minutes",
        "p95_minutes",
    ];
    fields(finish, &names);
    let minutes = |name: &str| finish[name].as_u64().expect("minutes");
    assert!(0 < minutes("p50_minutes") && minutes("p50_minutes") <= minutes("p95_minutes"));
    let open: Vec<&str> = found["critical_path"]
        .as_array()
        .expect("ids")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        !open.is_empty() && open.iter().all(|id| id.starts_with("T-")),
        "{open:?}"
    );
    let runs = found["bars"].as_array().expect("bars").iter();
    let runs: u64 = runs.filter_map(|bar| bar["runs"].as_u64()).sum();
    assert_eq!(runs, 500);
    let last = found["phases"]
        .as_array()
        .and_then(|phases| phases.last())
        .expect("a phase");
    assert_eq!(last["p95_minutes"], finish["p95_minutes"]);
    daemon.finish();
}

#[test]
fn the_same_seed_tells_the_same_and_text_shows_the_picture() {
    let (daemon, _ann) = harbour();
    let minutes = |found: &Value| found["finish"]["p85_minutes"].clone();
    let once = forecast(&daemon, &["--seed", "9"]);
    assert_eq!(
        minutes(&forecast(&daemon, &["--seed", "9"])),
        minutes(&once)
    );
    let shown = daemon
        .cli(&["plan", "forecast", "--seed", "9"])
        .exits(0)
        .stdout;
    for words in [
        "10000 runs",
        "everything",
        "█",
        "100 %",
        "what decides the end",
    ] {
        assert!(shown.contains(words), "{words}:\n{shown}");
    }
    daemon
        .cli(&["plan", "forecast", "--runs", "100001"])
        .exits(2);
    daemon.finish();
}

#[test]
fn a_day_that_everything_comes_too_late_for_is_marked() {
    let (daemon, _ann) = harbour();
    assert_eq!(forecast(&daemon, &[])["target"], Value::Null);
    for (day, at_risk) in [("2020-01-02", true), ("2199-01-02", false)] {
        let edit = [
            "project",
            "edit",
            "--start-date",
            "2020-01-01",
            "--target-date",
            day,
        ];
        daemon.cli(&edit).exits(0);
        let target = &forecast(&daemon, &[])["target"];
        assert_eq!(
            (&target["date"], &target["at_risk"]),
            (&day.into(), &at_risk.into())
        );
        let said = daemon
            .cli(&["plan", "forecast", "--runs", "500"])
            .exits(0)
            .stdout;
        let words = if at_risk {
            "at risk: target 2020-01-02"
        } else {
            "(target 2199-01-02)"
        };
        assert!(said.contains(words), "{said}");
    }
    daemon.finish();
}

#[test]
fn a_task_of_more_than_a_session_is_marked_where_it_is_added_and_in_the_diagnostics() {
    let (daemon, _ann) = harbour();
    let add = ["task", "add", "Build all of it", "--estimate", "5 sessions"];
    let said = daemon.cli(&add).exits(0).stdout;
    assert!(
        said.contains("warning: more than one session; split it"),
        "{said}"
    );
    let small = [
        "task",
        "add",
        "Build a bit",
        "--estimate",
        "1 session",
        "--json",
    ];
    let small = daemon.cli(&small).exits(0).json();
    assert_eq!(small["task"]["too_large"], false, "{small:#}");
    let codes = |daemon: &Daemon| {
        let found = daemon
            .cli(&["plan", "diagnostics", "--json"])
            .exits(0)
            .json();
        found.to_string()
    };
    assert!(codes(&daemon).contains("larger_than_a_session"));
    daemon
        .cli(&["project", "policy", "size_policy", "off"])
        .exits(0);
    assert!(!codes(&daemon).contains("larger_than_a_session"));
    daemon.finish();
}
