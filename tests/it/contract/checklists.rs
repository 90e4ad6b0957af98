//! The morning's checklist from outside.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use muster::clock::{Clock as _, ManualClock, SystemClock};
use muster::engine::{Engine, EngineOptions, Limits};
use muster::plan::Command;
use muster::plan::command::{NewSchedule, Timing};
use muster::plan::fact::Guards;
use muster::plan::settings::Settings;
use muster::store::sqlite::{SqliteOptions, SqliteStore};
use muster_proto::v1;
use serde_json::{Value, json};

use super::fields;
use crate::daemon::Daemon;
use crate::process::no_starts;

fn shop() -> Daemon {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Open the doors"]).exits(0);
    daemon
}

fn run(daemon: &Daemon) -> Value {
    daemon.cli(&["checklist", "run", "--json"]).exits(0).json()
}

fn item<'a>(run: &'a Value, name: &str) -> &'a Value {
    let items = run["items"].as_array().expect("items");
    let found = items.iter().find(|item| item["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {run:#}"))
}

#[test]
fn checklist_run_answers_with_the_five_items_and_nothing_ticks_itself() {
    let daemon = shop();
    let run = run(&daemon);
    let items = run["items"].as_array().expect("items");
    let names: Vec<&str> = items.iter().filter_map(|it| it["name"].as_str()).collect();
    let morning = [
        "Check GitHub for blockers",
        "Review PR queue",
        "Run quality gates",
        "Update team dashboard",
        "Schedule standup",
    ];
    assert_eq!(names, morning);
    for item in items {
        fields(item, &["name", "state", "result", "by", "at"]);
        assert!(item["result"].is_string(), "{item:#}");
        assert!(item["by"].is_string() && item["at"].is_string(), "{item:#}");
    }
    let states: Vec<&str> = items.iter().filter_map(|it| it["state"].as_str()).collect();
    let expected = [
        "needs_attention",
        "needs_attention",
        "skipped",
        "done",
        "needs_attention",
    ];
    assert_eq!(states, expected, "{run:#}");
    assert!(
        items[0]["result"]
            .to_string()
            .contains("github.projects.shop")
    );
    assert_eq!(run["status"], "running");

    // Each is settled by somebody, with a reason where a result asks for attention.
    daemon.cli(&["checklist", "tick", "1"]).exits(2);
    daemon
        .cli(&["checklist", "tick", "1", "--note", "none open"])
        .exits(0);
    daemon
        .cli(&["checklist", "tick", "Review PR queue", "--note", "merged"])
        .exits(0);
    let last = [
        "checklist",
        "tick",
        "5",
        "--skip",
        "--note",
        "no standup today",
        "--json",
    ];
    let over = daemon.cli(&last).exits(0).json();
    assert_eq!(over["status"], "done", "{over:#}");
    assert_eq!(
        item(&over, "Schedule standup")["by"],
        "coordinator:coordinator"
    );
    daemon
        .cli(&["checklist", "tick", "1", "--note", "again"])
        .exits(4);
    let newest = daemon.cli(&["checklist", "--json"]).exits(0).json();
    assert_eq!(newest["checklist"], "CL-1", "left out, it shows the newest");
    let listed = daemon.cli(&["checklist", "list", "--json"]).exits(0).json();
    assert_eq!(listed["checklists"][0]["checklist"], "CL-1");
    daemon.finish();
}

#[test]
fn gates_and_the_standup_of_the_day_are_looked_at() {
    let daemon = shop();
    let gate = [
        "gate",
        "define",
        "Solid",
        "--daily",
        "--criterion",
        "Coverage: coverage >= 80",
    ];
    daemon.cli(&gate).exits(0);
    let before = run(&daemon);
    let gates = item(&before, "Run quality gates");
    assert_eq!(gates["state"], "needs_attention", "{gates:#}");
    daemon.cli(&["gate", "metric", "coverage", "91"]).exits(0);
    let standup = [
        "schedule",
        "add",
        "--job",
        "standup",
        "--cron",
        "59 23 * * *",
    ];
    daemon.cli(&standup).exits(0);
    let after = run(&daemon);
    assert_eq!(
        after["checklist"], before["checklist"],
        "what is open is looked at again"
    );
    let gates = item(&after, "Run quality gates");
    assert_eq!(
        (&gates["state"], &gates["by"]),
        (&json!("done"), &json!("gates")),
        "{gates:#}"
    );
    let standup = item(&after, "Schedule standup");
    assert_eq!(standup["state"], "done", "{standup:#}");
    daemon.finish();
}

#[test]
fn items_are_configured_and_run_commands_of_the_daemons_settings_alone() {
    let mut daemon = Daemon::prepared_in(|home| {
        let file = home.join("muster.toml");
        let settings = "[gates.commands.lint]\nprogram = \"/bin/sh\"\n\
                        arguments = [\"-c\", \"echo all fine\"]\nworking_directory = \"/\"\n\
                        [gates.commands.broken]\nprogram = \"/bin/sh\"\n\
                        arguments = [\"-c\", \"echo no; exit 3\"]\nworking_directory = \"/\"\n";
        std::fs::write(&file, settings).expect("a file can be written");
        vec!["--config".to_owned(), file.display().to_string()]
    });
    daemon.launch();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    let items = [
        "checklist",
        "items",
        "--set",
        "Lint=command:lint",
        "--set",
        "Break=command:broken",
        "--set",
        "Guess=command:unknown",
        "--set",
        "Water the plants=manual",
        "--json",
    ];
    let listed = daemon.cli(&items).exits(0).json();
    assert_eq!(
        listed["items"][0],
        json!({"name": "Lint", "executor": "command", "command": "lint"})
    );
    let run = run(&daemon);
    let lint = item(&run, "Lint");
    assert_eq!(
        (&lint["state"], &lint["by"]),
        (&json!("done"), &json!("command:lint"))
    );
    assert!(lint["result"].to_string().contains("all fine"), "{lint:#}");
    let broken = item(&run, "Break");
    assert_eq!(broken["state"], "failed");
    assert!(
        broken["result"].to_string().contains("exit code 3"),
        "{broken:#}"
    );
    assert_eq!(item(&run, "Guess")["state"], "needs_attention");
    assert_eq!(item(&run, "Water the plants")["state"], "pending");
    daemon
        .cli(&["checklist", "items", "--set", "Lint"])
        .exits(2);
    daemon.finish();
}

#[test]
fn a_schedule_starts_the_checklist() {
    let daemon = shop();
    daemon
        .cli(&[
            "schedule",
            "add",
            "--job",
            "checklist",
            "--cron",
            "0 8 * * 1-5",
        ])
        .exits(0);
    let fired = daemon
        .cli(&["schedule", "run", "checklist", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        fired["schedule"]["last_turn"]["ending"], "done",
        "{fired:#}"
    );
    let shown = daemon.cli(&["checklist", "show", "--json"]).exits(0).json();
    assert_eq!(shown["schedule"], "checklist");
    daemon.finish();
}

/// A log of three days ago: the shop, and a checklist that is due every day twelve hours before or after this one.
fn three_days_ago(daemon: &Daemon) {
    const HOUR_MS: i64 = 3_600_000;
    // The lock of the directory is held.
    let _alone = no_starts();
    let store = SqliteStore::open(&daemon.data_dir(), SqliteOptions::default());
    let now_ms = SystemClock::new().now_ms();
    let options = EngineOptions {
        store: Box::new(store.expect("the store opens")),
        clock: Arc::new(ManualClock::at(now_ms - 72 * HOUR_MS)),
        limits: Limits {
            queued_requests: 10,
            waiting_claims: 10,
            watchers: 10,
            projects: 10,
            recent_events: 100,
            snapshot_events: 1_000,
        },
        guards: Guards::default(),
        snapshots: None,
    };
    let (handle, engine) = Engine::start(options).expect("the engine starts");
    let create = Command::CreateProject {
        slug: "shop".to_owned(),
        name: "Shop".to_owned(),
        description: String::new(),
        settings: Box::new(Settings::default()),
        draft: false,
    };
    let hour = (now_ms / HOUR_MS + 12) % 24;
    let schedule = NewSchedule::new("checklist", &format!("daily at {hour:02}:00"));
    daemon.block_on(async {
        for command in [create, Command::Time(Timing::Set(vec![schedule]))] {
            let taken = handle.order("shop", command).await;
            taken.expect("a fine command");
        }
    });
    let stopped = engine.stop(Duration::from_secs(10));
    stopped.expect("it is idle");
}

#[test]
fn a_morning_on_which_the_daemon_was_down_is_a_missed_run() {
    let mut daemon = Daemon::prepared(&[]);
    three_days_ago(&daemon);
    daemon.launch();
    let begin = muster::clock::Stopwatch::start();
    let missed = loop {
        let listed = daemon.cli(&["checklist", "list", "--json"]).exits(0).json();
        if let Some(run) = listed["checklists"].get(0) {
            break run.clone();
        }
        let log = daemon.log_text();
        assert!(begin.elapsed() < Duration::from_secs(60), "{log}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(
        (&missed["status"], &missed["schedule"]),
        (&json!("missed"), &json!("checklist")),
        "{missed:#}"
    );
    let items = missed["items"].as_array().expect("items");
    assert!(items.iter().all(|item| item["state"] == "pending"));
    let listed = daemon.cli(&["checklist", "list"]).exits(0).stdout;
    assert!(listed.contains("missed"), "{listed}");
    let shown = daemon.cli(&["checklist", "show"]).exits(0).stdout;
    let told = shown.contains("missed") && shown.contains("checklist run");
    assert!(told, "{shown}");
    let schedule = daemon.cli(&["schedule", "show", "checklist", "--json"]);
    let schedule = schedule.exits(0).json()["schedule"].clone();
    // The schedule counts them all; the day of the newest has a run.
    assert_eq!(schedule["missed"], 3, "{schedule:#}");
    assert_eq!(schedule["last_turn"]["ending"], "missed");

    let mut ceremonies = daemon.coordinator().ceremonies();
    let request = v1::ListChecklistRunsRequest::default();
    let answer = daemon.block_on(ceremonies.list_checklist_runs(request));
    let runs = answer.expect("they are listed").into_inner().runs;
    let [run] = &runs[..] else {
        panic!("one run: {runs:?}");
    };
    assert_eq!(run.status(), v1::ChecklistStatus::Missed);
    let seconds = |at: Option<prost_types::Timestamp>| at.map(|at| at.seconds);
    assert!(seconds(run.opened_at) < seconds(run.ended_at), "{run:?}");
    daemon.finish();
}

/// What GitHub would answer for one repository with a blocking issue and a pull request whose checks fail.
async fn answer(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches("/repos/acme/shop");
    let user = json!({"login": "ann"});
    let commit = "0123456789012345678901234567890123456789";
    let body = match path {
        "/issues" => json!([{
            "number": 7, "title": "The <till> is down", "html_url": "https://github.example/7", "user": user,
            "labels": [{"name": "blocker"}], "assignees": [], "milestone": null,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z", "state": "open",
        }]),
        "/pulls" => json!([{
            "number": 8, "title": "Mend it", "html_url": "https://github.example/8", "user": user, "draft": false,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z", "state": "open",
            "requested_reviewers": [{"login": "bob"}], "requested_teams": [], "head": {"sha": commit},
        }]),
        "/pulls/8/reviews" => json!([]),
        path if path.ends_with("/status") => {
            json!({"state": "failure", "total_count": 1, "statuses": [
                {"context": "build", "state": "failure"},
            ]})
        }
        path if path.ends_with("/check-runs") => json!({"total_count": 0, "check_runs": []}),
        _ => return (StatusCode::NOT_FOUND, "{\"message\": \"Not Found\"}").into_response(),
    };
    (
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

#[test]
fn github_is_asked_for_issues_that_block_and_for_pull_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("it can be set");
    let address = listener.local_addr().expect("it is bound");
    let mut daemon = Daemon::prepared_in(|home| {
        let file = home.join("muster.toml");
        let settings = format!(
            "[github]\nbase_url = \"http://{address}\"\n[github.projects.shop]\nrepository = \"acme/shop\"\n"
        );
        std::fs::write(&file, settings).expect("a file can be written");
        vec!["--config".to_owned(), file.display().to_string()]
    });
    let server = daemon.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("it is a socket");
        let served = axum::serve(listener, Router::new().fallback(answer));
        let _ = served.await;
    });
    daemon.launch();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    let run = run(&daemon);
    let issues = item(&run, "Check GitHub for blockers");
    assert_eq!(
        (&issues["state"], &issues["by"]),
        (&json!("needs_attention"), &json!("github"))
    );
    let result = issues["result"].as_str().expect("text");
    assert!(
        result.contains("1 open issue blocks") && result.contains("#7"),
        "{result}"
    );
    assert!(result.contains("(stale)"), "{result}");
    let pulls = item(&run, "Review PR queue");
    let result = pulls["result"].as_str().expect("text");
    assert!(
        result.contains("1 open, 1 awaiting review, 1 with failing checks"),
        "{result}"
    );
    server.abort();
    daemon.finish();
}
