//! Plan files taken in: what is counted, that the same bytes change nothing, and that other bytes of a
//! known file are refused.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{GARDEN, HARBOUR, fields, harbour};
use crate::daemon::Daemon;

const COUNTS: [&str; 7] = [
    "phases",
    "tasks",
    "dependencies",
    "discovered",
    "blockers",
    "decisions",
    "sprints",
];

#[track_caller]
fn check_counts(document: &Value, expected: [u64; 7]) {
    for (name, expected) in COUNTS.iter().zip(expected) {
        assert_eq!(document[name], expected, "{name}: {document:#}");
    }
}

#[test]
fn an_import_answers_what_the_file_states() {
    let daemon = Daemon::start();
    let answer = daemon.import("harbour.md", HARBOUR);
    check_counts(&answer, [2, 6, 4, 1, 1, 1, 1]);
    fields(&answer, &["project", "changed", "diagnostics"]);
    assert_eq!(answer["project"], "harbour-booking");
    assert_eq!(answer["changed"], true);
    for diagnostic in answer["diagnostics"].as_array().expect("a list") {
        fields(diagnostic, &["line", "code", "message"]);
    }
    let garden = daemon.import("garden.md", GARDEN);
    assert_eq!(
        garden["project"]
            .as_str()
            .map(|slug| slug.contains("garden")),
        Some(true)
    );
    check_counts(&garden, [2, 5, 0, 0, 0, 0, 0]);
    daemon.finish();
}

#[test]
fn the_same_bytes_change_nothing_even_after_work_went_on() {
    let (daemon, ann) = harbour();
    let version = daemon.version("");
    let again = daemon.import("harbour.md", HARBOUR);
    assert_eq!(
        (&again["changed"], daemon.version("")),
        (&json!(false), version)
    );
    check_counts(&again, [2, 6, 4, 1, 1, 1, 1]);

    daemon
        .cli_as(&ann, &["claim", "--start", "--json"])
        .exits(0);
    let version = daemon.version("");
    // Also under another name: it is the bytes that count.
    let again = daemon.import("copy.md", HARBOUR);
    assert_eq!(
        (&again["changed"], &again["project"]),
        (&json!(false), &json!("harbour-booking"))
    );
    assert_eq!(daemon.version(""), version);
    daemon.finish();
}

#[test]
fn other_bytes_of_a_known_file_are_refused_with_both_counts() {
    let (daemon, _) = harbour();
    let version = daemon.version("");
    let row = "| Wire the quay lights | Infrastructure | 1 session | -- | Planned | Lamps on every post |\n";
    let more = HARBOUR.replace(row, &format!("{row}{}", row.replace("lights", "cameras")));
    assert_ne!(more, HARBOUR, "the plan of the test has changed");
    let path = daemon.plan_file("harbour.md", &more);
    let error = daemon
        .cli(&["plan", "import", &path, "--json"])
        .exits(4)
        .error();
    assert_eq!(error["reason"], "SOURCE_CHANGED");
    let said = error.to_string();
    assert!(
        said.contains('6') && said.contains('7'),
        "old and new counts: {error:#}"
    );
    assert_eq!(daemon.version(""), version);
    daemon.finish();
}

#[test]
fn a_dry_run_answers_the_same_and_changes_nothing() {
    let daemon = Daemon::start();
    let path = daemon.plan_file("harbour.md", HARBOUR);
    let dry = daemon
        .cli(&["plan", "import", &path, "--dry-run", "--json"])
        .exits(0)
        .json();
    check_counts(&dry, [2, 6, 4, 1, 1, 1, 1]);
    assert_eq!(dry["project"], "harbour-booking");
    let list = daemon.block_on(
        daemon
            .coordinator()
            .projects()
            .list_projects(muster_proto::v1::ListProjectsRequest::default()),
    );
    assert!(
        list.expect("projects are listed")
            .into_inner()
            .projects
            .is_empty()
    );
    let real = daemon.import("harbour.md", HARBOUR);
    assert_eq!(real["diagnostics"], dry["diagnostics"]);
    daemon.finish();
}

#[test]
fn a_project_named_is_filled_while_it_is_empty() {
    let daemon = Daemon::start();
    crate::crash::make_project(&daemon, "pier", 15_000, 60_000);
    let path = daemon.plan_file("harbour.md", HARBOUR);
    let import = ["plan", "import", &path, "--project", "pier", "--json"];
    let answer = daemon.cli(&import).exits(0).json();
    assert_eq!(
        (&answer["project"], &answer["changed"]),
        (&json!("pier"), &json!(true))
    );
    assert_eq!(daemon.cli(&import).exits(0).json()["changed"], false);
    let other = daemon.plan_file("garden.md", GARDEN);
    let error = daemon.cli(&["plan", "import", &other, "--project", "pier", "--json"]);
    assert_eq!(error.exits(4).error()["reason"], "PROJECT_NOT_EMPTY");
    daemon.finish();
}

#[test]
fn a_plan_with_no_name_of_its_own_is_named_by_its_file() {
    let daemon = Daemon::start();
    let text = "## Phase 1: Start\n\n- [ ] Begin\n";
    let answer = daemon.import("Kite School.md", text);
    assert_eq!(answer["project"], "kite-school");
    let placeholder = format!("**Project:** [Your Project Name]\n\n{text}- [ ] Go on\n");
    let answer = daemon.import("ridge-walk.md", &placeholder);
    assert_eq!(answer["project"], "ridge-walk");
    daemon.finish();
}

/// The folder of real plan files, when the one who runs the tests has some.
fn real_plans() -> Option<PathBuf> {
    let folder = std::env::var_os("MUSTER_TEST_PLANS");
    if folder.is_none() {
        println!("skipped");
    }
    folder.map(PathBuf::from)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn a_real_project_plan_is_counted_in_full() {
    let Some(folder) = real_plans() else { return };
    let all = files(&folder.join("seeds"));
    let path = all.iter().find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("003")
    });
    let path = path.expect("the folder of seeds holds the project plan");
    let daemon = Daemon::start();
    let path = path.to_str().unwrap();
    let answer = daemon
        .cli(&["plan", "import", path, "--json"])
        .exits(0)
        .json();
    check_counts(&answer, [3, 13, 12, 3, 1, 3, 1]);
    assert_eq!(answer["changed"], true);
    let again = daemon
        .cli(&["plan", "import", path, "--json"])
        .exits(0)
        .json();
    assert_eq!(again["changed"], false);
    daemon.finish();
}

#[test]
fn no_real_plan_file_harms_the_daemon() {
    let Some(folder) = real_plans() else { return };
    let daemon = Daemon::start();
    for path in files(&folder).iter().take(12) {
        let path = path.to_str().unwrap();
        let output = daemon.cli(&["plan", "import", path, "--dry-run", "--json"]);
        assert!(
            matches!(output.code, Some(0 | 1 | 2 | 4)),
            "{path}: {output:#?}"
        );
        if output.code == Some(0) {
            check_types(&output.json());
        } else {
            output.error();
        }
    }
    assert!(
        !daemon.log_text().contains("panicked"),
        "{}",
        daemon.log_text()
    );
    daemon.finish();
}

fn check_types(answer: &Value) {
    for name in COUNTS {
        assert!(answer[name].is_u64(), "{name}: {answer:#}");
    }
}
