//! What was not taken as written from a plan file: by number, settled once, and no news afterwards.

use crate::daemon::Daemon;

const FILE: &str = "\
# PROJECT PLAN: Shop

## Phase 1: Ground

| # | Task | Area | Priority | Status | Depends On |
|---|------|------|----------|--------|------------|
| 1 | Set up the repository | Infrastructure | P0 | ⬜ Not Started | Nobody knows this |
";

#[test]
fn a_settled_diagnostic_is_hidden_and_stays_settled_when_the_file_comes_again() {
    let daemon = Daemon::start();
    let file = daemon.home().join("PLAN.md");
    std::fs::write(&file, FILE).expect("the plan can be written");
    let file = file.display().to_string();
    let import = ["plan", "import", file.as_str(), "--json"];
    let imported = daemon.cli(&import).exits(0).json();
    let before = imported["diagnostics"].as_array().map_or(0, Vec::len);
    assert!(before > 0, "{imported:#}");
    let list = ["plan", "diagnostics", "--json"];
    let listed = daemon.cli(&list).exits(0).json();
    assert_eq!(listed["diagnostics"][0]["number"], 1);
    let settle = ["plan", "diagnostics", "--settle", "1"];
    let settle = [&settle[..], &["--note", "it waits for nothing"]].concat();
    daemon.cli(&settle).exits(0);
    daemon.cli(&settle).exits(4);
    let left = |document: serde_json::Value| document["diagnostics"].as_array().map_or(0, Vec::len);
    assert_eq!(left(daemon.cli(&list).exits(0).json()), before - 1);
    let again = daemon.cli(&import).exits(0).json();
    assert_eq!(left(again), before - 1, "what is settled is no news");
    let all = ["plan", "diagnostics", "--all", "--json"];
    let settled = &daemon.cli(&all).exits(0).json()["diagnostics"][0];
    assert_eq!(settled["settled_note"], "it waits for nothing");
    assert_eq!(settled["settled_by"], "coordinator:coordinator");
    assert!(settled["settled_at"].is_string(), "{settled:#}");
    daemon.finish();
}
